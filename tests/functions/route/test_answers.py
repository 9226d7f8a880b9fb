"""Answers from mails: the cell that the mail showed changes once; what people decided stays."""

import json
import re
from random import Random
from urllib.parse import parse_qsl, urlsplit

import pytest

from functions.intake.handler import Intake
from functions.route.handler import Route
from functions.route.read.replies import Replies
from functions.shared.errors import MailError
from functions.shared.journal.formats import Move
from functions.shared.journal.replies import Answered, Asked, Reply
from functions.shared.links import LinkMaker
from functions.shared.mail.outbox import Outbox
from functions.shared.web import FORM_TYPE, Call
from infra.local.access import LOCAL_INTAKE
from infra.local.triggers import push_body
from sheets_schema.schema import vocabulary
from sheets_schema.wire import LONGEST
from tests.functions.route.arrivals import arrive
from tests.functions.route.books import ANA, BOB, CORALIE, set_cell
from tests.functions.route.office import CONTACT, DORA, ORDER, PROGRESS, Office

NO_ANSWER = "Sans réponse, à rappeler"
LABELS = {
    "called": "J'ai appelé",
    "no_answer": "Sans réponse",
    "not_mine": "Pas pour moi",
    "taken_up": "Je la prends",
    "close": "Clore la demande",
}


class Desk(Office):
    """An office that answers from its mails."""

    def new_drain(self, journal=None, sheet=None, mailer=None):
        drain = super().new_drain(journal, sheet, mailer)
        drain.outbox = Outbox(
            journal or self.journal,
            mailer or self.post,
            "accueil@example.org",
            "https://example.org",
            self.clock,
            intake_url="https://example.org/i",
        )
        return drain

    def link(self, choice, mail=-1):
        """Where a button of a mail leads."""
        text = self.post.sent[mail].get_body(("plain",)).get_content()
        return re.search(rf"{LABELS[choice]} : (\S+)", text)[1]

    def press(self, link, body=b""):
        intake = Intake(self.journal, LOCAL_INTAKE, self.clock)
        query = dict(parse_qsl(urlsplit(link).query))
        answer = intake(Call("POST", {"content-type": FORM_TYPE}, query, body, "/reponse"))
        assert answer.status == 200, answer.body

    def answer(self, choice, body=b""):
        self.press(self.link(choice), body)

    @property
    def last_refusal(self):
        """The last mail, if it says that an answer changed nothing."""
        message = self.post.sent[-1]
        assert "n'a rien changé" in message["Subject"]
        return message["To"], " ".join(message.get_body(("plain",)).get_content().split())


@pytest.fixture
def desk():
    made = Desk()
    made.reference = arrive(made.journal, first_name="Léa")
    made.sweep(2)
    assert made.stands == (CONTACT, ANA)
    return made


def waiting(desk):
    return desk.journal.keys("answers/")


def test_who_has_called_finds_it_in_the_sheet_at_the_next_sweep(desk):
    desk.answer("called")
    desk.sweep()
    assert desk.stands == (PROGRESS, ANA)
    assert desk.events[1:] == [("Premier contact", ANA), ("Réponse reçue", ANA)]
    first, answered = desk.sheet.rows("tracking")[1:]
    assert first["after"] == "23/11/2026"
    assert (answered["before"], answered["after"]) == (CONTACT, PROGRESS)
    assert answered["reason"] == "« J'ai appelé »"
    assert desk.row.get("last_contact_on") is None
    assert waiting(desk) == []
    before, mails = desk.events, len(desk.post.sent)
    desk.sweep(3)
    assert (desk.events, len(desk.post.sent)) == (before, mails)


def test_a_notification_of_an_answer_is_enough(desk):
    desk.answer("called")
    (key,) = waiting(desk)
    body = json.dumps(push_body(key)).encode()
    assert Route(desk.new_drain())(Call("POST", {}, {}, body)).status == 200
    assert desk.stands == (PROGRESS, ANA)


def test_nobody_replied_and_then_somebody_did_from_the_same_mail(desk):
    first, second = desk.link("no_answer"), desk.link("called")
    desk.press(first)
    desk.sweep()
    assert desk.stands == (NO_ANSWER, ANA)
    desk.press(second)
    desk.sweep()
    assert desk.stands == (PROGRESS, ANA)
    assert [event for event, _ in desk.events[1:]] == [
        "Réponse reçue",
        "Premier contact",
        "Réponse reçue",
    ]


