import pytest
import requests

from infra.cloud.building import Builder, BuildError, order
from infra.cloud.stack import Image
from tests.infra.cloud.graphs import SMTP

SUBMITTED = {
    "buildOperation": {
        "metadata": {"build": {"id": "b-1", "logUrl": "https://log.example.org/b-1"}}
    },
    "baseImageUri": "europe-west9-docker.pkg.dev/serverless-runtimes/google-24/runtimes/python313",
}
DONE = {"done": True, "response": {"results": {"images": [{"digest": "sha256:abc"}]}}}


class Answer:
    def __init__(self, content, status=200):
        self.content, self.ok, self.status_code = content, status < 400, status

    def json(self):
        if isinstance(self.content, Exception):
            raise self.content
        return self.content


class Google:
    """A session whose answers are given; it remembers what was asked."""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []

    def request(self, method, url, json=None, timeout=None):
        assert timeout
        self.asked.append((method, url, json))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def build(*answers):
    google, said, slept = Google(*answers), [], []
    return google, said, slept, Builder(google, said.append, slept.append)


def test_an_image_is_built_and_named_by_its_digest():
    google, said, slept, builder = build(Answer(SUBMITTED), Answer({}), Answer(DONE))
    assert builder.build(SMTP, "abc.zip") == Image(
        "europe-west9-docker.pkg.dev/accueil-exemple/accueil/functions@sha256:abc",
        SUBMITTED["baseImageUri"],
    )
    assert [(method, url) for method, url, _ in google.asked] == [
        (
            "POST",
            "https://run.googleapis.com/v2/projects/accueil-exemple/locations/europe-west9/builds:submit",
        ),
        *[
            (
                "GET",
                (
                    "https://cloudbuild.googleapis.com/v1/projects/accueil-exemple/locations/"
                    "europe-west9/operations/b-1"
                ),
            )
        ]
        * 2,
    ]
    assert said == ["  journal de la construction : https://log.example.org/b-1"]
    assert slept == [5]


def test_the_build_has_its_own_account_no_function_and_a_base_that_google_renews():
    assert order(SMTP, "abc.zip") == {
        "storageSource": {"bucket": "accueil-exemple-accueil-sources", "object": "abc.zip"},
        "imageUri": "europe-west9-docker.pkg.dev/accueil-exemple/accueil/functions",
        "buildpackBuild": {"baseImage": "python313", "enableAutomaticUpdates": True},
        "serviceAccount": (
            "projects/accueil-exemple/serviceAccounts/"
            "accueil-build@accueil-exemple.iam.gserviceaccount.com"
        ),
    }


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (
            [Answer({"error": {"message": "Permission denied"}}, 403)],
            "Google refuse de construire l'image : Permission denied",
        ),
        ([Answer(ValueError("no JSON"), 502)], "Google ne répond pas à la demande de construction"),
        ([requests.ConnectionError()], r"\(ConnectionError\) : recommencez"),
        (
            [Answer(SUBMITTED), Answer({"done": True, "error": {"message": "exit 1"}})],
            r"La construction a échoué \(exit 1\) : voyez https://log\.example\.org/b-1",
        ),
        ([Answer(SUBMITTED), *[Answer({})] * 240], "La construction dure trop longtemps"),
    ],
)
def test_a_build_that_fails_says_where_the_reason_is(answers, said):
    with pytest.raises(BuildError, match=said):
        build(*answers)[-1].build(SMTP, "abc.zip")
