"""Completion of rows that are in the sheet already: what is missing, and how it is written. Pure.

A row typed by hand gets its reference, its referent and the reason; a row whose referent was
cleared gets one again; of two rows with one reference, the lower one gets another. A row cannot be
addressed by its position, since people sort and delete between our read and our write. So a batch
copies each row into the system tab and puts tokens into the cells to fill; then, if the copy is the
row that was meant, each token is replaced by its value, else by what was there. Replacing finds a
token wherever its row is by then, and nothing where a person has typed over it.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from functions.route.assignment import Assignment, Project, assign
from functions.route.lookup import Lookup
from functions.route.rows import Concern
from functions.shared.french import MONTHS
from sheets_schema.columns import Cell, as_text
from sheets_schema.errors import CellError
from sheets_schema.tab import find_columns, match_header, tab
from sheets_schema.territory import Target, Territories
from sheets_schema.wire import Json, typed_cell

# What a sweep reads of Demandes.
COLUMNS = (
    "reference",
    "last_name",
    "first_name",
    "status",
    "referent",
    "assignment_reason",
    "project",
    "sector",
    "target",
    "phone",
    "email",
    "other_referents",
    "organisation",
)
CHOSEN = "Choisi par un partenaire"
OVER = ("settled", "closed", "junk")
_IMAGES = 2  # the row of the system tab, 0-based, where the copies begin: the header's comes first


@dataclass(frozen=True)
class Candidate:
    """A row with something to complete, as it was read.

    `row` is its 0-based index then; `missing` what a person still has to fill in, by title;
    `copied` whether its reference stands above it too.
    """

    row: int
    cells: Mapping[str, str]
    missing: tuple[str, ...] = ()
    copied: bool = False

    @property
    def print(self) -> str:
        """A hash of what was read: the same as long as nobody changes it, wherever it is."""
        return fingerprint(self.cells)


@dataclass(frozen=True)
class Filling:
    """One cell to fill: its column, the token that holds its place, and its value."""

    key: str
    column: int
    token: str
    value: str


@dataclass(frozen=True)
class Completion:
    """What one row gets. `expected` is the hash of the row that is meant."""

    reference: str
    row: int
    expected: str
    fillings: tuple[Filling, ...]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Completion":
        """Read back what `dataclasses.asdict` made."""
        fillings = tuple(Filling(**one) for one in data["fillings"])
        return cls(data["reference"], data["row"], data["expected"], fillings)


def fingerprint(cells: Mapping[str, str]) -> str:
    """A hash of a row's cells, of those in COLUMNS."""
    text = json.dumps([cells[key] for key in COLUMNS], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def find_candidates(
    grid: Sequence[Sequence[Cell]], official: Territories
) -> tuple[list[Candidate], set[str]]:
    """The rows of Demandes to complete, from the top, and all references that stand there.

    Raises:
        HeaderError: Demandes lacks a column, or has one twice.
    """
    columns = match_header(tab("requests"), grid[0] if grid else [])
    found: list[Candidate] = []
    references: Counter[str] = Counter()
    for row, line in enumerate(grid[1:], start=1):
        cells = _cells(line, columns)
        reference = cells["reference"]
        references[reference] += bool(reference)
        if references[reference] > 1:
            found.append(Candidate(row, cells, copied=True))
        elif not reference and cells["last_name"]:
            found.append(Candidate(row, cells, tuple(_missing(cells, official))))
        elif reference and not cells["referent"] and _status(cells) not in OVER:
            found.append(Candidate(row, cells))
    return found, set(references)


def _cells(line: Sequence[Cell], columns: Mapping[str, int]) -> dict[str, str]:
    return {key: as_text(line[columns[key]]) if columns[key] < len(line) else "" for key in COLUMNS}


def _missing(cells: Mapping[str, str], official: Territories) -> Iterator[str]:
    """What a row typed by hand lacks: what the form asks for, or somebody who follows it."""
    if cells["referent"]:
        return
    columns = tab("requests")
    if not (cells["email"] or cells["phone"]):
        yield f"{columns['phone'].title} ou {columns['email'].title}"
    if _project(cells) is None:
        yield columns["project"].title
    if _target(cells, official) is None:
        yield columns["target"].title


def _status(cells: Mapping[str, str]) -> str | None:
    return _choice(cells, "status")


def _project(cells: Mapping[str, str]) -> Project | None:
    kind = _choice(cells, "project")
    return Project(kind, _choice(cells, "sector")) if kind else None


def _choice(cells: Mapping[str, str], key: str) -> str | None:
    if not cells[key]:
        return None
    try:
        chosen: str = tab("requests")[key].type.parse(cells[key])
    except CellError:
        return None
    return chosen


def _target(cells: Mapping[str, str], official: Territories) -> Target | None:
    if not cells["target"]:
        return None
    try:
        return official.parse(cells["target"])
    except CellError:
        return None


@dataclass(frozen=True)
class Completed:
    """What was decided for a row: the completion, who follows it from now on, and what to note."""

    completion: Completion
    assignment: Assignment
    concerns: tuple[Concern, ...] = ()


@dataclass(frozen=True)
class Office:
    """What completing a row needs to know: the tables, the day, and where things stand.

    `batch` makes tokens unique; `draw` gives a new reference.
    """

    lookup: Lookup
    official: Territories
    today: date
    columns: Mapping[str, int]
    batch: str
    draw: Callable[[], str]


def complete(candidate: Candidate, office: Office) -> Completed | None:
    """Decide what a row that lacks nothing else gets; None where there is nothing to write."""
    cells = candidate.cells
    if candidate.copied:
        return _renamed(candidate, office)
    reference = cells["reference"] or office.draw()
    values = {} if cells["reference"] else {"reference": reference}
    if cells["referent"]:
        person = office.lookup.referent(cells["referent"])
        assignment = Assignment(person, (), CHOSEN)
    else:
        project = _project(cells) or Project("unknown")
        target = _target(cells, office.official) or Target()
        assignment = assign([project], target, office.lookup, office.official, office.today)
        if cells["reference"] and not assignment.lead:
            return None
        if assignment.lead:
            values["referent"] = assignment.lead.name
        if assignment.others and not cells["other_referents"]:
            values["other_referents"] = ", ".join(one.name for one in assignment.others)
    values["assignment_reason"] = assignment.reason
    if assignment.lead:
        values["organisation"] = assignment.lead.organisation
    concerns = [Concern(reference, assignment.doubt, assignment.advice)] if assignment.doubt else []
    for key in [key for key, value in values.items() if value and not is_plain(value)]:
        title, subject = (
            tab("requests")[key].title,
            f"« {values.pop(key)} » ne peut pas être écrit.",
        )
        concerns.append(Concern(reference, subject, f"Écrivez vous-même la cellule {title}."))
    completion = _completion(candidate, office, reference, values)
    return Completed(completion, assignment, tuple(concerns)) if completion.fillings else None


def _renamed(candidate: Candidate, office: Office) -> Completed:
    reference, old = office.draw(), candidate.cells["reference"]
    completion = _completion(candidate, office, reference, {"reference": reference})
    concern = Concern(
        reference,
        f"Deux lignes portaient la référence {old} : la plus basse en a reçu une nouvelle.",
        "Si c'est la même demande, supprimez l'une des deux lignes.",
    )
    return Completed(completion, Assignment(None, (), f"Copie de {old}"), (concern,))


def _completion(
    candidate: Candidate, office: Office, reference: str, values: Mapping[str, str]
) -> Completion:
    fillings = (
        Filling(
            key, office.columns[key], f"Attribution en cours {office.batch} {reference} {key}", v
        )
        for key, v in values.items()
        if v != candidate.cells[key]
    )
    return Completion(reference, candidate.row, candidate.print, tuple(fillings))


_NEVER_TEXT = {"vrai", "faux", "true", "false", *MONTHS, *(month[:3] for month in MONTHS)}


def is_plain(text: str) -> bool:
    """Whether Sheets can only take a text for text, as if it were typed: no date, no number."""
    words = re.findall(r"[^\W\d_]+", text.casefold())
    return bool(re.match(r"[^\W\d_]|«", text)) and not all(word in _NEVER_TEXT for word in words)


def placing(
    header: Mapping[str, int],
    completions: Sequence[Completion],
    requests_sheet: int,
    system_sheet: int,
) -> list[Json]:
    """The requests that copy the header and each row into the system tab, and place the tokens.

    What an earlier batch copied is dropped.
    """
    width = _width(header)
    size = {"rowCount": _IMAGES, "columnCount": width}
    grown = {"rowCount": _IMAGES + 1 + len(completions)}
    requests = [_resize(system_sheet, size), _resize(system_sheet, grown)]
    copied = [0, *(one.row for one in completions)]
    requests += [
        {
            "copyPaste": {
                "source": _line(requests_sheet, row, width),
                "destination": _line(system_sheet, _IMAGES + place, width),
                "pasteType": "PASTE_VALUES",
            }
        }
        for place, row in enumerate(copied)
    ]
    requests += [
        {
            "updateCells": {
                "rows": [{"values": [typed_cell(filling.token)]}],
                "fields": "userEnteredValue",
                "start": {
                    "sheetId": requests_sheet,
                    "rowIndex": one.row,
                    "columnIndex": filling.column,
                },
            }
        }
        for one in completions
        for filling in one.fillings
    ]
    return requests


def _width(header: Mapping[str, int]) -> int:
    return max(header.values()) + 1


def _resize(sheet: int, size: Mapping[str, int]) -> Json:
    fields = ",".join(f"gridProperties.{name}" for name in size)
    properties = {"sheetId": sheet, "gridProperties": dict(size)}
    return {"updateSheetProperties": {"properties": properties, "fields": fields}}


def _line(sheet: int, row: int, width: int) -> Json:
    return {
        "sheetId": sheet,
        "startRowIndex": row,
        "endRowIndex": row + 1,
        "startColumnIndex": 0,
        "endColumnIndex": width,
    }


def stood(header: Mapping[str, int], system_grid: Sequence[Sequence[Cell]]) -> bool:
    """Whether the columns stood where they were read when the batch was applied."""
    image = system_grid[_IMAGES] if len(system_grid) > _IMAGES else []
    found, _, _ = find_columns(tab("requests"), image)
    return found == header


def replacing(
    header: Mapping[str, int],
    completions: Sequence[Completion],
    system_grid: Sequence[Sequence[Cell]],
    requests_sheet: int,
) -> tuple[list[Json], set[str], list[Concern]]:
    """What to make of the tokens, from the copies that were taken with them.

    Returns:
        The requests that replace each token by its value, or by what was there; the references
        of the rows that were the ones meant; what a person should look at.
    """
    images = system_grid[_IMAGES + 1 :]
    unmoved = stood(header, system_grid)
    requests: list[Json] = []
    meant: set[str] = set()
    concerns: list[Concern] = []
    for place, one in enumerate(completions):
        image = images[place] if place < len(images) else []
        right = unmoved and fingerprint(_cells(image, header)) == one.expected
        if right:
            meant.add(one.reference)
        for filling in one.fillings:
            value = filling.value
            if not right:
                value = _text(image[filling.column] if filling.column < len(image) else None)
            if value and not is_plain(value):
                value = f"« {value} »"
                concerns.append(_quoted(value))
            requests.append(_replace(filling.token, value, requests_sheet))
    return requests, meant, concerns


def _text(cell: Cell) -> str:
    return cell if isinstance(cell, str) else as_text(cell)


def _quoted(value: str) -> Concern:
    return Concern(
        tab("requests").title,
        f"Une cellule a été remise entre guillemets : {value}.",
        "Cherchez-la, et retirez les guillemets.",
    )


def _replace(token: str, value: str, sheet: int) -> Json:
    return {
        "findReplace": {
            "find": token,
            "replacement": value,
            "matchEntireCell": True,
            "matchCase": True,
            "sheetId": sheet,
        }
    }
