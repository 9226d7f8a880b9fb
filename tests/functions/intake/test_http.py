"""HTTP as it should be, at every address of intake."""

import json
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

import pytest

from functions.intake.handler import BODY_LIMIT, FORM_TYPE, Intake
from functions.intake.limits import RATES, Rate
from functions.shared.errors import JournalError
from functions.shared.journal.store import open_journal
from functions.shared.web import Answer, Call
from infra.local.access import LOCAL_INTAKE
from tests.functions.intake.examples import ANA
from tests.functions.intake.test_answers import PERSON
from tests.functions.pages import Page
from tests.support import API_KEY, JSON, Clock

SITE, STRANGER = "https://www.example.org", "https://evil.example.com"
RESOURCES = Intake(open_journal("memory:///"), LOCAL_INTAKE).resources
PATHS = list(RESOURCES)
# Methods that HTTP knows, and one that it does not.
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "get")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def intake(clock: Clock) -> Intake:
    public = replace(LOCAL_INTAKE, origins=(SITE,))
    return Intake(open_journal("memory:///"), public, clock, new_key=lambda: "key")


def ask(
    intake: Intake,
    method: str,
    path: str = "/",
    body: bytes = b"",
    query: Mapping[str, str] = MappingProxyType({}),
    **headers: str,
) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return intake(Call(method, named, query, body, path, "192.0.2.7"))


def sentence_of(answer: Answer, status: int) -> str:
    """The sentence of a refusal, as a problem or on a page."""
    assert answer.status == status
    if answer.content_type == "text/html; charset=utf-8":
        root = Page(answer.body).root
        for summary in root.all("section", **{"class": "summary"}):
            [notice] = summary.all("a")
            return notice.text
        assert len(answer.body) < 2_000  # a short page
        return next(root.all("p")).text
    assert answer.content_type == "application/problem+json; charset=utf-8"
    body = json.loads(answer.body)
    assert (body["type"], body["status"]) == ("about:blank", status)
    return str(body["title"])


# Methods and addresses.


@pytest.mark.parametrize("path", PATHS)
def test_head_is_get_without_its_body(intake: Intake, path: str):
    got, head = ask(intake, "GET", path), ask(intake, "HEAD", path)
    assert (got.status, head.status) == (200, 200)
    assert head.content_type == got.content_type
    assert head.headers == got.headers


@pytest.mark.parametrize("path", PATHS)
def test_options_says_what_is_possible(intake: Intake, path: str):
    answer = ask(intake, "OPTIONS", path)
    assert (answer.status, answer.body) == (204, "")
    assert answer.headers["Allow"] == ", ".join([*RESOURCES[path], "HEAD", "OPTIONS"])
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("path", PATHS)
def test_any_other_method_is_refused_with_those_there_are(intake: Intake, path: str):
    for method in METHODS:
        if method in RESOURCES[path]:
            continue
        answer = ask(intake, method, path)
        assert (
            sentence_of(answer, 405)
            == "Cette méthode n'est pas possible ici : l'en-tête Allow nomme celles qui le sont."
        )
        assert answer.headers["Allow"] == ", ".join([*RESOURCES[path], "HEAD", "OPTIONS"])


@pytest.mark.parametrize(
    "path", ["/x", "/intake", "/api/x", "/openapi.yaml", "/.env", "/health.json", "//x", "/API"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "HEAD", "PUT"])
def test_elsewhere_there_is_nothing(intake: Intake, method: str, path: str):
    answer = ask(intake, method, path)
    # Where the form is depends on where the function is mounted: at /intake, for one.
    assert sentence_of(answer, 404) == (
        "Il n'y a rien à cette adresse : le formulaire est à l'adresse de base du service, "
        "son mode d'emploi à cette adresse suivie de /api."
    )
    assert "Allow" not in answer.headers


@pytest.mark.parametrize("path", PATHS)
def test_a_slash_at_the_end_is_the_same_address(intake: Intake, path: str):
    assert ask(intake, "GET", path.rstrip("/") + "/").status == 200


def test_the_root_has_no_path_at_all_where_it_is_mounted(intake: Intake):
    assert ask(intake, "GET", "").status == 200


# Other sites.


@pytest.mark.parametrize("path", PATHS)
def test_an_allowed_site_may_read_every_answer_and_no_other_may(intake: Intake, path: str):
    for method in ("GET", "HEAD", "POST", "OPTIONS", "PUT"):
        allowed = ask(intake, method, path, origin=SITE).headers
        assert allowed["Access-Control-Allow-Origin"] == SITE
        assert allowed["Access-Control-Expose-Headers"] == "Retry-After"
        for origin in (STRANGER, "null", "", SITE + ".evil.example", SITE.upper(), "http:" + SITE):
            refused = ask(intake, method, path, origin=origin).headers
            assert not [name for name in refused if name.startswith("Access-Control")]
        for headers in (allowed, refused):
            assert headers["Vary"] == "Origin"
            assert "Access-Control-Allow-Credentials" not in headers


