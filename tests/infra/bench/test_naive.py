import gspread
import pytest

from infra.bench import naive
from infra.bench.sheet import classeur
from infra.emulator.misbehaviour.quota import Limits, Quota
from infra.emulator.misbehaviour.rules import Rule


@pytest.fixture
def sheet():
    with classeur() as made:
        yield made


@pytest.fixture
def demandes(sheet):
    return naive.open_tab("demo", sheet.url)


def rows(sheet, *references):
    return [naive.line(sheet.header, reference, "Martin") for reference in references]


def test_appending_once_loses_what_is_refused_and_says_nothing(sheet, demandes):
    sheet.gate.quota = Quota(writes=Limits(user=2))
    writer = naive.AppendOnce(demandes)
    for row in rows(sheet, "A", "B", "C"):
        writer.take(row)
    assert sheet.references() == ["A", "B"]
    assert (writer.taken, writer.dropped, writer.waiting) == (3, 1, 0)


def test_retries_bring_the_row_and_double_one_whose_answer_was_lost(sheet, demandes):
    sheet.gate.faults = [
        Rule("429", on="write", at=(1,)),
        Rule("reset_after", on="write", at=(2,)),
    ]
    waits = []
    writer = naive.AppendRetrying(demandes, sleep=waits.append, jitter=lambda: 0.5)
    (row,) = rows(sheet, "A")
    writer.take(row)
    assert sheet.references() == ["A", "A"]
    assert waits == [1, 2]
    assert (writer.taken, writer.dropped) == (1, 0)


def test_retries_end(sheet, demandes):
    sheet.gate.faults = [Rule("503", on="write")]
    waits = []
    writer = naive.AppendRetrying(demandes, sleep=waits.append, jitter=lambda: 0.5)
    writer.take(rows(sheet, "A")[0])
    assert waits == [1, 2, 4, 8]
    assert (writer.taken, writer.dropped, writer.waiting) == (1, 1, 0)


def test_a_row_a_tick_reads_the_whole_tab_for_each_and_doubles_nothing(sheet, demandes):
    writer = naive.RowATick(demandes)
    for row in rows(sheet, "A", "B"):
        writer.take(row)
    sheet.gate.stats.reset()
    sheet.gate.faults = [Rule("reset_after", on="write", at=(1,))]
    for _ in range(3):
        writer.tick()
    assert sheet.references() == ["A", "B"]
    assert (sheet.gate.stats.reads, sheet.gate.stats.writes) == (6, 2)
    assert writer.waiting == 0


def test_a_row_a_tick_brings_back_what_a_person_deleted(sheet, demandes):
    writer = naive.RowATick(demandes)
    writer.take(rows(sheet, "A")[0])
    sheet.gate.faults = [Rule("reset_after", on="write", at=(1,))]
    writer.tick()
    sheet.gate.people.do("delete_request", row="A")
    writer.tick()
    assert sheet.references() == ["A"]


def test_another_error_than_googles_is_ours(sheet, demandes, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(gspread.Worksheet, "append_row", broken)
    with pytest.raises(ZeroDivisionError):
        naive.AppendOnce(demandes).take(rows(sheet, "A")[0])
