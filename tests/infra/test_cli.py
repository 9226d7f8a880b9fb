import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner

from infra.cli import main
from infra.emulator.app import create_app
from infra.emulator.server import serving
from infra.emulator.store import Store
from infra.local import demo
from infra.local.stack import running
from sheets_schema.tab import tab


@pytest.fixture
def accueil(monkeypatch):
    monkeypatch.setattr("infra.patience.sleep", lambda _: None)
    return lambda *words, **more: CliRunner().invoke(main, words, **more)


def test_help_lists_the_commands_in_french(accueil):
    shown = accueil("--help").output
    for command in ("run", "demo", "communes", "sheet", "sheets-emulator", "settings"):
        assert f"  {command} " in shown
    assert "Préparer le classeur" in shown


def test_a_new_spreadsheet_is_planned_then_made_then_complete(accueil):
    store = Store()
    store.create({"title": "Vide"}, "vide")
    with serving(create_app(store)) as api:
        sheet = ("sheet", "--spreadsheet", "vide", "--api", api)
        planned = accueil(*sheet, "plan")
        assert planned.exit_code == 0
        columns = len(tab("requests").columns)
        assert f"Créer l'onglet « Demandes » ({columns} colonnes)" in planned.output
        assert [sheet.title for sheet in store.file("vide").book.sheets] == ["Sheet1"]
        applied = accueil(*sheet, "apply")
        assert applied.output.splitlines()[:-1] == planned.output.splitlines()[:-1]
        assert len(store.file("vide").book.sheets) == 11
        version = store.file("vide").version
        assert accueil(*sheet, "apply").output == "Rien à changer.\n"
        assert accueil(*sheet, "plan").output == "Rien à changer.\n"
        assert store.file("vide").version == version


def test_what_somebody_changed_is_said_and_put_back_only_with_consent(accueil):
    store = Store()
    store.create({"title": "Vide"}, "vide")
    with serving(create_app(store)) as api:
        sheet = ("sheet", "--spreadsheet", "vide", "--api", api)
        accueil(*sheet, "apply")
        book = store.file("vide").book
        referents = next(tab for tab in book.sheets if tab.title == "Référents")
        referents.properties["hidden"] = True
        book.sheets.remove(next(tab for tab in book.sheets if tab.title == "Coordination"))

        planned = accueil(*sheet, "plan").output
        assert "« Référents » : afficher l'onglet, masqué\n" in planned
        assert "      Référents : Cet onglet a été masqué.\n" in planned
        assert "      Coordination : Cet onglet a été supprimé" in planned
        # What is missing comes back; what somebody chose is asked for.
        refused = accueil(*sheet, "apply", input="n\n").output
        assert "Remettre cela aussi (1) ? [o/N]" in refused
        assert "Créer l'onglet « Coordination »" in refused
        assert "afficher l'onglet" in accueil(*sheet, "plan").output
        assert "afficher l'onglet" in accueil(*sheet, "apply", input="o\n").output
        assert accueil(*sheet, "apply", "--yes").output == "Rien à changer.\n"


@pytest.mark.parametrize(
    ("words", "department", "more"),
    [
        ((), "46", ""),
        (
            ("19",),
            "19",
            "Le système est encore celui du département 46 : décrivez l'autre dans sheets_schema/",
        ),
    ],
)
def test_new_communes_are_of_this_place_or_another_one_that_is_still_to_describe(
    words, department, more, accueil, monkeypatch
):
    monkeypatch.setattr("infra.communes.rebuild", lambda code, *_: Path(f"communes-{code}.json"))

    done = accueil("communes", *words)

    first, *others = done.output.splitlines()
    assert first == f"Écrit : communes-{department}.json"
    assert len(others) == bool(more)
    assert "".join(others).startswith(more)


def test_how_to_make_communes_without_a_network_and_what_comes_next_is_told(accueil):
    shown = " ".join(accueil("communes", "--help").output.split())
    assert "Sans réseau, apportez les deux : « npm pack »" in shown
    assert "décrivez-le ensuite dans sheets_schema/data/place.json" in shown


def test_the_spreadsheet_may_be_given_by_its_address(accueil):
    store = Store()
    store.create({"title": "Vide"}, "vide")
    with serving(create_app(store)) as api:
        address = "https://docs.google.com/spreadsheets/d/vide/edit#gid=0"
        planned = accueil("sheet", "--spreadsheet", address, "--api", api, "plan")
    assert planned.exit_code == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["sheet", "plan"], "Indiquez avec --spreadsheet"),
        (["sheet", "--spreadsheet", "a b", "plan"], "Indiquez avec --spreadsheet"),
        (
            ["sheet", "--spreadsheet", "x", "--api", "http://127.0.0.1:9", "plan"],
            "Google Sheets est injoignable.",
        ),
        (["sheet", "--spreadsheet", "x", "--api", "pasuneurl", "plan"], "Indiquez avec --api l'ad"),
        (["demo", "--url", "http://127.0.0.1:9/intake"], "lancez d'abord « make run », ou indiq"),
        (["demo", "--url", "pasuneurl"], "pasuneurl ne répond pas"),
    ],
)
def test_what_goes_wrong_is_a_sentence_not_a_traceback(words, sentence, accueil):
    result = accueil(*words, env={"ACCUEIL_SPREADSHEET": None})
    assert result.exit_code == 1
    assert sentence in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["run", "--home", "/proc/x"], "Impossible de créer le dossier /proc/x"),
        (["sheets-emulator", "--state", "/proc/x/y"], "Impossible de garder quoi que ce soit"),
        (["sheets-emulator", "--state", "{text}"], "n'est pas un fichier de classeurs"),
        (["sheets-emulator", "--port", "{taken}"], "Le port {taken} est déjà pris"),
        (["run", "--home", "{home}", "--port", "{taken}"], "Le port {taken} est déjà pris"),
    ],
)
def test_a_place_or_port_that_cannot_be_used_is_one_sentence(words, sentence, accueil, tmp_path):
    (tmp_path / "text").write_text("text\n" * 500)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        values = {
            "text": tmp_path / "text",
            "home": tmp_path / "home",
            "taken": taken.getsockname()[1],
        }
        result = accueil(*(word.format_map(values) for word in words))
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert sentence.format_map(values) in result.output
    assert result.output.count("\n") == 1


