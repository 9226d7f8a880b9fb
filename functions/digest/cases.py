"""The requests as the digests see them: a row of Demandes and its history in Suivi. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from functions.digest.columns import FAULTY, cells_of, days_of, texts_of, values_of
from functions.digest.history import NO_HISTORY, HandOver, History, is_same
from functions.shared.reference import in_cell
from sheets_schema.columns import Cell, as_text
from sheets_schema.place import PLACE
from sheets_schema.schema import CLOSED_STATUSES, TEST_SOURCE, UNCONTACTED, vocabulary
from sheets_schema.tab import Grid, cell_at
from sheets_schema.territory import ANYWHERE, UNKNOWN, Target, Territories

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
_REFERENCE = re.compile(
    f"{re.escape(PLACE.prefix)}-[0-9A-HJKMNP-TV-Z]{{4}}-[0-9A-HJKMNP-TV-Z]{{4}}"
)


class Case(NamedTuple):
    """A request; None and "" stand for what is not known.

    `row` is the number of its row, and `cells` are its other cells, by column. `epcis` has the
    SIREN of each intercommunalité that it is about, and `territories` their names, or words for
    none. `received_on`, `assigned_on` and `settled_on` are what the row says, or else its history.
    `faults` names the columns whose cells cannot be read.
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
    faults: tuple[str, ...]
    history: History
    cells: Mapping[str, Cell]

    def text(self, column: str) -> str:
        """One of the cells that people write freely; "" if the workbook lacks the column."""
        return as_text(self.cells.get(column))

    @property
    def title(self) -> str:
        """Its reference and its person, or the number of its row."""
        person = " ".join(filter(None, (self.text("first_name"), self.text("last_name"))))
        return " – ".join(filter(None, (self.reference, person))) or f"Ligne {self.row}"

    @property
    def is_closed(self) -> bool:
        """Whether it needs nothing more, by its status."""
        return self.status in CLOSED_STATUSES

    @property
    def is_uncontacted(self) -> bool:
        """Whether nobody has spoken with the person yet, as far as that can be read."""
        return (
            self.contacted_on is None
            and (self.status is None or self.status in UNCONTACTED)
            and not ("status" in self.faults or "last_contact_on" in self.faults)
        )

    @property
    def hand_over(self) -> HandOver | None:
        """The hand-over by which its referent got it, if she has not taken it up."""
        given = self.history.hand_over
        if given is None or not self.referent or not is_same(given.taker, self.referent):
            return None
        called = self.contacted_on is not None and self.contacted_on >= given.on
        return None if called else given

    @property
    def since(self) -> date | None:
        """Since when it waits for its referent."""
        return self.assigned_on or self.received_on


class _Where(NamedTuple):
    epcis: tuple[str, ...]
    names: tuple[str, ...]


class _Line(Mapping[str, Cell]):
    """Some cells of a line by column, looked up when they are asked for."""

    __slots__ = ("_line", "_positions")

    def __init__(self, line: Sequence[Cell], positions: Mapping[str, int]) -> None:
        self._line, self._positions = line, positions

    def __getitem__(self, key: str) -> Cell:
        return cell_at(self._line, self._positions[key])

    def get(self, key: str, default: Cell = None) -> Cell:  # type: ignore[override]
        """The cell in a column; None without such a column. The mixin's own is much slower."""
        place, line = self._positions.get(key), self._line
        return line[place] if place is not None and place < len(line) else default

    def __iter__(self) -> Iterator[str]:
        return iter(self._positions)

    def __len__(self) -> int:
        return len(self._positions)


def read_cases(
    grid: Grid,
    positions: Mapping[str, int],
    histories: Mapping[str, History],
    official: Territories,
) -> list[Case]:
    """The requests of Demandes. Trials do not count, and neither does a row with a title only.

    Args:
        grid: the cells of Demandes, header first.
        positions: where its columns stand; a column may be missing.
        histories: the history of each request by its reference.
        official: communes and intercommunalités.
    """
    cells = {key: cells_of(grid, positions.get(key)) for key in REQUEST_COLUMNS}
    values = {key: days_of("requests", key, cells[key]) for key in _DATES} | {
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
    faults = _take_faults(values)
    nowhere = _where(Target(), official)
    columns = (
        cells["reference"],
        *(texts_of(cells[key]) for key in ("source", "referent")),
        *(values[key] for key in ("status", "project", "target", *_DATES, "settled_people")),
    )
    cases = []
    for at, row in enumerate(zip(*columns, strict=True)):
        code, source, referent, status, project, target, *days, people = row
        line = grid[at + 1]
        if source == TEST_SOURCE or not any(line):
            continue
        reference = _reference(code)
        if not reference and not _says_something(line, positions):
            continue
        received, assigned, contacted, remind, settled = days
        history = histories.get(reference, NO_HISTORY)
        faulty = faults.get(at, ())
        where = target or nowhere
        cases.append(
            Case(
                at + 2,
                reference,
                status,
                referent,
                project or ("Projet à corriger" if "project" in faulty else "Projet non précisé"),
                where.epcis,
                ("Territoire à corriger",) if "target" in faulty else where.names,
                received or history.first_on,
                _assigned(assigned, referent, history),
                contacted,
                remind,
                settled or history.settled_on,
                people,
                faulty,
                history,
                _Line(line, positions),
            )
        )
    return cases


def _take_faults(values: Mapping[str, list[Any]]) -> dict[int, tuple[str, ...]]:
    """The columns that cannot be read, by the 0-based number of the line; they become None."""
    faults: dict[int, tuple[str, ...]] = {}
    for key in (*_CHECKED, "remind_on", "settled_on", "settled_people"):
        column = values[key]
        if FAULTY in column:
            for at, value in enumerate(column):
                if value is FAULTY:
                    column[at] = None
                    faults[at] = (*faults.get(at, ()), key)
    return faults


def _says_something(line: Sequence[Cell], positions: Mapping[str, int]) -> bool:
    return any(
        as_text(cell_at(line, positions.get(key))) for key in REQUEST_COLUMNS if key != "reference"
    )


def _reference(cell: Cell) -> str:
    """The reference in a cell; nearly all are as the system wrote them, which a look confirms."""
    if type(cell) is str and _REFERENCE.fullmatch(cell):
        return cell
    return in_cell(as_text(cell))


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
