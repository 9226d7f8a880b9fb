"""Hand-over: what people decide about who follows a request, and what its row gets then. Pure.

A person who picks another name in Référent hands the request over. A person who sets Statut to
« À réorienter » orders that the rules give it to somebody else. Both are found by comparing a
request with what the last sweep knew of it. Until its row is changed accordingly, the request stays
as the last sweep knew it, so a decision that cannot be carried out yet is found again.

An order is meant for whoever followed the request when it was given. It counts only if it appeared
while the referent stayed the same. If the referent changed meanwhile, the request has been handed
over, and the order is taken back.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from functions.route.decide.assignment import Assignment
from functions.route.decide.completion import (
    CHOSEN,
    Candidate,
    Completion,
    CompletionContext,
    assign_again,
    doubtful_referent,
    known_person,
    nobody,
    remarks_of,
    written,
)
from functions.route.decide.history import ORDER, Event, changes, status_of
from functions.route.decide.lookup import Lookup, Referent
from functions.route.decide.notices import Notice, handed_over, notices, reminder
from functions.route.decide.rows import FIRST_STATUS
from functions.shared.concerns import Concern
from functions.shared.french import day
from functions.shared.journal.formats import NO_COURSE, Course, Move, State
from functions.shared.request import Request
from functions.shared.working_days import working_days_between
from sheets_schema.columns import as_text
from sheets_schema.schema import CLOSED_STATUSES
from sheets_schema.tab import tab
from sheets_schema.text import normalise

REMINDED_AFTER = 5  # working days
LONG = 5  # working days that an absence still lasts, from which its requests are worth a decision
MOST_REFUSALS = 2  # then the default referent gets the request
NO_MOVES: Mapping[str, Move] = {}


@dataclass(frozen=True)
class Turn:
    """A request that a person gave to somebody else, or ordered to be given to somebody else.

    `refused_by` is the name of the referent who handed it back, "" if somebody picked a name.
    `move` is the operator's order by which it is moved; None if people decided in the sheet.
    `said` and `motive` are what she said from a mail, and why; "" if she ordered it in the sheet.
    """

    reference: str
    before: State
    now: State
    course: Course
    refused_by: str = ""
    move: Move | None = None
    said: str = ""
    motive: str = ""


def find_turns(
    before: Mapping[str, State],
    now: Mapping[str, State],
    courses: Mapping[str, Course],
    moves: Mapping[str, Move] = NO_MOVES,
) -> dict[str, Turn]:
    """The requests that people handed over or back between two looks, by reference.

    Args:
        before: each request as the last sweep knew it.
        now: each request as it is.
        courses: what is remembered of requests.
        moves: the operator's orders, by reference. What people decided in the sheet comes first.
    """
    turns = {
        reference: Turn(
            reference,
            before[reference],
            now[reference],
            courses.get(reference, NO_COURSE),
            move=move,
        )
        for reference, move in moves.items()
    }
    for reference, state in now.items():
        known = before.get(reference)
        if known is None or known == state:
            continue
        ordered = _is_order(state) and not _is_order(known)
        turn = Turn(reference, known, state, courses.get(reference, NO_COURSE))
        if state.referent and not _is_same(known.referent, state.referent):
            turns[reference] = turn
        elif ordered and known.referent:
            turns[reference] = replace(turn, refused_by=known.referent)
    return turns


def is_alive(move: Move, state: State) -> bool:
    """Whether the operator's order still holds for a request: whoever leaves still follows it."""
    return _is_same(move.giver, state.referent) and status_of(state.status) not in CLOSED_STATUSES


def stale_orders(before: Mapping[str, State], now: Mapping[str, State]) -> Iterator[Concern]:
    """What to say of orders of which nobody knows for whom they were meant.

    Such an order stood in its row already when a sweep first saw the row. A new order is no such.
    """
    for reference, state in now.items():
        known = before.get(reference, state)
        if state.referent and _is_order(state) and _is_order(known):
            yield Concern(
                reference,
                f"« {_title(ORDER)} » était déjà là avant que le système ne lise cette ligne : il "
                "ne sait pas à quel référent ou à quelle référente cela s'adressait.",
                "Choisissez vous-même qui la suit, ou remettez « À contacter ».",
            )


