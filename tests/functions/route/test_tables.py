"""A draft of the rules beside the table, in front of Google's API: its tabs, formats and cells.

What happens if processes and people cross is in test_table_races.py.
"""

import pytest

from infra.workbook import planned

RULES, DRAFT = "Règles d'attribution", "Règles – projet"


@pytest.fixture
def sweep(drain, clock):
    """The next sweep, a few minutes later."""

    def run():
        clock.advance(minutes=5)
        return drain(sweep=True)

    return run


def duplicate(classeur, title):
    classeur.do(
        {
            "duplicateSheet": {
                "sourceSheetId": classeur.sheet_id(RULES),
                "newSheetName": title,
                "insertSheetIndex": 3,
            }
        }
    )


def lacking(workbook):
    """What `accueil sheet plan` would do to the table in force."""
    return [change.sentence for change in planned(workbook) if RULES in change.sentence]


def titles(classeur):
    return [sheet.title for sheet in classeur.store.file("demo").book.sheets]


def test_a_copy_of_the_table_is_a_draft_and_shows_what_it_would_do(sweep, classeur, file_request):
    file_request()
    sweep()
    duplicate(classeur, "Copie de Règles d'attribution")
    sweep()
    assert DRAFT in titles(classeur)
    rows = classeur.rows(DRAFT)
    assert rows[0]["Effet"].startswith("PROJET identique à la table en vigueur. Cette ligne : ")
    assert rows[14]["Effet"] == "Valable : 1 demande en un an, aucune ne change de main."
    assert rows[0]["Projet"] == classeur.rows(RULES)[0]["Projet"]
    assert "Effet" not in classeur.rows(RULES)[0]


# Takes some seconds: ten sweeps, of which three write into each row of a table.
def test_a_draft_is_published_and_taken_back(sweep, classeur, file_request, workbook):
    file_request()
    sweep()
    before = classeur.sheet_id(RULES)
    duplicate(classeur, "Règles - projet")
    sweep()
    classeur.type(classeur.at("Référent(s)", 16, DRAFT), "Nadia Rouquette")
    sweep()
    rows = classeur.rows(DRAFT)
    assert "1 demande en un an, dont 1 change de main" in rows[0]["Effet"]
    classeur.type(classeur.at("Publier", 2, DRAFT), "Oui")
    sweep()
    # Worked cases say that Grand-Figeac is Sophie Lacombe's.
    assert "cas d'école échouent (« Oui, quand même » passe outre)" in rows[0]["Effet"]
    assert "Publier" not in classeur.rows(DRAFT)[0]
    failing = [row for row in classeur.rows("Cas d'école") if "projet : non" in row["Résultat"]]
    assert failing[0]["Résultat"].startswith(
        "Oui : Sophie Lacombe (règle 15) · projet : non : Nadia"
    )
    classeur.type(classeur.at("Publier", 2, DRAFT), "Oui, quand même")
    sweep()
    assert DRAFT not in titles(classeur)
    assert titles(classeur)[2] == RULES
    assert classeur.sheet_id(RULES) != before
    assert classeur.rows(RULES)[14]["Référent(s)"] == "Nadia Rouquette"
    assert "Publier" not in classeur.rows(RULES)[0]
    old = next(
        title for title in titles(classeur) if title.startswith("Règles – avant le 23-11-2026")
    )
    assert classeur.sheet_id(old) == before
    (line,) = [row for row in classeur.rows("À vérifier") if "en vigueur" in row["Sujet"]]
    assert old in line["Sujet"]
    assert not lacking(workbook)
    sweep()
    assert "Effet" not in classeur.rows(RULES)[0]
    file_request(key="later")
    sweep()
    assert classeur.rows()[-1]["Référent"] == "Nadia Rouquette"

    classeur.type(classeur.at("Annuler", 2, RULES), "Oui")
    sweep()
    assert classeur.sheet_id(RULES) == before
    assert classeur.rows(RULES)[14]["Référent(s)"] == "Sophie Lacombe"
    assert classeur.rows(DRAFT)[14]["Référent(s)"] == "Nadia Rouquette"
    assert "Annuler" not in classeur.rows(DRAFT)[0]
    assert not lacking(workbook)
    sweep()
    assert "dont" in classeur.rows(DRAFT)[0]["Effet"]


def test_no_cell_of_the_draft_is_overwritten_if_it_is_sorted_while_effet_is_written(
    sweep, classeur
):
    duplicate(classeur, DRAFT)
    for row in range(2, 26):
        classeur.type(classeur.at("Note", row, DRAFT), f"Note de la ligne {row}")

    def interfere(_, carry_out):
        table = {"sheetId": classeur.sheet_id(DRAFT), "startRowIndex": 1}
        specs = [{"dimensionIndex": 0, "sortOrder": "DESCENDING"}]
        classeur.do({"sortRange": {"range": table, "sortSpecs": specs}})
        return carry_out()

    classeur.gate.writes.append(interfere)
    sweep()
    rows = classeur.rows(DRAFT)
    notes = {row["N° de règle"]: row["Note"] for row in rows}
    assert len(set(notes.values())) == len(rows)
    assert not [cell for row in classeur.values(DRAFT) for cell in row if "en cours" in cell]
    sweep()
    sweep()
    rows = classeur.rows(DRAFT)
    assert {row["N° de règle"]: row["Note"] for row in rows} == notes
    assert all("alable" in row["Effet"] or "identique" in row["Effet"] for row in rows)


def test_a_draft_gets_the_columns_that_it_lacks(sweep, classeur):
    duplicate(classeur, DRAFT)
    for title in ("Annuler", "Publier", "Effet"):
        classeur.do({"deleteDimension": {"range": classeur.span(title, tab=DRAFT)}})
    sweep()
    assert classeur.rows(DRAFT)[0]["Effet"].startswith("PROJET identique")
    assert classeur.cell(classeur.at("Publier", 2, DRAFT))["dataValidation"]["strict"]
