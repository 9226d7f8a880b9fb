from datetime import UTC, datetime, timedelta

import pytest

from functions.shared.journal.formats import SettledMark
from functions.shared.journal.marks import SweepNotes
from tests.support import submit


def create(system, *keys):
    for key in keys:
        system.journal.create(key, b"{}")


class Forgetful:
    """A journal that keeps its promises, but for one."""

    def __init__(self, journal, **broken):
        self._journal, self._broken = journal, broken

    def __getattr__(self, name):
        return self._broken.get(name) or getattr(self._journal, name)


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ({"create": lambda *_: True}, "remplacé"),
        ({"create": lambda *_: False}, "passe pour existant"),
        ({"keys": lambda *_: []}, "pas dans la liste"),
        ({"delete": lambda *_: None}, "encore là"),
        (
            {"delete": lambda *_: None, "read": lambda *_, read=[None, b"1"]: read.pop()},
            "encore",
        ),
        ({"read": lambda *_: b"2"}, "remplacé"),
    ],
)
def test_each_promise_of_the_journal_is_checked(look, system, broken, words):
    system.__dict__["journal"] = Forgetful(system.journal, **broken)

    seen = look("journal")

    assert (seen.outcome, words in seen.sentence) == ("fault", True)


def test_what_waits_for_long_is_a_fault(look, system, clock):
    submit(system.journal)
    clock.now = datetime.now(UTC)  # intake has a clock of its own
    assert look("waiting").outcome == "ok"
    clock.advance(minutes=16)
    seen = look("waiting")
    assert seen.outcome == "fault"
    assert "Demandes en attente : 1 (depuis 16 min)" in seen.sentence


def test_what_is_set_aside_and_what_cannot_be_read_is_told(look, system):
    create(system, "quarantine/a")
    assert look("waiting").outcome == "warning"
    create(system, "pending/b")
    assert look("waiting").outcome == "fault"


def test_mails_that_wait_for_long_are_told(look, system, clock):
    settled = SettledMark(clock() - timedelta(minutes=61), ())
    system.journal.create("settled/000000004-abc", settled.to_json())
    create(system, "outbox/000000004-abc-0", "outbox/000000005-abd-0")
    seen = look("waiting")
    assert seen.outcome == "warning"
    assert "courriels à envoyer : 2 (depuis 61 min)" in seen.sentence

    create(system, "outbox/stopped-20261123T073000Z-0123")
    assert "courriels à envoyer : 3 (depuis 90 min)" in look("waiting").sentence


def test_a_standstill_is_told(look, system):
    create(system, "standstill/20261123T080000Z")
    assert look("standstill").outcome == "warning"
    create(system, "standstill/20261123T080000Z.told")
    assert look("standstill").outcome == "fault"


def test_sweeps_that_stopped_are_a_fault(look, system, clock):
    SweepNotes(system.journal).note(clock())
    clock.advance(minutes=30)
    assert look("sweep").outcome == "ok"
    clock.advance(minutes=1)
    assert look("sweep").outcome == "fault"


def settle(system, at):
    system.journal.create("settled/000000001-abc", SettledMark(at, ()).to_json())


def test_sweeps_that_never_came_are_a_fault_once_rows_are_written(look, system, clock):
    assert look("sweep").outcome == "warning"
    settle(system, clock())
    clock.advance(minutes=30)
    assert look("sweep").outcome == "warning"
    clock.advance(minutes=1)
    assert look("sweep").outcome == "fault"


def test_mondays_mails_that_never_left_are_a_fault_from_the_first_monday_on(look, system, clock):
    assert look("digest").outcome == "warning"
    settle(system, clock().replace(day=20, hour=9))  # a Friday
    clock.now = clock.now.replace(hour=6)  # on Monday the 23rd
    assert look("digest").outcome == "warning"
    clock.now = clock.now.replace(hour=7, minute=30)
    seen = look("digest")
    assert seen.outcome == "fault"
    assert "le système écrit depuis le 20/11/2026 à 10:00 au moins" in seen.sentence


def test_mondays_mails_are_due_from_monday_on(look, system, clock):
    """Week 47 ends on Sunday 22 November; its mails leave the day after at seven."""
    whose = "a" * 32
    create(system, f"mail/digest-2026-W46-{whose}.claim", f"mail/digest-2026-W46-{whose}.sent")
    clock.now = clock.now.replace(hour=6)
    assert look("digest").outcome == "ok"
    clock.now = clock.now.replace(hour=7, minute=30)
    seen = look("digest")
    assert (seen.outcome, "2026-W47 auraient dû partir" in seen.sentence) == ("fault", True)

    create(system, f"mail/digest-2026-W47-{whose}.claim", f"mail/digest-2026-W47-{whose}.sent")
    assert look("digest").outcome == "ok"
    create(system, f"mail/digest-2026-W47-{'b' * 32}.claim")
    assert look("digest").outcome == "warning"
