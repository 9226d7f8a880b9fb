"""An HTTP call and its answer as plain data. Only main.py knows the web framework."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"
PROBLEM = "application/problem+json; charset=utf-8"
FORM_TYPE = "application/x-www-form-urlencoded"  # the media type, as of Call.content_type

# Headers of an answer that has none of its own: no cache keeps it, no browser guesses its type.
SAFE = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=63072000",
    "X-Content-Type-Options": "nosniff",
}


class Fixed(str):
    """A text that stands in many answers as it is, so that it is compressed once."""

    __slots__ = ()


@dataclass(frozen=True)
class Pieces:
    """A text in pieces, some of which are `Fixed`. It is put together only where it is needed."""

    pieces: Sequence[str]

    def __str__(self) -> str:
        return "".join(self.pieces)

    def __len__(self) -> int:
        return sum(map(len, self.pieces))


@dataclass(frozen=True)
class Call:
    """One HTTP request; header names in lower case.

    `path` is relative to the function: "/" is its root. `peer` is the address at the other end of
    the connection, which may be a proxy's.
    """

    method: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    path: str = "/"
    peer: str = ""

    @property
    def content_type(self) -> str:
        """The media type without its parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True)
class Answer:
    """One HTTP answer."""

    status: int
    text: str | Pieces = ""
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> str:
        """The text in one piece."""
        return str(self.text)


def json_answer(status: int, body: Mapping[str, Any], content_type: str = JSON) -> Answer:
    """An answer in JSON, in which accents stay readable."""
    return Answer(status, json.dumps(body, ensure_ascii=False), content_type)


def problem(status: int, title: str, **more: Any) -> Answer:  # noqa: ANN401  (JSON values)
    """An `application/problem+json` answer (RFC 9457) whose `title` is a French sentence."""
    body = {"type": "about:blank", "status": status, "title": title} | more
    return json_answer(status, body, PROBLEM)


def only_post(call: Call) -> Answer | None:
    """The refusal of a method other than POST; None if the method is POST."""
    if call.method == "POST":
        return None
    refusal = problem(405, "Cette fonction s'appelle en POST.")
    return Answer(refusal.status, refusal.text, refusal.content_type, {"Allow": "POST"})
