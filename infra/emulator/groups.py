"""Groups of rows and columns, which people fold away; and sizes that fit what is in them.

Each row or column has a depth. Adding a group raises it, and deleting a group lowers it. A group is
an unbroken run of at least that depth. This gives the results of the examples in Google's discovery
document. It is not known whether a group stays collapsed when its range changes because others are
added or deleted; here it does not.
"""

from collections.abc import Sequence
from itertools import pairwise

from infra.emulator import masks, values
from infra.emulator.batch import field_mask, required
from infra.emulator.errors import InvalidArgumentError, UnimplementedError
from infra.emulator.grid import Dimension, Json
from infra.emulator.render import groups_answer
from infra.emulator.spreadsheet import Sheet, Spreadsheet
from infra.emulator.structure import dimension_span, set_dimension_properties

# An estimate: Google measures letters.
_LETTER, _LINE, _PADDING = 7, 16, 5


def add_dimension_group(book: Spreadsheet, arguments: Json) -> Json:
    """Group rows or columns; answers all groups of that dimension."""
    sheet, dimension, start, end = dimension_span(book, required(arguments, "range"))
    return _deepen(sheet, dimension, range(start, end), 1)


def delete_dimension_group(book: Spreadsheet, arguments: Json) -> Json:
    """Take rows or columns out of their innermost groups; answers all that are left."""
    sheet, dimension, start, end = dimension_span(book, required(arguments, "range"))
    if not any(_depths(sheet, dimension)[start:end]):
        raise InvalidArgumentError("There is no group in this range.")
    return _deepen(sheet, dimension, range(start, end), -1)


def update_dimension_group(book: Spreadsheet, arguments: Json) -> None:
    """Collapse or expand a group, which hides or shows what is in it."""
    new = required(arguments, "dimensionGroup")
    sheet, dimension, start, end = dimension_span(book, required(new, "range"))
    if field_mask(arguments, "DimensionGroup") != {"collapsed": masks.EVERYTHING}:
        raise UnimplementedError("updating more of a group than collapsed")
    groups = sheet.groups[dimension]
    place = {"startIndex": start, "endIndex": end, "depth": new.get("depth", 0)}
    index = next((i for i, group in enumerate(groups) if place.items() <= group.items()), None)
    if index is None:
        raise InvalidArgumentError("There is no group of this range and depth.")
    collapsed = new.get("collapsed", False)
    groups[index] = place | ({"collapsed": True} if collapsed else {})
    hidden = {"hiddenByUser": True} if collapsed else {}
    set_dimension_properties(
        sheet, dimension, range(start, end), {"hiddenByUser": masks.EVERYTHING}, hidden
    )


def auto_resize_dimensions(book: Spreadsheet, arguments: Json) -> None:
    """Give rows or columns the size of their longest text; empty ones stay as they are."""
    sheet, dimension, start, end = dimension_span(book, required(arguments, "dimensions"))
    sizes: dict[int, int] = {}
    for row_index, row in enumerate(sheet.grid.rows):
        for column, value in row.values.items():
            index = row_index if dimension == "ROWS" else column
            if start <= index < end:
                number_format = sheet.grid.cell(row_index, column).number_format
                text = values.formatted(value, number_format, book.locale)
                sizes[index] = max(sizes.get(index, 0), _size(text, dimension))
    for index, size in sizes.items():
        mask = {"pixelSize": masks.EVERYTHING}
        set_dimension_properties(
            sheet, dimension, range(index, index + 1), mask, {"pixelSize": size}
        )


def _size(text: str, dimension: Dimension) -> int:
    lines = text.split("\n")
    if dimension == "ROWS":
        return _LINE * len(lines) + _PADDING
    return _LETTER * max(map(len, lines)) + _PADDING


def _depths(sheet: Sheet, dimension: Dimension) -> list[int]:
    depths = [0] * sheet.grid.size(dimension)
    for group in sheet.groups[dimension]:
        for index in range(group["startIndex"], group["endIndex"]):
            depths[index] += 1
    return depths


def _deepen(sheet: Sheet, dimension: Dimension, span: range, by: int) -> Json:
    depths = _depths(sheet, dimension)
    for index in span:
        depths[index] += by
    collapsed = {_range(group) for group in sheet.groups[dimension] if group.get("collapsed")}
    sheet.groups[dimension] = [
        {"startIndex": start, "endIndex": end, "depth": depth}
        | ({"collapsed": True} if (start, end) in collapsed else {})
        for depth in range(1, max(depths) + 1)
        for start, end in _runs(depths, depth)
    ]
    return {"dimensionGroups": groups_answer(sheet, dimension)}


def _range(group: Json) -> tuple[int, int]:
    return group["startIndex"], group["endIndex"]


def _runs(depths: Sequence[int], depth: int) -> list[tuple[int, int]]:
    """Return the unbroken runs of at least a depth, half open."""
    inside = [False, *(there >= depth for there in depths), False]
    edges = [i for i, (before, here) in enumerate(pairwise(inside)) if before != here]
    return list(zip(edges[::2], edges[1::2], strict=True))
