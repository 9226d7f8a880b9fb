"""Validation of an arrival request: bytes in, a clean submission or French sentences out. Pure.

The rules are those of `submission.json`; this module reads JSON strictly, tidies what people type
and says in French what is wrong. No sentence repeats what was typed: error bodies hold nothing
personal.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from functions.intake.messages import SCHEMA, FieldError, explain, field_error
from functions.shared.errors import AccueilError, CellError
from sheets_schema.columns import parse_email, parse_phone
from sheets_schema.territory import territories

Submission = dict[str, Any]

_FORMATS = FormatChecker(formats=())
_VALIDATOR = Draft202012Validator(SCHEMA, format_checker=_FORMATS)
# Everything but the line break: control characters, and halves of UTF-16 pairs.
_UNPRINTABLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_MAX_DEPTH = 8


class UnreadableError(AccueilError):
    """The body is not what its media type says."""


class InvalidError(AccueilError):
    """The submission breaks rules; one entry for each field."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("Certaines réponses sont à corriger.")
        self.errors = errors


def parse_json(body: bytes) -> Any:  # noqa: ANN401  (a JSON value)
    """Read strict JSON: UTF-8, no key twice, no NaN, at most 8 levels.

    Raises:
        UnreadableError: it is not.
    """

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        if len(set(keys)) < len(keys):
            raise UnreadableError("Une clé figure deux fois dans le corps de la requête.")
        return dict(pairs)

    def no_constant(name: str) -> None:
        raise UnreadableError(f"{name} n'est pas du JSON.")

    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=once, parse_constant=no_constant)
        readable = _depth(value) <= _MAX_DEPTH
    except UnicodeDecodeError as error:
        raise UnreadableError("Le corps de la requête n'est pas en UTF-8.") from error
    except json.JSONDecodeError as error:
        where = f"ligne {error.lineno}, colonne {error.colno}"
        raise UnreadableError(f"Le corps de la requête n'est pas du JSON ({where}).") from error
    except ValueError as error:
        raise UnreadableError("Un nombre du corps de la requête est trop grand.") from error
    except RecursionError:
        readable = False
    if not readable:
        raise UnreadableError("Le corps de la requête est trop imbriqué.")
    return value


def validate(raw: Any) -> Submission:  # noqa: ANN401  (a JSON value)
    r"""The clean submission: tidied, defaults filled in, phone in E.164, address normalised.

    Blank answers count as not given, but for a target: who sends one has to choose. "" and spaces
    around are dropped, line ends become \n, 2.0 becomes 2.

    Raises:
        InvalidError: with a French message for every faulty field.
    """
    tidy = _tidy(raw)
    if isinstance(raw, dict) and isinstance(raw.get("target"), dict):
        tidy.setdefault("target", {})
    entries = list(_unprintable(tidy)) or [
        entry for fault in _VALIDATOR.iter_errors(tidy) for entry in explain(fault)
    ]
    if entries:
        first = {entry.field: entry for entry in reversed(entries)}
        raise InvalidError([entry for entry in entries if entry is first[entry.field]])
    for name, property_ in SCHEMA["properties"].items():
        if "default" in property_:
            tidy.setdefault(name, property_["default"])
    tidy.setdefault("target", {"unknown": True})
    if "email" in tidy:
        tidy["email"] = parse_email(tidy["email"])
    if "phone" in tidy:
        tidy["phone"] = parse_phone(tidy["phone"])
    valid: Submission = tidy
    return valid


def fingerprint(submission: Submission) -> str:
    """A hash that two submissions share exactly when they say the same."""
    canonical = json.dumps(submission, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


@_FORMATS.checks("email", raises=CellError)
def _is_email(value: object) -> bool:
    return not isinstance(value, str) or bool(parse_email(value))


@_FORMATS.checks("phone", raises=CellError)
def _is_phone(value: object) -> bool:
    return not isinstance(value, str) or bool(parse_phone(value))


@_FORMATS.checks("commune")
def _is_commune(value: object) -> bool:
    return not isinstance(value, str) or value in territories().communes


@_FORMATS.checks("epci")
def _is_epci(value: object) -> bool:
    return not isinstance(value, str) or value in territories().epcis


def _tidy(value: Any) -> Any:  # noqa: ANN401  (a JSON value)
    if isinstance(value, str):
        lines = value.replace("\r\n", "\n").replace("\r", "\n")
        return unicodedata.normalize("NFC", lines).strip()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [tidy for item in value if (tidy := _tidy(item)) != ""]
    if isinstance(value, dict):
        tidied = {key: _tidy(item) for key, item in value.items()}
        return {key: item for key, item in tidied.items() if item not in ("", [], {})}
    return value


def _depth(value: Any) -> int:  # noqa: ANN401  (a JSON value)
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    return 0


def _unprintable(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[FieldError]:  # noqa: ANN401
    if isinstance(value, dict):
        for key, item in value.items():
            if _UNPRINTABLE.search(key):
                yield FieldError("", "Un nom de champ contient un caractère interdit.")
            else:
                yield from _unprintable(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _unprintable(item, (*path, index))
    elif isinstance(value, str):
        if _UNPRINTABLE.search(value):
            yield field_error(path, "un caractère de contrôle ou illisible s'y trouve")
        elif "\n" in value and path != ("message",):
            yield field_error(path, "la réponse tient sur une seule ligne")
