"""Exactly once: crashes, lost and late answers, second writers, restored and copied spreadsheets.

The property is always the same: every accepted request is one row, whatever happened, and no row
that people deleted is written again.
"""

import json
import re
from datetime import timedelta

import pytest
from flask import Response

from functions.shared.errors import WorkbookBusyError, WorkbookError, WorkbookUnsureError
from functions.shared.journal.store import open_journal
from functions.shared.mail.outbox import Outbox
from functions.shared.sheets.google import open_workbook
from infra.emulator.errors import ApiError, InvalidArgumentError
from tests.functions.route.books import book
from tests.support import Crash, Mortal, Postman, broken, no_answer, submit


def references(classeur):
    return sorted(row["Référence"] for row in classeur.rows())


def references_of(sheet):
    return sorted(row["reference"] for row in sheet.rows("requests"))


def only_written(journal):
    """Of the batches, the journal keeps those that were written."""
    written = [key.replace("settled/", "batches/") for key in journal.keys("settled/")]
    return journal.keys("batches/") == written


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("effect", range(1, 15))
def test_a_crash_around_any_effect_loses_and_doubles_nothing(
    effect, after, new_drain, clock, monkeypatch
):
    sheet, journal = book(), open_journal("memory:///")
    # So that effects have an order.
    monkeypatch.setattr("functions.route.commit.settle.PARALLEL", 1)
    postman = Postman()

    def outbox(journal, postman):
        return Outbox(journal, postman, "accueil@example.org", "https://example.org", clock)

    accepted = [submit(journal, key="a"), submit(journal, key="b")]
    expected, sent = set(accepted), list(accepted)
    life = [effect]
    parts = (journal, sheet, postman)
    mortal, workbook, mailer = (Mortal(part, life, after=after) for part in parts)
    crashed = False
    try:
        new_drain(journal=mortal, workbook=workbook, outbox=outbox(mortal, mailer))()
    except Crash:
        crashed = True
    # 1 batch object, 1 write, 2 × (tombstone, reference, deletion), 1 notice, 1 settled mark,
    # 1 note that a mail leaves, 1 mail, 1 deletion of its notice
    assert crashed == (effect <= 13)
    if len(sheet.rows("requests")) == 2:
        # The write went through: people go on working, and delete a row.
        gone = sheet.grids["requests"].pop(1)[0]
        sent.remove(gone)
    for _ in range(2):
        clock.advance(minutes=5)
        new_drain(journal=journal, workbook=sheet, outbox=outbox(journal, postman))(sweep=True)
    assert references_of(sheet) == sorted(sent)
    assert journal.keys("pending/") == journal.keys("outbox/") == []
    assert len(journal.keys("filed/")) == len(journal.keys("references/")) == 2
    # A kill between a mail and the deletion of its notice sends it again rather than never.
    assert len(postman.sent) == (2 if (effect, after) in ((12, True), (13, False)) else 1)
    for message in postman.sent:
        assert references_in(message) == expected
    sent.append(submit(journal))
    new_drain(journal=journal, workbook=sheet)()
    assert references_of(sheet) == sorted(sent)
    assert only_written(journal)


def references_in(message):
    text = message.get_body(("plain",)).get_content()
    return set(re.findall(r"LOT-\w{4}-\w{4}", text))


def test_a_committed_batch_whose_answer_is_lost_is_not_sent_again(drain, journal, classeur):
    sent = submit(journal)
    classeur.gate.writes.append(no_answer)
    assert drain() == 1
    assert references(classeur) == [sent]
    assert classeur.gate.calls == {"read": 3, "write": 1}


def test_a_batch_that_was_not_committed_is_sent_again(drain, journal, classeur):
    sent = submit(journal)
    classeur.gate.writes += [broken, broken]
    assert drain() == 1
    assert references(classeur) == [sent]
    assert classeur.gate.calls["write"] == 3


