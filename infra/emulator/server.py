"""A small threaded HTTP/1.1 server on this machine, for any WSGI application.

werkzeug's own server closes the connection after each answer; this one keeps it open, and sends
each answer, headers and body, in one write. So it suits answers that end, not streams.
"""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from threading import Lock, Thread
from traceback import format_exception
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from werkzeug.exceptions import InternalServerError
from werkzeug.serving import LISTEN_QUEUE, ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.test import run_wsgi_app

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

DELIVERY: Final = "emulator.delivery"  # where the environ has the Delivery of a request
Send: TypeAlias = Callable[[socket.socket, bytes, bytes], None]


@dataclass
class Delivery:
    """How an answer is sent. An application may set `send`, which then gets the head and the body.

    The connection is closed afterwards.
    """

    send: Send | None = None


class Server(ThreadedWSGIServer):
    """A server that listens as soon as it is made; `serve_forever` answers until `close`.

    Args:
        app: The application.
        host: The address to listen on.
        port: The port, or 0 for a free one; see `url`.

    Raises:
        OSError: If the port is taken, or this user may not use it.
    """

    def __init__(self, app: "WSGIApplication", host: str = "127.0.0.1", port: int = 0) -> None:
        self._connections: set[socket.socket] = set()
        self._lock = Lock()
        # Listen here. If the port is taken, werkzeug would print a message in English and exit.
        with socket.create_server((host, port), backlog=LISTEN_QUEUE) as listening:
            super().__init__(host, port, app, handler=_Handler, fd=listening.fileno())

    @property
    def url(self) -> str:
        """Where the application is, without a slash at the end."""
        return f"http://{self.host}:{self.port}"

    def close(self) -> None:
        """Stop, and close connections that are still open; to be called from another thread."""
        self.shutdown()
        with self._lock:
            for connection in self._connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Remember the connection while it is open."""
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401
        """Forget the connection."""
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)


@contextmanager
def serving(app: "WSGIApplication", *, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve an application from a thread, for the time of a `with` block; yields its base URL."""
    server = Server(app, host, port)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.url
    finally:
        server.close()
        thread.join()


class _Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def run_wsgi(self) -> None:
        """Answer one request, and read its body to the end, because the next request follows it."""
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        environ = self.make_environ()
        length = -1 if "wsgi.input_terminated" in environ else self._content_length()
        sent = environ["wsgi.input"].read(length)
        if len(sent) < length:  # the caller hung up in the middle of the body
            self.close_connection = True
            return
        environ["wsgi.input"] = BytesIO(sent)
        environ["wsgi.input_terminated"] = True
        delivery = environ[DELIVERY] = Delivery()
        try:
            chunks, status, headers = run_wsgi_app(self.server.app, environ, buffered=True)
        except Exception as error:  # noqa: BLE001 - whatever an application may raise
            self.server.log("error", "".join(format_exception(error)))
            chunks, status, headers = run_wsgi_app(InternalServerError(), environ, buffered=True)
        body = b"".join(chunks)
        headers.setdefault("Content-Length", str(len(body)))
        headers.setdefault("Date", self.date_time_string())
        lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers), "", ""]
        head = "\r\n".join(lines).encode("latin-1")
        if delivery.send:
            self.close_connection = True
            delivery.send(self.connection, head, body)
            return
        self.wfile.write(head if self.command == "HEAD" else head + body)

    def _content_length(self) -> int:
        text = self.headers.get("Content-Length", "")
        return int(text) if text.isdecimal() else 0

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing about answered requests; errors are still logged."""
