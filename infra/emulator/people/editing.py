"""What all edits have in common: they are made in one go, and recorded."""

from collections.abc import Callable
from random import Random
from threading import RLock

from infra.emulator.people.edit import Edit, Record
from infra.emulator.people.table import Table
from infra.emulator.people.titles import Titles
from infra.emulator.spreadsheet import Spreadsheet
from infra.emulator.store import Store


class Editing:
    """Makes edits.

    Arguments that an action does not get are chosen at random. An edit that cannot be made changes
    nothing and raises an InvalidArgumentError, or the ApiError of what the local API does not
    implement.

    Args:
        store: Where the spreadsheets are.
        random: Draws what people choose.
        titles: What they look for.

    Attributes:
        spreadsheet: The id of the one they have open; None for the oldest.
        tab: The title of the tab they are on.
        titles: What they look for.
        records: What they did, in order.
    """

    def __init__(
        self, store: Store, random: Random | None = None, titles: Titles | None = None
    ) -> None:
        self.titles = titles or Titles()
        self.spreadsheet: str | None = None
        self.tab = self.titles.tab
        self.random = random or Random(0)
        self.records: list[Record] = []
        self._store = store
        self._lock = RLock()
        self._number = 0

    def _do(self, action: str, carry_out: Callable[[Edit], None]) -> Record:
        """Make an edit, all of it or nothing, and keep its record."""

        def change(book: Spreadsheet) -> Record:
            edit = Edit(Table(book, self.tab, self.titles), self.random, self._number, action)
            carry_out(edit)
            return edit.record

        with self._lock:
            self._number += 1
            record = self._store.update(self._open(), change)
            self.records.append(record)
            return record

    def _open(self) -> str:
        return self.spreadsheet or next((file.book.id for file in self._store.files()), "")
