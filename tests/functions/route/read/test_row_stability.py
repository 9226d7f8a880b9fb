"""For how long each row has been seen as it is."""

from datetime import timedelta

import pytest

from functions.route.decide.sight import STEADY
from functions.route.read.row_stability import RowStability
from functions.shared.journal.store import open_journal
from tests.support import killed_anywhere

MINUTE = timedelta(minutes=1)


@pytest.fixture
def journal():
    return open_journal("memory:///")


@pytest.fixture
def look(journal, clock):
    return lambda *rows: RowStability(journal, clock).look(rows)


def test_a_new_row_is_seen_for_no_time_and_an_old_one_since_it_was_first_seen(look, clock):
    assert look("a") == {"a": timedelta()}
    clock.advance(minutes=1)
    assert look("a", "b") == {"a": MINUTE, "b": timedelta()}
    clock.advance(minutes=1)
    assert look("a", "b") == {"a": 2 * MINUTE, "b": MINUTE}


def test_a_row_that_one_sweep_did_not_see_starts_anew(look, clock):
    look("a")
    clock.advance(minutes=1)
    look("b")
    clock.advance(minutes=1)
    assert look("a") == {"a": timedelta()}


def test_one_object_is_kept_and_none_where_there_is_nothing(look, journal, clock):
    for _ in range(3):
        look("a")
        clock.advance(minutes=1)
    assert len(journal.keys("seen/")) == 1
    assert look() == {}
    assert journal.keys("seen/") == []


def test_two_looks_in_one_instant_keep_what_the_first_saw(look, journal):
    look("a")
    assert look("a") == {"a": timedelta()}
    assert len(journal.keys("seen/")) == 1


def test_wherever_it_is_cut_off_it_is_still_known_since_when(clock):
    def look(journal):
        RowStability(journal, clock).look(["a"])

    def later(journal):
        clock.advance(minutes=1)
        look(journal)

    for journal in killed_anywhere(look, later):
        clock.advance(minutes=1)
        assert RowStability(journal, clock).look(["a"])["a"] >= 2 * MINUTE


def test_an_illegible_object_is_as_if_there_had_been_none(look, journal, clock, capsys):
    look("a")
    (key,) = journal.keys("seen/")
    journal.delete(key)
    journal.create(key, b"{not json")
    clock.advance(minutes=1)
    assert look("a") == {"a": timedelta()}
    assert key in capsys.readouterr().out


def test_a_row_is_steady_after_twenty_seconds():
    assert timedelta(seconds=20) == STEADY
