"""The shared spreadsheet as digest reads it, out of rows written in a test."""

from collections.abc import Mapping, Sequence
from typing import Any

from functions.shared.sheets.port import missing_tabs
from sheets_schema.columns import Cell
from sheets_schema.tab import Part, format_row, tab
from sheets_schema.wire import Reading, TabCells

SHEET_IDS = {
    "requests": 11,
    "to_check": 22,
    "coordination": 33,
    "tracking": 44,
    "system": 55,
    "referents": 66,
    "rules": 77,
}


class Typed(str):
    """A cell as a person typed it, whatever its column expects."""

    __slots__ = ()


def grid(key: str, rows: Sequence[Mapping[str, Any]]) -> list[list[Cell]]:
    """A tab's cells, header first; rows hold values by column key, or cells as typed."""
    columns = tab(key).columns
    cells: list[list[Cell]] = [[column.title for column in columns]]
    for row in rows:
        typed = {name: value for name, value in row.items() if isinstance(value, Typed)}
        values = {name: value for name, value in row.items() if name not in typed}
        texts = format_row(tab(key), values) | {name: str(cell) for name, cell in typed.items()}
        cells.append([texts.get(column.key) for column in columns])
    return cells


class Sheet:
    """A spreadsheet that can be read, and counts how often it is.

    `missing` are tabs that it does not have. `headers` says what stands in the place of a header,
    by tab and title. `added` is a header that people have added at the end of a tab. `shared` are
    Drive's permissions, or the error that asking for them raises.
    """

    id = "classeur-1"

    def __init__(
        self,
        requests: Sequence[Mapping[str, Any]] = (),
        to_check: Sequence[Mapping[str, Any]] = (),
        coordination: Sequence[Mapping[str, Any]] = (),
        tracking: Sequence[Mapping[str, Any]] = (),
        referents: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        self.rows: dict[str, Sequence[Mapping[str, Any]]] = {
            "requests": requests,
            "to_check": to_check,
            "coordination": coordination,
            "tracking": tracking,
            "referents": referents,
            "system": [{"schema_version": 2}],
        }
        self.missing: set[str] = set()
        self.headers: dict[tuple[str, str], str] = {}
        self.added: dict[str, str] = {}
        self.shared: list[dict[str, Any]] | Exception | None = None
        self.reads: list[Mapping[str, Part]] = []

    def read(self, parts: Mapping[str, Part]) -> Reading:
        self.reads.append(parts)
        if gone := [key for key in parts if key in self.missing]:
            raise missing_tabs(gone)
        return Reading({}, {key: TabCells(SHEET_IDS[key], self._grid(key)) for key in parts})

    def permissions(self) -> list[dict[str, Any]] | None:
        if isinstance(self.shared, Exception):
            raise self.shared
        return self.shared

    def _grid(self, key: str) -> list[list[Cell]]:
        header, *rows = grid(key, self.rows.get(key, ()))
        header = [self.headers.get((key, str(title)), title) for title in header]
        return [[*header, self.added.get(key)], *rows]
