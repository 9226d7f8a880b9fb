"""A workbook in the memory of this process, for tests. It keeps the same contract as Google's."""

import hashlib
from collections.abc import Mapping, Sequence
from copy import deepcopy

from functions.shared.errors import WorkbookRefusedError
from functions.shared.sheets.fence import system_text
from functions.shared.sheets.port import FIRST_COPY, Commit, Replacement, missing_tabs, token
from sheets_schema.columns import Cell, as_text
from sheets_schema.tab import Grid, Part, cell_at, find_columns, find_end, tab
from sheets_schema.views import view_requests
from sheets_schema.wire import Json, Reading, TabCells, cut

KEYS = ("requests", "referents", "rules", "coordination", "to_check", "tracking", "system")


class MemoryWorkbook:
    """See `port.Workbook`. `grids` holds the cells of each tab, header first; tests may edit them.

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
        self.named_ranges: dict[str, str] = {}
        self.views: dict[int, Json] = {}  # filter views of Demandes, by id
        self.shared: list[Json] | None = [{"type": "user", "role": "owner"}]

    def read(self, parts: Mapping[str, Part]) -> Reading:
        """See `port.Workbook`."""
        if missing := [key for key in parts if key not in self.grids]:
            raise missing_tabs(missing)
        return Reading(
            {name: id_ for id_, name in self.named_ranges.items()},
            {
                key: TabCells(
                    KEYS.index(key),
                    self._part(key, part),
                    find_end(tab(key), self.grids[key]) if part == "end" else None,
                )
                for key, part in parts.items()
            },
        )

    def version(self) -> str:
        """See `port.Workbook`."""
        return hashlib.sha256(
            repr((self.grids, self.named_ranges, self.views)).encode()
        ).hexdigest()

    def permissions(self) -> Sequence[Json] | None:
        """See `port.Workbook`."""
        return self.shared

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
        # From here on nothing can fail, so a commit is applied as a whole or not at all.
        self.named_ranges[commit.fence.range_id] = commit.fence.range_name
        for fence in commit.expired:
            self.named_ranges.pop(fence.range_id, None)
        self._write("system", 1, 0, system_text(commit.fence, commit.spreadsheet))
        del self.grids["system"][FIRST_COPY:]
        if commit.touches_requests:
            self._edit(commit, requests)
        for key, rows in commit.rows.items():
            if rows:
                self._insert(key, commit.seen.end(key), rows, positions[key])
        return deepcopy(self.grids["system"])

    def _edit(self, commit: Commit, positions: Mapping[str, int]) -> None:
        width = max(positions.values()) + 1
        grid = self.grids["requests"]
        copied = [0, *(edit.row for edit in commit.edits)]
        rows = [grid[row][:width] if row < len(grid) else [] for row in copied]
        self.grids["system"] += deepcopy(rows)
        for edit in commit.edits:
            for column in edit.changes:
                text = token(commit.fence.key, edit, column)
                self._write("requests", edit.row, positions[column], text)

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
        texts = {replacement.token: replacement.text or None for replacement in replacements}
        for row in self.grids["requests"]:
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
