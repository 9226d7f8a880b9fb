"""The whole system in one process on this machine: `make run`."""

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import functions_framework
import requests
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Response

from functions.digest.sending import Outcome
from functions.digest.weeks import week_of
from functions.digest.wiring import open_digest
from functions.shared.errors import AccueilError
from functions.shared.log import log
from functions.shared.server import Server
from functions.shared.sheets.google import open_workbook
from infra.emulator.app import create_app as create_sheets
from infra.emulator.misbehaviour.conduct import Misbehaviour
from infra.emulator.server import serving
from infra.emulator.store import Store
from infra.local import seed, state
from infra.local.access import LOCAL_API_KEYS, LOCAL_SECRET
from infra.local.guard import guarded
from infra.local.listening import listen
from infra.local.pages.app import create_app as create_pages
from infra.local.people import TITLES
from infra.local.triggers import Triggers
from infra.patience import patiently
from sheets_schema.columns import PARIS
from sheets_schema.place import PLACE

SPREADSHEET = "demo"
_SOURCE = str(Path(__file__).parents[2] / "main.py")
_FUNCTIONS = ("intake", "route", "digest")


def settings(home: Path, base: str) -> dict[str, str]:
    """The settings of the functions on this machine. Nothing else differs from the cloud."""
    return {
        "ACCUEIL_JOURNAL": (home / "journal").as_uri(),
        "ACCUEIL_SPREADSHEET": SPREADSHEET,
        "ACCUEIL_SHEETS_API": f"{base}/google",
        "ACCUEIL_SHEET_URL": f"{base}/classeur",
        "ACCUEIL_INTAKE_URL": f"{base}/intake",
        "ACCUEIL_MAIL": f"outbox://{quote((home / 'mail').as_posix())}",
        "ACCUEIL_MAIL_FROM": f"{PLACE.programme} <accueil@example.org>",
        "ACCUEIL_OPERATOR": "exploitation@example.org",
        "ACCUEIL_PRIVACY_CONTACT": "donnees@example.org",
        "ACCUEIL_SECRET": LOCAL_SECRET,
        "ACCUEIL_API_KEYS": LOCAL_API_KEYS,
    }


@contextmanager
def running(home: Path, port: int = 0) -> Iterator[str]:
    """Run the system for the time of a `with` block; yields its base URL.

    Args:
        home: the state folder. If it does not exist, it is made and the spreadsheet is filled.
        port: where to listen; 0 takes a free port.

    Raises:
        AccueilError: the port is taken, or the state folder cannot be used or is in use.
    """
    home = home.absolute()
    state.make(home)
    with ExitStack() as ending:
        store = ending.enter_context(state.kept(home / state.SHEETS))
        misbehaviour = Misbehaviour(store, titles=TITLES)
        ending.callback(misbehaviour.agenda.clear)  # a late commit must not meet a closed store
        server = listen(Server, DispatcherMiddleware(Response("Démarrage…", 503)), port)
        sheets = create_sheets(store, gate=misbehaviour)
        # The functions call a server of its own, which can break connections as networks do.
        api = ending.enter_context(serving(guarded(sheets)))
        chosen = settings(home, server.url) | {"ACCUEIL_SHEETS_API": api}
        ending.enter_context(_environment(chosen))
        functions = {f"/{name}": _function(name) for name in _FUNCTIONS}
        pages = create_pages(home, SPREADSHEET, _send_digest)
        parts = {"/google": sheets, **functions}
        server.app = guarded(DispatcherMiddleware(pages, parts))
        thread = threading.Thread(target=server.serve, name="server", daemon=True)
        thread.start()
        ending.callback(thread.join)
        ending.callback(server.stop)
        patiently(lambda: _fill_once(store, api))
        misbehaviour.stats.reset()
        triggers = Triggers(home / "journal", lambda path, body: _post(server.url + path, body))
        triggers.start()
        ending.callback(triggers.stop)
        yield server.url


def _function(name: str) -> Any:  # noqa: ANN401  (a WSGI application)
    """A cloud function, loaded as the platform loads it; its root is `/`, as on the platform."""
    app = functions_framework.create_app(name, _SOURCE)  # type: ignore[no-untyped-call]

    def at_root(environ: dict[str, Any], start: Any) -> Any:  # noqa: ANN401  (WSGI)
        return app(environ | {"PATH_INFO": environ["PATH_INFO"] or "/"}, start)

    return at_root


@contextmanager
def _environment(chosen: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(chosen)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _fill_once(store: Store, api: str) -> None:
    books = [file.book for file in store.files() if file.book.id == SPREADSHEET]
    # Filling deletes the empty tab of a new spreadsheet last. If the tab is there, an earlier start
    # was killed before it had filled the spreadsheet.
    if books and all(sheet.id for sheet in books[0].sheets):
        return
    if books:
        store.delete(SPREADSHEET)
    store.create({"title": f"{PLACE.programme} – suivi partagé"}, SPREADSHEET)
    store.share(SPREADSHEET, seed.permissions())
    seed.fill(open_workbook(SPREADSHEET, api))


def _post(url: str, body: Mapping[str, Any]) -> requests.Response | None:
    try:
        return requests.post(url, json=body, timeout=60)
    except requests.RequestException as error:
        log("WARNING", "trigger failed", error=type(error).__name__)
        return None


def _send_digest(again: bool) -> str:
    """Send everybody a preview of the current week, and say what happened."""
    week = week_of(datetime.now(PARIS).date())
    digest = open_digest(os.environ)
    if again:
        for key in digest.journal.keys("mail/"):
            if key.startswith(f"mail/digest-{week.name}-preview-"):
                digest.journal.delete(key)
    try:
        counts = digest.send(week, digest.letters(week, preview=True), preview=True)
    except AccueilError as error:
        return f"Le courriel n'est pas parti : {error}"
    said = [
        f"{count} {words if count > 1 else word}"
        for outcome, word, words in _OUTCOMES
        if (count := counts[outcome])
    ]
    return ", ".join(said).capitalize() + "." if said else "Personne n'attend ce courriel."


_ONCE = "cette semaine : chaque personne n'en reçoit qu'un"
_OUTCOMES: tuple[tuple[Outcome, str, str], ...] = (
    ("sent", "courriel envoyé", "courriels envoyés"),
    ("already_sent", f"déjà envoyé {_ONCE}", f"déjà envoyés {_ONCE}"),
    ("failed", "refusé", "refusés"),
    ("unsure", "sans confirmation", "sans confirmation"),
)
