import json

import pytest

from functions.shared.errors import AccueilError
from infra.cloud import checking
from tests.infra.cloud.graphs import SES, SMTP, graph


@pytest.mark.parametrize("stack", [SMTP, SES], ids=["smtp", "ses"])
def test_everything_has_its_name_in_terraform(stack):
    resources = checking.terraform(graph(stack))["resource"]
    assert sum(map(len, resources.values())) == len(graph(stack))


def test_arguments_are_spelt_as_terraform_does():
    journal = checking.terraform(graph())["resource"]["google_storage_bucket"]["journal"]
    assert journal["uniform_bucket_level_access"] is True
    assert journal["soft_delete_policy"] == {"retention_duration_seconds": 0}


@pytest.fixture
def checkov(monkeypatch):
    """checkov's report, as it is given."""

    def give(report):
        class Ended:
            stdout = json.dumps(report).encode() if report is not None else b""

        monkeypatch.setattr(checking.subprocess, "run", lambda *_, **__: Ended)

    return give


def test_what_checkov_finds_is_said(checkov):
    failed = {"resource": "resource.journal", "check_name": "Bucket should be in the EU"}
    checkov({"results": {"passed_checks": [{}], "failed_checks": [failed]}})
    assert checking.second_opinion(graph()) == ["resource.journal: Bucket should be in the EU"]


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (None, "no report"),
        ({"passed": 0}, "no report"),
        ({"results": {"passed_checks": [], "failed_checks": []}}, "looked at nothing"),
    ],
)
def test_a_checkov_that_looks_at_nothing_is_no_opinion(checkov, report, said):
    checkov(report)
    with pytest.raises(AccueilError, match=said):
        checking.second_opinion(graph())
