"""The scorecard: what must not happen, what was seen, and whether each target is reached. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.chaos.machine import Tally
from tests.chaos.scenarios import SWEEP, Waits


@dataclass(frozen=True)
class Figures:
    """All that was measured.

    Attributes:
        wrong: what the steps found, by the line that counts it; 0 for what no line counts.
        totals: what was done in the steps.
        dead: see `kills.run`.
        lost: rows lost or doubled with 10 % and 100 % of answers lost.
        rush: write calls a minute at most, and 429s.
        backlog: seconds.
        outage: requests, and how many were lost.
        waits: of real processes.
        unnotified: seconds from 202 to row and mails where notifications are lost: p50, max.
    """

    wrong: Counter
    totals: Counter
    dead: Counter
    lost: tuple[int, int]
    rush: tuple[int, int]
    backlog: float
    outage: tuple[int, int]
    waits: Waits
    unnotified: tuple[float, float]


@dataclass(frozen=True)
class Line:
    """One line; `number` is the scorecard's, 0 where it has none."""

    number: int
    what: str
    figure: str
    target: str
    reached: bool

    def __str__(self) -> str:
        verdict = "ok" if self.reached else "MISSED"
        return f"{self.number or '':>3} {self.what}: {self.figure} (target {self.target}) {verdict}"


def lines(seen: Figures) -> Iterator[Line]:
    """The lines in their order."""
    dead, totals, wrong, waits = seen.dead, seen.totals, seen.wrong, seen.waits
    yield _none(
        1,
        f"missing from the journal, {dead['kills']} kills, {totals['crashes']} crashes",
        dead["unrecorded"] + wrong[1],
    )
    yield _none(
        2,
        f"rows missing, of {dead['accepted'] + totals['accepted']:,} accepted",
        dead["missing"] + wrong[2],
    )
    yield _none(
        3,
        "rows doubled by kills, in the steps, and with 10 % and 100 % of answers lost",
        dead["doubled"],
        wrong[3],
        *seen.lost,
    )
    yield _none(4, f"of {totals['replays']:,} replays, answered wrongly", wrong[4])
    yield _none(
        5,
        f"of {totals['edits']:,} edits by people, and {totals['published']:,} tables of rules "
        "published or taken back, cells overwritten and rows resurrected",
        wrong[5],
    )
    peak, refused = seen.rush
    yield Line(
        6,
        "write calls a minute, peak; 429s provoked",
        f"{peak}; {refused}",
        "≤ 50; 0",
        peak <= 50 and not refused,
    )
    yield Line(
        7,
        "1,000 rows under the real quota",
        f"{seen.backlog:.1f} s",
        "≤ 10 s",
        seen.backlog <= 10,
    )
    yield Line(
        8,
        "intake's p99, Sheets up and down",
        f"{waits.up * 1000:.0f}, {waits.down * 1000:.0f} ms",
        "the same",
        waits.down <= 1.5 * waits.up + 0.01,
    )
    came, gone = seen.outage
    yield _none(9, f"lost in 24 h without Sheets (simulated), of {came}", gone)
    yield _none(11, "wrong or double assignments, over a person's, or told to nobody", wrong[11])
    yield Line(
        15,
        "row there, referent told (p50, max): a lone request; a cold start",
        f"{_seconds(waits.lone)}; {_seconds(waits.cold)}",
        "p50 ≤ 3 s for a lone one",
        waits.lone[0] <= 3,
    )
    yield Line(
        15,
        f"the same, the notification lost, a sweep every {SWEEP} s (simulated)",
        _seconds(seen.unnotified),
        f"max ≤ {SWEEP + 10} s",
        seen.unnotified[1] <= SWEEP + 10,
    )
    yield _none(
        17,
        f"of {totals['shifts']:,} columns moved at the instant of a write, rows not put right",
        wrong[17],
    )
    yield _none(
        18,
        f"of {totals['answers']:,} answers from mails, lost, doubled or applied to another status",
        wrong[18],
    )
    yield _none(0, "else wrong in the steps: a crash, an error, no rest", wrong[0])


def beside(tallies: Mapping[str, Tally]) -> Iterator[str]:
    """What became of requests, by writer: the same steps for each."""
    for name, tally in tallies.items():
        totals = tally.totals
        yield (
            f"    {name:20} {totals['accepted']:6} accepted {totals['lost']:5} lost "
            f"{totals['doubled']:5} doubled {totals['resurrected']:5} resurrected"
        )


def _none(number: int, what: str, *counts: int) -> Line:
    return Line(number, what, ", ".join(map(str, counts)), "0", not any(counts))


def _seconds(times: tuple[float, float]) -> str:
    return f"{times[0]:.1f}, {times[1]:.1f} s"
