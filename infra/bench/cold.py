"""(e) From the start of intake's process to its first 200, beside an empty function."""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from infra.bench.report import Figure, Goal, median
from infra.bench.servers import MAIN, ROOT, function, settings

ROUNDS = 9
WANTED = 2.0  # times the empty function
HEAVY = ("gspread", "boto3", "google.auth")


def measure(rounds: int = ROUNDS) -> Figure:
    """Start both in turn. A first start of each, which fills the caches, is not measured."""
    times: dict[str, list[float]] = {"empty": [], "intake": []}
    with tempfile.TemporaryDirectory() as folder:
        chosen = settings(Path(folder))
        for number in range(rounds + 1):
            for name, kept in times.items():
                with function(name, chosen) as running:
                    if number:
                        kept.append(running.started_in)
        modules = loaded(chosen)
    ratio = median(
        [ours / other for ours, other in zip(times["intake"], times["empty"], strict=True)]
    )
    strangers = [name for name in HEAVY if name in modules]
    return Figure(
        "Cold start",
        f"From the process's start to the first 200 of GET (the form), {rounds} rounds of each in "
        "turn, files in the disk's cache; the ratio is the median of the rounds' own.",
        [
            ("function", "median, s", "fastest, s", "slowest, s"),
            *((name, *_cells(times[name])) for name in times),
            ("ratio", f"{ratio:.2f}", "", ""),
        ],
        [
            Goal(
                "start, times the empty function's", f"≤ {WANTED}", f"{ratio:.2f}", ratio <= WANTED
            ),
            Goal(
                f"intake imports {', '.join(HEAVY)}",
                "none",
                ", ".join(strangers) or "none",
                not strangers,
            ),
        ],
        [f"Once loaded, intake has {len(modules):,} modules of Python, the framework's included."],
    )


def loaded(chosen: dict[str, str]) -> frozenset[str]:
    """The modules of a process that the platform has loaded intake into."""
    code = (
        "import functions_framework, sys; "
        f"functions_framework.create_app('intake', {str(MAIN)!r}); print(*sys.modules)"
    )
    done = subprocess.run(  # noqa: S603  (a fixed command)
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=chosen,
        check=True,
        capture_output=True,
        text=True,
    )
    return frozenset(done.stdout.split())


def _cells(times: Sequence[float]) -> tuple[str, str, str]:
    return f"{median(times):.2f}", f"{min(times):.2f}", f"{max(times):.2f}"
