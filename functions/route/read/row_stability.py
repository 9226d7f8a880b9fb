"""For how long rows have not changed: a person may still be typing into a row that has."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.shared.journal.formats import RowsSeen
from functions.shared.journal.store import Journal, read_legible


@dataclass
class RowStability:
    """Remembers in the journal since when each row to complete has been as it is, by its hash."""

    journal: Journal
    clock: Callable[[], datetime]

    def look(self, rows: Iterable[str]) -> dict[str, timedelta]:
        """Note the rows that a sweep sees.

        Args:
            rows: the hashes of these rows.

        Returns:
            For how long each row has not changed, by its hash; 0 for a row seen for the first time.
        """
        now = self.clock()
        earlier = self.journal.keys("seen/")
        since = self._since(earlier[-1]) if earlier else {}
        seen = {row: since.get(row, now) for row in rows}
        this = f"seen/{now.strftime('%Y%m%dT%H%M%S%f')}"
        if seen:
            self.journal.create(this, RowsSeen(seen).to_json())
        for key in earlier:
            if key != this:
                self.journal.delete(key)
        return {row: now - at for row, at in seen.items()}

    def _since(self, key: str) -> Mapping[str, datetime]:
        """What the sweep before this one saw."""
        seen = read_legible(self.journal, key, RowsSeen.from_json)
        return seen.since if seen else {}  # every row counts as new, and waits a little longer