def test_a_refused_address_is_no_exception(intake: Intake):
    assert ask(intake, "GET", "/x", origin=SITE).headers["Access-Control-Allow-Origin"] == SITE


@pytest.mark.parametrize("path", PATHS)
def test_a_preflight_is_kept_for_two_hours(intake: Intake, path: str):
    answer = ask(intake, "OPTIONS", path, origin=SITE, access_control_request_method="POST")
    assert answer.status == 204
    assert answer.headers["Access-Control-Max-Age"] == "7200"
    assert answer.headers["Access-Control-Allow-Methods"] == answer.headers["Allow"]
    # API keys are for servers: a page that sends one shows it to everybody.
    assert answer.headers["Access-Control-Allow-Headers"] == "Content-Type, Idempotency-Key"


@pytest.mark.parametrize("content_type", ["application/json", FORM_TYPE])
def test_a_page_of_another_site_sends_nothing(intake: Intake, content_type: str):
    body = urlencode(PERSON).encode() if content_type == FORM_TYPE else json.dumps(ANA).encode()
    answer = ask(intake, "POST", "/", body, content_type=content_type, origin=STRANGER)
    assert sentence_of(answer, 403) == "Ce site n'est pas autorisé à envoyer des demandes."
    assert list(intake.journal.keys("")) == []


@pytest.mark.parametrize(
    ("headers", "admitted"),
    [
        ({"origin": "null"}, False),
        ({"origin": "null", "sec_fetch_site": "cross-site"}, False),
        ({"origin": "null", "sec_fetch_site": "same-site"}, False),
        ({"origin": "null", "sec_fetch_site": "same-origin"}, True),
        ({"origin": "null", "sec_fetch_site": "none"}, True),
        ({"sec_fetch_site": "cross-site"}, False),
        ({"sec_fetch_site": "same-origin"}, True),
        ({"sec_fetch_site": "cross-site", "origin": SITE}, True),
        ({"origin": ""}, False),
        ({}, True),
    ],
)
def test_an_origin_that_is_hidden_is_taken_for_another_s_unless_the_browser_says_it_is_ours(
    intake: Intake, headers: dict[str, str], admitted: bool
):
    body = urlencode(PERSON).encode()
    answer = ask(intake, "POST", body=body, content_type=FORM_TYPE, **headers)
    assert answer.status == (202 if admitted else 403)
    assert bool(intake.journal.keys("")) == admitted


@pytest.mark.parametrize("origin", [SITE, "https://intake.example.org"])
def test_its_own_page_and_those_of_allowed_sites_do(intake: Intake, origin: str):
    body = urlencode(PERSON).encode()
    answer = ask(
        intake,
        "POST",
        "/",
        body,
        content_type=FORM_TYPE,
        origin=origin,
        host="intake.example.org",
    )
    assert answer.status == 202


# What every answer says.


def answers(intake: Intake) -> list[Answer]:
    """One of each kind."""
    form = {"content_type": FORM_TYPE, "x_api_key": API_KEY["x-api-key"]}
    program = {"content_type": "application/json", "x_api_key": API_KEY["x-api-key"]}
    return [
        *(ask(intake, method, path) for path in PATHS for method in ("GET", "OPTIONS", "PUT")),
        ask(intake, "GET", "/x"),
        ask(intake, "POST", body=json.dumps(ANA).encode(), **program),
        ask(intake, "POST", body=b"{}", **program),
        ask(intake, "POST", body=b"{", **program),
        ask(intake, "POST", body=urlencode(PERSON).encode(), **form),
        ask(intake, "POST", body=b"a=1", **form),
        ask(intake, "POST", body=b"%ff", **form),
        ask(intake, "POST", body=json.dumps(ANA).encode(), content_type="application/json"),
        ask(intake, "POST", body=b"{}", content_type="text/csv"),
    ]


def test_every_answer_is_safe_to_show(intake: Intake):
    for answer in answers(intake):
        headers = answer.headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Strict-Transport-Security"] == "max-age=63072000"
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert "Set-Cookie" not in headers


def test_every_kind_of_answer_was_looked_at(intake: Intake):
    assert {answer.status for answer in answers(intake)} == {
        200,
        202,
        204,
        400,
        403,
        404,
        405,
        415,
        422,
    }


def directives(answer: Answer) -> dict[str, list[str]]:
    parts = answer.headers["Content-Security-Policy"].split("; ")
    return {name: sources for name, *sources in map(str.split, parts)}


