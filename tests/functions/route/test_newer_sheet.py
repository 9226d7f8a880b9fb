"""A function on a sheet of a later version, as after a rollback: it files as ever."""

from functions.shared.journal.store import open_journal
from sheets_schema.schema import VERSION
from tests.functions.route.arrivals import arrive
from tests.functions.route.books import book
from tests.functions.route.test_round import new_drain


def test_it_fills_its_own_columns_and_leaves_those_to_come_alone(clock):
    journal = open_journal("memory:///")
    sheet = book(version=VERSION + 1)
    header = sheet.grids["requests"][0]
    header.insert(3, "À venir")
    arrive(journal)
    new_drain(journal, sheet, clock)(sweep=True)
    [row] = sheet.grids["requests"][1:]
    assert journal.keys("pending/") == []
    assert row[header.index("Nom")]
    assert row[header.index("Pourquoi ce référent")]
    assert not row[3]
