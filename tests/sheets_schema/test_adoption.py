import pytest

from sheets_schema.adoption import OURS, Adoption, Header, find_marker, free_words, read_adoption
from sheets_schema.errors import HeaderError
from sheets_schema.tab import tab

ADOPTION = Adoption(
    {"last_name": "NOM", "reference": "Référence (Accueil)"},
    frozenset({"last_name"}),
    frozenset({"status"}),
)
HEADER = Header(2, ADOPTION)


def test_a_header_is_seen_in_our_words_and_an_own_column_of_our_title_is_not_ours():
    seen = HEADER.in_our_words(
        ["nom ", "Référence", "Référence (Accueil)", "Budget", None, "Statut"]
    )

    assert seen == ["Nom", "Référence (à vous)", "Référence", "Budget", None, "Statut"]


def test_the_header_comes_first_and_a_row_keeps_its_number():
    grid = [["Suivi", "Nom"], [], ["NOM"], ["PONS"]]

    assert HEADER.in_place(grid) == [["Nom"], [], [], ["PONS"]]
    assert HEADER.in_place(grid[:1]) == [[], [], []]
    assert OURS.in_place(grid) == grid


def test_a_fault_is_told_in_the_words_and_the_row_that_people_see():
    fault = HeaderError(
        "Colonne introuvable : « Nom », « Statut ».", "Remettez-la en ligne 1 telle."
    )

    fault_there = HEADER.in_their_words(fault)

    assert str(fault_there) == (
        "Colonne introuvable : « NOM », « Statut ». Remettez-la en ligne 3 telle."
    )


def test_columns_to_add_get_our_title_unless_the_partner_has_one_of_that_title():
    words = free_words(tab("requests"), {"last_name": "NOM"}, ["NOM", "statut", "Budget"])

    assert (words["last_name"], words["status"]) == ("NOM", "Statut (Accueil)")
    assert words["first_name"] == "Prénom"
    assert words.keys() == {column.key for column in tab("requests").columns}


def test_the_system_tab_keeps_it():
    header = [column.title for column in tab("system").columns]

    assert read_adoption([header, ["", 4, ADOPTION.to_text()]]) == ADOPTION
    assert read_adoption([header, ["", 4]]) is None
    assert read_adoption([]) is None


@pytest.mark.parametrize("text", ["Bonjour", "[]", '{"words": 3}', '{"words": {"a": "b"}}'])
def test_what_somebody_changed_there_is_a_fault_that_says_where(text):
    where = "« Système ».*« Classeur adopté »"
    with pytest.raises(HeaderError, match=f"{where}.*Historique des versions"):
        Adoption.from_text(text)


def test_the_named_range_says_where_the_header_stands_and_changes_with_the_words():
    named = {"name": ADOPTION.range_name, "range": {"sheetId": 7, "startRowIndex": 2}}

    marker = find_marker([{"name": "accueil_3_1_t"}, {"name": "Budget"}, named])

    assert (marker.sheet_id, marker.row, marker.name) == (7, 2, ADOPTION.range_name)
    assert find_marker([{"name": "accueil_entetes"}]) is None
    assert Adoption({"last_name": "Nom"}).range_name != ADOPTION.range_name


def test_where_the_system_tab_says_nothing_nothing_was_adopted():
    titles = [column.title for column in tab("system").columns]
    assert read_adoption([]) is None
    assert read_adoption([titles]) is None
    assert read_adoption([titles[:1], ["x"]]) is None
