import os
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import functions_framework
import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page

from functions.intake import handler, robots
from functions.shared.journal.store import open_journal
from infra.emulator.server import serving
from infra.local import stack
from infra.local.stack import running
from tests.conftest import missing
from tests.e2e.served import Ahead, Partner, Served
from tests.support import Classeur

MAIN = str(Path(__file__).parents[2] / "main.py")


@pytest.fixture
def settings(classeur: Classeur, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The functions' environment, in front of a fresh spreadsheet and an empty journal."""
    for name in [name for name in os.environ if name.startswith("ACCUEIL_")]:
        monkeypatch.delenv(name)
    own = {
        "ACCUEIL_SHEETS_API": classeur.url,
        "ACCUEIL_SHEET_URL": "https://sheets.example.org/{id}",
    }
    for name, value in (stack.settings(tmp_path, classeur.url) | own).items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def load(settings: None) -> Callable[[str], FlaskClient]:  # noqa: ARG001  (must come first)
    """Load one function of main.py as the platform does."""
    return lambda name: functions_framework.create_app(name, MAIN).test_client()


@pytest.fixture(scope="session")
def web() -> Path:
    """The folder of axe-core and html-validate."""
    folder = Path(__file__).parents[1] / "web" / "node_modules"
    if not shutil.which("node") or not (folder / ".ready").exists():
        missing("no axe-core or html-validate here: install Node.js and npm, then make web")
    return folder


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The whole local system, as `make run` starts it."""
    with running(tmp_path_factory.mktemp("local")) as base:
        yield base


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page, which must not have had an error in the end."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR")
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


@pytest.fixture
def quick_sweeps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits between sweeps, nor for Google's quota, which the local API does not have."""
    for name in ("handler.BETWEEN_SWEEPS", "decide.sight.STEADY", "commit.writer.INTERVAL"):
        monkeypatch.setattr(f"functions.route.{name}", timedelta())


@pytest.fixture
def watching(page: Page) -> Page:
    """A page whose /classeur looks at the spreadsheet about four times as often."""
    page.context.add_init_script("""
        const often = setTimeout;
        window.setTimeout = (act, time, ...more) =>
            often(act, time === 1500 ? 400 : time, ...more);
    """)
    return page


@pytest.fixture
def ahead(monkeypatch: pytest.MonkeyPatch) -> Ahead:
    """The clock of `intake`."""
    clock = Ahead()
    monkeypatch.setattr(handler, "Intake", partial(handler.Intake, clock=clock))
    return clock


@pytest.fixture
def quick(page: Page, ahead: Ahead, monkeypatch: pytest.MonkeyPatch) -> Page:
    """A page of which nobody waits until it sends, in a browser whose other pages are so, too.

    Each short wait ends at once, and the clock of `intake` goes on by as much: a form that did not
    wait would look like a robot's. Its proof of work costs next to nothing.
    """
    monkeypatch.setattr(robots, "COST", 1)
    monkeypatch.setattr(robots, "TRIALS", (2, 9))
    page.context.expose_function("skip", ahead.skip)
    page.context.add_init_script("""
        const wait = setTimeout;
        window.setTimeout = (act, time, ...more) =>
            time > 0 && time <= 4000 ? skip(time).then(act) : wait(act, time, ...more);
    """)
    return page


@pytest.fixture
def timed(page: Page, request: pytest.FixtureRequest) -> Page:
    """A quick page whose longer waits end when its `clock` is moved."""
    page.clock.install()
    quick: Page = request.getfixturevalue("quick")  # its script comes after the clock's
    return quick


@pytest.fixture
def plain(chromium: Browser) -> Iterator[Page]:
    """A page whose scripts do not run."""
    context = chromium.new_context(
        java_script_enabled=False, locale="fr-FR", viewport={"width": 800, "height": 900}
    )
    yield context.new_page()
    context.close()


@pytest.fixture
def partner() -> Iterator[Partner]:
    """Another site, whose pages a test writes."""
    site = Partner()
    with serving(site) as url:
        # Another name than intake's: another site for the browser, not only another port.
        site.url = url.replace("127.0.0.1", "localhost")
        yield site


@pytest.fixture
def intake(
    ahead: Ahead,  # noqa: ARG001  (must come first)
    load: Callable[[str], FlaskClient],
    partner: Partner,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Served]:
    """Intake alone, at the root of its address; the partner's site may show its form."""
    monkeypatch.setenv("ACCUEIL_ORIGINS", partner.url)
    client, route = load("intake"), load("route")
    with serving(client.application) as url:
        journal = open_journal((tmp_path / "journal").as_uri())
        yield Served(url, journal, lambda: _drain(route))


def _drain(route: FlaskClient) -> None:
    assert route.post("/").status_code < 300
