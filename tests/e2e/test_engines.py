"""The journeys of the form in Firefox and WebKit: what people do, not all there is to know.

Chromium has all tests (test_script.py, test_embed.py). These find what another engine does
otherwise: layout inside a shadow root, the history, the focus, what it gives back.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import functions_framework
import pytest
from selenium.webdriver.common.keys import Keys

from functions.intake import robots
from functions.shared.journal.store import Journal, open_journal
from infra.emulator.server import serving
from infra.local import stack
from tests.e2e.conftest import MAIN
from tests.e2e.engines import ENGINES, Engine
from tests.e2e.served import Partner
from tests.e2e.steps import AGAIN, SEND

ERRORS = ".summary"
DONE = ".reference strong"
NAME = "#first_name"
COMMUNE = "[id='target.communes.0']"


@dataclass
class Network:
    """A function, and the network to it, which may be lost."""

    app: Any
    journal: Journal
    url: str = ""
    lost: bool = False

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if self.lost:
            environ["emulator.delivery"].send = lambda *_: None
        answer: Iterable[bytes] = self.app(environ, start)
        return answer

    def requests(self) -> dict[str, dict[str, Any]]:
        """The requests that were recorded, by first name."""
        entries = [
            json.loads(self.journal.read(key) or b"") for key in self.journal.keys("pending/")
        ]
        return {entry["submission"]["first_name"]: entry for entry in entries}


@pytest.fixture(scope="module", params=ENGINES)
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    with ENGINES[request.param](tmp_path_factory.mktemp(request.param)) as engine:
        yield engine


@pytest.fixture
def intake(partner: Partner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    """Intake alone, at an address of its own: no browser has anything of it yet."""
    for name in [name for name in os.environ if name.startswith("ACCUEIL_")]:
        monkeypatch.delenv(name)
    settings = stack.settings(tmp_path, "http://127.0.0.1:9")  # no sheet: nothing is filed here
    for name, value in (settings | {"ACCUEIL_ORIGINS": partner.url}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(robots, "COST", 1)
    monkeypatch.setattr(robots, "TRIALS", (2, 9))
    monkeypatch.setattr(robots, "QUICKEST", timedelta())
    app = functions_framework.create_app("intake", MAIN)
    network = Network(app, open_journal((tmp_path / "journal").as_uri()))
    with serving(network) as url:
        network.url = url
        yield network


def fill_in(engine: Engine, first_name: str) -> None:
    """Answer what is necessary."""
    engine.see(NAME)
    engine.write(NAME, first_name)
    engine.write("#last_name", "Delprat")
    engine.write("#email", "essai@example.org")
    engine.choose("[id='projects.0.type']", "remote_work")


def send(engine: Engine) -> None:
    engine.click("button[type=submit]", SEND)


def pick_a_commune(engine: Engine) -> None:
    """Choose Saint-Céré among those that are proposed, with the keyboard."""
    engine.click("[id='target.communes']")
    engine.see(COMMUNE)
    engine.write(COMMUNE, "st cer")
    engine.see("[role=option]", "Saint-Céré")
    engine.press(Keys.ARROW_DOWN)
    engine.see("[role=option][aria-selected=true]")
    engine.press(Keys.ENTER)
    assert engine.value(COMMUNE) == "Saint-Céré"


def test_a_request_is_corrected_translated_sent_and_found_again(engine: Engine, intake: Network):
    engine.visit(f"{intake.url}/?source=salon-taf")
    fill_in(engine, "Ana")
    engine.write("#email", "ana@")
    pick_a_commune(engine)
    send(engine)
    engine.see(ERRORS, "Courriel")
    assert engine.is_focused(ERRORS)
    engine.click(f"{ERRORS} a")
    assert engine.is_focused("#email")
    engine.write("#email", "ana@example.org")
    engine.click(".language a")
    engine.see("h1", "Your plan")
    assert engine.value(NAME) == "Ana"
    engine.click(".language a")
    engine.see("h1", "Votre projet")
    assert engine.value(COMMUNE) == "Saint-Céré"
    # A reload loses nothing.
    engine.driver.refresh()
    engine.hurry()
    engine.see(".kept", "Ce que vous aviez écrit")
    assert engine.value("#email") == "ana@example.org"
    assert engine.is_visible(COMMUNE)
    send(engine)
    reference = engine.text(DONE)
    [entry] = intake.requests().values()
    assert entry["reference"] == reference
    assert entry["submission"]["target"] == {"communes": ["46251"]}
    assert not {"doubt", "suspect"} & set(entry)
    engine.driver.refresh()
    engine.hurry()
    assert engine.text(DONE) == reference
    engine.driver.back()
    engine.see(NAME)
    engine.driver.forward()
    assert engine.text(DONE) == reference
    # The next person finds nothing of it, and does not leave the site by going back.
    engine.click(".again a", AGAIN)
    engine.see(NAME)
    engine.driver.back()
    engine.see(NAME)
    assert engine.value(NAME) == ""
    engine.driver.refresh()
    engine.see(NAME)
    assert engine.value(NAME) == ""


def test_without_a_network_people_follow_each_other(engine: Engine, intake: Network):
    engine.visit(f"{intake.url}/?source=salon-taf")
    intake.lost = True
    for name in ("Ana", "Bruno"):
        fill_in(engine, name)
        send(engine)
        engine.see(".kept", f"({name} D.)")
        assert engine.value(NAME) == ""
    engine.click(".kept button", "Personne suivante")
    assert engine.is_focused("h1")
    intake.lost = False
    engine.run("window.dispatchEvent(new Event('online'))")
    engine.see(DONE)
    engine.see(".kept", "Votre référence")
    assert set(intake.requests()) == {"Ana", "Bruno"}
    assert {entry["submission"]["source"] for entry in intake.requests().values()} == {"salon-taf"}
    # From a confirmation, too.
    intake.lost = True
    engine.click(".again a", AGAIN)
    engine.see(NAME)
    assert engine.value(NAME) == ""


def test_on_another_site_s_page(engine: Engine, intake: Network, partner: Partner):
    host = "<div data-oh-my-lot><a href='/'>Le formulaire</a></div>"
    script = f"<script type='module' src='{intake.url}/embed.js'></script>"
    engine.visit(partner.write("/venir", "", f"<h1>Venir</h1>{host}{script}"))
    fill_in(engine, "Ana")
    assert not engine.is_visible(COMMUNE)
    engine.click("[value=epcis]")
    engine.see("[name='target.epcis']")
    # WebKit does not lay out a shadow root again for :has.
    pick_a_commune(engine)
    assert not engine.is_visible("[name='target.epcis']")
    send(engine)
    reference = engine.text(DONE)
    assert intake.requests()["Ana"]["reference"] == reference
    engine.driver.refresh()
    engine.see(".kept", reference)


def test_in_a_frame_of_another_site_s_page(engine: Engine, intake: Network, partner: Partner):
    frame = f"<iframe id='form' src='{intake.url}/?frame=embed' title='Formulaire'></iframe>"
    script = f"<script type='module' src='{intake.url}/embed.js'></script>"
    engine.visit(partner.write("/cadre", "", frame + script))
    engine.until("find('#form').getBoundingClientRect().height > 1000")
    engine.focus("#form")
    engine.driver.switch_to.frame(0)
    engine.hurry()
    fill_in(engine, "Ana")
    send(engine)
    reference = engine.text(DONE)
    assert intake.requests()["Ana"]["reference"] == reference