def test_clean_says_what_is_gone(accueil, tmp_path):
    (tmp_path / "mail").mkdir()
    cleaned = accueil("clean", env={"ACCUEIL_HOME": str(tmp_path)})
    assert cleaned.output == f"Effacé de {tmp_path} : mail.\n"


def test_demo_sends_requests_through_the_real_endpoint(accueil, tmp_path):
    with running(tmp_path) as base:
        sent = accueil("demo", "--requests", "5", "--seed", "1", "--url", f"{base}/intake")
    assert sent.exit_code == 0
    assert "5 demandes acceptées." in sent.output
    journal = tmp_path / "journal"
    stored = [*journal.glob("pending/*"), *journal.glob("filed/*")]
    assert len({file.name for file in stored}) == 5


def test_demo_says_what_a_refusal_said(accueil, classeur):
    sent = accueil("demo", "--requests", "1", "--url", classeur.url)
    assert sent.exit_code == 1
    assert sent.output.endswith(
        "a répondu 404 : indiquez avec --url où est le formulaire, par exemple http://…/intake.\n"
    )


def test_demo_repeats_what_intake_refuses(accueil, tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "submissions", lambda *_: [{"projects": []}])
    with running(tmp_path) as base:
        sent = accueil("demo", "--requests", "1", "--url", f"{base}/intake")
    assert "a répondu 422 : Certaines réponses sont à corriger. Nom : à renseigner." in (
        sent.output
    )


def test_demo_goes_where_make_run_listens(accueil):
    sent = accueil("demo", "--requests", "1", env={"PORT": "9"})
    assert "http://127.0.0.1:9/intake ne répond pas" in sent.output


@pytest.mark.parametrize(
    "words",
    [
        ["demo", "--requests", "0"],
        ["run", "--port", "70000"],
        ["run", "--port", "0"],
        ["sheets-emulator", "--port", "-1"],
    ],
)
def test_a_number_that_cannot_be_is_refused(words, accueil):
    result = accueil(*words)
    assert result.exit_code == 2
    assert "is not in the range" in result.output


@pytest.mark.parametrize("command", ["plan", "apply"])
def test_a_command_of_sheet_explains_itself_without_a_spreadsheet(command, accueil):
    result = accueil("sheet", command, "--help", env={"ACCUEIL_SPREADSHEET": None})
    assert result.exit_code == 0
    assert f"Usage: main sheet {command}" in result.output


def test_control_c_is_no_traceback(accueil, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, "submissions", interrupted)
    result = accueil("demo")
    assert (result.exit_code, result.output) == (130, "Interrompu.\n")


def test_settings_are_documented(accueil):
    shown = accueil("settings", env={"ACCUEIL_JOURNAL": "file:///secret-place"}).output
    assert "ACCUEIL_JOURNAL (défini)" in shown
    assert "secret-place" not in shown
    assert "sans elle : https://sheets.googleapis.com" in shown


def test_the_emulator_runs_alone(tmp_path):
    command = Path(sys.executable).parent / "accueil"
    state = tmp_path / "sheets.sqlite"
    words = [command, "sheets-emulator", "--port", "0", "--state", state]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        url = process.stdout.readline().split()[0]
        created = subprocess.run(
            [sys.executable, "-c", _CREATE, url], capture_output=True, text=True, check=True
        )
        process.terminate()
        assert process.wait(10) == 0
    kept = Store(state)
    assert [file.book.id for file in kept.files()] == [json.loads(created.stdout)["spreadsheetId"]]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--quota", "60"], "--quota 60 : indiquez none, real"),
        (["--latency", "vite"], "--latency vite : indiquez une durée en millisecondes"),
    ],
)
def test_the_emulator_says_which_option_is_malformed(words, sentence, accueil):
    result = accueil("sheets-emulator", "--port", "0", *words)
    assert result.exit_code == 1
    assert f"Error: {sentence}" in result.output


def test_the_emulator_misbehaves_as_it_is_told(tmp_path):
    faults = tmp_path / "faults.json"
    faults.write_text('[{"fault": "403", "on": "read"}]')
    command = [Path(sys.executable).parent / "accueil", "sheets-emulator", "--port", "0"]
    words = ["--quota", "60/1", "--faults", faults, "--append-race", "--seed", "7"]
    with subprocess.Popen([*command, *words], stdout=subprocess.PIPE, text=True) as process:
        url = process.stdout.readline().split()[0]
        base = url.removesuffix("/v4/spreadsheets")
        statuses = [requests.post(url, json={}, timeout=10).status_code for _ in range(2)]
        behaviour = requests.get(f"{base}/_emulator/faults", timeout=10).json()
        process.terminate()
    assert statuses == [200, 429]
    assert behaviour == {
        "quota": {"read": {"user": 60}, "write": {"user": 1}},
        "latency": None,
        "faults": [{"fault": "403", "on": "read"}],
        "append_race": True,
        "deviations": [],
        "people": None,
        "seed": 7,
    }


_CREATE = """
import sys, requests
print(requests.post(sys.argv[1], json={"properties": {"title": "x"}}, timeout=10).text)
"""