def test_two_answers_before_a_sweep_are_dealt_with_in_their_order(desk):
    first, second = desk.link("no_answer"), desk.link("called")
    desk.press(first)
    desk.clock.advance(seconds=5)
    desk.press(second)
    desk.sweep()
    assert desk.stands == (PROGRESS, ANA)
    assert waiting(desk) == []


def test_a_request_that_is_not_for_her_goes_by_the_rules_with_her_reason(desk):
    desk.answer("not_mine", b"reason=elsewhere&more=elle+vise+Rodez")
    desk.sweep()
    assert desk.stands == (CONTACT, BOB)
    reason = desk.row["assignment_reason"]
    assert "refusée par Ana Roux" in reason
    assert "Motif : Hors de mon territoire : elle vise Rodez" in reason
    assert desk.events[1:] == [("Réponse reçue", ANA), ("Rendue", ANA), ("Attribuée", BOB)]
    assert desk.mails[-1] == ("assigned", "bob.cros@example.org")
    desk.answer("not_mine", b"reason=no_time")
    desk.sweep()
    assert desk.stands == (CONTACT, CORALIE)
    assert "rendue deux fois" in desk.noted[0]


def test_if_nobody_else_is_left_she_keeps_it_and_reads_so(desk):
    for _ in range(2):
        desk.answer("not_mine", b"reason=no_time")
        desk.sweep()
    desk.answer("not_mine", b"reason=no_time")
    desk.sweep()
    assert desk.stands == (CONTACT, CORALIE)
    assert "ne trouve personne" in desk.last_refusal[1]
    assert "ne trouve personne" in desk.noted[-1]
    assert waiting(desk) == []


def test_who_takes_a_request_up_is_not_reminded(desk):
    desk.set(referent=BOB)
    desk.sweep(2)
    assert desk.mails[-1] == ("handed_over", "bob.cros@example.org")
    desk.answer("taken_up")
    desk.sweep()
    assert desk.stands == (CONTACT, BOB)
    assert desk.events[-2:] == [("Prise en charge", BOB), ("Réponse reçue", BOB)]
    mails = len(desk.post.sent)
    desk.clock.advance(days=30)
    desk.sweep(2)
    assert len(desk.post.sent) == mails


class TestPeopleDecideFirst:
    def test_a_status_that_somebody_set_meanwhile_stays(self, desk):
        desk.set(status="En attente du candidat")
        desk.answer("no_answer")
        desk.sweep()
        assert desk.stands == ("En attente du candidat", ANA)
        to, text = desk.last_refusal
        assert to == "ana.roux@example.org"
        assert "entre-temps, son statut est passé à « En attente du candidat »" in text
        assert waiting(desk) == []

    def test_a_request_that_somebody_else_follows_by_now_stays_theirs(self, desk):
        desk.set(referent=DORA)
        desk.sweep(2)
        desk.press(desk.link("called", mail=0))
        desk.sweep()
        assert desk.stands == (CONTACT, DORA)
        assert "suivie par Dora Petit" in desk.last_refusal[1]

    def test_an_order_in_the_sheet_that_no_sweep_has_carried_out_comes_first(self, desk):
        desk.answer("called")
        desk.set(status=ORDER)
        desk.sweep(3)
        assert desk.stands == (CONTACT, BOB)
        assert waiting(desk) == []

    def test_a_row_that_changes_at_the_instant_of_the_write_is_not_harmed(self, desk):
        desk.answer("called")
        desk.before_the_commit(lambda: desk.set(status="Clos sans suite"))
        desk.sweep(2)
        assert desk.stands == ("Clos sans suite", ANA)
        assert "Clos sans suite" in desk.last_refusal[1]
        assert waiting(desk) == []

    def test_a_deleted_row_stays_deleted_and_she_reads_so(self, desk):
        desk.answer("called")
        del desk.sheet.grids["requests"][1:]
        desk.sweep()
        assert desk.sheet.rows("requests") == []
        assert "supprimée" in desk.last_refusal[1]


def test_a_link_that_is_too_old_brings_a_new_mail_that_works(desk):
    old = desk.link("called")
    desk.clock.advance(days=20)
    desk.press(old)
    desk.sweep()
    assert desk.stands == (CONTACT, ANA)
    message = desk.post.sent[-1]
    assert (message["To"], "nouveaux liens" in message["Subject"]) == ("ana.roux@example.org", True)
    desk.answer("called")
    desk.sweep()
    assert desk.stands == (PROGRESS, ANA)


