"""The same person writing again: filed, flagged, never merged."""

from datetime import timedelta

import pytest

from functions.route.arrival import Arrival
from functions.route.decide.repeats import Sender, find_repeats
from functions.route.read import recent
from functions.route.read.recent import Recent
from functions.shared.errors import WorkbookError
from functions.shared.journal import operator
from functions.shared.mail.mailer import Mailer
from functions.shared.mail.outbox import Outbox
from functions.shared.sheets.memory import MemoryWorkbook
from sheets_schema.territory import territories
from tests.functions.route.arrivals import MORNING, arrive, name_of
from tests.functions.route.books import ANA, book, set_cell
from tests.support import broken, no_answer

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def reasons(workbook):
    """Why each request has its referent, by reference; of a workbook in memory or of Google's."""
    if isinstance(workbook, MemoryWorkbook):
        rows = workbook.rows("requests")
        return {row["reference"]: row["assignment_reason"] for row in rows}
    return {row["Référence"]: row["Pourquoi ce référent"] for row in workbook.rows()}


@pytest.fixture
def sheet():
    return book()


@pytest.fixture
def drain_sheet(new_drain, sheet):
    """Drain into the workbook in memory."""
    return new_drain(workbook=sheet)


@pytest.fixture
def send(drain_sheet, journal, clock):
    """Send a request and drain."""

    def run(number, **fields):
        reference = arrive(journal, number, at=clock(), **fields)
        drain_sheet()
        return reference

    return run


def test_the_same_person_is_filed_again_and_flagged(send, clock, sheet):
    first = send(1)
    clock.advance(days=20, hours=23)
    second = send(2)
    third = send(3, email="bo@example.org", last_name="Autre")
    rule = "Règle 1 : Tous les projets × partout dans le Lot → Ana Roux"
    assert reasons(sheet) == {
        first: rule,
        second: f"Relance de {first}. {rule}",
        third: rule,
    }


@pytest.mark.parametrize(
    ("before", "after", "known"),
    [
        ({"email": "Ana.Martin@example.org"}, {"email": "ana.martin@example.org"}, True),
        ({"phone": "+33612345678"}, {"phone": "+33612345678", "email": None}, True),
        ({"phone": "+33612345678"}, {"phone": "+33612345679", "email": None}, False),
        ({"email": "ana@example.org"}, {"email": "bo@example.org"}, False),
    ],
)
def test_an_address_or_a_phone_number_tells_who_it_is(before, after, known, send, sheet):
    first, second = send(1, **before), send(2, **after)
    assert (f"Relance de {first}. " in reasons(sheet)[second]) == known


def test_after_three_weeks_it_is_a_new_request(send, clock, sheet):
    send(1)
    clock.advance(days=21, seconds=1)
    second = send(2)
    assert reasons(sheet)[second].startswith("Règle")


def test_the_last_one_is_named(send, clock, sheet):
    send(1)
    clock.advance(days=10)
    second = send(2)
    clock.advance(days=10)
    third = send(3)
    assert reasons(sheet)[third].startswith(f"Relance de {second}. ")


def test_two_requests_in_one_batch_are_told_apart(drain_sheet, journal, sheet):
    later = arrive(journal, 1, at=MORNING + HOUR)
    first = arrive(journal, 2)
    assert drain_sheet() == 2
    assert reasons(sheet)[later].startswith(f"Relance de {first}. ")
    assert reasons(sheet)[first].startswith("Règle")


def test_a_new_process_knows_it_too_and_reads_each_batch_once(
    send, new_drain, journal, clock, sheet
):
    class Counting:
        reads = 0

        def __getattr__(self, name):
            return getattr(journal, name)

        def read(self, key):
            self.reads += key.startswith("batches/")
            return journal.read(key)

    first = send(1)
    counting = Counting()
    drain = new_drain(journal=counting, workbook=sheet)
    for number in range(2, 6):
        arrive(journal, number, email=f"p{number}@example.org")
        clock.advance(minutes=1)
        drain()
    last = arrive(journal, 6)
    drain()
    assert reasons(sheet)[last].startswith(f"Relance de {first}. ")
    assert counting.reads == 5


def test_the_sheet_is_read_no_more_for_it(drain, journal, classeur):
    arrive(journal, 1)
    drain()
    classeur.gate.calls.clear()
    arrive(journal, 2)
    drain()
    assert classeur.gate.calls == {"read": 1, "write": 1}


def test_a_batch_that_was_never_written_does_not_count(drain, new_drain, journal, classeur):
    second = arrive(journal, 1)
    classeur.gate.writes += [broken] * 5
    with pytest.raises(WorkbookError):
        drain()
    assert len(journal.keys("batches/")) == 1
    new_drain()()
    assert reasons(classeur)[second].startswith("Règle")


def test_a_batch_that_is_recovered_counts(drain, new_drain, journal, classeur):
    first = arrive(journal, 1)
    classeur.gate.writes.append(no_answer)
    classeur.gate.reads += [lambda _, carry_out: carry_out(), *[broken] * 5]
    with pytest.raises(WorkbookError):
        drain()
    second = arrive(journal, 2)
    new_drain()()
    assert reasons(classeur)[second].startswith(f"Relance de {first}. ")


