"""(b) What intake's code costs, beside the least durable function under the same server."""

import json
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

import jsonschema_rs
from jsonschema import Draft202012Validator

from functions.intake.messages import SCHEMA
from infra.bench.client import Sent, crowd
from infra.bench.report import Figure, Goal, median, percentile
from infra.bench.servers import BASELINES, Running, function, settings
from infra.local.demo import submissions

ROUNDS, REQUESTS, CLIENTS = 7, 1_000, 8
RATE, TAIL = 0.75, 1.5  # of the least durable function's throughput, and of its p99
_NAMES = (*BASELINES, "intake")


def measure(rounds: int = ROUNDS, requests: int = REQUESTS) -> Figure:
    """Alternate the three functions, each for so many requests."""
    sent: dict[str, list[Sent]] = {name: [] for name in _NAMES}
    with tempfile.TemporaryDirectory() as folder:
        homes = {name: Path(folder) / name for name in _NAMES}
        with (
            function("empty", settings(homes["empty"])) as empty,
            function("durable", settings(homes["durable"])) as durable,
            function("intake", settings(homes["intake"])) as intake,
        ):
            running = {"empty": empty, "durable": durable, "intake": intake}
            for server in running.values():
                crowd(server.port, CLIENTS * 10)  # the first calls make objects that later ones use
            for number in range(rounds):
                for name, server in running.items():
                    sent[name].append(_round(server, requests, number))
    rates = {name: _ratios(_rates(sent["intake"]), _rates(sent[name])) for name in BASELINES}
    tails = {name: _ratios(_tails(sent["intake"]), _tails(sent[name])) for name in BASELINES}
    return Figure(
        "Intake's answer",
        f"{CLIENTS} clients with kept connections, {requests:,} submissions a round, {rounds} "
        "rounds of each in turn; the clients share the machine. Medians over the rounds; ratios "
        "are medians of the rounds' own. The empty function answers 200; the least durable one "
        "(infra/bench/durable.py) parses JSON, creates one file with an fsync of file and folder, "
        "and answers 202. Intake's callers have an API key.",
        [
            ("function", "accepted/s", "p50, ms", "p99, ms"),
            *((name, *_cells(sent[name])) for name in _NAMES),
            *(
                (f"intake / {name}", f"{rates[name]:.2f}", "", f"{tails[name]:.2f}")
                for name in BASELINES
            ),
        ],
        [
            Goal(
                "throughput, times the least durable function's",
                f"≥ {RATE}",
                f"{rates['durable']:.2f}",
                rates["durable"] >= RATE,
                _BOUND,
            ),
            Goal(
                "p99, times the least durable function's",
                f"≤ {TAIL}",
                f"{tails['durable']:.2f}",
                tails["durable"] <= TAIL,
                _BOUND,
            ),
        ],
        [validators()],
    )


def validators(requests: int = REQUESTS) -> str:
    """What the second validator of the same schema buys, measured in this run."""
    asked = list(submissions(requests, Random(1)))
    quick = _each(jsonschema_rs.Draft202012Validator(SCHEMA).is_valid, asked)
    explaining = _each(Draft202012Validator(SCHEMA).is_valid, asked)
    body = _each(json.loads, [json.dumps(submission) for submission in asked])
    return (
        "Whether a submission keeps to its schema takes jsonschema, whose errors can be told to "
        f"people, {explaining:.0f} µs of processor time, and jsonschema-rs {quick:.0f} µs (parsing "
        f"its JSON takes {body:.0f} µs). So jsonschema-rs answers for the valid ones, and "
        "jsonschema explains what is wrong with the others."
    )


_BOUND = (
    "processor time of Python, which one process gives to one thread at a time. Beyond what the "
    "least durable function does, intake reads and checks what was sent, draws a reference and "
    "looks whether it is free, hashes what it keeps, gives its file its name only once it is "
    "whole, and writes a line of log."
)


def _round(running: Running, requests: int, seed: int) -> Sent:
    sent = crowd(running.port, requests, CLIENTS, seed)
    assert not sent.refused, f"{sent.refused} refused"
    return sent


def _each(act: Callable[[Any], object], things: Sequence[Any], rounds: int = 5) -> float:
    """Microseconds of processor time for each thing, in the quickest of some rounds."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        for thing in things:
            act(thing)
        times.append(time.process_time() - start)
    return min(times) / len(things) * 1e6


def _ratios(ours: Sequence[float], theirs: Sequence[float]) -> float:
    return median([mine / other for mine, other in zip(ours, theirs, strict=True)])


def _rates(sent: Sequence[Sent]) -> list[float]:
    return [burst.rate for burst in sent]


def _tails(sent: Sequence[Sent], percent: int = 99) -> list[float]:
    """The given percentile of the answer times of each burst, in milliseconds."""
    return [percentile(burst.times, percent) * 1000 for burst in sent]


def _cells(sent: Sequence[Sent]) -> tuple[str, str, str]:
    return (
        f"{median(_rates(sent)):.0f}",
        f"{median(_tails(sent, 50)):.1f}",
        f"{median(_tails(sent)):.1f}",
    )
