"""What the mails list: lines of a section, in words. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from functions.digest.cases import Case
from functions.shared.journal.replies import Asked
from functions.shared.mail.letter import some
from functions.shared.working_days import working_days_between

_LISTED = 20  # lines of one section
Item = TypeVar("Item")


@dataclass(frozen=True)
class Line:
    """One thing to act on, in words.

    `row` is its number in its tab, `column` the letter of the cell that it is about, and
    `reference` the reference of its request. `group` is a title that it shares with the lines
    beside it. `person` is somebody whose view of requests shows what the line is about. `asked` is
    what its reader may answer about the request.
    """

    row: int
    title: str
    details: str
    reference: str = ""
    column: str = "A"
    group: str = ""
    person: str = ""
    asked: Asked | None = None


@dataclass(frozen=True)
class Section:
    """Lines of one kind; what the kind is called and what to do is the mail's affair.

    `unlisted` is how many more there are than the lines.
    """

    key: str
    lines: tuple[Line, ...]
    unlisted: int = 0

    @property
    def count(self) -> int:
        """How many things it is about."""
        return len(self.lines) + self.unlisted


def section(key: str, items: Sequence[Item], make: Callable[[Item], Line]) -> Section:
    """A section of some items, of which the first get lines: a mail shows no more."""
    listed = tuple(make(item) for item in items[:_LISTED])
    return Section(key, listed, len(items) - len(listed))


def line(case: Case, *details: str, group: str = "") -> Line:
    """The line of a request; details that are "" are left out."""
    said = ", ".join(detail for detail in details if detail)
    return Line(case.row, case.title, said, case.reference, group=group)


def where(case: Case) -> str:
    """The territories of a request."""
    return ", ".join(case.territories)


def oldest_first(cases: Iterable[Case], since: Callable[[Case], date | None]) -> list[Case]:
    """Requests by the day since when they wait, those without a day last."""
    return sorted(cases, key=lambda case: (since(case) or date.max, case.row))


def age(since: date | None, today: date) -> str:
    """« depuis 8 jours »."""
    if since is None:
        return "date inconnue"
    days = (today - since).days
    if days <= 0:
        return "depuis aujourd'hui"
    return "depuis hier" if days == 1 else f"depuis {days} jours"


def ago(on: date, today: date) -> str:
    """« il y a 8 jours »."""
    days = (today - on).days
    if days <= 0:
        return "aujourd'hui"
    return "hier" if days == 1 else f"il y a {days} jours"


def working_age(since: date, today: date) -> str:
    """« depuis 12 jours ouvrés »."""
    days = working_days_between(since, today)
    return f"depuis {some(days, 'jour')} ouvré{'s' if days > 1 else ''}"
