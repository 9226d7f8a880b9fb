"""The pending entries of the journal: taken for a batch, or set aside."""

import json
from collections.abc import Callable, Container, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from functions.route.rows import Concern, Entry
from functions.route.suspects import why
from functions.shared.journal import Journal
from functions.shared.log import log
from sheets_schema.territory import Territories

PARALLEL = 16  # calls to the journal at a time: an object store answers slowly, but many at once
MAX_BYTES = 1_500_000  # a batch: Google recommends 2 MB at most


def is_of(body: bytes, reference: str) -> bool:
    """Whether an entry of the journal is the one with a reference; not where it is illegible."""
    try:
        return bool(json.loads(body)["reference"] == reference)
    except (ValueError, KeyError, TypeError):
        return False


def cleared(body: bytes) -> bytes:
    """An entry without the mark by which intake suspects it."""
    try:
        data = json.loads(body)
    except ValueError:
        return body
    if isinstance(data, dict) and data.pop("suspect", None):
        return json.dumps(data, ensure_ascii=False).encode()
    return body


@dataclass
class Taken:
    """What was found pending: entries to file, those to set aside, and what cannot be read."""

    entries: list[Entry] = field(default_factory=list)
    suspects: list[Entry] = field(default_factory=list)
    unreadable: list[Concern] = field(default_factory=list)


@dataclass
class Pending:
    """Accepted requests that wait for their rows."""

    journal: Journal
    official: Territories
    clock: Callable[[], datetime]

    def __bool__(self) -> bool:
        return bool(self.journal.keys("pending/"))

    def take(self, limit: int, without: Container[str]) -> Taken:
        """Entries for one batch, oldest first; suspects, and a concern for each unreadable one.

        Those of which a row was written are dropped.

        Args:
            limit: how many at most; a flood of suspects is taken in as many steps as it needs.
            without: names to leave out.
        """
        names = [
            name
            for key in self.journal.keys("pending/")
            if (name := key.removeprefix("pending/")) not in without
        ]
        taken, size = Taken(), 0
        with ThreadPoolExecutor(PARALLEL) as pool:
            while (
                names and max(len(taken.entries), len(taken.suspects)) < limit and size < MAX_BYTES
            ):
                for found in pool.map(self._read, names[:limit]):
                    if isinstance(found, Concern):
                        taken.unreadable.append(found)
                    elif found and found.suspect:
                        taken.suspects.append(found)
                    elif found and len(taken.entries) < limit and size < MAX_BYTES:
                        taken.entries.append(found)
                        size += found.size
                names = names[limit:]
        for entries in (taken.entries, taken.suspects):
            entries.sort(key=lambda entry: (entry.received_at, entry.name))
        return taken

    def _read(self, name: str) -> Entry | Concern | None:
        body = self.journal.read(f"pending/{name}")
        if body is None:
            return None
        if self.journal.read(f"filed/{name}") is not None:
            # Sent again after its request was settled: the tombstone wins.
            self.journal.delete(f"pending/{name}")
            return None
        try:
            entry = Entry.from_json(name, body, self.official)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError):
            log("ERROR", "unreadable entry", entry=name)
            return Concern(
                f"Journal, {name[:12]}",
                "Une demande du journal est illisible : sa ligne n'a pas pu être écrite.",
                "Prévenez la personne qui administre le système : la demande reste au journal.",
            )
        aside = self.journal.read(f"quarantine/{name}")
        if aside is not None and not is_of(aside, entry.reference):
            # Its caller is told the reference that is set aside, and this one is nobody's.
            log("WARNING", "sent again while set aside", entry=name)
            return None
        return entry

    def refuse(self, entry: Entry) -> None:
        """Set aside an entry that Google refuses, for the operator to deal with."""
        self._set_aside(entry, "Google Sheets refuse sa ligne")
        log("ERROR", "quarantined", entry=entry.name, reference=entry.reference)

    def suspect(self, entries: Sequence[Entry]) -> None:
        """Set aside entries that look like a robot's, for the operator to release or leave."""
        with ThreadPoolExecutor(PARALLEL) as pool:
            list(pool.map(self._set_aside, entries, map(why, entries)))
        if entries:
            log("WARNING", "suspects", count=len(entries))

    def _set_aside(self, entry: Entry, reason: str) -> None:
        at = self.clock().isoformat(timespec="seconds")
        note = {"reference": entry.reference, "at": at, "reason": reason}
        if entry.suspect:
            note["suspect"] = entry.suspect
        key, body = f"quarantine/{entry.name}", entry.body.encode()
        kept = self.journal.read(key)
        if kept is None or (kept != body and not entry.suspect):
            # What a release that was cut off left speaks of a suspect, which would be purged.
            self.journal.delete(f"{key}.why")
            self.journal.delete(key)
        self.journal.create(key, body)
        self.journal.create(f"{key}.why", json.dumps(note).encode())
        if self.journal.read(f"pending/{entry.name}") != body:
            return  # another writer set it aside before, and the operator has released it since
        self.journal.delete(f"pending/{entry.name}")
        if self.journal.read(key) is None and self.journal.read(f"filed/{entry.name}") is None:
            # Released in this very moment: a tombstone wins, should it be filed already.
            self.journal.create(f"pending/{entry.name}", cleared(body))
