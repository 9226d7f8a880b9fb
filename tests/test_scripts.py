"""The unit tests of the scripts of pages, in Node.js."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import missing

HERE = Path(__file__).parent
TESTS = sorted(
    path for part in ("functions", "infra") for path in HERE.glob(f"{part}/**/*.test.js")
)


@pytest.mark.parametrize("path", TESTS, ids=[path.stem for path in TESTS])
def test_a_script_does_what_its_tests_say(path: Path):
    node = shutil.which("node")
    if not node:
        missing("no Node.js on this machine: apt install nodejs")
    command = [node, "--test", "--test-reporter=tap", path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^# pass [1-9]", done.stdout, re.MULTILINE), done.stdout
