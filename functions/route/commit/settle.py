"""What the journal learns once a batch is written: tombstones, mails to send, the settled mark."""

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from functions.shared.journal.formats import Batch, Filed, SettledMark, Tombstone
from functions.shared.journal.store import PARALLEL, Journal, legible


@dataclass
class Settler:
    """Each method may be cut off anywhere and run again."""

    journal: Journal
    clock: Callable[[], datetime]
    _last: int = 0

    def last(self) -> int:
        """The number of the last batch that the journal knows to be written; 0 for none."""
        keys = self.journal.keys("settled/", after=f"settled/{self._last:09d}")
        self._last = max((self._last, *map(_number, keys)))
        return self._last

    def is_settled(self, key: str) -> bool:
        """Whether a written batch needs nothing more."""
        return self.journal.read(f"settled/{key}") is not None

    def claim(self, batch: Batch) -> None:
        """Note what is about to be written."""
        self.journal.create(f"batches/{batch.fence.key}", batch.to_json())

    def claimed(self, key: str) -> Batch | None:
        """A batch as it was noted; None where the journal does not know it.

        Raises:
            JournalError: it is not legible.
        """
        body = self.journal.read(f"batches/{key}")
        with legible(f"batches/{key}"):
            return None if body is None else Batch.from_json(body)

    def settle(self, batch: Batch, confirmed: Collection[str]) -> None:
        """Turn a written batch's entries into tombstones, and put its mails into the outbox.

        The batch itself stays, with what applicants wrote, until the housekeeping: a spreadsheet
        that is restored to an earlier version can be filled again from it.

        Args:
            batch: a batch that is written.
            confirmed: the references of the row edits that met the row they meant.
        """
        with ThreadPoolExecutor(PARALLEL) as pool:
            list(pool.map(self._bury, batch.filed))
            list(pool.map(self._take, batch.new_references))
        for number, mail in enumerate(batch.mails):
            if not mail.if_confirmed or mail.if_confirmed in confirmed:
                self.journal.create(f"outbox/{batch.fence.key}-{number}", mail.to_json())
        mark = SettledMark(self.clock(), tuple(filed.name for filed in batch.filed))
        self.journal.create(f"settled/{batch.fence.key}", mark.to_json())
        claims = f"batches/{batch.fence.number:09d}-"
        for key in self.journal.keys("batches/", after=claims):
            # Whatever else claimed this number is not written, and never will be.
            if key.startswith(claims) and key != f"batches/{batch.fence.key}":
                self.journal.delete(key)

    def _bury(self, filed: Filed) -> None:
        stone = Tombstone(filed.reference, filed.fingerprint, self.clock())
        self.journal.create(f"filed/{filed.name}", stone.to_json())
        self._take(filed.reference)
        self.journal.delete(f"pending/{filed.name}")

    def _take(self, reference: str) -> None:
        """Note that a reference is somebody's: nobody else may ever be given it."""
        self.journal.create(f"references/{reference}", b"{}")


def _number(key: str) -> int:
    return int(key.rpartition("/")[2].partition("-")[0])
