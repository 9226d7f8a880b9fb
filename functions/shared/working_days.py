"""Working days in metropolitan France: Monday to Friday, without public holidays. Pure.

The holidays are those of article L3133-1 of the Code du travail, which has not changed since 1982.
They are computed here because all of them follow from Easter or never move. A package of all
countries' holidays would be larger than everything else that a function loads.
"""

from datetime import date, timedelta
from functools import cache, lru_cache

_FIXED = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
_AFTER_EASTER = (1, 39, 50)  # days: Easter Monday, Ascension, Whit Monday
_SATURDAY = 5
_WEEK = 7


def is_working_day(day: date) -> bool:
    """Whether people work on a day, weekends and public holidays left out."""
    return day.weekday() < _SATURDAY and day not in _holidays(day.year)


@lru_cache(maxsize=10_000)
def working_days_between(first: date, last: date) -> int:
    """How many working days came after `first`, up to `last`, which counts.

    A Friday and the Monday after it are one working day apart. The answer is 0 if `last` is not
    after `first`.
    """
    if last <= first:
        return 0
    weeks, rest = divmod((last - first).days, _WEEK)
    tail = (last - timedelta(days=number) for number in range(rest))
    weekdays = weeks * _SATURDAY + sum(day.weekday() < _SATURDAY for day in tail)
    return weekdays - sum(
        first < holiday <= last and holiday.weekday() < _SATURDAY
        for year in range(first.year, last.year + 1)
        for holiday in _holidays(year)
    )


@cache
def _holidays(year: int) -> frozenset[date]:
    easter = _easter(year)
    moving = (easter + timedelta(days=days) for days in _AFTER_EASTER)
    return frozenset((*(date(year, month, day) for month, day in _FIXED), *moving))


def _easter(year: int) -> date:
    """Easter Sunday, by Gauss's rule with the corrections for the Gregorian calendar."""
    golden, century = year % 19, year // 100
    moon = (century - century // 4 - (8 * century + 13) // 25 + 19 * golden + 15) % 30
    moon -= (moon // 28) * (1 - (29 // (moon + 1)) * ((21 - golden) // 11))
    weekday = (year + year // 4 + moon + 2 - century + century // 4) % 7
    offset = moon - weekday
    month = 3 + (offset + 40) // 44
    return date(year, month, offset + 28 - 31 * (month // 4))
