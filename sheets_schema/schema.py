"""Loads the JSON Schemas of this folder, with every `$ref` replaced by what it points at."""

import functools
import json
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any

from sheets_schema.place import localise

Schema = dict[str, Any]

UNCONTACTED = ("to_qualify", "to_contact")  # nobody has spoken with the person yet
CLOSED_STATUSES = ("settled", "closed", "junk")  # a request with one of these needs nothing more
TEST_SOURCE = "test"  # the source of a request that somebody sent to try the system


@functools.cache
def load(name: str) -> Schema:
    """The schema `schemas/<name>.json` without references.

    Keywords beside a `$ref` win over those that it refers to. An empty keyword beside a `$ref`
    removes the inherited one. The result is shared, so do not modify it.
    """
    inlined: Schema = _inline(_read(name), name)
    return inlined


def choices(schema: Schema) -> dict[str, str]:
    """The label of each value that a schema of choices allows."""
    return {choice["const"]: choice["title"] for choice in schema["oneOf"]}


def spellings(schema: Schema) -> dict[str, str]:
    """The value of each text that people may write for a choice, its label of today last.

    These are other words for it, labels of an earlier version among them, and its label, which may
    go without the explanation that it has in brackets.
    """
    also = [(word, each["const"]) for each in schema["oneOf"] for word in each.get("also", ())]
    titles = [(title, value) for value, title in choices(schema).items()]
    return dict([*also, *((title.partition(" (")[0], value) for title, value in titles), *titles])


@functools.cache
def vocabulary(kind: str) -> dict[str, str]:
    """The words of one list of `vocabulary.json`, "project" for example, by value."""
    return choices(load("vocabulary")["$defs"][kind])


def places(schema: Schema, place: str = "") -> Iterator[tuple[str, Schema]]:
    """All parts of a schema, each with its place, such as `projects[].type`; "" is the whole."""
    yield place, schema
    for name, inner in schema.get("properties", {}).items():
        yield from places(inner, f"{place}.{name}" if place else name)
    if "items" in schema:
        yield from places(schema["items"], f"{place}[]")


@functools.cache
def english() -> dict[str, str]:
    """The English for the French titles, descriptions and choices of `submission.json`.

    `english.json` keeps it by place, so that the French may be changed freely.
    """
    text = resources.files(__package__).joinpath("english.json").read_text("utf-8")
    labels: dict[str, Any] = json.loads(localise(text))
    translations: dict[str, str] = {}
    for place, schema in places(load("submission")):
        theirs = labels.get(place, {})
        pairs = [(schema.get(kind), theirs.get(kind)) for kind in ("title", "description")]
        said = theirs.get("choices", {})
        pairs += [
            (choice["title"], said.get(choice["const"])) for choice in schema.get("oneOf", ())
        ]
        translations |= {french: words for french, words in pairs if french and words}
    return translations


@functools.cache
def answer_columns() -> Mapping[str, str]:
    """The column of Demandes that each answer of the form goes to, by the answer's place.

    A `$ref` of `submission.json` to a property of `requests.json` says so: `origin.city` goes to
    `origin_city`. See `places` for what a place is.
    """
    return dict(_referred("", _read("submission"), "requests.json#/properties/"))


def _referred(place: str, node: Schema, target: str) -> Iterator[tuple[str, str]]:
    reference: str = node.get("$ref", "")
    if reference.startswith(target):
        yield place, reference.removeprefix(target)
    for name, inner in node.get("properties", {}).items():
        yield from _referred(f"{place}.{name}" if place else name, inner, target)
    if "items" in node:
        yield from _referred(f"{place}[]", node["items"], target)


@functools.cache
def _read(name: str) -> Schema:
    text = resources.files(__package__).joinpath("schemas", f"{name}.json").read_text("utf-8")
    document: Schema = json.loads(localise(text))
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
    # `since` is about the column only, and not about the answer that refers to it.
    inherited = {
        key: value for key, value in _inline(target, target_name).items() if key != "since"
    }
    return {key: value for key, value in (inherited | own).items() if value != ""}


def _newest() -> int:
    """The highest `since` of all columns."""
    folder = resources.files(__package__).joinpath("schemas")
    schemas = [_read(file.name.removesuffix(".json")) for file in folder.iterdir()]
    properties = [part for schema in schemas for part in schema.get("properties", {}).values()]
    return max(int(part.get("since", 1)) for part in properties)


# The version of the workbook that these schemas describe. A column says since which version it
# exists.
VERSION = _newest()
