"""What is remembered of each request, whoever is killed and whoever comes in between."""

from datetime import date, timedelta

import pytest

from functions.route.decide.history import MOST_BATCHES, Remembered
from functions.route.read.snapshots import Snapshots
from functions.shared.journal.formats import Batch, Course, SettledMark, Snapshot, Standing, State
from functions.shared.journal.store import open_journal
from functions.shared.sheets.fence import Fence
from functions.shared.sheets.port import Change, RowEdit
from tests.functions.route.arrivals import MORNING
from tests.support import killed_anywhere

TO_ANA = {"ana roux": MORNING}  # when she last got a request
CALLED, MET = State("À contacter", "Ana Roux"), State("Rendez-vous pris", "Ana Roux")


@pytest.fixture
def journal():
    return open_journal("memory:///")


def key(number, token="t"):
    return Fence(number, MORNING, token).key


def settle(journal, number, token="t", **opened):
    states = {f"LOT-{name}": state for name, state in opened.items()}
    rows = {reference: vars(state) for reference, state in states.items()}
    batch = Batch(Fence(number, MORNING, token), "demo", {}, (), rows=rows)
    journal.create(f"batches/{batch.fence.key}", batch.to_json())
    journal.create(f"settled/{batch.fence.key}", b"{}")


def test_before_the_first_sweep_requests_stand_as_their_batches_opened_them(journal):
    assert Snapshots(journal).last() == Remembered({}, 0)
    settle(journal, 1, a=CALLED)
    settle(journal, 2, b=MET)
    assert Snapshots(journal).last() == Remembered({"LOT-a": CALLED, "LOT-b": MET}, 2, TO_ANA)


def test_without_a_snapshot_the_last_batches_count(journal):
    for number in range(1, MOST_BATCHES + 3):
        settle(journal, number, **{str(number): CALLED})
    remembered = Snapshots(journal).last()
    assert remembered.batches == MOST_BATCHES + 1  # so many that another snapshot is kept
    assert "LOT-1" not in remembered.states
    assert "LOT-2" in remembered.states


def test_a_snapshot_counts_once_its_batch_is_settled(journal):
    settle(journal, 1, a=CALLED)
    snapshots = Snapshots(journal)
    snapshots.keep(key(2), Snapshot({"LOT-a": MET}))
    assert snapshots.last() == Remembered({"LOT-a": CALLED}, 1, TO_ANA)
    settle(journal, 2)
    assert snapshots.last() == Remembered({"LOT-a": MET}, 0)
    settle(journal, 3, b=CALLED)
    assert snapshots.last() == Remembered({"LOT-a": MET, "LOT-b": CALLED}, 1, TO_ANA)


def test_a_snapshot_counts_where_no_batch_of_this_journal_is_settled(journal):
    """The sheet was adopted: it names a batch that its new journal does not know."""
    snapshots = Snapshots(journal)
    snapshots.keep(snapshots.anchor("000000041-other"), Snapshot({"LOT-a": CALLED}))
    assert snapshots.last() == Remembered({"LOT-a": CALLED}, 0)
    settle(journal, 42, b=MET)
    assert snapshots.last() == Remembered({"LOT-a": CALLED, "LOT-b": MET}, 1, TO_ANA)
    snapshots.keep(snapshots.anchor("000000041-other"), Snapshot({"LOT-a": MET}))
    assert snapshots.last() == Remembered({"LOT-a": MET}, 0)


def test_wherever_it_is_cut_off_the_last_one_that_counts_stays():
    def prepare(journal):
        for number in (1, 2):
            settle(journal, number)
            snapshots = Snapshots(journal)
            snapshots.last()
            snapshots.keep(key(number), Snapshot({"LOT-a": CALLED}))

    def keep(journal):
        snapshots = Snapshots(journal)
        snapshots.last()
        snapshots.keep(key(3), Snapshot({"LOT-a": MET}))

    cuts = list(killed_anywhere(prepare, keep))
    assert len(cuts) == 3
    for journal in cuts:
        assert Snapshots(journal).last() == Remembered({"LOT-a": CALLED}, 0)
    assert journal.keys("snapshots/") == [f"snapshots/{key(n)}.000000" for n in (2, 3)]
    settle(journal, 3)
    assert Snapshots(journal).last() == Remembered({"LOT-a": MET}, 0)


def test_a_settled_batch_may_be_named_again_and_again(journal):
    settle(journal, 1)
    snapshots = Snapshots(journal)
    for number in range(12):
        state = State(f"{number}")
        snapshots.keep(key(1), Snapshot({"LOT-a": state}))
        assert snapshots.last() == Remembered({"LOT-a": state}, 0)
    assert len(journal.keys("snapshots/")) <= 2


