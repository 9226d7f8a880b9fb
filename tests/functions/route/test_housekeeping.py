"""What the journal forgets, and what it never does."""

import json
from datetime import timedelta

import pytest

from functions.route.housekeeping import Housekeeping
from functions.shared.journal.entries import AsideNote
from functions.shared.journal.formats import SettledMark
from functions.shared.journal.replies import Asked, Reply
from functions.shared.journal.store import open_journal
from functions.shared.mail.refused import RefusedAddresses
from tests.support import killed_anywhere, submit


@pytest.fixture
def purge(journal, clock):
    return Housekeeping(journal, timedelta(days=30), clock).run


@pytest.fixture
def file_one(drain, journal):
    def file(**fields):
        reference = submit(journal, **fields)
        drain()
        return reference

    return file


def test_what_an_applicant_wrote_is_forgotten_after_thirty_days(purge, file_one, journal, clock):
    file_one(last_name="Rarissime")
    clock.advance(days=29)
    purge()
    assert len(journal.keys("batches/")) == 1
    clock.advance(days=2)
    purge()
    assert journal.keys("batches/") == []
    for folder in ("filed/", "settled/"):
        for key in journal.keys(folder):
            assert b"Rarissime" not in journal.read(key)


def test_a_key_is_remembered_for_sixty_days(purge, drain, file_one, journal, clock, classeur):
    reference = file_one(key="cle")
    file_one()
    clock.advance(days=59)
    purge()
    assert submit(journal, key="cle") == reference
    clock.advance(days=2)
    purge()
    assert len(journal.keys("filed/")) == 2  # a copy is pending, which a drain has to drop first
    drain()
    assert len(classeur.rows()) == 2
    clock.advance(hours=7)
    purge()
    assert len(journal.keys("filed/")) == 1


def test_a_request_is_forgotten_after_sixty_days_but_never_the_last_batch(
    purge, file_one, drain, journal, clock, classeur
):
    for _ in range(3):
        file_one()
    clock.advance(days=61)
    purge()
    assert len(journal.keys("filed/")) == len(journal.keys("settled/")) == 1
    submit(journal)
    assert drain() == 1
    assert len(classeur.rows()) == 4


def test_claims_that_were_never_written_are_forgotten(purge, file_one, journal):
    journal.create("batches/000000001-zombie", b"{}")
    file_one()
    file_one()
    journal.create("batches/000000001-late", b"{}")
    journal.create("batches/000000009-soon", b"{}")
    purge()
    assert "batches/000000001-late" not in journal.keys("batches/")
    assert "batches/000000009-soon" in journal.keys("batches/")
    assert len(journal.keys("batches/")) == 3


def test_what_waits_is_never_touched(purge, file_one, journal, clock):
    file_one()
    submit(journal)
    journal.create("quarantine/abc", b"{}")
    waiting = [journal.keys(folder) for folder in ("pending/", "quarantine/", "outbox/")]
    clock.advance(days=400)
    purge()
    assert [journal.keys(folder) for folder in ("pending/", "quarantine/", "outbox/")] == waiting
    assert all(waiting)


def test_spent_challenges_are_forgotten_an_hour_after_they_expired(purge, journal, clock):
    now = int(clock().timestamp())
    kept = [f"spent/{now - 3600}-a", f"spent/{now + 600}-b", "spent/strange"]
    for key in [*kept, f"spent/{now - 3601}-c", "spent/999999999-d"]:
        journal.create(key, b"x")
    purge()
    assert journal.keys("spent/") == sorted(kept)


def test_which_references_are_taken_is_never_forgotten(purge, file_one, journal, clock):
    given = [file_one(), file_one()]
    clock.advance(days=400)
    purge()
    assert journal.keys("references/") == sorted(f"references/{reference}" for reference in given)
    assert len(journal.keys("filed/")) == 1


