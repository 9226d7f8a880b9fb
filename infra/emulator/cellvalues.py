"""The values.* methods: rectangles of plain values, read and written."""

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

from infra.emulator import a1, values
from infra.emulator.a1 import Box, GridRange
from infra.emulator.errors import InvalidArgumentError
from infra.emulator.grid import Cell, Json
from infra.emulator.references import after_insert, follow_all
from infra.emulator.spreadsheet import Sheet, Spreadsheet
from infra.emulator.values import Formula

_RENDERED = {
    "valueRenderOption": "responseValueRenderOption",
    "dateTimeRenderOption": "responseDateTimeRenderOption",
}


class Place(NamedTuple):
    """Where `values.append` writes: below and from the first column of a table, if there is one."""

    top: int
    left: int
    table: Box | None


def read(book: Spreadsheet, text: str, options: Mapping[str, Any]) -> Json:
    """Return a ValueRange; empty cells and rows at its end are left out (recorded).

    Args:
        book: The spreadsheet.
        text: The range, in A1 notation or by name.
        options: majorDimension, valueRenderOption and dateTimeRenderOption, as in `values.get`.

    Raises:
        InvalidArgumentError: If there is no such range, or it starts beyond the grid.
    """
    sheet, area = book.find(text)
    return _value_range(book, sheet, sheet.clip(area), options)


def update(book: Spreadsheet, text: str, body: Json, options: Mapping[str, Any]) -> Json:
    """Write a ValueRange into a range and return an UpdateValuesResponse.

    Raises:
        InvalidArgumentError: If the values do not fit the range or the grid.
    """
    if body.get("range", text) != text and book.find(body["range"])[1] != book.find(text)[1]:
        raise InvalidArgumentError(
            f"Request range[{text}] does not match value's range[{body['range']}]."
        )
    sheet, area = book.find(text)
    box = sheet.clip(area)
    rows = _rows(body)
    height, width = len(rows), max(map(len, rows), default=0)
    single = (box.bottom - box.top, box.right - box.left) == (1, 1)
    if not single:  # values that begin at a single cell may reach to the end of the grid
        _check_within(sheet, box, area, height, width)
    if box.top + height > len(sheet.grid.rows) or box.left + width > len(sheet.grid.columns):
        raise sheet.exceeded(Box(box.top, box.top + height, box.left, box.left + width))
    return _write(book, sheet, (box.top, box.left), rows, options)


def place(book: Spreadsheet, text: str) -> Place:
    """Find where to append: below the last table that a range touches, as Google does.

    The new rows begin in the table's first column. Without a table they begin where the range does.

    Raises:
        InvalidArgumentError: If there is no such range.
    """
    sheet, area = book.find(text)
    box = sheet.clip(area)
    table = sheet.grid.table(box)
    return Place(table.bottom, table.left, table) if table else Place(box.top, box.left, None)


def append(book: Spreadsheet, text: str, body: Json, options: Mapping[str, Any], at: Place) -> Json:
    """Write a ValueRange at a place of the sheet that a range is on; see `place`.

    Returns an AppendValuesResponse.

    Raises:
        InvalidArgumentError: If there is no such range or a value is not valid.
    """
    sheet, _ = book.find(text)
    rows = _rows(body)
    top, left, table = at
    if options.get("insertDataOption") == "INSERT_ROWS":
        size = len(sheet.grid.rows)
        order = [*range(top), *[None] * len(rows), *range(top, size)]
        sheet.grid.rearrange("ROWS", order)
        follow_all(book, sheet, "ROWS", after_insert(top, len(rows)))
    sheet.grid.grow(top + len(rows), left + max(map(len, rows), default=0))
    answer = {"spreadsheetId": book.id, "updates": _write(book, sheet, (top, left), rows, options)}
    return answer | ({"tableRange": a1.write(sheet.title, table)} if table else {})


def clear(book: Spreadsheet, text: str) -> str:
    """Take the values out of a range, leaving formats, validation and notes; return the range."""
    sheet, area = book.find(text)
    box = sheet.clip(area)
    sheet.grid.edit(box, lambda cell, _, __: cell._replace(value=None))
    return a1.write(sheet.title, box)


def update_all(book: Spreadsheet, body: Json) -> Json:
    """Write several ValueRanges and return a BatchUpdateValuesResponse."""
    written = [update(book, part.get("range", ""), part, body) for part in body.get("data", [])]
    boxes = [book.find(part["updatedRange"]) for part in written]
    rows = {
        (area.sheet, row) for _, area in boxes for row in range(area.top or 0, area.bottom or 0)
    }
    columns = {
        (area.sheet, column)
        for _, area in boxes
        for column in range(area.left or 0, area.right or 0)
    }
    counts = {
        "totalUpdatedRows": len(rows),
        "totalUpdatedColumns": len(columns),
        "totalUpdatedCells": sum(part.get("updatedCells", 0) for part in written),
        "totalUpdatedSheets": len({area.sheet for _, area in boxes}),
    }
    return {
        "spreadsheetId": book.id,
        "responses": written,
        **{name: count for name, count in counts.items() if count},
    }


