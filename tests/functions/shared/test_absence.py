from datetime import date

import pytest

from functions.shared.absence import ends_too_early, is_absent, last_day

FIRST, LAST = date(2026, 11, 28), date(2026, 12, 5)


@pytest.mark.parametrize(
    ("first", "last", "day", "absent"),
    [
        (FIRST, LAST, date(2026, 11, 27), False),
        (FIRST, LAST, FIRST, True),
        (FIRST, LAST, LAST, True),
        (FIRST, LAST, date(2026, 12, 6), False),
        (FIRST, None, date(2030, 1, 1), True),
        (None, LAST, date(2020, 1, 1), True),
        (None, None, FIRST, False),
    ],
)
def test_both_days_count_and_a_lone_one_leaves_the_other_end_open(first, last, day, absent):
    assert is_absent(first, last, day) is absent


def test_dates_the_wrong_way_round_make_an_absence_without_an_end():
    swapped = {"absent_from": LAST, "absent_until": FIRST}

    assert ends_too_early(swapped)
    assert last_day(swapped) is None
    assert last_day({"absent_from": FIRST, "absent_until": LAST}) == LAST
