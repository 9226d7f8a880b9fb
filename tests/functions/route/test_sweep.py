"""When a sweep need not read, and which of the rows it sees it completes."""

from datetime import timedelta

import pytest

from functions.route.read.sheet import SWEEP_PARTS, gather
from functions.route.sweep import Quiet, Sweeper
from functions.shared.journal.store import open_journal
from functions.shared.reference import make
from sheets_schema.territory import territories
from tests.functions.route.arrivals import MORNING
from tests.functions.route.books import ANA, book

TYPED = {"last_name": "Petit", "phone": "06 12 34 56 78", "target": "Figeac"}
WHOLE = TYPED | {"project": "Trouver un emploi"}


class TestQuiet:
    quiet = Quiet("7", MORNING)

    @pytest.mark.parametrize(("minutes", "holds"), [(0, True), (59.99, True), (60, False)])
    def test_it_holds_for_an_hour(self, minutes, holds):
        assert self.quiet.holds("7", MORNING + timedelta(minutes=minutes)) == holds

    @pytest.mark.parametrize("version", ["", "8"])
    def test_it_does_not_for_another_version_or_an_unknown_one(self, version):
        assert not self.quiet.holds(version, MORNING)
        assert not Quiet("", MORNING).holds(version, MORNING)


@pytest.fixture
def sweep(clock):
    journal = open_journal("memory:///")
    draws = iter(range(1000))

    def run(sheet):
        gathered = gather(sheet.read(SWEEP_PARTS), territories())
        seen = gathered.reading
        sweeper = Sweeper(journal, clock, lambda: next(draws))
        return sweeper.sweep(
            gathered,
            lambda rows: sheet.read_rows(seen, "requests", rows),
            lambda: sheet.read({"requests": "all"}),
        )

    return run


@pytest.mark.parametrize(("seconds", "completed"), [(19.9, 0), (20, 1)])
def test_a_row_is_completed_once_it_stood_still_for_twenty_seconds(
    seconds, completed, sweep, clock
):
    sheet = book(requests=[WHOLE])
    assert sweep(sheet).completions == []
    clock.advance(seconds=seconds)
    swept = sweep(sheet)
    assert len(swept.completions) == completed
    assert swept.concerns == []
    assert swept.waiting


@pytest.mark.parametrize(("hours", "said"), [(23.9, 0), (24, 1)])
def test_what_a_row_lacks_is_said_after_a_day_and_nothing_completed(hours, said, sweep, clock):
    sheet = book(requests=[TYPED])
    sweep(sheet)
    clock.advance(hours=hours)
    swept = sweep(sheet)
    assert len(swept.concerns) == said
    assert swept.completions == []
    assert swept.waiting


@pytest.mark.parametrize(("rows", "more"), [(2, False), (3, True)])
def test_more_rows_than_a_batch_takes_are_said_to_wait(rows, more, sweep, clock, monkeypatch):
    monkeypatch.setattr("functions.route.decide.swept.MAX_COMPLETIONS", 2)
    sheet = book(requests=[WHOLE | {"last_name": f"Petit {number}"} for number in range(rows)])
    sweep(sheet)
    clock.advance(minutes=5)
    swept = sweep(sheet)
    assert len(swept.completions) == 2
    assert swept.more == more


def test_rows_for_which_nobody_can_be_named_do_not_keep_the_sweep_going(sweep, clock, monkeypatch):
    monkeypatch.setattr("functions.route.decide.swept.MAX_COMPLETIONS", 1)
    rows = [WHOLE | {"reference": f"LOT-0000-000{number}"} for number in range(2)]
    sheet = book(people=[], coordination=[], requests=rows)
    sweep(sheet)
    clock.advance(minutes=5)
    swept = sweep(sheet)
    assert swept.completions == []
    assert not swept.more


def test_rows_for_which_nobody_can_be_named_keep_no_other_from_being_completed(
    sweep, clock, monkeypatch
):
    monkeypatch.setattr("functions.route.decide.swept.MAX_COMPLETIONS", 1)
    stuck = [WHOLE | {"reference": make(number)} for number in range(3)]
    sheet = book(people=[], coordination=[], requests=[*stuck, WHOLE])
    sweep(sheet)
    clock.advance(minutes=5)
    (completion,) = sweep(sheet).completions
    assert completion.edit.row == 4


def test_a_sheet_without_anything_to_complete_reads_no_row_twice(sweep):
    whole = WHOLE | {"reference": "LOT-0000-0000", "referent": ANA}
    sheet = book(requests=[whole])
    sheet.read_rows = None
    swept = sweep(sheet)
    assert not swept.waiting
    assert swept.states.keys() == {"LOT-0000-0000"}
    assert swept.renew  # the sweeps before it knew nothing of this row


def test_a_row_with_a_text_that_was_not_read_whole_is_noted_and_left_alone(sweep, clock):
    sheet = book(requests=[WHOLE | {"notes": "x" * 50_000}, WHOLE])
    sweep(sheet)
    clock.advance(minutes=5)
    swept = sweep(sheet)
    assert [completion.edit.row for completion in swept.completions] == [2]
    (concern,) = swept.concerns
    assert concern.place == "Demandes!2:2"


def test_rows_to_complete_and_events_are_bounded_in_characters(sweep, clock, monkeypatch):
    monkeypatch.setattr("functions.route.decide.swept.MAX_TEXT", 6_000)
    rows = [WHOLE | {"message": "x" * 2_500} for _ in range(4)]
    sheet = book(requests=rows)
    sweep(sheet)
    clock.advance(minutes=5)
    swept = sweep(sheet)
    assert len(swept.completions) == 2
    assert swept.more


def test_what_is_remembered_of_a_cell_is_short(sweep):
    row = WHOLE | {"reference": "LOT-0000-0000", "referent": ANA, "status": "é" * 50_000}
    (state,) = sweep(book(requests=[row])).states.values()
    assert len(state.status) <= 200


def test_only_the_last_of_very_many_rows_that_lack_something_are_read(sweep, monkeypatch):
    monkeypatch.setattr("functions.route.decide.sight.MAX_ROWS_READ", 3)
    sheet = book(requests=[WHOLE] * 10)
    asked = []
    read_rows = sheet.read_rows
    sheet.read_rows = lambda seen, key, rows: asked.extend(rows) or read_rows(seen, key, rows)
    sweep(sheet)
    assert asked == [8, 9, 10]
