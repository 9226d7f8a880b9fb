"""Batch requests on cells: updateCells, appendCells, repeatCell, setDataValidation."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from infra.emulator import formats, masks, values
from infra.emulator.a1 import Box
from infra.emulator.batch import field_mask, required
from infra.emulator.errors import InvalidArgumentError, UnimplementedError
from infra.emulator.formulas import shifted
from infra.emulator.grid import Cell, Json
from infra.emulator.masks import Mask
from infra.emulator.spreadsheet import Sheet, Spreadsheet
from infra.emulator.values import Formula

Write: TypeAlias = Callable[[Cell], Cell]

_FACETS = ("userEnteredValue", "userEnteredFormat", "dataValidation", "note")


def update_cells(book: Spreadsheet, arguments: Json) -> None:
    """Write rows of cells from a place on, or into a range whose other cells are cleared."""
    mask, rows = _cell_mask(arguments), arguments.get("rows", [])
    if "start" in arguments:
        sheet, box = _from_start(book, arguments["start"], rows)
    else:
        sheet, box = book.locate(required(arguments, "range"))
        if len(rows) > box.bottom - box.top:
            raise InvalidArgumentError(
                f"Attempting to write row: {box.top + len(rows) - 1}, beyond the last requested "
                f"row of: {box.bottom - 1}"
            )
        if _width(rows) > box.right - box.left:
            raise InvalidArgumentError(
                f"Attempting to write column: {box.left + _width(rows) - 1}, beyond the last "
                f"requested column of: {box.right - 1}"
            )
        clear = _writer({}, mask)
        sheet.grid.edit_alike(box, clear)
    _write_rows(sheet, box.top, box.left, rows, mask)


def append_cells(book: Spreadsheet, arguments: Json) -> None:
    """Write rows after the last row with data, adding rows to the grid where it ends."""
    sheet, rows = book.sheet(arguments.get("sheetId", 0)), arguments.get("rows", [])
    top = sheet.grid.next_row()
    if _width(rows) > len(sheet.grid.columns):
        raise sheet.exceeded(Box(top, top + len(rows), 0, _width(rows)))
    sheet.grid.grow(top + len(rows), 0)
    _write_rows(sheet, top, 0, rows, _cell_mask(arguments))


def repeat_cell(book: Spreadsheet, arguments: Json) -> None:
    """Write the same cell everywhere in a range; a formula's references move along."""
    sheet, box = book.locate(required(arguments, "range"))
    data, mask = arguments.get("cell", {}), _cell_mask(arguments)
    write = _writer(data, mask)
    sheet.grid.edit_alike(box, write)
    if "userEnteredValue" in mask and "formulaValue" in data.get("userEnteredValue", {}):
        formula = Formula(data["userEnteredValue"]["formulaValue"])
        sheet.grid.edit(
            box,
            lambda cell, row, column: cell._replace(
                value=shifted(formula, row - box.top, column - box.left)
            ),
        )


def set_data_validation(book: Spreadsheet, arguments: Json) -> None:
    """Set a validation rule on each cell of a range, or take it away."""
    sheet, box = book.locate(required(arguments, "range"))
    rule = _validation(arguments.get("rule"))
    sheet.grid.edit_alike(box, lambda cell: cell._replace(validation=rule))


def _from_start(book: Spreadsheet, start: Json, rows: Sequence[Json]) -> tuple[Sheet, Box]:
    sheet, top, left = book.place(start)
    box = Box(top, top + len(rows), left, left + _width(rows))
    if box.bottom > len(sheet.grid.rows) or box.right > len(sheet.grid.columns):
        raise sheet.exceeded(box)
    return sheet, box


def _width(rows: Sequence[Json]) -> int:
    return max((len(row.get("values", [])) for row in rows), default=0)


def _write_rows(sheet: Sheet, top: int, left: int, rows: Sequence[Json], mask: Mask) -> None:
    for index, row in enumerate(rows, start=top):
        cells = {
            column: _writer(data, mask)(sheet.grid.cell(index, column))
            for column, data in enumerate(row.get("values", []), start=left)
        }
        sheet.grid.write(index, cells)


def _cell_mask(arguments: Json) -> Mask:
    mask = field_mask(arguments, "CellData") or dict.fromkeys(_FACETS, masks.EVERYTHING)
    for name in mask:
        if name not in _FACETS:
            raise UnimplementedError(f"writing CellData.{name}")
    return formats.canonical_mask(mask)


def _writer(data: Json, mask: Mask) -> Write:
    """Return a function that puts the fields of a CellData that the mask names into a cell."""
    facets: dict[str, object] = {}
    if "userEnteredValue" in mask:
        facets["value"] = values.from_extended(data.get("userEnteredValue"))
    if "note" in mask:
        facets["note"] = data.get("note") or None
    if "dataValidation" in mask:
        facets["validation"] = _validation(data.get("dataValidation"))
    inner = mask.get("userEnteredFormat")
    new = formats.canonical(data.get("userEnteredFormat", {}))

    def write(cell: Cell) -> Cell:
        changed = cell._replace(**facets)  # type: ignore[arg-type]
        if inner is None:
            return changed
        merged = masks.merge(inner, cell.format or {}, new) if inner else new
        if "numberFormat" in merged:
            values.check_number_format(merged["numberFormat"])
        return changed._replace(format=merged or None)

    return write


def _validation(rule: Json | None) -> Json | None:
    if not rule:
        return None
    condition = rule.get("condition", {})
    if condition.get("type") in {None, "CONDITION_TYPE_UNSPECIFIED"}:
        raise InvalidArgumentError("A data validation rule needs a condition.")
    if condition["type"] == "ONE_OF_LIST" and not condition.get("values"):
        raise InvalidArgumentError("ONE_OF_LIST needs at least one value.")
    return {name: value for name, value in rule.items() if value is not False}
