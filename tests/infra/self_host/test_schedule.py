import json
import runpy
import sys
from datetime import UTC, datetime, timedelta

import pytest
from werkzeug.wrappers import Request, Response

from infra.emulator.server import serving
from infra.self_host import schedule
from infra.self_host.schedule import DIGEST, ROUTE, SWEEP, due

MINUTE = timedelta(minutes=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def called(begin: datetime, minutes: int) -> list[tuple[datetime, str]]:
    """What is called when every minute is looked at."""
    moments = [begin + number * MINUTE for number in range(1, minutes + 1)]
    return [(moment, address) for moment in moments for address in due(moment - MINUTE, moment)]


def test_route_is_called_every_minute_and_every_fifth_call_is_a_sweep():
    addresses = [address for _, address in called(at("2026-12-02 10:00:30"), 10)]
    assert addresses == 2 * ([ROUTE] * 4 + [SWEEP])


@pytest.mark.parametrize(
    ("monday", "hour"), [("2026-11-30", 6), ("2026-07-06", 5), ("2026-03-30", 5)]
)
def test_digest_is_called_on_mondays_from_seven_in_paris_also_in_summer(monday, hour):
    week = called(at(f"{monday} 00:00") - timedelta(days=3), 7 * 24 * 60)
    calls = [moment for moment, address in week if address == DIGEST]
    first = at(f"{monday} {hour:02}:00")
    assert calls == [first + quarter * timedelta(minutes=15) for quarter in range(4)]


def test_what_fell_due_during_a_long_call_is_called_once():
    assert due(at("2026-11-30 05:58"), at("2026-11-30 06:09")) == [SWEEP, DIGEST]


def test_the_same_minute_calls_nothing_again():
    assert due(at("2026-11-30 06:00:01"), at("2026-11-30 06:00:59")) == []


def test_after_days_of_sleep_only_the_last_hours_count():
    assert due(at("2020-01-01 00:00"), at("2026-12-02 10:00")) == [SWEEP]


class Called:
    """Answers as told, and remembers the calls."""

    def __init__(self, status: int) -> None:
        self.status, self.calls = status, []

    def __call__(self, environ, start):
        request = Request(environ)
        self.calls.append((request.method, request.full_path, request.content_type, request.data))
        return Response("{}", self.status)(environ, start)


@pytest.mark.parametrize(("status", "well"), [(200, True), (429, True), (502, False), (503, False)])
def test_a_call_is_made_and_logged(status, well, capsys):
    app = Called(status)
    with serving(app) as url:
        assert schedule.call(f"{url}/?sweep=true") is well
    assert app.calls == [("POST", "/?sweep=true", "application/json", b"")]
    line = json.loads(capsys.readouterr().out)
    assert line["severity"] == ("INFO" if well else "ERROR")
    assert line["message"].endswith(f"/?sweep=true {status}")


def test_a_function_that_does_not_answer_is_logged_and_the_others_are_called(capsys):
    assert not schedule.call("http://127.0.0.1:9/")
    assert json.loads(capsys.readouterr().out)["message"].endswith("URLError")


def test_an_address_may_be_called_by_hand(monkeypatch):
    app = Called(200)
    with serving(app) as url:
        monkeypatch.setattr(sys, "argv", ["schedule.py", f"{url}/", f"{url}/?sweep=true"])
        with pytest.raises(SystemExit) as stopped:
            runpy.run_path(schedule.__file__, run_name="__main__")
    assert stopped.value.code == 0
    assert len(app.calls) == 2
