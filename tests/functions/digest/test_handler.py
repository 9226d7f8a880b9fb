import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from functions.digest import handler
from functions.digest.handler import Digest
from functions.digest.report import Report
from functions.shared.errors import (
    JournalError,
    MailError,
    MailRefusedError,
    MailUnsureError,
    WorkbookError,
)
from functions.shared.journal.store import Journal, open_journal
from functions.shared.mail.mailer import Mailer, MailFolder
from functions.shared.web import Answer, Call
from sheets_schema.views import view_link
from tests.functions.digest.sheets import Sheet, Typed
from tests.functions.digest.test_report import OLD, TUESDAY, request
from tests.functions.pages import Page
from tests.support import Clock

MONDAY_7 = "2026-11-30T07:00:00+01:00"
CLAIRE = {"name": "Claire Roux", "email": "claire.roux@example.org"}
MARC = {"name": "Marc Blanc", "email": "marc.blanc@example.org", "scope": "Grand Cahors"}
NOWHERE = (
    'Attendu : rien, ou {"week": "2026-W48"}, une semaine ISO. Pour un aperçu, ajoutez votre '
    'adresse : "preview": "ana@example.org".'
)


class Postman(Mailer):
    """A mailer that keeps what it sends, and fails as it is told: one word a mail."""

    def __init__(self, *fates: str) -> None:
        self.fates = list(fates)
        self.sent: list[EmailMessage] = []
        self.tried = 0

    def send(self, message: EmailMessage) -> None:
        self.tried += 1
        fate = self.fates.pop(0) if self.fates else "sent"
        if fate == "refused":
            raise MailError("Le serveur de courriel a refusé le message.")
        if fate == "rejected":
            raise MailRefusedError("Le serveur de courriel refuse cette adresse.")
        if fate == "broken":
            raise RuntimeError("claire.roux@example.org")
        assert message.as_bytes()
        self.sent.append(message)
        if fate == "unsure":
            raise MailUnsureError("Le serveur de courriel n'a pas confirmé l'envoi.")

    @property
    def recipients(self) -> list[str]:
        return [message["To"] for message in self.sent]


class FailingJournal:
    """A journal that fails where it is told."""

    def __init__(self, ending: str) -> None:
        self.ending = ending
        self.journal = open_journal("memory:///")

    def create(self, key: str, body: bytes) -> bool:
        if self.ending and key.endswith(self.ending):
            raise JournalError("Le journal ne répond pas.")
        return self.journal.create(key, body)

    def read(self, key: str) -> bytes | None:
        return self.journal.read(key)

    def keys(self, prefix: str, after: str = "") -> list[str]:
        return self.journal.keys(prefix, after)

    def delete(self, key: str) -> None:
        self.journal.delete(key)


def digest(
    people: Sequence[Mapping[str, Any]] = (CLAIRE,),
    mailer: Mailer | None = None,
    journal: Journal | None = None,
    **more: Any,
) -> Digest:
    sheet = more.get("sheet") or Sheet(
        more.get("requests", ()),
        more.get("to_check", ()),
        people,
        referents=more.get("referents", [{"name": "Paul Durand"}]),
    )
    return Digest(
        journal or open_journal("memory:///"),
        sheet,
        mailer or Postman(),
        more.get("sender", "Oh my Lot ! <accueil@example.org>"),
        more.get("sheet_url", "https://docs.example.org/spreadsheets/d/classeur-1/edit"),
        more.get("clock", Clock(MONDAY_7)),
    )


JSON = {"content-type": "application/json"}


def call(
    function: Digest, body: object = None, method: str = "POST", headers: Mapping[str, str] = JSON
) -> Answer:
    sent = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return function(Call(method, headers, {}, sent))


def content_of(answer: Answer) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(answer.body)
    return content


def parts(message: EmailMessage) -> tuple[str, str]:
    """A mail's text and its page, as they arrive."""
    read = message_from_bytes(message.as_bytes(), policy=policy.default)
    assert isinstance(read, EmailMessage)
    text, page = read.get_body(["plain"]), read.get_body(["html"])
    assert text
    assert page
    return text.get_content(), page.get_content()


# Which week.


@pytest.mark.parametrize("body", [None, b"", b" \n", {}, {"week": "2026-W48"}])
def test_the_schedule_s_call_reports_the_week_that_ended(body: object):
    postman = Postman()
    answer = call(digest(mailer=postman), body)
    assert (answer.status, content_of(answer)) == (200, {"week": "2026-W48", "sent": 1})
    [mail] = postman.sent
    assert mail["Subject"].startswith("Oh my Lot ! Semaine du 23 au 29 novembre : ")


def test_another_week_may_be_chosen():
    postman = Postman()
    function = digest(mailer=postman, requests=[request(1)])
    assert content_of(call(function, {"week": "2026-W47"})) == {"week": "2026-W47", "sent": 1}
    assert content_of(call(function, {"week": "2026-W48"})) == {"week": "2026-W48", "sent": 1}
    assert [mail["Subject"] for mail in postman.sent] == [
        "Oh my Lot ! Semaine du 16 au 22 novembre : 0 demande, 0 en attente",
        "Oh my Lot ! Semaine du 23 au 29 novembre : 1 demande, 0 en attente",
    ]


