"""What the log says of refused calls: one line a minute for each status, and nobody's name.

Somebody who floods or probes intake must leave a trace, and their calls must not become a flood of
lines.
"""

import hashlib
import hmac
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from functions.shared.log import log

MINUTE = timedelta(minutes=1)
MANY = 10  # refusals that are not waited with
_NAMED = 5  # networks in a line
_KEPT = 1_000  # networks that are counted apart; the others are counted together
_OTHERS = "others"


@dataclass
class _Count:
    """The refusals of one status since the last line about it."""

    since: datetime
    networks: Counter[str] = field(default_factory=Counter)


@dataclass
class Traces:
    """Counts refusals; `secret` is the key of the hashes that stand for networks in the log.

    A line comes as soon as there were MANY refusals, or with the first call a minute later; after
    that a minute passes before the next line about the same status.
    """

    secret: str
    clock: Callable[[], datetime]
    _counts: dict[int, _Count] = field(default_factory=dict)
    _quiet_until: dict[int, datetime] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def see(self, status: int, network: Callable[[], str]) -> None:
        """Count the answer to a call.

        Args:
            status: the answer's status. Those of successes and of our own failures do not count.
            network: gives the network that a refused call came from, "" where it is unknown.
        """
        now = self.clock()
        with self._lock:
            if 400 <= status < 500:  # noqa: PLR2004  (HTTP's refusals)
                networks, whose = self._counts.setdefault(status, _Count(now)).networks, network()
                room = whose in networks or len(networks) < _KEPT
                networks[whose if room else _OTHERS] += 1
            due = [each for each in self._counts if self._is_due(each, now)]
            for each in due:
                self._tell(each, now)

    def end(self) -> None:
        """Write what was counted and not yet written, because the process ends."""
        with self._lock:
            for status in list(self._counts):
                self._tell(status, self.clock())

    def _is_due(self, status: int, now: datetime) -> bool:
        count = self._counts[status]
        late = now - count.since >= MINUTE or count.networks.total() >= MANY
        return late and now >= self._quiet_until.get(status, now)

    def _tell(self, status: int, now: datetime) -> None:
        count = self._counts.pop(status)
        self._quiet_until[status] = now + MINUTE
        log(
            "WARNING",
            "refused",
            status=status,
            count=count.networks.total(),
            seconds=round((now - count.since).total_seconds()),
            networks=len(count.networks),
            most=[f"{self._hash(name)}: {n}" for name, n in count.networks.most_common(_NAMED)],
        )

    def _hash(self, network: str) -> str:
        """A name for a network. Without the secret nobody can say which network it is."""
        if network in ("", _OTHERS):
            return network or "unknown"
        return hmac.new(self.secret.encode(), network.encode(), hashlib.sha256).hexdigest()[:16]
