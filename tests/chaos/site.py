"""Where all of it happens: one local Sheets API for any number of worlds, each its spreadsheet."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from flask import Response

from functions.shared.sheets.google import open_workbook
from infra.emulator import batch
from infra.emulator.app import create_app
from infra.emulator.kinds import KINDS
from infra.emulator.methods import Call, CarryOut
from infra.emulator.misbehaviour.conduct import Misbehaviour
from infra.emulator.server import serving
from infra.emulator.spreadsheet import Spreadsheet
from infra.emulator.store import Store
from infra.local import seed

# What route reads and writes; the others only make a copy slower.
TABS = (
    "Demandes",
    "À vérifier",
    "Règles d'attribution",
    "Référents",
    "Coordination",
    "Suivi",
    "Système",
)
SPARE = 3  # blank rows below the data: Demandes soon has to grow


class Site:
    """`url` is the API's; `conduct` says how it behaves to the calls of the world going on."""

    def __init__(self) -> None:
        self.store = Store()
        self.url = ""
        self.conduct: Misbehaviour | None = None
        self._numbers = count(1)
        self._first_day: Spreadsheet | None = None

    def __call__(self, call: Call, carry_out: CarryOut) -> Response:
        """The gate."""
        return self.conduct(call, carry_out) if self.conduct else carry_out()

    def furnish(self) -> None:
        """Make the spreadsheet that each world begins with: small, so that many calls are fast."""
        self.store.create({"title": "Suivi"}, "seeded")
        seed.fill(open_workbook("seeded", self.url))
        self.store.update("seeded", _shrink)
        self._first_day = self.store.file("seeded").book

    def open(self) -> str:
        """A new spreadsheet as on its first day; gives its id."""
        name = f"demo{next(self._numbers)}"
        self.store.create({"title": "Suivi"}, name)

        def paste(book: Spreadsheet) -> None:
            book.properties = self._first_day.properties
            book.sheets = self._first_day.copy().sheets

        self.store.update(name, paste)
        return name


def _shrink(book: Spreadsheet) -> None:
    book.sheets = [sheet for sheet in book.sheets if sheet.title in TABS]
    for sheet in book.sheets:
        end, spare = max(1, sheet.grid.next_row()) + SPARE, len(sheet.grid.rows)
        if end < spare and sheet.title != "Système":
            rows = {"sheetId": sheet.id, "dimension": "ROWS", "startIndex": end, "endIndex": spare}
            batch.apply(book, [{"deleteDimension": {"range": rows}}], KINDS)


@contextmanager
def opened() -> Iterator[Site]:
    """A site for the time of a `with` block."""
    site = Site()
    with serving(create_app(site.store, gate=site)) as site.url:
        site.furnish()
        yield site
    site.store.close()
