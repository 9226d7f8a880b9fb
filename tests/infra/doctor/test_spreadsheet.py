import pytest

from functions.shared.journal import operator
from functions.shared.journal.formats import SettledMark
from infra.doctor.basics import BASICS
from infra.doctor.checks import examine
from sheets_schema.tab import tab
from tests.infra.doctor.conftest import addresses, share


def test_a_spreadsheet_that_is_not_there_is_told_once(new_system):
    elsewhere = new_system(environ={"ACCUEIL_SPREADSHEET": "nowhere"}, functions=("digest",))
    lines = {line.check.key: line.seen for line in examine(BASICS, elsewhere)}

    assert lines["spreadsheet"].outcome == "fault"
    assert "introuvable" in lines["spreadsheet"].sentence
    assert lines["plan"].sentence == "Voir d'abord : spreadsheet."


def test_a_plan_that_is_not_empty_is_told_in_a_sentence(look, classeur):
    classeur.do({"deleteSheet": {"sheetId": classeur.sheet_id("Suivi")}})

    seen = look("plan")

    assert seen.outcome == "warning"
    assert "Créer l'onglet « Suivi »" in seen.sentence


def test_a_version_that_was_restored_is_seen_until_it_is_accepted(look, system, clock):
    settled = SettledMark(clock(), ())
    system.journal.create("settled/000000004-abc", settled.to_json())

    seen = look("same")
    assert (seen.outcome, "plus ancien" in seen.sentence) == ("fault", True)

    comparison = operator.missing(system.journal, system.workbook)
    operator.accept(system.journal, comparison.key)
    assert look("same").outcome == "ok"


@pytest.mark.parametrize(("word", "outcome"), [("Oui", "warning"), ("Bof", "fault"), ("", "ok")])
def test_a_pause_is_told(look, classeur, word, outcome):
    classeur.type(classeur.at("Pause", 2, "Coordination"), word)
    assert look("pause").outcome == outcome


def test_a_spreadsheet_that_is_nearly_full_is_told(look, system):
    size = {"rowCount": 90_000, "columnCount": 100}
    system.metadata["sheets"].append({"properties": {"gridProperties": size}})
    assert look("room").outcome == "warning"


def test_sharing_is_counted_and_nobody_is_named(look, classeur):
    share(classeur, *addresses(classeur), "exploitation@example.org")
    assert look("sharing").outcome == "ok"

    share(classeur, *sorted(addresses(classeur))[1:], "x@example.org", type="anyone", role="reader")
    seen = look("sharing")
    assert seen.outcome == "warning"
    assert seen.sentence == (
        "partage public : 1, accès de personnes inconnues : 1, personnes sans accès : 1. "
        "« accueil access » dit qui."
    )


@pytest.mark.parametrize(("version", "outcome"), [(1, "warning"), (99, "warning")])
def test_a_workbook_of_another_version_is_told(look, classeur, version, outcome):
    title = tab("system")["schema_version"].title
    cell = {"userEnteredValue": {"numberValue": version}}
    start = {
        "sheetId": classeur.sheet_id("Système"),
        "rowIndex": 1,
        "columnIndex": classeur.column(title, "Système"),
    }
    rows = [{"values": [cell]}]
    classeur.do({"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}})

    assert look("versions").outcome == outcome
