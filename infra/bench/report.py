"""What was measured, for people to read: as Markdown."""

import os
import platform
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

Line = Sequence[str]


@dataclass(frozen=True)
class Goal:
    """A figure to reach, and the one measured. If it is missed, `bound` says what limits ours."""

    what: str
    wanted: str
    ours: str
    met: bool
    bound: str = ""


@dataclass(frozen=True)
class Figure:
    """One measurement: what was done, a table with its header first, and the goals."""

    title: str
    how: str
    table: Sequence[Line]
    goals: Sequence[Goal]
    notes: Sequence[str] = ()


def machine() -> str:
    """The properties of the machine that explain a time."""
    python = ".".join(platform.python_version_tuple()[:2])
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {python}"


def page(figures: Mapping[str, Figure], seconds: float, today: date) -> str:
    """The text of docs/benchmarks.md."""
    load = f"{os.getloadavg()[2]:.1f}"
    how = (
        f"`make bench` on {today.isoformat()}; {machine()}; {seconds / 60:.0f} minutes; "
        f"{load} processes wanted a core on average over the last quarter of an hour, these ones "
        "included: above the number of cores, others' work lengthens the times. The Sheets API is "
        "the local one of this repository (infra/emulator), the journal a folder whose every "
        "creation is fsynced. Times are this machine's; ratios and counts say more."
    )
    parts = [
        "# Benchmarks",
        how,
        "## Figures to reach",
        "\n".join(_table([("", "figure", "to reach", "ours", ""), *_goals(figures)])),
        *_missed(figures),
        *(section(letter, figure) for letter, figure in figures.items()),
    ]
    return "\n\n".join(parts) + "\n"


def section(letter: str, figure: Figure) -> str:
    """One figure under its heading."""
    parts = [f"## {letter}. {figure.title}", figure.how, "\n".join(_table(figure.table))]
    return "\n\n".join([*parts, *figure.notes])


def verdicts(figure: Figure) -> str:
    """The goals of one figure, a line each."""
    return "\n".join(
        f"{'reached' if goal.met else 'MISSED'}: {goal.what}, {goal.ours} (to reach: {goal.wanted})"
        for goal in figure.goals
    )


def median(values: Sequence[float]) -> float:
    """The median; NaN of nothing."""
    return statistics.median(values) if values else float("nan")


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that so many percent stay at or below."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def _goals(figures: Mapping[str, Figure]) -> Iterator[Line]:
    for letter, figure in figures.items():
        for goal in figure.goals:
            yield letter, goal.what, goal.wanted, goal.ours, "reached" if goal.met else "**missed**"


def _missed(figures: Mapping[str, Figure]) -> Iterator[str]:
    for letter, figure in figures.items():
        for goal in figure.goals:
            if not goal.met and goal.bound:
                yield f"Missed, {letter}, {goal.what}: {goal.bound}"


def _table(lines: Sequence[Line]) -> Iterator[str]:
    header, *rest = lines
    yield _row(header)
    yield _row(["---"] * len(header))
    yield from map(_row, rest)


def _row(cells: Line) -> str:
    return f"| {' | '.join(cells)} |"
