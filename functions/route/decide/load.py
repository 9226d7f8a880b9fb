"""How busy each referent is, so that several who could follow a request share fairly. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from functions.shared.journal.formats import Batch, State
from sheets_schema.columns import as_text
from sheets_schema.errors import CellError
from sheets_schema.schema import CLOSED_STATUSES
from sheets_schema.tab import tab
from sheets_schema.text import normalise

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Load:
    """How many open requests each referent leads, and when each last got one.

    Both go by normalised name. Whoever is in neither has no request, and never got one.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    latest: Mapping[str, datetime] = field(default_factory=dict)

    @classmethod
    def from_states(
        cls, states: Iterable[State], latest: Mapping[str, datetime] | None = None
    ) -> "Load":
        """Count the open requests of each referent.

        Args:
            states: the state of each request of Demandes.
            latest: when referents last got a request, by normalised name.
        """
        rows = Counter((state.referent, state.status) for state in states)
        counts: Counter[str] = Counter()
        for (referent, status), number in rows.items():
            if referent and not _is_closed(status):
                counts[normalise(referent)] += number
        return cls(dict(counts), dict(latest or {}))

    def open(self, name: str) -> int:
        """How many open requests somebody leads."""
        return self.counts.get(normalise(name), 0)

    def last(self, name: str) -> datetime:
        """When somebody last got a request; the beginning of time if never."""
        return self.latest.get(normalise(name), _NEVER)

    def at(self, moment: datetime, names: Iterable[str]) -> "Load":
        """The load if some people's last request is of a moment; their counts stay."""
        latest = dict(self.latest)
        for key in filter(None, map(normalise, names)):
            latest[key] = max(moment, latest.get(key, moment))
        return Load(self.counts, latest)

    def after(self, name: str, at: datetime) -> "Load":
        """The load once somebody has got one more request.

        Args:
            name: who got it; with "" nothing changes.
            at: when.
        """
        key = normalise(name)
        counts = {**self.counts, key: self.counts.get(key, 0) + 1} if key else self.counts
        return Load(counts, self.at(at, [name]).latest)


NO_LOAD = Load()


def given(batch: Batch) -> list[str]:
    """The names of the referents to whom a batch gives requests, by new rows and by row edits."""
    edits = [edit.changes["referent"].after for edit in batch.edits if "referent" in edit.changes]
    return [*(as_text(row.get("referent")) for row in batch.rows.values()), *edits]


def _is_closed(status: str) -> bool:
    """Whether a cell of Statut says that nothing is left to do. What cannot be read is open."""
    try:
        return bool(status) and tab("requests")["status"].type.parse(status) in CLOSED_STATUSES
    except CellError:
        return False
