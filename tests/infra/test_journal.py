"""`accueil journal` and `accueil sheet accept`, as the operator types them."""

from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from functions.shared.errors import WorkbookError
from functions.shared.journal.entries import AsideNote
from functions.shared.mail.refused import RefusedAddresses
from functions.shared.sheets.google import open_workbook
from infra.cli import main
from infra.journal import _in_words
from tests.functions.route.arrivals import arrive
from tests.support import submit


def said(result):
    assert result.exit_code == 0, result.output
    return result.output


def set_aside(journal, **fields):
    reference = submit(journal, **fields)
    (key,) = journal.keys("pending/")
    name = key.removeprefix("pending/")
    journal.create(f"quarantine/{name}", journal.read(key))
    why = AsideNote(reference, datetime.now(UTC), "Google Sheets refuse sa ligne")
    journal.create(f"quarantine/{name}.why", why.to_json())
    journal.delete(key)
    return reference


def test_the_list_says_what_waits_and_why_and_nothing_personal(accueil, drain, journal):
    submit(journal, last_name="Rarissime")
    drain()
    aside = set_aside(journal, last_name="Rarissime")
    waits = submit(journal, last_name="Rarissime")
    journal.create("pending/abcdef0123456789", b"{not json")
    journal.create("batches/000000002-t9", b"{}")
    output = said(accueil("journal"))
    assert f"{waits}  depuis moins d'une minute" in output
    assert "abcdef012345" in output
    assert "illisible" in output
    assert "Google Sheets refuse sa ligne" in output.split(aside)[1].splitlines()[0]
    assert "Demandes en attente : 2" in output
    assert "quarantaine) : 1" in output
    assert "encore en mémoire : 1" in output
    assert "000000002-t9 : annoncé" in output
    assert "référents en attente : 1" in output
    assert "arissime" not in output


@pytest.mark.parametrize(
    ("age", "words"),
    [
        ({"seconds": -5}, "moins d'une minute"),
        ({"seconds": 59}, "moins d'une minute"),
        ({"seconds": 60}, "1 minute"),
        ({"minutes": 2}, "2 minutes"),
        ({"minutes": 59, "seconds": 59}, "59 minutes"),
        ({"hours": 1}, "1 heure"),
        ({"hours": 23, "minutes": 59}, "23 heures"),
        ({"days": 1}, "1 jour"),
        ({"days": 1, "hours": 23}, "1 jour"),
        ({"days": 40}, "40 jours"),
    ],
)
def test_an_age_is_said_in_the_largest_unit_that_fits(age, words):
    assert _in_words(timedelta(**age)) == words


@pytest.mark.parametrize(
    "rubbish", [b"{not json", b"\xff", b"[]", b'{"received_at": "2026-11-23"}']
)
def test_what_is_illegible_is_listed_and_hides_nothing(rubbish, accueil, journal):
    reference = set_aside(journal)
    why = next(key for key in journal.keys("quarantine/") if key.endswith(".why"))
    journal.delete(why)
    for key in (why, "quarantine/abcdef0123456789", "filed/abcdef0123456789"):
        journal.create(key, rubbish)
    output = said(accueil("journal"))
    assert reference in output
    assert "motif illisible" in output
    assert "illisible" in output.split("abcdef012345")[1].splitlines()[0]
    assert "n'est pas parmi" in accueil("journal", "retry", "LOT-0000-0000").output
    assert "Remise en attente" in said(accueil("journal", "retry", reference))


def test_mails_leave_again_for_an_address_that_works_again(accueil, journal):
    RefusedAddresses(journal).add("ana@example.org")
    assert "repartent" in said(accueil("journal", "unblock", "Ana@example.org"))
    assert journal.keys("refused/") == []
    assert "ne refuse pas" in accueil("journal", "unblock", "ana@example.org").output


@pytest.mark.usefixtures("restored")
def test_an_illegible_batch_is_named_before_anything_is_filed_again(accueil, journal):
    key = journal.keys("batches/")[-1]
    journal.delete(key)
    journal.create(key, b"{not json")
    result = accueil("journal", "refile", "--missing")
    assert result.exit_code == 1
    assert f"L'objet {key} du journal est illisible" in result.output
    assert journal.keys("pending/") == []


def test_an_entry_that_is_set_aside_is_tried_again(accueil, drain, journal, classeur):
    reference = set_aside(journal)
    drain()
    assert classeur.rows() == []
    output = said(accueil("journal", "retry", reference.lower().replace("-", " ")))
    assert "Remise en attente" in output
    assert journal.keys("quarantine/") == []
    drain()
    assert classeur.rows()[0]["Référence"] == reference


@pytest.mark.parametrize("aside", [False, True])
def test_one_that_has_no_row_yet_is_shown_as_it_was_written(aside, accueil, journal):
    given = {"last_name": "Rarissime", "message": "Bonjour.\nÀ bientôt !"}
    reference = (set_aside if aside else submit)(journal, **given)
    # An earlier version of intake kept characters that disguise a text.
    key = journal.keys("quarantine/" if aside else "pending/")[0]
    body = journal.read(key).decode().replace("bientôt ", "bientôt \u202e")
    journal.delete(key)
    journal.create(key, body.encode())
    output = said(accueil("journal", "show", reference.lower()))
    assert ("Mise à part, Google Sheets refuse sa ligne" in output) == aside
    lines = [line.split(maxsplit=1) for line in output.splitlines()]
    assert ["Nom", "Rarissime"] in lines
    assert ["Référence", reference] in lines
    assert "Bonjour." in output
    assert "À bientôt \ufffd!" in output
    assert "Organisme" not in output


