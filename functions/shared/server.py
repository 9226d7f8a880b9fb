"""The server around the functions: in the cloud, in the image and on this machine alike.

waitress reads each request whole before a thread gets it, and sends the answer without that thread.
So a slow connection costs a socket and a little memory, never a thread. What it lacks is here: a
deadline for each part of a call, one request at a time, and an end that comes in time.
"""

import logging
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from threading import RLock
from typing import TYPE_CHECKING, Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask, WSGITask

from functions.shared.web import SAFE, problem

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

THREADS = 20  # calls answered at a time: as many as the platform may send to `route`


class Phase(IntEnum):
    """What a connection waits for; between two answers, it only goes forward."""

    SENDING = 0  # that the caller reads the last answer
    IDLE = 1  # that another request begins
    HEADER = 2  # its first line and its headers, of the first request from the beginning
    BODY = 3  # the rest of its body
    ANSWERING = 4  # our own answer


@dataclass(frozen=True)
class Limits:
    """How much a connection may take: seconds in each phase, and bytes.

    A phone with 30 kbit/s sends the longest form within `body` and reads the longest page within
    `sending`. Proxies keep connections for about a minute; `idle` is a little longer, so that they
    close them first. Once the server stops, our own work may go on for `end` seconds, answers may
    take `last` on their way, and threads `last` to end: together less than stopping.GRACE.
    """

    header: float = 10.0
    body: float = 30.0
    sending: float = 60.0
    idle: float = 75.0
    end: float = 5.0
    last: float = 1.0
    header_bytes: int = 32 * 1024  # the request line included
    body_bytes: int = 256 * 1024  # intake itself refuses more than 32 KiB, and says so in French
    connections: int = 500  # the kernel lets a process have 1,024 files by default

    def seconds(self, phase: Phase) -> float | None:
        """How long a connection may be in a phase; None for no limit."""
        return {
            Phase.SENDING: self.sending,
            Phase.IDLE: self.idle,
            Phase.HEADER: self.header,
            Phase.BODY: self.body,
        }.get(phase)


_REFUSALS = {
    400: "La requête HTTP est mal formée.",
    413: "La demande est trop longue : 32 Kio au plus. Raccourcissez-la et renvoyez-la.",
    431: "L'adresse et les en-têtes sont trop longs : 32 Kio au plus, ensemble.",
    501: "Envoyez la demande sans compression (en-tête Transfer-Encoding).",
}
_UNEXPECTED = "Une erreur imprévue s'est produite."
_AT_ONCE = 64 * 1024  # bytes that are read at once, and of an answer that wait until it is whole


class _Refusal(ErrorTask):  # type: ignore[misc]
    """What is refused before the application sees it."""

    def execute(self) -> None:
        """Say so as the functions do."""
        code = self.request.error.code
        answer = problem(code, _REFUSALS.get(code, _UNEXPECTED))
        body = answer.body.encode()
        self.status = f"{code} {self.request.error.reason}"
        self.response_headers += [*SAFE.items(), ("Content-Type", answer.content_type)]
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class _Whole(WSGITask):  # type: ignore[misc]
    """An answer that one call sends, its headers and its body together."""

    def finish(self) -> None:
        """Send it, from the thread that made it."""
        super().finish()
        self.channel.send_now()


class _Channel(HTTPChannel):  # type: ignore[misc]
    """A connection, with what the deadlines need to know of it."""

    task_class = _Whole
    error_task_class = _Refusal
    answered = 0  # requests
    _phase, _since, _cycle = Phase.IDLE, 0.0, -1

    def service(self) -> None:
        """Answer one request, in a thread.

        If more were sent without waiting for this answer, close the connection after it: who sends
        hundreds and reads none of the answers would have us keep them all. An honest caller sends
        the others again (RFC 9112, 9.3.2).
        """
        with self.requests_lock:
            if len(self.requests) > 1:
                self.requests[0].headers["CONNECTION"] = "close"
        super().service()
        self.answered += 1

    def __init__(self, *args: Any, **named: Any) -> None:  # noqa: ANN401  (as waitress passes them)
        super().__init__(*args, **named)
        # The request comes with the connection, as a rule. This saves a turn of the main thread.
        with suppress(OSError):  # not yet, or hung up already, which the next turn sees
            self.received(self.socket.recv(self.adj.recv_bytes))

    def writable(self) -> bool:
        """Whether the main thread has something to send.

        While a request is answered, its own thread sends. The main thread would try all the time
        to send the same, and take the processor from it. A connection that has nothing left to
        send is closed without another turn.
        """
        if self.close_when_flushed and not self.total_outbufs_len:
            self.handle_close()
            return False
        return bool(super().writable()) and not (
            self.requests and self.total_outbufs_len <= self.adj.outbuf_high_watermark
        )

    def send_now(self) -> None:
        """Send what there is to send, as far as the caller takes it; the main thread sends more."""
        self._flush_exception(self._flush_some_if_lockable, do_close=False)

    def phase(self) -> Phase:
        """What the connection waits for now."""
        if self.requests:
            return Phase.ANSWERING
        if self.total_outbufs_len or self.close_when_flushed:
            return Phase.SENDING
        if self.request is None:
            return Phase.IDLE if self.answered else Phase.HEADER
        return Phase.BODY if self.request.headers_finished else Phase.HEADER

    def is_overdue(self, now: float, limits: Limits) -> bool:
        """Whether the connection has been in its phase for too long.

        It does not go back to an earlier phase before the next answer: empty lines, one now and
        then, do not begin a deadline again.
        """
        cycle, phase = self.answered, self.phase()
        if cycle != self._cycle or phase > self._phase:
            self._cycle, self._phase, self._since = cycle, phase, now
        longest = limits.seconds(self._phase)
        return longest is not None and now - self._since > longest


