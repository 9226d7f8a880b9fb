"""Which rows stayed as they were from one sweep to the next: a person may still be typing."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.shared.journal import Journal

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
        body = self.journal.read(earlier[-1]) if earlier else None
        since: dict[str, str] = json.loads(body) if body else {}
        seen = {one: since.get(one, now.isoformat()) for one in prints}
        this = f"seen/{now.strftime('%Y%m%dT%H%M%S%f')}"
        if seen:
            self.journal.create(this, json.dumps(seen).encode())
        for key in earlier:
            if key != this:
                self.journal.delete(key)
        return {one: now - datetime.fromisoformat(at) for one, at in seen.items()}
