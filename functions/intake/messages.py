"""The French sentence for every way in which a submission can break a rule. Pure.

Each names its field (RGAA 11.10), and none repeats what was typed: error bodies hold nothing
personal. Only the name of an unknown field is: it comes from whoever built the form.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from sheets_schema.schema import Schema, load
from sheets_schema.text import quoted

if TYPE_CHECKING:
    from jsonschema import ValidationError

SCHEMA: Schema = load("submission")
Path = Sequence[str | int]


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field. `field` is its path, `projects.0.type`; "" is the whole."""

    field: str
    message: str


def explain(error: "ValidationError") -> Iterator[FieldError]:
    """The French entries for one error that jsonschema found."""
    path: Path = tuple(error.absolute_path)
    instance: Any = error.instance
    rule: Any = error.validator_value
    match error.validator:
        case "required":
            for name in rule:
                if name not in instance:
                    yield field_error((*path, name), "à renseigner")
        case "anyOf":
            yield FieldError("email", "Courriel ou téléphone : indiquez au moins l'un des deux.")
        case "additionalProperties":
            known = schema_at(path)["properties"]
            for name in instance:
                if name not in known:
                    yield FieldError(field_name((*path, name)), _unknown(name, known))
        case keyword:
            yield field_error(path, _SENTENCES[str(keyword)](rule, instance))


def field_error(path: Path, sentence: str) -> FieldError:
    """An entry whose sentence begins with the field's label."""
    return FieldError(field_name(path), f"{label(path)} : {sentence}.")


def field_name(path: Path) -> str:
    """A path as the name of its form field: `projects.0.type`."""
    return ".".join(map(str, path))


def label(path: Path) -> str:
    """What people call the field at `path`: « Ville », « Projet principal, Secteur »."""
    titles = [schema_at(path[:depth]).get("title") for depth in range(len(path), -1, -1)]
    if len(path) > 1 and path[0] == "projects":
        project = "Autre projet" if path[1] else "Projet principal"
        return f"{project}, {titles[0]}" if titles[0] else project
    name: str = next(title for title in titles if title)
    return name.removesuffix(" ?")


def schema_at(path: Path) -> Schema:
    """The schema of the field at `path`; an empty one where there is no such field."""
    schema = SCHEMA
    for step in path:
        inner = schema.get("items") if isinstance(step, int) else schema["properties"].get(step)
        schema = {"properties": {}} | (inner or {})
    return schema


def _unknown(name: str, known: Sequence[str]) -> str:
    close = get_close_matches(name, known, n=1)
    absent = f"Le champ {quoted(name)} n'existe pas"
    if close:
        return f"{absent} ; vouliez-vous dire « {close[0]} » ?"
    return f"{absent}. Champs possibles : {', '.join(known)}."


_TYPES = {
    "string": "un texte est attendu",
    "integer": "un nombre entier est attendu",
    "boolean": "true ou false est attendu",
    "array": "une liste est attendue",
    "object": "un objet est attendu",
}
_FORMATS = {
    "email": "cette adresse n'est pas valable (attendu : prenom.nom@example.org)",
    "phone": "ce numéro n'est pas valable (attendu : 06 12 34 56 78, ou +32 470 12 34 56 "
    "depuis l'étranger)",
    "commune": "ce n'est pas une commune du Lot",
    "epci": "ce n'est pas une intercommunalité du Lot",
}
_SENTENCES: dict[str, Callable[[Any, Any], str]] = {
    "type": lambda rule, _: _TYPES[rule],
    "format": lambda rule, _: _FORMATS[rule],
    "oneOf": lambda rule, _: f"choisissez parmi {', '.join(choice['const'] for choice in rule)}",
    "const": lambda rule, _: f"seule la valeur {str(rule).lower()} est possible",
    "minLength": lambda rule, _: f"{rule} caractères au moins",
    "maxLength": lambda rule, text: f"{rule} caractères au plus ({len(text)} reçus)",
    "pattern": lambda *_: "lettres minuscules, chiffres et tirets seulement",
    "minItems": lambda *_: "à renseigner",
    "maxItems": lambda rule, _: f"{rule} réponses au plus",
    "uniqueItems": lambda *_: "une réponse y figure deux fois",
    "minimum": lambda rule, _: f"{rule} au moins",
    "maximum": lambda rule, _: f"{rule} au plus",
    "minProperties": lambda *_: "choisissez une réponse",
    "maxProperties": lambda *_: "choisissez une seule réponse",
}
