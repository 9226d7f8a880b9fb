"""Where the table of a sheet stands, and which rows are people's."""

import pytest

from infra.lists import contents
from infra.lists.proposing import propose, propose_sheet
from infra.lists.sheets import Merge, Sheet
from infra.lists.tables import _Grid

HEADER = ["Nom", "Prénom", "Téléphone", "Observations"]
LUC = ["PONS", "Luc", "0639980001", "vu"]
EVA = ["MAS", "Eva", "0639980002", None]


def left_out(*rows, merged=()):
    proposal = propose_sheet(Sheet(None, [HEADER, LUC, *rows, EVA], merged))
    return len(proposal.records.rows), [
        (left.row, left.reason) for left in proposal.records.left_out
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (["Total", 12.0], "total"),
        (["Sous-total :", None, "1"], "total"),
        (["Nombre de demandes : 12"], "total"),
        (HEADER, "en-tête répété"),
        (["NOM ", "prénom", None, None], "en-tête répété"),
        (["2026"], "titre ou légende (« 2026 »)"),
        ([2026.0], "titre ou légende (« 2026 »)"),
        (["Novembre"], "titre ou légende (« Novembre »)"),
        (["* à rappeler"], "titre ou légende (« * à rappeler »)"),
        (["Rouge : urgent"], "titre ou légende (« Rouge : urgent »)"),
        ([None, None, None, False], "ni nom, ni téléphone, ni courriel"),
        ([None, None, None, "non"], "ni nom, ni téléphone, ni courriel"),
    ],
)
def test_a_row_that_is_nobodys_is_left_out_and_said(row, reason):
    assert left_out(row) == (2, [(2, reason)])


def test_a_title_that_is_merged_over_the_table_is_nobody():
    merged = (Merge(2, 2, 0, 3),)

    assert left_out(["Figeac"], merged=merged) == (2, [(2, "titre ou légende (« Figeac »)")])


def test_a_blank_row_is_not_worth_a_word():
    assert left_out([], [None, " "]) == (2, [])


@pytest.mark.parametrize(
    "row",
    [
        ["DURAND"],
        [None, "Zoé"],
        [None, None, "0639980003"],
        ["Total", "Éric", "0639980003"],
        ["Mars", "Avril"],
    ],
)
def test_somebody_of_whom_little_is_known_is_kept(row):
    assert left_out(row) == (3, [])


def test_a_row_below_a_person_that_says_more_goes_on_with_it():
    proposal = propose_sheet(Sheet(None, [HEADER, LUC, [None, None, None, "rappelé lundi"], EVA]))

    assert proposal.records.rows == (1, 3)
    assert proposal.records.continued == {1: (2,)}


def test_what_stands_after_a_gap_is_a_remark_on_the_table():
    proposal = propose_sheet(Sheet(None, [HEADER, LUC, [], [None, None, None, "fin de liste"]]))

    assert proposal.records.continued == {}
    assert [left.row for left in proposal.records.left_out] == [3]


def test_sheets_of_the_same_shape_may_stand_for_statuses():
    sheets = [Sheet(name, [HEADER, LUC]) for name in ("À traiter", "Injoignable", "Divers")]

    assert [proposal.constants for proposal in propose(sheets)] == [
        {"status": "À contacter"},
        {"status": "Sans réponse, à rappeler"},
        {},
    ]


def test_the_name_of_a_single_sheet_says_nothing_about_its_people():
    (proposal,) = propose([Sheet("En cours", [HEADER, LUC])])

    assert proposal.constants == {}


def test_a_hidden_column_is_to_be_confirmed():
    proposal = propose_sheet(Sheet(None, [HEADER, LUC, EVA], hidden_columns=frozenset({2})))

    assert [choice.confidence for choice in proposal.choices] == ["sure", "sure", "ask", "sure"]


def test_nothing_is_made_of_nothing():
    assert propose([Sheet(None, []), Sheet(None, [[]]), Sheet(None, [HEADER])]) == ()


def test_a_long_list_is_proposed_from_a_sample_of_it(monkeypatch):
    seen = []
    known = contents._kinds
    monkeypatch.setattr(contents, "_kinds", lambda *cell: (seen.append(cell), known(*cell))[1])
    rows = [[f"N{n}", "Luc", f"06399{n:05}", None] for n in range(10_000)]
    proposal = propose_sheet(Sheet(None, [HEADER, *rows]))

    assert len(proposal.records.rows) == 10_000
    assert len(seen) < 1_500


@pytest.mark.parametrize(
    ("rows", "is_header"),
    [
        ([["Nom Prénom", "Jeudi"], ["PONS Luc", "x"]], True),
        ([["Nom Prénom", "Jeudi"]], False),
        ([["Nom Prénom"], ["PONS Luc"]], False),
        ([["Jeudi", "Nom Prénom"], ["x", "PONS Luc"]], False),
    ],
)
def test_names_and_crosses_beside_them_have_a_header_of_one_known_word(rows, is_header):
    assert _Grid(Sheet(None, rows)).is_header(0) == is_header
