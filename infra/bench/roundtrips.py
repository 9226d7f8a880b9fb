"""(h) How many round trips an accepted request waits for, if each call of the journal is one."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from io import StringIO
from urllib.parse import urlencode

import altcha
from obstore.store import MemoryStore

from functions.intake.handler import Intake
from functions.shared.journal.store import First, RemoteJournal, Second
from functions.shared.web import FORM_TYPE, Call
from infra.bench.report import Figure, Goal, median
from infra.local.access import LOCAL_INTAKE, LOCAL_KEY

ROUNDS = 9
DELAY = 0.03  # seconds a call
WANTED = 3  # round trips in turn
_PERSON = {
    "first_name": "Ana",
    "last_name": "Martin",
    "email": "ana.martin@example.org",
    "projects.0.type": "employment",
}
_REQUEST = {
    "first_name": "Ana",
    "last_name": "Martin",
    "email": "ana.martin@example.org",
    "projects": [{"type": "employment"}],
}


class Far(RemoteJournal):
    """A journal whose calls take `DELAY` each. It counts how many came one after the other."""

    def __init__(self) -> None:
        super().__init__(MemoryStore())
        self._thread = threading.local()

    @property
    def in_turn(self) -> int:
        """How many calls this thread has waited for, one after the other."""
        return getattr(self._thread, "in_turn", 0)

    def _wait(self) -> None:
        self._thread.in_turn = self.in_turn + 1
        time.sleep(DELAY)

    def create(self, key: str, body: bytes) -> bool:
        """See Journal."""
        self._wait()
        return super().create(key, body)

    def read(self, key: str) -> bytes | None:
        """See Journal."""
        self._wait()
        return super().read(key)

    def both(
        self, first: Callable[[], First], second: Callable[[], Second]
    ) -> tuple[First, Second]:
        """See Journal."""
        before = self.in_turn

        def beside() -> tuple[Second, int]:
            self._thread.in_turn = before
            return second(), self.in_turn

        first_result, (other, waited) = super().both(first, beside)
        self._thread.in_turn = max(self.in_turn, waited)
        return first_result, other


def measure(rounds: int = ROUNDS) -> Figure:
    """Send new requests of each kind."""
    senders: Mapping[str, Callable[[Intake], Call]] = {
        "the form's script, with a proof of work": _from_browser,
        "the form without a script": lambda _: _form(_PERSON),
        "a program with an API key and no idempotency key": _from_program,
    }
    journal = Far()
    lines, most = [], 0
    for kind, sender in senders.items():
        times, turns = [], []
        for _ in range(rounds):
            intake = Intake(journal, LOCAL_INTAKE)  # whose limits have counted nobody yet
            took, in_turn = _answered(intake, journal, sender)
            times.append(took * 1000)
            turns.append(in_turn)
        most = max(most, *turns)
        lines.append((kind, str(max(turns)), f"{median(times):.0f}", f"{max(times):.0f}"))
    return Figure(
        "Round trips to the object store",
        f"New requests through intake's own code in this process, {rounds} of each kind, with a "
        f"journal whose calls take {DELAY * 1000:.0f} ms each. Two calls at the same time count "
        "once.",
        [("sent by", "round trips in turn, most", "answer: median, ms", "max, ms"), *lines],
        [
            Goal(
                "round trips in turn for an accepted request",
                f"≤ {WANTED}",
                str(most),
                most <= WANTED,
            )
        ],
    )


def _answered(intake: Intake, journal: Far, sender: Callable[[Intake], Call]) -> tuple[float, int]:
    """Seconds until a new request is accepted, and round trips in turn."""
    call, before = sender(intake), journal.in_turn
    with redirect_stdout(StringIO()):
        start = time.perf_counter()
        answer = intake(call)
        took = time.perf_counter() - start
    assert answer.status == 202, answer.body  # noqa: PLR2004  (accepted)
    return took, journal.in_turn - before


def _from_browser(intake: Intake) -> Call:
    asked = intake(Call("GET", {}, {}, b"", "/challenge"))
    challenge = altcha.Challenge.from_dict(json.loads(asked.body))
    solution = altcha.solve_challenge(challenge)
    assert solution
    return _form(_PERSON | {"altcha": altcha.Payload(challenge, solution).to_base64()})


def _from_program(_: Intake) -> Call:
    headers = {"content-type": "application/json", "x-api-key": LOCAL_KEY}
    return Call("POST", headers, {}, json.dumps(_REQUEST).encode())


def _form(fields: Mapping[str, str]) -> Call:
    return Call("POST", {"content-type": FORM_TYPE}, {}, urlencode(fields).encode())
