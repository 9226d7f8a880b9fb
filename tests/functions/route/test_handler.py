import json

import pytest

from functions.route.handler import Route
from functions.shared.errors import WorkbookError
from functions.shared.web import Call
from tests.support import Clock


class Drains:
    """A drain that records how it was called."""

    def __init__(self, result):
        self.result, self.calls, self.clock = result, [], Clock()

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


def test_a_sweep_that_comes_too_soon_is_told_so_and_does_nothing():
    drain = Drains(0)
    route, sweep, clock = Route(drain), call(query={"sweep": "true"}), drain.clock
    assert route(sweep).status == 200
    clock.advance(seconds=19.5)
    answer = route(sweep)
    assert (answer.status, answer.headers["Retry-After"]) == (429, "1")
    assert "toutes les 20 secondes" in json.loads(answer.body)["title"]
    assert route(call()).status == 200  # what is pending waits for no sweep
    clock.advance(seconds=0.5)
    assert route(sweep).status == 200
    assert drain.calls == [True, False, True]


def test_a_sweep_that_failed_counts_too():
    class Fails(Drains):
        def __call__(self, *, sweep):
            raise WorkbookError(f"{sweep}")

    route = Route(Fails(0))
    with pytest.raises(WorkbookError):
        route(call(query={"sweep": "true"}))
    assert route(call(query={"sweep": "true"})).status == 429
