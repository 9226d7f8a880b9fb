"""Google's quotas: so many reads and writes a minute, per user and per project.

Source: https://developers.google.com/workspace/sheets/api/limits. A window slides over the last 60
seconds; how Google divides time into minutes is not known. A refused call does not use up quota.
"""

from collections import deque
from collections.abc import Mapping
from threading import Lock
from typing import Final, NamedTuple

from infra.emulator.errors import ApiError

MINUTE: Final = 60.0
_SERVICE: Final = "sheets.googleapis.com"


class Limits(NamedTuple):
    """How many calls a minute are let through; None for any number."""

    user: int | None = None
    project: int | None = None


REAL: Final = Limits(user=60, project=300)


class Window:
    """Counts what happened within the last minute; moments are seconds that never go back."""

    def __init__(self) -> None:
        self._moments: deque[float] = deque()

    def add(self, now: float) -> None:
        """Count one more."""
        self._moments.append(now)

    def count(self, now: float) -> int:
        """Return how many there were in the minute before `now`, which forgets older ones."""
        while self._moments and self._moments[0] <= now - MINUTE:
            self._moments.popleft()
        return len(self._moments)


class Quota:
    """Lets calls through until a limit is reached.

    Args:
        reads: The limits of calls that read.
        writes: The limits of calls that write; a batch is one call.
    """

    def __init__(self, reads: Limits = REAL, writes: Limits = REAL) -> None:
        self.reads = reads
        self.writes = writes
        self._lock = Lock()
        self._windows: dict[tuple[bool, str | None], Window] = {}

    def admit(self, user: str, now: float, *, write: bool) -> None:
        """Count a call of a user.

        Raises:
            ApiError: With Google's 429, if the user or the project has used the minute up.
        """
        limits = self.writes if write else self.reads
        with self._lock:
            bounded = [
                (self._windows.setdefault((write, who), Window()), limit, of)
                for who, limit, of in ((user, limits.user, "User"), (None, limits.project, ""))
                if limit is not None
            ]
            for window, limit, of in bounded:
                if window.count(now) >= limit:
                    raise exceeded(write=write, per_user=bool(of))
            for window, _, _ in bounded:
                window.add(now)


def exceeded(
    *, write: bool, per_user: bool = True, headers: Mapping[str, str] | None = None
) -> ApiError:
    """Return Google's refusal of a call beyond a quota."""
    kind = "Write" if write else "Read"
    limit, name = (
        (f"{kind} requests per minute per user", f"{kind}RequestsPerMinutePerUser")
        if per_user
        else (f"{kind} requests per minute", f"{kind}RequestsPerMinutePerProject")
    )
    metadata = {"quota_limit": name, "quota_metric": f"{_SERVICE}/{kind.lower()}_requests"}
    return ApiError(
        f"Quota exceeded for quota metric '{kind} requests' and limit '{limit}' of service "
        f"'{_SERVICE}' for consumer 'project_number:46'.",
        code=429,
        status="RESOURCE_EXHAUSTED",
        details=[
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "RATE_LIMIT_EXCEEDED",
                "domain": "googleapis.com",
                "metadata": metadata,
            }
        ],
        headers=headers,
    )