def test_marks_of_old_digests_are_forgotten(purge, journal):
    journal.create("mail/digest-2026-W30-abc.claim", b"{}")
    journal.create("mail/digest-2026-W46-abc.sent", b"{}")
    purge()
    assert journal.keys("mail/") == ["mail/digest-2026-W46-abc.sent"]


def test_it_is_done_a_few_times_a_day(purge, journal, clock):
    purge()
    journal.create("mail/digest-2026-W30-abc.claim", b"{}")
    clock.advance(hours=5)
    purge()
    assert journal.keys("mail/") != []
    clock.advance(hours=2)
    purge()
    assert journal.keys("mail/") == []


def test_sweeps_purge(new_drain, file_one, journal, clock):
    file_one()
    drain = new_drain(housekeeping=Housekeeping(journal, timedelta(days=30), clock))
    clock.advance(days=31)
    drain()
    assert journal.keys("batches/") != []
    drain(sweep=True)
    assert journal.keys("batches/") == []


class TestCutOff:
    """In memory: what a purge that is killed leaves, the next one takes."""

    DAYS = timedelta(days=30)

    @pytest.fixture(autouse=True)
    def _one_thread(self, monkeypatch):
        monkeypatch.setattr("functions.route.housekeeping.PARALLEL", 1)

    @staticmethod
    def settled(journal, number, at, *names):
        key = f"00000000{number}-t"
        journal.create(f"settled/{key}", SettledMark(at, names).to_json())
        journal.create(f"batches/{key}", b"{}")
        for name in names:
            journal.create(f"filed/{name}", b"{}")

    @staticmethod
    def aside(journal, name, at, *, suspect="honeypot", body=b'{"suspect": "honeypot"}'):
        note = AsideNote("LOT-0000-0000", at, "suspecte", suspect)
        journal.create(f"quarantine/{name}.why", note.to_json())
        if body is not None:
            journal.create(f"quarantine/{name}", body)

    def test_a_batch_s_mark_goes_after_all_its_tombstones(self, clock):
        def prepare(journal):
            old = clock() - timedelta(days=61)
            self.settled(journal, 1, old, "a", "b")
            self.settled(journal, 2, old, "c")

        def purge(journal):
            Housekeeping(journal, self.DAYS, clock).run()

        cuts = list(killed_anywhere(prepare, purge))
        assert len(cuts) == 7  # the note of the sweep, and six deletions
        for journal in cuts:
            marked = journal.read("settled/000000001-t") is not None
            assert marked or journal.keys("filed/") == ["filed/c"]
            purge(journal)
            assert journal.keys("filed/") == ["filed/c"]
            assert journal.keys("settled/") == ["settled/000000002-t"]

    @pytest.mark.parametrize("filed", [False, True])
    def test_a_suspect_s_note_goes_after_the_suspect(self, filed, clock):
        def prepare(journal):
            self.aside(journal, "a", clock() - self.DAYS)
            if filed:
                journal.create("filed/a", b"{}")

        def purge(journal):
            Housekeeping(journal, self.DAYS, clock).run()

        for journal in killed_anywhere(prepare, purge):
            noted = journal.read("quarantine/a.why") is not None
            assert noted or journal.read("quarantine/a") is None
            purge(journal)
            assert journal.keys("quarantine/") == []


