import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from functions.intake.answers import read_form
from functions.intake.envelope import FIELDS
from functions.intake.handler import FORM_TYPE, Intake
from functions.intake.openapi import (
    EXAMPLE,
    FORM_EXAMPLE,
    document,
    document_text,
    form_schema,
    submission_schema,
)
from functions.intake.submission import validate
from functions.shared.journal.store import open_journal
from functions.shared.web import Call
from infra.local.access import LOCAL_INTAKE
from sheets_schema.schema import load
from sheets_schema.territory import territories
from tests.functions.intake.examples import ANA, submissions, without
from tests.functions.intake.test_answers import fields
from tests.support import API_KEY, JSON

SUBMIT = document()["paths"]["/"]["post"]
JSON_RULES = Draft202012Validator(submission_schema())
FORM_RULES = Draft202012Validator(form_schema())


@pytest.fixture
def intake() -> Intake:
    return Intake(open_journal("memory:///"), LOCAL_INTAKE)


def ask(intake: Intake, method: str, path: str) -> Any:
    return intake(Call(method, {}, {}, b"", path))


def references(node: Any) -> Iterator[str]:
    match node:
        case {"$ref": str(place), **rest}:
            assert not rest
            yield place
        case dict():
            for inner in node.values():
                yield from references(inner)
        case list():
            for inner in node:
                yield from references(inner)


def as_document(name_and_value: list[tuple[str, str]]) -> dict[str, Any]:
    """The fields of a form as its schema in the document sees them."""
    properties = form_schema()["properties"]
    seen: dict[str, Any] = {}
    for name, value in name_and_value:
        match properties.get(name, {}).get("type"):
            case "array":
                seen.setdefault(name, []).append(value)
            case "integer":
                seen[name] = int(value)
            case "boolean":
                seen[name] = value == "true"
            case _:
                seen[name] = value
    return seen


def test_every_resource_and_method_is_described_and_no_other(intake: Intake):
    described = {path: {*operations} for path, operations in document()["paths"].items()}
    there = {
        path: {method.lower() for method in (*methods, "HEAD", "OPTIONS")}
        for path, methods in intake.resources.items()
    }
    assert described == there


def test_the_document_is_served_as_it_is(intake: Intake):
    answer = ask(intake, "GET", "/openapi.json")
    assert answer.status == 200
    assert answer.content_type == "application/json; charset=utf-8"
    assert json.loads(answer.body) == document() == json.loads(document_text())
    assert answer.headers["Cache-Control"] == "public, max-age=3600"


def test_every_reference_leads_somewhere():
    whole = document()
    targets = {*references(whole)}
    assert "#/components/schemas/Submission" in targets
    for place in targets:
        node: Any = whole
        for step in place.removeprefix("#/").split("/"):
            node = node[step]
        assert node


def test_every_schema_is_one():
    schemas = document()["components"]["schemas"]
    rules = Draft202012Validator(Draft202012Validator.META_SCHEMA)
    assert schemas
    assert [name for name, schema in schemas.items() if not rules.is_valid(schema)] == []


def test_operations_have_names_of_their_own():
    names = [
        operation["operationId"]
        for operations in document()["paths"].values()
        for operation in operations.values()
    ]
    assert len(names) == len(set(names)) > 10


def test_it_says_every_field_of_the_schema_and_those_that_travel_along():
    described = submission_schema()["properties"]
    assert [*described] == [*load("submission")["properties"], *FIELDS]
    for name, schema in load("submission")["properties"].items():
        assert described[name]["title"] == schema["title"]


def test_the_applicant_s_source_may_be_written():
    assert "readOnly" not in json.dumps(document())


def test_the_codes_of_intercommunalites_are_listed():
    listed = submission_schema()["properties"]["target"]["properties"]["epcis"]["items"]["oneOf"]
    assert {choice["const"] for choice in listed} == {*territories().epcis}


def test_titles_that_a_workbook_may_still_have_are_nobody_else_s():
    assert "also" not in json.dumps(document())


def test_the_schema_itself_is_left_as_it_was():
    before = json.dumps(load("submission"))
    document()
    assert json.dumps(load("submission")) == before


@settings(max_examples=60)
@given(submissions())
def test_what_intake_takes_the_document_allows(raw: dict[str, Any]):
    clean = validate(raw)
    assert not [*JSON_RULES.iter_errors(clean)]
    sent = [pair for pair in fields(clean) if pair[0] != "target.communes"]
    sent += [("target.communes", "Figeac")] if "communes" in clean["target"] else []
    assert not [*FORM_RULES.iter_errors(as_document(sent))]


@pytest.mark.parametrize(
    "raw",
    [
        without(ANA, "last_name"),
        without(ANA, "email"),
        ANA | {"nom": "x"},
        ANA | {"last_name": "x" * 81},
        ANA | {"projects": [{"type": "gardening"}]},
        ANA | {"projects": [{"type": "other"}] * 4},
        ANA | {"target": {"epcis": ["1"]}},
        ANA | {"household": {"adults": 0}},
        ANA | {"source": "Salon TAF"},
        ANA | {"homepage": "https://example.org"},
    ],
)
def test_what_intake_refuses_or_sets_aside_the_document_forbids(raw: dict[str, Any]):
    assert not JSON_RULES.is_valid(raw)
    assert not FORM_RULES.is_valid(as_document(fields(raw)))


@pytest.mark.parametrize(
    "target",
    [{"communes": ["75001"]}, {"anywhere": True, "unknown": True}, {"anywhere": False}, {}],
)
def test_a_target_is_one_of_four(target: dict[str, Any]):
    assert not JSON_RULES.is_valid(ANA | {"target": target})


def test_the_examples_say_the_same_and_are_taken(intake: Intake):
    bodies = [
        (json.dumps(EXAMPLE).encode(), JSON),
        (urlencode(FORM_EXAMPLE).encode(), API_KEY | {"content-type": FORM_TYPE}),
    ]
    answers = [intake(Call("POST", headers, {}, body)) for body, headers in bodies]
    assert [answer.status for answer in answers] == [202, 202]
    reference = json.loads(answers[0].body)["reference"]
    assert reference in answers[1].body
    assert JSON_RULES.is_valid(EXAMPLE)
    assert FORM_RULES.is_valid(as_document([*FORM_EXAMPLE.items()]))


def test_the_fields_of_a_form_are_those_that_intake_reads():
    for name in {*form_schema()["properties"]} - {*FIELDS}:
        raw = read_form(urlencode({name: "1"}).encode()).raw
        assert {*raw} <= {*load("submission")["properties"]}


def test_a_form_needs_what_json_needs():
    assert form_schema()["required"] == ["last_name", "projects.0.type"]


def test_whoever_has_to_wait_is_told_how_long():
    for status in ("429", "503"):
        assert "Retry-After" in SUBMIT["responses"][status]["headers"]
