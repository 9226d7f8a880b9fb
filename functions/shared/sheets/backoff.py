"""How often, and after which waits, a call is tried again that Google Sheets fails in passing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from functions.shared.errors import WorkbookBusyError, WorkbookError, WorkbookUnsureError
from functions.shared.stopping import is_stopping

TRIES = 5
FIRST_WAIT, LONGEST_WAIT = 1.0, 16.0  # seconds; the wait doubles from try to try

_T = TypeVar("_T")


@dataclass(frozen=True)
class Backoff:
    """Waits between tries.

    `sleep` waits for some seconds. `jitter` gives a random number between 0 and 1. `say` is told
    of each wait before it begins: the error, how often the call was tried, and the seconds.
    `is_stopping` says whether this process is told to end; then nothing is tried again.
    """

    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    jitter: Callable[[], float]
    say: Callable[[WorkbookError, int, float], None]
    is_stopping: Callable[[], bool] = is_stopping

    def call(self, act: Callable[[], _T], until: datetime) -> _T:
        """Do something that may be done again, as long as another try may succeed.

        Raises:
            WorkbookError: no try is left, or another one would not help.
        """
        tried = 0
        while True:
            try:
                return act()
            except (WorkbookBusyError, WorkbookUnsureError) as error:
                tried += 1
                self.wait(tried, error, until)

    def wait(self, tried: int, error: WorkbookError, until: datetime) -> None:
        """Wait before another try, or raise the error if no try is left."""
        asked = error.retry_after if isinstance(error, WorkbookBusyError) else None
        doubled = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (tried - 1)) * (0.5 + self.jitter())
        wait = doubled if asked is None else asked
        late = self.clock() + timedelta(seconds=wait) > until
        if tried >= TRIES or late or self.is_stopping():
            raise error
        self.say(error, tried, wait)
        self.sleep(wait)
