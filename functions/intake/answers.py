"""Reads a posted form: flat fields such as `projects.0.type` become a submission's JSON. Pure."""

import functools
import html
import re
from binascii import a2b_qp
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

from functions.intake.communes import read_communes
from functions.intake.envelope import FIELDS
from functions.intake.messages import SCHEMA, FieldError, field_error, field_name, schema_at
from functions.intake.submission import (
    UNPRINTABLE,
    InvalidError,
    Submission,
    UnreadableError,
    validate,
)
from functions.intake.words import Phrase
from sheets_schema.text import bare

Answers = Mapping[str, Sequence[str]]
_MAX_FIELDS = 200
_MAX_NAME = 60  # characters; this also limits the depth, as each dot in a name is a level
_SHORT = 4_000  # characters
_INDEX = re.compile("0|[1-9][0-9]{0,2}")
_NO_TEXT = ("", "\N{REPLACEMENT CHARACTER}")  # what html makes of numbers that are no character
_ENTITY = re.compile("&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|amp|lt|gt|quot|apos);")


@dataclass(frozen=True)
class PostedForm:
    """A posted form: the typed answers, the submission they make, and errors of reading it.

    `envelope` holds the fields that are not answers (functions/intake/envelope.py).
    """

    answers: Answers
    raw: dict[str, Any]
    errors: tuple[FieldError, ...]
    envelope: dict[str, Any]


def read_form(body: bytes, *, own: bool = False) -> PostedForm:
    """Read an `application/x-www-form-urlencoded` body.

    Args:
        body: the body.
        own: whether a page of ours sent it, and no program escaped what was typed.

    Raises:
        UnreadableError: it is not such a body, it has more than 200 fields, or the name of a field
            is far too long.
    """
    try:
        pairs = parse_pairs(body)
    except ValueError as error:
        raise UnreadableError("Le formulaire envoyé n'est pas lisible.") from error
    answers: dict[str, list[str]] = {}
    pairs = [(name.removeprefix("\ufeff"), value) for name, value in pairs]
    for name, value in ((_dotted(name), value) for name, value in pairs):
        if len(name) > _MAX_NAME:
            raise UnreadableError(
                Phrase("Un nom de champ du formulaire dépasse {most} caractères.", most=_MAX_NAME)
            )
        answers.setdefault(name, []).append(value if own or name in FIELDS else _unescaped(value))
    envelope = {name: answers.pop(name)[-1] for name in FIELDS if name in answers}
    answers = _without_gaps(answers)
    raw: dict[str, Any] = {"projects": [{}]}
    strange: dict[str, Any] = {}  # fields that are no question; validation will report them
    twice = []
    for name, values in answers.items():
        given = [value for value in values if bare(value)]
        path = field_path(name)
        if given and name not in ("target", "target.communes", "target.epcis"):
            if is_question(path):
                _put(raw, path, given)
                if len({text.strip() for text in given}) > 1 and schema_at(path)["type"] != "array":
                    twice.append(field_error(path, Phrase("une seule réponse est possible")))
            else:
                strange[name] = given[0]
    target, errors = _target(answers)
    return PostedForm(answers, raw | target | strange, (*errors, *twice), envelope)


def parse_pairs(body: bytes) -> list[tuple[str, str]]:
    """The names and values of a body, as urllib.parse.parse_qsl reads them, but many times faster.

    To decode 32 KB takes `parse_qsl` milliseconds. A percent sign stands for itself where no
    hexadecimal digits follow it; no browser sends that, so it is read in short bodies only.

    Raises:
        ValueError: the body is not such a body, or has too many fields.
    """
    text = body.decode("utf-8-sig")
    if text.count("&") >= _MAX_FIELDS:
        raise ValueError("fields")
    pairs = [part.replace("+", " ").partition("=") for part in text.split("&") if part]
    try:
        return [(_decoded(name), _decoded(value)) for name, _, value in pairs]
    except _StrayPercentError:
        if len(text) > _SHORT:
            raise
    decode = functools.partial(unquote, errors="strict")
    return [(decode(name), decode(value)) for name, _, value in pairs]


class _StrayPercentError(ValueError):
    """A percent sign is not followed by two hexadecimal digits."""


def _decoded(text: str) -> str:
    """`text` with its characters in place of their codes.

    Quoted-printable is the same with another sign, and is decoded by C. There each code becomes
    two bytes shorter; a sign without a code does not, except at the end of a line.

    Raises:
        _StrayPercentError: a percent sign stands for itself.
        UnicodeDecodeError: the codes are not UTF-8.
    """
    codes = text.count("%")
    if not codes:
        return text
    coded = text.replace("=", "=3D").replace("%", "=").encode()
    decoded = a2b_qp(coded)
    codes += text.count("=") if "=" in text else 0
    broken = ("\n" in text and "%\n" in text) or ("\r" in text and "%\r" in text)
    if broken or len(decoded) + 2 * codes != len(coded):
        raise _StrayPercentError
    return decoded.decode()


def validated(posted: PostedForm) -> Submission:
    """The submission that a posted form makes.

    Raises:
        InvalidError: the submission breaks rules; errors of reading the form are among its errors.
    """
    errors = list(posted.errors)
    try:
        submission = validate(posted.raw)
    except InvalidError as error:
        reported = {wrong.field for wrong in errors}
        errors += [wrong for wrong in error.errors if wrong.field not in reported]
    if errors:
        raise InvalidError(errors)
    return submission


