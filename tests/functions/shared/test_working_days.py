"""Working days, against dates of the official calendars."""

from datetime import date, timedelta

import pytest

from functions.shared.working_days import is_working_day, working_days_between


@pytest.mark.parametrize(
    ("monday", "ascension", "whit_monday"),
    [
        # Published dates, among them the earliest and the latest Easter of our century.
        ("2024-04-01", "2024-05-09", "2024-05-20"),
        ("2025-04-21", "2025-05-29", "2025-06-09"),
        ("2026-04-06", "2026-05-14", "2026-05-25"),
        ("2027-03-29", "2027-05-06", "2027-05-17"),
        ("2028-04-17", "2028-05-25", "2028-06-05"),
        ("2008-03-24", "2008-05-01", "2008-05-12"),
        ("2011-04-25", "2011-06-02", "2011-06-13"),
        ("2038-04-26", "2038-06-03", "2038-06-14"),
    ],
)
def test_holidays_that_follow_easter(monday, ascension, whit_monday):
    days = [date.fromisoformat(text) for text in (monday, ascension, whit_monday)]
    assert not any(map(is_working_day, days))


def test_a_year_has_its_eleven_holidays_and_no_other():
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]
    free = [day for day in days if day.weekday() < 5 and not is_working_day(day)]
    # 15 August and 1 November of 2026 are on a weekend.
    assert [f"{day:%d/%m}" for day in free] == [
        "01/01", "06/04", "01/05", "08/05", "14/05", "25/05", "14/07", "11/11", "25/12",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "last", "count"),
    [
        ("2026-11-23", "2026-11-23", 0),
        ("2026-11-23", "2026-11-24", 1),
        ("2026-11-27", "2026-11-29", 0),
        ("2026-11-27", "2026-11-30", 1),
        ("2026-11-23", "2026-11-30", 5),
        ("2026-12-24", "2026-12-28", 1),  # Christmas is a Friday
        ("2026-12-31", "2027-01-04", 1),
        ("2026-11-24", "2026-11-23", 0),
    ],
)
def test_days_between(first, last, count):
    assert working_days_between(date.fromisoformat(first), date.fromisoformat(last)) == count


def test_long_stretches_are_counted_as_somebody_does_who_looks_at_each_day():
    for start in (date(2025, 12, 19), date(2026, 4, 30), date(2027, 2, 28)):
        for length in range(0, 800, 7):
            end = start + timedelta(days=length)
            each = [start + timedelta(days=number) for number in range(1, length + 1)]
            assert working_days_between(start, end) == sum(map(is_working_day, each))
