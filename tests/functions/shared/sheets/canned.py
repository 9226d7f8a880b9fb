"""A local HTTP server that answers what a test tells it to, and remembers what it was asked."""

import json
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

RESET = object()  # the connection is reset, without an answer
SILENCE = object()  # nothing is answered, ever


@dataclass
class Canned:
    """What is answered to every request: a body, or RESET or SILENCE."""

    status: int = 200
    body: Any = b"{}"
    missing: int = 0  # bytes that are announced and never come
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    url: str = ""
    over: threading.Event = field(default_factory=threading.Event)

    def answer(self, status: int, body: Any, missing: int = 0) -> None:
        self.status, self.missing = status, missing
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()


@contextmanager
def answering() -> Iterator[Canned]:
    canned = Canned()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            canned.bodies.append(self.rfile.read(int(self.headers.get("Content-Length", 0))))
            headers = {name.lower(): value for name, value in self.headers.items()}
            canned.requests.append((self.command, self.path, headers))
            self.close_connection = True
            if canned.body is SILENCE:
                canned.over.wait()
            elif canned.body is RESET:
                # Closing a socket that lingers for no time at all resets the connection.
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.connection.close()
            else:
                self.send_response(canned.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(canned.body) + canned.missing))
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(canned.body)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def finish(self) -> None:
            if canned.body is not RESET:
                super().finish()

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = False
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        canned.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield canned
        finally:
            canned.over.set()
            server.shutdown()
            thread.join()
