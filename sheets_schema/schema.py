"""Loads the JSON Schemas of this folder, with every `$ref` replaced by what it points at."""

import functools
import json
from importlib import resources
from typing import Any

Schema = dict[str, Any]

OVER = ("settled", "closed", "junk")  # the statuses of a request that asks for nothing more
TEST_SOURCE = "test"  # the source of a request that somebody sent to try the system


@functools.cache
def load(name: str) -> Schema:
    """The schema `schemas/<name>.json` without references; keywords beside a `$ref` win over it.

    The result is shared: do not modify it.
    """
    inlined: Schema = _inline(_read(name), name)
    return inlined


def choices(schema: Schema) -> dict[str, str]:
    """What people see for each value that a schema of choices allows."""
    return {choice["const"]: choice["title"] for choice in schema["oneOf"]}


@functools.cache
def vocabulary(kind: str) -> dict[str, str]:
    """The words of one list of `vocabulary.json`, "project" for example, by value."""
    return choices(load("vocabulary")["$defs"][kind])


@functools.cache
def _read(name: str) -> Schema:
    text = resources.files(__package__).joinpath("schemas", f"{name}.json").read_text("utf-8")
    document: Schema = json.loads(text)
    return document


def _inline(node: Any, name: str) -> Any:  # noqa: ANN401  (a JSON value)
    if isinstance(node, list):
        return [_inline(item, name) for item in node]
    if not isinstance(node, dict):
        return node
    own = {key: _inline(value, name) for key, value in node.items() if key != "$ref"}
    if "$ref" not in node:
        return own
    file, _, pointer = node["$ref"].partition("#")
    target_name = file.removesuffix(".json") or name
    target: Any = _read(target_name)
    for step in pointer.strip("/").split("/"):
        target = target[step]
    return _inline(target, target_name) | own
