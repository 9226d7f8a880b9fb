"""What can be known of the image and of compose.yaml where no Docker runs."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys

import pytest
import yaml

from functions.shared import settings
from functions.shared.errors import SettingError
from functions.shared.version import FOLDERS
from infra.cloud import archive
from infra.self_host import schedule
from tests.infra.deployed import answer_status, served

ROOT = archive.ROOT
LINES = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ").splitlines()
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
SERVICES = COMPOSE["services"]
FUNCTIONS = {name: SERVICES[name] for name in settings.FUNCTIONS}


def instructions(kind: str) -> list[str]:
    return [line.partition(" ")[2].strip() for line in LINES if line.startswith(f"{kind} ")]


def copied() -> tuple[set[str], set[str]]:
    """What each of the two stages copies out of this folder."""
    stages = "\n".join(LINES).split("\nFROM ")[1:]
    return tuple(
        {
            name
            for line in stage.splitlines()
            if line.startswith("COPY ") and "--from" not in line
            for name in line.split()[1:-1]
        }
        for stage in stages
    )


def test_the_image_holds_what_the_archive_holds():
    packages, code = copied()
    assert packages == {"pyproject.toml", "uv.lock"}
    assert code == {*archive.SINGLE, *FOLDERS}


def test_what_the_image_does_not_hold_never_reaches_the_build():
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    allowed = {line[1:] for line in lines if line.startswith("!")}
    packages, code = copied()
    assert "*" in lines
    assert allowed == packages | code
    assert {"**/__pycache__", "**/.*"} <= {*lines}


def test_the_versions_are_those_of_the_archive_and_the_makefile():
    assert {line.split()[0] for line in instructions("FROM")} == {f"python:{archive.PYTHON}-slim"}
    makefile = (ROOT / "Makefile").read_text()
    version = re.search(r"^UV_VERSION := (\S+)$", makefile, re.MULTILINE)[1]
    assert f"uv=={version}" in instructions("RUN")[0]


def test_nobody_special_runs_it_and_it_starts_as_in_the_cloud():
    assert instructions("USER") == ["10001:10001"]
    (command,) = instructions("CMD")
    assert json.loads(command) == shlex.split((ROOT / "Procfile").read_text())[1:]


# Some 2 s: an environment is made from uv's cache, and a process starts in it.
def test_the_image_s_command_answers_in_an_environment_made_as_the_image_s(tmp_path):
    packages, source = tmp_path / "packages", tmp_path / "source"
    for folder, names in zip((packages, source), copied(), strict=True):
        folder.mkdir()
        for name in names:
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, folder / name)
    sync = shlex.split(instructions("RUN")[1])
    assert sync[:2] == ["uv", "sync"]
    wanted = [archive._uv(), *(word for word in sync[1:] if word != "--compile-bytecode")]
    subprocess.run(
        [*wanted, "--python", sys.executable],
        cwd=packages,
        env={name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"},
        check=True,
        capture_output=True,
    )
    path = packages / ".venv" / "bin"
    command = json.loads(instructions("CMD")[0])
    (health,) = (line for line in instructions("HEALTHCHECK"))
    check = json.loads(health.partition("CMD ")[2])
    with served("route", command, source, path, tmp_path / "state") as port:
        assert answer_status(port) == 405  # it is there; the archive's test starts the others
        environ = {"PATH": str(path), "PORT": str(port)}
        assert subprocess.run(check, env=environ, timeout=10, check=False).returncode == 0
    assert subprocess.run(check, env=environ, capture_output=True, check=False).returncode


def given(name: str) -> dict[str, str]:
    """The environment of a function, with the examples as its files of settings."""
    example = ROOT / "infra/self_host"
    text = "".join(
        (example / ("example.env" if file == ".env" else file)).read_text("utf-8")
        for file in FUNCTIONS[name]["env_file"]
    )
    pairs = (line.partition("=") for line in text.splitlines() if line and line[0] != "#")
    return {key: value.strip('"') for key, _, value in pairs} | FUNCTIONS[name]["environment"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_examples_name_every_setting_that_has_to_be_set(name):
    environ = given(name)
    blank = {variable for variable, value in environ.items() if not value}
    with pytest.raises(SettingError) as caught:
        settings.load(environ, settings.FUNCTIONS[name])
    faults = {line.partition(" ")[0] for line in str(caught.value).splitlines()}
    assert faults <= blank  # what is not blank is well formed


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_examples_tell_a_function_only_what_it_reads(name):
    environ = given(name)
    read = {setting.variable for setting in settings.of(settings.FUNCTIONS[name]).values()}
    assert {key for key in environ if key.startswith("ACCUEIL_")} <= read
    assert environ["FUNCTION_TARGET"] == name


def test_the_example_names_every_variable_that_compose_asks_for():
    text = (ROOT / "compose.yaml").read_text("utf-8")
    example = (ROOT / "infra/self_host/example.env").read_text("utf-8")
    named = set(re.findall(r"^(\w+)=", example, re.MULTILINE))
    assert set(re.findall(r"\$\{(\w+):[?-]", text)) - named == {"VERSION"}


def test_a_blank_optional_setting_is_a_missing_one():
    assert settings.SETTINGS["sheets_api"].read({"ACCUEIL_SHEETS_API": ""})


def test_only_the_form_is_reached_from_outside_and_only_through_tls():
    published = {name for name, service in SERVICES.items() if "ports" in service}
    assert published == {"tls", "mail"}
    assert all(port.startswith("127.0.0.1:") for port in SERVICES["mail"]["ports"])
    before = {name for name, service in SERVICES.items() if "front" in service["networks"]}
    assert before == {"tls", "intake"}
    assert SERVICES["tls"]["networks"] == ["front"]
    assert FUNCTIONS["intake"]["environment"]["ACCUEIL_PROXIES"] == "1"


def test_the_keys_of_the_spreadsheet_and_mails_are_not_intake_s():
    assert "secrets" not in FUNCTIONS["intake"]
    assert not {"ACCUEIL_MAIL", "GOOGLE_APPLICATION_CREDENTIALS"} & given("intake").keys()


@pytest.mark.parametrize("name", [*FUNCTIONS, "schedule"])
def test_what_is_ours_has_a_read_only_root_and_no_rights(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "deploy" not in service  # one of each: route is the only writer


def test_the_schedule_calls_what_is_there():
    for address in (schedule.ROUTE, schedule.SWEEP, schedule.DIGEST):
        host, _, port = address.removeprefix("http://").partition("/")[0].partition(":")
        assert host in FUNCTIONS
        assert int(port) == 8080  # main.py's own, where PORT is not set
        assert "PORT" not in given(host)
    (mounted,) = SERVICES["schedule"]["volumes"]
    source, target, _ = mounted.split(":")
    assert (ROOT / source).samefile(schedule.__file__)
    assert target in SERVICES["schedule"]["command"]
