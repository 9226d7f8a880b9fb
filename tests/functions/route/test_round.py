"""What a drain decides and writes, against a workbook in memory."""

from copy import deepcopy
from datetime import timedelta

import pytest

from functions.route.drain import Drain
from functions.route.housekeeping import Housekeeping
from functions.route.progress import DrainProgress, Outcome
from functions.shared.concerns import Concern, concern_row
from functions.shared.errors import (
    WorkbookBusyError,
    WorkbookError,
    WorkbookRefusedError,
    WorkbookUnsureError,
)
from functions.shared.journal import operator
from functions.shared.journal.formats import Snapshot
from functions.shared.journal.store import open_journal
from functions.shared.mail.outbox import Outbox
from functions.shared.sheets.fence import Fence
from functions.shared.sheets.memory import MemoryWorkbook
from sheets_schema.drift import Drift
from sheets_schema.tab import tab
from tests.functions.route.arrivals import arrive
from tests.functions.route.books import (
    ANA,
    BOB,
    CORALIE,
    address,
    book,
    grid,
    person,
    rule,
    set_cell,
)
from tests.support import Clock, Postman, counter

CONTACT, PROGRESS, SETTLED = "À contacter", "Accompagnement en cours", "Installé"


@pytest.fixture
def sheet():
    return book()


@pytest.fixture
def drain(journal, sheet, clock):
    return new_drain(journal, sheet, clock)


def new_drain(journal, sheet, clock, **parts):
    tokens = counter("t")
    given = {
        "clock": clock,
        "sleep": lambda seconds: clock.advance(seconds=seconds),
        "jitter": lambda: 0.5,
        "new_token": lambda: next(tokens),
    }
    return Drain(journal, sheet, **given | parts)


def outcome(drain, clock, *, sweep=False):
    progress = DrainProgress(clock().replace(year=2027), 500)
    progress.sweep = sweep
    return drain._round(progress)


def history(sheet):
    return [
        tuple(row.get(key, "") for key in ("reference", "event", "before", "after", "referent"))
        for row in sheet.rows("tracking")
    ]


