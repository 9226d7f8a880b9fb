import json
import os
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from functions.shared.settings import FUNCTIONS
from functions.shared.settings import load as load_settings
from infra.cli import main
from infra.cloud import stack
from infra.cloud.carrying_out import Outcome, Runner
from infra.emulator.app import create_app
from infra.emulator.server import serving
from infra.emulator.store import Store
from tests.infra.cloud.graphs import SMTP_FILE

OWN_FILE = SMTP_FILE.replace("example.org", "lot.example").replace("-exemple", "-lot")


class Cloud:
    def __init__(self, folder):
        self.folder = folder

    def __call__(self, *words, **more):
        return CliRunner().invoke(main, ["cloud", *words], **more)

    def calls(self):
        return (self.folder / "calls").read_text().splitlines()

    def received(self):
        return (self.folder / "stdin").read_text()


@pytest.fixture
def cloud(tmp_path, monkeypatch):
    """`accueil cloud` with a stack `lot`; every tool of the machine notes how it was called."""
    (tmp_path / "lot.toml").write_text(OWN_FILE, "utf-8")
    (tmp_path / "exemple.toml").write_bytes((stack.STACKS / "exemple.toml").read_bytes())
    monkeypatch.setattr(stack, "STACKS", tmp_path)
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("gcloud", "pulumi"):
        script = tools / tool
        script.write_text(f'#!/bin/sh\necho "{tool} $*" >>"{tmp_path}/calls"\n' + REPLIES, "utf-8")
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    monkeypatch.setenv("CALLS", str(tmp_path))

    return Cloud(tmp_path)


REPLIES = """
case "$*" in
  *"versions add"*) cat >"$CALLS/stdin" ;;
  *"access latest --secret=accueil-intake-secrets"*) echo ssssssssssssssssssssssssssssssss ;;
  *"access latest --secret=accueil"*) echo smtps://accueil:hunter2@courriel.example.org:465 ;;
  *"services describe"*) echo '{"status": {"traffic": [{"revisionName": "r2", "percent": 100}]}}' ;;
  *"revisions list"*) echo '[
    {"metadata": {"name": "r1", "labels": {"deployment": "1"}},
     "status": {"conditions": [{"type": "Ready", "status": "True"}]}},
    {"metadata": {"name": "r2", "labels": {"deployment": "2"}},
     "status": {"conditions": [{"type": "Ready", "status": "True"}]}}]' ;;
esac
"""


def test_help_is_in_french(cloud):
    shown = cloud("--help").output
    assert "Mettre le système sur Google Cloud" in shown
    for command in ("deploy", "rollback", "destroy", "secret", "build", "smoke", "fill", "on"):
        assert f"  {command} " in shown


def test_a_dry_run_calls_nothing(cloud, tmp_path):
    shown = cloud("deploy", "lot", "--dry-run")
    assert shown.exit_code == 0
    assert "accueil cloud smoke --url <form>" in shown.output
    assert not (tmp_path / "calls").exists()


def test_a_stack_that_is_wrong_is_said_before_anything(cloud, tmp_path):
    (tmp_path / "essai.toml").write_text(OWN_FILE.replace("Europe/Paris", "UTC"), "utf-8")
    refused = cloud("deploy", "essai")
    assert refused.exit_code == 1
    assert "essai.toml, time_zone : attendu, Europe/Paris" in refused.output


def test_a_stack_s_file_that_was_not_filled_in_is_refused(cloud, tmp_path):
    (tmp_path / "lot.toml").write_bytes((tmp_path / "exemple.toml").read_bytes())
    refused = cloud("deploy", "lot", "--dry-run")
    assert refused.exit_code == 1
    assert "project, operator, alerts, ACCUEIL_SPREADSHEET, ACCUEIL_MAIL_FROM" in refused.output
    (tmp_path / "lot.toml").write_text(
        OWN_FILE.replace("donnees@lot.example", "donnees@example.org")
    )
    assert cloud("deploy", "lot").output == (
        "Error: lot.toml a encore des valeurs de l'exemple, indiquez les vôtres : "
        "ACCUEIL_PRIVACY_CONTACT.\n"
    )


