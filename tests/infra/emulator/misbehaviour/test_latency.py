import statistics
from random import Random

import pytest

from infra.emulator.misbehaviour.latency import Latency


def test_a_fixed_time():
    assert {Latency(250).draw(Random(seed)) for seed in range(5)} == {0.25}


def test_a_distribution_has_its_median_and_its_tail():
    random = Random(1)
    times = sorted(Latency(250, 1500).draw(random) for _ in range(20_000))
    assert statistics.median(times) == pytest.approx(0.25, rel=0.05)
    assert times[int(0.99 * len(times))] == pytest.approx(1.5, rel=0.1)


def test_times_come_from_the_seed():
    first, other = ([Latency(9, 90).draw(random) for _ in range(5)] for random in (Random(1),) * 2)
    assert first != other
    assert [Latency(9, 90).draw(Random(1)) for _ in range(2)] == first[:1] * 2


@pytest.mark.parametrize("times", [(0,), (-1,), (10, 9)])
def test_times_that_cannot_be(times):
    with pytest.raises(ValueError, match="0 < p50"):
        Latency(*times)
