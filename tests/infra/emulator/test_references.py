import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.emulator.references import after_delete, after_insert, after_move


@pytest.mark.parametrize(
    ("span", "moved"),
    [
        ((0, 2), (0, 2)),
        ((0, 3), (0, 3)),  # what ends where rows are inserted does not grow
        ((2, 4), (2, 6)),
        ((3, 4), (5, 6)),
        ((None, 4), (None, 6)),
        ((4, None), (6, None)),
        ((None, None), (None, None)),
    ],
)
def test_an_insertion_of_two_rows_before_row_3(span, moved):
    assert after_insert(3, 2)(span) == moved


@pytest.mark.parametrize(
    ("span", "moved"),
    [
        ((0, 2), (0, 2)),
        ((1, 4), (1, 2)),
        ((2, 5), None),
        ((3, 4), None),
        ((3, 8), (2, 5)),
        ((0, 9), (0, 6)),
        ((6, 9), (3, 6)),
        ((None, 4), (None, 2)),
        ((3, None), (2, None)),
        ((None, None), (None, None)),
    ],
)
def test_a_deletion_of_rows_2_to_4(span, moved):
    assert after_delete(2, 5)(span) == moved


@pytest.mark.parametrize(
    ("to", "span", "moved"),
    [
        (8, (2, 4), (6, 8)),  # the moved rows themselves
        (8, (3, 4), (7, 8)),
        (8, (4, 6), (2, 4)),  # what they pass
        (8, (0, 10), (0, 10)),
        (0, (2, 4), (0, 2)),
        (0, (0, 2), (2, 4)),
        (6, (0, 4), (0, 2)),  # what they leave
        (6, (5, 8), (3, 8)),  # what they enter
    ],
)
def test_a_move_of_rows_2_and_3(to, span, moved):
    assert after_move(2, 4, to)(span) == moved


indexes = st.integers(0, 30)
spans = st.tuples(st.none() | indexes, st.none() | st.integers(1, 30)).filter(
    lambda span: span[1] is None or (span[0] or 0) < span[1]
)


@given(spans, indexes, st.integers(1, 9))
def test_inserting_and_deleting_the_same_rows_changes_nothing(span, at, count):
    inserted = after_insert(at, count)(span)
    assert after_delete(at, at + count)(inserted) == span


@given(spans, st.lists(indexes, min_size=3, max_size=3, unique=True).map(sorted))
def test_a_span_keeps_its_rows_when_others_move(span, places):
    first, last, to = places
    start, end = span
    if end is None or ((start or 0) < last and first < end):
        return
    rows = [row for row in range(40) if not first <= row < last]
    place = to - (last - first)
    rows[place:place] = range(first, last)
    moved = after_move(first, last, to)(span)
    assert set(rows[slice(*moved)]) >= set(range(start or 0, end))
