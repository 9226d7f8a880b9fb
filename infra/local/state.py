"""The state folder. Only one process at a time uses it, and it can be emptied.

This module imports only what any machine has, so that `make clean-local` needs no setup.
"""

import fcntl
import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sheets_schema.errors import AccueilError

if TYPE_CHECKING:
    from infra.emulator.store import Store

DEFAULT_HOME = Path(".local")
SHEETS = "sheets.sqlite"
_PARTS = ("journal", "mail", SHEETS, f"{SHEETS}-shm", f"{SHEETS}-wal")


class StateError(AccueilError):
    """The state cannot be used; the sentence says why."""


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Keep other processes from a file, which need not exist, for the time of a `with` block.

    The lock is on another file beside it. That file is never removed, so that two processes always
    ask for the same lock.

    Raises:
        StateError: another process has the lock, or the folder cannot be written to.
    """
    try:
        lock = file.with_name(f"{file.name}.lock").open("a")
    except OSError as error:
        kind = type(error).__name__
        raise StateError(f"Impossible de garder quoi que ce soit dans {file} ({kind}).") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StateError(
                f"Un autre « accueil » se sert déjà de {file} : arrêtez-le d'abord, "
                "ou choisissez une autre place (ACCUEIL_HOME)."
            ) from error
        yield


@contextmanager
def kept(file: Path) -> "Iterator[Store]":
    """Open the file that keeps the spreadsheets, for this process alone.

    Raises:
        StateError: see `locked`; or the file holds something else.
    """
    from infra.emulator.store import Store  # noqa: PLC0415  (see this module's docstring)

    with locked(file):
        try:
            store = Store(file)
        except sqlite3.Error as error:
            raise StateError(f"{file} n'est pas un fichier de classeurs d'Accueil.") from error
        with closing(store):
            yield store


def make(home: Path) -> None:
    """Make the state folder, if it is not there.

    Raises:
        StateError: the folder cannot be made.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        kind = type(error).__name__
        raise StateError(f"Impossible de créer le dossier {home} ({kind}).") from error


def empty(home: Path) -> str:
    """Empty the state folder, and say what was deleted. Files that are not ours stay.

    Raises:
        StateError: a running system uses the folder.
    """
    there = [part for part in _PARTS if (home / part).exists()]
    if not there:
        return f"Rien à effacer dans {home}."
    with locked(home / SHEETS):
        for part in there:
            path = home / part
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
    return f"Effacé de {home} : {', '.join(there)}."


def main() -> None:
    """Empty the state folder: .local, or ACCUEIL_HOME."""
    try:
        print(empty(Path(os.environ.get("ACCUEIL_HOME") or DEFAULT_HOME)))
    except AccueilError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
