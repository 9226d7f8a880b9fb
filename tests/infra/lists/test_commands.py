"""`accueil import`."""

import json

import pytest
from click.testing import CliRunner

from infra.cli import main

LIST = "Liste du salon;\nNom;Prénom;Mail;Date demande\nPONS;Luc;luc@example.org;05/09/2026 14:32\n"


@pytest.fixture
def listed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "liste.csv"
    path.write_text(LIST, "utf-8")
    return path


def run(*arguments):
    return CliRunner().invoke(main, ["import", *map(str, arguments)])


def test_a_proposal_for_programs_is_exactly_what_was_agreed(listed):
    done = run(listed, "--propose", "--json")

    assert json.loads(done.stdout) == [
        {
            "file": "liste.csv",
            "sheet": None,
            "header_row": 1,
            "records": 1,
            "mapping": {"0": "Nom", "1": "Prénom", "2": "Courriel", "3": "Reçue le"},
        }
    ]


def test_a_proposal_is_shown_to_people(listed):
    done = run(listed, "--propose")

    assert "A Nom" in done.output
    assert "Courriel" in done.output
    assert done.exit_code == 0


def test_the_preview_shows_rows_and_says_that_nothing_is_written(listed):
    done = run(listed)

    assert "Total : 1 nouvelle." in done.output
    assert done.output.endswith(
        "Rien n'a été écrit dans le classeur. "
        "Pour importer, indiquez --journal, --spreadsheet et --source.\n"
    )


def test_the_preview_is_a_page_if_somebody_asks_for_it(listed, tmp_path):
    done = run(listed, "--html", tmp_path / "p.html")

    assert "données personnelles" in done.output
    assert "luc@example.org" in (tmp_path / "p.html").read_text("utf-8")


def test_programs_get_the_records_too(listed):
    (record,) = json.loads(run(listed, "--json").stdout)

    assert record["values"]["Reçue le"] == "2026-09-05T14:32"


def test_what_is_remembered_decides_the_next_time(listed, tmp_path):
    assert "Corrigez-le, puis relancez." in run(listed, "--remember", "--propose").stderr
    path = tmp_path / "correspondances.json"
    path.write_text(path.read_text("utf-8").replace('"Prénom": "Prénom"', '"Prénom": null'))

    (proposal,) = json.loads(run(listed, "--propose", "--json").stdout)
    assert "1" not in proposal["mapping"]
    assert "décidé dans correspondances.json" in run(listed, "--propose").output


def test_a_file_without_people_is_refused_with_a_sentence(tmp_path):
    path = tmp_path / "budget.csv"
    path.write_text("Poste;Montant\nSalle;1200\n", "utf-8")
    done = run(path, "--propose", "--json")

    assert done.exit_code == 1
    assert "budget.csv : aucune personne dans ce fichier." in done.stderr
    assert done.stdout == ""


def test_a_sheet_that_is_not_there_is_said(listed):
    done = run(listed, "--sheet", "Liste")

    assert done.exit_code == 1
    assert "Pas d'onglet « Liste » dans liste.csv : aucun." in done.output


def test_help_is_in_french():
    assert "Rien n'est écrit dans le classeur" in " ".join(run("--help").output.split())
