"""Finds addresses whose domain is probably mistyped, such as gmail.con. Pure.

Nobody can answer such an address, and nobody notices. It may be right all the same, so it is asked
about and never refused.
"""

import functools
import json
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from importlib import resources
from itertools import groupby

from functions.intake.messages import FieldError, label
from functions.intake.words import Phrase

_LISTED = json.loads(resources.files(__package__).joinpath("providers.json").read_text("utf-8"))


def _domains(ended: Mapping[str, Sequence[str]]) -> frozenset[str]:
    return frozenset(f"{name}.{ending}" for ending, names in ended.items() for name in names)


# Where many people in France and around it have their address.
PROVIDERS = _domains(_LISTED["common"])
# Domains of their own that resemble one of these.
_OTHERS = {"mail.com", "email.com", "laposte.fr", "orange.com", "sfr.com", "freemail.fr"}
# Nor is one asked about if a provider has it in a country farther away.
_OTHERS |= _domains(_LISTED["elsewhere"])
# Providers that have one domain only, whatever the country.
_ONE_DOMAIN = {
    "gmail": "gmail.com",
    "icloud": "icloud.com",
    "protonmail": "protonmail.com",
    "wanadoo": "wanadoo.fr",
    "laposte": "laposte.net",
}
# Endings that no domain has, and the ones that were meant.
_ENDINGS = {
    **dict.fromkeys(("con", "cmo", "ocm", "comm", "coom", "cpm", "vom", "xom", "c0m"), "com"),
    **dict.fromkeys(("frr", "ffr", "rf"), "fr"),
    **dict.fromkeys(("nte", "ner", "nett"), "net"),
    **dict.fromkeys(("ogr", "orgg"), "org"),
}
_CLOSE = 0.85  # of 1; one letter wrong, missing or too many in a short domain, or two exchanged


def likely_domain(address: str) -> str | None:
    """The domain that was probably meant; None if the address has nothing strange.

    Args:
        address: a valid address.
    """
    typed = address.rpartition("@")[2].lower()
    if typed in PROVIDERS or typed in _OTHERS:
        return None
    name, _, ending = typed.rpartition(".")
    mended = f"{name}.{_ENDINGS[ending]}" if ending in _ENDINGS else typed
    if name in _ONE_DOMAIN and mended not in _OTHERS:
        mended = _ONE_DOMAIN[name]
    elif mended not in PROVIDERS and mended not in _OTHERS:
        mended = _nearest(mended) or mended
    return mended if mended != typed else None


@functools.lru_cache(maxsize=256)  # many people have the same few
def _nearest(typed: str) -> str | None:
    """The provider whose domain resembles this one; None for a name of its own, as grange.fr is.

    Letters may have changed places. Otherwise the first one is seldom wrong, and names of up to
    three letters resemble too many others.
    """
    if exchanged := _BY_LETTERS.get("".join(sorted(typed))):
        return exchanged
    name = typed.partition(".")[0]
    likely = [
        domain
        for domain in _BY_INITIAL.get(name[:1], ())
        if (theirs := domain.partition(".")[0]) == name or len(theirs) > _SHORT
    ]
    close = get_close_matches(typed, likely, n=1, cutoff=_CLOSE)
    return close[0] if close else None


_SHORT = 3
# The providers by all their letters in order, and by the first one.
_BY_LETTERS = {"".join(sorted(domain)): domain for domain in sorted(PROVIDERS, reverse=True)}
_BY_INITIAL = {
    initial: tuple(domains)
    for initial, domains in groupby(sorted(PROVIDERS), lambda domain: domain[0])
}


def question(address: str, domain: str) -> FieldError:
    """The question of the form, which shows its sender the address that was probably meant."""
    meant = f"{address.rpartition('@')[0]}@{domain}"
    return FieldError("email", Phrase(_QUESTION, label=label(("email",)), meant=meant))


def warning(domain: str) -> FieldError:
    """The remark for a program. It repeats nothing of the address that is personal."""
    return FieldError("email", Phrase(_WARNING, label=label(("email",)), domain=domain))


_QUESTION = (
    "{label} : vouliez-vous dire « {meant} » ? Corrigez votre adresse, ou envoyez de nouveau la "
    "demande si elle est juste."
)
_WARNING = "{label} : le domaine de l'adresse est peut-être mal écrit ; plutôt « {domain} » ?"
