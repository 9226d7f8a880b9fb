import json
from dataclasses import replace

import pytest

from functions.intake.handler import Intake
from functions.intake.traces import MANY, Traces
from functions.shared.journal.store import open_journal
from functions.shared.web import Call
from infra.local.access import LOCAL_INTAKE
from tests.support import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def traces(clock) -> Traces:
    return Traces("secret", clock)


@pytest.fixture
def lines(capsys):
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_thousands_of_refusals_are_one_line_a_minute_for_each_status(traces, clock, lines):
    for _ in range(180):  # three minutes with ten of each every second
        for status in (403, 429):
            for _ in range(10):
                traces.see(status, lambda: "192.0.2.1")
        clock.advance(seconds=1)
    written = lines()
    assert len(written) == 2 * 3
    assert {line["message"] for line in written} == {"refused"}
    traces.end()
    counts = [line["count"] for line in [*written, *lines()] if line["status"] == 403]
    assert counts[0] == MANY  # at once
    assert (len(counts), sum(counts)) == (4, 1800)


def test_a_few_wait_for_a_minute(traces, clock, lines):
    for _ in range(MANY - 1):
        traces.see(422, lambda: "192.0.2.1")
    clock.advance(seconds=59)
    traces.see(200, lambda: "192.0.2.2")
    assert lines() == []
    clock.advance(seconds=1)
    traces.see(200, lambda: "192.0.2.2")
    [line] = lines()
    assert (line["status"], line["count"], line["networks"]) == (422, MANY - 1, 1)
    assert line["seconds"] == 60
    traces.see(200, lambda: "192.0.2.2")
    traces.end()
    assert lines() == []


@pytest.mark.parametrize("status", [200, 202, 204, 304, 500, 503])
def test_what_is_no_refusal_does_not_count(status, traces, lines):
    for _ in range(MANY):
        traces.see(status, lambda: "192.0.2.1")
    traces.end()
    assert lines() == []


def test_networks_are_told_apart_and_not_named(clock, lines):
    said = []
    for secret in ("secret", "secret", "other"):
        traces = Traces(secret, clock)
        for count, network in ((6, "192.0.2.1"), (3, "2001:db8:1::/48"), (1, "")):
            for _ in range(count):
                traces.see(429, lambda network=network: network)
        [line] = lines()
        assert [entry.split(": ")[1] for entry in line["most"]] == ["6", "3", "1"]
        said.append([entry.split(": ")[0] for entry in line["most"]])
        assert not {"192.0.2.1", "2001:db8"} & set(str(line).split("'"))
        assert len(set(said[-1])) == 3
        assert said[-1][2] == "unknown"
    assert said[0] == said[1]
    assert set(said[0]) & set(said[2]) == {"unknown"}


def test_the_memory_of_networks_is_bounded(traces, lines, monkeypatch):
    monkeypatch.setattr("functions.intake.traces._KEPT", 20)
    monkeypatch.setattr("functions.intake.traces.MANY", 500)
    for number in range(500):
        traces.see(429, lambda number=number: f"net {number}")
    [line] = lines()
    assert (line["count"], line["networks"], len(line["most"])) == (500, 21, 5)
    assert line["most"][0] == "others: 480"


def test_intake_says_how_many_it_refused_and_nothing_personal(clock, lines):
    intake = Intake(open_journal("memory:///"), replace(LOCAL_INTAKE, proxies=1), clock)
    body = b"first_name=Rarissime&email=rare@"
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-forwarded-for": "2001:db8:7:8::9",
    }
    for _ in range(200):
        intake(Call("POST", headers, {"source": "rarissime"}, body, "/", "10.0.0.1"))
        clock.advance(seconds=0.1)
    clock.advance(minutes=1)
    intake(Call("GET", {}, {}, b"", "/health"))
    written = lines()
    assert sum(line["count"] for line in written) == 200
    assert {line["status"] for line in written} == {422, 429}
    said = json.dumps(written).lower()
    assert not any(word in said for word in ("rar", "2001", "db8", "10.0"))
