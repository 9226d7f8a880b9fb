"""A spreadsheet: its sheets, what lies over their cells, and how ranges find them.

JSON is kept in Google's shape. It is replaced and never changed in place. So a copy is cheap, and a
batch that fails leaves the original as it was.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from secrets import randbelow
from typing import Any, Final

from infra.emulator import a1, formats, masks
from infra.emulator.a1 import Box, GridRange
from infra.emulator.errors import InvalidArgumentError, UnimplementedError
from infra.emulator.grid import Dimension, Grid, Json
from infra.emulator.masks import Mask
from infra.emulator.values import Locale, locale_named

MAXIMUM_CELLS: Final = 10_000_000  # in a spreadsheet; known from third parties only
MAXIMUM_TITLE: Final = 100
PROPERTIES: Final = ("title", "locale", "timeZone", "autoRecalc")  # that callers may set
NEW_SHEET: Final = (1000, 26)  # recorded: the size of a sheet if the caller gives none
NEW_SPREADSHEET: Final[Json] = {"title": "Untitled spreadsheet", "locale": "en_US"} | {
    "autoRecalc": "ON_CHANGE",
    "timeZone": "Etc/GMT",
}


@dataclass
class Sheet:
    """A tab. Its position and the size of its grid are not among its `properties`.

    `groups` have a startIndex, an endIndex, a depth and, if they are collapsed, a mark for it.
    """

    properties: Json
    grid: Grid
    protected_ranges: list[Json] = field(default_factory=list)
    conditional_formats: list[Json] = field(default_factory=list)
    filter_views: list[Json] = field(default_factory=list)
    basic_filter: Json | None = None
    merges: list[Json] = field(default_factory=list)
    groups: dict[Dimension, list[Json]] = field(default_factory=lambda: {"ROWS": [], "COLUMNS": []})

    @property
    def id(self) -> int:
        """The sheetId."""
        return int(self.properties["sheetId"])

    @property
    def title(self) -> str:
        """The words on the tab."""
        return str(self.properties["title"])

    def copy(self) -> "Sheet":
        """Return a sheet whose changes leave this one alone."""
        return replace(
            self,
            grid=self.grid.copy(),
            protected_ranges=self.protected_ranges.copy(),
            conditional_formats=self.conditional_formats.copy(),
            filter_views=self.filter_views.copy(),
            merges=self.merges.copy(),
            groups={dimension: groups.copy() for dimension, groups in self.groups.items()},
        )

    @property
    def merged(self) -> list[Box]:
        """The boxes of merged cells."""
        size = len(self.grid.rows), len(self.grid.columns)
        return [GridRange.from_json(wire).within(*size) for wire in self.merges]

    def empty_merged(self) -> None:
        """Empty all merged cells except the first of each merge.

        Users report that Google loses values written there, although its answer says that they
        were written.
        """
        for box in self.merged:
            beside = box._replace(bottom=box.top + 1, left=box.left + 1)
            for covered in (beside, box._replace(top=box.top + 1)):
                self.grid.edit_alike(covered, lambda cell: cell._replace(value=None))

    def clip(self, area: GridRange) -> Box:
        """Return the part of a range that is in the grid.

        Raises:
            InvalidArgumentError: In Google's words, if the range starts beyond the grid.
        """
        box = area.within(len(self.grid.rows), len(self.grid.columns))
        if box.top >= len(self.grid.rows) or box.left >= len(self.grid.columns):
            raise self.exceeded(_whole(area, box))
        return box

    def exceeded(self, box: Box) -> InvalidArgumentError:
        """Return the error for a box that is not within the grid."""
        return InvalidArgumentError(
            f"Range ({a1.write(self.title, box)}) exceeds grid limits. "
            f"Max rows: {len(self.grid.rows)}, max columns: {len(self.grid.columns)}"
        )


@dataclass
class Spreadsheet:
    """A spreadsheet as the API shows it, without what Drive knows of it."""

    id: str
    properties: Json
    sheets: list[Sheet]
    named_ranges: list[Json] = field(default_factory=list)

    def copy(self) -> "Spreadsheet":
        """Return a spreadsheet whose changes leave this one alone."""
        sheets = [sheet.copy() for sheet in self.sheets]
        return replace(self, sheets=sheets, named_ranges=self.named_ranges.copy())

    @property
    def locale(self) -> Locale:
        """How its cells write numbers and dates."""
        return locale_named(self.properties["locale"])

    def sheet(self, sheet_id: int) -> Sheet:
        """Return a sheet by its id.

        Raises:
            InvalidArgumentError: In Google's words, if there is none.
        """
        for sheet in self.sheets:
            if sheet.id == sheet_id:
                return sheet
        raise InvalidArgumentError(f"No grid with id: {sheet_id}")

    def find(self, text: str) -> tuple[Sheet, GridRange]:
        """Return the sheet and the range that A1 notation or a name stands for.

        Raises:
            InvalidArgumentError: In Google's words, if there is no such range.
        """
        area = a1.parse(text, {s.title: s.id for s in self.sheets}, self._named_range)
        return self.sheet(area.sheet), area

    def locate(self, wire: Mapping[str, Any]) -> tuple[Sheet, Box]:
        """Return the sheet and the cells of a GridRange in a request.

        Raises:
            InvalidArgumentError: If there is no such sheet, or the range leaves the grid.
        """
        area = GridRange.from_json(wire)
        sheet = self.sheet(area.sheet)
        box = sheet.clip(area)
        if _whole(area, box) != box:
            raise sheet.exceeded(_whole(area, box))
        if box.bottom <= box.top or box.right <= box.left or min(box) < 0:
            raise InvalidArgumentError("A range must not be empty.")
        return sheet, box

    def place(self, wire: Mapping[str, Any]) -> tuple[Sheet, int, int]:
        """Return the sheet, the row and the column of a GridCoordinate in a request.

        Raises:
            InvalidArgumentError: In Google's words, if there is no such cell.
        """
        sheet = self.sheet(wire.get("sheetId", 0))
        row, column = wire.get("rowIndex", 0), wire.get("columnIndex", 0)
        for name, index, size in (
            ("row", row, len(sheet.grid.rows)),
            ("column", column, len(sheet.grid.columns)),
        ):
            if not 0 <= index < size:
                raise InvalidArgumentError(
                    f"GridCoordinate.{name}Index[{index}] is after last {name} in grid[{size - 1}]"
                )
        return sheet, row, column

    def check_size(self) -> None:
        """Refuse a spreadsheet of more cells than Google allows.

        Raises:
            InvalidArgumentError: In Google's words.
        """
        cells = sum(len(sheet.grid.rows) * len(sheet.grid.columns) for sheet in self.sheets)
        if cells > MAXIMUM_CELLS:
            raise InvalidArgumentError(
                "This action would increase the number of cells in the workbook above the limit "
                f"of {MAXIMUM_CELLS} cells."
            )

    def add_sheet(self, properties: Mapping[str, Any]) -> Sheet:
        """Add a sheet with those SheetProperties, all of them optional.

        Raises:
            InvalidArgumentError: If the id or the title is taken, or the size impossible.
        """
        if properties.get("sheetType", "GRID") != "GRID":
            raise UnimplementedError(f"sheetType {properties['sheetType']}")
        taken = {sheet.id for sheet in self.sheets}
        sheet_id = properties.get("sheetId", new_id(taken) if taken else 0)
        if sheet_id in taken or sheet_id < 0:
            raise InvalidArgumentError(f"A sheet with id {sheet_id} already exists.")
        title = properties.get("title") or self._free_title()
        self.check_title(title)
        size = properties.get("gridProperties", {})
        rows, columns = size.get("rowCount", NEW_SHEET[0]), size.get("columnCount", NEW_SHEET[1])
        if rows < 1 or columns < 1:
            raise InvalidArgumentError("A sheet needs at least one row and one column.")
        kept = stored_properties({**properties, "sheetId": sheet_id, "title": title})
        sheet = Sheet(kept, Grid.empty(rows, columns))
        index = properties.get("index", len(self.sheets))
        self.sheets.append(sheet)
        self.move_sheet(sheet, index)
        self.check_size()
        return sheet

    def move_sheet(self, sheet: Sheet, index: int) -> None:
        """Put a sheet before the one that is at an index now, or at the end.

        Raises:
            InvalidArgumentError: If there is no such place.
        """
        if not 0 <= index <= len(self.sheets):
            raise InvalidArgumentError(f"index[{index}] is not a place for a sheet.")
        before, after = (
            [other for other in part if other is not sheet]
            for part in (self.sheets[:index], self.sheets[index:])
        )
        self.sheets = [*before, sheet, *after]

    def check_title(self, title: str, of: Sheet | None = None) -> None:
        """Refuse a title that is empty, too long or used by another sheet, in either case.

        Raises:
            InvalidArgumentError: In Google's words.
        """
        if not 0 < len(title) <= MAXIMUM_TITLE:
            raise InvalidArgumentError(
                f"The sheet name cannot be empty or greater than {MAXIMUM_TITLE} characters."
            )
        if any(s is not of and s.title.casefold() == title.casefold() for s in self.sheets):
            raise InvalidArgumentError(
                f'A sheet with the name "{title}" already exists. Please enter another name.'
            )

    def _named_range(self, name: str) -> GridRange | None:
        for named in self.named_ranges:
            if named["name"].casefold() == name.casefold():
                return GridRange.from_json(named["range"])
        return None

    def _free_title(self) -> str:
        taken = {sheet.title.casefold() for sheet in self.sheets}
        number = 1
        while f"sheet{number}" in taken:
            number += 1
        return f"Sheet{number}"


def spreadsheet_properties(old: Json, new: Json, mask: Mask) -> Json:
    """Return SpreadsheetProperties after a change.

    Raises:
        InvalidArgumentError: If the title or the locale would be empty.
        UnimplementedError: For a property or a locale that the local API does not have.
    """
    for name in mask:
        if name not in PROPERTIES:
            raise UnimplementedError(f"SpreadsheetProperties.{name}")
    properties = masks.merge(mask, old, new)
    if not properties.get("title") or not properties.get("locale"):
        raise InvalidArgumentError("A spreadsheet needs a title and a locale.")
    locale_named(properties["locale"])
    return properties


def stored_properties(properties: Json) -> Json:
    """Return SheetProperties as a sheet keeps them: no place, no size, nothing at its default.

    Raises:
        InvalidArgumentError: If fewer than no rows or columns are frozen.
    """
    kept = {k: v for k, v in formats.canonical(properties).items() if v and k != "index"}
    grid = properties.get("gridProperties", {})
    for name in ("frozenRowCount", "frozenColumnCount"):
        if grid.get(name, 0) < 0:
            raise InvalidArgumentError(f"{name} must not be negative.")
    kept["gridProperties"] = {
        name: value
        for name, value in grid.items()
        if value and name not in {"rowCount", "columnCount"}
    }
    return kept | {"sheetId": properties["sheetId"], "title": properties["title"]}


def new_id(taken: Iterable[object]) -> int:
    """Return a random positive number that is not taken, as Google gives to new things."""
    while (number := randbelow(2**31 - 1) + 1) in set(taken):
        pass
    return number


def _whole(area: GridRange, box: Box) -> Box:
    """Return a range with its own bounds, or else with the bounds of its part in the grid."""
    bottom = max(box.top + 1, box.bottom) if area.bottom is None else area.bottom
    right = max(box.left + 1, box.right) if area.right is None else area.right
    return Box(box.top, bottom, box.left, right)
