import gc
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NoReturn
from unittest.mock import patch

import pytest
from playwright.sync_api import Browser

from functions.route.drain import Drain
from functions.shared.journal.store import ObjectJournal, open_journal
from functions.shared.sheets.google import GoogleWorkbook, open_workbook
from infra import browser
from infra.emulator.app import create_app
from infra.emulator.server import serving
from infra.emulator.spreadsheet import Spreadsheet
from infra.emulator.store import Store
from infra.local import seed
from sheets_schema import layout
from tests.support import Classeur, Clock, Gate, counter, submit


def pytest_collection_finish() -> None:
    """Look for garbage less often: each time, the ten thousand tests are looked at, too."""
    gc.set_threshold(7_000, 10, 50)


def missing(reason: str) -> NoReturn:
    """Skip a test for want of a tool; on a CI machine, which has them all, fail it."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session", autouse=True)
def disk() -> Iterator[None]:
    """Nobody waits for the disk. No test of this process outlives it; some see that fsync is asked.

    Processes that tests start, and kill, wait for it as ever.
    """
    with patch("os.fsync", lambda _: None):
        yield


@pytest.fixture(scope="session", autouse=True)
def short_tabs() -> Iterator[None]:
    """Demandes begins with fewer rows, because the local API draws each of them."""
    short = [replace(look, rows=300) if look.key == "requests" else look for look in layout.TABS]
    with patch("sheets_schema.layout.TABS", short):
        yield


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    try:
        with browser.chromium() as running:
            yield running
    except browser.NoBrowserError as error:
        missing(str(error))


@pytest.fixture(scope="session")
def seeded() -> Spreadsheet:
    """The demonstration spreadsheet as it is on its first day."""
    store = Store()
    store.create({"title": "Suivi"}, "demo")
    with serving(create_app(store)) as url:
        seed.fill(open_workbook("demo", url))
    return store.file("demo").book


@pytest.fixture
def classeur(seeded: Spreadsheet) -> Iterator[Classeur]:
    """A fresh copy of it behind the local Sheets API, with a gate for faults."""
    store, gate = Store(), Gate()
    store.create({"title": "Suivi"}, "demo")

    def paste(book: Spreadsheet) -> None:
        book.properties, book.sheets = seeded.properties, seeded.copy().sheets

    store.update("demo", paste)
    with serving(create_app(store, gate=gate)) as url:
        yield Classeur(store, url, gate)
    store.close()


@pytest.fixture
def workbook(classeur: Classeur) -> GoogleWorkbook:
    return open_workbook("demo", classeur.url)


@pytest.fixture
def journal(tmp_path: Path) -> ObjectJournal:
    return open_journal((tmp_path / "journal").as_uri())


@pytest.fixture
def file_request(journal: ObjectJournal) -> Callable[..., str]:
    """Record a request through the real intake; gives its reference."""
    return lambda **fields: submit(journal, **fields)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tokens() -> Iterator[str]:
    return counter("t")


@pytest.fixture
def new_drain(
    journal: ObjectJournal, classeur: Classeur, clock: Clock, tokens: Iterator[str]
) -> Callable[..., Drain]:
    """Another instance of the function, as a new process or a second one would have."""

    def make(**parts: object) -> Drain:
        given: dict = {
            "journal": journal,
            "workbook": open_workbook("demo", classeur.url),
            "clock": clock,
            "sleep": lambda seconds: clock.advance(seconds=seconds),
            "jitter": lambda: 0.5,
            "new_token": lambda: next(tokens),
        }
        return Drain(**given | parts)

    return make


@pytest.fixture
def drain(new_drain: Callable[..., Drain], workbook: GoogleWorkbook) -> Drain:
    return new_drain(workbook=workbook)
