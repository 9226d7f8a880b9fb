"""What a sweep adds to a round: rows to complete, and what people did in the sheet."""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from typing import TypeVar

from functions.route.decide.alignment import misplaced_concern
from functions.route.decide.answering import (
    Verdict,
    first_of_each,
    gone,
    judge,
    resubscription,
)
from functions.route.decide.completion import (
    Candidate,
    Completion,
    CompletionContext,
    candidates,
    complete_all,
    find_rows,
    known_person,
    unfinished,
)
from functions.route.decide.handover import (
    Turn,
    carry_out,
    find_turns,
    is_due,
    left_behind,
    reminders,
    stale_orders,
)
from functions.route.decide.history import (
    WATCHED,
    Event,
    advance,
    compare,
    not_made,
    read_state,
    read_states,
    references_in,
)
from functions.route.decide.load import NO_LOAD, Load, given
from functions.route.decide.lookup import Lookup
from functions.route.decide.notices import Notice
from functions.route.read.misplaced import MisplacedRows, ReadAll
from functions.route.read.moves import Moves
from functions.route.read.replies import Replies
from functions.route.read.row_stability import STEADY, RowStability
from functions.route.read.sheet import Gathered
from functions.route.read.snapshots import MOST_BATCHES, Remembered, Snapshots
from functions.shared import reference
from functions.shared.concerns import Concern
from functions.shared.journal.formats import Batch, Course, Dealt, Snapshot, Standing, State
from functions.shared.journal.replies import Reply
from functions.shared.journal.store import Journal
from sheets_schema.columns import PARIS, Cell, as_text
from sheets_schema.tab import tab
from sheets_schema.wire import LONGEST

