"""Validation of an arrival request: bytes in, a clean submission or sentences out. Pure.

The rules are in `submission.json`. This module reads JSON strictly, tidies what people typed, and
says what is wrong. No sentence repeats what was typed, because error bodies must hold nothing
personal.
"""

import functools
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from functions.intake.messages import SCHEMA, FieldError, contact_fault, explain, field_error
from functions.intake.words import Phrase
from functions.shared.errors import AccueilError
from sheets_schema.contact import parse_email, parse_phone, parse_postcode, phone_region
from sheets_schema.errors import ContactError
from sheets_schema.territory import Commune, territories
from sheets_schema.text import bare, has_letter, undisguised

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

Submission = dict[str, Any]

_FORMATS = {
    "commune": lambda code: isinstance(territories().with_code(code), Commune),
    "epci": lambda code: code in territories().epcis,
    # Checked when they are normalised, because a phone number depends on other answers.
    "email": lambda _: True,
    "phone": lambda _: True,
    "postcode": lambda _: True,
}
# This validator says quickly whether a submission is valid, as most are. If one is not,
# `_explaining` says what is wrong.
_QUICK = jsonschema_rs.Draft202012Validator(SCHEMA, validate_formats=True, formats=_FORMATS)
_DEFAULTS = {
    name: property_["default"]
    for name, property_ in SCHEMA["properties"].items()
    if "default" in property_
}
# Control characters except the line break, and lone surrogates of UTF-16.
UNPRINTABLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_MAX_DEPTH = 8
_CONTAINERS = (dict, list)
# Far more values than a submission has. Each takes time, from whoever sends 32 KB of them, so they
# are counted before anything is made of them: first what may separate values, then the values.
_MAX_SEPARATORS = 3_000  # a message may hold 2,000 commas
_MAX_VALUES = 500
# A text longer than any answer may be is refused before it is tidied, because composing its
# characters may take seconds.
_MAX_TEXT = 3_000
_LONG = 300  # characters; longer than any address, number or country
# Far more items than any question takes. Rules such as uniqueItems compare all items with each
# other, so a longer list is refused before its items are compared. Of a flood of errors only the
# first are told.
_MAX_ITEMS = 50
_MAX_FIELDS = 100
_MAX_ERRORS = 50


class UnreadableError(AccueilError):
    """The body is not what its media type says."""