class TestSharing:
    """How busy people are, a drain that is no sweep knows from the journal."""

    TWO = (rule(1, f"{ANA}, {BOB}"),)

    def names(self, sheet):
        return [row.get("referent", "") for row in sheet.rows("requests")]

    def test_it_goes_on_from_drain_to_drain_and_a_sweep_counts_what_people_close(
        self, journal, clock
    ):
        sheet = book(rules=self.TWO)
        drain = new_drain(journal, sheet, clock)
        for number in (1, 2, 3):
            arrive(journal, number)
            clock.advance(seconds=60)
            assert outcome(drain, clock) is Outcome.COMMITTED
        assert self.names(sheet) == [ANA, BOB, ANA]
        for row in (1, 3):
            set_cell(sheet, "requests", row, "status", "Clos sans suite")
        assert outcome(drain, clock, sweep=True) is Outcome.COMMITTED
        arrive(journal, 4)
        # Another process, which has to read what this one left in the journal.
        assert outcome(new_drain(journal, sheet, clock), clock) is Outcome.COMMITTED
        assert self.names(sheet)[3] == ANA

    def test_of_two_who_have_as_much_the_one_who_waited_longer_is_next(self, journal, clock):
        sheet = book(rules=self.TWO)
        drain = new_drain(journal, sheet, clock)
        arrive(journal, 1)
        assert outcome(drain, clock) is Outcome.COMMITTED
        set_cell(sheet, "requests", 1, "status", "Clos sans suite")
        assert outcome(drain, clock, sweep=True) is Outcome.COMMITTED
        arrive(journal, 2)
        assert outcome(drain, clock) is Outcome.COMMITTED
        assert self.names(sheet) == [ANA, BOB]

    def test_a_request_that_somebody_hands_over_counts_for_who_gets_it(self, journal, clock):
        sheet = book(rules=self.TWO)
        drain = new_drain(journal, sheet, clock)
        arrive(journal, 1)
        assert outcome(drain, clock) is Outcome.COMMITTED
        clock.advance(minutes=1)
        set_cell(sheet, "requests", 1, "referent", BOB)
        set_cell(sheet, "requests", 1, "status", "Clos sans suite")
        assert outcome(drain, clock, sweep=True) is Outcome.NOTHING_TO_DO  # a person may go on
        clock.advance(minutes=1)
        assert outcome(drain, clock, sweep=True) is Outcome.COMMITTED
        arrive(journal, 2)
        assert outcome(drain, clock) is Outcome.COMMITTED
        assert self.names(sheet) == [BOB, ANA]

    def test_a_sweep_that_writes_nothing_hands_on_who_waited(self, journal, clock, monkeypatch):
        monkeypatch.setattr("functions.route.decide.swept.MOST_BATCHES", 0)
        sheet = book(rules=self.TWO)
        drain = new_drain(journal, sheet, clock)
        for number in (1, 2, 3):
            arrive(journal, number)
            clock.advance(seconds=60)
            assert outcome(drain, clock) is Outcome.COMMITTED
        del sheet.grids["requests"][3]  # Ana's second
        assert outcome(drain, clock, sweep=True) is Outcome.NOTHING_TO_DO
        arrive(journal, 4)
        assert outcome(drain, clock) is Outcome.COMMITTED
        assert self.names(sheet) == [ANA, BOB, BOB]

    def test_nothing_more_is_read_of_the_sheet_for_it(self, journal, clock):
        sheet = book(rules=self.TWO)
        parts = []
        read = sheet.read
        sheet.read = lambda wanted, *more: parts.append(wanted["requests"]) or read(wanted, *more)
        arrive(journal, 1)
        assert outcome(new_drain(journal, sheet, clock), clock) is Outcome.COMMITTED
        assert parts == ["end"]

    def test_who_is_full_gets_the_oldest_that_waits_once_something_is_closed(self, journal, clock):
        sheet = book(rules=[rule(1, ANA)], people=[person(ANA, max_open=1.0)], coordination=[])
        drain = new_drain(journal, sheet, clock)
        for number in (1, 2, 3):
            arrive(journal, number, at=clock.advance(minutes=1) or clock())
            assert outcome(drain, clock) is Outcome.COMMITTED
        assert self.names(sheet) == [ANA, "", ""]
        sheet.grids["requests"][2:] = reversed(sheet.grids["requests"][2:])
        set_cell(sheet, "requests", 1, "status", "Clos sans suite")
        for _ in range(3):
            clock.advance(minutes=2)
            outcome(drain, clock, sweep=True)
        assert self.names(sheet) == [ANA, "", ANA]


class TestOutcomes:
    def test_nothing_pending_is_nothing_to_do(self, drain, clock):
        assert outcome(drain, clock) is Outcome.NOTHING_TO_DO
        assert outcome(drain, clock, sweep=True) is Outcome.NOTHING_TO_DO

    def test_a_pause_stops_before_anything_is_written(self, journal, clock):
        sheet = book(coordination=[{"pause": "Oui"}])
        arrive(journal)
        assert outcome(new_drain(journal, sheet, clock), clock) is Outcome.PAUSED
        assert sheet.rows("requests") == []

    @pytest.mark.parametrize("text", ["oui", " OUI ", "x", "vrai"])
    def test_a_pause_is_read_however_it_is_written(self, text, journal, clock):
        sheet = book(coordination=[{"pause": text}])
        arrive(journal)
        assert outcome(new_drain(journal, sheet, clock), clock) is Outcome.PAUSED

    def test_a_request_is_committed(self, drain, journal, sheet, clock):
        reference = arrive(journal)
        assert outcome(drain, clock) is Outcome.COMMITTED
        (row,) = sheet.rows("requests")
        assert (row["reference"], row["referent"], row["status"]) == (reference, ANA, CONTACT)
        assert outcome(drain, clock) is Outcome.NOTHING_TO_DO

    def test_a_number_that_another_writer_took_is_overtaken(self, drain, journal, sheet, clock):
        arrive(journal)
        late = [new_drain(journal, sheet, clock, new_token=lambda: "other")]
        commit = sheet.commit

        def overtake(batch):
            if late:
                late.pop()()
            return commit(batch)

        sheet.commit = overtake
        assert outcome(drain, clock) is Outcome.OVERTAKEN
        assert outcome(drain, clock) is Outcome.NOTHING_TO_DO
        assert len(sheet.rows("requests")) == 1

    def test_a_refused_batch_is_tried_again_and_again_with_less(self, drain, journal, sheet, clock):
        references = {arrive(journal, number) for number in range(1, 5)}
        bad = min(references)
        commit = sheet.commit

        def refuse(batch):
            if any(row["reference"] == bad for row in batch.rows["requests"]):
                raise WorkbookRefusedError("refusé")
            return commit(batch)

        sheet.commit = refuse
        assert outcome(drain, clock) is Outcome.REFUSED
        drain()
        assert {row["reference"] for row in sheet.rows("requests")} == references - {bad}
        assert [row["place"] for row in sheet.rows("to_check")] == [bad]
        assert len(journal.keys("quarantine/")) == 2

    def test_what_another_call_left_is_recovered(self, drain, journal, sheet, clock):
        arrive(journal)
        drain._round._settler.settle = lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
        with pytest.raises(KeyboardInterrupt):
            drain()
        fresh = new_drain(journal, sheet, clock)
        assert outcome(fresh, clock) is Outcome.RECOVERED
        assert len(sheet.rows("requests")) == 1
        assert journal.keys("pending/") == []

    def test_suspects_whose_lines_stand_already_are_set_aside_without_a_batch(
        self, drain, journal, sheet, clock
    ):
        reference = arrive(journal, suspect="honeypot")
        subject = "Demande mise à part, suspecte : champ invisible rempli."
        line = concern_row(Concern(reference, subject, "Voyez."), clock())
        sheet.grids["to_check"] = grid("to_check", line)
        assert outcome(drain, clock) is Outcome.SET_ASIDE
        assert journal.keys("pending/") == []


