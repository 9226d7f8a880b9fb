import socket

import pytest
from werkzeug.wrappers import Response

from functions.shared import server
from infra.emulator import server as emulator
from infra.local.listening import listen
from sheets_schema.errors import AccueilError

KINDS = pytest.mark.parametrize("kind", [server.Server, emulator.Server])


@KINDS
def test_a_taken_port_is_a_sentence(kind):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(AccueilError, match=f"Le port {port} est déjà pris"):
            listen(kind, Response(), port)


def test_a_free_port_is_found():
    listening = listen(emulator.Server, Response(), 0)
    assert listening.url == f"http://127.0.0.1:{listening.port}"
    assert listening.port
    listening.server_close()
