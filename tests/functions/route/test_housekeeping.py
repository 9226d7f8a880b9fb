"""What the journal forgets, and what it never does."""

from datetime import timedelta

import pytest

from functions.route.housekeeping import Housekeeping
from tests.support import submit


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
    waiting = [journal.keys(one) for one in ("pending/", "quarantine/", "outbox/")]
    clock.advance(days=400)
    purge()
    assert [journal.keys(one) for one in ("pending/", "quarantine/", "outbox/")] == waiting
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
    assert journal.keys("references/") == sorted(f"references/{one}" for one in given)
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
