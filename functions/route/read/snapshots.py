"""What the last sweep saw of each request, so that the next one learns what people did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from functions.route.decide.history import MOST_BATCHES, Remembered
from functions.route.decide.load import Load, given
from functions.shared.journal.formats import Applicant, Batch, SettledMark, Snapshot, State
from functions.shared.journal.store import Journal, read_legible

# A snapshot of this name counts before any batch of the journal is settled.
START = "000000000-start"


@dataclass(frozen=True)
class _Addition:
    """What a batch adds to what a snapshot says.

    That are states and applicants by reference, and who got requests when.
    """

    opened: Mapping[str, State]
    applicants: Mapping[str, Applicant]
    given: Sequence[str]
    at: datetime


_NOTHING = _Addition({}, {}, (), datetime.min.replace(tzinfo=UTC))


@dataclass
class Snapshots:
    """Keeps snapshots in the journal. A snapshot bears the key of the batch it belongs to.

    A sweep creates its snapshot before its batch is written, and the snapshot counts once the
    batch is settled. So each event is recorded once. If a process is killed in between, either
    its batch is not written and its snapshot counts for nothing, or another drain settles the
    batch and the snapshot counts.

    What was read is remembered as long as it counts: drains between sweeps ask for the same again.
    """

    journal: Journal
    _newest: str = field(default="", init=False)
    _snapshot: tuple[str, Snapshot] | None = field(default=None, init=False)
    _later: dict[str, _Addition] = field(default_factory=dict, init=False)

    def last(self) -> Remembered | None:
        """The state of requests in the last snapshot that counts; None where it is unknown.

        Rows that batches have added since are in the state in which these batches wrote them.
        Before the first sweep there are no other states.
        """
        settled = [key.removeprefix("settled/") for key in self.journal.keys("settled/")]
        known = {START, *settled}
        kept = [
            key
            for key in self.journal.keys("snapshots/")
            if key.removeprefix("snapshots/").partition(".")[0] in known
        ]
        snapshot, unmade = Snapshot({}), frozenset[str]()
        if kept:
            self._newest = kept[-1]
            read = self._read(self._newest)
            if read is None:
                return None
            batch = self._newest.removeprefix("snapshots/").partition(".")[0]
            later = [name for name in settled if name > batch]
            snapshot, unmade = self._confirmed(read, batch)
        else:
            later = settled[-MOST_BATCHES - 1 :]
        states, load = dict(snapshot.states), Load(latest=snapshot.latest)
        applicants = dict(snapshot.applicants)
        self._later = {name: self._later.get(name) or self._addition(name) for name in later}
        for addition in self._later.values():
            states |= addition.opened
            applicants = {**addition.applicants, **applicants}
            load = load.at(addition.at, addition.given)
        return Remembered(states, len(later), load.latest, snapshot.courses, unmade, applicants)

    def anchor(self, last: str) -> str:
        """The name for a snapshot that belongs to no new batch.

        Args:
            last: the key of the last batch that the sheet names. This journal does not know that
                batch if the sheet was adopted.
        """
        settled = [key.removeprefix("settled/") for key in self.journal.keys("settled/")]
        if last in settled:
            return last
        return settled[-1] if settled else START

    def keep(self, batch: str, snapshot: Snapshot) -> None:
        """Note what is known of requests once a batch is written; delete snapshots before the last.

        Args:
            batch: the key of the batch; it may be a batch that is settled already.
            snapshot: the requests as this sweep saw them and as the batch leaves them.
        """
        key = f"snapshots/{batch}"
        names = self.journal.keys("snapshots/")
        again = [int(name.partition(".")[2]) for name in names if name.startswith(f"{key}.")]
        number = max(again, default=-1) + 1
        self.journal.create(f"{key}.{number:06}", snapshot.to_json())
        for name in names:
            # A later snapshot may belong to another writer, whose batch may be settled by now.
            if name < self._newest:
                self.journal.delete(name)

    def _read(self, key: str) -> Snapshot | None:
        if not self._snapshot or self._snapshot[0] != key:
            # If it is illegible, what people did since stays unknown, as at the first sweep.
            snapshot = read_legible(self.journal, key, Snapshot.from_json)
            self._snapshot = (key, snapshot) if snapshot else None
        return self._snapshot[1] if self._snapshot else None

    def _confirmed(self, snapshot: Snapshot, batch: str) -> tuple[Snapshot, frozenset[str]]:
        """A snapshot with the edits of its batch that were confirmed, and the other edited rows."""
        if not snapshot.edited:
            return snapshot, frozenset()
        confirmed = self._mark(batch)
        made = {
            name: standing
            for name, standing in snapshot.edited.items()
            if confirmed is None or name in confirmed
        }
        changed = Snapshot(
            {**snapshot.states, **{name: standing.state for name, standing in made.items()}},
            snapshot.latest,
            {**snapshot.courses, **{name: standing.course for name, standing in made.items()}},
            applicants=snapshot.applicants,
        )
        return changed, frozenset(snapshot.edited.keys() - made.keys())

    def _mark(self, batch: str) -> frozenset[str] | None:
        """The references of the row edits of a batch that were confirmed; None for all of them."""
        mark = read_legible(self.journal, f"settled/{batch}", SettledMark.from_json)
        return mark.confirmed if mark else None

    def _addition(self, batch: str) -> _Addition:
        written = read_legible(self.journal, f"batches/{batch}", Batch.from_json)
        if written is None:
            return _NOTHING
        return _Addition(written.opened, written.applicants, given(written), written.fence.at)
