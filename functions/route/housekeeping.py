"""The purge: what the journal forgets, and when. Sweeps run it, a few times a day."""

import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from typing import TypeVar

from functions.route.read.replies import Replies
from functions.shared.journal.entries import AsideNote, is_suspect
from functions.shared.journal.formats import SettledMark
from functions.shared.journal.marks import SweepNotes
from functions.shared.journal.replies import expires_on
from functions.shared.journal.store import PARALLEL, Journal, read_legible
from functions.shared.links import GOOD_FOR
from functions.shared.log import log
from functions.shared.mail import pace
from functions.shared.mail.refused import RefusedAddresses
from functions.shared.stopping import is_stopping

INTERVAL = timedelta(hours=6)
# A tombstone must outlive its idempotency key: the key is good for 30 days, and a browser may wait
# for 7 days before it sends.
MEMORY = timedelta(days=60)
SPENT = timedelta(hours=1)  # for how long an expired challenge is still remembered as used
_Item = TypeVar("_Item")
_WEEK = re.compile(r"mail/digest-(\d{4})-W(\d{2})-.*")
_CHALLENGE = re.compile(r"spent/(\d{1,12})-.*")


@dataclass
class Housekeeping:
    """Purges what was filed: its content after `keep`, its tombstone after MEMORY.

    Requests that are pending or refused by Google, mails that wait, the last batch and the list
    of taken references are never purged. Suspects are purged `keep` after they were set aside. An
    entry that is set aside although its row is written is purged at once. `is_stopping` says
    whether the process is told to end.
    """

    journal: Journal
    keep: timedelta
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    is_stopping: Callable[[], bool] = is_stopping
    _last: datetime | None = None

    def __post_init__(self) -> None:
        self._notes = SweepNotes(self.journal)

    def run(self) -> None:
        """Note that a sweep went through, and purge, unless that was done in the last six hours.

        May be cut off and run again.
        """
        now = self.clock()
        self._notes.note(now)
        if self._last and now - self._last < INTERVAL:
            return
        self._last = now
        settled = [key.removeprefix("settled/") for key in self.journal.keys("settled/")]
        contents = self._forget_contents(settled, now)
        tombstones = self._forget_requests(settled[:-1], now)
        self._forget_digests((now - max(MEMORY, self.keep)).date())
        suspects = self._forget_suspects(now)
        self._forget_challenges(now - SPENT)
        self._forget_letters((now - min(MEMORY, max(self.keep - GOOD_FOR, timedelta()))).date())
        self._forget_stages((now - MEMORY).date())
        pace.forget(self.journal, now)
        RefusedAddresses(self.journal).purge((now - self.keep).date())
        if contents or tombstones or suspects:
            counts = {"batches": contents, "tombstones": tombstones, "suspects": suspects}
            log("INFO", "purged", **counts)

    def _forget_contents(self, settled: list[str], now: datetime) -> int:
        kept = {key.removeprefix("batches/") for key in self.journal.keys("batches/")}
        gone = [key for key in kept.difference(settled) if settled and key < settled[-1]]
        for key in self._in_time(settled):
            if key in kept:
                if now - self._settled_at(key)[0] < self.keep:
                    break
                gone.append(key)
        for key in self._in_time(gone):
            self.journal.delete(f"batches/{key}")
        return len(gone)

    def _forget_requests(self, settled: list[str], now: datetime) -> int:
        count = 0
        # Keep the tombstone of a request that was sent again: by it the next drain sees that the
        # row is written, and drops the pending entry.
        pending = {key.removeprefix("pending/") for key in self.journal.keys("pending/")}
        for key in self._in_time(settled):
            at, names = self._settled_at(key)
            if now - at < max(MEMORY, self.keep) or not pending.isdisjoint(names):
                break
            for name in names:
                self.journal.delete(f"filed/{name}")
            self.journal.delete(f"settled/{key}")
            count += len(names)
        return count

    def _forget_digests(self, before: date) -> None:
        for key in self._in_time(self.journal.keys("mail/")):
            week = _WEEK.fullmatch(key)
            if week and date.fromisocalendar(int(week[1]), int(week[2]), 7) < before:
                self.journal.delete(key)

    def _forget_suspects(self, now: datetime) -> int:
        entries = {key.removesuffix(".why") for key in self.journal.keys("quarantine/")}
        with ThreadPoolExecutor(PARALLEL) as pool:
            return sum(
                pool.map(
                    lambda entry: not self.is_stopping() and self._forget_suspect(entry, now),
                    sorted(entries),
                )
            )

    def _forget_suspect(self, entry: str, now: datetime) -> bool:
        key = f"{entry}.why"
        if self.journal.read(entry.replace("quarantine/", "filed/")) is not None:
            # A release that was cut off leaves such an entry, and so does a writer that was late.
            self.journal.delete(entry)
            self.journal.delete(key)
            return True
        note = read_legible(self.journal, key, AsideNote.from_json)
        if note is None or not note.suspect or now - note.at < self.keep:
            return False
        body = self.journal.read(entry)
        if body is not None:
            if not is_suspect(body):
                return False
            self.journal.delete(entry)
        self.journal.delete(key)
        return True

    def _forget_challenges(self, before: datetime) -> None:
        keys = self.journal.keys("spent/")
        expired = [
            key
            for key in keys
            if (match := _CHALLENGE.fullmatch(key)) and int(match[1]) < before.timestamp()
        ]
        with ThreadPoolExecutor(PARALLEL) as pool:
            list(pool.map(self._forget, expired))

    def _forget_letters(self, before: date) -> None:
        """Forget mails that people could answer, and what is left of their answers.

        Their names begin with the day on which their links expired. A mail holds the first names of
        applicants, so it is forgotten `keep` after it was made, like all that they wrote, but not
        before its links expire. Until then an old link has offered a new mail.
        """
        for folder in ("links/", "answered/"):
            for key in self._in_time(self.journal.keys(folder)):
                try:
                    if expires_on(key.removeprefix(folder)) >= before:
                        break
                except ValueError:
                    log("ERROR", "not a letter", key=key)
                    continue
                self.journal.delete(key)
        Replies(self.journal).forget_illegible(before)

    def _forget_stages(self, before: date) -> None:
        """Forget what an applicant's page said before its last change, and old changes.

        A mail that leaves after a change says the same itself, and its links do not live longer.
        """
        keys = self.journal.keys("stages/")
        for key, later in self._in_time(zip(keys, [*keys[1:], ""], strict=False)):
            folder, _, name = key.rpartition("/")
            if later.startswith(f"{folder}/") or name[:8] < f"{before:%Y%m%d}":
                self.journal.delete(key)

    def _forget(self, key: str) -> None:
        if not self.is_stopping():
            self.journal.delete(key)

    def _in_time(self, keys: Iterable[_Item]) -> Iterator[_Item]:
        """The keys, until the process is told to end; the next purge goes on."""
        return takewhile(lambda _: not self.is_stopping(), keys)

    def _settled_at(self, key: str) -> tuple[datetime, list[str]]:
        """When a batch was settled, and the names of its entries."""
        mark = read_legible(self.journal, f"settled/{key}", SettledMark.from_json)
        # A mark that another instance purges at this moment, or that is illegible, counts as new:
        # nothing is purged that it may have named.
        return (mark.settled_at, list(mark.filed)) if mark else (self.clock(), [])
