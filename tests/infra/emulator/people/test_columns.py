import pytest

from infra.emulator.errors import InvalidArgumentError
from infra.emulator.people import columns
from tests.infra.emulator.people.conftest import HEADER, ROWS


def test_people_rename_a_column_and_give_the_name_back(people, cells):
    record = people.rename_column("Notes")
    assert (record["header"], record["value"]) == ("Notes", "Notes 1")
    assert cells()[0][2] == "Notes 1"
    with pytest.raises(InvalidArgumentError, match="no column « Notes »"):
        people.write_note()
    record = people.give_name_back()
    assert (record["header"], record["value"]) == ("Notes 1", "Notes")
    assert cells()[0] == HEADER
    with pytest.raises(InvalidArgumentError, match="no renamed column"):
        people.give_name_back()


def test_a_column_renamed_twice_gets_its_first_name_back(people, cells):
    people.rename_column("Notes", "Remarques")
    people.rename_column("Remarques", "Observations")
    people.rename_column("Nom", "Nom de famille")
    people.give_name_back("Observations")
    assert cells()[0][1:3] == ["Nom de famille", "Notes"]
    with pytest.raises(InvalidArgumentError, match="No column was renamed"):
        people.give_name_back("Notes")


def test_rows_are_known_as_far_as_their_columns_have_their_names(people):
    people.rename_column("Référence", "Réf.")
    (cell,) = people.write_note(2)["cells"]
    assert (cell["reference"], cell["name"]) == ("", "Anne")


def test_people_move_a_column(people, cells):
    record = people.move_column("Relancer le", before="Nom")
    assert (record["header"], record["value"]) == ("Relancer le", "Nom")
    assert cells()[0] == ["Référence", "Relancer le", "Nom", "Notes", "Référent"]
    assert cells()[1] == ["LOT-1", "12/01/2027", "Anne", "rappeler", "Camille"]


def test_people_add_a_column_of_their_own(people, cells, monkeypatch):
    assert people.add_column(before="Notes")["header"] == "Colonne 1"
    assert cells()[0][:4] == ["Référence", "Nom", "Colonne 1", "Notes"]
    assert cells()[1][3:] == ROWS[0][2:]
    people.add_column("Priorité")
    assert "Priorité" in cells()[0]
    monkeypatch.setattr(columns, "_ENOUGH_COLUMNS", 9)
    with pytest.raises(InvalidArgumentError, match="enough columns"):
        people.add_column()


def test_people_add_a_tab(people, store, monkeypatch):
    assert people.add_tab()["value"] == "Onglet 1"
    people.add_tab("Brouillon")
    titles = [sheet.title for sheet in store.file("demo").book.sheets]
    assert titles == ["Demandes", "Référents", "Onglet 1", "Brouillon"]
    monkeypatch.setattr(columns, "_ENOUGH_TABS", 4)
    with pytest.raises(InvalidArgumentError, match="enough tabs"):
        people.add_tab()
