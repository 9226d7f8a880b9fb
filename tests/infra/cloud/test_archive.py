import os
import re
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from functions.shared.version import FOLDERS, ROOT, sources
from infra.cloud import archive
from sheets_schema.errors import AccueilError
from tests.infra.deployed import answer_status, served

UV = archive._uv()


def test_it_holds_what_git_has_of_the_functions_and_nothing_else():
    names = [*archive.SINGLE, *FOLDERS]
    listed = subprocess.run(
        ["git", "ls-files", "-z", *names], cwd=ROOT, check=True, capture_output=True, text=True
    )
    tracked = {name for name in listed.stdout.split("\0") if (ROOT / name).is_file() and name}
    assert set(archive.files()) == tracked
    # What « accueil version » compares is what runs.
    assert archive.files().keys() - sources().keys() == {"LICENSE", "Procfile"}
    assert archive.contents().keys() - tracked == {".python-version", "requirements.txt"}


def test_what_lies_about_is_not_uploaded(tmp_path):
    for name in archive.SINGLE:
        (tmp_path / name).touch()
    for name in ("functions/a.py", "functions/__pycache__/a.pyc", "sheets_schema/.b.json.swp"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / ".env").write_text("ACCUEIL_SECRET=…")
    assert set(archive.files(tmp_path)) == {*archive.SINGLE, "functions/a.py"}


def test_the_same_files_make_the_same_bytes():
    contents = {"b/ü.py": b"1", "a.py": b"2" * 5_000}
    packed = archive.pack(contents)
    assert packed == archive.pack(dict(reversed(contents.items())))
    assert packed != archive.pack(contents | {"a.py": b"3"})


def test_it_is_built_the_same_each_time(tmp_path):
    first = archive.build(tmp_path / "1.zip")
    os.utime(ROOT / "main.py")
    assert archive.build(tmp_path / "2.zip") == first
    with zipfile.ZipFile(tmp_path / "2.zip") as packed:
        assert packed.testzip() is None
        assert packed.read("main.py") == (ROOT / "main.py").read_bytes()


def test_every_requirement_is_pinned_with_hashes_and_none_is_for_development():
    lines = archive.requirements().decode().replace("\\\n", " ").splitlines()
    assert [line for line in lines if not re.match(r"[\w.-]+==\S+ .*--hash=sha256:", line)] == []
    names = {line.partition("==")[0] for line in lines}
    assert names >= {"functions-framework", "waitress", "obstore", "gspread"}
    assert not names & {"pytest", "openpyxl", "boto3", "accueil"}
    assert b"boto3==" in archive.requirements(["ses"])


def test_a_lock_that_does_not_fit_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("UV_OFFLINE", "1")
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    (tmp_path / "pyproject.toml").write_text(project.replace('"flask>=3.1"', '"flask<3.1"'))
    (tmp_path / "uv.lock").write_bytes((ROOT / "uv.lock").read_bytes())
    with pytest.raises(AccueilError, match=r"uv\.lock ne correspond"):
        archive.requirements(root=tmp_path)


def test_without_uv_a_sentence_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AccueilError, match="make setup"):
        archive.requirements()


def test_the_command_writes_it_and_says_what_it_is(tmp_path):
    done = CliRunner().invoke(archive.main, [str(tmp_path / "a.zip"), "--ses"])
    assert done.exit_code == 0
    assert done.output.endswith(f"{archive.build(tmp_path / 'b.zip', ['ses'])}\n")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_the_command_says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "_uv", lambda: "false")
    done = CliRunner().invoke(archive.main, [str(tmp_path / "a.zip")])
    assert done.exit_code == 1
    assert "Error: uv ne peut pas lire" in done.output
    assert not (tmp_path / "a.zip").exists()


# The archive alone runs.


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive's files, and beside them an environment that has what it asks for, only."""
    home = tmp_path_factory.mktemp("archive")
    archive.build(home / "source.zip")
    with zipfile.ZipFile(home / "source.zip") as packed:
        packed.extractall(home / "source")
    environment = home / "environment"
    make = [UV, "venv", "--python", sys.executable, environment]
    subprocess.run(make, check=True, capture_output=True)
    # As the cloud's build does it: what has no hash, or another one, is refused.
    sync = [UV, "pip", "sync", "--require-hashes", "--link-mode", "hardlink"]
    sync += ["--python", environment / "bin" / "python", home / "source" / "requirements.txt"]
    subprocess.run(sync, check=True, capture_output=True)
    return home


def procfile() -> list[str]:
    kind, _, command = (ROOT / "Procfile").read_text().partition(":")
    assert kind == "web"
    return shlex.split(command)


# Some 4 s: an environment is made from uv's cache, and three processes start in it.
def test_the_functions_start_from_the_archive_alone(unpacked):
    ready = {"intake": 200, "route": 405, "digest": 405}
    for function, expected in ready.items():
        path, source = unpacked / "environment" / "bin", unpacked / "source"
        with served(function, procfile(), source, path, unpacked / "state") as port:
            assert answer_status(port) == expected
