"""The requests that were written under columns that had moved, until their rows are right."""

from collections.abc import Callable
from dataclasses import dataclass

from functions.route.decide.alignment import Alignment, Rows, align
from functions.shared.journal.formats import Misplaced
from functions.shared.journal.store import Journal, parse_legible
from functions.shared.log import log
from sheets_schema.wire import Reading

ReadAll = Callable[[], Reading]


@dataclass(frozen=True)
class MisplacedRows:
    """What `misplaced/` of the journal knows, compared with the sheet."""

    journal: Journal

    def look(self, read_all: ReadAll) -> dict[str, Alignment | None]:
        """What puts each misplaced row right, by reference; None if its object is illegible.

        A row that is right by now, or that somebody deleted, is forgotten.

        Args:
            read_all: reads the whole of Demandes; it is called only if some row is misplaced.

        Raises:
            WorkbookError: Demandes cannot be read.
            HeaderError: Demandes lacks a column, or has one twice.
            JournalError: the journal does not answer.
        """
        keys = self.journal.keys("misplaced/")
        if not keys:
            return {}
        reading = read_all()
        present = Rows.of(reading.tabs["requests"].grid, reading.positions("requests"))
        rows: dict[str, Alignment | None] = {}
        for key in keys:
            reference = key.removeprefix("misplaced/")
            body = self.journal.read(key)
            if body is None:
                continue
            written = parse_legible(key, body, Misplaced.from_json)
            if written is None:
                rows[reference] = None
                continue
            alignment = align(reference, written, present)
            if alignment is None or not alignment.cells:
                self.journal.delete(key)
                log("INFO", "misplaced row is right again or gone", reference=reference)
            else:
                rows[reference] = alignment
        return rows
