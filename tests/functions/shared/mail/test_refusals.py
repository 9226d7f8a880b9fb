"""What becomes of mails that cannot be sent, and of everybody else's."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from functions.shared.errors import MailError, MailUnsureError
from functions.shared.journal.formats import WaitingMail
from functions.shared.journal.store import open_journal
from functions.shared.mail.outbox import QUIET, Outbox
from functions.shared.mail.pace import GAP
from functions.shared.mail.refused import RefusedAddresses, Returns
from tests.support import Postman, killed_anywhere

ANA, BOB = "Ana Roux", "Bob Cros"
LINE = {
    "reference": "LOT-0000-0000",
    "person": "Léo Durand",
    "project": "Trouver un emploi",
    "target": "Figeac",
    "lead": ANA,
    "reason": "Règle 1",
}


@pytest.fixture
def journal():
    return open_journal("memory:///")


@pytest.fixture
def postman():
    return Postman()


@pytest.fixture
def tables():
    """The addresses that stand in the lookup tables, which a test may correct."""
    return {ANA: "ana@example.org", BOB: "bob@example.org"}


@pytest.fixture
def send(journal, postman, clock, tables):
    def send(*, sweep=True, through=journal):
        outbox = Outbox(through, postman, "accueil@example.org", "https://example.org", clock)
        return outbox.send(clock() + timedelta(seconds=45), tables.get, sweep=sweep)

    return send


def put(journal, number, to=ANA, kind="assigned", **more):
    mail = WaitingMail(kind, to, {"requests": [LINE]}, **more)
    key = f"outbox/000000001-t1-{number}"
    assert journal.create(key, mail.to_json())
    return key


def waiting(journal):
    return {key: WaitingMail.from_json(journal.read(key)) for key in journal.keys("outbox/")}


class TestRecipientRefused:
    def test_the_others_get_theirs_whoever_comes_first(self, send, journal, postman):
        postman.refused = {"ana@example.org"}
        put(journal, 0, ANA)
        put(journal, 1, BOB)
        (concern,) = send()
        assert postman.addressees == ["bob@example.org"]
        assert [mail.to for mail in waiting(journal).values()] == [ANA]
        assert concern.place == "Référents"
        assert (
            concern.subject == "L'adresse enregistrée pour Ana Roux est refusée : ana@example.org."
        )
        assert concern.action == (
            "Corrigez-la : d'ici là, rien n'y part. Les courriels des 7 derniers jours partiront "
            "ensuite ; les demandes sont dans le classeur."
        )

    def test_an_address_of_nobody_s_table_is_said_to_be_the_mail_s_own(
        self, send, journal, postman
    ):
        postman.refused = {"essai@example.org"}
        put(journal, 0, "Léo", "trial", address="essai@example.org")
        (concern,) = send()
        assert concern.place == "Courriels"
        assert "essai@example.org" in concern.subject

    def test_whoever_has_no_address_is_named_and_asked_for(self, send, journal, postman, tables):
        del tables[ANA]
        put(journal, 0)
        (concern,) = send()
        assert postman.sent == []
        assert concern.place == "Référents"
        assert concern.subject == "Aucune adresse pour Ana Roux : ses courriels attendent."
        assert "Écrivez son adresse dans l'onglet Référents" in concern.action
        (mail,) = waiting(journal).values()
        assert (mail.attempts, mail.refused) == (1, "")

    def test_the_refusal_is_noted_in_the_mail(self, send, journal, postman, clock):
        postman.refused = {"ana@example.org"}
        key = put(journal, 0)
        send()
        assert waiting(journal) == {
            f"{key}+1": WaitingMail(
                "assigned",
                ANA,
                {"requests": [LINE]},
                attempts=1,
                refused="ana@example.org",
                refused_at=clock(),
            )
        }

    def test_nothing_more_is_sent_to_the_same_address(self, send, journal, postman, clock):
        postman.refused = {"ana@example.org"}
        put(journal, 0)
        assert len(send()) == 1
        postman.refused = set()
        for _ in range(3):
            clock.advance(days=2)
            assert send() == []
        # A later mail waits as well, and says so once more, if somebody ticked the line off.
        put(journal, 1)
        (concern,) = send(sweep=False)
        assert "ana@example.org" in concern.subject
        assert postman.sent == []
        assert len(waiting(journal)) == 2

    def test_once_the_operator_says_that_it_works_again_the_mails_leave(
        self, send, journal, postman
    ):
        postman.refused = {"ana@example.org"}
        put(journal, 0)
        send()
        postman.refused = set()
        addresses = RefusedAddresses(journal)
        assert addresses.forget("Ana@example.org")
        assert not addresses.forget("Ana@example.org")
        assert send() == []
        assert postman.addressees == ["ana@example.org"]

    def test_an_applicant_is_to_be_called(self, send, journal, postman, tables):
        tables["LOT-65AC-WHNK"] = "lea@exmaple.org"
        postman.refused = {"lea@exmaple.org"}
        put(journal, 0, "LOT-65AC-WHNK")
        (concern,) = send()
        assert concern.place == "LOT-65AC-WHNK"
        assert concern.subject == (
            "Téléphonez : le courriel ne passe pas. L'adresse lea@exmaple.org est refusée."
        )
        assert "corrigez la colonne Courriel" in concern.action

    def test_a_corrected_address_is_tried_at_once(self, send, journal, postman, tables):
        postman.refused = {"ana@example.org"}
        put(journal, 0)
        send()
        tables[ANA] = "ana.roux@example.org"
        assert send() == []
        assert postman.addressees == ["ana.roux@example.org"]
        assert waiting(journal) == {}

    def test_capitals_are_no_correction(self, send, journal, postman, tables):
        postman.refused = {"ana@example.org", "Ana@Example.org"}
        put(journal, 0)
        send()
        tables[ANA] = "Ana@Example.org"
        assert send() == []
        assert [mail.attempts for mail in waiting(journal).values()] == [1]

    def test_somebody_s_address_that_is_filled_in_is_tried_at_once(
        self, send, journal, postman, tables
    ):
        del tables[ANA]
        put(journal, 0)
        send()
        tables[ANA] = "ana@example.org"
        send()
        assert postman.addressees == ["ana@example.org"]

    @pytest.mark.parametrize(("days", "left"), [(6.9, 1), (7, 0)])
    def test_after_seven_days_a_mail_is_dropped_and_its_address_named_again(
        self, days, left, send, journal, postman, clock
    ):
        postman.refused = {"ana@example.org"}
        put(journal, 0)
        send()
        clock.advance(days=days)
        assert len(send()) == 1 - left
        assert len(waiting(journal)) == left

    def test_of_two_mails_in_one_letter_each_waits_its_own_time(
        self, send, journal, postman, clock
    ):
        postman.refused = {"ana@example.org"}
        put(journal, 0)
        send()
        clock.advance(days=7)
        new = put(journal, 1)
        send()
        assert list(waiting(journal)) == [f"{new}+1"]

    def test_killed_anywhere_it_leaves_one_mail_that_is_sent_once(self, send, clock, postman):
        def refuse(journal):
            postman.refused = {"ana@example.org"}
            send(through=journal)

        left = list(killed_anywhere(lambda journal: put(journal, 0), refuse))
        # Before the mail is claimed, after that, after the claim is gone, after the address is
        # marked, before and after the new try is there, and whole.
        assert len(left) == 6
        for journal in left:
            postman.refused = set()
            postman.sent.clear()
            clock.advance(days=1)
            RefusedAddresses(journal).forget("ana@example.org")
            send(through=journal)
            send(through=journal)
            assert postman.addressees == ["ana@example.org"]
            assert journal.keys("outbox/") == []

    def test_a_try_that_a_kill_left_behind_is_not_counted_again(
        self, send, journal, postman, clock
    ):
        key = put(journal, 0)
        noted = {"attempts": 2, "refused": "ana@example.org", "refused_at": clock()}
        journal.create(f"{key}+2", WaitingMail("assigned", ANA, {}, **noted).to_json())
        journal.create(f"{key}+10", WaitingMail("assigned", ANA, {}, **noted).to_json())
        RefusedAddresses(journal, clock).add("ana@example.org")
        send()
        assert postman.sent == []
        assert journal.keys("outbox/") == [f"{key}+10"]


class TestServer:
    def test_one_that_is_down_stops_all_and_counts_no_try(self, send, journal, postman):
        postman.failures = [MailError("en panne")]
        kept = {put(journal, 0, ANA), put(journal, 1, BOB)}
        assert send() == []
        assert postman.sent == []
        assert set(journal.keys("outbox/")) == kept
        send()
        assert postman.addressees == ["ana@example.org", "bob@example.org"]

    def test_what_was_refused_before_it_went_down_is_said_all_the_same(
        self, send, journal, postman
    ):
        postman.refused = {"ana@example.org"}
        postman.failures = [None, MailError("en panne")]
        put(journal, 0, ANA)
        put(journal, 1, BOB)
        assert [concern.place for concern in send()] == ["Référents"]

    def test_a_mail_that_may_have_left_counts_as_sent_and_stops_nobody(
        self, send, journal, postman, capsys
    ):
        postman.failures = [MailUnsureError("?")]
        put(journal, 0, ANA)
        put(journal, 1, BOB)
        assert send() == []
        assert postman.addressees == ["bob@example.org"]
        assert journal.keys("outbox/") == []
        outcomes = [json.loads(line)["outcome"] for line in capsys.readouterr().out.splitlines()]
        assert outcomes == ["unsure", "sent"]

    def test_killed_anywhere_a_mail_is_sent_again_rather_than_never(self, send, postman, clock):
        for journal in killed_anywhere(
            lambda journal: put(journal, 0), lambda journal: send(through=journal)
        ):
            clock.advance(seconds=2 * GAP.total_seconds())
            send(through=journal)
            assert journal.keys("outbox/") == []
            assert postman.addressees
            postman.sent.clear()


class TestKinds:
    def test_one_that_only_a_later_version_knows_is_logged_and_waits(
        self, send, journal, postman, capsys
    ):
        unknown = put(journal, 0, BOB, "erased")
        put(journal, 1, ANA)
        assert send() == []
        assert postman.addressees == ["ana@example.org"]
        assert journal.keys("outbox/") == [unknown]
        line = json.loads(capsys.readouterr().out.splitlines()[0])
        assert line["severity"] == "ERROR"
        assert unknown in line["message"]

    @pytest.mark.parametrize("data", [{}, {"requests": [{"person": "Léo Durand"}]}])
    def test_one_whose_data_is_incomplete_is_logged_and_stops_nobody(
        self, data, send, journal, postman, capsys
    ):
        key = "outbox/000000001-t1-0"
        journal.create(key, WaitingMail("assigned", ANA, data).to_json())
        put(journal, 1, BOB)
        assert send() == []
        assert postman.addressees == ["bob@example.org"]
        assert journal.keys("outbox/") == [key]
        out = capsys.readouterr().out
        assert key in out
        assert "ERROR" in out

    def test_an_illegible_one_is_logged_and_stops_nobody(self, send, journal, postman, capsys):
        journal.create("outbox/000000001-t1-0", b"{not json")
        put(journal, 1, ANA)
        send()
        assert postman.addressees == ["ana@example.org"]
        assert journal.keys("outbox/") == ["outbox/000000001-t1-0"]
        assert "illisible" in capsys.readouterr().out

    def test_people_s_own_come_before_trials_whose_addresses_may_be_wrong(
        self, send, journal, postman
    ):
        put(journal, 0, "Léo", "trial", address="aaa@example.org")
        put(journal, 1, BOB)
        send()
        assert postman.addressees == ["bob@example.org", "aaa@example.org"]

    def test_one_address_gets_one_mail_of_a_kind_whatever_its_capitals(
        self, send, journal, postman, tables
    ):
        tables[BOB] = "ANA@example.org"
        put(journal, 0, ANA)
        put(journal, 1, BOB)
        send()
        (message,) = postman.sent
        assert message["Subject"] == "Oh my Lot ! 2 demandes pour vous"


class TestCrowd:
    @pytest.mark.parametrize(("count", "left"), [(QUIET, 0), (QUIET + 1, QUIET + 1)])
    def test_few_mails_leave_at_once_and_many_wait_for_a_sweep(
        self, count, left, send, journal, postman
    ):
        for number in range(count):
            put(journal, number)
        send(sweep=False)
        assert len(journal.keys("outbox/")) == left
        send(sweep=True)
        assert len(postman.sent) == 1

    @pytest.mark.parametrize(("count", "left"), [(QUIET, 0), (QUIET + 1, 1)])
    def test_a_mail_of_many_requests_is_a_crowd_s_too(self, count, left, send, journal):
        mail = WaitingMail("assigned", ANA, {"requests": [LINE] * count})
        journal.create("outbox/000000001-t1-0", mail.to_json())
        send(sweep=False)
        assert len(journal.keys("outbox/")) == left

    def test_mails_that_are_refused_hold_up_nobody_s(self, send, journal, postman):
        postman.refused = {"ana@example.org"}
        for number in range(QUIET + 1):
            put(journal, number, ANA)
        send()
        put(journal, QUIET + 1, BOB)
        send(sweep=False)
        assert postman.addressees == ["bob@example.org"]


def test_when_time_is_up_nothing_more_is_begun(journal, postman, clock, tables):
    put(journal, 0)
    outbox = Outbox(journal, postman, "accueil@example.org", "https://example.org", clock)
    outbox.send(clock(), tables.get, sweep=True)
    assert postman.sent == []
    outbox.send(clock() + timedelta(microseconds=1), tables.get, sweep=True)
    assert len(postman.sent) == 1


class Provider(Postman):
    """Knows of mails that came back."""

    def __init__(self, *answers):
        super().__init__()
        self.answers, self.asked = list(answers), []

    def refused_since(self, since):
        self.asked.append(since)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_what_came_back_later_is_learned_within_an_hour(journal, clock, capsys):
    provider = Provider(MailError("Amazon ne montre rien."), ["Ana@example.org"], [])
    addresses = RefusedAddresses(journal, clock)
    returns = Returns(provider, addresses, timedelta(days=30))
    start = clock()
    returns.learn()
    assert "ne montre rien" in capsys.readouterr().out
    for minutes in (0, 59, 1):
        clock.advance(minutes=minutes)
        returns.learn()
    assert provider.asked == [start - timedelta(days=30)] * 2 + [start - timedelta(days=1)]
    assert "ana@example.org" in addresses.look()
    assert "bob@example.org" not in addresses.look()
    (key,) = journal.keys("refused/")
    assert "ana" not in key


def test_a_refusal_is_forgotten_after_its_day_and_can_be_taken_back():
    journal, zoe, bob = open_journal("memory:///"), "Zoe@example.org", "bob@example.org"
    for day, address in ((22, zoe), (23, bob)):
        at = datetime(2026, 11, day, tzinfo=UTC)
        RefusedAddresses(journal, lambda at=at: at).add(address)
    refused = RefusedAddresses(journal)
    assert zoe.casefold() in refused.look()
    refused.add(bob)
    assert len(journal.keys("refused/")) == 2
    refused.purge(date(2026, 11, 23))
    assert (zoe in refused.look(), bob in refused.look()) == (False, True)
    assert (refused.forget(bob), refused.forget(bob)) == (True, False)
    assert bob not in refused.look()
