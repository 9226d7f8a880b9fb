"""Each assumption about Google's API, broken in turn: doctor names just that one.

Each case makes all checks (some hundred calls, about 0.2 s), because another line that also spoke
would send people to the wrong place. Only the one that makes a whole spreadsheet is left out where
it is not meant.
"""

import re
from pathlib import Path

import pytest

from infra.doctor import run
from infra.doctor.basics import BASICS
from infra.doctor.checks import examine
from infra.doctor.live import LIVE
from infra.doctor.run import SCRATCH, examine_live
from infra.doctor.scratch import PREFIX, scratch
from infra.emulator.misbehaviour.deviations import DEVIATIONS
from infra.emulator.misbehaviour.rules import Rule

CHECKLIST = Path(__file__).parents[3] / "docs" / "live-checklist.md"
BREAKS = {
    "range_id_reused": "fence-id-twice",
    "range_id_ignored": "fence-id-chosen",
    "batch_in_part": "batch-whole",
    "insertion_bare": "rows-look",
    "insertion_overwrites": "rows-place",
    "dropdown_refuses": "dropdown-strict",
    "answer_without_cells": "answer-cells",
    "paste_late": "copy-then-write",
    "hidden_tab_keeps_rows": "hidden-resize",
    "partial_replacement": "find-whole",
    "empty_replacement_ignored": "find-empty",
    "replacement_parsed": "find-text",
    "grid_without_end": "column-missing",
    "dates_as_texts": "values-forms",
    "errors_blank": "values-errors",
    "titles_exact": "titles-capitals",
    "version_stays": "drive-version",
    "view_id_ignored": "view-id",
    "criteria_respelt": "view-same",
    "view_range_closed": "view-open",
    "view_update_clears": "view-order",
    "protection_open": "protection-hard",
    "warning_stops": "protection-warns",
    "columns_closed": "protection-columns",
    "protection_unnamed": "apply-twice",
}
QUICK = [check for check in LIVE if check.key != "apply-twice"]


def outcomes(api, checks):
    workbook, second = api.opened()
    with scratch(workbook, run="abc123", clock=api.clock, sleep=api.sleep, second=second) as made:
        return {line.check.key: line.seen.outcome for line in examine(checks, made)}


def wrong(outcomes):
    return [key for key, outcome in outcomes.items() if outcome in ("fault", "warning")]


def test_against_the_faithful_api_all_lines_pass(api):
    result = outcomes(api, LIVE)

    assert result.pop("quota") == "skipped"  # nobody was asked to wait
    assert set(result.values()) == {"ok"}


@pytest.mark.parametrize("deviation", sorted(DEVIATIONS))
def test_each_broken_assumption_is_named_by_its_line_alone(api, deviation):
    api.gate.deviations = frozenset({deviation})
    key = BREAKS[deviation]

    result = outcomes(api, LIVE if key == "apply-twice" else QUICK)

    assert wrong(result) == [key]
    skipped = [key for key, outcome in result.items() if outcome == "skipped"]
    assert skipped == ["quota"]


def test_without_drive_s_version_there_is_a_warning_and_its_lag_is_unknown(api):
    api.gate.faults = [Rule("403", on="drive.files.get")]

    result = outcomes(api, QUICK)

    assert wrong(result) == ["drive-access"]
    assert result["drive-version"] == "skipped"


def test_when_google_asks_to_wait_doctor_waits_and_tells(api):
    api.gate.faults = [Rule("429", on="write", at=[3], retry_after=7)]
    workbook, second = api.opened()
    with scratch(workbook, run="abc123", clock=api.clock, sleep=api.sleep, second=second) as made:
        lines = list(examine(QUICK, made))

    assert wrong({line.check.key: line.seen.outcome for line in lines}) == []
    assert lines[-1].seen.sentence == "Google a demandé 1 fois de patienter : 7 s."


def test_an_api_that_is_down_says_nothing_about_what_was_to_be_checked(api):
    workbook, _ = api.opened()
    with scratch(workbook, run="abc123", clock=api.clock, sleep=api.sleep) as made:
        api.gate.faults = [Rule("503")]
        lines = list(examine([check for check in LIVE if check.key == "batch-whole"], made))
        api.gate.faults = []

    assert [line.seen.outcome for line in lines] == ["skipped"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_the_tabs_are_removed_whatever_happens(api, error):
    workbook, _ = api.opened()
    there = []

    def work():
        with scratch(workbook, run="abc123", clock=api.clock, sleep=api.sleep):
            there.extend(api.left)
            raise error

    with pytest.raises(error):
        work()

    assert (len(there), api.left) == (3, ["Sheet1"])


def test_tabs_that_a_dead_run_left_are_removed_and_those_of_another_run_are_not(api):
    def title(stamp):
        return f"{PREFIX} {stamp} dead00 requests"

    old, young, people_s = title("20261123T073000Z"), title("20261123T083000Z"), f"{PREFIX} notes"
    workbook, _ = api.opened()
    workbook.batch_update(
        [{"addSheet": {"properties": {"title": name}}} for name in (old, young, people_s)]
    )

    with scratch(workbook, run="abc123", clock=lambda: api.now.replace(hour=9), sleep=api.sleep):
        assert old not in api.left
        assert {young, people_s} <= set(api.left)

    sheets = workbook.metadata()["sheets"]
    workbook.batch_update(
        [
            {"deleteSheet": {"sheetId": sheet["properties"]["sheetId"]}}
            for sheet in sheets
            if sheet["properties"]["title"] in (young, people_s)
        ]
    )


def test_what_cannot_be_removed_is_named(api, system, monkeypatch):
    monkeypatch.setattr(run, "LIVE", QUICK[:1])
    # 1: the tabs are made, 2 to 4: the check, 5: they are removed.
    api.gate.faults = [Rule("403", on="write", at=[5])]

    *_, last = examine_live(system, api.opened, sleep=api.sleep)

    assert last.check is SCRATCH
    assert last.seen.outcome == "fault"
    assert f"« {PREFIX} 20261123T090000Z abc123 requests »" in last.seen.sentence
    api.gate.faults = []
    workbook, _ = api.opened()
    sheets = [sheet["properties"]["sheetId"] for sheet in workbook.metadata()["sheets"]]
    workbook.batch_update([{"deleteSheet": {"sheetId": sheet}} for sheet in sheets[1:]])


def test_where_nothing_can_be_made_each_line_is_skipped(api, system):
    api.gate.faults = [Rule("403", on="write")]

    *lines, last = examine_live(system, api.opened, sleep=api.sleep)

    assert {line.seen.outcome for line in lines} == {"skipped"}
    assert len(lines) == len(LIVE)
    assert (last.check, last.seen.outcome) == (SCRATCH, "fault")
    assert "partagez-le, en modification" in last.seen.sentence


def test_the_page_says_of_each_point_which_line_checks_it():
    page = CHECKLIST.read_text("utf-8")
    rows = [row.strip("|").split("|") for row in page.splitlines() if row.startswith("|")][2:]
    named = {key for row in rows for key in re.findall(r"`([\w-]+)`", row[3])}
    known = {check.key for check in (*LIVE, *BASICS, SCRATCH)}

    assert all(len(row) == 4 for row in rows)
    assert named <= known
    assert {check.key for check in LIVE} <= named
    assert all(re.findall(r"`[\w-]+`", row[3]) or row[3].strip() == "a person" for row in rows)
