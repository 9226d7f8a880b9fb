import os
from email.message import EmailMessage

from infra.local import mailbox


def write(folder, name, at, **headers):
    message = EmailMessage()
    message["From"] = "accueil@example.org"
    message["To"] = "coordo@example.org"
    message["Subject"] = headers.get("subject", "Été")
    message["Date"] = "Mon, 23 Nov 2026 08:00:00 +0000"
    message.set_content("Bonjour à tous")
    if html := headers.get("html"):
        message.add_alternative(html, subtype="html")
    folder.mkdir(exist_ok=True)
    file = folder / f"{name}.eml"
    file.write_bytes(message.as_bytes())
    os.utime(file, (at, at))


def test_mails_are_listed_the_latest_first(tmp_path):
    write(tmp_path, "a", 1)
    write(tmp_path, "b", 3)
    write(tmp_path, "c", 2)
    assert [mail.name for mail in mailbox.mails(tmp_path)] == ["b", "c", "a"]


def test_a_mail_is_read_with_both_bodies_at_paris_time(tmp_path):
    write(tmp_path, "a", 1, html="<p>Bonjour <b>à tous</b></p>")
    mail = mailbox.find(tmp_path, "a")
    assert mail.subject == "Été"
    assert mail.sent == "23/11/2026 à 09:00"
    assert mail.text.strip() == "Bonjour à tous"
    assert "<b>à tous</b>" in mail.html


def test_a_mail_without_html_has_none(tmp_path):
    write(tmp_path, "a", 1)
    assert mailbox.find(tmp_path, "a").html == ""


def test_no_outbox_no_mails(tmp_path):
    assert mailbox.mails(tmp_path / "none") == []
    assert mailbox.find(tmp_path, "../secret") is None
