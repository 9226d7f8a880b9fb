"""Batch requests on cells: updateCells, appendCells, repeatCell, copyPaste, setDataValidation."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from infra.emulator import formats, masks, values
from infra.emulator.a1 import Box
from infra.emulator.batch import field_mask, required
from infra.emulator.errors import InvalidArgumentError, UnimplementedError
from infra.emulator.grid import Cell, Json
from infra.emulator.masks import Mask
from infra.emulator.spreadsheet import Sheet, Spreadsheet
from infra.emulator.values import ERROR_TEXT, Formula

Write: TypeAlias = Callable[[Cell], Cell]

_FACETS = ("userEnteredValue", "userEnteredFormat", "dataValidation", "note")
_PASTED: Mapping[str, Callable[[Cell, Cell], Cell]] = {
    "PASTE_NORMAL": lambda source, _: source,
    "PASTE_VALUES": lambda source, target: target._replace(value=source.value),
    "PASTE_FORMAT": lambda source, target: target._replace(format=source.format),
    "PASTE_DATA_VALIDATION": lambda source, target: target._replace(validation=source.validation),
}


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
    """Write the same cell everywhere in a range."""
    sheet, box = book.locate(required(arguments, "range"))
    data = arguments.get("cell", {})
    single = (box.bottom - box.top) * (box.right - box.left) == 1
    if "formulaValue" in data.get("userEnteredValue", {}) and not single:
        raise UnimplementedError("repeating a formula, whose ranges would have to move along")
    write = _writer(data, _cell_mask(arguments))
    sheet.grid.edit_alike(box, write)


def copy_paste(book: Spreadsheet, arguments: Json) -> None:
    """Copy cells; the source is repeated where the destination is a multiple of it.

    Conditional formats stay behind. Formulas are refused, since Google would rewrite them; but
    PASTE_VALUES pastes what they show.
    """
    source_sheet, source = book.locate(required(arguments, "source"))
    sheet, target = book.locate(required(arguments, "destination"))
    kind = arguments.get("pasteType", "PASTE_NORMAL")
    if kind not in _PASTED:
        raise UnimplementedError(f"pasteType {kind}")
    if arguments.get("pasteOrientation", "NORMAL") != "NORMAL":
        raise UnimplementedError(f"pasteOrientation {arguments['pasteOrientation']}")
    height, width = source.bottom - source.top, source.right - source.left
    rows, columns = target.bottom - target.top, target.right - target.left
    # What is no multiple of the source is copied once, even beyond the destination.
    rows, columns = (
        rows if rows % height == 0 else height,
        columns if columns % width == 0 else width,
    )
    target = Box(target.top, target.top + rows, target.left, target.left + columns)
    if target.bottom > len(sheet.grid.rows) or target.right > len(sheet.grid.columns):
        raise sheet.exceeded(target)
    grid = source_sheet.grid.copy()  # the destination may overlap the source

    def pasted(cell: Cell, row: int, column: int) -> Cell:
        from_cell = grid.cell(
            source.top + (row - target.top) % height, source.left + (column - target.left) % width
        )
        if isinstance(from_cell.value, Formula) and kind == "PASTE_VALUES":
            from_cell = from_cell._replace(value=ERROR_TEXT)
        elif isinstance(from_cell.value, Formula) and kind == "PASTE_NORMAL":
            raise UnimplementedError("copying a formula, whose ranges would have to move along")
        return _PASTED[kind](from_cell, cell)

    sheet.grid.edit(target, pasted)


def set_data_validation(book: Spreadsheet, arguments: Json) -> None:
    """Set a validation rule on each cell of a range, or take it away."""
    sheet, box = book.locate(required(arguments, "range"))
    rule = _validation(arguments.get("rule"))
    sheet.grid.edit_alike(box, lambda cell: cell._replace(validation=rule))


def _from_start(book: Spreadsheet, start: Json, rows: Sequence[Json]) -> tuple[Sheet, Box]:
    sheet = book.sheet(start.get("sheetId", 0))
    top, left = start.get("rowIndex", 0), start.get("columnIndex", 0)
    for name, index, size in (
        ("row", top, len(sheet.grid.rows)),
        ("column", left, len(sheet.grid.columns)),
    ):
        if not 0 <= index < size:
            raise InvalidArgumentError(
                f"GridCoordinate.{name}Index[{index}] is after last {name} in grid[{size - 1}]"
            )
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