def test_a_missing_tool_is_said(cloud, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    refused = cloud("deploy", "lot")
    assert "Installez gcloud" in refused.output
    assert "Installez pulumi" in refused.output


def test_a_deployment_that_cannot_begin_stops_with_what_to_do(cloud):
    refused = cloud("deploy", "lot")
    assert "Le projet existe : non." in refused.output
    assert "gcloud auth login" in refused.output
    assert len(cloud.calls()) == 1


def test_a_secret_goes_by_standard_input_and_is_not_shown(cloud):
    way = "smtps://accueil:hunter2@courriel.example.org:465"
    given = cloud("secret", "lot", "accueil-route-mail", input=f"{way}\n")
    assert given.exit_code == 0, given.output
    assert cloud.received() == way
    assert "hunter2" not in given.output + "".join(cloud.calls())


def test_a_secret_that_will_not_do_is_refused(cloud, tmp_path):
    refused = cloud("secret", "lot", "accueil-route-mail", input="courriel.example.org\n")
    assert "ACCUEIL_MAIL est mal formée" in refused.output
    assert not (tmp_path / "calls").exists()


def test_the_secret_of_the_challenges_is_drawn(cloud):
    assert cloud("secret", "lot", "accueil-intake-secrets").exit_code == 0
    assert len(cloud.received()) >= 32


def test_another_secret_is_refused_and_those_that_there_are_are_named(cloud):
    refused = cloud("secret", "lot", "password")
    assert "accueil-route-mail" in refused.output
    assert refused.exit_code == 1


def test_a_trial_is_filled_once():
    store = Store()
    store.create({"title": "Essai"}, "essai")
    with serving(create_app(store)) as api:
        where = ("--spreadsheet", "essai", "--api", api)
        assert CliRunner().invoke(main, ["sheet", *where, "apply"]).exit_code == 0
        first, second = (CliRunner().invoke(main, ["cloud", "fill", *where]) for _ in range(2))
    assert first.output == "Rempli de personnes fictives.\n", first.output
    assert second.output == "L'onglet Référents n'est pas vide : rien à faire.\n"


def test_a_rollback_goes_to_the_revision_before(cloud):
    shown = cloud("rollback", "lot", "--dry-run")
    for function in ("intake", "route", "digest"):
        assert f"update-traffic accueil-{function} --to-revisions=r1=100" in shown.output


@pytest.fixture
def started(monkeypatch):
    """What `accueil cloud on` starts, with the environment that it gets."""
    started = []

    def run(self, command, environ, shown):
        if command[0] == "gcloud":
            return RUN(self, command, environ, shown)
        signed_in = json.loads(Path(environ["GOOGLE_APPLICATION_CREDENTIALS"]).read_text())
        started.append((command, environ, signed_in["service_account_impersonation_url"]))
        return Outcome(3)

    monkeypatch.setattr(Runner, "__call__", run)
    return started


RUN = Runner.__call__


def test_the_operator_s_commands_run_on_a_stack_as_route(cloud, started, tmp_path, monkeypatch):
    (tmp_path / "application_default_credentials.json").write_text('{"type": "authorized_user"}')
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    ended = cloud("on", "lot", "journal", "refile", "--missing", "--dry-run")
    assert ended.exit_code == 3, ended.output
    [(command, environ, identity)] = started
    assert command == ["accueil", "journal", "refile", "--missing", "--dry-run"]
    assert "accueil-route@accueil-lot" in identity
    for settings in FUNCTIONS.values():  # nothing is missing or malformed, for none of the three
        load_settings(environ, settings)
    assert environ["ACCUEIL_JOURNAL"] == "gs://accueil-lot-accueil-journal"
    assert "hunter2" not in ended.output + "".join(cloud.calls())


def test_a_secret_that_is_not_there_yet_is_said(cloud, started, tmp_path):
    (tmp_path / "tools" / "gcloud").write_text("#!/bin/sh\necho NOT_FOUND >&2\nexit 1\n")
    refused = cloud("on", "lot", "doctor")
    assert "Le secret accueil-intake-secrets n'est pas lisible : NOT_FOUND" in refused.output
    assert not started


def test_a_rollback_needs_no_pulumi(cloud, tmp_path):
    (tmp_path / "tools" / "pulumi").unlink()
    assert "Installez" not in cloud("rollback", "lot").output
    assert "Installez pulumi" in cloud("deploy", "lot").output


def test_the_journal_is_removed_only_by_whoever_types_the_stack_s_name(cloud, tmp_path):
    refused = cloud("destroy", "lot", "--with-journal", input="oui\n")
    assert "Rien n'a été retiré." in refused.output
    assert not (tmp_path / "calls").exists()
    done = cloud("destroy", "lot", "--with-journal", input="lot\n")
    assert done.exit_code == 0, done.output
    assert [line.split(" --")[0] for line in cloud.calls()] == [
        "pulumi destroy",
        "gcloud storage rm",
        "pulumi state unprotect",
        "pulumi destroy",
    ]


def test_without_that_the_journal_stays(cloud):
    assert cloud("destroy", "lot").exit_code == 0
    assert [line.split(" --cwd")[0] for line in cloud.calls()] == [
        "pulumi destroy --stack lot-functions"
    ]
