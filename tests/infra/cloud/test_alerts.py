"""Alerts go off by what functions really write into the log, and not without a reason."""

import json
import operator
import re
from datetime import UTC, datetime, timedelta

import pytest

from functions.route.commit.writer import Writer
from functions.route.gauge import Gauge
from functions.shared.errors import WorkbookBusyError
from functions.shared.journal.store import open_journal
from infra.cloud.alerts import RULES
from infra.cloud.rights import CALLS

NOW = datetime(2026, 11, 30, 10, 0, tzinfo=UTC)  # a Monday, 11 o'clock in Paris
SWEEPS_EVERY = 5  # minutes
_TERM = re.compile(r"([\w.]+)(=|>)(.+)")
_COMPARE = {"=": operator.eq, ">": operator.gt}


def selects(log_filter, line):
    """Whether a filter of Cloud Logging, of the few kinds that we use, selects a line."""
    entry = {"resource": {"type": "cloud_run_revision"}, "jsonPayload": line}

    def holds(term):
        path, sign, wanted = _TERM.fullmatch(term).groups()
        value = entry
        for name in path.split("."):
            if name not in value:
                return False
            value = value[name]
        return _COMPARE[sign](value, json.loads(wanted))

    return all(holds(term) for term in log_filter.split(" AND "))


def selected(capsys):
    """How many of the lines that were written each alert counts; only those that count some."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    counts = {
        key: sum(selects(rule.log, line) for line in lines)
        for key, rule in RULES.items()
        if rule.log
    }
    return {key: count for key, count in counts.items() if count}


def entry(minutes):
    at = (NOW - timedelta(minutes=minutes)).isoformat()
    return json.dumps(
        {
            "version": 1,
            "reference": "LOT-65AC-WHNK",
            "fingerprint": "2:x",
            "submission": {},
            "received_at": at,
        }
    ).encode()


SENT = ("mail/digest-2026-W48-abc.sent", b"{}")


SAID = [
    ([SENT], {"sweep"}),
    ([SENT, ("pending/a", entry(14))], {"sweep"}),
    ([SENT, ("pending/a", entry(17))], {"sweep", "pending"}),
    ([SENT, ("quarantine/a", entry(1))], {"sweep", "aside"}),
    ([], {"sweep", "digest-late"}),
]


@pytest.mark.parametrize(("objects", "alerts"), SAID)
def test_a_sweep_s_line_is_counted_by_the_alerts_that_it_concerns(objects, alerts, capsys):
    journal = open_journal("memory:///")
    for key, body in objects:
        journal.create(key, body)
    Gauge(journal, lambda: NOW).report()
    assert selected(capsys).keys() == alerts


class Busy:
    def read(self, *_):
        raise WorkbookBusyError("Google Sheets demande de patienter.")


def test_a_quota_that_stays_full_is_told_by_sweeps_alone(capsys):
    writer = Writer(Busy(), lambda: NOW, lambda _: None, lambda: 0.0, lambda: False)
    for _ in range(RULES["quota"].minutes // SWEEPS_EVERY):
        with pytest.raises(WorkbookBusyError):
            writer.read({"system": "all"}, NOW + timedelta(hours=1))
    counts = selected(capsys)
    assert counts.keys() == {"quota"}
    assert counts["quota"] > RULES["quota"].most


def test_a_route_that_always_fails_is_told_by_sweeps_alone():
    rule = RULES["errors-route"]
    assert CALLS["sweep"].schedule == f"*/{SWEEPS_EVERY} * * * *"
    assert rule.most == 0
    assert rule.minutes > SWEEPS_EVERY  # so that no window is without a call
    assert rule.lasting > rule.minutes  # so that one failure, however many calls met it, is no news


def test_every_alert_about_the_log_has_its_line_here():
    tried = set().union(*(alerts for _, alerts in SAID)) | {"quota"}
    assert tried == {key for key, rule in RULES.items() if rule.log}
