"""What applicants say from their own page reaches whoever follows them, and harms no cell."""

import json
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from functions.intake import own_page
from functions.intake.handler import Intake
from functions.route.decide import wishes
from functions.route.handler import Route
from functions.shared.concerns import ERASURE
from functions.shared.journal.replies import WISHES, Asked, Stage
from functions.shared.links import LinkMaker
from functions.shared.web import FORM_TYPE, Call
from infra.local.access import LOCAL_INTAKE
from infra.local.triggers import push_body
from tests.functions.route.arrivals import arrive
from tests.functions.route.books import ANA, BOB
from tests.functions.route.office import CONTACT, DORA, ORDER, PROGRESS
from tests.functions.route.test_answers import Desk, waiting
from tests.support import Crash, Mortal

CLOSED = "Clos sans suite"
OLD, NEW = "lea.martin@example.org", "lea@example.org"


class Home(Desk):
    """An office, and one of its applicants with the mail that named her referent."""

    def __init__(self):
        super().__init__()
        self.reference = arrive(self.journal, first_name="Léa", email=OLD, phone="+33612345678")
        self.sweep(2)
        self.letter = self.mail()

    def new_drain(self, *parts, **named):
        return replace(super().new_drain(*parts, **named), mail_kinds=("closing",))

    def mail(self, lang="fr"):
        maker = LinkMaker(self.journal, "https://example.org/i", self.clock)
        asked = Asked("Léa", "Léa Martin", ANA, "to_contact", lang=lang)
        return maker.links("Léa Martin", OLD, {self.reference: asked})

    def call(self, method, address, **fields):
        query = dict(parse_qsl(urlsplit(address).query))
        body = urlencode(fields).encode()
        intake = Intake(self.journal, LOCAL_INTAKE, self.clock)
        answer = intake(Call(method, {"content-type": FORM_TYPE}, query, body, "/ma-demande"))
        assert answer.status == 200, answer.body
        return answer.body

    def say(self, wish, text=""):
        self.call("POST", self.letter.own_page(self.reference), wish=wish, text=text)

    @property
    def page(self):
        return self.call("GET", self.letter.own_page(self.reference))

    @property
    def last_message(self):
        """Whom the last mail was for, and what it says."""
        message = self.post.sent[-1]
        assert "pour vous" in message["Subject"]
        return message["To"], " ".join(message.get_body(("plain",)).get_content().split())

    @property
    def heard(self):
        rows = self.sheet.rows("tracking")
        return [row["reason"] for row in rows if row["event"] == "Message de la personne"]


@pytest.fixture
def home():
    return Home()


def test_a_new_address_takes_the_place_of_the_one_that_the_mail_went_to(home):
    home.say("email", NEW)
    home.sweep()
    assert home.row["email"] == NEW
    assert home.stands == (CONTACT, ANA)
    assert home.heard == ["« Mon courriel a changé »"]
    to, text = home.last_message
    assert to == "ana.roux@example.org"
    assert f"Nouveau courriel : {NEW}" in text.replace("\u200c", "")
    assert "J'ai appelé" in text
    assert waiting(home) == []
    mails = len(home.post.sent)
    home.sweep(3)
    assert (len(home.heard), len(home.post.sent)) == (1, mails)


@pytest.mark.parametrize("during", [False, True])
def test_an_address_that_somebody_has_corrected_meanwhile_stays(home, during):
    home.say("email", NEW)
    if during:
        home.before_the_commit(lambda: home.set(email="claire@example.org"))
    else:
        home.set(email="claire@example.org")
    home.sweep(2)
    assert home.row["email"] == "claire@example.org"
    assert "a changé entre-temps" in home.last_message[1]
    assert [f"{NEW}. La cellule avait changé" in subject for subject in home.noted] == [True]
    assert waiting(home) == []


