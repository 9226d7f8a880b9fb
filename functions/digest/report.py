"""What a coordinator has to know on Monday, computed from the requests. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median

from functions.digest.cases import Case, by_referent, within
from functions.digest.history import HandOver, spelled
from functions.digest.lines import (
    Line,
    Section,
    age,
    line,
    oldest_first,
    section,
    where,
    working_age,
)
from functions.digest.people import People, Person, attends
from functions.digest.weeks import Week
from functions.shared.concerns import ERASURE
from functions.shared.french import day
from functions.shared.mail.letter import some
from functions.shared.working_days import working_days_between
from sheets_schema.tab import Row, column_letter, tab
from sheets_schema.territory import Target, Territories

FIRST_CONTACT = 7  # days after which a first contact is late
TAKE_UP = 10  # working days after which coordinators hear of a hand-over that nobody took up
OVERLOAD = 15  # days without contact; two requests that old are a sign
MANY = 5  # requests of one person that wait; whoever has more comes first
GAPS = timedelta(days=28)  # for how long a request without a rule is told
TO_CHECK_COLUMNS = ("subject", "place", "action", "done")
_TWICE = 2
_SHARING = 3  # requests that are named beside the first of those with the same contact


@dataclass(frozen=True)
class Trend:
    """A number in the week, in the week before, and in the year up to the end of the week."""

    week: int = 0
    before: int = 0
    year: int = 0


@dataclass(frozen=True)
class Speed:
    """How soon people were called, of whom somebody heard first in the week.

    `days` is the median of working days from arrival to first contact; `within_3` and `within_5`
    are the shares, in per cent, of those called in so many working days.
    """

    days: float
    within_3: int
    within_5: int


@dataclass(frozen=True)
class Report:
    """One coordinator's digest as plain data.

    `scope` names the coordinator's territories; "" means the whole département. A request counts
    once in each of its territories. `decisions` are what waits for a decision, and `settled` who
    settled in the week. `unread` names the tabs that could not be read: what it would say of them
    is missing.
    """

    week: Week
    scope: str = ""
    arrived: Trend = Trend()
    contacted: Trend = Trend()
    households: Trend = Trend()
    settlers: Trend = Trend()
    speed: Speed | None = None
    by_territory: tuple[tuple[str, int], ...] = ()
    by_project: tuple[tuple[str, int], ...] = ()
    decisions: tuple[Section, ...] = ()
    settled: tuple[Line, ...] = ()
    unread: frozenset[str] = frozenset()

    @property
    def waiting(self) -> int:
        """How many requests wait for a referent, or too long for a first contact."""
        keys = ("without_referent", "uncontacted", "hand_overs")
        return sum(part.count for part in self.decisions if part.key in keys)


@dataclass(frozen=True)
class Tables:
    """What a report is made of; None stands for a tab that could not be read.

    `cases` are the requests of Demandes, and `places` says where its columns stand. `to_check` are
    rows of À vérifier with TO_CHECK_COLUMNS, `people` the people of Référents.
    """

    cases: Sequence[Case] | None
    to_check: Sequence[Row] | None = ()
    people: People | None = field(default_factory=dict)
    places: Mapping[str, int] = field(default_factory=dict)


def report(week: Week, today: date, tables: Tables, scope: Target, official: Territories) -> Report:
    """Make one report: it counts what the week brought, and lists what waits now.

    Args:
        week: the week that is reported.
        today: the day on which the digest is made, in Paris.
        tables: what was read of the sheet.
        scope: the coordinator's territories. A request that touches none of their
            intercommunalités is left out, unless it names no territory at all.
        official: communes and intercommunalités.
    """
    scoped = official.epcis_of(scope)
    cases = within(tables.cases or (), scoped)
    days = week.days
    arrived = [case for case in cases if case.received_on in days]
    settled = [case for case in cases if case.status == "settled"]
    settled_now = [case for case in settled if case.settled_on in days]
    settlers: Counter[date | None] = Counter()
    for case in settled:
        settlers[case.settled_on] += case.settled_people or 0
    return Report(
        week,
        official.format(scope) if scoped else "",
        _trend(week, Counter(case.received_on for case in cases)),
        _trend(week, Counter(case.history.contacted_on for case in cases)),
        _trend(week, Counter(case.settled_on for case in settled)),
        _trend(week, settlers),
        _speed([case for case in cases if case.history.contacted_on in days]),
        _count(arrived, lambda case: case.territories),
        _count(arrived, lambda case: (case.project,)),
        tuple(part for part in _decisions(cases, today, tables) if part.lines),
        tuple(map(_settlement, oldest_first(settled_now, lambda case: case.settled_on))),
        frozenset(
            key
            for key, rows in (("requests", tables.cases), ("to_check", tables.to_check))
            if rows is None
        ),
    )


def _trend(week: Week, numbers: Mapping[date | None, int]) -> Trend:
    """What the numbers of days add up to."""
    new_year = date(week.sunday.year, 1, 1)
    known = [(on, number) for on, number in numbers.items() if on and on <= week.sunday]
    return Trend(
        sum(number for on, number in known if on >= week.monday),
        sum(number for on, number in known if week.before.monday <= on < week.monday),
        sum(number for on, number in known if on >= new_year),
    )


def _speed(contacted: Sequence[Case]) -> Speed | None:
    days = [
        working_days_between(case.received_on, case.history.contacted_on)
        for case in contacted
        if case.received_on and case.history.contacted_on
    ]
    if not days:
        return None
    shares = (round(100 * sum(n <= most for n in days) / len(days)) for most in (3, 5))
    return Speed(median(days), *shares)


def _count(
    cases: Iterable[Case], labels: Callable[[Case], Iterable[str]]
) -> tuple[tuple[str, int], ...]:
    counted = Counter(label for case in cases for label in labels(case))
    return tuple(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


def _settlement(case: Case) -> Line:
    people = case.settled_people
    return line(
        case,
        case.text("settled_commune"),
        some(people, "personne") if people else "",
        f"avec {case.referent}" if case.referent else "",
    )


def _decisions(cases: Sequence[Case], today: date, tables: Tables) -> Iterator[Section]:
    """What waits for a decision, the most pressing first."""
    waiting = [case for case in cases if not case.is_closed]
    uncontacted = [case for case in waiting if case.is_uncontacted]
    erasures, to_check = _noted(tables.to_check or ())
    yield _erasures(erasures, cases)
    yield _without_referent(waiting, today)
    yield _handed_back(uncontacted, today)
    yield _hand_overs(waiting, today)
    yield _uncontacted(uncontacted, today)
    yield _overloaded(uncontacted, today)
    if tables.people is not None:
        yield _unattended(waiting, tables.people, today)
    yield _to_correct(waiting, tables.places)
    yield _to_check(to_check)
    yield _gaps(waiting, today)
    yield _duplicates(waiting)


def _without_referent(waiting: Iterable[Case], today: date) -> Section:
    alone = [case for case in waiting if not case.referent]
    return section(
        "without_referent",
        oldest_first(alone, lambda case: case.received_on),
        lambda case: line(case, case.project, where(case), age(case.received_on, today)),
    )


def _handed_back(uncontacted: Iterable[Case], today: date) -> Section:
    """Requests that were handed back twice, and that nobody has called since."""
    back = [case for case in uncontacted if case.history.refusals >= _TWICE]
    return section(
        "handed_back",
        oldest_first(back, lambda case: case.received_on),
        lambda case: line(
            case,
            f"rendue {case.history.refusals} fois",
            f"chez {case.referent}" if case.referent else "sans référent",
            age(case.received_on, today),
        ),
    )


def _hand_overs(waiting: Iterable[Case], today: date) -> Section:
    """Hand-overs that nobody took up, by name, the oldest first."""
    late = [
        (hand_over, case)
        for case in waiting
        if (hand_over := case.hand_over) and _is_late(hand_over, today)
    ]

    def describe(pair: tuple[HandOver, Case]) -> Line:
        hand_over, case = pair
        return line(
            case,
            f"pour {case.referent}",
            f"transmise par {hand_over.giver}" if hand_over.giver else "",
            working_age(hand_over.on, today),
        )

    return section("hand_overs", sorted(late, key=lambda pair: (pair[0].on, pair[1].row)), describe)


def _is_late(hand_over: HandOver, today: date) -> bool:
    return working_days_between(hand_over.on, today) >= TAKE_UP


def _uncontacted(uncontacted: Iterable[Case], today: date) -> Section:
    """Requests that wait too long for a first contact, by territory and referent.

    The group whose oldest request has waited longest comes first, and so does that request.
    """
    late = [
        case
        for case in _older(uncontacted, FIRST_CONTACT, today)
        if case.referent
        and not (case.hand_over and _is_late(case.hand_over, today))  # these have their own list
    ]
    groups: dict[tuple[tuple[str, ...], str], list[Case]] = {}
    for case in oldest_first(late, lambda case: case.since):
        groups.setdefault((case.territories, spelled(case.referent)), []).append(case)
    return section(
        "uncontacted",
        [(cases[0], case) for cases in groups.values() for case in cases],
        lambda pair: line(
            pair[1],
            pair[1].project,
            age(pair[1].since, today),
            group=f"{where(pair[0])} – {pair[0].referent}",
        ),
    )


def _older(cases: Iterable[Case], days: int, today: date) -> list[Case]:
    """The requests that have waited for more than so many days."""
    limit = today - timedelta(days=days)
    return [case for case in cases if (since := case.since) and since < limit]


def _overloaded(uncontacted: Iterable[Case], today: date) -> Section:
    loads = []
    for theirs in by_referent(uncontacted).values():
        old = _older(theirs, OVERLOAD, today)
        if len(old) >= _TWICE:
            loads.append(([case for case in theirs if case.since], old))
    loads.sort(key=lambda load: (len(load[0]) <= MANY, -len(load[0]), load[1][0].referent))

    def describe(load: tuple[list[Case], list[Case]]) -> Line:
        cases, old = load
        said = (
            f"{some(len(cases), 'demande')} sans premier contact, dont {len(old)} depuis plus "
            f"de {OVERLOAD} jours"
        )
        return Line(old[0].row, old[0].referent, said, person=old[0].referent)

    return section("overloaded", loads, describe)


def _unattended(waiting: Iterable[Case], people: People, today: date) -> Section:
    """Open requests of people who are gone, or absent with nobody to stand in."""
    left = [(people.get(name), cases) for name, cases in by_referent(waiting).items()]
    left = [pair for pair in left if not attends(pair[1][0].referent, people, today)]

    def describe(pair: tuple[Person | None, list[Case]]) -> Line:
        person, (first, *_) = pair
        said = f"{_why_unattended(person)} ; {some(len(pair[1]), 'demande')} en cours"
        view = first.referent if person and person.active else ""
        return Line(first.row, first.referent, said, first.reference, person=view)

    return section("unattended", sorted(left, key=lambda pair: pair[1][0].referent), describe)


def _why_unattended(person: Person | None) -> str:
    if person is None:
        return "ne figure pas dans l'onglet Référents"
    if not person.active:
        return "n'est plus en activité"
    if person.absent_until:
        return f"indisponible jusqu'au {day(person.absent_until)}, sans suppléance"
    return "indisponible, sans suppléance"


def _to_correct(waiting: Iterable[Case], places: Mapping[str, int]) -> Section:
    """The cells of requests that cannot be read. They are not quoted: they may hold anything."""
    faults = [(case, key) for case in waiting for key in case.faults if key in places]

    def describe(fault: tuple[Case, str]) -> Line:
        case, key = fault
        column, letter = tab("requests")[key], column_letter(places[key])
        details = f"{tab('requests').title}!{letter}{case.row}, {column.title} : "
        details += f"{_EXPECTED.get(column.type.name, _EXPECTED['text'])}."
        return Line(case.row, case.title, details, case.reference, letter)

    return section("to_correct", faults, describe)


_EXPECTED = {
    "choice": "choisissez dans la liste",
    "date": "écrivez une date, comme 31/12/2026",
    "date-time": "écrivez une date avec heure, comme 31/12/2026 14:30",
    "integer": "écrivez un nombre entier",
    "text": "écrivez des communes ou des intercommunalités, séparées par des virgules",
}


def _noted(rows: Iterable[Row]) -> tuple[list[Row], list[Row]]:
    """What nobody has ticked off in À vérifier: demands of erasure, and all else."""
    erasures: list[Row] = []
    others: list[Row] = []
    for row in rows:
        subject = str(row.values["subject"] or "")
        if not row.values["done"] and (subject or row.values["action"]):
            (erasures if subject.startswith(ERASURE) else others).append(row)
    return erasures, others


def _erasures(rows: Sequence[Row], cases: Iterable[Case]) -> Section:
    """Whose data is to be erased; a name is shown only where the request is within the scope."""
    wanted = {row.values["place"] for row in rows}
    titles = {case.reference: case.title for case in cases if case.reference in wanted}
    return section(
        "erasures",
        rows,
        lambda row: Line(
            row.number,
            titles.get(row.values["place"], row.values["place"] or f"Ligne {row.number}"),
            str(row.values["action"] or row.values["subject"]),
        ),
    )


def _to_check(rows: Sequence[Row]) -> Section:
    return section(
        "to_check",
        rows,
        lambda row: Line(
            row.number,
            row.values["subject"] or f"Ligne {row.number}",
            " – ".join(str(row.values[key]) for key in ("place", "action") if row.values[key]),
        ),
    )


def _gaps(waiting: Iterable[Case], today: date) -> Section:
    """Which requests of the last weeks no rule covers, by project and territory."""
    gaps: dict[tuple[str, str], list[Case]] = {}
    oldest = today - GAPS
    for case in waiting:
        if case.is_gap and case.received_on and case.received_on >= oldest:
            gaps.setdefault((case.project, where(case)), []).append(case)
    return section(
        "gaps",
        sorted(gaps.items(), key=lambda gap: -len(gap[1])),
        lambda gap: Line(
            gap[1][0].row,
            " – ".join(gap[0]),
            f"{some(len(gap[1]), 'demande')}, dont {gap[1][0].title}",
            gap[1][0].reference,
        ),
    )


def _duplicates(waiting: Iterable[Case]) -> Section:
    """Open requests that share an address or a phone number, each pair or group once."""
    by_contact: dict[str, list[Case]] = {}
    for case in waiting:
        for contact in filter(None, case.contacts):
            by_contact.setdefault(contact, []).append(case)
    groups: dict[tuple[int, ...], tuple[str, list[Case]]] = {}
    for contact, cases in by_contact.items():
        if len(cases) > 1:
            groups.setdefault(tuple(case.row for case in cases), (contact, cases))

    def describe(group: tuple[str, list[Case]]) -> Line:
        contact, (first, *others) = group
        shared = "même courriel" if "@" in contact else "même téléphone"
        rest = len(others) - _SHARING
        titles = " ; ".join(case.title for case in others[:_SHARING])
        return line(first, f"{shared} que {titles}" + (f" et {rest} de plus" if rest > 0 else ""))

    return section("duplicates", list(groups.values()), describe)
