"""ISO weeks, in the time of Paris. Pure."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sheets_schema.columns import PARIS

_LENGTH = 7  # days


@dataclass(frozen=True, order=True)
class Week:
    """An ISO week, given by its Monday."""

    monday: date

    @property
    def name(self) -> str:
        """Its ISO name: « 2026-W48 »."""
        year, week, _ = self.monday.isocalendar()
        return f"{year:04d}-W{week:02d}"

    @property
    def sunday(self) -> date:
        """Its last day."""
        return self.monday + timedelta(days=6)

    @property
    def ends_before_first_monday(self) -> bool:
        """Whether the Monday on which its digest leaves is the first of a month."""
        return (self.sunday + timedelta(days=1)).day <= _LENGTH

    @property
    def before(self) -> "Week":
        """The week before."""
        return Week(self.monday - timedelta(days=7))

    @property
    def days(self) -> frozenset[date]:
        """Its seven days."""
        return frozenset(self.monday + timedelta(days=number) for number in range(_LENGTH))


def week_of(day: date) -> Week:
    """The week a day falls into."""
    return Week(day - timedelta(days=day.weekday()))


def last_week(now: datetime) -> Week:
    """The ISO week that ended before `now`, at Paris time."""
    return week_of(now.astimezone(PARIS).date()).before


def parse_week(text: str) -> Week:
    """Read « 2026-W48 ».

    Raises:
        ValueError: the text names no week.
    """
    match = re.fullmatch("([0-9]{4})-W([0-9]{2})", text)
    if not match:
        raise ValueError(text)
    sunday = date.fromisocalendar(int(match[1]), int(match[2]), 7)
    return week_of(sunday)
