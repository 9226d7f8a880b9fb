"""(k) The time from a referent's tap in a mail until the cell of the sheet has changed."""

import re
import time
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import requests

from functions.shared.links import ANSWER_PAGE, LABELS
from infra.bench.lone import send_alone
from infra.bench.report import Figure, Goal, median
from infra.bench.sheet import like_google
from infra.bench.system import System, system, wait_until
from sheets_schema.schema import vocabulary

ROUNDS = 7
WANTED = 3.0  # seconds, p50 of a warm route
_PATIENCE = 60.0
_LINK = re.compile(rf"{LABELS['called']} : \S+{ANSWER_PAGE}\?(\S+)")
_AFTER = vocabulary("status")["in_progress"]


def measure(rounds: int = ROUNDS) -> Figure:
    """Answer from mails by « J'ai appelé », one after the other."""
    with system(seed_of_chance=6) as running:
        running.start_route()
        like_google(running.sheet.gate)
        with running.triggers(sweep=3600):
            _tap(running)  # the first call of a process meets cold code
            # The first look at a sheet only remembers what stands there.
            taps = [_tap(running) for _ in range(rounds)]
    ours = median(taps)
    return Figure(
        "A tap in a referent's mail, until the cell has changed",
        f"{rounds} requests; each time the mail about it comes, its « {LABELS['called']} » is "
        "pressed on the page of intake, and route is told within 0.2 s. Answers of the Sheets API "
        "in 250 ms (p50) to 1.5 s (p99), under Google's quotas.",
        [
            ("", "p50, s", "max, s"),
            ("from the page's answer to the cell", f"{ours:.2f}", f"{max(taps):.2f}"),
        ],
        [
            Goal(
                "a tap in a mail, cell changed, p50",
                f"≤ {WANTED:g} s",
                f"{ours:.2f} s",
                ours <= WANTED,
                "a sweep reads, writes a token and replaces it: several answers of Google in turn",
            )
        ],
    )


def _tap(running: System) -> float:
    """Seconds from the answer of the page until the cell says what was answered.

    Raises:
        RuntimeError: the page does not take the answer, or the cell does not change.
    """
    known = set(_mails(running.home))
    send_alone(running)
    running.call_route("/route?sweep=true")  # a request is known once a sweep has seen its row
    # The applicant gets a mail, too, from which nobody answers so.
    links = [link for mail in set(_mails(running.home)) - known if (link := _link(mail))]
    if not links:
        raise RuntimeError("No mail about a request offers an answer.")
    before = running.sheet.statuses().count(_AFTER)
    answer = requests.post(f"{running.intake.url}{ANSWER_PAGE}?{links[0]}", timeout=_PATIENCE)
    start = time.monotonic()
    changed = wait_until(lambda: running.sheet.statuses().count(_AFTER) > before, _PATIENCE)
    if not answer.ok or changed is None:
        raise RuntimeError(f"An answer ({answer.status_code}) changed nothing.")
    return changed - start


def _link(mail: Path) -> str:
    """What follows the page's address where a mail offers the answer; "" if it does not."""
    body = message_from_bytes(mail.read_bytes(), policy=default).get_body(("plain",))
    link = _LINK.search(body.get_content() if body else "")
    return link[1] if link else ""


def _mails(home: Path) -> list[Path]:
    return list((home / "mail").glob("*.eml"))
