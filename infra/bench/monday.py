"""(l) Monday's mails: out of a long sheet, and to many people through an account with a limit."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import requests
from aiosmtpd.controller import Controller

from functions.digest.weeks import last_week
from functions.shared.mail.mailer import MOST_A_SECOND
from functions.shared.sheets.encode import insert_rows
from functions.shared.sheets.google import GoogleWorkbook
from infra.bench.report import Figure, Goal
from infra.bench.servers import Running, free_port, function, settings
from infra.bench.sheet import Classeur, classeur
from infra.bench.sizes import fill

ROWS, PEOPLE = 100_000, 300
OWN_WORK = 2.0  # seconds of processor time
READER = "lecture@example.org"
_CALLS = 2  # of one read
_READY = 405  # what digest answers to GET


@dataclass
class _Relay:
    """A mail server that takes everything, and notes when."""

    times: list[float] = field(default_factory=list)

    async def handle_DATA(self, *_: object) -> str:  # noqa: N802  (aiosmtpd's name)
        """Take a mail."""
        self.times.append(time.monotonic())
        return "250 OK"

    def most_in_a_second(self) -> int:
        """How many mails came within any second."""
        return max(sum(at <= other < at + 1 for other in self.times) for at in self.times)


def measure(rows: int = ROWS, people: int = PEOPLE) -> Figure:
    """Mail one coordinator out of a long sheet, then many people, then all of them again."""
    reads, own, seconds, memory = _long(rows)
    relay, took, again = _many(people)
    sent, peak = len(relay.times) - again, relay.most_in_a_second()
    return Figure(
        "Monday's mails",
        f"digest in its own process. First the mail of one coordinator out of {rows:,} rows: work "
        "is processor time of the whole call, after a call that loaded the code; memory is the "
        "most that the process ever had. Its one read is two calls, for cells and for plain "
        f"values. Then a mail to each of {people} coordinators and to the referents with something "
        "to do, through an SMTP server on this machine, and the same call again.",
        [
            ("", "calls that read", "work, s", "seconds", "memory, MB", "mails", "most in 1 s"),
            (
                f"{rows:,} rows",
                str(reads),
                f"{own:.1f}",
                f"{seconds:.1f}",
                f"{memory:.0f}",
                "1",
                "",
            ),
            (f"{people} coordinators", "", "", f"{took:.1f}", "", str(sent), str(peak)),
            ("the same again", "", "", "", "", str(again), ""),
        ],
        [
            Goal(
                f"a digest of {rows:,} rows, calls of its one read",
                str(_CALLS),
                str(reads),
                reads == _CALLS,
            ),
            Goal(
                f"a digest of {rows:,} rows, own work",
                f"≤ {OWN_WORK:g} s",
                f"{own:.1f} s, {memory:.0f} MB",
                own <= OWN_WORK,
                "a third of it is reading Google's answer, a quarter making requests of its rows",
            ),
            Goal(
                f"mails to {people} people and more, most in a second",
                f"≤ {MOST_A_SECOND:.0f}",
                str(peak),
                peak <= MOST_A_SECOND and sent >= people,
            ),
            Goal("the same call again, mails", "0", str(again), again == 0),
        ],
    )


def _long(rows: int) -> tuple[int, float, float, float]:
    """Reads, processor time, seconds and megabytes of one mail out of so many rows."""
    with _monday() as (sheet, digest, _):
        _add_coordinators(sheet.open(), 1)
        # A preview goes to one person. It can be asked for once, so the first call is refused.
        _call(digest, preview="personne@example.org")
        fill(sheet.open(), rows)
        sheet.gate.stats.reset()
        before, start = digest.processor(), time.perf_counter()
        counts = _call(digest, preview=READER)
        took = time.perf_counter() - start
        if counts.get("sent") != 1:
            raise RuntimeError(f"Not what was to be measured: {counts}")
        return sheet.gate.stats.reads, digest.processor() - before, took, digest.most_memory()


def _many(people: int) -> tuple[_Relay, float, int]:
    """The relay, the seconds of the first call, and how many mails a second call sent."""
    with _monday() as (sheet, digest, relay):
        _add_coordinators(sheet.open(), people)
        start = time.perf_counter()
        counts = _call(digest)
        took, sent = time.perf_counter() - start, len(relay.times)
        if counts.get("sent") != sent:
            raise RuntimeError(f"Not what was to be measured: {counts}")
        _call(digest)
        return relay, took, len(relay.times) - sent


@contextmanager
def _monday() -> Iterator[tuple[Classeur, Running, _Relay]]:
    relay = _Relay()
    port = free_port()
    server = Controller(relay, hostname="127.0.0.1", port=port)
    server.start()
    try:
        with classeur() as sheet, TemporaryDirectory() as home:
            mail = {"ACCUEIL_MAIL": f"smtp://127.0.0.1:{port}?tls=optional"}
            chosen = settings(Path(home), sheet.url) | mail
            with function("digest", chosen, _READY) as digest:
                yield sheet, digest, relay
    finally:
        server.stop()


def _add_coordinators(workbook: GoogleWorkbook, count: int) -> None:
    names = [READER, *(f"personne{number}@example.org" for number in range(1, count))]
    rows = [{"name": name.partition("@")[0], "email": name} for name in names]
    seen = workbook.read({"coordination": "end"})
    workbook.batch_update(insert_rows("coordination", rows, seen))


def _call(digest: Running, **more: str) -> dict[str, int]:
    """Call digest about the last week; its answer."""
    week = last_week(datetime.now(UTC)).name
    answer = requests.post(digest.url, json={"week": week, **more}, timeout=600)
    counts: dict[str, int] = json.loads(answer.text)
    return counts
