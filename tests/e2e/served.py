"""Small servers for the form's tests: intake alone, and a site that shows its form."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug.wrappers import Request, Response

from functions.shared.journal.store import Journal
from functions.shared.web import HTML


@dataclass
class Served:
    """A function that answers at `url`; `drain` files what it recorded."""

    url: str
    journal: Journal
    drain: Callable[[], None]

    def entries(self) -> list[dict[str, Any]]:
        """The requests that wait for their row."""
        bodies = [self.journal.read(key) for key in self.journal.keys("pending/")]
        return [json.loads(body) for body in bodies if body]


@dataclass
class Ahead:
    """Intake's clock: ahead of the real one by all that pages did not wait for."""

    by: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.by

    def skip(self, milliseconds: float) -> None:
        """Go on by what somebody did not wait for."""
        self.by += timedelta(milliseconds=milliseconds)


@dataclass
class Partner:
    """A site: its `pages`, style `sheets` and `scripts` by path; its own policy and headers."""

    url: str = ""
    policy: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)
    sheets: dict[str, str] = field(default_factory=dict)
    scripts: dict[str, str] = field(default_factory=dict)

    def __call__(self, environ: Any, start: Any) -> Any:
        path = Request(environ).path
        content = self.pages.get(path) or self.sheets.get(path) or self.scripts.get(path)
        policy = {"Content-Security-Policy": self.policy} if self.policy else {}
        headers = self.headers | policy
        kind = "text/css" if path in self.sheets else HTML
        kind = "text/javascript" if path in self.scripts else kind
        answer = Response(content or "", 200 if content else 404, headers, content_type=kind)
        return answer(environ, start)

    def write(self, path: str, head: str, body: str) -> str:
        """Write a page; gives its address."""
        self.pages[path] = (
            f"<!doctype html><html lang='fr'><head><title>Le site</title>{head}</head>"
            f"<body>{body}</body></html>"
        )
        return self.url + path