def test_a_page_may_load_nothing_but_its_own(intake: Intake):
    pages = [answer for answer in answers(intake) if answer.content_type.startswith("text/html")]
    assert {answer.status for answer in pages} == {200, 202, 400, 422}
    for page in pages:
        policy = directives(page)
        assert policy["default-src"] == ["'none'"]
        assert policy["base-uri"] == ["'none'"]
        assert policy["form-action"] == ["'self'"]
        assert policy["img-src"] == ["data:"]  # the blank icon of the pages, and nothing else
        for name in ("style-src", "script-src"):
            assert all(source.startswith("'sha256-") for source in policy.get(name, []))
        assert "unsafe" not in page.headers["Content-Security-Policy"]


def test_only_allowed_sites_frame_the_form_and_nobody_frames_the_rest(intake: Intake):
    assert directives(ask(intake, "GET"))["frame-ancestors"] == ["'self'", SITE]
    assert directives(ask(intake, "GET", "/api"))["frame-ancestors"] == ["'self'"]
    for answer in answers(intake):
        if not answer.content_type.startswith("text/html"):
            assert directives(answer)["frame-ancestors"] == ["'none'"]


def test_nothing_that_may_be_somebody_s_is_kept_anywhere(intake: Intake):
    kept = {"/": "private, no-cache"} | dict.fromkeys(
        ("/embed.js", "/openapi.json", "/api"), "public, max-age=3600"
    )
    for path in PATHS:
        kept_for = ask(intake, "GET", path).headers["Cache-Control"]
        assert kept_for == kept.get(path, "no-store")
    shared = {"private, no-cache", "public, max-age=3600"}
    for answer in answers(intake):
        assert answer.headers["Cache-Control"] == "no-store" or (
            answer.status == 200 and answer.headers["Cache-Control"] in shared
        )


@pytest.mark.parametrize(
    ("known", "status"),
    [
        ("{tag}", 304),
        ('"other", {tag}', 304),
        ("*", 304),
        ('"other"', 200),
        ("", 200),
        ("x" * 65_000 + ", {tag}", 200),  # of a hostile header only the beginning is read
        ("," * 65_000 + "{tag}", 200),
    ],
)
def test_a_version_that_is_known_is_not_sent_again(intake: Intake, known: str, status: int):
    first = ask(intake, "GET", "/embed.js")
    tag = first.headers["ETag"]
    again = ask(intake, "GET", "/embed.js", if_none_match=known.format(tag=tag))
    assert again.status == status
    assert again.headers == first.headers
    assert again.body == ("" if status == 304 else first.body)


# Refused calls.


def test_a_body_that_is_too_long_is_refused(intake: Intake):
    for content_type in ("application/json", FORM_TYPE, "text/csv"):
        headers = {"content_type": content_type, "x_api_key": API_KEY["x-api-key"]}
        answer = ask(intake, "POST", body=b"a" * (BODY_LIMIT + 1), **headers)
        assert (
            sentence_of(answer, 413)
            == "La demande est trop longue : 32 Kio au plus. Raccourcissez-la et renvoyez-la."
        )


@pytest.mark.parametrize("encoding", ["gzip", "br", "GZIP", "deflate, gzip", "x-unknown", ""])
@pytest.mark.parametrize("content_type", ["application/json", FORM_TYPE])
def test_a_compressed_body_is_refused_with_what_is_taken(
    intake: Intake, content_type: str, encoding: str
):
    answer = ask(intake, "POST", body=b"x", content_type=content_type, content_encoding=encoding)
    assert (
        sentence_of(answer, 415)
        == "Envoyez la demande sans compression (en-tête Content-Encoding)."
    )
    assert answer.headers["Accept-Encoding"] == "identity"


def test_a_body_said_to_be_as_it_is_is_taken(intake: Intake):
    body = json.dumps(ANA).encode()
    headers = JSON | {"content-encoding": "Identity"}
    assert intake(Call("POST", headers, {}, body)).status == 202


@pytest.mark.parametrize("content_type", ["text/plain", "multipart/form-data; boundary=x", "", "x"])
def test_another_media_type_is_refused_with_those_there_are(intake: Intake, content_type: str):
    answer = ask(intake, "POST", body=b"x", content_type=content_type)
    assert sentence_of(answer, 415) == f"Envoyez application/json ou {FORM_TYPE}."


@pytest.mark.parametrize("content_type", ["application/json", FORM_TYPE])
def test_an_unknown_key_is_refused_as_its_caller_reads(intake: Intake, content_type: str):
    body = urlencode(PERSON).encode() if content_type == FORM_TYPE else json.dumps(ANA).encode()
    answer = ask(intake, "POST", body=body, content_type=content_type, x_api_key="guess")
    assert sentence_of(answer, 401).startswith("Cette clé d'API n'est pas connue")
    assert answer.content_type.startswith("text/html") == (content_type == FORM_TYPE)
    assert "guess" not in answer.body