class TestBelongingTogether:
    @pytest.fixture
    def grown(self, drain, journal, sheet, clock):
        """A workbook of two batches, and how it stood after the first."""
        arrive(journal, 1)
        drain()
        clock.advance(hours=2)
        older = deepcopy((sheet.grids, sheet.named_ranges))
        arrive(journal, 2)
        drain()
        arrive(journal, 3)
        return older

    @pytest.mark.usefixtures("grown")
    def test_a_copy_is_not_written_to_until_it_is_accepted(self, journal, sheet, clock):
        copy = MemoryWorkbook(sheet.grids, "copy")
        copy.named_ranges = dict(sheet.named_ranges)
        drain = new_drain(journal, copy, clock)
        with pytest.raises(WorkbookError, match="copie d'un autre"):
            drain()
        journal.create("accepted/" + "0" * 32, b"{}")  # what was accepted is something else
        with pytest.raises(WorkbookError, match="copie d'un autre"):
            drain()
        assert len(copy.rows("requests")) == 2
        operator.accept(journal, operator.missing(journal, copy).key)
        assert drain() == 1
        assert len(copy.rows("requests")) == 3

    def test_a_restored_version_is_not_written_to_until_it_is_filled_again(
        self, grown, drain, journal, sheet
    ):
        sheet.grids, sheet.named_ranges = grown
        with pytest.raises(WorkbookError, match="version antérieure"):
            drain()
        assert len(sheet.rows("requests")) == 1
        operator.refile(journal, operator.missing(journal, sheet))
        assert drain() == 2
        assert len(sheet.rows("requests")) == 3

    @pytest.mark.usefixtures("grown")
    def test_the_journal_of_another_workbook_is_found_out(self, sheet, clock):
        other = open_journal("memory:///")
        arrive(other, 4)
        with pytest.raises(WorkbookError, match="ne vont pas ensemble"):
            new_drain(other, sheet, clock)()
        assert len(sheet.rows("requests")) == 2


class TestSuspects:
    @pytest.mark.parametrize(
        ("days", "said"), [(None, False), (30, "effacée le 23 décembre.")], ids=["kept", "purged"]
    )
    def test_the_line_says_until_when_one_is_kept(self, days, said, journal, sheet, clock):
        keep = Housekeeping(journal, timedelta(days=days), clock) if days else None
        reference = arrive(journal, suspect="honeypot")
        new_drain(journal, sheet, clock, housekeeping=keep)()
        (line,) = sheet.rows("to_check")
        assert line["place"] == reference
        assert line["subject"] == "Demande mise à part, suspecte : champ invisible rempli."
        assert line["action"].endswith(said) if said else "effacée" not in line["action"]


