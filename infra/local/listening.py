"""Servers of this machine: where they listen, and what to say when they can't."""

from typing import TYPE_CHECKING

from infra.emulator.server import Server
from sheets_schema.errors import AccueilError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def listen(app: "WSGIApplication", port: int) -> Server:
    """Return a server for an application on a port; 0 takes a free one.

    Raises:
        AccueilError: the port is taken, or not for this user.
    """
    try:
        return Server(app, port=port)
    except OSError as error:
        raise AccueilError(
            f"Le port {port} est déjà pris, ou réservé : choisissez-en un autre avec --port "
            "(« make run PORT=… »)."
        ) from error
