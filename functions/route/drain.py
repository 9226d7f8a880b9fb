"""route: drains the journal into the spreadsheet, each request exactly once.

The write protocol, and why it holds, is in docs/protocol.md. Every step can be cut off and run
again: what a drain knows, it knows from the journal and from the fence in the spreadsheet.
"""

import json
import random
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
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
from functions.route.completion import Candidate, Completed, find_candidates, replacing, stood
from functions.route.fence import Fence
from functions.route.housekeeping import Housekeeping
from functions.route.outbox import Outbox
from functions.route.reconcile import acceptance, strangeness
from functions.route.rows import Concern, Entry, unnoted
from functions.route.settle import PARALLEL, Settler
from functions.route.sightings import STEADY, Sightings
from functions.route.writer import OvertakenError, Writer
from functions.shared import reference
from functions.shared.errors import WorkbookError, WorkbookRefusedError
from functions.shared.journal import Journal
from functions.shared.log import log
from functions.shared.workbook import Workbook
from sheets_schema.tab import Grid, tab
from sheets_schema.territory import Territories, territories

DEADLINE = timedelta(seconds=45)  # nothing new is begun after it: the platform ends a call at 120
MAX_ROWS = 500  # a batch
MAX_BYTES = 1_500_000  # a batch: Google recommends 2 MB at most
MAX_COMPLETIONS = 100  # a batch
MAX_BATCHES = 40  # a call: the rest waits for the next one
UNFINISHED = timedelta(days=1)  # after which a row typed by hand that lacks something is noted


