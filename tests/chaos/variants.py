"""Four ways to get the write protocol wrong: the proof must find each of them out."""

from collections.abc import Container, Iterator
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from functions.route import batch
from functions.route.batch import Gathered
from functions.route.drain import Drain
from functions.route.pending import Pending, Taken
from sheets_schema.tab import match_header, tab


@contextmanager
def without_fence() -> Iterator[None]:
    """No named range: only the system cell says what was written last."""
    original = batch._fence_requests

    def requests(*given: object) -> list:
        return [one for one in original(*given) if "addNamedRange" not in one]

    with patch.object(batch, "_fence_requests", requests):
        yield


@contextmanager
def deciding_by_the_reference_column() -> Iterator[None]:
    """A batch counts as written if its references stand in Demandes."""
    original = Drain._recover

    def recover(self: Drain, gathered: Gathered, settled: int, course: object) -> bool:
        last = gathered.standing
        claimed = self._settler.claimed(last.key)
        if claimed and claimed.filed and not self._settler.is_settled(last.key):
            grid = self.workbook.read({"requests": "all"}).tabs["requests"].grid
            column = match_header(tab("requests"), grid[0])["reference"]
            there = {line[column] for line in grid[1:] if len(line) > column}
            if not any(one.reference in there for one in claimed.filed):
                return False
        return original(self, gathered, settled, course)

    with patch.object(Drain, "_recover", recover):
        yield


@contextmanager
def deleting_young_fences() -> Iterator[None]:
    """Only the last fence is kept."""
    with patch("functions.route.fence.YOUNG", timedelta(0)):
        yield


@contextmanager
def setting_aside_at_once() -> Iterator[None]:
    """Suspects are set aside as soon as they are found, before À vérifier names them."""
    original = Pending.take

    def take(self: Pending, limit: int, without: Container[str]) -> Taken:
        taken = original(self, limit, without)
        self.suspect(taken.suspects)
        return taken

    with patch.object(Pending, "take", take):
        yield


VARIANTS = (
    without_fence,
    deciding_by_the_reference_column,
    deleting_young_fences,
    setting_aside_at_once,
)
