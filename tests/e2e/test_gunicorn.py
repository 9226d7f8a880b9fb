"""What only the server of the platform shows: bodies in chunks, and how a process ends."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.bench.servers import ROOT, Running, function, settings

HEAD = (
    b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Connection: close\r\nTransfer-Encoding: "
)


@pytest.fixture(scope="module")
def intake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with function("intake", settings(tmp_path_factory.mktemp("home"))) as running:
        yield running


def post(running: Running, rest: bytes) -> str:
    """Send the end of a call and hang up; gives the answer."""
    with socket.create_connection(("127.0.0.1", running.port), timeout=30) as connection:
        connection.sendall(HEAD + rest)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while part := connection.recv(65_536):
            answer += part
    return answer.decode()


@pytest.mark.parametrize(
    "rest",
    [
        b'chunked\r\n\r\n20\r\n{"first_name":',
        b"chunked\r\n\r\n2\r\n{}\r\n",
        b"chunked\r\n\r\n2\r\n{}\r\n0\r\n",
        b"chunked\r\n\r\n",
    ],
)
def test_a_body_whose_chunks_are_cut_is_to_be_sent_again(intake, rest):
    answer = post(intake, rest)
    assert answer.startswith("HTTP/1.1 503 ")
    assert "\r\nRetry-After: 1\r\n" in answer
    assert "La requête est arrivée incomplète".encode().decode() in answer


@pytest.mark.parametrize(
    "rest", [b"gzip, chunked", b"gzip\r\nTransfer-Encoding: chunked", b"identity, chunked"]
)
def test_a_body_that_nobody_would_decode_is_refused(intake, rest):
    answer = post(intake, rest + b"\r\n\r\n2\r\n{}\r\n0\r\n\r\n")
    assert answer.startswith("HTTP/1.1 501 ")
    assert "Transfer-Encoding" in answer


def test_a_body_in_whole_chunks_is_read(intake):
    assert post(intake, b"Chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n").startswith("HTTP/1.1 422 ")


# A function that hangs in a call that nothing can interrupt.
HANGING = """
import sys, time
sys.path.insert(0, {root!r})
import main
main.stopping.end_in_time.__defaults__ = (0.2,)
main._handlers["route"] = lambda call: print("hangs", flush=True) or time.sleep(300)
def hanging(request):
    return main.route(request)
"""


def test_a_worker_that_hangs_ends_soon_after_sigterm(tmp_path: Path):
    source = tmp_path / "hanging.py"
    source.write_text(HANGING.format(root=str(ROOT)))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    command = [sys.executable, "-m", "functions_framework", "--target=hanging"]
    command += [f"--source={source}", "--host=127.0.0.1", f"--port={port}"]
    environ = os.environ | {"WORKERS": "1", "THREADS": "2"}
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE) as process:
        try:
            with connected(process, port) as connection:
                connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
                assert process.stdout
                assert process.stdout.readline() == b"hangs\n"
                process.send_signal(signal.SIGTERM)
                process.wait(timeout=10)
        finally:
            process.kill()


def connected(process: subprocess.Popen[bytes], port: int) -> socket.socket:
    """A connection to a process that is starting."""
    while process.poll() is None:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=30)
        except ConnectionRefusedError:
            time.sleep(0.02)
    raise AssertionError("It did not start.")
