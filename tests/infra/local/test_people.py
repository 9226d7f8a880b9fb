from random import Random

import pytest

from infra.emulator.people.people import People
from infra.local.people import TITLES
from sheets_schema.schema import vocabulary


@pytest.fixture
def people(classeur) -> People:
    return People(classeur.store, Random(46), TITLES)


def test_people_find_what_they_look_for_in_our_workbook(people):
    (row,) = people.fill_in()["rows"]
    assert (row["name"], row["reference"]) == ("Main 1", "")
    typed = {cell["header"]: cell["value"] for cell in people.records[0]["cells"]}
    assert typed.pop("Projet principal") in vocabulary("project").values()
    assert typed == {
        "Nom": "Main 1",
        "Prénom": "Zoé",
        "Courriel": "main1@example.org",
        "Territoire visé": "Cahors",
    }
    (chosen,) = people.choose_referent(row["row"], "Camille Bonnet")["cells"]
    assert (chosen["header"], chosen["name"]) == ("Référent", "Main 1")
    (note,) = people.write_note(row["row"])["cells"]
    assert (note["header"], note["value"]) == ("Notes", "note 3")