def test_a_slower_writer_takes_nothing_from_one_that_was_faster(journal):
    settle(journal, 1)
    slower, faster = Snapshots(journal), Snapshots(journal)
    slower.keep(key(1), Snapshot({"LOT-a": CALLED}))
    slower.last()
    faster.last()
    faster.keep(key(2, "b"), Snapshot({"LOT-a": MET}))
    settle(journal, 2, "b")
    slower.keep(key(2, "a"), Snapshot({"LOT-a": CALLED}))  # its batch will be overtaken
    assert Snapshots(journal).last() == Remembered({"LOT-a": MET}, 0)


@pytest.mark.parametrize("body", [b"{not json", b'{"version": 99}'])
def test_an_illegible_one_is_as_if_there_had_been_none(body, journal, capsys):
    settle(journal, 1)
    journal.create(f"snapshots/{key(1)}.000000", body)
    assert Snapshots(journal).last() is None
    assert "illisible" in capsys.readouterr().out


def test_a_batch_that_is_gone_or_illegible_opens_nothing(journal, capsys):
    settle(journal, 1)
    Snapshots(journal).keep(key(1), Snapshot({"LOT-a": CALLED}))
    for number in (2, 3):
        journal.create(f"settled/{key(number)}", b"{}")
    journal.create(f"batches/{key(3)}", b"{not json")
    assert Snapshots(journal).last() == Remembered({"LOT-a": CALLED}, 2)
    assert "illisible" in capsys.readouterr().out


def test_how_busy_referents_are_is_known_without_reading_the_sheet(journal):
    """By the last snapshot, and by the rows and row edits of batches since."""
    snapshots, later = Snapshots(journal), MORNING + timedelta(hours=1)
    settle(journal, 1)
    done = State("Clos sans suite", "Zoé Vic")
    states = {"LOT-a": CALLED, "LOT-b": MET, "LOT-c": done}
    snapshots.keep(key(1), Snapshot(states, {"zoe vic": MORNING}))
    edits = (
        RowEdit("LOT-x", 3, "", {"referent": Change("", "Bob Cros")}),
        RowEdit("LOT-y", 4, "", {"status": Change("", "À contacter")}),
    )
    rows = {"LOT-d": {"status": "À contacter", "referent": "Zoé Vic"}}
    batch = Batch(Fence(2, later, "t"), "demo", {}, (), edits=edits, rows=rows)
    journal.create(f"batches/{batch.fence.key}", batch.to_json())
    journal.create(f"settled/{batch.fence.key}", b"{}")
    load = snapshots.last().load
    assert load.counts == {"ana roux": 2, "zoe vic": 1}
    assert load.latest == {"zoe vic": later, "bob cros": later}


class TestEdits:
    course = Course(("Ana Roux",), date(2026, 11, 23))

    def keep(self, journal, mark):
        snapshot = Snapshot(
            {"LOT-a": CALLED, "LOT-b": CALLED},
            {"ana roux": MORNING},
            {"LOT-b": Course(("Zoé",))},
            {name: Standing(MET, self.course) for name in ("LOT-a", "LOT-b")},
        )
        Snapshots(journal).keep(key(1), snapshot)
        journal.create(f"settled/{key(1)}", mark)

    def test_a_row_stands_as_edited_only_if_its_edit_was_confirmed(self, journal):
        self.keep(journal, SettledMark(MORNING, (), frozenset({"LOT-a"})).to_json())
        last = Snapshots(journal).last()
        assert last.states == {"LOT-a": MET, "LOT-b": CALLED}
        assert last.courses == {"LOT-a": self.course, "LOT-b": Course(("Zoé",))}
        assert last.unmade == {"LOT-b"}
        assert last.latest == {"ana roux": MORNING}

    @pytest.mark.parametrize("mark", [SettledMark(MORNING, (), None).to_json(), b"{not json"])
    def test_where_nobody_knows_all_count_as_confirmed(self, mark, journal, capsys):
        self.keep(journal, mark)
        last = Snapshots(journal).last()
        assert last.states == {"LOT-a": MET, "LOT-b": MET}
        assert last.unmade == frozenset()
        assert ("illisible" in capsys.readouterr().out) == (mark == b"{not json")

    def test_a_later_snapshot_of_the_same_batch_has_no_edits_left_to_confirm(self, journal):
        self.keep(journal, SettledMark(MORNING, (), frozenset()).to_json())
        Snapshots(journal).keep(key(1), Snapshot({"LOT-a": CALLED}))
        assert Snapshots(journal).last() == Remembered({"LOT-a": CALLED}, 0)
