"""The OpenAPI document, which says how programs call this function. Pure.

It is made from the submission's schema. This module is loaded when somebody asks for the document,
not when the function starts.
"""

import functools
import json
from collections.abc import Iterator, Mapping
from typing import Any

from functions.intake.envelope import ASKED, BAIT, KEY, LANGUAGE, PROOF
from functions.intake.messages import SCHEMA, field_name, label
from functions.shared.version import VERSION
from functions.shared.web import FORM_TYPE, Fixed
from sheets_schema.place import PLACE
from sheets_schema.schema import Schema, choices
from sheets_schema.territory import territories

Path = tuple[str | int, ...]
_PROBLEM = "application/problem+json"
# Keywords about the schema document itself, which callers need not see. `readOnly` is about the
# sheet: a caller does write the source.
_NOT_SENT = frozenset({"also", "$schema", "$id", "readOnly"})

_COMMUNE = territories().communes[PLACE.example_commune].name
# An example of a whole request, which the document and the page show.
EXAMPLE = {
    "first_name": "Ana",
    "last_name": "Martin",
    "email": "ana.martin@example.org",
    "projects": [{"type": "business_takeover", "occupation": "boulangère", "sector": "crafts"}],
    "target": {"communes": [PLACE.example_commune]},
    KEY: "0b0f2c9e-6a53-4d0e-9d1c-5f6d8a1f7b3e",
}
# The same example as the fields of a form, in which communes are given by name.
FORM_EXAMPLE = {
    "first_name": "Ana",
    "last_name": "Martin",
    "email": "ana.martin@example.org",
    "projects.0.type": "business_takeover",
    "projects.0.occupation": "boulangère",
    "projects.0.sector": "crafts",
    "target.communes": _COMMUNE,
    KEY: EXAMPLE[KEY],
}

CONTROLS: dict[str, Schema] = {
    KEY: {
        "title": "Clé d'idempotence",
        "description": "La même pour chaque envoi d'une même demande, une nouvelle pour une autre "
        "demande : un UUID, par exemple. L'en-tête Idempotency-Key compte avant ce champ.",
        "type": "string",
        "maxLength": 255,
    },
    PROOF: {
        "title": "Preuve de travail",
        "description": "La réponse à un défi de /challenge (ALTCHA v2), en base64. Inutile avec "
        "une clé d'API.",
        "type": "string",
    },
    BAIT: {
        "title": "À laisser vide",
        "description": "Un piège à robots : une demande qui le remplit est mise de côté.",
        "type": "string",
        "maxLength": 0,
    },
    ASKED: {
        "title": "Adresse confirmée",
        "description": "Le formulaire demande une fois si une adresse comme ana@gmail.con est "
        "juste. Rempli, ce champ dit que c'est fait. Un programme reçoit plutôt un avertissement "
        "(warnings), et sa demande est enregistrée.",
        "type": "string",
    },
    LANGUAGE: {
        "title": "Langue",
        "description": "Celle de la réponse, fr ou en ; ce champ compte avant le paramètre lang de "
        "l'adresse.",
        "type": "string",
    },
}


@functools.cache
def document_text() -> Fixed:
    """The text of the document, as it is served."""
    return Fixed(json.dumps(document(), ensure_ascii=False))


def document() -> dict[str, Any]:
    """The document, in OpenAPI 3.1."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{PLACE.programme} : demandes d'installation",
            "version": VERSION,
            "description": _DESCRIPTION,
        },
        "servers": [{"url": "."}],
        "security": [],
        "paths": {path: _with_implied(operations) for path, operations in _paths().items()},
        "components": {
            "schemas": {
                "Submission": submission_schema(),
                "FormSubmission": form_schema(),
                **_ANSWERS,
            },
            "headers": {
                "RetryAfter": {
                    "description": "Secondes à attendre avant de réessayer.",
                    "required": True,
                    "schema": {"type": "integer", "minimum": 0},
                },
                "Allow": {
                    "description": "Les méthodes possibles ici.",
                    "required": True,
                    "schema": {"type": "string"},
                },
            },
            "securitySchemes": {
                "apiKey": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "X-API-Key",
                    "description": "Donnée par le Département à un site ou à une tablette, elle "
                    "dispense de la preuve de travail. Jamais dans une page, où chacun la lirait.",
                }
            },
        },
    }


def submission_schema() -> Schema:
    """The body of a request in JSON: the submission's schema and the fields that travel with it."""
    schema: Schema = _public(SCHEMA)
    schema["properties"] = {**schema["properties"], **CONTROLS}
    return schema | {"examples": [EXAMPLE]}


