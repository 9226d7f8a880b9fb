from random import Random

from functions.intake.submission import validate
from infra.local.demo import submissions


def test_every_synthetic_request_is_accepted_by_the_real_validation():
    made = list(submissions(300, Random(1)))
    for submission in made:
        validate(submission)
    assert len({repr(submission) for submission in made}) == 300


def test_the_same_seed_makes_the_same_requests():
    assert list(submissions(20, Random(7))) == list(submissions(20, Random(7)))


def test_nobody_real_is_reached():
    for submission in submissions(300, Random(2)):
        assert submission.get("email", "x@example.org").endswith("@example.org")
        # The range that the regulator keeps for fiction.
        assert submission.get("phone", "05 36 49").startswith("05 36 49")


def test_requests_differ_in_project_territory_and_source():
    made = list(submissions(300, Random(3)))
    assert len({submission["projects"][0]["type"] for submission in made}) >= 10
    assert {next(iter(s["target"])) for s in made} == {"communes", "epcis", "anywhere", "unknown"}
    assert len({submission["source"] for submission in made}) >= 4


def test_who_comes_alone_has_no_partner():
    alone = [s for s in submissions(500, Random(4)) if s["household"]["adults"] == 1]
    assert len(alone) > 100
    for submission in alone:
        assert submission["projects"][0]["type"] != "following_partner"
        assert "partner_job" not in submission.get("needs", ())
        assert "conjoint" not in submission.get("message", "")
