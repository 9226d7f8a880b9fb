import hashlib
import json

import pytest

from functions.intake.acceptance import Acceptance
from functions.intake.submission import validate
from functions.shared import reference
from functions.shared.errors import JournalError
from functions.shared.journal.store import open_journal
from tests.functions.intake.examples import ANA
from tests.support import Clock, submit

KEY = "k-1"
NAME = hashlib.sha256(KEY.encode()).hexdigest()
CLEAN = validate(ANA)


@pytest.fixture
def journal():
    return open_journal("memory:///")


def acceptance(journal, *numbers: int) -> Acceptance:
    return Acceptance(journal, Clock(), iter(numbers).__next__)


def test_a_reference_that_exists_is_drawn_again(journal):
    journal.create(f"references/{reference.make(1)}", b"")
    journal.create(f"references/{reference.make(2)}", b"")
    assert acceptance(journal, 1, 2, 3).accept(CLEAN, KEY, {}) == reference.make(3)


def test_where_no_reference_is_free_nothing_is_promised(journal):
    journal.create(f"references/{reference.make(1)}", b"")
    with pytest.raises(JournalError):
        acceptance(journal, *[1] * 20).accept(CLEAN, KEY, {})
    assert journal.keys("pending/") == []


def test_marks_stand_beside_the_submission(journal):
    acceptance(journal, 1).accept(CLEAN, KEY, {"doubt": "no_script"})
    entry = json.loads(journal.read(f"pending/{NAME}"))
    assert entry["doubt"] == "no_script"
    assert entry["submission"] == CLEAN


def set_aside(journal) -> None:
    """What route does with what looks like a robot's."""
    body = journal.read(f"pending/{NAME}")
    journal.create(f"quarantine/{NAME}", body)
    journal.delete(f"pending/{NAME}")


def test_a_request_that_is_set_aside_keeps_its_reference_when_it_comes_again(journal):
    first = acceptance(journal, 1).accept(CLEAN, KEY, {"suspect": "honeypot"})
    set_aside(journal)
    assert acceptance(journal, 2).accept(CLEAN, KEY, {}) == first
    assert acceptance(journal, 2).known(CLEAN, KEY) == first
    assert journal.keys("pending/") == []


def test_released_it_is_written_under_that_reference(journal):
    first = acceptance(journal, 1).accept(CLEAN, KEY, {"suspect": "honeypot"})
    set_aside(journal)
    acceptance(journal, 2).accept(CLEAN, KEY, {})
    journal.create(f"pending/{NAME}", journal.read(f"quarantine/{NAME}"))
    journal.delete(f"quarantine/{NAME}")
    assert acceptance(journal, 3).accept(CLEAN, KEY, {}) == first
    assert json.loads(journal.read(f"pending/{NAME}"))["reference"] == first


def test_nobody_knows_a_key_that_was_not_used(journal):
    submit(journal, "another")
    assert acceptance(journal).known(CLEAN, KEY) is None