def test_one_that_is_not_there_or_illegible_is_not_shown(accueil, drain, journal):
    reference = submit(journal)
    drain()
    result = accueil("journal", "show", reference)
    assert result.exit_code == 1
    assert "Sa ligne est déjà écrite" in result.output
    journal.create("pending/abcdef0123456789", b"{not json")
    result = accueil("journal", "show", "abcdef")
    assert result.exit_code == 1
    assert "L'objet pending/abcdef0123456789 du journal est illisible" in result.output


def test_a_suspect_is_listed_with_the_reason_and_released(accueil, drain, journal, classeur):
    reference = arrive(journal, suspect="honeypot", last_name="Rarissime")
    drain()
    output = said(accueil("journal"))
    line = output.split(reference)[1].splitlines()[0]
    assert line.endswith("suspecte : champ invisible rempli")
    assert "arissime" not in output
    assert "Remise en attente" in said(accueil("journal", "retry", reference))
    drain()
    assert classeur.rows()[0]["Référence"] == reference
    assert "quarantaine) : 0" in said(accueil("journal"))


def test_one_that_is_written_is_refused(accueil, drain, journal):
    reference = submit(journal)
    drain()
    result = accueil("journal", "retry", reference)
    assert result.exit_code == 1
    assert "Sa ligne est déjà écrite" in result.output
    assert journal.keys("pending/") == []


def test_one_that_is_written_and_still_set_aside_is_refused(accueil, journal):
    reference = set_aside(journal)
    name = journal.keys("quarantine/")[0].removeprefix("quarantine/")
    journal.create(f"filed/{name}", b'{"reference": "x"}')
    result = accueil("journal", "retry", reference)
    assert result.exit_code == 1
    assert "déjà écrite" in result.output


def test_an_unknown_reference_is_said(accueil, journal):
    waits = submit(journal)
    assert "Elle attend déjà" in accueil("journal", "retry", waits).output
    assert "n'est pas parmi" in accueil("journal", "retry", "LOT-0000-0000").output


@pytest.fixture
def restored(drain, journal, classeur):
    """A version from before the second batch; before it, people deleted one of two rows."""
    submit(journal)
    submit(journal)
    drain()
    classeur.delete_row("Demandes", 2)
    (kept,) = classeur.rows()
    old = classeur.store.file("demo").book.copy()
    later = [submit(journal), submit(journal)]
    drain()

    def restore(book):
        book.sheets, book.named_ranges = old.copy().sheets, list(old.named_ranges)

    classeur.store.update("demo", restore)
    assert classeur.rows() == [kept]
    return later


def test_a_dry_run_lists_what_a_restored_version_lacks(accueil, restored, journal):
    output = said(accueil("journal", "refile", "--missing", "--dry-run"))
    assert "manquent dans le classeur : 2" in output
    assert all(reference in output for reference in restored)
    assert "Rien n'a été changé" in output
    assert journal.keys("pending/") == journal.keys("accepted/") == []


def test_what_a_restored_version_lacks_is_filed_again(
    accueil, restored, drain, new_drain, journal, classeur
):
    with pytest.raises(WorkbookError, match="refile --missing --dry-run"):
        drain(sweep=True)
    said(accueil("journal", "refile", "--missing"))
    said(accueil("journal", "refile", "--missing"))
    assert new_drain()() == 2
    references = [row["Référence"] for row in classeur.rows()]
    assert len(references) == 3  # the one that people deleted stays deleted
    assert set(restored) < set(references)
    submit(journal)
    assert drain() == 1
    assert "vont ensemble" in said(accueil("journal", "refile", "--missing"))


@pytest.mark.usefixtures("restored")
def test_what_the_journal_has_forgotten_is_said(accueil, journal):
    journal.delete(journal.keys("batches/")[-1])
    output = said(accueil("journal", "refile", "--missing", "--dry-run"))
    assert "manquent dans le classeur : 0" in output
    assert output.count("n'en a plus le contenu") == 2


def test_refile_asks_what_to_refile(accueil):
    result = accueil("journal", "refile")
    assert result.exit_code == 1
    assert "--missing" in result.output


@pytest.fixture
def copy(drain, journal, classeur):
    submit(journal)
    drain()
    book = classeur.store.file("demo").book
    classeur.store.create({"title": "Copie"}, "copie")

    def paste(copied):
        copied.sheets, copied.named_ranges = book.copy().sheets, list(book.named_ranges)

    classeur.store.update("copie", paste)
    return open_workbook("copie", classeur.url)


def test_a_copy_is_accepted_once_the_operator_says_so(accueil, copy, new_drain, journal):
    submit(journal)
    with pytest.raises(WorkbookError, match="sheet accept"):
        new_drain(workbook=copy)()
    words = ("sheet", "--spreadsheet", "copie", "accept")
    refused = accueil(*words, input="n\n")
    assert refused.exit_code == 1
    assert "est la copie d'un autre" in refused.output
    with pytest.raises(WorkbookError, match="sheet accept"):
        new_drain(workbook=copy)()
    said(accueil(*words, input="y\n"))
    assert new_drain(workbook=copy)() == 1
    assert "rien à faire" in said(accueil(*words))


@pytest.mark.usefixtures("copy")
def test_the_original_is_refused_once_its_copy_goes_on(accueil, copy, new_drain, drain, journal):
    said(accueil("sheet", "--spreadsheet", "copie", "accept", "--yes"))
    submit(journal)
    new_drain(workbook=copy)()
    submit(journal)
    with pytest.raises(WorkbookError, match="plus ancien que le journal"):
        drain()


def test_a_missing_address_is_said():
    result = CliRunner().invoke(main, ["journal"], env={"ACCUEIL_JOURNAL": ""})
    assert result.exit_code == 1
    assert "Indiquez avec --journal l'adresse du journal" in result.output
