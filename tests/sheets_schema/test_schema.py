from collections.abc import Iterator
from importlib import resources
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from sheets_schema.columns import column_type
from sheets_schema.schema import CLOSED_STATUSES, choices, load, vocabulary
from sheets_schema.text import normalise

FOLDER = resources.files("sheets_schema") / "schemas"
NAMES = sorted(file.name.removesuffix(".json") for file in FOLDER.iterdir())
KINDS = sorted(load("vocabulary")["$defs"])


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Every JSON object inside a JSON value."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value:
        if isinstance(inner, dict | list):
            yield from nodes(inner)


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_valid_json_schema(name):
    rules = Draft202012Validator(Draft202012Validator.META_SCHEMA)
    assert list(rules.iter_errors(load(name))) == []


@pytest.mark.parametrize("name", NAMES)
def test_no_reference_is_left_in_a_loaded_schema(name):
    assert not [node for node in nodes(load(name)) if "$ref" in node]


@pytest.mark.parametrize("name", NAMES)
def test_every_schema_says_what_it_is_for(name):
    assert load(name)["title"]
    assert load(name)["description"]
    assert load(name)["$id"] == f"{name}.json"


def test_a_reference_takes_over_what_it_points_at():
    status = load("requests")["properties"]["status"]

    assert choices(status)["to_reroute"] == "À réorienter"


def test_keywords_beside_a_reference_win_over_it():
    ours, theirs = (load(name)["properties"] for name in ("submission", "requests"))

    assert theirs["message"]["title"] == "Message"
    assert ours["message"]["title"] == "Parlez-nous de votre projet"
    assert ours["message"]["maxLength"] == theirs["message"]["maxLength"]


def test_references_inside_lists_and_items_are_followed():
    project = load("submission")["properties"]["projects"]["items"]["properties"]["type"]

    assert list(choices(project))[:2] == ["employment", "business_creation"]


def test_choices_come_in_the_order_of_the_schema():
    schema = {"oneOf": [{"const": "b", "title": "Bé"}, {"const": "a", "title": "A"}]}

    assert list(choices(schema).items()) == [("b", "Bé"), ("a", "A")]


def test_the_vocabulary_gives_the_words_people_see():
    assert vocabulary("need")["housing"] == "Logement"
    assert vocabulary("sector")["crafts"] == "Artisanat (dont métiers de bouche, bâtiment)"


def test_the_statuses_that_end_a_request_are_choices():
    assert set(CLOSED_STATUSES) < set(vocabulary("status"))


@pytest.mark.parametrize("kind", KINDS)
def test_no_two_choices_of_a_list_read_the_same(kind):
    keys = [normalise(title) for title in vocabulary(kind).values()]

    assert all(keys)
    assert len(set(keys)) == len(keys)


def test_every_list_of_choices_is_read_back_whatever_commas_its_labels_hold():
    lists = [node for name in NAMES for node in nodes(load(name)) if "items" in node]
    lists = [node for node in lists if "oneOf" in node["items"]]

    assert len(lists) > 1
    for node in lists:
        keys = tuple(choices(node["items"]))
        column = column_type(node)
        for order in (keys, keys[::-1]):
            assert column.parse(column.format(order)) == order
