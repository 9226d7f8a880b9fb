"""When the schedules last did their work, by the names of objects in the journal."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from functions.shared.journal.store import Journal

# Sweeps come every few minutes, and each note costs some calls to the object store.
NOTED_EVERY = timedelta(minutes=10)
_FORMAT = "%Y%m%dT%H%M%SZ"
_SWEPT = re.compile(r"swept/(\d{8}T\d{6}Z)")
_DIGEST = re.compile(r"mail/digest-(\d{4}-W\d{2})-(?:referent-)?[0-9a-f]{32}\.(claim|sent)")


@dataclass
class SweepNotes:
    """Notes in `swept/<time>` that a sweep went through, at most every NOTED_EVERY; no content."""

    journal: Journal
    _noted: datetime | None = field(default=None, init=False)

    def note(self, now: datetime) -> None:
        """Note a sweep. Earlier notes go, so that there is one at a time.

        Raises:
            JournalError: the journal does not answer.
        """
        if self._noted and now - self._noted < NOTED_EVERY:
            return
        before = self.journal.keys("swept/")
        key = f"swept/{now:{_FORMAT}}"
        self.journal.create(key, b"{}")
        self._noted = now
        for earlier in before:
            if earlier != key:
                self.journal.delete(earlier)


def last_sweep(journal: Journal) -> datetime | None:
    """When a sweep last went through, up to NOTED_EVERY too early; None if none is noted."""
    times = [match[1] for key in journal.keys("swept/") if (match := _SWEPT.fullmatch(key))]
    if not times:
        return None
    return datetime.strptime(max(times), _FORMAT).replace(tzinfo=UTC)


@dataclass(frozen=True)
class WeekSent:
    """What became of Monday's mails of a week.

    `sent` have left. `unsure` may have left: their process was cut off, or the server did not
    confirm them.
    """

    week: str
    sent: int
    unsure: int


def weeks_sent(journal: Journal) -> Iterator[WeekSent]:
    """The weeks whose Monday mails the journal still remembers, the latest first."""
    marks = [match for key in journal.keys("mail/") if (match := _DIGEST.fullmatch(key))]
    for week in sorted({match[1] for match in marks}, reverse=True):
        kinds = [match[2] for match in marks if match[1] == week]
        sent = kinds.count("sent")
        yield WeekSent(week, sent, kinds.count("claim") - sent)
