import json

import pytest

from functions.intake.messages import FieldError
from functions.intake.refusals import (
    ANSWERED,
    KeyReusedError,
    Refusal,
    RefusedError,
    as_problem,
    refusal,
)
from functions.intake.submission import InvalidError, UnreadableError
from functions.intake.words import Phrase
from functions.shared.errors import AccueilError, JournalError

WRONG = [FieldError("phone", "Vos données")]
NOT_CONFIRMED = (
    "L'enregistrement de votre demande n'est pas confirmé. Réessayez dans quelques instants."
)
TO_CORRECT = "Certaines réponses sont à corriger."
KEY_USED = (
    "Cette clé d'idempotence a déjà servi pour une autre demande : "
    "utilisez une clé nouvelle pour chaque demande."
)

TABLE = {
    UnreadableError("Illisible."): Refusal(400, "Illisible."),
    InvalidError(WRONG): Refusal(422, TO_CORRECT, errors=WRONG),
    KeyReusedError("LOT-1"): Refusal(
        422,
        KEY_USED,
        notice="Vous avez déjà envoyé une demande depuis cette page (référence LOT-1). "
        "Pour en envoyer une autre, validez de nouveau.",
        key_used=True,
    ),
    RefusedError(403, "Non."): Refusal(403, "Non."),
    RefusedError(429, "Non.", 7): Refusal(429, "Non.", {"Retry-After": "7"}),
    RefusedError(405, "Non.", headers={"Allow": "GET"}): Refusal(405, "Non.", {"Allow": "GET"}),
    JournalError("pending/x ne répond pas."): Refusal(503, NOT_CONFIRMED, {"Retry-After": "10"}),
}


@pytest.mark.parametrize(
    ("error", "expected"), TABLE.items(), ids=[type(error).__name__ for error in TABLE]
)
def test_each_error_has_its_answer(error: AccueilError, expected: Refusal):
    assert isinstance(error, ANSWERED)
    assert refusal(error) == expected


def test_a_page_shows_what_is_wrong_with_fields_or_else_the_notice_or_the_sentence():
    assert Refusal(422, "Phrase.", errors=WRONG, notice="Avis.").shown == WRONG
    assert Refusal(422, "Phrase.", notice="Avis.").shown == [FieldError("", "Avis.")]
    assert Refusal(422, "Phrase.").shown == [FieldError("", "Phrase.")]


def test_a_program_is_told_in_its_language_field_by_field():
    answer = as_problem(InvalidError(WRONG), "en")
    assert json.loads(answer.body) == {
        "type": "about:blank",
        "status": 422,
        "title": "Some answers need correcting.",
        "errors": [{"field": "phone", "message": "Your data"}],
    }


def test_a_program_is_told_no_fields_where_none_is_wrong():
    error = RefusedError(413, Phrase("{most} réponses au plus", most=3), 2, {"Allow": "GET"})
    answer = as_problem(error, "en")
    assert json.loads(answer.body) == {
        "type": "about:blank",
        "status": 413,
        "title": "3 answers at most",
    }
    assert answer.headers == {"Retry-After": "2", "Allow": "GET"}
