"""Faults of the workbook as a whole: requests wait, and no voice is muted that should report it."""

import pytest

from functions.shared.errors import WorkbookError
from functions.shared.journal.store import open_journal
from functions.shared.mail.outbox import Outbox
from tests.functions.route.arrivals import arrive
from tests.functions.route.books import (
    ANA,
    CORALIE,
    address,
    book,
    person,
    set_cell,
)
from tests.functions.route.test_round import new_drain
from tests.support import Crash, Mortal, Postman


def rename(sheet, key, title, to):
    header = sheet.grids[key][0]
    header[header.index(title)] = to


def take_away(sheet, key):
    return sheet.grids.pop(key)


FAULTS = {
    "a second Notes": (
        lambda sheet: sheet.grids["requests"][0].append("Notes"),
        "Demandes",
        "Onglet « Demandes », colonne en double : « Notes ».",
    ),
    "a renamed header of Référents": (
        lambda sheet: rename(sheet, "referents", "Courriel", "Mél"),
        "Référents",
        "Onglet « Référents », colonne introuvable : « Courriel ». Renommée peut-être : colonne B.",
    ),
    "a renamed header of Coordination": (
        lambda sheet: rename(sheet, "coordination", "Nom", "Qui"),
        "Coordination",
        "Onglet « Coordination », colonne introuvable : « Nom ». Renommée peut-être : colonne A.",
    ),
    "no Demandes": (
        lambda sheet: take_away(sheet, "requests"),
        "Demandes",
        "Onglet introuvable : « Demandes ».",
    ),
    "no Coordination": (
        lambda sheet: take_away(sheet, "coordination"),
        "Coordination",
        "Onglet introuvable : « Coordination ».",
    ),
    "no Suivi": (
        lambda sheet: take_away(sheet, "tracking"),
        "Suivi",
        "Onglet introuvable : « Suivi ».",
    ),
    "a pause that cannot be read": (
        lambda sheet: set_cell(sheet, "coordination", 1, "pause", "fini le 3/12"),
        "Coordination!F2",
        "Pause : « fini le 3/12 » n'est ni Oui ni Non.",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_noted_once_requests_wait_and_all_goes_on(fault, journal, clock):
    spoil, place, subject = FAULTS[fault]
    sheet = book()
    drain = new_drain(journal, sheet, clock)
    sound = {key: [list(row) for row in grid] for key, grid in sheet.grids.items()}
    spoil(sheet)
    arrive(journal)
    for sweep in (False, True, False):
        with pytest.raises(WorkbookError) as stopped:
            drain(sweep=sweep)
        assert subject in str(stopped.value)
    (line,) = sheet.rows("to_check")
    assert (line["place"], line["subject"]) == (place, subject)
    assert line["action"] in str(stopped.value)
    assert len(journal.keys("pending/")) == 1
    assert "requests" not in sheet.grids or sheet.rows("requests") == []
    sheet.grids |= {key: grid for key, grid in sound.items() if key not in ("to_check", "system")}
    drain(sweep=True)
    assert [row["referent"] for row in sheet.rows("requests")] == [ANA]
    assert len(sheet.rows("to_check")) == 1
    assert journal.keys("pending/") == []


def test_all_faults_are_said_at_once(journal, clock):
    sheet = book()
    take_away(sheet, "rules")
    rename(sheet, "referents", "Courriel", "Mél")
    rename(sheet, "requests", "Statut", "État")
    with pytest.raises(WorkbookError) as stopped:
        new_drain(journal, sheet, clock)(sweep=True)
    assert [line["place"] for line in sheet.rows("to_check")] == [
        "Règles d'attribution",
        "Demandes",
        "Référents",
    ]
    assert str(stopped.value).count("Remettez ces en-têtes en ligne 1") == 1


@pytest.mark.parametrize(
    "spoil",
    [
        lambda sheet: rename(sheet, "to_check", "Sujet", "Objet"),
        lambda sheet: take_away(sheet, "to_check"),
        lambda sheet: take_away(sheet, "system"),
    ],
    ids=["renamed", "no À vérifier", "no Système"],
)
def test_without_a_sound_a_verifier_and_systeme_nothing_is_written(spoil, journal, clock):
    sheet = book()
    spoil(sheet)
    arrive(journal)
    before = sheet.version()
    with pytest.raises(WorkbookError):
        new_drain(journal, sheet, clock)()
    assert sheet.version() == before


def test_during_a_pause_that_somebody_asked_for_not_even_a_fault_is_noted(journal, clock):
    sheet = book()
    people = sheet.grids["coordination"]
    people += [list(people[1]), list(people[1])]
    set_cell(sheet, "coordination", 2, "pause", "Oui")
    set_cell(sheet, "coordination", 3, "pause", "peut-être")
    take_away(sheet, "rules")
    arrive(journal)
    before = sheet.version()
    assert new_drain(journal, sheet, clock)() == 0
    assert sheet.version() == before


def test_a_fault_of_a_copied_workbook_is_not_noted_in_the_copy(journal, clock):
    sheet = book()
    arrive(journal)
    new_drain(journal, sheet, clock)()
    sheet.id = "copie"
    rename(sheet, "requests", "Statut", "État")
    with pytest.raises(WorkbookError, match="copie d'un autre"):
        new_drain(journal, sheet, clock)(sweep=True)
    assert sheet.rows("to_check") == []


@pytest.mark.parametrize("fault", ["a second Notes", "no Demandes", "a pause that cannot be read"])
def test_a_batch_that_is_written_but_not_settled_comes_before_a_fault(fault, clock):
    """Its number is the last one; a line with the next number would hide it for ever."""
    journal, sheet = open_journal("memory:///"), book()
    arrive(journal)
    with pytest.raises(Crash):  # it claims the batch, and dies when it has written it
        new_drain(Mortal(journal, [2]), sheet, clock)()
    sound = {key: [list(row) for row in grid] for key, grid in sheet.grids.items()}
    FAULTS[fault][0](sheet)
    for _ in range(2):
        with pytest.raises(WorkbookError):
            new_drain(journal, sheet, clock)(sweep=True)
    # To settle it may take cells of Demandes, which have to be there and are left alone in a pause.
    assert bool(journal.keys("settled/")) == (fault == "a second Notes")
    sheet.grids |= {key: grid for key, grid in sound.items() if key not in ("to_check", "system")}
    new_drain(journal, sheet, clock)(sweep=True)
    assert len(sheet.rows("requests")) == 1
    assert journal.keys("pending/") == []
    assert len(journal.keys("filed/")) == 1


def test_mails_that_wait_leave_though_demandes_has_a_fault(journal, clock):
    sheet, postman = book(), Postman()
    outbox = Outbox(journal, postman, "accueil@example.org", "https://example.org", clock)
    arrive(journal)
    new_drain(journal, sheet, clock)()  # without an outbox: the mail waits
    rename(sheet, "requests", "Statut", "État")
    with pytest.raises(WorkbookError):
        new_drain(journal, sheet, clock, outbox=outbox)(sweep=True)
    assert postman.addressees == [address(ANA)]


def test_mails_to_people_wait_while_their_addresses_cannot_be_read(journal, clock):
    sheet, postman = book(), Postman()
    outbox = Outbox(journal, postman, "accueil@example.org", "https://example.org", clock)
    arrive(journal)
    new_drain(journal, sheet, clock)()
    (waiting,) = journal.keys("outbox/")
    rename(sheet, "referents", "Courriel", "Mél")
    with pytest.raises(WorkbookError):
        new_drain(journal, sheet, clock, outbox=outbox)(sweep=True)
    assert postman.sent == []
    assert journal.keys("outbox/") == [waiting]  # not even a try was used up


# A bad cell is no fault of the whole: the drain goes on, and says what it ignores.


def test_a_referent_with_bad_cells_gets_requests_and_the_outbox_says_what_is_missing(
    journal, clock
):
    odd = {"email": "ana@", "absent_from": "vacances", "active": "peut-être"}
    sheet, postman = book(people=[person(ANA, **odd)]), Postman()
    outbox = Outbox(journal, postman, "accueil@example.org", "https://example.org", clock)
    arrive(journal)
    new_drain(journal, sheet, clock, outbox=outbox)(sweep=True)
    assert [row["referent"] for row in sheet.rows("requests")] == [ANA]
    assert {line["place"] for line in sheet.rows("to_check")} >= {
        "Référents!B2",
        "Référents!E2",
        "Référents!F2",
    }
    assert any(
        line["subject"].startswith(f"Aucune adresse pour {ANA}") for line in sheet.rows("to_check")
    )


def test_the_default_referent_stays_whatever_else_is_bad_in_the_row(journal, clock):
    row = {"name": CORALIE, "email": "coralie@", "scope": "Figac", "default_referent": "Oui"}
    sheet = book(rules=[{"number": "x"}], coordination=[row])
    arrive(journal)
    new_drain(journal, sheet, clock)()
    assert [row["referent"] for row in sheet.rows("requests")] == [CORALIE]


def test_a_line_of_a_verifier_with_a_bad_fait_is_not_noted_again(journal, clock):
    sheet = book(people=[person(ANA, active="peut-être"), person("Bob Cros")])
    drain = new_drain(journal, sheet, clock)
    drain(sweep=True)
    set_cell(sheet, "to_check", 1, "done", "presque")
    clock.advance(minutes=5)
    drain(sweep=True)
    assert len(sheet.rows("to_check")) == 1
