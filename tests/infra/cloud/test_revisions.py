from datetime import datetime, timedelta

import pytest

from functions.shared.errors import AccueilError
from infra.cloud.revisions import Deployed, deployment_name, previous
from sheets_schema.columns import PARIS


def deployed(function, serving, *deployments, failed=()):
    """A function with a revision for each deployment, of which some never were ready."""
    revisions = [
        {
            "metadata": {
                "name": f"accueil-{function}-{deployment}",
                "labels": {"deployment": deployment},
            },
            "status": {
                "conditions": [{"type": "Ready", "status": str(deployment not in failed)}],
            },
        }
        for deployment in deployments
    ]
    traffic = [{"revisionName": f"accueil-{function}-{serving}", "percent": 100}]
    return Deployed({"status": {"traffic": traffic}}, revisions)


def both(intake, route):
    return previous({"intake": intake, "route": route})


@pytest.mark.parametrize(("now", "back"), [("d3", "d2"), ("d2", "d1")])
def test_all_functions_go_back_to_the_deployment_before_the_one_that_serves(now, back):
    intake, route = (deployed(name, now, "d3", "d1", "d2") for name in ("intake", "route"))
    assert both(intake, route) == {
        "intake": f"accueil-intake-{back}",
        "route": f"accueil-route-{back}",
    }


def test_after_a_deployment_that_stopped_halfway_no_function_goes_back_too_far():
    intake = deployed("intake", "d3", "d1", "d2", "d3")
    for route in (
        deployed("route", "d2", "d1", "d2"),
        deployed("route", "d2", "d1", "d2", "d3", failed=["d3"]),
    ):
        assert both(intake, route) == {"intake": "accueil-intake-d2", "route": "accueil-route-d2"}


def test_a_deployment_that_was_not_whole_is_passed_over():
    intake = deployed("intake", "d3", "d1", "d2", "d3")
    route = deployed("route", "d3", "d1", "d3")
    assert both(intake, route) == {"intake": "accueil-intake-d1", "route": "accueil-route-d1"}


def test_revisions_that_something_else_made_are_left_alone():
    intake = deployed("intake", "d2", "d1", "d2")
    other = {"metadata": {"name": "by-hand"}, "status": {"conditions": []}}
    intake = Deployed(intake.service, [other, *intake.revisions])
    assert both(intake, deployed("route", "d2", "d1", "d2"))["intake"] == "accueil-intake-d1"


@pytest.mark.parametrize("intake", [deployed("intake", "d1", "d1"), Deployed({}, [])])
def test_where_there_is_none_it_is_said(intake):
    with pytest.raises(AccueilError, match="il n'y a rien à remettre"):
        both(intake, deployed("route", "d1", "d1"))


def test_a_later_deployment_has_a_later_name_also_when_clocks_are_put_back():
    at = datetime(2026, 10, 25, 2, 50, tzinfo=PARIS)
    assert deployment_name(at) == "20261025t005000"
    assert deployment_name(at) < deployment_name((at + timedelta(minutes=20)).replace(fold=1))
