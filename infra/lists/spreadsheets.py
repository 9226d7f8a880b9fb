"""A tab of a Google spreadsheet as a sheet of a list. Pure."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from infra.lists.outlines import MOST_ROWS, too_large
from infra.lists.sheets import Cell, Merge, Sheet
from sheets_schema.wire import Json, cell_value

# What `as_sheet` needs of a tab's data, with a bracket open for more fields of a cell.
CELL_FIELDS = (
    "data(startRow,startColumn,rowMetadata(hiddenByUser,hiddenByFilter),"
    "columnMetadata(hiddenByUser,pixelSize),"
    "rowData.values(effectiveValue,formattedValue,effectiveFormat.numberFormat.type"
)
_FIRST_DAY = datetime(1899, 12, 30)  # noqa: DTZ001  (what a clock on the wall showed)
_LAST_DAY = 2_958_465  # 31/12/9999
_MOMENTS = ("DATE", "DATE_TIME")


def as_sheet(properties: Json, answers: Iterable[Json]) -> Sheet:
    """A tab as the API describes it, with cells from row 1 and column A.

    Blank rows at its end do not count, whatever the size of its grid. A merged cell stays what it
    is.

    Args:
        properties: of the tab.
        answers: Sheet resources, each with some of its rows; see CELL_FIELDS.

    Raises:
        ListError: it has too many rows.
    """
    rows: list[list[Cell]] = []
    merged: dict[Merge, None] = {}
    hidden_rows: set[int] = set()
    hidden_columns: set[int] = set()
    for answer in answers:
        merged |= dict.fromkeys(map(_merge, answer.get("merges", [])))
        for block in answer.get("data", []):
            top, left = block.get("startRow", 0), block.get("startColumn", 0)
            hidden_rows |= _hidden_places(block.get("rowMetadata", []), top)
            hidden_columns |= _hidden_places(block.get("columnMetadata", []), left)
            for number, row in enumerate(block.get("rowData", []), start=top):
                cells = list(map(read_cell, row.get("values", [])))
                if any(cell is not None for cell in cells):
                    rows += [[] for _ in range(number + 1 - len(rows))]
                    rows[number] = [None] * left + cells
        if len(rows) > MOST_ROWS:
            raise too_large(properties["title"])
    return Sheet(
        properties["title"],
        rows,
        tuple(merged),
        frozenset(hidden_rows),
        frozenset(hidden_columns),
        hidden=properties.get("hidden", False),
    )


def _merge(cells: Json) -> Merge:
    return Merge(
        cells.get("startRowIndex", 0),
        cells["endRowIndex"] - 1,
        cells.get("startColumnIndex", 0),
        cells["endColumnIndex"] - 1,
    )


def _hidden_places(lines: list[Json], first: int) -> set[int]:
    """The places of hidden rows or columns, by their metadata; `first` is that of the first."""
    return {
        place
        for place, line in enumerate(lines, start=first)
        if line.get("hiddenByUser") or line.get("hiddenByFilter")
    }


def read_cell(data: Json) -> Cell:
    """The value of a CellData; a number that shows leading zeros is what it shows."""
    value = cell_value(data)
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, bool) or value is None:
        return value
    kind = data.get("effectiveFormat", {}).get("numberFormat", {}).get("type", "")
    if kind in _MOMENTS and 0 < value <= _LAST_DAY:
        return _FIRST_DAY + timedelta(days=value)
    shown = str(data.get("formattedValue", ""))
    if kind == "TIME":
        return shown or None
    digits = re.sub(r"\D", "", shown)
    if digits.startswith("0") and digits.lstrip("0") == str(int(value)) and value == int(value):
        return shown
    return float(value)