def test_an_old_link_of_somebody_who_has_handed_it_over_brings_no_new_ones(desk):
    desk.set(referent=DORA)
    desk.sweep(2)
    desk.clock.advance(days=20)
    desk.press(desk.link("called", mail=0))
    desk.sweep()
    assert "suivie par Dora Petit" in desk.last_refusal[1]


def test_an_answer_that_intake_was_killed_over_is_forgotten(desk):
    """The same answer was dealt with, and intake could not delete its second object."""
    desk.answer("called")
    (key,) = waiting(desk)
    desk.journal.create(key.replace("answers/", "answered/"), Answered("").to_json())
    mails = len(desk.post.sent)
    desk.sweep(2)
    assert desk.stands == (CONTACT, ANA)
    assert waiting(desk) == []
    assert len(desk.post.sent) == mails


def test_a_request_that_the_operator_moves_is_not_written_twice_at_once(desk):
    desk.journal.create(f"moves/{desk.reference}", Move(ANA, DORA).to_json())
    desk.answer("called")
    desk.sweep(3)
    assert desk.stands == (CONTACT, DORA)
    assert "suivie par Dora Petit" in desk.last_refusal[1]


def test_an_illegible_answer_stays_and_stops_nothing(desk):
    desk.journal.create("answers/rubbish", b"{")
    desk.answer("called")
    desk.sweep()
    assert desk.stands == (PROGRESS, ANA)
    assert waiting(desk) == ["answers/rubbish"]


def test_answers_whose_row_cannot_be_read_hold_up_no_other(desk):
    asked = Asked("Léa", ANA, ANA, "to_contact")
    for number in range(51):
        key = f"answers/20261207-{number:024x}.{desk.reference}.taken_up"
        desk.journal.create(key, Reply(desk.reference, "taken_up", desk.clock(), asked).to_json())
    set_cell(desk.sheet, "requests", 1, "notes", "x" * LONGEST)
    desk.clock.advance(minutes=5)
    other = arrive(desk.journal, 2, first_name="Ali")
    desk.sweep(2)
    desk.answer("called")
    desk.sweep()
    rows = {row["reference"]: row["status"] for row in desk.sheet.rows("requests")}
    assert rows[other] == PROGRESS
    assert len(waiting(desk)) == 51
    set_cell(desk.sheet, "requests", 1, "notes", "court")
    desk.sweep(52)
    assert waiting(desk) == []


LETTER = f"20261207-{'a' * 24}"
WHOLE = {
    "version": 1,
    "reference": "LOT-65AC-WHNK",
    "choice": "called",
    "at": "2026-11-23T09:00:00+00:00",
    "asked": {"first_name": "Léa", "reader": ANA, "referent": ANA, "status": "to_contact"},
    "reason": "",
}


@pytest.mark.parametrize(
    "damage",
    [
        {"at": "2026-11-23T09:00:00"},
        {"at": 5},
        {"reference": ["LOT-65AC-WHNK"]},
        {"reference": "LOT-65AC-WHNX"},
        {"reference": "", "choice": "opt_out"},
        {"choice": "no_answer"},
        {"reason": None},
        {"asked": None},
        {"asked": {"first_name": "Léa", "reader": None, "referent": ANA, "status": "to_contact"}},
    ],
)
def test_an_answer_that_says_what_no_answer_says_stops_nothing(desk, damage):
    rubbish = f"answers/{LETTER}.LOT-65AC-WHNK.called"
    desk.journal.create(rubbish, json.dumps(WHOLE | damage).encode())
    desk.answer("called")
    desk.sweep(2)
    assert desk.stands == (PROGRESS, ANA)
    assert waiting(desk) == [rubbish]
    assert desk.noted == []


def test_an_answer_under_the_name_of_another_request_changes_neither(desk):
    name = f"answers/{LETTER}.LOT-65AC-WHNK.called"
    desk.journal.create(name, json.dumps(WHOLE | {"reference": desk.reference}).encode())
    desk.sweep(2)
    assert desk.stands == (CONTACT, ANA)
    assert waiting(desk) == [name]


def test_mails_that_do_not_leave_leave_no_links_behind(desk):
    before = desk.journal.keys("links/")
    arrive(desk.journal, 2, first_name="Ali")
    desk.post.failures = [MailError("Le serveur ne répond pas.")]
    desk.new_drain()(sweep=True)
    assert desk.journal.keys("outbox/") != []
    assert desk.journal.keys("links/") == before


