"""Answers that do not arrive whole, or not at all."""

import socket
import struct
from collections.abc import Callable

from flask import Response, request

from infra.emulator.errors import UnimplementedError
from infra.emulator.server import DELIVERY, Delivery, Send

_PIECES = 8
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


def deliver(answer: Response, send: Send) -> Response:
    """Let our server send the answer to the current call in the given way.

    Raises:
        UnimplementedError: If it is another server.
    """
    delivery: Delivery | None = request.environ.get(DELIVERY)
    if delivery is None:
        raise UnimplementedError("a broken connection, but through its own server")
    delivery.send = send
    return answer


def nothing() -> Response:
    """Return an answer of which nothing will be sent."""
    return Response(status=204)


def reset(connection: socket.socket, _head: bytes, _body: bytes) -> None:
    """Send a reset (RST) instead of an answer."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    connection.close()


def hang_up(_connection: socket.socket, _head: bytes, _body: bytes) -> None:
    """Send nothing; the connection is closed in order."""


def truncated(connection: socket.socket, head: bytes, body: bytes) -> None:
    """Send half of the body, although the head gives the whole length."""
    connection.sendall(head + body[: len(body) // 2])


def slowly(seconds: float, sleep: Callable[[float], object]) -> Send:
    """Return a way to send that takes so long, the body coming in pieces."""

    def send(connection: socket.socket, head: bytes, body: bytes) -> None:
        connection.sendall(head)
        size = -(-len(body) // _PIECES) or 1
        for start in range(0, len(body), size):
            sleep(seconds / _PIECES)
            connection.sendall(body[start : start + size])

    return send
