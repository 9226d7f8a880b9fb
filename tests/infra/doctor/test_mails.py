import pytest

from functions.shared.errors import MailError, MailUnsureError
from infra.doctor.checks import SkippedError, examine
from infra.doctor.mails import CHECKS as MAILS
from tests.infra.doctor.conftest import TXT
from tests.post_office import Handler, serving
from tests.support import Postman

CHECKS = {check.key: check for check in MAILS}
SMTP = {"ACCUEIL_MAIL": "smtps://compte:perdu@relais.example.org:465"}


@pytest.fixture
def look(new_system):
    """What a check sees of a system whose mails leave by a server."""

    def look(key, **more):
        system = new_system(**{"environ": SMTP} | more)
        return next(iter(examine([CHECKS[key]], system))).seen

    return look


@pytest.mark.parametrize("key", ["spf", "dmarc"])
def test_a_domain_that_is_set_up_is_in_order(look, key):
    assert look(key).outcome == "ok"


@pytest.mark.parametrize(
    ("records", "words"),
    [
        ([], "n'a pas d'enregistrement SPF"),
        (["v=spf1 -all", "v=spf1 mx -all"], "2 enregistrements SPF"),
        (["v=spf1 mx +all"], "n'importe qui"),
        (["v=spf1 mx all"], "n'importe qui"),
        (["v=spf10 -all"], "n'a pas d'enregistrement SPF"),
    ],
)
def test_an_spf_that_does_not_protect_is_a_fault(look, records, words):
    seen = look("spf", records={"example.org": records})
    assert (seen.outcome, words in seen.sentence) == ("fault", True)


@pytest.mark.parametrize(
    ("records", "outcome", "words"),
    [
        ({}, "fault", "n'a pas de DMARC"),
        ({"_dmarc.org": ["v=DMARC1; p=reject"]}, "fault", "n'a pas de DMARC"),
        ({"_dmarc.example.org": ["v=DMARC1; p=none"]}, "warning", "p=none"),
        ({"_dmarc.example.org": ["v=DMARC1; rua=mailto:a@example.org"]}, "fault", "(p=)"),
        ({"_dmarc.example.org": ["v=DMARC1; p=reject"] * 2}, "fault", "2 enregistrements"),
    ],
)
def test_a_dmarc_that_does_not_protect_is_told(look, records, outcome, words):
    seen = look("dmarc", records=records)
    assert (seen.outcome, words in seen.sentence) == (outcome, True)


def test_the_dmarc_of_the_domain_above_counts(look):
    environ = SMTP | {"ACCUEIL_MAIL_FROM": "accueil@courriel.example.org"}
    assert look("dmarc", environ=environ, records=TXT).outcome == "ok"


def test_a_dkim_key_is_looked_for_by_the_selectors_that_are_given(look):
    assert look("dkim").outcome == "skipped"
    assert look("dkim", selectors=("s1",)).outcome == "ok"
    seen = look("dkim", selectors=("s1", "s2"))
    assert (seen.outcome, seen.sentence.endswith("pour : s2.")) == ("fault", True)
    revoked = {"s1._domainkey.example.org": ["v=DKIM1; p="]}
    assert look("dkim", selectors=("s1",), records=revoked).outcome == "fault"


def test_a_dns_that_does_not_answer_says_nothing(look):
    def silent(_):
        raise SkippedError("Le DNS ne répond pas.")

    assert look("spf", resolve=silent).outcome == "skipped"


def test_mails_in_a_folder_need_no_dns(look):
    assert look("spf", environ={}).outcome == "skipped"


def test_the_relay_is_tried_without_a_mail(look):
    post = Handler()
    with serving(post) as where:
        seen = look("relay", environ={"ACCUEIL_MAIL": f"smtp://{where}?tls=optional"})
        assert (seen.outcome, "ne chiffre pas (relais proche)" in seen.sentence) == ("ok", True)
        seen = look("relay", environ={"ACCUEIL_MAIL": f"smtp://{where}"})
        assert (seen.outcome, "STARTTLS" in seen.sentence) == ("fault", True)
    assert post.mails == []


def sending(new_system, *failures):
    system = new_system(mail_to="exploitation@example.org")
    system.__dict__["mailer"] = postman = Postman()
    postman.failures = list(failures)
    return next(iter(examine([CHECKS["mail"]], system))).seen, postman


def test_a_mail_on_trial_is_sent_on_demand_only(look, new_system):
    assert look("mail").outcome == "skipped"

    seen, postman = sending(new_system)

    assert seen.outcome == "ok"
    assert postman.addressees == ["exploitation@example.org"]
    assert "« pass »" in postman.sent[0].get_body(("plain",)).get_content()


@pytest.mark.parametrize(
    ("failure", "outcome"),
    [(MailError("Refusé."), "fault"), (MailUnsureError("Pas confirmé."), "warning")],
)
def test_a_mail_that_did_not_leave_is_told(new_system, failure, outcome):
    assert sending(new_system, failure)[0].outcome == outcome


def test_the_day_s_allowance_is_told_when_it_is_spent(look):
    environ = {"ACCUEIL_MAILS_A_DAY": "1"}
    assert look("allowance", environ=environ).outcome == "ok"


def test_a_spent_allowance_is_a_warning(new_system):
    system = new_system(environ={"ACCUEIL_MAILS_A_DAY": "1"})
    system.journal.create("mailed/20261123T080000-aa", b"{}")
    assert next(iter(examine([CHECKS["allowance"]], system))).seen.outcome == "warning"
