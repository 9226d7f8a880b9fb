"""What people are told about the requests that they get, as mails of the outbox. Pure."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

from functions.route.decide.assignment import Assignment
from functions.route.decide.lookup import Referent
from functions.shared.journal.formats import WaitingMail
from functions.shared.journal.replies import Choice
from functions.shared.request import Request
from sheets_schema.columns import as_text
from sheets_schema.tab import tab


@dataclass(frozen=True)
class NoticeLine:
    """One request in a mail: who asks, for what, where, and who follows it and why.

    `status` is the key of its status then, "" if people cannot answer from the mail. `wish` is
    what its applicant said, where the mail is about that. `choices` are the answers that the mail
    is to offer, where its kind does not say so.
    """

    reference: str
    person: str
    project: str
    target: str
    lead: str
    reason: str
    first_name: str = ""
    status: str = ""
    wish: str = ""
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class Notice:
    """What one person is told about one request.

    `to` is the person's name. `address` is given for a person who is in no lookup table.
    `if_confirmed` is the reference of the row edit that must be confirmed before the mail is
    sent; it is "" for a row that the batch adds.
    """

    kind: str
    to: str
    line: NoticeLine
    address: str = ""
    if_confirmed: str = ""


def notices(
    request: Request, reference: str, assignment: Assignment, status: str = ""
) -> list[Notice]:
    """What everybody whom an assignment concerns is told; the lead comes first.

    About a trial request only its sender is told, if they gave an address. `status` is the key of
    the status that the row has then.
    """
    if not assignment.lead:
        return []
    line = _line(request, reference, assignment, assignment.lead, status)
    if request.is_test:
        email = request["email"]
        return [Notice("trial", request.person, line, email)] if email else []
    people = (assignment.lead, *assignment.others)
    return [Notice("assigned", person.name, line) for person in people]


def handed_over(
    request: Request, reference: str, assignment: Assignment, status: str = ""
) -> list[Notice]:
    """What the new referent is told whom a person picked."""
    return _to_lead("handed_over", request, reference, assignment, status)


def reminder(
    request: Request, reference: str, assignment: Assignment, status: str = ""
) -> list[Notice]:
    """What a referent is told who has not taken a request up."""
    return _to_lead("reminder", request, reference, assignment, status)


def again(
    request: Request,
    reference: str,
    lead: str,
    reason: str,
    status: str,
    choices: tuple[Choice, ...],
) -> NoticeLine:
    """The line of a request in a mail whose reader asked for new links, with the same answers."""
    line = _line(request, reference, Assignment(None, (), reason), Referent(lead, ""), status)
    return replace(line, choices=choices)


def heard(
    request: Request, reference: str, lead: str, said: str, status: str, wish: str
) -> NoticeLine:
    """The line of a request in a mail that says what its applicant wants."""
    line = _line(request, reference, Assignment(None, (), said), Referent(lead, ""), status)
    return replace(line, wish=wish)


def _to_lead(
    kind: str, request: Request, reference: str, assignment: Assignment, status: str
) -> list[Notice]:
    if not assignment.lead:
        return []
    line = _line(request, reference, assignment, assignment.lead, status)
    return [Notice(kind, assignment.lead.name, line)]


def _line(
    request: Request, reference: str, assignment: Assignment, lead: Referent, status: str
) -> NoticeLine:
    return NoticeLine(
        reference,
        request.person,
        _shown(request, "project"),
        _shown(request, "target"),
        lead.name,
        assignment.reason,
        _shown(request, "first_name"),
        status,
    )


def _shown(request: Request, column: str) -> str:
    value = request[column]
    return "" if value is None else as_text(tab("requests")[column].type.format(value))


def mails(notices_to_send: Iterable[Notice]) -> tuple[WaitingMail, ...]:
    """One mail of each kind for each person, whatever the number of requests.

    A notice that depends on a row edit gets a mail of its own, because the mail is not sent if
    the edit is not confirmed.
    """
    lines: dict[tuple[str, str, str, str], list[NoticeLine]] = {}
    for notice in notices_to_send:
        whose = (notice.kind, notice.to, notice.address, notice.if_confirmed)
        lines.setdefault(whose, []).append(notice.line)
    return tuple(
        WaitingMail(
            kind,
            to,
            {"requests": [asdict(line) for line in requests]},
            address=address,
            if_confirmed=to_confirm,
        )
        for (kind, to, address, to_confirm), requests in lines.items()
    )
