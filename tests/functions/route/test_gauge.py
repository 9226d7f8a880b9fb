import json
from datetime import UTC, datetime, timedelta

import pytest

from functions.route.gauge import Gauge, digest_is_late, oldest_minutes
from functions.shared.errors import JournalError
from functions.shared.journal.store import open_journal

NOW = datetime(2026, 11, 30, 10, 0, tzinfo=UTC)  # a Monday, 11 o'clock in Paris
GOLDEN = {"version": 1, "reference": "LOT-65AC-WHNK", "fingerprint": "2:x", "submission": {}}


def entry(minutes, **more):
    at = NOW - timedelta(minutes=minutes)
    return json.dumps({**GOLDEN, "received_at": at.isoformat(), **more}).encode()


def said(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.fixture
def journal():
    return open_journal("memory:///")


def test_a_sweep_says_what_waits_and_what_is_set_aside(journal, capsys):
    journal.create("pending/a", entry(3))
    journal.create("pending/b", entry(17))
    journal.create("pending/c", b"illegible")
    journal.create("quarantine/d", entry(60))
    journal.create("quarantine/d.why", b"{}")
    journal.create("quarantine/e", entry(60, suspect="honeypot"))
    journal.create("mail/digest-2026-W48-abc.sent", b"{}")
    Gauge(journal, lambda: NOW).report()
    assert said(capsys) == [
        {
            "severity": "INFO",
            "message": "waiting",
            "pending": 3,
            "oldest_minutes": 17,
            "set_aside": 1,
            "suspects": 1,
            "digest_late": False,
        }
    ]


def test_what_is_set_aside_is_read_once_and_forgotten_when_it_is_gone(journal, capsys):
    journal.create("quarantine/e", entry(60, suspect="honeypot"))
    gauge = Gauge(journal, lambda: NOW)
    gauge.report()
    read = []
    gauge.journal.read = read.append
    gauge.report()
    assert not read
    journal.delete("quarantine/e")
    gauge.report()
    assert [line["suspects"] for line in said(capsys)] == [1, 1, 0]


def test_nothing_has_waited_where_nothing_waits():
    assert oldest_minutes([], NOW) == 0


@pytest.mark.parametrize(
    ("at", "marks", "late"),
    [
        (NOW, [], True),
        (NOW, ["mail/digest-2026-W48-abc.sent"], False),
        (NOW, ["mail/digest-2026-W48-abc.claim"], True),
        (NOW, ["mail/digest-2026-W48-preview-abc.sent"], True),
        (NOW, ["mail/digest-2026-W47-abc.sent"], True),
        (NOW.replace(hour=7, minute=59), [], False),  # 08:59 in Paris
        (NOW.replace(hour=8), [], True),
        (NOW + timedelta(days=1), [], False),
        (datetime(2027, 1, 4, 10, tzinfo=UTC), ["mail/digest-2026-W53-abc.sent"], False),
    ],
)
def test_the_digest_is_late_on_monday_if_nobody_got_it(at, marks, late):
    assert digest_is_late(marks, at) is late


def test_a_journal_that_does_not_answer_is_an_error_and_no_zero(journal):
    def fail(_prefix, _after=""):
        raise JournalError("Le journal ne répond pas.")

    journal.keys = fail
    with pytest.raises(JournalError):
        Gauge(journal, lambda: NOW).report()
