"""(c) Filing ten requests into ever longer sheets: what a drain and a sweep call and read."""

import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

from functions.route.decide.assignment import assign
from functions.route.decide.rows import request_row
from functions.route.drain import Drain
from functions.route.read.sheet import PARTS, gather
from functions.shared import reference
from functions.shared.journal.store import open_journal
from functions.shared.sheets.encode import append_rows
from functions.shared.sheets.google import GoogleWorkbook
from infra.bench.arrivals import arrivals, submit
from infra.bench.report import Figure, Goal
from infra.bench.sheet import Classeur, classeur
from sheets_schema.territory import territories

SIZES = (100, 1_000, 10_000, 50_000)
REQUESTS = 10
_DISTINCT, _BATCH = 500, 5_000


@dataclass(frozen=True)
class _Cost:
    """Of one call of the drain."""

    reads: int
    writes: int
    read: int  # bytes
    seconds: float


def measure(sizes: Sequence[int] = SIZES) -> Figure:
    """File ten requests into a sheet of each size by an event, then sweep it."""
    drains, sweeps = zip(*(_file_and_sweep(size) for size in sizes), strict=True)
    good = all((cost.reads, cost.writes) == (1, 1) for cost in drains)
    return Figure(
        "The length of the sheet",
        f"A drain of {REQUESTS} requests called by an event, then a sweep with nothing to do. "
        "KiB are those of the answers' bodies, uncompressed.",
        [
            (
                "rows",
                *("drain: reads", "writes", "KiB read", "s"),
                *("sweep: reads", "writes", "KiB read", "s"),
            ),
            *(
                (f"{size:,}", *_cells(drain), *_cells(sweep))
                for size, drain, sweep in zip(sizes, drains, sweeps, strict=True)
            ),
        ],
        [
            Goal(
                "calls of a drain at every size",
                "1 read, 1 write",
                ", ".join(sorted({f"{cost.reads} read, {cost.writes} write" for cost in drains})),
                good,
            )
        ],
    )


def _cells(cost: _Cost) -> tuple[str, ...]:
    return str(cost.reads), str(cost.writes), f"{cost.read / 1024:,.0f}", f"{cost.seconds:.2f}"


def _file_and_sweep(size: int) -> tuple[_Cost, _Cost]:
    with classeur() as sheet, tempfile.TemporaryDirectory() as folder:
        workbook = sheet.open()
        fill(workbook, size)
        journal = open_journal(Path(folder).as_uri())
        submit(journal, REQUESTS, seed=2)
        drain = Drain(journal, workbook, sleep=lambda _: None)
        costs = _cost(sheet, drain), _cost(sheet, lambda: drain(sweep=True))
        assert len(sheet.references()) == size + REQUESTS
        return costs


def _cost(sheet: Classeur, work: Callable[[], object]) -> _Cost:
    stats = sheet.gate.stats
    stats.reset()
    start = time.perf_counter()
    with redirect_stdout(StringIO()):
        work()
    seconds = time.perf_counter() - start
    return _Cost(stats.reads, stats.writes, stats.bytes_read, seconds)


def fill(workbook: GoogleWorkbook, size: int) -> None:
    """Add so many rows to Demandes, each assigned, as drains would have left them."""
    official, now = territories(), datetime.now(UTC)
    reading = workbook.read(PARTS)
    lookup = gather(reading, official).lookup
    positions = reading.positions("requests")
    made = [
        request_row(arrival.request, assign(arrival.request, lookup, now.date()), now)
        for arrival in arrivals(min(size, _DISTINCT), seed=4)
    ]
    for start in range(0, size, _BATCH):
        rows = [
            made[number % len(made)] | {"reference": reference.make(number)}
            for number in range(start, min(size, start + _BATCH))
        ]
        sheet_id = reading.tabs["requests"].sheet_id
        workbook.batch_update(append_rows("requests", rows, positions, sheet_id))
