"""What becomes of a partner's columns, cells and rows when a sheet is adopted."""

import pytest

from functions.shared.journal.formats import BeforeAdoption
from infra.lists.adopting import (
    _corrected,
    _own,
    _uncorrected,
    check_tabs,
    choose,
    decide,
    lines,
    moved_rows,
    undoing,
    what_changes,
)
from infra.lists.proposing import propose
from infra.lists.records import read_records
from infra.lists.sheets import ListError
from infra.lists.spreadsheets import as_sheet
from sheets_schema.adoption import Adoption, Header
from sheets_schema.plan import Change
from sheets_schema.views import view_id

LUC = ["PONS", "Luc", "luc@example.org", "0639980001"]
HEADER = ["NOM", "PRENOM", "Mail", "Portable"]


def resource(*lines, title="Suivi", merges=()):
    def cell(value):
        if value is None:
            return {}
        kind = "numberValue" if isinstance(value, float) else "stringValue"
        if isinstance(value, str) and value.startswith("="):
            formula = {"formulaValue": value}
            return {"userEnteredValue": formula, "effectiveValue": {"stringValue": "PONS"}}
        return {"userEnteredValue": {kind: value}, "effectiveValue": {kind: value}}

    rows = [{"values": list(map(cell, line))} for line in lines]
    return {
        "properties": {"sheetId": 7, "title": title},
        "data": [{"rowData": rows}],
        "merges": list(merges),
    }


def decided(*lines, **more):
    sheet = resource(*lines, **more)
    proposal = choose(propose([as_sheet(sheet["properties"], [sheet])]), "")
    return decide(proposal, sheet, list(read_records(proposal)))


def test_columns_are_ours_by_their_words_and_the_others_stay_theirs():
    adopting = decided([*HEADER, "Budget"], [*LUC, "900"])

    assert adopting.columns == {"last_name": 0, "first_name": 1, "email": 2, "phone": 3}
    assert adopting.head.row == 0
    assert adopting.head.adoption.title("phone") == "Portable"
    assert "Budget" not in adopting.head.adoption.words.values()


def test_a_number_that_shows_its_leading_zero_is_offered_with_it():
    header, line = [*HEADER, "Code postal"], [*LUC, 1000.0]
    sheet = resource(header, line)
    sheet["data"][0]["rowData"][1]["values"][4]["formattedValue"] = "01000"

    proposal = choose(propose([as_sheet(sheet["properties"], [sheet])]), "")
    records = list(read_records(proposal))
    adopting = decide(proposal, sheet, records)
    (misfit,) = adopting.misfits

    assert (misfit.place, misfit.correction) == ("E2", "01000")
    assert "montre « 01000 » et contient « 1000 »" in misfit.sentence
    assert [m.correction for m in decided(header, line).misfits] == []
    for correct, becomes in ((True, "devient"), (False, "avec --correct, deviendrait")):
        (shown,) = lines(adopting, records, correct=correct)
        assert shown.remarks[0].sentence.endswith(f" ; {becomes} « 01000 ».")


LEFT = {
    "formulas": ([*HEADER], ["=UPPER(B2)", *LUC[1:]], (), "A « NOM » : elle contient des formules"),
    "one header twice": (
        ["NOM", "NOM", "Mail", "Portable"],
        LUC,
        (),
        "« NOM » : une autre colonne a le même en-tête en ligne 1",
    ),
    "a merged header": (
        [*HEADER],
        LUC,
        [{"endRowIndex": 1, "startColumnIndex": 2, "endColumnIndex": 4}],
        "C « Mail » : son en-tête est dans des cellules fusionnées",
    ),
}


@pytest.mark.parametrize(("header", "line", "merges", "said"), LEFT.values(), ids=LEFT)
def test_a_column_that_cannot_be_told_by_its_header_stays_theirs_and_why_is_said(
    header, line, merges, said
):
    adopting = decided(header, line, [*LUC], merges=merges)

    assert any(said in remark and "reste à vous" in remark for remark in adopting.remarks)


def test_a_name_in_one_cell_is_our_name_and_two_things_in_one_cell_stay_theirs():
    adopting = decided(["NOM Prénom", "CP Ville", "Mail"], ["PONS Luc", "46000 Cahors", LUC[2]])

    assert adopting.columns == {"last_name": 0, "email": 2}


