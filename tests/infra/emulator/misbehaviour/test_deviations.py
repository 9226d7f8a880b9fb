import re
from pathlib import Path

import pytest

from infra.emulator.app import create_app
from infra.emulator.misbehaviour import settings
from infra.emulator.misbehaviour.deviations import DEVIATIONS

README = Path(settings.__file__).parents[1] / "README.md"
RANGE = {"namedRangeId": "a1", "range": {"startRowIndex": 0, "endRowIndex": 1}}


@pytest.fixture
def batch(it, store):
    """Makes a batch update while the API deviates; gives the status and the answer."""
    client = create_app(store, gate=it).test_client()

    def make(deviation, *requests):
        settings.apply({"deviations": [deviation] if deviation else []}, it)
        answer = client.post("/v4/spreadsheets/demo:batchUpdate", json={"requests": requests})
        return answer.status_code, answer.json

    return make


def test_the_readme_says_what_each_does():
    assert (
        set(re.findall(r"^\| `(\w+)` \| [a-zD`]", README.read_text("utf-8"), re.MULTILINE))
        >= DEVIATIONS
    )


def name(name):
    return {"addNamedRange": {"namedRange": RANGE | {"name": name}}}


def test_an_api_that_deviates_does_what_the_faithful_one_refuses(batch):
    assert batch(None, name("first"))[0] == 200
    assert batch(None, name("second"))[0] == 400

    assert batch("range_id_reused", name("second"))[0] == 200

    assert batch(None, name("third"))[0] == 400


def test_a_bad_request_can_leave_those_before_it(batch, store):
    bad = {"deleteNamedRange": {"namedRangeId": "nowhere"}}

    assert batch(None, name("first"), bad)[0] == 400
    assert store.file("demo").book.named_ranges == []

    assert batch("batch_in_part", name("first"), bad)[0] == 400
    assert [named["name"] for named in store.file("demo").book.named_ranges] == ["first"]
