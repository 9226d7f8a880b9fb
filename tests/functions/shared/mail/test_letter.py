"""The subject as it travels, and what mail programs may make a link of."""

import io
import re
import smtplib
from datetime import UTC, datetime
from email import message_from_bytes
from email.generator import BytesGenerator
from email.header import decode_header, make_header
from email.policy import SMTP, default

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from linkify_it import LinkifyIt

from functions.shared.journal.formats import WaitingMail
from functions.shared.mail.kinds import render
from functions.shared.mail.letter import Mail, encoded, message
from functions.shared.reference import IN_TEXT
from infra.local.samples import gallery
from tests.functions.pages import Page

NOW = datetime(2026, 11, 30, 6, tzinfo=UTC)
BOOK = "https://example.org/classeur"
LONG = "Oh my Lot ! Semaine du 26 octobre au 1er novembre : 12 demandes, 34 en attente"
# Finds links as eagerly as mail programs do.
LINKS = LinkifyIt(options={"fuzzy_link": True, "fuzzy_email": True, "fuzzy_ip": True})
LINKS.tlds(["example"], True)


def sent(subject, to="ana@example.org"):
    """The mail as the bytes that a server gets."""
    made = message(Mail(subject, "<p>x</p>", "x\n"), "Oh <no@example.org>", to, "n", NOW)
    return made.as_bytes()


def header(raw):
    """The lines of a mail's subject."""
    head = raw.partition(b"\n\n")[0].split(b"\n")
    start = next(at for at, line in enumerate(head) if line.startswith(b"Subject:"))
    end = start + 1
    while head[end][:1] in (b" ", b"\t"):
        end += 1
    return head[start:end]


@settings(max_examples=40)
@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=300))
@example(LONG)
@example(LONG.replace("!", "! « Été » ") * 5)
@example("é" * 400)
@example("=?utf-8?q?forg=C3=A9?= et =?")
@example("x" * 2000)
def test_a_subject_is_one_line_that_reads_back_as_it_was(text):
    subject = text.strip()
    raw = sent(subject)
    [line] = header(raw)
    assert line.isascii()
    assert line.startswith(b"Subject: ") or not subject
    assert message_from_bytes(raw, policy=default)["Subject"] == subject
    assert all(len(word) <= 75 for word in line.split() if word.startswith(b"=?"))


@pytest.mark.parametrize("name", [r'"Le \"Lot\" 🌻, ici"', "L'été 🌻 du Lot", '"Ana <a@b.org>"'])
def test_a_sender_whose_name_has_quotes_or_emoji_stays_one_sender(name):
    made = message(Mail("x", "<p>x</p>", "x\n"), f"{name} <no@example.org>", "a@b.org", "n", NOW)
    raw = made.as_bytes()
    assert raw.isascii()
    read = message_from_bytes(raw, policy=default)
    [address] = read["From"].addresses
    assert address.addr_spec == "no@example.org"
    assert address.display_name == name.strip('"').replace('\\"', '"')
    assert read["Message-ID"] == "<n@example.org>"


def test_a_word_is_not_split():
    words = encoded("Une semaine déjà passée à écrire des courriels aux référents " * 3).split()
    parts = [str(make_header(decode_header(word))) for word in words]
    assert len(parts) > 2
    assert all(part.endswith(" ") for part in parts)


def test_the_mail_that_an_smtp_server_gets_is_no_other():
    made = message(Mail(LONG, "<p>é</p>", "é\n"), "no@example.org", "ana@example.org", "n", NOW)
    for policy in (None, made.policy.clone(utf8=True)):  # what smtplib does
        taken = io.BytesIO()
        BytesGenerator(taken, policy=policy).flatten(made, linesep="\r\n")
        raw = taken.getvalue().replace(b"\r\n", b"\n")
        assert len(header(raw)) == 1
        assert message_from_bytes(raw, policy=SMTP)["Subject"] == LONG
    assert smtplib.SMTP  # whose send_message these are


def test_a_domain_with_an_accent_travels_in_ascii():
    raw = sent("x", "ana@exemple-été.fr")
    assert message_from_bytes(raw, policy=default)["To"] == "ana@xn--exemple-t-i4ab.fr"


TEMPTING = [
    "www.evil.example",
    "WWW.EVIL.EXAMPLE",
    "evil.com",
    "evil.com/path?x=1",
    "http://evil.com/",
    "https://192.0.2.1/x",
    "//evil.com",
    "ftp://evil.com",
    "ana@evil.com",
    "mailto:ana@evil.com",
    "1.evil.fr",
    "été.com",
]


def assigned(**words):
    request = {
        "reference": "LOT-65AC-WHNK",
        "person": "Ana",
        "project": "x",
        "target": "Figeac",
        "lead": "Bob",
        "reason": "Règle 11",
    }
    waiting = WaitingMail("assigned", "Camille", {"requests": [request | words]})
    return render([waiting], BOOK)


@pytest.mark.parametrize("tempting", TEMPTING)
@pytest.mark.parametrize("place", ["person", "project", "target", "lead", "reason"])
def test_what_somebody_wrote_is_no_link(place, tempting):
    made = assigned(**{place: f"Ana {tempting} Zoé"})
    assert LINKS.match(tempting)  # as it stands it would be one
    assert [match.url for match in LINKS.match(made.text) or ()] == [BOOK]
    page = Page(made.html).root
    assert not LINKS.match(page.text)
    assert [link["href"] for link in page.all("a")] == [BOOK]
    assert f"Ana {tempting} Zoé" in made.text.replace("\u200c", "")


@pytest.mark.parametrize("address", ["192.0.2.1", "192.0.2.1/login", "192.0.2.1:80", "evil․com"])
def test_neither_is_the_address_of_a_computer(address):
    written = assigned(person=f"Ana {address}").text
    assert address not in written
    assert f"Ana {address}" in written.replace("\u200c", "")


@pytest.mark.parametrize(
    "plain", ["M. Dupont", "2.5 ha", "06.12.34.56.78", "31/12/2026", "12:30", "St-Cirq, 46"]
)
def test_other_text_stays_as_it_is(plain):
    assert f" {plain}" in assigned(person=plain).text


@pytest.mark.parametrize("kind", ["receipt", "assigned", "not_noted", "digest", "digest-referent"])
def test_a_reference_is_not_broken_at_its_hyphens_wherever_it_stands(kind):
    html = gallery(BOOK)[kind].html
    assert "span" not in re.search(r"<title>(.*?)</title>", html, re.DOTALL)[1]
    marked = html.replace('<span style="white-space:nowrap">', "[")
    text = re.sub(r"<title>.*?</title>|<[^>]*>", "", marked, flags=re.DOTALL)
    assert re.findall(rf"\[{IN_TEXT}", text)
    assert not re.findall(rf"(?<!\[){IN_TEXT}", text)
