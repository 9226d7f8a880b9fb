"""Reads a posted form: flat fields such as `projects.0.type` become a submission's JSON. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl

from functions.intake.messages import SCHEMA, FieldError, field_error, schema_at
from functions.intake.submission import UnreadableError
from sheets_schema.territory import Commune, territories

KEY_FIELD = "idempotency_key"
Answers = Mapping[str, Sequence[str]]
_MAX_FIELDS = 200
_MAX_NAME = 60  # characters; each dot of a name is a step of a path
_INDEX = re.compile("0|[1-9][0-9]{0,2}")


@dataclass(frozen=True)
class PostedForm:
    """A posted form: what was typed, the submission it makes, and what cannot even be that."""

    answers: Answers
    raw: dict[str, Any]
    errors: tuple[FieldError, ...]
    key: str | None


def read_form(body: bytes) -> PostedForm:
    """Read an `application/x-www-form-urlencoded` body.

    Raises:
        UnreadableError: it is not one, has more than 200 fields, or one whose name is far too long.
    """
    try:
        pairs = parse_qsl(
            body.decode("utf-8"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MAX_FIELDS,
        )
    except ValueError as error:
        raise UnreadableError("Le formulaire envoyé n'est pas lisible.") from error
    answers: dict[str, list[str]] = {}
    for name, value in pairs:
        if len(name) > _MAX_NAME:
            raise UnreadableError(f"Un nom de champ du formulaire dépasse {_MAX_NAME} caractères.")
        answers.setdefault(name, []).append(value)
    keys = answers.pop(KEY_FIELD, [])
    raw: dict[str, Any] = {"projects": [{}]}
    strange: dict[str, Any] = {}  # names that are no question; validation names them
    twice = []
    for name, values in answers.items():
        given = [value for value in values if value.strip()]
        path = field_path(name)
        if given and name not in ("target", "target.communes", "target.epcis"):
            if is_question(path):
                _put(raw, path, given)
                if len({one.strip() for one in given}) > 1 and schema_at(path)["type"] != "array":
                    twice.append(field_error(path, "une seule réponse est possible"))
            else:
                strange[name] = given[0]
    target, errors = _target(answers)
    return PostedForm(
        answers, raw | target | strange, (*errors, *twice), keys[-1] if keys else None
    )


def field_path(name: str) -> list[str | int]:
    """The path that a field's name stands for: `projects.0.type`."""
    return [int(step) if _INDEX.fullmatch(step) else step for step in name.split(".")]


def is_question(path: Sequence[str | int]) -> bool:
    """Whether the path leads to something one answers, rather than to a group or to nowhere."""
    schema = schema_at(path)
    most = schema_at(path[:1]).get("maxItems", 0)
    if any(isinstance(step, int) and step >= most for step in path):
        return False
    return schema.get("type") in ("string", "integer", "boolean") or (
        schema.get("type") == "array" and "oneOf" in schema["items"]
    )


def _put(raw: dict[str, Any], path: list[str | int], given: list[str]) -> None:
    """Set the value at a path of a submission, creating what is on the way."""
    node: Any = raw
    for step, following in pairwise(path):
        if isinstance(step, int):
            node.extend({} for _ in range(step + 1 - len(node)))
            node = node[step]
        else:
            node = node.setdefault(step, [] if isinstance(following, int) else {})
    node[path[-1]] = _typed(schema_at(path), given)


def _typed(schema: Mapping[str, Any], given: list[str]) -> Any:  # noqa: ANN401  (a JSON value)
    """Form values as the JSON their field takes; what does not fit stays text, for validation."""
    value = given[0].strip()
    match schema.get("type"):
        case "array":
            return given
        case "integer" if re.fullmatch("[0-9]{1,9}", value):
            return int(value)
        case "boolean" if value in ("true", "on", "1"):
            return True
    return given[0]


def _target(answers: Answers) -> tuple[dict[str, Any], list[FieldError]]:
    """The four ways to say where, told apart by the radio button or by what is filled in."""
    communes = [text for text in answers.get("target.communes", []) if text.strip()]
    epcis = [code for code in answers.get("target.epcis", []) if code.strip()]
    chosen = [choice for choice in answers.get("target", []) if choice]
    if not chosen:
        chosen = [name for name, given in (("communes", communes), ("epcis", epcis)) if given]
    match chosen:
        case []:
            return {}, []
        case ["communes"] if len(communes) > _MAX_COMMUNES:
            message = f"{_TARGET} : {_MAX_COMMUNES} communes au plus."
            return {}, [FieldError("target.communes", message)]
        case ["communes"] if communes:
            codes, errors = _communes(communes)
            return {"target": {"communes": codes}}, errors
        case ["epcis"] if epcis:
            return {"target": {"epcis": epcis}}, []
        case ["communes" | "epcis" as kind]:
            what = "au moins une commune" if kind == "communes" else "au moins un secteur"
            return {}, [FieldError("target", f"{_TARGET} : indiquez {what}.")]
        case ["anywhere" | "unknown" as kind]:
            return {"target": {kind: True}}, []
    return {}, [FieldError("target", f"{_TARGET} : choisissez une seule réponse.")]


_TARGET = SCHEMA["properties"]["target"]["title"].removesuffix(" ?")
_MAX_COMMUNES = SCHEMA["properties"]["target"]["properties"]["communes"]["maxItems"]


def _communes(texts: Sequence[str]) -> tuple[list[str], list[FieldError]]:
    codes, errors = [], []
    for index, text in enumerate(texts):
        found = territories().find(text)
        if isinstance(found, Commune):
            codes.append(found.code)
        else:
            names = list(_like(text))
            hint = f" ; vouliez-vous dire {' ou '.join(names)} ?" if names else "."
            message = f"Commune : ce n'est pas une commune du Lot{hint}"
            errors.append(FieldError(f"target.communes.{index}", message))
    return list(dict.fromkeys(codes)), errors


def _like(text: str) -> Iterator[str]:
    names = [commune.name for commune in territories().communes.values()]
    folded = {name.casefold(): name for name in names}
    for name in get_close_matches(text.strip().casefold(), folded, n=3, cutoff=0.7):
        yield f"« {folded[name]} »"
