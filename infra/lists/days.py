"""Reads days as people write them in lists, in the order that a whole column proves. Pure."""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Literal

from infra.lists.contents import FIRST_DAY, LAST_DAY
from infra.lists.sheets import Cell, as_text
from sheets_schema.columns import PARIS
from sheets_schema.text import normalise, on_one_line

Order = Literal["dmy", "mdy"]
FRENCH: Order = "dmy"
AMERICAN: Order = "mdy"

_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  (what a clock on the wall shows)
_FROM_1904 = 1462  # days between the two first days of spreadsheets
_TIME = r"(?:[T ]+(?:à )?(\d{1,2})\s?[:h]\s?(\d{2})?(?::\d{2}(?:\.\d+)?)?\s*([ap]m)?.{0,12})?"
_NUMBERS = re.compile(
    rf"(?:le )?(\d{{1,2}})\s?[/.-]\s?(\d{{1,2}})\s?[/.-]\s?(\d{{4}}|\d{{2}}){_TIME}", re.IGNORECASE
)
_YEAR_FIRST = re.compile(rf"(\d{{4}})[/.-](\d{{1,2}})[/.-](\d{{1,2}}){_TIME}", re.IGNORECASE)
_WORDS = re.compile(
    r"(?:le )?(\d{1,2})(?:er)? ([^\W\d]+) (\d{4}|\d{2})(?: a)?"
    r"(?: (\d{1,2}) ?h(?: ?(\d{2}))?)?"
)
# Words beside a day that leave it what it is, and those among them that say more.
_WEEKDAY = (
    r"lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lun|mar|mer|jeu|ven|sam|dim|le|du|vue?s?"
)
_MORE = r"t[eé]l|t[eé]l[eé]phone|mail|courriel|sms|rdv|appel|matin|soir|midi|apr[eè]s-midi|par"
_BESIDE = re.compile(rf"\b(?:{_WEEKDAY}|{_MORE})\b\.?|[(),:;]", re.IGNORECASE)
_SAYS_MORE = re.compile(rf"\b(?:{_MORE})\b", re.IGNORECASE)
_ENGLISH_WORDS = re.compile(r"(?:[^\W\d]+ )?([^\W\d]+) (\d{1,2})(?:st|nd|rd|th)? (\d{4})")
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "janvier janv jan january",
            "fevrier fevr fev feb february",
            "mars mar march",
            "avril avr apr april",
            "mai may",
            "juin jun june",
            "juillet juil jul july",
            "aout aou aug august",
            "septembre sept sep september",
            "octobre oct october",
            "novembre nov november",
            "decembre dec december",
        ),
        start=1,
    )
    for name in names.split()
}
_HALF_DAY = re.compile(r"\d\s*[ap]m\b", re.IGNORECASE)
_ZONE = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*(?:Z|[+-]\d\d:?\d\d)")
_LAST_MONTH, _NOON = 12, 12


def order_of(cells: Iterable[Cell], otherwise: Order | None = FRENCH) -> Order | None:
    """Whether day or month comes first in a column's dates: what one of its cells proves.

    None if cells prove both. If they prove nothing, it is `otherwise`.
    """
    proofs: set[Order] = set()
    for cell in cells:
        if isinstance(cell, str) and _HALF_DAY.search(cell):
            otherwise = None  # an American or a British program wrote it
        if isinstance(cell, str) and (match := _NUMBERS.fullmatch(cell.strip())):
            first, second = int(match[1]), int(match[2])
            if first > _LAST_MONTH >= second:
                proofs.add(FRENCH)
            elif second > _LAST_MONTH >= first:
                proofs.add(AMERICAN)
    if len(proofs) > 1:
        return None
    return proofs.pop() if proofs else otherwise


def read_moment(cell: Cell, order: Order | None, *, since_1904: bool = False) -> datetime | None:
    """The moment that a cell says for certain, midnight if it says a day only; else None.

    A month, a year or a week is no day.

    Args:
        cell: the cell.
        order: see `order_of`; with None a date counts only if there is one way to read it.
        since_1904: whether numbers of days count from 1904.
    """
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, datetime):
        return cell
    if isinstance(cell, date):
        return datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001
    if isinstance(cell, float | int):
        return _of_serial(cell, since_1904=since_1904)
    text = as_text(cell)
    # « lundi 02/03/2026 », « 02/03/2026 (tél.) »
    return _of_text(text, order, since_1904=since_1904) or _of_text(
        on_one_line(_BESIDE.sub(" ", text)), order, since_1904=False
    )


def says_more(cell: Cell) -> bool:
    """Whether a day that is read stands beside words that say more than the day."""
    return bool(_SAYS_MORE.search(as_text(cell)))


def _of_text(text: str, order: Order | None, *, since_1904: bool) -> datetime | None:
    if text.isdecimal():
        return _of_serial(float(text), since_1904=since_1904) if len(text) == 5 else None  # noqa: PLR2004
    if _ZONE.fullmatch(text):
        try:
            return datetime.fromisoformat(text).astimezone(PARIS).replace(tzinfo=None)
        except (ValueError, OverflowError):
            return None
    if match := _YEAR_FIRST.fullmatch(text):
        return _moment(int(match[1]), int(match[2]), int(match[3]), *match.groups()[3:])
    if match := _NUMBERS.fullmatch(text):
        return _of_numbers(match, order)
    return _in_words(normalise(text))


def _of_numbers(match: re.Match[str], order: Order | None) -> datetime | None:
    year = int(match[3]) if len(match[3]) == 4 else 2000 + int(match[3])  # noqa: PLR2004
    day, month = int(match[1]), int(match[2])
    if order is None and day != month and max(day, month) <= _LAST_MONTH:
        return None
    if order == AMERICAN or (order is None and month > _LAST_MONTH):
        day, month = month, day
    return _moment(year, month, day, *match.groups()[3:])


def _in_words(key: str) -> datetime | None:
    if (match := _WORDS.fullmatch(key)) and match[2] in _MONTHS:
        year = int(match[3]) if len(match[3]) == 4 else 2000 + int(match[3])  # noqa: PLR2004
        return _moment(year, _MONTHS[match[2]], int(match[1]), match[4], match[5])
    if (match := _ENGLISH_WORDS.fullmatch(key)) and match[1] in _MONTHS:
        return _moment(int(match[3]), _MONTHS[match[1]], int(match[2]))
    return None


def _of_serial(number: float, *, since_1904: bool) -> datetime | None:
    days = number + _FROM_1904 if since_1904 else number
    if not FIRST_DAY <= days <= LAST_DAY:
        return None
    return _EPOCH + timedelta(seconds=round(days * 86400))


def _moment(
    year: int,
    month: int,
    day: int,
    hour: str | None = None,
    minute: str | None = None,
    half: str | None = None,
) -> datetime | None:
    at = int(hour or 0)
    if half:
        at = at % _NOON + (_NOON if half.lower() == "pm" else 0)
    try:
        return datetime(year, month, day, at, int(minute or 0))  # noqa: DTZ001
    except ValueError:
        return None
