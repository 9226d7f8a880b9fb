"""`make chaos`: all of it, at length, and the scorecard of what must not happen."""

import argparse
import os
import platform
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path
from random import SystemRandom

from tests.chaos import kills, naive, scenarios, scorecard, site
from tests.chaos.ledger import Wrong, WrongError
from tests.chaos.machine import Answering, Chaos, Narrow, Tally, Wishing, search
from tests.chaos.variants import ANSWER_VARIANTS, VARIANTS, WISH_VARIANTS

EXAMPLES, STEPS = 25, 40  # of one search
BESIDE = 900  # steps at least, for each of the writers that are compared: one search


class _Progress:
    """Standard output without the functions' own log lines."""

    def __init__(self, out) -> None:
        self._out = out
        self._skipped = False

    def write(self, text: str) -> None:
        log_line = text.startswith('{"severity"')
        if not log_line and not (self._skipped and text == "\n"):
            self._out.write(text)
        self._skipped = log_line

    def flush(self) -> None:
        self._out.flush()


@contextmanager
def _quiet():
    out, sys.stdout = sys.stdout, _Progress(sys.stdout)
    try:
        yield
    finally:
        sys.stdout = out


def main() -> int:
    """Run everything; 1 where a target is missed."""
    parser = argparse.ArgumentParser(prog="make chaos")
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(2**16))
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=300)
    chosen = parser.parse_args()
    print(f"seed {chosen.seed}; Python {platform.python_version()}, {os.cpu_count()} cores")
    with _quiet(), site.opened() as somewhere, tempfile.TemporaryDirectory() as folder:
        return _run(somewhere, Path(folder), chosen.seed, chosen.steps, chosen.kills)


def _run(somewhere: site.Site, folder: Path, seed: int, steps: int, deaths: int) -> int:
    tally = Tally()
    wrong = Counter(step.line for step in _steps(Chaos, somewhere, seed, steps, tally))
    found_out = {
        broken.__name__: _finds(broken, machine, somewhere, seed)
        for machine, variants in (
            (Narrow, VARIANTS),
            (Answering, ANSWER_VARIANTS),
            (Wishing, WISH_VARIANTS),
        )
        for broken in variants
    }
    beside, more = _beside(somewhere, seed, min(steps, BESIDE))
    wrong.update(step.line for step in more)
    for part in ("kills", "waits"):
        (folder / part).mkdir()
    figures = scorecard.Figures(
        wrong=wrong,
        totals=tally.totals,
        dead=kills.run(folder / "kills", deaths, seed),
        lost=(scenarios.lost_answers(somewhere, 0.1), scenarios.lost_answers(somewhere, 1.0)),
        rush=scenarios.rush(somewhere),
        backlog=scenarios.backlog(somewhere),
        outage=scenarios.outage(somewhere),
        waits=scenarios.waits(folder / "waits", seed),
        unnotified=scenarios.unnotified(somewhere, seed),
    )
    lines = list(scorecard.lines(figures))
    print(f"\n{len(tally.steps)} steps, seed {seed}")
    print(*lines, sep="\n")
    print(f"    broken protocols found out: {sum(found_out.values())} of {len(found_out)}")
    same = len({tuple(run.steps) for run in beside.values()}) == 1
    print(f"    {len(beside['ours'].steps)} steps, {'the same' if same else 'NOT the same'} for:")
    print(*scorecard.beside(beside), sep="\n")
    # A harness that sees the naive writers lose and double nothing would see nothing of ours.
    theirs = sum((run.totals for name, run in beside.items() if name != "ours"), Counter())
    sees = bool(theirs["lost"] and theirs["doubled"])
    return int(
        not (all(line.reached for line in lines) and all(found_out.values()) and same and sees)
    )


def _steps(
    machine: type[Chaos], somewhere: site.Site, seed: int, steps: int, tally: Tally
) -> tuple[Wrong, ...]:
    """The machine, again and again, until the steps are done or something is wrong."""
    start, turn = time.monotonic(), 0
    while len(tally.steps) < steps:
        chosen = seed + turn
        try:
            search(machine, somewhere, examples=EXAMPLES, steps=STEPS, chosen=chosen, tally=tally)
        except Exception as error:  # noqa: BLE001  (a crash is a finding too)
            what, notes = f"{type(error).__name__}: {error}", getattr(error, "__notes__", ())
            print(f"COUNTEREXAMPLE (seed {chosen}): {what}", *notes, sep="\n")
            return error.wrongs if isinstance(error, WrongError) else (Wrong(0, what),)
        turn += 1
        print(f"  {len(tally.steps)} steps, {time.monotonic() - start:.0f} s: {dict(tally.totals)}")
        sys.stdout.flush()
    return ()


def _beside(somewhere: site.Site, seed: int, steps: int) -> tuple[Mapping[str, Tally], list[Wrong]]:
    """The same steps for ours and for naive writers, and what is wrong with ours."""
    machines = {"ours": Narrow} | {name: naive.machine(kind) for name, kind in naive.KINDS.items()}
    tallies, wrong = {}, []
    for name, machine in machines.items():
        print(f"  {name}, beside the others")
        tallies[name] = Tally()
        wrong += _steps(machine, somewhere, seed, steps, tallies[name])
    return tallies, wrong


def _finds(broken, machine: type[Chaos], somewhere: site.Site, seed: int) -> bool:
    """Whether a broken protocol is found out within a few searches."""
    found_out = any(_fails(broken, machine, somewhere, seed + turn) for turn in range(6))
    print(f"  {broken.__name__}: {'found out' if found_out else 'NOT found out'}")
    return found_out


def _fails(broken, machine: type[Chaos], somewhere: site.Site, seed: int) -> bool:
    try:
        with broken():
            search(machine, somewhere, examples=60, steps=30, chosen=seed)
    except WrongError:
        return True
    return False


if __name__ == "__main__":
    sys.exit(main())
