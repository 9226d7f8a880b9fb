"""Servers on this machine: where they listen, and what to say if they cannot."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from sheets_schema.errors import AccueilError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

AnyServer = TypeVar("AnyServer")


def listen(kind: Callable[..., AnyServer], app: "WSGIApplication", port: int) -> AnyServer:
    """Return a server of some kind for an application on a port; 0 takes a free one.

    Raises:
        AccueilError: the port is taken, or this user may not use it.
    """
    try:
        return kind(app, port=port)
    except OSError as error:
        raise AccueilError(
            f"Le port {port} est déjà pris, ou réservé : choisissez-en un autre avec --port "
            "(« make run PORT=… »)."
        ) from error
