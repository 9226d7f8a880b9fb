"""(j) `accueil routing simulate`: a proposal tried on many past requests, by the whole command."""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from infra.bench.report import Figure, Goal
from infra.bench.servers import ROOT
from infra.bench.sheet import ID, classeur
from infra.bench.sizes import fill
from infra.routing.gather import write_csv
from sheets_schema.columns import as_text
from sheets_schema.tab import cell_at, tab

SIZES = (1_000, 10_000, 50_000)
WANTED = 10.0  # seconds
_CHANGED, _BY = "Sophie Lacombe", "Nadia Rouquette"


def measure(sizes: Sequence[int] = SIZES) -> Figure:
    """Try a table in which one person's rules are another's, on so many requests."""
    measured = [_try(size) for size in sizes]
    (longest, took, busy, _) = measured[-1]
    return Figure(
        "A proposal tried on past requests",
        "The whole command, from its start to its end, beside the Sheets API in another process: "
        f"`accueil routing simulate --table … --html …`, where {_CHANGED}'s rules are {_BY}'s. "
        "One call reads the lookup tables, and one the columns of Demandes.",
        [
            ("rows", "seconds", "processor time, s", "reads"),
            *(
                (f"{size:,}", f"{seconds:.1f}", f"{used:.1f}", str(reads))
                for size, seconds, used, reads in measured
            ),
        ],
        [
            Goal(
                f"A proposal tried on {longest:,} requests",
                f"≤ {WANTED:.0f} s",
                f"{took:.1f} s",
                took <= WANTED,
                f"{busy:.1f} s of processor time; the rest is the local API and waiting for a core",
            )
        ],
    )


def _try(size: int) -> tuple[int, float, float, int]:
    """Seconds, processor time and reads of the command for so many rows."""
    with classeur() as sheet, tempfile.TemporaryDirectory() as folder:
        workbook = sheet.open()
        fill(workbook, size)
        table = tab("rules")
        reading = workbook.read({"rules": "all"})
        places = reading.positions("rules")
        rows = [
            {
                column.title: as_text(cell_at(line, places.get(column.key))).replace(_CHANGED, _BY)
                for column in table.columns
            }
            for line in reading.tabs["rules"].grid[1:]
        ]
        proposal, html = Path(folder) / "proposition.csv", Path(folder) / "reunion.html"
        titles = [column.title for column in table.columns]
        proposal.write_text(write_csv(rows, titles), "utf-8", newline="")
        command = ["routing", "--spreadsheet", ID, "--api", sheet.url, "simulate"]
        command += ["--table", str(proposal), "--html", str(html)]
        sheet.gate.stats.reset()
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = subprocess.run(  # noqa: S603  (a fixed command)
            [Path(sys.executable).with_name("accueil"), *command],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        took = time.perf_counter() - start
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        said = done.stdout.splitlines()[0]
        if not said.startswith(f"{size} demandes : ") or " 0 change" in said or not html.exists():
            raise RuntimeError(f"Not what was to be measured: {said}")
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return size, took, used, sheet.gate.stats.reads
