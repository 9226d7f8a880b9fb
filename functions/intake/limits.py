"""How often one may call: a bounded memory of this process, on top of the platform's own limits.

Each instance of the function counts for itself, and forgets when it ends: a brake against floods,
not an account. Kept as one time for each caller (the generic cell rate algorithm, ITU-T I.371).
"""

import ipaddress
import math
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from functions.intake.refusals import RefusedError


@dataclass(frozen=True)
class Rate:
    """So many calls at once, then so many a minute."""

    at_once: int
    a_minute: float

    @property
    def interval(self) -> float:
        """Seconds that one call costs."""
        return 60 / self.a_minute


# At a fair two hundred people write in an afternoon behind one address, several at a time.
RATES: Mapping[str, Rate] = {
    "key": Rate(300, 300),
    "challenge": Rate(120, 60),
    "network": Rate(90, 60),
    "no_script": Rate(15, 2),
    "no_script_at_all": Rate(60, 30),
    "page": Rate(300, 300),
}
_ROUNDING = 1e-3  # seconds
MEMORY = 20_000  # callers; those not seen for longest are forgotten


@dataclass
class Limits:
    """The callers seen lately; any number of threads may ask."""

    memory: int = MEMORY
    _free_at: OrderedDict[tuple[str, str], float] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def admit(self, kind: str, who: str, now: float) -> None:
        """Count a call of somebody at a time in seconds.

        Raises:
            RefusedError: 429, it is one too many, with the seconds to wait.
        """
        rate = RATES[kind]
        with self._lock:
            free_at = max(now, self._free_at.get((kind, who), now)) + rate.interval
            wait = free_at - now - rate.at_once * rate.interval
            if wait > _ROUNDING:
                raise RefusedError(429, _TOO_MANY, math.ceil(wait))
            self._free_at[kind, who] = free_at
            self._free_at.move_to_end((kind, who))
            while len(self._free_at) > self.memory:
                self._free_at.popitem(last=False)


# How much of an IPv6 address is one household's network, and how much may be one subscriber's.
SUBNET, SITE = 64, 48


def network(peer: str, forwarded: str, proxies: int, prefix: int = SUBNET) -> str:
    """The network a call comes from: an IPv4 address, or the beginning of an IPv6 one.

    Args:
        peer: the address at the other end of the connection.
        forwarded: the X-Forwarded-For header, to which each proxy adds whom it was called by.
        proxies: how many proxies stand in front of the function. What is further left in the
            header, anybody may have written.
        prefix: how many bits of an IPv6 address count.
    """
    hops = [*(hop.strip() for hop in forwarded.split(",") if hop.strip()), peer]
    address = hops[-min(len(hops), proxies + 1)]
    if address.count(":") == 1:  # an IPv4 address with its port, as some proxies write it
        address = address.partition(":")[0]
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped or ipaddress.ip_network((parsed, prefix), strict=False))
    return str(parsed)


_TOO_MANY = "Trop de demandes en peu de temps depuis votre réseau : réessayez un peu plus tard."
