"""The demonstration spreadsheet behind a local Sheets API that counts and can misbehave."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from functions.shared.sheets.google import GoogleWorkbook, open_workbook
from infra.emulator.app import create_app
from infra.emulator.misbehaviour.conduct import Misbehaviour
from infra.emulator.misbehaviour.latency import Latency
from infra.emulator.misbehaviour.quota import Quota
from infra.emulator.people.table import Table
from infra.emulator.server import serving
from infra.emulator.store import Store
from infra.local import seed
from infra.local.people import TITLES
from sheets_schema.tab import tab

ID = "demo"


@dataclass(frozen=True)
class Classeur:
    """A spreadsheet, read without its API: this counts as no call and delays nobody."""

    store: Store
    gate: Misbehaviour
    url: str

    def open(self) -> GoogleWorkbook:
        """The spreadsheet through the functions' own client."""
        return open_workbook(ID, self.url)

    @property
    def header(self) -> Sequence[str]:
        """The titles of Demandes."""
        return self._table().headers

    def references(self, *, assigned: bool = False) -> list[str]:
        """The references of the rows of Demandes, with a referent if `assigned`."""
        table = self._table()
        reference, referent = table.column(TITLES.reference), table.column(TITLES.referent)
        rows = (table.sheet.grid.rows[row].values for row in table.filled())
        return [
            str(row[reference])
            for row in rows
            if row.get(reference) and (row.get(referent) or not assigned)
        ]

    def statuses(self) -> list[str]:
        """The statuses of the rows of Demandes."""
        table = self._table()
        status = table.column(tab("requests")["status"].title)
        return [table.text(row, status) for row in table.filled()]

    def _table(self) -> Table:
        return Table(self.store.file(ID).book, TITLES.tab)


@contextmanager
def classeur(*, seed_of_chance: int = 1) -> Iterator[Classeur]:
    """A fresh demonstration spreadsheet whose API behaves well and has counted nothing yet."""
    store = Store()
    store.create({"title": "Mesures"}, ID)
    gate = Misbehaviour(store, seed=seed_of_chance, titles=TITLES)
    with serving(create_app(store, gate=gate)) as url:
        seed.fill(open_workbook(ID, url))
        gate.stats.reset()
        yield Classeur(store, gate, url)
    store.close()


def like_google(gate: Misbehaviour, *, quota: bool = True) -> None:
    """Set Google's quotas, and answer in 250 ms, with one answer in a hundred in 1.5 s."""
    gate.quota = Quota() if quota else None
    gate.latency = Latency(250, 1500)
