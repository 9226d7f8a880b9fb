"""What waits, said in the log at each sweep: the cloud's alerts read it (infra/cloud/watching.py).

A sweep that fails says it, too: what waits matters most when nothing can be written.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from functions.shared.journal.entries import ILLEGIBLE, Entry, is_suspect
from functions.shared.journal.store import PARALLEL, Journal
from functions.shared.log import log
from sheets_schema.columns import PARIS

DIGEST_DUE = 9  # o'clock on Monday in Paris, two hours after its schedule (infra/cloud/services.py)
_MOST_READ = 1_000  # of the pending entries; more than a fair brings in an afternoon


@dataclass
class Gauge:
    """Measures what waits in the journal; `clock` gives the time."""

    journal: Journal
    clock: Callable[[], datetime]
    _suspects: dict[str, bool] = field(default_factory=dict)  # of what is set aside, by key

    def report(self) -> None:
        """Write one line: how many requests wait, for how long, and what a person has to look at.

        `set_aside` counts what Google refused. Suspects, which are in À vérifier, are counted
        apart, because they wait for nobody.

        Raises:
            JournalError: the journal does not answer.
        """
        now = self.clock()
        pending = self.journal.keys("pending/")
        suspects = self._look_aside()
        log(
            "INFO",
            "waiting",
            pending=len(pending),
            oldest_minutes=oldest_minutes(self._received(pending), now),
            set_aside=len(suspects) - sum(suspects),
            suspects=sum(suspects),
            digest_late=digest_is_late(self.journal.keys("mail/"), now),
        )

    def _received(self, keys: list[str]) -> list[datetime]:
        with ThreadPoolExecutor(PARALLEL) as pool:
            bodies = pool.map(self.journal.read, keys[:_MOST_READ])
            return [at for body in bodies if body and (at := _received_at(body))]

    def _look_aside(self) -> list[bool]:
        """Whether each entry that is set aside is a suspect; each is read once by an instance."""
        keys = [key for key in self.journal.keys("quarantine/") if not key.endswith(".why")]
        self._suspects = {
            key: self._suspects[key]
            if key in self._suspects
            else is_suspect(self.journal.read(key) or b"")
            for key in keys
        }
        return list(self._suspects.values())


def oldest_minutes(received: Iterable[datetime], now: datetime) -> int:
    """For how many minutes the oldest of some requests has waited; 0 if there is none."""
    return max((round((now - at).total_seconds() / 60) for at in received), default=0)


def digest_is_late(marks: Iterable[str], now: datetime) -> bool:
    """Whether it is Monday, the digest of the week that ended is due, and it went to nobody.

    It is said on that day only: after it, nobody is helped by hearing it once more.

    Args:
        marks: the keys in `mail/`.
        now: the time.
    """
    here = now.astimezone(PARIS)
    if here.isoweekday() != 1 or here.hour < DIGEST_DUE:
        return False
    year, week, _ = (here - timedelta(days=7)).isocalendar()
    ended = f"mail/digest-{year}-W{week:02}-"
    preview = f"{ended}preview-"
    return not any(
        mark.startswith(ended) and mark.endswith(".sent") and not mark.startswith(preview)
        for mark in marks
    )


def _received_at(body: bytes) -> datetime | None:
    try:
        return Entry.from_json(body).received_at
    except ILLEGIBLE:  # the drain itself says so, in À vérifier and in the log
        return None