def left_behind(states: Iterable[State], lookup: Lookup, today: date) -> Iterator[Concern]:
    """What to say of referents who follow requests and have left, or are away for long.

    Nothing is moved without a person's decision. The line says how to do it.
    """
    following = {
        normalise(referent)
        for referent, status in {(state.referent, state.status) for state in states}
        if referent and status_of(status) not in CLOSED_STATUSES
    }
    for key, person in lookup.people.items():
        if key not in following:
            continue
        until = person.absent_until
        if not person.active:
            yield _left(person.name, "n'est plus en activité", "--for-good")
        elif until and person.absent(today) and working_days_between(today, until) >= LONG:
            yield _left(
                person.name, f"est indisponible jusqu'au {day(until)}", f"--until {until:%Y-%m-%d}"
            )


def _left(name: str, said: str, how_long: str) -> Concern:
    command = f'accueil referent leave "{name}" {how_long} --to RULES --dry-run'
    return Concern(
        tab("referents").title,
        f"{name} {said} et suit encore des demandes ouvertes.",
        "Elles restent où elles sont : choisissez quelqu'un d'autre dans Référent, ou demandez à "
        f"la personne qui administre le système de lancer « {command} ».",
    )


def carry_out(turn: Turn, candidate: Candidate, context: CompletionContext) -> Completion | Concern:
    """Decide what the row of a request gets that was handed over or back.

    Returns:
        The edit of its row, with the events, mails and lines of À vérifier that go with it. A
        Concern if nobody can follow the request: then its row stays as it is.
    """
    if turn.move:
        return _move(turn, turn.move, candidate, context)
    return (_hand_back if turn.refused_by else _hand_over)(turn, candidate, context)


def _hand_over(turn: Turn, candidate: Candidate, context: CompletionContext) -> Completion:
    """A person picked a name. The row keeps it, and the other cells follow."""
    cells, reference, lookup = candidate.cells, turn.reference, context.lookup
    giver = known_person(turn.before.referent, lookup)
    lead = known_person(turn.now.referent, lookup)
    why, motive = _motive(candidate, turn.course)
    said = f"Transmis par {giver.name}{why}" if giver else f"{CHOSEN}{why}"
    assignment = Assignment(lead, (), remarks_of(candidate) + said)
    values = {
        "organisation": lead.organisation if lead else "",
        "assignment_reason": tab("requests")["assignment_reason"].fitting(assignment.reason),
        "other_referents": _others(cells["other_referents"], turn.now.referent, lookup, giver),
    }
    if _is_order(turn.now):
        values["status"] = _title(FIRST_STATUS)
    edit, concerns = written(candidate, reference, values)
    follows = _is_followed(candidate)
    status = _status_in(candidate, values)
    mailed = handed_over(candidate.request, reference, assignment, status)
    return Completion(
        edit,
        tuple(
            replace(event, why=said) if event.after == turn.now.referent else event
            for event in _without_order(turn)
        ),
        _confirmed(mailed, reference) if follows else (),
        (*concerns, *doubtful_referent(reference, turn.now.referent, lookup, context.today)),
        Course(turn.course.refused, context.today if follows else None, motive=motive),
    )


