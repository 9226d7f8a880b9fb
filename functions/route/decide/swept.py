"""What a sweep decides, all in all, and what it remembers. Pure."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from functions.route.decide.applicants import Heard
from functions.route.decide.completion import Completion, CompletionContext
from functions.route.decide.decision import Decision, Step
from functions.route.decide.history import MOST_BATCHES, WATCHED, Event, advance, read_state
from functions.route.decide.kinds import KINDS, WITHOUT_ROWS
from functions.route.decide.load import NO_LOAD, Load
from functions.route.decide.notices import Notice
from functions.route.decide.sight import MAX_TEXT, Seen
from functions.route.decide.stages import reached
from functions.shared.concerns import Concern
from functions.shared.journal.formats import Course, Dealt, Reached, Standing, State, WaitingMail
from sheets_schema.columns import as_text

MAX_COMPLETIONS = 500  # in a batch


@dataclass(frozen=True)
class Swept:
    """What a sweep found to do.

    `concerns` are said at every sweep until they are put right, and `said` are said once. `states`
    holds the state of each request; it is None where the sweep did not look at the rows. `courses`
    is what to remember of requests beside. `edited` holds the requests whose rows the completions
    edit, as they stand afterwards. `load` says how busy the referents are once the completions are
    written. `answers` are those from mails that the batch deals with, `letters` new links to an
    applicant's page, and `reached` the requests that have come further. `renew` says that the last
    snapshot does not know all of these states. `more` says that another batch has to follow.
    `waiting` says that some row lacks something, even if a person has to fill it in, or that an
    applicant is to hear from us soon. `heard` is what applicants get. `misplaced` says that some
    row of ours stands under other columns.
    """

    completions: Sequence[Completion] = ()
    concerns: Sequence[Concern] = ()
    events: Sequence[Event] = ()
    notices: Sequence[Notice] = ()
    said: Sequence[Concern] = ()
    answers: Sequence[Dealt] = ()
    letters: Sequence[WaitingMail] = ()
    reached: Sequence[Reached] = ()
    states: Mapping[str, State] | None = None
    courses: Mapping[str, Course] = field(default_factory=dict)
    edited: Mapping[str, Standing] = field(default_factory=dict)
    load: Load = NO_LOAD
    renew: bool = False
    more: bool = False
    waiting: bool = False
    heard: Heard = field(default_factory=Heard)
    misplaced: bool = False


NOT_SWEPT = Swept()


def decide(seen: Seen, draw: Callable[[], str]) -> Swept:
    """Decide what rows get, and what to say and remember of what people changed.

    Args:
        seen: what the sweep sees.
        draw: gives a reference; one that is in Demandes already is drawn again.
    """
    sight = seen.sight
    context = CompletionContext(
        sight.lookup,
        sight.now,
        _unique(draw, seen.choice.references),
        Load.from_states(sight.states.values(), sight.known.latest),
        sight.known.courses,
    )
    steps = (step for kind in KINDS for step in kind.steps(seen))
    taken, context, is_full = _take(steps, seen, context)
    decisions = [*(decision for work in WITHOUT_ROWS for decision in work(seen)), *taken]
    completions = [made for decision in taken if (made := decision.completion)]
    events = [event for decision in decisions for event in decision.events]
    edited = _edited(seen, completions)
    return Swept(
        completions,
        [concern for decision in decisions for concern in decision.concerns],
        events,
        [notice for decision in decisions for notice in decision.notices],
        [concern for decision in decisions for concern in decision.said],
        [decision.dealt for decision in decisions if decision.dealt],
        [letter for decision in decisions for letter in decision.letters],
        [*reached([*(event.reference for event in events), *edited], sight, edited)],
        {**sight.states, **{name: sight.known.states[name] for name in _unsettled(seen)}},
        _courses(seen, decisions),
        edited,
        context.load,
        renew=_is_outdated(seen),
        more=is_full or any(decision.more for decision in decisions),
        waiting=bool(seen.choice.sightings or seen.misplaced or sight.answers.replies),
        misplaced=bool(seen.misplaced),
    )


def _unique(draw: Callable[[], str], references: Collection[str]) -> Callable[[], str]:
    """Draws references none of which is given twice."""
    taken = set(references)

    def draw_another() -> str:
        while (drawn := draw()) in taken:
            continue
        taken.add(drawn)
        return drawn

    return draw_another


def decide_in_turn(
    steps: Iterable[Step], context: CompletionContext
) -> Iterator[tuple[Decision, CompletionContext]]:
    """Each decision, and the context of the next one."""
    for step in steps:
        decision = step(context)
        context = context.after(decision.completion)
        yield decision, context


def _take(
    steps: Iterable[Step], seen: Seen, context: CompletionContext
) -> tuple[list[Decision], CompletionContext, bool]:
    """The first decisions, as many as a batch takes.

    The rest is not decided, because each decision may draw a reference.

    Returns:
        These decisions, the context after them, and whether others have to wait.
    """
    taken: list[Decision] = []
    rows = length = 0
    for decision, after in decide_in_turn(steps, context):
        if decision.completion:
            rows += 1
            length += sum(len(as_text(cell)) for cell in seen.lines[decision.completion.edit.row])
            if rows > MAX_COMPLETIONS or (length > MAX_TEXT and rows > 1):
                return taken, context, True
        taken.append(decision)
        context = after
    return taken, context, False


def _unsettled(seen: Seen) -> set[str]:
    """The requests that stay as the last sweep knew them, so that the next one compares them anew.

    Their events have to wait, or people decided who follows them and their rows are not changed
    accordingly yet, or their rows cannot be compared: they are misplaced, or there are two.
    """
    sight = seen.sight
    there = {*seen.choice.references, *seen.misplaced}
    return {*sight.untold, *sight.turns, *(sight.known.states.keys() & there - sight.states.keys())}


def _courses(seen: Seen, decisions: Sequence[Decision]) -> dict[str, Course]:
    """What to remember of requests whose rows do not change."""
    states, known = seen.sight.states, seen.sight.known
    unsettled = _unsettled(seen)
    courses = {
        name: course
        if name in unsettled or name not in states
        else advance(course, known.states.get(name, states[name]), states[name])
        for name, course in known.courses.items()
        if name in seen.choice.references or name in seen.misplaced
    }
    for decision in decisions:
        courses |= decision.courses
    return courses


def _edited(seen: Seen, completions: Sequence[Completion]) -> dict[str, Standing]:
    """The requests whose rows change, as they stand afterwards.

    A row that gets its reference now is known from now on, like any other.
    """
    return {
        made.edit.reference: Standing(
            _made(read_state(seen.lines[made.edit.row], seen.sight.positions), made), made.course
        )
        for made in completions
        if made.edit.reference in seen.sight.states or "reference" in made.edit.changes
    }


def _made(state: State, made: Completion) -> State:
    """The state of a request once the edit of its row is confirmed."""
    changes = made.edit.changes
    return replace(state, **{key: changes[key].after for key in WATCHED if key in changes})


def _is_outdated(seen: Seen) -> bool:
    """Whether a new snapshot is due even if no batch is written."""
    sight = seen.sight
    return (
        sight.last is None
        or bool(sight.last.unmade)
        or sight.last.batches > MOST_BATCHES
        or not sight.states.keys() <= sight.last.states.keys()
    )
