"""Every kind of mail that may wait can be told."""

import re
from dataclasses import replace

import pytest
from jinja2 import UndefinedError

from functions.shared.journal.formats import WaitingMail
from functions.shared.links import LetterLinks
from functions.shared.mail.applicants import WORDS
from functions.shared.mail.kinds import KINDS, render, size
from infra.local.samples import DATA

HELPED = DATA["assigned"]["requests"][0] | {"reference": "LOT-HELP-0000", "lead": "Bob Cros"}
REQUEST, STOPPED = DATA["assigned"]["requests"][0], DATA["stopped"]
# What mails of a kind must not lack; a new kind says here what, and in the samples what it says.
SAID = {
    "heard": ["LOT-65AC-WHNK", "Ana Martin", "Nouveau téléphone"],
    "assigned": ["Camille Bonnet", "LOT-65AC-WHNK"],
    "handed_over": ["LOT-65AC-WHNK", "vous est transmise", "Règle 11"],
    "reminder": ["LOT-65AC-WHNK", "vous a été transmise", "Règle 11"],
    "again": ["LOT-65AC-WHNK", "quatorze jours"],
    "not_noted": ["LOT-65AC-WHNK", "Sans réponse"],
    "trial": ["Camille Bonnet", "LOT-65AC-WHNK"],
    "stopped": ["23 novembre à 10 h 05", "colonne introuvable", "3 demandes"],
    "resumed": ["23 novembre à 10 h 05", "1er décembre à 13 h 30", "1 demande"],
    "receipt": ["Bonjour Ana,", "LOT-65AC-WHNK", "dans la semaine", "au bout de dix jours"],
    "caller": ["Bonjour Ana,", "LOT-65AC-WHNK", "Camille Bonnet", "05 36 49 00 05"],
    "apology": ["LOT-65AC-WHNK", "Dominique Vayssié", "05 36 49 00 05"],
    "closing": ["LOT-65AC-WHNK", "votre installation est faite", "dans six mois"],
    "news": ["a six mois", "comment cela"],
    "page": ["LOT-65AC-WHNK", "quatorze jours"],
}
IN_ENGLISH = {
    "receipt": ["Hello Ana,", "LOT-65AC-WHNK", "within a week", "within ten days"],
    "caller": ["Hello Ana,", "LOT-65AC-WHNK", "Camille Bonnet", "05 36 49 00 05"],
    "apology": ["LOT-65AC-WHNK", "Dominique Vayssié", "taken up at once"],
    "closing": ["LOT-65AC-WHNK", "settled in", "in six months"],
    "news": ["Six months ago", "how is it"],
    "page": ["LOT-65AC-WHNK", "fourteen days"],
}
LINKS = LetterLinks("https://example.org/i", f"20261214-{'a' * 24}", "key")


def waiting(kind, **more):
    return WaitingMail(kind, "Camille Bonnet", DATA[kind] | more)


def flat(body):
    return " ".join(body.replace("\N{NO-BREAK SPACE}", " ").split())


def to_applicant(kind, lang="fr", requests=(), **more):
    data = DATA[kind] | more
    data |= {"requests": [data["requests"][0] | request for request in requests or [{}]]}
    return render([WaitingMail(kind, "LOT-65AC-WHNK", data, lang)], "https://example.org", LINKS)


@pytest.mark.parametrize("kind", WORDS)
def test_an_applicant_reads_the_language_of_the_form_and_finds_their_own_page(kind):
    mail = to_applicant(kind, "en")
    assert 'lang="en"' in mail.html
    for body in (mail.html, mail.text):
        assert all(words in flat(body) for words in IN_ENGLISH[kind])
        assert "/ma-demande?lien=20261214-" in body
        assert "Bonjour" not in body
        assert "classeur" not in body


@pytest.mark.parametrize(
    ("name", "greeting"),
    [
        ("Anne-Lise d’Ô", "Bonjour Anne-Lise d’Ô,"),
        ("", "Bonjour,"),
        ("GAGNEZ 1000 €", "Bonjour,"),
        ("www.example.org", "Bonjour,"),
        ("<b>Ana</b>", "Bonjour,"),
        ("Cliquez ici pour gagner beaucoup", "Bonjour,"),
    ],
)
def test_of_what_an_applicant_wrote_only_what_looks_like_a_first_name_is_repeated(name, greeting):
    mail = to_applicant("receipt", requests=[{"first_name": name}])
    for body in (mail.html, mail.text):
        assert greeting in body
        assert name not in body or greeting.endswith(f" {name},") or not name


def test_requests_from_one_address_are_told_in_one_mail_each_with_its_page():
    mail = to_applicant("receipt", requests=[{}, {"reference": "LOT-0000-0001"}])
    assert "LOT-65AC-WHNK et LOT-0000-0001" in flat(mail.text)
    assert mail.text.count("/ma-demande?") == 2


def test_the_question_after_settling_has_two_answers():
    mail = to_applicant("news", months=12)
    assert "Un an déjà" in mail.subject
    assert re.findall(r"WHNK\.(\w+)\.", mail.text) == ["well", "call_me", "own_page"]


