"""What a sweep adds to a round: rows to complete, and what people did in the sheet."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from functions.route.decide.applicants import answer, listen
from functions.route.decide.history import read_states, references_in
from functions.route.decide.kinds import wanted
from functions.route.decide.load import NO_LOAD, Load, given
from functions.route.decide.sight import Sight, choose, look_closely
from functions.route.decide.swept import Swept, decide
from functions.route.read.adopted import AdoptedRows
from functions.route.read.misplaced import MisplacedRows, ReadAll
from functions.route.read.moves import Moves
from functions.route.read.replies import Replies
from functions.route.read.row_stability import RowStability
from functions.route.read.sheet import Gathered
from functions.route.read.snapshots import Snapshots
from functions.shared import reference
from functions.shared.journal.formats import Batch, Snapshot
from functions.shared.journal.store import Journal
from functions.shared.mail.outbox import applicant_of
from sheets_schema.columns import Cell

FULL_SWEEP = timedelta(hours=1)  # a sweep reads the sheet at least this often
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
ReadRows = Callable[[Sequence[int]], Mapping[int, Sequence[Cell]]]


@dataclass(frozen=True)
class Quiet:
    """Remembers in which version of the workbook a sweep found nothing to do, and when.

    As long as nobody changes the workbook, the next sweep would find nothing either, and need not
    read it. The version may lag behind what people do, so after an hour a sweep reads the sheet
    in any case.
    """

    version: str = ""
    at: datetime = _LONG_AGO

    def holds(self, version: str, now: datetime) -> bool:
        """Whether a sweep would find nothing.

        Args:
            version: the version of the workbook, "" where it is not known.
            now: when the sweep begins.
        """
        return bool(version) and version == self.version and now - self.at < FULL_SWEEP


@dataclass
class Sweeper:
    """Looks at the rows of Demandes.

    `draw` gives a random number for a new reference, and `mail_kinds` are the kinds of mail that
    applicants get.
    """

    journal: Journal
    clock: Callable[[], datetime]
    draw: Callable[[], int]
    mail_kinds: Collection[str] = ()

    def __post_init__(self) -> None:
        self._stability = RowStability(self.journal, self.clock)
        self._snapshots = Snapshots(self.journal)
        self._adopted = AdoptedRows(self.journal)
        self._misplaced = MisplacedRows(self.journal)
        self._moves = Moves(self.journal)
        self._replies = Replies(self.journal)

    @property
    def is_ordered(self) -> bool:
        """Whether a sweep has work whatever the sheet says.

        That is an order of the operator's, an answer from a mail, or a mail to an applicant, whose
        address is looked up in the sheet.
        """
        return bool(self._moves or self._replies or self._waiting())

    def _waiting(self) -> set[str]:
        """The references of the requests about which mails to applicants wait."""
        return {name for key in self.journal.keys("outbox/") if (name := applicant_of(key))}

    def sweep(self, gathered: Gathered, read_rows: ReadRows, read_all: ReadAll) -> Swept:
        """Decide what rows get, and learn what people changed since the last sweep.

        A row is completed only if nobody has changed it since an earlier sweep, and if its cells
        are in their columns.

        Args:
            gathered: what was read of the sheet, with a few columns of Demandes.
            read_rows: reads whole rows of Demandes, by their 0-based indexes.
            read_all: reads the whole of Demandes.

        Raises:
            WorkbookError: rows cannot be read.
            HeaderError: Demandes lacks a column, or has one twice.
            JournalError: the journal does not answer.
        """
        sight = self._look(gathered, read_all)
        choice = choose(sight, wanted(sight))
        hearing = listen(sight, self._waiting(), self.mail_kinds)
        rows = list(dict.fromkeys((*choice.rows, *hearing.rows)))
        lines = read_rows(rows) if rows else {}
        chosen = {row: lines[row] for row in choice.rows if row in lines}
        seen = look_closely(sight, choice, chosen, self._stability.look)
        swept = decide(seen, lambda: reference.draw_free(self.journal, self.draw))
        heard = answer(hearing, sight, lines, self.mail_kinds)
        return replace(
            swept,
            events=[*swept.events, *heard.events],
            heard=heard,
            renew=swept.renew or heard.applicants != sight.known.applicants,
            more=swept.more or hearing.more,
            waiting=swept.waiting or hearing.is_soon(sight.now),
        )

    def _look(self, gathered: Gathered, read_all: ReadAll) -> Sight:
        """What the journal and a few columns of Demandes say."""
        grid = gathered.reading.tabs["requests"].grid
        positions = gathered.reading.positions("requests")
        now = self.clock()
        alignments = self._misplaced.look(read_all)
        states = {
            name: state
            for name, state in read_states(grid, positions).items()
            if name not in alignments
        }
        references = references_in(grid, positions) | alignments.keys()
        last = self._snapshots.last()
        known = last.states if last else {}
        return Sight(
            now,
            gathered.lookup,
            grid,
            positions,
            states,
            references,
            last,
            alignments,
            self._moves.look(known, states, references),
            self._replies.look(),
            self._adopted.look(states),
        )

    def load(self) -> Load:
        """How busy the referents are, for a drain that does not read the rows of Demandes.

        It is what the last sweep saw, and what batches have added since.

        Raises:
            JournalError: the journal does not answer.
        """
        remembered = self._snapshots.last()
        return remembered.load if remembered else NO_LOAD

    def remember(self, swept: Swept, batch: Batch) -> None:
        """Keep a snapshot of what a sweep saw, and of how its batch changes it.

        It counts once the batch is settled. A row that the batch edits stands as edited if the edit
        is confirmed; otherwise it stands as the sweep saw it.
        """
        if swept.states is not None:
            states = {**swept.states, **batch.opened}
            latest = swept.load.at(batch.fence.at, given(batch)).latest
            applicants = {**(batch.applicants if self.mail_kinds else {}), **swept.heard.applicants}
            snapshot = Snapshot(states, latest, swept.courses, swept.edited, applicants)
            self._snapshots.keep(batch.fence.key, snapshot)

    def renew(self, swept: Swept, last: str) -> None:
        """Keep a snapshot after a sweep that wrote no batch, if the last snapshot is out of date.

        Args:
            swept: what the sweep found.
            last: the key of the last batch that the sheet names.
        """
        if swept.renew and swept.states is not None:
            snapshot = Snapshot(
                swept.states,
                swept.load.latest,
                swept.courses,
                applicants=swept.heard.applicants,
            )
            self._snapshots.keep(self._snapshots.anchor(last), snapshot)
