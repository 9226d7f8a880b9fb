"""The kinds of mail that wait in the outbox: each has a subject and a pair of templates. Pure.

A new kind needs an entry here and its templates `<kind>.mjml` and `<kind>.txt`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.shared.french import moment
from functions.shared.journal.formats import WaitingMail
from functions.shared.mail import letter
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
    other mails.
    """

    subject: Callable[[Data], str]
    gather: Callable[[Sequence[Data]], Data]
    last: bool = False


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
}


def size(mail: WaitingMail) -> int:
    """How many requests a mail is about."""
    return len(mail.data.get("requests", ("one",)))


def render(waiting: Sequence[WaitingMail], workbook: str) -> Mail:
    """Put the mails of one kind that wait for an address into one mail.

    Args:
        waiting: mails of the same kind to the same address, at least one. Two people may share it.
        workbook: where people open the spreadsheet.

    Raises:
        KeyError: there is no such kind.
    """
    kind = KINDS[waiting[0].kind]
    values = kind.gather([mail.data for mail in waiting])
    return letter.render(
        "functions.shared.mail",
        waiting[0].kind,
        kind.subject(values),
        {"name": _names(waiting), "workbook": workbook, **values},
    )


def _names(waiting: Sequence[WaitingMail]) -> str:
    return " et ".join(dict.fromkeys(mail.to for mail in waiting))
