"""The fields that travel with a submission: idempotency key, proof of work, bait. Pure."""

import re
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from functions.intake.submission import UNPRINTABLE, UnreadableError
from functions.intake.words import LANGUAGES, Language, Phrase

# Forms and JSON use the same names. The bait is a field of the form that people do not see.
KEY, PROOF, BAIT, LANGUAGE = "idempotency_key", "altcha", "homepage", "lang"
# Says that the person was asked whether the address is right, and sends it as it is.
ASKED = "email_asked"
FIELDS = (KEY, PROOF, BAIT, ASKED, LANGUAGE)
_HEADER_KEY = re.compile(r'"([\x21\x23-\x7e]{1,255})"|([\x21\x23-\x7e]{1,255})')
# A placeholder such as [webform_submission:uuid] that a CMS should have replaced and did not. It is
# the same for everybody, so it cannot be a key.
_PLACEHOLDER = re.compile(r"\[[a-z][\w-]*:[\w:-]+\]|\{[a-z]\w*[_: ][\w:. ]*\}", re.IGNORECASE)
_MAX_KEY = 255


@dataclass(frozen=True)
class Envelope:
    """The values of FIELDS, as they arrived."""

    key: str | None = None
    proof: str = ""
    bait: str = ""
    lang: Language | None = None
    asked: bool = False


def open_envelope(fields: MutableMapping[str, Any], headers: Mapping[str, str]) -> Envelope:
    """Take the fields that are not part of the submission out of its fields.

    The Idempotency-Key header counts before the field of that name. Its value is a quoted string in
    the IETF draft (draft-ietf-httpapi-idempotency-key-header), and not quoted in practice.

    Raises:
        UnreadableError: a value is no text, or the key is malformed or too long.
    """
    taken = {name: value for name in FIELDS if (value := fields.pop(name, None)) is not None}
    for name, value in taken.items():
        if not isinstance(value, str) or UNPRINTABLE.search(value):
            raise UnreadableError(Phrase("Le champ « {name} » est un texte.", name=name))
    key = taken.get(KEY, "").strip()
    if len(key) > _MAX_KEY:
        sentence = "Le champ « {name} » compte au plus {most} caractères."
        raise UnreadableError(Phrase(sentence, name=KEY, most=_MAX_KEY))
    key = _header_key(headers) or key or None
    if key and _PLACEHOLDER.search(key):
        raise UnreadableError(_NOT_REPLACED)
    lang = next((language for language in LANGUAGES if taken.get(LANGUAGE) == language), None)
    asked = bool(taken.get(ASKED, "").strip())
    return Envelope(key, taken.get(PROOF, ""), taken.get(BAIT, ""), lang, asked)


def _header_key(headers: Mapping[str, str]) -> str | None:
    text = headers.get("idempotency-key")
    if text is None:
        return None
    match = _HEADER_KEY.fullmatch(text.strip())
    if not match:
        raise UnreadableError("Idempotency-Key : 1 à 255 caractères ASCII, entre guillemets.")
    return match[1] or match[2]


_NOT_REPLACED = (
    "La clé d'idempotence contient un jeton que votre site n'a pas remplacé : la même clé "
    "servirait à tout le monde. Vérifiez la configuration de l'envoi."
)
