"""`python -m infra.bench [a] [b] …`: measures, prints, and writes docs/benchmarks.md.

The page is written only if every figure was measured in the same run.
"""

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from infra.bench import (
    assignment,
    cold,
    crowd,
    flood,
    form,
    intake,
    lone,
    monday,
    rehearsal,
    roundtrips,
    sizes,
    tap,
)
from infra.bench.report import Figure, machine, page, section, verdicts
from infra.bench.servers import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"
FIGURES: dict[str, Callable[[], Figure]] = {
    "a": crowd.measure,
    "b": intake.measure,
    "c": sizes.measure,
    "d": assignment.measure,
    "e": cold.measure,
    "f": lone.measure,
    "g": form.measure,
    "h": roundtrips.measure,
    "i": flood.measure,
    "j": rehearsal.measure,
    "k": tap.measure,
    "l": monday.measure,
}


def main(asked: list[str]) -> None:
    """Measure the figures asked for, or all."""
    if unknown := set(asked) - FIGURES.keys():
        sys.exit(f"No such figure: {', '.join(sorted(unknown))}; there are {', '.join(FIGURES)}.")
    start = time.monotonic()
    print(f"{machine()}.", flush=True)
    done: dict[str, Figure] = {}
    for letter in asked or FIGURES:
        print(f"\n({letter}) measuring…", flush=True)
        began = time.monotonic()
        figure = done[letter] = FIGURES[letter]()
        print(f"{section(letter, figure)}\n\n{verdicts(figure)}", flush=True)
        print(f"({letter}) took {time.monotonic() - began:.0f} s", flush=True)
    if done.keys() == FIGURES.keys():
        text = page(done, time.monotonic() - start, datetime.now(UTC).date())
        PAGE.write_text(text, encoding="utf-8")
        print(f"\nWritten: {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main(sys.argv[1:])
