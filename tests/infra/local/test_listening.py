import socket

import pytest
from werkzeug.wrappers import Response

from infra.local.listening import listen
from sheets_schema.errors import AccueilError


def test_a_taken_port_is_a_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(AccueilError, match=f"Le port {port} est déjà pris"):
            listen(Response(), port)


def test_a_free_port_is_found():
    server = listen(Response(), 0)
    assert server.url == f"http://127.0.0.1:{server.port}"
    assert server.port
    server.server_close()
