"""`make mutants`: makes small mistakes in the code, one at a time, and names those no test notices.

mutmut makes the mistakes and runs the tests that reach each of them. Its work lies in mutants/:
a run that is cut off goes on where it was, and what a test has noticed is not tried again unless
its code changed. It makes none outside functions, nor in those with a decorator of their own
(properties, click commands). Should it stop before it has made any, delete mutants/.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from mutmut.mutation.diff_apply import get_diff_for_mutant

from tests.mutants.fast import GROUP

# Each is tried with the tests beside it.
GROUPS = (
    "functions/route",
    "functions/shared",
    "functions/intake",
    "functions/digest",
    "sheets_schema",
    "infra",
)
SEED = 46
_STATS = Path("mutants/mutmut-stats.json")  # which tests come to which function
_QUICK = 0.1  # seconds
_SURVIVED, _UNREACHED = (0,), (5, 33)
_FAILED = (255, -1)  # mutmut's worker could not run the tests
_OPEN = (None, *_SURVIVED, *_UNREACHED, *_FAILED)  # a new test may notice what none did


@dataclass(frozen=True)
class Mutant:
    """A mistake that was made; `code` is what became of the tests, None before they ran."""

    name: str
    file: str
    code: int | None

    @property
    def module(self) -> str:
        """Its file without the ending."""
        return self.file.removesuffix(".py")


@dataclass(frozen=True)
class Survivor:
    """One that no test noticed: where it is, and its change as one line."""

    file: str
    line: int
    change: str
    reached: bool


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--only", default=[""], nargs="+", help="modules or folders: infra/lists")
    parser.add_argument("--sample", type=int, default=0, help="how many, chosen at random")
    parser.add_argument("--seed", type=int, default=SEED, help="what they are chosen by")
    asked = parser.parse_args()
    only = [path.removesuffix(".py").rstrip("/") for path in asked.only]
    for group in GROUPS:
        if not any(_is_within(group, path) or _is_within(path, group) for path in only):
            continue
        print(f"{group}: making mutants, running the tests once…", flush=True)
        mine = [
            mutant
            for mutant in _generated(group)
            if _is_within(mutant.module, group)
            and any(_is_within(mutant.module, path) for path in only)
        ]
        if asked.sample and asked.sample < len(mine):
            mine = random.Random(asked.seed).sample(mine, asked.sample)
        _run(group, [mutant.name for mutant in mine if mutant.code in _OPEN])
        names = {mutant.name for mutant in mine}
        _report(group, [mutant for mutant in _known() if mutant.name in names])
    return 0


def _is_within(path: str, folder: str) -> bool:
    """Whether a path lies in a folder, or is it; "" is what everything lies in."""
    return not folder or f"{path}/".startswith(f"{folder}/")


def _generated(group: str) -> list[Mutant]:
    """All mutants there are: asking for one that there is not makes them, and runs none."""
    said = _mutmut(group, ["none"])
    if "nothing matches" not in said:
        sys.exit(f"mutmut stopped:\n{said[-3000:]}")
    _widen()
    return list(_known())


def _widen() -> None:
    """Have a mistake tried by all quick tests of the files that come to its function.

    What a fixture or a cache makes once for several tests was made by the first of them, but
    another one may notice what is wrong with it.
    """
    stats = json.loads(_STATS.read_text("utf-8"))
    by_file: dict[str, set[str]] = {}
    for test, seconds in stats["duration_by_test"].items():
        if seconds < _QUICK:
            by_file.setdefault(test.partition("::")[0], set()).add(test)
    for function, tests in stats["tests_by_mangled_function_name"].items():
        files = {test.partition("::")[0] for test in tests}
        beside = set[str]().union(*(by_file.get(file, ()) for file in files))
        stats["tests_by_mangled_function_name"][function] = sorted({*tests, *beside})
    _STATS.write_text(json.dumps(stats), "utf-8")


def _run(group: str, names: Sequence[str]) -> None:
    if names:
        print(f"{group}: {len(names)} to try…", flush=True)
        said = _mutmut(group, names)
        if "mutations/second" not in said:
            sys.exit(f"mutmut stopped:\n{said[-3000:]}")


def _mutmut(group: str, names: Sequence[str]) -> str:
    """Run it; its progress, a line rewritten many times a second, is left out."""
    command = [sys.executable, "-m", "tests.mutants.group", group, "run", *names]
    environment = os.environ | {GROUP: group}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return f"{done.stdout}\n{done.stderr}"


def _known() -> Iterator[Mutant]:
    for meta in sorted(Path("mutants").rglob("*.py.meta")):
        file = meta.relative_to("mutants").as_posix().removesuffix(".meta")
        for name, code in json.loads(meta.read_text("utf-8"))["exit_code_by_key"].items():
            yield Mutant(name, file, code)


def _report(group: str, mutants: Sequence[Mutant]) -> None:
    accepted = tomllib.loads(Path(__file__).with_name("mutants.toml").read_text("utf-8"))
    tried = [mutant for mutant in mutants if mutant.code not in (None, *_FAILED)]
    survivors = [_survivor(m) for m in tried if m.code in (*_SURVIVED, *_UNREACHED)]
    left = [survivor for survivor in survivors if not _is_accepted(survivor, accepted["accepted"])]
    for survivor in sorted(left, key=lambda survivor: (survivor.file, survivor.line)):
        unreached = "" if survivor.reached else "  (no fast test comes here)"
        print(f"{survivor.file}:{survivor.line}: {survivor.change}{unreached}")
    counted = len(tried) - (len(survivors) - len(left))
    share = 100 * len(left) / counted if counted else 0
    print(
        f"{group}: {len(tried)} tried of {len(mutants)}, {len(survivors) - len(left)} accepted, "
        f"{len(left)} of the other {counted} survived ({share:.1f} %)"
    )


def _is_accepted(survivor: Survivor, rules: Sequence[dict[str, str]]) -> bool:
    return any(
        fnmatch(survivor.file, rule["file"]) and re.search(rule["change"], survivor.change)
        for rule in rules
    )


def _survivor(mutant: Mutant) -> Survivor:
    diff = get_diff_for_mutant(mutant.name, path=mutant.file).splitlines()
    before = [line[1:].strip() for line in diff if line.startswith("-") and line[:3] != "---"]
    after = [line[1:].strip() for line in diff if line.startswith("+") and line[:3] != "+++"]
    change = f"{' '.join(before)} → {' '.join(after)}"
    return Survivor(mutant.file, _line(mutant, before), change, mutant.code not in _UNREACHED)


def _line(mutant: Mutant, before: Sequence[str]) -> int:
    """Where its function has the first line that it changes."""
    function = re.sub(r"^x_|^xǁ.*ǁ", "", mutant.name.rpartition(".")[2]).partition("__mutmut_")[0]
    lines = Path(mutant.file).read_text("utf-8").splitlines()
    start = next(at for at, line in enumerate(lines) if re.match(rf"\s*def {function}\b", line))
    changed = [at for at in range(start, len(lines)) if before and lines[at].strip() == before[0]]
    return (changed[0] if changed else start) + 1


sys.exit(main())
