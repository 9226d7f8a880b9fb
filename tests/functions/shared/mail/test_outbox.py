"""Rows first, mails second, and no mail is lost."""

from datetime import timedelta

import pytest

from functions.shared.errors import MailError, MailUnsureError
from functions.shared.mail.outbox import Outbox
from sheets_schema.views import view_link
from tests.functions.route.arrivals import arrive
from tests.support import Postman, no_answer, submit

SENDER = "Oh my Lot ! <accueil@example.org>"


@pytest.fixture
def postman():
    return Postman()


@pytest.fixture
def outbox(journal, postman, clock):
    return Outbox(journal, postman, SENDER, "https://example.org/classeur", clock)


@pytest.fixture
def telling(new_drain, outbox):
    return new_drain(outbox=outbox)


def text(message):
    return message.get_body(("plain",)).get_content()


def test_the_referent_is_told_once_the_row_is_there(telling, journal, postman, classeur):
    reference = submit(journal, last_name="Durand", target={"communes": ["46042"]})
    telling()
    (message,) = postman.sent
    assert message["To"] == "camille.bonnet@example.org"
    assert message["Subject"] == "Oh my Lot ! 1 demande pour vous"
    assert reference in text(message)
    assert "Ana Durand" in text(message)
    assert "Projet : Trouver un emploi" in text(message)
    assert "Territoire : Cahors" in text(message)
    assert "Règle 11" in text(message)
    assert "https://example.org/classeur" in text(message)
    telling(sweep=True)
    assert len(postman.sent) == 1
    assert journal.keys("outbox/") == []
    assert classeur.rows()[0]["Référent"] == "Camille Bonnet"


def test_the_referent_s_link_opens_the_view_of_their_requests(telling, journal, postman, classeur):
    submit(journal, target={"communes": ["46042"]})
    telling()
    view = view_link(classeur.sheet_id("Demandes"), "Suivi par Camille Bonnet")
    assert f"https://example.org/classeur{view}\n" in text(postman.sent[0])


def test_who_only_helps_is_led_to_the_sheet_because_their_view_lacks_the_request(
    telling, journal, postman
):
    submit(
        journal,
        projects=[{"type": "farming"}, {"type": "health"}],
        target={"communes": ["46102"]},
    )
    telling()
    led = {message["To"]: "#gid=" in text(message) for message in postman.sent}
    assert sorted(led.values()) == [False, True]


def test_whoever_follows_another_project_of_the_household_is_told_too(telling, journal, postman):
    submit(
        journal,
        projects=[{"type": "farming"}, {"type": "health"}],
        target={"communes": ["46102"]},
    )
    telling()
    assert sorted(postman.addressees) == [
        "aurelie.bouscary@example.org",
        "karim.belaidi@example.org",
    ]
    other = next(message for message in postman.sent if message["To"].startswith("karim"))
    assert "Suivie par Aurélie Bouscary" in text(other)


def test_a_row_that_may_not_be_there_is_told_to_nobody(telling, journal, postman, classeur):
    def refuse(_, __):
        raise ConnectionError

    submit(journal)
    classeur.gate.writes += [refuse] * 5
    with pytest.raises(Exception, match="panne"):
        telling()
    assert postman.sent == []
    assert journal.keys("outbox/") == []


def test_a_lost_answer_loses_no_mail(telling, journal, postman, classeur):
    submit(journal)
    classeur.gate.writes.append(no_answer)
    telling()
    assert len(postman.sent) == 1


def test_a_crash_before_the_mail_loses_none(new_drain, telling, journal, postman):
    submit(journal)
    new_drain()()  # files, and dies before it sends
    telling(sweep=True)
    assert len(postman.sent) == 1


def test_a_mail_that_is_refused_waits_for_the_next_sweep_and_stops_no_row(
    telling, journal, postman, classeur
):
    postman.failures = [MailError("refusé")]
    submit(journal)
    assert telling() == 1
    assert postman.sent == []
    telling(sweep=True)
    assert len(postman.sent) == 1
    assert len(classeur.rows()) == 1


def test_a_mail_that_may_have_left_is_not_sent_again(telling, journal, postman):
    postman.failures = [MailUnsureError("?")]
    submit(journal)
    telling()
    telling(sweep=True)
    assert postman.sent == []
    assert journal.keys("outbox/") == []


