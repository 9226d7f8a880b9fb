"""Whether this process is told to end (SIGTERM), and that it does so in time.

Whatever is cut off, the next call goes on with: see docs/protocol.md. So loops end early, and what
does not end by itself is ended.
"""

import os
import threading
import time

GRACE = 8.0  # seconds; Cloud Run kills a process ten seconds after SIGTERM
_told = threading.Event()


def stop() -> None:
    """Tell all loops of this process to end."""
    _told.set()


def is_stopping() -> bool:
    """Whether this process is told to end."""
    return _told.is_set()


def pause(seconds: float) -> None:
    """Wait, but no longer once this process is told to end."""
    _told.wait(seconds)


def end_in_time(grace: float = GRACE) -> None:
    """From now on make sure that this process ends `grace` seconds after it is told to.

    A call that hangs, in a library of ours or at the other end, cannot be interrupted.
    """

    def watch() -> None:
        _told.wait()
        time.sleep(grace)
        os._exit(1)

    threading.Thread(target=watch, name="end in time", daemon=True).start()
