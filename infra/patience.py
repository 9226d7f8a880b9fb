"""The operator's calls to the spreadsheet are tried again, too, and say so."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import SystemRandom
from time import sleep
from typing import TypeVar

import click

from functions.shared.errors import WorkbookError
from functions.shared.sheets.backoff import Backoff

LONGEST = timedelta(minutes=2)  # for all tries together

_T = TypeVar("_T")


def patiently(act: Callable[[], _T]) -> _T:
    """Do something that may be done again, as long as Google Sheets fails in passing.

    Raises:
        WorkbookError: Google Sheets goes on failing, or another try would not help.
    """
    backoff = Backoff(lambda: datetime.now(UTC), sleep, SystemRandom().random, _say)
    return backoff.call(act, datetime.now(UTC) + LONGEST)


def _say(error: WorkbookError, _: int, wait: float) -> None:
    seconds = max(1, round(wait))
    click.echo(f"{str(error).rstrip('.')} : nouvel essai dans {seconds} s.", err=True)
