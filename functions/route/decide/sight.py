"""What a sweep sees: the journal and a few columns of Demandes, then the whole rows it needs. Pure.

The sweep looks twice. The first look says whose rows are wanted, and the second one reads them.
"""

from collections.abc import Callable, Collection, Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import accumulate
from typing import TypeVar

from functions.route.decide.alignment import Alignment
from functions.route.decide.completion import Candidate, Sighting, candidates, find_rows
from functions.route.decide.handover import Turn, find_turns
from functions.route.decide.history import Event, Remembered, compare, not_made
from functions.route.decide.lookup import Lookup
from functions.shared.journal.formats import Move, State
from functions.shared.journal.replies import Reply
from sheets_schema.columns import PARIS, Cell
from sheets_schema.tab import Grid
from sheets_schema.wire import LONGEST

MAX_EVENTS = 1_000  # in a batch
MAX_TEXT = 300_000  # characters of all rows that a batch completes, and of all its events
MAX_ROWS_READ = 500  # by a sweep, of those that lack something; the last ones, where new rows stand
STEADY = timedelta(seconds=20)  # nobody is typing into a row that has not changed for so long


@dataclass(frozen=True)
class Answers:
    """The answers from mails that wait.

    `replies` holds them by name, the oldest first. `left` holds, by name, the statuses that earlier
    answers from the same mail left.
    """

    replies: Mapping[str, Reply] = field(default_factory=dict)
    left: Mapping[str, Collection[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Sight:
    """What a sweep sees before it reads whole rows.

    `grid` holds a few columns of Demandes, header first, and `positions` says where its columns
    stand. `states` is the state of each request whose row is in order, and `references` are all
    references of Demandes. `known` is what earlier sweeps remember; it is None before the first
    one. `alignments` says what puts each misplaced row right. `moves` are the operator's orders.
    `adopted` are references of requests whose referents people choose, see `AdoptedRows`.
    """

    now: datetime
    lookup: Lookup
    grid: Grid
    positions: Mapping[str, int]
    states: Mapping[str, State]
    references: Collection[str]
    last: Remembered | None = None
    alignments: Mapping[str, Alignment | None] = field(default_factory=dict)
    moves: Mapping[str, Move] = field(default_factory=dict)
    answers: Answers = Answers()
    adopted: Container[str] = frozenset()

    @property
    def today(self) -> date:
        """The day in Paris."""
        return self.now.astimezone(PARIS).date()

    @property
    def known(self) -> Remembered:
        """What earlier sweeps remember."""
        return self.last or Remembered({}, 0)

    @cached_property
    def turns(self) -> Mapping[str, Turn]:
        """The requests of which people decided who follows them, by reference."""
        return find_turns(self.known.states, self.states, self.known.courses, self.moves)

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """What people did since the last sweep, as much as a batch takes; see `untold`."""
        untold = self.untold
        return tuple(event for event in self._all_events if event.reference not in untold)

    @cached_property
    def untold(self) -> frozenset[str]:
        """The requests whose events have to wait for the next batch."""
        events = self._all_events
        count = len(fitting(events[:MAX_EVENTS], lambda event: len(repr(event))))
        return frozenset(event.reference for event in events[count:])

    @cached_property
    def _all_events(self) -> Sequence[Event]:
        """What people did; who follows a request is told once its row is changed accordingly."""
        known, states = self.known, self.states
        unturned = {name: state for name, state in states.items() if name not in self.turns}
        return [
            *(not_made(name, states[name]) for name in sorted(known.unmade & states.keys())),
            *compare(known.states, unturned, known.courses),
        ]


@dataclass(frozen=True)
class Choice:
    """The rows to read whole: those that are wanted, and those that lack something.

    `wanted` are the references of the requests whose rows some kind of work wants. `references`
    are those that stand in Référence, without misplaced ones.
    """

    sightings: Sequence[Sighting]
    wanted: Container[str]
    references: set[str]

    @property
    def rows(self) -> list[int]:
        """Their 0-based indexes."""
        return [sighting.row for sighting in self.sightings]


def choose(sight: Sight, wanted: Collection[str]) -> Choice:
    """Choose the rows to read: as many as a sweep may read.

    Args:
        sight: what the sweep sees.
        wanted: references of requests whose rows are wanted, whether or not they lack something.
    """
    aside = {alignment.row for alignment in sight.alignments.values() if alignment}
    sightings, references = find_rows(
        sight.grid, sight.positions, sight.alignments.keys(), aside, wanted, sight.adopted
    )
    asked = [sighting for sighting in sightings if sighting.reference in wanted]
    lacking = [sighting for sighting in sightings if sighting.reference not in wanted]
    return Choice([*asked[:MAX_ROWS_READ], *lacking[-MAX_ROWS_READ:]], wanted, references)


@dataclass(frozen=True)
class Seen:
    """All that a sweep decides by.

    `lines` holds the cells of the rows that were read whole, by 0-based index, and `overlong` the
    indexes of those with a text that was cut. `rows` are these rows, but for those that moved in
    between. `unchanged` says for how long each of them has not changed, by its hash.
    """

    sight: Sight
    choice: Choice
    lines: Mapping[int, Sequence[Cell]]
    overlong: Sequence[int]
    rows: Sequence[Candidate]
    unchanged: Mapping[str, timedelta]

    @cached_property
    def misplaced(self) -> frozenset[str]:
        """The requests whose cells are not in their columns."""
        return frozenset(
            {*self.sight.alignments, *(row.misplaced for row in self.rows if row.misplaced)}
        )

    @cached_property
    def steady(self) -> Sequence[Candidate]:
        """The rows that the system may write into: nothing is left for a person to do there."""
        return [row for row in self.rows if row.is_complete and self.is_unchanged(row, STEADY)]

    def is_unchanged(self, row: Candidate, time: timedelta) -> bool:
        """Whether nobody has changed a row for so long."""
        return self.unchanged[row.row_hash] >= time

    def rows_of(self, references: Container[str]) -> list[Candidate]:
        """The rows of some requests, from the top; a lower row of the same reference is none."""
        return [row for row in self.rows if row.request.reference in references and not row.copied]


def look_closely(
    sight: Sight,
    choice: Choice,
    lines: Mapping[int, Sequence[Cell]],
    look: Callable[[Collection[str]], Mapping[str, timedelta]],
) -> Seen:
    """What a sweep sees once it has read whole rows.

    Args:
        sight: what it saw before.
        choice: the rows that it chose.
        lines: their cells, by 0-based index.
        look: says for how long rows have not changed, by their hashes.
    """
    legible, overlong = _sort_out(lines, sight.positions)
    rows = candidates(
        choice.sightings, choice.references, legible, sight.positions, sight.lookup.official
    )
    return Seen(sight, choice, legible, overlong, rows, look([row.row_hash for row in rows]))


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


_Item = TypeVar("_Item")


def fitting(items: Sequence[_Item], size: Callable[[_Item], int]) -> list[_Item]:
    """The first items that together are not longer than MAX_TEXT; at least one."""
    totals = accumulate(map(size, items))
    return [
        item
        for number, (item, total) in enumerate(zip(items, totals, strict=True))
        if total <= MAX_TEXT or number == 0
    ]
