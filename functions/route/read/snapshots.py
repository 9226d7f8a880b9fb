"""What the last sweep saw of each request, so that the next one learns what people did."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from functions.shared.errors import JournalError
from functions.shared.journal.formats import Batch, Snapshot, State
from functions.shared.journal.store import Journal, legible
from functions.shared.log import log

MOST_BATCHES = 20  # that may have added rows since a snapshot, before another one is kept


@dataclass(frozen=True)
class Remembered:
    """How requests stood, by reference, when a sweep last looked; `batches` were written since."""

    states: Mapping[str, State]
    batches: int


@dataclass
class Snapshots:
    """Journal objects named after batches, for the sweep that wrote the batch or came after it.

    A sweep's snapshot is created before its batch is written and counts once the batch is
    settled, so that each event is told once: whoever is killed in between leaves a snapshot that
    counts for nothing, or one that is recovered together with its batch.
    """

    journal: Journal
    _newest: str = field(default="", init=False)

    def last(self) -> Remembered | None:
        """How requests stood when a sweep last kept it; None where that cannot be known.

        Rows that batches added since then stand as those batches opened them. Before the first
        sweep there is nothing else to go by.
        """
        settled = [key.removeprefix("settled/") for key in self.journal.keys("settled/")]
        known = set(settled)
        kept = [
            key
            for key in self.journal.keys("snapshots/")
            if key.removeprefix("snapshots/").partition(".")[0] in known
        ]
        if kept:
            self._newest = kept[-1]
            states = self._read(self._newest)
            if states is None:
                return None
            batch = self._newest.removeprefix("snapshots/").partition(".")[0]
            later = settled[settled.index(batch) + 1 :]
        else:
            states, later = {}, settled[-MOST_BATCHES - 1 :]
        for name in later:
            states |= self._opened(name)
        return Remembered(states, len(later))

    def keep(self, batch: str, states: Mapping[str, State]) -> None:
        """Note how requests stand once a batch is written; what came before the last goes.

        Args:
            batch: its key; a batch that is settled may be named again.
            states: as this sweep saw them, and as the batch leaves them.
        """
        key = f"snapshots/{batch}"
        names = self.journal.keys("snapshots/")
        again = [int(name.partition(".")[2]) for name in names if name.startswith(f"{key}.")]
        number = max(again, default=-1) + 1
        self.journal.create(f"{key}.{number:06}", Snapshot(states).to_json())
        for name in names:
            # A later one may be another writer's, whose batch is settled meanwhile.
            if name < self._newest:
                self.journal.delete(name)

    def _read(self, key: str) -> dict[str, State] | None:
        body = self.journal.read(key)
        try:
            with legible(key):
                return dict(Snapshot.from_json(body).states) if body is not None else None
        except JournalError as error:
            log("ERROR", str(error))
            return None  # as at the first sweep: what people did since then is not learnt

    def _opened(self, batch: str) -> Mapping[str, State]:
        key = f"batches/{batch}"
        body = self.journal.read(key)
        try:
            with legible(key):
                return Batch.from_json(body).opened if body is not None else {}
        except JournalError as error:
            log("ERROR", str(error))
            return {}
