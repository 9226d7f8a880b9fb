"""Small hand-written doubles and helpers that several tests use."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self, text: str = "2026-11-23T09:00:00+00:00") -> None:
        self.now = datetime.fromisoformat(text).astimezone(UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **step: float) -> None:
        self.now += timedelta(**step)


def counter(prefix: str) -> Iterator[str]:
    """prefix1, prefix2, … for what is random in real life."""
    number = 0
    while True:
        number += 1
        yield f"{prefix}{number}"
