"""One round of the drain: read, decide, commit, settle."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.route.arrival import Arrival
from functions.route.commit.row_edits import confirm
from functions.route.commit.settle import Settler
from functions.route.commit.writer import OvertakenError, Writer
from functions.route.decide.lookup import Lookup
from functions.route.decide.plan import Plan, Work, plan_batch
from functions.route.decide.repeats import find_repeats
from functions.route.decide.suspects import suspicions
from functions.route.progress import DrainProgress, Outcome
from functions.route.read.pending import Pending
from functions.route.read.recent import Recent
from functions.route.read.sheet import PARTS, SWEEP_PARTS, Gathered, gather
from functions.route.sweep import NOT_SWEPT, Quiet, Sweeper, Swept
from functions.shared.concerns import Concern, few, unnoted
from functions.shared.errors import WorkbookError, WorkbookRefusedError
from functions.shared.journal.formats import Batch
from functions.shared.journal.store import Journal
from functions.shared.log import log
from functions.shared.sheets.fence import Fence
from functions.shared.sheets.identity import acceptance, mismatch_reason
from sheets_schema.columns import PARIS
from sheets_schema.tab import Grid, Part
from sheets_schema.territory import Territories
from sheets_schema.wire import Reading

MAX_CONCERNS = 200  # lines of À vérifier in a batch, without those about its own requests


@dataclass
class Round:
    """Runs one round; `Drain` explains the parts.

    `keep` is for how long suspects are kept; None means for ever.
    """

    journal: Journal
    writer: Writer
    clock: Callable[[], datetime]
    new_token: Callable[[], str]
    draw: Callable[[], int]
    official: Territories
    keep: timedelta | None
    _lookup: Lookup | None = None  # as of the last read

    def __post_init__(self) -> None:
        self._workbook_id = self.writer.workbook.id
        self._pending = Pending(self.journal, self.official, self.clock)
        self._settler = Settler(self.journal, self.clock)
        self._recent = Recent(self.journal, self.clock)
        self._sweeper = Sweeper(self.journal, self.clock, self.draw)
        self._quiet = Quiet()

    def __call__(self, progress: DrainProgress) -> Outcome:
        """Write one batch, if there is something to write.

        Raises:
            AccueilError: nothing can be written now; the sentence says why.
        """
        if not (progress.concerns or progress.sweep or self._pending):
            return Outcome.NOTHING_TO_DO
        # Ask for the version before reading the sheet. If somebody edits the sheet in between, the
        # version that we remember is older than the edit, and the next sweep reads the sheet again.
        version = self.writer.workbook.version() if progress.sweep else ""
        if self._quiet.holds(version, self.clock()) and not (progress.concerns or self._pending):
            progress.lookup = self._lookup
            return Outcome.NOTHING_TO_DO
        self.writer.wait_for_turn()
        # Read the last settled number before the sheet. If a batch is settled in between, the sheet
        # is ahead of this number, and the batch is recovered once more, which does no harm.
        settled = self._settler.last()
        parts = SWEEP_PARTS if progress.completes else PARTS
        gathered = gather(self.writer.read(parts, progress.until), self.official)
        self._lookup = progress.lookup = gathered.lookup
        if gathered.paused:
            log("WARNING", "paused")
            return Outcome.PAUSED
        if self._recover(gathered, settled, progress):
            return Outcome.RECOVERED  # begin anew: the entries of that batch are no longer pending
        # Read the sheet before taking entries: if another writer files them in between, our fence
        # number is taken and the commit is refused.
        taken = self._pending.take(progress.limit, progress.condemned)
        swept = self._sweep(gathered, progress) if progress.completes else NOT_SWEPT
        fence = Fence(max(gathered.state.number, settled) + 1, self.clock(), self.new_token())
        problems = [*gathered.concerns, *taken.unreadable, *swept.concerns]
        concerns = [
            *progress.concerns,
            *self._suspicions(taken.suspects, gathered),
            *few(problems, gathered.noted, self.clock().astimezone(PARIS).date()),
        ]
        work = Work(
            taken.arrivals,
            swept.completions,
            # What is said once comes first; the rest is still there at the next sweep.
            unnoted(concerns, gathered.noted)[:MAX_CONCERNS],
            swept.events,
            find_repeats(taken.arrivals, self._recent.senders()) if taken.arrivals else {},
        )
        if not work:
            progress.concerns = []  # À vérifier shows them
            self._sweeper.renew(swept, gathered.state.key)
            if taken.suspects:
                self._pending.suspect(taken.suspects)
                self.writer.take_turn()  # a flood of suspects must not use up the quota of reads
                return Outcome.SET_ASIDE
            idle = swept.states is not None and not swept.waiting
            self._quiet = Quiet(version if idle else "", self.clock())
            return Outcome.NOTHING_TO_DO
        plan = plan_batch(fence, self._workbook_id, work, gathered)
        try:
            noted = self._commit(plan, swept, progress.until)
        except OvertakenError:
            return Outcome.OVERTAKEN
        except WorkbookRefusedError as error:
            log("WARNING", "batch refused", error=str(error))
            progress.refused(taken.arrivals, error, completed=bool(plan.batch.edits))
            return Outcome.REFUSED
        # Set suspects aside only once À vérifier has a line about them.
        self._pending.suspect(taken.suspects)
        for arrival in progress.committed(len(taken.arrivals), noted, more=swept.more):
            self._pending.refuse(arrival)
        return Outcome.COMMITTED

    def _sweep(self, gathered: Gathered, progress: DrainProgress) -> Swept:
        seen = gathered.reading
        whole: dict[str, Part] = {"requests": "all", "system": "all"}
        return self._sweeper.sweep(
            gathered,
            lambda rows: self.writer.read_rows(seen, rows, progress.until),
            lambda: self.writer.read(whole, progress.until),
        )

    def _suspicions(self, suspects: Sequence[Arrival], gathered: Gathered) -> list[Concern]:
        now = self.clock()
        until = (now + self.keep).astimezone(PARIS).date() if self.keep else None
        return suspicions(suspects, gathered.noted, now.astimezone(PARIS).date(), until)

    def _recover(self, gathered: Gathered, settled: int, progress: DrainProgress) -> bool:
        """Settle the batch that the fence names, if it is not settled yet.

        Returns:
            Whether there was something to settle.

        Raises:
            WorkbookError: journal and spreadsheet do not belong together.
        """
        last, reading = gathered.state, gathered.reading
        mismatch = mismatch_reason(last, settled, self._workbook_id)
        if mismatch and self.journal.read(acceptance(last, self._workbook_id)) is None:
            raise WorkbookError(mismatch)
        if not last.number or self._settler.is_settled(last.key):
            return False
        batch = self._settler.claimed(last.key)
        if batch is None:
            if mismatch:
                return False  # the operator has accepted the spreadsheet as it is
            raise WorkbookError(
                f"Le journal ne connaît pas le lot n° {last.number}, le dernier écrit dans le "
                "classeur : ACCUEIL_JOURNAL et ACCUEIL_SPREADSHEET ne vont pas ensemble."
            )
        log("WARNING", "recovered", batch=last.key)
        system = reading.tabs["system"].grid
        progress.concerns += self._settle(batch, system, reading, progress.until)
        return True

    def _commit(self, plan: Plan, swept: Swept, until: datetime) -> Sequence[Concern]:
        """Write one batch and settle it.

        Returns:
            What the next batch has to note in À vérifier about this one.

        Raises:
            OvertakenError: another batch took its fence number.
            WorkbookRefusedError: Google refuses the batch as it is; nothing of it is written.
            WorkbookError: the batch is not written, or we do not know; the next drain finds out.
        """
        commit, batch = plan.commit, plan.batch
        self._settler.claim(batch)
        self._sweeper.remember(swept, batch)
        system = self.writer.commit(commit, until)
        log(
            "INFO",
            "filed",
            batch=batch.fence.key,
            rows=len(batch.filed),
            completed=len(batch.edits),
            concerns=len(commit.rows["to_check"]),
            references=[
                *(filed.reference for filed in batch.filed),
                *(edit.reference for edit in batch.edits),
            ],
        )
        return self._settle(batch, system, commit.seen, until)

    def _settle(
        self, batch: Batch, system: Grid, seen: Reading, until: datetime
    ) -> Sequence[Concern]:
        """Replace the tokens of a written batch, then note in the journal that it is settled.

        Args:
            batch: a batch that is written.
            system: the cells of the system tab as the batch left them.
            seen: where the tabs are.
            until: when to stop trying.

        Returns:
            What the next batch has to note in À vérifier about this one.

        Raises:
            WorkbookError: tokens may still be in the sheet; the next drain replaces them.
        """
        confirmation = confirm(batch, system)
        if confirmation.replacements:
            self.writer.replace(seen, confirmation.replacements, until)
        if confirmation.misplaced:
            log("ERROR", "header moved during write", batch=batch.fence.key)
        self._settler.settle(batch, confirmation)
        return confirmation.concerns
