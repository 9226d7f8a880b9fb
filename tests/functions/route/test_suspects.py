"""What looks like a robot's is set aside and said so, stops nobody, and can be released."""

import json
from contextlib import suppress
from datetime import timedelta
from functools import partial
from itertools import count, product

import pytest

from functions.route.housekeeping import Housekeeping
from functions.route.read.pending import Pending
from functions.shared.errors import AccueilError, WorkbookError
from functions.shared.journal import operator
from functions.shared.journal.store import open_journal
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
    assert classeur.gate.calls == {"read": 2, "write": 1}
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
    assert line["Sujet"] == "Demandes suspectes, mises à part le 23 novembre : il y en a d'autres."
    assert "« accueil journal »" in line["Que faire"]


def test_a_flood_is_taken_in_steps_with_the_good_ones_among_it(journal, clock):
    for number in range(40):
        arrive(journal, number, suspect="honeypot" if number % 10 else "")
    pending = Pending(journal, territories(), clock)
    good = 0
    for _ in range(4):
        taken = pending.take(10, ())
        assert len(taken.suspects) < 20
        for entry in taken.arrivals:
            journal.delete(f"pending/{entry.name}")
        good += len(taken.arrivals)
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


def test_a_flood_that_goes_on_is_said_anew_each_day(drain, journal, clock, classeur):
    for number in range(7):
        arrive(journal, number, suspect="honeypot")
        drain()
    clock.advance(days=1)
    for number in range(7, 10):
        arrive(journal, number, suspect="honeypot")
        drain()
    lines = [line["Sujet"] for line in classeur.rows("À vérifier") if line["Où"] == "Journal"]
    assert lines == [
        f"Demandes suspectes, mises à part le {day} novembre : il y en a d'autres."
        for day in (23, 24)
    ]


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


class Around:
    """A journal in which `before` is told of each deletion; it may stop it."""

    def __init__(self, journal, before):
        self.journal, self.before = journal, before

    def __getattr__(self, name):
        return getattr(self.journal, name)

    def delete(self, key):
        self.before(key)
        self.journal.delete(key)


def cut_off(journal, reference, at):
    """A release that is killed before it deletes what ends with `at`."""

    def kill(key):
        if key.endswith(at):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        operator.retry(Around(journal, kill), reference)


def test_a_release_that_was_cut_off_is_finished(drain, journal, classeur):
    reference = arrive(journal, suspect="honeypot")
    drain()
    cut_off(journal, reference, at=name_of(1))
    operator.retry(journal, reference)
    assert journal.keys("quarantine/") == []
    assert drain() == 1
    assert references(classeur) == [reference]


@pytest.mark.parametrize("at", [name_of(1), ".why"], ids=["entry", "note"])
def test_a_released_one_that_google_refuses_is_never_purged(at, journal, clock):
    reference = arrive(journal, suspect="honeypot")
    pending = Pending(journal, territories(), clock)
    pending.suspect(pending.take(500, ()).suspects)
    cut_off(journal, reference, at)
    clock.advance(days=5)
    pending.refuse(*pending.take(500, ()).arrivals)
    assert journal.keys("pending/") == []
    (item,) = operator.inventory(journal).quarantined
    assert (item.reference, item.reason) == (reference, "Google Sheets refuse sa ligne")
    clock.advance(days=400)
    Housekeeping(journal, timedelta(days=30), clock).run()
    assert aside(journal) == [f"quarantine/{name_of(1)}"]
    assert operator.retry(journal, reference) == name_of(1)


def test_what_is_no_suspect_is_not_purged_whatever_its_note_says(journal, clock):
    journal.create("quarantine/refused", b'{"reference": "LOT-0000-0000"}')
    journal.create("quarantine/broken", b"{not json")
    for name in ("refused", "broken", "gone"):
        note = b'{"at": "2020-01-01T00:00:00+00:00", "suspect": "honeypot"}'
        journal.create(f"quarantine/{name}.why", note)
    Housekeeping(journal, timedelta(days=30), clock).run()
    assert aside(journal) == ["quarantine/broken", "quarantine/refused"]
    assert "quarantine/gone.why" not in journal.keys("quarantine/")


def test_a_release_in_the_moment_it_is_set_aside_loses_nothing(journal, clock):
    reference = arrive(journal)
    pending = Pending(journal, territories(), clock)
    (entry,) = pending.take(500, ()).arrivals
    waiting, set_aside = f"pending/{entry.name}", f"quarantine/{entry.name}"

    def release(key):
        if key == waiting:
            operator.retry(journal, reference)

    pending.journal = Around(journal, release)
    pending.refuse(entry)
    assert (journal.read(waiting), journal.read(set_aside)) == (entry.body, None)

    def end_setting_aside(key):
        if key == set_aside:
            journal.delete(waiting)

    journal.create(set_aside, entry.body)
    operator.retry(Around(journal, end_setting_aside), reference)
    assert (journal.read(waiting), journal.read(set_aside)) == (entry.body, None)


