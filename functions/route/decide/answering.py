"""What becomes of an answer that a person gave from a mail. Pure.

An answer counts only if the request is still followed by the person that the mail named, and if its
status is the one that the mail showed, or that an earlier answer from the same mail left. Otherwise
somebody has decided meanwhile: nothing changes, and a mail says so to whoever answered.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import cast

from functions.route.decide.completion import Candidate, Completion, CompletionContext, written
from functions.route.decide.decision import Decision
from functions.route.decide.handover import Turn, carry_out
from functions.route.decide.history import Event, status_of
from functions.route.decide.lookup import Lookup
from functions.route.decide.notices import Notice, NoticeLine, again
from functions.shared.concerns import Concern
from functions.shared.french import day
from functions.shared.journal.formats import Course, Dealt, State
from functions.shared.journal.replies import UNREACHED, Choice, Reply, status_after
from functions.shared.links import LABELS
from sheets_schema.columns import PARIS, as_text
from sheets_schema.schema import CLOSED_STATUSES
from sheets_schema.tab import tab
from sheets_schema.text import normalise


def judge(
    name: str,
    reply: Reply,
    left: Collection[str],
    state: State,
    candidate: Candidate,
    context: CompletionContext,
) -> Decision:
    """Decide what becomes of an answer about a request.

    Args:
        name: the name of the answer in the journal.
        reply: the answer.
        left: the statuses that earlier answers from the same mail left.
        state: the request as it is.
        candidate: its row.
        context: the lookup tables, the moment, and what is remembered of requests.
    """
    if why := _hindrance(reply, left, state):
        return refused(name, reply, why)
    match reply.choice:
        case "renew":
            line = again(
                candidate.request,
                reply.reference,
                state.referent,
                candidate.cells["assignment_reason"],
                status_of(state.status),
                reply.asked.choices,
            )
            return Decision(notices=(Notice("again", reply.asked.reader, line),), dealt=Dealt(name))
        case "not_mine":
            return _handed_back(name, reply, state, candidate, context)
    return _noted(name, reply, state, candidate, context)


def gone(name: str, reply: Reply) -> Decision:
    """What becomes of an answer about a request whose row was deleted."""
    return refused(name, reply, "entre-temps, la ligne de cette demande a été supprimée")


def refused(name: str, reply: Reply, why: str) -> Decision:
    """Nothing changes, and whoever answered is told why."""
    asked = reply.asked
    reason = f"Vous avez répondu « {_label(reply)} » ; {why}. Votre réponse n'y a rien changé."
    line = NoticeLine(reply.reference, asked.first_name, "", "", asked.referent, reason)
    return Decision(notices=(Notice("not_noted", asked.reader, line),), dealt=Dealt(name))


def resubscription(name: str, reply: Reply, lookup: Lookup) -> Decision:
    """What becomes of an answer about Monday's mail: the coordinators read of it."""
    reader, on = reply.asked.reader, day(reply.at.astimezone(PARIS).date())
    place = tab("referents" if lookup.referent(reader) else "coordination").title
    if reply.choice == "opt_out":
        concern = Concern(
            place,
            f"{reader or 'Une personne'} ne veut plus recevoir le courriel du lundi (le {on}).",
            "Mettez « Courriel du lundi » à Non sur sa ligne. Ce choix vaut déjà.",
        )
    else:
        concern = Concern(
            place,
            f"{reader or 'Une personne'} veut de nouveau recevoir le courriel du lundi (le {on}).",
            "Mettez « Courriel du lundi » à Oui sur sa ligne, s'il y est à Non.",
        )
    return Decision(said=(concern,), dealt=Dealt(name))


