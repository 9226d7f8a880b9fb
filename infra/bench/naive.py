"""What form-to-sheet tools do, to be measured beside ours: one `values.append` for each request.

Like such tools, each writer acknowledges a request before the spreadsheet has its row. So a request
that the writer gives up is lost. `taken` counts the requests that were acknowledged, and `dropped`
those that were given up after an error, even if their row is in the sheet. Run these writers
against the local Sheets API (infra/emulator), never against a spreadsheet that somebody uses.
"""

import random
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

import gspread
from google.auth.credentials import AnonymousCredentials
from requests.exceptions import RequestException

from functions.shared.settings import GOOGLE_SHEETS_API
from infra.local.people import TITLES
from sheets_schema.tab import tab

Row = Sequence[str]

TRIES = 5
FIRST_WAIT, LONGEST_WAIT = 1.0, 16.0  # seconds; the same as those of route
_RETRIED = frozenset({429, 500, 502, 503, 504})
# How a call may fail: Google refuses it, no answer comes, or the answer is cut short (ValueError).
ERRORS = (gspread.exceptions.APIError, RequestException, ValueError, KeyError, TypeError)


class Writer(Protocol):
    """A way to bring rows into a tab; any number of threads may call it."""

    taken: int
    dropped: int

    def take(self, row: Row) -> None:
        """Acknowledge a request, and do what the writer does at once."""

    def tick(self) -> None:
        """Do once what the writer does later."""

    @property
    def waiting(self) -> int:
        """How many acknowledged requests are still to be written."""


@dataclass
class _Base:
    sheet: gspread.Worksheet
    taken: int = 0
    dropped: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def waiting(self) -> int:
        return 0

    def tick(self) -> None:
        return

    def _count(self, *, dropped: bool = False) -> None:
        with self._lock:
            self.dropped += dropped
            self.taken += not dropped


@dataclass
class AppendOnce(_Base):
    """Calls gspread's `append_row` for each request when it arrives."""

    def take(self, row: Row) -> None:
        """Append the row; after an error the request is given up."""
        self._count()
        try:
            self.sheet.append_row(row)
        except ERRORS:
            self._count(dropped=True)


@dataclass
class AppendRetrying(_Base):
    """The same, but tries again after any error: five times, with longer and longer waits."""

    sleep: Callable[[float], object] = time.sleep
    jitter: Callable[[], float] = random.SystemRandom().random
    _busy: int = 0

    @property
    def waiting(self) -> int:
        """How many requests are being tried."""
        return self._busy

    def take(self, row: Row) -> None:
        """Append the row, again and again until an answer is good."""
        self._count()
        with self._lock:
            self._busy += 1
        try:
            self._append(row)
        finally:
            with self._lock:
                self._busy -= 1

    def _append(self, row: Row) -> None:
        for tried in range(TRIES):
            try:
                self.sheet.append_row(row)
            except ERRORS as error:
                if not _may_pass(error):
                    break
                if tried < TRIES - 1:
                    wait = min(LONGEST_WAIT, FIRST_WAIT * 2**tried)
                    self.sleep(wait * (0.5 + self.jitter()))
            else:
                return
        self._count(dropped=True)


@dataclass
class RowATick(_Base):
    """A queue; each tick reads the whole tab and appends the first row that is not in it.

    Tools with a queue work like this: two reads and a write for each row. To avoid writing a row
    twice, the tick looks for its reference in the sheet. If people have deleted the row, the tick
    writes it again. The queue may be shared, and may outlive a process.
    """

    queue: deque[Row] = field(default_factory=deque)

    @property
    def waiting(self) -> int:
        """How long the queue is."""
        return len(self.queue)

    def take(self, row: Row) -> None:
        """Keep the row in the queue."""
        self._count()
        self.queue.append(row)

    def tick(self) -> None:
        """Write the first row of the queue into the sheet; after an error it stays the first."""
        if not self.queue:
            return
        row = self.queue[0]
        try:
            header = self.sheet.row_values(1)
            column = header.index(TITLES.reference)
            there = {line[column] for line in self.sheet.get_all_values()}
            if row[column] not in there:
                self.sheet.append_row(row)
        except ERRORS:
            return
        with suppress(ValueError):  # another tick has removed the row at the same time
            self.queue.remove(row)


def open_tab(spreadsheet_id: str, api: str) -> gspread.Worksheet:
    """Open the tab Demandes through gspread alone.

    Without credentials, this cannot open a spreadsheet at Google.
    """
    credentials: Any = AnonymousCredentials()  # type: ignore[no-untyped-call]
    http = _LocalClient(credentials)
    http.api = api
    http.set_timeout((5, 30))
    client = gspread.Client(credentials)
    client.http_client = http
    return client.open_by_key(spreadsheet_id).worksheet(tab("requests").title)


def line(header: Sequence[str], reference: str, name: str) -> Row:
    """A row with reference and name in their columns, for the header as it is now."""
    cells = {TITLES.reference: reference, TITLES.name: name}
    return [cells.get(title, "") for title in header]


class _LocalClient(gspread.HTTPClient):
    api = ""

    def request(self, method: str, endpoint: str, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        there = endpoint.replace(GOOGLE_SHEETS_API, self.api, 1)
        return super().request(method, there, *args, **kwargs)


def _may_pass(error: Exception) -> bool:
    if isinstance(error, gspread.exceptions.APIError):
        return error.response.status_code in _RETRIED
    return True
