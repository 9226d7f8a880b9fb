"""The pace of calls, which errors are tried again and for how long, and who came first."""

from datetime import timedelta

import pytest

from functions.route.commit.writer import INTERVAL, OvertakenError, Writer
from functions.shared.errors import (
    WorkbookBusyError,
    WorkbookError,
    WorkbookRefusedError,
    WorkbookUnsureError,
)
from functions.shared.sheets.backoff import TRIES
from functions.shared.sheets.fence import Fence
from functions.shared.sheets.port import Commit
from tests.functions.route.arrivals import MORNING
from tests.functions.route.books import book

LATER = MORNING + timedelta(hours=1)
BUSY, UNSURE = WorkbookBusyError("patienter"), WorkbookUnsureError("en panne")
REFUSED = WorkbookRefusedError("refusé")


class Flaky:
    """A workbook whose calls fail as they are told; `applied` ones fail after the effect."""

    def __init__(self, book):
        self.book, self.id, self.calls = book, book.id, []
        self.failures, self.applied = [], False

    def __getattr__(self, name):
        def call(*given):
            self.calls.append(name)
            if self.failures and name == self.failures[0][0]:
                _, failure = self.failures.pop(0)
                if self.applied:
                    getattr(self.book, name)(*given)
                raise failure
            return getattr(self.book, name)(*given)

        return call

    def fail(self, name, *failures, applied=False):
        self.failures += [(name, failure) for failure in failures]
        self.applied = applied


@pytest.fixture
def sheet():
    return Flaky(book())


@pytest.fixture
def waits():
    return []


@pytest.fixture
def writer(sheet, clock, waits):
    def sleep(seconds):
        waits.append(seconds)
        clock.advance(seconds=seconds)

    return Writer(sheet, clock, sleep, lambda: 0.5)


def commit(sheet, number=1, token="mine"):
    seen = sheet.book.read({"requests": "header", "system": "all"})
    return Commit(Fence(number, MORNING, token), sheet.id, seen)


class TestPace:
    def test_the_first_turn_is_free_and_the_next_a_second_and_a_quarter_later(self, writer, waits):
        writer.wait_for_turn()
        assert waits == []
        writer.take_turn()
        writer.wait_for_turn()
        assert waits == [1.25]
        assert timedelta(minutes=1) / INTERVAL == 48

    def test_the_rest_of_a_turn_is_waited_for_however_short(self, writer, waits, clock):
        writer.take_turn()
        clock.advance(seconds=1)
        writer.wait_for_turn()
        assert waits == [0.25]

    def test_turns_add_up(self, writer, waits):
        for _ in range(3):
            writer.take_turn()
        writer.wait_for_turn()
        assert waits == [3.75]

    def test_time_that_went_by_is_not_saved_up(self, writer, waits, clock):
        writer.take_turn()
        clock.advance(minutes=1)
        writer.wait_for_turn()
        assert waits == []
        writer.take_turn()
        writer.wait_for_turn()
        assert waits == [1.25]

    def test_every_try_of_a_write_takes_a_turn_and_a_read_takes_none(self, writer, sheet, clock):
        writer.read({"system": "all"}, LATER)
        assert writer._free < clock()
        sheet.fail("commit", BUSY)
        writer.commit(commit(sheet), LATER)
        assert writer._free - MORNING >= 2 * INTERVAL
        before = writer._free = clock()
        sheet.fail("replace", BUSY, BUSY)
        writer.replace(sheet.book.read({"requests": "header"}), [], LATER)
        assert writer._free > before


