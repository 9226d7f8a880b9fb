"""What looks like a robot's is set aside and said so, stops nobody, and can be released."""

import json
from datetime import timedelta

import pytest

from functions.route import operator
from functions.route.housekeeping import Housekeeping
from functions.route.pending import Pending
from functions.shared.errors import AccueilError, WorkbookError
from sheets_schema.territory import territories
from tests.functions.route.arrivals import arrive, name_of
from tests.support import broken


def references(classeur):
    return sorted(row["Référence"] for row in classeur.rows())


def aside(journal):
    return sorted(key for key in journal.keys("quarantine/") if not key.endswith(".why"))


@pytest.mark.parametrize(
    ("suspect", "words"),
    [
        ("honeypot", "champ invisible rempli"),
        ("too_fast", "envoyée plus vite qu'une personne ne peut écrire"),
        ("something_new", "signalée à la réception"),
    ],
)
def test_a_suspect_is_set_aside_and_the_sheet_says_so(suspect, words, drain, journal, classeur):
    reference = arrive(journal, suspect=suspect, last_name="Rarissime")
    assert drain() == 0
    assert classeur.gate.calls == {"read": 1, "write": 1}
    assert classeur.rows() == []
    assert journal.keys("pending/") == []
    assert aside(journal) == [f"quarantine/{name_of(1)}"]
    (line,) = classeur.rows("À vérifier")
    assert line["Où"] == reference
    assert line["Sujet"] == f"Demande mise à part, suspecte : {words}."
    assert f"« accueil journal retry {reference} »" in line["Que faire"]
    assert "Rarissime" not in str(line)
    (item,) = operator.inventory(journal).quarantined
    assert (item.reference, item.reason) == (reference, f"suspecte : {words}")
    drain(sweep=True)
    assert len(classeur.rows("À vérifier")) == 1


def test_nothing_is_set_aside_before_the_sheet_says_so(drain, journal, classeur):
    reference = arrive(journal, suspect="honeypot")
    classeur.gate.writes += [broken] * 5
    with pytest.raises(WorkbookError):
        drain()
    assert aside(journal) == []
    drain()
    assert len(aside(journal)) == 1
    assert [line["Où"] for line in classeur.rows("À vérifier")] == [reference]


def test_a_crash_once_the_sheet_says_so_says_it_once(drain, journal, classeur):
    sent = [arrive(journal, number, suspect="honeypot") for number in range(5)]
    drain()
    for key in journal.keys("quarantine/"):
        journal.delete(key)
    for number in range(5):
        arrive(journal, number, suspect="honeypot")
    assert drain() == 0
    assert len(aside(journal)) == 5
    assert journal.keys("pending/") == []
    assert sorted(line["Où"] for line in classeur.rows("À vérifier")) == sorted(sent)


@pytest.mark.parametrize(("max_rows", "most"), [(500, 1), (4, 6)], ids=["at once", "in steps"])
def test_a_flood_gets_few_lines_and_stops_nobody(max_rows, most, new_drain, journal, classeur):
    drain = new_drain(max_rows=max_rows)
    good = []
    for number in range(40):
        suspect = "" if number % 10 == 0 else "honeypot"
        reference = arrive(journal, number, suspect=suspect, email=f"p{number}@example.org")
        good += [] if suspect else [reference]
    assert drain() == len(good)
    assert references(classeur) == sorted(good)
    assert len(aside(journal)) == 36
    *named, line = classeur.rows("À vérifier")
    assert len(named) < most
    assert line["Sujet"] == "Demandes suspectes, mises à part : il y en a d'autres."
    assert "« accueil journal »" in line["Que faire"]


def test_a_flood_is_taken_in_steps_with_the_good_ones_among_it(journal, clock):
    for number in range(40):
        arrive(journal, number, suspect="honeypot" if number % 10 else "")
    pending = Pending(journal, territories(), clock)
    good = 0
    for _ in range(4):
        taken = pending.take(10, ())
        assert len(taken.suspects) < 20
        for entry in taken.entries:
            journal.delete(f"pending/{entry.name}")
        good += len(taken.entries)
        pending.suspect(taken.suspects)
    assert good == 4


