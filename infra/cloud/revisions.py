"""Which revisions to go back to. Pure.

Functions go back together. A deployment makes a revision of each function, all with one label; one
that stopped halfway made it of some only. So a deployment is gone back to if all functions have a
revision of it that is ready.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from functions.shared.errors import AccueilError

Json = Mapping[str, Any]
DEPLOYMENT = "deployment"  # the label
_NAMED = "%Y%m%dt%H%M%S"  # labels take small letters only; in UTC


def deployment_name(at: datetime) -> str:
    """The value of the label of a deployment that begins at a time; later ones come after it."""
    return f"{at.astimezone(UTC):{_NAMED}}"


@dataclass(frozen=True)
class Deployed:
    """What Google says of a function.

    `service` is what `gcloud run services describe` prints, `revisions` what `gcloud run revisions
    list` prints.
    """

    service: Json
    revisions: Sequence[Json]

    @property
    def serving(self) -> str:
        """The deployment that serves now; "" if it is not known."""
        traffic: Sequence[Json] = self.service.get("status", {}).get("traffic", ())
        shares = {part["revisionName"]: part.get("percent", 0) for part in traffic}
        name = max(shares, key=lambda name: shares[name], default="")
        return next((_deployment(r) for r in self.revisions if _name(r) == name), "")

    @property
    def ready(self) -> Mapping[str, str]:
        """The names of the revisions that are ready, by their deployments."""
        return {_deployment(r): _name(r) for r in self.revisions if _is_ready(r) and _deployment(r)}


def previous(functions: Mapping[str, Deployed]) -> dict[str, str]:
    """The revision of each function, by its name, to go back to.

    They are of the newest whole deployment before the one that serves now. So a second rollback
    goes back one more, and after a deployment that stopped halfway no function goes back too far.

    Raises:
        AccueilError: there is no such deployment.
    """
    serving = max(function.serving for function in functions.values())
    whole = set.intersection(*(set(function.ready) for function in functions.values()))
    before = max((deployment for deployment in whole if deployment < serving), default=None)
    if before is None:
        raise AccueilError(
            "Aucun déploiement complet ne précède celui qui sert : il n'y a rien à remettre. Pour "
            "retirer les fonctions : make destroy."
        )
    return {name: function.ready[before] for name, function in functions.items()}


def _is_ready(revision: Json) -> bool:
    conditions = revision.get("status", {}).get("conditions", ())
    return any(c.get("type") == "Ready" and c.get("status") == "True" for c in conditions)


def _name(revision: Json) -> str:
    return str(revision["metadata"]["name"])


def _deployment(revision: Json) -> str:
    return str(revision["metadata"].get("labels", {}).get(DEPLOYMENT, ""))
