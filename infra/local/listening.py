"""Servers on this machine: where they listen, and what to say if they cannot."""

from typing import TYPE_CHECKING

from infra.emulator.server import Server
from sheets_schema.errors import AccueilError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def listen(app: "WSGIApplication", port: int) -> Server:
    """Return a server for an application on a port; 0 takes a free one.

    Raises:
        AccueilError: the port is taken, or this user may not use it.
    """
    try:
        return Server(app, port=port)
    except OSError as error:
        raise AccueilError(
            f"Le port {port} est déjà pris, ou réservé : choisissez-en un autre avec --port "
            "(« make run PORT=… »)."
        ) from error