def form_schema() -> Schema:
    """The same as the fields of a form, whose names stand for paths: `projects.0.type`."""
    questions: dict[str, Schema] = {
        field_name(path): {"title": label(path)} | schema
        for path, schema, _ in questions_of(_public(SCHEMA))
    }
    target = SCHEMA["properties"]["target"]
    kinds = target["properties"]
    for kind in ("anywhere", "unknown"):
        del questions[f"target.{kind}"]
    questions["target"] = {
        "title": target["title"],
        "description": "communes et epcis vont avec target.communes ou target.epcis.",
        "oneOf": [{"const": name, "title": kind["title"]} for name, kind in kinds.items()],
    }
    questions["target.communes"] = {
        "title": kinds["communes"]["title"],
        "description": f"Des noms de communes {PLACE.of_place}.",
        "type": "array",
        "items": {"type": "string"},
        "maxItems": kinds["communes"]["maxItems"],
    }
    return {
        "title": SCHEMA["title"],
        "type": "object",
        "additionalProperties": False,
        "required": [field_name(path) for path, _, required in questions_of(SCHEMA) if required],
        "anyOf": SCHEMA["anyOf"],
        "properties": questions | CONTROLS,
        "examples": [FORM_EXAMPLE],
    }


def questions_of(
    schema: Schema, path: Path = (), *, required: bool = False
) -> Iterator[tuple[Path, Schema, bool]]:
    """Each question of a schema with its path, and whether it has to be answered."""
    match schema:
        case {"type": "object", "properties": inner}:
            for name, question in inner.items():
                needed = name in schema.get("required", ()) and (required or not path)
                yield from questions_of(question, (*path, name), required=needed)
        case {"type": "array", "items": {"type": "object"} as item}:
            for index in range(schema["maxItems"]):
                first = required and index < schema["minItems"]
                yield from questions_of(item, (*path, index), required=first)
        case _:
            yield path, schema, required


