"""What a coordinator has to know on Monday, out of the sheet's rows. Pure."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sheets_schema.columns import PARIS
from sheets_schema.errors import CellError
from sheets_schema.schema import CLOSED_STATUSES, TEST_SOURCE, vocabulary
from sheets_schema.tab import Row
from sheets_schema.territory import ANYWHERE, UNKNOWN, Target, Territories

FIRST_CONTACT = timedelta(days=7)
UNCONTACTED = ("to_qualify", "to_contact")
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
    """An ISO week, by its Monday."""

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
        ValueError: it names no week.
    """
    found = re.fullmatch("([0-9]{4})-W([0-9]{2})", text)
    if not found:
        raise ValueError(text)
    sunday = date.fromisocalendar(int(found[1]), int(found[2]), 7)
    return week_of(sunday)


@dataclass(frozen=True)
class Coordinator:
    """Who gets a digest; an empty scope is the whole département. `row` is theirs in the sheet."""

    row: int
    name: str
    email: str
    scope: Target


@dataclass(frozen=True)
class Line:
    """One row to act on, in words; `row` is its number in its tab, `reference` its request's."""

    row: int
    title: str
    details: str
    reference: str = ""


@dataclass(frozen=True)
class Report:
    """One coordinator's week. Counts are (label, number), the largest first.

    `scope` names the coordinator's territories; "" is the whole département. A request counts once
    in each of its territories.
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
    requests: Sequence[Row],
    to_check: Sequence[Row],
    scope: Target,
    official: Territories,
) -> Report:
    """Make one report: arrivals are the week's, what waits is as it stands now.

    Args:
        week: the week whose arrivals count.
        now: when the digest is made.
        requests: rows of Demandes with REQUEST_COLUMNS; trials among them do not count.
        to_check: rows of À vérifier with TO_CHECK_COLUMNS.
        scope: the coordinator's; a request that touches none of its intercommunalités is left
            out, unless it names no territory.
        official: communes and intercommunalités.
    """
    scoped = official.epcis_of(scope)
    mine = [
        row
        for row in requests
        if row.values["source"] != TEST_SOURCE and _concerns(row, scoped, official)
    ]
    arrived = [row for row in mine if (at := row.values["received_at"]) and week.has(at)]
    waiting = [row for row in mine if row.values["status"] not in CLOSED_STATUSES]
    return Report(
        week,
        official.format(scope) if scoped else "",
        len(arrived),
        _count(arrived, lambda row: _territories(row, official)),
        _count(arrived, lambda row: [_project(row)]),
        _oldest_first(
            [row for row in waiting if not row.values["referent"]],
            lambda row: (
                f"{_project(row)}, {_where(row, official)}, {_age(row, 'received_at', now)}"
            ),
        ),
        _oldest_first(
            [row for row in waiting if _late(row, now)],
            lambda row: (
                f"{row.values['referent']}, {_project(row)}, {_age(row, 'assigned_at', now)}"
            ),
        ),
        tuple(
            Line(
                row.number,
                row.values["subject"] or f"Ligne {row.number}",
                _join(row, "place", "action"),
            )
            for row in to_check
            if not row.values["done"]
        ),
    )


def _concerns(row: Row, scoped: Sequence[str], official: Territories) -> bool:
    touched = official.epcis_of(_target(row, official))
    return not scoped or not touched or bool(set(scoped) & set(touched))


def _late(row: Row, now: datetime) -> bool:
    values = row.values
    since = values["assigned_at"] or values["received_at"]
    return (
        bool(values["referent"])
        and values["status"] in (None, *UNCONTACTED)
        and values["last_contact_on"] is None
        and since is not None
        and now - since > FIRST_CONTACT
    )


def _target(row: Row, official: Territories) -> Target:
    try:
        return official.parse(row.values["target"] or "")
    except CellError:
        return Target()


def _territories(row: Row, official: Territories) -> list[str]:
    target = _target(row, official)
    names = [official.epcis[code].name for code in official.epcis_of(target)]
    return names or [ANYWHERE if target.anywhere else UNKNOWN]


def _where(row: Row, official: Territories) -> str:
    return ", ".join(_territories(row, official))


def _project(row: Row) -> str:
    return vocabulary("project").get(row.values["project"] or "", "Projet non précisé")


def _count(
    rows: Iterable[Row], labels: Callable[[Row], Iterable[str]]
) -> tuple[tuple[str, int], ...]:
    counted = Counter(label for row in rows for label in labels(row))
    return tuple(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


def _oldest_first(rows: Sequence[Row], details: Callable[[Row], str]) -> tuple[Line, ...]:
    ordered = sorted(
        rows, key=lambda row: row.values["received_at"] or datetime.max.replace(tzinfo=UTC)
    )
    return tuple(
        Line(row.number, _title(row), details(row), row.values["reference"] or "")
        for row in ordered
    )


def _title(row: Row) -> str:
    name = _join(row, "first_name", "last_name", separator=" ")
    return (
        " – ".join(part for part in (row.values["reference"], name) if part)
        or f"Ligne {row.number}"
    )


def _age(row: Row, key: str, now: datetime) -> str:
    since = row.values[key] or row.values["received_at"]
    if since is None:
        return "date inconnue"
    days = (now.astimezone(PARIS).date() - since.astimezone(PARIS).date()).days
    if days <= 0:
        return "depuis aujourd'hui"
    return "depuis hier" if days == 1 else f"depuis {days} jours"


def _join(row: Row, *keys: str, separator: str = " – ") -> str:
    return separator.join(str(row.values[key]) for key in keys if row.values[key])
