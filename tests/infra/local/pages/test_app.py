from email.message import EmailMessage

import pytest

from infra.local.pages.app import create_app


@pytest.fixture
def asked():
    return []


@pytest.fixture
def pages(tmp_path, asked):
    def send_digest(again):
        asked.append(again)
        return "3 déjà envoyés cette semaine." if not again else "3 courriels envoyés."

    return create_app(tmp_path, "demo", send_digest).test_client()


def receive(tmp_path, html):
    message = EmailMessage()
    message["From"] = "accueil@example.org"
    message["To"] = "coordo@example.org"
    message["Subject"] = "<b>Sujet</b>"
    message["Date"] = "Mon, 23 Nov 2026 08:00:00 +0000"
    message.set_content("Texte")
    message.add_alternative(html, subtype="html")
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "un.eml").write_bytes(message.as_bytes())


def test_home_leads_to_the_three_places(pages, tmp_path):
    page = pages.get("/").text
    for place in ("/intake", "/classeur", "/courriels"):
        assert f'class="card" href="{place}"' in page
    assert str(tmp_path) in page


def test_an_empty_mailbox_says_so(pages):
    assert "Aucun courriel pour l'instant." in pages.get("/courriels").text


def test_a_mail_is_shown_but_never_run(pages, tmp_path):
    receive(tmp_path, "<html><head></head><script>alert(1)</script>Bonjour</html>")
    assert "&lt;b&gt;Sujet&lt;/b&gt;" in pages.get("/courriels").text
    page = pages.get("/courriels/un")
    sandbox = "allow-same-origin allow-top-navigation-by-user-activation"
    assert f'sandbox="{sandbox}"' in page.text
    body = pages.get("/courriels/un/html")
    assert "default-src 'none'" in body.headers["Content-Security-Policy"]
    assert body.headers["Content-Security-Policy"].endswith(f"sandbox {sandbox}")
    assert '<base target="_top">' in body.text


def test_a_mail_that_is_not_there_is_not_found(pages):
    assert pages.get("/courriels/rien").status_code == 404
    assert pages.get("/courriels/rien/html").status_code == 404


def test_the_button_sends_and_offers_to_begin_again_when_all_was_sent(pages, asked):
    page = pages.post("/courriels", follow_redirects=True).text
    assert asked == [False]
    assert "3 déjà envoyés cette semaine." in page
    assert "L&#39;oublier et recommencer" in page or "L'oublier et recommencer" in page
    page = pages.post("/courriels", data={"again": "true"}, follow_redirects=True).text
    assert asked == [False, True]
    assert "recommencer" not in page
