"""What a coordinator has to know on Monday, computed from the sheet's rows. Pure."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from functions.shared.request import Request, RequestRow
from sheets_schema.columns import PARIS
from sheets_schema.schema import UNCONTACTED, vocabulary
from sheets_schema.tab import Row
from sheets_schema.territory import ANYWHERE, UNKNOWN, Target, Territories

FIRST_CONTACT = timedelta(days=7)
REQUEST_COLUMNS = (
    "reference",
    "last_name",
    "first_name",
    "status",
    "referent",
    "received_at",
    "assigned_at",
    "last_contact_on",
    "project",
    "target",
    "source",
)
TO_CHECK_COLUMNS = ("subject", "place", "action", "done")


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

    def has(self, moment: datetime) -> bool:
        """Whether a moment falls into the week, at Paris time."""
        return self.monday <= moment.astimezone(PARIS).date() <= self.sunday


def week_of(day: date) -> Week:
    """The week a day falls into."""
    return Week(day - timedelta(days=day.weekday()))


def last_week(now: datetime) -> Week:
    """The ISO week that ended before `now`, at Paris time."""
    return week_of(now.astimezone(PARIS).date() - timedelta(days=7))


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


@dataclass(frozen=True)
class Coordinator:
    """A person who gets a digest. An empty scope means the whole département.

    `row` is the number of the person's row in Coordination.
    """

    row: int
    name: str
    email: str
    scope: Target


@dataclass(frozen=True)
class Line:
    """One row to act on, in words.

    `row` is its number in its tab, and `reference` the reference of its request.
    """

    row: int
    title: str
    details: str
    reference: str = ""


@dataclass(frozen=True)
class Report:
    """One coordinator's week. Counts are pairs of label and number, the largest number first.

    `scope` names the coordinator's territories; "" means the whole département. A request counts
    once in each of its territories.
    """

    week: Week
    scope: str
    arrived: int
    by_territory: tuple[tuple[str, int], ...]
    by_project: tuple[tuple[str, int], ...]
    without_referent: tuple[Line, ...]
    uncontacted: tuple[Line, ...]
    to_check: tuple[Line, ...]


def report(
    week: Week,
    now: datetime,
    requests: Sequence[RequestRow],
    to_check: Sequence[Row],
    scope: Target,
    official: Territories,
) -> Report:
    """Make one report: it counts the arrivals of the week, and lists what waits now.

    Args:
        week: the week whose arrivals count.
        now: when the digest is made.
        requests: rows of Demandes with REQUEST_COLUMNS; trials among them do not count.
        to_check: rows of À vérifier with TO_CHECK_COLUMNS.
        scope: the coordinator's territories. A request that touches none of their
            intercommunalités is left out, unless it names no territory at all.
        official: communes and intercommunalités.
    """
    scoped = official.epcis_of(scope)
    mine = [
        row
        for row in requests
        if not row.request.is_test and _concerns(row.request, scoped, official)
    ]
    arrived = [row for row in mine if (at := row.request["received_at"]) and week.has(at)]
    waiting = [row for row in mine if not row.request.is_closed]
    return Report(
        week,
        official.format(scope) if scoped else "",
        len(arrived),
        _count(arrived, lambda request: _territories(request, official)),
        _count(arrived, lambda request: [_project(request)]),
        _oldest_first(
            [row for row in waiting if not row.request["referent"]],
            lambda request: (
                f"{_project(request)}, {', '.join(_territories(request, official))}, "
                f"{_age(request, 'received_at', now)}"
            ),
        ),
        _oldest_first(
            [row for row in waiting if _late(row.request, now)],
            lambda request: (
                f"{request['referent']}, {_project(request)}, {_age(request, 'assigned_at', now)}"
            ),
        ),
        tuple(
            Line(
                row.number,
                row.values["subject"] or f"Ligne {row.number}",
                " – ".join(str(row.values[key]) for key in ("place", "action") if row.values[key]),
            )
            for row in to_check
            if not row.values["done"]
        ),
    )


def _concerns(request: Request, scoped: Sequence[str], official: Territories) -> bool:
    touched = official.epcis_of(request.target)
    return not scoped or not touched or bool(set(scoped) & set(touched))


def _late(request: Request, now: datetime) -> bool:
    since = request["assigned_at"] or request["received_at"]
    return (
        bool(request["referent"])
        and request["status"] in (None, *UNCONTACTED)
        and request["last_contact_on"] is None
        and since is not None
        and now - since > FIRST_CONTACT
    )


def _territories(request: Request, official: Territories) -> list[str]:
    names = [official.epcis[code].name for code in official.epcis_of(request.target)]
    return names or [ANYWHERE if request.target.anywhere else UNKNOWN]


def _project(request: Request) -> str:
    return vocabulary("project").get(request["project"] or "", "Projet non précisé")


def _count(
    rows: Iterable[RequestRow], labels: Callable[[Request], Iterable[str]]
) -> tuple[tuple[str, int], ...]:
    counted = Counter(label for row in rows for label in labels(row.request))
    return tuple(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


def _oldest_first(
    rows: Sequence[RequestRow], details: Callable[[Request], str]
) -> tuple[Line, ...]:
    never = datetime.max.replace(tzinfo=UTC)
    ordered = sorted(rows, key=lambda row: row.request["received_at"] or never)
    return tuple(
        Line(row.number, _title(row), details(row.request), row.request.reference)
        for row in ordered
    )


def _title(row: RequestRow) -> str:
    named = " – ".join(part for part in (row.request.reference, row.request.person) if part)
    return named or f"Ligne {row.number}"


def _age(request: Request, column: str, now: datetime) -> str:
    since = request[column] or request["received_at"]
    if since is None:
        return "date inconnue"
    days = (now.astimezone(PARIS).date() - since.astimezone(PARIS).date()).days
    if days <= 0:
        return "depuis aujourd'hui"
    return "depuis hier" if days == 1 else f"depuis {days} jours"
