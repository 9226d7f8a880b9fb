from datetime import UTC, datetime, timedelta

from functions.shared.journal.marks import SweepNotes, WeekSent, last_sweep, weeks_sent
from functions.shared.journal.store import open_journal
from tests.support import killed_anywhere

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)


def test_the_last_sweep_is_known_and_only_the_last():
    journal = open_journal("memory:///")
    notes = SweepNotes(journal)
    assert last_sweep(journal) is None

    notes.note(NOW)
    notes.note(NOW + timedelta(minutes=9))
    assert last_sweep(journal) == NOW

    notes.note(NOW + timedelta(minutes=10))
    assert last_sweep(journal) == NOW + timedelta(minutes=10)
    assert len(journal.keys("swept/")) == 1


def test_a_note_that_is_cut_off_never_hides_the_sweep():
    def prepare(journal):
        SweepNotes(journal).note(NOW - timedelta(hours=1))

    for journal in killed_anywhere(prepare, lambda journal: SweepNotes(journal).note(NOW)):
        assert last_sweep(journal) >= NOW - timedelta(hours=1)
        SweepNotes(journal).note(NOW + timedelta(minutes=1))
        assert len(journal.keys("swept/")) == 1


def test_two_instances_may_note_the_same_second():
    journal = open_journal("memory:///")
    for _ in range(2):
        SweepNotes(journal).note(NOW)
    assert last_sweep(journal) == NOW


def test_weeks_are_the_latest_first_and_previews_do_not_count():
    journal = open_journal("memory:///")
    someone, other = "a" * 32, "b" * 32
    for key in (
        f"digest-2026-W47-{someone}.claim",
        f"digest-2026-W47-{someone}.sent",
        f"digest-2026-W48-{someone}.claim",
        f"digest-2026-W48-{someone}.sent",
        f"digest-2026-W48-referent-{other}.planned",
        f"digest-2026-W48-referent-{other}.claim",
        f"digest-2026-W49-preview-{other}.claim",
    ):
        journal.create(f"mail/{key}", b"{}")

    assert list(weeks_sent(journal)) == [WeekSent("2026-W48", 1, 1), WeekSent("2026-W47", 1, 0)]
