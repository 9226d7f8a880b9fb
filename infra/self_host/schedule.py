"""Calls route and digest at their times, where no cloud does it (docs/self-host.md).

It runs in the image of the functions, beside them, and imports nothing of theirs.

Usage: schedule.py            call for ever
       schedule.py ADDRESS    call one of the addresses now, `http://digest:8080/` for example
"""

import json
import signal
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

ROUTE, SWEEP = "http://route:8080/", "http://route:8080/?sweep=true"
DIGEST = "http://digest:8080/"
_PARIS = ZoneInfo("Europe/Paris")
_MINUTE = timedelta(minutes=1)
_SWEEP_EVERY = 5  # minutes
_DIGEST_HOUR = 7  # of Mondays
_DIGEST_EVERY = 15  # minutes: if a call fails, the next one sends what is missing and nothing twice
_PATIENCE = 600  # seconds
_LONGEST_MISSED = timedelta(hours=12)


def due(last: datetime, now: datetime) -> list[str]:
    """The addresses to call at `now` if they were last called at `last`; each once.

    A call may last for minutes, and the machine may sleep. So what fell due meanwhile is due now.
    """
    addresses: set[str] = set()
    for minute in _minutes(max(last, now - _LONGEST_MISSED), now):
        addresses.add(SWEEP if minute.minute % _SWEEP_EVERY == 0 else ROUTE)
        local = minute.astimezone(_PARIS)
        monday_morning = local.weekday() == 0 and local.hour == _DIGEST_HOUR
        if monday_morning and local.minute % _DIGEST_EVERY == 0:
            addresses.add(DIGEST)
    if SWEEP in addresses:  # it files what is pending, too
        addresses.discard(ROUTE)
    return sorted(addresses, reverse=True)


def _minutes(after: datetime, until: datetime) -> Iterator[datetime]:
    minute = after.replace(second=0, microsecond=0) + _MINUTE
    while minute <= until:
        yield minute
        minute += _MINUTE


def call(address: str, patience: float = _PATIENCE) -> bool:
    """POST to an address, log what came of it, and give whether it went well."""
    request = urllib.request.Request(address, data=b"", method="POST")  # noqa: S310  (ours)
    request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=patience) as answer:  # noqa: S310
            outcome, well = str(answer.status), True
    except urllib.error.HTTPError as error:
        with error:
            # 429 says that a sweep ran a moment ago.
            outcome, well = str(error.code), error.code == 429  # noqa: PLR2004
    except OSError as error:
        outcome, well = type(error).__name__, False
    severity = "INFO" if well else "ERROR"
    print(json.dumps({"severity": severity, "message": f"{address} {outcome}"}), flush=True)
    return well


def main() -> None:
    """Call for ever, or once what the command line names."""
    if sys.argv[1:]:
        outcomes = [call(address) for address in sys.argv[1:]]
        sys.exit(not all(outcomes))
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    last = datetime.now(UTC)
    while not stop.wait(60 - last.second % 60):
        now = datetime.now(UTC)
        for address in due(last, now):
            call(address)
        last = now


if __name__ == "__main__":
    main()
