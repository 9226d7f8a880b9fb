from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.digest.weeks import Week, last_week, parse_week, week_of
from sheets_schema.columns import PARIS

W48 = Week(date(2026, 11, 23))


def test_an_unknown_day_is_in_no_week():
    assert None not in W48.days


@pytest.mark.parametrize(
    ("moment", "inside"),
    [
        ("2026-11-22T23:59:59+01:00", False),
        ("2026-11-23T00:00:00+01:00", True),
        ("2026-11-22T23:00:00+00:00", True),
        ("2026-11-29T23:59:59+01:00", True),
        ("2026-11-29T22:59:59+00:00", True),
        ("2026-11-29T23:00:00+00:00", False),
        ("2026-11-30T00:00:00+01:00", False),
        ("2026-11-23T08:00:00+12:00", False),
    ],
)
def test_a_week_lasts_from_monday_to_sunday_midnight_in_paris(moment: str, inside: bool):
    day = datetime.fromisoformat(moment).astimezone(PARIS).date()
    assert (day in W48.days) == inside


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_day_is_in_its_week_and_in_no_other(moment: datetime):
    day = moment.astimezone(PARIS).date()
    week = week_of(day)
    assert week.monday.weekday() == 0
    assert week.sunday - week.monday == timedelta(days=6)
    around = [Week(week.monday + timedelta(weeks=step)) for step in (-1, 0, 1)]
    assert [day in week.days for week in around] == [False, True, False]
    assert week.before == around[0]


@pytest.mark.parametrize(
    ("now", "name"),
    [
        ("2026-11-30T07:00:00+01:00", "2026-W48"),
        ("2026-11-30T00:00:00+01:00", "2026-W48"),
        ("2026-11-29T23:00:00+00:00", "2026-W48"),
        ("2026-11-29T23:59:59+01:00", "2026-W47"),
        ("2026-12-06T12:00:00+01:00", "2026-W48"),
        ("2027-01-04T07:00:00+01:00", "2026-W53"),
        ("2027-01-11T07:00:00+01:00", "2027-W01"),
        ("2026-01-05T07:00:00+01:00", "2026-W01"),
        ("2026-03-30T07:00:00+02:00", "2026-W13"),
    ],
)
def test_the_week_that_ended_is_paris_s(now: str, name: str):
    assert last_week(datetime.fromisoformat(now)).name == name


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_the_week_that_ended_ended_within_the_last_seven_days(now: datetime):
    today = now.astimezone(PARIS).date()
    assert timedelta(1) <= today - last_week(now).sunday <= timedelta(7)


@pytest.mark.parametrize(
    ("text", "monday"),
    [
        ("2026-W48", date(2026, 11, 23)),
        ("2026-W01", date(2025, 12, 29)),
        ("2026-W53", date(2026, 12, 28)),
        ("2020-W53", date(2020, 12, 28)),
    ],
)
def test_a_week_is_read_by_its_iso_name(text: str, monday: date):
    assert parse_week(text) == Week(monday)
    assert Week(monday).name == text


@given(st.dates(max_value=date(9999, 12, 26)))
def test_a_week_s_name_reads_back(day: date):
    assert parse_week(week_of(day).name) == week_of(day)


@pytest.mark.parametrize(
    "text",
    [
        *["", "2026", "2026-48", "W48", "2026-W", "-W48", "2026W48", "2026-w48", "2026-W8"],
        *["2026-W00", "2026-W54", "2025-W53", "2026-W048", "26-W48", " 2026-W48", "2026-W48\n"],
        *["0000-W01", "9999-W52", "²026-W48", "٢٠٢٦-W48", "2026-W+1", "9" * 5000 + "-W01"],
    ],
)
def test_what_names_no_week_is_refused(text: str):
    with pytest.raises(ValueError):  # noqa: PT011  (the handler has the sentence)
        parse_week(text)


@pytest.mark.parametrize(
    ("name", "monthly"),
    [("2026-W48", False), ("2026-W49", True), ("2026-W50", False), ("2026-W53", True)],
)
def test_the_digest_of_a_first_monday_is_known_by_its_week(name: str, monthly: bool):
    """Monday 7 December 2026 and Monday 4 January 2027 are the first ones of their months."""
    assert parse_week(name).ends_before_first_monday is monthly
