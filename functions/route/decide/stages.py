"""How far requests have come, for the pages that their applicants open. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from functions.route.decide.completion import known_person
from functions.route.decide.history import status_of
from functions.route.decide.lookup import Lookup
from functions.route.decide.sight import Sight
from functions.shared.journal.formats import Reached, Standing, State
from functions.shared.journal.replies import Stage, step_of
from sheets_schema.text import normalise


def reached(
    names: Iterable[str], sight: Sight, edited: Mapping[str, Standing]
) -> Iterator[Reached]:
    """The requests that have come further, or to somebody else, if their applicants get mails.

    A row that the batch edits is told as the edit leaves it if that is confirmed, and otherwise as
    the sweep saw it: the first that counts is kept.

    Args:
        names: the references of requests of which something changed.
        sight: what the sweep sees, and what the last one saw.
        edited: how requests stand once the edits of their rows are confirmed.
    """
    before, now = sight.known.states, sight.states
    for name in dict.fromkeys(names):
        if name in before and name in sight.known.applicants:
            if name in edited and _differ(before[name], edited[name].state):
                stage = _stage(edited[name].state, sight.lookup, sight.now)
                yield Reached(name, stage, if_confirmed=name)
            if name in now and _differ(before[name], now[name]):
                yield Reached(name, _stage(now[name], sight.lookup, sight.now))


def _differ(state: State, other: State) -> bool:
    return _shown(state) != _shown(other)


def _shown(state: State) -> tuple[str, str]:
    return step_of(status_of(state.status), state.referent), normalise(state.referent)


def _stage(state: State, lookup: Lookup, at: datetime) -> Stage:
    person = known_person(state.referent, lookup)
    step = step_of(status_of(state.status), state.referent)
    if not person:
        return Stage(step, state.referent, "", "", at)
    return Stage(step, person.name, person.organisation, person.phone, at)
