"""What people put into one cell."""

import pytest

from infra.lists.people import (
    name_order,
    read_emails,
    read_phones,
    read_postcode,
    read_town,
    split_name,
    without_title,
)


@pytest.mark.parametrize(
    ("text", "order", "names"),
    [
        ("DUPONT Marie", None, ("DUPONT", "Marie")),
        ("Marie DUPONT", None, ("DUPONT", "Marie")),
        ("DE LA TOUR Anne-Lise", None, ("DE LA TOUR", "Anne-Lise")),
        ("Mme Dupont, Marie", None, ("Dupont", "Marie")),
        ("Marie Dupont", None, ("Dupont", "Marie")),
        ("Dupont Marie", None, ("Dupont", "Marie")),
        ("Thomas Bernard", "last first", ("Thomas", "Bernard")),
        ("Wei Zhang", "first last", ("Zhang", "Wei")),
        ("Thomas Bernard", None, None),
        ("Wei Zhang", None, None),
        ("Marie et Paul Dupont", None, None),
        ("DUPONT Marie et Paul", None, ("DUPONT", "Marie et Paul")),
        ("DUPONT Marie (née PETIT)", None, ("DUPONT", "Marie")),
        ("1. Marie DUPONT*", None, ("DUPONT", "Marie")),
        ("DUPONT Marie, 34 ans", None, ("DUPONT", "Marie")),
        ("ARNAL / Maud", None, ("ARNAL", "Maud")),
        ("Maud / ARNAL", None, ("ARNAL", "Maud")),
        ("Haddad / Costa", "last first", None),
        ("HADDAD / Zorglub", "last first", None),
        ("Dupont", "last first", None),
    ],
)
def test_a_full_name_is_split_if_it_is_certain_where(text, order, names):
    assert split_name(text, order) == names


def test_the_order_of_names_is_what_most_cells_prove_or_the_header_says():
    assert name_order(["Marie Dupont", "Zhang Wei", "Paul Durand"], "") == "first last"
    assert name_order(["Marie Dupont", "Durand Paul"], "Nom prénom") is None
    assert name_order(["Zhang Wei"], "Nom, prénom") == "last first"
    assert name_order(["Zhang Wei"], "Prénom et nom") == "first last"
    assert name_order(["Zhang Wei"], "Candidat") is None


def test_a_title_is_no_name():
    written = ("Mme Petit", "M. Merle", "Dr  Roy", "Marc", "M. et Mme Blanc", "Famille Noir")
    assert [*map(without_title, written)] == ["Petit", "Merle", "Roy", "Marc", "Blanc", "Noir"]


@pytest.mark.parametrize(
    ("cell", "numbers", "left"),
    [
        ("06.39.98.01.02/05.36.49.01.02", ["06 39 98 01 02", "05 36 49 01 02"], ""),
        ("0639980107 ou 0536490107", ["06 39 98 01 07", "05 36 49 01 07"], ""),
        ("6.39980105E+08", ["06 39 98 01 05"], ""),
        (639980504.0, ["06 39 98 05 04"], ""),
        ("33639980104", ["06 39 98 01 04"], ""),
        ("tél : 06 39 98 01 02", ["06 39 98 01 02"], ""),
        ("+32 470 12 34 56", ["+32 470 12 34 56"], ""),
        ("6,4E+08", [], "6,4E+08"),  # the program that wrote it has lost the other digits
        ("voir sa mère", [], "voir sa mère"),
        ("06 39 98 01", [], "06 39 98 01"),
        ("0639980107 (le soir)", ["06 39 98 01 07"], "0639980107 (le soir)"),
        ("06 39 98 01 07 après 18h", ["06 39 98 01 07"], "06 39 98 01 07 après 18h"),
        ("0639980107-0536490107", ["06 39 98 01 07", "05 36 49 01 07"], ""),
        ("06 39 98 01 07 (sa mère)", [], "06 39 98 01 07 (sa mère)"),
        ("06 39 98 01 07 23", [], "06 39 98 01 07 23"),
        ("pas de tél", [], ""),
        (None, [], ""),
    ],
)
def test_phone_numbers_are_read_and_what_is_none_is_left(cell, numbers, left):
    assert read_phones(cell, "FR") == (numbers, left)


@pytest.mark.parametrize(
    ("cell", "addresses", "left"),
    [
        ("a@example.org / b@example.com", ["a@example.org", "b@example.com"], ""),
        ("A.B@EXAMPLE.ORG", ["A.B@example.org"], ""),
        ("Léa <lea@example.org>", ["lea@example.org"], "Léa <lea@example.org>"),
        ("karim@example,org", [], "karim@example,org"),
        ("a@example.org,fr", [], "a@example.org,fr"),
        ("néant", [], ""),
        ("aucune idée", [], "aucune idée"),
    ],
)
def test_addresses_are_read_and_never_corrected(cell, addresses, left):
    assert read_emails(cell) == (addresses, left)


@pytest.mark.parametrize(
    ("cell", "country", "code"),
    [
        ("46 000", "", "46000"),
        (46000.0, "", "46000"),
        ("1000", "", None),
        (1000.0, "France", None),
        ("1000", "FR", None),
        ("1000", "Belgique", "1000"),
        ("SW1A 1AA", "", "SW1A 1AA"),
        ("Lot", "", None),
    ],
)
def test_a_postal_code_gets_no_zero_that_was_not_there(cell, country, code):
    assert read_postcode(cell, country) == code


@pytest.mark.parametrize(
    ("text", "town"),
    [
        ("31000 Toulouse", ("Toulouse", "31000", "")),
        ("Bordeaux (33000)", ("Bordeaux", "33000", "")),
        ("Montauban, 82", ("Montauban", None, "Montauban, 82")),
        ("Toulouse (31)", ("Toulouse", None, "Toulouse (31)")),
        ("2 rue X\n46000 Cahors", ("Cahors", "46000", "2 rue X 46000 Cahors")),
        ("FIGEAC CEDEX", ("FIGEAC CEDEX", None, "")),
    ],
)
def test_a_town_is_told_from_its_postal_code(text, town):
    assert read_town(text) == town
