"""A workbook in the memory of this process, for tests. It keeps the same contract as Google's."""

import hashlib
from collections.abc import Mapping, Sequence
from copy import deepcopy

from functions.shared.errors import WorkbookRefusedError
from functions.shared.sheets.fence import system_text
from functions.shared.sheets.port import (
    FIRST_COPY,
    Commit,
    Replacement,
    TabChange,
    TabTitle,
    missing_tabs,
    token,
)
from sheets_schema.columns import Cell, as_text
from sheets_schema.drift import Drift
from sheets_schema.tab import DRAFT_KEY, Grid, Part, cell_at, find_columns, find_end, tab
from sheets_schema.views import view_requests
from sheets_schema.wire import Json, Reading, TabCells, cut

KEYS = ("requests", "referents", "rules", "coordination", "to_check", "tracking", "system")
_TITLED = {tab(key).title.casefold(): key for key in (*KEYS, DRAFT_KEY, "cases")}


class MemoryWorkbook:
    """See `port.Workbook`. `grids` holds the cells of each tab, header first; tests may edit them.

    Its keys are those of our tabs, and the titles of all others.

    Args:
        grids: the tabs that have rows; every other tab gets its header only.
        spreadsheet_id: the id of the spreadsheet.
    """

    def __init__(
        self, grids: Mapping[str, Grid] | None = None, spreadsheet_id: str = "memory"
    ) -> None:
        self.id = spreadsheet_id
        self.grids: dict[str, list[list[Cell]]] = {
            key: [[column.title for column in tab(key).columns]] for key in KEYS
        }
        for key, grid in (grids or {}).items():
            self.grids[key] = [list(row) for row in grid]
        self._ids: dict[str, int] = {}
        self.named_ranges: dict[str, str] = {}
        self.views: dict[int, Json] = {}  # filter views of Demandes, by id
        self.drifted: list[Drift] = []  # what people changed of the make-up, which has no cells
        self.shared: list[Json] | None = [{"type": "user", "role": "owner"}]

    def read(self, parts: Mapping[str, Part]) -> Reading:
        """See `port.Workbook`."""
        if missing := [key for key in parts if key not in self.grids]:
            raise missing_tabs(missing)
        return Reading(
            {name: id_ for id_, name in self.named_ranges.items()},
            {
                key: TabCells(
                    self._id(key),
                    self._part(key, part),
                    find_end(tab(key), self.grids[key]) if part == "end" else None,
                )
                for key, part in parts.items()
            },
        )

    def read_titles(self) -> list[TabTitle]:
        """See `port.Workbook`."""
        return [
            TabTitle(self._id(key), tab(key).title if key in _TITLED.values() else key, index)
            for index, key in enumerate(self.grids)
        ]

    def _id(self, key: str) -> int:
        """The sheetId of a tab, by its key or title."""
        if key not in self._ids:
            self._ids[key] = max(self._ids.values(), default=-1) + 1
        return self._ids[key]

    def _key(self, sheet_id: int) -> str:
        key = next((key for key in self.grids if self._id(key) == sheet_id), None)
        if key is None:
            raise WorkbookRefusedError("Cet onglet n'existe plus.")
        return key

    def _change_tab(self, change: TabChange) -> None:
        old, new = self._key(change.sheet_id), _key_of(change.title)
        if new != old and new in self.grids:
            raise WorkbookRefusedError("Ce titre est pris.")
        order = [new if key == old else key for key in self.grids]
        if change.index is not None:
            order.remove(new)
            order.insert(change.index, new)
        grids = {new if key == old else key: grid for key, grid in self.grids.items()}
        self._ids[new] = self._ids.pop(old)
        self.grids = {key: grids[key] for key in order}
        if change.dress:
            _, missing, _ = find_columns(tab(change.dress), self.grids[new][0])
            self.grids[new][0] += missing

    def version(self) -> str:
        """See `port.Workbook`."""
        return hashlib.sha256(
            repr((self.grids, self.named_ranges, self.views)).encode()
        ).hexdigest()

    def permissions(self) -> Sequence[Json] | None:
        """See `port.Workbook`."""
        return self.shared

    def drifts(self) -> Sequence[Drift]:
        """See `port.Workbook`."""
        return self.drifted

    def read_rows(self, seen: Reading, key: str, rows: Sequence[int]) -> dict[int, list[Cell]]:
        """See `port.Workbook`."""
        grid = self.grids[key]
        if list(map(as_text, grid[0])) != list(map(as_text, seen.header(key))):
            return {}
        return {row: list(map(cut, grid[row])) for row in rows if row < len(grid)}

    def _part(self, key: str, part: Part) -> list[list[Cell]]:
        grid = [list(map(cut, row)) for row in self.grids[key]]
        if part == "all" or not grid:
            return grid
        if part in ("header", "end"):
            return grid[:1]
        positions, _, _ = find_columns(tab(key), grid[0])
        read = {positions[column] for column in part if column in positions}
        rows = [
            [cell if place in read else None for place, cell in enumerate(row)] for row in grid[1:]
        ]
        return [grid[0], *rows]

    def commit(self, commit: Commit) -> Grid:
        """See `port.Workbook`."""
        if commit.fence.range_id in self.named_ranges:
            raise WorkbookRefusedError("Ce numéro de lot est pris.")
        positions = {key: commit.seen.positions(key) for key, rows in commit.rows.items() if rows}
        requests = commit.seen.positions("requests") if commit.touches_requests else {}
        sheets = {key: commit.seen.tabs[key].sheet_id for key in commit.other_tabs}
        places = {key: commit.seen.positions(key) for key in commit.other_tabs}
        for sheet_id in sheets.values():
            self._key(sheet_id)
        grids, ids = self.grids, dict(self._ids)
        try:
            for change in commit.tabs:
                self._change_tab(change)
        except WorkbookRefusedError:
            self.grids, self._ids = grids, ids
            raise
        # From here on nothing can fail, so a commit is applied as a whole or not at all.
        self.named_ranges[commit.fence.range_id] = commit.fence.range_name
        for fence in commit.expired:
            self.named_ranges.pop(fence.range_id, None)
        self._write("system", 1, 0, system_text(commit.fence, commit.spreadsheet))
        del self.grids["system"][FIRST_COPY:]
        if commit.touches_requests:
            self._edit(commit, {"requests": requests, **places}, sheets)
        for key, rows in commit.rows.items():
            if rows:
                self._insert(key, commit.seen.end(key), rows, positions[key])
        return deepcopy(self.grids["system"])

    def _edit(
        self,
        commit: Commit,
        positions: Mapping[str, Mapping[str, int]],
        sheets: Mapping[str, int],
    ) -> None:
        keys = {key: self._key(sheet_id) for key, sheet_id in sheets.items()}
        widths = {key: max(places.values()) + 1 for key, places in positions.items()}
        copied = [
            ("requests", 0),
            *((edit.tab, edit.row) for edit in commit.edits),
            *((key, 0) for key in commit.other_tabs),
        ]
        for key, row in copied:
            grid = self.grids[keys.get(key, key)]
            cells = grid[row][: widths[key]] if row < len(grid) else []
            self.grids["system"].append(deepcopy(cells))
        for edit in commit.edits:
            for column in edit.changes:
                text = token(commit.fence.key, edit, column)
                key = keys.get(edit.tab, edit.tab)
                self._write(key, edit.row, positions[edit.tab][column], text)

    def _insert(
        self, key: str, end: int, rows: Sequence[Mapping[str, Cell]], positions: Mapping[str, int]
    ) -> None:
        self.grids[key][end:end] = [[] for _ in rows]
        for at, row in enumerate(rows, start=end):
            for column, cell in row.items():
                if column in positions:
                    self._write(key, at, positions[column], cell)

    def replace(self, seen: Reading, replacements: Sequence[Replacement]) -> None:  # noqa: ARG002
        """See `port.Workbook`."""
        for key, grid in self.grids.items():
            texts = {
                replacement.token: replacement.text or None
                for replacement in replacements
                if replacement.sheet_id == self._id(key)
                or (replacement.sheet_id is None and key == "requests")
            }
            for row in grid if texts else ():
                row[:] = [texts.get(cell, cell) if isinstance(cell, str) else cell for cell in row]

    def keep_views(self, wanted: Sequence[Json]) -> int:
        """See `port.Workbook`."""
        size = len(self.grids["requests"]), max(map(len, self.grids["requests"]))
        requests = view_requests(list(self.views.values()), wanted, size)
        for request in requests:
            ((kind, arguments),) = request.items()
            if kind == "deleteFilterView":
                del self.views[arguments["filterId"]]
            else:
                view = arguments["filter"]
                self.views[view["filterViewId"]] = view
        return len(requests)

    def rows(self, key: str) -> list[dict[str, Cell]]:
        """The rows of a tab by column, without blank cells and blank rows."""
        grid = self.grids[key]
        titles = [as_text(title) for title in grid[0]]
        places = {
            column.key: titles.index(column.title)
            for column in tab(key).columns
            if column.title in titles
        }
        rows = [
            {name: cell for name, place in places.items() if as_text(cell := cell_at(row, place))}
            for row in grid[1:]
        ]
        return [row for row in rows if row]

    def _write(self, key: str, row: int, column: int, cell: Cell) -> None:
        grid = self.grids[key]
        grid += [[] for _ in range(row + 1 - len(grid))]
        line = grid[row]
        line += [None] * (column + 1 - len(line))
        line[column] = cell


def _key_of(title: str) -> str:
    return _TITLED.get(title.casefold(), title)
