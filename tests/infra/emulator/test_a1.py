import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.emulator import a1
from infra.emulator.a1 import Box, GridRange
from infra.emulator.errors import InvalidArgumentError

SHEETS = {"Demandes": 3, "Règles d'attribution": 5, "A1": 8, "100 % !": 9}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A1", GridRange(3, 0, 1, 0, 1)),
        ("b2:c4", GridRange(3, 1, 4, 1, 3)),
        ("$B$2:C$4", GridRange(3, 1, 4, 1, 3)),
        ("C4:B2", GridRange(3, 1, 4, 1, 3)),
        ("A:C", GridRange(3, None, None, 0, 3)),
        ("1:1", GridRange(3, 0, 1, None, None)),
        ("A2:A", GridRange(3, 1, None, 0, 1)),
        ("A2:C", GridRange(3, 1, None, 0, 3)),
        ("A2:2", GridRange(3, 1, 2, 0, None)),
        ("AA10", GridRange(3, 9, 10, 26, 27)),
        ("Demandes", GridRange(3)),
        ("demandes!A1", GridRange(3, 0, 1, 0, 1)),
        ("'Demandes'", GridRange(3)),
        ("'Règles d''attribution'!B:B", GridRange(5, None, None, 1, 2)),
        ("Règles d'attribution!B2", GridRange(5, 1, 2, 1, 2)),
        ("'A1'", GridRange(8)),
        ("'A1'!A1", GridRange(8, 0, 1, 0, 1)),
        ("entête", GridRange(5, 0, 1)),
        ("'Règles d''attribution'!entête", GridRange(5, 0, 1)),  # as gspread asks for it
        ("'100 % !'!A1", GridRange(9, 0, 1, 0, 1)),
        ("'100 % !'", GridRange(9)),
    ],
)
def test_ranges_are_read(text, expected):
    named = {"entête": GridRange(5, 0, 1)}
    assert a1.parse(text, SHEETS, named.get) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Inconnu!A1",
        "A",
        "1",
        "A0",
        "A1:",
        ":A1",
        "A1:B2:C3",
        "Demandes!",
        "Demandes!x",
        "Demandes!entête",
        "'Inconnu'",
        "'Demandes'A1",
        "é",
        "$",
        "$:$",
    ],
)
def test_what_is_no_range_is_refused_in_googles_words(text):
    named = {"entête": GridRange(5, 0, 1)}
    with pytest.raises(InvalidArgumentError, match="Unable to parse range: ") as caught:
        a1.parse(text, SHEETS, named.get)
    assert caught.value.message.endswith(text)


def test_a_named_range_comes_before_a_sheet_of_that_title():
    assert a1.parse("Demandes", SHEETS, lambda _: GridRange(5, 0, 1)) == GridRange(5, 0, 1)
    assert a1.parse("'Demandes'", SHEETS, lambda _: None) == GridRange(3)


@pytest.mark.parametrize(
    ("title", "box", "expected"),
    [
        ("Sheet1", Box(0, 1000, 0, 26), "Sheet1!A1:Z1000"),
        ("Sheet1", Box(0, 1, 2, 3), "Sheet1!C1"),
        ("Deux mots", Box(0, 1, 0, 2), "'Deux mots'!A1:B1"),
        ("L'été", Box(0, 1, 0, 1), "'L''été'!A1"),
        ("A1", Box(0, 1, 0, 1), "'A1'!A1"),
    ],
)
def test_ranges_are_written_as_google_writes_them(title, box, expected):
    assert a1.write(title, box) == expected


@given(st.integers(0, 18277))
def test_column_letters_round_trip(index):
    assert a1.column_index(a1.column_letters(index)) == index
    assert a1.column_index(a1.column_letters(index).lower()) == index


titles = st.text(min_size=1, max_size=20).filter(lambda title: title.casefold() != "autre")


@given(titles, st.tuples(*[st.integers(0, 99)] * 4))
def test_what_is_written_is_read_back(title, edges):
    top, height, left, width = edges
    box = Box(top, top + height + 1, left, left + width + 1)
    assert a1.parse(a1.write(title, box), {"Autre": 1, title: 2}) == GridRange(2, *box)


indexes = st.none() | st.integers(0, 50)


@given(st.integers(0, 9), st.tuples(indexes, indexes, indexes, indexes))
def test_grid_ranges_round_trip(sheet, edges):
    area = GridRange(sheet, *edges)
    wire = area.to_json()
    assert GridRange.from_json(wire) == area
    assert ("sheetId" in wire) == (sheet != 0)  # recorded: a GridRange omits a sheetId of 0


def test_an_open_range_reaches_to_the_end_of_the_grid():
    assert GridRange(0, 2, None, None, 3).within(10, 5) == Box(2, 10, 0, 3)
    assert GridRange(0, 2, 99, 1, 99).within(10, 5) == Box(2, 10, 1, 5)
