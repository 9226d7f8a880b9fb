"""The functions as processes, as the platform runs them: gunicorn, one worker of eight threads."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import requests

ROOT = Path(__file__).parents[2]


class Function:
    """One function behind functions-framework; gunicorn replaces a worker that `kill` takes."""

    def __init__(self, name: str, port: int, settings: Mapping[str, str], log: Path) -> None:
        self.name, self.url = name, f"http://127.0.0.1:{port}"
        more = {"WORKERS": "1", "THREADS": "8", "PYTHONUNBUFFERED": "1"}
        command = Path(sys.executable).with_name("functions-framework")
        self._log = log.open("ab")
        self.master = subprocess.Popen(
            [command, f"--source={ROOT / 'main.py'}", f"--target={name}", f"--port={port}"],
            env=os.environ | settings | more,
            stdout=self._log,
            stderr=self._log,
        )

    def worker(self) -> int | None:
        """The process id of the worker."""
        path = Path(f"/proc/{self.master.pid}/task/{self.master.pid}/children")
        children = path.read_text().split()
        return int(children[0]) if children else None

    def wait(self, seconds: float = 30) -> None:
        """Wait until it answers: GET is intake's form, and refused by route."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                requests.get(self.url, timeout=5)
            except requests.RequestException:
                time.sleep(0.02)
            else:
                return
        raise TimeoutError(f"{self.name} does not answer")

    def kill(self) -> bool:
        """SIGKILL the worker."""
        pid = self.worker()
        if pid is None:
            return False
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def stop(self) -> None:
        """End it for good."""
        if self.master.returncode is not None:
            return
        self.master.terminate()
        try:
            self.master.wait(10)
        except subprocess.TimeoutExpired:
            self.master.kill()
            self.master.wait()
        self._log.close()
