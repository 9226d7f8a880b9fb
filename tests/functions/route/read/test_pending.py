"""Which entries a batch takes, which wait, and how one is set aside."""

import json
from datetime import timedelta

import pytest

from functions.route.arrival import Arrival
from functions.route.read.pending import Pending
from functions.shared.journal.entries import AsideNote, Entry
from functions.shared.journal.store import open_journal
from sheets_schema.territory import territories
from tests.functions.route.arrivals import MORNING, arrive, name_of
from tests.support import killed_anywhere

REFUSED = "Google Sheets refuse sa ligne"
NAME = name_of(1)
PENDING, ASIDE = f"pending/{NAME}", f"quarantine/{NAME}"


@pytest.fixture
def journal():
    return open_journal("memory:///")


def pending(journal):
    return Pending(journal, territories(), lambda: MORNING)


def take(journal, limit=500, without=()):
    return pending(journal).take(limit, without)


def arrival(journal, number=1):
    name = name_of(number)
    return Arrival.from_json(name, journal.read(f"pending/{name}"), territories())


class TestTake:
    def test_nothing_is_pending_until_something_is(self, journal):
        assert not pending(journal)
        arrive(journal)
        assert pending(journal)

    def test_the_oldest_come_first_and_those_of_one_instant_by_name(self, journal):
        third = arrive(journal, 3, at=MORNING + timedelta(seconds=1))
        second, first = arrive(journal, 2), arrive(journal, 1)
        assert sorted(map(name_of, (1, 2, 3))) == [name_of(3), name_of(1), name_of(2)]
        assert [arrival.reference for arrival in take(journal).arrivals] == [first, second, third]

    def test_no_more_than_asked_for_and_none_that_is_left_out(self, journal):
        for number in range(1, 6):
            arrive(journal, number)
        assert len(take(journal, 3).arrivals) == 3
        names = {
            arrival.name for arrival in take(journal, without={name_of(1), name_of(2)}).arrivals
        }
        assert names == {name_of(number) for number in (3, 4, 5)}

    def test_a_batch_has_a_size(self, journal, monkeypatch):
        for number in range(1, 4):
            arrive(journal, number)
        size = arrival(journal, 1).size
        monkeypatch.setattr("functions.route.read.pending.MAX_BYTES", size + 1)
        assert len(take(journal).arrivals) == 2
        monkeypatch.setattr("functions.route.read.pending.MAX_BYTES", size)
        assert len(take(journal).arrivals) == 1

    def test_suspects_are_taken_beside_the_others(self, journal):
        suspect, good = arrive(journal, 1, suspect="honeypot"), arrive(journal, 2)
        taken = take(journal)
        assert [arrival.reference for arrival in taken.suspects] == [suspect]
        assert [arrival.reference for arrival in taken.arrivals] == [good]

    def test_no_more_suspects_than_asked_for_either(self, journal):
        for number in range(1, 5):
            arrive(journal, number, suspect="honeypot")
        assert len(take(journal, 2).suspects) == 2

    def test_one_whose_row_is_written_is_dropped(self, journal):
        arrive(journal)
        journal.create(f"filed/{NAME}", b"{}")
        assert take(journal).arrivals == []
        assert journal.keys("pending/") == []

    def test_an_illegible_one_is_said_and_stays(self, journal):
        arrive(journal, 2)
        journal.create("pending/abcdef0123456789", b"{not json")
        taken = take(journal)
        assert len(taken.arrivals) == 1
        (concern,) = taken.unreadable
        assert concern.place == "Journal, abcdef012345"
        assert journal.read("pending/abcdef0123456789") is not None

    def test_beside_one_of_another_reference_that_is_set_aside_it_waits(self, journal):
        arrive(journal)
        journal.create(ASIDE, b'{"reference": "LOT-0000-0000"}')
        assert take(journal).arrivals == []
        assert journal.keys("pending/") == [PENDING]

    def test_beside_its_own_copy_that_is_set_aside_it_is_taken(self, journal):
        reference = arrive(journal)
        journal.create(ASIDE, json.dumps({"reference": reference}).encode())
        assert [arrival.reference for arrival in take(journal).arrivals] == [reference]


class TestSettingAside:
    @pytest.mark.parametrize("suspect", ["", "honeypot"])
    def test_the_entry_and_the_reason_are_kept(self, suspect, journal):
        reference = arrive(journal, suspect=suspect)
        entry = arrival(journal)
        set_aside(journal, entry)
        assert journal.keys("pending/") == []
        assert journal.read(ASIDE) == entry.body
        note = AsideNote.from_json(journal.read(f"{ASIDE}.why"))
        assert (note.reference, note.at, note.suspect) == (reference, MORNING, suspect)
        assert note.reason == ("suspecte : champ invisible rempli" if suspect else REFUSED)

    @pytest.mark.parametrize("suspect", ["", "honeypot"])
    @pytest.mark.parametrize("left", [False, True], ids=["", "beside what a release left"])
    def test_wherever_it_is_cut_off_the_request_is_there_and_the_next_ends_it(self, suspect, left):
        def prepare(journal):
            arrive(journal, suspect=suspect)
            if left:
                marked = json.loads(journal.read(PENDING)) | {"suspect": "too_fast"}
                journal.create(ASIDE, json.dumps(marked).encode())
                note = AsideNote(arrival(journal).reference, MORNING, "suspecte", "too_fast")
                journal.create(f"{ASIDE}.why", note.to_json())

        whole = open_journal("memory:///")
        prepare(whole)
        entry = arrival(whole)
        for journal in killed_anywhere(prepare, lambda journal: set_aside(journal, entry)):
            bodies = [journal.read(PENDING), journal.read(ASIDE)]
            assert any(body and Entry.from_json(body).reference for body in bodies)
            if not suspect and journal.read(ASIDE) == entry.body:
                # A note of a suspect beside it would have it purged.
                why = journal.read(f"{ASIDE}.why")
                assert why is None or not AsideNote.from_json(why).suspect
            if journal.read(PENDING) is None:
                assert journal.read(f"{ASIDE}.why") is not None
            set_aside(journal, entry)
            assert journal.keys("pending/") == []
            assert journal.keys("quarantine/") == [ASIDE, f"{ASIDE}.why"]

    def test_one_that_was_released_meanwhile_is_pending_again_and_no_suspect(self, journal):
        arrive(journal, suspect="honeypot")
        entry = arrival(journal)

        class Released:
            """The operator releases it just before it is taken out of pending/."""

            def __getattr__(self, name):
                return getattr(journal, name)

            def delete(self, key):
                if key == PENDING:
                    journal.delete(ASIDE)
                    journal.delete(f"{ASIDE}.why")
                journal.delete(key)

        pending(Released()).suspect([entry])
        assert Entry.from_json(journal.read(PENDING)).suspect == ""
        assert journal.keys("quarantine/") == []

    def test_another_entry_under_its_name_is_not_taken_out(self, journal):
        arrive(journal, suspect="honeypot")
        entry = arrival(journal)
        journal.delete(PENDING)
        journal.create(PENDING, b'{"reference": "LOT-0000-0000"}')
        set_aside(journal, entry)
        assert journal.keys("pending/") == [PENDING]


def set_aside(journal, entry):
    if entry.entry.suspect:
        pending(journal).suspect([entry])
    else:
        pending(journal).refuse(entry)