def _value_range(book: Spreadsheet, sheet: Sheet, box: Box, options: Mapping[str, Any]) -> Json:
    shown = [
        [
            _shown(book, sheet.grid.cell(row, column), options)
            for column in range(box.left, box.right)
        ]
        if sheet.grid.rows[row].values
        else []
        for row in range(box.top, box.bottom)
    ]
    by_columns = options.get("majorDimension") == "COLUMNS"
    if by_columns:
        shown = [list(column) for column in zip_longest(*shown, fillvalue="")]
    lines = [line[: _used(line)] for line in shown]
    lines = lines[: _used(lines)]
    answer = {
        "range": a1.write(sheet.title, box),
        "majorDimension": "COLUMNS" if by_columns else "ROWS",
    }
    return answer | ({"values": lines} if lines else {})


def _shown(book: Spreadsheet, cell: Cell, options: Mapping[str, Any]) -> object:
    option = options.get("valueRenderOption", "FORMATTED_VALUE")
    if cell.value is None:
        return ""
    if option == "FORMULA" and isinstance(cell.value, Formula):
        return str(cell.value)
    as_text = options.get("dateTimeRenderOption") == "FORMATTED_STRING" and values.is_date(
        cell.value, cell.number_format
    )
    if option == "FORMATTED_VALUE" or as_text:
        return values.formatted(cell.value, cell.number_format, book.locale)
    return values.unformatted(cell.value)


def _used(items: Sequence[object]) -> int:
    """Return the number of items, without empty items at the end."""
    return next((i for i in range(len(items), 0, -1) if items[i - 1] not in ("", [])), 0)


def _rows(body: Json) -> list[list[Any]]:
    lines: list[Any] = body.get("values", [])
    if body.get("majorDimension") == "COLUMNS":
        return [list(row) for row in zip_longest(*lines)]
    return lines


def _check_within(sheet: Sheet, box: Box, area: GridRange, height: int, width: int) -> None:
    """Refuse values beyond the range; an open side of the range reaches to the end of the grid."""
    what = None
    if box.top + height > box.bottom and area.bottom is not None:
        what = f"row [{box.bottom + 1}]"
    if box.left + width > box.right and area.right is not None:
        what = f"column [{a1.column_letters(box.right)}]"
    if what:
        raise InvalidArgumentError(
            f"Requested writing within range [{a1.write(sheet.title, box)}], but tried writing to "
            f"{what}"
        )


def _write(
    book: Spreadsheet,
    sheet: Sheet,
    start: tuple[int, int],
    rows: Sequence[Sequence[Any]],
    options: Mapping[str, Any],
) -> Json:
    """Write rows of values, leaving cells alone where there is null, and say what was written."""
    option = options.get("valueInputOption")
    if option not in {"RAW", "USER_ENTERED"}:
        raise InvalidArgumentError("'valueInputOption' is required but not specified")
    top, left = start
    done: set[tuple[int, int]] = set()
    for row, line in enumerate(rows, start=top):
        cells = {}
        for column, value in enumerate(line, start=left):
            if value is not None:
                cell = sheet.grid.cell(row, column)
                cells[column] = _entered(book, cell, value, parse=option == "USER_ENTERED")
                done.add((row, column))
        sheet.grid.write(row, cells)
    sheet.empty_merged()
    width = max(map(len, rows), default=0)
    box = Box(top, top + max(len(rows), 1), left, left + max(width, 1))
    counts = {
        "updatedRows": len({row for row, _ in done}),
        "updatedColumns": len({column for _, column in done}),
        "updatedCells": len(done),
    }
    answer: Json = {"spreadsheetId": book.id, "updatedRange": a1.write(sheet.title, box)}
    answer |= {name: count for name, count in counts.items() if count}
    if options.get("includeValuesInResponse"):
        shown = {name: options[of] for name, of in _RENDERED.items() if of in options}
        answer["updatedData"] = _value_range(book, sheet, box, shown)
    return answer


def _entered(book: Spreadsheet, cell: Cell, value: object, *, parse: bool) -> Cell:
    as_text = cell.number_format.get("type") == "TEXT"
    typed = values.typed(value, book.locale, as_text=as_text) if parse else values.raw(value)
    changed = cell._replace(value=typed.value)
    if typed.format and not cell.number_format:
        changed = changed._replace(format={**(cell.format or {}), "numberFormat": typed.format})
    return changed
