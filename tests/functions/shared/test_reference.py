import re
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.shared import reference
from functions.shared.errors import JournalError
from functions.shared.journal.store import open_journal
from functions.shared.reference import ALPHABET, RANDOM_BITS, draw_free, make, read
from sheets_schema.place import PLACE

numbers = st.integers(0, 2**RANDOM_BITS - 1)
places = [4, 5, 6, 7, 9, 10, 11, 12]  # of the characters that count in LOT-XXXX-XXXX


def changed(reference: str, place: int, char: str) -> str:
    return reference[:place] + char + reference[place + 1 :]


@given(numbers)
def test_a_reference_is_four_and_four_characters_that_cannot_be_confused(number: int):
    assert re.fullmatch("LOT-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", make(number))


@given(numbers, numbers)
def test_every_random_number_has_its_own_reference(first: int, other: int):
    assert (make(first) == make(other)) == (first == other)


def test_the_whole_random_number_counts():
    assert {make(1 << bit) for bit in range(RANDOM_BITS)}.isdisjoint({make(0)})
    assert len({make(1 << bit) for bit in range(RANDOM_BITS)}) == RANDOM_BITS


@given(numbers)
def test_a_reference_reads_back_as_itself(number: int):
    assert read(make(number)) == make(number)


@given(numbers, st.sampled_from(places), st.sampled_from(ALPHABET))
def test_any_one_wrong_character_is_noticed(number: int, place: int, char: str):
    wrong = changed(make(number), place, char)
    assert read(wrong) == (wrong if wrong == make(number) else None)


@given(numbers, st.sampled_from(list(combinations(places, 2))))
def test_any_two_exchanged_characters_are_noticed(number: int, pair: tuple[int, int]):
    right = make(number)
    first, other = pair
    wrong = changed(changed(right, first, right[other]), other, right[first])
    assert read(wrong) == (right if wrong == right else None)


@pytest.mark.parametrize("number", [0, 1, 46_000, 2**RANDOM_BITS - 1])
def test_all_mistakes_of_one_character_or_one_exchange_in_one_reference(number: int):
    right = make(number)
    wrong = {changed(right, place, char) for place in places for char in ALPHABET}
    wrong |= {
        changed(changed(right, first, right[other]), other, right[first])
        for first, other in combinations(places, 2)
    }
    assert [text for text in wrong - {right} if read(text)] == []


@given(
    numbers,
    st.booleans(),
    st.lists(st.sampled_from(["", "", " ", "-", "\t", "\N{NO-BREAK SPACE}"]), min_size=12),
    st.randoms(use_true_random=False),
)
def test_case_spaces_dashes_and_a_missing_prefix_do_not_matter(number, prefix, gaps, random):
    right = make(number)
    kept = right.replace("-", "") if prefix else right.removeprefix("LOT-").replace("-", "")
    typed = "".join(
        gap + random.choice([char, char.lower()])
        for char, gap in zip(kept, gaps + [""] * len(kept), strict=False)
    )
    assert read(typed) == right


@given(numbers, st.randoms(use_true_random=False))
def test_o_reads_zero_and_i_and_l_read_one(number, random):
    right = make(number)
    heard = {"0": "0Oo", "1": "1IiLl"}
    typed = "LOT-" + "".join(random.choice(heard.get(char, char)) for char in right[4:])
    assert read(typed) == right


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "LOT",
        "LOT-",
        "bonjour",
        "LOT-0000-000",
        "LOT-0000-00000",
        "TOL-0000-0000",
        "LOT-0000-000U",
        "LOT-0000-000é",
        "LOT-0000-00٣٣",
        "LOTLOT-0000-0000",
        "😀😀😀😀😀😀😀😀",
        "0" * 1000,
    ],
)
def test_nonsense_is_no_reference(text: str):
    assert read(text) is None


def test_references_of_an_earlier_prefix_are_read_and_new_ones_have_the_new(monkeypatch):
    earlier = make(46_000)
    monkeypatch.setattr(reference, "PLACE", replace(PLACE, prefixes=("COR", "LOT")))
    new = make(46_000)

    assert (earlier[:4], new[:4], earlier[4:]) == ("LOT-", "COR-", new[4:])
    assert read(earlier.lower().replace("-", " ")) == earlier
    assert read(new) == read(new[4:]) == new
    assert read(f"TOL-{new[4:]}") is None


@given(st.text())
def test_whatever_is_typed_gives_a_reference_or_nothing(text: str):
    reference = read(text)
    assert reference is None or read(reference) == reference


def test_a_reference_that_a_row_has_is_not_drawn():
    journal = open_journal("memory:///")
    journal.create(f"references/{make(1)}", b"{}")
    assert draw_free(journal, iter([1, 1, 2]).__next__) == make(2)
    with pytest.raises(JournalError, match="Aucune référence libre"):
        draw_free(journal, lambda: 1)
