import json

import pytest

from functions.route.handler import Route
from functions.shared.web import Call


class Drains:
    """A drain that records how it was called."""

    def __init__(self, result):
        self.result, self.calls = result, []

    def __call__(self, *, sweep):
        self.calls.append(sweep)
        return self.result


def call(method="POST", query=None, body=b""):
    return Call(method, {}, query or {}, body)


def test_a_drain_answers_with_how_many_rows_it_wrote():
    answer = Route(Drains(3))(call())
    assert (answer.status, json.loads(answer.body)) == (200, {"written": 3})


def test_a_call_beside_a_running_drain_is_answered_at_once():
    assert Route(Drains(None))(call()).status == 204


@pytest.mark.parametrize("body", [b"", b"{}", b'{"message": {"data": "!!"}}', b"\xff"])
def test_the_body_does_not_matter(body):
    drain = Drains(0)
    assert Route(drain)(call(body=body)).status == 200
    assert drain.calls == [False]


def test_the_schedule_asks_for_a_sweep():
    drain = Drains(0)
    Route(drain)(call(query={"sweep": "true"}))
    assert drain.calls == [True]


def test_looking_does_not_drain():
    drain = Drains(0)
    answer = Route(drain)(call("GET"))
    assert (answer.status, answer.headers) == (405, {"Allow": "POST"})
    assert drain.calls == []
