"""route: drains the journal into the spreadsheet, each request exactly once.

The write protocol, and why it holds, is in docs/protocol.md. Every step can be cut off and run
again: what a drain knows, it knows from the journal and from the fence in the spreadsheet.
"""

import json
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime

from functions.route.batch import PARTS, Batch, Filed, Gathered, Write, gather, plan_write
from functions.route.fence import Fence, Standing, standing
from functions.route.rows import Concern, Entry, unnoted
from functions.shared.errors import (
    HeaderError,
    WorkbookError,
    WorkbookRefusedError,
    WorkbookUnsureError,
)
from functions.shared.journal import Journal
from functions.shared.log import log
from functions.shared.workbook import Workbook
from sheets_schema.tab import match_header, tab
from sheets_schema.territory import Territories, territories
from sheets_schema.wire import Json, a1, grid

MAX_ROWS = 500  # a batch, so that its body stays far below Google's 2 MB
SENDS = 3  # of one batch whose answer does not come
PARALLEL = 16  # calls to the journal at a time: an object store answers slowly, but many at once
MAX_BATCHES = 20  # a call: the rest waits for the next one


class OvertakenError(Exception):
    """Another writer's batch took our number: ours has to be planned anew."""


@dataclass
class Drain:
    """The write side of the protocol, one instance a process.

    `clock` gives the time, `new_token` a random name for a batch.
    """

    journal: Journal
    workbook: Workbook
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    new_token: Callable[[], str] = lambda: secrets.token_hex(6)
    official: Territories = field(default_factory=territories)
    _holder: threading.Lock = field(default_factory=threading.Lock)
    _again: threading.Event = field(default_factory=threading.Event)

    def __call__(self, *, sweep: bool = False) -> int | None:
        """File what is pending; a sweep also reads the sheet when nothing is.

        Returns:
            How many rows were written; None where another thread is draining, which will look
            once more before it stops.

        Raises:
            AccueilError: nothing more can be written now; the sentence says why. What is pending
                stays pending.
        """
        self._again.set()
        written = 0
        while self._again.is_set():
            if not self._holder.acquire(blocking=False):
                return None
            try:
                self._again.clear()
                written += self._drain(sweep=sweep)
            finally:
                self._holder.release()
        return written

    def _drain(self, *, sweep: bool) -> int:
        written = 0
        concerns: list[Concern] = []
        for _ in range(MAX_BATCHES):
            names = [key.removeprefix("pending/") for key in self.journal.keys("pending/")]
            if not names and not concerns and not sweep:
                break
            settled = self._last_settled()  # before the sheet is read: it can only be ahead
            gathered = gather(self.workbook.read(PARTS), self.official)
            if self._recover(gathered.standing, settled):
                continue  # what that batch wrote is neither pending nor unnoted any more
            entries, unreadable = self._entries(names[:MAX_ROWS])
            fresh = unnoted([*gathered.concerns, *unreadable, *concerns], gathered.noted)
            sweep, concerns = False, []
            if not entries and not fresh:
                break
            try:
                concerns = self._commit(gathered, entries, fresh)
            except OvertakenError:
                continue
            written += len(entries)
        return written

    def _entries(self, names: list[str]) -> tuple[list[Entry], list[Concern]]:
        """The pending entries of which no row was written yet, and those that cannot be read."""
        with ThreadPoolExecutor(PARALLEL) as pool:
            found = list(pool.map(self._entry, names))
        entries = [one for one in found if isinstance(one, Entry)]
        entries.sort(key=lambda entry: (entry.received_at, entry.name))
        return entries, [one for one in found if isinstance(one, Concern)]

    def _entry(self, name: str) -> Entry | Concern | None:
        body = self.journal.read(f"pending/{name}")
        if body is None:
            return None
        if self.journal.read(f"filed/{name}") is not None:
            # Sent again after its request was settled: the tombstone wins.
            self.journal.delete(f"pending/{name}")
            return None
        try:
            return Entry.from_json(name, body)
        except (ValueError, KeyError, TypeError):
            log("ERROR", "unreadable entry", entry=name)
            return Concern(
                f"Journal, {name[:12]}",
                "Une demande du journal est illisible : sa ligne n'a pas pu être écrite.",
                "Prévenez la personne qui administre le système : la demande reste au journal.",
            )

    def _last_settled(self) -> int:
        """The number of the last batch that the journal knows to be written; 0 for none."""
        last = max(self.journal.keys("settled/"), default="settled/0")
        return int(last.removeprefix("settled/").partition("-")[0])

    def _recover(self, last: Standing, settled: int) -> bool:
        """Settle the batch that the fence names, if nobody has yet; whether there was one.

        Raises:
            WorkbookError: journal and spreadsheet do not belong together.
        """
        if last.spreadsheet not in ("", self.workbook.id):
            raise WorkbookError(
                "Ce classeur est la copie d'un autre : rien n'y est écrit. Rendez à "
                "ACCUEIL_SPREADSHEET l'identifiant du classeur d'origine."
            )
        if settled > last.number:
            raise WorkbookError(
                "Le classeur est plus ancien que le journal : une version antérieure a sans doute "
                "été restaurée. Rien n'est écrit tant qu'elle n'est pas remplacée par la dernière."
            )
        if not last.number or self.journal.read(f"settled/{last.key}") is not None:
            return False
        body = self.journal.read(f"batches/{last.key}")
        if body is None:
            raise WorkbookError(
                f"Le journal ne connaît pas le lot n° {last.number}, le dernier écrit dans le "
                "classeur : ACCUEIL_JOURNAL et ACCUEIL_SPREADSHEET ne vont pas ensemble."
            )
        log("WARNING", "recovered", batch=last.key)
        self._settle(Batch.from_json(body))
        return True

    def _commit(
        self, gathered: Gathered, entries: list[Entry], concerns: list[Concern]
    ) -> list[Concern]:
        """Write one batch and settle it; returns what there is to note about it.

        Raises:
            OvertakenError: another batch took its number.
            WorkbookError: it was not written, or may be: the next drain finds out.
        """
        fence = Fence(gathered.standing.number + 1, self.clock(), self.new_token())
        write = plan_write(fence, self.workbook.id, entries, concerns, gathered, self.official)
        self.journal.create(f"batches/{fence.key}", write.batch.to_json())
        header = self._send(write)
        self._settle(write.batch)
        log("INFO", "filed", batch=fence.key, rows=len(entries), concerns=len(concerns))
        if header in (None, write.header) or not entries:
            return []
        log("ERROR", "header moved during write", batch=fence.key)
        references = ", ".join(entry.reference for entry in entries)
        return [
            Concern(
                tab("requests").title,
                f"Des colonnes ont bougé pendant l'écriture de ces demandes : {references}.",
                "Vérifiez ces lignes : leurs cellules sont peut-être décalées.",
            )
        ]

    def _send(self, write: Write) -> dict[str, int] | None:
        """Send a batch until it is known to be written.

        Returns:
            Where its columns stood right after; None where that is not known, {} where one is
            missing.

        Raises:
            OvertakenError: another batch took its number.
            WorkbookError: it was not written, or may be.
        """
        failure = WorkbookError()
        for _ in range(SENDS):
            try:
                answer = self.workbook.batch_update(
                    write.requests,
                    response_ranges=[a1(tab("requests").title, "1:1")],
                    fields="updatedSpreadsheet.sheets.data.rowData.values.effectiveValue",
                )
            except WorkbookUnsureError as error:
                failure = error
                if self._is_written(write.batch.fence):
                    return None
            except WorkbookRefusedError:
                # Refused because an earlier attempt of ours, or another writer, came first?
                if self._is_written(write.batch.fence):
                    return None
                raise
            else:
                return _positions(answer)
        raise failure

    def _is_written(self, fence: Fence) -> bool:
        """Read the fence to learn what became of a batch.

        Raises:
            OvertakenError: another batch took its number.
        """
        reading = self.workbook.read({"system": "all"})
        last = standing(reading.named_ranges, reading.tabs["system"].grid)
        if last.number < fence.number:
            return False
        if last.key == fence.key:
            return True
        raise OvertakenError

    def _settle(self, batch: Batch) -> None:
        """Turn a written batch's entries into tombstones. May be cut off anywhere and run again."""
        with ThreadPoolExecutor(PARALLEL) as pool:
            list(pool.map(self._bury, batch.filed))
        mark = {"rows": len(batch.filed), "settled_at": self._now()}
        self.journal.create(f"settled/{batch.fence.key}", json.dumps(mark).encode())
        for key in self.journal.keys("batches/"):
            # Whatever claimed this number or a lower one and is not written now never will be.
            if key < f"batches/{batch.fence.number + 1:09d}":
                self.journal.delete(key)

    def _bury(self, one: Filed) -> None:
        stone = {
            "reference": one.reference,
            "fingerprint": one.fingerprint,
            "filed_at": self._now(),
        }
        self.journal.create(f"filed/{one.name}", json.dumps(stone).encode())
        self.journal.delete(f"pending/{one.name}")

    def _now(self) -> str:
        return self.clock().isoformat(timespec="seconds")


def _positions(answer: Json) -> dict[str, int]:
    rows = grid(answer["updatedSpreadsheet"]["sheets"][0])
    try:
        return match_header(tab("requests"), rows[0] if rows else [])
    except HeaderError:
        return {}
