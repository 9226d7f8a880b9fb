"""What the Makefile does for whoever has to answer for the code."""

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")


def test_the_installer_is_pinned():
    assert re.search(r"^UV_VERSION := \d+\.\d+\.\d+$", MAKEFILE, re.MULTILINE)
    assert re.findall(r"pip install \S+ (\S+)", MAKEFILE) == ["uv==$(UV_VERSION)"]


@pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")
def test_the_list_of_what_is_deployed_is_that_of_the_lock(tmp_path):
    listed = tmp_path / "dist" / "sbom.json"
    command = ["make", "--silent", "--old-file=.venv/.ready", "sbom", f"SBOM={listed}"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=60)
    content = json.loads(listed.read_text())
    assert (content["bomFormat"], content["specVersion"]) == ("CycloneDX", "1.5")
    locked = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))["package"]
    versions = {(package["name"], package["version"]) for package in locked}
    components = {(part["name"], part["version"]) for part in content["components"]}
    assert components <= versions
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = {re.split(r"[<>=\[]", line)[0] for line in project["dependencies"]}
    assert wanted | {"boto3"} <= {name for name, _ in components}
    assert not {"pytest", "mypy", "segno", "openpyxl"} & {name for name, _ in components}


def test_whom_to_tell_is_written_and_what_it_names_is_there():
    text = (ROOT / "SECURITY.md").read_text("utf-8")
    assert "Report a vulnerability" in text
    for place in re.findall(r"\]\(([^)]+)\)|`((?:tests|docs)/[^`]+)`", text):
        assert (ROOT / "".join(place)).exists()
