import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import functions_framework
import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, sync_playwright

from infra.local.access import LOCAL_CALLER, LOCAL_SECRET
from infra.local.stack import running
from tests.support import Classeur

MAIN = str(Path(__file__).parents[2] / "main.py")
FLAGS = ("--no-sandbox", "--disable-quic", "--disable-background-networking", "--no-first-run")


@pytest.fixture
def settings(classeur: Classeur, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The functions' environment, in front of a fresh spreadsheet and an empty journal."""
    for name in [name for name in os.environ if name.startswith("ACCUEIL_")]:
        monkeypatch.delenv(name)
    for name, value in {
        "ACCUEIL_JOURNAL": (tmp_path / "journal").as_uri(),
        "ACCUEIL_SPREADSHEET": "demo",
        "ACCUEIL_SHEETS_API": classeur.url,
        "ACCUEIL_SHEET_URL": "https://sheets.example.org/{id}",
        "ACCUEIL_MAIL": f"outbox://{tmp_path / 'mail'}",
        "ACCUEIL_MAIL_FROM": "Oh my Lot ! <accueil@example.org>",
        "ACCUEIL_PRIVACY_CONTACT": "donnees@example.org",
        "ACCUEIL_SECRET": LOCAL_SECRET,
        "ACCUEIL_API_KEYS": LOCAL_CALLER,
    }.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def load(settings: None) -> Callable[[str], FlaskClient]:  # noqa: ARG001  (must come first)
    """Load one function of main.py as the platform does."""
    return lambda name: functions_framework.create_app(name, MAIN).test_client()


def missing(reason: str) -> NoReturn:
    """Skip a test for want of a tool; on a CI machine, which has them all, fail it."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def web() -> Path:
    """The folder of axe-core and html-validate."""
    folder = Path(__file__).parents[1] / "web" / "node_modules"
    if not shutil.which("node") or not (folder / ".ready").exists():
        missing("no axe-core or html-validate here: install Node.js and npm, then make web")
    return folder


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if not path:
        missing("no Chromium on this machine: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


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