@pytest.mark.parametrize(
    "body",
    [
        *[b"{", b"\xff", b"[" * 50_000, b"null", b"[]", b'"2026-W48"', b"7", b"NaN"],
        *[b"week=2026-W48", b'{"week": "2026-W48"', b"9" * 5000],
        *[{"week": None}, {"week": 48}, {"week": ["2026-W48"]}, {"week": ""}],
        *[{"week": "2026-48"}, {"week": "2026-W54"}, {"week": "9999-W54"}, {"week": "W48"}],
        *[{"weeks": "2026-W48"}, {"week": "2026-W48", "again": True}],
        *[{"week": "2026-W48", "preview": False}, {"preview": True}],
        *[{"week": "2026-W48", "preview": 1}, {"week": "2026-W48", "preview": True}],
        *[{"week": "2026-W48", "preview": ""}, {"week": "2026-W48", "preview": "a@b.fr", "x": 1}],
    ],
)
def test_a_body_that_names_no_week_is_refused_and_nothing_is_sent(body: object):
    postman, sheet = Postman(), Sheet(coordination=[CLAIRE])
    answer = call(digest(mailer=postman, sheet=sheet), body)
    assert answer.status == 400
    assert answer.content_type == "application/problem+json; charset=utf-8"
    assert content_of(answer)["title"] == NOWHERE
    assert (postman.tried, sheet.reads) == (0, [])


@pytest.mark.parametrize(
    ("now", "week"),
    [
        (MONDAY_7, "2026-W49"),
        ("2026-11-29T23:59:59+01:00", "2026-W48"),
        ("2026-11-29T22:59:59+00:00", "2026-W48"),
    ],
)
def test_a_week_that_has_not_ended_is_refused_and_not_used_up(now: str, week: str):
    postman, journal, clock = Postman(), open_journal("memory:///"), Clock(now)
    function = digest(mailer=postman, journal=journal, clock=clock)
    answer = call(function, {"week": week})
    assert answer.status == 400
    assert content_of(answer)["title"] == (
        f"La semaine {week} n'est pas finie : son courriel partira ensuite. "
        'Pour un aperçu, ajoutez votre adresse : "preview": "ana@example.org".'
    )
    assert (postman.tried, journal.keys("")) == (0, [])
    clock.advance(days=30)
    assert content_of(call(function, {"week": week}))["sent"] == 1


def test_a_week_ends_on_sunday_at_midnight_in_paris():
    clock = Clock("2026-11-29T23:00:00+00:00")
    assert content_of(call(digest(clock=clock), {"week": "2026-W48"}))["sent"] == 1


@pytest.mark.parametrize(
    "week", ["0001-W02", "2020-W01", "2026-W38", "2026-W50", "2027-W01", "9999-W51", "9999-W52"]
)
@pytest.mark.parametrize("more", [{}, {"preview": "claire.roux@example.org"}])
def test_a_week_that_is_too_far_is_refused(week: str, more: dict[str, str]):
    postman, sheet = Postman(), Sheet(coordination=[CLAIRE])
    answer = call(digest(mailer=postman, sheet=sheet), {"week": week} | more)
    assert answer.status == 400
    title = content_of(answer)["title"]
    assert title == NOWHERE if week == "9999-W52" else "60 derniers jours" in title
    assert (postman.tried, sheet.reads) == (0, [])


def test_a_week_may_be_mailed_for_sixty_days_after_it_has_ended():
    # Sixty days before 30 November is 1 October, in week 40.
    assert content_of(call(digest(), {"week": "2026-W40"}))["sent"] == 1
    assert call(digest(), {"week": "2026-W39"}).status == 400
    # Of 3 December it is 4 October, the Sunday of week 40.
    last = Clock("2026-12-03T07:00:00+01:00")
    assert content_of(call(digest(clock=last), {"week": "2026-W40"}))["sent"] == 1
    last.advance(hours=24)
    assert call(digest(clock=last), {"week": "2026-W40"}).status == 400


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, {"week": "2026-W48"}),
        ({"content-type": "text/plain"}, {"week": "2026-W48"}),
        ({"content-type": "text/plain"}, None),
        ({"content-type": "application/x-www-form-urlencoded"}, None),
        ({"content-type": "application/x-www-form-urlencoded"}, b"week=2026-W48"),
        ({"content-type": "multipart/form-data; boundary=x"}, None),
    ],
)
def test_what_is_not_json_is_refused(headers: dict[str, str], body: object):
    postman = Postman()
    answer = call(digest(mailer=postman), body, headers=headers)
    assert (answer.status, postman.tried) == (415, 0)
    assert "application/json" in content_of(answer)["title"]


@pytest.mark.parametrize("headers", [{}, JSON, {"content-type": "Application/JSON; charset=utf-8"}])
def test_a_call_without_a_body_needs_no_type(headers: dict[str, str]):
    assert call(digest(), headers=headers).status == 200


def test_a_preview_goes_to_whoever_asks_for_it_once_and_leaves_the_week_its_mail():
    postman, clock = Postman(), Clock("2026-11-27T10:00:00+01:00")
    function = digest([CLAIRE, MARC], mailer=postman, requests=[request(1)], clock=clock)
    preview = {"week": "2026-W48", "preview": "Claire.Roux@example.org"}
    assert content_of(call(function, preview)) == {"week": "2026-W48", "sent": 1}
    assert content_of(call(function, preview)) == {"week": "2026-W48", "already_sent": 1}
    assert postman.recipients == [CLAIRE["email"]]
    clock.advance(days=3)
    assert content_of(call(function)) == {"week": "2026-W48", "sent": 2}
    subject = "Oh my Lot ! Semaine du 23 au 29 novembre : 1 demande, 0 en attente"
    assert [mail["Subject"] for mail in postman.sent[:2]] == [f"Aperçu – {subject}", subject]
    assert len({mail["Message-ID"] for mail in postman.sent}) == 3


