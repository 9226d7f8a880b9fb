"""The sentence for every way in which a submission can break a rule. Pure.

Each sentence names its field (RGAA 11.10). None repeats what was typed, because error bodies must
hold nothing personal. The name of an unknown field is repeated, because it comes from the person
who built the form.
"""

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from functions.intake.words import Phrase
from sheets_schema.errors import ContactError, ContactFault
from sheets_schema.schema import Schema, load
from sheets_schema.text import shortened

if TYPE_CHECKING:
    from jsonschema import ValidationError

SCHEMA: Schema = load("submission")
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class FieldError:
    """What is wrong with a field. `field` is its path, `projects.0.type`; "" is the whole form.

    `message` is a phrase, or a sentence without values; `words.say` can say both in English.
    """

    field: str
    message: str


def explain(error: "ValidationError") -> Iterator[FieldError]:
    """The field errors for an error of jsonschema."""
    path: Path = tuple(error.absolute_path)
    instance: Any = error.instance
    rule: Any = error.validator_value
    match error.validator:
        case "required":
            begun = path[:1] == ("projects",) and instance  # an occupation, or a sector
            sentence = Phrase(_WITHOUT_TYPE if begun else _MISSING)
            for name in rule:
                if name not in instance:
                    yield field_error((*path, name), sentence)
        case "anyOf":
            yield FieldError("email", "Courriel ou téléphone : indiquez au moins l'un des deux.")
        case "additionalProperties":
            known = schema_at(path)["properties"]
            for name in instance:
                if name not in known:
                    yield FieldError(field_name((*path, name)), _unknown(name, known))
        case "minimum" | "maximum":
            rules = schema_at(path)
            between = Phrase(_BETWEEN, least=rules["minimum"], most=rules["maximum"])
            yield field_error(path, between)
        case keyword:
            yield field_error(path, _SENTENCES[str(keyword)](rule, instance))


def field_error(path: Path, sentence: Phrase) -> FieldError:
    """A field error whose sentence begins with the label of the field."""
    message = Phrase("{label} : {sentence}.", label=label(path), sentence=sentence)
    return FieldError(field_name(path), message)


def field_name(path: Path) -> str:
    """The name of the form field at a path: `projects.0.type`."""
    return ".".join(map(str, path))


@functools.lru_cache(maxsize=512)
def label(path: Path) -> Phrase:
    """The label of the field at `path`: « Commune 2 », « Projet principal, Secteur »."""
    titles = [schema_at(path[:depth]).get("title") for depth in range(len(path), -1, -1)]
    if len(path) > 1 and path[0] == "projects":
        project = Phrase("Autre projet" if path[1] else "Projet principal")
        if not titles[0]:
            return project
        return Phrase("{project}, {part}", project=project, part=Phrase(titles[0]))
    name = Phrase(next(title for title in titles if title).removesuffix(" ?"))
    if titles[0] and path and isinstance(path[-1], int) and path[-1]:
        return Phrase("{name} {number}", name=name, number=path[-1] + 1)
    return name


def too_long(most: int, text: str) -> Phrase:
    """The sentence about a text that is too long, which says how many characters it has."""
    return Phrase("{most} caractères au plus ({count} reçus)", most=most, count=len(text))


def schema_at(path: Path) -> Schema:
    """The schema of the field at `path`; an empty schema if there is no such field."""
    schema = SCHEMA
    for step in path:
        inner = schema.get("items") if isinstance(step, int) else schema["properties"].get(step)
        schema = {"properties": {}} | (inner or {})
    return schema


def _unknown(name: str, known: Sequence[str]) -> Phrase:
    close = get_close_matches(name, known, n=1)
    name = shortened(name)
    if close:
        sentence = "Le champ « {name} » n'existe pas ; vouliez-vous dire « {close} » ?"
        return Phrase(sentence, name=name, close=close[0])
    sentence = "Le champ « {name} » n'existe pas. Champs possibles : {known}."
    return Phrase(sentence, name=name, known=", ".join(known))


def _constants(choices: Sequence[Schema]) -> str:
    return ", ".join(choice["const"] for choice in choices)


def contact_fault(error: ContactError) -> Phrase:
    """What is wrong with an address or a phone number."""
    return Phrase(_CONTACTS[error.reason])


_CONTACTS: dict[ContactFault, str] = {
    "address": "cette adresse n'est pas valide (attendu : prenom.nom@example.org)",
    "accent": "une adresse n'a pas de lettre accentuée avant le @ "
    "(attendu : prenom.nom@example.org)",
    "number": "ce numéro n'est pas valide (attendu : 06 12 34 56 78, ou +32 470 12 34 56 "
    "depuis l'étranger)",
    "several": "un seul numéro est possible : écrivez l'autre dans le message",
    "country": "écrivez ce numéro avec l'indicatif de son pays (par exemple +32 470 12 34 56)",
}
_TYPES = {
    "string": "un texte est attendu",
    "integer": "un nombre entier est attendu",
    "boolean": "true ou false est attendu",
    "array": "une liste est attendue",
    "object": "un objet est attendu",
}
_FORMATS = {
    "commune": "ce n'est pas une commune {of_place}",
    "epci": "ce n'est pas une intercommunalité {of_place}",
}
_MISSING = "à renseigner"
_WITHOUT_TYPE = "à choisir dans la liste ; le métier et le secteur ne le disent pas"
_BETWEEN = "un nombre entre {least} et {most} est attendu"
_SENTENCES: dict[str, Callable[[Any, Any], Phrase]] = {
    "type": lambda rule, _: Phrase(_TYPES[rule]),
    "format": lambda rule, _: Phrase(_FORMATS[rule]),
    "oneOf": lambda rule, _: Phrase("choisissez parmi {words}", words=_constants(rule)),
    "const": lambda rule, _: Phrase(
        "seule la valeur {value} est possible", value=str(rule).lower()
    ),
    "minLength": lambda rule, _: Phrase("{least} caractères au moins", least=rule),
    "maxLength": too_long,
    "pattern": lambda *_: Phrase("lettres minuscules, chiffres et tirets seulement"),
    "minItems": lambda *_: Phrase(_MISSING),
    "maxItems": lambda rule, _: Phrase("{most} réponses au plus", most=rule),
    "uniqueItems": lambda *_: Phrase("une réponse y figure deux fois"),
    "minProperties": lambda *_: Phrase("choisissez une réponse"),
    "maxProperties": lambda *_: Phrase("choisissez une seule réponse"),
}
