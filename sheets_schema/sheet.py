"""One of our tabs in a spreadsheet, as the API describes it or as it will be created. Pure."""

import zlib
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any

from sheets_schema.adoption import OURS, Header
from sheets_schema.columns import Cell, as_text
from sheets_schema.errors import HeaderError
from sheets_schema.layout import TabLayout
from sheets_schema.tab import Column, Positions, column_letter, find_columns, tab
from sheets_schema.wire import Json, a1, cell_value

OWNED = "Accueil : "  # marks the protected ranges that are ours to mend
_SPARE_COLUMNS = 3  # blank columns of a tab to which partners may add their own


class Sheet:
    """A tab of ours that is in a spreadsheet, or that will be created there.

    `positions` says where each column of the tab is, or where it will be if it is `new`. `renamed`
    says so of the columns whose header was renamed or emptied.

    Args:
        look: how the tab looks when it is created.
        resource: the Sheet resource of the tab, with header, first row and last row but one, or
            with all rows.
        taken: the sheetIds that are in use.
        least_rows: how many rows the grid must have; `missing_rows` is how many it lacks.
        head: where the header stands, and what its words mean; see `adoption`.

    Raises:
        HeaderError: the tab has one of our headers twice, so we cannot know which one is ours.
    """

    def __init__(
        self,
        look: TabLayout,
        resource: Json | None,
        taken: set[int],
        least_rows: int = 0,
        head: Header = OURS,
    ) -> None:
        self.look, self.head = look, head
        self.first = head.row + 1  # the 0-based row below the header
        self.tab = tab(look.key)
        self.resource = resource or {}
        properties = self.resource.get("properties", {})
        grid = properties.get("gridProperties", {})
        spare = 0 if self.tab.read_only else _SPARE_COLUMNS
        self.id: int = properties.get("sheetId", _free_id(look.key, taken))
        rows: int = grid.get("rowCount", max(look.rows, least_rows))
        self.missing_rows = max(0, least_rows - rows)
        self.row_count = rows + self.missing_rows
        self.column_count: int = grid.get("columnCount", len(self.tab.columns) + spare)
        self.rows = {
            block.get("startRow", 0) + offset: row.get("values", [])
            for block in self.resource.get("data", [])
            for offset, row in enumerate(block.get("rowData", []))
        }
        header = head.in_our_words([cell_value(cell) for cell in self.rows.get(head.row, [])])
        positions, _, repeated = find_columns(self.tab, header)
        if repeated:
            titles = ", ".join(f"« {title} »" for title in repeated)
            raise HeaderError(
                f"Onglet « {self.tab.title} » : en-tête en double : {titles}.",
                "Renommez la colonne de trop, puis recommencez.",
            )
        self.renamed = {column.key: at for column, at in self._renamed(positions)}
        positions |= self.renamed
        # New columns come after the last header. Cells there that have no header move to the right.
        headed = (i + 1 for i, cell in enumerate(header) if as_text(cell))
        self.new_at = max(head.width, *headed, 0)
        self.new = [column for column in self.tab.columns if column.key not in positions]
        self.positions = positions | {
            column.key: self.new_at + offset for offset, column in enumerate(self.new)
        }

    def _renamed(self, positions: Positions) -> Iterator[tuple[Column, int]]:
        """The columns whose header is not found, but whose protection says where it stood.

        A protection goes with its cell when people move the column, and is gone with the column.
        """
        owned = {protection.get("description"): protection["range"] for protection in self._ranges}
        taken = set(positions.values())
        for column in self.tab.columns:
            where = owned.get(header_protection(column), {})
            at = where.get("startColumnIndex", 0)
            is_one_cell = (
                where.get("endColumnIndex") == at + 1 and where.get("endRowIndex") == self.first
            )
            if column.key not in positions and is_one_cell and at not in taken:
                taken.add(at)
                yield column, at

    @property
    def _ranges(self) -> list[Json]:
        ranges: list[Json] = self.resource.get("protectedRanges", [])
        return ranges

    def cell(self, row: int, column: Column) -> Json:
        """The CellData of a cell in a 0-based row; {} if it was not read."""
        cells = self.rows.get(row, [])
        at = self.positions[column.key]
        return cells[at] if at < len(cells) else {}

    def edges(self, column: Column) -> list[Json]:
        """The first cell of a column and the last but one.

        What both have, the cells between have too. The last row may be bare: the first request of
        all adds a row at the end of the tab.
        """
        last = max(self.row_count - 2, self.first)
        return [self.cell(self.first, column), self.cell(last, column)]

    def value(self, row: int, column: Column) -> Cell:
        """The value of a cell."""
        return cell_value(self.cell(row, column))

    def below_header(self, start: int, end: int) -> Json:
        """The GridRange of some columns, 0-based, without their header."""
        columns = {"startColumnIndex": start, "endColumnIndex": end}
        return {"sheetId": self.id, "startRowIndex": self.first} | columns

    def header(self, column: Column) -> Json:
        """The GridRange of one column's header."""
        at = self.positions[column.key]
        return {
            "sheetId": self.id,
            "startRowIndex": self.head.row,
            "endRowIndex": self.first,
            "startColumnIndex": at,
            "endColumnIndex": at + 1,
        }

    def column(self, column: Column) -> Json:
        """The GridRange of one column without its header."""
        at = self.positions[column.key]
        return self.below_header(at, at + 1)

    def whole_column(self, column: Column) -> Json:
        """The GridRange of one column with its header.

        A range that began below the header would move down with the first row that is inserted
        there, and not cover that row.
        """
        at = self.positions[column.key]
        return {"sheetId": self.id, "startColumnIndex": at, "endColumnIndex": at + 1}

    def dropdown_range(self, key: str) -> str:
        """A column's cells as the range of a dropdown."""
        letter = column_letter(self.positions[key])
        return f"={a1(self.tab.title, f'${letter}$2:${letter}')}"

    def title(self, column: Column) -> str:
        """What stands over a column, or is to stand there: our title, or the partner's word."""
        return self.head.adoption.title(column.key) if self.head.adoption else column.title

    def is_theirs(self, column: Column) -> bool:
        """Whether a column was there before the system, so that its formats are the partner's."""
        return self.head.adoption is not None and column.key in self.head.adoption.theirs

    def keeps_choices(self, column: Column) -> bool:
        """Whether a column has a data validation of the partner's own, which stays."""
        return self.head.adoption is not None and column.key in self.head.adoption.choices

    def runs(
        self, columns: Sequence[Column], key: Callable[[Column], Any]
    ) -> Iterator[tuple[int, list[Column]]]:
        """Neighbouring columns for which `key` is the same, each run with its first position."""
        ordered = sorted(columns, key=lambda column: self.positions[column.key])
        places = enumerate(ordered)
        for _, group in groupby(
            places, lambda item: (self.positions[item[1].key] - item[0], key(item[1]))
        ):
            run = [column for _, column in group]
            yield self.positions[run[0].key], run


def header_protection(column: Column) -> str:
    """The description of the protected range of a column's header."""
    return f"{OWNED}en-tête « {column.title} »"


def _free_id(key: str, taken: set[int]) -> int:
    """A sheetId made from the tab's key, so that equal workbooks have equal links."""
    number = zlib.crc32(key.encode()) % 1_000_000_000 + 1
    while number in taken:
        number += 1
    return number