@pytest.mark.parametrize("address", ["ana@example.com", "marc.blanc@example.org", "Claire Roux"])
def test_a_preview_goes_to_nobody_who_gets_no_digest(address: str):
    postman, journal = Postman(), open_journal("memory:///")
    people = [CLAIRE, MARC | {"weekly_mail": False}]
    answer = call(
        digest(people, mailer=postman, journal=journal), {"week": "2026-W48", "preview": address}
    )
    assert (answer.status, postman.tried, journal.keys("")) == (400, 0, [])
    assert "onglet Coordination" in content_of(answer)["title"]
    assert address not in answer.body


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_only_post_sends_mails(method: str):
    postman = Postman()
    answer = call(digest(mailer=postman), method=method)
    assert (answer.status, answer.headers["Allow"]) == (405, "POST")
    assert content_of(answer)["title"] == "Cette fonction s'appelle en POST."
    assert postman.tried == 0


# What is in the mail.


def test_the_mail_tells_the_week_with_links_to_the_rows():
    postman = Postman()
    rows = [
        request(1),
        request(2, referent=None, target="Cahors"),
        request(3, assigned_at=OLD, received_at=OLD),
    ]
    checks = [{"subject": "Adresse refusée", "place": "Référents!B7", "action": "Corrigez-la."}]
    call(digest([CLAIRE], postman, requests=rows, to_check=checks))
    text, page = parts(postman.sent[0])
    book = "https://docs.example.org/spreadsheets/d/classeur-1/edit"
    for said in (
        "Bonjour Claire Roux,",
        "2 demandes sont arrivées cette semaine ; 3 points attendent une décision.",
        "- LOT-0000-0024 – Ana Martin 2\n",
        f"depuis 6 jours\n  {book}#gid=11&range=A3&demande=LOT-0000-0024\n",
        f"depuis 8 jours\n  {book}#gid=11&range=A4&demande=LOT-0000-0036\n",
        f"- Adresse refusée\n  Référents!B7 – Corrigez-la.\n  {book}#gid=22&range=A2\n",
        f"Ouvrir le classeur : {book}\n",
    ):
        assert said in text
    without, to_contact = (
        f"{book}{view_link(11, title)}" for title in ("Sans référent", "À contacter")
    )
    assert f"Vue « Sans référent » : {without}\n" in text
    assert [link["href"] for link in Page(page).root.all("a")] == [
        without,
        f"{book}#gid=11&range=A3&demande=LOT-0000-0024",
        to_contact,
        f"{book}#gid=11&range=A4&demande=LOT-0000-0036",
        f"{book}#gid=22&range=A2",
        book,
    ]


def test_what_is_no_reference_is_not_taken_for_one():
    """Partners write titles into Référence: a title alone is no request, and leads nowhere."""
    postman = Postman()
    title = {"reference": "NOVEMBRE 2026 & suite"}
    someone = request(2, referent=None) | title
    call(digest([CLAIRE], postman, requests=[title, someone]))
    text, page = parts(postman.sent[0])
    link = "https://docs.example.org/spreadsheets/d/classeur-1/edit#gid=11&range=A3"
    assert "- Ana Martin 2\n" in text
    assert f"{link}\n" in text
    assert link in [anchor["href"] for anchor in Page(page).root.all("a")]
    assert "NOVEMBRE" not in text
    assert "Sans référent (1)" in text


def test_a_link_into_google_sheets_leads_to_a_row_and_says_so():
    postman = Postman()
    url = "https://docs.google.com/spreadsheets/d/classeur-1/edit"
    call(digest([CLAIRE], postman, requests=[request(2, referent=None)], sheet_url=url))
    text, _ = parts(postman.sent[0])
    assert f"{url}#gid=11&range=A2\n" in text
    assert "Un lien mène où la ligne se trouvait" in text


def test_a_mail_has_its_headers():
    postman = Postman()
    call(digest(mailer=postman))
    [mail] = postman.sent
    assert mail["From"] == "Oh my Lot ! <accueil@example.org>"
    assert mail["To"] == "claire.roux@example.org"
    assert mail["Date"] == "Mon, 30 Nov 2026 06:00:00 +0000"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    name, _, domain = mail["Message-ID"].strip("<>").partition("@")
    assert name.startswith("digest-2026-W48-")
    assert domain == "example.org"
    assert "claire" not in name
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


@pytest.mark.parametrize("sender", ["accueil@example.org", "Accueil <a@lot.example.org>"])
def test_a_message_id_is_of_the_sender_s_domain(sender: str):
    postman = Postman()
    call(digest(mailer=postman, sender=sender))
    assert postman.sent[0]["From"] == sender
    assert postman.sent[0]["Message-ID"].endswith(sender.partition("@")[2].strip(">") + ">")


def test_message_ids_differ_by_person_and_by_week():
    postman = Postman()
    function = digest([CLAIRE, MARC], postman)
    call(function)
    call(function, {"week": "2026-W47"})
    assert len({mail["Message-ID"] for mail in postman.sent}) == 4