class TestHistory:
    def test_an_assignment_is_an_event(self, drain, journal, sheet):
        reference = arrive(journal)
        drain()
        assert history(sheet) == [(reference, "Attribuée", "", ANA, ANA)]

    def test_a_row_typed_by_hand_is_completed(self, drain, sheet, clock):
        typed = {"last_name": "Petit", "phone": "06 12 34 56 78", "target": "Figeac"}
        typed |= {"project": "Trouver un emploi"}
        sheet.grids["requests"] = book(requests=[typed]).grids["requests"]
        drain(sweep=True)
        clock.advance(minutes=5)
        drain(sweep=True)
        (row,) = sheet.rows("requests")
        assert history(sheet) == [(row["reference"], "Complétée", "", ANA, ANA)]

    def test_what_people_change_between_two_sweeps_is_told_once(self, drain, journal, sheet, clock):
        first, second = arrive(journal, 1), arrive(journal, 2)
        drain()
        set_cell(sheet, "requests", 1, "status", PROGRESS)
        set_cell(sheet, "requests", 2, "referent", BOB)
        set_cell(sheet, "requests", 2, "last_contact_on", 46349.0)
        for _ in range(3):
            clock.advance(minutes=5)
            drain(sweep=True)
        assert history(sheet)[2:] == [
            (first, "Statut changé", CONTACT, PROGRESS, ANA),
            (second, "Transmise", ANA, BOB, BOB),
            (second, "Premier contact", "", "23/11/2026", BOB),
        ]
        set_cell(sheet, "requests", 1, "status", SETTLED)
        sheet.grids["requests"][1:] = reversed(sheet.grids["requests"][1:])
        clock.advance(minutes=5)
        drain(sweep=True)
        assert history(sheet)[5:] == [(first, "Installation", PROGRESS, SETTLED, ANA)]

    def test_a_referent_whom_nobody_knows_is_kept_and_noted_once(
        self, drain, journal, sheet, clock
    ):
        reference = arrive(journal)
        drain()
        set_cell(sheet, "requests", 1, "referent", "Ana")
        for _ in range(3):
            clock.advance(minutes=5)
            drain(sweep=True)
            for line in range(1, len(sheet.grids["to_check"])):
                set_cell(sheet, "to_check", line, "done", "Oui")
        assert sheet.rows("requests")[0]["referent"] == "Ana"
        (line,) = sheet.rows("to_check")
        assert line["place"] == reference
        assert "« Ana Roux »" in line["action"]

    def test_so_much_that_people_change_at_once_is_told_in_several_batches(
        self, drain, journal, sheet, clock, monkeypatch
    ):
        monkeypatch.setattr("functions.route.decide.sight.MAX_EVENTS", 3)
        references = [arrive(journal, number) for number in range(1, 6)]
        drain(sweep=True)
        for row in range(1, 6):
            set_cell(sheet, "requests", row, "status", PROGRESS)
            set_cell(sheet, "requests", row, "last_contact_on", 46349.0)
        batches = len(journal.keys("batches/"))
        clock.advance(minutes=5)
        drain(sweep=True)
        events = [event[:2] for event in history(sheet)[5:]]
        kinds = ("Premier contact", "Statut changé")
        assert sorted(events) == sorted((name, kind) for name in references for kind in kinds)
        assert len(journal.keys("batches/")) - batches > 1

    def test_the_first_sweep_of_a_workbook_in_use_tells_nothing(self, journal, clock):
        old = {"reference": "LOT-0000-0012", "last_name": "Petit", "referent": ANA}
        sheet = book(requests=[old | {"status": SETTLED}])
        drain = new_drain(journal, sheet, clock)
        arrive(journal)
        drain(sweep=True)
        set_cell(sheet, "requests", 1, "status", PROGRESS)
        clock.advance(minutes=5)
        drain(sweep=True)
        events = [event for event in history(sheet) if event[0] == "LOT-0000-0012"]
        assert events == [("LOT-0000-0012", "Statut changé", SETTLED, PROGRESS, ANA)]

    def test_what_the_system_gives_a_row_is_not_taken_for_somebody_s(
        self, drain, journal, sheet, clock
    ):
        reference = arrive(journal)
        drain(sweep=True)
        set_cell(sheet, "requests", 1, "referent", None)
        for _ in range(4):
            clock.advance(minutes=5)
            drain(sweep=True)
        assert sheet.rows("requests")[0]["referent"] == ANA
        assert history(sheet)[1:] == [
            (reference, "Rendue", ANA, "", ""),
            (reference, "Attribuée", "", ANA, ANA),
        ]
        set_cell(sheet, "requests", 1, "status", PROGRESS)
        clock.advance(minutes=5)
        drain(sweep=True)
        assert history(sheet)[3:] == [
            (reference, "Prise en charge", "", ANA, ANA),
            (reference, "Statut changé", CONTACT, PROGRESS, ANA),
        ]

    def test_what_stands_where_an_edit_did_not_hold_is_told(self, drain, journal, sheet, clock):
        reference = arrive(journal)
        drain(sweep=True)
        set_cell(sheet, "requests", 1, "referent", None)
        clock.advance(minutes=5)
        drain(sweep=True)
        commit = sheet.commit

        def choose_first(batch):
            set_cell(sheet, "requests", 1, "referent", BOB)
            return commit(batch)

        sheet.commit = choose_first
        clock.advance(minutes=5)
        drain(sweep=True)
        sheet.commit = commit
        for _ in range(2):
            clock.advance(minutes=5)
            drain(sweep=True)
        assert sheet.rows("requests")[0]["referent"] == BOB
        assert history(sheet)[2:] == [
            (reference, "Attribuée", "", ANA, ANA),
            (reference, "Correction", "", BOB, BOB),
            (reference, "Attribuée", "", BOB, BOB),
        ]

    def test_what_people_change_in_a_row_that_is_being_edited_is_told(
        self, drain, journal, sheet, clock
    ):
        reference = arrive(journal)
        drain(sweep=True)
        set_cell(sheet, "requests", 1, "referent", None)
        clock.advance(minutes=5)
        drain(sweep=True)
        clock.advance(minutes=5)
        drain(sweep=True)
        set_cell(sheet, "requests", 1, "status", PROGRESS)
        clock.advance(minutes=5)
        drain(sweep=True)
        assert history(sheet)[-1] == (reference, "Statut changé", CONTACT, PROGRESS, ANA)

    @pytest.mark.parametrize("written", [False, True])
    def test_a_process_killed_around_the_write_tells_each_event_once(
        self, written, drain, journal, sheet, clock
    ):
        reference = arrive(journal)
        drain(sweep=True)
        set_cell(sheet, "requests", 1, "status", PROGRESS)
        commit = sheet.commit

        def die(batch):
            if written:
                commit(batch)
            raise KeyboardInterrupt

        sheet.commit = die
        clock.advance(minutes=5)
        with pytest.raises(KeyboardInterrupt):
            new_drain(journal, sheet, clock)(sweep=True)
        sheet.commit = commit
        for _ in range(3):
            clock.advance(minutes=5)
            new_drain(journal, sheet, clock)(sweep=True)
        assert history(sheet)[1:] == [(reference, "Statut changé", CONTACT, PROGRESS, ANA)]

    def test_an_illegible_snapshot_stops_nothing(self, drain, journal, sheet, clock):
        arrive(journal)
        drain(sweep=True)
        (key,) = journal.keys("snapshots/")
        journal.delete(key)
        journal.create(key, b"{not json")
        arrive(journal, 2)
        clock.advance(minutes=5)
        drain(sweep=True)
        assert len(sheet.rows("requests")) == 2
        Snapshot.from_json(journal.read(journal.keys("snapshots/")[-1]))

    def test_few_snapshots_are_kept(self, drain, journal, sheet, clock):
        arrive(journal)
        drain(sweep=True)
        for number in range(6):
            set_cell(sheet, "requests", 1, "status", (PROGRESS, CONTACT)[number % 2])
            clock.advance(minutes=5)
            drain(sweep=True)
        assert len(history(sheet)) == 7
        assert len(journal.keys("snapshots/")) <= 2