def _public(node: Any) -> Any:  # noqa: ANN401  (a JSON value)
    """A schema for outsiders, with our own formats replaced by keywords that every tool knows."""
    if isinstance(node, list):
        return [_public(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {key: _public(value) for key, value in node.items() if key not in _NOT_SENT}
    match node.get("format"):
        case "commune":
            kept |= {
                "description": f"Le code INSEE d'une commune {PLACE.of_place}.",
                "pattern": f"^{PLACE.department}[0-9]{{3}}$",
            }
        case "epci":
            codes = territories().epcis.values()
            kept["oneOf"] = [
                {"const": territory.code, "title": territory.name} for territory in codes
            ]
    return kept


def _paths() -> dict[str, dict[str, Any]]:
    return {
        "/": {
            "get": {
                "operationId": "form",
                "summary": "Le formulaire",
                "parameters": [_FRAME, _LANG, *_PREFILL],
                "responses": {
                    "200": _page("Le formulaire, vide ou prérempli."),
                    "429": _later(_problem("Trop de pages en peu de temps.")),
                },
            },
            "post": {
                "operationId": "submit",
                "summary": "Envoyer une demande",
                "description": _SUBMIT,
                "security": [{}, {"apiKey": []}],
                "parameters": [_FRAME, _LANG, _IDEMPOTENCY_KEY],
                "requestBody": {
                    "required": True,
                    "description": "32 Kio et 500 valeurs au plus, en UTF-8, sans "
                    "Content-Encoding.",
                    "content": {
                        "application/json": {"schema": _ref("schemas/Submission")},
                        FORM_TYPE: {"schema": _ref("schemas/FormSubmission")},
                    },
                },
                "responses": {
                    "202": _either("La demande est enregistrée.", "application/json", "Accepted"),
                    "400": _refusal("Le corps, ou la clé d'idempotence, n'est pas lisible."),
                    "401": _refusal("Personne n'a cette clé d'API."),
                    "403": _refusal(
                        "La preuve de travail manque, ne vaut plus ou a déjà servi ; ou le site "
                        "d'où vient la demande n'est pas autorisé."
                    ),
                    "413": _refusal("Le corps dépasse 32 Kio."),
                    "415": _refusal("Ni JSON ni formulaire, ou un corps compressé."),
                    "422": _refusal(
                        "Des réponses sont à corriger, que errors nomme ; ou la clé "
                        "d'idempotence a servi pour une autre demande."
                    ),
                    "429": _later(_refusal("Trop de demandes en peu de temps.")),
                    "503": _later(
                        _refusal("Rien n'est confirmé : renvoyez la demande avec la même clé.")
                    ),
                },
            },
        },
        "/challenge": {
            "get": {
                "operationId": "challenge",
                "summary": "Un défi, pour la preuve de travail",
                "description": "Au format ALTCHA v2 (PBKDF2/SHA-256), valable dix minutes et une "
                "seule fois. Le champ altcha est base64(JSON {challenge, solution}).",
                "responses": {
                    "200": _json("Un défi.", "Challenge"),
                    "429": _later(_problem("Trop de défis en peu de temps.")),
                },
            }
        },
        "/health": {
            "get": {
                "operationId": "health",
                "summary": "Si les demandes peuvent être enregistrées",
                "responses": {
                    "200": _json("Oui.", "Health"),
                    "429": _later(_problem("Trop de questions en peu de temps.")),
                    "503": _problem("Non, pas en ce moment."),
                },
            }
        },
        "/embed.js": {
            "get": {
                "operationId": "script",
                "summary": "Le script qui place le formulaire dans la page d'un site",
                "parameters": [
                    {
                        "name": "If-None-Match",
                        "in": "header",
                        "description": "L'étiquette (ETag) de la version déjà reçue.",
                        "schema": {"type": "string"},
                    }
                ],
                "responses": {
                    "200": {
                        "description": "Un module ES2020.",
                        "content": {"text/javascript": {"schema": {"type": "string"}}},
                    },
                    "304": {"description": "La version déjà reçue est la bonne."},
                },
            }
        },
        "/openapi.json": {
            "get": {
                "operationId": "openapi",
                "summary": "Ce document",
                "responses": {
                    "200": {
                        "description": "Ce document.",
                        "content": {"application/json": {"schema": {"type": "object"}}},
                    }
                },
            }
        },
        "/api": {
            "get": {
                "operationId": "manual",
                "summary": "Ce document, pour des personnes",
                "responses": {
                    "200": _page("Le mode d'emploi."),
                    "429": _later(_problem("Trop de pages en peu de temps.")),
                },
            }
        },
    }


def _with_implied(operations: Mapping[str, Any]) -> dict[str, Any]:
    """A resource with the methods HEAD and OPTIONS, which every address answers."""
    get = operations["get"]
    headers = {
        status: {key: value for key, value in response.items() if key != "content"}
        for status, response in get["responses"].items()
    }
    return {
        **operations,
        "head": get
        | {
            "operationId": f"{get['operationId']}Headers",
            "summary": f"{get['summary']} : les en-têtes seuls",
            "responses": headers,
        },
        "options": {
            "operationId": f"{get['operationId']}Options",
            "summary": "Les méthodes possibles, et le droit qu'a un site d'appeler (CORS)",
            "responses": {
                "204": {
                    "description": "Les méthodes possibles ; toute autre est refusée par un 405.",
                    "headers": {"Allow": _ref("headers/Allow")},
                }
            },
        },
    }


def _ref(place: str) -> dict[str, str]:
    return {"$ref": f"#/components/{place}"}


def _json(description: str, schema: str, media: str = "application/json") -> dict[str, Any]:
    return {"description": description, "content": {media: {"schema": _ref(f"schemas/{schema}")}}}


def _page(description: str) -> dict[str, Any]:
    return {"description": description, "content": {"text/html": {"schema": {"type": "string"}}}}


def _problem(description: str) -> dict[str, Any]:
    return _json(description, "Problem", _PROBLEM)


def _either(description: str, media: str, schema: str) -> dict[str, Any]:
    """An answer that is JSON for a program, and a page for a form."""
    answer = _json(description, schema, media)
    return answer | {"content": answer["content"] | _page("")["content"]}


def _refusal(description: str) -> dict[str, Any]:
    return _either(description, _PROBLEM, "Problem")


def _later(response: dict[str, Any]) -> dict[str, Any]:
    return response | {"headers": {"Retry-After": _ref("headers/RetryAfter")}}


def _listed(schema: Schema, description: str, example: str) -> dict[str, Any]:
    """The part of a query parameter's description that says it holds codes separated by commas."""
    return {
        "in": "query",
        "style": "form",
        "explode": False,
        "description": description,
        "schema": {"type": "array", "items": schema},
        "example": example,
    }


_FRAME = {
    "name": "frame",
    "in": "query",
    "description": "Une page entière, une page pour un cadre (iframe), ou le formulaire seul.",
    "schema": {"type": "string", "enum": ["page", "embed", "fragment"], "default": "page"},
}
_LANG = {
    "name": "lang",
    "in": "query",
    "description": "La langue de la réponse.",
    "schema": {"type": "string", "enum": ["fr", "en"], "default": "fr"},
}
_PREFILL = (
    {
        "name": "source",
        "in": "query",
        "description": "D'où vient la personne, aire-a20 par exemple.",
        "schema": {
            key: SCHEMA["properties"]["source"][key] for key in ("type", "pattern", "maxLength")
        },
    },
    {"name": "projects"}
    | _listed(
        {
            "type": "string",
            "enum": list(choices(SCHEMA["properties"]["projects"]["items"]["properties"]["type"])),
        },
        "Les projets, le principal d'abord.",
        "health,following_partner",
    ),
    {"name": "target"}
    | _listed(
        {"type": "string"},
        "Des communes (nom ou code INSEE), des codes d'intercommunalités, anywhere ou unknown.",
        _COMMUNE,
    ),
)
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": CONTROLS[KEY]["description"].partition(" L'en-tête")[0]
    + " Entre guillemets ou non.",
    "schema": {"type": "string", "pattern": r'^("[!#-~]{1,255}"|[!#-~]{1,255})$'},
}
_FAULTS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["field", "message"],
        "properties": {
            "field": {"type": "string", "description": "projects.0.type ; vide pour l'ensemble."},
            "message": {"type": "string", "minLength": 1},
        },
    },
}
_ANSWERS: dict[str, Schema] = {
    "Accepted": {
        "type": "object",
        "required": ["reference", "status"],
        "additionalProperties": False,
        "properties": {
            "reference": {
                "type": "string",
                "pattern": "|".join(
                    f"^{prefix}-[0-9A-Z]{{4}}-[0-9A-Z]{{4}}$" for prefix in PLACE.prefixes
                ),
                "description": "À montrer au demandeur.",
            },
            "status": {"const": "accepted"},
            "warnings": {
                **_FAULTS,
                "description": "Ce qui est peut-être une erreur et n'a rien empêché : une adresse "
                "comme ana@gmail.con. À montrer au demandeur.",
            },
        },
    },
    "Problem": {
        "description": "RFC 9457 ; title est une phrase qui dit que faire.",
        "type": "object",
        "required": ["type", "status", "title"],
        "properties": {
            "type": {"const": "about:blank"},
            "status": {"type": "integer"},
            "title": {"type": "string", "minLength": 1},
            "errors": _FAULTS,
        },
    },
    "Challenge": {
        "type": "object",
        "required": ["parameters", "signature"],
        "properties": {"parameters": {"type": "object"}, "signature": {"type": "string"}},
    },
    "Health": {
        "type": "object",
        "required": ["status", "version", "code"],
        "properties": {
            "status": {"const": "ok"},
            "version": {"type": "string"},
            "code": {
                "type": "string",
                "description": "Distingue deux codes de la même version.",
            },
        },
    },
}
_DESCRIPTION = (
    f"Reçoit les demandes de personnes qui veulent s'installer {PLACE.in_place}. "
    "Une réponse 202 promet que la demande est enregistrée ; aucune autre ne le promet. "
    "Mode d'emploi : /api."
)
_SUBMIT = (
    "En JSON, avec une clé d'API ou une preuve de travail ; ou comme un formulaire, auquel répond "
    "une page. Après une réponse perdue ou un 503, renvoyez la même demande avec la même clé "
    "d'idempotence : elle n'est enregistrée qu'une fois. La source « test » essaie tout le "
    "parcours sans prévenir d'autre adresse que celle de la demande ; il y faut une clé d'API."
)
