"""Runs mutmut's own command, but makes mutants of one folder only: to make all takes minutes.

The folder comes first: `python -m tests.mutants.group functions/route run`. Files that already have
their mutants keep them.
"""

import sys
from pathlib import Path

from mutmut.__main__ import cli
from mutmut.configuration import config

MUTANTS = Path("mutants")
settings, group = config(), sys.argv.pop(1)
mutable = [
    file
    for source in settings.source_paths
    for file in Path(source).rglob("*.py")
    if settings.should_mutate(file)
]
made = [file for file in mutable if (MUTANTS / f"{file}.meta").exists()]
new = [file for file in mutable if file.is_relative_to(group) and file not in made]
for file in new:
    (MUTANTS / file).unlink(missing_ok=True)  # a mere copy would count as a file with its mutants
    (MUTANTS / "mutmut-stats.json").unlink(missing_ok=True)  # no test is known to reach them
settings.only_mutate = [*map(str, made), *map(str, new)]
cli()
