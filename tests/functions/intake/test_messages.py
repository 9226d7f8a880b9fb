import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import ValidationError

from functions.intake.messages import SCHEMA, FieldError, Path, explain, label, schema_at
from functions.intake.submission import InvalidError, validate
from functions.intake.words import say
from tests.functions.intake.examples import ANA

# What a rule of JSON Schema compares with; a schema that uses another one needs a sentence first.
WRONG = {
    "type": [None, 1.5, "", True, [], {}],
    "const": [False, 1, "true"],
    "oneOf": ["nowhere"],
    "format": ["nowhere"],
    "pattern": ["É"],
    "minLength": [""],
    "maxLength": ["a" * 3000],
    "minItems": [[]],
    "maxItems": [[str(number) for number in range(20)]],
    "uniqueItems": [["x", "x"]],
    "minimum": [-1],
    "maximum": [1000],
    "minProperties": [{}],
    "maxProperties": [{"a": 1, "b": 2}],
    "required": [{}],
    "anyOf": [{}],
    "additionalProperties": [{"nowhere": 1}],
}
NO_FORMAT = ("email", "phone", "postcode")  # they are read rather than checked
NO_RULE = {"$schema", "$id", "title", "description", "default", "properties", "items", "readOnly"}


def places(schema: dict, path: Path = ()) -> Iterator[tuple[Path, dict]]:
    """Every field of the schema, groups and items included, with its rules."""
    yield path, schema
    for name, inner in schema.get("properties", {}).items():
        yield from places(inner, (*path, name))
    if "items" in schema:
        yield from places(schema["items"], (*path, 0))


ALL = dict(places(SCHEMA))
RULES = [
    (path, keyword)
    for path, schema in ALL.items()
    for keyword in schema
    if keyword not in NO_RULE and schema[keyword] not in NO_FORMAT
]


@pytest.mark.parametrize(("path", "keyword"), RULES, ids=str)
def test_every_rule_of_the_schema_has_its_sentence_in_both_languages(path: Path, keyword: str):
    for wrong in WRONG[keyword]:
        error = ValidationError(
            "in English",
            validator=keyword,
            path=path,
            instance=wrong,
            validator_value=ALL[path][keyword],
        )
        entries = list(explain(error))
        assert entries
        for entry in entries:
            assert entry.message[0].isupper()
            assert entry.message.endswith((".", " ?"))
            assert "in English" not in entry.message
            sentence = say(entry.message, "en")
            assert sentence.endswith((".", "?"))
            assert not re.search(r"[àéèêôç]| [:?]|attendu|réponse", sentence)


@pytest.mark.parametrize("path", ALL, ids=str)
def test_every_field_has_a_label_that_reads_well_before_a_colon(path: Path):
    name = label(path)
    assert name == name.strip()
    assert not name.endswith(("?", ":", "."))
    assert name.isprintable()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ((), "Votre projet d'installation dans le Lot"),
        (("first_name",), "Prénom"),
        (("best_time_to_call",), "Quand vous appeler"),
        (("projects",), "Vos projets"),
        (("projects", 0), "Projet principal"),
        (("projects", 0, "type"), "Projet principal"),
        (("projects", 0, "sector"), "Projet principal, Secteur"),
        (("projects", 1, "occupation"), "Autre projet, Métier ou activité"),
        (("projects", 2, "type"), "Autre projet"),
        (("needs", 3), "Sur quoi avez-vous besoin d'aide"),
        (("target", "communes", 0), "Commune"),
        (("target", "communes", 2), "Commune 3"),
        (("origin", "city"), "Ville"),
        (("nowhere", 3, "x"), "Votre projet d'installation dans le Lot"),
    ],
)
def test_a_field_is_called_what_people_call_it(path: Path, expected: str):
    assert label(path) == expected


@given(st.lists(st.sampled_from([*SCHEMA["properties"], "type", "x", ""]) | st.integers(0, 9)))
def test_any_path_has_a_schema_and_a_label(path: list[str | int]):
    assert isinstance(schema_at(tuple(path)), dict)
    assert label(tuple(path))


@pytest.mark.parametrize(
    ("typed", "suggestion"),
    [
        ("lastname", "last_name"),
        ("e-mail", "email"),
        ("project", "projects"),
        ("newsleter", "newsletter"),
        ("Phone", "phone"),
    ],
)
def test_an_unknown_field_is_answered_with_the_likeliest_one(typed: str, suggestion: str):
    with pytest.raises(InvalidError) as caught:
        validate(ANA | {typed: "x"})
    assert caught.value.errors == [
        FieldError(
            typed, f"Le champ « {typed} » n'existe pas ; vouliez-vous dire « {suggestion} » ?"
        )
    ]
