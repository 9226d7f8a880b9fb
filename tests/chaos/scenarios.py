"""Figures of the scorecard (lines 3, 6, 7, 8, 9, 15), each measured in a world of its own."""

import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

import requests

from infra.emulator.app import create_app
from infra.emulator.misbehaviour.conduct import Misbehaviour
from infra.emulator.misbehaviour.latency import Latency
from infra.emulator.misbehaviour.quota import Quota
from infra.emulator.misbehaviour.rules import Rule
from infra.emulator.server import serving
from infra.local.stack import settings
from tests.chaos.kills import free_port
from tests.chaos.ledger import WrongError
from tests.chaos.processes import Function
from tests.chaos.site import Site
from tests.chaos.world import World
from tests.support import ANA, API_KEY

SWEEP = 300  # seconds between two sweeps, as deployed


def lost_answers(site: Site, probability: float, count: int = 60) -> int:
    """Rows lost or doubled where so many of the writes are committed and not answered."""
    world = World(site)
    world.conduct.faults = [Rule("no_answer", on="write", probability=probability, seconds=1)]
    for wish in range(count):
        world.submit(wish)
        world.drain(wish % 2, sweep=False)
    wrongs = _wrongs(world)
    world.close()
    return wrongs


def outage(site: Site, hours: int = 24) -> tuple[int, int]:
    """Sheets is down for a day: how many requests came meanwhile, and how many were lost.

    A request comes every ten minutes, and is notified; a sweep every five.
    """
    world = World(site)
    world.conduct.faults = [Rule("503", on="any")]
    for minute in range(0, hours * 60, 5):
        if minute % 10 == 0:
            world.submit(minute // 10)
            world.drain(0, sweep=False)
        world.drain(1, sweep=True)
        world.wait(300)
    count, wrongs = len(world.ledger.sent), _wrongs(world)
    world.close()
    return count, wrongs


def rush(site: Site, minutes: int = 3) -> tuple[int, int]:
    """Five requests a second, under Google's quota: write calls a minute at most, and 429s."""
    world = World(site)
    world.conduct.quota = Quota()
    for second in range(minutes * 60):
        for wish in range(5):
            world.submit(wish)
        world.drain(0, sweep=second % 60 == 0)
        world.wait(1)
    peak, refused = world.conduct.stats.writes_peak, sum(world.conduct.stats.refused.values())
    world.close()
    return peak, refused


def unnotified(site: Site, seed: int, hours: int = 12) -> tuple[float, float]:
    """Every notification is lost: seconds (simulated) from 202 to row and mails, p50 and max.

    Requests come at random moments, a sweep every five minutes; Sheets answers as it does. What
    comes while a sweep is at work waits for the next one.
    """
    world, random = World(site, seed), Random(seed)
    world.conduct.latency = Latency(250, 1_500)
    begin = world.seconds()
    moments = sorted(random.uniform(0, hours * 3600 - SWEEP) for _ in range(hours * 15))
    accepted: dict[str, float] = {}
    for due in range(SWEEP, hours * 3600 + 1, SWEEP):
        while moments and begin + moments[0] <= begin + due:
            moment = begin + moments.pop(0)
            world.wait(max(0, moment - world.seconds()))
            world.submit(random.randrange(3))
            accepted[next(reversed(world.ledger.sent))] = moment
        world.wait(max(0, begin + due - world.seconds()))
        world.drain(0, sweep=True)
    waits = [
        max(
            world.ledger.told_at(sent.reference, world.addresses[name])
            for name in (sent.lead, *sent.others)
        )
        - accepted[sent.email]
        for sent in world.ledger.sent.values()
    ]
    world.close()
    return _middle(waits)


def backlog(site: Site, count: int = 1_000) -> float:
    """Seconds (of this machine's clock) until a backlog is in the sheet, under the real quota."""
    world = World(site)
    for wish in range(count):
        world.submit(wish)
    real = Misbehaviour(site.store)
    real.quota, real.latency = Quota(), Latency(250, 1_500)
    site.conduct = world.conduct = real
    start = time.perf_counter()
    while world.journal.keys("pending/"):
        world.drain(0, sweep=False)
    seconds = time.perf_counter() - start
    real.latency = real.quota = None
    world.close()
    return seconds


def _wrongs(world: World) -> int:
    try:
        world.rest()
    except WrongError as error:
        print(f"  {error}")
        return len(error.wrongs)
    return 0


@dataclass
class Waits:
    """Seconds: intake's p99 with Sheets up and down; from 202 to the row there and the mail out."""

    up: float = 0
    down: float = 0
    lone: tuple[float, float] = (0, 0)
    cold: tuple[float, float] = (0, 0)


def waits(folder: Path, seed: int, rounds: int = 15) -> Waits:
    """Measure real processes; Sheets answers after 250 ms (p50)."""
    site, waiting = Site(), Waits()
    with serving(create_app(site.store, gate=site)) as site.url:
        site.furnish()
        name = site.open()
        site.conduct = Misbehaviour(site.store, seed=seed)
        site.conduct.latency = Latency(250, 1_500)
        chosen = settings(folder, "http://127.0.0.1") | {
            "ACCUEIL_SPREADSHEET": name,
            "ACCUEIL_SHEETS_API": site.url,
        }
        intake = Function("intake", free_port(), chosen, folder / "intake.log")
        route = Function("route", free_port(), chosen, folder / "route.log")
        try:
            intake.wait()
            route.wait()
            waiting.lone = _middle([_told(intake, route, folder) for _ in range(rounds)])
            route.stop()
            waiting.cold = _middle([_cold(intake, chosen, folder) for _ in range(5)])
            waiting.up = _p99(intake, 300)
            site.conduct.faults = [Rule("503", on="any")]
            waiting.down = _p99(intake, 300)
        finally:
            intake.stop()
            route.stop()
    return waiting


def _told(intake: Function, route: Function, folder: Path) -> float:
    """From the 202 until route, once notified, has written the row and sent the mail."""
    time.sleep(1.5)  # alone: the last write is long ago
    for mark in (folder / "journal" / "mailed").glob("*"):
        mark.unlink()  # and so is the referent's last mail
    before = len(list((folder / "mail").glob("*.eml")))
    requests.post(intake.url, json=ANA, headers=API_KEY, timeout=10).raise_for_status()
    start = time.perf_counter()
    requests.post(route.url, timeout=120).raise_for_status()
    assert len(list((folder / "mail").glob("*.eml"))) > before
    return time.perf_counter() - start


def _cold(intake: Function, chosen: Mapping[str, str], folder: Path) -> float:
    """The same, and the start of route's process."""
    start = time.perf_counter()
    route = Function("route", free_port(), chosen, folder / "route.log")
    try:
        route.wait()
        begun = time.perf_counter() - start
        return begun + _told(intake, route, folder)
    finally:
        route.stop()


def _p99(intake: Function, count: int) -> float:
    times, random = [], Random(1)
    with requests.Session() as session:
        for _ in range(count):
            body = ANA | {"last_name": f"Martin {random.random()}"}
            start = time.perf_counter()
            session.post(intake.url, json=body, headers=API_KEY, timeout=10).raise_for_status()
            times.append(time.perf_counter() - start)
    return statistics.quantiles(times, n=100)[98]


def _middle(times: list[float]) -> tuple[float, float]:
    return statistics.median(times), max(times)
