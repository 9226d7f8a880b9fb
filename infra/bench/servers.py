"""A function in a process of its own, as deployed."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.local import stack

ROOT = Path(__file__).parents[2]
MAIN = ROOT / "main.py"
# The functions that ours are compared with, each in the file of its name.
BASELINES = ("empty", "durable")
PATIENCE = 60.0  # seconds that a start may take
_LOOK = 0.005


@dataclass(frozen=True)
class Running:
    """A function that answers at `port`, `started_in` seconds after its process `pid` began."""

    port: int
    started_in: float
    pid: int

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def processor(self) -> float:
        """Seconds of processor time that its threads have used."""
        threads = Path(f"/proc/{self.pid}/task").iterdir()
        return sum(int((each / "schedstat").read_text().split()[0]) for each in threads) / 1e9

    def most_memory(self) -> float:
        """Megabytes that it had at most."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        (peak,) = (line.split()[1] for line in lines if line.startswith("VmHWM:"))
        return int(peak) / 1024


@contextmanager
def function(name: str, chosen: Mapping[str, str], ready: int = 200) -> Iterator[Running]:
    """Run one function until the end of a `with` block.

    Args:
        name: intake, route, digest, or one of BASELINES.
        chosen: its settings, environment variables.
        ready: the status with which it answers GET once it is there.

    Raises:
        RuntimeError: it does not start.
    """
    port = free_port()
    source = Path(__file__).with_name(f"{name}.py") if name in BASELINES else MAIN
    more = {"FUNCTION_TARGET": name, "FUNCTION_SOURCE": str(source), "PORT": str(port)}
    start = time.monotonic()
    process = subprocess.Popen(  # noqa: S603  (a fixed command)
        [sys.executable, MAIN],
        cwd=ROOT,
        env={**os.environ, **more, **chosen},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not _answers(port, ready):
            if process.poll() is not None or time.monotonic() - start > PATIENCE:
                raise RuntimeError(f"The function {name} does not start.")
            time.sleep(_LOOK)
        yield Running(port, time.monotonic() - start, process.pid)
    finally:
        process.terminate()
        process.wait()


def settings(home: Path, sheets_api: str = "http://127.0.0.1:9") -> dict[str, str]:
    """The functions' settings on this machine, as `make run` makes them; their state in `home`."""
    return stack.settings(home, "http://127.0.0.1") | {"ACCUEIL_SHEETS_API": sheets_api}


def _answers(port: int, status: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == status
    except OSError:
        return False
    finally:
        connection.close()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port
