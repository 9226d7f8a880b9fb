"""An applicant's page: opening it changes nothing; each of its buttons keeps one answer."""

from dataclasses import replace
from datetime import timedelta

import pytest

from functions.shared.journal.replies import WISHES, Asked, Reply, Stage
from functions.shared.links import LinkMaker
from tests.functions.intake.test_replying import LOT, Reader, said
from tests.functions.pages import Page

ADDRESS = "lea.martin@example.org"
ASKED = Asked(
    "Léa <b>", "Léa Martin", "Ana Roux", "to_contact", "Grand-Figeac", "05 65 00 00 01", "fr"
)


class Applicant(Reader):
    """Somebody who has asked for help, and follows the links of a mail."""

    def __init__(self, asked=ASKED):
        super().__init__()
        maker = LinkMaker(self.journal, "https://example.org/i", self.clock)
        self.links = maker.links("Léa Martin", ADDRESS, {LOT: asked})
        self.page = self.links.own_page(LOT)
        self.well, self.call_me = (address for _, address in self.links.news(LOT, asked.lang))

    def see(self, **headers):
        return said(self.call("GET", self.page, **headers))

    def say(self, wish, text="", number=1):
        return self.call("POST", self.page, {"wish": wish, "text": text, "number": str(number)})

    @property
    def said(self):
        return sorted((reply.choice, reply.reason) for reply in self.replies)

    def stands(self, step, referent="Bob Cros", since=None):
        stage = Stage(step, referent, "Cahors Développement", "05 65 00 00 02", since)
        time = (since or self.clock.now).strftime("%Y%m%dT%H%M%SZ")
        self.journal.create(f"stages/{LOT}/{time}", stage.to_json())


@pytest.fixture
def applicant():
    return Applicant()


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_scanner_that_opens_every_link_ten_times_changes_nothing(applicant, method):
    for days in (0, 20):
        applicant.clock.advance(days=days)
        for address in (applicant.page, applicant.well, applicant.call_me) * 10:
            assert applicant.call(method, address).status == 200
    assert applicant.effects == []


class TestWhereItStands:
    def test_it_shows_who_follows_the_request_and_no_more_of_the_applicant_than_the_first_name(
        self, applicant
    ):
        answer = applicant.call("GET", applicant.page)
        page = said(answer)
        shown = (LOT, "Léa <b>", "Ana Roux", "Grand-Figeac", "05 65 00 00 01", "l•••@example.org")
        assert all(words in page for words in shown)
        assert "Martin" not in answer.body
        assert ADDRESS not in answer.body
        assert 'href="tel:0565000001"' in answer.body
        assert 'lang="fr"' in answer.body
        assert answer.headers["Cache-Control"] == "no-store"
        assert "script-src" not in answer.headers["Content-Security-Policy"]
        assert "set-cookie" not in {name.lower() for name in answer.headers}

    @pytest.mark.parametrize(
        ("status", "referent", "step", "sentence"),
        [
            ("to_contact", "", "Reçue", "Nous cherchons la personne"),
            ("to_reroute", "Ana Roux", "Reçue", "Nous cherchons la personne"),
            ("to_contact", "Ana Roux", "Confiée", "Ana Roux vous contactera"),
            ("no_answer", "Ana Roux", "Confiée", "a essayé de vous joindre"),
            ("in_progress", "Ana Roux", "Premier échange", "Ana Roux suit votre demande"),
            ("settled", "Ana Roux", "Installation faite", "bienvenue"),
            ("closed", "Ana Roux", "Close", "Pour la reprendre"),
        ],
    )
    def test_by_what_the_mail_said(self, status, referent, step, sentence):
        applicant = Applicant(replace(ASKED, status=status, referent=referent))
        page = Page(applicant.call("GET", applicant.page).body).root
        (now,) = [item for item in page.all("li") if item.get("aria-current")]
        assert now.text.startswith(step)
        assert sentence in applicant.see()

    def test_what_changed_since_the_mail_counts(self, applicant):
        applicant.stands("contacted", "Ana Roux", applicant.clock.now)
        applicant.stands("tried", since=applicant.clock.now + timedelta(days=1))
        page = applicant.see()
        assert "Bob Cros, Cahors Développement – depuis le 24 novembre" in page
        assert "05 65 00 00 02" in page
        assert "Ana Roux" not in page

    def test_it_is_in_the_language_of_the_form(self):
        applicant = Applicant(replace(ASKED, lang="en"))
        half_past_midnight_in_paris = applicant.clock.now - timedelta(hours=9.5)
        applicant.stands("contacted", since=half_past_midnight_in_paris)
        answer = applicant.call("GET", applicant.page)
        assert 'lang="en"' in answer.body
        assert "Bob Cros follows your request" in said(answer)
        assert "since 23 November" in said(answer)
        assert "I no longer need help" in said(answer)
        assert "I would like a call" in said(applicant.call("GET", applicant.call_me))


