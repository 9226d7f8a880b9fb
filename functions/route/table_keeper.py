"""Looks after the tables of rules: drafts, orders, worked cases, and the last good table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import filterfalse, islice
from typing import Any, TypeVar

from functions.route.decide.cases import Result, failures, read_cases, try_cases
from functions.route.decide.coverage import brief, check, find_hidden
from functions.route.decide.drafts import (
    Review,
    Tables,
    TableWork,
    cancellation,
    cancelled,
    cell_edits,
    effect_texts,
    failing,
    fault_texts,
    find_tables,
    first_day,
    is_shown,
    nothing_to_cancel,
    publication,
    published,
    read_orders,
    row_edit,
    two_drafts,
)
from functions.route.decide.lookup import (
    RULE_COLUMNS,
    Lookup,
    RuleTable,
    read_rules,
)
from functions.route.decide.replay import (
    PAST_COLUMNS,
    PastRequest,
    Replay,
    effect,
    past_requests,
    stranded,
)
from functions.route.read.sheet import Gathered
from functions.shared.concerns import Concern
from functions.shared.journal.formats import GoodTable
from functions.shared.journal.store import Journal, read_legible
from functions.shared.sheets.port import Change, RowEdit, TabChange, TabTitle
from sheets_schema.columns import PARIS, Cell, as_text
from sheets_schema.tab import DRAFT, DRAFT_KEY, Grid, Part, cell_at, find_columns, is_bare, tab
from sheets_schema.wire import Reading

MAX_EDITS = 200  # in a batch, of Effet and Résultat
Answer = TypeVar("Answer")
ReadPast = Callable[[Mapping[str, Part]], Reading]


@dataclass(frozen=True)
class _Reviewed:
    """A draft that was tried, and what Effet says of it."""

    review: Review
    texts: Mapping[int, str]


@dataclass
class _Memory:
    """Remembers the last answer to each question, and what the answer depends on.

    A sweep that writes thousands of cells looks at the same tables many times.
    """

    _answers: dict[str, tuple[object, Any]] = field(default_factory=dict)

    def ask(self, question: str, depends_on: object, answer: Callable[[], Answer]) -> Answer:
        """The answer to a question; it is made anew if what it depends on is not the same."""
        known = self._answers.get(question)
        if known is None or known[0] != depends_on:
            known = self._answers[question] = depends_on, answer()
        latest: Answer = known[1]
        return latest


@dataclass
class TableKeeper:
    """Looks after tables of rules; a process needs one instance.

    Whatever is wrong with a draft or a worked case, requests are written as ever.
    """

    journal: Journal
    clock: Callable[[], datetime]
    _titles: Sequence[TabTitle] = ()
    _version: str = ""
    _good: GoodTable | None = None
    _reviewed: _Reviewed | None = None
    _memory: _Memory = field(default_factory=_Memory, repr=False)

    def find(self, version: str, read_titles: Callable[[], Sequence[TabTitle]]) -> Tables:
        """Look which tables there are, unless nothing has changed since the last look.

        Args:
            version: the version of the workbook, "" where it is not known.
            read_titles: reads the titles of all tabs.
        """
        if not version or version != self._version:
            self._titles, self._version = read_titles(), version
        return find_tables(self._titles)

    def forget(self) -> None:
        """Look anew at the next sweep: the titles have been changed, or may have been."""
        self._version = ""

    def sound(self, gathered: Gathered, *, keep: bool) -> Gathered:
        """What was read of the sheet, with the last good table if the present one is not sound.

        If a rule cannot be read, or if there is none left, the rules that are in the journal go on.

        Args:
            gathered: what was read of the sheet.
            keep: whether to keep the table in the journal if it can be read as a whole.

        Raises:
            JournalError: the journal does not answer.
        """
        table = self._table("rules", gathered)
        rows = _rows(gathered.reading.tabs["rules"].grid)
        if rows and not table.left_out:
            if keep:
                self._keep(rows)
            return gathered
        good = self._last_good()
        if good is None:
            return gathered
        again = read_rules(
            "rules", _grid(good.rows), gathered.lookup.people, gathered.lookup.official
        )
        day = good.at.astimezone(PARIS)
        advice = (
            " : en attendant, toutes les règles s'appliquent comme elles étaient le "
            f"{day:%d/%m/%Y à %H h %M}, et aucun changement ne prend effet."
        )
        concerns = tuple(
            replace(concern, action=f"Corrigez cette cellule{advice}")
            if concern in table.concerns
            else concern
            for concern in gathered.concerns
        )
        if not rows:
            subject = "Il n'y a plus aucune règle."
            action = f"Remettez-les (Fichier, Historique des versions){advice}"
            concerns += (Concern(tab("rules").title, subject, action),)
        return replace(
            gathered, lookup=replace(gathered.lookup, rules=again.rules), concerns=concerns
        )

    def _table(self, key: str, gathered: Gathered) -> RuleTable:
        """A table of rules; it is read anew only if a cell that counts has changed."""
        lookup, reading = gathered.lookup, gathered.reading
        grid = reading.tabs[key].grid
        positions, _, _ = find_columns(tab(key), reading.header(key))
        places = [positions.get(column) for column in RULE_COLUMNS]
        said = [[cell_at(line, place) for place in places] for line in grid[1:]]
        return self._memory.ask(
            key,
            (places, said, lookup.people, reading.version),
            lambda: read_rules(key, grid, lookup.people, lookup.official, reading.version),
        )

    def _keep(self, rows: tuple[Mapping[str, Cell], ...]) -> None:
        if not rows or (self._good and self._good.rows == rows):
            return
        last = self._last_good()
        if last and last.rows == rows:
            return
        at = self.clock()
        earlier = self.journal.keys("tables/")
        self._good = GoodTable(at, rows)
        # A name that sorts by time. A second table of the same second waits for the next sweep.
        if self.journal.create(f"tables/{at:%Y%m%dT%H%M%S}", self._good.to_json()):
            for key in earlier:
                self.journal.delete(key)

    def _last_good(self) -> GoodTable | None:
        if self._good is None:
            for key in self.journal.keys("tables/")[-1:]:
                self._good = read_legible(self.journal, key, GoodTable.from_json)
        return self._good

    def look(self, gathered: Gathered, tables: Tables, read_past: ReadPast) -> TableWork:
        """Decide what becomes of drafts, orders and worked cases.

        Args:
            gathered: what was read of the sheet, with the tabs of `tables`.
            tables: which tables there are.
            read_past: reads some columns of Demandes; called only if a draft or the rules changed.

        Raises:
            WorkbookError: Demandes cannot be read.
        """
        now = self.clock()
        today = now.astimezone(PARIS).date()
        taken = [item.title for item in self._titles]
        reading = gathered.reading
        concerns = [two_drafts(tables)] if tables.spare else []
        if tabs := self._prepare(tables, reading):
            return TableWork(tabs=tabs, concerns=tuple(concerns))
        ask = self._memory.ask
        # The same object as before if it says the same, because it has an index of its rules.
        lookup = ask("lookup", gathered.lookup, lambda: gathered.lookup)
        draft = self._table(DRAFT_KEY, gathered) if DRAFT_KEY in reading.tabs else None
        drafted = (
            ask("drafted", (draft, lookup), lambda: replace(lookup, rules=draft.rules))
            if draft
            else None
        )
        asked = reading.tabs["cases"].grid if "cases" in reading.tabs else ()
        cases = read_cases(asked, lookup.official)
        results = ask(
            "results",
            (cases, lookup, drafted, today),
            lambda: try_cases(cases, lookup, drafted, today),
        )
        concerns += failures(results)
        edits = list(self._results(reading, results))
        edits += _edits("rules", reading, "effect", fault_texts(self._table("rules", gathered)))
        concerns += brief(ask("findings", (lookup, today), lambda: check(lookup, today)))
        ordered = self._cancel(tables, reading, now, taken)
        if draft and drafted and not ordered.tabs:
            last = self._reviewed
            past = self._read_past(lookup, today, read_past)
            count = failing(results)
            self._reviewed = mine = ask(
                "review",
                (draft, drafted, lookup, count, today),
                lambda: _review(lookup, draft, drafted, past, count, today),
            )
            unlike = _edits(DRAFT_KEY, reading, "effect", mine.texts, unless=is_shown)
            # Figures alone are written once for each review: two processes that have read the
            # requests at different times would write them in turns.
            shown = unlike if mine is last else _edits(DRAFT_KEY, reading, "effect", mine.texts)
            edits = [*shown, *edits]
            ordered = self._publish(tables, reading, mine.review, unlike, now, taken) or ordered
        return TableWork(
            (*ordered.edits, *edits[:MAX_EDITS]), ordered.tabs, (*concerns, *ordered.concerns)
        )

    def _prepare(self, tables: Tables, reading: Reading) -> tuple[TabChange, ...]:
        """Make a draft of a copy of the table, and give a draft the columns that it lacks."""
        if tables.copy:
            return (TabChange(tables.copy.sheet_id, DRAFT, tables.copy.title, dress="rules"),)
        if tables.draft and DRAFT_KEY in reading.tabs:
            _, missing, repeated = find_columns(tab(DRAFT_KEY), reading.header(DRAFT_KEY))
            if missing and not repeated:
                return (TabChange(tables.draft.sheet_id, DRAFT, tables.draft.title, dress="rules"),)
        return ()

    def _results(self, reading: Reading, results: Sequence[Result]) -> Sequence[RowEdit]:
        if "cases" not in reading.tabs:
            return ()
        texts = {result.case.row: result.text for result in results}
        return _edits("cases", reading, "result", texts)

    def _read_past(self, lookup: Lookup, today: date, read_past: ReadPast) -> Sequence[PastRequest]:
        """The requests of the last year; they are read once a day."""

        def read() -> Sequence[PastRequest]:
            reading = read_past({"requests": PAST_COLUMNS, "system": "all"})
            return past_requests(reading, lookup.official, first_day(today))

        return self._memory.ask("past", today, read)

    def _publish(
        self,
        tables: Tables,
        reading: Reading,
        review: Review,
        unlike: Sequence[RowEdit],
        now: datetime,
        taken: Sequence[str],
    ) -> TableWork | None:
        """Put a draft in force if somebody asks for it; None if nobody does.

        It is put in force once its effect is shown. An order that cannot be carried out is taken
        out of its cell, because it was given for what the draft says now.
        """
        grid = reading.tabs[DRAFT_KEY].grid
        orders = read_orders(DRAFT_KEY, grid)
        done = [*_cleared(DRAFT_KEY, grid, "publish"), *_cleared(DRAFT_KEY, grid, "cancel")]
        if not orders.publish:
            return TableWork(tuple(done)) if done else None
        if unlike:
            return None
        wanted = "anyway" if "anyway" in orders.publish.values() else "yes"
        tabs = publication(tables, review, wanted, now, taken)
        concerns = (published(now, tabs[0].title),) if tabs else ()
        return TableWork(tuple(done), tabs, concerns)

    def _cancel(
        self, tables: Tables, reading: Reading, now: datetime, taken: Sequence[str]
    ) -> TableWork:
        """Put the earlier table in force again if somebody asks for it, and clear stray orders."""
        grid = reading.tabs["rules"].grid
        orders = read_orders("rules", grid)
        done = (*_cleared("rules", grid, "cancel"), *_cleared("rules", grid, "publish"))
        if not orders.cancel:
            return TableWork(done)
        tabs = cancellation(tables, now, taken)
        concern = cancelled(now, tabs[0].title) if tabs else nothing_to_cancel()
        return TableWork(done, tabs, (concern,))


def _review(
    lookup: Lookup,
    draft: RuleTable,
    drafted: Lookup,
    past: Sequence[PastRequest],
    count: int,
    today: date,
) -> _Reviewed:
    said = effect(Replay(lookup, today), Replay(drafted, today), past)
    hidden = {item.rule.number: item.by for item in find_hidden(drafted)}
    same = set(map(repr, draft.rules)) == set(map(repr, lookup.rules))
    review = Review(draft, said, hidden, stranded(drafted, today), count, same)
    return _Reviewed(review, effect_texts(review))


def _edits(
    key: str,
    reading: Reading,
    column: str,
    texts: Mapping[int, str],
    unless: Callable[[RowEdit], bool] = lambda _: False,
) -> Sequence[RowEdit]:
    """The first edits that make a column say some texts, see `cell_edits`."""
    edits = cell_edits(key, reading.tabs[key].grid, column, texts)
    return list(islice(filterfalse(unless, edits), MAX_EDITS))


def _cleared(key: str, grid: Grid, column: str) -> Sequence[RowEdit]:
    """The edits that take orders out of their cells."""
    positions, _, _ = find_columns(tab(key), grid[0] if grid else [])
    if column not in positions:
        return ()
    return [
        row_edit(key, grid, positions, row, {column: Change(text, "")})
        for row, line in enumerate(grid[1:], start=1)
        if (text := as_text(cell_at(line, positions[column])))
    ]


def _rows(grid: Grid) -> tuple[Mapping[str, Cell], ...]:
    """The cells of each rule, by column; blank cells are left out."""
    positions, _, _ = find_columns(tab("rules"), grid[0] if grid else [])
    rows = []
    for line in filterfalse(is_bare, grid[1:]):
        cells = {key: cell_at(line, positions.get(key)) for key in RULE_COLUMNS}
        if said := {key: cell for key, cell in cells.items() if as_text(cell)}:
            rows.append(said)
    return tuple(rows)


def _grid(rows: Sequence[Mapping[str, Cell]]) -> list[list[Cell]]:
    columns = tab("rules").columns
    return [
        [column.title for column in columns],
        *([row.get(column.key) for column in columns] for row in rows),
    ]
