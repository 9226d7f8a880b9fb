"""What the journal notes once a batch is written: tombstones, mails to send, the settled mark."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from functions.route.commit.row_edits import Confirmation
from functions.shared.journal.entries import Tombstone
from functions.shared.journal.formats import Batch, Dealt, Filed, SettledMark
from functions.shared.journal.replies import SUBSCRIPTIONS, Answered
from functions.shared.journal.store import PARALLEL, Journal, legible
from functions.shared.mail.outbox import outbox_key


@dataclass
class Settler:
    """Notes in the journal what becomes of batches.

    Each method may be cut off anywhere and run again.
    """

    journal: Journal
    clock: Callable[[], datetime]
    _last: int = 0

    def last(self) -> int:
        """The number of the last batch that the journal knows to be written; 0 for none."""
        keys = self.journal.keys("settled/", after=f"settled/{self._last:09d}")
        self._last = max((self._last, *map(_number, keys)))
        return self._last

    def is_settled(self, key: str) -> bool:
        """Whether everything that follows from a written batch is done."""
        return self.journal.read(f"settled/{key}") is not None

    def claim(self, batch: Batch) -> None:
        """Note in the journal which batch is about to be written."""
        self.journal.create(f"batches/{batch.fence.key}", batch.to_json())

    def claimed(self, key: str) -> Batch | None:
        """Read a batch that was claimed; None where the journal does not know it.

        Raises:
            JournalError: the object is not legible.
        """
        body = self.journal.read(f"batches/{key}")
        with legible(f"batches/{key}"):
            return None if body is None else Batch.from_json(body)

    def settle(self, batch: Batch, confirmation: Confirmation) -> None:
        """Turn a written batch's entries into tombstones, and put its mails into the outbox.

        The batch itself, with what applicants wrote, stays until the housekeeping purges it. If
        the spreadsheet is restored to an earlier version, its missing rows are filed again from it.

        Args:
            batch: a batch that is written.
            confirmation: what became of its row edits and its new rows.
        """
        with ThreadPoolExecutor(PARALLEL) as pool:
            list(pool.map(self._bury, batch.filed))
            list(pool.map(self._take, batch.new_references))
        for reference, written in confirmation.misplaced.items():
            self.journal.create(f"misplaced/{reference}", written.to_json())
        for number, mail in enumerate(batch.mails):
            if not mail.if_confirmed or mail.if_confirmed in confirmation.confirmed:
                key = outbox_key(f"{batch.fence.key}-{number}", mail)
                self.journal.create(key, mail.to_json())
        for dealt in batch.answers:
            if not dealt.if_confirmed or dealt.if_confirmed in confirmation.confirmed:
                self._deal(dealt)
        # The first of a request that counts is kept.
        stages: dict[str, bytes] = {}
        for reached in batch.reached:
            if not reached.if_confirmed or reached.if_confirmed in confirmation.confirmed:
                name = f"{reached.reference}/{batch.fence.at:%Y%m%d}-{batch.fence.number:09d}"
                stages.setdefault(f"stages/{name}", reached.stage.to_json())
        with ThreadPoolExecutor(PARALLEL) as pool:
            list(pool.map(self.journal.create, stages.keys(), stages.values()))
        filed = tuple(filed.name for filed in batch.filed)
        mark = SettledMark(self.clock(), filed, confirmation.confirmed)
        self.journal.create(f"settled/{batch.fence.key}", mark.to_json())
        claims = f"batches/{batch.fence.number:09d}-"
        for key in self.journal.keys("batches/", after=claims):
            # Another batch that claimed the same number was not written, and Google will refuse it.
            if key.startswith(claims) and key != f"batches/{batch.fence.key}":
                self.journal.delete(key)

    def _bury(self, filed: Filed) -> None:
        stone = Tombstone(filed.reference, filed.fingerprint, self.clock())
        self.journal.create(f"filed/{filed.name}", stone.to_json())
        self._take(filed.reference)
        self.journal.delete(f"pending/{filed.name}")

    def _deal(self, dealt: Dealt) -> None:
        """Forget an answer. About Monday's mail the same may be answered again, at any time."""
        if not dealt.name.endswith(SUBSCRIPTIONS):
            self.journal.create(f"answered/{dealt.name}", Answered(dealt.status).to_json())
        self.journal.delete(f"answers/{dealt.name}")

    def _take(self, reference: str) -> None:
        """Note that a reference is taken, so that it is never given to another request."""
        self.journal.create(f"references/{reference}", b"{}")


def _number(key: str) -> int:
    return int(key.rpartition("/")[2].partition("-")[0])
