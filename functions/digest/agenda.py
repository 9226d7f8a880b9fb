"""What a referent has to do this week, computed from the requests. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

from functions.digest.cases import Case, by_referent
from functions.digest.history import spelled
from functions.digest.lines import Line, Section, age, ago, line, section, where
from functions.digest.people import People, Person, attends
from functions.digest.weeks import Week, week_of
from functions.shared.french import day
from functions.shared.journal.replies import Asked, Choice
from functions.shared.settling import NEWS_AFTER, months_after
from functions.shared.working_days import working_days_between

LATE = 3  # working days; nothing younger is called late
STALE = timedelta(days=21)  # without contact, and without a date to come
KEYS = ("take_up", "new", "to_contact", "follow_up", "stale", "settled", "to_qualify")


@dataclass(frozen=True)
class Agenda:
    """What waits for one address, which may be several people's.

    `names` are theirs, and `sections` what is to be done, in the order of KEYS; lines of somebody
    for whom they stand in have a group.
    """

    week: Week
    names: tuple[str, ...]
    sections: tuple[Section, ...]


class Task(NamedTuple):
    """A request of which something is to be done: what, of KEYS, and since when."""

    key: str
    case: Case
    since: date | None


def agendas(cases: Iterable[Case], people: People, today: date) -> dict[str, Agenda]:
    """What waits for each referent who gets the Monday mail, by address in lower case.

    Whoever has nothing to do is left out. The requests of somebody who is absent are listed for
    whoever stands in.

    Args:
        cases: all requests.
        people: the referents by normalised name.
        today: the day on which the mail is made, in Paris.
    """
    tasks = tasks_by_referent(cases, today)
    mine: dict[str, list[tuple[Person, Person]]] = {}
    for name in tasks:
        reader, owner = attends(name, people, today), people.get(name)
        if reader and owner and reader.email and reader.weekly_mail:
            mine.setdefault(reader.email.casefold(), []).append((reader, owner))
    return {
        address: Agenda(
            week_of(today),
            tuple(dict.fromkeys(reader.name for reader, _ in pairs)),
            _sections(pairs, tasks, today),
        )
        for address, pairs in mine.items()
    }


def tasks_by_referent(cases: Iterable[Case], today: date) -> dict[str, list[Task]]:
    """What is to be done this week, by the normalised name of the referent."""
    tasks = {
        name: [task for case in theirs if (task := find_task(case, today))]
        for name, theirs in by_referent(cases).items()
    }
    return {name: theirs for name, theirs in tasks.items() if theirs}


def find_task(case: Case, today: date) -> Task | None:
    """What its referent has to do this week about a request; None for nothing.

    A project for the long term is never late: only its own date calls it up.
    """
    if case.is_closed:
        return _anniversary(case, today)
    due = case.remind_on is not None and case.remind_on <= week_of(today).sunday
    if case.hand_over:
        return Task("take_up", case, case.hand_over.on)
    if case.is_uncontacted and not (case.remind_on and not due):
        return _first_call(case, today)
    if due:
        return Task("follow_up", case, case.remind_on)
    if case.remind_on or case.status == "long_term" or case.faults:
        return None
    return _silence(case, today)


def _first_call(case: Case, today: date) -> Task:
    since = case.since
    if case.status == "to_qualify":
        return Task("to_qualify", case, since)
    if since and working_days_between(since, today) < LATE:
        return Task("new", case, since)
    return Task("to_contact", case, since)


def _silence(case: Case, today: date) -> Task | None:
    """What to do about a request without a date to come, by its last contact."""
    known = (case.contacted_on, case.assigned_on, case.history.answered_on)
    last = max(filter(None, known), default=case.received_on)
    if last is None:
        return None
    if today - last >= STALE:
        return Task("stale", case, last)
    if case.status == "no_answer" and working_days_between(last, today) >= LATE:
        return Task("follow_up", case, last)
    return None


def _anniversary(case: Case, today: date) -> Task | None:
    """A call to people who settled half a year or a year ago, in the week of that day."""
    if case.status != "settled" or case.settled_on is None:
        return None
    days = week_of(today).days
    for months in NEWS_AFTER:
        on = months_after(case.settled_on, months)
        if on in days:
            return Task("settled", case, on)
    return None


def in_words(task: Task, today: date) -> str:
    """What a mail says of a task beside its request."""
    case, since = task.case, task.since
    if task.key == "take_up" and case.hand_over:
        giver = case.hand_over.giver
        return f"transmise{f' par {giver}' if giver else ''} {ago(case.hand_over.on, today)}"
    if task.key == "settled" and case.settled_on:
        months = next(n for n in NEWS_AFTER if months_after(case.settled_on, n) == since)
        return f"installation il y a {months} mois"
    if task.key == "stale" and since:
        return f"dernier contact {ago(since, today)}"
    if task.key == "follow_up" and case.remind_on:
        return _reminder(case.remind_on, today)
    return f"{'sans réponse ' if task.key == 'follow_up' else ''}{age(since, today)}"


def _reminder(on: date, today: date) -> str:
    if on < today:
        return f"prévu le {day(on)}, dépassé"
    return "prévu aujourd'hui" if on == today else f"prévu le {day(on)}"


_Shown = tuple[Task, Person, Person]  # and whose request it is, and who reads of it
# What may be answered from the mail to a task. Who stands in can neither take a request nor give
# it back.
_CHOICES: Mapping[str, tuple[Choice, ...]] = {
    "take_up": ("taken_up", "called", "no_answer", "not_mine"),
    "new": ("called", "no_answer", "not_mine"),
    "to_contact": ("called", "no_answer", "not_mine"),
    "to_qualify": ("called", "no_answer", "not_mine"),
    "follow_up": ("called", "no_answer"),
    "stale": ("called", "no_answer"),
}
_FOR_ANOTHER: tuple[Choice, ...] = ("called", "no_answer")


def _sections(
    pairs: Sequence[tuple[Person, Person]], tasks: Mapping[str, Sequence[Task]], today: date
) -> tuple[Section, ...]:
    """The sections of one mail: own requests first, then those of people who are absent."""
    pairs = sorted(pairs, key=lambda pair: (pair[0] is not pair[1], pair[1].row))
    own: dict[str, list[_Shown]] = {key: [] for key in KEYS}
    borrowed: list[_Shown] = []
    for reader, owner in pairs:
        theirs = tasks[spelled(owner.name)]  # by row
        for task in sorted(theirs, key=lambda task: task.since or date.max):
            (own[task.key] if reader is owner else borrowed).append((task, owner, reader))
    sections = [
        section(key, items, lambda item: _line(*item, "", today))
        for key, items in own.items()
        if items
    ]
    if borrowed:
        stand_in = section(
            "stand_in", borrowed, lambda item: _line(*item, _group(item[1], today), today)
        )
        sections.append(stand_in)
    return tuple(sections)


def _group(owner: Person, today: date) -> str:
    return f"Dossiers suivis par {owner.name}{_absence(owner, today)}"


def _absence(owner: Person, today: date) -> str:
    if owner.absent_until and owner.absent_until >= today:
        return f", indisponible jusqu'au {day(owner.absent_until)}"
    return ", indisponible"


def _line(task: Task, owner: Person, reader: Person, group: str, today: date) -> Line:
    case = task.case
    planned = "" if task.key == "settled" else case.text("next_action")
    said = (case.text("phone"), case.project, where(case), in_words(task, today), planned)
    choices = _CHOICES.get(task.key, ())
    if reader is not owner:
        choices = tuple(choice for choice in choices if choice in _FOR_ANOTHER)
    asked = None
    if case.reference and case.status and choices:
        first_name = case.text("first_name")
        asked = Asked(first_name, reader.name, owner.name, case.status, choices=choices)
    made = line(case, *said, group=group)
    return replace(made, person=owner.name, asked=asked)
