"""How often a caller may call, in addition to the platform's own limits.

Each instance of the function counts for itself, in a bounded memory, and forgets when it ends. So
with three instances a caller may call three times as often. This slows down floods and is no exact
count. The memory holds one time for each caller (the generic cell rate algorithm, ITU-T I.371).
"""

import functools
import ipaddress
import math
import re
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from functions.intake.refusals import RefusedError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Rate:
    """A limit: so many calls at once, and after that so many a minute.

    `site` is how many times as much all networks of one IPv6 site have together.
    """

    at_once: int
    a_minute: float
    site: int = 4

    @property
    def interval(self) -> float:
        """Seconds that one call costs."""
        return 60 / self.a_minute

    @property
    def of_site(self) -> "Rate":
        """The limit of all networks of one site together."""
        return Rate(self.at_once * self.site, self.a_minute * self.site)


# At a job fair two hundred people share an address for an afternoon, and several write at a time.
RATES: Mapping[str, Rate] = {
    "key": Rate(300, 300),
    "challenge": Rate(120, 60),
    "network": Rate(90, 60),
    # One household has few requests. Above this limit they are accepted and marked.
    "proved": Rate(20, 20 / 60, site=2),
    # It takes twenty sites at once, or sixty that go on and on, to use up the limit of all.
    "no_script": Rate(6, 1, site=1),
    "no_script_at_all": Rate(120, 60),
    "page": Rate(300, 300),
}
_ROUNDING = 1e-3  # seconds
MEMORY = 10_000  # callers of a kind; those who have not called for longest are forgotten first

_Memory = OrderedDict[str, float]


@dataclass
class Limits:
    """The callers that were seen lately; any number of threads may use it.

    Each kind of call has a memory of its own. So nobody can make us forget who used up an expensive
    kind by making cheap calls from many networks, and what counts all callers together, or the
    holders of API keys, is never forgotten.
    """

    memory: int = MEMORY
    _free_at: dict[str, _Memory] = field(
        default_factory=lambda: {kind: OrderedDict() for kind in RATES}
    )
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def admit(self, kind: str, now: float, who: str, site: str = "") -> None:
        """Count a call of a caller.

        Args:
            kind: the kind of call, of RATES.
            now: when the call comes, in seconds.
            who: the caller.
            site: a larger network that `who` belongs to, which is counted as well.

        Raises:
            RefusedError: 429, the call is one too many; it says how many seconds to wait.
        """
        rate = RATES[kind]
        counted = [(who, rate)] + ([(site, rate.of_site)] if site else [])
        with self._lock:
            memory = self._free_at[kind]
            times = {name: _next(memory.get(name, now), of, now) for name, of in counted}
            for name, free_at in times.items():
                memory[name] = free_at
                memory.move_to_end(name)
            while len(memory) > self.memory:
                memory.popitem(last=False)


def _next(free_at: float, rate: Rate, now: float) -> float:
    """From when a caller is free again after one more call.

    Raises:
        RefusedError: the call is one too many.
    """
    later = max(now, free_at) + rate.interval
    wait = later - now - rate.at_once * rate.interval
    if wait > _ROUNDING:
        raise RefusedError(429, _TOO_MANY, math.ceil(wait))
    return later


# How many bits of an IPv6 address a household's network has, and how many a subscriber may have.
SUBNET, SITE = 64, 48
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052
# An address as proxies write it: with a port or without, IPv6 in brackets or bare.
_WITH_PORT = re.compile(r'"?(?:\[([^\]]*)\](?::\d*)?|([\d.]+):\d*|([^"\[\]]*))"?')


@functools.lru_cache(maxsize=32)  # a call that is refused asks twice
def caller_address(peer: str, forwarded: str, proxies: int) -> Address | None:
    """The address that a call comes from; None if it is none.

    An IPv6 address that carries an IPv4 address counts as that one (mapped, 6to4, Teredo, NAT64).
    Otherwise whoever has one IPv4 address would have as many IPv6 networks as they like.

    Args:
        peer: the address at the other end of the connection.
        forwarded: the X-Forwarded-For header, to which each proxy appends the address of its
            caller.
        proxies: how many proxies stand in front of the function. Anybody may have written the
            addresses further left in the header.
    """
    hops = [*(hop.strip() for hop in forwarded.split(",") if hop.strip()), peer]
    match = _WITH_PORT.fullmatch(hops[-min(len(hops), proxies + 1)])
    text = next((part for part in match.groups() if part), "") if match else ""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return _carried(address) if isinstance(address, ipaddress.IPv6Address) else address


def _carried(address: ipaddress.IPv6Address) -> Address:
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    _, teredo_client = address.teredo or (None, None)
    return address.ipv4_mapped or address.sixtofour or teredo_client or address


def networks(address: Address | None) -> Sequence[str]:
    """The networks that a call counts for, the smallest first; "" stands for an unknown one."""
    if isinstance(address, ipaddress.IPv6Address):
        return [
            str(ipaddress.IPv6Network((int(address), bits), strict=False))
            for bits in (SUBNET, SITE)
        ]
    return [str(address or "")]


_TOO_MANY = "Trop de demandes en peu de temps depuis votre réseau : réessayez un peu plus tard."
