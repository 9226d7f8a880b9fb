"""The three functions as the platform loads them, over the local Sheets API and real files."""

import gzip
import json
from datetime import datetime, timedelta
from unittest.mock import Mock

import functions_framework
import pytest

from functions.digest.weeks import week_of
from functions.shared import settings
from functions.shared.errors import JournalError, SettingError
from infra.local.mailbox import mails
from infra.local.triggers import push_body
from sheets_schema.columns import PARIS
from tests.e2e.conftest import MAIN
from tests.support import ANA, API_KEY


def test_a_request_goes_all_the_way_to_the_digest(load, classeur, tmp_path):
    answer = load("intake").post("/", json=ANA, headers=API_KEY)
    assert answer.status_code == 202
    reference = answer.json["reference"]
    assert answer.json == {"reference": reference, "status": "accepted"}

    assert load("route").post("/", json=push_body("pending/x")).json == {"written": 1}
    (row,) = classeur.rows()
    assert (row["Référence"], row["Référent"]) == (reference, "Sophie Lacombe")
    assert row["Pourquoi ce référent"] == (
        "Règle 15 : Tous les projets × Grand-Figeac → Sophie Lacombe"
    )

    mailed = {mail.to: mail for mail in mails(tmp_path / "mail")}
    assert mailed.keys() == {"sophie.lacombe@example.org", ANA["email"]}
    mail = mailed["sophie.lacombe@example.org"]
    assert reference in mail.text
    assert reference in mail.html
    (tmp_path / "mail").rename(tmp_path / "read")

    classeur.type(classeur.at("Référent", 2), "")
    week = week_of(datetime.now(PARIS).date() - timedelta(days=14)).name
    digest = load("digest")
    assert digest.post("/", json={"week": week}).json == {"week": week, "sent": 3}
    assert digest.post("/", json={"week": week}).json == {"week": week, "already_sent": 3}
    sent = mails(tmp_path / "mail")
    assert {mail.to for mail in sent} == {
        "dominique.vayssie@example.org",
        "pauline.escudie@example.org",
        "yann.carriere@example.org",
    }
    assert all(reference in mail.text and reference in mail.html for mail in sent)
    sheet = classeur.sheet_id("Demandes")
    assert f"https://sheets.example.org/demo#gid={sheet}&range=A2" in sent[0].text


def test_long_answers_travel_compressed_to_who_understands_it(load):
    intake = load("intake")
    plain = intake.get("/", headers={"Accept-Encoding": "identity"})
    small = intake.get("/", headers={"Accept-Encoding": "br, gzip"})
    assert "Content-Encoding" not in plain.headers
    assert small.headers["Content-Encoding"] == "gzip"
    assert "<form" in gzip.decompress(small.data).decode()
    assert len(small.data) < len(plain.data) / 3
    for answer in (plain, small):
        assert answer.vary.as_set() == {"origin", "accept-encoding"}
    assert (
        "Content-Encoding" not in intake.get("/health", headers={"Accept-Encoding": "gzip"}).headers
    )


def test_the_form_works_without_script(load):
    intake = load("intake")
    page = intake.get("/")
    assert page.status_code == 200
    fields = {
        "first_name": "Ana",
        "last_name": "Martin",
        "phone": "06 12 34 56 78",
        "projects.0.type": "health",
        "target": "communes",
        "target.communes": "saint-cere",
    }
    sent = intake.post("/", data=fields)
    assert sent.status_code == 202
    assert "LOT-" in sent.text


def test_a_cedex_code_leads_to_its_town_and_never_to_the_village_with_that_insee_code(
    load, classeur
):
    """46009 is Assier's INSEE code, and Cahors has mail under it."""
    intake, route = load("intake"), load("route")
    person = {"last_name": "Martin", "phone": "06 12 34 56 78", "projects.0.type": "health"}
    asked = intake.post("/", data=person | {"target.communes": "46009"})
    assert asked.status_code == 422
    assert "écrivez son nom plutôt que le code postal\N{NO-BREAK SPACE}: Cahors." in asked.text
    sent = intake.post("/", data=person | {"target.communes": "46009 Cahors Cedex 9"})
    assert sent.status_code == 202

    titles = classeur.values("Règles d'attribution")[0]
    cell = f"Règles d'attribution!{chr(ord('A') + titles.index('Territoire'))}2"
    classeur.type(cell, "46009")
    assert route.post("/?sweep=true").status_code == 200
    (row,) = classeur.rows()
    assert row["Territoire visé"] == "Cahors"
    (line,) = [line for line in classeur.rows("À vérifier") if line["Où"] == cell]
    assert "écrivez le nom de la commune (Cahors)" in line["Sujet"]


@pytest.mark.usefixtures("settings")
@pytest.mark.parametrize("function", ["intake", "route", "digest"])
def test_a_missing_setting_stops_the_start_and_says_what_to_set(function, monkeypatch):
    monkeypatch.delenv("ACCUEIL_JOURNAL")
    with pytest.raises(SettingError, match=r"ACCUEIL_JOURNAL manque : indiquez .*gs://"):
        functions_framework.create_app(function, MAIN)


