"""When somebody is absent, by the dates in their row of Référents. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Any


def is_absent(first: date | None, last: date | None, today: date) -> bool:
    """Whether a day lies between two dates, both included.

    A lone date makes an absence without a beginning or without an end.
    """
    if not first and not last:
        return False
    return (first or date.min) <= today <= (last or date.max)


def ends_too_early(values: Mapping[str, Any]) -> bool:
    """Whether the dates of a row of Référents stand the wrong way round."""
    first, last = values["absent_from"], values["absent_until"]
    return bool(first and last and last < first)


def last_day(values: Mapping[str, Any]) -> date | None:
    """The last day of an absence; None if it has no end, or one before its beginning."""
    last: date | None = values["absent_until"]
    return None if ends_too_early(values) else last
