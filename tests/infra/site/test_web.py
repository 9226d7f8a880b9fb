import socket
import time

import pytest
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from infra.emulator.server import serving
from infra.site import web
from infra.site.web import WebError, fetch, media_type


@Request.application
def pages(request: Request) -> Response:
    match request.path:
        case "/moved":
            return redirect("/there")
        case "/said":
            return Response(f"{request.content_type} {request.get_data(as_text=True)}")
        case "/circle":
            return redirect("/circle")
    origin = request.headers.get("Origin", "")
    return Response(f"{origin}é", 404, content_type="Text/HTML; charset=utf-8")


@pytest.fixture(scope="module")
def base():
    with serving(pages) as url:
        yield url


def test_an_answer_says_where_it_came_from(base):
    answer = fetch(f"{base}/moved", Origin="https://www.example.org")

    assert (answer.url, answer.status_code) == (f"{base}/there", 404)
    assert answer.text == "https://www.example.orgé"
    assert media_type(answer) == "text/html"


def test_what_is_sent_goes_to_its_address_and_no_further(base):
    json = {"Content_Type": "application/json"}

    assert fetch(f"{base}/said", "POST", "{}", **json).text == "application/json {}"
    moved = fetch(f"{base}/moved", "POST", "{}", **json)
    assert (moved.url, moved.status_code) == (f"{base}/moved", 302)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("{base}/circle", "redirige sans fin."),
        ("http://127.0.0.1:9/", "est injoignable, ou ne répond pas à temps."),
        ("http://nowhere.invalid/", "est injoignable, ou ne répond pas à temps."),
        ("https://:80/", "n'est pas une adresse qu'on peut ouvrir."),
        ("https://a:99999/", "n'est pas une adresse qu'on peut ouvrir."),
        ("ftp://a/", "n'est pas une adresse qu'on peut ouvrir."),
        ("www.example.org", "n'est pas une adresse qu'on peut ouvrir."),
    ],
)
def test_what_cannot_be_fetched_is_a_sentence(base, url, sentence):
    url = url.format(base=base)
    with pytest.raises(WebError) as caught:
        fetch(url)

    assert str(caught.value) == f"{url} {sentence}"


def test_a_bad_certificate_or_none_is_for_the_host_to_mend(base):
    with pytest.raises(WebError, match=r"^La connexion sécurisée \(https\) à https://127.* échoue"):
        fetch(base.replace("http:", "https:"))


def test_a_server_that_says_nothing_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(web, "PATIENCE", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        begun = time.monotonic()
        with pytest.raises(WebError, match=r"ne répond pas à temps\."):
            fetch(f"http://127.0.0.1:{port}/")
        assert time.monotonic() - begun < 5
