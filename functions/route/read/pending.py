"""The pending entries of the journal: taken for a batch, or set aside."""

from collections.abc import Callable, Container, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from functions.route.arrival import Arrival
from functions.route.decide.suspects import why
from functions.shared.concerns import Concern
from functions.shared.journal.entries import ILLEGIBLE, AsideNote, cleared, is_of
from functions.shared.journal.store import PARALLEL, Journal
from functions.shared.log import log
from sheets_schema.territory import Territories

MAX_BYTES = 1_500_000  # in a batch; Google recommends 2 MB at most


@dataclass
class Taken:
    """What was taken from `pending/`.

    `arrivals` are requests to file, `suspects` are requests to set aside, and `unreadable` names
    the entries that cannot be read.
    """

    arrivals: list[Arrival] = field(default_factory=list)
    suspects: list[Arrival] = field(default_factory=list)
    unreadable: list[Concern] = field(default_factory=list)


@dataclass
class Pending:
    """The accepted requests that wait for their rows."""

    journal: Journal
    official: Territories
    clock: Callable[[], datetime]

    def __bool__(self) -> bool:
        return bool(self.journal.keys("pending/"))

    def take(self, limit: int, without: Container[str]) -> Taken:
        """Take requests for one batch, oldest first.

        An entry whose row is written already is dropped.

        Args:
            limit: how many requests to take at most. Suspects are taken up to about the same
                number, so a flood of them takes several batches.
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
                names and max(len(taken.arrivals), len(taken.suspects)) < limit and size < MAX_BYTES
            ):
                for arrival in pool.map(self._read, names[:limit]):
                    if isinstance(arrival, Concern):
                        taken.unreadable.append(arrival)
                    elif arrival and arrival.entry.suspect:
                        taken.suspects.append(arrival)
                    elif arrival and len(taken.arrivals) < limit and size < MAX_BYTES:
                        taken.arrivals.append(arrival)
                        size += arrival.size
                names = names[limit:]
        for arrivals in (taken.arrivals, taken.suspects):
            arrivals.sort(key=lambda arrival: (arrival.entry.received_at, arrival.name))
        return taken

    def _read(self, name: str) -> Arrival | Concern | None:
        body = self.journal.read(f"pending/{name}")
        if body is None:
            return None
        if self.journal.read(f"filed/{name}") is not None:
            # The request was sent again after its row was written: the tombstone decides.
            self.journal.delete(f"pending/{name}")
            return None
        try:
            arrival = Arrival.from_json(name, body, self.official)
        except ILLEGIBLE:
            log("ERROR", "unreadable entry", entry=name)
            return Concern(
                f"Journal, {name[:12]}",
                "Une demande du journal est illisible : sa ligne n'a pas pu être écrite.",
                "Prévenez la personne qui administre le système : la demande reste au journal.",
            )
        aside = self.journal.read(f"quarantine/{name}")
        if aside is not None and not is_of(aside, arrival.reference):
            # Intake told the caller the reference of the entry that is set aside. Nobody was told
            # the reference of this entry.
            log("WARNING", "sent again while set aside", entry=name)
            return None
        return arrival

    def refuse(self, arrival: Arrival) -> None:
        """Set aside a request that Google refuses, for the operator to deal with."""
        self._set_aside(arrival, "Google Sheets refuse sa ligne")
        log("ERROR", "quarantined", entry=arrival.name, reference=arrival.reference)

    def suspect(self, arrivals: Sequence[Arrival]) -> None:
        """Set aside requests that look like a robot's, for the operator to release or leave."""
        with ThreadPoolExecutor(PARALLEL) as pool:
            list(pool.map(self._set_aside, arrivals, map(why, arrivals)))
        if arrivals:
            log("WARNING", "suspects", count=len(arrivals))

    def _set_aside(self, arrival: Arrival, reason: str) -> None:
        suspect = arrival.entry.suspect
        note = AsideNote(arrival.reference, self.clock(), reason, suspect)
        key, body = f"quarantine/{arrival.name}", arrival.body
        kept = self.journal.read(key)
        outdated = kept is not None and kept != body and not suspect
        if kept is None or outdated:
            # A release that was cut off may have left a note about a suspect. With that note this
            # request would be purged like a suspect.
            self.journal.delete(f"{key}.why")
        if outdated:
            self.journal.replace(key, body)
        else:
            self.journal.create(key, body)
        self.journal.create(f"{key}.why", note.to_json())
        if self.journal.read(f"pending/{arrival.name}") != body:
            return  # another writer set it aside earlier, and the operator has released it since
        self.journal.delete(f"pending/{arrival.name}")
        if self.journal.read(key) is None and self.journal.read(f"filed/{arrival.name}") is None:
            # The operator releases it at this very moment. If it is filed already, its tombstone
            # decides.
            self.journal.create(f"pending/{arrival.name}", cleared(body))
