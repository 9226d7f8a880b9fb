import re
from datetime import date

import pytest

from infra.bench import assignment, client, cold, intake, monday, rehearsal, roundtrips, sizes, tap
from infra.bench.report import Figure, Goal, page, percentile
from infra.bench.servers import function, settings
from infra.local.access import LOCAL_SECRET


def test_filing_into_longer_sheets_counts_calls_and_bytes():
    figure = sizes.measure(sizes=(3, 40))
    header, short, long = figure.table
    assert [line[0] for line in (short, long)] == ["3", "40"]
    assert short[1:3] == long[1:3] == ("1", "1")
    # After a change two calls read the sheet, one asks Drive, and what happened is written.
    assert (header[5], short[5], short[6]) == ("changed: reads", "3", "1")
    assert (header[9], short[9], short[10]) == ("quiet: reads", "0", "0")
    assert int(long[7]) > int(short[7]) > 0
    assert figure.goals[0].met


def test_assignment_is_timed():
    figure = assignment.measure(requests=20, rounds=2)
    assert figure.goals[0].met
    assert figure.goals[0].what == "20 requests, 400 rules"


def test_a_proposal_is_tried_and_what_changes_hands_counted():
    """Longer than a second: the command is a process of its own."""
    figure = rehearsal.measure(sizes=[60])
    assert figure.goals[0].met
    assert (figure.table[1][0], figure.table[1][3]) == ("60", "2")


@pytest.mark.slow
def test_a_tap_and_mondays_mails_are_measured_in_the_real_system():
    (answered,) = tap.measure(rounds=1).table[1:]
    assert 0 < float(answered[1]) == float(answered[2])
    long, many, again = monday.measure(rows=30, people=3).table[1:]
    assert (long[1], again[5]) == ("2", "0")
    assert int(many[5]) >= 3


@pytest.mark.slow
def test_intake_is_set_beside_the_least_durable_function():
    figure = intake.measure(rounds=1, requests=16)
    _, empty, durable, ours, *ratios = figure.table
    assert (empty[0], durable[0], ours[0]) == ("empty", "durable", "intake")
    for other, ratio in zip((empty, durable), ratios, strict=True):
        assert ratio[0] == f"intake / {other[0]}"
        assert float(ratio[1]) == pytest.approx(float(ours[1]) / float(other[1]), abs=0.1)
    assert [goal.ours for goal in figure.goals] == [ratios[1][1], ratios[1][3]]


def test_the_least_durable_function_leaves_what_it_was_sent(tmp_path):
    with function("durable", settings(tmp_path)) as durable:
        sent = client.send(durable.port, [b'{"a": 1}', b'{"a": 2}'], clients=2)
    (left,) = [file for file in tmp_path.rglob("*") if file.is_dir()]
    bodies = {file.name: file.read_text() for file in left.iterdir()}
    assert sorted(bodies.values()) == ['{"a": 1}', '{"a": 2}']
    assert {*bodies} == {*sent.references}


def test_both_validators_are_timed():
    line = intake.validators(requests=20)
    explaining, quick, _ = map(int, re.findall(r"(\d+) µs", line))
    assert explaining > quick


def test_round_trips_are_counted_in_turn(monkeypatch):
    monkeypatch.setattr(roundtrips, "DELAY", 0.01)
    figure = roundtrips.measure(rounds=1)
    _, *lines = figure.table
    assert [line[1] for line in lines] == ["3", "3", "2"]
    assert all(float(line[2]) >= 10 * int(line[1]) for line in lines)
    assert figure.goals[0].met


@pytest.mark.slow
def test_a_cold_start_is_timed_and_what_intake_imports_listed(tmp_path):
    figure = cold.measure(rounds=1)
    assert figure.goals[1].ours == "none"
    assert {"functions.intake.handler", "obstore"} <= cold.loaded(
        {
            "ACCUEIL_JOURNAL": tmp_path.as_uri(),
            "ACCUEIL_PRIVACY_CONTACT": "a@example.org",
            "ACCUEIL_SECRET": LOCAL_SECRET,
        }
    )


def test_the_page_says_what_was_missed_and_why():
    goals = [
        Goal("speed", "≤ 1 s", "2 s", met=False, bound="the disk."),
        Goal("loss", "0", "0", met=True, bound="never said."),
    ]
    text = page({"a": Figure("Titre", "How.", [("x",), ("1",)], goals)}, 61, date(2026, 11, 23))
    assert "| a | speed | ≤ 1 s | 2 s | **missed** |" in text
    assert "Missed, a, speed: the disk." in text
    assert "never said" not in text
    assert "## a. Titre\n\nHow.\n\n| x |\n| --- |\n| 1 |" in text


@pytest.mark.parametrize(("percent", "expected"), [(50, 2), (99, 4), (0, 1), (75, 3)])
def test_a_percentile_is_one_of_the_values(percent, expected):
    assert percentile([3, 1, 4, 2], percent) == expected
