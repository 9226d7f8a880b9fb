"""That a process which is told to end does so, whatever it is doing."""

import subprocess
import sys
import time

import pytest

from functions.shared import stopping


@pytest.fixture
def fresh(monkeypatch):
    monkeypatch.setattr(stopping, "_told", stopping.threading.Event())


@pytest.mark.usefixtures("fresh")
def test_a_pause_ends_early():
    stopping.stop()
    begin = time.monotonic()
    stopping.pause(60)
    assert time.monotonic() - begin < 5


@pytest.mark.usefixtures("fresh")
def test_a_pause_is_as_long_as_it_should_be():
    begin = time.monotonic()
    stopping.pause(0.05)
    assert time.monotonic() - begin >= 0.05
    assert not stopping.is_stopping()


# A process with a loop that nothing can interrupt.
HANGING = """
import sys, threading
from functions.shared import stopping
assert not stopping.is_stopping()
stopping.end_in_time(grace=0.2)
stopping.stop()
threading.Event().wait() if sys.argv[1] == "hang" else None
assert stopping.is_stopping()
"""


@pytest.mark.parametrize(("what", "code"), [("hang", 1), ("end", 0)])
def test_a_process_that_hangs_is_ended_and_another_ends_by_itself(what, code):
    ended = subprocess.run([sys.executable, "-c", HANGING, what], timeout=30, check=False)
    assert ended.returncode == code
