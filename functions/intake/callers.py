"""Who calls: a site or a tablet with an API key, or anybody else. Pure."""

import hashlib
import hmac
from collections.abc import Sequence

from functions.intake.refusals import RefusedError
from functions.shared.settings import Caller

__all__ = ["Caller", "hash_key", "identify"]


def identify(key: str | None, callers: Sequence[Caller]) -> Caller | None:
    """The holder of an API key; None without a key.

    A name may be listed several times, so that an old key still works while it is being replaced.

    Raises:
        RefusedError: nobody has that key.
    """
    if key is None:
        return None
    hashed = hash_key(key)
    # Compare every hash, each in constant time, so that the duration reveals nothing about a key.
    known = [caller for caller in callers if hmac.compare_digest(caller.key_hash, hashed)]
    if not known:
        raise RefusedError(401, "Cette clé d'API n'est pas connue : vérifiez l'en-tête X-API-Key.")
    return known[0]


def hash_key(key: str) -> str:
    """The hash that the settings hold in place of a key.

    Keys are long and random, so a plain hash is enough.
    """
    return hashlib.sha256(key.encode()).hexdigest()
