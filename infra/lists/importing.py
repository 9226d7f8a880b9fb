"""Writes the contacts of a list into the journal; from there a drain files them as any request."""

import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from time import sleep

import click

from functions.shared import reference
from functions.shared.journal.entries import Entry, Imported, fingerprint
from functions.shared.journal.store import PARALLEL, Journal
from functions.shared.request import read_requests
from functions.shared.sheets.port import Workbook
from infra.lists.fates import Context, Line, known_people
from infra.patience import patiently
from sheets_schema.tab import read_table, tab
from sheets_schema.territory import territories

_FOLDERS = ("pending/", "filed/", "quarantine/")
# What tells who a person is, and whether a row is a request.
_COLUMNS = (
    "reference",
    "last_name",
    "first_name",
    "phone",
    "email",
    "origin_city",
    "origin_postcode",
    "origin_country",
)
_LOOK = 1.0  # seconds between two looks at what waits
_STANDSTILL = 30  # looks without progress after which nobody waits any longer


def look(context: Context, journal: Journal, workbook: Workbook) -> Context:
    """Add to a context what the journal knows, and who is in Demandes and in Référents.

    Raises:
        AccueilError: the journal or the spreadsheet cannot be read.
    """
    entries = {key.rpartition("/")[2] for folder in _FOLDERS for key in journal.keys(folder)}
    reading = patiently(lambda: workbook.read({"requests": _COLUMNS, "referents": ("name",)}))
    people = known_people(read_requests(reading, _COLUMNS, territories()))
    referents = read_table(
        tab("referents"), reading.tabs["referents"].grid, reading.version, ("name",)
    )
    names = [name for row in referents.rows if (name := row.values["name"])]
    return replace(context, entries=entries, people=people, referents=names)


def is_taken(line: Line, *, confirmed: bool) -> bool:
    """Whether a row is to be imported; `confirmed` says that the rows to ask about are, too."""
    return line.fate in ("new", "again") or (confirmed and line.fate == "ask")


def is_left(line: Line, *, confirmed: bool) -> bool:
    """Whether a row is to be corrected first; one without its person's consent is not kept."""
    return line.fate == "refused" or (not confirmed and line.fate == "ask")


def accept(
    journal: Journal,
    lines: Sequence[Line],
    now: datetime,
    draw: Callable[[], int],
    *,
    mails: bool,
) -> None:
    """Create the entries of rows in the journal, with a progress bar.

    It can be cut off anywhere: an entry is created whole or not at all, and the next call with the
    same rows creates the missing ones.

    Args:
        journal: the journal.
        lines: the rows, each with a contact.
        now: when they are received.
        draw: gives a random number below 2**reference.RANDOM_BITS.
        mails: whether referents get a mail.

    Raises:
        JournalError: the journal does not answer.
    """

    def create(line: Line) -> None:
        if line.contact is None:
            return
        submission = line.contact.submission
        entry = Entry(
            reference.draw_free(journal, draw),
            now,
            fingerprint(submission),
            submission,
            imported=Imported(line.contact.cells, line.repeats, mails),
        )
        # If another import has created it meanwhile, that entry counts.
        journal.create(f"pending/{line.name}", entry.to_json())

    pool = ThreadPoolExecutor(PARALLEL)
    try:
        with click.progressbar(length=len(lines), label="Journal ", file=sys.stderr) as bar:
            for _ in pool.map(create, lines):
                bar.update(1)
    finally:
        pool.shutdown(cancel_futures=True)


def follow(journal: Journal, names: Sequence[str]) -> tuple[int, int]:
    """Wait until entries have their rows, with a progress bar.

    Nobody waits for longer than half a minute without progress. The spreadsheet is not asked.

    Returns:
        How many entries still wait, and how many are set aside.
    """
    waiting, still = len(names), 0
    with click.progressbar(length=len(names), label="Classeur", file=sys.stderr) as bar:
        while waiting and still < _STANDSTILL:
            left = _count(journal, "pending/", names)
            bar.update(waiting - left)
            still = 0 if left < waiting else still + 1
            waiting = left
            if waiting:
                sleep(_LOOK)
    return waiting, _count(journal, "quarantine/", names)


def _count(journal: Journal, folder: str, names: Sequence[str]) -> int:
    """How many of these entries are in a folder."""
    there = {key.removeprefix(folder) for key in journal.keys(folder)}
    return sum(name in there for name in names)