def test_everybody_gets_their_own_territory():
    postman = Postman()
    rows = [request(1, referent=None), request(2, referent=None, target="Cahors")]
    call(digest([CLAIRE, MARC], postman, requests=rows))
    texts = {mail["To"]: parts(mail)[0] for mail in postman.sent}
    assert "Martin 1" in texts["claire.roux@example.org"]
    assert "Martin 2" in texts["claire.roux@example.org"]
    assert "Martin 1" not in texts["marc.blanc@example.org"]
    assert "Martin 2" in texts["marc.blanc@example.org"]


def test_a_scope_that_cannot_be_read_hides_nothing():
    postman = Postman()
    person = CLAIRE | {"scope": "Grand Toulouse"}
    call(digest([person], postman, requests=[request(1, referent=None, target="Cahors")]))
    assert "Martin 1" in parts(postman.sent[0])[0]


def test_an_unreadable_cell_anywhere_loses_no_line():
    postman = Postman()
    rows = [request(1, referent=None, phone=Typed("?"), received_at=Typed("hier"))]
    checks = [{"subject": "Adresse refusée", "action": "Voyez.", "done": Typed("bof")}]
    call(digest([CLAIRE], postman, requests=rows, to_check=checks))
    text, _ = parts(postman.sent[0])
    assert "- LOT-0000-0012 – Ana Martin 1\n" in text
    assert "- Adresse refusée\n" in text


# Who gets one.


@pytest.mark.parametrize(
    ("weekly", "count"), [(None, 1), (True, 1), (False, 0), (Typed("non"), 0), (Typed("OUI"), 1)]
)
def test_who_said_no_to_the_monday_mail_gets_none(weekly: Any, count: int):
    postman = Postman()
    person = CLAIRE if weekly is None else CLAIRE | {"weekly_mail": weekly}
    answer = call(digest([person], postman))
    assert answer.status == 200
    assert len(postman.sent) == count


@pytest.mark.parametrize(
    "again", ["claire.roux@example.org", "Claire.Roux@EXAMPLE.ORG", " claire.roux@Example.org "]
)
def test_an_address_that_stands_there_twice_gets_one(again: str):
    postman = Postman()
    answer = call(digest([CLAIRE, MARC, CLAIRE | {"email": Typed(again)}], postman))
    assert (answer.status, content_of(answer)) == (200, {"week": "2026-W48", "sent": 2})
    assert postman.recipients == ["claire.roux@example.org", "marc.blanc@example.org"]


def test_forty_coordinators_get_one_each():
    postman = Postman()
    people = [{"name": "Ana", "email": f"ana{number}@example.org"} for number in range(40)]
    call(digest(people, postman))
    assert postman.recipients == [person["email"] for person in people]


def test_a_faulty_address_stops_nobody_else():
    postman = Postman()
    faulty = {"name": "Zoé Petit", "email": Typed("zoe@")}
    assert call(digest([faulty, CLAIRE], postman)).status == 200
    assert postman.recipients == ["claire.roux@example.org"]


def test_without_coordinators_nothing_is_sent():
    assert content_of(call(digest([]))) == {"week": "2026-W48"}


def test_the_sheet_is_read_once_for_everybody():
    sheet = Sheet(coordination=[CLAIRE, MARC])
    call(digest(sheet=sheet))
    assert len(sheet.reads) == 1


# Once.


def test_however_often_it_is_called_each_gets_one_mail_a_week():
    postman, clock = Postman(), Clock(MONDAY_7)
    function = digest([CLAIRE, MARC], postman, clock=clock)
    assert content_of(call(function)) == {"week": "2026-W48", "sent": 2}
    for _ in range(4):
        clock.advance(hours=20)
        assert content_of(call(function)) == {"week": "2026-W48", "already_sent": 2}
    assert len(postman.sent) == 2
    clock.advance(days=4)
    assert content_of(call(function)) == {"week": "2026-W49", "sent": 2}


def test_another_machine_with_the_same_journal_sends_none_again(tmp_path: Path):
    url, postman = (tmp_path / "journal").as_uri(), Postman()
    call(digest(mailer=postman, journal=open_journal(url)))
    assert content_of(call(digest(mailer=postman, journal=open_journal(url)))) == {
        "week": "2026-W48",
        "already_sent": 1,
    }
    assert len(postman.sent) == 1


def test_an_address_written_otherwise_on_tuesday_is_the_same_person():
    journal, postman = open_journal("memory:///"), Postman()
    call(digest(mailer=postman, journal=journal))
    again = CLAIRE | {"email": "Claire.Roux@EXAMPLE.org"}
    answer = call(digest([again], postman, journal))
    assert content_of(answer) == {"week": "2026-W48", "already_sent": 1}
    assert len(postman.sent) == 1


def test_a_call_while_another_one_sends_sends_none():
    journal = open_journal("memory:///")

    class Nested(Postman):
        def send(self, message: EmailMessage) -> None:
            inner.append(call(digest(mailer=other, journal=journal)))
            super().send(message)

    inner: list[Answer] = []
    postman, other = Nested(), Postman()
    assert content_of(call(digest(mailer=postman, journal=journal)))["sent"] == 1
    assert content_of(inner[0]) == {"week": "2026-W48", "unsure": 1}
    assert (len(postman.sent), other.tried) == (1, 0)


