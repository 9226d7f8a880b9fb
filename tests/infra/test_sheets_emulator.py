import json
from collections.abc import Iterator
from contextlib import closing

import pytest

from functions.shared.errors import AccueilError
from infra.emulator.misbehaviour.conduct import Misbehaviour
from infra.emulator.misbehaviour.latency import Latency
from infra.emulator.misbehaviour.quota import REAL, Limits
from infra.emulator.misbehaviour.rules import Rule
from infra.emulator.store import Store
from infra.sheets_emulator import misbehave

NONE = {"quota": "none", "latency": None, "faults": None, "append_race": False, "seed": 0}


@pytest.fixture
def it() -> Iterator[Misbehaviour]:
    with closing(Store()) as store:
        yield Misbehaviour(store)


def test_none_of_them(it):
    misbehave(it, **NONE)
    assert (it.quota, it.latency, it.faults, it.append_race) == (None, None, [], False)


def test_all_of_them(it, tmp_path):
    file = tmp_path / "faults.json"
    file.write_text(json.dumps([{"fault": "429", "count": 1}]))
    given = {"quota": "real", "latency": "p50=250,p99=1500", "append_race": True, "seed": 7}
    misbehave(it, **given, faults=file)
    assert (it.quota.reads, it.quota.writes) == (REAL, REAL)
    assert it.latency == Latency(250, 1500)
    assert it.faults == [Rule("429", count=1)]
    assert (it.append_race, it.seed) == (True, 7)


def test_short_forms(it):
    misbehave(it, **NONE | {"quota": "100/50", "latency": "2.5"})
    assert (it.quota.reads, it.quota.writes) == (Limits(user=100), Limits(user=50))
    assert it.latency == Latency(2.5)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"quota": "60"}, "--quota 60 : indiquez none, real, ou deux nombres"),
        ({"quota": "0/60"}, "L'émulateur refuse ces options : "),
        ({"latency": "vite"}, "--latency vite : indiquez une durée en millisecondes"),
        ({"latency": "p50=9,p99=3"}, "0 < p50 ≤ p99"),
    ],
)
def test_what_is_malformed_is_a_sentence(given, sentence, it):
    with pytest.raises(AccueilError) as caught:
        misbehave(it, **NONE | given)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[{", "ce n'est pas du JSON"),
        ("\xff", "ce n'est pas du JSON"),
        ('[{"fault": "418"}]', "faults[0].fault"),
        ('{"fault": "500"}', "Invalid value at 'faults'"),
    ],
)
def test_a_file_of_faults_that_is_none(text, sentence, it, tmp_path):
    file = tmp_path / "faults.json"
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(AccueilError) as caught:
        misbehave(it, **NONE | {"faults": file})
    assert sentence in str(caught.value)
