import json

import pytest

from infra.emulator import discovery
from infra.emulator.trim import trim

DOCUMENT = {
    "name": "paper",
    "description": "All about paper.",
    "servicePath": "",
    "auth": {"oauth2": {}},
    "parameters": {"alt": {"description": "How", "enum": ["json"], "enumDescriptions": ["J"]}},
    "resources": {
        "sheets": {
            "methods": {
                "get": {
                    "id": "paper.sheets.get",
                    "path": "sheets",
                    "httpMethod": "GET",
                    "scopes": ["x"],
                    "response": {"$ref": "Sheet"},
                }
            },
            "resources": {"edges": {"methods": {}}},
        }
    },
    "schemas": {
        "Sheet": {
            "description": "A sheet of paper.",
            "type": "object",
            "properties": {
                "description": {"description": "What is on it.", "type": "string"},
                "edges": {"type": "array", "items": {"description": "An edge.", "$ref": "Edge"}},
                "marks": {
                    "type": "object",
                    "additionalProperties": {"readOnly": True, "type": "any"},
                },
            },
        }
    },
}


def test_prose_goes_and_a_field_called_description_stays():
    assert trim(DOCUMENT) == {
        "name": "paper",
        "servicePath": "",
        "parameters": {"alt": {"enum": ["json"]}},
        "resources": {
            "sheets": {
                "methods": {
                    "get": {
                        "id": "paper.sheets.get",
                        "path": "sheets",
                        "httpMethod": "GET",
                        "parameters": {},
                        "response": {"$ref": "Sheet"},
                    }
                },
                "resources": {"edges": {}},
            }
        },
        "schemas": {
            "Sheet": {
                "type": "object",
                "properties": {
                    "description": {"type": "string"},
                    "edges": {"type": "array", "items": {"$ref": "Edge"}},
                    "marks": {"type": "object", "additionalProperties": {"type": "any"}},
                },
            }
        },
    }


@pytest.mark.parametrize("name", ["sheets.v4", "drive.v3"])
def test_the_documents_here_are_trimmed(name):
    path = discovery.DOCUMENTS / f"{name}.json"
    document = json.loads(path.read_text("utf-8"))

    assert trim(document) == document
    assert path.stat().st_size < 100_000