def _unescaped(text: str) -> str:
    """`text` as a person wrote it, where a program in between escaped it for a web page.

    Some CMS send D&#039;Angelo. Only the five entities of XML and numeric ones are meant, once.
    """
    return _ENTITY.sub(_character, text)


def _character(entity: re.Match[str]) -> str:
    char = html.unescape(entity[0])
    return entity[0] if UNPRINTABLE.search(char) or char in _NO_TEXT else char


def _without_gaps(answers: dict[str, list[str]]) -> dict[str, list[str]]:
    """The answers, with further projects moved up where a project was left blank."""
    filled = {
        int(path[1])
        for name, values in answers.items()
        if (path := field_path(name))[0] == "projects"
        and is_question(path)
        and any(map(bare, values))
    }
    places = {old: new for new, old in enumerate(sorted({0, *filled}))}
    moved = {}
    for name, values in answers.items():
        match field_path(name):
            case ["projects", int(old), *rest] if old in places:
                moved[field_name(("projects", places[old], *rest))] = values
            case path if not is_question(path) or path[0] != "projects":
                moved[name] = values
    return moved


def _dotted(name: str) -> str:
    """Turn a field's name in PHP's notation into ours: `projects[0][type]`, `needs[]`, `needs[0]`.

    If a question has several answers, PHP numbers them. Here the name of the field is repeated.
    """
    dotted = re.sub(r"\[([^\[\]]*)\]", r".\1", name)
    question, _, last = dotted.rpartition(".")
    if dotted != name and (not last or _INDEX.fullmatch(last)):
        schema = schema_at(field_path(question))
        if schema.get("type") == "array" and schema["items"].get("type") != "object":
            return question
    return dotted


@functools.lru_cache(maxsize=512)  # a form asks several times about each of its names
def field_path(name: str) -> tuple[str | int, ...]:
    """The path that a field's name stands for: `projects.0.type`."""
    return tuple(int(step) if _INDEX.fullmatch(step) else step for step in name.split("."))


@functools.lru_cache(maxsize=512)
def is_question(path: tuple[str | int, ...]) -> bool:
    """Whether the path leads to a question, rather than to a group of questions or to nothing."""
    schema = schema_at(path)
    most = schema_at(path[:1]).get("maxItems", 0)
    if any(isinstance(step, int) and step >= most for step in path):
        return False
    return schema.get("type") in ("string", "integer", "boolean") or (
        schema.get("type") == "array" and "oneOf" in schema["items"]
    )


def _put(raw: dict[str, Any], path: tuple[str | int, ...], given: list[str]) -> None:
    """Set the value at a path of a submission, and create the groups on the way."""
    node: Any = raw
    for step, following in pairwise(path):
        if isinstance(step, int):
            node.extend({} for _ in range(step + 1 - len(node)))
            node = node[step]
        else:
            node = node.setdefault(step, [] if isinstance(following, int) else {})
    node[path[-1]] = _typed(schema_at(path), given)


def _typed(schema: Mapping[str, Any], given: list[str]) -> Any:  # noqa: ANN401  (a JSON value)
    """Form values as JSON of their field's type. A value that does not fit stays a text.

    Validation will report it.
    """
    value = given[0].strip()
    match schema.get("type"):
        case "array":
            return given
        case "integer" if re.fullmatch("-?[0-9]{1,9}", value):
            return int(value)
        case "boolean" if value in ("true", "on", "1"):
            return True
        case "boolean" if value in ("false", "off", "0"):  # what a CMS sends for an empty box
            return False
    return given[0]


def _target(answers: Answers) -> tuple[dict[str, Any], list[FieldError]]:
    """The target. It is given in one of four ways: by the radio button, or by what is filled in.

    An answer to another way than the chosen one may be visible on the page, so it is asked about,
    not dropped.
    """
    communes = [text for text in answers.get("target.communes", []) if bare(text)]
    epcis = [code for code in answers.get("target.epcis", []) if bare(code)]
    chosen = [choice for choice in answers.get("target", []) if bare(choice)]
    filled = [name for name, given in (("communes", communes), ("epcis", epcis)) if given]
    others = [name for name in filled if name not in chosen]
    if others and len(chosen) == 1:
        return {}, [_wrong_target(Phrase(_ALSO[others[0]]))]
    match chosen or filled:
        case []:
            return {}, []
        case ["communes"] if len(communes) > _MAX_COMMUNES:
            most = Phrase("{most} communes au plus", most=_MAX_COMMUNES)
            return {}, [replace(_wrong_target(most), field="target.communes")]
        case ["communes"] if communes:
            codes, errors = read_communes(communes)
            return {"target": {"communes": codes}} if codes else {}, errors
        case ["epcis"] if epcis:
            return {"target": {"epcis": epcis}}, []
        case ["communes" | "epcis" as kind]:
            return {}, [_wrong_target(Phrase(_NONE[kind]))]
        case ["anywhere" | "unknown" as kind]:
            return {"target": {kind: True}}, []
    return {}, [_wrong_target(Phrase("choisissez une seule réponse"))]


def _wrong_target(sentence: Phrase) -> FieldError:
    return field_error(("target",), sentence)


_NONE = {"communes": "indiquez au moins une commune", "epcis": "indiquez au moins une ville"}
_ALSO = {
    "communes": "vous avez aussi écrit des communes ; effacez-les, ou choisissez "
    "« Dans une commune que je connais »",
    "epcis": "vous avez aussi coché des villes ; décochez-les, ou choisissez "
    "« Autour d'une ou de plusieurs villes »",
}
_MAX_COMMUNES = SCHEMA["properties"]["target"]["properties"]["communes"]["maxItems"]
