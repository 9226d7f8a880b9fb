"""(f) The time from the 202 until the row is visible and the referent is told, for one request."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

from infra.bench.client import send
from infra.bench.report import Figure, Goal, median
from infra.bench.sheet import like_google
from infra.bench.system import System, system, wait_until
from sheets_schema.place import PLACE

ROUNDS = 7
SWEEP = 21.0  # seconds between two sweeps where notifications are lost
WANTED = 3.0  # seconds, p50 of a lone request
_QUIET = 1.5  # seconds between two requests, so that each is alone
_PATIENCE = 60.0
_BODY = json.dumps(
    {
        "first_name": "Ana",
        "last_name": "Martin",
        "email": "ana.martin@example.org",
        "projects": [{"type": "employment"}],
        "target": {"communes": [PLACE.example_commune]},
    }
).encode()


@dataclass(frozen=True)
class Delays:
    """Seconds from the 202 until the row is visible, and until the mail is sent."""

    visible: float
    mailed: float


def measure(rounds: int = ROUNDS, sweep: float = SWEEP) -> Figure:
    """Send lone requests: to a warm route, to a new one, and without notifications."""
    with system(seed_of_chance=5) as running:
        running.start_route()
        like_google(running.sheet.gate)
        with running.triggers(sweep=3600):
            send_alone(running)  # the first call of a process meets cold code
            warm = [send_alone(running) for _ in range(rounds)]
            cold = []
            for _ in range(rounds):
                running.stop_route()
                cold.append(send_alone(running))
        running.start_route()
        with running.triggers(sweep=sweep, notify=False):
            lost = [send_alone(running, pause=_QUIET + sweep * n / rounds) for n in range(rounds)]
    kinds = {"warm": warm, "after a cold start of route": cold, "notification lost": lost}
    ours, worst = median(_delays(warm, mailed=True)), max(_delays(lost, mailed=True))
    bound = sweep + WANTED
    return Figure(
        "A lone request, from the 202 to the row and the mail",
        f"{rounds} requests of each kind, alone; answers of the Sheets API in 250 ms (p50) to "
        "1.5 s (p99), under Google's quotas. Notifications come within 0.2 s; where they are lost, "
        f"a sweep comes every {sweep:g} s here (every few minutes where deployed).",
        [
            ("kind", "row visible: p50, s", "max, s", "referent told: p50, s", "max, s"),
            *((kind, *_cells(times)) for kind, times in kinds.items()),
        ],
        [
            Goal(
                "lone request, referent told, p50",
                f"≤ {WANTED:g} s",
                f"{ours:.2f} s",
                ours <= WANTED,
            ),
            Goal(
                "notification lost, referent told, max",
                f"≤ {bound:g} s (the sweep and {WANTED:g} s)",
                f"{worst:.2f} s",
                worst <= bound,
            ),
        ],
    )


def send_alone(running: System, pause: float = _QUIET) -> Delays:
    """Send one request and wait for its row and for its mail.

    Raises:
        RuntimeError: the row or the mail does not come.
    """
    time.sleep(pause)
    running.forget_mails()
    mails = running.mails
    sent = send(running.intake.port, [_BODY], clients=1)
    (reference,) = sent.references
    visible = wait_until(lambda: reference in running.sheet.references(assigned=True), _PATIENCE)
    mailed = wait_until(lambda: running.mails > mails, _PATIENCE)
    if visible is None or mailed is None:
        raise RuntimeError("A request was acknowledged, and nobody was told.")
    return Delays(visible - sent.ended, mailed - sent.ended)


def _delays(times: Sequence[Delays], *, mailed: bool) -> list[float]:
    return [delays.mailed if mailed else delays.visible for delays in times]


def _cells(times: Sequence[Delays]) -> tuple[str, ...]:
    return tuple(
        f"{of(_delays(times, mailed=mailed)):.2f}"
        for mailed in (False, True)
        for of in (median, max)
    )