def _hand_back(
    turn: Turn, candidate: Candidate, context: CompletionContext
) -> Completion | Concern:
    """The referent refused the request: the rules give it to somebody else, if they can."""
    cells, reference = candidate.cells, turn.reference
    refused = (*turn.course.refused, turn.refused_by)
    concerns: list[Concern] = []
    if len(refused) >= MOST_REFUSALS:
        said = f"Rendue par {', puis par '.join(refused)} : coordination"
        assignment = Assignment(context.lookup.default, (), said)
        if context.lookup.default:
            concerns.append(_twice(reference, refused, context.lookup.default.name))
    else:
        assignment = assign_again(candidate.request, context, refused)
    lead = assignment.lead
    if not lead or any(_is_same(lead.name, name) for name in refused):
        return nobody(reference, refused)
    why, motive = _motive(candidate, turn.course)
    reason = remarks_of(candidate) + assignment.reason
    if turn.motive:  # it stands in no cell, so the next referent reads it here
        why, reason = f" : {turn.motive}", f"{reason}. Motif : {turn.motive}"
    assignment = replace(assignment, reason=reason)
    others = _others(cells["other_referents"], lead.name, context.lookup)
    values = {
        "status": _title(FIRST_STATUS),
        "referent": lead.name,
        "organisation": lead.organisation,
        "assignment_reason": tab("requests")["assignment_reason"].fitting(assignment.reason),
        "other_referents": others or ", ".join(person.name for person in assignment.others),
    }
    edit, barred = written(candidate, reference, values)
    unwritten = values["status"] != cells["status"] and "status" not in edit.changes
    if "referent" not in edit.changes or unwritten:
        return nobody(reference, refused)
    if assignment.doubt:
        concerns.append(Concern(reference, assignment.doubt, assignment.advice))
    said = f"« {turn.said or _title(ORDER)} »{why}"
    back = Event(reference, "handed_back", turn.refused_by, "", turn.refused_by, said)
    given = Event(reference, "assigned", turn.refused_by, lead.name, lead.name, assignment.reason)
    follows = _is_followed(candidate)
    new = () if cells["other_referents"] else assignment.others
    status = _status_in(candidate, values)
    mailed = notices(candidate.request, reference, replace(assignment, others=new), status)
    return Completion(
        edit,
        (*_without_order(turn), back, given),
        _confirmed(mailed, reference) if follows else (),
        (*barred, *concerns),
        Course(refused, context.today if follows else None, motive=motive),
    )


def destination(
    move: Move, request: Request, context: CompletionContext, refused: Collection[str] = ()
) -> Assignment:
    """Who gets a request that is moved, and why, if nobody decides otherwise meanwhile.

    Args:
        move: the operator's order.
        request: what is asked for.
        context: the lookup tables and the day. Whoever leaves counts as gone or absent, whatever
            Référents says by now.
        refused: who refused the request.
    """
    lookup = context.lookup
    giver = known_person(move.giver, lookup) or Referent(move.giver, "")
    gone = replace(giver, active=False)
    if move.until:
        gone = replace(giver, active=True, absent_from=None, absent_until=move.until)
    if not move.receiver:
        people = {**lookup.people, normalise(giver.name): gone}
        default = lookup.default
        if default and _is_same(default.name, giver.name):
            default = None
        without = replace(lookup, people=people, default=default)
        return assign_again(request, replace(context, lookup=without), refused)
    why = f"indisponible jusqu'au {day(move.until)}" if move.until else "plus en activité"
    lead = known_person(move.receiver, lookup)
    return Assignment(lead, (), f"{giver.name}, {why} → {move.receiver}")


def _move(
    turn: Turn, move: Move, candidate: Candidate, context: CompletionContext
) -> Completion | Concern:
    """The referent leaves: the request goes to whomever the operator named, or by the rules."""
    reference, refused = turn.reference, turn.course.refused
    assignment = destination(move, candidate.request, context, refused)
    lead = assignment.lead
    if not lead:
        return nobody(reference, refused)
    assignment = replace(assignment, reason=remarks_of(candidate) + assignment.reason)
    giver = known_person(turn.now.referent, context.lookup) if move.until else None
    values = {
        "referent": lead.name,
        "organisation": lead.organisation,
        "assignment_reason": tab("requests")["assignment_reason"].fitting(assignment.reason),
        "other_referents": _others(
            candidate.cells["other_referents"], lead.name, context.lookup, giver
        ),
    }
    if _is_order(turn.now):  # given to whoever leaves, or to somebody before
        values["status"] = _title(FIRST_STATUS)
    edit, concerns = written(candidate, reference, values)
    if "referent" not in edit.changes:
        return nobody(reference, refused)
    if assignment.doubt:
        concerns.append(Concern(reference, assignment.doubt, assignment.advice))
    given = Event(
        reference, "handed_over", turn.now.referent, lead.name, lead.name, assignment.reason
    )
    follows = _is_followed(candidate)
    status = _status_in(candidate, values)
    mailed = handed_over(candidate.request, reference, assignment, status)
    return Completion(
        edit,
        (*changes(reference, turn.before, turn.now), given),
        _confirmed(mailed, reference) if follows else (),
        tuple(concerns),
        Course(refused, context.today if follows else None, motive=turn.course.motive),
    )


