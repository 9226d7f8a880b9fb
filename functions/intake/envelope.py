"""What comes with a submission and is no part of it: idempotency key, proof of work, bait. Pure."""

import re
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from functions.intake.submission import UNPRINTABLE, UnreadableError
from functions.intake.words import LANGUAGES, Language, Phrase

# The same names in a form and in JSON. The bait stands in the form where people do not see it.
KEY, PROOF, BAIT, LANGUAGE = "idempotency_key", "altcha", "homepage", "lang"
FIELDS = (KEY, PROOF, BAIT, LANGUAGE)
_HEADER_KEY = re.compile(r'"([\x21\x23-\x7e]{1,255})"|([\x21\x23-\x7e]{1,255})')
# What a CMS was to replace and did not: the same text for everybody, [webform_submission:uuid].
_PLACEHOLDER = re.compile(r"\[[a-z][\w-]*:[\w:-]+\]|\{[a-z]\w*[_: ][\w:. ]*\}", re.IGNORECASE)
_MAX_KEY = 255


@dataclass(frozen=True)
class Envelope:
    """The fields of FIELDS, as they came."""

    key: str | None = None
    proof: str = ""
    bait: str = ""
    lang: Language | None = None


def open_envelope(fields: MutableMapping[str, Any], headers: Mapping[str, str]) -> Envelope:
    """Take what is no part of a submission out of its fields.

    The Idempotency-Key header counts before the field: a quoted string in the IETF draft
    (draft-ietf-httpapi-idempotency-key-header), bare in practice.

    Raises:
        UnreadableError: one of them is no text, or the key is malformed or too long.
    """
    taken = {name: fields.pop(name) for name in FIELDS if name in fields}
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
    return Envelope(key, taken.get(PROOF, ""), taken.get(BAIT, ""), lang)


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
