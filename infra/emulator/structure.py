"""Batch requests on the structure: properties, sheets, rows and columns."""

from collections.abc import Sequence

from infra.emulator import formats, masks, merges, references
from infra.emulator.batch import field_mask, required
from infra.emulator.errors import InvalidArgumentError, UnimplementedError
from infra.emulator.grid import Cell, Dimension, Json, make_row
from infra.emulator.masks import Mask
from infra.emulator.references import Follow, after_delete, after_insert, after_move
from infra.emulator.render import sheet_properties
from infra.emulator.spreadsheet import (
    PROPERTIES,
    Sheet,
    Spreadsheet,
    spreadsheet_properties,
    stored_properties,
)

_WORDS: dict[Dimension, tuple[str, str]] = {
    "ROWS": ("row", "frozenRowCount"),
    "COLUMNS": ("column", "frozenColumnCount"),
}


def update_spreadsheet_properties(book: Spreadsheet, arguments: Json) -> None:
    """Change the title, the locale, the time zone or the recalculation of a spreadsheet."""
    mask = field_mask(arguments, "SpreadsheetProperties") or dict.fromkeys(
        PROPERTIES, masks.EVERYTHING
    )
    book.properties = spreadsheet_properties(
        book.properties, required(arguments, "properties"), mask
    )


def add_sheet(book: Spreadsheet, arguments: Json) -> Json:
    """Add a sheet; everything about it is optional."""
    sheet = book.add_sheet(arguments.get("properties", {}))
    return {"properties": sheet_properties(book, sheet)}


def delete_sheet(book: Spreadsheet, arguments: Json) -> None:
    """Delete a sheet, and the named ranges in it."""
    sheet = book.sheet(arguments.get("sheetId", 0))
    book.sheets = [other for other in book.sheets if other is not sheet]
    book.named_ranges = [
        named for named in book.named_ranges if named["range"].get("sheetId", 0) != sheet.id
    ]
    _check_sheets(book)


def update_sheet_properties(book: Spreadsheet, arguments: Json) -> None:
    """Change a sheet's title, place, size, colour, frozen rows and so on."""
    new = required(arguments, "properties")
    sheet = book.sheet(new.get("sheetId", 0))
    mask = formats.canonical_mask(field_mask(arguments, "SheetProperties"))
    old = formats.canonical(sheet_properties(book, sheet))
    properties = masks.merge(mask, old, formats.canonical(new))
    for name in ("sheetId", "sheetType"):
        if name in mask and properties.get(name) != old[name]:
            raise InvalidArgumentError(f"{name} cannot be changed.")
    book.check_title(properties.get("title", ""), of=sheet)
    sheet.properties = stored_properties({**properties, "sheetId": sheet.id})
    for box in sheet.merged:
        merges.check_frozen(sheet, box)
    size = properties.get("gridProperties", {})
    _resize(book, sheet, "ROWS", size.get("rowCount", 0))
    _resize(book, sheet, "COLUMNS", size.get("columnCount", 0))
    book.move_sheet(sheet, properties.get("index", len(book.sheets)))
    _check_sheets(book)


def insert_dimension(book: Spreadsheet, arguments: Json) -> None:
    """Insert rows or columns that look like those before or after them."""
    sheet, dimension, start, end = dimension_span(
        book, required(arguments, "range"), inserting=True
    )
    before = arguments.get("inheritFromBefore", False)
    if before and start == 0:
        raise InvalidArgumentError("inheritFromBefore needs something before the insertion.")
    size, count = sheet.grid.size(dimension), end - start
    if not before and start == size:
        raise InvalidArgumentError(
            f"range.startIndex[{start}] must be less than the grid size[{size}] if "
            "inheritFromBefore is false."
        )
    _rearrange(
        book,
        sheet,
        dimension,
        [*range(start), *[None] * count, *range(start, size)],
        after_insert(start, count),
    )
    _inherit(sheet, dimension, range(start, end), start - 1 if before else end)


def delete_dimension(book: Spreadsheet, arguments: Json) -> None:
    """Delete rows or columns, and all named ranges and rules that covered nothing else."""
    sheet, dimension, start, end = dimension_span(book, required(arguments, "range"))
    _delete(book, sheet, dimension, start, end)


def append_dimension(book: Spreadsheet, arguments: Json) -> None:
    """Add empty rows or columns at the end."""
    sheet = book.sheet(arguments.get("sheetId", 0))
    dimension, length = required(arguments, "dimension"), required(arguments, "length")
    if dimension not in _WORDS or length < 1:
        raise InvalidArgumentError("A dimension and a positive length are required.")
    _resize(book, sheet, dimension, sheet.grid.size(dimension) + length)


def move_dimension(book: Spreadsheet, arguments: Json) -> None:
    """Move rows or columns before another one, counted before the move."""
    sheet, dimension, start, end = dimension_span(book, required(arguments, "source"))
    to, size = required(arguments, "destinationIndex"), sheet.grid.size(dimension)
    if not 0 <= to <= size:
        raise InvalidArgumentError(f"destinationIndex[{to}] is not in the grid.")
    if start <= to <= end:
        return
    for merge in sheet.merged:
        first, last = merge[:2] if dimension == "ROWS" else merge[2:]
        if first < to < last or first < start < last or first < end < last:
            raise InvalidArgumentError("Merged cells can only be moved as a whole.")
    rest = [index for index in range(size) if not start <= index < end]
    place = to if to < start else to - (end - start)
    order = [*rest[:place], *range(start, end), *rest[place:]]
    _rearrange(book, sheet, dimension, order, after_move(start, end, to))


