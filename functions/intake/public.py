"""What the operator decides about the public side."""

from collections.abc import Sequence
from dataclasses import dataclass

from functions.intake.callers import Caller
from functions.intake.robots import Challenges


@dataclass(frozen=True)
class Public:
    """See docs/settings.md.

    `origins` are the sites that may show the form, `form_page` the page of one of them that does,
    `proxies` how many proxies in front of the function are trusted.
    """

    privacy_contact: str
    challenges: Challenges
    callers: Sequence[Caller] = ()
    origins: Sequence[str] = ()
    form_page: str = ""
    proxies: int = 0
