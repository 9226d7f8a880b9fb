"""A tab as people see it: titles in its first row, and cells to read and type into."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypedDict

from infra.emulator import a1, batch, cellvalues, values
from infra.emulator.a1 import Box, GridRange
from infra.emulator.errors import InvalidArgumentError
from infra.emulator.grid import Json
from infra.emulator.kinds import KINDS
from infra.emulator.people.titles import Titles
from infra.emulator.spreadsheet import Spreadsheet


class Identity(TypedDict):
    """What distinguishes a row at a given time: its number as people count, reference and name."""

    row: int
    reference: str
    name: str


class Table:
    """One tab of a spreadsheet. Rows and columns are counted from 0, the header's row included.

    Args:
        book: The spreadsheet.
        title: The tab's.
        titles: The titles of the columns by which people know a row.

    Raises:
        InvalidArgumentError: If there is no such tab.
    """

    def __init__(self, book: Spreadsheet, title: str, titles: Titles | None = None) -> None:
        sheets = [sheet for sheet in book.sheets if sheet.title == title]
        if not sheets:
            raise InvalidArgumentError(f"There is no tab « {title} ».")
        self.book = book
        self.titles = titles or Titles()
        self.sheet = sheets[0]

    @property
    def headers(self) -> list[str]:
        """The titles in the first row, blank ones too."""
        return [self.text(0, column) for column in range(len(self.sheet.grid.columns))]

    @property
    def end(self) -> int:
        """The first row below all data, perhaps the one after the grid's last."""
        return max(1, self.sheet.grid.next_row())

    def column(self, header: str) -> int:
        """Return the first column of that title.

        Raises:
            InvalidArgumentError: If there is none.
        """
        headers = self.headers
        if header not in headers:
            raise InvalidArgumentError(f"There is no column « {header} ».")
        return headers.index(header)

    def text(self, row: int, column: int) -> str:
        """Return what a cell shows."""
        cell = self.sheet.grid.cell(row, column)
        return values.formatted(cell.value, cell.number_format, self.book.locale)

    def under(self, row: int, header: str) -> str:
        """Return what a row shows under a title; nothing if there is no such column."""
        headers = self.headers
        return self.text(row, headers.index(header)) if header in headers else ""

    def filled(self) -> list[int]:
        """Return the rows with data, without the header's."""
        rows = self.sheet.grid.rows
        return [row for row in range(1, self.end) if rows[row].values]

    def with_reference(self, reference: str) -> list[int]:
        """Return the rows of that reference; people copy rows."""
        column = self.column(self.titles.reference)
        return [row for row in self.filled() if self.text(row, column) == reference]

    def identity(self, row: int) -> Identity:
        """Return what tells a row from others."""
        reference, name = (
            self.under(row, title) for title in (self.titles.reference, self.titles.name)
        )
        return Identity(row=row + 1, reference=reference, name=name)

    def protected(self, row: int, column: int) -> bool:
        """Tell whether Sheets would warn or stop who types there."""
        cell = Box(row, row + 1, column, column + 1)
        size = len(self.sheet.grid.rows), len(self.sheet.grid.columns)
        return any(
            GridRange.from_json(protection["range"]).within(*size).meets(cell)
            for protection in self.sheet.protected_ranges
        )

    def choices(self, row: int, column: int) -> list[str]:
        """Return what the dropdown of a cell offers; nothing if it has none."""
        condition = (self.sheet.grid.cell(row, column).validation or {}).get("condition", {})
        offered = [value["userEnteredValue"] for value in condition.get("values", ())]
        if condition.get("type") == "ONE_OF_LIST":
            return offered
        return list(self._listed(offered[0])) if condition.get("type") == "ONE_OF_RANGE" else []

    def free_text(self, row: int, column: int) -> bool:
        """Tell whether people write what they like in a cell, under some title."""
        cell = self.sheet.grid.cell(row, column)
        plain = not cell.validation and cell.number_format.get("type", "TEXT") == "TEXT"
        return plain and bool(self.text(0, column)) and not self.protected(row, column)

    def reach(self, row: int) -> None:
        """Add rows to the grid where it ends before that one."""
        if (missing := row + 1 - len(self.sheet.grid.rows)) > 0:
            where = {"sheetId": self.sheet.id, "dimension": "ROWS"}
            self.do("appendDimension", **where, length=missing)

    def type(self, row: int, column: int, lines: Sequence[Sequence[str]]) -> None:
        """Type into cells, from one on to the right and down.

        Raises:
            InvalidArgumentError: If the cells are not in the grid.
        """
        where = a1.write(self.sheet.title, Box(row, row + 1, column, column + 1))
        typed = {"valueInputOption": "USER_ENTERED"}
        cellvalues.update(self.book, where, {"values": lines}, typed)

    def do(self, kind: str, **arguments: Any) -> None:  # noqa: ANN401 - any JSON value
        """Do what the menus offer, as a batch request.

        Raises:
            ApiError: If it can't be done.
        """
        batch.apply(self.book, [{kind: arguments}], KINDS)

    def box(self, rows: tuple[int, int], columns: tuple[int, int]) -> Json:
        """Return the GridRange of some rows and columns, half open."""
        return GridRange(self.sheet.id, *rows, *columns).to_json()

    def span(self, dimension: str, start: int, end: int) -> Mapping[str, object]:
        """Return the DimensionRange of some rows or columns, half open."""
        where = {"sheetId": self.sheet.id, "dimension": dimension}
        return {**where, "startIndex": start, "endIndex": end}

    def _listed(self, source: str) -> Iterator[str]:
        sheet, area = self.book.find(source.removeprefix("="))
        box = sheet.clip(area)
        for row in sheet.grid.rows[box.top : box.bottom]:
            if (value := row.values.get(box.left)) is not None:
                yield str(value)
