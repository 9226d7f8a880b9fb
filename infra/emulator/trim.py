"""Trims one of Google's discovery documents to what `discovery` reads; the README says when.

Reads a document from standard input and writes the trimmed one: `python -m infra.emulator.trim`.
"""

import json
import sys
from collections.abc import Mapping
from typing import Any

_OF_DOCUMENT = frozenset({"id", "name", "revision", "servicePath", "version"})
_OF_METHOD = frozenset({"httpMethod", "id", "path"})
_OF_NODE = frozenset({"$ref", "enum", "format", "location", "repeated", "type"})
Json = Mapping[str, Any]


def trim(document: Json) -> dict[str, Any]:
    """Return the methods, parameters and schemas of a discovery document, without any prose."""
    return _picked(document, _OF_DOCUMENT) | {
        "parameters": _nodes(document["parameters"]),
        "resources": _resources(document["resources"]),
        "schemas": _nodes(document["schemas"]),
    }


def _resources(resources: Json) -> dict[str, Any]:
    return {
        name: {
            part: trimmed
            for part, trimmed in (
                ("methods", {n: _method(m) for n, m in resource.get("methods", {}).items()}),
                ("resources", _resources(resource.get("resources", {}))),
            )
            if trimmed
        }
        for name, resource in resources.items()
    }


def _method(method: Json) -> dict[str, Any]:
    bodies = {part: _node(method[part]) for part in ("request", "response") if part in method}
    return (
        _picked(method, _OF_METHOD) | {"parameters": _nodes(method.get("parameters", {}))} | bodies
    )


def _nodes(nodes: Json) -> dict[str, Any]:
    return {name: _node(node) for name, node in nodes.items()}


def _node(node: Json) -> dict[str, Any]:
    trimmed = _picked(node, _OF_NODE)
    if "properties" in node:
        trimmed["properties"] = _nodes(node["properties"])
    for inner in ("additionalProperties", "items"):
        if inner in node:
            trimmed[inner] = _node(node[inner])
    return trimmed


def _picked(node: Json, names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in node.items() if name in names}


def _text(document: Json) -> str:
    """Write a document with a line for each of its parameters, resources and schemas."""
    parts = [f"{_compact(name)}:{_lines(value)}" for name, value in sorted(document.items())]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _lines(value: object) -> str:
    if not isinstance(value, dict):
        return _compact(value)
    lines = [f" {_compact(name)}:{_compact(item)}" for name, item in sorted(value.items())]
    return "{\n" + ",\n".join(lines) + "\n}"


def _compact(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


if __name__ == "__main__":
    sys.stdout.write(_text(trim(json.load(sys.stdin))))
