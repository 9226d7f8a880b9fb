"""The history of each request: what happened to it, and what people did in the sheet. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from functions.shared.journal.formats import State
from functions.shared.reference import in_cell
from sheets_schema.columns import Cell, as_text
from sheets_schema.errors import CellError
from sheets_schema.tab import cell_at, tab

# The columns that a sweep reads of each row to learn what people did. They make a State.
WATCHED = ("status", "referent", "last_contact_on")
BY_HAND = "Changé dans le classeur"
# The event that a status causes. Any other status causes a `status_changed`.
STATUS_EVENTS = {"settled": "settled", "closed": "closed", "junk": "closed"}

# The events by which a request gets a referent, whose name comes after.
REFERENT_EVENTS = ("assigned", "handed_over")


@dataclass(frozen=True)
class Event:
    """One line of Suivi: what happened to a request; `referent` is who follows it then."""

    reference: str
    kind: str
    before: str = ""
    after: str = ""
    referent: str = ""
    why: str = ""


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
            texts = {
                key: as_text(cell_at(row, positions.get(key)))[:_REMEMBERED] for key in WATCHED
            }
            states[reference] = State(**texts)
    return {name: state for name, state in states.items() if seen[name] == 1}


def compare(before: Mapping[str, State], now: Mapping[str, State]) -> list[Event]:
    """What people did between two looks at Demandes.

    A request that only one of the two looks shows causes no event.
    """
    return [
        event
        for reference, state in now.items()
        if reference in before and state != before[reference]
        for event in _changes(reference, before[reference], state)
    ]


def _changes(reference: str, before: State, now: State) -> Iterator[Event]:
    if now.referent != before.referent:
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
        kind = STATUS_EVENTS.get(_status(now.status), "status_changed")
        yield Event(reference, kind, before.status, now.status, now.referent, BY_HAND)


def _status(text: str) -> str:
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