def test_a_crowd_is_one_mail_a_referent_at_the_next_sweep(telling, journal, postman):
    communes = ["46042", "46102", "46127", "46128", "46240", "46138"]
    for commune in communes * 4:
        submit(journal, target={"communes": [commune]})
    telling()
    assert postman.sent == []
    submit(journal, target={"communes": ["46042"]})
    telling(sweep=True)
    assert len(set(postman.addressees)) == len(postman.addressees) == 5  # two share one
    mail = next(message for message in postman.sent if message["To"].startswith("camille"))
    assert mail["Subject"] == "Oh my Lot ! 5 demandes pour vous"


def test_a_mail_shows_so_many_requests_and_counts_the_rest(telling, journal, postman):
    for number in range(20):
        submit(journal, email=f"p{number}@example.org", target={"communes": ["46042"]})
    telling(sweep=True)
    (message,) = postman.sent
    assert text(message).count("LOT-") == 15
    assert "et 5 de plus dans le classeur" in text(message)


def test_time_that_is_up_leaves_the_mails_for_the_next_sweep(outbox, new_drain, journal, clock):
    submit(journal)
    new_drain()()
    outbox.send(clock() - timedelta(seconds=1), lambda _: "camille@example.org", sweep=True)
    assert len(journal.keys("outbox/")) == 1


def test_hostile_text_is_text_in_the_mail(telling, journal, postman):
    submit(journal, first_name="<b>Zoé</b>", last_name="</mj-text><mj-raw>")
    telling()
    html = postman.sent[0].get_body(("html",)).get_content()
    assert "&lt;b&gt;Zoé" in html
    assert "<b>Zoé" not in html


def test_of_a_trial_only_its_sender_hears(telling, journal, postman):
    reference = arrive(
        journal,
        email="testeuse@example.org",
        source="test",
        projects=[{"type": "farming"}, {"type": "health"}],
    )
    telling()
    (message,) = postman.sent
    assert message["To"] == "testeuse@example.org"
    assert message["Subject"] == "Oh my Lot ! ESSAI : 1 demande pour vous"
    for said in (text(message), message.get_body(("html",)).get_content()):
        assert reference in said
        assert "ESSAI" in said
        assert "la seule personne à recevoir ce courriel" in said
        assert "demande d'essai portait votre adresse" in said
        # Whoever tries the form may not be let into the spreadsheet.
        assert "sa ligne peut être supprimée du classeur" in " ".join(said.split())
        assert "onglet Référents" not in said
        assert "avec votre concours" not in said


def test_of_a_trial_without_an_address_nobody_hears(telling, journal, postman, classeur):
    arrive(journal, email=None, phone="+33612345678", source="test")
    telling(sweep=True)
    assert len(classeur.rows()) == 1
    assert postman.sent == []
    assert journal.keys("outbox/") == []


def test_a_referent_who_tries_the_system_gets_two_mails(telling, journal, postman):
    theirs = "camille.bonnet@example.org"
    arrive(journal, 1, email=theirs, source="test", target={"communes": ["46102"]})
    arrive(journal, 2, target={"communes": ["46042"]})
    telling()
    assert postman.addressees == [theirs, theirs]
    assert ["ESSAI" in message["Subject"] for message in postman.sent] == [False, True]
    assert ["ESSAI" in text(message) for message in postman.sent] == [False, True]


def test_a_trial_s_address_that_is_refused_holds_up_nobody(telling, journal, postman):
    arrive(journal, 1, email="aaa@example.org", source="test")
    arrive(journal, 2)
    postman.failures = [None, MailError("refusé")]
    telling()
    assert postman.addressees == ["sophie.lacombe@example.org"]
    telling(sweep=True)
    assert postman.addressees[1:] == ["aaa@example.org"]


def test_a_trial_that_is_assigned_again_is_told_to_its_sender_alone(
    telling, journal, postman, classeur, clock
):
    arrive(journal, email="testeuse@example.org", source="test")
    telling()
    classeur.type(classeur.at("Référent", 2), "")
    for _ in range(3):
        clock.advance(minutes=5)
        telling(sweep=True)
    assert classeur.rows()[0]["Référent"] == "Sophie Lacombe"
    assert classeur.rows()[0]["Pourquoi ce référent"].startswith("ESSAI : Règle 15")
    assert postman.addressees == ["testeuse@example.org"] * 2


def test_of_a_request_in_doubt_the_referent_is_told(telling, journal, postman):
    arrive(journal, doubt="no_script")
    telling()
    (message,) = postman.sent
    assert message["To"] == "sophie.lacombe@example.org"
    assert "Sans vérification anti-robot : à confirmer au premier contact." in text(message)


def test_the_log_names_no_address(telling, journal, postman, capsys):
    postman.failures = [MailError("Le serveur de courriel a refusé le message.")]
    submit(journal)
    telling()
    telling(sweep=True)
    assert "@" not in capsys.readouterr().out
