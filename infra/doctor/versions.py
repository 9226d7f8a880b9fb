"""`accueil version`: which versions run where, and what to do if they differ."""

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from functions.shared.errors import AccueilError
from functions.shared.version import VERSION, code
from infra.cloud.stack import Layer, load
from infra.cloud.steps import pulumi_environ
from infra.site.web import fetch
from sheets_schema import schema

Run = Callable[[Sequence[str], Mapping[str, str]], str]
_OK = 200
_PROGRAM = Path(__file__).parents[1] / "cloud" / "program"
_PATIENCE = 60  # seconds for Pulumi


def _run(command: Sequence[str], environ: Mapping[str, str]) -> str:
    done = subprocess.run(  # noqa: S603  (ours; the stack's name is one argument)
        command,
        capture_output=True,
        check=True,
        text=True,
        timeout=_PATIENCE,
        env={**os.environ, **environ},
    )
    return done.stdout


@dataclass(frozen=True)
class Versions:
    """What runs: the functions, and the version of the workbook; None where it is not known."""

    deployed: "Deployed | None" = None
    workbook: int | None = None


@dataclass(frozen=True)
class Deployed:
    """What a deployed intake says of itself; `code` tells it from others of the same version."""

    version: str
    code: str


def deployed(where: str, run: Run = _run) -> Deployed:
    """What runs as a deployed intake.

    Args:
        where: the address of the form or of its server, or the name of a stack, whose address
            Pulumi knows.
        run: runs a command in an environment that it adds to, and gives what it prints.

    Raises:
        AccueilError: no intake answers there, or the stack has no file, or Pulumi does not know
            it.
    """
    base = where if urlsplit(where).scheme in ("http", "https") else _address(where, run)
    base = base.rstrip("/")
    for address in (f"{base}/health", f"{base}/intake/health"):
        answer = fetch(address, local=True)
        try:
            if answer.status_code == _OK:
                said = answer.json()
                # Older ones do not say their code.
                return Deployed(str(said["version"]), str(said.get("code", "")))
        except (ValueError, KeyError, TypeError):
            continue
    raise AccueilError(f"{base} ne répond pas comme le formulaire : vérifiez l'adresse.")


def _address(name: str, run: Run) -> str:
    """The address of a stack's form: an output of its functions' layer."""
    stack = load(name)
    named = ("--stack", Layer.FUNCTIONS.of(name), "--cwd", str(_PROGRAM))
    command = ("pulumi", "stack", "output", "formulaire", *named)
    try:
        return run(command, pulumi_environ(stack)).strip()
    except (OSError, subprocess.SubprocessError) as error:
        raise AccueilError(
            f"Pulumi ne donne pas l'adresse de « {name} » ({type(error).__name__}) : donnez celle "
            "du formulaire, https://…, ou le nom d'une pile déployée depuis cette machine."
        ) from error


def differences(versions: Versions) -> Iterator[str]:
    """What differs from the code at hand, and what to do, in French."""
    running = versions.deployed
    if running and running.version != VERSION:
        newer = _numbers(running.version) > _numbers(VERSION)
        yield (
            f"Les fonctions sont en version {running.version}, "
            + ("plus récente que ce code : mettez-le à jour." if newer else "à redéployer.")
        )
    elif running and running.code != code():
        yield (
            "Les fonctions sont de la même version, mais d'un autre code que celui-ci "
            f"({code()}) : mettez-le à jour, ou redéployez."
        )
    if versions.workbook is not None and versions.workbook < schema.VERSION:
        yield (
            f"Le classeur est de la version {versions.workbook} : « accueil sheet plan » montre ce "
            "qui lui manque, « accueil sheet apply » l'ajoute. Les fonctions s'en passent d'ici là."
        )
    if versions.workbook is not None and versions.workbook > schema.VERSION:
        yield (
            f"Le classeur est de la version {versions.workbook}, plus récente que ce code : ses "
            "nouvelles colonnes restent vides ; mettez le code à jour."
        )


def _numbers(version: str) -> list[int]:
    return [int(part) if part.isdecimal() else 0 for part in version.split(".")]