def test_when_no_attempt_is_answered_the_request_waits_for_the_next_drain(drain, journal, classeur):
    sent = submit(journal)
    classeur.gate.writes += [broken] * 5
    with pytest.raises(WorkbookUnsureError, match="en panne"):
        drain()
    assert len(journal.keys("pending/")) == 1
    assert drain() == 1
    assert references(classeur) == [sent]


def test_the_answer_lost_and_the_fence_unreadable_is_recovered_later(drain, journal, classeur):
    sent = submit(journal)
    classeur.gate.writes.append(no_answer)
    classeur.gate.reads += [*[lambda _, carry_out: carry_out()] * 2, *[broken] * 5]
    with pytest.raises(WorkbookUnsureError):
        drain()
    assert len(journal.keys("pending/")) == 1
    assert drain(sweep=True) == 0
    assert references(classeur) == [sent]
    assert journal.keys("pending/") == []


class Held(list):
    """Writes that reach the spreadsheet only when the test lets them in, one by one."""

    def hold(self, call, carry_out):
        self.append(carry_out)
        return broken(call, carry_out)

    def let_one_in(self):
        self.pop(0)()


@pytest.fixture
def held():
    return Held()


def test_a_commit_that_comes_late_before_the_retry_wins_once(drain, journal, classeur, held):
    sent = submit(journal)

    def let_it_in_after_the_fence_was_read(_, carry_out):
        answer = carry_out()
        held.let_one_in()
        return answer

    classeur.gate.writes.append(held.hold)
    classeur.gate.reads += [lambda _, carry_out: carry_out(), let_it_in_after_the_fence_was_read]
    assert drain() == 1
    assert references(classeur) == [sent]


def test_a_commit_that_comes_after_everybody_gave_up_is_settled_by_the_next(
    drain, journal, classeur, held
):
    sent = submit(journal)
    classeur.gate.writes += [held.hold] * 5
    with pytest.raises(WorkbookUnsureError):
        drain()
    held.let_one_in()
    drain()
    assert references(classeur) == [sent]
    while held:
        with pytest.raises(InvalidArgumentError, match="already exists"):
            held.let_one_in()
    assert references(classeur) == [sent]


def test_a_commit_that_comes_between_the_next_drains_read_and_write_wins_once(
    drain, new_drain, journal, classeur, held
):
    first = submit(journal)
    classeur.gate.writes += [held.hold] * 5
    with pytest.raises(WorkbookUnsureError):
        drain()
    second = submit(journal)

    def let_the_old_one_in_first(_, carry_out):
        held.let_one_in()
        return carry_out()

    classeur.gate.writes.append(let_the_old_one_in_first)
    new_drain()()
    assert references(classeur) == sorted([first, second])
    assert journal.keys("pending/") == []


def test_a_second_writer_between_read_and_write_is_harmless(new_drain, journal, classeur):
    sent = [submit(journal)]
    mine, other = new_drain(), new_drain()

    def other_drains_first(_, carry_out):
        assert other() == 1
        return carry_out()

    classeur.gate.writes.append(other_drains_first)
    assert mine() == 0
    assert references(classeur) == sorted(sent)


def test_a_second_writer_right_after_the_read_is_not_taken_for_a_restored_version(
    new_drain, journal, classeur
):
    sent = [submit(journal)]
    mine, other = new_drain(), new_drain()

    def other_drains_before_the_answer_arrives(_, carry_out):
        sent.append(submit(journal))
        answer = carry_out()
        assert other() == 2
        return answer

    classeur.gate.reads.append(other_drains_before_the_answer_arrives)
    assert mine() == 0
    assert references(classeur) == sorted(sent)


def test_what_a_second_writer_files_before_the_read_is_not_written_again(
    new_drain, journal, classeur
):
    sent = [submit(journal)]
    mine, other = new_drain(), new_drain()

    def other_drains_first(_, carry_out):
        assert other() == 1
        return carry_out()

    classeur.gate.reads.append(other_drains_first)
    assert mine() == 0
    assert references(classeur) == sent


