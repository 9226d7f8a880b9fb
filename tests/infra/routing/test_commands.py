"""`accueil routing` beside a spreadsheet: check, explain, simulate."""

import csv
import io
import json

import pytest

from infra.routing.gather import csv_grid
from sheets_schema.tab import tab
from tests.support import ANA

RULES, DRAFT = "Règles d'attribution", "Règles – projet"


@pytest.fixture
def proposal(classeur, tmp_path):
    """The table in force as CSV, with rule 15 for somebody else."""
    lines = classeur.values(RULES)
    at = lines[0].index("Référent(s)")
    lines[15][at] = "Nadia Rouquette"
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(lines)
    file = tmp_path / "proposition.csv"
    file.write_text("\ufeff" + out.getvalue(), "utf-8")
    return file


@pytest.fixture
def filed(classeur):
    """Requests that are in the sheet: one of Figeac, one of Cahors."""
    for row, place in ((2, "Figeac"), (3, "Cahors")):
        cells = {
            "Référence": "LOT-65AC-WHNK" if row == 2 else "LOT-65AC-WHN3",
            "Nom": "Durand",
            "Reçue le": "01/11/2026 10:00",
            "Projet principal": "Trouver un emploi",
            "Territoire visé": place,
            "Référent": "Sophie Lacombe",
        }
        classeur.type_row(row, cells)


def test_a_table_without_a_fault_is_said_to_be_so(accueil):
    done = accueil("routing", "check")
    assert (done.exit_code, done.output) == (
        0,
        "Les règles couvrent tout, et rien ne se contredit.\n",
    )


def test_a_gap_is_shown_with_the_row_to_paste_and_pasting_it_mends_the_table(
    accueil, classeur, tmp_path
):
    last = len(classeur.rows(RULES)) + 1
    classeur.delete_row(RULES, last)
    file = tmp_path / "lignes.csv"
    done = accueil("routing", "check", "--csv", str(file))
    assert done.exit_code == 1
    gap = "Trouver un emploi × tous les secteurs × territoire non précisé : aucune demande"
    assert gap in done.output
    assert f"Écrit : {file}" in done.output
    header, *rows = csv_grid(file)
    assert header == [column.title for column in tab("rules").columns]
    for number, row in enumerate(rows, start=last):
        classeur.type_row(number, {t: c for t, c in zip(header, row, strict=True) if c}, RULES)
    again = accueil("routing", "check")
    assert "Sans règle" not in again.output


def test_what_rules_hide_and_whom_they_name_in_vain_is_listed(accueil, classeur):
    classeur.type(classeur.at("Projet", 12, RULES), "Trouver un emploi")
    classeur.type(classeur.at("Territoire", 13, RULES), "Grand Cahors")
    classeur.type(classeur.at("Référent(s)", 14, RULES), "Zoé Nul")
    said = accueil("routing", "check").output
    assert "Zoé Nul, absent de l'onglet Référents : règles 13 ; sans personne : 13" in said
    assert "Règles d'attribution!F14" in said


@pytest.mark.usefixtures("filed")
def test_a_request_is_explained_rule_by_rule_and_the_last_line_says_who(accueil):
    lines = accueil("routing", "explain", "LOT-65AC-WHNK").output.splitlines()
    assert lines[0] == "1  Règle 15 : Tous les projets × Grand-Figeac : décide"
    assert (
        "moins précise que la règle 15 (territoire : une intercommunalité plutôt que partout)"
        in lines[1]
    )
    other = next(line for line in lines if line.startswith("–  Règle 11 "))
    assert other.endswith("territoire : Grand Cahors, et non Figeac")
    assert lines[-1] == (
        "→ Sophie Lacombe <sophie.lacombe@example.org> · Règle 15 : Tous les projets × "
        "Grand-Figeac → Sophie Lacombe"
    )


def test_a_request_in_a_file_is_explained(accueil, tmp_path):
    file = tmp_path / "demande.json"
    file.write_text(json.dumps(ANA))
    done = accueil("routing", "explain", "--request", str(file))
    assert done.output.splitlines()[-1].startswith("→ Sophie Lacombe <")
    file.write_text(json.dumps(ANA | {"projects": []}))
    refused = accueil("routing", "explain", "--request", str(file))
    assert refused.exit_code == 1
    assert "n'est pas une demande" in refused.output
    assert "projects" in refused.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("explain", "LOT-0000-0000"), "La demande LOT-0000-0000 n'est pas dans l'onglet"),
        (("explain",), "Donnez une RÉFÉRENCE"),
        (("simulate",), "Donnez --table"),
        (("simulate", "--draft"), f"Il n'y a pas d'onglet « {DRAFT} »"),
        (("check", "--draft"), f"Il n'y a pas d'onglet « {DRAFT} »"),
    ],
)
def test_what_cannot_be_done_is_said(accueil, words, said):
    done = accueil("routing", *words)
    assert done.exit_code
    assert said in done.output


@pytest.mark.usefixtures("filed")
def test_a_proposal_is_tried_with_past_requests(accueil, proposal, tmp_path):
    moves, page = tmp_path / "change.csv", tmp_path / "page.html"
    words = ("--table", str(proposal), "--csv", str(moves), "--html", str(page))
    done = accueil("routing", "simulate", *words)
    assert done.exit_code == 0
    assert "2 demandes : 1 change de main ; sans règle : 0 aujourd'hui, 0 avec la" in done.output
    assert "Nadia Rouquette            0            1     +1" in done.output
    header, row = csv_grid(moves)
    assert dict(zip(header, row, strict=True)) == {
        "Référence": "LOT-65AC-WHNK",
        "Reçue le": "01/11/2026",
        "Projet principal": "Trouver un emploi",
        "Secteur": "",
        "Suivie par": "Sophie Lacombe",
        "Aujourd'hui": "Sophie Lacombe",
        "Règle": "15",
        "Proposition": "Nadia Rouquette",
        "Règle proposée": "15",
    }
    html = page.read_text("utf-8")
    assert "<b>Nadia Rouquette</b> <del>Sophie Lacombe</del>" in html
    assert "Durand" not in html


def test_a_proposal_that_cannot_be_read_is_refused_with_its_cells(accueil, proposal):
    proposal.write_text(proposal.read_text("utf-8").replace("Grand Cahors", "Nulle part"), "utf-8")
    done = accueil("routing", "simulate", "--table", str(proposal))
    assert done.exit_code == 1
    assert "proposition.csv!E12 : Territoire : « Nulle part »" in done.output


@pytest.mark.usefixtures("filed")
def test_the_draft_in_the_sheet_is_tried_as_well(accueil, classeur):
    classeur.do(
        {
            "duplicateSheet": {
                "sourceSheetId": classeur.sheet_id(RULES),
                "newSheetName": DRAFT,
            }
        }
    )
    classeur.type(classeur.at("Référent(s)", 16, DRAFT), "Nadia Rouquette")
    classeur.gate.calls["read"] = 0
    assert "1 change de main" in accueil("routing", "simulate", "--draft").output
    assert classeur.gate.calls["read"] == 2  # the tables, then the columns of Demandes
    assert "Les règles couvrent tout" in accueil("routing", "check", "--draft").output