def test_a_mail_that_was_certainly_not_sent_is_sent_by_the_next_call():
    postman = Postman("refused", "sent")
    function = digest([CLAIRE, MARC], postman)
    answer = call(function)
    assert (answer.status, content_of(answer)) == (
        502,
        {"week": "2026-W48", "failed": 1, "sent": 1},
    )
    answer = call(function)
    assert (answer.status, content_of(answer)) == (
        200,
        {"week": "2026-W48", "sent": 1, "already_sent": 1},
    )
    assert sorted(postman.recipients) == ["claire.roux@example.org", "marc.blanc@example.org"]


def test_an_address_that_is_refused_gets_no_mail_until_it_is_corrected():
    postman, journal = Postman("rejected"), open_journal("memory:///")
    answer = call(digest([CLAIRE, MARC], postman, journal))
    assert content_of(answer) == {"week": "2026-W48", "failed": 1, "sent": 1}
    assert content_of(call(digest([CLAIRE, MARC], postman, journal)))["already_sent"] == 1
    assert postman.tried == 2
    right = CLAIRE | {"email": "c.roux@example.org"}
    assert content_of(call(digest([right, MARC], postman, journal)))["sent"] == 1
    assert postman.recipients == [MARC["email"], "c.roux@example.org"]


def test_a_mail_that_may_have_been_sent_is_not_sent_again():
    postman = Postman("unsure")
    function = digest(mailer=postman)
    for _ in range(3):
        answer = call(function)
        assert (answer.status, content_of(answer)) == (200, {"week": "2026-W48", "unsure": 1})
    assert postman.tried == 1


def test_an_unexpected_error_costs_one_mail_and_only_until_the_next_call(
    capsys: pytest.CaptureFixture[str],
):
    postman = Postman("broken")
    function = digest([CLAIRE, MARC], postman)
    assert content_of(call(function)) == {"week": "2026-W48", "failed": 1, "sent": 1}
    printed = capsys.readouterr().out
    assert "RuntimeError" in printed
    assert "claire" not in printed
    assert content_of(call(function)) == {"week": "2026-W48", "sent": 1, "already_sent": 1}


def test_a_report_that_cannot_be_made_costs_nobody_else_theirs(monkeypatch: pytest.MonkeyPatch):
    postman, made = Postman(), handler.report

    def stumble(*given: Any) -> Report:
        if given[3].epcis:  # Marc's scope
            raise RuntimeError("Martin")
        return made(*given)

    monkeypatch.setattr(handler, "report", stumble)
    answer = call(digest([MARC, CLAIRE], postman))
    assert (answer.status, content_of(answer)) == (
        502,
        {"week": "2026-W48", "failed": 1, "sent": 1},
    )
    assert postman.recipients == ["claire.roux@example.org"]


def test_a_mail_that_cannot_be_made_is_not_claimed():
    journal, postman = open_journal("memory:///"), Postman()
    answer = call(digest(mailer=postman, journal=journal, sender="Accueil\n <a@example.org>"))
    assert content_of(answer) == {"week": "2026-W48", "failed": 1}
    assert postman.tried == 0
    assert [key.rpartition(".")[2] for key in journal.keys("")] == ["planned"]
    assert content_of(call(digest(mailer=postman, journal=journal)))["sent"] == 1


# Referents.

PAUL = {"name": "Paul Durand", "email": "paul.durand@example.org"}
LEA = {"name": "Léa Petit", "email": "lea.petit@example.org"}


def test_referents_with_something_to_do_get_a_mail_of_their_own():
    postman = Postman()
    function = digest(mailer=postman, requests=[request(1)], referents=[LEA, PAUL])
    assert content_of(call(function)) == {"week": "2026-W48", "sent": 2}
    assert content_of(call(function)) == {"week": "2026-W48", "already_sent": 2}
    assert postman.recipients == [CLAIRE["email"], PAUL["email"]]
    text, page = parts(postman.sent[1])
    assert "À contacter (1)" in text
    assert "– Ana Martin 1<" in page
    assert "Claire" not in text + page


def test_referents_get_their_mails_in_the_order_of_their_tab():
    postman = Postman()
    requests = [request(1), request(2, referent=LEA["name"])]
    call(digest([], postman, requests=requests, referents=[LEA, PAUL]))
    assert postman.recipients == [LEA["email"], PAUL["email"]]


def test_somebody_who_coordinates_and_follows_gets_both_mails():
    postman = Postman()
    both = PAUL | {"name": "Paul Durand"}
    function = digest([both], postman, requests=[request(1)], referents=[both])
    assert content_of(call(function))["sent"] == 2
    assert len({mail["Message-ID"] for mail in postman.sent}) == 2
    assert content_of(call(function))["already_sent"] == 2


def test_a_preview_goes_to_a_referent_as_well():
    postman = Postman()
    function = digest(mailer=postman, requests=[request(1)], referents=[PAUL, LEA])
    preview = {"week": "2026-W49", "preview": "PAUL.durand@example.org"}
    assert content_of(call(function, preview)) == {"week": "2026-W49", "sent": 1}
    assert postman.sent[0]["Subject"].startswith("Aperçu – ")
    assert call(function, preview | {"preview": LEA["email"]}).status == 400  # nothing to do


@pytest.mark.parametrize(
    "faults",
    [
        {"missing": {"referents"}},
        {"headers": {("referents", "Courriel"): "Mél"}},
        {"missing": {"requests"}},
        {"headers": {("requests", "Statut"): "État"}},
    ],
)
def test_without_their_tab_or_the_requests_referents_get_no_mail_and_coordinators_do(faults: Any):
    sheet = Sheet([request(1)], (), [CLAIRE], referents=[PAUL])
    for name, fault in faults.items():
        setattr(sheet, name, fault)
    assert [mail["To"] for mail in mailed(sheet)] == [CLAIRE["email"]]


