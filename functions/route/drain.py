"""route: drains the journal into the spreadsheet, each request exactly once.

The write protocol, and why it holds, is in docs/protocol.md. Every step can be cut off and run
again: what a drain knows, it knows from the journal and from the fence in the spreadsheet.
"""

import random
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from functions.route.batch import (
    PARTS,
    SWEEP_PARTS,
    Batch,
    Gathered,
    Plan,
    gather,
    plan_completions,
    plan_write,
)
from functions.route.completion import Candidate, Completed, find_candidates
from functions.route.course import Course
from functions.route.fence import Fence
from functions.route.housekeeping import Housekeeping
from functions.route.outbox import Outbox
from functions.route.pending import Pending
from functions.route.recent import Recent
from functions.route.reconcile import acceptance, strangeness
from functions.route.repeats import find_repeats
from functions.route.rows import Concern, Entry, unnoted
from functions.route.settle import Settler
from functions.route.sightings import STEADY, Sightings
from functions.route.suspects import suspicions
from functions.route.tokens import replacing, stood
from functions.route.writer import OvertakenError, Writer
from functions.shared import reference
from functions.shared.errors import WorkbookError, WorkbookRefusedError
from functions.shared.journal import Journal
from functions.shared.log import log
from functions.shared.workbook import Workbook
from sheets_schema.columns import PARIS
from sheets_schema.tab import Grid, tab
from sheets_schema.territory import Territories, territories

DEADLINE = timedelta(seconds=45)  # nothing new is begun after it: the platform ends a call at 120
MAX_ROWS = 500  # a batch
MAX_COMPLETIONS = 100  # a batch
MAX_BATCHES = 40  # a call: the rest waits for the next one
UNFINISHED = timedelta(days=1)  # after which a row typed by hand that lacks something is noted


