"""Calls made at random from the OpenAPI document: intake answers as it says, whatever comes.

Short, and the same each time, in `make test`; `make fuzz` goes on for longer, each time anew.
"""

import json
import os
from itertools import count

import functions_framework
import hypothesis
import pytest
import schemathesis
from hypothesis import strategies as st
from schemathesis import checks
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from functions.intake import openapi
from infra.local import stack
from sheets_schema.territory import territories
from tests.e2e.conftest import MAIN
from tests.support import API_KEY

# Only these tests need it, and loading it takes longer than most others.
pytest_plugins = ["schemathesis.pytest.plugin"]

EXAMPLES = int(os.environ.get("EXAMPLES", "0"))
CHECKS = [
    checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
]

for name, values in {
    "phone": ["06 12 34 56 78", "+32 470 12 34 56"],
    "email": ["ana@example.org", "zoé@example.org"],
    "commune": list(territories().communes),
    "epci": list(territories().epcis),
}.items():
    schemathesis.openapi.format(name, st.sampled_from(values))


def described(*, coverage: bool) -> schemathesis.BaseSchema:
    """The document; `coverage` adds every single way to break each of its rules."""
    generation = {
        "deterministic": not EXAMPLES,
        "max-examples": EXAMPLES or 15,
        "database": "none",
    }
    config = {
        "base-url": "http://localhost",
        "generation": generation,
        "phases": {"coverage": {"enabled": coverage or EXAMPLES > 0}},
    }
    return schemathesis.openapi.from_dict(
        json.loads(openapi.document_text()), config=schemathesis.Config.from_dict(config)
    )


everything = described(coverage=True)
submitting = described(coverage=False).include(method="POST")
networks = (f"10.{number >> 8 & 255}.{number & 255}.1" for number in count())


PLAIN = {"Accept-Encoding": "identity"}  # the caller here does not decompress


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """intake as the platform loads it, behind one proxy."""
    with pytest.MonkeyPatch.context() as environment:
        chosen = stack.settings(tmp_path_factory.mktemp("local"), "http://127.0.0.1")
        for name, value in (chosen | {"ACCUEIL_PROXIES": "1"}).items():
            environment.setenv(name, value)
        yield functions_framework.create_app("intake", MAIN)


@everything.parametrize()
def test_intake_answers_as_its_document_says(case, app):
    answer = case.call_and_validate(app=app, headers=API_KEY | PLAIN, checks=CHECKS)
    assert answer.status_code < 500


@submitting.parametrize()
def test_and_to_whoever_has_no_key(case, app):
    # Each call from a network of its own, so that the limits let it through.
    headers = {"X-Forwarded-For": next(networks)}
    answer = case.call_and_validate(app=app, headers=headers | PLAIN, checks=CHECKS)
    assert answer.status_code < 500


@pytest.mark.parametrize("media", ["application/json", "application/x-www-form-urlencoded"])
def test_among_the_calls_made_at_random_some_are_accepted(media, app):
    calls = submitting["/"]["POST"].as_strategy()

    def accepted(case: schemathesis.Case) -> bool:
        return case.media_type == media and case.call(app=app, headers=API_KEY).status_code == 202

    once = hypothesis.settings(
        derandomize=True, phases=[hypothesis.Phase.generate], max_examples=300, database=None
    )
    assert hypothesis.find(calls, accepted, settings=once)
