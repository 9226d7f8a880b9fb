import socket
from collections.abc import Iterator

import pytest

from tests.functions.shared.sheets.canned import Canned, answering


@pytest.fixture
def closed_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def canned() -> Iterator[Canned]:
    with answering() as canned:
        yield canned
