"""The commands as the operator calls them."""

import json

import pytest
from click.testing import CliRunner

from functions.shared.journal.store import open_journal
from infra.cli import main
from infra.doctor import run
from infra.doctor.live import LIVE
from sheets_schema import schema
from sheets_schema.tab import tab
from tests.infra.doctor.conftest import addresses, share
from tests.support import submit

SECRET = "le-secret-de-personne-" * 2
SOMEBODY = ("Rarissime", "rarissime@example.org", "+33612345678", "06 12 34 56 78")


@pytest.fixture
def accueil(environ):
    return lambda *words, **more: CliRunner().invoke(main, words, env=environ | more)


def test_doctor_tells_line_by_line_and_ends_with_a_count(accueil):
    result = accueil("doctor")

    assert result.exit_code == 0, result.output
    assert "✓ journal" in result.output
    assert result.output.splitlines()[-1].startswith("3 avertissements,")


def test_a_fault_makes_it_fail_and_says_what_it_means(accueil):
    result = accueil("doctor", "--for", "intake", ACCUEIL_JOURNAL="")

    assert result.exit_code == 1
    assert "✗ settings" in result.output
    assert "sinon    La fonction ne démarre pas." in result.output
    assert "spf" not in result.output


def test_its_result_in_json_has_all_there_is_to_know(accueil):
    result = accueil("doctor", "--json", "--for", "digest")

    document = json.loads(result.stdout)
    assert document["sound"] is True
    first = document["checks"][0]
    assert first["key"] == "settings"
    assert first.keys() == {"key", "outcome", "expected", "seen", "otherwise", "relies"}
    assert "settings…" in result.stderr


def test_live_tries_google_s_api_and_removes_what_it_made(accueil, classeur, monkeypatch):
    monkeypatch.setattr(run, "LIVE", [check for check in LIVE if check.key != "apply-twice"])
    before = [sheet.title for sheet in classeur.store.file("demo").book.sheets]

    result = accueil("doctor", "--live", "--for", "route")

    assert result.exit_code == 0, result.output
    assert "✓ fence-id-twice" in result.output
    assert "– protection-hard" in result.output
    assert "Restaurer une version" in result.output
    assert [sheet.title for sheet in classeur.store.file("demo").book.sheets] == before
    assert len(classeur.store.files()) == 1


@pytest.mark.parametrize("words", [(), ("--json",), ("--live", "--scratch", "gone")])
def test_nothing_that_is_planted_comes_out(accueil, environ, classeur, words):
    """Secrets in settings, people in cells, headers, titles, shares, and in the journal."""
    name, address, phone, dialled = SOMEBODY
    classeur.type_row(2, {"Nom": name, "Courriel": address, "Téléphone": dialled})
    classeur.type(classeur.at("Pause", 2, "Coordination"), name)
    classeur.type(classeur.at("Courriel", 2, "Référents"), address)
    header = classeur.at("Message", 1)
    classeur.type(header, f"Message {name} {dialled}")
    renamed = {"sheetId": classeur.sheet_id("Suivi"), "title": f"Suivi de {name}"}
    classeur.do({"updateSheetProperties": {"properties": renamed, "fields": "title"}})
    titled = {"properties": {"title": name}, "fields": "title"}
    classeur.do({"updateSpreadsheetProperties": titled})
    share(classeur, address)
    submit(open_journal(environ["ACCUEIL_JOURNAL"]), last_name=name, email=address, phone=phone)

    result = accueil(
        "doctor",
        *words,
        ACCUEIL_SECRET=SECRET,
        ACCUEIL_OPERATOR=address,
        ACCUEIL_PRIVACY_CONTACT=f"perdu {address}",
        ACCUEIL_MAIL_FROM=f"{name} <{address}>",
        ACCUEIL_MAIL=f"smtps://{name}:{SECRET}@127.0.0.1:9",
    )

    assert result.exit_code == 1
    assert "sharing" in result.output
    for planted in (*SOMEBODY, SECRET, "demo"):
        assert planted.lower() not in result.output.lower(), planted


def test_a_mail_on_trial_needs_somebody(accueil, tmp_path):
    assert accueil("doctor", "--mail-to", "--for", "digest").exit_code == 0
    assert len(list((tmp_path / "mail").glob("*.eml"))) == 1

    nobody = accueil("doctor", "--mail-to", ACCUEIL_OPERATOR="")
    assert (nobody.exit_code, "Personne n'est nommé" in nobody.output) == (1, True)
    wrong = accueil("doctor", "--mail-to=Ana")
    assert (wrong.exit_code, "seule et sans nom" in wrong.output) == (1, True)


def test_a_folder_that_is_not_there_is_no_system(accueil, tmp_path):
    result = accueil("doctor", "--home", str(tmp_path / "nowhere"))
    assert (result.exit_code, "make run" in result.output) == (1, True)


def test_access_names_people_and_says_what_to_do(accueil, classeur):
    share(classeur, *addresses(classeur), "exploitation@example.org")
    sound = accueil("access")
    assert (sound.exit_code, "rien à changer" in sound.output) == (0, True)

    share(classeur, *sorted(addresses(classeur))[1:], "inconnu@example.org")
    result = accueil("access")

    assert result.exit_code == 1
    assert "inconnu@example.org. Retirez-leur l'accès" in result.output
    assert f"N'ont pas accès par leur adresse : {min(addresses(classeur))}." in result.output


@pytest.mark.parametrize("command", ["access", "version"])
def test_a_spreadsheet_that_is_not_there_is_said(accueil, command):
    result = accueil(command, "--spreadsheet", "nowhere")
    assert result.exit_code == 1
    assert "Le classeur est introuvable : vérifiez ACCUEIL_SPREADSHEET." in result.output


def test_version_tells_what_differs(accueil, classeur):
    same = accueil("version")
    assert (same.exit_code, f"Classeur    {schema.VERSION}" in same.output) == (0, True), (
        same.output
    )

    title = tab("system")["schema_version"].title
    classeur.type(classeur.at(title, 2, "Système"), "1")
    result = accueil("version")

    assert result.exit_code == 1
    assert "« accueil sheet apply » l'ajoute" in result.output
