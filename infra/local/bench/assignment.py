"""(d) Assignment alone, in memory, with the demonstration's rules."""

import time
from datetime import date

from functions.route.assignment import assign
from functions.route.batch import PARTS, gather
from infra.local.bench.entries import entries
from infra.local.bench.report import Figure, Goal, median
from infra.local.bench.sheet import classeur
from sheets_schema.territory import territories

REQUESTS, ROUNDS = 100_000, 5
WANTED = 2.0  # seconds
_DISTINCT = 2_000
_TODAY = date(2026, 11, 23)


def measure(requests: int = REQUESTS, rounds: int = ROUNDS) -> Figure:
    """Assign so many requests, several times."""
    official = territories()
    with classeur() as sheet:
        lookup = gather(sheet.open().read(PARTS), official).lookup
    made = list(entries(min(requests, _DISTINCT), seed=3))
    asked = [made[number % len(made)] for number in range(requests)]
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        for entry in asked:
            assign(entry.projects, entry.target, lookup, official, _TODAY)
        times.append(time.perf_counter() - start)
    took = median(times)
    each = took / requests * 1e6
    return Figure(
        "Assignment in memory",
        f"{requests:,} requests, {len(made):,} different ones of the demonstration, against its "
        f"rules and referents; {rounds} rounds.",
        [
            ("median, s", "slowest, s", "µs a request"),
            (f"{took:.2f}", f"{max(times):.2f}", f"{each:.1f}"),
        ],
        [
            Goal(
                f"{requests:,} assignments",
                f"≤ {WANTED:.0f} s",
                f"{took:.2f} s",
                took <= WANTED,
                f"{each:.1f} µs of Python for each request; 17 on a core that is free.",
            )
        ],
    )
