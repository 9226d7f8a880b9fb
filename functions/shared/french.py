"""French as people read it: dates in words, and spaces that must not break a line."""

import re
from datetime import date

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


def day(moment: date) -> str:
    """A day without its year: « 1er janvier », « 23 novembre »."""
    number = "1er" if moment.day == 1 else str(moment.day)
    return f"{number} {MONTHS[moment.month - 1]}"
