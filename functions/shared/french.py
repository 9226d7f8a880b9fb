"""French as people read it: dates in words, and spaces that must not break a line."""

import re
from datetime import date, datetime

MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
_BEFORE = re.compile(r" (?=[?!:;»%€])")
_AFTER = re.compile(r"(?<=«) ")


def unbroken(text: str) -> str:
    """`text` with no-break spaces where French wants them: before ? ! : ; » and after «."""
    return _AFTER.sub("\N{NO-BREAK SPACE}", _BEFORE.sub("\N{NO-BREAK SPACE}", text))


def day(when: date) -> str:
    """A day without its year: « 1er janvier », « 23 novembre »."""
    number = "1er" if when.day == 1 else str(when.day)
    return f"{number} {MONTHS[when.month - 1]}"


def moment(at: datetime) -> str:
    """A day and a time, as `at` has them: « 23 novembre à 9 h 05 »."""
    return f"{day(at)} à {at.hour} h {at.minute:02}"
