"""The operator's commands wait while Google Sheets fails in passing, and say so."""

import pytest
from click.testing import CliRunner

from functions.shared.errors import WorkbookUnsureError
from functions.shared.sheets.google import open_workbook
from infra.cli import main
from infra.emulator.app import create_app
from infra.emulator.errors import ApiError
from infra.emulator.server import serving
from infra.emulator.store import Store
from infra.local import seed
from infra.local.stack import running
from infra.workbook import planned
from sheets_schema import layout
from tests.support import Gate, broken, no_answer


@pytest.fixture
def waits(monkeypatch):
    """The waits, of which none takes any time."""
    waited = []
    monkeypatch.setattr("infra.patience.sleep", waited.append)
    return waited


@pytest.fixture
def gate():
    return Gate()


@pytest.fixture
def store():
    store = Store()
    store.create({"title": "Vide"}, "vide")
    return store


@pytest.fixture
def accueil(store, gate, waits, tmp_path):  # noqa: ARG001  (nobody waits)
    """Call a command of the operator for a blank spreadsheet."""
    with serving(create_app(store, gate=gate)) as api:
        where = ("--spreadsheet", "vide", "--api", api)
        journal = ("--journal", (tmp_path / "journal").as_uri())

        def call(command):
            words = {
                "plan": ("sheet", *where, "plan"),
                "apply": ("sheet", *where, "apply"),
                "accept": ("sheet", *where, "accept", *journal),
                "refile": ("journal", *journal, "refile", "--missing", "--dry-run", *where),
            }
            return CliRunner().invoke(main, words[command])

        call.workbook = open_workbook("vide", api)
        yield call


def busy(_, __):
    raise ApiError("Quota exceeded", code=429, status="RESOURCE_EXHAUSTED")


@pytest.mark.parametrize("command", ["plan", "apply", "accept", "refile"])
@pytest.mark.parametrize(
    ("fail", "said"),
    [(broken, "Google Sheets est en panne (503)"), (busy, "patienter (quota atteint)")],
)
def test_a_command_tries_again_and_says_so(command, fail, said, accueil, gate, waits):
    if command in ("accept", "refile"):
        accueil("apply")
    expected = accueil(command).output if command == "plan" else ""
    gate.reads += [fail, fail]
    shown = accueil(command)
    assert shown.exit_code == 0, shown.output
    assert shown.stderr.count(said) == 2
    assert " : nouvel essai dans " in shown.stderr
    assert shown.stdout.endswith(expected)
    assert len(waits) == 2


@pytest.mark.parametrize("command", ["plan", "apply", "accept", "refile"])
def test_it_gives_up_in_the_end(command, accueil, gate, waits):
    gate.reads += [broken] * 5
    shown = accueil(command)
    assert shown.exit_code == 1
    assert shown.stderr.endswith("Error: Google Sheets est en panne (503).\n")
    assert len(waits) == 4


def test_an_error_that_lasts_is_said_at_once(accueil, store, waits):
    store.delete("vide")
    assert "Le classeur est introuvable" in accueil("plan").stderr
    assert waits == []


@pytest.mark.parametrize("fail", [broken, no_answer, busy])
def test_changes_are_made_once_and_told_whether_or_not_the_answer_came(fail, accueil, store, gate):
    there = accueil("plan").output
    gate.writes.append(fail)
    shown = accueil("apply")
    assert shown.exit_code == 0
    assert shown.stdout.splitlines()[:-1] == there.splitlines()[:-1]
    assert shown.stdout.endswith("changement(s) fait(s).\n")
    assert len(store.file("vide").book.sheets) == len(layout.TABS) + 1
    assert planned(accueil.workbook) == []


def test_the_local_system_waits_for_its_sheets_and_is_filled_once(
    waits, monkeypatch, tmp_path, capsys
):
    fill = seed.fill

    def fail_in_passing(workbook):
        if not waits:
            raise WorkbookUnsureError("Google Sheets est en panne (503).")
        fill(workbook)
        if len(waits) == 1:
            raise WorkbookUnsureError("Google Sheets n'a pas répondu.")

    monkeypatch.setattr(seed, "fill", fail_in_passing)
    with running(tmp_path) as base:
        workbook = open_workbook("demo", f"{base}/google")
        people = workbook.read({"coordination": "all"}).tabs["coordination"].grid
    assert sum(bool(row[0]) for row in people) == 4  # the header, and three people
    assert len(waits) == 2
    said = capsys.readouterr().err
    assert "Google Sheets est en panne (503) : nouvel essai dans " in said
    assert "Google Sheets n'a pas répondu : nouvel essai dans " in said
