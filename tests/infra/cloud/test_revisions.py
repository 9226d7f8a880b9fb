import pytest

from functions.shared.errors import AccueilError
from infra.cloud.revisions import previous


def revision(number, ready=True):
    return {
        "metadata": {
            "name": f"accueil-route-0000{number}",
            "creationTimestamp": f"2026-11-2{number}T10:00:00Z",
        },
        "status": {"conditions": [{"type": "Ready", "status": str(ready)}]},
    }


def serving(number):
    return {
        "status": {"traffic": [{"revisionName": f"accueil-route-0000{number}", "percent": 100}]}
    }


@pytest.mark.parametrize(
    ("now", "back"),
    [(3, "accueil-route-00002"), (2, "accueil-route-00001")],
)
def test_it_is_the_one_before_the_one_that_serves(now, back):
    revisions = [revision(3), revision(1), revision(2)]
    assert previous("route", serving(now), revisions) == back


def test_one_that_never_was_ready_is_passed_over():
    assert previous("route", serving(3), [revision(3), revision(2, ready=False), revision(1)]) == (
        "accueil-route-00001"
    )


@pytest.mark.parametrize("service", [serving(1), {}])
def test_where_there_is_none_it_is_said(service):
    with pytest.raises(AccueilError, match="route n'a pas de version d'avant"):
        previous("route", service, [revision(1)])