def test_a_workbook_without_the_referents_column_mails_them_all_the_same():
    sheet = Sheet([request(1)], (), [CLAIRE], referents=[PAUL])
    sheet.headers[("referents", "Courriel du lundi")] = ""
    assert [mail["To"] for mail in mailed(sheet)] == [CLAIRE["email"], PAUL["email"]]


# What did not arrive.


def test_whom_a_mail_may_not_have_reached_is_named_a_week_later():
    journal, clock = open_journal("memory:///"), Clock(MONDAY_7)
    more = {"requests": [request(1)], "referents": [PAUL], "journal": journal, "clock": clock}
    first = Postman("sent", "refused", "unsure")
    assert content_of(call(digest([CLAIRE, MARC], first, **more))) == {
        "week": "2026-W48",
        "sent": 1,
        "failed": 1,
        "unsure": 1,
    }
    clock.advance(days=7)
    second = Postman()
    call(digest([CLAIRE, MARC], second, **more))
    text, _ = parts(second.sent[0])
    assert "Le courriel de la semaine 2026-W48 n'est peut-être pas arrivé à Paul Durand." in text
    assert "Le courriel de la semaine 2026-W48 n'est pas parti pour Marc Blanc." in text
    assert "accueil digest --week 2026-W48 --to ADRESSE --force" in text
    assert "RIEN NE S'ÉCRIT" not in text
    clock.advance(days=7)
    third = Postman()
    call(digest([CLAIRE, MARC], third, **more))
    assert "2026-W49" not in parts(third.sent[0])[0]


# Faults of the journal and the sheet.


def test_without_the_journal_nothing_is_sent():
    postman = Postman()
    with pytest.raises(JournalError):
        call(digest(mailer=postman, journal=FailingJournal(".claim")))
    assert postman.tried == 0


def test_what_is_set_aside_is_counted_and_not_read():
    class Closed(FailingJournal):
        def read(self, key: str) -> bytes | None:
            assert not key.startswith("quarantine/")
            return super().read(key)

    postman, journal = Postman(), Closed("")
    for key in ("a", "a.why", "b", "b.why", "c"):
        journal.create(f"quarantine/{key}", b"{}")
    call(digest(mailer=postman, journal=journal))
    text, _ = parts(postman.sent[0])
    assert "3 demandes sont mises à part" in text


def test_a_mail_whose_mark_could_not_be_kept_is_not_sent_again():
    postman, journal = Postman(), FailingJournal(".sent")
    function = digest(mailer=postman, journal=journal)
    with pytest.raises(JournalError):
        call(function)
    journal.ending = ""
    assert content_of(call(function)) == {"week": "2026-W48", "unsure": 1}
    assert len(postman.sent) == 1


def test_a_sheet_that_cannot_be_read_sends_nothing():
    class Closed(Sheet):
        def read(self, _parts: Mapping[str, Any]) -> Any:
            raise WorkbookError("Le classeur est introuvable : vérifiez ACCUEIL_SPREADSHEET.")

    postman, journal = Postman(), open_journal("memory:///")
    with pytest.raises(WorkbookError):
        call(digest(mailer=postman, journal=journal, sheet=Closed()))
    assert (postman.tried, journal.keys("")) == (0, [])


# Faults of the sheet: the digest goes out with what can be read, and says what is wrong.

OPERATOR = "exploitation@example.org"


def sheet_with(**faults: Any) -> Sheet:
    sheet = Sheet(
        [request(1, received_at=OLD, assigned_at=OLD)],
        [{"subject": "À regarder", "action": "Regardez."}],
        [CLAIRE, MARC],
    )
    for name, fault in faults.items():
        setattr(sheet, name, fault)
    return sheet


def mailed(sheet: Sheet, operator: str = "", pending: int = 0) -> list[EmailMessage]:
    postman, journal = Postman(), open_journal("memory:///")
    for number in range(pending):
        journal.create(f"pending/{number}", b"{}")
    call(replace(digest(mailer=postman, journal=journal, sheet=sheet), operator=operator))
    return postman.sent


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        ({"added": {"requests": "Notes"}}, "Onglet « Demandes », colonne en double : « Notes »."),
        ({"headers": {("referents", "Courriel"): "Mél"}}, "colonne introuvable : « Courriel »."),
        ({"headers": {("requests", "Prénom"): "Petit nom"}}, "introuvable : « Prénom »."),
        ({"headers": {("tracking", "Référence"): "Réf."}}, "introuvable : « Référence »."),
        ({"headers": {("coordination", "Nom"): "Qui"}}, "introuvable : « Nom »."),
        ({"missing": {"rules"}}, "Onglet introuvable : « Règles d'attribution »."),
        ({"missing": {"tracking", "system"}}, "Onglet introuvable : « Suivi », « Système »."),
    ],
)
def test_a_fault_that_no_figure_depends_on_is_said_at_the_top(faults: Any, said: str):
    mails = mailed(sheet_with(**faults), pending=3)
    assert [mail["To"] for mail in mails] == [CLAIRE["email"], MARC["email"]]
    text, page = parts(mails[0])
    assert "En attente d'un premier contact depuis plus de 7 jours (1)" in text
    assert "À vérifier (1)" in text
    top = text[: text.index("Aucune demande n'est arrivée")]
    assert said in top
    assert "RIEN NE S'ÉCRIT DANS LE CLASSEUR : 3 DEMANDES ATTENDENT" in top
    assert "rien ne s'écrit dans le classeur" in mails[0]["Subject"]
    assert "Rien ne s'écrit dans le classeur" in Page(page).root.text