def sent_again(journal, at):
    """Intake's entry of the same key, in the moment before it sees what is set aside."""
    other = f"pending/{name_of(2)}"
    reference = arrive(journal, 2, at=at, first_name="Zoé")
    journal.create(f"pending/{name_of(1)}", journal.read(other))
    journal.delete(other)
    return reference


def test_what_is_sent_again_while_it_is_set_aside_gets_no_row(drain, journal, clock, classeur):
    reference = arrive(journal, suspect="honeypot")
    drain()
    kept = [(key, journal.read(key)) for key in journal.keys("quarantine/")]
    sent_again(journal, clock())
    assert drain() == 0
    with pytest.raises(AccueilError, match="même clé vient d'arriver"):
        operator.retry(journal, reference, clock)
    assert [(key, journal.read(key)) for key in journal.keys("quarantine/")] == kept
    journal.delete(f"pending/{name_of(1)}")  # as intake does
    operator.retry(journal, reference, clock)
    assert drain() == 1
    assert references(classeur) == [reference]


def test_what_a_killed_intake_left_does_not_block_a_release(drain, journal, clock, classeur):
    reference = arrive(journal, suspect="honeypot")
    drain()
    sent_again(journal, clock())
    clock.advance(hours=2)
    assert drain() == 0
    operator.retry(journal, reference, clock)
    assert drain() == 1
    assert references(classeur) == [reference]
    drain(sweep=True)
    assert len(classeur.rows()) == 1
    assert journal.keys("quarantine/") == journal.keys("pending/") == []


def test_a_writer_that_is_behind_does_not_undo_a_release(journal, clock):
    reference = arrive(journal, suspect="honeypot")
    first, second = (Pending(journal, territories(), clock) for _ in range(2))
    behind = first.take(500, ()).suspects
    second.suspect(second.take(500, ()).suspects)
    operator.retry(journal, reference)
    first.suspect(behind)
    (key,) = journal.keys("pending/")
    assert "suspect" not in json.loads(journal.read(key))


def test_a_release_just_before_a_slower_writer_takes_it_out_is_not_undone(journal, clock):
    reference = arrive(journal, suspect="honeypot")
    slow, quick = (Pending(journal, territories(), clock) for _ in range(2))
    suspects, waiting = slow.take(500, ()).suspects, f"pending/{name_of(1)}"

    def overtake(key):
        if key == waiting:
            quick.suspect(suspects)
            operator.retry(journal, reference)

    slow.journal = Around(journal, overtake)
    slow.suspect(suspects)
    assert journal.keys("quarantine/") == []
    (entry,) = quick.take(500, ()).arrivals
    assert entry.reference == reference


class Steps:
    """A journal that lets something happen before some of its calls, counted from 0."""

    def __init__(self, journal, happens):
        self.journal, self.happens, self.calls = journal, happens, count()

    def __getattr__(self, name):
        self.happens.get(next(self.calls), lambda: None)()
        return getattr(self.journal, name)


@pytest.mark.parametrize("released", [False, True], ids=["new", "released"])
def test_a_request_is_kept_whenever_two_writers_set_it_aside_and_one_is_killed(released, clock):
    def kill():
        raise KeyboardInterrupt

    for at, later in product(range(8), range(1, 8)):
        journal = open_journal("memory:///")
        reference = arrive(journal, suspect="honeypot")
        rival = Pending(journal, territories(), clock)
        if released:  # by a call that was cut off, so that what was set aside is still there
            rival.suspect(rival.take(500, ()).suspects)
            cut_off(journal, reference, at=name_of(1))
        taken = rival.take(500, ())
        (arrival,) = taken.arrivals + taken.suspects
        happens = {at: partial(rival.refuse, arrival), at + later: kill}
        with suppress(KeyboardInterrupt):
            Pending(Steps(journal, happens), territories(), clock).refuse(arrival)
        (kept,) = aside(journal)
        assert journal.read(kept) == arrival.body, (at, later)


@pytest.mark.parametrize("left", [("", ".why"), ("",), (".why",)])
def test_what_a_release_left_behind_is_purged_once_its_row_is_written(
    left, drain, journal, classeur, clock
):
    reference = arrive(journal, suspect="honeypot")
    drain()
    kept = {end: journal.read(f"quarantine/{name_of(1)}{end}") for end in left}
    operator.retry(journal, reference)

    def purge():
        for end, body in kept.items():
            journal.create(f"quarantine/{name_of(1)}{end}", body)
        Housekeeping(journal, timedelta(days=30), clock).run()
        return journal.keys("quarantine/")

    assert len(purge()) == len(left)
    drain()
    assert references(classeur) == [reference]
    assert purge() == []


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
