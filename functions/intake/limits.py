"""How often a caller may call, in addition to the platform's own limits.

Each instance of the function counts for itself, in a bounded memory, and forgets when it ends. This
slows down floods and is no exact count. The memory holds one time for each caller (the generic cell
rate algorithm, ITU-T I.371).
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
    """A limit: so many calls at once, and after that so many a minute."""

    at_once: int
    a_minute: float

    @property
    def interval(self) -> float:
        """Seconds that one call costs."""
        return 60 / self.a_minute


# At a job fair two hundred people share an address for an afternoon, and several write at a time.
RATES: Mapping[str, Rate] = {
    "key": Rate(300, 300),
    "challenge": Rate(120, 60),
    "network": Rate(90, 60),
    "no_script": Rate(15, 2),
    "no_script_at_all": Rate(60, 30),
    "page": Rate(300, 300),
}
_ROUNDING = 1e-3  # seconds
MEMORY = 20_000  # callers; beyond that, those who have not called for longest are forgotten


@dataclass
class Limits:
    """The callers that were seen lately; any number of threads may use it."""

    memory: int = MEMORY
    _free_at: OrderedDict[tuple[str, str], float] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def admit(self, kind: str, who: str, now: float) -> None:
        """Count a call of a caller; `now` is in seconds.

        Raises:
            RefusedError: 429, the call is one too many; it says how many seconds to wait.
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


# How many bits of an IPv6 address a household's network has, and how many a subscriber may have.
SUBNET, SITE = 64, 48


def network(peer: str, forwarded: str, proxies: int, prefix: int = SUBNET) -> str:
    """The network a call comes from: an IPv4 address, or the beginning of an IPv6 one.

    Args:
        peer: the address at the other end of the connection.
        forwarded: the X-Forwarded-For header, to which each proxy appends the address of its
            caller.
        proxies: how many proxies stand in front of the function. Anybody may have written the
            addresses further left in the header.
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