class TestQuietSweep:
    @pytest.fixture
    def reads(self, sheet):
        read, asked = sheet.read, []

        def count(parts):
            asked.append(parts)
            return read(parts)

        sheet.read = count
        return asked

    def test_a_sweep_reads_nothing_as_long_as_nobody_changes_anything(
        self, drain, journal, sheet, clock, reads
    ):
        arrive(journal)
        for _ in range(3):
            clock.advance(minutes=5)
            drain(sweep=True)
        reads.clear()
        for _ in range(5):
            clock.advance(minutes=5)
            drain(sweep=True)
        assert reads == []
        set_cell(sheet, "requests", 1, "status", PROGRESS)
        clock.advance(minutes=5)
        drain(sweep=True)
        assert len(reads) == 1
        assert history(sheet)[1][1] == "Statut changé"

    def test_it_reads_once_an_hour_all_the_same(self, drain, clock, reads):
        drain(sweep=True)  # it makes the filter views, which changes the workbook
        drain(sweep=True)
        reads.clear()
        clock.advance(minutes=59)
        drain(sweep=True)
        assert len(reads) == 0
        clock.advance(minutes=1)
        drain(sweep=True)
        assert len(reads) == 1

    def test_a_workbook_whose_version_nobody_knows_is_read_each_time(self, drain, sheet, reads):
        sheet.version = lambda: ""
        for _ in range(3):
            drain(sweep=True)
        assert len(reads) == 3

    def test_a_row_that_waits_for_somebody_is_looked_at_each_time(self, drain, sheet, clock):
        sheet.grids["requests"] = grid("requests", {"last_name": "Petit"})
        for _ in range(3):
            clock.advance(hours=13)
            drain(sweep=True)
        subjects = [row["subject"] for row in sheet.rows("to_check")]
        assert any("n'est pas complète" in subject for subject in subjects)

    def test_rows_that_google_refused_to_complete_are_tried_again(
        self, drain, journal, sheet, clock, capsys
    ):
        arrive(journal)
        drain()
        set_cell(sheet, "requests", 1, "referent", None)
        drain(sweep=True)
        commit, refusals = sheet.commit, [WorkbookRefusedError("requests[4]") for _ in range(2)]

        def refuse(batch):
            if refusals:
                raise refusals.pop()
            return commit(batch)

        sheet.commit = refuse
        for _ in range(2):
            clock.advance(minutes=5)
            drain(sweep=True)
        assert sheet.rows("requests")[0]["referent"] == ANA
        assert capsys.readouterr().out.count("requests[4]") == 2

    def test_what_arrives_is_filed_whatever_the_version(self, drain, journal, sheet):
        drain(sweep=True)
        arrive(journal)
        drain(sweep=True)
        assert len(sheet.rows("requests")) == 1


