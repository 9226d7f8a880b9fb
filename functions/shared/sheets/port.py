"""The shared workbook in our own words: what is read of it, and what is written into it. Pure.

An adapter turns these into calls: `google` to Google Sheets, `memory` to a workbook that tests
hold in memory. Whoever decides produces this data and knows no adapter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from functions.shared.sheets.fence import Fence
from sheets_schema.columns import Cell
from sheets_schema.tab import Grid, Part
from sheets_schema.wire import Reading

FIRST_COPY = 2  # the row of the system tab, 0-based, where the copies of a commit begin


@dataclass(frozen=True)
class Change:
    """What becomes of one cell: what it holds, and what it is to hold; "" is blank.

    `before` is None where an earlier version did not keep it: the row's hash alone tells then.
    """

    before: str | None
    after: str


@dataclass(frozen=True)
class RowEdit:
    """What to change in a row that is there already.

    `reference` names the row for people; `row` is its 0-based index when it was read, `row_hash`
    the hash of what it held then. A change is made only if the row is still that one, and the
    cell still holds what was seen.

    Text alone can be carried: it is put into place by replacing a token. A date, a number or a
    yes/no would be taken for text or read anew by Google Sheets, so `row_edits.plan` refuses them.
    """

    reference: str
    row: int
    row_hash: str
    changes: Mapping[str, Change]


@dataclass(frozen=True)
class Commit:
    """One batch: it is applied whole or not at all.

    `seen` is what it was decided on: a tab's columns are where they stood then. `rows` are added
    below the last one of a tab, cells by column. `edits` get their tokens, and a copy of each row
    is taken. `expired` are fences that may go.
    """

    fence: Fence
    spreadsheet: str
    seen: Reading
    rows: Mapping[str, Sequence[Mapping[str, Cell]]] = field(default_factory=dict)
    edits: Sequence[RowEdit] = ()
    expired: Sequence[Fence] = ()


@dataclass(frozen=True)
class Replacement:
    """A token that stands in a cell of Demandes, and the text that takes its place."""

    token: str
    text: str


class Workbook(Protocol):
    """What the functions need of the shared workbook.

    Raises:
        WorkbookError: from every method; see its subclasses for what is known of the call.
    """

    id: str

    def version(self) -> str:
        """What changes whenever anybody changes the workbook; "" where nobody can tell.

        It may lag: that it is the same is a hint, and no proof.
        """

    def read(self, parts: Mapping[str, Part]) -> Reading:
        """Read parts of tabs by key, and the named ranges."""

    def read_rows(self, seen: Reading, key: str, rows: Sequence[int]) -> dict[int, list[Cell]]:
        """Read whole rows of a tab by their 0-based index; those beyond its end are left out.

        Empty if the columns do not stand any more where they were seen.
        """

    def commit(self, commit: Commit) -> Grid:
        """Apply a batch; returns the cells of the system tab as it left them.

        Raises:
            WorkbookRefusedError: its number is taken, or something in it is wrong; nothing of it
                was applied.
        """

    def replace(self, seen: Reading, replacements: Sequence[Replacement]) -> None:
        """Put texts into the place of tokens; one that stands nowhere does nothing."""


def token(batch: str, edit: RowEdit, column: str) -> str:
    """What stands in a cell while it is being changed; no two are the same.

    Args:
        batch: the key of the batch that changes it.
        edit: the row's.
        column: the cell's.
    """
    return f"Attribution en cours {batch} {edit.reference} {column}"


def copies(system: Grid) -> tuple[Sequence[Cell], Sequence[Sequence[Cell]]]:
    """The header of Demandes and the edited rows, as the last commit copied them.

    Args:
        system: the cells of the system tab.
    """
    rows = system[FIRST_COPY:]
    return (rows[0], rows[1:]) if rows else ([], [])
