import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheets_schema.text import (
    bare,
    has_letter,
    normalise,
    quoted,
    slug,
    split_alternatives,
    split_known,
    split_list,
    undisguised,
)
from tests.sheets_schema.spelling import respelled

FRENCH = st.text("abcdefghijklmnopqrstuvwxyzàâæçéèêëîïôœùûüÿñ0123456789' -.()°", max_size=60)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("Référence", "reference"),
        ("  N° de  Règle ", "n de regle"),
        ("Nº de règle", "n de regle"),
        ("Commune d’installation", "commune d installation"),
        ("Commune d'installation", "commune d installation"),
        ("Cœur de Causse", "coeur de causse"),
        ("CŒUR-DE-CAUSSE", "coeur de causse"),
        ("Lætitia", "laetitia"),
        ("Référent(s)", "referent s"),
        ("prenom_nom", "prenom nom"),
        ("« … »", ""),
        ("", ""),
    ],
)
def test_a_key_ignores_case_accents_spacing_and_punctuation(typed, key):
    assert normalise(typed) == key


@given(st.data(), FRENCH)
def test_the_same_words_give_the_same_key_however_they_are_spelled(data, text):
    assert normalise(data.draw(respelled(text))) == normalise(text)


@given(FRENCH)
def test_a_key_is_its_own_key(text):
    assert normalise(normalise(text)) == normalise(text)


@pytest.mark.parametrize(
    ("cell", "items"),
    [
        ("Figeac, Cahors", ["Figeac", "Cahors"]),
        ("Figeac ; Cahors", ["Figeac", "Cahors"]),
        ("Figeac\nCahors\n", ["Figeac", "Cahors"]),
        (" , ;\n", []),
        ("", []),
        ("Saint-Cirq-Lapopie", ["Saint-Cirq-Lapopie"]),
    ],
)
def test_a_list_in_a_cell_is_separated_by_commas_semicolons_or_line_breaks(cell, items):
    assert split_list(cell) == items


@pytest.mark.parametrize(
    ("cell", "items"),
    [
        ("Ana et Bob / Léo", ["Ana", "Bob", "Léo"]),
        ("Ana, et bob | Léo", ["Ana", "bob", "Léo"]),
        ("Ana & Bob + Léo - Ana", ["Ana", "Bob", "Léo", "Ana"]),
        ("Roux, Ana, Bob", ["Roux, Ana", "Bob"]),
        ("Bob et Fils et Ana", ["Bob et Fils", "Ana"]),
        ("Ana et Zoé, Bob", ["Ana et Zoé", "Bob"]),
        ("Ana et ", ["Ana et"]),
        ("Ana et " * 20, [("Ana et " * 20).strip()]),
        (" ; ", []),
        (f"Ana{' ' * 50_000}et Bob", [f"Ana{' ' * 50_000}et Bob"]),  # as long as a cell may be
    ],
    ids=lambda value: str(value)[:30],
)
def test_an_item_is_divided_where_people_mean_several_and_all_of_them_are_known(cell, items):
    known = {"ana", "bob", "leo", "roux ana", "bob et fils"}
    assert split_known(cell, lambda text: normalise(text) in known) == items


def test_what_is_not_known_is_divided_at_words_and_slashes_but_not_at_dashes():
    assert split_alternatives("Salon TAF et foire-et-bal / A20 - nord ; site") == [
        *("Salon TAF", "foire-et-bal", "A20 - nord", "site")
    ]


@pytest.mark.parametrize(
    ("text", "read"),
    [("zoé", "« zoé »"), ("z" * 60, f"« {'z' * 60} »"), ("z" * 61, f"« {'z' * 59}… »")],
)
def test_a_quotation_is_cut_to_sixty_characters(text, read):
    assert quoted(text) == read


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Ana", "Ana"),
        ("Anne\N{RIGHT-TO-LEFT OVERRIDE}fdp.exe", "Annefdp.exe"),
        ("\N{LEFT-TO-RIGHT ISOLATE}Ana\N{POP DIRECTIONAL ISOLATE}", "Ana"),
        ("An\N{ZERO WIDTH SPACE}a\N{SOFT HYPHEN}", "Ana"),
        ("Ana\U000e0065\U000e0076\U000e0069\U000e006c", "Ana"),
        ("\N{HANGUL FILLER}", ""),
        ("\N{BRAILLE PATTERN BLANK}\N{HALFWIDTH HANGUL FILLER}\N{WORD JOINER}", ""),
        ("\N{HANGUL CHOSEONG FILLER}\N{HANGUL JUNGSEONG FILLER}", ""),
        # What joins is kept: families, hearts, Persian, kanji with a form of their own.
        ("👩\N{ZERO WIDTH JOINER}👧", "👩\N{ZERO WIDTH JOINER}👧"),
        ("❤\N{VARIATION SELECTOR-16}", "❤\N{VARIATION SELECTOR-16}"),
        ("می\N{ZERO WIDTH NON-JOINER}خواهم", "می\N{ZERO WIDTH NON-JOINER}خواهم"),
        ("葛\U000e0100", "葛\U000e0100"),
    ],
)
def test_a_text_shows_what_it_holds(typed, shown):
    assert undisguised(typed) == shown


@pytest.mark.parametrize("name", ["Ana", "É", "李", "אנה", "O'Neil", "3e", "ـعلي", "ʻOkina", "한"])
def test_a_name_of_any_script_has_a_letter(name):
    assert has_letter(name)


@pytest.mark.parametrize("name", ["", "-", "42", "👍", "…", "\u3164", "\u2800", "\u0301", "\ufe0f"])
def test_what_nobody_can_read_has_none(name):
    assert not has_letter(name)


@pytest.mark.parametrize("blank", [" ", "\u00a0", "\u200b", "\ufeff", "\u3164", "\u2800"])
def test_what_shows_nothing_is_blank(blank):
    assert bare(blank) == ""
    assert bare(f"{blank}Ana{blank}") == "Ana"


def test_a_source_is_written_with_dashes_as_it_is_compared():
    assert slug(" Salon  TAF, à l'Été ") == "salon-taf-a-l-ete"
