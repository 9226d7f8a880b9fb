"""Measures what the README's claims rest on: `make bench`.

Medians of several rounds in one run, with the ratio to a baseline of the same run where there is
one: an absolute time says as much about the machine as about the code.
"""

import json
import os
import platform
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import redirect_stdout
from datetime import date
from io import StringIO
from pathlib import Path
from random import Random

from flask import Response

from functions.intake.handler import Intake
from functions.route.assignment import Project, assign
from functions.route.batch import PARTS, gather
from functions.route.drain import Drain
from functions.shared.journal import ObjectJournal, open_journal
from functions.shared.web import Call
from functions.shared.workbook import Workbook, open_workbook
from infra.local import seed
from infra.local.demo import submissions
from infra.local.sheets.app import create_app
from infra.local.sheets.methods import Call as SheetsCall
from infra.local.sheets.server import serving
from infra.local.sheets.store import Store
from sheets_schema.territory import Target, territories

ROUNDS = 5
REQUESTS = 200
ASSIGNMENTS = 10_000
SIZES = (100, 1_000, 10_000)


def main() -> None:
    """Print every figure, with the machine it was taken on."""
    cores = os.cpu_count()
    print(f"Python {platform.python_version()}, {platform.machine()}, {cores} cores.")
    print(f"Medians of {ROUNDS} rounds.\n")
    with tempfile.TemporaryDirectory() as folder:
        _accept(Path(folder))
        _drain(Path(folder))
        _sizes(Path(folder))
    _assign()


def _accept(folder: Path) -> None:
    """Intake's answer, with the journal on this disk and, for comparison, in memory."""
    bodies = [json.dumps(one).encode() for one in submissions(REQUESTS, Random(1))]
    disk = _median(lambda: _send(open_journal((folder / "accept").as_uri()), bodies))
    memory = _median(lambda: _send(open_journal("memory:///"), bodies))
    print(
        f"intake, {REQUESTS} requests one after another: {REQUESTS / disk:.0f}/s with an fsynced "
        f"journal, {disk / memory:.1f} times as long as in memory"
    )


def _drain(folder: Path) -> None:
    """One drain of an afternoon's requests: calls to Sheets, and time until all rows are there."""
    calls: Counter[str] = Counter()
    times, counts = [], set()
    for round_ in range(ROUNDS):
        with _Sheet(calls) as workbook:
            journal = open_journal((folder / f"drain{round_}").as_uri())
            _send(journal, [json.dumps(one).encode() for one in submissions(REQUESTS, Random(1))])
            calls.clear()
            times.append(_timed(Drain(journal, workbook)))
            counts.add((calls["read"], calls["write"]))
    (reads, writes), *others = counts
    assert not others
    print(
        f"route, {REQUESTS} pending requests: {reads} read and {writes} write call, "
        f"{statistics.median(times):.2f} s against the local Sheets API"
    )


def _sizes(folder: Path) -> None:
    """Filing ten requests into ever longer sheets: the calls, and what is read."""
    for size in SIZES:
        calls: Counter[str] = Counter()
        with _Sheet(calls) as workbook:
            journal = open_journal((folder / f"size{size}").as_uri())
            made = [json.dumps(one).encode() for one in submissions(size + 10, Random(2))]
            _send(journal, made[:size])
            drain = Drain(journal, workbook)
            _timed(drain)
            _send(journal, made[size:])
            calls.clear()
            seconds = _timed(drain)
        print(
            f"route, 10 requests into {size:,} rows: {calls['read']} read call of "
            f"{calls['bytes read'] / 1024:.0f} KiB, {calls['write']} write call, {seconds:.2f} s"
        )


def _assign() -> None:
    """Assignment alone, in memory, with the demonstration's rules."""
    with _Sheet(Counter()) as workbook:
        lookup = gather(workbook.read(PARTS), territories()).lookup
    requests = [
        (
            [Project(one["type"], one.get("sector")) for one in made["projects"]],
            Target(
                tuple(made["target"].get("communes", ())), tuple(made["target"].get("epcis", ()))
            ),
        )
        for made in submissions(ASSIGNMENTS, Random(3))
    ]
    official, today = territories(), date(2026, 11, 23)

    def all_of_them() -> None:
        for projects, target in requests:
            assign(projects, target, lookup, official, today)

    print(f"assignment, {ASSIGNMENTS:,} requests in memory: {_median(all_of_them):.2f} s")


class _Sheet:
    """A fresh demonstration spreadsheet; `calls` counts its API calls and the bytes read."""

    def __init__(self, calls: Counter[str]) -> None:
        self._calls = calls
        self._store = Store()
        self._store.create({"title": "Mesures"}, "demo")
        self._serving = serving(create_app(self._store, gate=self._count))

    def _count(self, call: SheetsCall, carry_out: Callable[[], Response]) -> Response:
        answer = carry_out()
        self._calls["write" if call.write else "read"] += 1
        if not call.write:
            self._calls["bytes read"] += len(answer.get_data())
        return answer

    def __enter__(self) -> Workbook:
        workbook = open_workbook("demo", self._serving.__enter__())
        seed.fill(workbook)
        return workbook

    def __exit__(self, *error: object) -> None:
        self._serving.__exit__(None, None, None)
        self._store.close()


def _send(journal: ObjectJournal, bodies: list[bytes]) -> None:
    intake = Intake(journal, "donnees@example.org")
    with redirect_stdout(StringIO()):
        for body in bodies:
            answer = intake(Call("POST", {"content-type": "application/json"}, {}, body))
            assert answer.status == 202, answer.body  # noqa: PLR2004  (accepted)


def _timed(work: Callable[[], object]) -> float:
    with redirect_stdout(StringIO()):
        start = time.perf_counter()
        work()
        return time.perf_counter() - start


def _median(work: Callable[[], object]) -> float:
    return statistics.median(_timed(work) for _ in range(ROUNDS))


if __name__ == "__main__":
    main()
