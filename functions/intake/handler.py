"""intake: gathers a call, decides whether it is an arrival request, makes it durable, answers."""

import hashlib
import json
import re
import secrets
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from functions.intake.answers import Answers, read_form
from functions.intake.form import render_confirmation, render_form, security_headers
from functions.intake.messages import FieldError
from functions.intake.submission import (
    InvalidError,
    Submission,
    UnreadableError,
    fingerprint,
    parse_json,
    validate,
)
from functions.shared import reference
from functions.shared.errors import AccueilError, JournalError
from functions.shared.journal import Journal
from functions.shared.log import log
from functions.shared.web import HTML, Answer, Call, json_answer, problem

BODY_LIMIT = 64 * 1024
FORM_TYPE = "application/x-www-form-urlencoded"
_KEY = re.compile(r'"?([\x21\x23-\x7e]{1,255})"?')


class KeyReusedError(AccueilError):
    """An idempotency key came back with another submission."""

    def __init__(self, reference: str) -> None:
        super().__init__(
            "Cette clé d'idempotence a déjà servi pour une autre demande : "
            "utilisez une clé nouvelle pour chaque demande."
        )
        self.reference = reference


@dataclass(frozen=True)
class Intake:
    """The function: called with an HTTP call, it answers it.

    `draw` gives a random number below 2**reference.RANDOM_BITS, `new_key` an idempotency key.
    """

    journal: Journal
    privacy_contact: str
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    draw: Callable[[], int] = lambda: secrets.randbits(reference.RANDOM_BITS)
    new_key: Callable[[], str] = lambda: str(uuid.uuid4())

    def __call__(self, call: Call) -> Answer:
        """GET gives the form; POST takes JSON or the form and answers in kind."""
        if call.method in ("GET", "HEAD"):
            return self._page(200)
        if call.method != "POST":
            refusal = problem(405, "Seuls GET et POST sont possibles ici.")
            return replace(refusal, headers={"Allow": "GET, HEAD, POST"})
        if call.content_type == FORM_TYPE:
            return self._post_form(call)
        if len(call.body) > BODY_LIMIT:
            return problem(413, _TOO_LONG)
        if call.content_type == "application/json":
            return self._post_json(call)
        return problem(415, f"Envoyez application/json ou {FORM_TYPE}.")

    def _post_json(self, call: Call) -> Answer:
        try:
            submission = validate(parse_json(call.body))
            accepted = self._accept(submission, _header_key(call) or self.new_key())
        except UnreadableError as error:
            return problem(400, str(error))
        except InvalidError as error:
            entries = [{"field": one.field, "message": one.message} for one in error.errors]
            return problem(422, str(error), errors=entries)
        except KeyReusedError as error:
            return problem(422, str(error))
        except JournalError:
            return replace(problem(503, _NOT_CONFIRMED), headers=_SOON)
        return json_answer(202, {"reference": accepted, "status": "accepted"})

    def _post_form(self, call: Call) -> Answer:
        if len(call.body) > BODY_LIMIT:
            return self._page(413, errors=[FieldError("", _TOO_LONG)])
        try:
            posted = read_form(call.body)
            key = _header_key(call) or posted.key or self.new_key()
        except UnreadableError as error:
            return self._page(400, errors=[FieldError("", str(error))])
        errors: Sequence[FieldError] = posted.errors
        try:
            submission = validate(posted.raw)
            if not errors:
                accepted = self._accept(submission, key)
                return Answer(202, render_confirmation(accepted), HTML, security_headers())
        except InvalidError as error:
            known = {one.field for one in errors}
            errors = [*errors, *(one for one in error.errors if one.field not in known)]
        except KeyReusedError as error:
            # A page reached with the back button sends its key again: the next try is a new one.
            key = self.new_key()
            errors = [FieldError("", _SENT_BEFORE.format(error.reference))]
        except JournalError:
            page = self._page(503, posted.answers, [FieldError("", _NOT_CONFIRMED)], key)
            return replace(page, headers={**page.headers, **_SOON})
        return self._page(422, posted.answers, errors, key)

    def _accept(self, submission: Submission, key: str) -> str:
        """Make a submission durable and return its reference.

        A key seen before gives the reference it got then, also when its request is settled. The
        tombstone is looked for *after* the creation: a creation that succeeds beside an earlier
        request of the same key can only come after that request was settled, so its tombstone is
        there to be seen.

        Raises:
            KeyReusedError: the key was used for another submission.
            JournalError: it may be recorded or not; nothing is promised.
        """
        name = hashlib.sha256(key.encode()).hexdigest()
        entry: dict[str, Any] = {
            "version": 1,
            "reference": reference.make(self.draw()),
            "received_at": self.clock().isoformat(timespec="seconds"),
            "fingerprint": fingerprint(submission),
            "submission": submission,
        }
        body = json.dumps(entry, ensure_ascii=False).encode()
        created = self.journal.create(f"pending/{name}", body)
        earlier = self.journal.read(f"filed/{name}")
        if earlier is None and not created:
            # Settled between the two calls if it is no longer pending.
            earlier = self.journal.read(f"pending/{name}") or self.journal.read(f"filed/{name}")
            if earlier is None:
                raise JournalError("Une entrée du journal a disparu.")
        kept = entry if earlier is None else _kept(name, earlier)
        if kept["fingerprint"] != entry["fingerprint"]:
            raise KeyReusedError(kept["reference"])
        log("INFO", "accepted", reference=kept["reference"], replayed=kept is not entry)
        return str(kept["reference"])

    def _page(
        self,
        status: int,
        answers: Answers | None = None,
        errors: Sequence[FieldError] = (),
        key: str | None = None,
    ) -> Answer:
        body = render_form(
            key=key or self.new_key(),
            privacy_contact=self.privacy_contact,
            answers=answers,
            errors=errors,
        )
        return Answer(status, body, HTML, security_headers())


_TOO_LONG = "La demande est trop longue : 64 Kio au plus."
# It may be recorded all the same: no more is said than is known.
_NOT_CONFIRMED = (
    "L'enregistrement de votre demande n'est pas confirmé. Réessayez dans quelques instants."
)
_SOON = {"Retry-After": "10"}
_SENT_BEFORE = (
    "Vous avez déjà envoyé une demande depuis cette page (référence {}). "
    "Pour en envoyer une autre, validez de nouveau."
)


def _kept(name: str, body: bytes) -> dict[str, str]:
    """Reference and fingerprint of the request that came first with a key.

    Raises:
        JournalError: they cannot be read.
    """
    try:
        kept = json.loads(body)
        return {part: kept[part] for part in ("reference", "fingerprint")}
    except (ValueError, KeyError, TypeError) as error:
        log("ERROR", "unreadable entry", entry=name)
        raise JournalError("Une entrée du journal est illisible.") from error


def _header_key(call: Call) -> str | None:
    """The Idempotency-Key header: a quoted string in the IETF draft, bare in practice.

    Raises:
        UnreadableError: it is malformed or longer than 255 characters.
    """
    text = call.headers.get("idempotency-key")
    if text is None:
        return None
    found = _KEY.fullmatch(text.strip())
    if not found:
        raise UnreadableError("Idempotency-Key : 1 à 255 caractères ASCII, entre guillemets.")
    return found[1]
