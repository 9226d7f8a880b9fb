import threading
import time

import pytest

from infra.emulator.misbehaviour.agenda import Agenda, start_timer


@pytest.fixture
def agenda(moments):
    return Agenda(moments.clock, moments.call_back)


def test_what_is_due_is_done_once_in_its_order(agenda, moments):
    done = []
    for seconds in (30, 10, 20, 10):
        agenda.note(seconds, lambda seconds=seconds: done.append(seconds))
    agenda.run_due()
    assert done == []
    moments.now += 20
    agenda.run_due()
    assert done == [10, 10, 20]
    moments.now += 20
    agenda.run_due()
    agenda.run_due()
    assert done == [10, 10, 20, 30]
    assert [seconds for seconds, _ in moments.later] == [30, 10, 20, 10]


def test_an_action_may_note_another(agenda, moments):
    done = []

    def again():
        done.append(moments.now)
        agenda.note(10, again)

    agenda.note(10, again)
    for _ in range(3):
        moments.now += 10
        agenda.run_due()
    assert done == [1010, 1020, 1030]


def test_what_is_forgotten_is_not_done(agenda, moments):
    agenda.note(1, lambda: pytest.fail("forgotten"))
    agenda.clear()
    moments.now += 1
    agenda.run_due()


def test_a_timer_calls_back():
    done = threading.Event()
    agenda = Agenda(time.monotonic, start_timer)
    agenda.note(0.001, done.set)
    assert done.wait(5)
