"""Which rows stayed as they were from one sweep to the next: a person may still be typing."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.shared.errors import JournalError
from functions.shared.journal import Journal, legible
from functions.shared.log import log

STEADY = timedelta(seconds=20)


@dataclass
class Sightings:
    """A journal object for each sweep that saw rows to complete: their hashes, since when."""

    journal: Journal
    clock: Callable[[], datetime]

    def look(self, prints: Iterable[str]) -> dict[str, timedelta]:
        """Note the rows a sweep sees; for how long each has been seen as it is, 0 for new ones."""
        now = self.clock()
        earlier = self.journal.keys("seen/")
        since = self._since(earlier[-1]) if earlier else {}
        seen = {one: since.get(one, now) for one in prints}
        this = f"seen/{now.strftime('%Y%m%dT%H%M%S%f')}"
        if seen:
            self.journal.create(this, json.dumps(seen, default=datetime.isoformat).encode())
        for key in earlier:
            if key != this:
                self.journal.delete(key)
        return {one: now - at for one, at in seen.items()}

    def _since(self, key: str) -> dict[str, datetime]:
        """What the sweep before this one saw."""
        body = self.journal.read(key) or b"{}"
        try:
            with legible(key):
                return {one: datetime.fromisoformat(at) for one, at in json.loads(body).items()}
        except JournalError as error:
            log("WARNING", str(error))
            return {}  # as seen for the first time: rows typed by hand wait a little longer
