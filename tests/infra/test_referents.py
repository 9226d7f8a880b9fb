"""`accueil referent leave` and `accueil referent join`, as the operator types them."""

import pytest

from functions.shared.journal.formats import Move, WaitingMail
from tests.support import submit

SOPHIE, KARIM = "Sophie Lacombe", "Karim Belaïdi"


@pytest.fixture
def referent(accueil):
    return lambda *words: accueil("referent", *words)


@pytest.fixture
def request_of_sophie(drain, journal, classeur):
    reference = submit(journal)
    drain(sweep=True)
    (row,) = classeur.rows()
    assert row["Référent"] == SOPHIE
    return reference


def sweep(drain, clock, times=4):
    for _ in range(times):
        clock.advance(minutes=5)
        drain(sweep=True)


def moves(journal):
    return {
        key.removeprefix("moves/"): Move.from_json(journal.read(key))
        for key in journal.keys("moves/")
    }


def test_a_dry_run_shows_what_names_her_and_changes_nothing(
    referent, request_of_sophie, journal, classeur
):
    classeur.type("Référents!H3", SOPHIE)
    before = classeur.rows()
    result = referent("leave", "sophie lacombe", "--for-good", "--to", KARIM, "--dry-run")
    assert result.exit_code == 0, result.output
    for words in (
        f"Demandes ouvertes de {SOPHIE} : 1",
        f"{request_of_sophie}  → {KARIM}",
        "Rien n'a été changé",
        "« Actif » à Non",
        "règle 15 : nomme cette personne seule",
        "a cette personne pour suppléante",
        "Retirez le partage du classeur avec sophie.lacombe@example.org",
    ):
        assert words in result.output
    assert moves(journal) == {}
    assert classeur.rows() == before


def test_her_requests_go_to_whom_the_operator_named_and_her_mails_end(
    referent, request_of_sophie, drain, journal, classeur, clock
):
    (waiting,) = journal.keys("outbox/")
    assert WaitingMail.from_json(journal.read(waiting)).to == SOPHIE
    result = referent("leave", SOPHIE, "--for-good", "--to", KARIM)
    assert "1 demande : ordre donné" in result.output
    assert "retirés : 1" in result.output
    assert moves(journal) == {request_of_sophie: Move(SOPHIE, KARIM)}
    sweep(drain, clock)
    (row,) = classeur.rows()
    assert row["Référent"] == KARIM
    assert row["Pourquoi ce référent"] == f"{SOPHIE}, plus en activité → {KARIM}"
    (mail,) = [WaitingMail.from_json(journal.read(key)) for key in journal.keys("outbox/")]
    assert (mail.kind, mail.to) == ("handed_over", KARIM)
    assert moves(journal) == {}


def test_the_rules_decide_if_the_operator_says_so(
    referent, request_of_sophie, drain, classeur, clock
):
    result = referent("leave", SOPHIE, "--until", "2099-01-03", "--to", "RULES")
    assert result.exit_code == 0, result.output
    assert "« Indisponible au » 03/01/2099" in result.output
    assert "Google Drive" not in result.output
    shown = result.output.split(f"{request_of_sophie}  → ")[1].splitlines()[0]
    sweep(drain, clock)
    (row,) = classeur.rows()
    assert row["Référent"] == shown != SOPHIE
    assert "indisponible jusqu'au 3 janvier" in row["Pourquoi ce référent"]
    assert row["Autres référents"] == SOPHIE


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("Sofie Lacombe", "--for-good", "--to", "RULES"), "Vouliez-vous dire « Sophie Lacombe »"),
        ((SOPHIE, "--to", "RULES"), "Précisez --until DATE, ou --for-good"),
        ((SOPHIE, "--for-good", "--until", "2099-01-03", "--to", "RULES"), "l'un des deux"),
        ((SOPHIE, "--until", "2020-01-03", "--to", "RULES"), "Le 3 janvier 2020 est passé"),
        ((SOPHIE, "--for-good", "--to", SOPHIE), "quelqu'un d'autre"),
        ((SOPHIE, "--for-good", "--to", "Personne"), "« Personne » n'est pas dans l'onglet"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_ordered(words, sentence, referent, journal):
    result = referent("leave", *words)
    assert result.exit_code != 0
    assert sentence in result.output
    assert moves(journal) == {}


@pytest.mark.usefixtures("request_of_sophie")
def test_what_somebody_who_joins_would_get(referent):
    result = referent("join", SOPHIE)
    assert result.exit_code == 0, result.output
    for words in (
        f"Règles qui nomment {SOPHIE} : ",
        "Demandes ouvertes qu'elle suit : 1.",
        "lui donneraient : 1.",
        "Demandes sans référent qui lui reviendraient : 0.",
        "partager le classeur avec sophie.lacombe@example.org",
    ):
        assert words in result.output


def test_what_somebody_lacks_to_get_requests(referent, classeur):
    classeur.type("Référents!E2", "Non")
    name = classeur.rows("Référents")[0]["Nom"]
    assert f"{name} : « Actif » à Oui" in referent("join", name).output
    output = referent("join", "Sofie Lacombe").output
    assert "Vouliez-vous dire « Sophie Lacombe » ?" in output
    assert "une ligne avec Nom, Courriel et Organisme" in output
    assert "partagez-lui le classeur" in output
