from datetime import date

import pytest

from functions.shared.settling import months_after


@pytest.mark.parametrize(
    ("start", "months", "then"),
    [
        (date(2026, 1, 15), 6, date(2026, 7, 15)),
        (date(2026, 12, 1), 12, date(2027, 12, 1)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 30), 6, date(2028, 2, 29)),
        (date(2026, 6, 30), 6, date(2026, 12, 30)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
    ],
)
def test_a_month_that_is_too_short_gives_its_last_day(start, months, then):
    assert months_after(start, months) == then
