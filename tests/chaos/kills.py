"""Real deaths: processes of intake and route are killed under load, at moments of chance."""

import hashlib
import socket
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import requests

from functions.shared.journal.store import open_journal
from infra.emulator.app import create_app
from infra.emulator.misbehaviour.conduct import Misbehaviour
from infra.emulator.misbehaviour.latency import Latency
from infra.emulator.server import serving
from infra.local.stack import settings
from tests.chaos.processes import Function
from tests.chaos.site import Site
from tests.support import ANA, API_KEY

CLIENTS = 4


@dataclass
class Load:
    """Applicants who send again, with their key, until they have an answer; and notifications."""

    intake: str
    route: str
    stop: threading.Event = field(default_factory=threading.Event)
    accepted: dict[str, str] = field(default_factory=dict)  # reference by e-mail
    other: Counter = field(default_factory=Counter)  # what else was answered

    def run(self) -> list[threading.Thread]:
        """Begin."""
        threads = [
            *(threading.Thread(target=self._apply, args=(number,)) for number in range(CLIENTS)),
            threading.Thread(target=self._notify),
        ]
        for thread in threads:
            thread.start()
        return threads

    def _apply(self, client: int) -> None:
        number = 0
        while not self.stop.is_set():
            number += 1
            email = f"p{client}x{number}@example.org"
            body = ANA | {"last_name": f"Martin {client}x{number}", "email": email}
            for _ in range(6):
                try:
                    answer = requests.post(
                        self.intake,
                        json=body,
                        headers=API_KEY | {"Idempotency-Key": email},
                        timeout=10,
                    )
                except requests.RequestException as error:
                    self.other[type(error).__name__] += 1
                    time.sleep(0.2)
                    continue
                if answer.status_code == 202:
                    self.accepted[email] = answer.json()["reference"]
                    break
                self.other[answer.status_code] += 1
            time.sleep(0.15)

    def _notify(self) -> None:
        turn = 0
        while not self.stop.is_set():
            turn += 1
            try:
                requests.post(f"{self.route}?sweep={'true' if turn % 10 == 0 else ''}", timeout=60)
            except requests.RequestException as error:
                self.other[f"route: {type(error).__name__}"] += 1
            time.sleep(0.1)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def run(folder: Path, kills: int, seed: int) -> Counter:
    """Kill processes under load; gives how many, and what was lost or doubled.

    The journal is on this disk and fsynced, the Sheets API slow, so that calls are on their way
    when their process dies.
    """
    random, site = Random(seed), Site()
    site.conduct = None
    with serving(create_app(site.store, gate=site)) as site.url:
        site.furnish()
        name = site.open()
        site.conduct = Misbehaviour(site.store, seed=seed)
        site.conduct.latency = Latency(20, 120)
        chosen = settings(folder, "http://127.0.0.1") | {
            "ACCUEIL_SPREADSHEET": name,
            "ACCUEIL_SHEETS_API": site.url,
        }
        functions = [
            Function(name, free_port(), chosen, folder / f"{name}.log")
            for name in ("intake", "route")
        ]
        try:
            return _kill(functions, random, kills, folder, site, name)
        finally:
            for function in functions:
                function.stop()


def _kill(
    functions: list[Function], random: Random, kills: int, folder: Path, site: Site, name: str
) -> Counter:
    for function in functions:
        function.wait()
    load = Load(*(function.url for function in functions))
    threads = load.run()
    done = 0
    while done < kills:
        function = random.choice(functions)
        function.wait()
        time.sleep(random.uniform(0, 0.4))
        done += function.kill()
        if done % 25 == 0:
            print(f"  {done} kills, {len(load.accepted)} accepted", flush=True)
    load.stop.set()
    for thread in threads:
        thread.join()
    route = functions[1]
    route.wait()
    for _ in range(60):
        answer = requests.post(route.url, timeout=120)
        journal = open_journal((folder / "journal").as_uri())
        if answer.status_code == 200 and not journal.keys("pending/"):
            break
        time.sleep(0.5)
    return _count(load, folder, site, name, done)


def _count(load: Load, folder: Path, site: Site, name: str, done: int) -> Counter:
    journal = open_journal((folder / "journal").as_uri())
    sheet = next(sheet for sheet in site.store.file(name).book.sheets if sheet.title == "Demandes")
    rows = Counter(
        str(value)
        for row in sheet.grid.rows
        for value in row.values.values()
        if str(value).endswith("@example.org")
    )
    recorded = {
        key.partition("/")[2]
        for prefix in ("filed/", "pending/", "quarantine/")
        for key in journal.keys(prefix)
    }
    return Counter(
        kills=done,
        accepted=len(load.accepted),
        unanswered=sum(load.other.values()),
        rows=sum(rows.values()),
        missing=sum(rows[email] == 0 for email in load.accepted),
        doubled=sum(count - 1 for count in rows.values() if count > 1),
        unrecorded=sum(
            hashlib.sha256(f"local\0{email}".encode()).hexdigest() not in recorded
            for email in load.accepted
        ),
    )
