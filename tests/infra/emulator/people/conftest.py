from random import Random

import pytest

from infra.emulator.app import create_app
from infra.emulator.people.people import People
from infra.emulator.people.titles import Titles
from infra.emulator.store import Store
from tests.infra.emulator.conftest import Api

TITLES = Titles(
    tab="Demandes",
    reference="Référence",
    name="Nom",
    notes="Notes",
    referent="Référent",
    row={"Nom": "Main {number}", "Prénom": "Zoé", "Courriel": "main{number}@example.org"},
    choices=["Projet principal"],
)
HEADER = ["Référence", "Nom", "Notes", "Référent", "Relancer le"]
ROWS = [
    ["LOT-1", "Anne", "rappeler", "Camille", "12/01/2027"],
    ["LOT-2", "Luc", "", "", ""],
    ["", "Zoé", "à la main", "Thomas", ""],
]


@pytest.fixture(autouse=True)
def api(store: Store) -> Api:
    """A small follow-up: references are the system's, referents come from a dropdown."""
    grid = {"gridProperties": {"rowCount": 6, "columnCount": 7, "frozenRowCount": 1}}
    tabs = [{"title": "Demandes", **grid}, {"title": "Référents", "sheetId": 7, **grid}]
    store.create({"title": "Suivi", "locale": "fr_FR"}, "demo", tabs)
    api = Api(create_app(store).test_client())
    api.write("Demandes!A1", HEADER, *ROWS)
    api.write("Référents!A1", ["Nom"], ["Camille"], ["Thomas"], ["Inès"])
    column = {"startRowIndex": 1, "startColumnIndex": 3, "endColumnIndex": 4}
    names = {"type": "ONE_OF_RANGE", "values": [{"userEnteredValue": "='Référents'!$A$2:$A"}]}
    dates = {"startRowIndex": 1, "startColumnIndex": 4, "endColumnIndex": 5}
    dated = {"userEnteredFormat": {"numberFormat": {"type": "DATE", "pattern": "dd/mm/yyyy"}}}
    system = {"startRowIndex": 1, "startColumnIndex": 0, "endColumnIndex": 1}
    api.batch(
        {"setDataValidation": {"range": column, "rule": {"condition": names}}},
        {"repeatCell": {"range": dates, "cell": dated, "fields": "userEnteredFormat"}},
        {"addProtectedRange": {"protectedRange": {"range": system, "warningOnly": True}}},
    )
    return api


@pytest.fixture
def people(store: Store) -> People:
    return People(store, Random(46), TITLES)


@pytest.fixture
def cells(api: Api):
    """What the tab shows, without blank ends."""
    return lambda: api.read("Demandes")
