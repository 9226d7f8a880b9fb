"""Exactly once and nobody harmed, whatever happens in whatever order: see tests/chaos."""

from collections.abc import Iterator
from itertools import product

import pytest

from tests.chaos import naive, scenarios, site
from tests.chaos.ledger import Kind, Release, WrongError
from tests.chaos.machine import Chaos, Narrow, Tally, search
from tests.chaos.points import Interruption
from tests.chaos.tables import EDITS
from tests.chaos.variants import VARIANTS, without_fence
from tests.chaos.world import World


@pytest.fixture(scope="module")
def somewhere() -> Iterator[site.Site]:
    with site.opened() as opened:
        yield opened


def test_every_promise_is_one_row_and_nothing_of_peoples_is_harmed(somewhere):
    # Long enough to meet each kind of step; `make chaos` searches at length.
    tally = Tally()
    search(Chaos, somewhere, examples=3, steps=25, tally=tally)
    assert tally.totals["accepted"] > 10
    assert not any(tally.totals[fate] for fate in ("lost", "doubled", "resurrected"))


def test_without_the_fence_two_writers_double_a_row(somewhere):
    """The smallest counterexample: the proof can fail."""
    world = World(somewhere)
    world.submit()
    with without_fence():
        world.drain(0, sweep=False, interruptions=[Interruption(6, False, "rival")])
    with pytest.raises(WrongError, match="doubled"):
        world.rest()
    world.close()


def test_a_release_holds_at_whatever_point_a_slower_writer_is(somewhere):
    """Another one has set the suspect aside meanwhile: rarer than steps by chance find often."""
    for at in range(3, 15):
        world = World(somewhere)
        world.submit(kind=Kind.SUSPECT)
        world.drain(0, sweep=False, interruptions=[Interruption(at, False, "release", 7)])
        (suspect,) = world.suspects()
        assert suspect.release is Release.DONE
        world.rest()
        world.close()


def test_a_suspect_stays_if_two_writers_set_it_aside_and_one_of_them_is_killed(somewhere):
    for at, later in product(range(8, 12), (1, 2)):
        world = World(somewhere)
        world.submit(kind=Kind.SUSPECT)
        killed = Interruption(at + later, False, "crash")
        world.drain(0, sweep=False, interruptions=[Interruption(at, False, "rival"), killed])
        world.check_journal()
        world.close()


def test_a_table_that_comes_into_force_without_an_order_is_found_out(somewhere):
    """The account of tables can fail: here somebody else's hand changes their titles and a rule."""
    world = World(somewhere)
    world.site.store.update(world.id, lambda book: EDITS["change_rule"](world, book, 1))
    world.site.store.update(world.id, lambda book: EDITS["rename_table"](world, book, 0))
    typed, in_force = sorted(map(str, world.look_at_tables()))
    assert "is now Counter" in typed
    assert "nobody ordered that" in in_force
    world.close()


@pytest.mark.slow
def test_the_same_steps_lose_and_double_rows_of_naive_writers_and_none_of_ours(somewhere):
    def after(machine):
        tally = Tally()
        search(machine, somewhere, examples=7, steps=20, chosen=8, tally=tally)
        return tally

    ours = after(Narrow)
    once, retrying, ticking = (after(naive.machine(kind)) for kind in naive.KINDS.values())
    assert ours.totals["accepted"] > 50
    assert not any(ours.totals[fate] for fate in ("lost", "doubled", "resurrected"))
    assert ours.steps == once.steps == retrying.steps == ticking.steps
    assert once.totals["lost"]
    assert retrying.totals["doubled"]
    assert ticking.totals["doubled"]


def test_without_any_notification_a_sweep_files_and_tells(somewhere):
    median, longest = scenarios.unnotified(somewhere, seed=1, hours=3)
    assert 60 < median < longest
    assert 290 < longest <= scenarios.SWEEP + 10


@pytest.mark.slow
@pytest.mark.parametrize("broken", VARIANTS)
def test_a_broken_protocol_is_found_out(somewhere, broken):
    with broken(), pytest.raises(WrongError):
        search(Narrow, somewhere, examples=60, steps=30, chosen=2)
