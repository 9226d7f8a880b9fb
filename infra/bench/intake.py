"""(b) What intake's code costs: beside an empty function under the same server."""

import tempfile
from pathlib import Path

from infra.bench.client import Sent, crowd
from infra.bench.report import Figure, Goal, median, percentile
from infra.bench.servers import THREADS, Running, function, settings

ROUNDS, REQUESTS, CLIENTS = 7, 1_000, 8
RATE, TAIL = 0.6, 2.5  # of the empty function's throughput, and of its p99


def measure(rounds: int = ROUNDS, requests: int = REQUESTS) -> Figure:
    """Alternate the two functions, each for so many requests."""
    sent: dict[str, list[Sent]] = {"empty": [], "intake": []}
    with tempfile.TemporaryDirectory() as folder:
        chosen = settings(Path(folder))
        with function("empty", {}) as empty, function("intake", chosen) as intake:
            for name, running in (("empty", empty), ("intake", intake)):
                crowd(running.port, CLIENTS * 10)  # what is made once is made now
                sent[name].clear()
            for number in range(rounds):
                sent["empty"].append(_round(empty, requests, number))
                sent["intake"].append(_round(intake, requests, number))
    rates = _ratios([one.rate for one in sent["intake"]], [one.rate for one in sent["empty"]])
    tails = _ratios(*([_p(one, 99) for one in sent[name]] for name in ("intake", "empty")))
    return Figure(
        "Intake's answer",
        f"{CLIENTS} clients with kept connections, {requests:,} submissions a round, {rounds} "
        f"rounds of each in turn; gunicorn with 1 worker and {THREADS} threads; the clients share "
        "the machine. Medians over the rounds; ratios are medians of the rounds' own. "
        + _PROTECTIONS,
        [
            ("function", "accepted/s", "p50, ms", "p99, ms"),
            *((name, *_cells(sent[name])) for name in ("empty", "intake")),
            ("ratio", f"{rates:.2f}", "", f"{tails:.2f}"),
        ],
        [
            Goal(
                "throughput, times the empty function's",
                f"≥ {RATE}",
                f"{rates:.2f}",
                rates >= RATE,
                _BOUND,
            ),
            Goal(
                "p99, times the empty function's",
                f"≤ {TAIL}",
                f"{tails:.2f}",
                tails <= TAIL,
                _BOUND,
            ),
        ],
    )


_BOUND = (
    "processor time and thread switches. The framework and its server take about 0.5 ms of "
    "processor time a request. Intake "
    "adds 0.2 to 0.35 ms in file calls (write, fsync, link, fsync of the folder, three looks for "
    "what may be there before), 0.2 to 0.3 ms of Python (0.13 of them validation, most of it the "
    "phone number's and the address's libraries), and a thread switch at each of these calls, "
    "while two cores serve the clients, too."
)
_PROTECTIONS = (
    "The callers have an API key. What proof of work, keys and rate limits cost them may be 15 % "
    "of the throughput: the ratio was 0.38 on 2026-11-24, before there were any, and 0.35 on "
    "2026-11-25 with them, 8 % less; these are two runs on different days, with other changes "
    "between them."
)


def _round(running: Running, requests: int, seed: int) -> Sent:
    sent = crowd(running.port, requests, CLIENTS, seed)
    assert not sent.refused, f"{sent.refused} refused"
    return sent


def _ratios(ours: list[float], theirs: list[float]) -> float:
    return median([one / other for one, other in zip(ours, theirs, strict=True)])


def _p(sent: Sent, percent: int) -> float:
    return percentile(sent.times, percent) * 1000


def _cells(sent: list[Sent]) -> tuple[str, str, str]:
    return (
        f"{median([one.rate for one in sent]):.0f}",
        f"{median([_p(one, 50) for one in sent]):.1f}",
        f"{median([_p(one, 99) for one in sent]):.1f}",
    )
