"""The requests as the digests see them: a row of Demandes and its history in Suivi. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from functions.digest.columns import Columns, Values, columns_of, days_of, each, values_of
from functions.digest.history import NO_HISTORY, HandOver, History, is_same, spelled
from functions.shared.reference import in_cell
from sheets_schema.columns import Cell, as_text
from sheets_schema.place import PLACE
from sheets_schema.schema import CLOSED_STATUSES, TEST_SOURCE, UNCONTACTED, vocabulary
from sheets_schema.territory import ANYWHERE, UNKNOWN, Target, Territories
from sheets_schema.wire import TabCells

# Without one of these columns nothing can be said of the requests.
NEEDED_COLUMNS = (
    "reference",
    "status",
    "referent",
    "received_at",
    "assigned_at",
    "last_contact_on",
    "project",
    "target",
    "source",
)
REQUEST_COLUMNS = (
    *NEEDED_COLUMNS,
    "last_name",
    "first_name",
    "phone",
    "email",
    "next_action",
    "remind_on",
    "settled_on",
    "settled_commune",
    "settled_people",
    "assignment_reason",
)
_CHECKED = ("status", "project", "target", "received_at", "assigned_at", "last_contact_on")
_DATES = ("received_at", "assigned_at", "last_contact_on", "remind_on", "settled_on")
NO_RULE = "Aucune règle"  # how Pourquoi ce référent begins if no rule covers a request
_DIGITS = 9  # of a phone number, without what stands for the country
_FIRST = 2  # the number of the first row below the header
_REFERENCE = re.compile(
    f"{re.escape(PLACE.prefix)}-[0-9A-HJKMNP-TV-Z]{{4}}-[0-9A-HJKMNP-TV-Z]{{4}}"
)


class Case(NamedTuple):
    """A request; None and "" stand for what is not known.

    `row` is the number of its row, and `columns` are the cells of all rows. `epcis` has the SIREN
    of each intercommunalité that it is about, and `territories` their names, or words for none.
    `received_on`, `assigned_on` and `settled_on` are what the row says, or else its history.
    `since` says since when it waits for its referent. `faults` names the columns whose cells cannot
    be read. It `is_closed` if it needs nothing more, by its status, and `is_uncontacted` if nobody
    has spoken with the person yet, as far as that can be read. No rule covers it if it `is_gap`.
    `contacts` are its address and its phone number, to be compared with those of others.
    """

    row: int
    reference: str
    status: str | None
    referent: str
    project: str
    epcis: tuple[str, ...]
    territories: tuple[str, ...]
    received_on: date | None
    assigned_on: date | None
    contacted_on: date | None
    remind_on: date | None
    settled_on: date | None
    settled_people: int | None
    since: date | None
    faults: tuple[str, ...]
    is_closed: bool
    is_uncontacted: bool
    is_gap: bool
    contacts: tuple[str, str]
    history: History
    columns: Columns

    def text(self, column: str) -> str:
        """One of the cells that people write freely; "" if the workbook lacks the column."""
        return as_text(self.columns[column][self.row - _FIRST])

    @property
    def title(self) -> str:
        """Its reference and its person, or the number of its row."""
        person = " ".join(filter(None, (self.text("first_name"), self.text("last_name"))))
        return " – ".join(filter(None, (self.reference, person))) or f"Ligne {self.row}"

    @property
    def hand_over(self) -> HandOver | None:
        """The hand-over by which its referent got it, if she has not taken it up."""
        given = self.history.hand_over
        if given is None or not self.referent or not is_same(given.taker, self.referent):
            return None
        called = self.contacted_on is not None and self.contacted_on >= given.on
        return None if called else given


class _Where(NamedTuple):
    epcis: tuple[str, ...]
    names: tuple[str, ...]


def read_cases(
    requests: TabCells,
    positions: Mapping[str, int],
    histories: Mapping[str, History],
    official: Territories,
) -> list[Case]:
    """The requests of Demandes. Trials do not count, and neither does a row with a title only.

    Args:
        requests: what was read of Demandes.
        positions: where its columns stand; a column may be missing.
        histories: the history of each request by its reference.
        official: communes and intercommunalités.
    """
    cells = columns_of(requests, positions, REQUEST_COLUMNS)
    read = {key: days_of("requests", key, cells[key]) for key in _DATES} | {
        "status": values_of("requests", "status", cells["status"]),
        "project": values_of("requests", "project", cells["project"], vocabulary("project").get),
        "target": values_of(
            "requests",
            "target",
            cells["target"],
            lambda text: _where(official.parse(text), official),
        ),
        "settled_people": values_of("requests", "settled_people", cells["settled_people"]),
    }
    faults = _by_row(read)
    nowhere = _where(Target(), official)
    columns = (
        cells["reference"],
        *(each(cells[key], as_text) for key in ("source", "referent")),
        *(read[key].values for key in ("status", "project", "target", *_DATES, "settled_people")),
        each(cells["assignment_reason"], lambda cell: as_text(cell).startswith(NO_RULE)),
        zip(each(cells["email"], _email), each(cells["phone"], _phone), strict=True),
    )
    cases = []
    for at, row in enumerate(zip(*columns, strict=True)):
        code, source, referent, status, project, target, *days, people, is_gap, contacts = row
        reference = _reference(code)
        if source == TEST_SOURCE or not (reference or _says_something(cells, at)):
            continue
        received, assigned, contacted, remind, settled = days
        history = histories.get(reference, NO_HISTORY)
        faulty = faults.get(at, ())
        where = target or nowhere
        received = received or history.first_on
        assigned = _assigned(assigned, referent, history)
        cases.append(
            Case(
                at + _FIRST,
                reference,
                status,
                referent,
                project or ("Projet à corriger" if "project" in faulty else "Projet non précisé"),
                where.epcis,
                ("Territoire à corriger",) if "target" in faulty else where.names,
                received,
                assigned,
                contacted,
                remind,
                settled or history.settled_on,
                people,
                assigned or received,
                faulty,
                status in CLOSED_STATUSES,
                contacted is None
                and (status is None or status in UNCONTACTED)
                and not ("status" in faulty or "last_contact_on" in faulty),
                is_gap,
                contacts,
                history,
                cells,
            )
        )
    return cases


def _by_row(read: Mapping[str, Values]) -> dict[int, tuple[str, ...]]:
    """The columns that cannot be read, by the 0-based number of the row."""
    faults: dict[int, tuple[str, ...]] = {}
    for key in (*_CHECKED, "remind_on", "settled_on", "settled_people"):
        for at in read[key].faulty:
            faults[at] = (*faults.get(at, ()), key)
    return faults


def _says_something(cells: Columns, at: int) -> bool:
    return any(as_text(column[at]) for key, column in cells.items() if key != "reference")


def _reference(cell: Cell) -> str:
    """The reference in a cell; nearly all are as the system wrote them, which a look confirms."""
    if type(cell) is str and _REFERENCE.fullmatch(cell):
        return cell
    return in_cell(as_text(cell))


def _email(cell: Cell) -> str:
    """An address to be compared with others; "" if the cell holds none."""
    return cell.strip().casefold() if isinstance(cell, str) and "@" in cell else ""


def _phone(cell: Cell) -> str:
    """The last digits of a number, to be compared with others; "" if the cell holds none."""
    digits = cell.replace(" ", "") if isinstance(cell, str) else as_text(cell)
    if not digits.isdigit():
        digits = "".join(filter(str.isdigit, digits))
    return digits[-_DIGITS:] if len(digits) >= _DIGITS else ""


def _assigned(assigned: date | None, referent: str, history: History) -> date | None:
    """When its referent got a request: by the row, or by Suivi if that is later, or alone says it.

    What Suivi says of somebody else does not count beside the row.
    """
    given = history.given_on
    if given is None or (assigned and given <= assigned):
        return assigned
    return given if assigned is None or is_same(history.given_to, referent) else assigned


def _where(target: Target, official: Territories) -> _Where:
    epcis = official.epcis_of(target)
    names = tuple(official.epcis[code].name for code in epcis)
    return _Where(epcis, names or (ANYWHERE if target.anywhere else UNKNOWN,))


def within(cases: Iterable[Case], scoped: Sequence[str]) -> list[Case]:
    """The cases of a perimeter: those that touch it, and those that name no territory.

    Args:
        cases: requests.
        scoped: the SIREN of the perimeter's intercommunalités; none for everywhere.
    """
    wanted = frozenset(scoped)
    return [
        case for case in cases if not wanted or not case.epcis or not wanted.isdisjoint(case.epcis)
    ]


def by_referent(cases: Iterable[Case]) -> dict[str, list[Case]]:
    """Those of the requests that have a referent, by the normalised name."""
    theirs: dict[str, list[Case]] = {}
    for case in cases:
        if case.referent:
            theirs.setdefault(spelled(case.referent), []).append(case)
    return theirs
