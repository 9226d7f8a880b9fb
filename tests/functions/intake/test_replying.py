"""People answer from a mail: opening a link changes nothing, its button once."""

import re
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from functions.intake.handler import Intake
from functions.intake.reply_pages import WORDS, read_reason
from functions.shared.errors import JournalError
from functions.shared.journal.replies import (
    CHOICES,
    SUBSCRIPTIONS,
    Answered,
    Asked,
    Reply,
    unsubscribed,
)
from functions.shared.journal.store import open_journal
from functions.shared.links import LABELS, LinkMaker, read_link
from functions.shared.web import FORM_TYPE, Call
from infra.local.access import LOCAL_INTAKE
from infra.local.samples import gallery
from sheets_schema.text import bare
from tests.functions.pages import Page
from tests.support import Clock

LOT = "LOT-65AC-WHNK"
ASKED = Asked("Léa <b>", "Ana Roux", "Ana Roux", "to_contact")
ADDRESS = "ana.roux@example.org"


class Reader:
    """Somebody who got a mail and follows its links."""

    def __init__(self):
        self.journal, self.clock = open_journal("memory:///"), Clock()
        self.intake = Intake(self.journal, LOCAL_INTAKE, self.clock)
        maker = LinkMaker(self.journal, "https://example.org/i", self.clock)
        self.links = maker.links("Ana Roux", ADDRESS, {LOT: ASKED})

    def call(self, method, address, fields=None, **headers):
        parts = urlsplit(address)
        path = parts.path.removeprefix("/i")
        body = urlencode(fields or {}).encode()
        typed = {"content-type": FORM_TYPE} if method == "POST" else {}
        query = dict(parse_qsl(parts.query))
        return self.intake(Call(method, typed | headers, query, body, path))

    def press(self, choice, **fields):
        return self.call("POST", self.links.answer(LOT, choice), fields)

    @property
    def effects(self):
        """All that is in the journal, but for the mail."""
        return [
            key
            for folder in ("answers/", "answered/", "unsubscribed/", "pending/", "outbox/")
            for key in self.journal.keys(folder)
        ]

    @property
    def replies(self):
        return [Reply.from_json(self.journal.read(key)) for key in self.journal.keys("answers/")]


@pytest.fixture
def reader():
    return Reader()


def said(answer):
    """What a page shows, with plain spaces."""
    return " ".join(Page(answer.body).root.text.split())


ALL = tuple(choice for choice in CHOICES if choice != "renew")


def every_address(reader):
    return [
        *(reader.links.answer(LOT, choice) for choice in ALL),
        *(reader.links.monday(choice) for choice in ("opt_out", "opt_in")),
    ]


def test_no_mail_has_a_link_that_is_not_scanned_here_or_in_test_own_page(reader):
    def kinds(text):
        return {read_link(link)[0].choice for link in re.findall(r"lien=([\w.-]+)", text)}

    scanned = kinds(" ".join(every_address(reader))) | {"own_page", "well", "call_me"}
    mails = gallery("https://example.org/").values()
    assert kinds(" ".join(mail.html for mail in mails)) == scanned - {"opt_in"}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_scanner_that_opens_every_link_ten_times_changes_nothing(reader, method):
    for address in every_address(reader) * 10:
        assert reader.call(method, address).status == 200
    assert reader.effects == []
    reader.clock.advance(days=20)
    for address in every_address(reader) * 10:
        assert reader.call(method, address).status == 200
    assert reader.effects == []


def test_the_page_shows_the_reference_and_the_first_name_and_whom_it_was_for(reader):
    answer = reader.call("GET", reader.links.answer(LOT, "called"))
    assert all(words in said(answer) for words in (LOT, "Léa <b>", "Ana Roux", "J'ai appelé"))
    assert ADDRESS not in answer.body
    assert "set-cookie" not in {name.lower() for name in answer.headers}
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src" not in policy
    assert "form-action 'self'" in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert "<script" not in answer.body


@pytest.mark.parametrize("choice", ["called", "no_answer", "taken_up"])
def test_its_button_keeps_the_answer_for_route(reader, choice):
    answer = reader.press(choice)
    assert answer.status == 200
    assert "C'est noté" in said(answer)
    assert reader.replies == [Reply(LOT, choice, reader.clock.now, ASKED)]


@pytest.mark.parametrize(
    ("choice", "status", "change"),
    [
        ("called", "to_contact", "Le statut passera à « Accompagnement en cours »."),
        ("called", "in_progress", ""),
        ("no_answer", "to_qualify", "Le statut passera à « Sans réponse, à rappeler »."),
        ("no_answer", "no_answer", ""),
        ("taken_up", "to_contact", ""),
        ("close", "in_progress", "Le statut passera à « Clos sans suite »."),
    ],
)
def test_the_page_says_what_its_button_changes(reader, choice, status, change):
    maker = LinkMaker(reader.journal, "https://example.org/i", reader.clock)
    links = maker.links("Ana Roux", ADDRESS, {LOT: replace(ASKED, status=status)})
    page = said(reader.call("GET", links.answer(LOT, choice)))
    assert ("Le statut passera" in page) == bool(change)
    assert change in page