def test_a_cell_is_corrected_only_if_nothing_of_it_is_lost():
    adopting = decided(
        [*HEADER, "Statut", "Date 1er contact"],
        [*LUC, "A rappeler", "début avril"],
        ["MAS", "Eva", "eva@example.org", "0639980001 ou 0639980002", "bizarre", 46_000.0],
    )

    corrections = {misfit.place: misfit.correction for misfit in adopting.misfits}
    assert corrections == {
        "E2": "Sans réponse, à rappeler",
        "F2": None,
        "D3": None,
        "E3": None,
    }


def test_rows_that_are_nobody_s_get_no_reference_and_those_in_the_way_are_named():
    adopting = decided(HEADER, LUC, ["Total : 1", None, None, None])

    assert list(adopting.rows) == [1]
    assert any("ligne(s) 3" in remark for remark in adopting.remarks)


def test_who_follows_requests_is_to_be_written_into_referents():
    adopting = decided([*HEADER, "Suivi par"], [*LUC, "Anne"], [*LUC, "Marc"], [*LUC, "Anne"])

    assert any("« Anne », « Marc »" in remark for remark in adopting.remarks)


def test_a_tab_of_our_title_is_refused_unless_it_is_the_chosen_one():
    check_tabs(["Suivi", "Bilan"], "Suivi")
    with pytest.raises(ListError, match="a déjà des onglets « coordination », « Suivi »"):
        check_tabs(["Familles", "coordination", "Suivi"], "Familles")
    with pytest.raises(ListError, match="a déjà un onglet « Suivi »"):
        check_tabs(["Familles", "Suivi"], "Familles")


def test_a_tab_that_cannot_be_adopted_is_named_with_what_to_do():
    def chosen(*sheets):
        return choose(propose([as_sheet(sheet["properties"], [sheet]) for sheet in sheets]), "")

    several = [resource(HEADER, LUC, title=title) for title in ("Familles", "Fermes")]
    with pytest.raises(ListError, match=r"« Familles », « Fermes ». Dites lequel .*--sheet"):
        chosen(*several)
    with pytest.raises(ListError, match="« Familles » n'a pas d'en-têtes"):
        chosen(resource(LUC, LUC, title="Familles"))


def puts(requests):
    """What is written where: row, column, and values; nothing but values."""
    updates = [request["updateCells"] for request in requests if "updateCells" in request]
    assert all(update["fields"] == "userEnteredValue" for update in updates)
    return [
        (
            update["start"]["sheetId"],
            update["start"]["rowIndex"],
            update["start"]["columnIndex"],
            [cell["userEnteredValue"] for row in update["rows"] for cell in row["values"]],
        )
        for update in updates
    ]


def text(value):
    return {"stringValue": value}


def test_rows_that_stand_together_get_their_references_together():
    adopting = decided(HEADER, LUC, LUC, ["Total : 2", None, None, None], LUC)
    change = _own(adopting, 7, 8, ["LOT-1", "LOT-2", "LOT-3"])

    system, *references = puts(change.requests)
    assert system[:2] == (8, 1)
    # Their four columns, then ours that are new.
    assert [cells[:2] + cells[3:] for cells in references] == [
        (7, 1, [text("LOT-1"), text("LOT-2")]),
        (7, 4, [text("LOT-3")]),
    ]
    assert references[0][2] == references[1][2] >= 4
    named = change.requests[0]["addNamedRange"]["namedRange"]["range"]
    assert named == {"sheetId": 7, "startRowIndex": 0, "endRowIndex": 1}


def test_a_correction_is_written_and_taken_back_unless_somebody_has_changed_it_since():
    header, line = [*HEADER, "Statut"], [*LUC, "A rappeler"]
    adopting = decided(header, line)
    became = "Sans réponse, à rappeler"
    assert puts(_corrected(adopting, 7, adopting.misfits).requests) == [(7, 1, 4, [text(became)])]

    def taken_back(status, reference="LOT-1", key="status"):
        rows = {3: [{"effectiveValue": text(value)} for value in (reference, status) if value]}
        before = BeforeAdoption("Suivi", {}, (), (), (("LOT-1", key, text("A rappeler"), became),))
        return puts(_uncorrected(7, rows, {"reference": 0, "status": 1}, before))

    assert taken_back(became) == [(7, 3, 1, [text("A rappeler")])]
    assert taken_back("Installé") == taken_back("") == []
    assert taken_back(became, "LOT-2") == taken_back(became, key="gone") == []


