"""The browser that tests the pages, measures them and takes their pictures."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

# The headless shell has the same engine and no window to draw: a test takes half the time.
_NAMES = ("chromium-headless-shell", "chromium", "google-chrome")
_FLAGS = ("--no-sandbox", "--disable-quic", "--disable-background-networking", "--no-first-run")


class NoBrowserError(RuntimeError):
    """There is no Chromium on this machine."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a Chromium of this machine.

    Raises:
        NoBrowserError: there is none.
    """
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    if not path:
        raise NoBrowserError("No Chromium on this machine: apt install chromium-headless-shell")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        yield browser
        browser.close()
