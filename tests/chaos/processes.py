"""The functions as processes, as the platform runs them."""

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
    """One function; a process that `kill` takes is replaced, as the platform does."""

    def __init__(self, name: str, port: int, settings: Mapping[str, str], log: Path) -> None:
        self.name, self.url = name, f"http://127.0.0.1:{port}"
        self._environ = os.environ | settings | {"FUNCTION_TARGET": name, "PORT": str(port)}
        self._log = log.open("ab")
        self._process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-u", ROOT / "main.py"]
        return subprocess.Popen(command, env=self._environ, stdout=self._log, stderr=self._log)

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
        """SIGKILL the process, and start another one."""
        self._process.kill()
        killed = self._process.wait() == -signal.SIGKILL
        self._process = self._start()
        return killed

    def stop(self) -> None:
        """End it for good."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()
