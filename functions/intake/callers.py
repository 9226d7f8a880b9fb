"""Who calls: a site or a tablet with an API key, or anybody. Pure."""

import hashlib
import hmac
from collections.abc import Sequence

from functions.intake.refusals import RefusedError
from functions.shared.settings import Caller

__all__ = ["Caller", "hash_key", "identify"]


def identify(key: str | None, callers: Sequence[Caller]) -> Caller | None:
    """Whose API key this is; None without a key.

    A name may stand several times, so that a key can be changed while the old one still works.

    Raises:
        RefusedError: nobody has that key.
    """
    if key is None:
        return None
    hashed = hash_key(key)
    # Every one is compared, and each in constant time: how long it takes says nothing.
    known = [caller for caller in callers if hmac.compare_digest(caller.key_hash, hashed)]
    if not known:
        raise RefusedError(401, "Cette clé d'API n'est pas connue : vérifiez l'en-tête X-API-Key.")
    return known[0]


def hash_key(key: str) -> str:
    """What the settings hold in place of a key: keys are long and random, so a plain hash does."""
    return hashlib.sha256(key.encode()).hexdigest()
