"""What applicants wish for, how they send it, and the post that tells referents of it."""

import json
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import urlencode

from functions.intake.handler import FORM_TYPE
from functions.shared.errors import MailError, MailRefusedError, MailUnsureError
from functions.shared.links import ANSWER_PAGE, OWN_PAGE, PARAMETER
from functions.shared.mail import mailer
from functions.shared.web import Call
from sheets_schema.schema import TEST_SOURCE
from sheets_schema.territory import territories
from tests.chaos.ledger import Kind, Sent
from tests.chaos.replies import Wished
from tests.support import JSON

# What applicants ask for, who follows it by the rules of the first day, and who is told besides.
REQUESTS: Sequence[tuple[dict, str, tuple[str, ...]]] = (
    (
        {"projects": [{"type": "employment"}], "target": {"communes": ["46102"]}},
        "Sophie Lacombe",
        (),
    ),
    (
        {"projects": [{"type": "employment"}], "target": {"communes": ["46042"]}},
        "Camille Bonnet",
        (),
    ),
    (
        {"projects": [{"type": "farming"}, {"type": "health"}], "target": {"anywhere": True}},
        "Aurélie Bouscary",
        ("Karim Belaïdi",),
    ),
)


def call(sent: Sent, fields: dict) -> Call:
    """The call that brings these fields of a request to intake, as its kind does.

    A suspect that was answered is none when it is sent again: what is set aside answers for it.
    """
    fields = fields | {"idempotency_key": sent.key}
    if sent.kind is Kind.TRIAL:
        fields["source"] = TEST_SOURCE
    if sent.kind is Kind.SUSPECT and sent.reference is None:
        fields["homepage"] = "https://example.org"
    if sent.kind.posted:
        return Call("POST", {"content-type": FORM_TYPE}, {}, urlencode([*_flat(fields)]).encode())
    return Call("POST", JSON, {}, json.dumps(fields).encode())


def answer_call(link: str) -> Call:
    """The call of a button on a page that a mail's link opens."""
    body = b"reason=no_time"
    return Call("POST", {"content-type": FORM_TYPE}, {PARAMETER: link}, body, ANSWER_PAGE)


def wish_call(said: Wished) -> Call:
    """The call of a button on an applicant's page."""
    fields = {"wish": said.link.choice, "number": said.link.number, "text": said.text}
    body = urlencode(fields).encode()
    return Call("POST", {"content-type": FORM_TYPE}, {PARAMETER: said.signed}, body, OWN_PAGE)


def _flat(value: object, name: str = "") -> Iterator[tuple[str, object]]:
    """A form's fields: `projects.0.type`, and `target` for the choice that opens `target.communes`.

    The numbers are of projects only: where several answers are possible, the name is repeated.
    """
    match value:
        case {"anywhere": True}:
            yield name, "anywhere"
        case dict():
            for key, inner in value.items():
                yield from _flat(inner, f"{name}.{key}" if name else key)
        case [dict(), *_]:
            for number, inner in enumerate(value):
                yield from _flat(inner, f"{name}.{number}")
        case list() if name == "target.communes":  # a form takes names, and no INSEE codes
            yield from ((name, territories().communes[code].name) for code in value)
        case list():
            yield from ((name, inner) for inner in value)
        case _:
            yield name, value


class Mailer(mailer.Mailer):
    """Records what leaves.

    The next mails may be refused, leave unconfirmed, or have a recipient whom the server rejects.
    """

    def __init__(self, post: Callable[[str, str], None]) -> None:
        self._post = post
        self.faults: list[str] = []

    def send(self, message) -> None:
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "refused":
            raise MailError("Le serveur de courriel a refusé le message (essai).")
        if fault == "rejected":
            raise MailRefusedError
        self._post(message["To"], message.get_body(("plain",)).get_content())
        if fault == "unsure":
            raise MailUnsureError("Le serveur de courriel n'a pas confirmé l'envoi (essai).")
