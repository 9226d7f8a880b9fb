"""(c) Calls and reads of a drain and of a sweep that file ten requests into ever longer sheets."""

import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

from functions.route.decide.assignment import assign
from functions.route.decide.rows import request_row
from functions.route.drain import Drain
from functions.route.read.sheet import PARTS, gather
from functions.shared import reference
from functions.shared.journal.store import open_journal
from functions.shared.sheets.encode import insert_rows
from functions.shared.sheets.google import GoogleWorkbook
from infra.bench.arrivals import arrivals, submit
from infra.bench.report import Figure, Goal
from infra.bench.sheet import Classeur, classeur
from sheets_schema.territory import territories

SIZES = (100, 1_000, 10_000, 50_000)
REQUESTS = 10
_DISTINCT, _BATCH = 500, 5_000
_STATUS = "Accompagnement en cours"
_QUIET, _CHANGED = (1.0, 1.0), (4.0, 3.0)  # MB read and seconds, at most


@dataclass(frozen=True)
class _Cost:
    """What one call of the drain costs."""

    reads: int
    writes: int
    read: int  # bytes
    seconds: float


@dataclass(frozen=True)
class _Costs:
    """The costs of a drain called by an event, of a sweep after a change, and of a quiet sweep."""

    size: int
    drain: _Cost
    changed: _Cost
    quiet: _Cost


def measure(sizes: Sequence[int] = SIZES) -> Figure:
    """File ten requests into a sheet of each size by an event, then sweep it, changed and quiet."""
    measured = [_file_and_sweep(size) for size in sizes]
    calls = {(costs.drain.reads, costs.drain.writes) for costs in measured}
    longest = measured[-1]
    return Figure(
        "The length of the sheet",
        f"A drain of {REQUESTS} requests called by an event, a sweep after somebody changed one "
        "status, and a sweep after nobody changed anything. KiB are those of the answers' bodies, "
        "uncompressed. One of a sweep's calls asks Drive for the file's version, and one of a "
        "changed sweep's asks for the titles of tabs, among which a draft of the rules may be.",
        [
            (
                "rows",
                *("drain: reads", "writes", "KiB read", "s"),
                *("changed: reads", "writes", "KiB read", "s"),
                *("quiet: reads", "writes", "KiB read", "s"),
            ),
            *(
                (
                    f"{costs.size:,}",
                    *_cells(costs.drain),
                    *_cells(costs.changed),
                    *_cells(costs.quiet),
                )
                for costs in measured
            ),
        ],
        [
            Goal(
                "calls of a drain at every size",
                "1 read, 1 write",
                ", ".join(f"{reads} read, {writes} write" for reads, writes in sorted(calls)),
                calls == {(1, 1)},
            ),
            _goal("a sweep after a change", longest.size, longest.changed, _CHANGED),
            _goal("a quiet sweep", longest.size, longest.quiet, _QUIET),
        ],
    )


def _goal(what: str, size: int, cost: _Cost, most: tuple[float, float]) -> Goal:
    megabytes, seconds = most
    read = cost.read / 1e6
    return Goal(
        f"{what}, {size:,} rows",
        f"≤ {megabytes:.0f} MB, ≤ {seconds:.0f} s",
        f"{read:.2f} MB, {cost.seconds:.2f} s",
        read <= megabytes and cost.seconds <= seconds,
    )


def _cells(cost: _Cost) -> tuple[str, ...]:
    return str(cost.reads), str(cost.writes), f"{cost.read / 1024:,.0f}", f"{cost.seconds:.2f}"


def _file_and_sweep(size: int) -> _Costs:
    with classeur() as sheet, tempfile.TemporaryDirectory() as folder:
        workbook = sheet.open()
        fill(workbook, size)
        journal = open_journal(Path(folder).as_uri())
        submit(journal, REQUESTS, seed=2)
        late = timedelta()
        drain = Drain(
            journal, workbook, sleep=lambda _: None, clock=lambda: datetime.now(UTC) + late
        )

        def sweep() -> None:
            drain(sweep=True)

        # A new process looks for the end of the rows in a second call; this one knows it already.
        workbook.read(PARTS)
        filed = _cost(sheet, drain)
        assert len(sheet.references()) == size + REQUESTS
        sweep()  # the first sweep only remembers the state of all rows
        late += timedelta(minutes=5)
        _change_a_status(workbook)
        changed = _cost(sheet, sweep)
        late += timedelta(minutes=5)
        sweep()  # this sweep reads what the last one wrote
        late += timedelta(minutes=5)
        return _Costs(size, filed, changed, _cost(sheet, sweep))


def _change_a_status(workbook: GoogleWorkbook) -> None:
    """Change the status of the first row, as a person would do in the sheet."""
    seen = workbook.read(PARTS)
    cell = {"userEnteredValue": {"stringValue": _STATUS}}
    where = {
        "sheetId": seen.tabs["requests"].sheet_id,
        "rowIndex": 1,
        "columnIndex": seen.positions("requests")["status"],
    }
    update = {"rows": [{"values": [cell]}], "fields": "userEnteredValue", "start": where}
    workbook.batch_update([{"updateCells": update}])


def _cost(sheet: Classeur, work: Callable[[], object]) -> _Cost:
    stats = sheet.gate.stats
    stats.reset()
    start = time.perf_counter()
    with redirect_stdout(StringIO()):
        work()
    seconds = time.perf_counter() - start
    return _Cost(stats.reads, stats.writes, stats.bytes_read, seconds)


def fill(workbook: GoogleWorkbook, size: int) -> None:
    """Add so many assigned rows to Demandes, as drains would have written them."""
    official, now = territories(), datetime.now(UTC)
    reading = workbook.read(PARTS)
    lookup = gather(reading, official).lookup
    made = [
        request_row(arrival.request, assign(arrival.request, lookup, now.date()), now)
        for arrival in arrivals(min(size, _DISTINCT), seed=4)
    ]
    for start in range(0, size, _BATCH):
        rows = [
            made[number % len(made)] | {"reference": reference.make(number)}
            for number in range(start, min(size, start + _BATCH))
        ]
        workbook.batch_update(insert_rows("requests", rows, workbook.read({"requests": "end"})))