def test_a_second_writer_that_dies_after_its_commit_is_settled_by_the_first(
    new_drain, journal, classeur
):
    sent = [submit(journal)]
    life = [2]
    dying = new_drain(
        journal=Mortal(journal, life, after=True),
        workbook=Mortal(open_workbook("demo", classeur.url), life, after=True),
    )

    def other_drains_and_dies(_, carry_out):
        sent.append(submit(journal))
        with pytest.raises(Crash):
            dying()
        sent.append(submit(journal))
        return carry_out()

    classeur.gate.writes.append(other_drains_and_dies)
    new_drain()()
    assert references(classeur) == sorted(sent)
    assert journal.keys("pending/") == []
    assert only_written(journal)


def test_a_key_sent_again_while_its_request_is_being_settled_makes_no_second_row(
    new_drain, journal, classeur
):
    reference = submit(journal, key="cle")

    class SentAgain:
        """The same key arrives right after its pending entry is gone."""

        def __getattr__(self, name):
            return getattr(journal, name)

        def delete(self, key):
            journal.delete(key)
            if key.startswith("pending/"):
                assert submit(journal, key="cle") == reference

    new_drain(journal=SentAgain())()
    assert len(journal.keys("pending/")) == 1
    new_drain()()
    assert references(classeur) == [reference]
    assert journal.keys("pending/") == []


def over_quota(_, __):
    raise ApiError("Quota exceeded", code=429, status="RESOURCE_EXHAUSTED")


def test_a_quota_answer_is_waited_out(drain, journal, classeur, clock):
    sent = submit(journal)
    classeur.gate.writes += [over_quota] * 3
    before = clock()
    assert drain() == 1
    assert references(classeur) == [sent]
    assert (clock() - before).total_seconds() == 1 + 2 + 4
    assert classeur.gate.calls["read"] == 2  # a refused call needs no look at the fence


def test_the_wait_that_google_asks_for_is_kept(drain, journal, classeur, clock):
    def over_quota_for(_, __):
        body = {"error": {"code": 429, "message": "Quota", "status": "RESOURCE_EXHAUSTED"}}
        return Response(json.dumps(body), 429, {"Retry-After": "17"}, "application/json")

    submit(journal)
    classeur.gate.writes.append(over_quota_for)
    before = clock()
    assert drain() == 1
    assert (clock() - before).total_seconds() == 17


def test_a_quota_that_stays_full_stops_the_drain_and_nothing_is_lost(drain, journal, classeur):
    sent = submit(journal)
    classeur.gate.writes += [over_quota] * 5
    with pytest.raises(WorkbookBusyError, match="patienter"):
        drain()
    assert drain() == 1
    assert references(classeur) == [sent]


def refuse(_, __):
    raise InvalidArgumentError("Invalid requests[2].appendCells: Martin")


def test_a_refused_batch_is_planned_anew(drain, journal, classeur):
    submit(journal)
    classeur.gate.writes.append(refuse)
    assert drain() == 1
    assert journal.keys("quarantine/") == []


def test_a_sheet_that_refuses_every_batch_stops_the_drain_and_condemns_nobody(
    drain, journal, classeur
):
    sent = [submit(journal), submit(journal)]
    classeur.gate.writes += [refuse] * 12
    with pytest.raises(WorkbookError, match=r"requests\[2\]\.appendCells") as stopped:
        drain()
    assert "Martin" not in str(stopped.value)
    assert journal.keys("quarantine/") == []
    classeur.gate.writes.clear()
    assert drain() == 2
    assert references(classeur) == sorted(sent)


@pytest.mark.parametrize("others", [0, 1, 6])
def test_only_the_entry_that_google_refuses_is_set_aside(others, drain, journal, classeur):
    def refuse_poison(call, carry_out):
        classeur.gate.writes.append(refuse_poison)
        if "Poison" in json.dumps(call.body):
            raise InvalidArgumentError("Invalid requests[2].appendCells: Poison")
        return carry_out()

    classeur.gate.writes.append(refuse_poison)
    poison = submit(journal, last_name="Poison")
    sent = [submit(journal) for _ in range(others)]
    assert drain() == others
    assert references(classeur) == sorted(sent)
    assert journal.keys("pending/") == []
    kept, why = journal.keys("quarantine/")
    assert b"Poison" in journal.read(kept)
    assert json.loads(journal.read(why))["reference"] == poison
    (line,) = classeur.rows("À vérifier")
    assert line["Où"] == poison
    assert "mise à part" in line["Sujet"]


