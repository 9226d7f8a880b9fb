"""The results in words: lines for a terminal, a report to paste, JSON. Pure."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from functions.shared.version import VERSION
from infra.doctor.checks import Line, Outcome
from sheets_schema import schema

_MARKS: dict[Outcome, str] = {"ok": "✓", "warning": "!", "fault": "✗", "skipped": "–"}
_WORDS: dict[Outcome, tuple[str, str]] = {
    "fault": ("défaut", "défauts"),
    "warning": ("avertissement", "avertissements"),
    "skipped": ("point non vérifié", "points non vérifiés"),
    "ok": ("point en ordre", "points en ordre"),
}
# What no program can check; docs/live-checklist.md says more.
_RESTORE = (
    "Restaurer une version du classeur (Fichier, Historique des versions), puis lancer « accueil "
    "doctor » : la ligne « same » doit le voir. Remettre ensuite la dernière version."
)
FOR_PEOPLE = (
    _RESTORE,
    "Écrire dans une ligne pendant qu'une demande arrive : ce qui est écrit reste.",
    "Ouvrir une vue par le lien d'un courriel, sur un téléphone et sur un ordinateur.",
    "Regarder un courriel du lundi dans Gmail et dans Outlook.",
)


def headline(now: datetime) -> str:
    """What was looked at, with which version, and when."""
    return f"Accueil {VERSION}, schémas {schema.VERSION}, {now:%Y-%m-%d %H:%M} UTC"


def lines(line: Line[Any]) -> str:
    """A check as people read it: in short if all is well, with all there is to know if not."""
    check, seen = line.check, line.seen
    first = f"{_MARKS[seen.outcome]} {check.key:18} {seen.sentence}"
    if seen.outcome in ("ok", "skipped"):
        return first
    return "\n".join(
        [
            first,
            f"    attendu  {check.expected}",
            f"    sinon    {check.otherwise}",
            f"    code     {check.relies}",
        ]
    )


def ending(examined: Sequence[Line[Any]], *, live: bool) -> str:
    """How many checks came out how, and after the live ones what is left for a person to do."""
    outcomes = Counter(line.seen.outcome for line in examined)
    said = [
        f"{count} {words[count > 1]}"
        for outcome, words in _WORDS.items()
        if (count := outcomes[outcome])
    ]
    ending_lines = [f"{', '.join(said)}."]
    if live:
        ending_lines.append("À faire encore par une personne (docs/live-checklist.md) :")
        ending_lines += [f"  · {step}" for step in FOR_PEOPLE]
    return "\n".join(ending_lines)


def is_sound(examined: Sequence[Line[Any]]) -> bool:
    """Whether no check found a fault."""
    return all(line.seen.outcome != "fault" for line in examined)


def document(examined: Sequence[Line[Any]], now: datetime) -> dict[str, Any]:
    """The results for a program."""
    return {
        "version": VERSION,
        "schema": schema.VERSION,
        "at": now.isoformat(timespec="seconds"),
        "sound": is_sound(examined),
        "checks": [
            {
                "key": line.check.key,
                "outcome": line.seen.outcome,
                "expected": line.check.expected,
                "seen": line.seen.sentence,
                "otherwise": line.check.otherwise,
                "relies": line.check.relies,
            }
            for line in examined
        ],
    }
