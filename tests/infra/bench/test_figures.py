from datetime import date

import pytest

from infra.bench import assignment, cold, intake, sizes
from infra.bench.report import Figure, Goal, page, percentile
from infra.local.access import LOCAL_SECRET


def test_filing_into_longer_sheets_counts_calls_and_bytes():
    figure = sizes.measure(sizes=(3, 40))
    header, short, long = figure.table
    assert [line[0] for line in (short, long)] == ["3", "40"]
    assert short[1:3] == long[1:3] == ("1", "1")
    assert (header[5], short[5], short[6]) == ("sweep: reads", "1", "0")
    assert int(long[7]) > int(short[7]) > 0
    assert figure.goals[0].met


def test_assignment_is_timed():
    figure = assignment.measure(requests=20, rounds=2)
    assert figure.goals[0].met
    assert "20 requests" in figure.how


def test_intake_is_set_beside_the_empty_function():
    figure = intake.measure(rounds=1, requests=16)
    _, empty, ours, ratio = figure.table
    assert (empty[0], ours[0]) == ("empty", "intake")
    assert float(ratio[1]) == pytest.approx(float(ours[1]) / float(empty[1]), abs=0.1)


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
