"""Each fault as the real clients see it, over a real socket."""

import gspread
import pytest
import requests

from infra.emulator.app import create_app
from infra.emulator.misbehaviour.rules import Rule


@pytest.fixture
def sheet(gc):
    return gc.open_by_key("demo").sheet1


def committed(store):
    return [row.values for row in store.file("demo").book.sheets[0].grid.rows if row.values]


def refused(it, sheet, rule):
    """Let an append meet a fault; gives the error that gspread raises, and forgets the rule."""
    it.faults = [rule]
    with pytest.raises(gspread.exceptions.APIError) as caught:
        sheet.append_row(["x"])
    it.faults = []
    return caught.value


@pytest.mark.parametrize(
    ("rule", "code", "status"),
    [
        (Rule("429"), 429, "RESOURCE_EXHAUSTED"),
        (Rule("403"), 403, "PERMISSION_DENIED"),
        (Rule("500"), 500, "INTERNAL"),
        (Rule("503"), 503, "UNAVAILABLE"),
    ],
)
def test_refusals_have_googles_body_and_change_nothing(rule, code, status, it, sheet, store):
    error = refused(it, sheet, rule)
    assert (error.code, error.error["status"]) == (code, status)
    assert committed(store) == []
    assert sheet.append_row(["x"])
    assert it.stats.faults == {rule.fault: 1}


@pytest.mark.parametrize("rule", [Rule("500", committed=True), Rule("503", committed=True)])
def test_a_refused_call_may_have_been_committed(rule, it, sheet, store):
    assert refused(it, sheet, rule).code in (500, 503)
    assert committed(store) == [{0: "x"}]


def test_a_page_is_no_json(it, sheet, caller):
    assert refused(it, sheet, Rule("503", html=True)).code == -1  # gspread's sign for it
    it.faults = [Rule("503", html=True, retry_after=7)]
    answer = caller.read()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "7")
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "<title>Error 503</title>" in answer.text


def test_a_429_may_say_when_to_come_back(it, caller):
    it.faults = [Rule("429", retry_after=3)]
    answer = caller.append(["x"])
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3")
    assert "'Write requests per minute per user'" in answer.json()["error"]["message"]
    assert it.stats.refused == {"injected": 1}


@pytest.mark.parametrize(("fault", "rows"), [("reset_before", []), ("reset_after", [{0: "x"}])])
def test_a_connection_is_reset_before_or_after_the_commit(fault, rows, it, sheet, store):
    it.faults = [Rule(fault)]
    with pytest.raises(requests.ConnectionError, match="Connection reset by peer"):
        sheet.append_row(["x"])
    assert committed(store) == rows
    it.faults = []
    assert sheet.append_row(["y"])


def test_no_answer_comes_to_what_was_committed(it, sheet, store, moments):
    it.faults = [Rule("no_answer", seconds=90)]
    with pytest.raises(requests.ConnectionError, match="closed connection without response"):
        sheet.append_row(["x"])
    assert committed(store) == [{0: "x"}]
    assert moments.slept == [90]


@pytest.mark.parametrize("reset", [True, False])
def test_a_late_commit_comes_before_any_later_call(reset, it, caller, moments):
    it.faults = [Rule("late_commit", on="write", count=1, seconds=60, reset=reset)]
    if reset:
        with pytest.raises(requests.ConnectionError):
            caller.append(["x"])
    else:
        assert caller.append(["x"]).status_code == 504
    assert caller.values() == []
    moments.now += 59
    assert caller.values() == []
    moments.now += 1
    assert caller.values() == [["x"]]
    assert caller.append(["y"]).status_code == 200
    assert caller.values() == [["x"], ["y"]]


def test_a_late_commit_comes_by_itself_in_a_real_server(it, caller, store, moments):
    it.faults = [Rule("late_commit", seconds=60)]
    caller.append(["x"])
    ((seconds, wake_up),) = moments.later
    assert seconds == 60
    wake_up()
    assert committed(store) == []  # a timer that is early changes nothing
    moments.now += 60
    wake_up()
    assert committed(store) == [{0: "x"}]


def test_a_late_commit_that_is_refused_is_lost(it, caller, moments):
    named = {"namedRangeId": "fence_1", "name": "fence_1", "range": {"endRowIndex": 1}}
    fence = {"addNamedRange": {"namedRange": named}}
    it.faults = [Rule("late_commit", count=1, seconds=5)]
    assert caller.batch(fence).status_code == 504
    assert caller.batch(fence).status_code == 200
    moments.now += 5
    assert caller.values() == []
    assert [entry["named_ranges_added"] for entry in it.stats.history] == [["fence_1"]]


def test_a_slow_body_comes_in_pieces(it, caller, moments):
    it.faults = [Rule("slow_body", seconds=80)]
    assert caller.append(["x"]).json()["spreadsheetId"] == "demo"
    assert moments.slept == [10] * 8


def test_a_truncated_body_is_noticed_by_the_client(it, caller, sheet, store):
    it.faults = [Rule("truncated_body")]
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        caller.append(["x"])
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        sheet.get_all_values()
    assert committed(store) == [{0: "x"}]


def test_a_broken_connection_needs_our_server(it, store):
    it.faults = [Rule("reset_before")]
    answer = create_app(store, gate=it).test_client().get("/v4/spreadsheets/demo")
    assert answer.status_code == 501
