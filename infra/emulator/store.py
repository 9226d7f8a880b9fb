"""Spreadsheets kept in SQLite. Changes come one at a time, each as a whole or not at all."""

import json
import sqlite3
from array import array
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from secrets import token_urlsafe
from threading import RLock
from typing import Any, TypeAlias, TypeVar

from infra.emulator.errors import InvalidArgumentError, NotFoundError
from infra.emulator.grid import NO_ROW, Grid, Json, Row, make_row
from infra.emulator.masks import EVERYTHING
from infra.emulator.spreadsheet import (
    NEW_SPREADSHEET,
    Sheet,
    Spreadsheet,
    spreadsheet_properties,
)
from infra.emulator.values import Formula

_SCHEMA = """
CREATE TABLE IF NOT EXISTS spreadsheets (
    id TEXT PRIMARY KEY, created TEXT, modified TEXT, version INTEGER, data TEXT
);
CREATE TABLE IF NOT EXISTS sheets (
    spreadsheet TEXT, id INTEGER, place INTEGER, data TEXT, row_ids BLOB,
    PRIMARY KEY (spreadsheet, id)
);
CREATE TABLE IF NOT EXISTS grid (
    id INTEGER PRIMARY KEY, spreadsheet TEXT, sheet INTEGER, data TEXT
);
CREATE INDEX IF NOT EXISTS grid_of_sheet ON grid (spreadsheet, sheet);
"""
_TABLES = {"spreadsheets": "id", "sheets": "spreadsheet", "grid": "spreadsheet"}
# Whoever calls without a name; see `overlays.closed_to`.
OWNED: tuple[Json, ...] = (
    {"id": "1", "type": "user", "role": "owner", "emailAddress": "owner@example.org"},
)
Order: TypeAlias = "array[int]"  # the ids under which the rows of a sheet are kept; 0 for none
Result = TypeVar("Result")


@dataclass(frozen=True)
class File:
    """A spreadsheet and what Drive knows of it. It is replaced, and never changed in place.

    `permissions` are Permission resources; a new file has its owner's only.
    """

    book: Spreadsheet
    created: datetime
    modified: datetime
    version: int
    permissions: tuple[Json, ...] = OWNED


