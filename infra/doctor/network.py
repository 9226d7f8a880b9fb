"""What the checks ask of the network besides Google Sheets: the DNS, and a server's clock."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import dns.exception
import dns.resolver
import requests

from infra.doctor.checks import SkippedError

_PATIENCE = 5.0  # seconds


def resolve(name: str) -> list[str]:
    """See `system.Resolve`."""
    try:
        answers = dns.resolver.resolve(name, "TXT", lifetime=_PATIENCE)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except dns.exception.DNSException as error:
        raise SkippedError(
            f"Le DNS ne répond pas ({type(error).__name__}) : refaites-le depuis un autre réseau."
        ) from error
    return [b"".join(answer.strings).decode(errors="replace") for answer in answers]


def read_date(url: str, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> datetime:
    """The time at which a server says that it answers, to the second.

    Whatever it answers to a call without credentials, it has a Date header (RFC 9110, 6.6.1).

    Raises:
        SkippedError: no answer, or none with a date.
    """
    before = clock()
    try:
        answer = requests.get(f"{url}/", timeout=_PATIENCE, allow_redirects=False)
        at = parsedate_to_datetime(answer.headers["Date"])
    except (requests.RequestException, KeyError, ValueError) as error:
        raise SkippedError("L'API ne dit pas l'heure qu'il est.") from error
    # The date is of the answer. Half of the way there and back is not the clock's fault.
    return at + (before - clock()) / 2
