"""A spreadsheet as `spreadsheets.get` answers it, computing no more than the mask asks for."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from infra.emulator import formats, values
from infra.emulator.a1 import Box, GridRange
from infra.emulator.grid import Cell, Dimension, Json, Row
from infra.emulator.masks import EVERYTHING, Mask, below, select
from infra.emulator.spreadsheet import Sheet, Spreadsheet

_PIXELS = {"ROWS": 21, "COLUMNS": 100}  # the size of a row or column that nobody has changed


def render(
    book: Spreadsheet, mask: Mask, ranges: Sequence[str] = (), *, grid_data: bool = False
) -> Json:
    """Return a Spreadsheet resource.

    Args:
        book: The spreadsheet.
        mask: The fields to answer.
        ranges: If there are any, only sheets and cells in these ranges (A1 notation or names).
        grid_data: Whether to answer the grid data that the mask asks for.

    Raises:
        InvalidArgumentError: If a range is not one of this spreadsheet's.
    """
    boxes: dict[int, list[Box]] = {} if ranges else {s.id: [s.grid.box] for s in book.sheets}
    for text in ranges:
        sheet, area = book.find(text)
        boxes.setdefault(sheet.id, []).append(sheet.clip(area))

    def sheets(inner: Mask) -> list[Json]:
        return [
            _sheet(book, sheet, inner, boxes[sheet.id] if grid_data else [])
            for sheet in book.sheets
            if sheet.id in boxes
        ]

    return _fields(
        mask,
        {
            "spreadsheetId": lambda _: book.id,
            "properties": lambda inner: select(inner, _properties(book)),
            "sheets": sheets,
            "namedRanges": lambda inner: select(inner, book.named_ranges),
            "spreadsheetUrl": lambda _: f"https://docs.google.com/spreadsheets/d/{book.id}/edit",
        },
    )


def _sheet(book: Spreadsheet, sheet: Sheet, mask: Mask, boxes: Sequence[Box]) -> Json:
    """Return a Sheet resource, with a GridData for each box."""

    def stored(value: object) -> Callable[[Mask], Any]:
        return lambda inner: select(inner, formats.expanded(value))

    filters = [filter_answer(view) for view in sheet.filter_views]
    return _fields(
        mask,
        {
            "properties": lambda inner: select(inner, sheet_properties(book, sheet)),
            "data": lambda inner: [_grid_data(book, sheet, inner, box) for box in boxes],
            "merges": stored(sheet.merges),
            "rowGroups": stored(groups_answer(sheet, "ROWS")),
            "columnGroups": stored(groups_answer(sheet, "COLUMNS")),
            "conditionalFormats": stored(sheet.conditional_formats),
            "filterViews": stored(filters),
            "protectedRanges": stored([protected_range(item) for item in sheet.protected_ranges]),
            "basicFilter": stored(
                filter_answer(sheet.basic_filter) if sheet.basic_filter else None
            ),
        },
    )


def sheet_properties(book: Spreadsheet, sheet: Sheet) -> Json:
    """Return SheetProperties, with a sheet's place and size; a sheetId of 0 is in it (recorded)."""
    size = {"rowCount": len(sheet.grid.rows), "columnCount": len(sheet.grid.columns)}
    known = {
        "sheetId": sheet.id,
        "title": sheet.title,
        "index": next(index for index, other in enumerate(book.sheets) if other is sheet),
        "sheetType": "GRID",
        "gridProperties": size | sheet.properties["gridProperties"],
    }
    kept = {name: value for name, value in sheet.properties.items() if name not in known}
    answer: Json = formats.expanded(known | kept)
    return answer


def groups_answer(sheet: Sheet, dimension: Dimension) -> list[Json]:
    """Return the DimensionGroups of the rows or columns of a sheet."""
    where = {"dimension": dimension} | ({"sheetId": sheet.id} if sheet.id else {})
    return [
        {
            "range": where | {name: group[name] for name in ("startIndex", "endIndex")},
            **{name: value for name, value in group.items() if name in {"depth", "collapsed"}},
        }
        for group in sheet.groups[dimension]
    ]


def protected_range(item: Json) -> Json:
    """Return a ProtectedRange; whoever calls the local API is its owner and can always edit."""
    return item | {"requestingUserCanEdit": True}


def _fields(mask: Mask, makers: Mapping[str, Callable[[Mask], Any]]) -> Json:
    """Make the fields that the mask asks for; empty ones are left out, as Google does."""
    answer = {}
    for name, make in makers.items():
        inner = below(mask, name)
        if inner is not None and (value := make(inner)) not in (None, []):
            answer[name] = value
    return answer


def _properties(book: Spreadsheet) -> Json:
    known = {"defaultFormat": formats.DEFAULT_FORMAT, "spreadsheetTheme": formats.THEME}
    return book.properties | {name: formats.expanded(value) for name, value in known.items()}


