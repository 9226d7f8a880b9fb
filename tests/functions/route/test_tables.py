"""A draft of the rules beside the table: its effect, publishing it, and taking that back."""

import pytest

from functions.shared.sheets.google import open_workbook
from infra.workbook import planned
from tests.support import Crash, Mortal, no_answer

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


@pytest.fixture
def draft(sweep, classeur):
    """A draft of which Effet is shown: rule 15 names somebody else."""
    duplicate(classeur, DRAFT)
    classeur.type(classeur.at("Référent(s)", 16, DRAFT), "Nadia Rouquette, Sophie Lacombe")
    sweep()
    assert classeur.rows(DRAFT)[0]["Effet"].startswith("PROJET VALABLE")
    classeur.gate.calls.clear()


def order(classeur, text="Oui"):
    classeur.type(classeur.at("Publier", 2, DRAFT), text)


def in_force(classeur):
    return classeur.rows(RULES)[14]["Référent(s)"]


@pytest.mark.usefixtures("draft")
def test_a_draft_whose_effect_is_shown_is_published_by_one_sweep(sweep, classeur):
    order(classeur)
    sweep()
    assert in_force(classeur) == "Nadia Rouquette, Sophie Lacombe"


@pytest.mark.usefixtures("draft")
def test_a_draft_is_not_published_before_its_effect_is_shown(sweep, classeur):
    order(classeur)
    classeur.type(classeur.at("Territoire", 16, DRAFT), "Nulle part")
    sweep()
    rows = classeur.rows(DRAFT)
    assert rows[0]["Effet"].startswith("PROJET À CORRIGER avant de le publier : 1 ligne.")
    assert rows[14]["Effet"].startswith("À corriger : Territoire : « Nulle part »")
    assert in_force(classeur) == "Sophie Lacombe"
    sweep()
    assert "Publier" not in classeur.rows(DRAFT)[0]
    assert DRAFT in titles(classeur)


@pytest.mark.usefixtures("draft")
def test_a_lost_answer_publishes_once(sweep, classeur):
    order(classeur)
    classeur.gate.writes.append(no_answer)
    sweep()
    assert in_force(classeur) == "Nadia Rouquette, Sophie Lacombe"
    assert "Publier" not in classeur.rows(RULES)[0]
    assert len([title for title in titles(classeur) if title.startswith("Règles – avant")]) == 1
    assert len([row for row in classeur.rows("À vérifier") if "en vigueur" in row["Sujet"]]) == 1


@pytest.mark.usefixtures("draft")
@pytest.mark.parametrize(("effect", "after"), [(1, True), (2, True), (3, False), (3, True)])
def test_a_crash_around_any_effect_publishes_once(
    sweep, classeur, new_drain, journal, workbook, clock, effect, after
):
    order(classeur)
    life = [effect]
    clock.advance(minutes=5)
    mortal = new_drain(
        journal=Mortal(journal, life, after=after), workbook=Mortal(workbook, life, after=after)
    )
    with pytest.raises(Crash):
        mortal(sweep=True)
    sweep()
    sweep()
    assert in_force(classeur) == "Nadia Rouquette, Sophie Lacombe"
    assert DRAFT not in titles(classeur)
    assert "Publier" not in classeur.rows(RULES)[0]
    assert not [cell for row in classeur.values(RULES) for cell in row if "en cours" in cell]
    assert len([row for row in classeur.rows("À vérifier") if "en vigueur" in row["Sujet"]]) == 1


@pytest.mark.usefixtures("draft")
def test_two_instances_publish_once(sweep, classeur, new_drain):
    order(classeur)
    other = new_drain(workbook=open_workbook("demo", classeur.url))

    def overtake(_, carry_out):
        other(sweep=True)
        return carry_out()

    classeur.gate.writes.append(overtake)
    sweep()
    assert in_force(classeur) == "Nadia Rouquette, Sophie Lacombe"
    assert len([title for title in titles(classeur) if title.startswith("Règles – avant")]) == 1


def move_note_first(classeur):
    """Somebody moves Note to the place of Effet, and everything after it to the right."""
    note = classeur.span("Note", tab=DRAFT)
    classeur.do(
        {
            "moveDimension": {
                "source": note,
                "destinationIndex": classeur.column("Effet", DRAFT) + 1,
            }
        }
    )


@pytest.mark.parametrize(
    "meanwhile",
    [
        lambda classeur: classeur.do(
            {
                "sortRange": {
                    "range": {"sheetId": classeur.sheet_id(DRAFT), "startRowIndex": 1},
                    "sortSpecs": [{"dimensionIndex": 0, "sortOrder": "DESCENDING"}],
                }
            }
        ),
        lambda classeur: classeur.delete_row(DRAFT, 2),
        move_note_first,
    ],
    ids=["sorted", "a row deleted", "a column moved"],
)
def test_no_cell_of_the_draft_is_overwritten_while_effet_is_written(sweep, classeur, meanwhile):
    duplicate(classeur, DRAFT)
    for row in range(2, 26):
        classeur.type(classeur.at("Note", row, DRAFT), f"Note de la ligne {row}")

    def interfere(_, carry_out):
        meanwhile(classeur)
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


