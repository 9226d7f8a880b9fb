"""One round of the drain: read, decide, commit, settle."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.route.arrival import Arrival
from functions.route.commit.row_edits import confirm
from functions.route.commit.settle import Settler
from functions.route.commit.writer import OvertakenError, Writer
from functions.route.decide.drafts import Tables, TableWork
from functions.route.decide.load import NO_LOAD, Load
from functions.route.decide.lookup import Lookup, unreachable
from functions.route.decide.plan import Plan, Work, plan_batch
from functions.route.decide.repeats import find_repeats
from functions.route.decide.suspects import suspicions
from functions.route.decide.swept import NOT_SWEPT, Swept
from functions.route.decide.views import Views, read_views
from functions.route.drift_keeper import Drifted, DriftKeeper, ticks
from functions.route.progress import DrainProgress, Outcome
from functions.route.read.pending import Pending
from functions.route.read.recent import Recent
from functions.route.read.sheet import (
    PARTS,
    SWEEP_PARTS,
    Gathered,
    gather,
    is_sound,
    set_aside,
)
from functions.route.sweep import Quiet, Sweeper
from functions.route.table_keeper import TableKeeper
from functions.shared.concerns import Concern, few, unnoted
from functions.shared.errors import WorkbookError, WorkbookRefusedError
from functions.shared.journal.formats import Batch
from functions.shared.journal.store import Journal
from functions.shared.log import log
from functions.shared.mail.refused import RefusedAddresses
from functions.shared.sheets.faults import in_words, read_pause, read_sound
from functions.shared.sheets.fence import Fence, SheetState
from functions.shared.sheets.identity import acceptance, mismatch_reason
from sheets_schema.columns import PARIS
from sheets_schema.errors import HeaderError
from sheets_schema.tab import Grid, Part
from sheets_schema.territory import Territories
from sheets_schema.wire import Reading

MAX_CONCERNS = 200  # lines of À vérifier in a batch, without those about its own requests


@dataclass
class Round:
    """Runs one round; `Drain` explains the parts.

    `keep` is for how long suspects are kept; None means for ever. `mail_kinds` are the kinds of
    mail that applicants get.
    """

    journal: Journal
    writer: Writer
    clock: Callable[[], datetime]
    new_token: Callable[[], str]
    draw: Callable[[], int]
    official: Territories
    keep: timedelta | None
    mail_kinds: Collection[str] = ()
    _lookup: Lookup | None = None  # as of the last read
    _views: Views | None = None  # likewise

    def __post_init__(self) -> None:
        self._workbook_id = self.writer.workbook.id
        self._pending = Pending(self.journal, self.official, self.clock)
        self._settler = Settler(self.journal, self.clock)
        self._recent = Recent(self.journal, self.clock)
        self._sweeper = Sweeper(self.journal, self.clock, self.draw, self.mail_kinds)
        self._table_keeper = TableKeeper(self.journal, self.clock)
        self._drift_keeper = DriftKeeper(self.clock)
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
        if self._quiet.holds(version, self.clock()) and not (
            progress.concerns or self._pending or self._sweeper.is_ordered
        ):
            progress.lookup, progress.views = self._lookup, self._views
            progress.keeps_views = True  # if the last sweep could not make them
            return Outcome.NOTHING_TO_DO
        self.writer.wait_for_turn()
        # Read the last settled number before the sheet. If a batch is settled in between, the sheet
        # is ahead of this number, and the batch is recovered once more, which does no harm.
        settled = self._settler.last()
        parts = SWEEP_PARTS if progress.completes else PARTS
        tables = self._tables(version, progress)
        parts = {**parts, **tables.parts}
        reading, faults = read_sound(lambda there: self.writer.read(there, progress.until), parts)
        reading, aside = set_aside(reading, faults)
        gathered = gather(reading, self.official, faults)
        if is_sound(faults):
            gathered = self._table_keeper.sound(gathered, keep=progress.completes)
            self._lookup = progress.lookup = gathered.lookup
            self._views = progress.views = read_views(reading)
        hindrance = self._hindrance(gathered, faults, settled, progress)
        if hindrance:
            return hindrance
        progress.concerns += [concern for concern in aside if concern not in progress.concerns]
        return self._write(gathered, settled, progress, version, tables)

    def _unreachable(self, gathered: Gathered, progress: DrainProgress) -> list[Concern]:
        """The people to whom no mail is sent; a sweep looks for them."""
        if not progress.completes:
            return []
        return unreachable(gathered.reading, RefusedAddresses(self.journal).look())

    def _tables(self, version: str, progress: DrainProgress) -> Tables:
        """Which tables of rules a sweep looks at; none once Google has refused a batch."""
        if not progress.completes or progress.refusals:
            self._table_keeper.forget()
            return Tables()
        return self._table_keeper.find(version, lambda: self.writer.read_titles(progress.until))

    def _hindrance(
        self,
        gathered: Gathered,
        faults: Mapping[str, Concern],
        settled: int,
        progress: DrainProgress,
    ) -> Outcome | None:
        """Look for what comes before a new batch: a pause, a fault, a batch that is not settled.

        Args:
            gathered: what was read of the sheet.
            faults: what is wrong with whole tabs, by their keys.
            settled: the number of the last batch that the journal knows to be written.
            progress: how far the call has come.

        Returns:
            How the round ends; None if a batch may be written.

        Raises:
            WorkbookError: nothing can be written; À vérifier says why, if that is possible.
        """
        pause = read_pause(gathered.reading)
        if pause.wanted:
            log("WARNING", "paused")
            return Outcome.PAUSED
        faults = {**faults, **{fault.place: fault for fault in pause.unreadable}}
        if "system" not in faults:
            accepted = self._check(gathered.state, settled)
            if not pause.unreadable and self._recover(gathered, progress, accepted=accepted):
                return Outcome.RECOVERED  # begin anew: its entries are no longer pending
        if faults:
            self._note(faults, gathered, settled, progress)
            raise WorkbookError(in_words(faults.values()))
        return None

    def _write(
        self,
        gathered: Gathered,
        settled: int,
        progress: DrainProgress,
        version: str,
        tables: Tables,
    ) -> Outcome:
        """Write one batch, if there is something to write; see `__call__`."""
        # Read the sheet before taking entries: if another writer files them in between, our fence
        # number is taken and the commit is refused.
        taken = self._pending.take(progress.limit, progress.condemned)
        swept = self._sweep(gathered, progress) if progress.completes else NOT_SWEPT
        progress.applicants |= swept.heard.addresses
        table_work = self._look_at(tables, gathered, progress)
        progress.keeps_views |= progress.completes
        fence = Fence(max(gathered.state.number, settled) + 1, self.clock(), self.new_token())
        problems = [
            *gathered.concerns,
            *taken.unreadable,
            *swept.concerns,
            *table_work.concerns,
            *self._unreachable(gathered, progress),
        ]
        drifted = self._drifted(gathered, swept, progress)
        concerns = [
            *progress.concerns,
            *swept.said,
            *drifted.unsaid,
            *self._suspicions(taken.suspects, gathered),
            *few(problems, gathered.noted, self.clock().astimezone(PARIS).date()),
        ]
        work = Work(
            taken.arrivals,
            swept.completions,
            # What is said once comes first; the rest is still there at the next sweep.
            unnoted(concerns, gathered.noted)[:MAX_CONCERNS],
            swept.events,
            swept.notices,
            find_repeats(taken.arrivals, self._recent.senders()) if taken.arrivals else {},
            self._load(swept, gathered) if taken.arrivals else NO_LOAD,
            table_work,
            swept.answers,
            (*swept.heard.mails, *swept.letters),
            self.mail_kinds,
            swept.reached,
            tuple(ticks(gathered.reading, drifted.mended)),
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
        progress.applicants |= {
            arrival.reference: arrival.request["email"] or "" for arrival in taken.arrivals
        }
        # Set suspects aside only once À vérifier has a line about them.
        self._pending.suspect(taken.suspects)
        more = swept.more or bool(table_work)
        for arrival in progress.committed(len(taken.arrivals), noted, more=more):
            self._pending.refuse(arrival)
        return Outcome.COMMITTED

    def _drifted(self, gathered: Gathered, swept: Swept, progress: DrainProgress) -> Drifted:
        """What people changed of the workbook's make-up, if a sweep is to deal with it now.

        Misplaced rows brought their formats with them: nobody changed those.
        """
        if not progress.completes or swept.misplaced:
            return Drifted()
        return self._drift_keeper.look(self.writer.workbook.drifts, gathered.noted)

    def _look_at(self, tables: Tables, gathered: Gathered, progress: DrainProgress) -> TableWork:
        """What becomes of the tables of rules; nothing if that cannot be known now."""
        if tables.rules is None:
            return TableWork()
        try:
            return self._table_keeper.look(
                gathered, tables, lambda parts: self.writer.read(parts, progress.until)
            )
        except (WorkbookError, HeaderError) as error:
            log("WARNING", str(error), kept="tables of rules")
            return TableWork()

    def _load(self, swept: Swept, gathered: Gathered) -> Load:
        """How busy the referents are, as far as it matters to assignment."""
        if swept.states is not None:
            return swept.load
        return self._sweeper.load() if gathered.lookup.weighs_load else NO_LOAD

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

    def _note(
        self,
        faults: Mapping[str, Concern],
        gathered: Gathered,
        settled: int,
        progress: DrainProgress,
    ) -> None:
        """Note in À vérifier what stops the drain, if that tab and the system tab can be used.

        Nothing else is written. If an earlier batch is not settled yet, its number comes first, so
        nothing can be noted.

        Raises:
            WorkbookError: the lines are not written, or we do not know.
        """
        state = gathered.state
        if "system" in faults or "to_check" in faults:
            return
        concerns = [*faults.values(), *gathered.concerns, *progress.concerns]
        work = Work(concerns=unnoted(concerns, gathered.noted))
        if not work or self._is_unsettled(state):
            return
        fence = Fence(max(state.number, settled) + 1, self.clock(), self.new_token())
        plan = plan_batch(fence, self._workbook_id, work, gathered)
        try:
            self._commit(plan, NOT_SWEPT, progress.until)
        except (OvertakenError, WorkbookRefusedError) as error:  # the next call tries again
            log("WARNING", "faults not noted", error=type(error).__name__)
            return
        progress.concerns = []

    def _is_unsettled(self, last: SheetState) -> bool:
        """Whether the journal knows the last batch, and something still has to follow from it."""
        known = last.number and not self._settler.is_settled(last.key)
        return bool(known) and self._settler.claimed(last.key) is not None

    def _check(self, last: SheetState, settled: int) -> bool:
        """Check that journal and spreadsheet belong together.

        Returns:
            Whether they do not, but the operator has accepted the spreadsheet as it is.

        Raises:
            WorkbookError: they do not.
        """
        mismatch = mismatch_reason(last, settled, self._workbook_id)
        if mismatch and self.journal.read(acceptance(last, self._workbook_id)) is None:
            raise WorkbookError(mismatch)
        return bool(mismatch)

    def _recover(self, gathered: Gathered, progress: DrainProgress, *, accepted: bool) -> bool:
        """Settle the batch that the fence names, if it is not settled yet.

        Args:
            gathered: what was read of the spreadsheet.
            progress: how far the call has come.
            accepted: whether the operator has accepted a spreadsheet that does not match.

        Returns:
            Whether there was something to settle.

        Raises:
            WorkbookError: the journal does not know the batch.
        """
        last, reading = gathered.state, gathered.reading
        if not last.number or self._settler.is_settled(last.key):
            return False
        batch = self._settler.claimed(last.key)
        if batch is None:
            if accepted:
                return False
            raise WorkbookError(
                f"Le journal ne connaît pas le lot n° {last.number}, le dernier écrit dans le "
                "classeur : ACCUEIL_JOURNAL et ACCUEIL_SPREADSHEET ne vont pas ensemble."
            )
        if "requests" not in reading.tabs:
            return False  # its tokens can only be replaced once Demandes is back
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
