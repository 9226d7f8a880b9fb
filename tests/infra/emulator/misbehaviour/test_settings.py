import pytest

from infra.emulator.errors import InvalidArgumentError
from infra.emulator.misbehaviour import settings
from infra.emulator.misbehaviour.latency import Latency
from infra.emulator.misbehaviour.quota import REAL, Limits
from infra.emulator.misbehaviour.rules import Rule
from infra.emulator.people.people import HABITS

NOTHING = {
    "quota": None,
    "latency": None,
    "faults": [],
    "append_race": False,
    "deviations": [],
    "people": None,
    "seed": 0,
}
EVERYTHING = {
    "quota": {"read": {"user": 60, "project": 300}, "write": {"user": 50}},
    "latency": {"p50": 250, "p99": 1500},
    "faults": [
        {"fault": "429", "on": "write", "probability": 0.1, "retry_after": 2},
        {"fault": "503", "on": "any", "count": 3, "html": True, "committed": True},
        {"fault": "late_commit", "on": "write", "every": 7, "seconds": 90, "reset": True},
        {"fault": "no_answer", "on": "sheets.spreadsheets.batchUpdate", "at": [1, 5]},
    ],
    "append_race": True,
    "deviations": ["batch_in_part", "range_id_reused"],
    "people": {
        "every": 0.5,
        "actions": {"sort": 1, "add_tab": 0},
        "spreadsheet": "demo",
        "tab": "Notes",
    },
    "seed": 7,
}


def test_everything_is_read_and_written_back(it):
    settings.apply(EVERYTHING, it)
    assert settings.document(it) == EVERYTHING
    assert it.quota.writes == Limits(user=50)
    assert it.latency == Latency(250, 1500)
    assert it.faults[3] == Rule("no_answer", on="sheets.spreadsheets.batchUpdate", at=[1, 5])
    assert (it.people.tab, it.people.habits) == ("Notes", {"sort": 1, "add_tab": 0})


def test_what_a_document_does_not_name_goes_well(it):
    settings.apply(EVERYTHING, it)
    settings.apply({}, it)
    assert settings.document(it) == NOTHING
    assert (it.people.tab, it.people.habits, it.people.spreadsheet) == ("Demandes", HABITS, None)
    settings.apply(NOTHING, it)
    assert settings.document(it) == NOTHING


def test_short_forms(it):
    settings.apply({"quota": "real", "latency": 250}, it)
    assert (it.quota.reads, it.quota.writes, it.latency) == (REAL, REAL, Latency(250))


def test_people_come_and_go(it, moments):
    settings.apply({"people": {"every": 10}}, it)
    assert [seconds for seconds, _ in moments.later] == [10]
    settings.apply({}, it)
    moments.now += 10
    it.agenda.run_due()
    assert it.people.records == []


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ([], 'is not of type "object"'),
        ({"quotas": "real"}, 'Unknown name "quotas"'),
        ({"quota": "google"}, "Invalid value at 'quota'"),
        ({"quota": {"read": {"user": 0}}}, "'quota.read.user': 0 is less than the minimum of 1"),
        ({"latency": 0}, "'latency': 0 is less than or equal to the minimum of 0"),
        ({"latency": {"p99": 9}}, "'latency': \"p50\" is a required property"),
        ({"latency": {"p50": 10, "p99": 9}}, "0 < p50 ≤ p99"),
        ({"faults": [{}]}, '"fault" is a required property'),
        ({"faults": [{"fault": "418"}]}, "'faults[0].fault'"),
        ({"faults": [{"fault": "500", "probability": 2}]}, "'faults[0].probability': 2 is greater"),
        ({"faults": [{"fault": "500", "at": [0]}]}, "'faults[0].at[0]': 0 is less"),
        ({"faults": [{"fault": "500"}, {"fault": "500", "html": True}]}, "faults[1]: The fault"),
        ({"faults": [{"fault": "500", "on": "append"}]}, "faults[0]: on: append is neither"),
        ({"people": {}}, '"every" is a required property'),
        ({"people": {"every": 1, "actions": {"sing": 1}}}, 'Unknown name "sing" at \'people.act'),
        ({"seed": "x"}, "Invalid value at 'seed'"),
    ],
)
def test_what_is_malformed_is_refused_and_changes_nothing(document, sentence, it):
    settings.apply(EVERYTHING, it)
    with pytest.raises(InvalidArgumentError) as caught:
        settings.apply(document, it)
    assert sentence in str(caught.value)
    assert settings.document(it) == EVERYTHING
