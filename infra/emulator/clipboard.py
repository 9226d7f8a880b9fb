"""Batch requests that copy or cut cells: copyPaste and cutPaste.

Conditional formats, protections and named ranges stay where they are.
"""

from collections.abc import Callable, Mapping

from infra.emulator import merges
from infra.emulator.a1 import Box
from infra.emulator.batch import required
from infra.emulator.errors import UnimplementedError
from infra.emulator.formulas import shifted
from infra.emulator.grid import NO_CELL, Cell, Json
from infra.emulator.spreadsheet import Sheet, Spreadsheet
from infra.emulator.values import ERROR_TEXT, Formula

_CUT = "You can't perform a paste that partially intersects a merge."  # as reported


def _without_borders(source: Cell, target: Cell) -> Cell:
    looks = {**(source.format or {}), "borders": (target.format or {}).get("borders")}
    return source._replace(format={name: look for name, look in looks.items() if look} or None)


def _shown(source: Cell, target: Cell) -> Cell:
    formula = isinstance(source.value, Formula)
    return target._replace(value=ERROR_TEXT if formula else source.value)


_PASTED: Mapping[str, Callable[[Cell, Cell], Cell]] = {
    "PASTE_NORMAL": lambda source, _: source,
    "PASTE_VALUES": _shown,
    "PASTE_FORMAT": lambda source, target: target._replace(format=source.format),
    "PASTE_NO_BORDERS": _without_borders,
    "PASTE_FORMULA": lambda source, target: target._replace(value=source.value),
    "PASTE_DATA_VALIDATION": lambda source, target: target._replace(validation=source.validation),
}
_WITH_MERGES = frozenset({"PASTE_NORMAL", "PASTE_NO_BORDERS"})


def copy_paste(book: Spreadsheet, arguments: Json) -> None:
    """Copy cells. If the destination is a multiple of the source, the source is repeated."""
    source_sheet, source = book.locate(required(arguments, "source"))
    sheet, target = book.locate(required(arguments, "destination"))
    paste = _pasting(arguments)
    transposed = arguments.get("pasteOrientation", "NORMAL") == "TRANSPOSE"
    height, width = source.bottom - source.top, source.right - source.left
    if transposed:
        height, width = width, height
    rows, columns = target.bottom - target.top, target.right - target.left
    # If the destination is no multiple of the source, the source is copied once, even beyond it.
    rows, columns = (
        rows if rows % height == 0 else height,
        columns if columns % width == 0 else width,
    )
    target = Box(target.top, target.top + rows, target.left, target.left + columns)
    _check_fits(sheet, target)
    grid = source_sheet.grid.copy()  # the destination may overlap the source
    merged = _whole_merges(source_sheet, source)

    def pasted(cell: Cell, row: int, column: int) -> Cell:
        down, right = (row - target.top) % height, (column - target.left) % width
        if transposed:
            down, right = right, down
        from_cell = grid.cell(source.top + down, source.left + right)
        if isinstance(from_cell.value, Formula):
            if transposed:
                raise UnimplementedError("transposing a formula")
            moved = row - source.top - down, column - source.left - right
            from_cell = from_cell._replace(value=shifted(from_cell.value, *moved))
        return paste(from_cell, cell)

    with_merges = arguments.get("pasteType", "PASTE_NORMAL") in _WITH_MERGES
    _make_way(sheet, target, with_merges=with_merges)
    sheet.grid.edit(target, pasted)
    if with_merges:
        for top in range(target.top, target.bottom, height):
            for left in range(target.left, target.right, width):
                _paste_merges(sheet, merged, source, (top, left), transposed=transposed)


def cut_paste(book: Spreadsheet, arguments: Json) -> None:
    """Move cells to another place. The source is emptied, whatever is pasted (documented)."""
    source_sheet, source = book.locate(required(arguments, "source"))
    sheet, top, left = book.place(required(arguments, "destination"))
    paste = _pasting(arguments)
    target = Box(top, top + source.bottom - source.top, left, left + source.right - source.left)
    _check_fits(sheet, target)
    grid = source_sheet.grid.copy()
    merged = merges.release(source_sheet, source, _CUT)
    source_sheet.grid.edit_alike(source, lambda _: NO_CELL)
    with_merges = arguments.get("pasteType", "PASTE_NORMAL") in _WITH_MERGES
    _make_way(sheet, target, with_merges=with_merges)
    sheet.grid.edit(
        target,
        lambda cell, row, column: paste(
            grid.cell(source.top + row - top, source.left + column - left), cell
        ),
    )
    if with_merges:
        _paste_merges(sheet, merged, source, (top, left))


def _pasting(arguments: Json) -> Callable[[Cell, Cell], Cell]:
    kind = arguments.get("pasteType", "PASTE_NORMAL")
    if kind not in _PASTED:
        raise UnimplementedError(f"pasteType {kind}")
    return _PASTED[kind]


def _check_fits(sheet: Sheet, target: Box) -> None:
    if target.bottom > len(sheet.grid.rows) or target.right > len(sheet.grid.columns):
        raise sheet.exceeded(target)


def _whole_merges(sheet: Sheet, source: Box) -> list[Box]:
    merges = [merge for merge in sheet.merged if merge.meets(source)]
    if any(not merge.within(source) for merge in merges):
        raise UnimplementedError("copying a part of merged cells")
    return merges


def _make_way(sheet: Sheet, target: Box, *, with_merges: bool) -> None:
    """Refuse a target that cuts merged cells. If merges are pasted, unmerge those within it."""
    before = sheet.merges
    merges.release(sheet, target, _CUT)
    if not with_merges:
        sheet.merges = before


def _paste_merges(
    sheet: Sheet,
    merged: list[Box],
    source: Box,
    to: tuple[int, int],
    *,
    transposed: bool = False,
) -> None:
    top, left = to
    for merge in merged:
        rows = merge.top - source.top, merge.bottom - source.top
        columns = merge.left - source.left, merge.right - source.left
        if transposed:
            rows, columns = columns, rows
        merges.add(sheet, Box(top + rows[0], top + rows[1], left + columns[0], left + columns[1]))
