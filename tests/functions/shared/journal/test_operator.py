"""What the operator sees of the journal and does about it, wherever it is cut off."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from functions.shared.errors import AccueilError
from functions.shared.journal import operator
from functions.shared.journal.entries import AsideNote, Entry, Tombstone
from functions.shared.journal.formats import Batch, Filed, SettledMark
from functions.shared.journal.store import open_journal
from functions.shared.sheets.fence import Fence, system_text
from functions.shared.sheets.memory import MemoryWorkbook
from sheets_schema.tab import tab
from tests.functions.route.arrivals import MORNING, arrive, name_of
from tests.support import killed_anywhere

NAME = name_of(1)
PENDING, ASIDE, FILED = f"pending/{NAME}", f"quarantine/{NAME}", f"filed/{NAME}"
SUSPECT = "suspecte : champ invisible rempli"


@pytest.fixture
def journal():
    return open_journal("memory:///")


def put_aside(journal, number=1, suspect="honeypot"):
    """Request `number` as a drain sets it aside; gives its reference."""
    reference = arrive(journal, number, suspect=suspect)
    name = name_of(number)
    journal.create(f"quarantine/{name}", journal.read(f"pending/{name}"))
    note = AsideNote(reference, MORNING, SUSPECT, suspect)
    journal.create(f"quarantine/{name}.why", note.to_json())
    journal.delete(f"pending/{name}")
    return reference


def retry(journal, asked, now=MORNING):
    return operator.retry(journal, asked, lambda: now)


class TestInventory:
    def test_it_lists_what_waits_oldest_first_and_counts_the_rest(self, journal):
        late = arrive(journal, 1, at=MORNING + timedelta(seconds=1))
        early = arrive(journal, 2)
        aside = put_aside(journal, 3)
        journal.create("filed/x", b"{}")
        journal.create("outbox/1", b"{}")
        for key in ("000000001-a", "000000003-a"):
            journal.create(f"settled/{key}", b"{}")
        for key in ("000000001-a", "000000002-b", "000000003-a", "000000003-b", "000000004-a"):
            journal.create(f"batches/{key}", b"{}")
        seen = operator.inventory(journal)
        assert [item.reference for item in seen.pending] == [early, late]
        assert [(item.reference, item.reason) for item in seen.quarantined] == [(aside, SUSPECT)]
        assert (seen.filed, seen.settled, seen.mails) == (1, 2, 1)
        # Whatever is older than the last settled one was never written.
        assert seen.unsettled == ("000000003-b", "000000004-a")

    def test_of_what_cannot_be_read_the_name_is_shown_and_the_reason_if_there_is_one(self, journal):
        for folder, name in [("pending", "a1"), ("quarantine", "b2")]:
            journal.create(f"{folder}/{name}", b"{}")
        journal.create("quarantine/b2.why", AsideNote("LOT-1", MORNING, SUSPECT, "").to_json())
        seen = operator.inventory(journal)
        assert seen.pending == (operator.Item("a1", "", None, "illisible"),)
        assert seen.quarantined == (operator.Item("b2", "", None, SUSPECT),)

    def test_of_an_empty_journal_every_claim_is_open(self, journal):
        journal.create("batches/000000001-a", b"{}")
        assert operator.inventory(journal).unsettled == ("000000001-a",)

    def test_an_age_is_counted_from_when_it_came(self, journal):
        arrive(journal)
        (item,) = operator.inventory(journal).pending
        assert item.age(MORNING + timedelta(hours=3)) == timedelta(hours=3)
        assert operator.Item("x", "", None).age(MORNING) is None


class TestRetry:
    def test_a_suspect_waits_again_and_is_none_any_more(self, journal):
        reference = put_aside(journal)
        assert retry(journal, reference.lower()) == NAME
        entry = Entry.from_json(journal.read(PENDING))
        assert (entry.reference, entry.suspect) == (reference, "")
        assert journal.keys("quarantine/") == []

    def test_wherever_it_is_cut_off_the_request_is_there_and_again_ends_it(self):
        reference = put_aside(open_journal("memory:///"))
        for journal in killed_anywhere(put_aside, lambda journal: retry(journal, reference)):
            assert journal.read(PENDING) or journal.read(ASIDE)
            if journal.read(ASIDE):
                assert journal.read(f"{ASIDE}.why")
                retry(journal, reference)
            assert Entry.from_json(journal.read(PENDING)).suspect == ""
            assert journal.read(ASIDE) is None

    def test_the_beginning_of_a_name_is_enough_unless_several_begin_so(self, journal):
        put_aside(journal)
        assert retry(journal, NAME[:12]) == NAME
        for name in ("abc1", "abc2"):
            journal.create(f"quarantine/{name}", b"{}")
        with pytest.raises(AccueilError, match="Plusieurs entrées portent « abc »"):
            retry(journal, "abc")

    def test_one_whose_row_is_written_is_refused(self, journal):
        reference = put_aside(journal)
        journal.create(FILED, b"{}")
        with pytest.raises(AccueilError, match="est déjà écrite : rien à refaire"):
            retry(journal, reference)
        assert journal.keys("pending/") == []

    def test_one_that_is_not_set_aside_is_said_to_wait_or_to_be_written(self, journal):
        waits = arrive(journal)
        written = arrive(journal, 2)
        journal.delete(f"pending/{name_of(2)}")
        stone = Tombstone(written, "f" * 64, MORNING).to_json()
        journal.create(f"filed/{name_of(2)}", stone)
        with pytest.raises(AccueilError, match="Elle attend déjà d'être écrite"):
            retry(journal, waits)
        with pytest.raises(AccueilError, match="elle ne l'est pas une seconde fois"):
            retry(journal, written)
        with pytest.raises(AccueilError, match=r"parmi les entrées mises à part\.$"):
            retry(journal, "LOT-0000-0000")

    @pytest.mark.parametrize(("minutes", "taken"), [(1, False), (60, False), (61, True)])
    def test_what_was_sent_with_the_same_key_is_respected_for_an_hour(
        self, minutes, taken, journal
    ):
        """A living intake answers within seconds: what is older was left by a killed one."""
        reference = put_aside(journal)
        other = json.loads(journal.read(ASIDE)) | {"reference": "LOT-0000-0000"}
        journal.create(PENDING, json.dumps(other).encode())
        now = MORNING + timedelta(minutes=minutes)
        if taken:
            retry(journal, reference, now)
            assert Entry.from_json(journal.read(PENDING)).reference == reference
        else:
            with pytest.raises(AccueilError, match="Réessayez dans une heure"):
                retry(journal, reference, now)
            assert json.loads(journal.read(PENDING))["reference"] == "LOT-0000-0000"
            assert journal.keys("quarantine/") == [ASIDE, f"{ASIDE}.why"]

    def test_its_own_copy_is_no_other_request_however_old(self, journal):
        reference = put_aside(journal, suspect="")
        journal.create(PENDING, journal.read(ASIDE))
        retry(journal, reference, MORNING + timedelta(days=1))
        assert Entry.from_json(journal.read(PENDING)).reference == reference


class TestContent:
    def test_an_entry_is_shown_by_the_sheet_s_headers_without_blank_ones(self, journal):
        reference = arrive(journal, last_name="Durand")
        item, answers = operator.content(journal, reference)
        assert item.reference == reference
        assert answers["Nom"] == "Durand"
        assert answers["Territoire visé"] == "Figeac"
        assert "Organisme" not in answers
        assert all(answers.values())

    def test_what_is_set_aside_comes_first(self, journal):
        reference = put_aside(journal)
        arrive(journal)
        item, _ = operator.content(journal, reference)
        assert item.reason == SUSPECT

    def test_an_unknown_one_is_said(self, journal):
        with pytest.raises(AccueilError, match="ni parmi celles qui attendent"):
            operator.content(journal, "LOT-0000-0000")

    def test_of_one_whose_row_is_written_that_is_said(self, journal):
        reference = arrive(journal)
        journal.create(FILED, Tombstone(reference, "f", MORNING).to_json())
        journal.delete(PENDING)
        with pytest.raises(AccueilError, match="Sa ligne est déjà écrite"):
            operator.content(journal, reference)


def row(reference):
    return [reference if c.key == "reference" else None for c in tab("requests").columns]


def restored(journal, *, at=1, standing=("LOT-A",), batches=None):
    """A spreadsheet as batch `at` left it, and a journal that went on to batch 3."""
    filed = batches or {1: ("LOT-A", "LOT-B"), 2: ("LOT-C",), 3: ("LOT-D", "LOT-A")}
    for number, references in filed.items():
        fence = Fence(number, MORNING, "t")
        entries = tuple(
            Filed(f"{number}{reference[-1]}", reference, "f", json.dumps({"reference": reference}))
            for reference in references
        )
        batch = Batch(fence, "memory", {}, (), entries)
        journal.create(f"batches/{fence.key}", batch.to_json())
        mark = SettledMark(MORNING, tuple(entry.name for entry in entries))
        journal.create(f"settled/{fence.key}", mark.to_json())
        for entry in entries:
            stone = Tombstone(entry.reference, "f", MORNING)
            journal.create(f"filed/{entry.name}", stone.to_json())
    titles = {key: [c.title for c in tab(key).columns] for key in ("requests", "system")}
    fence = Fence(at, MORNING, "t")
    grids = {
        "requests": [titles["requests"], *map(row, standing)],
        "system": [titles["system"], [system_text(fence, "memory"), 2.0]],
    }
    return MemoryWorkbook(grids)


class TestMissing:
    def test_what_was_filed_later_and_stands_nowhere_is_missing(self, journal):
        missing = operator.missing(journal, restored(journal))
        # LOT-B belongs to batch 1: people had deleted its row before.
        assert sorted(reference for reference, _ in missing.bodies.values()) == ["LOT-C", "LOT-D"]
        assert "version antérieure" in missing.mismatch
        assert missing.forgotten == ()

    def test_a_spreadsheet_that_is_up_to_date_lacks_nothing(self, journal):
        missing = operator.missing(journal, restored(journal, at=3))
        assert (missing.bodies, missing.forgotten, missing.mismatch) == ({}, (), "")

    def test_what_the_journal_has_forgotten_is_named(self, journal):
        workbook = restored(journal)
        journal.delete("batches/000000003-t")
        missing = operator.missing(journal, workbook)
        assert [reference for reference, _ in missing.bodies.values()] == ["LOT-C"]
        assert missing.forgotten == ("LOT-D",)  # LOT-A stands in the spreadsheet
        journal.delete("filed/3D")
        assert operator.missing(journal, workbook).forgotten == ("3D",)

    def test_what_is_forgotten_hides_nothing_that_came_after_it(self, journal):
        workbook = restored(journal)
        journal.delete("batches/000000002-t")
        missing = operator.missing(journal, workbook)
        assert [reference for reference, _ in missing.bodies.values()] == ["LOT-D"]
        assert missing.forgotten == ("LOT-C",)
        # Whoever accepts a copy has not accepted this one.
        copy = MemoryWorkbook(workbook.grids, "copy")
        assert operator.missing(journal, copy).key != missing.key

    def test_wherever_filing_again_is_cut_off_nothing_is_accepted_too_early(self):
        """Once it is accepted, route goes on, and nobody would ask for the rest any more."""
        workbook = restored(open_journal("memory:///"))

        def refile(journal):
            operator.refile(journal, operator.missing(journal, workbook))

        cuts = list(killed_anywhere(restored, refile))
        assert len(cuts) == 4
        for journal in cuts:
            accepted = bool(journal.keys("accepted/"))
            waiting = journal.keys("pending/")
            assert not accepted or len(waiting) == 2
            refile(journal)
            assert len(journal.keys("pending/")) == 2  # none of them twice
            assert len(journal.keys("accepted/")) == 1
            bodies = [json.loads(journal.read(key)) for key in journal.keys("pending/")]
            assert sorted(body["reference"] for body in bodies) == ["LOT-C", "LOT-D"]

    def test_copies_have_names_of_their_own_whose_tombstones_are_not_there(self, journal):
        operator.refile(journal, operator.missing(journal, restored(journal)))
        for key in journal.keys("pending/"):
            assert journal.read(key.replace("pending/", "filed/")) is None


def test_a_clock_is_taken_by_itself(journal):
    reference = put_aside(journal)
    other = json.loads(journal.read(ASIDE)) | {"reference": "LOT-0000-0000"}
    other["received_at"] = datetime.now(UTC).isoformat(timespec="seconds")
    journal.create(PENDING, json.dumps(other).encode())
    with pytest.raises(AccueilError, match="Réessayez dans une heure"):
        operator.retry(journal, reference)