class TestOlderWorkbook:
    """The code of version 2 before a workbook of version 1: the order of deployment is free."""

    @pytest.fixture
    def older(self):
        sheet = book()
        for key in ("tracking", "system"):
            keep = [at for at, c in enumerate(tab(key).columns) if c.since == 1]
            grid = sheet.grids[key]
            grid[:] = [[row[at] for at in keep if at < len(row)] for row in grid]
        return sheet

    def test_new_columns_are_not_written_and_are_reported_once(self, older, journal, clock):
        drain = new_drain(journal, older, clock)
        reference = arrive(journal)
        drain()
        arrive(journal, 2)
        drain()
        assert older.rows("tracking")[0]["reference"] == reference
        assert older.rows("tracking")[0].keys() == {"reference", "noted_at", "referent", "reason"}
        (line,) = older.rows("to_check")
        assert line["subject"] == "Ce classeur n'a pas encore : « Événement », « De », « À »."
        assert "accueil sheet apply" in line["action"]

    def test_only_who_has_a_request_anew_is_told_where_events_have_no_name(
        self, older, journal, clock
    ):
        drain = new_drain(journal, older, clock)
        arrive(journal)
        drain(sweep=True)
        set_cell(older, "requests", 1, "status", PROGRESS)
        clock.advance(minutes=5)
        drain(sweep=True)
        set_cell(older, "requests", 1, "referent", BOB)
        for _ in range(2):
            clock.advance(minutes=5)
            drain(sweep=True)
        assert [row["referent"] for row in older.rows("tracking")] == [ANA, BOB]

    def test_a_known_header_that_is_renamed_still_stops_it(self, older, journal, clock):
        older.grids["tracking"][0][0] = "Réf."
        arrive(journal)
        with pytest.raises(WorkbookError, match="« Référence »"):
            new_drain(journal, older, clock)()
        assert older.rows("requests") == []

    def test_a_new_header_that_goes_missing_later_stops_it_too(self, journal, clock):
        sheet = book()
        sheet.grids["tracking"][0][2] = "Evt"
        arrive(journal)
        with pytest.raises(WorkbookError, match="« Événement »"):
            new_drain(journal, sheet, clock)()


