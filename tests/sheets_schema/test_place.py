import json
from dataclasses import asdict

import pytest

from sheets_schema.errors import AccueilError
from sheets_schema.place import PLACE, localise, read_place

GIVEN = json.loads(json.dumps(asdict(PLACE)))
COLOURS = GIVEN["colours"]


def test_a_place_is_read_as_it_is_written():
    assert read_place(json.dumps(GIVEN)) == PLACE
    assert PLACE.prefix == "LOT"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("department", 46),
        ("department", "971"),
        ("programme", 'Oh "my" Lot'),
        ("programme", "<b>Lot</b>"),
        ("slug", "Oh my Lot"),
        ("prefixes", []),
        ("prefixes", "LOT"),
        ("prefixes", ["LOTS"]),
        ("of_place", ""),
        ("of_place", None),
        ("in_place", "{in_place}"),
        ("colours", COLOURS | {"brand": "green"}),
        ("example_commune", "Figeac"),
        ("aliases", {"200039519": ["<b>"]}),
        ("aliases", {"200039519": "CCQB"}),
    ],
)
def test_an_entry_that_cannot_be_is_named(name, value):
    with pytest.raises(AccueilError, match=rf"place\.json : « {name} »") as caught:
        read_place(json.dumps(GIVEN | {name: value}))
    assert str(caught.value).endswith("est mal formé (docs/place.md).")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (json.dumps({name: v for name, v in GIVEN.items() if name != "slug"}), "slug"),
        (json.dumps(GIVEN | {"sulg": "x"}), "sulg"),
        (json.dumps({name: v for name, v in GIVEN.items() if name != "prefixes"}), "prefixes"),
        (json.dumps(GIVEN | {"colours": {**COLOURS, "ink": "#000000"}}), "ink"),
        ("{", "line 1"),
        ("[]", "list"),
        (json.dumps(GIVEN | {"aliases": ["Cauvaldor"]}), "list"),
    ],
)
def test_a_file_with_an_entry_missing_or_too_many_is_refused(text, named):
    with pytest.raises(AccueilError, match=f"place.json n'est pas complet ou pas lisible.*{named}"):
        read_place(text)


def test_a_text_names_the_place_and_keeps_what_else_is_in_braces():
    assert localise("Partout {in_place}, {count} fois {of_place}, {prefix}-…") == (
        "Partout dans le Lot, {count} fois du Lot, LOT-…"
    )
    assert localise("Rien") == "Rien"
