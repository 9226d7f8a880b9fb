"""What a check is, and how it is run: bounded in time, and without regard to the others."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from threading import Thread
from typing import Generic, Literal, TypeVar

from functions.shared.errors import AccueilError, HeaderError
from infra.terminal import plain

Outcome = Literal["ok", "warning", "fault", "skipped"]
FUNCTIONS = ("intake", "route", "digest")
PATIENCE = 90.0  # seconds for a check; a call of Google's is tried again for a while
_Subject = TypeVar("_Subject")


@dataclass(frozen=True)
class Seen:
    """What a check saw, as a French sentence without personal data or secrets."""

    outcome: Outcome
    sentence: str


def ok(sentence: str) -> Seen:
    """What was expected was seen."""
    return Seen("ok", sentence)


def warning(sentence: str) -> Seen:
    """The system works, and somebody should look at this."""
    return Seen("warning", sentence)


def fault(sentence: str) -> Seen:
    """What was seen keeps the system from working as it should."""
    return Seen("fault", sentence)


class SkippedError(Exception):
    """A check cannot be made here; the French sentence says why."""


@dataclass(frozen=True)
class Check(Generic[_Subject]):
    """A check of a subject, such as a system or a spreadsheet.

    `key` names it in reports and in docs/live-checklist.md. `expected` is what should be seen, and
    `otherwise` what it means if something else is. `relies` is the code that counts on it.
    `functions` are those that need it. If one of the checks that it `needs` finds a fault, that one
    is enough to say.
    """

    key: str
    expected: str
    otherwise: str
    relies: str
    look: Callable[[_Subject], Seen]
    functions: Sequence[str] = FUNCTIONS
    patience: float = PATIENCE
    needs: Sequence[str] = ()


@dataclass(frozen=True)
class Line(Generic[_Subject]):
    """A check and what it saw."""

    check: Check[_Subject]
    seen: Seen


def examine(
    checks: Sequence[Check[_Subject]],
    subject: _Subject,
    announce: Callable[[Check[_Subject]], object] = lambda _: None,
) -> Iterator[Line[_Subject]]:
    """Make checks in their order. Whatever a check raises, or if it never ends, the next follows.

    Args:
        checks: the checks.
        subject: what they look at.
        announce: is told of each check before it begins.
    """
    faulty: set[str] = set()
    for check in checks:
        announce(check)
        if reasons := [key for key in check.needs if key in faulty]:
            seen = Seen("skipped", f"Voir d'abord : {', '.join(reasons)}.")
        else:
            seen = _bounded(check, subject)
        if seen.outcome == "fault" or reasons:
            faulty.add(check.key)
        yield Line(check, seen)


def _bounded(check: Check[_Subject], subject: _Subject) -> Seen:
    results: list[Seen] = []
    # A daemon: a check that never ends must not keep the program from ending.
    thread = Thread(
        target=lambda: results.append(_contained(check, subject)), name=check.key, daemon=True
    )
    thread.start()
    thread.join(check.patience)
    if not results:
        return fault(f"Aucune réponse en {check.patience:g} secondes.")
    return Seen(results[0].outcome, plain(results[0].sentence))


def _contained(check: Check[_Subject], subject: _Subject) -> Seen:
    try:
        return check.look(subject)
    except SkippedError as reason:
        return Seen("skipped", str(reason))
    except HeaderError:
        # Its sentence may quote what somebody wrote into a header.
        return fault(
            "Un en-tête du système manque ou est en double : « accueil sheet plan » dit lequel."
        )
    except AccueilError as error:
        return fault(str(error))
    except Exception as error:  # noqa: BLE001  (one check's fault must not silence the others)
        # The text of an unexpected error may hold anything.
        return fault(f"Erreur imprévue ({type(error).__name__}).")
