import json

import pytest

from functions.shared.web import Call, json_answer, only_post, problem


def call(method="POST", **headers):
    return Call(method, headers, {}, b"")


@pytest.mark.parametrize(
    ("header", "media_type"),
    [
        ("application/json", "application/json"),
        ("Application/JSON; charset=UTF-8", "application/json"),
        (" text/html ;q=1", "text/html"),
        ("", ""),
    ],
)
def test_a_body_has_a_media_type_without_parameters(header, media_type):
    assert call(**{"content-type": header}).content_type == media_type


def test_a_body_may_have_no_media_type():
    assert call().content_type == ""


def test_an_answer_is_json_with_readable_accents():
    answer = json_answer(200, {"référence": "été"})

    assert (answer.status, answer.body) == (200, '{"référence": "été"}')
    assert answer.content_type == "application/json; charset=utf-8"


def test_a_problem_is_an_answer_with_a_french_sentence():
    answer = problem(400, "Il manque un nom.", errors=["nom"])

    assert answer.status == 400
    assert answer.content_type == "application/problem+json; charset=utf-8"
    assert json.loads(answer.body) == {
        "type": "about:blank",
        "status": 400,
        "title": "Il manque un nom.",
        "errors": ["nom"],
    }


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_a_function_that_acts_is_called_by_post_alone(method):
    refusal = only_post(call(method))

    assert refusal.status == 405
    assert refusal.headers == {"Allow": "POST"}
    assert json.loads(refusal.body)["title"] == "Cette fonction s'appelle en POST."


def test_a_post_is_not_refused():
    assert only_post(call()) is None
