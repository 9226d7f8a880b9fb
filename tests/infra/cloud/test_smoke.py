"""A request marked as a test, followed to its row, against the local Sheets API."""

import pytest
from click.testing import CliRunner

from functions.shared.sheets.google import open_workbook
from infra.cli import main
from infra.cloud.smoke import REQUEST, Smoke, SmokeError
from infra.local.access import LOCAL_KEY
from infra.local.stack import running
from tests.support import submit


@pytest.fixture
def smoke(journal, classeur, clock, new_drain):
    """The test; route runs whenever it waits."""
    drain, said = new_drain(), []

    def sleep(seconds):
        clock.advance(seconds=seconds)
        drain()

    def make(sleep=sleep):
        workbook = open_workbook("demo", classeur.url)
        return Smoke(lambda: submit(journal, **REQUEST), workbook, clock, sleep, said.append)

    make.said = said
    return make


def test_the_row_comes_and_is_deleted(smoke, classeur, file_request, new_drain):
    kept = file_request(last_name="Martin")
    new_drain()()
    smoke()()
    assert [line.partition(" : ")[2] for line in smoke.said] == [
        "reçue par le formulaire.",
        "écrite dans le classeur après 2 s.",
        "sa ligne est supprimée.",
    ]
    assert [row["Référence"] for row in classeur.rows()] == [kept]
    assert not [s.title for s in classeur.store.file("demo").book.sheets if "Essai" in s.title]


def test_somebody_s_row_that_gets_in_the_way_is_put_back_whole(
    smoke, classeur, file_request, new_drain
):
    kept = [
        file_request(last_name=name, email=f"{name}@example.org") for name in ("Zola", "Abadie")
    ]
    new_drain()()
    classeur.type(classeur.at("Notes", 2), "rappeler mardi")

    def sort_meanwhile(_, carry_out):
        span = {"sheetId": classeur.sheet_id("Demandes"), "startRowIndex": 1}
        column = classeur.column("Référence")
        order = {"dimensionIndex": column, "sortOrder": "DESCENDING"}
        classeur.gate.writes.insert(0, lambda _, carry_out: carry_out())
        classeur.do({"sortRange": {"range": span, "sortSpecs": [order]}})
        return carry_out()

    before = {row["Référence"]: row for row in classeur.rows()}
    drain = new_drain()

    def sleep(_seconds):
        drain()
        classeur.gate.writes.append(sort_meanwhile)

    smoke(sleep)()
    after = {row["Référence"]: row for row in classeur.rows()}
    assert after == before
    assert set(after) == set(kept)


def test_a_row_that_does_not_come_is_said(smoke, clock):
    with pytest.raises(SmokeError, match="n'est pas dans le classeur après 6 minutes"):
        smoke(lambda _: clock.advance(seconds=60))()


def run(base, key):
    where = ("--spreadsheet", "demo", "--api", f"{base}/google")
    return CliRunner().invoke(
        main, ["cloud", "smoke", *where, "--url", f"{base}/intake", "--key", key]
    )


def test_it_works_against_make_run(tmp_path, monkeypatch):
    monkeypatch.setattr("infra.cloud.smoke._BETWEEN", 0.05)
    with running(tmp_path) as base:
        ended = run(base, LOCAL_KEY)
        assert ended.exit_code == 0, ended.output
        assert ended.output.endswith("sa ligne est supprimée.\n")
        refused = run(base, "wrong")
        assert "a répondu 401" in refused.output
    silent = run(base, LOCAL_KEY)
    assert silent.exit_code == 1
    assert "ne répond pas (ConnectionError)" in silent.output
