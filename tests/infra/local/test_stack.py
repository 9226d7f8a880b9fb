import os
import socket
from urllib.parse import urlsplit

import pytest
import requests

from functions.shared.errors import AccueilError
from functions.shared.settings import FUNCTIONS, load
from infra.local import seed, stack
from infra.local.mailbox import mails
from infra.local.stack import running
from infra.local.triggers import Triggers
from tests.support import ANA, API_KEY


def rows(base):
    answer = requests.get(f"{base}/google/v4/spreadsheets/demo/values/Demandes", timeout=10)
    return answer.json()["values"][1:]


def test_everything_answers_and_the_state_is_kept_between_runs(tmp_path):
    home = tmp_path / "local"
    with running(home) as base:
        for path in ("/", "/intake", "/classeur", "/courriels", "/courriels/exemples"):
            assert requests.get(base + path, timeout=10).status_code == 200
        sent = requests.post(f"{base}/intake", json=ANA, headers=API_KEY, timeout=10)
        requests.post(f"{base}/route", timeout=10)
        reference = sent.json()["reference"]
    with running(home) as base:
        assert [row[0] for row in rows(base)] == [reference]
        again = requests.post(f"{base}/route?sweep=true", timeout=10)
        assert again.status_code == 200
        assert len(rows(base)) == 1


@pytest.mark.parametrize("function", FUNCTIONS.values())
def test_no_function_misses_a_setting(function, tmp_path):
    load(stack.settings(tmp_path, "http://127.0.0.1:8080"), function)


def test_the_environment_is_put_back(tmp_path, monkeypatch):
    monkeypatch.setenv("ACCUEIL_MAIL", "smtp://mine.example.org")
    before = dict(os.environ)
    with running(tmp_path):
        assert os.environ["ACCUEIL_MAIL"].startswith("outbox:")
    assert dict(os.environ) == before


def test_a_port_that_is_taken_is_said(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(AccueilError, match=f"Le port {port} est déjà pris"):
            running(tmp_path, port).__enter__()


def test_a_second_run_on_the_same_folder_is_refused_and_harms_nothing(tmp_path):
    with running(tmp_path) as base:
        with pytest.raises(AccueilError, match="se sert déjà de"):
            running(tmp_path).__enter__()
        assert rows(base) == []
        assert (
            requests.post(f"{base}/intake", json=ANA, headers=API_KEY, timeout=10).status_code
            == 202
        )


@pytest.mark.parametrize("step", ["apply", "_append"])
def test_a_first_start_cut_off_half_way_is_begun_again(step, tmp_path, monkeypatch):
    def cut_off(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(seed, step, cut_off)
        with pytest.raises(KeyboardInterrupt):
            running(tmp_path).__enter__()
    with running(tmp_path) as base:
        answer = requests.get(f"{base}/google/v4/spreadsheets/demo/values/Coordination", timeout=10)
        assert len(answer.json()["values"]) == 4


def test_the_state_folder_may_have_any_name(tmp_path):
    home = tmp_path / "a%20b #é?"
    with running(home) as base:
        requests.post(f"{base}/intake", json=ANA, headers=API_KEY, timeout=10)
        requests.post(f"{base}/route", timeout=10)
        assert {path.name for path in home.iterdir()} >= {"journal", "mail", "sheets.sqlite"}
        assert mails(home / "mail")
    assert [path.name for path in tmp_path.iterdir()] == [home.name]


def test_its_sheets_api_misbehaves_when_told_and_the_requests_wait(tmp_path, monkeypatch):
    monkeypatch.setattr(Triggers, "_watch", lambda _: None)  # only the test calls route
    with running(tmp_path) as base:
        control = f"{base}/google/_emulator"
        assert requests.get(f"{control}/stats", timeout=10).json()["writes"] == 0
        assert requests.get(f"{control}/faults", timeout=10).json()["faults"] == []
        rule = {"fault": "403", "on": "any"}
        answer = requests.put(f"{control}/faults", json={"faults": [rule]}, timeout=10)
        assert answer.json()["faults"] == [rule]
        requests.post(f"{base}/intake", json=ANA, headers=API_KEY, timeout=10)
        stopped = requests.post(f"{base}/route", timeout=10)
        assert (stopped.status_code, "partagez-le" in stopped.json()["title"]) == (503, True)
        assert requests.put(f"{control}/faults", json={}, timeout=10).json()["faults"] == []
        assert requests.post(f"{base}/route", timeout=10).status_code == 200
        assert len(rows(base)) == 1
        stats = requests.get(f"{control}/stats", timeout=10).json()
        assert stats["faults"]["403"] >= 1
        # The request, and its line in Suivi.
        assert [entry["rows_added"] for entry in stats["history"]] == [2]
    with running(tmp_path) as base:
        assert requests.get(f"{base}/google/_emulator/faults", timeout=10).json()["faults"] == []


def test_a_connection_breaks_in_the_whole_system_as_it_does_alone(tmp_path):
    with running(tmp_path) as base:
        order = {"faults": [{"fault": "reset_before", "on": "read", "count": 1}]}
        requests.put(f"{base}/google/_emulator/faults", json=order, timeout=10)
        api = os.environ["ACCUEIL_SHEETS_API"]  # where the functions call it
        with pytest.raises(requests.ConnectionError):
            requests.get(f"{api}/v4/spreadsheets/demo", timeout=10)
        assert rows(base) == []


def test_nobody_beyond_this_machine_is_answered(tmp_path):
    with running(tmp_path) as base:
        port = urlsplit(base).port
        evil = {"Host": f"evil.example:{port}"}
        assert (
            requests.get(
                f"{base}/google/v4/spreadsheets/demo", headers=evil, timeout=10
            ).status_code
            == 403
        )
        away = {"Origin": "https://evil.example"}
        assert requests.post(f"{base}/digest", headers=away, timeout=10).status_code == 403
        api = os.environ["ACCUEIL_SHEETS_API"]
        evil_there = {"Host": f"evil.example:{urlsplit(api).port}"}
        assert requests.get(f"{api}/v4", headers=evil_there, timeout=10).status_code == 403
        faults = f"{base}/google/_emulator/faults"
        rule = {"faults": [{"fault": "503"}]}
        for headers in (evil, away, {"Sec-Fetch-Site": "cross-site"}):
            assert requests.put(faults, json=rule, headers=headers, timeout=10).status_code == 403
        assert requests.get(faults, headers=evil, timeout=10).status_code == 403
        assert requests.get(faults, headers=away, timeout=10).json()["faults"] == []
        # Every address of 127.0.0.0/8 is this machine; only the one that is listened on answers.
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", port), timeout=5)
