"""Tokens: how cells of rows that are in the sheet already are written. Pure.

A row cannot be addressed by its position, since people sort and delete between our read and our
write. So a batch copies each row into the system tab and puts tokens into the cells to fill; then,
if the copy is the row that was meant, each token is replaced by its value, else by what was there.
Replacing finds a token wherever its row is by then, and nothing where a person has typed over it.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from functions.route.rows import Concern
from functions.shared.french import MONTHS
from sheets_schema.columns import Cell, as_text
from sheets_schema.tab import find_columns, tab
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
    "source",
)
_IMAGES = 2  # the row of the system tab, 0-based, where the copies begin: the header's comes first


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


def read_cells(line: Sequence[Cell], columns: Mapping[str, int]) -> dict[str, str]:
    """The cells of a row that are in COLUMNS, as text; blank ones are empty."""
    return {key: as_text(line[columns[key]]) if columns[key] < len(line) else "" for key in COLUMNS}


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
        right = unmoved and fingerprint(read_cells(image, header)) == one.expected
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