def test_a_draft_that_is_deleted_while_its_effect_is_written_stops_nothing(
    sweep, classeur, file_request
):
    duplicate(classeur, DRAFT)

    def delete(_, carry_out):
        classeur.do({"deleteSheet": {"sheetId": classeur.sheet_id(DRAFT)}})
        return carry_out()

    classeur.gate.writes += [lambda _, carry_out: carry_out(), delete]
    sweep()
    file_request()
    sweep()
    assert len(classeur.rows()) == 1


def test_a_draft_gets_the_columns_that_it_lacks(sweep, classeur):
    duplicate(classeur, DRAFT)
    for title in ("Annuler", "Publier", "Effet"):
        classeur.do({"deleteDimension": {"range": classeur.span(title, tab=DRAFT)}})
    sweep()
    assert classeur.rows(DRAFT)[0]["Effet"].startswith("PROJET identique")
    assert classeur.cell(classeur.at("Publier", 2, DRAFT))["dataValidation"]["strict"]


def test_a_draft_with_a_header_twice_stops_nothing_and_is_noted(sweep, classeur, file_request):
    duplicate(classeur, DRAFT)
    classeur.type(classeur.at("Note", 1, DRAFT), "Projet")
    file_request()
    sweep()
    assert len(classeur.rows()) == 1
    assert [row for row in classeur.rows("À vérifier") if row["Où"] == DRAFT]


def test_two_drafts_are_noted_and_the_one_with_the_title_counts(sweep, classeur):
    duplicate(classeur, DRAFT)
    duplicate(classeur, "Copie de Règles d'attribution")
    sweep()
    assert classeur.rows(DRAFT)[0]["Effet"]
    assert "Effet" not in classeur.rows("Copie de Règles d'attribution")[0]
    assert [row for row in classeur.rows("À vérifier") if "plusieurs projets" in row["Sujet"]]


def test_an_order_without_a_table_to_go_back_to_is_answered(sweep, classeur):
    classeur.type(classeur.at("Annuler", 2, RULES), "Oui")
    sweep()
    assert "Annuler" not in classeur.rows(RULES)[0]
    assert [row for row in classeur.rows("À vérifier") if "règles d'avant" in row["Sujet"]]


def test_a_table_that_cannot_be_read_never_takes_effect(sweep, classeur, file_request):
    sweep()
    classeur.type(classeur.at("Référent(s)", 16, RULES), "Nadia Rouquette")
    classeur.type(classeur.at("Territoire", 17, RULES), "Nulle part")
    sweep()
    assert classeur.rows(RULES)[15]["Effet"].startswith("À corriger : Territoire")
    file_request()
    sweep()
    assert classeur.rows()[0]["Référent"] == "Sophie Lacombe"
    (line,) = [row for row in classeur.rows("À vérifier") if row["Où"].endswith("E17")]
    assert "toutes les règles s'appliquent comme elles étaient le 23/11/2026" in line["Que faire"]
    classeur.type(classeur.at("Territoire", 17, RULES), "Grand Cahors")
    sweep()
    file_request(key="later")
    sweep()
    assert classeur.rows()[-1]["Référent"] == "Nadia Rouquette"
    assert "Effet" not in classeur.rows(RULES)[15]


def test_a_new_process_knows_the_last_good_table(sweep, classeur, file_request, new_drain):
    sweep()
    classeur.type(classeur.at("Territoire", 16, RULES), "Nulle part")
    file_request()
    assert new_drain()() == 1
    assert classeur.rows()[0]["Référent"] == "Sophie Lacombe"


def test_a_damaged_good_table_stops_nothing(sweep, classeur, file_request, journal, new_drain):
    sweep()
    (key,) = journal.keys("tables/")
    journal.delete(key)
    journal.create(key, b"{")
    classeur.type(classeur.at("Territoire", 16, RULES), "Nulle part")
    file_request()
    assert new_drain()() == 1


def test_what_the_rules_leave_out_is_noted_in_short(sweep, classeur):
    classeur.delete_row(RULES, len(classeur.rows(RULES)) + 1)
    sweep()
    (line,) = [row for row in classeur.rows("À vérifier") if "aucune règle" in row["Sujet"]]
    assert line["Où"] == RULES
    sweep()
    assert len([row for row in classeur.rows("À vérifier") if "aucune règle" in row["Sujet"]]) == 1


@pytest.mark.usefixtures("draft")
@pytest.mark.parametrize("gone", [False, True])
def test_a_draft_that_is_renamed_or_deleted_at_that_instant_stops_nothing(
    sweep, classeur, file_request, gone
):
    order(classeur)
    file_request()
    sheet_id = classeur.sheet_id(DRAFT)
    title = {"properties": {"sheetId": sheet_id, "title": "À moi"}, "fields": "title"}
    reads = iter(range(9))

    def interfere(_, carry_out):
        answer = carry_out()
        if next(reads) == 3:  # the version, the titles, the tabs, their columns
            change = {"updateSheetProperties": title}
            classeur.do({"deleteSheet": {"sheetId": sheet_id}} if gone else change)
        return answer

    classeur.gate.reads += [interfere] * 5
    sweep()
    assert len(classeur.rows()) == 1
    assert (classeur.sheet_id(RULES) == sheet_id) == (not gone)
