"""How long a call takes: always the same time, or times that spread as in a network."""

import math
from dataclasses import dataclass
from random import Random
from typing import Final

_Z99: Final = 2.3263478740408408  # 99 % of a standard normal distribution is below


@dataclass(frozen=True)
class Latency:
    """Log-normal times.

    Args:
        p50: Their median, in milliseconds; above 0.
        p99: What 99 of 100 stay below, in milliseconds; each takes the median if it is None.

    Raises:
        ValueError: If there is no such distribution.
    """

    p50: float
    p99: float | None = None

    def __post_init__(self) -> None:
        if not 0 < self.p50 <= (self.p50 if self.p99 is None else self.p99):
            raise ValueError("latency: 0 < p50 ≤ p99 is required.")

    def draw(self, random: Random) -> float:
        """Return the time of one call, in seconds."""
        if self.p99 is None:
            return self.p50 / 1000
        spread = math.log(self.p99 / self.p50) / _Z99
        return random.lognormvariate(math.log(self.p50), spread) / 1000