class TestWhatIsSaid:
    @pytest.mark.parametrize(
        ("wish", "text", "kept"),
        [
            ("phone", "0612345678", "06 12 34 56 78"),
            ("phone", "+32 470 12 34 56", "+32 470 12 34 56"),
            ("email", " lea@example.org ", "lea@example.org"),
            ("changed", "=1+1\r\n  <b>Rodez</b>", "=1+1 <b>Rodez</b>"),
            ("no_need", "", ""),
            ("erase", "", ""),
        ],
    )
    def test_its_button_keeps_it_for_route(self, applicant, wish, text, kept):
        assert applicant.say(wish, text).status == 200
        reply = Reply(LOT, wish, applicant.clock.now, ASKED, kept, ADDRESS)
        assert applicant.replies == [reply]
        assert "déjà" in said(applicant.say(wish, text))
        assert len(applicant.effects) == 1

    def test_two_taps_say_how_somebody_is(self, applicant):
        for address in (applicant.well, applicant.call_me):
            assert applicant.call("POST", address).status == 200
            assert "déjà enregistré" in said(applicant.call("POST", address))
        assert applicant.said == [("call_me", ""), ("well", "")]

    @pytest.mark.parametrize(
        ("wish", "text", "sentence"),
        [
            ("phone", "12", "ce numéro n'est pas valide"),
            ("phone", "", "à renseigner"),
            ("email", "léa@example.org", "lettre accentuée"),
            ("changed", "é" * 451, "450 caractères au plus (451 reçus)"),
        ],
    )
    def test_what_will_not_do_is_asked_for_again_with_what_was_written(
        self, applicant, wish, text, sentence
    ):
        answer = applicant.say(wish, text)
        assert answer.status == 422
        assert sentence in said(answer)
        assert text[:450] in answer.body
        assert applicant.effects == []

    def test_another_correction_from_the_same_mail_is_sent_by_one_more_tap(self, applicant):
        applicant.say("phone", "0612345678")
        again = applicant.say("phone", "0612345679")
        assert again.status == 409
        assert "Si celle-ci est une autre" in said(again)
        assert 'name="number" value="2"' in again.body
        assert "06 12 34 56 79" in again.body
        assert applicant.say("phone", "0612345679", 2).status == 200
        assert applicant.said == [("phone", "06 12 34 56 78"), ("phone", "06 12 34 56 79")]

    @pytest.mark.parametrize("number", ["0", "10", "-1", "²", "x"])
    def test_a_form_that_is_none_of_ours_changes_nothing(self, applicant, number):
        assert applicant.say("phone", "0612345678", number).status == 422
        for wish in ("", "own_page", "renew", "called", "opt_out", "well"):
            assert applicant.say(wish, "x").status == 422
        assert applicant.effects == []


class TestOtherLinks:
    def test_an_old_one_shows_nothing_and_sends_a_new_one_once(self, applicant):
        applicant.clock.advance(days=15)
        page = applicant.see()
        assert "M'envoyer un nouveau lien" in page
        assert not any(words in page for words in ("Ana Roux", "05 65", "•••"))
        assert "Un nouveau lien part" in said(applicant.say("phone", "0612345678"))
        assert "déjà enregistré" in said(applicant.call("POST", applicant.well))
        assert applicant.said == [("renew", "")]

    def test_a_forged_or_swapped_one_changes_nothing(self, applicant):
        theirs = Reader()
        body = theirs.journal.read(f"links/{theirs.links.letter}")
        applicant.journal.create(f"links/{theirs.links.letter}", body)
        good = applicant.page
        for forged in (
            good[:-1],
            good.replace("own_page", "erase"),
            good.replace(LOT, "LOT-0000-0000"),
            good.replace(applicant.links.letter, theirs.links.letter),
            good.replace("/ma-demande", "/reponse"),
            theirs.links.answer(LOT, "called").replace("/reponse", "/ma-demande"),
            good.partition("?")[0],
        ):
            for method in ("GET", "POST"):
                assert applicant.call(method, forged, {"wish": "erase"}).status == 404, forged
        assert applicant.effects == []
        page = applicant.call("GET", good[:-1], **{"accept-language": "en-GB, en;q=0.9, fr;q=0.5"})
        assert "no longer valid" in said(page)

    def test_another_site_cannot_press_a_button(self, applicant):
        answer = applicant.call(
            "POST", applicant.page, {"wish": "erase"}, origin="https://x.example"
        )
        assert answer.status == 403
        assert applicant.effects == []

    def test_what_is_signed_for_one_wish_is_kept_as_that_one_only(self, applicant):
        for wish in WISHES:
            applicant.call("POST", applicant.well, {"wish": wish, "text": "0612345678"})
        assert applicant.said == [("well", "")]