@dataclass
class Drain:
    """The write side of the protocol, one instance a process.

    `outbox` sends the referents' mails, without it they wait; `housekeeping` purges. `clock`
    gives the time, `sleep` waits for seconds, `jitter` and `draw` give random numbers, from 0 to
    1 and below 2**RANDOM_BITS; `new_token` gives a random name for a batch.
    """

    journal: Journal
    workbook: Workbook
    outbox: Outbox | None = None
    housekeeping: Housekeeping | None = None
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.SystemRandom().random
    new_token: Callable[[], str] = lambda: secrets.token_hex(6)
    draw: Callable[[], int] = lambda: secrets.randbits(reference.RANDOM_BITS)
    official: Territories = field(default_factory=territories)
    max_rows: int = MAX_ROWS
    _holder: threading.Lock = field(default_factory=threading.Lock)
    _again: threading.Event = field(default_factory=threading.Event)
    _sweep: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._writer = Writer(self.workbook, self.clock, self.sleep, self.jitter)
        self._pending = Pending(self.journal, self.official, self.clock)
        self._settler = Settler(self.journal, self.clock)
        self._sightings = Sightings(self.journal, self.clock)
        self._recent = Recent(self.journal, self.clock)

    def __call__(self, *, sweep: bool = False) -> int | None:
        """File what is pending; a sweep also reads the sheet, and completes its rows.

        Returns:
            How many rows were added; None where another thread is draining, which will look
            once more before it stops.

        Raises:
            AccueilError: nothing more can be written now; the sentence says why. What is pending
                stays pending.
        """
        if sweep:
            self._sweep.set()
        self._again.set()
        course = Course(self.clock() + DEADLINE, self.max_rows)
        while self._again.is_set():
            if not self._holder.acquire(blocking=False):
                return None
            try:
                self._again.clear()
                sweep = course.sweep = self._sweep.is_set()
                self._sweep.clear()
                self._drain(course)
                if self.outbox:
                    self.outbox.send(course.until, sweep=sweep)
                if self.housekeeping and sweep:
                    self.housekeeping.run()
            finally:
                self._holder.release()
        return course.rows

    def _drain(self, course: Course) -> None:
        for _ in range(MAX_BATCHES):
            if self.clock() >= course.until:
                log("WARNING", "out of time", rows=course.rows)
                return
            if not self._round(course):
                return

    def _round(self, course: Course) -> bool:
        """Gather, decide and write one batch; whether there may be more to do."""
        if not (course.concerns or course.sweep or self._pending):
            return False
        self._writer.wait_for_turn()
        settled = self._settler.last()  # before the sheet is read: it can only be ahead
        parts = SWEEP_PARTS if course.completes else PARTS
        gathered = gather(self._writer.read(parts, course.until), self.official)
        if gathered.paused:
            log("WARNING", "paused")
            return False
        if self._recover(gathered, settled, course):
            return True  # what that batch wrote is neither pending nor unnoted any more
        # Not before the sheet is read: what another writer files from here on takes our number.
        taken = self._pending.take(course.limit, course.condemned)
        fence = Fence(max(gathered.standing.number, settled) + 1, self.clock(), self.new_token())
        completed, unfinished, more = (
            self._completions(fence, gathered) if course.completes else ([], [], False)
        )
        concerns = [
            *gathered.concerns,
            *taken.unreadable,
            *self._suspicions(taken.suspects, gathered),
            *unfinished,
            *course.concerns,
        ]
        repeats = find_repeats(taken.entries, self._recent.senders()) if taken.entries else {}
        plan = Plan(taken.entries, completed, unnoted(concerns, gathered.noted), repeats)
        if not (plan.entries or plan.completed or plan.concerns):
            if taken.suspects:
                self._pending.suspect(taken.suspects)
                self._writer.take_turn()  # a flood of them must not use up the reads either
            return bool(taken.suspects)
        try:
            concerns = self._commit(fence, plan, gathered, course.until)
        except OvertakenError:
            return True
        except WorkbookRefusedError as error:
            course.refused(taken.entries, error)
            return True
        # Only now that À vérifier says so.
        self._pending.suspect(taken.suspects)
        for entry in course.committed(len(taken.entries), concerns, more=more):
            self._pending.refuse(entry)
        return True

    def _suspicions(self, suspects: Sequence[Entry], gathered: Gathered) -> list[Concern]:
        keep, now = self.housekeeping and self.housekeeping.keep, self.clock()
        until = (now + keep).astimezone(PARIS).date() if keep else None
        return suspicions(suspects, gathered.noted, now.astimezone(PARIS).date(), until)

    def _completions(
        self, fence: Fence, gathered: Gathered
    ) -> tuple[list[tuple[Candidate, Completed]], list[Concern], bool]:
        """The rows to complete, a concern for each that waits for a person, whether there is more.

        Only rows that nobody changed since an earlier sweep are touched.
        """
        grid = gathered.reading.tabs["requests"].grid
        candidates, references = find_candidates(grid, self.official)
        since = self._sightings.look(candidate.print for candidate in candidates)
        steady = [one for one in candidates if since[one.print] >= STEADY and not one.missing]
        unfinished = [
            Concern(
                tab("requests").title,
                f"La ligne de « {one.cells['last_name']} » n'est pas complète : il manque "
                f"{', '.join(one.missing)}.",
                "Complétez-la : elle recevra alors sa référence et son référent.",
            )
            for one in candidates
            if one.missing and since[one.print] >= UNFINISHED
        ]
        completed = plan_completions(
            steady[:MAX_COMPLETIONS],
            references,
            fence,
            gathered,
            self.official,
            lambda: reference.draw_free(self.journal, self.draw),
        )
        return completed, unfinished, len(steady) > MAX_COMPLETIONS and bool(completed)

    def _recover(self, gathered: Gathered, settled: int, course: Course) -> bool:
        """Settle the batch that the fence names, if nobody has yet; whether there was one.

        Raises:
            WorkbookError: journal and spreadsheet do not belong together.
        """
        last, tabs = gathered.standing, gathered.reading.tabs
        strange = strangeness(last, settled, self.workbook.id)
        if strange and self.journal.read(acceptance(last, self.workbook.id)) is None:
            raise WorkbookError(strange)
        if not last.number or self._settler.is_settled(last.key):
            return False
        batch = self._settler.claimed(last.key)
        if batch is None:
            if strange:
                return False  # accepted as it is
            raise WorkbookError(
                f"Le journal ne connaît pas le lot n° {last.number}, le dernier écrit dans le "
                "classeur : ACCUEIL_JOURNAL et ACCUEIL_SPREADSHEET ne vont pas ensemble."
            )
        log("WARNING", "recovered", batch=last.key)
        course.concerns += self._settle(
            batch, tabs["system"].grid, tabs["requests"].sheet_id, course.until
        )
        return True

    def _commit(
        self, fence: Fence, plan: Plan, gathered: Gathered, until: datetime
    ) -> list[Concern]:
        """Write one batch and settle it; returns what there is to note about it.

        Raises:
            OvertakenError: another batch took its number.
            WorkbookRefusedError: it is not written, and will not be as it is.
            WorkbookError: it was not written, or may be: the next drain finds out.
        """
        write = plan_write(fence, self.workbook.id, plan, gathered, self.official)
        self._settler.claim(write.batch)
        system = self._writer.commit(fence, write.requests, until)
        log(
            "INFO",
            "filed",
            batch=fence.key,
            rows=len(plan.entries),
            completed=len(plan.completed),
            concerns=len(plan.concerns),
            references=[
                *(entry.reference for entry in plan.entries),
                *(one.reference for one in write.batch.completions),
            ],
        )
        return self._settle(write.batch, system, gathered.reading.tabs["requests"].sheet_id, until)

    def _settle(
        self, batch: Batch, system: Grid, requests_sheet: int, until: datetime
    ) -> list[Concern]:
        """Replace a written batch's tokens, then tell the journal; returns what there is to note.

        Args:
            batch: a batch that is written.
            system: the cells of the system tab as it left them.
            requests_sheet: the sheetId of Demandes.
            until: when to stop trying.

        Raises:
            WorkbookError: tokens may still stand; the next drain goes on from here.
        """
        meant: set[str] = set()
        concerns: list[Concern] = []
        if batch.completions:
            requests, meant, concerns = replacing(
                batch.header, batch.completions, system, requests_sheet
            )
            self._writer.repeat(requests, until)
        self._settler.settle(batch, meant)
        if batch.filed and not stood(batch.header, system):
            log("ERROR", "header moved during write", batch=batch.fence.key)
            references = ", ".join(one.reference for one in batch.filed)
            concerns.append(
                Concern(
                    tab("requests").title,
                    f"Des colonnes ont bougé pendant l'écriture de ces demandes : {references}.",
                    "Vérifiez ces lignes : leurs cellules sont peut-être décalées.",
                )
            )
        return concerns
