"""Copies of a sheet, within its spreadsheet or into another one.

A copy has all that its sheet has except named ranges, under new ids. It is not known how Google
names a second copy, or where it puts a copy when no place is given.
"""

from collections.abc import Iterable

from infra.emulator.a1 import GridRange
from infra.emulator.batch import required
from infra.emulator.errors import InvalidArgumentError
from infra.emulator.grid import Json
from infra.emulator.render import sheet_properties
from infra.emulator.spreadsheet import MAXIMUM_TITLE, Sheet, Spreadsheet, new_id


def duplicate_sheet(book: Spreadsheet, arguments: Json) -> Json:
    """Copy a sheet within its spreadsheet, before the sheet at an index."""
    source = book.sheet(required(arguments, "sourceSheetId"))
    copy = copy_sheet(
        book, source, title=arguments.get("newSheetName"), sheet_id=arguments.get("newSheetId")
    )
    book.move_sheet(copy, arguments.get("insertSheetIndex", 0))
    return {"properties": sheet_properties(book, copy)}


def copy_sheet(
    book: Spreadsheet, source: Sheet, *, title: str | None = None, sheet_id: int | None = None
) -> Sheet:
    """Add a copy of a sheet, of this spreadsheet or of another one, at the end.

    Args:
        book: Where to add it.
        source: What to copy.
        title: The copy's title; else "Copy of" its own.
        sheet_id: The copy's id; else a random one.

    Raises:
        InvalidArgumentError: If the title or the id is taken or wrong.
    """
    title = title or _free_title(book, f"Copy of {source.title}"[:MAXIMUM_TITLE])
    book.check_title(title)
    taken = {sheet.id for sheet in book.sheets}
    sheet_id = new_id(taken) if sheet_id is None else sheet_id
    if sheet_id in taken or sheet_id < 0:
        raise InvalidArgumentError(f"A sheet with id {sheet_id} already exists.")
    copy = source.copy()
    copy.properties = {**source.properties, "sheetId": sheet_id, "title": title}
    copy.merges = [_wire(wire, sheet_id) for wire in source.merges]
    copy.conditional_formats = [_on(item, sheet_id) for item in source.conditional_formats]
    copy.basic_filter = source.basic_filter and _on(source.basic_filter, sheet_id)
    copy.protected_ranges = _numbered(
        (_on(item, sheet_id) for item in source.protected_ranges),
        "protectedRangeId",
        [item for sheet in book.sheets for item in sheet.protected_ranges],
    )
    copy.filter_views = _numbered(
        (_on(item, sheet_id) for item in source.filter_views),
        "filterViewId",
        [item for sheet in book.sheets for item in sheet.filter_views],
    )
    book.sheets.append(copy)
    book.check_size()
    return copy


def _free_title(book: Spreadsheet, title: str) -> str:
    taken = {sheet.title.casefold() for sheet in book.sheets}
    free, number = title, 1
    while free.casefold() in taken:
        number += 1
        free = f"{title} {number}"
    return free


def _on(item: Json, sheet_id: int) -> Json:
    """Return a protection, a rule or a filter for another sheet."""
    moved = dict(item)
    if "range" in item:
        moved["range"] = _wire(item["range"], sheet_id)
    for name in ("ranges", "unprotectedRanges"):
        if name in item:
            moved[name] = [_wire(wire, sheet_id) for wire in item[name]]
    return moved


def _wire(wire: Json, sheet_id: int) -> Json:
    return GridRange.from_json(wire)._replace(sheet=sheet_id).to_json()


def _numbered(items: Iterable[Json], name: str, others: Iterable[Json]) -> list[Json]:
    taken = {other[name] for other in others}
    numbered = []
    for item in items:
        number = new_id(taken)
        taken.add(number)
        numbered.append({**item, name: number})
    return numbered
