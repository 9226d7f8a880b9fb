"""Rows that are in the sheet already: what they get, and that nobody's cell is harmed meanwhile."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from functions.route.commit.row_edits import is_plain
from functions.route.decide.completion import CHOSEN
from functions.shared.errors import WorkbookError
from functions.shared.journal.formats import WaitingMail
from infra.emulator import values
from sheets_schema.tab import tab
from tests.support import TYPED, submit


@pytest.fixture
def sweep(drain, clock):
    """The next sweep, a few minutes later."""

    def run():
        clock.advance(minutes=5)
        return drain(sweep=True)

    return run


def test_a_row_typed_by_hand_gets_reference_referent_and_reason(sweep, classeur):
    classeur.type_row(2, TYPED)
    sweep()
    (row,) = classeur.rows()
    assert "Référence" not in row
    sweep()
    (row,) = classeur.rows()
    assert row.pop("Référence").startswith("LOT-")
    assert row == {
        "Nom": "Durand",
        "Prénom": "Léo",
        "Statut": "À contacter",
        "Référent": "Sophie Lacombe",
        "Pourquoi ce référent": "Règle 15 : Tous les projets × Grand-Figeac → Sophie Lacombe",
        "Projet principal": "Trouver un emploi",
        "Territoire visé": "Figeac",
        "Téléphone": "06 12 34 56 78",
        "Organisme": "Grand-Figeac",
    }


def test_a_completion_is_dated_in_the_tracking(sweep, classeur):
    classeur.type_row(2, TYPED)
    sweep()
    sweep()
    (line,) = classeur.rows("Suivi")
    assert line["Référence"] == classeur.rows()[0]["Référence"]
    assert line["Le"] == "23/11/2026 10:10"
    assert line["Référent"] == "Sophie Lacombe"


def test_a_completion_takes_one_write_more_than_a_request(sweep, classeur):
    classeur.type_row(2, TYPED)
    sweep()
    classeur.gate.calls.clear()
    sweep()
    # The version, the sheet in two calls, the row to complete.
    assert classeur.gate.calls == {"read": 4, "write": 2}
    sweep()
    # The workbook has changed: which tabs there are is read as well.
    assert classeur.gate.calls == {"read": 8, "write": 2}


def test_a_row_that_is_still_being_typed_is_left_alone(sweep, classeur):
    classeur.type_row(2, TYPED)
    sweep()
    classeur.type(classeur.at("Territoire visé", 2), "Cahors")
    sweep()
    assert "Référence" not in classeur.rows()[0]
    sweep()
    assert classeur.rows()[0]["Référent"] == "Camille Bonnet"


def test_two_sweeps_in_one_breath_count_as_one(drain, classeur, clock):
    classeur.type_row(2, TYPED)
    drain(sweep=True)
    clock.advance(seconds=2)
    drain(sweep=True)
    assert "Référence" not in classeur.rows()[0]


@pytest.mark.parametrize(
    ("without", "missing"),
    [
        ("Projet principal", "Projet principal"),
        ("Territoire visé", "Territoire visé"),
        ("Téléphone", "Téléphone ou Courriel"),
    ],
)
def test_what_a_row_lacks_is_said_after_a_day(without, missing, sweep, classeur, clock):
    classeur.type_row(2, {key: text for key, text in TYPED.items() if key != without})
    sweep()
    sweep()
    assert classeur.rows("À vérifier") == []
    clock.advance(days=1)
    sweep()
    sweep()
    (line,) = classeur.rows("À vérifier")
    assert "« Durand » n'est pas complète" in line["Sujet"]
    assert missing in line["Sujet"]
    assert "Référence" not in classeur.rows()[0]


def test_a_referent_chosen_by_hand_is_kept_and_the_reason_says_so(sweep, classeur):
    classeur.type_row(2, {"Nom": "Durand", "Référent": "Karim Belaïdi"})
    sweep()
    sweep()
    (row,) = classeur.rows()
    assert row["Référent"] == "Karim Belaïdi"
    assert row["Pourquoi ce référent"] == CHOSEN
    assert row["Référence"].startswith("LOT-")
    assert "Organisme" in row


def test_a_cleared_referent_is_assigned_again(sweep, drain, journal, classeur):
    reference = submit(journal, target={"communes": ["46042"]})
    drain()
    classeur.type("Référents!E2", "Non")  # Camille Bonnet of Cahors leaves
    classeur.type(classeur.at("Référent", 2), "")
    sweep()
    sweep()
    (row,) = classeur.rows()
    assert row["Référence"] == reference
    assert "Camille Bonnet, plus en activité" in row["Pourquoi ce référent"]
    assert row["Référent"] not in ("", "Camille Bonnet")


@pytest.mark.parametrize("status", ["Installé", "Clos sans suite", "Doublon ou indésirable"])
def test_what_is_over_needs_no_referent(status, sweep, drain, journal, classeur):
    submit(journal)
    drain()
    classeur.type(classeur.at("Référent", 2), "")
    classeur.type(classeur.at("Statut", 2), status)
    sweep()
    sweep()
    assert "Référent" not in classeur.rows()[0]


def test_a_copied_row_gets_a_reference_of_its_own_and_is_reported(sweep, drain, journal, classeur):
    reference = submit(journal)
    drain()
    classeur.do(
        {
            "copyPaste": {
                "source": line(classeur, 1),
                "destination": line(classeur, 4),
                "pasteType": "PASTE_NORMAL",
            }
        }
    )
    sweep()
    sweep()
    first, second = (row for row in classeur.rows() if row)
    assert first["Référence"] == reference
    assert second["Référence"] != reference
    assert {**first, "Référence": ""} == {**second, "Référence": ""}
    (noted,) = classeur.rows("À vérifier")
    assert noted["Où"] == second["Référence"]
    assert reference in noted["Sujet"]


def line(classeur, row):
    return {
        "sheetId": classeur.sheet_id("Demandes"),
        "startRowIndex": row,
        "endRowIndex": row + 1,
        "startColumnIndex": 0,
        "endColumnIndex": len(tab("requests").columns),
    }


def before_the_next_write(classeur, act):
    """People act between the read and the write of the next batch."""

    def first(_, carry_out):
        writes = classeur.gate.calls["write"]
        act()
        classeur.gate.calls["write"] = writes
        return carry_out()

    classeur.gate.writes.append(first)


def between_token_and_value(classeur, act):
    """People act after a batch has placed its tokens, before they are replaced."""
    classeur.gate.writes.append(lambda _, carry_out: carry_out())
    before_the_next_write(classeur, act)


def sort(classeur, column, *, up=True):
    where = {"sheetId": classeur.sheet_id("Demandes"), "startRowIndex": 1}
    order = "ASCENDING" if up else "DESCENDING"
    by = {"dimensionIndex": column, "sortOrder": order}
    classeur.do({"sortRange": {"range": where, "sortSpecs": [by]}})


@pytest.fixture
def three_rows(drain, journal, classeur):
    """Two rows of requests, with referents, and one typed by hand that belongs to Figeac."""
    submit(journal, last_name="Zola", target={"communes": ["46042"]})
    submit(journal, last_name="Abadie", target={"communes": ["46042"]})
    drain()
    classeur.type_row(4, TYPED)


def by_name(classeur):
    return {row["Nom"]: row for row in classeur.rows() if "Nom" in row}


@pytest.mark.usefixtures("three_rows")
def test_a_sort_between_read_and_write_gives_nobody_another_ones_referent(sweep, classeur):
    sweep()
    before = by_name(classeur)
    before_the_next_write(classeur, lambda: sort(classeur, 1))
    sweep()
    assert by_name(classeur) == before  # the wrong row was hit, and given back what it had
    sweep()
    after = by_name(classeur)
    assert after.pop("Durand")["Référent"] == "Sophie Lacombe"
    assert after == {name: row for name, row in before.items() if name != "Durand"}


@pytest.mark.usefixtures("three_rows")
def test_a_sort_between_token_and_value_is_followed(sweep, classeur):
    sweep()
    before = by_name(classeur)
    between_token_and_value(classeur, lambda: sort(classeur, 1, up=False))
    sweep()
    after = by_name(classeur)
    assert after.pop("Durand")["Référent"] == "Sophie Lacombe"
    assert after == {name: row for name, row in before.items() if name != "Durand"}


@pytest.mark.usefixtures("three_rows")
def test_a_row_deleted_between_read_and_write_stays_deleted(sweep, classeur):
    sweep()
    before_the_next_write(classeur, lambda: classeur.delete_row("Demandes", 4))
    sweep()
    sweep()
    assert by_name(classeur).keys() == {"Zola", "Abadie"}
    assert not any("Attribution en cours" in str(row) for row in classeur.rows())


@pytest.mark.usefixtures("three_rows")
def test_what_a_person_types_over_a_token_stays(sweep, classeur):
    sweep()
    between_token_and_value(
        classeur, lambda: classeur.type(classeur.at("Référent", 4), "Karim Belaïdi")
    )
    sweep()
    row = by_name(classeur)["Durand"]
    assert row["Référent"] == "Karim Belaïdi"
    assert row["Référence"].startswith("LOT-")


@pytest.mark.usefixtures("three_rows")
def test_a_column_moved_between_read_and_write_is_given_back_what_it_had(sweep, classeur):
    sweep()
    before = by_name(classeur)
    to = classeur.column("Référent")
    move = {"source": classeur.span("Téléphone"), "destinationIndex": to}
    before_the_next_write(classeur, lambda: classeur.do({"moveDimension": move}))
    sweep()
    row = by_name(classeur)["Durand"]
    # A phone cannot be put back as it was: it might become a number. It is kept, and reported.
    assert row.pop("Téléphone") == "« 06 12 34 56 78 »"
    assert row == {key: cell for key, cell in before["Durand"].items() if key != "Téléphone"}
    sweep()
    assert any("guillemets" in line["Sujet"] for line in classeur.rows("À vérifier"))


@pytest.mark.usefixtures("three_rows")
def test_a_crash_between_token_and_value_is_finished_by_the_next_sweep(
    sweep, new_drain, classeur, clock
):
    class Killed(BaseException):
        pass

    def kill(*_):
        raise Killed

    sweep()
    clock.advance(minutes=5)
    dying = new_drain()
    dying._round.writer.replace = kill
    with pytest.raises(Killed):
        dying(sweep=True)
    assert by_name(classeur)["Durand"]["Référent"].startswith("Attribution en cours")
    sort(classeur, 1)
    new_drain()(sweep=True)
    assert by_name(classeur)["Durand"]["Référent"] == "Sophie Lacombe"
    assert not any("Attribution en cours" in str(row) for row in classeur.rows())


def test_a_person_s_column_between_ours_is_not_touched(sweep, classeur):
    place = classeur.at("Téléphone", 1)
    classeur.do({"insertDimension": {"range": classeur.span("Téléphone")}})
    classeur.type(place, "À nous")
    classeur.type_row(2, TYPED | {"À nous": "12"})
    sweep()
    sweep()
    (row,) = classeur.rows()
    assert row["À nous"] == "12"
    assert row["Référent"] == "Sophie Lacombe"


def test_a_completed_row_s_referent_is_told_and_one_given_back_is_not(sweep, journal, classeur):
    classeur.type_row(2, TYPED)
    sweep()
    before_the_next_write(
        classeur, lambda: classeur.type(classeur.at("Territoire visé", 2), "Cahors")
    )
    sweep()
    assert journal.keys("outbox/") == []
    sweep()
    sweep()
    (key,) = journal.keys("outbox/")
    assert WaitingMail.from_json(journal.read(key)).to == "Camille Bonnet"


def test_more_rows_than_a_batch_takes_are_completed_in_one_sweep(sweep, classeur, monkeypatch):
    monkeypatch.setattr("functions.route.decide.swept.MAX_COMPLETIONS", 2)
    for row in range(2, 7):
        classeur.type_row(row, TYPED | {"Nom": f"Durand {row}"})
    sweep()
    sweep()
    assert len({row["Référence"] for row in classeur.rows()}) == 5


def test_a_sheet_without_anything_to_complete_leaves_no_trace_in_the_journal(sweep, drain, journal):
    submit(journal)
    drain()
    sweep()
    sweep()
    assert journal.keys("seen/") == []


@given(st.text(max_size=30))
@example("12")
@example("mai 2026")
@example("VRAI")
@example("=1")
@example("1er janvier")
@example("LOT-1234-5678")
@example("")
def test_plain_text_is_never_taken_for_anything_else(text):
    if is_plain(text):
        assert values.typed(text, values.locale_named("fr_FR")).value == text


@pytest.mark.parametrize("text", ["Sophie Lacombe", "Règle 12 : …", "LOT-1234-5678", "Mars Durand"])
def test_names_references_and_reasons_are_plain(text):
    assert is_plain(text)


def test_a_tab_without_its_headers_is_not_looked_at(drain, classeur):
    classeur.type(classeur.at("Nom", 1), "Famille")
    with pytest.raises(WorkbookError, match="colonne introuvable"):
        drain(sweep=True)