def test_writes_keep_within_the_quota_whatever_arrives(new_drain, journal, clock):
    sheet, start, times = book(), clock(), []
    commit = sheet.commit

    def note_the_time(batch):
        times.append((clock() - start).total_seconds())
        return commit(batch)

    sheet.commit = note_the_time
    drain = new_drain(workbook=sheet)
    for _ in range(100):
        submit(journal)
        drain()
    assert len(times) == len(sheet.rows("requests")) == 100
    for first, last in zip(times, times[50:], strict=False):
        assert last - first > 60


def test_a_drain_stops_before_the_platform_does(new_drain, journal, classeur, clock):
    def slow(_, carry_out):
        classeur.gate.writes.append(slow)
        clock.advance(seconds=20)
        return carry_out()

    classeur.gate.writes.append(slow)
    for _ in range(9):
        submit(journal)
    before = clock()
    assert new_drain(max_rows=1)() == 3
    assert (clock() - before).total_seconds() < 90
    classeur.gate.writes.clear()
    assert new_drain()() == 6


def test_a_copied_spreadsheet_is_not_written_to(drain, new_drain, journal, classeur):
    submit(journal)
    drain()
    book = classeur.store.file("demo").book
    classeur.store.create({"title": "Copie"}, "copie")

    def paste(copy):
        copy.sheets, copy.named_ranges = book.copy().sheets, list(book.named_ranges)

    classeur.store.update("copie", paste)
    submit(journal)
    with pytest.raises(WorkbookError, match="copie d'un autre"):
        new_drain(workbook=open_workbook("copie", classeur.url))()
    assert len(journal.keys("pending/")) == 1


def test_a_restored_version_stops_the_drain(drain, journal, classeur):
    submit(journal)
    drain()
    old = classeur.store.file("demo").book.copy()
    submit(journal)
    drain()

    def restore(book):
        book.sheets, book.named_ranges = old.copy().sheets, list(old.named_ranges)

    classeur.store.update("demo", restore)
    submit(journal)
    with pytest.raises(WorkbookError, match="version antérieure"):
        drain()
    assert len(journal.keys("pending/")) == 1


def test_a_journal_that_does_not_belong_to_the_spreadsheet_stops_the_drain(
    drain, new_drain, journal, tmp_path
):
    submit(journal)
    drain()
    other = open_journal((tmp_path / "other").as_uri())
    submit(other)
    with pytest.raises(WorkbookError, match="ne vont pas ensemble"):
        new_drain(journal=other)()


def test_fences_are_kept_for_an_hour_and_the_last_for_ever(drain, journal, classeur, clock):
    def numbers():
        return [
            named_range["namedRangeId"][-1]
            for named_range in classeur.store.file("demo").book.named_ranges
        ]

    for _ in range(2):
        submit(journal)
        drain()
    assert numbers() == ["1", "2"]
    clock.now += timedelta(minutes=59)
    submit(journal)
    drain()
    assert numbers() == ["1", "2", "3"]
    clock.now += timedelta(minutes=2)
    submit(journal)
    drain()
    assert numbers() == ["3", "4"]
    clock.now += timedelta(days=9)
    submit(journal)
    drain()
    assert numbers() == ["4", "5"]


def test_people_may_delete_the_fences_names(drain, journal, classeur):
    sent = [submit(journal)]
    drain()
    (fence,) = classeur.store.file("demo").book.named_ranges
    classeur.do({"deleteNamedRange": {"namedRangeId": fence["namedRangeId"]}})
    sent.append(submit(journal))
    drain()
    assert references(classeur) == sorted(sent)
