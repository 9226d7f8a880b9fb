"""A function that starts from files and packages that are not this project's own environment."""

import http.client
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.local import stack

PATIENCE = 30  # seconds


@contextmanager
def served(
    function: str, command: list[str], source: Path, path: Path, state: Path
) -> Iterator[int]:
    """Run a command in the folder `source`, with the programs of `path` alone; yields the port.

    It is to say nothing on standard error, and to end well when told to.
    """
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    environ = stack.settings(state, "http://127.0.0.1:9") | {
        "FUNCTION_TARGET": function,
        "PATH": str(path),
        "PORT": str(port),
    }
    with subprocess.Popen(
        command, cwd=source, env=environ, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield port
        finally:
            process.terminate()
            said = process.communicate()[1]
    assert (process.returncode, said) == (0, "")


def answer_status(port: int) -> int:
    """How GET is answered, by a process that may still be starting."""
    until = time.monotonic() + PATIENCE
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status
        except ConnectionRefusedError:
            assert time.monotonic() < until
            time.sleep(0.02)
        finally:
            connection.close()
