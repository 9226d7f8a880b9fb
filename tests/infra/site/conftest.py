import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import functions_framework
import pytest
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Request, Response

from infra.emulator.server import serving
from infra.local import stack

MAIN = str(Path(__file__).parents[3] / "main.py")


@dataclass
class Partner:
    """The partner's site: the HTML of its pages by path, the headers of all, how it was called."""

    pages: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    url: str = ""
    methods: list[str] = field(default_factory=list)

    def __call__(self, environ, start):
        self.methods.append(environ["REQUEST_METHOD"])
        html = self.pages.get(Request(environ).path)
        answer = Response(html or "Rien ici", 200 if html else 404, self.headers)
        answer.content_type = self.headers.get("Content-Type", "text/html; charset=utf-8")
        return answer(environ, start)

    def show(self, html: str, **headers: str) -> str:
        """Put a page up; its address."""
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages["/venir"] = f"<!doctype html><title>Venir</title>{html}"
        return f"{self.url}/venir"


@dataclass
class Form:
    """The real intake at /intake of another origin, and what a proxy in front does to answers."""

    app: Callable
    proxy: Callable[[Request, Response], Response] = lambda _, answer: answer
    url: str = ""

    def __call__(self, environ, start):
        answer = Response.from_app(self.app, environ, buffered=True)
        return self.proxy(Request(environ), answer)(environ, start)


@pytest.fixture
def partner() -> Iterator[Partner]:
    partner = Partner()
    with serving(partner) as partner.url:
        yield partner


@pytest.fixture
def new_form(tmp_path, monkeypatch) -> Callable[[str], Callable]:
    """Load intake for a list of origins, as the platform does."""

    def make(origins: str) -> Callable:
        for name in [name for name in os.environ if name.startswith("ACCUEIL_")]:
            monkeypatch.delenv(name)
        chosen = stack.settings(tmp_path, "http://127.0.0.1") | {"ACCUEIL_ORIGINS": origins}
        for name, value in chosen.items():
            monkeypatch.setenv(name, value)
        intake = functions_framework.create_app("intake", MAIN)

        def at_root(environ, start):
            return intake(environ | {"PATH_INFO": environ["PATH_INFO"] or "/"}, start)

        return DispatcherMiddleware(Response("Rien ici", 404), {"/intake": at_root})

    return make


@pytest.fixture
def form(partner, new_form) -> Iterator[Form]:
    """A form that lets the partner's site show it."""
    form = Form(new_form(partner.url))
    with serving(form) as base:
        form.url = f"{base}/intake"
        yield form


@pytest.fixture
def closed_form(new_form) -> Iterator[Form]:
    """A form that only another site may show."""
    form = Form(new_form("https://www.example.org"))
    with serving(form) as base:
        form.url = f"{base}/intake"
        yield form
