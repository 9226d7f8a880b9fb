"""The cells of the rows that a batch adds: requests in Demandes, events in Suivi. Pure."""

import re
from datetime import datetime

from functions.route.decide.assignment import Assignment
from functions.route.decide.history import Event
from functions.shared.request import Request
from sheets_schema.columns import Cell
from sheets_schema.contact import format_phone
from sheets_schema.tab import format_row, tab

FIRST_STATUS, STATUS_TO_QUALIFY = "to_contact", "to_qualify"
TEST_REMARK = "ESSAI : "


def request_row(
    request: Request, assignment: Assignment, now: datetime, *, to_qualify: bool = False
) -> dict[str, Cell]:
    """The cells of a request's row, by column key.

    Args:
        request: a new request.
        assignment: who follows it.
        now: when the row is written.
        to_qualify: whether somebody has to qualify the request before it is followed.
    """
    lead = assignment.lead
    own = {
        "status": STATUS_TO_QUALIFY if to_qualify else FIRST_STATUS,
        "assignment_reason": tab("requests")["assignment_reason"].fitting(assignment.reason),
        "referent": lead and lead.name,
        "organisation": lead and lead.organisation,
        "other_referents": ", ".join(person.name for person in assignment.others) or None,
        "assigned_at": now if lead else None,
    }
    cells = format_row(tab("requests"), {**request.values, **own})
    if phone := request["phone"]:
        cells["phone"] = format_phone(phone, request.region)
    return cells


def event_row(event: Event, now: datetime) -> dict[str, Cell]:
    """The cells of a line of Suivi, by column key; a text too long for its cell is cut."""
    tracking = tab("tracking")
    texts = {
        key: tracking[key].fitting(text)
        for key, text in {
            "before": event.before,
            "after": event.after,
            "referent": event.referent,
            "reason": event.why,
        }.items()
        if text
    }
    return format_row(
        tracking, {"reference": event.reference, "noted_at": now, "event": event.kind, **texts}
    )


def remarks(*, is_test: bool, repeated: str, doubt: str) -> str:
    """The start of a request's reason: that it is a trial, a repeat, or in doubt.

    Args:
        is_test: whether the request is a trial.
        repeated: the reference of the same person's earlier request, "" for none.
        doubt: why intake could not tell its sender from a robot, "" where it could.
    """
    said = TEST_REMARK if is_test else ""
    said += f"Relance de {repeated}. " if repeated else ""
    return said + (_DOUBTS.get(doubt, _UNPROVEN) if doubt else "")


def kept_remarks(reason: str) -> str:
    """The remarks of a row's reason that still apply when the row is assigned again."""
    kept = _REMARKS.match(reason.removeprefix(TEST_REMARK))
    return kept[0] if kept else ""


_UNPROVEN = "Sans vérification anti-robot : à confirmer au premier contact. "
_DOUBTS = {
    "many": "Beaucoup de demandes du même réseau : à confirmer au premier contact. ",
}
_REMARKS = re.compile(
    rf"(?:Relance de \S+\. )?(?:{'|'.join(map(re.escape, [_UNPROVEN, *_DOUBTS.values()]))})?"
)