def _hindrance(reply: Reply, left: Collection[str], state: State) -> str:
    """Why an answer does not count any more; "" if it does."""
    if normalise(state.referent) != normalise(reply.asked.referent):
        follows = (
            f"est suivie par {state.referent}" if state.referent else "n'est suivie par personne"
        )
        return f"entre-temps, cette demande {follows}"
    status = status_of(state.status)
    moved = f"entre-temps, son statut est passé à « {state.status} »"
    if status in CLOSED_STATUSES:
        return moved
    if reply.choice in ("renew", "taken_up"):
        return ""
    return "" if status == reply.asked.status or state.status in left else moved


def _noted(
    name: str, reply: Reply, state: State, candidate: Candidate, context: CompletionContext
) -> Decision:
    """The person has called, takes the request up, or closes it."""
    reference, status = reply.reference, status_of(state.status)
    after = status_after(reply.choice, status)
    values = {"status": _title("status", after)} if after else {}
    if reply.choice == "close" and not candidate.cells["closing_reason"]:
        values["closing_reason"] = _title("closing_reason", "stop_requested")
    edit, barred = written(candidate, reference, values)
    text = edit.changes["status"].after if edit.changes else state.status
    course = context.courses.get(reference, Course())
    events = tuple(_events(reply, state, text, course))
    taken = replace(course, handed_on=None, reminded=False)
    if not edit.changes:
        return Decision(
            events=events,
            said=tuple(barred),
            courses={reference: taken},
            dealt=Dealt(name, text),
        )
    completion = Completion(edit, events, (), tuple(barred), taken)
    return Decision(completion, dealt=Dealt(name, text, reference))


def _events(reply: Reply, state: State, after: str, course: Course) -> Iterator[Event]:
    reference, referent = reply.reference, state.referent
    why = _why(reply)
    if reply.choice == "taken_up" or course.handed_on:
        yield Event(reference, "taken_up", "", referent, referent, why)
    if (
        reply.choice == "called"
        and not state.last_contact_on
        and status_of(state.status) in UNREACHED
    ):
        on = f"{reply.at.astimezone(PARIS):%d/%m/%Y}"
        yield Event(reference, "first_contact", "", on, referent, why)
    if reply.choice == "close":
        yield Event(reference, "closed", state.status, after, referent, why)
    else:
        yield Event(reference, "answered", state.status, after, referent, why)


def _handed_back(
    name: str, reply: Reply, state: State, candidate: Candidate, context: CompletionContext
) -> Decision:
    """The request is not for the person: the rules decide, as after « À réorienter »."""
    course = context.courses.get(reply.reference, Course())
    turn = Turn(
        reply.reference,
        state,
        state,
        course,
        refused_by=state.referent,
        said=LABELS["not_mine"],
        motive=reply.reason,
    )
    decision = carry_out(turn, candidate, context)
    if isinstance(decision, Concern):
        why = "le système ne trouve personne d'autre, et la coordination en est avertie"
        return replace(refused(name, reply, why), said=(decision,))
    answered = Event(
        reply.reference, "answered", state.status, state.status, state.referent, _why(reply)
    )
    made = replace(decision, events=(answered, *decision.events))
    change = made.edit.changes.get("status")
    text = change.after if change else state.status
    return Decision(made, dealt=Dealt(name, text, reply.reference))


def _why(reply: Reply) -> str:
    """What Suivi says of an answer: its words, who gave it if not the referent, and the reason."""
    asked = reply.asked
    said = f"« {_label(reply)} »"
    by = "" if normalise(asked.reader) == normalise(asked.referent) else f", par {asked.reader}"
    return f"{said}{by}{f' : {reply.reason}' if reply.reason else ''}"


def _label(reply: Reply) -> str:
    return LABELS[cast("Choice", reply.choice)]


def _title(column: str, value: str) -> str:
    return as_text(tab("requests")[column].type.format(value))


def first_of_each(replies: Sequence[tuple[str, Reply]]) -> dict[str, tuple[str, Reply]]:
    """The oldest answer about each request, by reference; the others wait for the next batch."""
    first: dict[str, tuple[str, Reply]] = {}
    for name, reply in replies:
        if reply.reference:
            first.setdefault(reply.reference, (name, reply))
    return first
