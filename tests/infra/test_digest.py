"""`accueil digest`: to look at Monday's mails, and to send one again."""

from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from functions.digest.handler import Digest
from functions.digest.weeks import last_week
from functions.shared.errors import MailError, MailUnsureError
from functions.shared.journal.store import open_journal
from infra import digest as command
from infra.cli import main
from tests.functions.digest.sheets import Sheet
from tests.functions.digest.test_handler import CLAIRE, PAUL
from tests.functions.digest.test_report import request
from tests.support import Postman

WEEK = last_week(datetime.now(UTC)).name


@pytest.fixture
def postman() -> Postman:
    return Postman()


@pytest.fixture
def function(postman, monkeypatch) -> Digest:
    sheet = Sheet([request(1)], (), [CLAIRE], referents=[PAUL])
    made = Digest(
        open_journal("memory:///"), sheet, postman, "a@example.org", "https://example.org/classeur"
    )
    monkeypatch.setattr(command, "_function", lambda *_: made)
    return made


def accueil(*args: str, typed: str = ""):
    return CliRunner().invoke(main, ["digest", *args], input=typed)


def test_a_preview_writes_every_mail_and_sends_and_marks_nothing(function, postman, tmp_path):
    done = accueil("--preview", "--output", str(tmp_path / "apercu"))
    assert done.exit_code == 0
    assert "2 courriels, rien n'est parti" in done.output
    assert f"{CLAIRE['email']} : Aperçu – Oh my Lot ! Semaine" in done.output
    index = (tmp_path / "apercu" / "index.html").read_text("utf-8")
    assert "Paul Durand &lt;paul.durand@example.org&gt;" in index
    for ending in ("html", "txt"):
        assert "LOT-0000-0012" in (tmp_path / "apercu" / f"002.{ending}").read_text("utf-8")
    assert (postman.sent, function.journal.keys("")) == ([], [])


@pytest.mark.usefixtures("function")
def test_a_preview_is_opened(monkeypatch):
    opened = []
    monkeypatch.setattr(command.click, "launch", opened.append)
    assert accueil("--preview", "--to", PAUL["email"]).exit_code == 0
    assert [path.rpartition("/")[2] for path in opened] == ["index.html"]


@pytest.mark.usefixtures("function")
def test_nothing_is_sent_before_somebody_agrees(postman):
    done = accueil(typed="n\n")
    assert f"Courriels de la semaine {WEEK} :" in done.output
    assert "claire.roux@example.org (coordination) : à envoyer" in done.output
    assert "paul.durand@example.org (référent ou référente) : à envoyer" in done.output
    assert "Envoyer 2 courriels ?" in done.output
    assert "Rien n'est parti." in done.output
    assert postman.sent == []


@pytest.mark.usefixtures("function")
def test_what_was_sent_is_not_sent_again_but_by_force(postman):
    assert "2 envoyé(s)." in accueil("--yes").output
    again = accueil("--yes")
    assert again.output.count("déjà envoyé") == 2
    assert "Rien à envoyer." in again.output
    forced = accueil("--week", WEEK, "--to", "Paul.Durand@example.org", "--force", "--yes")
    assert "paul.durand@example.org (référent ou référente) : à renvoyer" in forced.output
    assert postman.addressees == [CLAIRE["email"], PAUL["email"], PAUL["email"]]


@pytest.mark.usefixtures("function")
def test_what_is_uncertain_is_said_and_not_sent_again(postman):
    postman.failures = [MailUnsureError("?"), MailError("!")]
    first = accueil("--yes")
    assert first.exit_code == 1
    assert "1 sans confirmation : le serveur les a peut-être pris." in first.output
    assert "1 pas parti(s) : recommencez dans quelques minutes." in first.output
    second = accueil("--yes")
    assert "envoi non confirmé : --force le renvoie" in second.output
    assert "prévu, pas encore parti" in second.output
    assert postman.addressees == [PAUL["email"]]


@pytest.mark.usefixtures("function")
@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--force"], "--force renvoie un seul courriel : indiquez --to ADRESSE."),
        (["--force", "--preview", "--to", "a@example.org"], "--preview n'envoie rien"),
        (["--week", "48"], "Indiquez avec --week une semaine ISO, par exemple 2026-W48."),
        (["--week", "2020-W01"], "est trop loin"),
        (["--to", "ana@example.org"], "Aucun courriel pour ana@example.org"),
    ],
)
def test_what_cannot_be_done_is_said(postman, args, said):
    done = accueil(*args)
    assert done.exit_code != 0
    assert said in done.output
    assert postman.sent == []


def test_without_settings_it_says_which(monkeypatch):
    monkeypatch.delenv("ACCUEIL_MAIL", raising=False)
    done = accueil("--preview")
    assert done.exit_code == 1
    assert "ACCUEIL_MAIL manque" in done.output