class _Listener(TcpWSGIServer):  # type: ignore[misc]
    channel_class = _Channel


class Server:
    """A server that listens as soon as it is made; `serve` answers until `stop`.

    Args:
        app: the application.
        host: the address to listen on.
        port: the port, or 0 for a free one; see `url`.
        limits: how much a connection may take.
        threads: how many calls are answered at a time.
        clock: gives seconds that only grow.

    Raises:
        OSError: the port is taken, or this user may not use it.
    """

    def __init__(
        self,
        app: "WSGIApplication",
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        limits: Limits = Limits(),
        threads: int = THREADS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        # That calls wait for a thread for a moment is no news.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        self._limits = limits
        self._clock = clock
        self._tick = min(1.0, min(filter(None, map(limits.seconds, Phase))) / 4)
        self._looked = clock()  # for overdue connections
        self._stopping = False
        self._closing = RLock()  # what `stop` writes to must still be open
        self._sockets: dict[int, wasyncore.dispatcher] = {}  # by file number
        chosen = Adjustments(
            threads=threads,
            connection_limit=limits.connections,
            max_request_header_size=limits.header_bytes,
            max_request_body_size=limits.body_bytes,
            inbuf_overflow=limits.body_bytes,  # nothing is put on disk, which may be read-only
            outbuf_overflow=sys.maxsize,
            clear_untrusted_proxy_headers=False,  # admission.py decides whom to believe
            cleanup_interval=1 << 30,  # the deadlines below are stricter
            log_socket_errors=False,  # who hangs up is no news
            ident="",
            recv_bytes=_AT_ONCE,
        )
        chosen.send_bytes = _AT_ONCE
        # waitress would leave its own socket open if the port is taken.
        listening = socket.create_server((host, port))
        self._listener = _Listener(
            app, self._sockets, _sock=listening, adj=chosen, bind_socket=False
        )
        self.host, self.port = listening.getsockname()
        self._app = app

    @property
    def url(self) -> str:
        """Where the application is, without a slash at the end."""
        return f"http://{self.host}:{self.port}"

    @property
    def app(self) -> "WSGIApplication":
        """The application; it may be replaced by another one while the server runs."""
        return self._app

    @app.setter
    def app(self, app: "WSGIApplication") -> None:
        self._app = self._listener.application = app

    def stop(self) -> None:
        """Let `serve` come to its end; also from another thread or a signal's handler."""
        with self._closing:
            if not self._stopping:
                self._stopping = True
                self._listener.pull_trigger()

    def serve(self) -> None:
        """Answer until `stop`. Then answer nobody new, finish what is being answered, and end."""
        while not self._stopping:
            self._turn(self._tick)
        self._listener.accepting = False
        self._turn_while(Phase.ANSWERING, self._limits.end)
        self._turn_while(Phase.SENDING, self._limits.last)
        self._listener.task_dispatcher.shutdown(timeout=self._limits.last)
        with self._closing:
            wasyncore.close_all(self._sockets)

    def _turn_while(self, phase: Phase, seconds: float) -> None:
        until = self._clock() + seconds
        while self._clock() < until and any(each.phase() is phase for each in self._channels()):
            self._turn(self._limits.last / 10)

    def _turn(self, seconds: float) -> None:
        """Read and write what can be, after so many seconds at most; hang up on who is overdue."""
        wasyncore.loop(seconds, use_poll=True, map=self._sockets, count=1)
        now = self._clock()
        if now - self._looked >= self._tick:
            self._looked = now
            for channel in self._channels():
                if channel.is_overdue(now, self._limits):
                    channel.handle_close()

    def _channels(self) -> list[_Channel]:
        return [channel for channel in self._sockets.values() if isinstance(channel, _Channel)]