class Store:
    """All spreadsheets, for any number of threads of one process.

    Args:
        path: A file, made if it is missing; by default nothing is written anywhere.
        clock: Tells the time (with time zone) of a change.
    """

    def __init__(
        self, path: str | Path | None = None, *, clock: Callable[[], datetime] | None = None
    ) -> None:
        self._clock = clock or (lambda: datetime.now(UTC))
        self._lock = RLock()
        self._database = sqlite3.connect(path or ":memory:", check_same_thread=False)
        self._database.executescript(
            f"PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; {_SCHEMA}"
        )
        self._outlives = path is not None
        self._orders: dict[tuple[str, int], Order] = {}
        self._files = {file.book.id: file for file in self._load()}
        last = self._database.execute("SELECT max(id) FROM grid").fetchone()[0]
        self._next_ids = count((last or 0) + 1)

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._database.close()

    def files(self) -> list[File]:
        """Return all files, oldest first."""
        return list(self._files.values())

    def file(self, spreadsheet_id: str) -> File:
        """Return a file as it is now; later changes do not affect it.

        Raises:
            NotFoundError: If there is no such spreadsheet.
        """
        if (file := self._files.get(spreadsheet_id)) is None:
            raise NotFoundError
        return file

    def create(
        self,
        properties: Mapping[str, Any],
        spreadsheet_id: str | None = None,
        sheets: Iterable[Mapping[str, Any]] = (),
    ) -> File:
        """Create a spreadsheet.

        Args:
            properties: SpreadsheetProperties: title, locale, timeZone, autoRecalc, all optional.
            spreadsheet_id: The id of the spreadsheet; by default a random one.
            sheets: The SheetProperties of its sheets; by default one sheet of Google's usual size.

        Raises:
            InvalidArgumentError: If the id is taken or a property is wrong.
            UnimplementedError: For a property or a locale that the local API does not have.
        """
        with self._lock:
            spreadsheet_id = spreadsheet_id or token_urlsafe(33)
            if spreadsheet_id in self._files:
                raise InvalidArgumentError(
                    f"A spreadsheet with id {spreadsheet_id} already exists."
                )
            asked = {**NEW_SPREADSHEET, **properties}
            kept = spreadsheet_properties({}, asked, dict.fromkeys(asked, EVERYTHING))
            book = Spreadsheet(spreadsheet_id, kept, [])
            for sheet in list(sheets) or [{}]:
                book.add_sheet(sheet)
            now = self._clock()
            file = File(book, now, now, 1)
            self._save(file, None)
            return file

    def copy(self, spreadsheet_id: str, title: str) -> File:
        """Create a spreadsheet with all that another one holds.

        Raises:
            NotFoundError: If there is no such spreadsheet.
        """
        with self._lock:
            book = self.file(spreadsheet_id).book.copy()
            book.id, book.properties = token_urlsafe(33), {**book.properties, "title": title}
            now = self._clock()
            file = File(book, now, now, 1)
            self._save(file, None)
            return file

    def update(self, spreadsheet_id: str, change: Callable[[Spreadsheet], Result]) -> Result:
        """Change a spreadsheet: `change` gets a copy, which is kept only if it does not raise.

        Returns what `change` returns; its exceptions pass through.

        Raises:
            NotFoundError: If there is no such spreadsheet.
        """
        with self._lock:
            old = self.file(spreadsheet_id)
            book = old.book.copy()
            result = change(book)
            new = replace(old, book=book, modified=self._clock(), version=old.version + 1)
            self._save(new, old)
            return result

    def share(self, spreadsheet_id: str, permissions: Iterable[Json]) -> None:
        """Give a file other permissions, Permission resources with an id each.

        Raises:
            NotFoundError: If there is no such spreadsheet.
        """
        with self._lock:
            old = self.file(spreadsheet_id)
            shared = tuple(permissions)
            self._save(replace(old, permissions=shared, version=old.version + 1), old)

    def delete(self, spreadsheet_id: str) -> None:
        """Delete a spreadsheet for good.

        Raises:
            NotFoundError: If there is no such spreadsheet.
        """
        with self._lock:
            self.file(spreadsheet_id)
            with self._database:
                for table, column in _TABLES.items():
                    self._database.execute(
                        f"DELETE FROM {table} WHERE {column} = ?",  # noqa: S608 - our own names
                        (spreadsheet_id,),
                    )
            del self._files[spreadsheet_id]

    def _save(self, new: File, old: File | None) -> None:
        """Keep a new state of a file, and write what has changed in it in one transaction."""
        if not self._outlives:
            self._files[new.book.id] = new
            return
        book, before = new.book, {sheet.id: sheet for sheet in old.book.sheets} if old else {}
        parts = {"properties": book.properties, "namedRanges": book.named_ranges}
        data = _dump(parts | {"permissions": new.permissions})
        stamps = (new.created.isoformat(), new.modified.isoformat())
        orders: dict[tuple[str, int], Order] = {}
        with self._database:
            run = self._database.execute
            run(
                "INSERT INTO spreadsheets VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
                "modified = excluded.modified, version = excluded.version, data = excluded.data",
                (book.id, *stamps, new.version, data),
            )
            run("DELETE FROM sheets WHERE spreadsheet = ?", (book.id,))
            for place, sheet in enumerate(book.sheets):
                key = (book.id, sheet.id)
                known = before.pop(sheet.id, None)
                orders[key] = self._save_rows(
                    key, known.grid.rows if known else [], sheet.grid.rows
                )
                run(
                    "INSERT INTO sheets VALUES (?, ?, ?, ?, ?)",
                    (*key, place, _dump(_sheet_data(sheet)), orders[key].tobytes()),
                )
            for sheet_id in before:
                run("DELETE FROM grid WHERE spreadsheet = ? AND sheet = ?", (book.id, sheet_id))
        self._orders |= orders
        self._files[book.id] = new

    def _save_rows(self, key: tuple[str, int], old: list[Row], new: list[Row]) -> Order:
        """Write new rows, delete rows that are gone, and return the order of all rows."""
        order = self._orders.get(key) if old else None
        order = array("q") if order is None else order
        if old == new:  # rows are compared by identity
            return order
        head = _common(old, new)
        tail = _common(old[head:][::-1], new[head:][::-1])
        ids = dict(zip(old[head : len(old) - tail], order[head : len(old) - tail], strict=True))
        gone = set(ids.values()) - {0}
        ids[NO_ROW] = 0
        middle = new[head : len(new) - tail]
        fresh = [row for row in dict.fromkeys(middle) if row not in ids]
        ids |= zip(fresh, self._next_ids, strict=False)
        self._database.executemany(
            "INSERT INTO grid VALUES (?, ?, ?, ?)",
            [(ids[row], *key, _dump(_row_data(row))) for row in fresh],
        )
        order = order[:head] + array("q", [ids[row] for row in middle]) + order[len(old) - tail :]
        if gone := gone - set(order):
            self._database.executemany(
                "DELETE FROM grid WHERE id = ?", [(spreadsheet_id,) for spreadsheet_id in gone]
            )
        return order

    def _load(self) -> list[File]:
        with closing(self._database.cursor()) as cursor:
            records = cursor.execute(
                "SELECT * FROM spreadsheets ORDER BY created, rowid"
            ).fetchall()
            files = []
            for spreadsheet_id, created, modified, version, data in records:
                parts = json.loads(data)
                sheets = self._load_sheets(spreadsheet_id)
                book = Spreadsheet(
                    spreadsheet_id, parts["properties"], sheets, parts["namedRanges"]
                )
                stamps = datetime.fromisoformat(created), datetime.fromisoformat(modified)
                permissions = tuple(parts.get("permissions", OWNED))
                files.append(File(book, *stamps, version, permissions))
            return files

    def _load_sheets(self, spreadsheet_id: str) -> list[Sheet]:
        stored = self._database.execute(
            "SELECT id, data FROM grid WHERE spreadsheet = ?", (spreadsheet_id,)
        )
        rows = {0: NO_ROW} | {row_id: _read_row(json.loads(data)) for row_id, data in stored}
        sheets = []
        for sheet_id, text, row_ids in self._database.execute(
            "SELECT id, data, row_ids FROM sheets WHERE spreadsheet = ? ORDER BY place",
            (spreadsheet_id,),
        ):
            order = self._orders[spreadsheet_id, sheet_id] = array("q", row_ids)
            data = json.loads(text)
            grid = Grid([rows[row_id] for row_id in order], data.pop("columns"))
            sheets.append(Sheet(grid=grid, **data))
        return sheets


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _common(rows: list[Row], other: list[Row]) -> int:
    """Return how many rows two lists have in common at their beginning."""
    pairs = enumerate(zip(rows, other, strict=False))
    return next((i for i, (a, b) in pairs if a is not b), min(len(rows), len(other)))


def _sheet_data(sheet: Sheet) -> Json:
    parts = {name: value for name, value in vars(sheet).items() if name != "grid"}
    return parts | {"columns": sheet.grid.columns}


def _row_data(row: Row) -> list[Any]:
    values = {
        column: {"formula": str(value)} if isinstance(value, Formula) else value
        for column, value in row.values.items()
    }
    return [values, *row.facets[1:], row.properties]


def _read_row(data: list[Any]) -> Row:
    values, *facets = [
        {int(column): value for column, value in facet.items()} for facet in data[:-1]
    ]
    for column, value in values.items():
        if isinstance(value, dict):
            values[column] = Formula(value["formula"])
    return make_row([values, *facets], data[-1])
