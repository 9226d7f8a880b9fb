"""Who wrote lately. The journal's batches say it, so the sheet need not be read for it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from functions.route.decide.repeats import WINDOW, Sender, read_senders
from functions.shared.journal.store import PARALLEL, Journal, parse_legible

SPAN = WINDOW + timedelta(days=1)  # a request may have waited before it was filed
MOST_BATCHES = 2_000  # that a new process reads
MOST_SENDERS = 20_000  # that a process keeps in memory

_Sent = tuple[datetime, tuple[Sender, ...]]  # when a batch was written, and who sent its requests
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass
class Recent:
    """What a process remembers of the batches of the last weeks. A batch never changes.

    Only settled batches count, because a claim that is not settled may never have been written.
    If the journal keeps what applicants wrote for less than three weeks, this memory goes back
    no further.
    """

    journal: Journal
    clock: Callable[[], datetime]
    _last: str = ""
    _known: list[_Sent] = field(default_factory=list)  # newest first

    def senders(self) -> list[Sender]:
        """The senders of requests that were filed lately, the last one at the end."""
        since = self.clock() - SPAN
        kept: list[_Sent] = []
        count = 0
        for at, senders in [*self._new(since), *self._known]:
            if at < since or count >= MOST_SENDERS:
                break
            if senders:
                kept.append((at, senders))
                count += len(senders)
        self._known = kept
        return [sender for _, senders in reversed(kept) for sender in senders]

    def _new(self, since: datetime) -> list[_Sent]:
        """The batches that were settled since the last look, newest first."""
        keys = self.journal.keys("settled/", after=self._last)
        names = [key.removeprefix("settled/") for key in reversed(keys)][:MOST_BATCHES]
        batches: list[_Sent] = []
        with ThreadPoolExecutor(PARALLEL) as pool:
            while names and (not batches or batches[-1][0] >= since):
                batches += pool.map(self._read, names[:PARALLEL])
                names = names[PARALLEL:]
        self._last = keys[-1] if keys else self._last
        return batches

    def _read(self, name: str) -> _Sent:
        key = f"batches/{name}"
        body = self.journal.read(key)
        if body is None:
            return _LONG_AGO, ()  # this batch is purged, and so are all before it
        # An illegible batch does not end the search.
        return parse_legible(key, body, read_senders) or (self.clock(), ())
