"""Merged cells: the first cell of a box holds the value, and its other cells hold none.

If the first row or column of a merge is deleted, the merge keeps no value here. What Google does
then is not known.
"""

from infra.emulator.a1 import Box, GridRange
from infra.emulator.batch import required
from infra.emulator.errors import InvalidArgumentError, UnimplementedError
from infra.emulator.grid import Json
from infra.emulator.spreadsheet import Sheet, Spreadsheet

_PARTLY = "You must select all cells in a merged range to merge or unmerge them."  # as reported


def merge_cells(book: Spreadsheet, arguments: Json) -> None:
    """Merge a range, or each of its rows or columns; merges that lie within it are replaced."""
    sheet, box = book.locate(required(arguments, "range"))
    check_frozen(sheet, box)
    release(sheet, box, _PARTLY)
    match arguments.get("mergeType", "MERGE_ALL"):
        case "MERGE_COLUMNS":
            parts = [box._replace(left=c, right=c + 1) for c in range(box.left, box.right)]
        case "MERGE_ROWS":
            parts = [box._replace(top=r, bottom=r + 1) for r in range(box.top, box.bottom)]
        case _:
            parts = [box]
    for part in parts:
        _check_value(sheet, part)
        add(sheet, part)


def unmerge_cells(book: Spreadsheet, arguments: Json) -> None:
    """Take apart all merges within a range."""
    sheet, box = book.locate(required(arguments, "range"))
    release(sheet, box, _PARTLY)


def add(sheet: Sheet, box: Box) -> None:
    """Merge the cells of a box, unless it is a single one."""
    if (box.bottom - box.top) * (box.right - box.left) > 1:
        sheet.merges = [*sheet.merges, GridRange(sheet.id, *box).to_json()]


def release(sheet: Sheet, box: Box, refusal: str) -> list[Box]:
    """Take apart all merges within a box, and return them.

    Raises:
        InvalidArgumentError: With that sentence, if a merge lies in the box only in part.
    """
    released = [merge for merge in sheet.merged if merge.meets(box)]
    if any(not merge.within(box) for merge in released):
        raise InvalidArgumentError(refusal)
    sheet.merges = [
        GridRange(sheet.id, *merge).to_json() for merge in sheet.merged if merge not in released
    ]
    return released


def check_frozen(sheet: Sheet, box: Box) -> None:
    """Refuse merged cells on both sides of what is frozen.

    Raises:
        InvalidArgumentError: In Google's words, as reported.
    """
    frozen = sheet.properties["gridProperties"]
    for what, first, end in (("row", box.top, box.bottom), ("column", box.left, box.right)):
        if first < frozen.get(f"frozen{what.title()}Count", 0) < end:
            raise InvalidArgumentError(f"You can't merge frozen and non-frozen {what}s.")


def _check_value(sheet: Sheet, box: Box) -> None:
    """Refuse a merge of cells of which it is not known which value Google keeps."""
    first, rows = sheet.grid.cell(box.top, box.left), sheet.grid.rows[box.top : box.bottom]
    if first.value is None and any(
        column in row.values for row in rows for column in range(box.left, box.right)
    ):
        raise UnimplementedError("merging an empty first cell with others that are not")
