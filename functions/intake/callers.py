"""Who calls: a site or a tablet with an API key, or anybody. Pure."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from functions.intake.refusals import RefusedError
from functions.shared.settings import API_KEY


@dataclass(frozen=True)
class Caller:
    """Who has an API key: its name, the SHA-256 of the key, and whether the rate has no limit."""

    name: str
    key_hash: str
    unlimited: bool = False


def read_callers(text: str) -> tuple[Caller, ...]:
    """The callers of ACCUEIL_API_KEYS: `name:sha256`, separated by commas.

    A name may stand several times, so that a key can be changed while the old one still works.

    Raises:
        ValueError: the text is malformed.
    """
    found = [API_KEY.fullmatch(entry.strip()) for entry in text.split(",") if entry.strip()]
    if None in found:
        raise ValueError
    return tuple(Caller(one[1], one[2], bool(one[3])) for one in found if one)


def identify(key: str | None, callers: Sequence[Caller]) -> Caller | None:
    """Whose API key this is; None without a key.

    Raises:
        RefusedError: nobody has that key.
    """
    if key is None:
        return None
    hashed = hash_key(key)
    # Every one is compared, and each in constant time: how long it takes says nothing.
    found = [one for one in callers if hmac.compare_digest(one.key_hash, hashed)]
    if not found:
        raise RefusedError(401, "Cette clé d'API n'est pas connue : vérifiez l'en-tête X-API-Key.")
    return found[0]


def hash_key(key: str) -> str:
    """What the settings hold in place of a key: keys are long and random, so a plain hash does."""
    return hashlib.sha256(key.encode()).hexdigest()
