"""When people who have settled are asked how they are. Pure."""

from datetime import date, timedelta

NEWS_AFTER = (6, 12)  # months after settling


def months_after(start: date, months: int) -> date:
    """The same day so many months later, or the last one of a shorter month."""
    years, month = divmod(start.month - 1 + months, 12)
    first = date(start.year + years, month + 1, 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(start.day, last.day))
