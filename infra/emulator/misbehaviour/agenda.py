"""Actions that happen later: at the next call after their time, or by a timer before that."""

import heapq
import threading
from collections.abc import Callable
from itertools import count
from typing import TypeAlias

Action: TypeAlias = Callable[[], object]
Later: TypeAlias = Callable[[float, Action], object]


def start_timer(seconds: float, action: Action) -> None:
    """Do something after so many seconds, unless the program ends before."""
    timer = threading.Timer(seconds, action)
    timer.daemon = True
    timer.start()


class Agenda:
    """Actions and their times; each is done once, in the order of these times.

    Args:
        clock: Seconds that never go back.
        later: Calls us back after so many seconds. If a test has its own clock, actions that are
            not due by that clock stay.
    """

    def __init__(self, clock: Callable[[], float], later: Later = start_timer) -> None:
        self._clock = clock
        self._later = later
        self._lock = threading.RLock()  # actions may note further ones
        self._entries: list[tuple[float, int, Action]] = []
        self._numbers = count()

    def note(self, seconds: float, action: Action) -> None:
        """Do something in so many seconds."""
        with self._lock:
            heapq.heappush(self._entries, (self._clock() + seconds, next(self._numbers), action))
        self._later(seconds, self.run_due)

    def run_due(self) -> None:
        """Do what is due. When this returns, it is done, by this thread or by another one."""
        with self._lock:
            while self._entries and self._entries[0][0] <= self._clock():
                heapq.heappop(self._entries)[2]()

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
