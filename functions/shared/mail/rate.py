"""How fast mails may leave, for all threads of a process together."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from functions.shared import stopping

_SPACE = 1.1


@dataclass
class Rate:
    """Gives each mail its turn, so that no more of them leave in a second than may.

    `now` is the time in seconds, and `pause` lets some seconds pass.
    """

    now: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = stopping.pause
    _next: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, per_second: float) -> None:
        """Wait for a turn; turns are equally far from each other.

        They are a little rarer than they may be: what leaves evenly may arrive unevenly.

        Args:
            per_second: how many turns there are in a second.
        """
        with self._lock:
            now = self.now()
            turn = max(now, self._next)
            self._next = turn + _SPACE / per_second
        if turn > now:
            self.pause(turn - now)