@pytest.mark.parametrize(
    ("faults", "lost", "kept"),
    [
        ({"headers": {("requests", "Statut"): "État"}}, "en chiffres", "À vérifier (1)"),
        ({"missing": {"requests"}}, "en chiffres", "À vérifier (1)"),
        ({"headers": {("to_check", "Fait"): "Fini"}}, "À vérifier (1)", "en chiffres"),
        ({"missing": {"to_check"}}, "À vérifier (1)", "en chiffres"),
    ],
)
def test_a_tab_that_cannot_be_read_costs_its_own_sections_only(faults: Any, lost: str, kept: str):
    for mail in mailed(sheet_with(**faults)):
        text, _ = parts(mail)
        assert kept in text
        assert lost not in text
        assert "Ce courriel ne peut donc rien dire de" in text
    assert ("0 demande" in mail["Subject"]) == (kept == "en chiffres")


@pytest.mark.parametrize(
    "faults", [{"missing": {"coordination"}}, {"headers": {("coordination", "Courriel"): "Mél"}}]
)
def test_if_coordination_does_not_say_who_gets_it_the_operator_does(faults: Any):
    (mail,) = mailed(sheet_with(**faults), OPERATOR)
    assert mail["To"] == OPERATOR
    text, _ = parts(mail)
    assert text.startswith("Oh my Lot ! Semaine du 23 au 29 novembre 2026\n\nBonjour,\n")
    assert "il n'est envoyé qu'à vous" in text
    assert "Courriel" in text or "Onglet introuvable : « Coordination »" in text
    assert "En attente d'un premier contact depuis plus de 7 jours (1)" in text
    with pytest.raises(WorkbookError, match="Coordination"):
        mailed(sheet_with(**faults))


def test_if_no_address_in_coordination_can_be_read_the_operator_gets_it():
    sheet = Sheet(coordination=[{"name": "Claire Roux", "email": Typed("claire@")}])
    assert [mail["To"] for mail in mailed(sheet, OPERATOR)] == [OPERATOR]
    assert mailed(sheet) == []
    sheet.rows["coordination"] = [CLAIRE | {"weekly_mail": False}]
    assert mailed(sheet, OPERATOR) == []


def test_a_bad_cell_beside_an_address_costs_nobody_the_digest():
    odd = {key: Typed("?") for key in ("scope", "weekly_mail", "default_referent")}
    mails = mailed(Sheet(coordination=[CLAIRE | odd, {"email": MARC["email"]}]))
    assert [mail["To"] for mail in mails] == [CLAIRE["email"], MARC["email"]]
    assert "Bonjour," in parts(mails[1])[0]


@pytest.mark.parametrize("scope", ["Figac", "Je ne sais pas encore", ";", "Partout, Figeac"])
def test_a_scope_that_names_nothing_is_said_and_the_digest_is_about_everywhere(scope: str):
    requests = [
        request(1, received_at=OLD, assigned_at=OLD),
        request(2, target="Cahors", received_at=OLD, assigned_at=OLD),
    ]
    mails = mailed(Sheet(requests, coordination=[CLAIRE | {"scope": Typed(scope)}, MARC]))
    claire, marc = (parts(mail)[0] for mail in mails)
    assert "premier contact depuis plus de 7 jours (2)" in claire
    assert "Coordination!C2, Périmètre : " in claire
    assert "ce courriel parle de tout le territoire" in claire
    assert "À CORRIGER DANS LE CLASSEUR" in claire
    assert "À CORRIGER" not in marc
    assert "rien ne s'écrit" not in mails[0]["Subject"]


@pytest.mark.parametrize(
    ("pause", "said"),
    [
        (Typed("fini le 3/12"), "Pause : « fini le 3/12 » n'est ni Oui ni Non."),
        (True, "Une pause est demandée dans l'onglet Coordination."),
    ],
)
def test_a_pause_is_said_and_so_is_what_waits(pause: Any, said: str):
    (mail,) = mailed(Sheet(coordination=[CLAIRE | {"pause": pause}]), pending=1)
    text, _ = parts(mail)
    assert said in text
    assert "RIEN NE S'ÉCRIT DANS LE CLASSEUR : 1 DEMANDE ATTEND" in text


# Nothing personal outside the mail, and nothing forged in it.


def test_the_log_and_the_journal_hold_no_address_and_no_name(
    capsys: pytest.CaptureFixture[str],
):
    journal = open_journal("memory:///")
    people = [CLAIRE, MARC, {"name": "Zoé Petit", "email": "zoe.petit@example.org"}]
    function = digest(
        people, Postman("sent", "refused", "unsure"), journal, requests=[request(1, referent=None)]
    )
    answer = call(function)
    lines = capsys.readouterr().out
    assert [json.loads(line) for line in lines.splitlines()] == [
        {
            "severity": severity,
            "message": "digest",
            "week": "2026-W48",
            "kind": "coordinator",
            "row": row,
            "outcome": outcome,
        }
        for severity, row, outcome in (
            ("INFO", 2, "sent"),
            ("ERROR", 3, "failed"),
            ("ERROR", 4, "unsure"),
        )
    ]
    keys = journal.keys("")
    kept = lines + answer.body + str(keys) + str([journal.read(key) for key in keys])
    for word in ("claire", "roux", "marc", "zoé", "zoe", "petit", "martin", "example.org", "LOT-"):
        assert word.lower() not in kept.lower()