def test_what_the_journal_has_forgotten_is_not_flagged(send, new_drain, journal, sheet):
    send(1)
    journal.delete(journal.keys("batches/")[0])
    second = arrive(journal, 2)
    assert new_drain(workbook=sheet)() == 1
    assert reasons(sheet)[second].startswith("Règle")


def test_an_illegible_batch_stops_nobody_and_those_before_it_count(
    send, new_drain, journal, sheet, capsys
):
    first = send(1)
    send(2, email="bo@example.org")
    key = journal.keys("batches/")[1]
    journal.delete(key)
    journal.create(key, b'{"fence"')
    third = arrive(journal, 3)
    assert new_drain(workbook=sheet)() == 1
    assert reasons(sheet)[third].startswith(f"Relance de {first}. ")
    assert f"{key} du journal est illisible" in capsys.readouterr().out


def test_a_row_that_is_filed_again_repeats_what_it_did(drain, new_drain, journal, classeur, clock):
    for number in (1, 2, 3):
        arrive(journal, number, at=clock())
        if number == 1:
            drain()
            old = classeur.store.file("demo").book.copy()
        clock.advance(hours=1)
    drain()
    before = reasons(classeur)
    assert sum("Relance" in reason for reason in before.values()) == 2

    def restore(book):
        book.sheets, book.named_ranges = old.copy().sheets, list(old.named_ranges)

    classeur.store.update("demo", restore)
    restored = new_drain()
    operator.refile(journal, operator.missing(journal, restored.workbook))
    assert restored() == 2
    assert reasons(classeur) == before


def test_the_referent_is_told(new_drain, sheet, journal, clock):
    class Postman(Mailer):
        def __init__(self):
            self.sent = []

        def send(self, message):
            self.sent.append(message)

    postman = Postman()
    outbox = Outbox(journal, postman, "Accueil <accueil@example.org>", "https://example.org", clock)
    drain = new_drain(outbox=outbox, workbook=sheet)
    first = arrive(journal, 1)
    drain()
    clock.advance(minutes=5)
    arrive(journal, 2, at=MORNING + HOUR)
    drain()
    mails = [message.get_body(("plain",)).get_content() for message in postman.sent]
    assert [f"Relance de {first}. Règle 1 " in mail for mail in mails] == [False, True]


def test_a_row_that_is_assigned_again_keeps_the_flag(send, drain_sheet, clock, sheet):
    first = send(1)
    send(2, doubt="no_script")
    flagged = sheet.rows("requests")[1]["assignment_reason"]
    assert flagged.startswith(f"Relance de {first}. Sans vérification anti-robot")
    set_cell(sheet, "requests", 2, "referent", None)
    for _ in range(3):
        clock.advance(minutes=5)
        drain_sheet(sweep=True)
    assert sheet.rows("requests")[1]["referent"] == ANA
    assert sheet.rows("requests")[1]["assignment_reason"] == flagged


def entry(journal, number, at=MORNING, **fields):
    arrive(journal, number, at=at, **fields)
    key = f"pending/{name_of(number)}"
    return Arrival.from_json(name_of(number), journal.read(key), territories())


def sender(reference, at=MORNING, contacts=("ana.martin@example.org",)):
    return Sender(reference, at, contacts)


def test_the_last_one_filed_counts_within_three_weeks_either_side(journal):
    arrival = entry(journal, 1, at=MORNING + 30 * DAY)
    repeats = find_repeats([arrival], [sender("A"), sender("B", MORNING + 9 * DAY)])
    assert repeats == {arrival.name: "B"}
    assert find_repeats([arrival], [sender("A", MORNING + 9 * DAY - HOUR)]) == {}
    # Of a backlog the later request may be filed first.
    assert find_repeats([arrival], [sender("A", MORNING + 51 * DAY)]) == {arrival.name: "A"}
    assert find_repeats([arrival], [sender("A", MORNING + 51 * DAY + HOUR)]) == {}


def test_of_two_people_it_may_be_the_one_who_wrote_last_is_named(journal):
    arrival = entry(journal, 1, at=MORNING + DAY, phone="+33612345678")
    by_phone = sender("A", MORNING + HOUR, ("+33612345678",))
    assert find_repeats([arrival], [by_phone, sender("B")]) == {arrival.name: "A"}


def test_a_trial_repeats_nothing_and_nothing_repeats_it(journal):
    trial, real = entry(journal, 1, source="test"), entry(journal, 2)
    assert find_repeats([trial, real], [sender("A")]) == {real.name: "A"}
    assert find_repeats([trial, real], []) == {}


def test_filed_trials_are_no_senders(send, sheet):
    send(1, source="test")
    second = send(2)
    assert reasons(sheet)[second].startswith("Règle")


def test_memory_is_bounded(send, journal, clock, monkeypatch):
    for number in range(5):
        send(number, email=f"p{number}@example.org")
    monkeypatch.setattr(recent, "MOST_SENDERS", 3)
    assert [sender.contacts for sender in Recent(journal, clock).senders()] == [
        (f"p{number}@example.org",) for number in (2, 3, 4)
    ]
    monkeypatch.setattr(recent, "MOST_BATCHES", 2)
    remembering = Recent(journal, clock)
    assert len(remembering.senders()) == 2
    clock.advance(days=23)
    assert remembering.senders() == []