def update_dimension_properties(book: Spreadsheet, arguments: Json) -> None:
    """Change the size or the visibility of rows or columns."""
    sheet, dimension, start, end = dimension_span(book, required(arguments, "range"))
    mask = field_mask(arguments, "DimensionProperties") or {"pixelSize": {}, "hiddenByUser": {}}
    for name in mask:
        if name not in {"pixelSize", "hiddenByUser"}:
            raise UnimplementedError(f"DimensionProperties.{name}")
    new = {k: v for k, v in required(arguments, "properties").items() if v is not False}
    if new.get("pixelSize", 0) < 0:
        raise InvalidArgumentError("pixelSize must not be negative.")
    set_dimension_properties(sheet, dimension, range(start, end), mask, new)


def set_dimension_properties(
    sheet: Sheet, dimension: Dimension, span: range, mask: Mask, new: Json
) -> None:
    """Change the fields of DimensionProperties that a mask names, of some rows or columns."""
    grid = sheet.grid
    for index in span:
        if dimension == "ROWS":
            row = grid.rows[index]
            grid.rows[index] = make_row(row.facets, masks.merge(mask, row.properties, new))
        else:
            grid.columns[index] = masks.merge(mask, grid.columns[index], new)


def dimension_span(
    book: Spreadsheet, wire: Json, *, inserting: bool = False
) -> tuple[Sheet, Dimension, int, int]:
    """Read a DimensionRange; an insertion needs both ends, and may lie at the end of the grid.

    Raises:
        InvalidArgumentError: If it names no rows or columns of the grid.
    """
    sheet = book.sheet(wire.get("sheetId", 0))
    dimension: Dimension = wire.get("dimension", "DIMENSION_UNSPECIFIED")
    if dimension not in _WORDS:
        raise InvalidArgumentError("No dimension was specified.")
    size = sheet.grid.size(dimension)
    start, end = wire.get("startIndex", 0), wire.get("endIndex")
    if inserting:
        if "startIndex" not in wire or end is None or end <= start or not 0 <= start <= size:
            raise InvalidArgumentError("range needs a start in the grid and an end after it.")
        return sheet, dimension, start, end
    end = size if end is None else end
    if not 0 <= start < end <= size:
        word, _ = _WORDS[dimension]
        raise InvalidArgumentError(f"There are no {word}s [{start}, {end}) in a grid of {size}.")
    return sheet, dimension, start, end


def _rearrange(
    book: Spreadsheet,
    sheet: Sheet,
    dimension: Dimension,
    order: Sequence[int | None],
    follow: Follow,
) -> None:
    sheet.grid.rearrange(dimension, order)
    references.follow_all(book, sheet, dimension, follow)


def _delete(book: Spreadsheet, sheet: Sheet, dimension: Dimension, start: int, end: int) -> None:
    size = sheet.grid.size(dimension)
    word, frozen = _WORDS[dimension]
    left = size - (end - start)
    if left == 0:
        raise InvalidArgumentError(f"You can't delete all the {word}s on the sheet.")
    if left <= sheet.properties["gridProperties"].get(frozen, 0):
        raise InvalidArgumentError(f"It is not possible to delete all non-frozen {word}s.")
    _rearrange(book, sheet, dimension, [*range(start), *range(end, size)], after_delete(start, end))


def _resize(book: Spreadsheet, sheet: Sheet, dimension: Dimension, size: int) -> None:
    """Cut rows or columns off at the end, or add empty ones there."""
    old = sheet.grid.size(dimension)
    word, frozen = _WORDS[dimension]
    if size < 1 or size <= sheet.properties["gridProperties"].get(frozen, 0):
        raise InvalidArgumentError(f"A sheet needs at least one {word} that is not frozen.")
    if size < old:
        _delete(book, sheet, dimension, size, old)
    sheet.grid.grow(*((size, 0) if dimension == "ROWS" else (0, size)))


def _inherit(sheet: Sheet, dimension: Dimension, added: range, model: int) -> None:
    """Give new rows or columns the size, formats and validation of a neighbour, not its values."""
    grid = sheet.grid
    if dimension == "ROWS":
        neighbour = grid.rows[model]
        _, formats_of, validations, _ = neighbour.facets
        row = make_row([{}, formats_of, validations, {}], neighbour.properties)
        for index in added:
            grid.rows[index] = row
        return
    for index in added:
        grid.columns[index] = grid.columns[model]

    for number, line in enumerate(grid.rows):
        cell = line.cell(model)
        if cell.format or cell.validation:
            grid.write(number, dict.fromkeys(added, Cell(None, cell.format, cell.validation)))


def _check_sheets(book: Spreadsheet) -> None:
    if not book.sheets:
        raise InvalidArgumentError("You can't remove all the sheets in a document.")
    if all(sheet.properties.get("hidden") for sheet in book.sheets):
        raise InvalidArgumentError("You can't hide all the sheets in a document.")
