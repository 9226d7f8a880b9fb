"""A sheet of a file, whatever its format. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sheets_schema.columns import as_text as plain_text
from sheets_schema.errors import AccueilError

# A moment has no time zone: it is what a clock on the wall showed.
Cell = str | float | bool | date | datetime | None


class ListError(AccueilError):
    """A file cannot be read as a list of people. The sentence says why, and what to do."""


@dataclass(frozen=True)
class Merge:
    """Cells that are merged: first and last row, first and last column, from 0, both included."""

    top: int
    bottom: int
    left: int
    right: int


@dataclass(frozen=True)
class Sheet:
    """The cells of a sheet, and what its format says about them.

    Rows and columns count from 0. `name` is None if the format has no sheets, as CSV. `since_1904`
    says that numbers of days count from 1904, as spreadsheets of early Macs do.
    """

    name: str | None
    rows: Sequence[Sequence[Cell]]
    merged: tuple[Merge, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    hidden: bool = False
    since_1904: bool = False

    def cell(self, row: int, column: int) -> Cell:
        """The cell of a row and a column; None outside the sheet."""
        if row < len(self.rows) and column < len(self.rows[row]):
            return self.rows[row][column]
        return None

    def text(self, row: int, column: int) -> str:
        """The text that a person sees in a cell."""
        return as_text(self.cell(row, column))

    @property
    def width(self) -> int:
        """How many columns the widest row has."""
        return max(map(len, self.rows), default=0)


@dataclass(frozen=True)
class ListFile:
    """A file that was read: its name without folders, its sheets, and what to say about it."""

    name: str
    sheets: tuple[Sheet, ...]
    remarks: tuple[str, ...] = ()


def as_text(cell: Cell) -> str:
    """A cell as the text that a person sees: a day is « 31/12/2026 », 19100.0 is « 19100 »."""
    if isinstance(cell, datetime) and (cell.hour or cell.minute or cell.second):
        return cell.strftime("%d/%m/%Y %H:%M")
    return cell.strftime("%d/%m/%Y") if isinstance(cell, date) else plain_text(cell)
