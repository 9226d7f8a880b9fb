"""What is read of the shared workbook and what is written into it, as plain data. Pure.

Code that decides produces this data and knows no adapter. An adapter carries it out: `google` calls
Google Sheets, and `memory` changes a workbook that tests hold in memory.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from functions.shared.errors import MissingTabsError
from functions.shared.sheets.fence import Fence
from sheets_schema.columns import Cell
from sheets_schema.drift import Drift
from sheets_schema.tab import Grid, Part, tab
from sheets_schema.wire import Json, Reading

FIRST_COPY = 2  # the row of the system tab, 0-based, where the copies of a commit begin


@dataclass(frozen=True)
class Change:
    """The change of one cell: its text before, and its text after; "" means blank.

    `before` is None if an earlier version did not keep it; then only the row's hash is compared.
    """

    before: str | None
    after: str


@dataclass(frozen=True)
class RowEdit:
    """What to change in a row that is there already.

    `reference` names the row for people. `row` is its 0-based index when it was read, and
    `row_hash` the hash of what it held then. A change is made only if the row at that place is
    still the same, and if the cell still holds what was seen.

    An edit can write text only, because the text takes the place of a token. Google Sheets would
    keep a date, a number or a yes/no as text or interpret it anew, so the decisions about rows
    leave such values out, see `row_edits.is_plain`.

    `tab` is the key of the row's tab. If that is not Demandes, the row has no reference, and
    `reference` is any text that no other edit of the batch has.
    """

    reference: str
    row: int
    row_hash: str
    changes: Mapping[str, Change]
    tab: str = "requests"


@dataclass(frozen=True)
class TabTitle:
    """A tab as people see it: its sheetId, its title, and its place among the tabs, 0-based."""

    sheet_id: int
    title: str
    index: int


@dataclass(frozen=True)
class TabChange:
    """A tab that gets another title, another place, or what it lacks to be one of ours.

    `before` is its present title. `index` is its new place, None for where it is. `dress` is the
    key of the tab that it is to be: columns, formats, dropdowns and protections are added, and
    nothing is taken away.
    """

    sheet_id: int
    title: str
    before: str = ""
    index: int | None = None
    dress: str = ""


@dataclass(frozen=True)
class Commit:
    """One batch. It is applied as a whole or not at all.

    `seen` is the reading that it was decided on, which says where the columns of a tab stand.
    `rows` are inserted right below the last row of their tab that says something, as cells by
    column. Each of `edits` copies its row and puts its tokens into the cells. `expired` are fences
    to delete. `tabs` are changed in their order, before all rows and cells.

    A commit that does not touch Demandes does not need that tab either.
    """

    fence: Fence
    spreadsheet: str
    seen: Reading
    rows: Mapping[str, Sequence[Mapping[str, Cell]]] = field(default_factory=dict)
    edits: Sequence[RowEdit] = ()
    expired: Sequence[Fence] = ()
    tabs: Sequence[TabChange] = ()

    @property
    def touches_requests(self) -> bool:
        """Whether it adds rows to Demandes, or changes some of any tab, whose header it copies."""
        return bool(self.edits or self.rows.get("requests"))

    @property
    def other_tabs(self) -> list[str]:
        """The keys of the tabs beside Demandes of which it changes rows."""
        return list(dict.fromkeys(edit.tab for edit in self.edits if edit.tab != "requests"))


@dataclass(frozen=True)
class Replacement:
    """A token that stands in a cell, and the text that takes its place.

    `sheet_id` is the sheetId of the tab, None for Demandes. It stays the same if the tab gets
    another title.
    """

    token: str
    text: str
    sheet_id: int | None = None


class Workbook(Protocol):
    """What the functions need of the shared workbook.

    Raises:
        WorkbookError: from every method; its subclasses say whether the call may be applied.
    """

    id: str

    def version(self) -> str:
        """A text that changes whenever anybody changes the workbook; "" if that is unknown.

        It may change late. If it is the same as before, the workbook has probably not changed.
        """

    def permissions(self) -> Sequence[Json] | None:
        """Who may open the workbook: Permission resources of Drive. None if we may not know."""

    def read_titles(self) -> list[TabTitle]:
        """All tabs, in their order; hidden ones as well."""

    def drifts(self) -> Sequence[Drift]:
        """What people changed of the workbook's make-up, see `sheets_schema.drift`.

        Raises:
            HeaderError: a tab has one of our headers twice.
        """

    def read(self, parts: Mapping[str, Part]) -> Reading:
        """Read parts of tabs by key, and the named ranges.

        Raises:
            MissingTabsError: some of these tabs do not exist; the error says which.
        """

    def read_rows(self, seen: Reading, key: str, rows: Sequence[int]) -> dict[int, list[Cell]]:
        """Read whole rows of a tab by their 0-based index. Rows beyond its end are left out.

        The answer is empty if the columns no longer stand where they were seen.
        """

    def commit(self, commit: Commit) -> Grid:
        """Apply a batch, and return the cells of the system tab as the batch left them.

        Raises:
            WorkbookRefusedError: its fence number is taken, or something in it is wrong. Nothing of
                it was applied.
        """

    def replace(self, seen: Reading, replacements: Sequence[Replacement]) -> None:
        """Replace tokens by texts. A token that stands in no cell changes nothing."""

    def keep_views(self, wanted: Sequence[Json]) -> int:
        """Make our filter views of Demandes what they should be, see `sheets_schema.views`.

        Done twice, it changes nothing the second time. It has no fence: a view holds no data.

        Args:
            wanted: FilterView resources, as `filter_views` makes them.

        Returns:
            How many views were made, changed or deleted.
        """


def missing_tabs(keys: Collection[str]) -> MissingTabsError:
    """The error that says that there are no such tabs."""
    titles = ", ".join(f"« {tab(key).title} »" for key in keys)
    return MissingTabsError(
        f"Onglet introuvable : {titles}.",
        "Rendez-lui son nom, ou recréez-le avec « accueil sheet apply » ; rien n'est perdu, "
        "tout reprendra ensuite.",
        keys,
    )


def token(batch: str, edit: RowEdit, column: str) -> str:
    """The text that stands in a cell while it is being changed. No two tokens are the same.

    Args:
        batch: the key of the batch that changes the cell.
        edit: the edit of the cell's row.
        column: the key of the cell's column.
    """
    return f"Attribution en cours {batch} {edit.reference} {column}"


def copies(system: Grid) -> tuple[Sequence[Cell], Sequence[Sequence[Cell]]]:
    """The copies that the last commit made: the header of Demandes, and the edited rows.

    The rows are followed by the headers of the other tabs of which it changed rows.

    Args:
        system: the cells of the system tab.
    """
    rows = system[FIRST_COPY:]
    return (rows[0], rows[1:]) if rows else ([], [])