MAX_COMPLETIONS = 500  # in a batch
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
    `courses` is what to remember of requests beside. `edited` holds the requests whose rows the
    completions edit, as they stand afterwards. `load` says how busy the referents are once the
    completions are written. `renew` says that the last snapshot does not know all of these states.
    `more` says that another batch has to follow. `waiting` says that some row lacks something, even
    if a person has to fill it in. `answers` are those from mails that the batch deals with, and
    `said` are their concerns, which are said once.
    """

    completions: list[Completion]
    concerns: list[Concern]
    events: list[Event]
    notices: list[Notice] = field(default_factory=list)
    states: Mapping[str, State] | None = None
    courses: Mapping[str, Course] = field(default_factory=dict)
    edited: Mapping[str, Standing] = field(default_factory=dict)
    renew: bool = False
    more: bool = False
    waiting: bool = False
    load: Load = NO_LOAD
    answers: tuple[Dealt, ...] = ()
    said: list[Concern] = field(default_factory=list)


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
        self._moves = Moves(self.journal)
        self._replies = Replies(self.journal)

    @property
    def is_ordered(self) -> bool:
        """Whether a sweep has to deal with an order of the operator's, or an answer from a mail."""
        return bool(self._moves or self._replies)

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
        now = self.clock()
        lookup, today = gathered.lookup, now.astimezone(PARIS).date()
        alignments = self._misplaced.look(read_all)
        misplaced = set(alignments)
        aside = {alignment.row for alignment in alignments.values() if alignment}
        states = read_states(grid, positions)
        states = {name: state for name, state in states.items() if name not in misplaced}
        last = self._snapshots.last()
        known = last or Remembered({}, 0)
        there = references_in(grid, positions) | misplaced
        moves = self._moves.look(known.states, states, there)
        turns = find_turns(known.states, states, known.courses, moves)
        replies = self._replies.look()
        # What people decided in the sheet comes first.
        questions = {
            name: item
            for name, item in first_of_each([*replies.items()]).items()
            if name in states and name in known.states and name not in turns
        }
        due = {
            name: course.handed_on
            for name, course in known.courses.items()
            if (state := states.get(name))
            and state == known.states.get(name)
            and name not in questions
            and is_due(state, course, lookup, today)
        }
        wanted = {*turns, *due, *questions}
        sightings, references = find_rows(grid, positions, misplaced, aside, wanted)
        asked = [sighting for sighting in sightings if sighting.reference in wanted]
        lacking = [sighting for sighting in sightings if sighting not in asked]
        sightings = [*asked[:MAX_ROWS_READ], *lacking[-MAX_ROWS_READ:]]
        lines = read_rows([sighting.row for sighting in sightings]) if sightings else {}
        legible, overlong = _sort_out(lines, positions)
        rows = candidates(sightings, references, legible, positions, lookup.official)
        since = self._stability.look(row.row_hash for row in rows)

        def is_unchanged(candidate: Candidate, time: timedelta) -> bool:
            return since[candidate.row_hash] >= time

        steady = [row for row in rows if row.is_complete and is_unchanged(row, STEADY)]
        context = CompletionContext(
            lookup,
            now,
            lambda: reference.draw_free(self.journal, self.draw),
            Load.from_states(states.values(), known.latest),
            known.courses,
        )
        verdicts = [
            *self._judged(replies, questions, states, rows, context),
            *(
                gone(name, reply)
                for name, reply in replies.items()
                if reply.reference and reply.reference not in there
            ),
        ]
        answered = [verdict.completion for verdict in verdicts if verdict.completion]
        others = [row for row in steady if row.request.reference not in wanted]
        decided = _decide(answered, steady, turns, others, references, context)
        some, helpless, more = _first(decided, MAX_COMPLETIONS)
        completions = _fitting(
            some, lambda made: sum(len(as_text(cell)) for cell in legible[made.edit.row])
        )
        for made in completions:
            context = context.after(made)
        # An answer whose row has to wait for the next batch waits, too.
        kept = {made.edit.reference for made in completions}
        verdicts = [verdict for verdict in verdicts if verdict.dealt.if_confirmed in ("", *kept)]
        reminded = [row for row in rows if row.request.reference in due][:MAX_COMPLETIONS]
        reminded_of = {row.request.reference for row in reminded}
        events, untold = _happened(known, states, turns)
        noted = {
            event.reference: verdict.course
            for verdict in verdicts
            for event in verdict.events
            if verdict.course is not None
        }
        events += [event for verdict in verdicts for event in verdict.events]
        misplaced |= {row.misplaced for row in rows if row.misplaced}
        # These stay as the last sweep knew them: a row that is misplaced, or whose reference stands
        # twice, is compared once it is right.
        unseen = known.states.keys() & {*references, *misplaced} - states.keys()
        unsettled = {*untold, *turns, *unseen}
        return Swept(
            completions,
            [
                *map(misplaced_concern, sorted(misplaced)),
                *map(_too_long, overlong),
                *(
                    unfinished(row)
                    for row in rows
                    if row.missing and not row.misplaced and is_unchanged(row, UNFINISHED)
                ),
                *helpless,
                *stale_orders(known.states, states),
                *left_behind(states.values(), lookup, today),
            ],
            events,
            [
                *(notice for verdict in verdicts for notice in verdict.notices),
                *(notice for row in reminded for notice in _reminders(row, due, lookup)),
            ],
            states | {name: known.states[name] for name in unsettled},
            {
                name: replace(course, reminded=True)
                if name in reminded_of
                else course
                if name in unsettled or name not in states
                else advance(course, known.states.get(name, states[name]), states[name])
                for name, course in known.courses.items()
                if name in references or name in misplaced
            }
            | noted,
            {
                made.edit.reference: Standing(
                    _made(read_state(legible[made.edit.row], positions), made), made.course
                )
                for made in completions
                # A row that gets its reference now is known from now on, like any other.
                if made.edit.reference in states or "reference" in made.edit.changes
            },
            renew=last is None
            or bool(known.unmade)
            or known.batches > MOST_BATCHES
            or not states.keys() <= known.states.keys(),
            more=bool(untold)
            or more
            or len(completions) < len(some)
            or len(reminded_of) < len(due)
            or len(replies) > len(questions) > 0,
            answers=tuple(verdict.dealt for verdict in verdicts),
            said=[concern for verdict in verdicts for concern in verdict.concerns],
            waiting=bool(sightings or misplaced or replies),
            load=context.load,
        )

    def _judged(
        self,
        replies: Mapping[str, Reply],
        questions: Mapping[str, tuple[str, Reply]],
        states: Mapping[str, State],
        rows: Sequence[Candidate],
        context: CompletionContext,
    ) -> Iterator[Verdict]:
        """Decide what becomes of answers from mails; those whose rows cannot be read now wait.

        Args:
            replies: all answers that wait, by name.
            questions: those to decide about rows, by reference.
            states: each request as it is.
            rows: the rows that were read.
            context: see `CompletionContext`.
        """
        for name, reply in replies.items():
            if not reply.reference:
                yield resubscription(name, reply, context.lookup)
        for row in rows:
            if (asked := questions.get(row.request.reference)) and not row.copied:
                name, reply = asked
                left = self._replies.left_by_earlier(name)
                state = states[reply.reference]
                verdict = judge(name, reply, left, state, row, context)
                yield verdict
                if verdict.completion:
                    context = context.after(verdict.completion)

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
            snapshot = Snapshot(states, latest, swept.courses, swept.edited)
            self._snapshots.keep(batch.fence.key, snapshot)

    def renew(self, swept: Swept, last: str) -> None:
        """Keep a snapshot after a sweep that wrote no batch, if the last snapshot is out of date.

        Args:
            swept: what the sweep found.
            last: the key of the last batch that the sheet names.
        """
        if swept.renew and swept.states is not None:
            snapshot = Snapshot(swept.states, swept.load.latest, swept.courses)
            self._snapshots.keep(self._snapshots.anchor(last), snapshot)