@dataclass
class _Course:
    """Where one call of the drain stands."""

    until: datetime
    limit: int  # of entries in the next batch
    sweep: bool = False
    rows: int = 0
    concerns: list[Concern] = field(default_factory=list)
    refusals: int = 0
    condemned: dict[str, Entry] = field(default_factory=dict)

    @property
    def completes(self) -> bool:
        """Whether rows that are there already are looked at; not once a batch was refused twice."""
        return self.sweep and self.refusals < 2  # noqa: PLR2004


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
    jitter: Callable[[], float] = random.random
    new_token: Callable[[], str] = lambda: secrets.token_hex(6)
    draw: Callable[[], int] = lambda: secrets.randbits(reference.RANDOM_BITS)
    official: Territories = field(default_factory=territories)
    max_rows: int = MAX_ROWS
    _holder: threading.Lock = field(default_factory=threading.Lock)
    _again: threading.Event = field(default_factory=threading.Event)
    _sweep: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._writer = Writer(self.workbook, self.clock, self.sleep, self.jitter)
        self._settler = Settler(self.journal, self.clock)
        self._sightings = Sightings(self.journal, self.clock)

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
        course = _Course(self.clock() + DEADLINE, self.max_rows)
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

    def _drain(self, course: _Course) -> None:
        for _ in range(MAX_BATCHES):
            if self.clock() >= course.until:
                log("WARNING", "out of time", rows=course.rows)
                return
            if not (course.concerns or course.sweep or self.journal.keys("pending/")):
                return
            self._writer.wait_for_turn()
            entries, unreadable = self._entries(course)
            if not (entries or course.concerns or course.sweep):
                return
            settled = self._settler.last()  # before the sheet is read: it can only be ahead
            parts = SWEEP_PARTS if course.completes else PARTS
            gathered = gather(self._writer.read(parts, course.until), self.official)
            if gathered.paused:
                log("WARNING", "paused", pending=len(entries))
                return
            if self._recover(gathered, settled, course):
                continue  # what that batch wrote is neither pending nor unnoted any more
            fence = Fence(
                max(gathered.standing.number, settled) + 1, self.clock(), self.new_token()
            )
            completed, unfinished, more = (
                self._completions(fence, gathered) if course.completes else ([], [], False)
            )
            concerns = [*gathered.concerns, *unreadable, *unfinished, *course.concerns]
            plan = Plan(entries, completed, unnoted(concerns, gathered.noted))
            if not (plan.entries or plan.completed or plan.concerns):
                return
            try:
                concerns = self._commit(fence, plan, gathered, course.until)
            except OvertakenError:
                continue
            except WorkbookRefusedError as error:
                self._doubt(course, entries, error)
                continue
            self._quarantine(course)
            course.rows += len(entries)
            course.sweep, course.concerns = more, concerns
            course.limit = min(self.max_rows, course.limit * 2)

    def _entries(self, course: _Course) -> tuple[list[Entry], list[Concern]]:
        """The pending entries for one batch, oldest first, and a concern for each unreadable one.

        Those of which a row was written are left out, and those that a batch was refused for.
        """
        names = [
            name
            for key in self.journal.keys("pending/")
            if (name := key.removeprefix("pending/")) not in course.condemned
        ]
        entries: list[Entry] = []
        unreadable: list[Concern] = []
        size = 0
        with ThreadPoolExecutor(PARALLEL) as pool:
            while names and len(entries) < course.limit and size < MAX_BYTES:
                for found in pool.map(self._entry, names[: course.limit]):
                    if isinstance(found, Concern):
                        unreadable.append(found)
                    elif found and len(entries) < course.limit and size < MAX_BYTES:
                        entries.append(found)
                        size += found.size
                names = names[course.limit :]
        entries.sort(key=lambda entry: (entry.received_at, entry.name))
        return entries, unreadable

    def _entry(self, name: str) -> Entry | Concern | None:
        body = self.journal.read(f"pending/{name}")
        if body is None:
            return None
        if self.journal.read(f"filed/{name}") is not None:
            # Sent again after its request was settled: the tombstone wins.
            self.journal.delete(f"pending/{name}")
            return None
        try:
            return Entry.from_json(name, body, self.official)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError):
            log("ERROR", "unreadable entry", entry=name)
            return Concern(
                f"Journal, {name[:12]}",
                "Une demande du journal est illisible : sa ligne n'a pas pu être écrite.",
                "Prévenez la personne qui administre le système : la demande reste au journal.",
            )

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
            lambda: reference.make(self.draw()),
        )
        return completed, unfinished, len(steady) > MAX_COMPLETIONS and bool(completed)

    def _recover(self, gathered: Gathered, settled: int, course: _Course) -> bool:
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

    def _doubt(self, course: _Course, entries: list[Entry], error: WorkbookRefusedError) -> None:
        """Make less of the next batch: an entry may be what Google refuses, or the sheet.

        The tabs may have changed between read and write, so the first refusal says nothing. Then
        completions are left out, then half the entries, down to the one that is refused alone.

        Raises:
            WorkbookRefusedError: a batch without any entry is refused too.
        """
        course.refusals += 1
        if course.refusals <= 2:  # noqa: PLR2004  (see above)
            return
        if not entries:
            raise error
        if len(entries) > 1:
            course.limit = len(entries) // 2
            return
        (entry,) = entries
        course.condemned[entry.name] = entry
        course.concerns.append(
            Concern(
                entry.reference,
                "Google Sheets refuse la ligne de cette demande : elle est mise à part.",
                "Prévenez la personne qui administre le système : la demande est conservée "
                "(commande « accueil journal »).",
            )
        )

    def _quarantine(self, course: _Course) -> None:
        """Set aside the entries that were refused: a batch without them was just written."""
        for name, entry in course.condemned.items():
            why = {"reference": entry.reference, "at": self.clock().isoformat(timespec="seconds")}
            why["reason"] = "Google Sheets refuse sa ligne"
            self.journal.create(f"quarantine/{name}", entry.body.encode())
            self.journal.create(f"quarantine/{name}.why", json.dumps(why).encode())
            self.journal.delete(f"pending/{name}")
            log("ERROR", "quarantined", entry=name, reference=entry.reference)
        course.condemned = {}
