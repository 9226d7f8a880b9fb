"""The pending entries of the journal: taken for a batch, or set aside."""

import json
from collections.abc import Callable, Container
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from functions.route.rows import Concern, Entry
from functions.shared.journal import Journal
from functions.shared.log import log
from sheets_schema.territory import Territories

PARALLEL = 16  # calls to the journal at a time: an object store answers slowly, but many at once
MAX_BYTES = 1_500_000  # a batch: Google recommends 2 MB at most


@dataclass
class Pending:
    """Accepted requests that wait for their rows."""

    journal: Journal
    official: Territories
    clock: Callable[[], datetime]

    def __bool__(self) -> bool:
        return bool(self.journal.keys("pending/"))

    def take(self, limit: int, without: Container[str]) -> tuple[list[Entry], list[Concern]]:
        """Entries for one batch, oldest first, and a concern for each that cannot be read.

        Those of which a row was written are dropped.

        Args:
            limit: how many at most.
            without: names to leave out.
        """
        names = [
            name
            for key in self.journal.keys("pending/")
            if (name := key.removeprefix("pending/")) not in without
        ]
        entries: list[Entry] = []
        unreadable: list[Concern] = []
        size = 0
        with ThreadPoolExecutor(PARALLEL) as pool:
            while names and len(entries) < limit and size < MAX_BYTES:
                for found in pool.map(self._read, names[:limit]):
                    if isinstance(found, Concern):
                        unreadable.append(found)
                    elif found and len(entries) < limit and size < MAX_BYTES:
                        entries.append(found)
                        size += found.size
                names = names[limit:]
        entries.sort(key=lambda entry: (entry.received_at, entry.name))
        return entries, unreadable

    def _read(self, name: str) -> Entry | Concern | None:
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

    def set_aside(self, entry: Entry, reason: str) -> None:
        """Move an entry to the quarantine, with the reason, for the operator to deal with."""
        at = self.clock().isoformat(timespec="seconds")
        why = {"reference": entry.reference, "at": at, "reason": reason}
        self.journal.create(f"quarantine/{entry.name}", entry.body.encode())
        self.journal.create(f"quarantine/{entry.name}.why", json.dumps(why).encode())
        self.journal.delete(f"pending/{entry.name}")
        log("ERROR", "quarantined", entry=entry.name, reference=entry.reference)