class TestWriter:
    """The pace of calls, and which errors are tried again."""

    def test_writes_are_spaced_whatever_they_are_for(self, drain, journal, sheet, clock):
        """A write takes a turn, and so does what ends its row edits: 48 a minute at most."""
        arrive(journal)
        drain()
        begun = clock()
        set_cell(sheet, "requests", 1, "referent", None)
        drain(sweep=True)
        clock.advance(minutes=1)
        drain(sweep=True)
        free = drain._round.writer._free
        assert (free - clock()).total_seconds() == pytest.approx(2.5)
        assert begun < free

    @pytest.mark.parametrize("error", [WorkbookBusyError, WorkbookUnsureError])
    def test_what_ends_row_edits_is_tried_again(self, error, drain, journal, sheet, clock):
        arrive(journal)
        drain()
        set_cell(sheet, "requests", 1, "referent", None)
        replace, failures = sheet.replace, [error("plus tard")] * 2

        def fail(*given):
            if failures:
                raise failures.pop()
            replace(*given)

        sheet.replace = fail
        for _ in range(2):
            clock.advance(minutes=5)
            drain(sweep=True)
        assert failures == []
        assert sheet.rows("requests")[0]["referent"] == ANA


class TestMails:
    @pytest.fixture
    def postman(self):
        return Postman()

    @pytest.fixture
    def telling(self, journal, sheet, clock, postman):
        outbox = Outbox(journal, postman, "accueil@example.org", "https://example.org", clock)
        return new_drain(journal, sheet, clock, outbox=outbox)

    def test_whoever_chose_herself_is_not_told_what_she_did(self, telling, sheet, clock, postman):
        typed = {"last_name": "Petit", "referent": BOB}
        sheet.grids["requests"] = book(requests=[typed]).grids["requests"]
        for _ in range(2):
            clock.advance(minutes=5)
            telling(sweep=True)
        assert sheet.rows("requests")[0]["reference"].startswith("LOT-")
        assert postman.addressees == []

    def test_the_default_referent_s_address_stands_in_coordination(self, journal, clock, postman):
        sheet = book(rules=[rule(1, "Personne")])
        outbox = Outbox(journal, postman, "accueil@example.org", "https://example.org", clock)
        arrive(journal)
        new_drain(journal, sheet, clock, outbox=outbox)()
        assert sheet.rows("requests")[0]["referent"] == CORALIE
        assert postman.addressees == ["coralie.vidal@example.org"]

    def test_what_there_is_to_say_of_a_recipient_during_a_pause_is_said_after_it(
        self, telling, journal, sheet, clock, postman
    ):
        postman.refused = {address(ANA)}
        arrive(journal)
        new_drain(journal, sheet, clock, new_token=lambda: "other")()
        set_cell(sheet, "coordination", 1, "pause", "Oui")
        telling(sweep=True)
        assert sheet.rows("to_check") == []
        set_cell(sheet, "coordination", 1, "pause", None)
        for _ in range(2):
            clock.advance(minutes=5)
            telling(sweep=True)
        (line,) = sheet.rows("to_check")
        assert (
            line["subject"]
            == "L'adresse enregistrée pour Ana Roux est refusée : ana.roux@example.org."
        )

    def test_no_mail_goes_to_an_address_that_a_process_read_long_ago(
        self, telling, journal, sheet, clock, postman
    ):
        arrive(journal)
        telling()
        people = [person(ANA, email="nouvelle@example.org")]
        sheet.grids["referents"] = book(people=people).grids["referents"]
        arrive(journal, 2)
        new_drain(journal, sheet, clock, new_token=lambda: "other")()
        telling()
        assert postman.addressees == ["ana.roux@example.org"]
        telling(sweep=True)
        assert postman.addressees == ["ana.roux@example.org", "nouvelle@example.org"]

    def test_a_sweep_that_reads_nothing_sends_what_waits(
        self, telling, journal, sheet, clock, postman
    ):
        telling(sweep=True)
        version = sheet.version()
        arrive(journal)
        new_drain(journal, sheet, clock)()
        sheet.version = lambda: version  # as long as Drive lags
        telling(sweep=True)
        assert postman.addressees == ["ana.roux@example.org"]

    def test_somebody_without_an_address_is_told_once_it_is_there(
        self, telling, journal, sheet, clock, postman
    ):
        arrive(journal)
        new_drain(journal, sheet, clock)()
        sheet.grids["referents"] = book(people=[person(BOB)]).grids["referents"]
        telling(sweep=True)
        assert postman.addressees == []
        subjects = [row["subject"] for row in sheet.rows("to_check")]
        assert f"Aucune adresse pour {ANA} : ses courriels attendent." in subjects
        sheet.grids["referents"] = book().grids["referents"]
        telling(sweep=True)
        assert postman.addressees == ["ana.roux@example.org"]