def test_after_a_hand_over_an_applicant_reads_who_takes_over():
    mail = to_applicant("caller", before="Thomas Gaillard")
    assert mail.subject.endswith("Camille Bonnet prend le relais")
    assert "Thomas Gaillard suivait votre demande" in flat(mail.text)


def test_a_request_that_is_closed_without_success_is_not_called_a_success():
    mail = to_applicant("closing", settled=False, why="unreachable")
    assert "sans y parvenir" in flat(mail.text)
    assert "installation" not in mail.text


def test_a_receipt_promises_only_mails_that_are_sent():
    mail = to_applicant("receipt", follows=["receipt"])
    assert "son nom et son numéro" not in flat(mail.text)
    assert "dix jours" not in flat(mail.text)


def test_there_is_something_here_to_tell_for_every_kind():
    assert DATA.keys() == KINDS.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_of_every_kind_has_a_subject_and_both_its_templates(kind):
    mail = render([waiting(kind)], "https://example.org/classeur")
    assert mail.subject
    for body in (mail.html, mail.text):
        assert all(words in flat(body) for words in SAID[kind])
        assert ("https://example.org/classeur" in body) != (kind in WORDS)


def test_what_a_template_lacks_stops_the_mail_and_leaves_no_gap():
    unnamed = {
        key: value for key, value in DATA["assigned"]["requests"][0].items() if key != "lead"
    }
    with pytest.raises(UndefinedError, match="lead"):
        render([waiting("assigned", requests=[unnamed])], "https://example.org/classeur")


def test_a_request_has_a_button_for_each_answer_if_its_reader_follows_it():
    links = LetterLinks("https://example.org/i", f"20261214-{'a' * 24}", "key")
    mails = [waiting("assigned"), waiting("assigned", requests=[HELPED])]
    mail = render(mails, "https://example.org/classeur", links)
    for body in (mail.html, mail.text):
        assert body.count("/reponse?lien=20261214-") == 4
        assert all(
            words in flat(body)
            for words in ("Je la prends", "appelé", "Sans réponse", "Pas pour moi")
        )
    assert "HELP" not in "".join(re.findall(r"lien=\S+", mail.text))


def test_who_stands_in_can_neither_take_a_request_nor_give_it_back():
    links = LetterLinks("https://example.org/i", f"20261214-{'a' * 24}", "key")
    text = render([waiting("again", requests=[HELPED])], "https://example.org", links).text
    assert ("J'ai appelé" in text, "Pas pour moi" in text) == (True, False)


def test_whoever_needs_no_help_and_says_more_can_still_be_closed():
    links = LetterLinks("https://example.org/i", f"20261214-{'a' * 24}", "key")
    said = [REQUEST | {"wish": wish} for wish in ("email", "no_need", "email")]
    text = render([waiting("heard", requests=said)], "https://example.org", links).text
    assert ("Clore la demande" in text, "Pas pour moi" in text) == (True, False)


def test_a_mail_of_an_earlier_version_has_no_buttons():
    links = LetterLinks("https://example.org/i", f"20261214-{'a' * 24}", "key")
    old = {key: text for key, text in REQUEST.items() if key not in ("status", "first_name")}
    assert "reponse?" not in render([waiting("assigned", requests=[old])], "x:", links).text


@pytest.mark.parametrize("kind", ["handed_over", "reminder"])
def test_a_subject_counts_the_requests(kind):
    mails = waiting(kind)
    alone, both = (render([mails] * number, "https://example.org").subject for number in (1, 2))
    assert "1 demande transmise à reprendre" in alone
    assert "2 demandes transmises à reprendre" in both


def test_mails_of_one_kind_are_told_as_one():
    several = [waiting("assigned"), waiting("assigned", requests=[REQUEST] * 2)]
    mail = render(several, "https://example.org/classeur")
    assert "3 demandes" in mail.subject
    assert mail.text.count("LOT-65AC-WHNK") == 3
    assert [size(waiting) for waiting in several] == [1, 2]


def test_two_people_who_share_an_address_are_both_named():
    both = [waiting("assigned"), replace(waiting("assigned"), to="Bob Cros")]
    mail = render(both, "https://example.org/classeur")
    assert f"Bonjour {both[0].to} et Bob Cros" in mail.text


def test_a_trial_says_that_it_is_one_and_names_nobody_else():
    mail = render([waiting("trial")], "https://example.org/classeur")
    assert "ESSAI" in mail.subject
    assert "essai" in mail.text
    assert "concours" not in mail.text


def test_of_several_standstills_the_last_is_told():
    later = STOPPED | {"since": "2026-11-24T09:05:00+00:00", "waiting": 0}
    mail = render([waiting("stopped"), waiting("stopped", **later)], "https://example.org/classeur")
    assert "24 novembre" in mail.text
    assert "23 novembre" not in mail.text
    assert "demande" not in mail.text.split("Rien n'est perdu")[0].split("Ce qui")[1].replace(
        "Demandes", ""
    )
