"""(a) A crowd under Google's quotas: our functions beside what form-to-sheet tools do."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue

from functions.shared import reference
from infra.bench import naive
from infra.bench.client import crowd
from infra.bench.report import Figure, Goal
from infra.bench.sheet import ID, Classeur, classeur, like_google
from infra.bench.system import system, wait_until
from infra.local.people import TITLES

REQUESTS, CLIENTS = 1_000, 8
STOP = 60.0  # seconds after which a naive writer is stopped
CALLS, SECONDS = 10, 10.0  # to reach
_PATIENCE = 120.0
_TICK = 0.1


@dataclass(frozen=True)
class Outcome:
    """What became of the requests of a crowd, and when, in words."""

    calls: int
    refused: int
    acknowledged: int
    rows: int
    lost: int
    doubled: int
    when: str = ""


def measure(requests: int = REQUESTS, clients: int = CLIENTS, stop: float = STOP) -> Figure:
    """Measure our functions alone, then the naive writers together, each in its own spreadsheet."""
    mine, seconds = ours(requests, clients)
    kinds: dict[str, Callable[..., naive.Writer]] = {
        "append_row": naive.AppendOnce,
        "append_row, 5 tries": naive.AppendRetrying,
        "a row a tick": naive.RowATick,
    }
    with ThreadPoolExecutor(len(kinds)) as pool:
        theirs = pool.map(lambda kind: _naive(kind, requests, clients, stop), kinds.values())
        outcomes = {"ours": mine} | dict(zip(kinds, theirs, strict=True))
    return Figure(
        "A crowd at a job fair",
        f"{requests:,} requests as fast as {clients} clients can, under Google's quotas (60 reads "
        "and 60 writes a minute), answers in 250 ms (p50) to 1.5 s (p99). Ours: intake and route "
        "as deployed, called by notifications, 1,000 real HTTP requests. The naive writers get "
        f"the same rows handed over in memory and are stopped after {stop:.0f} s; "
        "« ≈ » is extrapolated from the rows they had written by then. Simultaneous appends do "
        "not overwrite each other here, as they are reported to with Google.",
        [
            ("writer", "Sheets calls", "429s", "rows", "lost", "doubled", "all rows there"),
            *((name, *_cells(outcome)) for name, outcome in outcomes.items()),
        ],
        _goals(mine, seconds),
    )


def ours(requests: int, clients: int) -> tuple[Outcome, float | None]:
    """Measure the real functions, and the seconds from the last acknowledgement to the last row."""
    with system(seed_of_chance=4) as running:
        running.start_route()
        sheet = running.sheet
        like_google(sheet.gate)
        with running.triggers(sweep=3600):
            sent = crowd(running.intake.port, requests, clients)
            asked = set(sent.references)
            there = wait_until(lambda: set(sheet.references(assigned=True)) >= asked, _PATIENCE)
            wait_until(lambda: not running.pending, _PATIENCE)
        outcome = _outcome(sheet, sent.references)
    accepting = f"({sent.ended - sent.began:.1f} s to accept them)"
    if there is None:
        return replace(outcome, when=f"never {accepting}"), None
    seconds = max(0.0, there - sent.ended)
    return replace(outcome, when=f"{seconds:.1f} s after the last 202 {accepting}"), seconds


def _naive(kind: Callable[..., naive.Writer], requests: int, clients: int, stop: float) -> Outcome:
    with classeur(seed_of_chance=4) as sheet:
        writer = kind(naive.open_tab(ID, sheet.url))
        sheet.gate.stats.reset()
        like_google(sheet.gate)
        header = sheet.header
        lines = [naive.line(header, reference.make(n), "Martin") for n in range(requests)]
        began = time.monotonic()
        _hand_over(writer, lines, clients, began + stop)
        took = time.monotonic() - began
        known = [line[header.index(TITLES.reference)] for line in lines[: writer.taken]]
        outcome = _outcome(sheet, known, writer.waiting)
    done = max(1, outcome.rows + outcome.lost)
    ending = f"{took:.0f} s" if done == requests else f"≈ {took * requests / done / 60:.0f} min"
    return replace(outcome, when=f"never; over after {ending}" if outcome.lost else ending)


def _hand_over(writer: naive.Writer, lines: Sequence[naive.Row], clients: int, end: float) -> None:
    """Let clients submit all requests and the writer write all rows, or stop at the end."""
    waiting: SimpleQueue[naive.Row] = SimpleQueue()
    for row in lines:
        waiting.put(row)

    def client() -> None:
        while time.monotonic() < end:
            try:
                writer.take(waiting.get_nowait())
            except Empty:
                return

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    while time.monotonic() < end and (
        writer.waiting or any(thread.is_alive() for thread in threads)
    ):
        writer.tick()
        time.sleep(_TICK)
    for thread in threads:
        thread.join()


def _outcome(sheet: Classeur, known: Sequence[str], waiting: int = 0) -> Outcome:
    """Look at the sheet. An acknowledged request is lost if it has no row and is not waiting."""
    stats = sheet.gate.stats
    counts = Counter(sheet.references())
    return Outcome(
        stats.reads + stats.writes,
        sum(stats.refused.values()),
        len(known),
        counts.total(),
        len(set(known) - counts.keys()) - waiting,
        counts.total() - len(counts),
    )


def _cells(outcome: Outcome) -> tuple[str, ...]:
    return (
        str(outcome.calls),
        str(outcome.refused),
        f"{outcome.rows:,} of {outcome.acknowledged:,}",
        str(outcome.lost),
        str(outcome.doubled),
        outcome.when,
    )


def _goals(mine: Outcome, seconds: float | None) -> list[Goal]:
    said = "never" if seconds is None else f"{seconds:.1f} s"
    safe = not (mine.lost or mine.doubled)
    return [
        Goal("Sheets calls", f"≤ {CALLS}", str(mine.calls), mine.calls <= CALLS),
        Goal("429s", "0", str(mine.refused), not mine.refused),
        Goal("rows lost, doubled", "0, 0", f"{mine.lost}, {mine.doubled}", safe),
        Goal(
            "all rows visible after the last acknowledgement",
            f"≤ {SECONDS:.0f} s",
            said,
            seconds is not None and seconds <= SECONDS,
        ),
    ]
