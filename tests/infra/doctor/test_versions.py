import subprocess

import pytest
from flask import Flask

from functions.shared.errors import AccueilError
from functions.shared.version import VERSION, code
from infra.cloud import stack
from infra.doctor.versions import Deployed, Versions, deployed, differences
from infra.emulator.server import serving
from sheets_schema import schema
from tests.infra.cloud.graphs import SMTP_FILE

HEALTH = {"status": "ok", "version": "0.0.9", "code": "0123456789ab"}
OLDER = Deployed("0.0.9", "0123456789ab")


@pytest.fixture(scope="module")
def form():
    app = Flask("form")
    app.add_url_rule("/intake/health", view_func=lambda: HEALTH)
    with serving(app) as url:
        yield url


@pytest.mark.parametrize("path", ["", "/", "/intake", "/intake/"])
def test_the_version_of_a_deployed_form_is_asked_for(form, path):
    assert deployed(form + path) == OLDER


def test_one_that_does_not_say_its_code_is_of_another_code():
    app = Flask("old")
    app.add_url_rule("/health", view_func=lambda: {"status": "ok", "version": VERSION})
    with serving(app) as url:
        [sentence] = differences(Versions(deployed(url)))
    assert "d'un autre code" in sentence


def test_where_there_is_no_form_that_is_said(form):
    with pytest.raises(AccueilError, match="vérifiez l'adresse"):
        deployed(f"{form}/ailleurs")


@pytest.fixture
def stacks(tmp_path, monkeypatch):
    """The folder of stacks, with one called `lot`."""
    (tmp_path / "lot.toml").write_text(SMTP_FILE, "utf-8")
    monkeypatch.setattr(stack, "STACKS", tmp_path)


@pytest.mark.usefixtures("stacks")
def test_pulumi_knows_the_address_of_a_stack(form):
    asked = []

    def run(command, environ):
        asked.append((command, environ))
        return f"{form}/intake\n"

    assert deployed("lot", run) == OLDER
    [(command, environ)] = asked
    assert command[:4] == ("pulumi", "stack", "output", "formulaire")
    assert command[command.index("--stack") + 1] == "lot-functions"
    assert command[command.index("--cwd") + 1].endswith("program")
    assert environ["PULUMI_BACKEND_URL"] == "gs://accueil-exemple-accueil-state"


def test_a_stack_without_a_file_is_said():
    with pytest.raises(AccueilError, match="Il n'y a pas de fichier"):
        deployed("nowhere")


@pytest.mark.parametrize(
    "error", [FileNotFoundError("pulumi"), subprocess.CalledProcessError(255, "pulumi")]
)
@pytest.mark.usefixtures("stacks")
def test_without_pulumi_the_address_is_asked_for(error):
    def run(*_):
        raise error

    with pytest.raises(AccueilError, match="donnez celle du formulaire"):
        deployed("lot", run)


@pytest.mark.parametrize(
    ("versions", "words"),
    [
        (Versions(Deployed(VERSION, code()), schema.VERSION), []),
        (Versions(Deployed(VERSION, "0123456789ab")), ["d'un autre code"]),
        (Versions(), []),
        (Versions(Deployed("0.0.1", "")), ["à redéployer"]),
        (Versions(Deployed("99.0.0", "")), ["mettez-le à jour"]),
        (Versions(Deployed("0.0.1", ""), 1), ["à redéployer", "sheet apply"]),
        (Versions(Deployed(VERSION, code()), 99), ["plus récente que ce code"]),
    ],
)
def test_what_differs_is_told_with_what_to_do(versions, words):
    sentences = list(differences(versions))

    assert len(sentences) == len(words)
    assert all(word in sentence for word, sentence in zip(words, sentences, strict=True))
