"""Settling: in which order the journal learns what is written, wherever it is cut off."""

from datetime import timedelta

import pytest

from functions.route.commit.row_edits import Confirmation
from functions.route.commit.settle import Settler
from functions.shared.journal.entries import Kept
from functions.shared.journal.formats import Batch, Filed, Misplaced, SettledMark, WaitingMail
from functions.shared.journal.store import open_journal
from functions.shared.sheets.fence import Fence
from functions.shared.sheets.port import Change, RowEdit
from tests.functions.route.arrivals import MORNING
from tests.support import killed_anywhere

FENCE = Fence(7, MORNING, "t1")
NAMES = ("aaa", "bbb")


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch):
    """So that effects have an order."""
    monkeypatch.setattr("functions.route.commit.settle.PARALLEL", 1)


@pytest.fixture
def journal():
    return open_journal("memory:///")


def mail(to="Ana Roux", if_confirmed=""):
    return WaitingMail("assigned", to, {"requests": []}, if_confirmed=if_confirmed)


def edit(reference, *columns):
    return RowEdit(reference, 1, "hash", {column: Change("", "x") for column in columns})


def batch(**parts):
    filed = tuple(Filed(name, f"LOT-{name}", "f" * 64, "{}") for name in NAMES)
    given = {"filed": filed, "mails": (mail(),)} | parts
    return Batch(FENCE, "demo", {}, (), **given)


def prepare(journal):
    for name in NAMES:
        journal.create(f"pending/{name}", b"{}")
    Settler(journal, lambda: MORNING).claim(batch())


def settle(journal, claimed=None, confirmed=(), misplaced=None):
    confirmation = Confirmation(confirmed=frozenset(confirmed), misplaced=misplaced or {})
    Settler(journal, lambda: MORNING).settle(claimed or batch(), confirmation)


def test_a_written_batch_leaves_tombstones_references_mails_and_the_mark(journal):
    prepare(journal)
    settle(journal)
    assert journal.keys("pending/") == []
    stones = [Kept.from_json(journal.read(f"filed/{name}")) for name in NAMES]
    assert stones == [Kept(f"LOT-{name}", "f" * 64) for name in NAMES]
    assert journal.keys("references/") == ["references/LOT-aaa", "references/LOT-bbb"]
    assert journal.keys("outbox/") == ["outbox/000000007-t1-0"]
    assert WaitingMail.from_json(journal.read("outbox/000000007-t1-0")) == mail()
    mark = SettledMark.from_json(journal.read("settled/000000007-t1"))
    assert mark == SettledMark(MORNING, NAMES)
    assert journal.keys("batches/") == ["batches/000000007-t1"]


def test_wherever_it_is_cut_off_no_entry_is_without_a_trace_and_no_mail_is_lost():
    """A key that is sent again is told its reference by its entry or by its tombstone."""
    cuts = list(killed_anywhere(prepare, settle))
    assert len(cuts) == 9
    for journal in cuts:
        for name in NAMES:
            if journal.read(f"pending/{name}") is None:
                assert journal.read(f"filed/{name}") is not None
                assert journal.read(f"references/LOT-{name}") is not None
        if Settler(journal, lambda: MORNING).is_settled(FENCE.key):
            # Nobody settles it again.
            assert journal.keys("outbox/") == ["outbox/000000007-t1-0"]
            assert journal.keys("pending/") == []


def test_whatever_else_claimed_the_number_goes_and_only_that(journal):
    others = ("000000006-t1", "000000008-t1", "0000000070-t1")
    for key in ("000000007-t0", "000000007-t2", *others):
        journal.create(f"batches/{key}", b"{}")
    prepare(journal)
    settle(journal)
    kept = sorted(f"batches/{key}" for key in ("000000007-t1", *others))
    assert journal.keys("batches/") == kept


def test_other_claims_stay_until_the_mark_is_made():
    def claims(journal):
        journal.create("batches/000000007-t2", b"{}")
        prepare(journal)

    for journal in killed_anywhere(claims, settle):
        if journal.read("batches/000000007-t2") is None:
            assert Settler(journal, lambda: MORNING).is_settled(FENCE.key)


def test_a_mail_waits_only_if_its_row_edit_held(journal):
    mails = (mail(), mail("Bob Cros", "LOT-1"), mail("Zoé Vidal", "LOT-2"))
    settle(journal, batch(filed=(), mails=mails), {"LOT-2"})
    recipients = [WaitingMail.from_json(journal.read(key)).to for key in journal.keys("outbox/")]
    assert recipients == ["Ana Roux", "Zoé Vidal"]


def test_a_reference_that_an_edit_gives_is_taken_from_then_on_and_only_that(journal):
    edits = (edit("LOT-1", "reference", "referent"), edit("LOT-2", "referent"))
    settle(journal, batch(filed=(), mails=(), edits=edits))
    assert journal.keys("references/") == ["references/LOT-1"]


def test_settling_again_changes_nothing(journal):
    prepare(journal)
    settle(journal)
    before = {key: journal.read(key) for key in journal.keys("")}
    Settler(journal, lambda: MORNING + timedelta(days=1)).settle(batch(), Confirmation())
    assert {key: journal.read(key) for key in journal.keys("")} == before


def test_the_last_number_is_the_highest_settled_one_and_never_falls(journal):
    settler = Settler(journal, lambda: MORNING)
    assert settler.last() == 0
    for key in ("000000002-b", "000000010-a", "000000009-z"):
        journal.create(f"settled/{key}", b"{}")
    assert settler.last() == 10
    journal.create("settled/000000010-b", b"{}")
    journal.create("settled/000000011-a", b"{}")
    assert settler.last() == 11
    assert settler.last() == 11


def test_a_claim_is_read_back_and_an_unknown_one_is_none(journal):
    settler = Settler(journal, lambda: MORNING)
    assert settler.claimed(FENCE.key) is None
    settler.claim(batch())
    assert settler.claimed(FENCE.key) == batch()
    assert not settler.is_settled(FENCE.key)


def test_what_got_into_the_wrong_columns_is_kept_until_it_is_right(journal):
    written = Misplaced(("", "Référence"), {"reference": 0}, {"reference": "LOT-1"})
    settle(journal, misplaced={"LOT-1": written})
    assert Misplaced.from_json(journal.read("misplaced/LOT-1")) == written