def test_a_purge_forgets_nothing_that_waits(journal, sheet, clock):
    keep = Housekeeping(journal, clock=clock, keep=clock() - clock().replace(year=2025))
    drain = new_drain(journal, sheet, clock, housekeeping=keep)
    arrive(journal)
    drain(sweep=True)
    assert len(sheet.rows("requests")) == 1


def test_fences_of_an_hour_ago_go_with_the_next_batch(drain, journal, sheet, clock):
    arrive(journal, 1)
    drain()
    clock.advance(minutes=61)
    arrive(journal, 2)
    drain()
    clock.advance(minutes=1)
    arrive(journal, 3)
    drain()
    numbers = sorted(sheet.named_ranges)
    assert numbers == [Fence(number, Clock()(), "").range_id for number in (2, 3)]


class TestFloodOfProblems:
    def test_ten_thousand_bad_rules_are_five_lines_and_a_count(self, journal, clock):
        bad = [rule(number, ANA, territory="Nulle part") for number in range(1, 10_001)]
        sheet = book(rules=[*bad, rule(20_000, ANA)])
        arrive(journal)
        new_drain(journal, sheet, clock)()
        lines = sheet.rows("to_check")
        assert len(lines) == 6
        assert lines[-1]["subject"].startswith("Et 9995 autres problèmes dans cet onglet")
        assert sheet.rows("requests")[0]["referent"] == ANA
        arrive(journal)
        new_drain(journal, sheet, clock)()
        assert len(sheet.rows("to_check")) == 6


class TestStopping:
    def test_no_batch_is_begun_once_the_process_is_to_end(self, journal, sheet, clock):
        arrive(journal)
        assert new_drain(journal, sheet, clock, is_stopping=lambda: True)() == 0
        assert sheet.rows("requests") == []
        assert new_drain(journal, sheet, clock)() == 1

    def test_a_call_is_not_tried_again(self, journal, sheet, clock):
        stopping, slept = [], []

        def fail(_):
            stopping.append(True)
            raise WorkbookBusyError("quota")

        sheet.read = fail
        arrive(journal)
        stopped = new_drain(
            journal, sheet, clock, is_stopping=lambda: bool(stopping), sleep=slept.append
        )
        with pytest.raises(WorkbookBusyError):
            stopped()
        assert len(stopping) == 1
        assert slept == []

    def test_mails_wait(self, journal, sheet, clock):
        postman = Postman()
        outbox = Outbox(
            journal,
            postman,
            "accueil@example.org",
            "https://example.org",
            clock,
            is_stopping=lambda: True,
        )
        arrive(journal)
        new_drain(journal, sheet, clock, outbox=outbox)()
        assert postman.sent == []
        assert len(journal.keys("outbox/")) == 1


def test_what_people_changed_of_the_make_up_is_in_a_verifier_once(drain, sheet, clock):
    sheet.drifted = [Drift("Référents", "Cet onglet a été masqué.")]
    drain(sweep=True)
    assert sheet.rows("to_check") == []  # it is looked for at night
    for _ in range(50):
        clock.advance(hours=1)
        drain(sweep=True)
    (line,) = sheet.rows("to_check")
    assert (line["place"], line["subject"]) == ("Référents", "Cet onglet a été masqué.")
    assert "accueil sheet apply" in line["action"]


def test_a_line_about_the_make_up_is_ticked_off_once_it_is_mended(drain, sheet, clock):
    hidden, renamed = (Drift(title, "Cet onglet a été masqué.") for title in ("Référents", "Suivi"))

    def nights(*drifts):
        sheet.drifted = [*drifts]
        for _ in range(26):
            clock.advance(hours=1)
            drain(sweep=True)
        return [(line["place"], line.get("done")) for line in sheet.rows("to_check")]

    nights(hidden, renamed)
    assert nights(renamed) == [("Référents", "Oui"), ("Suivi", None)]
    assert "plus rien à faire" in sheet.rows("to_check")[0]["action"]
    # What comes back is said again.
    assert nights(hidden, renamed)[2:] == [("Référents", None)]
