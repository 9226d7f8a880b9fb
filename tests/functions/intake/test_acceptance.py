import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from functions.intake.acceptance import Acceptance
from functions.intake.refusals import KeyReusedError
from functions.intake.robots import Proof, ProofError
from functions.intake.submission import validate
from functions.shared import reference
from functions.shared.errors import JournalError
from functions.shared.journal.entries import Entry, fingerprint
from functions.shared.journal.store import Journal, open_journal
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


def test_what_is_left_of_a_settled_request_counts_before_its_repetition(journal):
    """Beside a tombstone, a repetition waits for route to drop it; nobody was told of it."""
    first = acceptance(journal, 1).accept(CLEAN, KEY)
    entry = json.loads(journal.read(f"pending/{NAME}"))
    journal.create(f"filed/{NAME}", json.dumps(entry).encode())
    journal.delete(f"pending/{NAME}")
    assert acceptance(journal, 2).accept(CLEAN, KEY) == first
    assert reference.make(2) in journal.read(f"pending/{NAME}").decode()
    assert acceptance(journal).known(CLEAN, KEY) == first
    assert acceptance(journal, 3).accept(CLEAN, KEY) == first


def test_so_does_what_is_set_aside_while_a_request_is_sent_twice_more(journal):
    first = acceptance(journal, 1).accept(CLEAN, KEY)

    class Meanwhile(Far):
        """Before what is pending is looked at, another instance sees the first one set aside."""

        def read(self, key: str) -> bytes | None:
            if key == f"pending/{NAME}":
                set_aside(journal)
                repetition = {"reference": reference.make(2), "fingerprint": fingerprint(CLEAN)}
                journal.create(key, json.dumps(repetition).encode())
            return journal.read(key)

    assert acceptance(Meanwhile(journal), 3).accept(CLEAN, KEY) == first


def test_a_proof_is_used_up_once(journal):
    proof = Proof("challenge", Clock()())
    first = acceptance(journal, 1).accept(CLEAN, KEY, {}, proof)
    with pytest.raises(ProofError):
        acceptance(journal, 2).accept(CLEAN, "k-2", {}, proof)
    assert journal.keys("pending/") == [f"pending/{NAME}"]
    assert acceptance(journal, 3).accept(CLEAN, KEY, {}, proof) == first
    later = Proof("challenge", Clock()() + timedelta(seconds=1))
    assert acceptance(journal, 4).accept(CLEAN, "k-2", {}, later) == reference.make(4)


# Round trips.


@dataclass
class Far:
    """A journal far away: counts how many of its calls come one after the other."""

    journal: Journal = field(default_factory=lambda: open_journal("memory:///"))
    in_turn: int = 0

    def both(self, first: Callable[[], Any], second: Callable[[], Any]) -> tuple[Any, Any]:
        began = self.in_turn
        first_result, ended = first(), self.in_turn
        self.in_turn = began
        other = second()
        self.in_turn = max(ended, self.in_turn)
        return first_result, other

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any) -> Any:
            self.in_turn += 1
            return getattr(self.journal, name)(*args)

        return call


@pytest.mark.parametrize("proof", [Proof("challenge", Clock()()), None], ids=["proof", "no proof"])
def test_a_new_request_takes_three_round_trips(proof):
    far = Far()
    acceptance(far, 1).accept(CLEAN, KEY, {}, proof)
    assert far.in_turn == 3


def test_under_a_key_drawn_for_it_there_is_nothing_to_look_for():
    far = Far()
    acceptance(far, 1).accept(CLEAN, KEY, unused=True)
    assert far.in_turn == 2


def test_even_then_an_entry_that_is_there_counts():
    """An object store may say so of our own entry, where its first answer was lost."""
    far = Far()
    first = acceptance(far, 1).accept(CLEAN, KEY)
    assert acceptance(far, 2).accept(CLEAN, KEY, unused=True) == first


def test_a_request_that_is_sent_again_takes_five():
    far = Far()
    proof = Proof("challenge", Clock()())
    acceptance(far, 1).accept(CLEAN, KEY, {}, proof)
    far.in_turn = 0
    acceptance(far, 2).accept(CLEAN, KEY, {}, proof)
    assert far.in_turn == 5


def test_a_key_is_looked_up_in_two():
    far = Far()
    acceptance(far).known(CLEAN, KEY)
    assert far.in_turn == 2


@pytest.mark.parametrize("folder", ["pending", "filed"])
def test_a_retry_after_a_deployment_is_told_what_the_first_try_was(journal, folder):
    """Version 1 hashed a submission together with the defaults of its time."""
    canonical = json.dumps(CLEAN, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    first = {
        "reference": reference.make(7),
        "fingerprint": hashlib.sha256(canonical.encode()).hexdigest(),
    }
    name = hashlib.sha256(KEY.encode()).hexdigest()
    journal.create(f"{folder}/{name}", json.dumps(first).encode())

    assert acceptance(journal, 1).accept(CLEAN, KEY) == reference.make(7)
    with pytest.raises(KeyReusedError):
        acceptance(journal, 2).accept(CLEAN | {"last_name": "Autre"}, KEY)


def test_the_applicant_s_language_is_kept(journal):
    acceptance(journal, 1).accept(CLEAN, KEY, lang="en")
    (key,) = journal.keys("pending/")
    assert Entry.from_json(journal.read(key)).lang == "en"
