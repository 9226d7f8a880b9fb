"""A tab of a Google spreadsheet as a sheet of a list. Pure."""

from datetime import datetime, timedelta

from infra.lists.sheets import Cell, Merge, Sheet
from sheets_schema.wire import Json, cell_value

# What `as_sheet` needs of a spreadsheet.
SHEET_FIELDS = (
    "properties,merges,"
    "data(startRow,startColumn,rowMetadata(hiddenByUser,hiddenByFilter),"
    "columnMetadata.hiddenByUser,rowData.values(effectiveValue,effectiveFormat.numberFormat.type"
)
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  (serials are wall-clock time)
_LAST_DAY = 100_000  # serials beyond, in the year 2173, are no days whatever their format
_DAYS = ("DATE", "DATE_TIME")


def as_sheet(resource: Json) -> Sheet:
    """A tab as the API describes it, with cells from row 1 and column A.

    A number that is shown as a date becomes one. A merged cell stays what it is.
    """
    rows: list[list[Cell]] = []
    hidden_rows: set[int] = set()
    hidden_columns: set[int] = set()
    for block in resource.get("data", []):
        top, left = block.get("startRow", 0), block.get("startColumn", 0)
        hidden_rows |= hidden_places(block.get("rowMetadata", []), top)
        hidden_columns |= hidden_places(block.get("columnMetadata", []), left)
        for number, row in enumerate(block.get("rowData", []), start=top):
            rows += [[] for _ in range(number + 1 - len(rows))]
            rows[number] = [None] * left + [_cell(data) for data in row.get("values", [])]
    properties = resource["properties"]
    return Sheet(
        properties["title"],
        rows,
        tuple(map(as_merge, resource.get("merges", []))),
        frozenset(hidden_rows),
        frozenset(hidden_columns),
        hidden=properties.get("hidden", False),
    )


def as_merge(cells: Json) -> Merge:
    """A merged range as the API describes it."""
    return Merge(
        cells.get("startRowIndex", 0),
        cells["endRowIndex"] - 1,
        cells.get("startColumnIndex", 0),
        cells["endColumnIndex"] - 1,
    )


def hidden_places(lines: list[Json], first: int) -> set[int]:
    """The places of hidden rows or columns, by their metadata; `first` is that of the first."""
    return {
        place
        for place, line in enumerate(lines, start=first)
        if line.get("hiddenByUser") or line.get("hiddenByFilter")
    }


def _cell(data: Json) -> Cell:
    value = cell_value(data)
    if isinstance(value, str):
        return value if value.strip() else None
    shown = data.get("effectiveFormat", {}).get("numberFormat", {}).get("type")
    if isinstance(value, bool) or value is None or shown not in _DAYS:
        return value
    return _EPOCH + timedelta(days=value) if 0 < value < _LAST_DAY else value
