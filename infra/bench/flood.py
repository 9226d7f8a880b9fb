"""(i) What anonymous calls cost us, times what they cost whoever makes them."""

import json
import socket
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

from infra.bench.report import Figure, Goal
from infra.bench.servers import Running, function, settings
from sheets_schema.place import PLACE
from sheets_schema.territory import territories

CALLS = 1_200  # of each kind, from one address: beyond every limit
SINGLE = 60  # of each kind, from one address each: within every limit
WANTED = 10  # times
_FORM, _JSON = "application/x-www-form-urlencoded", "application/json"
_COMMUNES = [("target.communes", f"Figeak sur {number}") for number in range(10)]
_TOWN = territories().communes[PLACE.example_commune].name
_PERSON = {"first_name": "Ana", "last_name": "Martin", "message": "Bonjour. " * 500}


def _call(
    method: str, path: str, body: bytes = b"", more: Mapping[str, str] | None = None
) -> bytes:
    headers = {"Host": "localhost", "Accept-Encoding": "gzip", "Connection": "close"}
    if method == "POST":
        headers["Content-Length"] = str(len(body))
    lines = [f"{name}: {value}" for name, value in {**headers, **(more or {})}.items()]
    return "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""]).encode() + body


def _post(content_type: str, body: bytes, path: str = "/", **more: str) -> bytes:
    return _call("POST", path, body, {"Content-Type": content_type, **more})


# Everything that may be called without a key, and what is most work for us where it fails.
KINDS: Mapping[str, bytes] = {
    "the form": _call("GET", "/"),
    "the form from a QR code": _call("GET", f"/?source=foire-2026&target={quote(_TOWN)}"),
    "the form as a fragment": _call("GET", "/?frame=fragment"),
    "the script": _call("GET", "/embed.js"),
    "openapi.json": _call("GET", "/openapi.json"),
    "the manual": _call("GET", "/api"),
    "a challenge": _call("GET", "/challenge"),
    "health": _call("GET", "/health"),
    "nothing there": _call("GET", "/nothing"),
    "a form with mistakes": _post(_FORM, urlencode(_PERSON).encode()),
    "a form of communes": _post(_FORM, urlencode(_COMMUNES).encode()),
    "a form of 32 kB, escaped": _post(_FORM, urlencode({"message": "é" * 5_400}).encode()),
    "a form of 32 kB": _post(_FORM, b"&".join(b"a%d=b" % number for number in range(3_700))),
    "a form to translate": _post(_FORM, urlencode(_PERSON).encode(), "/?step=translate&lang=en"),
    "JSON with mistakes": _post(_JSON, json.dumps(_PERSON).encode()),
    "JSON of 32 kB": _post(_JSON, json.dumps({"needs": ["x"] * 6_500}).encode()),
    "JSON of objects": _post(_JSON, json.dumps({"needs": [{}] * 8_000}).encode()),
    "another site's page": _post(_FORM, b"a=b", Origin="https://evil.example"),
}


@dataclass(frozen=True)
class Cost:
    """Milliseconds of processor time a call, for us and for whoever made it."""

    ours: float
    theirs: float

    @property
    def ratio(self) -> float:
        """How many times as much it costs us."""
        return self.ours / self.theirs


def measure(calls: int = CALLS, single: int = SINGLE) -> Figure:
    """Make calls of each kind: each from an address of its own, then too many from one address."""
    with tempfile.TemporaryDirectory() as folder:
        chosen = settings(Path(folder)) | {"ACCUEIL_PROXIES": "1"}
        with function("intake", chosen) as running:
            for kind in KINDS.values():  # the first call of a kind meets cold code
                _flood(running, kind, 5, spread=True)
            admitted = {
                name: _flood(running, kind, single, spread=True) for name, kind in KINDS.items()
            }
            flooded = {
                name: _flood(running, kind, calls, spread=False) for name, kind in KINDS.items()
            }
    worst = max(cost.ratio for cost in flooded.values())
    worst_admitted = max(cost.ratio for cost in admitted.values())
    return Figure(
        "What a flood costs",
        f"Calls over plain sockets of this machine, each over a connection of its own, its answer "
        f"read to the end: {single} of each kind from as many networks, then {calls:,} of each "
        "kind from one. Milliseconds of processor time a call, of intake and of the caller. "
        "Over the internet a caller pays for TLS as well.",
        [
            ("call", "admitted: ours", "theirs", "times", "flood: ours", "theirs", "times"),
            *((name, *_cells(admitted[name]), *_cells(flooded[name])) for name in KINDS),
        ],
        [
            Goal(
                "a flood from one network costs us, times what it costs the caller",
                f"≤ {WANTED}",
                f"{worst:.1f}",
                worst <= WANTED,
                "what the server takes for any call, beside what a plain socket takes to make it. "
                "Over the internet TLS is added to what a caller pays.",
            ),
            Goal(
                "a call that is admitted costs us, times what it costs the caller",
                f"≤ {WANTED}",
                f"{worst_admitted:.1f}",
                worst_admitted <= WANTED,
                "what it takes to draw the form again with what was typed and what is wrong with "
                "it, to search names like misspelt communes, or to read 32 KB. The "
                "limits bound how often that happens: 90 times at once, then 60 times a minute.",
            ),
        ],
    )


def _flood(running: Running, call: bytes, count: int, *, spread: bool) -> Cost:
    """Make a call so many times; `spread` says whether each comes from a network of its own."""
    head, _, rest = call.partition(b"\r\n")
    requests = [
        b"%b\r\nX-Forwarded-For: 10.%d.%d.9\r\n%b" % (head, n // 250, n % 250, rest)
        for n in (range(count) if spread else [251] * count)
    ]
    before, began = running.processor(), time.process_time()
    for request in requests:
        with socket.create_connection(("127.0.0.1", running.port)) as connection:
            connection.sendall(request)
            while connection.recv(65_536):
                pass
    theirs = time.process_time() - began
    return Cost(*(1000 * used / count for used in (running.processor() - before, theirs)))


def _cells(cost: Cost) -> tuple[str, str, str]:
    return f"{cost.ours:.2f}", f"{cost.theirs:.3f}", f"{cost.ratio:.1f}"
