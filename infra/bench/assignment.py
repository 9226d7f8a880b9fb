"""(d) Assignment alone, in memory, with as many rules as partners may ever write."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import cycle, islice, product

from functions.route.decide.assignment import assign
from functions.route.decide.rules import Rule
from functions.route.read.sheet import PARTS, gather
from infra.bench.arrivals import arrivals
from infra.bench.report import Figure, Goal, median
from infra.bench.sheet import classeur
from sheets_schema.schema import vocabulary
from sheets_schema.territory import Target, territories

REQUESTS, RULES, ROUNDS = 10_000, 400, 5
WANTED = 1.0  # seconds
_DISTINCT = 2_000
_TODAY = date(2026, 11, 23)


def measure(requests: int = REQUESTS, rounds: int = ROUNDS) -> Figure:
    """Assign so many requests, several times."""
    official = territories()
    with classeur() as sheet:
        lookup = gather(sheet.open().read(PARTS), official).lookup
    lookup = replace(lookup, rules=(*lookup.rules, *_more(lookup.rules, RULES)))
    made = list(arrivals(min(requests, _DISTINCT), seed=3))
    asked = [made[number % len(made)] for number in range(requests)]
    times, busy = [], []
    for _ in range(rounds):
        start, busy_before = time.perf_counter(), time.process_time()
        for arrival in asked:
            assign(arrival.request, lookup, _TODAY)
        times.append(time.perf_counter() - start)
        busy.append(time.process_time() - busy_before)
    took = median(times)
    each = took / requests * 1e6
    return Figure(
        "Assignment in memory",
        f"{requests:,} requests, {len(made):,} different ones of the demonstration, against its "
        f"referents and {len(lookup.rules)} rules: its own, and one for each of many pairs of a "
        f"commune and a project; {rounds} rounds.",
        [
            ("median, s", "slowest, s", "processor time, median, s", "µs a request"),
            (f"{took:.2f}", f"{max(times):.2f}", f"{median(busy):.2f}", f"{each:.1f}"),
        ],
        [
            Goal(
                f"{requests:,} requests, {len(lookup.rules)} rules",
                f"≤ {WANTED:.0f} s",
                f"{took:.2f} s",
                took <= WANTED,
                f"{median(busy):.2f} s of processor time; the rest is waiting for a core.",
            )
        ],
    )


def _more(rules: tuple[Rule, ...], count: int) -> Iterator[Rule]:
    """Rules that make `count` together with those there are."""
    named = cycle(rule.referents for rule in rules)
    places = product(vocabulary("project"), territories().communes)
    number = max(rule.number for rule in rules)
    for project, commune in islice(places, count - len(rules)):
        number += 1
        yield Rule(
            number, number, {"project": (project,)}, Target(communes=(commune,)), next(named)
        )