class TestBounds:
    """In memory: to the second, for how long things are kept."""

    settled, aside = staticmethod(TestCutOff.settled), staticmethod(TestCutOff.aside)

    @pytest.fixture
    def memory(self):
        return open_journal("memory:///")

    def purge(self, memory, clock, days=30):
        Housekeeping(memory, timedelta(days=days), clock).run()

    @pytest.mark.parametrize(("seconds", "left"), [(-1, 1), (0, 0)])
    def test_contents_are_kept_for_so_many_days(self, seconds, left, memory, clock):
        self.settled(memory, 1, clock() - timedelta(days=30, seconds=seconds))
        self.purge(memory, clock)
        assert len(memory.keys("batches/")) == left

    @pytest.mark.parametrize(("keep", "days"), [(30, 60), (90, 90)])
    @pytest.mark.parametrize(("seconds", "left"), [(-1, 2), (0, 1)])
    def test_tombstones_are_kept_for_sixty_days_or_as_long_as_contents(
        self, seconds, left, keep, days, memory, clock
    ):
        at = clock() - timedelta(days=days, seconds=seconds)
        self.settled(memory, 1, at, "a")
        self.settled(memory, 2, at, "b")
        self.purge(memory, clock, keep)
        assert len(memory.keys("filed/")) == len(memory.keys("settled/")) == left

    def test_what_is_younger_behind_what_is_older_stays(self, memory, clock):
        self.settled(memory, 1, clock() - timedelta(days=29), "a")
        self.settled(memory, 2, clock() - timedelta(days=61), "b")
        self.settled(memory, 3, clock(), "c")
        self.purge(memory, clock)
        assert len(memory.keys("batches/")) == len(memory.keys("filed/")) == 3

    @pytest.mark.parametrize(("seconds", "left"), [(-1, 2), (0, 0)])
    def test_a_suspect_is_kept_for_so_many_days(self, seconds, left, memory, clock):
        self.aside(memory, "a", clock() - timedelta(days=30, seconds=seconds))
        self.purge(memory, clock)
        assert len(memory.keys("quarantine/")) == left

    @pytest.mark.parametrize(
        "more", [{"suspect": ""}, {"body": b"{}"}], ids=["by its note", "by itself"]
    )
    def test_what_is_no_suspect_stays(self, more, memory, clock):
        self.aside(memory, "a", clock() - timedelta(days=400), **more)
        self.purge(memory, clock)
        assert len(memory.keys("quarantine/")) == 2

    def test_an_illegible_note_or_mark_is_logged_and_nothing_of_it_forgotten(
        self, memory, clock, capsys
    ):
        memory.create("quarantine/x", b'{"suspect": "honeypot"}')
        memory.create("quarantine/x.why", b"{not json")
        self.settled(memory, 1, clock() - timedelta(days=61), "a")
        memory.delete("settled/000000001-t")
        memory.create("settled/000000001-t", b"{not json")
        self.settled(memory, 2, clock(), "b")
        self.purge(memory, clock)
        assert len(memory.keys("quarantine/")) == 2
        assert len(memory.keys("batches/")) == len(memory.keys("filed/")) == 2
        said = capsys.readouterr().out
        assert "quarantine/x.why" in said
        assert "settled/000000001-t" in said

    @pytest.mark.parametrize(("hours", "again"), [(5.999, 0), (6, 1)])
    def test_it_is_done_every_six_hours(self, hours, again, memory, clock):
        keep = Housekeeping(memory, timedelta(days=30), clock)
        keep.run()
        memory.create("spent/1-a", b"x")
        clock.advance(hours=hours)
        keep.run()
        assert len(memory.keys("spent/")) == 1 - again

    @pytest.mark.parametrize(("week", "left"), [("2026-W38", 0), ("2026-W39", 1)])
    def test_a_digest_s_mark_is_kept_sixty_days_after_its_week(self, week, left, memory, clock):
        # Sixty days before 23 November is 24 September, in week 39, which ends on the 27th.
        memory.create(f"mail/digest-{week}-abc.sent", b"{}")
        memory.create("mail/other", b"{}")
        self.purge(memory, clock)
        assert len(memory.keys("mail/")) == 1 + left

    def test_claims_to_numbers_before_the_last_one_go(self, memory, clock):
        for number in (1, 3):
            self.settled(memory, number, clock())
        for key in ("000000001-x", "000000002-x", "000000003-x", "000000004-x"):
            memory.create(f"batches/{key}", b"{}")
        self.purge(memory, clock)
        left = [f"batches/00000000{name}" for name in ("1-t", "3-t", "3-x", "4-x")]
        assert memory.keys("batches/") == left

    def test_what_it_did_is_counted_and_nothing_is_not_said(self, memory, clock, capsys):
        self.purge(memory, clock)
        assert capsys.readouterr().out == ""
        old = clock() - timedelta(days=61)
        self.settled(memory, 1, old, "a", "b")
        self.settled(memory, 2, old, "c")
        self.settled(memory, 3, old)
        self.aside(memory, "x", old)
        self.purge(memory, clock)
        said = json.loads(capsys.readouterr().out)
        assert (said["batches"], said["tombstones"], said["suspects"]) == (3, 3, 1)

    @pytest.mark.parametrize("what", ["batches", "suspects"])
    def test_one_kind_that_went_is_enough_to_say_so(self, what, memory, clock, capsys):
        if what == "batches":
            self.settled(memory, 1, clock() - timedelta(days=31))
        else:
            self.aside(memory, "c", clock() - timedelta(days=31))
        self.purge(memory, clock)
        assert json.loads(capsys.readouterr().out)[what] == 1