def is_due(state: State, course: Course, lookup: Lookup, today: date) -> bool:
    """Whether the referent is to be reminded of a request that she has not taken up.

    Somebody who is absent is reminded when she is back, and somebody who has left is not.
    """
    if not course.handed_on or course.reminded:
        return False
    person = known_person(state.referent, lookup)
    return (
        person is not None
        and person.active
        and not person.absent(today)
        and working_days_between(course.handed_on, today) >= REMINDED_AFTER
    )


def reminders(candidate: Candidate, referent: Referent, handed_on: date) -> list[Notice]:
    """The mail that reminds a referent of a request that she has not taken up."""
    said = f"Transmise le {day(handed_on)}. {candidate.cells['assignment_reason']}"
    request, status = candidate.request, _status_in(candidate, {})
    return reminder(request, request.reference, Assignment(referent, (), said), status)


def _others(text: str, lead: str, lookup: Lookup, giver: Referent | None = None) -> str:
    """Autres référents once somebody leads, and once the giver has joined; nobody stands twice.

    What people wrote is kept as it is, as long as nobody has to be taken out.
    """
    names = lookup.names(text)
    if any(_is_same(name, lead) for name in names):
        names = [name for name in names if not _is_same(name, lead)]
        text = ", ".join(names)
    if giver and not any(_is_same(name, giver.name) for name in names):
        return f"{text}, {giver.name}" if text else giver.name
    return text


def _status_in(candidate: Candidate, values: Mapping[str, str]) -> str:
    """The key of the status that a row has once these texts are written."""
    return status_of(values.get("status", candidate.cells["status"]))


def _confirmed(unbound: Iterable[Notice], reference: str) -> tuple[Notice, ...]:
    return tuple(replace(notice, if_confirmed=reference) for notice in unbound)


def _without_order(turn: Turn) -> list[Event]:
    """What else changed; the order itself is told as what became of it."""
    state = turn.now
    if _is_order(state):
        state = replace(state, status=turn.before.status)
    if turn.refused_by:
        state = replace(state, referent=turn.before.referent)
    return list(changes(turn.reference, turn.before, state))


def _motive(candidate: Candidate, course: Course) -> tuple[str, str]:
    """The words of Motif de transmission, « : » before them, and their hash.

    What the last hand-over said already is left out: it was meant for that one.
    """
    text = candidate.cells["transfer_reason"]
    motive = hashlib.sha256(text.encode()).hexdigest()[:16] if text else ""
    return (f" : {text}" if text and motive != course.motive else ""), motive


def _is_followed(candidate: Candidate) -> bool:
    """Whether somebody has to follow the request; nobody is mailed about any other."""
    return not (candidate.request.is_test or candidate.request.is_closed)


def _twice(reference: str, refused: Sequence[str], default: str) -> Concern:
    times = "deux" if len(refused) == MOST_REFUSALS else len(refused)
    return Concern(
        reference,
        f"Cette demande a été rendue {times} fois, par {', puis par '.join(refused)}.",
        f"{default} la suit en attendant : décidez qui peut l'accompagner.",
    )


def _is_order(state: State) -> bool:
    return status_of(state.status) == ORDER


def _is_same(name: str, other: str) -> bool:
    return normalise(name) == normalise(other)


def _title(status: str) -> str:
    return as_text(tab("requests")["status"].type.format(status))
