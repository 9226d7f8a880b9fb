"""Who wrote lately: how far back, how many, and what of the journal does not count."""

from datetime import timedelta

import pytest

from functions.route.decide.repeats import Sender
from functions.route.read.recent import MOST_BATCHES, MOST_SENDERS, SPAN, Recent
from functions.shared.journal.formats import Batch, Filed
from functions.shared.journal.store import open_journal
from functions.shared.sheets.fence import Fence
from tests.functions.route.arrivals import MORNING, arrive, name_of


@pytest.fixture
def journal():
    return open_journal("memory:///")


def settle(journal, number, at=MORNING, token="t", **fields):
    """A settled batch with one request; gives its reference."""
    reference = arrive(journal, number, **fields)
    name = name_of(number)
    body = journal.read(f"pending/{name}").decode()
    batch = Batch(Fence(number, at, token), "demo", {}, (), (Filed(name, reference, "f", body),))
    journal.create(f"batches/{batch.fence.key}", batch.to_json())
    journal.create(f"settled/{batch.fence.key}", b"{}")
    return reference


def recent(journal, now=MORNING):
    return Recent(journal, lambda: now)


def references(remembered):
    return [sender.reference for sender in remembered.senders()]


def test_the_last_one_stands_at_the_end(journal):
    given = [settle(journal, number) for number in (1, 2, 3)]
    assert references(recent(journal)) == given


def test_a_sender_is_known_by_when_they_wrote_and_by_address_and_phone(journal):
    reference = settle(journal, 1, phone="+33612345678", email="Ana@Example.org")
    (sender,) = recent(journal).senders()
    assert sender == Sender(reference, MORNING, ("ana@example.org", "+33612345678"))


def test_a_process_reads_each_batch_once(journal):
    remembered = recent(journal)
    first = settle(journal, 1)
    assert references(remembered) == [first]
    journal.delete("batches/000000001-t")
    second = settle(journal, 2)
    assert references(remembered) == [first, second]
    assert references(remembered) == [first, second]


@pytest.mark.parametrize(("seconds", "known"), [(0, 1), (1, 0)])
def test_it_goes_back_three_weeks_and_a_day(seconds, known, journal):
    assert timedelta(days=22) == SPAN
    settle(journal, 1, MORNING - SPAN - timedelta(seconds=seconds))
    assert len(references(recent(journal))) == known


def test_what_is_remembered_is_forgotten_in_time(journal):
    now = [MORNING]
    remembered = Recent(journal, lambda: now[0])
    settle(journal, 1)
    assert len(references(remembered)) == 1
    now[0] = MORNING + SPAN + timedelta(seconds=1)
    assert references(remembered) == []


def test_no_more_batches_and_senders_are_read_and_kept_than_so_many(journal, monkeypatch):
    assert (MOST_BATCHES, MOST_SENDERS) == (2_000, 20_000)
    given = [settle(journal, number) for number in range(1, 5)]
    monkeypatch.setattr("functions.route.read.recent.MOST_BATCHES", 3)
    assert references(recent(journal)) == given[1:]
    monkeypatch.setattr("functions.route.read.recent.MOST_SENDERS", 2)
    assert references(recent(journal)) == given[2:]


def test_a_batch_that_is_purged_ends_the_look_and_an_illegible_one_does_not(journal, capsys):
    given = [settle(journal, number) for number in range(1, 4)]
    journal.delete("batches/000000002-t")
    journal.create("batches/000000002-t", b"{not json")
    assert references(recent(journal)) == [given[0], given[2]]
    assert "batches/000000002-t" in capsys.readouterr().out
    journal.delete("batches/000000002-t")
    assert references(recent(journal)) == [given[2]]


def test_trials_are_nobody_s(journal):
    settle(journal, 1, source="test")
    assert references(recent(journal)) == []


def test_a_batch_that_is_not_settled_does_not_count(journal):
    settle(journal, 1)
    journal.delete("settled/000000001-t")
    assert references(recent(journal)) == []
