"""Exactly once and nobody harmed, whatever happens in whatever order: see tests/chaos."""

from collections.abc import Iterator

import pytest

from tests.chaos import site
from tests.chaos.machine import Chaos, Narrow, search
from tests.chaos.points import Interruption
from tests.chaos.variants import VARIANTS, without_fence
from tests.chaos.world import World, WrongError


@pytest.fixture(scope="module")
def somewhere() -> Iterator[site.Site]:
    with site.opened() as opened:
        yield opened


def test_every_promise_is_one_row_and_nothing_of_peoples_is_harmed(somewhere):
    search(Chaos, somewhere, examples=26, steps=25)


def test_without_the_fence_two_writers_double_a_row(somewhere):
    """The smallest counterexample: the proof can fail."""
    world = World(somewhere)
    world.submit()
    with without_fence():
        world.drain(0, sweep=False, interruptions=[Interruption(6, False, "rival")])
    with pytest.raises(WrongError, match="doubled"):
        world.rest()
    world.close()


@pytest.mark.slow
@pytest.mark.parametrize("broken", VARIANTS)
def test_a_broken_protocol_is_found_out(somewhere, broken):
    with broken(), pytest.raises(WrongError):
        search(Narrow, somewhere, examples=60, steps=30, chosen=2)