@pytest.mark.parametrize(
    ("wish", "text", "column"),
    [
        ("phone", "06 98 76 54 32", "phone"),
        ("phone", "+32470123456", "phone"),
        ("email", "7@example.org", "email"),
    ],
)
def test_what_a_token_cannot_carry_is_for_a_person_to_write(home, wish, text, column):
    before = home.row[column]
    home.say(wish, text)
    text = text.replace("+32470123456", "+32 470 12 34 56")
    home.sweep(2)
    assert home.row[column] == before
    assert text[-5:] in home.last_message[1].replace("\u200c", "")
    assert any(text[-5:] in subject for subject in home.noted)
    assert waiting(home) == []


@pytest.mark.parametrize(
    ("wish", "text", "noted", "mailed"),
    [
        ("changed", "=1+1 Rodez", "« Mon projet a changé » : =1+1 Rodez", "=1+1 Rodez"),
        ("no_need", "", "« Je n'ai plus besoin d'aide »", "« Arrêt demandé »"),
        ("erase", "", "« Effacer mes données »", "l'effacement de ses données"),
    ],
)
def test_whoever_follows_her_by_now_reads_what_she_wants(home, wish, text, noted, mailed):
    home.set(referent=DORA)
    home.sweep(2)
    home.say(wish, text)
    home.sweep()
    assert home.stands == (CONTACT, DORA)
    assert home.heard == [noted]
    to, said = home.last_message
    assert (to, mailed in said) == ("dora.petit@example.org", True)
    assert any(subject.startswith(ERASURE) for subject in home.noted) == (wish == "erase")


class TestWhoNeedsNoHelp:
    @pytest.fixture
    def home(self):
        home = Home()
        home.say("no_need")
        home.sweep()
        return home

    def test_her_referent_finds_that_tap_in_a_mail_with_new_links_as_well(self, home):
        old = home.link("close")
        home.clock.advance(days=20)
        home.press(old)
        home.sweep()
        assert "nouveaux liens" in home.post.sent[-1]["Subject"]
        home.answer("close")
        home.sweep()
        assert home.row["status"] == CLOSED

    def test_has_the_request_closed_by_one_tap_of_her_referent(self, home):
        assert "Pas pour moi" not in home.last_message[1]
        home.answer("close")
        home.sweep()
        assert home.stands == (CLOSED, ANA)
        assert home.row["closing_reason"] == "Arrêt demandé"
        (closed,) = [row for row in home.sheet.rows("tracking") if row["event"] == "Clôture"]
        assert (closed["before"], closed["after"]) == (CONTACT, CLOSED)
        assert closed["reason"] == "« Clore la demande »"
        assert "Votre demande est close" in home.page
        assert waiting(home) == []
        lines = len(home.sheet.rows("tracking"))
        home.sweep(2)
        assert len(home.sheet.rows("tracking")) == lines

    def test_keeps_the_reason_that_somebody_chose(self, home):
        home.set(closing_reason="Hors champ")
        home.answer("close")
        home.sweep()
        assert home.stands == (CLOSED, ANA)
        assert home.row["closing_reason"] == "Hors champ"

    def test_is_left_alone_if_the_status_has_changed_since(self, home):
        home.set(status=PROGRESS)
        home.answer("close")
        home.sweep()
        assert home.stands == (PROGRESS, ANA)
        assert not home.row.get("closing_reason")
        assert "entre-temps, son statut est passé" in home.last_refusal[1]


def test_two_taps_say_how_she_is_after_settling(home):
    home.set(status="Installé")
    home.sweep(2)
    for _, address in home.letter.news(home.reference, "fr"):
        home.call("POST", address)
        home.clock.advance(seconds=1)
    home.sweep(3)
    assert home.heard == ["« Tout va bien »", "« J'aimerais un appel »"]
    assert "aimerait un appel. Le statut de la demande est « Installé »." in home.last_message[1]
    assert "J'ai appelé" not in home.last_message[1]
    assert home.stands == ("Installé", ANA)


def test_everything_that_an_applicant_can_say_has_its_words():
    assert {*WISHES} == {*own_page.WORDS} == {*wishes.WORDS}


def test_a_notification_is_enough(home):
    home.say("erase")
    (key,) = waiting(home)
    assert Route(home.new_drain())(Call("POST", {}, {}, json.dumps(push_body(key)).encode()))
    assert waiting(home) == []