def test_a_purge_ends_when_the_process_is_told_to_end(file_one, journal, clock):
    for _ in range(4):
        file_one()
    clock.advance(days=61)
    left = [False, False, True]
    Housekeeping(
        journal, timedelta(days=30), clock, is_stopping=lambda: left.pop(0) if left else True
    ).run()
    assert journal.keys("batches/")
    assert journal.keys("filed/")
    Housekeeping(journal, timedelta(days=30), clock).run()
    assert journal.keys("batches/") == []


def test_of_a_request_s_stages_the_last_is_kept_as_long_as_a_link_to_it_may_live(journal, clock):
    # The clock stands on 23 November 2026.
    first, last = (
        "stages/LOT-0000-0001/20261101-000000001",
        "stages/LOT-0000-0001/20261102-000000002",
    )
    old, other = (
        "stages/LOT-0000-0002/20260923-000000001",
        "stages/LOT-0000-0003/20260924-000000001",
    )
    for key in (first, last, old, other):
        journal.create(key, b"{}")
    Housekeeping(journal, timedelta(days=30), clock).run()
    assert journal.keys("stages/") == [last, other]


@pytest.mark.parametrize(
    ("keep", "last", "kept"),
    [
        (30, "20261106", "20261107"),  # links are good for 14 days, so the mail is 30 days old
        (7, "20261122", "20261123"),  # as long as its links are good
        (365, "20260923", "20260924"),
    ],
)
def test_mails_that_could_be_answered_are_forgotten_as_what_applicants_wrote(
    keep, last, kept, journal, clock
):
    # The clock stands on 23 November 2026.
    purge = Housekeeping(journal, timedelta(days=keep), clock).run
    old, young = f"{last}-{'a' * 24}", f"{kept}-{'b' * 24}"
    for letter in (old, young):
        journal.create(f"links/{letter}", b"{}")
        journal.create(f"answered/{letter}.LOT-65AC-WHNK.called", b"{}")
        journal.create(f"answers/{letter}.LOT-65AC-WHNX.called", b"{")  # illegible
    waits = f"answers/{old}.LOT-65AC-WHNK.called"
    asked = Asked("Léa", "Ana Roux", "Ana Roux", "to_contact")
    journal.create(waits, Reply("LOT-65AC-WHNK", "called", clock(), asked).to_json())
    journal.create("unsubscribed/x", b"{}")
    RefusedAddresses(journal, lambda: clock() - timedelta(days=keep + 1)).add("a@example.org")
    RefusedAddresses(journal, lambda: clock() - timedelta(days=keep)).add("b@example.org")
    purge()
    assert [
        name in RefusedAddresses(journal).look() for name in ("a@example.org", "b@example.org")
    ] == [False, True]
    assert journal.keys("links/") == [f"links/{young}"]
    assert journal.keys("answered/") == [f"answered/{young}.LOT-65AC-WHNK.called"]
    assert journal.keys("answers/") == sorted([waits, f"answers/{young}.LOT-65AC-WHNX.called"])
    assert journal.keys("unsubscribed/") == ["unsubscribed/x"]
