"""How ranges follow the rows and columns they name, when these are inserted, deleted or moved."""

from collections.abc import Callable, Iterable
from typing import TypeAlias

from infra.emulator.a1 import GridRange
from infra.emulator.grid import Dimension, Json
from infra.emulator.spreadsheet import Sheet, Spreadsheet

Span: TypeAlias = tuple[int | None, int | None]  # half open; None where it is unbounded
Follow: TypeAlias = Callable[[Span], Span | None]  # where a span has gone; None if it is no more


def after_insert(at: int, count: int) -> Follow:
    """Follow an insertion: what starts there moves, what surrounds it grows."""

    def follow(span: Span) -> Span:
        start, end = span
        return (
            start + count if start is not None and start >= at else start,
            end + count if end is not None and end > at else end,
        )

    return follow


def after_delete(first: int, last: int) -> Follow:
    """Follow a deletion of [first, last): what reaches into it shrinks, what is in it goes."""

    def place(index: int) -> int:
        return index if index <= first else max(first, index - (last - first))

    def follow(span: Span) -> Span | None:
        start, end = span
        moved = (None if start is None else place(start), None if end is None else place(end))
        return None if moved[1] is not None and moved[1] <= (moved[0] or 0) else moved

    return follow


def after_move(first: int, last: int, to: int) -> Follow:
    """Follow a move of [first, last) to before `to`, an index from before the move."""
    count = last - first
    place = to - count if to > first else to
    remove, insert = after_delete(first, last), after_insert(place, count)

    def follow(span: Span) -> Span | None:
        start, end = span
        if start is not None and end is not None and first <= start and end <= last:
            return start - first + place, end - first + place
        removed = remove(span)
        return removed and insert(removed)

    return follow


def follow_all(book: Spreadsheet, sheet: Sheet, dimension: Dimension, follow: Follow) -> None:
    """Adapt all that names a range of a sheet; delete what has lost its whole range."""

    def every(items: Iterable[Json]) -> list[Json]:
        followed = (_item(item, sheet.id, dimension, follow) for item in items)
        return [item for item in followed if item is not None]

    book.named_ranges = every(book.named_ranges)
    sheet.protected_ranges = every(sheet.protected_ranges)
    sheet.conditional_formats = every(sheet.conditional_formats)
    sheet.filter_views = every(sheet.filter_views)
    merges = (_range(wire, sheet.id, dimension, follow) for wire in sheet.merges)
    sheet.merges = [wire for wire in merges if wire is not None and not _is_cell(wire)]
    sheet.groups[dimension] = [
        {**group, "startIndex": span[0], "endIndex": span[1]}
        for group in sheet.groups[dimension]
        if (span := follow((group["startIndex"], group["endIndex"])))
    ]
    if sheet.basic_filter is not None:
        sheet.basic_filter = _item(sheet.basic_filter, sheet.id, dimension, follow)


def _item(item: Json, sheet_id: int, dimension: Dimension, follow: Follow) -> Json | None:
    """Follow with a named range, a protection, a rule or a filter."""
    result = dict(item)
    if "range" in item:
        result["range"] = _range(item["range"], sheet_id, dimension, follow)
    for name in ("ranges", "unprotectedRanges"):
        if name in item:
            moved = (_range(wire, sheet_id, dimension, follow) for wire in item[name])
            result[name] = [wire for wire in moved if wire is not None]
    if result.get("range", {}) is None or result.get("ranges", True) == []:
        return None
    for name, index in (("filterSpecs", "columnIndex"), ("sortSpecs", "dimensionIndex")):
        if name in item and dimension == "COLUMNS":
            columns = (
                (spec, follow((spec.get(index, 0), spec.get(index, 0) + 1))) for spec in item[name]
            )
            result[name] = [{**spec, index: span[0]} for spec, span in columns if span]
    return {name: value for name, value in result.items() if value != []}


def _is_cell(wire: Json) -> bool:
    _, top, bottom, left, right = GridRange.from_json(wire)
    return (top, left) == ((bottom or 0) - 1, (right or 0) - 1)


def _range(wire: Json, sheet_id: int, dimension: Dimension, follow: Follow) -> Json | None:
    area = GridRange.from_json(wire)
    if area.sheet != sheet_id:
        return wire
    if dimension == "ROWS":
        span = follow((area.top, area.bottom))
        return span and area._replace(top=span[0], bottom=span[1]).to_json()
    span = follow((area.left, area.right))
    return span and area._replace(left=span[0], right=span[1]).to_json()
