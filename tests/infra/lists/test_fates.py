"""What becomes of each row of a list."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.route.arrival import Arrival
from functions.shared.journal.entries import Entry, Imported
from functions.shared.request import Request, RequestRow
from infra.lists.fates import Context, fates, known_people
from infra.lists.proposing import propose
from infra.lists.records import read_records
from infra.lists.sheets import Sheet
from infra.lists.words import targets
from sheets_schema.territory import territories
from tests.functions.route.arrivals import MORNING

HEADER = ["Nom", "Prénom", "Mail", "Tél", "Ville"]
LUC = ["PONS", "Luc", "luc@example.org", "0639980001", "Albi"]
EVA = ["MAS", "Eva", "eva@example.org", "0639980003", "Sète"]
THERE = {
    "reference": "LOT-65AC-WHNK",
    "last_name": "Pons",
    "first_name": "Luc",
    "email": "Autre@example.org",
    "phone": "06 39 98 00 09",
    "origin_city": "ALBI",
}


def lines_of(*rows, header=HEADER, context=None, sheets=1):
    proposals = propose([Sheet(f"Liste {n}", [header, *rows]) for n in range(1, sheets + 1)])
    read = [(proposal, list(read_records(proposal))) for proposal in proposals]
    return [line for own in fates(read, context or Context("salon")) for line in own]


def last_sentence(line):
    return line.remarks[-1].sentence if line.remarks else ""


def known(**cells):
    row = RequestRow(12, Request.from_cells(THERE | cells, territories()))
    return Context("salon", people=known_people([row]))


def test_a_row_that_nothing_is_wrong_with_is_new_and_makes_a_request():
    (line,) = lines_of(LUC)

    assert (line.row, line.person, line.fate) == (2, "Luc PONS", "new")
    assert line.contact.submission["email"] == "luc@example.org"


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (["ROC", "Ana", "faux@", None, None], "Ni téléphone, ni courriel lisible : écrivez-en un."),
        ([None, None, "a@example.org", None, None], "Pas de nom : écrivez-le, une demande en a"),
        (["12", "Ana", "a@example.org", None, None], "Nom : écrivez-le avec des lettres."),
    ],
)
def test_what_makes_no_request_is_refused(row, sentence):
    line = lines_of(LUC, EVA, row)[-1]

    assert (line.fate, line.contact) == ("refused", None)
    assert last_sentence(line).startswith(sentence)


def test_who_has_no_last_name_is_asked_about():
    line = lines_of(LUC, EVA, [None, "Zoé", None, "0639980005", None])[-1]

    assert line.fate == "ask"
    assert line.contact.submission["last_name"] == "Zoé"


@pytest.mark.parametrize(
    "again",
    [
        ["MAS", "Eva", "LUC@example.org", None, None],
        ["MAS", "Eva", None, "+33 6 39 98 00 01", None],
        ["pons", "LUC", "autre@example.org", None, "ALBI"],
    ],
)
def test_the_same_person_twice_in_a_list_is_asked_about(again):
    first, second = lines_of(LUC, again)

    assert (first.fate, second.fate) == ("new", "ask")
    assert last_sentence(second) == "Même personne que la ligne 2 de « Liste 1 » ?"


def test_the_same_person_in_two_sheets_is_asked_about():
    assert [line.fate for line in lines_of(LUC, EVA, sheets=2)] == ["new", "new", "ask", "ask"]


@pytest.mark.parametrize(
    "cells",
    [{"email": "LUC@example.org", "first_name": "L."}, {"phone": "0639980001"}, {}],
    ids=["address", "number", "name and town"],
)
def test_who_is_in_demandes_already_is_proposed_as_the_same_person(cells):
    first, other = lines_of(LUC, EVA, context=known(**cells))

    assert (first.fate, first.repeats) == ("again", "LOT-65AC-WHNK")
    assert last_sentence(first) == (
        "Déjà en ligne 12 de Demandes, LOT-65AC-WHNK : entrera comme « Relance de LOT-65AC-WHNK »."
    )
    assert other.fate == "new"


def test_the_same_name_in_another_town_is_another_person():
    assert lines_of(LUC, context=known(origin_city="Rodez"))[0].fate == "new"


def test_who_is_there_is_asked_about_if_nobody_wants_repeats_or_the_row_has_no_reference():
    unwanted = known()
    unwanted = Context("salon", people=unwanted.people, repeat=False)
    (line,) = lines_of(LUC, context=unwanted)
    assert (line.fate, line.repeats) == ("ask", "LOT-65AC-WHNK")
    assert last_sentence(line) == "Même personne qu'en ligne 12 de Demandes, LOT-65AC-WHNK ?"

    (line,) = lines_of(LUC, context=known(reference=""))
    assert (line.fate, last_sentence(line)) == ("ask", "Même personne qu'en ligne 12 de Demandes ?")


def test_a_row_whose_entry_is_in_the_journal_is_not_imported_again():
    (before,) = lines_of(LUC)
    lines = lines_of(LUC, EVA, context=Context("salon", entries={before.name}))

    assert [line.fate for line in lines] == ["there", "new"]
    assert [line.fate for line in lines_of(LUC, context=Context("b", entries={before.name}))] == [
        "new"
    ]


def test_a_source_in_the_list_and_one_that_is_given_are_the_same_source():
    header, row = [*HEADER, "Source"], [*LUC, "site-safer"]
    (before,) = lines_of(row, header=header, context=Context("salon"))
    (after,) = lines_of(row, header=header, context=Context(""))

    assert before.name == after.name


def test_consent_is_respected():
    header = [*HEADER, "OK pour être recontacté"]
    rows = [[*LUC, "Oui"], [*EVA, "non"], ["ROC", "Ana", "a@example.org", None, None, None]]
    yes, no, blank = lines_of(*rows, header=header)

    assert (yes.fate, no.fate, blank.fate) == ("new", "declined", "ask")
    assert no.contact is None
    assert "L'accord de cette personne n'est pas noté" in last_sentence(blank)


_TEXT = st.text(st.characters(codec="utf-8"), max_size=30) | st.sampled_from(
    ["oui", "Figeac, Grand Cahors", "81000", "+33 6 39 98 00 01", "05/01/2027", "3", "x" * 3_000]
)
_FIELDS = st.dictionaries(st.sampled_from(sorted(targets())), _TEXT, max_size=8)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(_FIELDS)
def test_whatever_makes_a_request_can_be_filed_with_all_its_cells(cells):
    given_cells = {"last_name": "PONS", "email": "luc@example.org"} | cells
    header = [targets()[key].title for key in given_cells]
    for line in lines_of(list(given_cells.values()), header=header):
        if line.contact is None:
            assert line.fate in ("refused", "declined")
            continue
        submission, imported = line.contact.submission, Imported(line.contact.cells)
        entry = Entry("LOT-65AC-WHNK", MORNING, "", submission, imported=imported)
        request = Arrival.from_json("a", entry.to_json(), territories()).request
        assert not request.unreadable
        assert set(imported.cells) <= set(request.values)
