"""The calls to the spreadsheet that a drain makes.

Writes are paced to stay within Google's quota, and failed calls are tried again. Where an answer
does not come, the fence in the spreadsheet says whether the batch was written.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from functions.shared.errors import (
    WorkbookBusyError,
    WorkbookError,
    WorkbookRefusedError,
    WorkbookUnsureError,
)
from functions.shared.log import log
from functions.shared.sheets.backoff import Backoff
from functions.shared.sheets.fence import Fence, read_sheet_state
from functions.shared.sheets.port import Commit, Replacement, TabTitle, Workbook
from functions.shared.stopping import is_stopping
from sheets_schema.columns import Cell
from sheets_schema.tab import Grid, Part
from sheets_schema.wire import Json, Reading

# 48 write calls a minute at most. Google allows 60, and people's own scripts need some of them.
# https://developers.google.com/workspace/sheets/api/limits
INTERVAL = timedelta(seconds=1.25)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class OvertakenError(Exception):
    """Another writer's batch took our fence number, so our batch has to be planned anew."""


@dataclass
class Writer:
    """Makes the calls of all drains of a process, which needs one instance.

    `sleep` waits for some seconds. `jitter` gives a random number between 0 and 1. `is_stopping`
    says whether this process is told to end; then no call is tried again.
    """

    workbook: Workbook
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    jitter: Callable[[], float]
    is_stopping: Callable[[], bool] = is_stopping
    _free: datetime = _LONG_AGO

    def __post_init__(self) -> None:
        self._backoff = Backoff(self.clock, self.sleep, self.jitter, _log_wait, self.is_stopping)

    def wait_for_turn(self) -> None:
        """Wait until the quota allows a write; requests that arrive meanwhile join the batch."""
        wait = (self._free - self.clock()).total_seconds()
        if wait > 0:
            self.sleep(wait)

    def take_turn(self) -> None:
        """Use up a write call of the quota: the next `wait_for_turn` waits for an interval."""
        self._free = max(self._free, self.clock()) + INTERVAL

    def read(self, parts: Mapping[str, Part], until: datetime) -> Reading:
        """Read parts of tabs, see `Workbook.read`; try again while another try may succeed.

        Raises:
            WorkbookError: the spreadsheet cannot be read.
        """
        return self._backoff.call(lambda: self.workbook.read(parts), until)

    def read_titles(self, until: datetime) -> list[TabTitle]:
        """All tabs; tries again while another try may succeed.

        Raises:
            WorkbookError: the spreadsheet cannot be read.
        """
        return self._backoff.call(self.workbook.read_titles, until)

    def read_rows(
        self, seen: Reading, rows: Sequence[int], until: datetime
    ) -> dict[int, list[Cell]]:
        """Read whole rows of Demandes, see `port.Workbook`; try again while it may succeed.

        Raises:
            WorkbookError: the rows cannot be read.
        """
        return self._backoff.call(lambda: self.workbook.read_rows(seen, "requests", rows), until)

    def commit(self, commit: Commit, until: datetime) -> Grid:
        """Send a batch until we know that it is written.

        Returns:
            The cells of the system tab as the batch left them.

        Raises:
            OvertakenError: another batch took its fence number.
            WorkbookRefusedError: Google refuses the batch as it is; nothing of it is written.
            WorkbookError: the batch is not written, or we do not know; the next drain finds out.
        """
        tried = 0
        while True:
            self.take_turn()
            try:
                return self.workbook.commit(commit)
            except WorkbookRefusedError:
                # Google also refuses a number that is taken, by an earlier attempt of ours or by
                # another writer. The fence says which.
                if (system := self._written(commit.fence, until)) is not None:
                    return system
                raise
            except (WorkbookBusyError, WorkbookUnsureError) as error:
                unsure = isinstance(error, WorkbookUnsureError)
                if unsure and (system := self._written(commit.fence, until)) is not None:
                    return system
                tried += 1
                self._backoff.wait(tried, error, until)

    def replace(self, seen: Reading, replacements: Sequence[Replacement], until: datetime) -> None:
        """Replace tokens by texts. A second time does no harm: the tokens are gone by then.

        Raises:
            WorkbookError: the replacements may not have been applied.
        """

        def act() -> None:
            self.take_turn()
            self.workbook.replace(seen, replacements)

        self._backoff.call(act, until)

    def keep_views(self, wanted: Sequence[Json]) -> int:
        """Make our filter views what they should be, see `port.Workbook`; one try is enough.

        Raises:
            WorkbookError: they may not be what they should be.
        """
        self.wait_for_turn()
        self.take_turn()
        return self.workbook.keep_views(wanted)

    def _written(self, fence: Fence, until: datetime) -> Grid | None:
        """The cells of the system tab as a batch left them; None where it is not written.

        Raises:
            OvertakenError: another batch took its fence number.
            WorkbookError: the fence cannot be read.
        """
        reading = self.read({"system": "all"}, until)
        system = reading.tabs["system"].grid
        last = read_sheet_state(reading.named_ranges, system)
        if last.number < fence.number:
            return None
        if last.key == fence.key:
            return system
        raise OvertakenError


def _log_wait(error: WorkbookError, tried: int, wait: float) -> None:
    log("WARNING", "trying again", error=type(error).__name__, tried=tried, wait=round(wait, 1))
