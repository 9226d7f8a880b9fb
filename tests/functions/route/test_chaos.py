"""Exactly once and nobody harmed, whatever happens in whatever order: see tests/chaos."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.chaos import site
from tests.chaos.machine import Chaos


@pytest.fixture(scope="module")
def somewhere() -> Iterator[site.Site]:
    with site.opened() as opened:
        yield opened


def test_every_promise_is_one_row_and_nothing_of_peoples_is_harmed(somewhere):
    Chaos.site = somewhere
    run_state_machine_as_test(
        Chaos,
        settings=settings(
            max_examples=30,
            stateful_step_count=25,
            derandomize=True,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
