"""Turns the options of `accueil sheets-emulator` into orders for the emulator."""

import json
import re
from pathlib import Path
from typing import Any

from functions.shared.errors import AccueilError
from infra.emulator.errors import InvalidArgumentError
from infra.emulator.grid import Json
from infra.emulator.misbehaviour import settings
from infra.emulator.misbehaviour.conduct import Misbehaviour

_NUMBER = r"\d+(?:\.\d+)?"


def misbehave(
    to: Misbehaviour,
    *,
    quota: str,
    latency: str | None,
    faults: Path | None,
    append_race: bool,
    seed: int,
) -> None:
    """Let the emulator behave as the command's options say.

    Raises:
        AccueilError: An option is malformed; the sentence says which, and what it takes.
    """
    document = {
        "quota": _quota(quota),
        "latency": None if latency is None else _latency(latency),
        "faults": [] if faults is None else _faults(faults),
        "append_race": append_race,
        "seed": seed,
    }
    try:
        settings.apply(document, to)
    except InvalidArgumentError as error:
        raise AccueilError(f"L'émulateur refuse ces options : {error}") from error


def _quota(text: str) -> str | Json | None:
    if text in ("none", "real"):
        return None if text == "none" else text
    if not (numbers := re.fullmatch(r"(\d+)/(\d+)", text)):
        raise AccueilError(
            f"--quota {text} : indiquez none, real, ou deux nombres d'appels par minute, "
            "par exemple 60/60."
        )
    reads, writes = map(int, numbers.groups())
    return {"read": {"user": reads}, "write": {"user": writes}}


def _latency(text: str) -> float | Json:
    if re.fullmatch(_NUMBER, text):
        return float(text)
    if not (times := re.fullmatch(rf"p50=({_NUMBER}),p99=({_NUMBER})", text)):
        raise AccueilError(
            f"--latency {text} : indiquez une durée en millisecondes, par exemple 250, "
            "ou p50=250,p99=1500."
        )
    return {"p50": float(times[1]), "p99": float(times[2])}


def _faults(path: Path) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise AccueilError(f"--faults {path} : ce n'est pas du JSON ({error}).") from error
