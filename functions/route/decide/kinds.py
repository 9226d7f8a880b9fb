"""The kinds of work of a sweep: whose rows each wants, and what it decides about them. Pure.

To add a kind, write its two functions here or in a module of its own, and add it to KINDS. What
needs no whole row is a function in WITHOUT_ROWS.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from functions.route.decide.alignment import misplaced_concern
from functions.route.decide.answering import first_of_each, gone, judge, resubscription
from functions.route.decide.completion import (
    Candidate,
    CompletionContext,
    complete,
    known_person,
    oldest_first,
    unfinished,
)
from functions.route.decide.decision import Decision, Step
from functions.route.decide.handover import (
    Turn,
    carry_out,
    is_due,
    left_behind,
    reminders,
    stale_orders,
)
from functions.route.decide.sight import Seen, Sight
from functions.route.decide.wishes import hear, unheard
from functions.shared.concerns import Concern
from functions.shared.journal.replies import Reply
from sheets_schema.tab import tab
from sheets_schema.wire import LONGEST

UNFINISHED = timedelta(days=1)  # a row that lacks something for longer is noted in À vérifier
MAX_REMINDERS = 500  # in a batch
MAX_ANSWERS = 50  # in a batch, about requests; and as many others


@dataclass(frozen=True)
class Kind:
    """One kind of work.

    `wanted` names the requests whose rows it wants, by reference, whether or not they lack
    something. `steps` gives one step for each decision, once these rows are read. A row that
    somebody moved meanwhile, or that is too long, is not among them.
    """

    wanted: Callable[[Sight], Collection[str]]
    steps: Callable[[Seen], Iterable[Step]]


def wanted(sight: Sight) -> set[str]:
    """The requests whose rows any kind of work wants, by reference."""
    return {reference for kind in KINDS for reference in kind.wanted(sight)}


def _questions(sight: Sight) -> dict[str, tuple[str, Reply]]:
    """The answers to decide about, by reference. What people decided in the sheet comes first."""
    return {
        reference: item
        for reference, item in first_of_each([*sight.answers.replies.items()]).items()
        if reference in sight.states
        and reference in sight.known.states
        and reference not in sight.turns
    }


def _answer_steps(seen: Seen) -> Iterator[Step]:
    questions = _questions(seen.sight)
    rows = seen.rows_of(questions)
    # An answer whose row cannot be read waits, and takes the place of no other.
    for row in rows[:MAX_ANSWERS]:
        name, reply = questions[row.request.reference]
        state = seen.sight.states[reply.reference]
        if reply.asked.lang:
            yield partial(hear, name, reply, state, row)
        else:
            yield partial(judge, name, reply, seen.sight.answers.left.get(name, ()), state, row)
    yield lambda _: Decision(more=len(rows) > MAX_ANSWERS)


def _due(sight: Sight) -> set[str]:
    """The requests of which to remind their referents; an answer that waits comes first."""
    questions = _questions(sight)
    return {
        reference
        for reference, course in sight.known.courses.items()
        if (state := sight.states.get(reference))
        and state == sight.known.states.get(reference)
        and reference not in questions
        and is_due(state, course, sight.lookup, sight.today)
    }


def _reminder_steps(seen: Seen) -> Iterator[Step]:
    due = _due(seen.sight)
    rows = seen.rows_of(due)[:MAX_REMINDERS]
    for row in rows:
        yield partial(_remind, seen.sight, row)
    if len(rows) < len(due):
        yield lambda _: Decision(more=True)


def _remind(sight: Sight, row: Candidate, _: CompletionContext) -> Decision:
    reference = row.request.reference
    course = sight.known.courses[reference]
    referent = known_person(row.cells["referent"], sight.lookup)
    notices = reminders(row, referent, course.handed_on) if referent and course.handed_on else []
    return Decision(notices=tuple(notices), courses={reference: replace(course, reminded=True)})


def _turn_steps(seen: Seen) -> Iterator[Step]:
    for row in seen.steady:
        if turn := seen.sight.turns.get(row.request.reference):
            yield partial(_turn, turn, row)


def _turn(turn: Turn, row: Candidate, context: CompletionContext) -> Decision:
    return Decision.about_row(carry_out(turn, row, context))


def _completion_steps(seen: Seen) -> Iterator[Step]:
    rows = [row for row in seen.steady if row.request.reference not in seen.choice.wanted]
    for row in oldest_first(rows):
        yield partial(_complete, row)


def _complete(row: Candidate, context: CompletionContext) -> Decision:
    return Decision.about_row(complete(row, context))


# In the order in which they decide. Once a batch is full, the rest waits for the next one.
KINDS = (
    Kind(_due, _reminder_steps),
    Kind(_questions, _answer_steps),
    Kind(lambda sight: sight.turns, _turn_steps),
    Kind(lambda _: (), _completion_steps),  # rows that lack something are read in any case
)


def _told(seen: Seen) -> Decision:
    """What people did in the sheet."""
    sight = seen.sight
    return Decision(events=sight.events, more=bool(sight.untold))


def _answers_without_rows(seen: Seen) -> Iterator[Decision]:
    """Answers about Monday's mail, and about requests whose rows were deleted."""
    replies = seen.sight.answers.replies
    others = [
        resubscription(name, reply, seen.sight.lookup)
        if not reply.reference
        else (unheard if reply.asked.lang else gone)(name, reply)
        for name, reply in replies.items()
        if reply.reference not in seen.sight.references
    ]
    yield from others[:MAX_ANSWERS]
    questions = _questions(seen.sight)
    yield Decision(more=len(others) > MAX_ANSWERS or len(replies) > len(questions) > 0)


def _unsound_rows(seen: Seen) -> Iterator[Concern]:
    """What to say of rows that are not completed."""
    yield from map(misplaced_concern, sorted(seen.misplaced))
    yield from map(_too_long, seen.overlong)
    for row in seen.rows:
        if row.missing and not row.misplaced and seen.is_unchanged(row, UNFINISHED):
            yield unfinished(row)


def _unsound_requests(seen: Seen) -> Iterator[Concern]:
    """What to say of requests that somebody has to decide about."""
    sight = seen.sight
    yield from stale_orders(sight.known.states, sight.states)
    yield from left_behind(sight.states.values(), sight.lookup, sight.today)


def _too_long(row: int) -> Concern:
    return Concern(
        f"{tab('requests').title}!{row + 1}:{row + 1}",
        f"Un texte de cette ligne a plus de {LONGEST} caractères : elle n'est pas complétée.",
        "Raccourcissez ce texte : la ligne recevra alors sa référence et son référent.",
    )


WITHOUT_ROWS: tuple[Callable[[Seen], Iterable[Decision]], ...] = (
    lambda seen: [_told(seen)],
    _answers_without_rows,
    lambda seen: [Decision(concerns=tuple(_unsound_rows(seen)))],
    lambda seen: [Decision(concerns=tuple(_unsound_requests(seen)))],
)
