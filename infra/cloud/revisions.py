"""Which revision of a function to go back to. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from functions.shared.errors import AccueilError

Json = Mapping[str, Any]


def previous(function: str, service: Json, revisions: Sequence[Json]) -> str:
    """The newest revision that is ready and older than the one that serves now.

    So a second rollback goes back one more.

    Args:
        function: its name, for the sentence.
        service: what `gcloud run services describe` says of it.
        revisions: what `gcloud run revisions list` says of its revisions.

    Raises:
        AccueilError: there is no such revision.
    """
    serving = _serving(service)
    ready = sorted((r for r in revisions if _is_ready(r)), key=_made)
    before = [
        r
        for r in ready
        if _made(r) < max((_made(s) for s in ready if _name(s) == serving), default="")
    ]
    if not before:
        raise AccueilError(
            f"{function} n'a pas de version d'avant {serving or 'celle-ci'} : il n'y a rien à "
            "remettre. Pour retirer les fonctions : make destroy."
        )
    return _name(before[-1])


def _serving(service: Json) -> str:
    traffic: Sequence[Json] = service.get("status", {}).get("traffic", ())
    shares = {part["revisionName"]: part.get("percent", 0) for part in traffic}
    return max(shares, key=lambda name: shares[name], default="")


def _is_ready(revision: Json) -> bool:
    conditions = revision.get("status", {}).get("conditions", ())
    return any(c.get("type") == "Ready" and c.get("status") == "True" for c in conditions)


def _name(revision: Json) -> str:
    return str(revision["metadata"]["name"])


def _made(revision: Json) -> str:
    return str(revision["metadata"]["creationTimestamp"])
