"""What the operator can see of the journal and do about it: `accueil journal`, `sheet accept`."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from functions.shared import reference
from functions.shared.errors import AccueilError
from functions.shared.journal.entries import (
    ILLEGIBLE,
    AsideNote,
    Entry,
    Kept,
    cleared,
    is_of,
)
from functions.shared.journal.formats import Batch, SettledMark
from functions.shared.journal.store import PARALLEL, Journal, legible
from functions.shared.request import Request
from functions.shared.sheets.fence import SheetState, read_sheet_state
from functions.shared.sheets.identity import acceptance, mismatch_reason
from functions.shared.sheets.port import Workbook
from sheets_schema.columns import as_text
from sheets_schema.tab import cell_at, format_row, tab
from sheets_schema.territory import territories


@dataclass(frozen=True)
class Item:
    """An entry that has no row yet; `reference` is empty if the entry cannot be read."""

    name: str
    reference: str
    received_at: datetime | None
    reason: str = ""

    def age(self, now: datetime) -> timedelta | None:
        """How long ago the entry was received; None where that cannot be read."""
        return now - self.received_at if self.received_at else None


@dataclass(frozen=True)
class Inventory:
    """What the journal holds."""

    pending: tuple[Item, ...]
    quarantined: tuple[Item, ...]
    filed: int
    settled: int
    unsettled: tuple[str, ...]
    mails: int


def inventory(journal: Journal) -> Inventory:
    """Count the batches that are settled, and list everything that is not, oldest first."""
    settled = [key.removeprefix("settled/") for key in journal.keys("settled/")]
    batches = [key.removeprefix("batches/") for key in journal.keys("batches/")]
    last = settled[-1] if settled else ""
    return Inventory(
        _items(journal, "pending/"),
        _items(journal, "quarantine/"),
        len(journal.keys("filed/")),
        len(settled),
        tuple(key for key in batches if key not in settled and key > last),
        len(journal.keys("outbox/")),
    )


def _items(journal: Journal, folder: str) -> tuple[Item, ...]:
    names = [key.removeprefix(folder) for key in journal.keys(folder)]
    names = [name for name in names if not name.endswith(".why")]
    with ThreadPoolExecutor(PARALLEL) as pool:
        items = pool.map(lambda name: _item(journal, folder, name), names)
    return tuple(sorted(items, key=lambda item: (str(item.received_at), item.name)))


def _item(journal: Journal, folder: str, name: str) -> Item:
    why = _reason(journal.read(f"{folder}{name}.why"))
    entry = _entry(journal.read(f"{folder}{name}"))
    if entry is None or not entry.reference:
        return Item(name, "", None, why or "illisible")
    return Item(name, entry.reference, entry.received_at, why)


def _reason(body: bytes | None) -> str:
    try:
        return AsideNote.from_json(body).reason if body is not None else ""
    except ILLEGIBLE:
        return "motif illisible"


def _entry(body: bytes | None) -> Entry | None:
    try:
        return Entry.from_json(body or b"")
    except ILLEGIBLE:
        return None


def content(journal: Journal, asked: str) -> tuple[Item, Mapping[str, str]]:
    """An entry that has no row yet, and what its sender wrote, by the sheet's headers.

    Args:
        journal: the journal.
        asked: its reference, however it is typed, or the beginning of its name.

    Raises:
        AccueilError: there is no such entry, there are several, or it is illegible.
    """
    for folder in ("quarantine/", "pending/"):
        if item := _named(journal, asked, folder):
            break
    else:
        raise AccueilError(
            f"« {asked} » n'est ni parmi les entrées mises à part, ni parmi celles qui attendent."
            f"{_where(journal, reference.read(asked))}"
        )
    key = f"{folder}{item.name}"
    requests = tab("requests")
    with legible(key):
        entry = Entry.from_json(journal.read(key) or b"")
        request = Request.from_submission(
            entry.submission, entry.reference, entry.received_at, territories(), entry.cells
        )
        cells = format_row(requests, request.values)
    texts = {requests[name].title: as_text(cell) for name, cell in cells.items()}
    return item, {title: text for title, text in texts.items() if text}


def _named(journal: Journal, asked: str, folder: str) -> Item | None:
    """The only entry of a folder with the reference or name that was asked for, None if none.

    Raises:
        AccueilError: there are several.
    """
    wanted = reference.read(asked)
    items = [
        item
        for item in _items(journal, folder)
        if (wanted and item.reference == wanted) or item.name.startswith(asked)
    ]
    if len(items) > 1:
        names = ", ".join(item.name[:12] for item in items)
        raise AccueilError(f"Plusieurs entrées portent « {asked} » : précisez ({names}).")
    return items[0] if items else None


def retry(
    journal: Journal, asked: str, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> str:
    """Make an entry that is set aside pending again, and return its name.

    A suspect loses its mark by this. The entry cannot get a second row: there is only one pending
    entry of a name, and once its row is written a tombstone makes drains drop it.

    Args:
        journal: the journal.
        asked: its reference, however it is typed, or the beginning of its name.
        clock: gives the time.

    Raises:
        AccueilError: no such entry is set aside, or several such entries are, or the row of this
            entry is written, or another entry with the same key waits for its row.
    """
    entry = _named(journal, asked, "quarantine/")
    if entry is None:
        raise AccueilError(
            f"« {asked} » n'est pas parmi les entrées mises à part."
            f"{_where(journal, reference.read(asked))}"
        )
    name = entry.name
    if journal.read(f"filed/{name}") is not None:
        raise AccueilError(f"La ligne de {entry.reference} est déjà écrite : rien à refaire.")
    body = journal.read(f"quarantine/{name}")
    if body is not None:
        released = cleared(body)
        if _is_left_over(journal.read(f"pending/{name}"), entry.reference, clock()):
            journal.delete(f"pending/{name}")
        created = journal.create(f"pending/{name}", released)
        # After an earlier try that was cut off, the same entry is pending already.
        if not created and journal.read(f"pending/{name}") != released:
            raise AccueilError(_SENT_AGAIN)
    journal.delete(f"quarantine/{name}")
    journal.delete(f"quarantine/{name}.why")
    if body is not None and journal.read(f"filed/{name}") is None:
        # A drain that was just setting the entry aside may have deleted it from pending/ since.
        journal.create(f"pending/{name}", released)
    return name


_SENT_AGAIN = (
    "Une demande envoyée avec la même clé vient d'arriver : rien n'est changé. "
    "Réessayez dans une heure."
)
_CALL = timedelta(hours=1)  # far longer than intake takes to answer anybody


def _is_left_over(waiting: bytes | None, reference: str, now: datetime) -> bool:
    """Whether a pending entry was left by an intake that was killed while it answered.

    An intake that finds an entry with the same key set aside deletes its own pending entry, and
    answers with the reference of the entry that is set aside. If it is killed before, its own
    entry stays.
    """
    if waiting is None or is_of(waiting, reference):
        return False
    entry = _entry(waiting)
    return entry is not None and now - entry.received_at > _CALL


def _where(journal: Journal, wanted: str | None) -> str:
    if any(item.reference == wanted for item in _items(journal, "pending/")):
        return " Elle attend déjà d'être écrite."
    for key in journal.keys("filed/"):
        if is_of(journal.read(key) or b"", wanted or ""):
            return " Sa ligne est déjà écrite : elle ne l'est pas une seconde fois."
    return ""


@dataclass(frozen=True)
class Missing:
    """Requests whose rows a restored version of the spreadsheet lacks.

    `bodies` holds their entries by name. `forgotten` holds the references of requests whose content
    the journal no longer has. `mismatch` says why the spreadsheet is not the one that the journal
    knows.
    """

    bodies: dict[str, tuple[str, str]]
    forgotten: tuple[str, ...]
    mismatch: str
    key: str


def missing(journal: Journal, workbook: Workbook) -> Missing:
    """Look for requests that were filed after the version of the spreadsheet that is there now.

    Rows that people had deleted before that version are not among them.

    Raises:
        AccueilError: the spreadsheet cannot be read, or a batch of the journal cannot.
    """
    last, references = _look(workbook)
    settled = [key.removeprefix("settled/") for key in journal.keys("settled/")]
    later = [key for key in settled if int(key.partition("-")[0]) > last.cell]
    bodies: dict[str, tuple[str, str]] = {}
    forgotten: list[str] = []
    for key in later:
        body = journal.read(f"batches/{key}")
        if body is None:
            forgotten += _references(journal, key)
            continue
        with legible(f"batches/{key}"):
            filed = Batch.from_json(body).filed
        bodies |= {
            request.name: (request.reference, request.body)
            for request in filed
            if request.reference not in references
        }
    number = int(settled[-1].partition("-")[0]) if settled else 0
    mismatch = mismatch_reason(last, number, workbook.id)
    gone = tuple(reference for reference in forgotten if reference not in references)
    return Missing(bodies, gone, mismatch, acceptance(last, workbook.id))


def refile(journal: Journal, missing_requests: Missing) -> None:
    """Make the missing requests pending again, and accept the spreadsheet as it is.

    Their tombstones stay, so that a key that is sent again still gets its reference. The pending
    copies therefore have other names. May be cut off and run again.
    """
    for name, (_, body) in missing_requests.bodies.items():
        copy = hashlib.sha256(f"{missing_requests.key} {name}".encode()).hexdigest()
        journal.create(f"pending/{copy}", body.encode())
    accept(journal, missing_requests.key)


def accept(journal: Journal, key: str) -> None:
    """Let route write into the spreadsheet as it is; see `acceptance`."""
    journal.create(key, b"{}")


def _references(journal: Journal, batch: str) -> Iterator[str]:
    key = f"settled/{batch}"
    with legible(key):
        names = SettledMark.from_json(journal.read(key) or b"").filed
    for name in names:
        try:
            yield str(Kept.from_json(journal.read(f"filed/{name}") or b"").reference)
        except ILLEGIBLE:
            yield name[:12]


def _look(workbook: Workbook) -> tuple[SheetState, set[str]]:
    reading = workbook.read({"requests": ("reference",), "system": "all"})
    at = reading.positions("requests")["reference"]
    rows = reading.tabs["requests"].grid[1:]
    references = {as_text(cell_at(row, at)) for row in rows} - {""}
    return read_sheet_state(reading.named_ranges, reading.tabs["system"].grid), references