def test_a_trickle_is_named_one_by_one_then_summed_up_until_somebody_ticks_off(
    drain, journal, classeur
):
    for number in range(12):
        arrive(journal, number, suspect="too_fast")
        drain()
    assert len(aside(journal)) == 12
    lines = classeur.rows("À vérifier")
    assert len(lines) == 6
    assert [line["Où"] for line in lines].count("Journal") == 1
    classeur.type("À vérifier!E2", "Oui")
    reference = arrive(journal, 12, suspect="too_fast")
    drain()
    assert [line["Où"] for line in classeur.rows("À vérifier")][6:] == [reference]


def test_a_flood_does_not_use_up_the_reads_of_the_sheet(drain, journal, clock, classeur):
    for number in range(6):
        arrive(journal, number, suspect="honeypot")
        drain()
    classeur.gate.calls.clear()
    start = clock()
    for number in range(6, 16):
        arrive(journal, number, suspect="honeypot")
        drain()
    assert classeur.gate.calls == {"read": 10}
    assert (clock() - start).total_seconds() >= 10


def test_a_released_one_gets_its_row_and_is_not_set_aside_again(drain, journal, classeur):
    reference = arrive(journal, suspect="honeypot", first_name="Zoé")
    drain()
    assert operator.retry(journal, reference) == name_of(1)
    assert journal.keys("quarantine/") == []
    assert drain() == 1
    (row,) = classeur.rows()
    assert (row["Référence"], row["Prénom"], row["Statut"]) == (reference, "Zoé", "À contacter")
    assert journal.keys("quarantine/") == journal.keys("pending/") == []


def test_a_release_that_was_cut_off_is_finished(drain, journal, classeur):
    class CutOff:
        def __getattr__(self, name):
            return getattr(journal, name)

        def delete(self, _key):
            raise KeyboardInterrupt

    reference = arrive(journal, suspect="honeypot")
    drain()
    with pytest.raises(KeyboardInterrupt):
        operator.retry(CutOff(), reference)
    operator.retry(journal, reference)
    assert journal.keys("quarantine/") == []
    assert drain() == 1
    assert references(classeur) == [reference]


def test_a_release_beside_another_entry_of_the_same_key_changes_nothing(drain, journal, classeur):
    reference = arrive(journal, suspect="honeypot")
    drain()
    kept = [(key, journal.read(key)) for key in journal.keys("quarantine/")]
    arrive(journal, first_name="Zoé")  # the same name in the journal, as intake may create it
    with pytest.raises(AccueilError, match="même clé attend déjà"):
        operator.retry(journal, reference)
    assert [(key, journal.read(key)) for key in journal.keys("quarantine/")] == kept
    assert drain() == 1
    with pytest.raises(AccueilError, match="déjà écrite"):
        operator.retry(journal, reference)
    drain(sweep=True)
    assert len(classeur.rows()) == 1


def test_a_writer_that_is_behind_does_not_undo_a_release(journal, clock):
    reference = arrive(journal, suspect="honeypot")
    first, second = (Pending(journal, territories(), clock) for _ in range(2))
    behind = first.take(500, ()).suspects
    second.suspect(second.take(500, ()).suspects)
    operator.retry(journal, reference)
    first.suspect(behind)
    (key,) = journal.keys("pending/")
    assert "suspect" not in json.loads(journal.read(key))


def test_a_suspect_is_forgotten_with_what_applicants_wrote_and_the_sheet_says_when(
    new_drain, journal, classeur, clock
):
    housekeeping = Housekeeping(journal, timedelta(days=30), clock)
    drain = new_drain(housekeeping=housekeeping)
    arrive(journal, suspect="honeypot")
    journal.create("quarantine/refused", b"{}")
    journal.create("quarantine/refused.why", b'{"at": "2020-01-01T00:00:00+00:00"}')
    drain()
    assert "effacée le 23 décembre" in classeur.rows("À vérifier")[0]["Que faire"]
    clock.advance(days=29, hours=23)
    housekeeping.run()
    assert len(aside(journal)) == 2
    clock.advance(hours=7)
    housekeeping.run()
    assert journal.keys("quarantine/") == ["quarantine/refused", "quarantine/refused.why"]


def test_the_log_names_nobody(drain, journal, capsys):
    arrive(journal, suspect="honeypot", last_name="Rarissime")
    drain()
    said = capsys.readouterr().out
    assert '"suspects"' in said
    assert "arissime" not in said
    assert "@" not in said
