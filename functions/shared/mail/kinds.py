"""The kinds of mail that wait in the outbox: each has a subject and a pair of templates. Pure.

A new kind needs an entry here and its templates `<kind>.mjml` and `<kind>.txt`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.shared.french import moment
from functions.shared.journal.formats import WaitingMail
from functions.shared.journal.replies import Asked, Choice, read_choices
from functions.shared.links import LetterLinks
from functions.shared.mail import letter
from functions.shared.mail.applicants import WORDS, values_of
from functions.shared.mail.letter import Mail, some
from sheets_schema.columns import PARIS
from sheets_schema.place import PLACE

SHOWN = 15  # requests in one mail; the sheet shows the others

Data = Mapping[str, Any]


@dataclass(frozen=True)
class Kind:
    """What one kind of mail says.

    `gather` takes the data of all mails of the kind that wait for one person, and makes the values
    for the templates. `subject` makes the subject from these values. Mails of a kind that comes
    `last` are sent after all others, because their addresses may be mistyped and must not hold up
    other mails. Of a kind that is `to_applicants`, `to` of a mail is the reference of its request;
    in the place of `gather`, `applicants.values_of` makes the values, in the applicant's language.
    """

    subject: Callable[[Data], str]
    gather: Callable[[Sequence[Data]], Data]
    last: bool = False
    to_applicants: bool = False


def _requests(waiting: Sequence[Data]) -> Data:
    return {
        "requests": [request for data in waiting for request in data["requests"]],
        "shown": SHOWN,
    }


def _count(values: Data) -> str:
    return some(len(values["requests"]), "demande")


def _transmitted(values: Data) -> str:
    s = "s" if len(values["requests"]) > 1 else ""
    return f"{_count(values)} transmise{s}"


def _standstill(waiting: Sequence[Data]) -> Data:
    """What the last of the mails says, with its times in words."""
    data = waiting[-1]
    times = {
        name: moment(datetime.fromisoformat(data[name]).astimezone(PARIS))
        for name in ("since", "until")
        if name in data
    }
    return {**data, **times}


_TO_APPLICANT = Kind(
    lambda values: f"{PLACE.programme} {values['subject']}",
    _requests,
    last=True,
    to_applicants=True,
)

KINDS: Mapping[str, Kind] = {
    # A referent has a request to follow, or to help with.
    "assigned": Kind(lambda values: f"{PLACE.programme} {_count(values)} pour vous", _requests),
    # A referent has a request that somebody else followed, and that a person gave to her.
    "handed_over": Kind(
        lambda values: f"{PLACE.programme} {_transmitted(values)} à reprendre", _requests
    ),
    # She has not taken it up.
    "reminder": Kind(
        lambda values: f"{PLACE.programme} Rappel : {_transmitted(values)} à reprendre", _requests
    ),
    # She asked for new links in the place of expired ones.
    "again": Kind(
        lambda values: f"{PLACE.programme} De nouveaux liens pour {_count(values)}", _requests
    ),
    # An applicant whose request she follows has said something from their own page.
    "heard": Kind(
        lambda values: f"{PLACE.programme} {some(len(values['requests']), 'message')} pour vous",
        _requests,
    ),
    # What she answered from a mail has changed nothing.
    "not_noted": Kind(lambda _: f"{PLACE.programme} Votre réponse n'a rien changé", _requests),
    # Whoever tried the system reads what a referent would have read.
    "trial": Kind(
        lambda values: f"{PLACE.programme} ESSAI : {_count(values)} pour vous", _requests, last=True
    ),
    # Coordinators and the operator are told that the drain stands still, and that it goes on.
    "stopped": Kind(
        lambda _: f"{PLACE.programme} Le système n'écrit plus dans le classeur", _standstill
    ),
    "resumed": Kind(
        lambda _: f"{PLACE.programme} Le système écrit de nouveau dans le classeur", _standstill
    ),
    # Whoever wrote by the form hears from us; see `applicants`.
    **dict.fromkeys(WORDS, _TO_APPLICANT),
}


# The kinds of mail from which people answer about each request that they follow.
_ANSWERED = ("assigned", "handed_over", "reminder", "again", "heard")
_BUTTONS: tuple[Choice, ...] = ("taken_up", "called", "no_answer", "not_mine")


# Who stands in can neither take a request nor give it back.
_FOR_ANOTHER: tuple[Choice, ...] = ("called", "no_answer")
# About somebody who needs no help any more.
_AT_THE_END: tuple[Choice, ...] = ("close", "called", "no_answer")


def _choices(reader: str, request: Data, *, ended: bool) -> tuple[Choice, ...]:
    """What somebody may answer about a request; with new links, what the expired ones offered."""
    if offered := request.get("choices"):
        return read_choices(offered)
    if reader != request["lead"]:
        return _FOR_ANOTHER
    return _AT_THE_END if ended else _BUTTONS


def asked_in(waiting: Sequence[WaitingMail]) -> dict[str, Asked]:
    """What mails of one kind to one address ask about, by reference.

    Only the person who follows a request is asked, and for new links whoever wanted them. A mail
    of an earlier version asks nothing.
    """
    ended = {
        request["reference"]
        for mail in waiting
        for request in mail.data.get("requests", ())
        if request.get("wish") == "no_need"
    }
    return {
        request["reference"]: Asked(
            request["first_name"],
            mail.to,
            request["lead"],
            request["status"],
            choices=_choices(mail.to, request, ended=request["reference"] in ended),
        )
        for mail in waiting
        if mail.kind in _ANSWERED
        for request in mail.data["requests"][:SHOWN]
        if request.get("status") and (mail.to == request["lead"] or mail.kind == "again")
    } | {
        request["reference"]: Asked(
            request["first_name"],
            request["first_name"],
            request["referent"],
            request["status"],
            request["organisation"],
            request["phone"],
            mail.lang,
        )
        for mail in waiting
        if is_to_applicant(mail)
        for request in mail.data["requests"]
    }


def is_to_applicant(mail: WaitingMail) -> bool:
    """Whether a mail goes to whoever wrote the request that it is about."""
    return KINDS[mail.kind].to_applicants


def size(mail: WaitingMail) -> int:
    """How many requests a mail is about."""
    return len(mail.data.get("requests", ("one",)))


def render(waiting: Sequence[WaitingMail], workbook: str, links: LetterLinks | None = None) -> Mail:
    """Put the mails of one kind that wait for an address into one mail.

    Args:
        waiting: mails of the same kind to the same address, at least one. Two people may share it.
        workbook: where people open the spreadsheet.
        links: where people answer; None if they cannot.

    Raises:
        KeyError: there is no such kind.
    """
    kind = KINDS[waiting[0].kind]
    if kind.to_applicants:
        return _to_applicant(waiting, links)
    values = kind.gather([mail.data for mail in waiting])
    asked = asked_in(waiting) if links else {}
    buttons = {name: links.buttons(name, asked[name].choices) for name in asked if links}
    return letter.render(
        "functions.shared.mail",
        waiting[0].kind,
        kind.subject(values),
        {"name": names_in(waiting), "workbook": workbook, "buttons": buttons, **values},
    )


def _to_applicant(waiting: Sequence[WaitingMail], links: LetterLinks | None) -> Mail:
    name, lang = waiting[0].kind, waiting[0].lang
    values = values_of(name, lang, [mail.data for mail in waiting])
    references = [request["reference"] for request in values["requests"]] if links else []
    pages, news = [], []
    for reference in references[:SHOWN]:
        of = f" {reference}" if len(references) > 1 else ""
        pages.append((f"{values['own_page']}{of}", links.own_page(reference) if links else ""))
        if name == "news" and links:
            news += [(f"{label}{of}", there) for label, there in links.news(reference, lang)]
    shown = {**values, "pages": pages, "news": news}
    subject = KINDS[name].subject(values)
    return letter.render("functions.shared.mail", "applicant", subject, shown)


def names_in(waiting: Sequence[WaitingMail]) -> str:
    """Whom mails to one address are for."""
    if is_to_applicant(waiting[0]):
        return str(waiting[0].data["requests"][0]["first_name"])
    return " et ".join(dict.fromkeys(mail.to for mail in waiting))
