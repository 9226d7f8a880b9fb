"""The version of the running code, by which its parts can tell whether they belong together."""

import hashlib
from functools import cache
from pathlib import Path

VERSION = "0.1.0"  # pyproject.toml's; a test compares them
ROOT = Path(__file__).parents[2]
FOLDERS = ("functions", "sheets_schema")
# Whatever else lies in the folders belongs to an editor or to this machine.
SUFFIXES = frozenset({".css", ".html", ".js", ".json", ".mjml", ".py", ".txt"})


def sources(root: Path = ROOT) -> dict[str, bytes]:
    """The files of the code that is deployed, by their names from the root, in order."""
    inside = [
        path
        for folder in FOLDERS
        for path in (root / folder).rglob("*")
        if path.suffix in SUFFIXES and path.is_file()
    ]
    paths = sorted([root / "main.py", *inside])
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


@cache
def code() -> str:
    """Twelve hexadecimal digits that tell this code from another one of the same version."""
    digest = hashlib.sha256()
    for name, content in sources().items():
        digest.update(f"{name} {len(content)} ".encode() + content)
    return digest.hexdigest()[:12]
