"""intake and route as deployed, each in its process, and the notifications between them."""

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from infra.bench.servers import Running, function, settings
from infra.bench.sheet import Classeur, classeur
from infra.local.triggers import Triggers

_LOOK = 0.01  # seconds between two looks at the sheet or the outbox
_ROUTE_READY = 405  # what route answers to GET


@dataclass
class System:
    """The running system. `route` starts at its first call, and again after `stop_route`."""

    sheet: Classeur
    home: Path
    intake: Running
    _route: Running | None = None
    _ending: ExitStack = field(default_factory=ExitStack)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def call_route(self, path: str = "/route", body: dict[str, Any] | None = None) -> None:
        """Call route as a notification or the schedule does; `path` may end with ?sweep=true."""
        route = self.start_route()
        try:
            requests.post(route.url + path.removeprefix("/route"), json=body, timeout=120)
        except requests.RequestException:
            return  # the call is lost; the next sweep makes up for it

    def start_route(self) -> Running:
        """Start route if it does not run."""
        with self._lock:
            if not self._route:
                chosen = settings(self.home, self.sheet.url)
                starting = function("route", chosen, _ROUTE_READY)
                self._route = self._ending.enter_context(starting)
            return self._route

    def stop_route(self) -> None:
        """Stop route, as the platform stops an instance."""
        with self._lock:
            self._ending.close()
            self._route = None

    @property
    def pending(self) -> int:
        """How many entries wait in the journal."""
        return len(list((self.home / "journal" / "pending").glob("*")))

    @property
    def mails(self) -> int:
        """How many mails were sent."""
        return len(list((self.home / "mail").glob("*.eml")))

    def forget_mails(self) -> None:
        """Let nobody have got a mail lately: the next one leaves at once."""
        for note in (self.home / "journal" / "mailed").glob("*"):
            note.unlink()

    @contextmanager
    def triggers(self, **options: Any) -> Iterator[None]:  # noqa: ANN401  (those of Triggers)
        """Let notifications and the schedule call route; see Triggers."""
        running = Triggers(self.home / "journal", self.call_route, **options)
        running.start()
        try:
            yield
        finally:
            running.stop()


@contextmanager
def system(*, seed_of_chance: int = 1) -> Iterator[System]:
    """A fresh system, whose spreadsheet behaves well until it is told otherwise."""
    with (
        tempfile.TemporaryDirectory() as folder,
        classeur(seed_of_chance=seed_of_chance) as sheet,
        function("intake", settings(Path(folder))) as intake,
    ):
        made = System(sheet, Path(folder), intake)
        try:
            yield made
        finally:
            made.stop_route()


def wait_until(there: Callable[[], bool], patience: float) -> float | None:
    """The moment of the monotonic clock at which something is there; None if it never comes."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if there():
            return time.monotonic()
        time.sleep(_LOOK)
    return None
