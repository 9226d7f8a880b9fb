"""What a sweep adds to a round: rows to complete, and what people did in the sheet."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice
from typing import TypeVar

from functions.route.decide.alignment import misplaced_concern
from functions.route.decide.completion import (
    Candidate,
    Completion,
    CompletionContext,
    candidates,
    complete_all,
    doubtful_referent,
    find_rows,
    unfinished,
)
from functions.route.decide.history import (
    REFERENT_EVENTS,
    WATCHED,
    Event,
    compare,
    read_states,
)
from functions.route.decide.load import NO_LOAD, Load, given
from functions.route.read.misplaced import MisplacedRows, ReadAll
from functions.route.read.row_stability import STEADY, RowStability
from functions.route.read.sheet import Gathered
from functions.route.read.snapshots import MOST_BATCHES, Snapshots
from functions.shared import reference
from functions.shared.concerns import Concern
from functions.shared.journal.formats import Batch, State
from functions.shared.journal.store import Journal
from sheets_schema.columns import Cell, as_text
from sheets_schema.tab import tab
from sheets_schema.wire import LONGEST

MAX_COMPLETIONS = 100  # in a batch
MAX_EVENTS = 1_000  # in a batch
MAX_TEXT = 300_000  # characters of all rows that a batch completes, and of all its events
MAX_ROWS_READ = 500  # by a sweep, of those that lack something; the last ones, where new rows stand
FULL_SWEEP = timedelta(hours=1)  # a sweep reads the sheet at least this often
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
ReadRows = Callable[[Sequence[int]], Mapping[int, Sequence[Cell]]]
UNFINISHED = timedelta(days=1)  # a row that lacks something for longer is noted in À vérifier


@dataclass(frozen=True)
class Swept:
    """What a sweep found to do.

    `states` holds the state of each request; it is None where the sweep did not look at the rows.
    `load` says how busy the referents are once the completions are written.
    `renew` says that the last snapshot does not know all of these states. `more` says that another
    batch has to follow. `waiting` says that some row lacks something, even if a person has to fill
    it in.
    """

    completions: list[Completion]
    concerns: list[Concern]
    events: list[Event]
    states: Mapping[str, State] | None = None
    renew: bool = False
    more: bool = False
    waiting: bool = False
    load: Load = NO_LOAD


NOT_SWEPT = Swept([], [], [])


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
    """Looks at the rows of Demandes; `draw` gives a random number for a new reference."""

    journal: Journal
    clock: Callable[[], datetime]
    draw: Callable[[], int]

    def __post_init__(self) -> None:
        self._stability = RowStability(self.journal, self.clock)
        self._snapshots = Snapshots(self.journal)
        self._misplaced = MisplacedRows(self.journal)

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
        grid = gathered.reading.tabs["requests"].grid
        positions = gathered.reading.positions("requests")
        alignments = self._misplaced.look(read_all)
        misplaced = set(alignments)
        aside = {alignment.row for alignment in alignments.values() if alignment}
        lacking, references = find_rows(grid, positions, misplaced, aside)
        sightings = lacking[-MAX_ROWS_READ:]
        lines = read_rows([sighting.row for sighting in sightings]) if sightings else {}
        legible, overlong = _sort_out(lines, positions)
        rows = candidates(sightings, references, legible, positions, gathered.lookup.official)
        since = self._stability.look(row.row_hash for row in rows)

        def is_unchanged(candidate: Candidate, time: timedelta) -> bool:
            return since[candidate.row_hash] >= time

        steady = [row for row in rows if row.is_complete and is_unchanged(row, STEADY)]
        states = read_states(grid, positions)
        states = {name: state for name, state in states.items() if name not in misplaced}
        before = self._snapshots.last()
        known = before.states if before else {}
        events = compare(known, states)
        now = self.clock()
        load = Load.from_states(states.values(), before.latest if before else None).at(
            now, (event.after for event in events if event.kind in REFERENT_EVENTS)
        )
        context = CompletionContext(
            gathered.lookup,
            now,
            lambda: reference.draw_free(self.journal, self.draw),
            load,
        )
        decided = complete_all(steady, references, context)
        some = list(islice(decided, MAX_COMPLETIONS))
        completions = _fitting(
            some, lambda made: sum(len(as_text(cell)) for cell in legible[made.edit.row])
        )
        for completion in completions:
            load = load.after(completion.event.referent, now)
        count = len(_fitting(events[:MAX_EVENTS], lambda event: len(repr(event))))
        untold = {event.reference for event in events[count:]}
        events = [event for event in events if event.reference not in untold]
        misplaced |= {row.misplaced for row in rows if row.misplaced}
        concerns = [
            *map(misplaced_concern, sorted(misplaced)),
            *map(_too_long, overlong),
            *(
                unfinished(row)
                for row in rows
                if row.missing and not row.misplaced and is_unchanged(row, UNFINISHED)
            ),
        ]
        for event in events:
            if event.kind in REFERENT_EVENTS:
                concerns += doubtful_referent(
                    event.reference, event.after, gathered.lookup, context.today
                )
        return Swept(
            completions,
            concerns,
            events,
            states | {name: known[name] for name in untold},
            renew=before is None
            or before.batches > MOST_BATCHES
            or not states.keys() <= known.keys(),
            more=bool(untold) or len(completions) < len(some) or next(decided, None) is not None,
            waiting=bool(sightings or misplaced),
            load=load,
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
        """Keep a snapshot of what a sweep saw, changed as its batch changes it.

        It counts once the batch is settled. An edit counts as made, because Suivi has a line
        about it. If it is not confirmed, the next sweep notes what the row holds instead.
        """
        if swept.states is not None:
            kept = {**swept.states, **batch.opened}
            for edit in batch.edits:
                if edit.reference in kept:
                    made = {key: edit.changes[key].after for key in WATCHED if key in edit.changes}
                    kept[edit.reference] = replace(kept[edit.reference], **made)
            latest = swept.load.at(batch.fence.at, given(batch)).latest
            self._snapshots.keep(batch.fence.key, kept, latest)

    def renew(self, swept: Swept, last: str) -> None:
        """Keep a snapshot after a sweep that wrote no batch, if the last snapshot is out of date.

        Args:
            swept: what the sweep found.
            last: the key of the last batch that the sheet names.
        """
        if swept.renew and swept.states is not None:
            anchor = self._snapshots.anchor(last)
            self._snapshots.keep(anchor, swept.states, swept.load.latest)


_Item = TypeVar("_Item")


def _fitting(items: Sequence[_Item], size: Callable[[_Item], int]) -> list[_Item]:
    """The first items that together are not longer than MAX_TEXT; at least one."""
    totals = accumulate(map(size, items))
    return [
        item
        for number, (item, total) in enumerate(zip(items, totals, strict=True))
        if total <= MAX_TEXT or number == 0
    ]


def _sort_out(
    lines: Mapping[int, Sequence[Cell]], positions: Mapping[str, int]
) -> tuple[dict[int, Sequence[Cell]], list[int]]:
    """Rows of which all was read, and the indexes of the others.

    A batch copies the rows that it completes, cells of partners' columns included. So a row with a
    text that was cut when it was read is not completed.
    """
    width = max(positions.values()) + 1
    overlong = [
        row
        for row, cells in lines.items()
        if any(isinstance(cell, str) and len(cell) >= LONGEST for cell in cells[:width])
    ]
    return {row: cells for row, cells in lines.items() if row not in overlong}, overlong


def _too_long(row: int) -> Concern:
    return Concern(
        f"{tab('requests').title}!{row + 1}:{row + 1}",
        f"Un texte de cette ligne a plus de {LONGEST} caractères : elle n'est pas complétée.",
        "Raccourcissez ce texte : la ligne recevra alors sa référence et son référent.",
    )