class InvalidError(AccueilError):
    """The submission breaks rules; there is an entry for each faulty field."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("Certaines réponses sont à corriger.")
        self.errors = errors


def parse_json(body: bytes) -> Any:  # noqa: ANN401  (a JSON value)
    """Read strict JSON: UTF-8, no key twice, no NaN, at most 8 levels and 500 values.

    A byte order mark in front does not matter.

    Raises:
        UnreadableError: the body is not such JSON.
    """
    readable = len(body) <= _MAX_SEPARATORS or sum(map(body.count, b",[{")) <= _MAX_SEPARATORS
    try:
        value = _STRICT.decode(body.decode("utf-8-sig")) if readable else None
        readable = readable and not _is_large(value)
    except UnicodeDecodeError as error:
        raise UnreadableError("Le corps de la requête n'est pas en UTF-8.") from error
    except json.JSONDecodeError as error:
        sentence = "Le corps de la requête n'est pas du JSON (ligne {line}, colonne {column})."
        where = Phrase(sentence, line=error.lineno, column=error.colno)
        raise UnreadableError(where) from error
    except ValueError as error:
        raise UnreadableError("Un nombre du corps de la requête est trop grand.") from error
    except RecursionError:
        readable = False
    if not readable:
        raise UnreadableError(_TOO_LARGE)
    return value


_TOO_LARGE = (
    "Le corps de la requête compte trop de valeurs ou est trop imbriqué (500 valeurs, 8 niveaux)."
)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) < len(pairs):
        raise UnreadableError("Une clé figure deux fois dans le corps de la requête.")
    return read


def _no_constant(name: str) -> None:
    raise UnreadableError(Phrase("{name} n'est pas du JSON.", name=name))


_STRICT = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_constant)


def validate(raw: Any) -> Submission:  # noqa: ANN401  (a JSON value)
    r"""The clean submission: tidied, defaults filled in, phone in E.164, address normalised.

    A blank answer and null count as not given. A blank target is an error, because a sender who
    gives a target has to choose one. Spaces around a text are dropped, line ends become \n, and
    2.0 becomes 2. A lone first name becomes the last name, which everybody has.

    Raises:
        InvalidError: the submission breaks rules; there is a message for each faulty field, up
            to 50.
    """
    tidy = _tidy(raw)
    if isinstance(raw, dict) and isinstance(raw.get("target"), dict):
        tidy.setdefault("target", {})
    if isinstance(tidy, dict):
        _straighten(tidy)
        if _is_name(tidy.get("first_name")) and not (
            "last_name" in tidy or isinstance(raw.get("last_name"), dict)
        ):
            tidy["last_name"] = tidy.pop("first_name")  # somebody with one name only
    entries = [] if _is_plain(tidy) else _some(_crowded(tidy)) or _some(_unprintable(tidy))
    if not entries and not _is_valid(tidy):
        entries = _some(chain.from_iterable(map(explain, _explaining().iter_errors(tidy))))
    contacts, faults = _contacts(tidy) if isinstance(tidy, dict) else ({}, [])
    for fault in [*_unnamed(tidy), *faults]:
        later = [at for at, entry in enumerate(entries) if _place(entry) > _place(fault)]
        entries.insert(min(later, default=len(entries)), fault)
    if entries:
        first = {entry.field: entry for entry in reversed(entries)}
        raise InvalidError([entry for entry in entries if entry is first[entry.field]])
    clean: Submission = _DEFAULTS | {"target": {"unknown": True}} | tidy | contacts
    if "communes" in clean["target"]:
        today = [territories().with_code(code) for code in clean["target"]["communes"]]
        clean["target"] = {"communes": list(dict.fromkeys(item.code for item in today if item))}
    return clean


def _place(error: FieldError) -> int:
    """The place of the question that an error is about, in the order of the schema."""
    return _ORDER.get(error.field.partition(".")[0], -1)


_ORDER = {name: place for place, name in enumerate(SCHEMA["properties"])}


def _straighten(tidy: dict[str, Any]) -> None:
    """Take tabs and line breaks for spaces where they come with pasting, and mean nothing."""
    for group, name in ((tidy, "email"), (tidy, "phone"), (tidy.get("origin"), "postcode")):
        if isinstance(group, dict) and isinstance(group.get(name), str):
            group[name] = _BREAKS.sub(" ", group[name])


_BREAKS = re.compile(r"[\t\n\v\f]")


def _is_name(value: Any) -> bool:  # noqa: ANN401  (a JSON value)
    return isinstance(value, str) and len(value) <= SCHEMA["properties"]["last_name"]["maxLength"]


def _unnamed(tidy: Any) -> Iterator[FieldError]:  # noqa: ANN401  (a JSON value)
    """What is wrong with names in which there is nothing to call a person by."""
    for name in ("first_name", "last_name") if isinstance(tidy, dict) else ():
        if isinstance(text := tidy.get(name), str) and not has_letter(text):
            yield field_error((name,), Phrase("écrivez-le avec des lettres"))


def _some(entries: Iterator[FieldError]) -> list[FieldError]:
    return list(islice(entries, _MAX_ERRORS))


def _is_valid(tidy: Any) -> bool:  # noqa: ANN401  (a JSON value)
    try:
        return _QUICK.is_valid(tidy)
    except ValueError:  # a number too large for the validator
        return False


def _contacts(tidy: Mapping[str, Any]) -> tuple[dict[str, Any], list[FieldError]]:
    """How to reach the sender, normalised, and what is wrong with it."""
    clean: dict[str, Any] = {}
    faults = []
    origin = {name: text for name, text in _texts(tidy.get("origin")) if name in _WHERE}
    if "postcode" in origin:
        clean["origin"] = tidy["origin"] | {"postcode": parse_postcode(origin["postcode"])}
    for name, text in _texts(tidy):
        try:
            if name == "email":
                clean[name] = parse_email(text)
            elif name == "phone":
                region = phone_region(origin.get("country", ""), origin.get("postcode", ""))
                clean[name] = parse_phone(text, region)
        except ContactError as error:
            faults.append(field_error((name,), contact_fault(error)))
    return clean, faults


_WHERE = ("postcode", "country")


def _texts(group: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401  (a JSON value)
    """The names and values of those answers in a group that are texts of a reasonable length."""
    items = group.items() if isinstance(group, dict) else ()
    return ((name, text) for name, text in items if isinstance(text, str) and len(text) < _LONG)


@functools.cache
def _explaining() -> "Draft202012Validator":
    """The validator whose errors can be explained to people; slower, and loaded when needed."""
    from jsonschema import Draft202012Validator, FormatChecker, ValidationError  # noqa: PLC0415
    from jsonschema.validators import extend  # noqa: PLC0415

    # The library's own errors of these two rules repeat all that was typed, which takes long.
    def max_length(_: Any, most: int, text: Any, __: Any) -> Iterator[ValidationError]:  # noqa: ANN401
        if isinstance(text, str) and len(text) > most:
            yield ValidationError("")

    def any_of(_: Any, choices: Any, value: Any, __: Any) -> Iterator[ValidationError]:  # noqa: ANN401
        given = value if isinstance(value, dict) else SCHEMA["properties"]
        if not any(given.keys() >= set(choice["required"]) for choice in choices):
            yield ValidationError("")

    rules = {"maxLength": max_length, "anyOf": any_of}
    validator: type[Draft202012Validator] = extend(Draft202012Validator, rules)  # type: ignore[no-untyped-call]
    formats = FormatChecker(formats=())
    for name, check in _FORMATS.items():
        formats.checks(name)(lambda value, check=check: not isinstance(value, str) or check(value))
    return validator(SCHEMA, format_checker=formats)


def _tidy(value: Any) -> Any:  # noqa: ANN401  (a JSON value)
    if isinstance(value, str):
        if value.isascii() and value.isprintable():
            return value.strip()
        if len(value) > _MAX_TEXT:
            return value
        text = bare(undisguised(value).replace("\r\n", "\n").replace("\r", "\n"))
        return text if len(text) > _MAX_TEXT else unicodedata.normalize("NFC", text)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [tidy for item in value if (tidy := _tidy(item)) not in ("", None)]
    if isinstance(value, dict):
        pairs = ((key, _tidy(item)) for key, item in value.items())
        return {key: tidy for key, tidy in pairs if tidy not in ("", None, [], {})}
    return value


def _is_large(value: Any) -> bool:  # noqa: ANN401  (a JSON value)
    """Whether there are more than `_MAX_DEPTH` levels, or more than `_MAX_VALUES` values."""
    level, values = [value], 0
    for _ in range(_MAX_DEPTH):
        containers = [item for item in level if isinstance(item, _CONTAINERS)]
        values += sum(map(len, containers))
        if values > _MAX_VALUES:
            return True
        level = [
            inner
            for outer in containers
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return any(isinstance(item, _CONTAINERS) for item in level)


def _is_plain(value: Any) -> bool:  # noqa: ANN401  (a JSON value)
    """Whether it is certain that `_crowded` and `_unprintable` report nothing, as is usual."""
    items = [value]
    for item in items:  # the loop appends to this list
        if isinstance(item, str):
            if not item.isprintable():
                return False
        elif isinstance(item, dict):
            if len(item) > _MAX_FIELDS:
                return False
            items += item
            items += item.values()
        elif isinstance(item, list):
            if len(item) > _MAX_ITEMS:
                return False
            items += item
    return True


def _crowded(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[FieldError]:  # noqa: ANN401
    if isinstance(value, list) and len(value) > _MAX_ITEMS:
        yield field_error(path, Phrase("{most} réponses au plus", most=_MAX_ITEMS))
    elif isinstance(value, dict) and len(value) > _MAX_FIELDS:
        yield field_error(path, Phrase("{most} champs au plus", most=_MAX_FIELDS))
    elif isinstance(value, dict | list):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        for step, item in inner:
            yield from _crowded(item, (*path, step))


def _unprintable(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[FieldError]:  # noqa: ANN401
    if isinstance(value, dict):
        for key, item in value.items():
            if UNPRINTABLE.search(key):
                yield FieldError("", "Un nom de champ contient un caractère interdit.")
            else:
                yield from _unprintable(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _unprintable(item, (*path, index))
    elif isinstance(value, str):
        if UNPRINTABLE.search(value):
            yield field_error(path, Phrase("un caractère de contrôle ou illisible s'y trouve"))
        elif "\n" in value and path != ("message",):
            yield field_error(path, Phrase("la réponse tient sur une seule ligne"))
