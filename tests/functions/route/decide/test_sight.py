"""What a sweep sees: whose events a batch takes, and which rows it reads whole."""

from datetime import timedelta

import pytest

from functions.route.decide import sight as module
from functions.route.decide.alignment import Alignment
from functions.route.decide.sight import STEADY, choose, fitting
from sheets_schema.wire import LONGEST
from tests.functions.route.decide.sights import (
    ANA,
    ANOTHER,
    BOB,
    FILED,
    LOT,
    THIRD,
    TYPED,
    see,
    seen,
    sight,
)

OTHER = FILED | {"reference": ANOTHER}
CALLED = {"status": "Accompagnement en cours"}


class TestEvents:
    def test_a_batch_takes_some_and_all_of_a_request_wait_together(self, monkeypatch):
        rows = [FILED | CALLED, OTHER | CALLED | {"last_contact_on": 46_000}]
        first = sight(*rows, before=[FILED, OTHER])
        assert [event.kind for event in first.events] == [
            "status_changed",
            "first_contact",
            "status_changed",
        ]
        assert first.untold == set()
        monkeypatch.setattr(module, "MAX_EVENTS", 2)
        first = sight(*rows, before=[FILED, OTHER])
        assert [event.reference for event in first.events] == [LOT]
        assert first.untold == {ANOTHER}

    def test_who_follows_a_request_is_told_once_its_row_is_changed(self):
        first = sight(FILED | {"referent": BOB}, before=[FILED])
        assert first.events == ()
        assert first.turns.keys() == {LOT}


class TestRowsToRead:
    def test_those_that_lack_something_and_those_that_are_wanted(self):
        choice = choose(sight(FILED, TYPED, OTHER), {ANOTHER})
        assert choice.rows == [3, 2]
        assert choice.references == {LOT, ANOTHER}

    def test_the_first_wanted_and_the_last_that_lack_something_if_there_are_many(self, monkeypatch):
        monkeypatch.setattr(module, "MAX_ROWS_READ", 1)
        choice = choose(sight(FILED, TYPED, OTHER, TYPED), {LOT, ANOTHER})
        assert choice.rows == [1, 4]

    def test_misplaced_rows_are_left_alone(self):
        alignments = {LOT: None, THIRD: Alignment(2, {})}
        choice = choose(sight(FILED, TYPED, TYPED, alignments=alignments), {LOT})
        assert choice.rows == [3]
        assert choice.references == set()


class TestRowsRead:
    @pytest.mark.parametrize(("length", "cut"), [(LONGEST - 1, []), (LONGEST, [1])])
    def test_one_with_a_text_that_may_be_cut_is_set_aside(self, length, cut):
        look = see(TYPED | {"message": "x" * length})
        assert look.overlong == cut
        assert len(look.rows) == 1 - len(cut)

    def test_one_that_moved_in_between_is_none(self):
        assert seen(sight(TYPED), TYPED | {"last_name": "Petit"}).rows == []

    def test_the_system_writes_into_those_that_lack_nothing_and_stood_still(self):
        assert len(see(TYPED, unchanged=STEADY).steady) == 1
        assert see(TYPED, unchanged=STEADY - timedelta(milliseconds=1)).steady == []
        assert see(TYPED | {"phone": None}).steady == []

    def test_the_lower_of_two_with_one_reference_is_not_the_request(self):
        look = see(FILED | {"referent": None}, FILED)
        assert [row.row for row in look.rows] == [1, 2]
        assert [row.row for row in look.rows_of({LOT})] == [1]

    def test_one_whose_reference_stands_in_another_column_is_misplaced(self):
        look = see(TYPED | {"sector": THIRD})
        assert look.misplaced == {THIRD}
        assert look.steady == []


def test_texts_fit_as_long_as_they_are_short_together_but_the_first_always_does(monkeypatch):
    monkeypatch.setattr(module, "MAX_TEXT", 5)
    assert fitting(["abc", "de", "f"], len) == ["abc", "de"]
    assert fitting(["abcdef", ""], len) == ["abcdef"]
    assert fitting([], len) == []


def test_who_handed_a_request_on_is_seen_from_what_the_last_sweep_knew():
    (turn,) = sight(FILED | {"referent": BOB}, before=[FILED]).turns.values()
    assert (turn.before.referent, turn.now.referent) == (ANA, BOB)
