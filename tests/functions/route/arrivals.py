"""Requests in the journal as intake leaves them there, also those that it takes for a robot's."""

import hashlib
import json
from datetime import UTC, datetime

from functions.shared import reference
from functions.shared.journal.store import Journal
from tests.support import ANA

MORNING = datetime(2026, 11, 23, 9, tzinfo=UTC)  # when the tests' clock starts


def arrive(
    journal: Journal,
    number: int = 1,
    *,
    at: datetime = MORNING,
    suspect: str = "",
    doubt: str = "",
    **fields: object,
) -> str:
    """Record request `number`; gives its reference. A field that is None is not given."""
    given = ANA | {"source": "site", "newsletter": False, "ambassador_contact": False} | fields
    marks = {"suspect": suspect, "doubt": doubt}
    entry = {
        "version": 1,
        "reference": reference.make(number * 0x5DEECE66D % 2**reference.RANDOM_BITS),
        "received_at": at.isoformat(timespec="seconds"),
        "fingerprint": "f" * 64,
        "submission": {name: value for name, value in given.items() if value is not None},
    } | {name: mark for name, mark in marks.items() if mark}
    assert journal.create(f"pending/{name_of(number)}", json.dumps(entry).encode())
    return str(entry["reference"])


def name_of(number: int) -> str:
    """The name of request `number` in the journal."""
    return hashlib.sha256(str(number).encode()).hexdigest()
