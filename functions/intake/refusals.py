"""The reasons to refuse a call, and the table that says how each error is answered. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from functions.intake.messages import FieldError
from functions.intake.submission import InvalidError, UnreadableError
from functions.intake.words import Language, Phrase, say
from functions.shared.errors import AccueilError, JournalError
from functions.shared.web import Answer, problem


class RefusedError(AccueilError):
    """The call is refused, whatever its form holds; the sentence says what to do.

    `status` is the HTTP status. `retry_after` is the number of seconds after which the caller may
    try again. `headers` are further headers of the answer.
    """

    def __init__(
        self,
        status: int,
        sentence: str,
        retry_after: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.retry_after = retry_after
        self.headers = headers or {}


class KeyReusedError(AccueilError):
    """An idempotency key came again with another submission.

    `reference` is the reference that the key got the first time.
    """

    def __init__(self, reference: str) -> None:
        super().__init__(
            "Cette clé d'idempotence a déjà servi pour une autre demande : "
            "utilisez une clé nouvelle pour chaque demande."
        )
        self.reference = reference


@dataclass(frozen=True)
class Refusal:
    """How an error is answered, to a program and on a page.

    Attributes:
        status: the HTTP status.
        sentence: the sentence for a program.
        headers: further headers of the answer.
        errors: what is wrong with each field.
        notice: what the page says about the whole form, if `sentence` does not suit a page.
        key_used: another request is recorded under the page's key, so the page needs a new key.
    """

    status: int
    sentence: str
    headers: Mapping[str, str] = field(default_factory=dict)
    errors: Sequence[FieldError] = ()
    notice: str = ""
    key_used: bool = False

    @property
    def shown(self) -> Sequence[FieldError]:
        """The errors that the page of the form lists."""
        return self.errors or [FieldError("", self.notice or self.sentence)]


# The errors that the table knows. Any other error is unexpected, and main.py logs it.
ANSWERED = (UnreadableError, InvalidError, KeyReusedError, RefusedError, JournalError)


def refusal(error: AccueilError) -> Refusal:
    """How an error is answered."""
    sentence = error.args[0]  # str(error) would turn a phrase into a plain text
    match error:
        case UnreadableError():
            return Refusal(400, sentence)
        case InvalidError(errors=errors):
            return Refusal(422, sentence, errors=errors)
        case KeyReusedError(reference=reference):
            notice = Phrase(_SENT_BEFORE, reference=reference)
            return Refusal(422, sentence, notice=notice, key_used=True)
        case RefusedError(status=status, headers=headers, retry_after=None):
            return Refusal(status, sentence, headers)
        case RefusedError(status=status, headers=headers, retry_after=seconds):
            return Refusal(status, sentence, {"Retry-After": str(seconds), **headers})
        case JournalError():
            return Refusal(503, _NOT_CONFIRMED, {"Retry-After": "10"})
    return Refusal(503, sentence)


def as_problem(error: AccueilError, lang: Language) -> Answer:
    """The answer to a program."""
    answered = refusal(error)
    fields = [
        {"field": wrong.field, "message": say(wrong.message, lang)} for wrong in answered.errors
    ]
    answer = problem(
        answered.status, say(answered.sentence, lang), **({"errors": fields} if fields else {})
    )
    return replace(answer, headers=answered.headers)


# The request may be recorded all the same, so the sentence says only that this is not confirmed.
_NOT_CONFIRMED = (
    "L'enregistrement de votre demande n'est pas confirmé. Réessayez dans quelques instants."
)
_SENT_BEFORE = (
    "Vous avez déjà envoyé une demande depuis cette page (référence {reference}). "
    "Pour en envoyer une autre, validez de nouveau."
)
