import pytest
import requests

from infra.emulator.app import create_app
from infra.emulator.misbehaviour.quota import Limits, Quota


class Control:
    def __init__(self, url):
        self.url = f"{url}/_emulator"

    def __call__(self, verb, path, body=None, code=200):
        answer = requests.request(verb, f"{self.url}/{path}", json=body, timeout=10)
        assert answer.status_code == code, answer.text
        return answer.json() if answer.content else None


@pytest.fixture
def control(url):
    return Control(url)


def test_faults_are_changed_while_it_runs(control, caller):
    assert control("GET", "faults")["faults"] == []
    rule = {"fault": "503", "on": "write", "count": 1}
    changed = control("PUT", "faults", {"faults": [rule]})
    assert changed["faults"] == [rule]
    assert control("GET", "faults") == changed
    assert [caller.append(["x"]).status_code for _ in range(2)] == [503, 200]
    assert control("PUT", "faults", {})["faults"] == []


def test_what_is_malformed_is_refused_with_a_sentence(control):
    wrong = control("PUT", "faults", {"latency": -1}, code=400)["error"]
    assert wrong["message"].startswith("Invalid value at 'latency'")
    answer = requests.put(f"{control.url}/faults", data="{", timeout=10)
    assert (answer.status_code, answer.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")


def test_what_was_called_is_told_and_forgotten(control, caller):
    caller.append(["x"])
    stats = control("GET", "stats")
    assert (stats["writes"], stats["history"][0]["rows_added"]) == (1, 1)
    control("DELETE", "stats", code=204)
    assert (control("GET", "stats")["writes"], control("GET", "stats")["calls"]) == (0, {})


def test_people_edit_at_a_word(control, caller):
    caller.append(["Référence", "Nom", "Notes"], ["LOT-1", "Anne"])
    edit = {"action": "write_note", "row": "LOT-1", "value": "rappeler lundi"}
    record = control("POST", "people", edit)
    assert record == {
        "number": 1,
        "action": "write_note",
        "tab": "Demandes",
        "header": "",
        "value": "",
        "rows": [],
        "cells": [
            {
                "row": 2,
                "reference": "LOT-1",
                "name": "Anne",
                "header": "Notes",
                "before": "",
                "value": "rappeler lundi",
            }
        ],
    }
    by_chance = control("POST", "people", {"action": "any"})
    assert control("GET", "people") == [record, by_chance]


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        ({"action": "sing"}, "Invalid value at 'action'"),
        ({"action": "sort", "row": 2}, "unexpected keyword argument 'row'"),
        ({"action": "sort", "wert": 2}, 'Unknown name "wert"'),
        ({"row": 2}, '"action" is a required property'),
        ({"action": "any", "row": 2}, "There is no action any"),
        ({"action": "paste", "lines": ["x"]}, "Invalid value at 'lines[0]'"),
        ({"action": "fill_in", "values": [["x"]]}, "Invalid value at 'values'"),
        ({"action": "clear_referent", "row": 2}, "There is no column « Référent »"),
        ({"action": "write_note", "row": "LOT-9"}, "There is no row with reference LOT-9"),
    ],
)
def test_what_people_cannot_do_is_refused(edit, sentence, control, caller):
    caller.append(["Référence", "Nom", "Notes"], ["LOT-1", "Anne"])
    assert sentence in control("POST", "people", edit, code=400)["error"]["message"]


def test_it_is_neither_counted_nor_faulty(control, it):
    it.quota = Quota(Limits(user=0), Limits(user=0))
    control("PUT", "faults", {"quota": {"read": {"user": 1}}, "faults": [{"fault": "500"}]})
    for _ in range(3):
        control("GET", "faults")
    assert control("GET", "stats")["calls"] == {}


def test_without_misbehaviour_it_is_not_there(store):
    for gate in (None, lambda _, carry_out: carry_out()):
        app = create_app(store, gate=gate)
        assert app.test_client().get("/_emulator/stats").status_code == 404