def test_every_answer_has_its_words():
    assert {*LABELS} == {*CHOICES}
    assert {*WORDS} == {*CHOICES, *SUBSCRIPTIONS}


def test_the_same_answer_counts_once_whenever_it_comes_again(reader):
    reader.press("called")
    assert "déjà enregistrée" in said(reader.press("called"))
    (key,) = reader.journal.keys("answers/")
    # Route has dealt with it.
    name = key.removeprefix("answers/")
    reader.journal.create(f"answered/{name}", Answered("").to_json())
    reader.journal.delete(key)
    assert "déjà enregistrée" in said(reader.press("called"))
    assert reader.effects == [f"answered/{name}"]


class TestNotMine:
    def test_it_needs_a_reason(self, reader):
        answer = reader.press("not_mine")
        assert answer.status == 422
        assert "Choisissez une raison" in said(answer)
        assert reader.effects == []

    @pytest.mark.parametrize(
        ("fields", "reason"),
        [
            ({"reason": "elsewhere"}, "Hors de mon territoire"),
            ({"reason": "elsewhere", "more": " à\r\nRodez "}, "Hors de mon territoire : à Rodez"),
            ({"reason": "other", "more": "=1+1"}, "=1+1"),
        ],
    )
    def test_the_reason_is_kept(self, reader, fields, reason):
        assert reader.press("not_mine", **fields).status == 200
        assert [reply.reason for reply in reader.replies] == [reason]

    @pytest.mark.parametrize(
        "fields",
        [
            {"reason": "other"},
            {"reason": "other", "more": "\u200b \u2060\ufeff"},
            {"reason": "elsewhere", "more": "é" * 201},
            {"reason": "<b>"},
        ],
        ids=ascii,
    )
    def test_a_reason_that_will_not_do_is_asked_for_again_with_what_was_written(
        self, reader, fields
    ):
        answer = reader.press("not_mine", **fields)
        assert answer.status == 422
        assert reader.effects == []
        assert bare(fields.get("more", "")[:200]) in answer.body


def test_a_link_that_is_too_old_offers_a_new_mail_once(reader):
    reader.clock.advance(days=15)
    page = reader.call("GET", reader.links.answer(LOT, "called"))
    assert "M'envoyer un nouveau courriel" in said(page)
    assert "nouveau courriel part" in said(reader.press("called"))
    assert "déjà enregistrée" in said(reader.press("no_answer"))
    assert [reply.choice for reply in reader.replies] == ["renew"]


def test_a_forged_link_is_refused_in_french_and_changes_nothing(reader):
    good = reader.links.answer(LOT, "called")
    for forged in (
        good.replace("called", "no_answer"),
        good[:-1],
        good.replace("/reponse", "/courriel-du-lundi"),
        reader.links.monday("opt_out").replace("/courriel-du-lundi", "/reponse"),
        good.partition("?")[0],
    ):
        for method in ("GET", "POST"):
            answer = reader.call(method, forged)
            assert answer.status == 404
            assert "n'est pas, ou n'est plus, valable" in said(answer)
    assert reader.effects == []


def test_another_site_cannot_press_the_button(reader):
    answer = reader.call("POST", reader.links.answer(LOT, "called"), origin="https://evil.example")
    assert answer.status == 403
    assert reader.effects == []


def test_a_journal_that_does_not_answer_is_no_yes(reader, monkeypatch):
    def fail(*_):
        raise JournalError("Le journal ne répond pas.")

    monkeypatch.setattr(reader.journal, "create", fail)
    answer = reader.press("called")
    assert answer.status == 503
    assert "n'est pas confirmé" in said(answer)
    # To open a link is no answer, so nothing has to be confirmed.
    monkeypatch.setattr(reader.journal, "read", fail)
    page = reader.call("GET", reader.links.answer(LOT, "called"))
    assert page.status == 503
    assert "rien n'a changé" in said(page)
    assert "Votre réponse" not in said(page)


class TestMonday:
    def test_a_mail_program_cancels_it_with_one_call(self, reader):
        one_click = {"List-Unsubscribe": "One-Click"}
        answer = reader.call("POST", reader.links.monday("opt_out"), one_click)
        assert answer.status == 200
        assert reader.journal.read(unsubscribed(ADDRESS.upper())) is not None
        assert [reply.choice for reply in reader.replies] == ["opt_out"]

    def test_it_can_be_had_again_from_the_page_that_says_so(self, reader):
        page = reader.call("POST", reader.links.monday("opt_out"))
        (undo,) = [link["href"] for link in Page(page.body).root.all("a")]
        address = f"https://example.org/i/courriel-du-lundi{undo}"
        assert "de nouveau" in said(reader.call("GET", address))
        assert reader.journal.keys("unsubscribed/") != []
        reader.call("POST", address)
        assert reader.journal.keys("unsubscribed/") == []

    def test_an_old_mail_can_still_be_cancelled(self, reader):
        reader.clock.advance(days=40)
        assert reader.call("POST", reader.links.monday("opt_out")).status == 200
        assert len(reader.journal.keys("unsubscribed/")) == 1


def test_a_form_that_is_no_text_chooses_no_reason():
    *nothing, fault = read_reason(b"reason=\xff")
    assert nothing == ["", "", ""]
    assert fault
