"""Runs mutmut's own command, but makes mutants of one folder only: to make all takes minutes.

The folder comes first: `python -m tests.mutants.group functions/route run`. Files that already have
their mutants keep them.
"""

import sys
from pathlib import Path

from mutmut.__main__ import cli
from mutmut.configuration import config


def _is_wanted(file: Path, folder: str) -> bool:
    return file.is_relative_to(folder) or Path("mutants", f"{file}.meta").exists()


settings, group = config(), sys.argv.pop(1)
settings.only_mutate = [
    str(file)
    for source in settings.source_paths
    for file in Path(source).rglob("*.py")
    if settings.should_mutate(file) and _is_wanted(file, group)
]
cli()
