"""The requests of the demonstration, as `route` reads them from the journal."""

import json
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from random import Random

from functions.intake.handler import Intake
from functions.route.arrival import Arrival
from functions.shared.journal.store import Journal, open_journal
from functions.shared.web import Call
from infra.local.access import LOCAL_INTAKE, LOCAL_KEY
from infra.local.demo import submissions
from sheets_schema.territory import territories


def submit(journal: Journal, count: int, seed: int) -> None:
    """Record so many submissions, through the real intake."""
    intake = Intake(journal, LOCAL_INTAKE)
    headers = {"content-type": "application/json", "x-api-key": LOCAL_KEY}
    with redirect_stdout(StringIO()):
        for submission in submissions(count, Random(seed)):
            body = json.dumps(submission).encode()
            answer = intake(Call("POST", headers, {}, body))
            assert answer.status == 202, answer.body  # noqa: PLR2004  (accepted)


def arrivals(count: int, seed: int) -> Iterator[Arrival]:
    """So many requests of a journal."""
    journal = open_journal("memory:///")
    submit(journal, count, seed)
    for key in journal.keys("pending/"):
        if body := journal.read(key):
            yield Arrival.from_json(key.removeprefix("pending/"), body, territories())