def _happened(
    known: Remembered, states: Mapping[str, State], turns: Container[str]
) -> tuple[list[Event], set[str]]:
    """What people did since the last sweep, and the requests whose events have to wait.

    Args:
        known: what the last sweep saw.
        states: each request as it is.
        turns: the requests of which people decided who follows them; that is told apart.
    """
    unturned = {name: state for name, state in states.items() if name not in turns}
    events = [
        *(not_made(name, states[name]) for name in sorted(known.unmade & states.keys())),
        *compare(known.states, unturned, known.courses),
    ]
    count = len(_fitting(events[:MAX_EVENTS], lambda event: len(repr(event))))
    untold = {event.reference for event in events[count:]}
    return [event for event in events if event.reference not in untold], untold


def _decide(
    answered: Sequence[Completion],
    steady: Sequence[Candidate],
    turns: Mapping[str, Turn],
    others: Sequence[Candidate],
    references: set[str],
    context: CompletionContext,
) -> Iterator[Completion | Concern]:
    """Decide what rows get, one after another: whoever gets a request has more to do for the next.

    What people answered from mails comes first, then rows of which people decided who follows them,
    then those to complete.
    """
    for completion in answered:
        yield completion
        context = context.after(completion)
    for row in steady:
        if turn := turns.get(row.request.reference):
            decision = carry_out(turn, row, context)
            yield decision
            context = context.after(decision)
    yield from complete_all(others, references, context)


def _first(
    decided: Iterable[Completion | Concern], most: int
) -> tuple[list[Completion], list[Concern], bool]:
    """The first completions, the concerns that come before the next one, and whether there is one.

    The rest is not decided, because each decision may draw a reference.
    """
    completions: list[Completion] = []
    concerns: list[Concern] = []
    for decision in decided:
        if isinstance(decision, Concern):
            concerns.append(decision)
        elif len(completions) == most:
            return completions, concerns, True
        else:
            completions.append(decision)
    return completions, concerns, False


def _made(state: State, made: Completion) -> State:
    """The state of a request once the edit of its row is confirmed."""
    changes = made.edit.changes
    return replace(state, **{key: changes[key].after for key in WATCHED if key in changes})


def _reminders(row: Candidate, due: Mapping[str, date | None], lookup: Lookup) -> list[Notice]:
    referent = known_person(row.cells["referent"], lookup)
    handed_on = due[row.request.reference]
    return reminders(row, referent, handed_on) if referent and handed_on else []


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
