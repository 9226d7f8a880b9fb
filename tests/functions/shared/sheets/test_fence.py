from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.shared.sheets.fence import (
    Fence,
    outdated,
    parse_name,
    read_sheet_state,
    system_text,
)

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
FENCE = Fence(12, AT, "a1b2")
fences = st.builds(
    Fence,
    st.integers(1, 10**9 - 1),
    st.integers(1_767_225_600, 4_102_444_800).map(lambda t: datetime.fromtimestamp(t, UTC)),
    st.from_regex("[a-z0-9]{4,12}", fullmatch=True),
)


def test_the_id_is_made_of_the_number_alone():
    assert FENCE.range_id == Fence(12, AT + timedelta(days=1), "zzzz").range_id
    assert FENCE.range_id != Fence(13, AT, "a1b2").range_id


@given(fences)
def test_the_name_says_everything(fence):
    assert parse_name(fence.range_name) == fence


def test_named_ranges_of_other_people_are_no_fences():
    assert parse_name("mes_favoris") is None
    assert parse_name("accueil_12_x") is None


@given(fences)
def test_the_system_cell_names_the_last_batch(fence):
    state = read_sheet_state({}, [["Dernier lot écrit"], [system_text(fence, "1AbC-_")]])
    assert (state.number, state.token, state.spreadsheet) == (fence.number, fence.token, "1AbC-_")
    assert state.key == fence.key


def test_a_new_spreadsheet_stands_at_zero():
    for cells in ([], [["Dernier lot écrit"]], [["Dernier lot écrit"], []]):
        state = read_sheet_state({}, cells)
        assert (state.number, state.token, state.spreadsheet) == (0, "", "")


def test_the_highest_of_cell_and_fences_counts():
    newer = Fence(13, AT, "cccc")
    names = {claim.range_name: claim.range_id for claim in (newer, FENCE)}
    state = read_sheet_state(names, [["x"], [system_text(FENCE, "demo")]])
    assert (state.number, state.token) == (13, "cccc")
    state = read_sheet_state({FENCE.range_name: ""}, [["x"], [system_text(newer, "demo")]])
    assert (state.number, state.token) == (13, "cccc")


def test_a_system_cell_that_somebody_damaged_leaves_the_fences():
    state = read_sheet_state({FENCE.range_name: ""}, [["x"], ["coucou"]])
    assert (state.number, state.token) == (12, "a1b2")


ages = st.one_of(st.integers(3590, 3610), st.integers(0, 7200)).map(lambda s: timedelta(seconds=s))


@given(st.lists(st.tuples(st.integers(1, 99), ages), unique_by=lambda drawn: drawn[0], min_size=1))
def test_outdated_fences_are_older_than_an_hour_and_never_the_last(drawn):
    fences = [Fence(number, AT - age, "a1b2") for number, age in drawn]
    gone = outdated(fences, AT)
    last = max(fences, key=lambda fence: fence.number)
    old = {fence for fence in fences if AT - fence.at > timedelta(hours=1)}
    assert set(gone) == old - {last}


@pytest.mark.parametrize(("seconds", "gone"), [(3599, 0), (3600, 0), (3601, 1)])
def test_a_fence_is_kept_for_a_whole_hour(seconds, gone):
    fences = [Fence(1, AT - timedelta(seconds=seconds), "a"), Fence(2, AT, "b")]
    assert len(outdated(fences, AT)) == gone


def test_without_any_fence_none_is_outdated():
    assert outdated([], AT) == []


def test_journal_keys_sort_by_number():
    keys = [Fence(number, AT, "t").key for number in (9, 10, 100)]
    assert keys == sorted(keys)