def filter_answer(stored: Json) -> Json:
    """Answer a filter's criteria in both spellings, as documented for BasicFilter.filterSpecs."""
    if "filterSpecs" not in stored:
        return stored
    criteria = {
        str(spec.get("columnIndex", 0)): spec.get("filterCriteria", {})
        for spec in stored["filterSpecs"]
    }
    return stored | {"criteria": criteria}


def _grid_data(book: Spreadsheet, sheet: Sheet, mask: Mask, box: Box) -> Json:
    rows = range(box.top, box.bottom)
    columns = range(box.left, box.right)
    return _fields(
        mask,
        {
            "startRow": lambda _: box.top or None,
            "startColumn": lambda _: box.left or None,
            "rowData": lambda inner: _row_data(book, sheet, inner, box),
            "rowMetadata": lambda inner: [
                select(inner, {"pixelSize": _PIXELS["ROWS"], **sheet.grid.rows[index].properties})
                for index in rows
            ],
            "columnMetadata": lambda inner: [
                select(inner, {"pixelSize": _PIXELS["COLUMNS"], **sheet.grid.columns[index]})
                for index in columns
            ],
        },
    )


# What a cell may have without a value.
_BESIDE_VALUES = ("userEnteredFormat", "effectiveFormat", "note", "dataValidation")


def _row_data(book: Spreadsheet, sheet: Sheet, mask: Mask, box: Box) -> list[Json]:
    """Return a RowData for each row, without the empty cells and rows at the end."""
    cell_mask = below(mask, "values")
    make = _cell_maker(book, sheet, EVERYTHING if cell_mask is None else cell_mask)
    # Most cells of a tab are blank; they cost nothing where only values are asked for.
    beyond_values = any(below(mask, "values", name) is not None for name in _BESIDE_VALUES)
    painted = [] if below(mask, "values", "effectiveFormat") is None else _blanks_painted(sheet)
    answer: list[Json] = []
    used = 0
    for index in range(box.top, box.bottom):
        row = sheet.grid.rows[index]
        ends = [min(b.right, box.right) for b in painted if b.top <= index < b.bottom]
        columns = range(box.left, max([_end(row, box.right), *ends]))
        if beyond_values:
            made = [make(index, column, row.cell(column)) for column in columns]
        else:
            filled = row.values
            made = [make(index, c, row.cell(c)) if c in filled else {} for c in columns]
        answer.append({"values": made} if made and cell_mask is not None else {})
        used = len(answer) if made else used
    return answer[:used]


def _end(row: Row, right: int) -> int:
    """The column after the last cell of a row that is left of column `right`."""
    filled = set().union(*row.facets)
    return max((column for column in filled if column < right), default=-1) + 1


def _cell_maker(book: Spreadsheet, sheet: Sheet, mask: Mask) -> Callable[[int, int, Cell], Json]:
    """Return a function that makes the asked fields of the CellData at a row and column."""
    locale = book.locale
    rules = [(_boxes(sheet, rule), rule["booleanRule"]) for rule in sheet.conditional_formats]

    def shown(cell: Cell) -> str:
        return values.formatted(cell.value, cell.number_format, locale)

    facets: dict[str, Callable[[Cell, tuple[int, int]], Any]] = {
        "userEnteredValue": lambda cell, _: values.to_extended(cell.value),
        "effectiveValue": lambda cell, _: values.to_extended(cell.value, effective=True),
        "formattedValue": lambda cell, _: shown(cell),
        "userEnteredFormat": lambda cell, _: formats.expanded(cell.format),
        "effectiveFormat": lambda cell, place: formats.expanded(
            formats.effective(cell.format, rules, place, shown(cell))
        ),
        "note": lambda cell, _: cell.note,
        "dataValidation": lambda cell, _: formats.expanded(cell.validation),
    }
    asked = [
        (name, name not in _BESIDE_VALUES, facet, inner)
        for name, facet in facets.items()
        if (inner := below(mask, name)) is not None
    ]

    def make(row: int, column: int, cell: Cell) -> Json:
        answer = {}
        for name, of_value, facet, inner in asked:
            if of_value and cell.value is None:
                continue
            value = facet(cell, (row, column))
            if value is not None:
                answer[name] = select(inner, value)
        return answer

    return make


def _boxes(sheet: Sheet, rule: Json) -> list[Box]:
    size = len(sheet.grid.rows), len(sheet.grid.columns)
    return [GridRange.from_json(wire).within(*size) for wire in rule["ranges"]]


def _blanks_painted(sheet: Sheet) -> list[Box]:
    """Return the boxes in which conditional formatting shows even where there is no cell."""
    return [
        box
        for rule in sheet.conditional_formats
        if rule["booleanRule"]["condition"]["type"] == "BLANK"
        for box in _boxes(sheet, rule)
    ]
