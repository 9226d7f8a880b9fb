"""Reads what the commands about rules need: the lookup tables, a proposal, and past requests."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from functions.route.decide.load import Load
from functions.route.decide.lookup import Lookup, RuleTable, read_lookup, read_rules
from functions.route.decide.replay import PAST_COLUMNS, PastRequest, past_requests
from functions.shared.concerns import Concern
from functions.shared.errors import AccueilError, MissingTabsError
from functions.shared.journal.formats import State
from functions.shared.sheets.google import GoogleWorkbook
from infra.patience import patiently
from sheets_schema.columns import Cell, as_text
from sheets_schema.tab import DRAFT, DRAFT_KEY, Part, cell_at, find_columns, tab
from sheets_schema.territory import territories
from sheets_schema.wire import Reading


@dataclass(frozen=True)
class Gathered:
    """One read of the workbook: the lookup tables, what is wrong in them, and all cells read."""

    lookup: Lookup
    concerns: tuple[Concern, ...]
    reading: Reading

    def load(self) -> Load:
        """How busy the referents are, by the rows of Demandes."""
        positions, _, _ = find_columns(tab("requests"), self.reading.header("requests"))
        return Load.from_states(
            State(
                status=as_text(cell_at(line, positions.get("status"))),
                referent=as_text(cell_at(line, positions.get("referent"))),
            )
            for line in self.reading.tabs["requests"].grid[1:]
        )

    def past(
        self, after: date | None = None, progress: Callable[[int], None] = lambda _: None
    ) -> list[PastRequest]:
        """The requests of Demandes, see `replay.past_requests`."""
        return past_requests(self.reading, self.lookup.official, after, progress)


def gather(
    workbook: GoogleWorkbook,
    columns: Sequence[str] = (*PAST_COLUMNS, "status"),
    *,
    draft: bool = False,
) -> Gathered:
    """Read the lookup tables and some columns of Demandes; with `draft` the draft, too.

    This is two calls, and no cell below a header is read twice: the tables with their merged cells,
    then the values of the columns. One call for both would have to read the columns as cells, too,
    which are four times as long and exceed what the workbook accepts at 50,000 rows.

    Raises:
        AccueilError: the workbook cannot be read; with `draft`, there is none.
    """
    parts: dict[str, Part] = {
        "requests": tuple(columns),
        "referents": "all",
        "rules": "all",
        "coordination": "all",
        "system": "all",
    }
    if draft:
        parts[DRAFT_KEY] = "all"
    try:
        reading = patiently(lambda: workbook.read(parts))
    except MissingTabsError as error:
        if DRAFT_KEY not in error.keys:
            raise
        raise AccueilError(
            f"Il n'y a pas d'onglet « {DRAFT} » : dupliquez « {tab('rules').title} », et "
            "donnez ce nom à la copie."
        ) from error
    lookup, concerns = read_lookup(reading, territories())
    return Gathered(lookup, tuple(concerns), reading)


def proposal(gathered: Gathered, file: Path | None) -> Lookup:
    """The lookup tables with the rules of a proposal: of a CSV file, or else of the draft.

    Raises:
        AccueilError: the proposal cannot be read as a whole; the sentence says which cells.
    """
    if file:
        table = _read_rules(gathered, csv_grid(file), 1)
        where = file.name
    else:
        table = _read_rules(
            gathered, gathered.reading.tabs[DRAFT_KEY].grid, gathered.reading.version
        )
        where = DRAFT
    if table.left_out:
        lines = [
            f"  {item.place.replace(DRAFT, where)} : {item.subject}" for item in table.concerns
        ]
        raise AccueilError("\n".join([f"La proposition ({where}) est à corriger :", *lines]))
    return replace(gathered.lookup, rules=table.rules)


def _read_rules(gathered: Gathered, grid: Sequence[Sequence[Cell]], version: int) -> RuleTable:
    lookup = gathered.lookup
    return read_rules(DRAFT_KEY, grid, lookup.people, lookup.official, version)


def csv_grid(file: Path) -> list[list[Cell]]:
    """The cells of a CSV file, as the sheet or a spreadsheet program exports it.

    Raises:
        AccueilError: it is no text in UTF-8.
    """
    try:
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise AccueilError(
            f"{file} ne peut pas être lu : il faut un fichier CSV en UTF-8."
        ) from error
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    return [list(line) for line in csv.reader(io.StringIO(text), delimiter=delimiter)]


def write_csv(rows: Sequence[Mapping[str, str]], titles: Sequence[str]) -> str:
    """Rows by title as CSV, in the way in which French spreadsheet programs open it."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(titles)
    writer.writerows([_harmless(row.get(title, "")) for title in titles] for row in rows)
    return "\ufeff" + out.getvalue()


def _harmless(text: str) -> str:
    """A text that a spreadsheet program does not take for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text
