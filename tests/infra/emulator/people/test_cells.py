import pytest

from infra.emulator.errors import InvalidArgumentError

ANNE = {"row": 2, "reference": "LOT-1", "name": "Anne"}


def test_people_write_notes_that_are_like_no_other(people, api):
    record = people.write_note("LOT-1")
    assert record["cells"] == [ANNE | {"header": "Notes", "before": "rappeler", "value": "note 1"}]
    assert people.write_note("LOT-1")["cells"][0]["value"] == "note 2"
    assert api.read("C2") == [["note 2"]]
    people.write_note(3, "vu au salon")
    assert api.read("C3") == [["vu au salon"]]


def test_people_clear_a_referent(people, api):
    written = people.clear_referent("LOT-1")["cells"]
    assert written == [ANNE | {"header": "Référent", "before": "Camille", "value": ""}]
    assert people.clear_referent()["cells"][0]["before"] == "Thomas"
    assert api.read("D2:D4") == []
    with pytest.raises(InvalidArgumentError):
        people.clear_referent()


def test_people_choose_another_referent_from_the_dropdown(people):
    chosen = {people.choose_referent("LOT-1")["cells"][0]["value"] for _ in range(30)}
    assert chosen == {"Camille", "Thomas", "Inès"}
    (written,) = people.choose_referent("LOT-1", "Personne")["cells"]
    assert written["before"] != written["value"] == "Personne"


def test_no_referent_is_chosen_without_a_dropdown(people, api):
    api.batch({"setDataValidation": {"range": {"startColumnIndex": 3, "endColumnIndex": 4}}})
    with pytest.raises(InvalidArgumentError, match="no other referent"):
        people.choose_referent("LOT-1")


def test_people_paste_over_free_text_by_chance(people):
    for _ in range(50):
        cells = people.paste()["cells"]
        assert cells
        assert {cell["header"] for cell in cells} <= {"Nom", "Notes"}
        assert all(2 <= cell["row"] <= 4 for cell in cells)
    values = [cell["value"] for record in people.records for cell in record["cells"]]
    assert len(set(values)) == len(values)


def test_a_block_pasted_on_a_locked_cell_leaves_those_below(people):
    for _ in range(9):
        cells = people.paste(2, "Référence")["cells"]
        assert {cell["row"] for cell in cells} == {2}
        assert cells[0]["header"] == "Référence"


def test_people_paste_anything_if_told(people, api):
    record = people.paste("LOT-1", "Référent", [["Inès", "13/01/2027"], ["", "demain"]])
    shown = [(cell["header"], cell["before"], cell["value"]) for cell in record["cells"]]
    assert shown == [
        ("Référent", "Camille", "Inès"),
        ("Relancer le", "12/01/2027", "13/01/2027"),
        ("Référent", "", ""),
        ("Relancer le", "", "demain"),
    ]
    assert api.read("E2:E3", valueRenderOption="UNFORMATTED_VALUE") == [[46400], ["demain"]]


def test_people_fill_in_a_row_by_hand(people, api):
    record = people.fill_in()
    assert record["rows"] == [{"row": 5, "reference": "", "name": "Main 1"}]
    assert [(cell["header"], cell["value"]) for cell in record["cells"]] == [("Nom", "Main 1")]
    people.fill_in({"Nom": "Ève", "Référent": "Inès"})
    people.fill_in({"Nom": "Ali"})  # below the grid's end
    assert api.read("A5:D7") == [["", "Main 1"], ["", "Ève", "", "Inès"], ["", "Ali"]]
    people.fill_in({"Notes": "complétée"}, row=7)
    assert api.read("A7:D7") == [["", "Ali", "complétée"]]


def test_a_row_by_hand_has_what_a_request_needs(people, api):
    api.write("F1", ["Courriel", "Projet principal"])
    column = {"startRowIndex": 1, "startColumnIndex": 6, "endColumnIndex": 7}
    offered = [{"userEnteredValue": "Trouver un emploi"}]
    rule = {"condition": {"type": "ONE_OF_LIST", "values": offered}}
    api.batch({"setDataValidation": {"range": column, "rule": rule}})
    people.fill_in()
    assert api.read("A5:G5") == [
        ["", "Main 1", "", "", "", "main1@example.org", "Trouver un emploi"]
    ]


def test_what_cannot_be_typed_changes_nothing(people, cells):
    before = cells()
    for edit in (
        lambda: people.fill_in({"Nom": "Ève", "Prénom": "x"}),
        lambda: people.paste(2, "Relancer le", [["x"] * 9]),
        lambda: people.write_note("LOT-9"),
    ):
        with pytest.raises(InvalidArgumentError):
            edit()
    assert cells() == before
    assert people.records == []