def test_a_link_that_is_too_old_brings_a_new_one_to_the_address_in_the_sheet(home):
    home.clock.advance(days=20)
    home.set(email=NEW)
    home.sweep(2)
    home.say("erase")
    home.sweep(2)
    message = home.post.sent[-1]
    assert message["To"] == NEW
    assert "/ma-demande?lien=" in message.get_body(("plain",)).get_content()
    assert (home.heard, home.noted, waiting(home)) == ([], [], [])


class TestWhereNobodyIsTold:
    def test_coordinators_are(self, home):
        home.set(referent="Zoé Inconnue")
        home.sweep(2)
        home.say("no_need")
        home.sweep()
        assert any("que personne ne suit" in subject for subject in home.noted)
        assert waiting(home) == []

    def test_a_deleted_row_stays_deleted(self, home):
        home.say("email", NEW)
        del home.sheet.grids["requests"][1:]
        home.sweep()
        assert home.sheet.rows("requests") == []
        assert "La ligne de cette demande n'est plus là" in home.noted[0]
        assert NEW not in home.noted[0]
        assert waiting(home) == []

    def test_erasing_is_still_asked_for_once_the_row_is_deleted(self, home):
        home.say("erase")
        del home.sheet.grids["requests"][1:]
        home.sweep()
        assert home.noted[0].startswith(ERASURE)


class TestHerPage:
    def stages(self, home):
        keys = home.journal.keys("stages/")
        return [Stage.from_json(home.journal.read(key)) for key in keys]

    def test_it_shows_what_changed_in_the_sheet(self, home):
        assert self.stages(home) == []
        assert f"{ANA} vous contactera" in home.page
        home.set(status=PROGRESS)
        home.sweep()
        assert f"{ANA} suit votre demande" in home.page
        home.set(referent=BOB)
        home.sweep(2)
        assert f"{BOB} suit votre demande" in home.page
        home.set(status="Clos sans suite")
        home.sweep()
        assert "Votre demande est close" in home.page
        assert [stage.step for stage in self.stages(home)] == ["contacted", "contacted", "closed"]
        assert not any("Léa" in repr(stage) for stage in self.stages(home))
        home.set(next_action="Rappeler", status="Doublon ou indésirable")
        home.sweep(2)
        assert len(self.stages(home)) == 3

    def test_it_shows_an_answer_of_her_referent_once_the_cell_says_so(self, home):
        home.answer("called")
        home.before_the_commit(lambda: home.set(first_name="Léa-Marie"))
        home.sweep()
        assert self.stages(home) == []
        home.sweep()
        assert home.stands == (PROGRESS, ANA)
        assert [stage.step for stage in self.stages(home)] == ["contacted"]

    def test_it_shows_that_a_request_is_opened_again_long_after_it_was_closed(self, home):
        home.set(status=CLOSED)
        home.sweep()
        home.clock.advance(days=12)
        home.sweep()
        assert "Votre demande est close" in home.page
        home.set(status=PROGRESS)
        home.sweep()
        assert f"{ANA} suit votre demande" in home.page

    def test_it_names_nobody_while_the_rules_look_for_somebody_else(self, home):
        home.set(status=ORDER)
        home.sweep(3)
        assert f"{BOB} vous contactera" in home.page


def test_wherever_a_sweep_is_killed_an_answer_counts_once():
    """This takes seconds, because each life begins anew. Staff's answers go the same way."""
    for life in range(1, 80):
        home = Home()
        home.say("email", NEW)
        home.set(status=PROGRESS)
        left = [life]
        parts = {
            name: Mortal(part, left, after=False)
            for name, part in {"journal": home.journal, "sheet": home.sheet}.items()
        }
        killed = False
        try:
            home.sweep(**parts)
        except Crash:
            killed = True
        home.sweep(2)
        assert (home.row["email"], *home.stands) == (NEW, PROGRESS, ANA)
        assert len(home.heard) == 1
        assert waiting(home) == []
        assert f"{ANA} suit votre demande" in home.page
        if not killed:
            return
    pytest.fail("the sweep never ended")
