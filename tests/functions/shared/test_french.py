from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.shared.french import day, unbroken


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Oh my Lot !", "Oh my Lot\N{NBSP}!"),
        (
            "Où ? Ici : « Figeac » ; 5 %",
            "Où\N{NBSP}? Ici\N{NBSP}: «\N{NBSP}Figeac\N{NBSP}»\N{NBSP}; 5\N{NBSP}%",
        ),
        ("10 € à 9 h", "10\N{NBSP}€ à 9 h"),
        ("https://example.org/a?b=c", "https://example.org/a?b=c"),
        ("", ""),
    ],
)
def test_a_line_is_not_broken_before_a_sign_nor_inside_quotes(typed, shown):
    assert unbroken(typed) == shown


@given(st.text("ab «»?!:;%€", max_size=30))
def test_only_spaces_change_and_once_is_enough(text):
    assert unbroken(text).replace("\N{NBSP}", " ") == text
    assert unbroken(unbroken(text)) == unbroken(text)


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (date(2026, 1, 1), "1er janvier"),
        (date(2026, 2, 2), "2 février"),
        (date(2026, 8, 31), "31 août"),
        (date(2026, 11, 23), "23 novembre"),
        (date(2026, 12, 21), "21 décembre"),
    ],
)
def test_a_day_reads_as_people_say_it(moment, words):
    assert day(moment) == words