def test_an_adoption_is_taken_back_wherever_its_parts_stand_now():
    theirs = frozenset({"last_name", "status", "sector"})
    words = {"last_name": "NOM", "status": "État", "sector": "Secteur", "reference": "Référence"}
    head = Header(2, Adoption(words, theirs, frozenset({"sector"})))
    sheet = {
        "properties": {"sheetId": 7, "title": "Demandes"},
        "data": [
            {
                "startRow": 2,
                "rowData": [
                    {"values": [{"effectiveValue": text(word)} for word in words.values()]},
                    {"values": [{"effectiveValue": text("x")} for _ in range(3)]},
                ],
            }
        ],
        "protectedRanges": [
            {"protectedRangeId": 1, "description": "Accueil : en-têtes"},
            {"protectedRangeId": 2, "description": "à nous"},
            {"protectedRangeId": 3},
        ],
        "filterViews": [
            {"filterViewId": view_id("À contacter"), "title": "À contacter"},
            {"filterViewId": 5, "title": "À contacter aussi"},
        ],
    }
    metadata = {"sheets": [{"properties": {"sheetId": sheet_id}} for sheet_id in (7, 21)]}
    before = BeforeAdoption("Suivi", {"locale": "en_US", "timeZone": "UTC"}, (21, 22), ())
    column = {"sheetId": 7, "dimension": "COLUMNS", "startIndex": 3, "endIndex": 4}
    choices = {"sheetId": 7, "startRowIndex": 3, "startColumnIndex": 1, "endColumnIndex": 2}

    assert undoing(metadata, sheet, head, "named", before) == [
        {"setDataValidation": {"range": choices}},
        {"deleteProtectedRange": {"protectedRangeId": 1}},
        {"deleteFilterView": {"filterId": view_id("À contacter")}},
        {"deleteNamedRange": {"namedRangeId": "named"}},
        {"deleteDimension": {"range": column}},
        {"deleteSheet": {"sheetId": 21}},
        {
            "updateSheetProperties": {
                "properties": {"sheetId": 7, "title": "Suivi"},
                "fields": "title",
            }
        },
        {
            "updateSpreadsheetProperties": {
                "properties": {"locale": "en_US", "timeZone": "UTC"},
                "fields": "locale,timeZone",
            }
        },
    ]
    silent = BeforeAdoption("Suivi", {}, (), ())
    last = undoing(metadata, sheet, head, "named", silent)[-1]
    assert last["updateSheetProperties"]["properties"]["title"] == "Suivi"


def test_rows_that_people_move_meanwhile_are_counted():
    adopting = decided(HEADER, LUC, ["MAS", *LUC[1:]])

    assert moved_rows(adopting, [["NOM"], ["PONS"], ["MAS"]], "last_name") == 0
    assert moved_rows(adopting, [["NOM"], ["MAS"], ["PONS"]], "last_name") == 2
    assert moved_rows(adopting, [["NOM"], ["PONS"], []], "last_name") == 1
    assert moved_rows(adopting, [["NOM"], ["PONS"]], "last_name") == 1


def test_what_an_adoption_changes_is_said_before():
    adopting = decided([*HEADER, "Statut", "Budget"], [*LUC, "A rappeler", "900"])
    planned = [
        Change("Classeur : régler langue", ({"updateSpreadsheetProperties": {}},)),
        Change("Autre", ({"addSheet": {}},)),
    ]
    said = list(what_changes(adopting, planned))

    assert said[0] == "L'onglet « Suivi » prend le titre « Demandes »."
    assert said[1].startswith("Colonnes reconnues : A, B, C, D, E. Elles gardent")
    assert said[2].startswith("Colonnes ajoutées à droite : « ")
    assert "« Référence »" in said[2]
    assert "« Statut »" not in said[2]
    assert said[3] == "Listes de choix ajoutées à : « Statut »."
    assert said[4].startswith("Onglets ajoutés : « ")
    assert "« Demandes »" not in said[4]
    assert said[6:] == ["Classeur : régler langue."]
