"""(d) Assignment alone, in memory, with as many rules as partners may ever write."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from functions.route.decide.assignment import assign
from functions.route.decide.load import NO_LOAD
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
_NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
_TODAY = _NOW.date()


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
        load = NO_LOAD
        for arrival in asked:
            lead = assign(arrival.request, lookup, _TODAY, load).lead
            load = load.after(lead.name if lead else "", _NOW)
        times.append(time.perf_counter() - start)
        busy.append(time.process_time() - busy_before)
    took = median(times)
    each = took / requests * 1e6
    return Figure(
        "Assignment in memory",
        f"{requests:,} requests, {len(made):,} different ones of the demonstration, against its "
        f"referents and {len(lookup.rules)} rules: its own, and others with every combination of "
        "conditions, two values and two communes each, whose two people share; "
        f"{rounds} rounds.",
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
    """Rules that make `count` together with those there are.

    Each is for two communes. It has a project, and each other condition in turn or not, so that
    all combinations of conditions are there; of each condition it takes two values.
    """
    people = list(dict.fromkeys(name for rule in rules for name in rule.referents))
    communes = list(territories().communes)
    number = max(rule.number for rule in rules)
    for made in range(count - len(rules)):
        wants = {
            column: _two(values, made)
            for bit, (column, values) in enumerate(_VALUES.items())
            if column == "project" or made >> bit & 1
        }
        where = Target(communes=_two(communes, made))
        named = _two(people, made)
        yield Rule(number + 1 + made, 1 + made % 50, wants, where, named)


_VALUES: dict[str, list[str]] = {
    "sector": list(vocabulary("sector")),
    "horizon": list(vocabulary("horizon")),
    "source": ["site", "salon-taf", "aire-a20"],
    "origin": ["FR", "31", "75", "BE"],
    "profile": list(vocabulary("profile")),
    "project": list(vocabulary("project")),
}


def _two(values: Sequence[str], number: int) -> tuple[str, ...]:
    return values[number % len(values)], values[(number + 1) % len(values)]
