"""Headers and contents together decide what a column becomes."""

import pytest

from infra.lists.proposing import propose, propose_sheet
from infra.lists.sheets import Sheet

BASE = {"Nom": ["PONS", "MAS"], "Prénom": ["Luc", "Eva"]}


def chosen(**columns):
    """The targets of columns, by header, beside names and first names."""
    return of(BASE | {name.replace("_", " "): cells for name, cells in columns.items()})


def of(columns):
    rows = [list(columns), *([cells[row] for cells in columns.values()] for row in range(2))]
    proposal = propose_sheet(Sheet(None, rows))
    return proposal and {
        choice.column.title: choice.targets
        for choice in proposal.choices
        if choice.targets not in (("last_name",), ("first_name",))
    }


@pytest.mark.parametrize(
    ("header", "cells", "targets"),
    [
        ("Statut", ["salarié", "étudiante"], ()),
        ("Statut", ["en cours", "vu"], ("status",)),
        ("Suivi", ["en cours", "à rappeler"], ("status",)),
        ("Suivi", ["a appelé lundi", "à rappeler"], ("status",)),
        ("Suivi", ["a appelé lundi", "déménage"], ("notes",)),
        ("Remarques", ["en cours", "à rappeler"], ("notes",)),
        ("Note", ["12", "15"], ()),
        ("Secteur", ["Figeac", "Cahors"], ("target",)),
        ("Secteur", ["Commerce", "Industrie"], ("sector",)),
        ("Secteur", ["A", "B"], ()),
        ("Ville", ["31000 Toulouse", "69001 Lyon"], ("origin_postcode", "origin_city")),
        ("Ville", ["31000", "69001"], ("origin_postcode",)),
        ("Contact", ["0639980001", "a@example.org"], ("phone", "email")),
        ("Contact", ["0639980001", "0639980002"], ("phone",)),
        ("Contact", ["a@example.org", "b@example.org"], ("email",)),
        ("Contact", ["oui", "non"], ()),
        ("Téléphone", ["a@example.org", "b@example.org"], ("email",)),
        ("Mail", ["0639980001", "0639980002"], ("phone",)),
        ("Mail", ["oui", "non"], ()),
        ("Whatsapp", ["oui", "non"], ()),
        ("Emploi", ["x", "x"], ()),
        ("Enfants", ["Zoé, Tom", "Léo"], ()),
        ("Newsletter", ["Lyon", "Albi"], ()),
        ("Inscription", ["oui", "non"], ()),
        ("Date", ["01/02/2026", "13/02/2026"], ("received_at",)),
        ("Zzz", ["a@example.org", "b@example.org"], ("email",)),
        ("Zzz", ["0639980001", "0639980002"], ("phone",)),
        ("Zzz", ["bleu", "vert"], ()),
        ("Mail conjoint", ["a@example.org", "b@example.org"], ()),
        ("Candidat", ["oui", "non"], ()),
    ],
)
def test_contents_decide_where_a_header_does_not(header, cells, targets):
    assert of(BASE | {header: cells}) == {header: targets}


def test_the_name_in_use_counts_before_that_of_birth():
    columns = {"Nom de naissance": ["A", "B"], "Nom d'usage": ["C", "D"], "Prénom": ["Luc", "Eva"]}

    assert of(columns) == {"Nom de naissance": ()}


def test_a_second_town_is_where_somebody_wants_to_go_if_it_is_of_the_departement():
    assert chosen(Ville_de_résidence=["Lyon", "Albi"], Commune=["Figeac", "Cahors"]) == {
        "Ville de résidence": ("origin_city",),
        "Commune": ("target",),
    }


def test_a_mobile_comes_before_a_fixed_line_and_a_third_number_is_left_alone():
    numbers = ["0536490001", "0536490002"]

    assert chosen(Fixe=numbers, Téléphone=numbers, Portable=numbers) == {
        "Fixe": (),
        "Téléphone": ("second_phone",),
        "Portable": ("phone",),
    }


def test_a_list_of_payers_alone_is_one_of_people():
    columns = {"Nom acheteur": ["PONS", "MAS"], "Prénom acheteur": ["Luc", "Eva"],
               "Mail acheteur": ["a@example.org", "b@example.org"]}  # fmt: skip

    assert of(columns) == {"Mail acheteur": ("email",)}


def test_one_column_of_names_and_first_names_is_split():
    columns = {"Nom": ["PONS Luc", "MAS Eva"], "Mail": ["a@example.org", "b@example.org"]}

    assert of(columns) == {"Nom": ("last_name", "first_name"), "Mail": ("email",)}


def test_a_column_of_people_in_referents_is_theirs_whatever_its_header_says():
    table = [["Nom", "Prénom", "Chez"], ["PONS", "Luc", "Anne Roy"], ["MAS", "Eva", "Mme Roy"]]

    def last(referents):
        (proposal,) = propose([Sheet(None, table)], referents)
        return proposal.choices[-1].targets, proposal.choices[-1].confidence

    assert last(["Anne Roy", "Marc Blé"]) == (("referent",), "ask")
    assert last(["Marc Blé"]) == ((), "alone")


PHONES = ["0639980001", "0639980002"]


def test_an_agent_is_the_person_if_nobody_else_is_and_they_can_be_reached():
    different, same = ["Luc PONS", "Eva MAS"], ["Luc PONS", "Luc PONS"]

    assert of({"Agent": different, "Tél": PHONES})["Agent"] == ("last_name", "first_name")
    assert of({"Agent": same, "Tél": PHONES}) is None
    assert of({"Agent": different, "Ville": ["Lyon", "Albi"]}) is None
    # The first of two is the person, and a person who is named stays it.
    assert of({"Agent": different, "Conseiller": different, "Tél": PHONES}) == {
        "Agent": ("last_name", "first_name"),
        "Conseiller": ("referent",),
        "Tél": ("phone",),
    }
    assert chosen(Agent=different, Tél=PHONES)["Agent"] == ("referent",)


def test_people_are_those_with_a_name_and_a_way_to_reach_them_or_two_names():
    names, emails = BASE["Nom"], ["a@example.org", "b@example.org"]

    for reached in ({"Tél": PHONES}, {"Mail": emails}, {"Prénom": BASE["Prénom"]}):
        assert of({"Nom": names} | reached) is not None
    assert of({"Nom": names, "Ville": ["Lyon", "Albi"]}) is None


def test_beside_first_names_a_column_of_names_is_the_last_name_if_it_says_so():
    columns = {"Prénom": BASE["Prénom"], "Tél": PHONES}

    for header in ("Nom complet", "Full name"):
        assert header not in of({header: ["PONS", "MAS"]} | columns)  # it is the last name


def test_whom_all_people_call_is_not_the_person():
    table = [["Xyz", "Tel", "Contact"], ["Ana Roc", "0639980001", "Anne Mas"]]
    table += [["Luc Pons", "0639980002", "Anne Mas"], ["Eva Gil", "0639980003", "Anne Mas"]]

    targets = [choice.targets for choice in propose_sheet(Sheet(None, table)).choices]

    assert targets == [("last_name", "first_name"), ("phone",), ("referent",)]


def test_a_column_without_a_cell_is_left_alone_and_says_why():
    rows = [["Nom", "Prénom", "Zzz"], ["PONS", "Luc", None], ["MAS", "Eva", None]]
    choice = propose_sheet(Sheet(None, rows)).choices[2]

    assert (choice.targets, choice.confidence, choice.why) == ((), "alone", "colonne vide")