@pytest.mark.usefixtures("settings")
def test_a_malformed_setting_stops_the_start_without_repeating_it(monkeypatch):
    monkeypatch.setenv("ACCUEIL_MAIL", "hunter2")
    with pytest.raises(SettingError, match="ACCUEIL_MAIL est mal formée") as stopped:
        functions_framework.create_app("digest", MAIN)
    assert "hunter2" not in str(stopped.value)


@pytest.mark.usefixtures("settings")
def test_a_setting_of_another_function_does_not_matter(monkeypatch):
    monkeypatch.delenv("ACCUEIL_MAIL")
    monkeypatch.delenv("ACCUEIL_SPREADSHEET")
    app = functions_framework.create_app("intake", MAIN)
    assert app.test_client().get("/").status_code == 200


@pytest.mark.usefixtures("settings")
@pytest.mark.parametrize(("function", "its_settings"), settings.FUNCTIONS.items())
def test_every_setting_of_a_function_is_put_to_use(function, its_settings, monkeypatch):
    read = set()

    class Watched(its_settings):
        def __getattribute__(self, name):
            read.add(name)
            return super().__getattribute__(name)

    def load(environ, _):
        chosen = settings_load(environ, Watched)
        read.clear()  # what the settings themselves looked at
        return chosen

    settings_load = settings.load
    monkeypatch.setattr(settings, "load", load)
    client = functions_framework.create_app(function, MAIN).test_client()
    # intake looks at its own when it is called: the page, a challenge, somebody with a key.
    for path in ("/", "/challenge"):
        client.get(path)
    if function == "intake":
        client.post("/", json=ANA, headers={"x-api-key": "unknown"})
        person = {"first_name": "Ana", "last_name": "Martin", "email": "ana.martin@example.org"}
        client.post("/", data=person | {"projects.0.type": "employment"})

    assert settings.of(its_settings).keys() - read == set()


def test_an_error_is_answered_as_a_problem_and_logged_without_anybody(load, classeur, capsys):
    classeur.type(classeur.at("Courriel", 1), "E-mail")
    load("intake").post("/", json=ANA, headers=API_KEY)
    answer = load("route").post("/")
    assert answer.status_code == 503
    assert answer.content_type == "application/problem+json; charset=utf-8"
    assert "« Courriel »" in answer.json["title"]
    printed = capsys.readouterr().out
    assert "« Courriel »" in printed
    assert "Martin" not in printed


def test_an_unexpected_error_tells_nobody_what_was_typed(load, monkeypatch, capsys):
    intake = load("intake")

    def explode(*_args, **_kwargs):
        raise RuntimeError("Martin")

    monkeypatch.setattr("functions.intake.handler.validate", explode)
    answer = intake.post("/", json=ANA, headers=API_KEY)
    assert answer.status_code == 500
    assert answer.json["title"].startswith("Une erreur imprévue")
    english = intake.post("/?lang=en", json=ANA, headers=API_KEY)
    assert english.json["title"].startswith("An unexpected error")
    printed = capsys.readouterr().out
    assert "RuntimeError" in printed
    assert "Martin" not in answer.text + printed


def test_an_allowed_site_may_read_what_went_wrong_and_no_other_may(load, monkeypatch):
    monkeypatch.setenv("ACCUEIL_ORIGINS", "https://www.example.org")
    intake = load("intake")

    def ask(origin):
        return intake.post("/", json=ANA, headers=API_KEY | {"Origin": origin})

    for status, error in ((503, JournalError("…")), (500, RuntimeError())):
        explode = Mock(side_effect=error)
        monkeypatch.setattr("functions.intake.handler.validate", explode)
        answer = ask("https://www.example.org")
        assert answer.status_code == status
        assert answer.headers["Access-Control-Allow-Origin"] == "https://www.example.org"
        assert answer.headers["Access-Control-Expose-Headers"] == "Retry-After"
        assert "Origin" in answer.headers["Vary"]
        stranger = ask("https://evil.example.com")
        assert stranger.status_code == status
        assert "Access-Control-Allow-Origin" not in stranger.headers


def test_thirty_two_kibibytes_are_taken(load):
    body = json.dumps(ANA).encode().ljust(32 * 1024)
    answer = load("intake").post("/", data=body, content_type="application/json", headers=API_KEY)
    assert answer.status_code == 202


@pytest.mark.parametrize("path", ["/", "/challenge", "/health", "/openapi.json", "/api", "/x"])
def test_head_has_no_body_and_the_headers_of_get(path, load):
    intake = load("intake")
    got, head = intake.get(path), intake.head(path)
    assert head.data == b""
    assert (head.status_code, head.content_type) == (got.status_code, got.content_type)
    assert {*head.headers.items()} == {*got.headers.items()}