def test_a_link_about_mondays_mail_cannot_make_route_read_the_sheet_at_any_time(desk):
    press_monday(desk, "opt_out")
    (key,) = waiting(desk)
    desk.sheet.read = None  # whoever reads the sheet fails
    body = json.dumps(push_body(key)).encode()
    assert Route(desk.new_drain())(Call("POST", {}, {}, body)).status == 200
    assert waiting(desk) == [key]


def press_monday(desk, *choices):
    links = LinkMaker(desk.journal, "https://example.org", desk.clock).links(
        ANA, "ana.roux@example.org", {}
    )
    intake = Intake(desk.journal, LOCAL_INTAKE, desk.clock)
    for choice in choices:
        query = dict(parse_qsl(urlsplit(links.monday(choice)).query))
        intake(Call("POST", {}, query, b"", "/courriel-du-lundi"))
        desk.clock.advance(minutes=1)


def test_coordinators_read_the_last_word_of_whoever_changes_their_mind(desk):
    press_monday(desk, "opt_out", "opt_in", "opt_out")
    desk.sweep()
    assert desk.noted == ["Ana Roux ne veut plus recevoir le courriel du lundi (le 23 novembre)."]
    assert desk.journal.keys("unsubscribed/") != []


def test_coordinators_read_who_wants_no_mail_on_mondays(desk):
    press_monday(desk, "opt_out")
    desk.sweep()
    assert desk.noted == ["Ana Roux ne veut plus recevoir le courriel du lundi (le 23 novembre)."]
    assert waiting(desk) == []
    desk.sweep(2)
    assert len(desk.noted) == 1


TITLES = vocabulary("status")


class Crowd(Desk):
    """People who edit the same cells, sort and answer from any mail they ever got."""

    STATUSES = (CONTACT, PROGRESS, NO_ANSWER, "En attente du candidat", "Clos sans suite", ORDER)

    def __init__(self, random):
        super().__init__()
        self.random, self.links, self.applied = random, [], 0
        self.act, self.before, commit = (lambda: None), {}, self.sheet.commit

        def disturbed(batch):
            self.act()
            self.act, self.before = (lambda: None), self.cells()
            return commit(batch)

        self.sheet.commit = disturbed

    def cells(self):
        return {row["reference"]: self.both(row) for row in self.sheet.rows("requests")}

    @staticmethod
    def both(row):
        return row.get("status", ""), row.get("referent", "")

    def edit(self):
        rows = self.sheet.grids["requests"]
        if len(rows) > 1:
            at = self.random.randrange(1, len(rows))
            if self.random.random() < 0.7:
                set_cell(self.sheet, "requests", at, "status", self.random.choice(self.STATUSES))
            else:
                set_cell(self.sheet, "requests", at, "referent", self.random.choice([BOB, DORA]))

    def sort(self):
        rows = self.sheet.grids["requests"]
        rows[1:] = self.random.sample(rows[1:], len(rows) - 1)

    def reply(self):
        for message in self.post.sent:
            text = message.get_body(("plain",)).get_content()
            self.links += re.findall(r"\S+/reponse\?lien=\S+", text)
        self.post.sent.clear()
        if self.links:
            self.press(self.random.choice(self.links), b"reason=no_time")

    def step(self):
        self.random.choice([self.edit, self.reply, self.reply, self.reply, self.sort])()
        if self.random.random() < 0.4:
            self.look()

    def look(self):
        """A sweep, disturbed or not; what it changed must have been asked for."""
        answers = Replies(self.journal).look()
        asked = [
            (reply, {TITLES[reply.asked.status], *answers.left.get(name, ())})
            for name, reply in answers.replies.items()
        ]
        self.act = self.random.choice([self.edit, self.sort, lambda: None])
        self.before = self.cells()
        self.sweep()
        for reference, (status, referent) in self.cells().items():
            was = self.before.get(reference)
            if was is None or was == (status, referent):
                continue
            ours = [(reply, shown) for reply, shown in asked if reply.reference == reference]
            if ORDER in was:
                continue  # the rules decide
            assert ours, f"{reference}: {was} became {(status, referent)}, and nobody asked"
            assert was[1] in {reply.asked.referent for reply, _ in ours}
            assert any(was[0] in shown for _, shown in ours) or len(ours) > 1
            self.applied += 1


def test_no_cell_that_people_decided_changes_whatever_answers_come_when():
    applied = 0
    for seed in range(6):
        crowd = Crowd(Random(seed))
        for number in range(3):
            arrive(crowd.journal, number + 1)
        crowd.look()
        for _ in range(30):
            crowd.step()
        crowd.sweep(3)
        assert waiting(crowd) == []
        applied += crowd.applied
    assert applied > 3
