"""Whether this process is told to end (SIGTERM), and that it does so in time.

Whatever is cut off, the next call goes on with: see docs/protocol.md. So loops end early, and what
does not end by itself is ended.
"""

import os
import signal
import threading
import time

GRACE = 8.0  # seconds; Cloud Run kills a process ten seconds after SIGTERM
_TICK = 0.5  # seconds
_told = threading.Event()


def stop() -> None:
    """Tell all loops of this process to end."""
    _told.set()


def is_stopping() -> bool:
    """Whether this process is told to end.

    gunicorn's worker, in which the functions run, takes SIGTERM itself and notes it in `alive`.
    """
    worker = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return _told.is_set() or not getattr(worker, "alive", True)


def pause(seconds: float) -> None:
    """Wait, but no longer once this process is told to end."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0 and not is_stopping():
        _told.wait(min(left, _TICK))


def end_in_time(grace: float = GRACE) -> None:
    """From now on make sure that this process ends `grace` seconds after it is told to.

    A call that hangs, in a library of ours or at the other end, cannot be interrupted.
    """

    def watch() -> None:
        while not is_stopping():
            time.sleep(_TICK)
        time.sleep(grace)
        os._exit(1)

    threading.Thread(target=watch, name="end in time", daemon=True).start()
