"""The history of each request: what happened to it, and what people did in the sheet. Pure."""

import functools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from functions.route.decide.load import Load
from functions.shared.journal.formats import NO_COURSE, Applicant, Course, State
from functions.shared.reference import in_cell
from sheets_schema.columns import Cell, as_text
from sheets_schema.errors import CellError
from sheets_schema.tab import cell_at, tab
from sheets_schema.text import normalise

# The columns that a sweep reads of each row to learn what people did. They make a State.
WATCHED = ("status", "referent", "last_contact_on")
BY_HAND = "Changé dans le classeur"
NOT_MADE = "La ligne changeait à cet instant : le système n'y a rien écrit"
# The event that a status causes. Any other status causes a `status_changed`.
STATUS_EVENTS = {"settled": "settled", "closed": "closed", "junk": "closed"}

MOST_BATCHES = 20  # after so many batches that add rows, a sweep keeps a new snapshot
ORDER = "to_reroute"  # the status by which a referent hands a request back


@dataclass(frozen=True)
class Event:
    """One line of Suivi: what happened to a request; `referent` is who follows it then."""

    reference: str
    kind: str
    before: str = ""
    after: str = ""
    referent: str = ""
    why: str = ""


@dataclass(frozen=True)
class Remembered:
    """The state of requests, by reference, when a sweep last looked.

    `batches` says how many batches were written since. `latest` says when each referent last got
    a request, these batches included. `courses` holds what is remembered of requests beside their
    states. `unmade` names requests whose row edit that sweep decided, and that was not confirmed:
    somebody changed or moved the row at that very moment. `applicants` holds whoever wrote by the
    form and may hear from us.
    """

    states: Mapping[str, State]
    batches: int
    latest: Mapping[str, datetime] = field(default_factory=dict)
    courses: Mapping[str, Course] = field(default_factory=dict)
    unmade: frozenset[str] = frozenset()
    applicants: Mapping[str, Applicant] = field(default_factory=dict)

    @property
    def load(self) -> Load:
        """How busy the referents are."""
        return Load.from_states(self.states.values(), self.latest)


_REMEMBERED = 200  # characters of a cell; a snapshot holds three cells of every request


def read_states(grid: Sequence[Sequence[Cell]], positions: Mapping[str, int]) -> dict[str, State]:
    """The state of each request, by reference. A reference that stands in two rows is left out.

    Args:
        grid: the cells of Demandes, header first.
        positions: where its columns stand.
    """
    states: dict[str, State] = {}
    seen: Counter[str] = Counter()
    for row in grid[1:]:
        if reference := in_cell(as_text(cell_at(row, positions["reference"]))):
            seen[reference] += 1
            states[reference] = read_state(row, positions)
    return {name: state for name, state in states.items() if seen[name] == 1}


def read_state(row: Sequence[Cell], positions: Mapping[str, int]) -> State:
    """The state of the request in a row; see `read_states`."""
    return State(
        **{key: as_text(cell_at(row, positions.get(key)))[:_REMEMBERED] for key in WATCHED}
    )


def references_in(grid: Sequence[Sequence[Cell]], positions: Mapping[str, int]) -> set[str]:
    """All references in Référence; see `read_states`."""
    place = positions["reference"]
    return {name for row in grid[1:] if (name := in_cell(as_text(cell_at(row, place))))}


def compare(
    before: Mapping[str, State], now: Mapping[str, State], courses: Mapping[str, Course]
) -> list[Event]:
    """What people did between two looks at Demandes.

    A request that only one of the two looks shows causes no event.

    Args:
        before: each request as the first look showed it, by reference.
        now: each request as the second look shows it.
        courses: what was remembered of requests at the first look.
    """
    return [
        event
        for reference, state in now.items()
        if reference in before and state != before[reference]
        for event in _events(reference, before[reference], state, courses.get(reference, NO_COURSE))
    ]


def _events(reference: str, before: State, now: State, course: Course) -> Iterator[Event]:
    if _is_taken_up(before, now, course):
        yield Event(reference, "taken_up", "", now.referent, now.referent, BY_HAND)
    yield from changes(reference, before, now)


def advance(course: Course, before: State, now: State) -> Course:
    """What is remembered of a request after people changed its state."""
    if _is_taken_up(before, now, course) or not now.referent:
        return replace(course, handed_on=None, reminded=False)
    return course


def _is_taken_up(before: State, now: State, course: Course) -> bool:
    """Whether the new referent takes a request up: by another status or date of last contact."""
    return (
        course.handed_on is not None
        and normalise(before.referent) == normalise(now.referent)
        and (before.status, before.last_contact_on) != (now.status, now.last_contact_on)
    )


def changes(reference: str, before: State, now: State) -> Iterator[Event]:
    """What people did with one request between two looks; another spelling is no other referent."""
    if normalise(now.referent) != normalise(before.referent):
        if not now.referent:
            kind = "handed_back"
        else:
            kind = "handed_over" if before.referent else "assigned"
        yield Event(reference, kind, before.referent, now.referent, now.referent, BY_HAND)
    if now.last_contact_on and not before.last_contact_on:
        yield Event(
            reference, "first_contact", "", _day(now.last_contact_on), now.referent, BY_HAND
        )
    if now.status != before.status:
        kind = STATUS_EVENTS.get(status_of(now.status), "status_changed")
        yield Event(reference, kind, before.status, now.status, now.referent, BY_HAND)


def not_made(reference: str, now: State) -> Event:
    """The line of Suivi that takes back an edit which was told and could not be made."""
    return Event(reference, "corrected", "", now.referent, now.referent, NOT_MADE)


@functools.lru_cache(maxsize=1_000)
def status_of(text: str) -> str:
    """The status that a cell of Statut names; "" if it is blank or cannot be read."""
    try:
        return str(tab("requests")["status"].type.parse(text)) if text else ""
    except CellError:
        return ""


def _day(text: str) -> str:
    """A date as people read it. A State keeps the number that the sheet holds for it."""
    try:
        day = tab("requests")["last_contact_on"].type.parse(float(text.replace(",", ".")))
    except (CellError, ValueError):
        return text
    return f"{day:%d/%m/%Y}"
