"""What a coordinator has to know on Monday, computed from the sheet's rows. Pure."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from functions.shared.concerns import Concern
from functions.shared.french import day as in_words
from functions.shared.request import Request, RequestRow
from functions.shared.working_days import working_days_between
from sheets_schema.columns import PARIS
from sheets_schema.schema import UNCONTACTED, vocabulary
from sheets_schema.tab import Row, column_letter, tab
from sheets_schema.territory import ANYWHERE, UNKNOWN, Target, Territories

_WEEK_LENGTH = 7
FIRST_CONTACT = timedelta(days=7)
TAKING_UP = 10  # working days; the new referent was reminded after five
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
# A request can do without these columns in a report.
NAME_COLUMNS = ("last_name", "first_name")
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

    @property
    def ends_before_first_monday(self) -> bool:
        """Whether the Monday on which its digest leaves is the first of a month."""
        return (self.sunday + timedelta(days=1)).day <= _WEEK_LENGTH

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

    `row` is the number of the person's row in Coordination; it is 0 for the operator. `faults` are
    what is wrong in that row.
    """

    row: int
    name: str
    email: str
    scope: Target
    faults: tuple[Concern, ...] = ()


@dataclass(frozen=True)
class Line:
    """One row to act on, in words.

    `row` is its number in its tab, `column` the letter of the cell that it is about, and
    `reference` the reference of its request.
    """

    row: int
    title: str
    details: str
    reference: str = ""
    column: str = "A"


@dataclass(frozen=True)
class Report:
    """One coordinator's week. Counts are pairs of label and number, the largest number first.

    `scope` names the coordinator's territories; "" means the whole département. A request counts
    once in each of its territories. `not_taken_up` are requests that were handed over TAKING_UP
    working days ago or earlier, and that nobody has taken up; they are left out of `uncontacted`.
    `to_correct` are cells of requests that cannot be read. `unread` names the tabs that could not
    be read: what it would say of them is missing.
    """

    week: Week
    scope: str
    arrived: int
    by_territory: tuple[tuple[str, int], ...]
    by_project: tuple[tuple[str, int], ...]
    without_referent: tuple[Line, ...]
    uncontacted: tuple[Line, ...]
    to_check: tuple[Line, ...]
    not_taken_up: tuple[Line, ...] = ()
    to_correct: tuple[Line, ...] = ()
    unread: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Tables:
    """What a report is made of; None stands for a tab that could not be read.

    `requests` are rows of Demandes with REQUEST_COLUMNS, and `places` says where these columns
    stand. `to_check` are rows of À vérifier with TO_CHECK_COLUMNS. `handed_on` says since when
    requests wait to be taken up, by reference.
    """

    requests: Sequence[RequestRow] | None
    to_check: Sequence[Row] | None
    places: Mapping[str, int] = field(default_factory=dict)
    handed_on: Mapping[str, datetime] = field(default_factory=dict)


def report(
    week: Week,
    now: datetime,
    tables: Tables,
    scope: Target,
    official: Territories,
) -> Report:
    """Make one report: it counts the arrivals of the week, and lists what waits now.

    Args:
        week: the week whose arrivals count.
        now: when the digest is made.
        tables: what was read of the sheet; trials among the requests do not count.
        scope: the coordinator's territories. A request that touches none of their
            intercommunalités is left out, unless it names no territory at all.
        official: communes and intercommunalités.
    """
    scoped = official.epcis_of(scope)
    mine = [
        row
        for row in tables.requests or ()
        if not row.request.is_test and _concerns(row.request, scoped, official)
    ]
    arrived = [row for row in mine if (at := row.request["received_at"]) and week.has(at)]
    waiting = [row for row in mine if not row.request.is_closed]
    handed_on = {name: at.astimezone(PARIS).date() for name, at in tables.handed_on.items()}
    today = now.astimezone(PARIS).date()
    overdue = {
        name: day
        for name, day in handed_on.items()
        if working_days_between(day, today) >= TAKING_UP
    }
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
            [
                row
                for row in waiting
                if _late(row.request, now) and row.request.reference not in overdue
            ],
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
            for row in tables.to_check or ()
            if not row.values["done"] and any(row.values[key] for key in ("subject", "action"))
        ),
        _oldest_first(
            [row for row in waiting if row.request.reference in overdue],
            lambda request: (
                f"{request['referent']}, {_project(request)}, transmise le "
                f"{in_words(overdue[request.reference])}"
            ),
        ),
        tuple(line for row in waiting for line in _to_correct(row, tables.places)),
        frozenset(
            key
            for key, rows in (("requests", tables.requests), ("to_check", tables.to_check))
            if rows is None
        ),
    )


def _to_correct(row: RequestRow, places: Mapping[str, int]) -> Iterator[Line]:
    """The cells of a request that cannot be read. They are not quoted: they may hold anything."""
    requests = tab("requests")
    for key in REQUEST_COLUMNS:
        if key in row.request.unreadable and key in places:
            column, letter = requests[key], column_letter(places[key])
            details = f"{requests.title}!{letter}{row.number}, {column.title} : "
            details += f"{_EXPECTED.get(column.type.name, _EXPECTED['text'])}."
            yield Line(row.number, _title(row), details, row.request.reference, letter)


_EXPECTED = {
    "choice": "choisissez dans la liste",
    "date": "écrivez une date, comme 31/12/2026",
    "date-time": "écrivez une date avec heure, comme 31/12/2026 14:30",
    "text": "écrivez des communes ou des intercommunalités, séparées par des virgules",
}


def _concerns(request: Request, scoped: Sequence[str], official: Territories) -> bool:
    touched = official.epcis_of(request.target)
    return not scoped or not touched or bool(set(scoped) & set(touched))


def _late(request: Request, now: datetime) -> bool:
    since = request["assigned_at"] or request["received_at"]
    return (
        bool(request["referent"])
        and request["status"] in (None, *UNCONTACTED)
        and request["last_contact_on"] is None
        and request.unreadable.isdisjoint(("status", "last_contact_on"))
        and since is not None
        and now - since > FIRST_CONTACT
    )


def _territories(request: Request, official: Territories) -> list[str]:
    if "target" in request.unreadable:
        return ["Territoire à corriger"]
    names = [official.epcis[code].name for code in official.epcis_of(request.target)]
    return names or [ANYWHERE if request.target.anywhere else UNKNOWN]


def _project(request: Request) -> str:
    if "project" in request.unreadable:
        return "Projet à corriger"
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