class TestTries:
    @pytest.mark.parametrize("error", [BUSY, UNSURE])
    @pytest.mark.parametrize("name", ["read", "commit", "replace"])
    def test_a_call_is_made_five_times_with_longer_and_longer_waits(
        self, name, error, writer, sheet, waits
    ):
        sheet.fail(name, *[error] * (TRIES - 1))
        self.call(writer, sheet, name, LATER)
        assert sheet.calls.count(name) >= TRIES == 5
        assert waits == [1.0, 2.0, 4.0, 8.0]
        sheet.fail(name, *[error] * TRIES)
        with pytest.raises(type(error)):
            self.call(writer, sheet, name, LATER, number=2)

    def call(self, writer, sheet, name, until, number=1):
        if name == "read":
            writer.read({"system": "all"}, until)
        elif name == "commit":
            writer.commit(commit(sheet, number), until)
        else:
            writer.replace(sheet.book.read({"requests": "header"}), [], until)

    @pytest.mark.parametrize("error", [REFUSED, WorkbookError("autre")])
    @pytest.mark.parametrize("name", ["read", "commit", "replace"])
    def test_any_other_error_is_not_tried_again(self, name, error, writer, sheet, waits):
        sheet.fail(name, error)
        with pytest.raises(WorkbookError) as raised:
            self.call(writer, sheet, name, LATER)
        assert raised.value is error
        assert sheet.calls.count(name) == 1
        assert waits == []

    def test_jitter_makes_a_wait_half_as_long_to_half_as_long_again(self, sheet, clock):
        for jitter, expected in ((0, 0.5), (1, 1.5)):
            waits = []
            sheet.fail("read", BUSY)
            Writer(sheet, clock, waits.append, lambda: jitter).read({}, LATER)  # noqa: B023
            assert waits == [expected]

    def test_a_wait_is_never_longer_than_sixteen_seconds(self, sheet, clock, monkeypatch):
        monkeypatch.setattr("functions.shared.sheets.backoff.TRIES", 8)
        waits = []
        sheet.fail("read", *[BUSY] * 7)
        Writer(sheet, clock, waits.append, lambda: 0.5).read({}, LATER)
        assert waits == [1, 2, 4, 8, 16, 16, 16]

    @pytest.mark.parametrize("asked", [0.0, 17.0])
    def test_the_wait_that_is_asked_for_is_kept(self, asked, writer, sheet, waits):
        sheet.fail("read", WorkbookBusyError("", asked))
        writer.read({}, LATER)
        assert waits == [asked]

    @pytest.mark.parametrize(("seconds", "tried"), [(1, True), (0.999, False)])
    def test_a_wait_that_ends_too_late_is_not_begun(
        self, seconds, tried, writer, sheet, clock, waits
    ):
        sheet.fail("read", BUSY)
        until = clock() + timedelta(seconds=seconds)
        if tried:
            writer.read({}, until)
        else:
            with pytest.raises(WorkbookBusyError):
                writer.read({}, until)
        assert bool(waits) == tried


class TestFate:
    @pytest.mark.parametrize("error", [UNSURE, REFUSED])
    def test_one_that_is_written_although_it_failed_is_not_sent_again(
        self, error, writer, sheet, waits
    ):
        sheet.fail("commit", error, applied=True)
        system = writer.commit(commit(sheet), LATER)
        assert system[1][0] == "1 mine memory"
        assert sheet.calls == ["commit", "read"]
        assert waits == []

    def test_a_busy_answer_needs_no_look(self, writer, sheet):
        sheet.fail("commit", BUSY)
        writer.commit(commit(sheet), LATER)
        assert sheet.calls == ["commit", "commit"]

    @pytest.mark.parametrize("theirs", [1, 2])
    def test_another_writer_s_batch_overtakes(self, theirs, writer, sheet):
        mine = commit(sheet)
        sheet.book.commit(commit(sheet, theirs, "theirs"))
        sheet.fail("commit", REFUSED)
        with pytest.raises(OvertakenError):
            writer.commit(mine, LATER)

    def test_one_that_is_refused_for_itself_says_so(self, writer, sheet):
        writer.commit(commit(sheet), LATER)
        sheet.fail("commit", REFUSED)
        with pytest.raises(WorkbookRefusedError):
            writer.commit(commit(sheet, 2), LATER)