FORGED = "\r\nBcc: eve@example.org\r\nSubject: Autre\r\n\r\nBonjour"


@pytest.mark.parametrize(
    "person",
    [
        CLAIRE | {"name": "Claire" + FORGED},
        CLAIRE | {"scope": "Grand-Figeac" + FORGED},
        CLAIRE | {"name": "Claire\x00\x0b\u2028Roux"},
    ],
)
def test_a_line_break_in_a_cell_forges_no_header(person: Mapping[str, Any], tmp_path: Path):
    assert content_of(call(digest([person], MailFolder(tmp_path))))["sent"] == 1
    [file] = tmp_path.iterdir()
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert {*mail.keys()} == {
        *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"),
        *("X-Auto-Response-Suppress", "MIME-Version", "Content-Type"),
    }
    assert len(mail.keys()) == 9
    assert mail["To"] == "claire.roux@example.org"
    assert mail["Subject"].startswith("Oh my Lot ! Semaine du 23 au 29 novembre")


@pytest.mark.parametrize("address", ["claire@example.org" + FORGED, "a@example.org,b@example.org"])
def test_an_address_with_more_in_it_gets_nothing(address: str):
    postman = Postman()
    call(digest([CLAIRE | {"email": Typed(address)}], postman))
    assert postman.tried == 0


def test_the_outbox_holds_one_file_a_mail(tmp_path: Path):
    function = digest([CLAIRE, MARC], MailFolder(tmp_path), requests=[request(1, referent=None)])
    call(function)
    call(function)
    files = list(tmp_path.iterdir())
    assert len(files) == 2
    assert all(file.name.startswith("digest-2026-W48-") for file in files)
    assert any("– Ana Martin 1<" in page_of(file) for file in files)


def page_of(file: Path) -> str:
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return parts(mail)[1]


def test_a_request_of_last_tuesday_is_in_last_week_s_mail():
    postman = Postman()
    call(digest(mailer=postman, requests=[request(1, received_at=TUESDAY)]))
    assert "1 demande est arrivée cette semaine. Rien n'attend" in parts(postman.sent[0])[0]


def test_a_row_typed_by_hand_has_the_dates_of_its_lines_in_suivi():
    undated = request(1, received_at=None, assigned_at=None, target="Figeac")
    noted = {"reference": "LOT-0000-0012", "referent": "Paul Durand"}
    lines = [noted | {"noted_at": OLD}]
    postman = Postman()
    sheet = Sheet([undated], (), [CLAIRE], lines)
    call(digest(mailer=postman, sheet=sheet))
    text = parts(postman.sent[0])[0]
    assert "En attente d'un premier contact depuis plus de 7 jours (1)" in text
    assert "depuis 8 jours" in text


def test_a_process_that_is_told_to_end_leaves_the_rest_to_another_call():
    postman = Postman()
    journal = open_journal("memory:///")
    function = replace(
        digest([CLAIRE, MARC], postman, journal), is_stopping=lambda: len(postman.sent) > 0
    )
    answer = call(function)
    assert (answer.status, content_of(answer)) == (
        502,
        {"week": "2026-W48", "sent": 1, "failed": 1},
    )
    again = call(digest([CLAIRE, MARC], postman, journal))
    assert content_of(again) == {"week": "2026-W48", "already_sent": 1, "sent": 1}


# Who can open the workbook.

FIRST_MONDAY = "2026-12-07T07:00:00+01:00"
OPENED = "Qui peut ouvrir le classeur"
UNKNOWN = "Le système ne peut pas voir avec qui le classeur est partagé"


def shared_with(*addresses: str) -> list[dict[str, Any]]:
    return [{"type": "user", "role": "writer", "emailAddress": address} for address in addresses]


def monthly(shared: object, at: str = FIRST_MONDAY) -> tuple[str, str]:
    """The digest of a day, as text and page, if the workbook is shared so."""
    postman, sheet = Postman(), Sheet(coordination=[CLAIRE])
    sheet.rows["referents"] = [
        {"name": "Bob Cros", "email": "bob.cros@example.org", "active": False}
    ]
    sheet.shared = shared
    answer = call(digest(mailer=postman, sheet=sheet, clock=Clock(at)))
    assert (answer.status, content_of(answer)["sent"]) == (200, 1)
    return parts(postman.sent[0])


def test_on_the_first_monday_of_a_month_coordinators_read_who_can_open_the_workbook():
    shared = shared_with(CLAIRE["email"], "bob.cros@example.org", "inconnu@example.org")

    for shown in monthly(shared):
        assert OPENED in shown
        assert "inconnu" in shown
        assert "ne soit plus active" in shown


def test_that_all_is_right_is_said_too():
    text, _ = monthly(shared_with(CLAIRE["email"]))
    assert "Les personnes des onglets Référents et Coordination, et elles seules." in text


def test_on_other_mondays_nobody_asks():
    text, page = monthly(RuntimeError("nobody asks"), MONDAY_7)
    assert OPENED not in text + page


@pytest.mark.parametrize("shared", [None, WorkbookError("Google Sheets n'a pas répondu.")])
def test_what_the_system_cannot_see_somebody_is_asked_to_look_at(shared: object):
    text, _ = monthly(shared)
    assert UNKNOWN in text
