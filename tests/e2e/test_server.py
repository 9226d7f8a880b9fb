"""What only a process shows: that slow and long calls cost others nothing, and how it ends.

What the server does with each kind of connection is in tests/functions/shared/test_server.py.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
import requests

from infra.bench.servers import MAIN, ROOT, Running, function, settings
from tests.support import ANA, API_KEY

SLOW = 200
HALVES = (
    b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Ty",
    b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\nfirst_name=A",
    b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",  # and reads nothing of the page
)


@pytest.fixture
def intake(tmp_path: Path) -> Iterator[Running]:
    with function("intake", settings(tmp_path)) as running:
        yield running


def connect(running: Running) -> socket.socket:
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(30)
    connection.connect(("127.0.0.1", running.port))
    return connection


def send(connection: socket.socket, data: bytes) -> bytes:
    """Send until it is refused; gives what is answered."""
    with suppress(ConnectionResetError, BrokenPipeError):
        connection.sendall(data)
    try:
        return connection.recv(65_536)
    except ConnectionResetError:
        return b""


def seconds(ask: Callable[[], requests.Response]) -> float:
    """How long the answer takes."""
    begin = time.monotonic()
    assert ask().status_code in {200, 202}
    return time.monotonic() - begin


def test_slow_and_long_calls_cost_others_nothing_and_the_end_comes_in_time(intake):
    with ExitStack() as closing:
        for number in range(SLOW):
            connection = closing.enter_context(connect(intake))
            connection.sendall(HALVES[number % 3])

        for ask in (
            lambda: requests.get(f"{intake.url}/health", timeout=10),
            lambda: requests.post(intake.url, json=ANA, headers=API_KEY, timeout=10),
        ):
            assert min(seconds(ask) for _ in range(3)) < 1  # the best: the machine is shared

        before = intake.processor()
        for long in (b"GET /" + b"a" * 20_000_000, b"GET / HTTP/1.1\r\nA: " + b"a" * 20_000_000):
            answer = send(closing.enter_context(connect(intake)), long)
            assert answer.partition(b"\r\n")[0] in {
                b"",  # hung up on while it was still sending
                b"HTTP/1.0 431 Request Header Fields Too Large",
            }
        assert intake.processor() - before < 0.5  # seconds; unbounded, it would be twenty

        begin = time.monotonic()
        os.kill(intake.pid, signal.SIGTERM)
        while b"Z" not in Path(f"/proc/{intake.pid}/stat").read_bytes().rpartition(b")")[2]:
            assert time.monotonic() - begin < 10
            time.sleep(0.02)


# A function that hangs in a call that nothing can interrupt.
HANGING = """
import sys, time
sys.path.insert(0, {root!r})
from functions.shared import server, stopping
stopping.end_in_time.__defaults__ = (0.2,)
def hanging(request):
    print("hangs", flush=True)
    time.sleep(300)
"""


def test_a_process_that_hangs_ends_soon_after_sigterm(tmp_path: Path):
    source = tmp_path / "hanging.py"
    source.write_text(HANGING.format(root=str(ROOT)))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    more = {"FUNCTION_TARGET": "hanging", "FUNCTION_SOURCE": str(source), "PORT": str(port)}
    with subprocess.Popen(
        [sys.executable, MAIN], env=os.environ | more, stdout=subprocess.PIPE
    ) as process:
        try:
            with connected(process, port) as connection:
                connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
                assert process.stdout
                assert process.stdout.readline() == b"hangs\n"
                process.send_signal(signal.SIGTERM)
                assert process.wait(timeout=10) == 1
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


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"FUNCTION_TARGET": "nix"}, "FUNCTION_TARGET : indiquez intake, route, digest."),
        ({"PORT": "80a"}, "PORT=80a : indiquez un port libre, de 1 à 65535."),
        ({"ACCUEIL_JOURNAL": ""}, "ACCUEIL_JOURNAL manque : indiquez"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_a_sentence(more, sentence, tmp_path):
    environ = os.environ | settings(tmp_path) | {"FUNCTION_TARGET": "intake"} | more
    done = subprocess.run(
        [sys.executable, MAIN],
        env=environ,
        check=False,
        capture_output=True,
        encoding="utf-8",
        timeout=30,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(sentence)
    assert "Traceback" not in done.stderr


def test_what_the_log_has_to_say_is_said_at_the_end(tmp_path):
    log = tmp_path / "log"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    more = settings(tmp_path) | {"FUNCTION_TARGET": "intake", "PORT": str(port)}
    with (
        log.open("wb") as out,
        subprocess.Popen([sys.executable, MAIN], env=os.environ | more, stdout=out) as process,
    ):
        connected(process, port).close()
        assert requests.get(f"http://127.0.0.1:{port}/nix", timeout=10).status_code == 404
        process.terminate()
        assert process.wait(10) == 0
    assert "404" in log.read_text()
