"""Quotas, latency, races and counts as callers see them, over a real socket."""

import threading
from concurrent.futures import ThreadPoolExecutor

import gspread
import pytest
import requests

from infra.emulator.app import create_app
from infra.emulator.misbehaviour.conduct import Misbehaviour
from infra.emulator.misbehaviour.latency import Latency
from infra.emulator.misbehaviour.quota import Limits, Quota
from infra.emulator.misbehaviour.rules import Rule


def test_as_it_is_made_everything_goes_well(caller, moments):
    assert caller.append(["x"]).status_code == 200
    assert caller.values() == [["x"]]
    assert moments.slept == []


def test_over_quota_gspread_reads_googles_429(it, gc, caller, moments):
    sheet = gc.open_by_key("demo").sheet1
    it.quota = Quota(writes=Limits(user=2))
    sheet.append_row(["un"])
    moments.now += 30
    sheet.append_row(["deux"])
    with pytest.raises(gspread.exceptions.APIError) as caught:
        sheet.append_row(["trois"])
    assert caught.value.code == 429
    assert caught.value.error["status"] == "RESOURCE_EXHAUSTED"
    moments.now += 30
    sheet.append_row(["quatre"])
    assert caller.values() == [["un"], ["deux"], ["quatre"]]
    assert it.stats.refused == {"quota": 1}


def test_users_are_told_apart(it, caller):
    it.quota = Quota(reads=Limits(user=1, project=5))
    users = [
        {"headers": {"Authorization": "Bearer un"}},
        {"headers": {"Authorization": "Bearer deux"}},
        {"params": {"quotaUser": "trois"}},
        {},
    ]
    assert [caller.read(**user).status_code for user in users] == [200] * 4
    assert [caller.read(**user).status_code for user in users] == [429] * 4
    assert caller.read(params={"quotaUser": "quatre"}).status_code == 200
    refused = caller.read(params={"quotaUser": "cinq"}).json()["error"]
    (detail,) = refused["details"]
    assert detail["metadata"]["quota_limit"] == "ReadRequestsPerMinutePerProject"


def test_drive_has_quotas_of_its_own(it, gc):
    it.quota = Quota(reads=Limits(user=1))
    assert len(gc.list_spreadsheet_files()) == 1
    assert len(gc.list_spreadsheet_files()) == 1
    assert (it.stats.reads, it.stats.calls) == (0, {"drive.files.list": 2})


def test_half_of_the_latency_passes_before_the_commit(it, caller, store):
    seen = []
    it.latency = Latency(250)
    it._sleep = lambda seconds: seen.append((seconds, store.file("demo").version))
    caller.append(["x"])
    assert seen == [(0.125, 1), (0.125, 2)]
    it.faults = [Rule("503")]
    caller.append(["x"])  # a refusal takes its time as well
    assert seen[2:] == [(0.125, 2)] * 2


def test_latencies_of_calls_at_the_same_time_overlap(store):
    both = threading.Barrier(2, timeout=5)
    it = Misbehaviour(store, sleep=lambda _: both.wait())
    it.latency = Latency(250)
    store.create({}, "demo")
    app = create_app(store, gate=it)

    def read(_):
        return app.test_client().get("/v4/spreadsheets/demo").status_code

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(read, range(2))) == [200, 200]


@pytest.mark.parametrize(("race", "left"), [(True, 1), (False, 2)])
def test_appends_at_the_same_time_overwrite_each_other(race, left, it, caller):
    caller.append(["Nom"])
    it.append_race, it.latency = race, Latency(250)
    both = threading.Barrier(2, timeout=5)
    it._sleep = lambda _: both.wait()
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(caller.append, (["Anne"], ["Luc"])))
    assert [answer.status_code for answer in answers] == [200, 200]
    it.latency = None
    assert len(caller.values()) == 1 + left


def test_appended_rows_that_are_inserted_push_others_down(it, caller):
    caller.append(["Nom"])
    it.append_race, it.latency = True, Latency(250)
    both = threading.Barrier(2, timeout=5)
    it._sleep = lambda _: both.wait()

    def insert(name):
        where = f"{caller.url}/values/A1:append?valueInputOption=RAW&insertDataOption=INSERT_ROWS"
        return requests.post(where, json={"values": [[name]]}, timeout=10).status_code

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(insert, ("Anne", "Luc"))) == [200, 200]
    it.latency = None
    assert sorted(caller.values()) == [["Anne"], ["Luc"], ["Nom"]]


def test_an_append_to_nothing_is_refused_in_a_race_too(it, caller):
    it.append_race = True
    where = f"{caller.url}/values/Nulle%20part:append?valueInputOption=RAW"
    assert requests.post(where, json={"values": [["x"]]}, timeout=10).status_code == 400


def test_the_same_seed_brings_the_same_fate(it, caller):
    fates = []
    for seed in (1, 1, 2):
        it.faults = [Rule("503", probability=0.5), Rule("403", probability=0.2)]
        it.seed = seed
        fates.append([caller.read().status_code for _ in range(20)])
    assert fates[0] == fates[1] != fates[2]
    assert set(fates[0]) == {200, 403, 503}


def test_what_quotas_refuse_meets_no_fault(it, caller):
    it.quota, it.faults = Quota(writes=Limits(user=1)), [Rule("503", at=[2])]
    assert [caller.append(["x"]).status_code for _ in range(2)] == [200, 429]
    it.quota = None
    assert [caller.append(["x"]).status_code for _ in range(2)] == [503, 200]


def test_people_edit_by_themselves(it, caller, moments):
    caller.append(["Nom", "Notes"], ["Anne"])
    it.people.habits = {"write_note": 1}
    it.let_people_edit(10)
    assert caller.values()[1] == ["Anne"]
    moments.now += 10
    assert caller.values()[1] == ["Anne", "note 1"]
    moments.now += 9
    assert caller.values()[1] == ["Anne", "note 1"]
    moments.now += 1
    assert caller.values()[1] == ["Anne", "note 2"]
    it.let_people_edit(None)
    moments.now += 10
    assert caller.values()[1] == ["Anne", "note 2"]
    assert it.stats.writes == 1
