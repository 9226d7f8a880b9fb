"""route: drains the journal into the spreadsheet, each request exactly once.

docs/protocol.md describes the write protocol and why it holds. Every step can be cut off and run
again, because a drain finds all it needs in the journal and in the fence of the spreadsheet.
"""

import random
import secrets
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from functions.route.commit.writer import Writer
from functions.route.gauge import Gauge
from functions.route.housekeeping import Housekeeping
from functions.route.progress import DrainProgress, Outcome
from functions.route.round import Round
from functions.route.standstill import Watch
from functions.route.view_keeper import ViewKeeper
from functions.shared import reference, stopping
from functions.shared.concerns import Concern
from functions.shared.errors import AccueilError
from functions.shared.journal.store import Journal
from functions.shared.log import log
from functions.shared.mail.outbox import Outbox
from functions.shared.mail.refused import Returns
from functions.shared.sheets.port import Workbook
from sheets_schema.territory import Territories, territories

_T = TypeVar("_T")
DEADLINE = timedelta(seconds=45)  # no round begins after it; the platform ends a call at 120 s
TELLING = timedelta(seconds=15)  # for the mails of a call that fails
MAX_ROWS = 500  # in a batch
MAX_BATCHES = 40  # in a call; the rest waits for the next call


@dataclass
class Drain:
    """The write side of the protocol; a process needs one instance.

    `outbox` sends the referents' mails; without it they wait. `housekeeping` purges the journal.
    `returns` learns of mails that came back.
    `clock` gives the time. `sleep` waits for some seconds. `is_stopping` says whether this process
    is told to end; then a call ends as soon as it can. `jitter` gives a random number from 0 to 1,
    and `draw` one below 2**RANDOM_BITS. `new_token` gives a random name for a batch.
    `operator` is the address of whoever runs the system, "" if nobody is named. `mail_kinds` are
    the kinds of mail that applicants get, see `decide.applicants`.
    """

    journal: Journal
    workbook: Workbook
    outbox: Outbox | None = None
    housekeeping: Housekeeping | None = None
    returns: Returns | None = None
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = stopping.pause
    is_stopping: Callable[[], bool] = stopping.is_stopping
    jitter: Callable[[], float] = random.SystemRandom().random
    new_token: Callable[[], str] = lambda: secrets.token_hex(6)
    draw: Callable[[], int] = lambda: secrets.randbits(reference.RANDOM_BITS)
    official: Territories = field(default_factory=territories)
    max_rows: int = MAX_ROWS
    operator: str = ""
    mail_kinds: Collection[str] = ()
    _holder: threading.Lock = field(default_factory=threading.Lock)
    _again: threading.Event = field(default_factory=threading.Event)
    _sweep: threading.Event = field(default_factory=threading.Event)
    _unsaid: list[Concern] = field(default_factory=list)  # of recipients, for the next call

    def __post_init__(self) -> None:
        writer = Writer(self.workbook, self.clock, self.sleep, self.jitter, self.is_stopping)
        self._view_keeper = ViewKeeper(writer)
        self._round = Round(
            self.journal,
            writer,
            self.clock,
            self.new_token,
            self.draw,
            self.official,
            self.housekeeping.keep if self.housekeeping else None,
            self.mail_kinds,
        )
        self._watch = Watch(self.journal, self.workbook, self.operator, self.clock)
        self._gauge = Gauge(self.journal, self.clock)

    def __call__(self, *, sweep: bool = False) -> int | None:
        """File what is pending; a sweep also reads the sheet, and completes its rows.

        Returns:
            How many rows were added. None where another thread is draining: it will look for
            pending requests once more before it stops.

        Raises:
            AccueilError: nothing more can be written now; the sentence says why. Requests that
                are pending stay pending.
        """
        if sweep:
            self._sweep.set()
        self._again.set()
        progress = DrainProgress(self.clock() + DEADLINE, self.max_rows)
        while self._again.is_set() and not self.is_stopping():
            if not self._holder.acquire(blocking=False):
                return None
            try:
                self._again.clear()
                sweep = progress.sweep = self._sweep.is_set()
                self._sweep.clear()
                outcome = self._drain(progress, sweep=sweep)
                if sweep and outcome is not Outcome.PAUSED:
                    self._log_failure(self._watch.went_through)
                if self.returns and sweep:
                    self._log_failure(self.returns.learn)
                self._mail(progress, sweep=sweep)
                if progress.views and progress.keeps_views:
                    self._view_keeper.keep(progress.views)
                if self.housekeeping and sweep:
                    self.housekeeping.run()
            finally:
                if sweep:
                    self._log_failure(self._gauge.report)
                self._holder.release()
        return progress.rows

    def _drain(self, progress: DrainProgress, *, sweep: bool) -> Outcome | None:
        """Write batches until there is nothing to do, or time is up; how the last round ended."""
        try:
            return self._rounds(progress)
        except Exception as error:
            self._say(error, progress, sweep=sweep)
            raise

    def _rounds(self, progress: DrainProgress) -> Outcome | None:
        outcome = None
        for _ in range(MAX_BATCHES):
            if self.is_stopping() or self.clock() >= progress.until:
                log("WARNING", "out of time", rows=progress.rows)
                break
            outcome = self._round(progress)
            if outcome.is_last:
                break
        return outcome

    def _say(self, error: Exception, progress: DrainProgress, *, sweep: bool) -> None:
        """Tell of a standstill, and send what waits, as far as addresses are known."""
        self._log_failure(lambda: self._watch.failed(error))
        if self.outbox:
            send, until = self.outbox.send, self.clock() + TELLING
            find = progress.lookup.address if progress.lookup else None
            self._unsaid += self._log_failure(lambda: send(until, find, sweep=sweep)) or []

    def _log_failure(self, tell: Callable[[], _T]) -> _T | None:
        """Do what must not stop the drain, nor hide why it stopped; None if it fails."""
        try:
            return tell()
        except AccueilError as failure:
            log("ERROR", str(failure), error=type(failure).__name__)
            return None

    def _mail(self, progress: DrainProgress, *, sweep: bool) -> None:
        """Send the mails that wait, and note in À vérifier at once what is wrong with addresses.

        If this call does not know the present addresses, the mails wait for the next sweep.
        """
        if not self.outbox or progress.lookup is None:
            return
        find_view = progress.views.link if progress.views else lambda _: ""
        self._unsaid += self.outbox.send(
            progress.until,
            progress.lookup.address,
            sweep=sweep,
            find_view=find_view,
            find_applicant=progress.applicants.get,
        )
        if self._unsaid:
            progress.concerns += self._unsaid
            self._drain(progress, sweep=sweep)
            self._unsaid = [concern for concern in self._unsaid if concern in progress.concerns]
