"""`accueil import`, from the file to the rows."""

import csv
from datetime import UTC, datetime
from functools import partial
from random import Random

import pytest
from click.testing import CliRunner
from playwright.sync_api import expect

from functions.digest.handler import Digest
from functions.shared.web import Call
from infra.cli import main
from infra.lists.contacts import as_contact
from infra.lists.fates import Line
from infra.lists.importing import accept
from infra.lists.records import Record
from tests.functions.route.arrivals import MORNING
from tests.support import Postman, killed_anywhere

HEADER = "Nom;Prénom;Mail;Tél;Ville;Commune visée;Projet;OK pour être recontacté;Structure;Classe\n"
LUC = "PONS;Luc;luc@example.org;0639980001;Albi;Figeac;Trouver un emploi;oui;Faculté;B2\n"
EVA = "MAS;Eva;eva@example.org;;Sète;Figeac;;oui;;\n"
NO = "ROC;Ana;ana@example.org;;Sète;Figeac;;non;;\n"
WRONG = "GIL;Tom;tom@;;Sète;Figeac;;oui;;\n"


@pytest.fixture
def accueil(classeur, tmp_path, monkeypatch, drain):
    """Runs `accueil import` on a text; a drain files what waits whenever the command looks."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("infra.lists.importing.sleep", lambda _: drain())
    where = ("--journal", (tmp_path / "journal").as_uri(), "--spreadsheet", "demo")
    where += ("--api", classeur.url)

    def run(text, *options, source="salon-2027", where=where, **more):
        (tmp_path / "liste.csv").write_text(text, "utf-8")
        given = ("--source", source) if source else ()
        return CliRunner().invoke(main, ["import", "liste.csv", *where, *given, *options], **more)

    return run


def said(result):
    assert result.exit_code == 0, result.output
    return result.output


def imported(classeur):
    return [row for row in classeur.rows() if row.get("Source") == "salon-2027"]


def test_contacts_become_requests_to_qualify_with_a_referent_and_nobody_is_mailed(
    accueil, classeur, journal
):
    output = said(accueil(HEADER + LUC + EVA, "--profile", "seller", input="o\n"))

    assert "Importer 2 personnes ?" in output
    assert "Dans Demandes : 2 personnes." in output
    rows = {row["Prénom"]: row for row in imported(classeur)}
    luc = rows["Luc"]
    assert (luc["Statut"], luc["Téléphone"]) == ("À qualifier", "06 39 98 00 01")
    assert luc["Profil"].startswith("Cession")
    assert luc["Notes"] == "Consentement : Oui\nOrganisme : Faculté"
    assert (luc["Territoire visé"], luc["Référence"][:4]) == ("Figeac", "LOT-")
    assert all(row["Référent"] for row in rows.values())
    assert journal.keys("outbox/") == []


def test_referents_are_mailed_if_somebody_asks_for_it(accueil, journal):
    said(accueil(HEADER + LUC, "--yes", "--mail"))

    assert len(journal.keys("outbox/")) == 1


def test_the_same_file_again_adds_nothing_and_a_longer_one_only_what_is_new(accueil, classeur):
    said(accueil(HEADER + LUC, "--yes"))
    again = said(accueil(HEADER + LUC, "--yes"))
    assert "Total : 1 déjà importée." in again
    assert "Rien à importer" in again

    assert "1 nouvelle, 1 déjà importée" in said(accueil(HEADER + EVA + LUC, "--yes"))
    assert len(imported(classeur)) == 2


def test_somebody_who_is_there_gets_a_row_that_says_whose_repeat_it_is(accueil, classeur):
    said(accueil(HEADER + LUC, "--yes"))
    (first,) = imported(classeur)
    # Only name and town are the same, so only the sheet tells; drains know the journal alone.
    changed = HEADER + LUC.replace("0639980001", "").replace("luc@", "l.pons@")
    assert "Déjà en ligne" in said(accueil(changed, "--yes"))

    reasons = [row["Pourquoi ce référent"] for row in imported(classeur)]
    assert f"Relance de {first['Référence']}" in "".join(reasons)
    asked = said(accueil(changed.replace("B2", "B3"), "--yes", "--known", "rejet"))
    assert "Total : 1 à confirmer." in asked
    assert len(imported(classeur)) == 2


def test_wrong_rows_wait_in_a_file_and_are_imported_once_corrected(accueil, classeur, tmp_path):
    output = said(accueil(HEADER + LUC + WRONG + NO, "--yes"))
    assert "Écrit : rejets.csv, 1 ligne à corriger" in output

    text = (tmp_path / "rejets.csv").read_text("utf-8-sig")
    (row,) = csv.DictReader(text.splitlines(), delimiter=";")
    assert (row["Nom"], row["Ligne d'origine"]) == ("GIL", "3")
    assert "n'est pas une adresse de courriel" in row["À corriger"]
    assert "ana@example.org" not in text
    said(accueil(HEADER + LUC + WRONG + NO, "--yes"))
    assert [path.name for path in tmp_path.glob("rejets*")] == ["rejets.csv"]

    said(accueil(text.replace("tom@;", "tom@example.org;"), "--yes"))
    assert sorted(row["Prénom"] for row in imported(classeur)) == ["Luc", "Tom"]
    assert all("Ligne d'origine" not in row.get("Notes", "") for row in imported(classeur))


def test_rows_to_confirm_are_imported_if_somebody_confirms_them(accueil, classeur):
    twice = HEADER + LUC + LUC.replace("B2", "B3")
    assert "1 nouvelle, 1 à confirmer" in said(accueil(twice, "--yes"))
    assert len(imported(classeur)) == 1

    said(accueil(twice, "--yes", "--confirmed"))
    assert len(imported(classeur)) == 2


@pytest.mark.parametrize(
    ("options", "more", "sentence"),
    [
        (("--dry-run",), {}, "Sans --dry-run, l'import sera proposé."),
        ((), {"source": ""}, "Dites d'où vient cette liste : --source"),
        ((), {"where": ()}, "Pour importer, indiquez --journal, --spreadsheet et --source."),
    ],
)
def test_nothing_is_written_unless_it_is_asked_for(
    accueil, journal, tmp_path, options, more, sentence
):
    output = said(accueil(HEADER + LUC + WRONG, *options, **more))

    assert f"Rien n'a été écrit dans le classeur. {sentence}" in output
    assert journal.keys("pending/") == []
    assert not (tmp_path / "rejets.csv").exists()


def test_who_says_no_writes_nothing(accueil, journal, tmp_path):
    assert accueil(HEADER + LUC + WRONG, input="n\n").exit_code == 1
    assert journal.keys("pending/") == []
    assert not (tmp_path / "rejets.csv").exists()


def test_a_source_is_written_as_in_the_form_s_settings(accueil):
    done = accueil(HEADER + LUC, source="Salon TAF")

    assert done.exit_code == 1
    assert "des lettres minuscules sans accents" in done.output


def test_what_still_waits_is_said(accueil, monkeypatch):
    monkeypatch.setattr("infra.lists.importing.sleep", lambda _: None)

    output = said(accueil(HEADER + LUC, "--yes"))
    assert "Dans Demandes : 0 personne." in output
    assert "Au journal, en attente de leur ligne : 1 personne." in output


def test_what_google_refuses_is_said(accueil, journal, monkeypatch):
    def set_aside(_):
        for key in journal.keys("pending/"):
            journal.create(key.replace("pending", "quarantine"), journal.read(key))
            journal.delete(key)

    monkeypatch.setattr("infra.lists.importing.sleep", set_aside)
    output = said(accueil(HEADER + LUC, "--yes"))
    assert "Mises à part, car Google Sheets refuse leur ligne : 1 personne" in output


def test_an_import_that_is_cut_off_anywhere_goes_on_where_it_was(monkeypatch):
    monkeypatch.setattr("infra.lists.importing.PARALLEL", 1)
    people = [{"last_name": name, "email": f"{name}@example.org"} for name in ("pons", "mas")]
    contacts = [as_contact(Record(row, values)) for row, values in enumerate(people)]
    lines = [Line(n, "", "new", (), 64 * str(n), contact) for n, contact in enumerate(contacts)]
    draw = Random(1).getrandbits
    act = partial(accept, lines=lines, now=MORNING, draw=lambda: draw(35), mails=False)

    for journal in killed_anywhere(lambda _: None, act):
        act(journal)
        assert journal.keys("pending/") == [f"pending/{64 * n}" for n in "01"]


def test_many_contacts_take_few_calls(accueil, classeur):
    """A thousand, as issue 16 asks for: two whole batches, which take some seconds to write."""
    letters = [chr(65 + n) for n in range(26)]
    people = "".join(
        f"N{letters[n % 26]}{letters[n // 26 % 26]}{letters[n // 676]};Eva;p{n}@example.org;;;"
        "Figeac;;oui;;\n"
        for n in range(1000)
    )
    classeur.gate.calls.clear()
    output = said(accueil(HEADER + people, "--yes"))

    assert "Dans Demandes : 1000 personnes." in output
    assert classeur.gate.calls.total() <= 10


def test_a_list_is_looked_at_then_filed_then_told_in_the_digest(
    accueil, classeur, workbook, journal, clock, chromium, tmp_path
):
    clock.now = datetime.now(UTC)  # when the command says that the request came
    said(accueil(HEADER + LUC + NO, "--dry-run", "--html", "apercu.html"))
    page = chromium.new_page()
    page.goto((tmp_path / "apercu.html").as_uri())
    page.get_by_text("sans rien à signaler").click()
    expect(page.get_by_text("Luc PONS").first).to_be_visible()
    expect(page.get_by_text("sans accord").first).to_be_visible()
    page.close()
    said(accueil(HEADER + LUC + NO, "--yes"))

    postman = Postman()
    clock.advance(days=7)
    answer = Digest(journal, workbook, postman, "accueil@example.org", "https://s.example", clock)(
        Call("POST", {"content-type": "application/json"}, {}, b"{}")
    )
    assert answer.status == 200
    assert len(imported(classeur)) == 1
    text = postman.sent[0].get_body(("plain",)).get_content()
    assert "1 demande est arrivée cette semaine." in text
