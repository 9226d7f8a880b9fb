"""Cells and ranges in the form in which the Sheets API sends and takes them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest
from typing import Any

from sheets_schema import schema
from sheets_schema.adoption import OURS, Header
from sheets_schema.columns import Cell
from sheets_schema.errors import HeaderError
from sheets_schema.tab import cell_at, find_columns, find_end, match_header, tab

Json = dict[str, Any]
# Characters of a cell that are read. A cell may hold 50,000; none of ours may hold as many as this.
LONGEST = 6_000


@dataclass(frozen=True)
class TabCells:
    """A tab that was read: its sheetId and its cells, header first, from column A.

    `rows` are its cells. Where only some columns were read, `rows` is the header alone, and
    `columns` has the cells below it, by place; they are all of one length. `end` says where the
    rows end, see `tab.find_end`, if they were not read. `head` says where the header stands in the
    sheet and what its words mean there; here it comes first, in our words, see `adoption`.
    """

    sheet_id: int
    rows: list[list[Cell]]
    end: int | None = None
    head: Header = OURS
    columns: Mapping[int, Sequence[Cell]] | None = None

    @cached_property
    def grid(self) -> list[list[Cell]]:
        """Its cells, row by row; those of other columns are blank."""
        if not self.columns:
            return self.rows
        below = self.below_header
        blank = (None,) * len(next(iter(below.values())))
        wide = (below.get(place, blank) for place in range(max(below) + 1))
        return [*self.rows, *map(list, zip(*wide, strict=True))]

    @cached_property
    def below_header(self) -> Mapping[int, Sequence[Cell]]:
        """The cells below the header, column by column."""
        if self.columns is None:
            return dict(enumerate(zip_longest(*self.rows[1:])))
        return self.columns


@dataclass(frozen=True)
class Reading:
    """One read of the spreadsheet: its named ranges (id by name), and tabs by key."""

    named_ranges: Mapping[str, str]
    tabs: Mapping[str, TabCells]

    def positions(self, key: str, columns: Collection[str] | None = None) -> dict[str, int]:
        """Where a tab's columns stand, 0-based; `columns` are the only ones needed, None for all.

        Raises:
            HeaderError: see `match_header`.
        """
        try:
            return match_header(tab(key), self.header(key), self.version, columns)
        except HeaderError as error:
            raise self.tabs[key].head.in_their_words(error) from error

    def header(self, key: str) -> list[Cell]:
        """A tab's header, in our words."""
        rows = self.tabs[key].rows
        return rows[0] if rows else []

    def end(self, key: str) -> int:
        """The 0-based row below the last one of a tab that says something, see `find_end`."""
        cells = self.tabs[key]
        end = find_end(tab(key), cells.grid) if cells.end is None else cells.end
        return max(end, cells.head.row + 1)

    @cached_property
    def version(self) -> int:
        """The version of the schemas that the workbook was made for, by its system tab.

        If the system tab was not read, it is the newest version, so that no column may be missing.
        """
        if "system" not in self.tabs:
            return schema.VERSION
        column, _, _ = find_columns(tab("system"), self.header("system"))
        rows = self.tabs["system"].grid[1:2]
        said = cell_at(rows[0], column.get("schema_version")) if rows else None
        return int(said) if isinstance(said, int | float) and said >= 1 else 1


def typed_cell(cell: Cell) -> Json:
    """A cell as CellData with a typed value: text stays text, and Sheets never parses it."""
    if cell is None:
        return {}
    if isinstance(cell, bool):
        return {"userEnteredValue": {"boolValue": cell}}
    if isinstance(cell, str):
        return {"userEnteredValue": {"stringValue": cell}}
    return {"userEnteredValue": {"numberValue": cell}}


def cell_value(data: Json) -> Cell:
    """The effective value of a CellData; an error is read as `values.get` shows it."""
    value = data.get("effectiveValue", {})
    for kind in ("stringValue", "numberValue", "boolValue"):
        if kind in value:
            return cut(value[kind])
    if "errorValue" not in value:
        return None
    return _ERRORS.get(value["errorValue"].get("type", ""), "#ERROR!")


def cut(cell: Cell) -> Cell:
    """A cell without what stands beyond LONGEST."""
    return cell[:LONGEST] if isinstance(cell, str) else cell


_ERRORS = {
    "NULL_VALUE": "#NULL!",
    "DIVIDE_BY_ZERO": "#DIV/0!",
    "VALUE": "#VALUE!",
    "REF": "#REF!",
    "NAME": "#NAME?",
    "NUM": "#NUM!",
    "N_A": "#N/A",
    "LOADING": "Loading...",
}


def grid(sheet: Json) -> list[list[Cell]]:
    """The cells of a sheet in an answer, from row 1 and column A; those not read are blank.

    Each range that was asked for comes as a block of data, which says where it begins. Every cell
    of a merged range reads as what is shown there.
    """
    rows: list[list[Cell]] = []
    for block in sheet.get("data", []):
        top, left = block.get("startRow", 0), block.get("startColumn", 0)
        for number, data in enumerate(block.get("rowData", []), start=top):
            cells = [cell_value(cell) for cell in data.get("values", [])]
            rows += [[] for _ in range(number + 1 - len(rows))]
            row = rows[number]
            row += [None] * (left + len(cells) - len(row))
            row[left : left + len(cells)] = cells
    for merge in sheet.get("merges", []):
        _fill(rows, merge)
    return rows


def _fill(rows: Sequence[list[Cell]], merge: Json) -> None:
    """Give each cell of a merged range what people see there. Google gives it to the first one.

    A merged header stays as it is, because each column has one of its own.
    """
    top, left = merge.get("startRowIndex", 0), merge.get("startColumnIndex", 0)
    if top == 0 or top >= len(rows) or left >= len(rows[top]):
        return
    shown, width = rows[top][left], merge["endColumnIndex"] - left
    for row in rows[top : merge["endRowIndex"]]:
        row.extend([None] * (left + width - len(row)))
        row[left : left + width] = [shown] * width


def a1(title: str, cells: str = "") -> str:
    """A range in A1 notation: the quoted title of a tab, and cells in it; by default the whole tab.

    >>> a1("Règles d'attribution", "1:1")
    "'Règles d''attribution'!1:1"
    """
    quoted = "'" + title.replace("'", "''") + "'"
    return f"{quoted}!{cells}" if cells else quoted