@pytest.mark.parametrize(
    ("kind", "request_"),
    [
        ("challenge", {"method": "GET", "path": "/challenge"}),
        ("page", {"method": "GET", "path": "/api"}),
        ("network", {"method": "POST", "body": b"{}", "content_type": "application/json"}),
        (
            "no_script",
            {"method": "POST", "body": urlencode(PERSON).encode(), "content_type": FORM_TYPE},
        ),
        ("network", {"method": "POST", "body": b"a=%ff", "content_type": FORM_TYPE}),
        ("page", {"method": "GET", "path": "/embed.js"}),
        ("page", {"method": "GET", "path": "/openapi.json"}),
        (
            "network",
            {
                "method": "POST",
                "body": b"a=b",
                "content_type": FORM_TYPE,
                "query": {"step": "translate"},
            },
        ),
    ],
)
def test_too_many_calls_are_told_when_to_come_back(
    intake: Intake, clock: Clock, kind: str, request_: dict[str, Any]
):
    for _ in range(RATES[kind].at_once):
        assert ask(intake, **request_).status != 429
    answer = ask(intake, **request_)
    assert "réessayez un peu plus tard" in sentence_of(answer, 429)
    wait = int(answer.headers["Retry-After"])
    assert 1 <= wait <= 60
    clock.advance(seconds=wait)
    assert ask(intake, **request_).status != 429


@pytest.mark.parametrize(
    ("content_type", "step"),
    [("application/json", "send"), (FORM_TYPE, "send"), (FORM_TYPE, "translate")],
)
def test_what_is_one_too_many_is_refused_before_it_is_read(
    intake: Intake, monkeypatch: pytest.MonkeyPatch, content_type: str, step: str
):
    def read(*_: object) -> Any:
        raise AssertionError("read")

    for at in ("read_form", "parse_json", "render_form"):
        monkeypatch.setattr(f"functions.intake.handler.{at}", read)
    monkeypatch.setattr("functions.intake.limits.RATES", {**RATES, "network": Rate(0, 1)})
    answer = ask(intake, "POST", body=b"a=b", content_type=content_type, query={"step": step})
    assert answer.status == 429


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_person_who_is_one_too_many_reads_a_short_page(
    intake: Intake, monkeypatch: pytest.MonkeyPatch, lang: str
):
    rates = {"network": Rate(0, 1), "page": Rate(0, 1)}
    monkeypatch.setattr("functions.intake.limits.RATES", {**RATES, **rates})
    for query in ({"lang": lang}, {"lang": lang, "frame": "embed"}):
        sent = ask(intake, "POST", body=b"a=b", content_type=FORM_TYPE, query=query)
        read = ask(intake, "GET", accept="text/html,*/*", query=query)
        for answer in (sent, read):
            assert answer.status == 429
            assert answer.content_type.startswith("text/html")
            assert len(answer.body) < 2_000
            page = Page(answer.body).root
            assert f"{answer.headers['Retry-After']} s" in page.text.replace("\xa0", " ")
            assert page.only("html").attributes["lang"] == lang
            assert "style-src 'sha256-" in answer.headers["Content-Security-Policy"]
        kept = {"fr": "Rien n'est perdu", "en": "Nothing is lost"}[lang]
        assert [kept in Page(answer.body).root.text for answer in (sent, read)] == [True, False]
    for query in ({"frame": "fragment", "lang": lang}, {"frame": "fragment", "step": "send"}):
        for_a_script = ask(intake, "POST", body=b"a=b", content_type=FORM_TYPE, query=query)
        assert for_a_script.content_type.startswith("application/problem+json")


class Silent:
    """A journal that does not answer."""

    def __getattr__(self, _name: str) -> Any:
        def fail(*_: object) -> None:
            raise JournalError("Le journal ne répond pas.")

        return fail


@pytest.mark.parametrize("content_type", ["application/json", FORM_TYPE])
def test_without_the_journal_one_is_told_when_to_come_back(clock: Clock, content_type: str):
    intake = Intake(Silent(), LOCAL_INTAKE, clock)
    body = urlencode(PERSON).encode() if content_type == FORM_TYPE else json.dumps(ANA).encode()
    answer = ask(
        intake, "POST", body=body, content_type=content_type, x_api_key=API_KEY["x-api-key"]
    )
    assert sentence_of(answer, 503).startswith(
        "L'enregistrement de votre demande n'est pas confirmé"
    )
    assert answer.headers["Retry-After"] == "10"
    assert sentence_of(ask(intake, "GET", "/health"), 503) == "Le journal ne répond pas."
