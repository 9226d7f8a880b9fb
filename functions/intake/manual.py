"""The page that explains how a site sends requests: HTML made from the schema. Pure.

It says to people what functions/intake/openapi.py says to programs. Both are in French only, and
are loaded when somebody asks for them.
"""

import functools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from functions.intake.messages import SCHEMA, field_name, label
from functions.intake.openapi import CONTROLS, EXAMPLE, FORM_EXAMPLE, document, questions_of
from functions.intake.pages import policy_hash, templates
from functions.shared.web import Fixed
from sheets_schema.schema import Schema, choices
from sheets_schema.territory import territories


@dataclass(frozen=True)
class FieldRow:
    """What the page says about one field."""

    name: str
    title: str
    required: bool
    takes: str
    help: str
    choices: Mapping[str, str]


@functools.cache
def render_manual() -> Fixed:
    """The page as HTML."""
    submit = document()["paths"]["/"]["post"]
    page = templates().get_template("api.html")
    text = page.render(
        frame="page",
        lang="fr",
        form_page="",
        reused="",
        style=_style(),
        json_example=json.dumps(EXAMPLE, ensure_ascii=False, indent=2),
        form_example=FORM_EXAMPLE,
        controls=CONTROLS,
        answers=[
            (status, answer["description"], "Retry-After" in answer.get("headers", ()))
            for status, answer in submit["responses"].items()
        ],
        rows=list(_rows()),
        epcis=[(epci.code, epci.name) for epci in territories().epcis.values()],
    )
    return Fixed(text)


def manual_styles() -> Sequence[str]:
    """The Content-Security-Policy hash of the page's inline style."""
    return [policy_hash(_style())]


def _rows() -> Iterator[FieldRow]:
    for path, schema, required in questions_of(SCHEMA):
        match path:
            case ("projects", int(index), *_) if index:
                continue  # further projects have the fields of the first
            case ("projects", int(), name):
                title = str(schema.get("title") or label(path))
                shown = f"projects.0.{name}"
            case _:
                title, shown = label(path), field_name(path)
        item_schema = schema.get("items", schema)
        yield FieldRow(
            shown,
            title,
            required,
            _takes(schema),
            schema.get("description", ""),
            choices(item_schema) if "oneOf" in item_schema else {},
        )


def _takes(schema: Schema) -> str:
    """The values that a field accepts, in words."""
    match schema:
        case {"const": True}:
            return "seule la valeur true"
        case {"type": "array", "items": {"oneOf": _}}:
            return "liste de codes"
        case {"type": "array", "items": {"format": "commune"}, "maxItems": most}:
            return f"liste de {most} codes INSEE au plus ; des noms dans un formulaire"
        case {"type": "array", "maxItems": most}:
            return f"liste de {most} codes au plus"
        case {"oneOf": _}:
            return "un code"
        case {"type": "integer", "minimum": least, "maximum": most}:
            return f"nombre entier de {least} à {most}"
        case {"type": "boolean"}:
            return "true ou false"
        case {"pattern": _, "maxLength": most}:
            return f"{most} caractères au plus : lettres minuscules, chiffres et tirets"
        case {"maxLength": most}:
            return f"texte de {most:,} caractères au plus".replace(",", "\N{NO-BREAK SPACE}")
    raise ValueError(schema)


@functools.cache
def _style() -> str:
    return "\n".join(templates().get_template(name).render() for name in ("style.css", "api.css"))
