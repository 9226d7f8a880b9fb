import gzip
import socket

import pytest
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from infra.local.sheets.server import serving
from infra.site.web import Web, WebError


@Request.application
def pages(request: Request) -> Response:
    match request.path:
        case "/long":
            return Response("x" * 5_000_000, content_type="Text/HTML; charset=utf-8")
        case "/zip":
            body = gzip.compress(b"x" * 5_000_000)
            return Response(body, headers={"Content-Encoding": "gzip"})
        case "/moved":
            return redirect("/there")
        case "/circle":
            return redirect("/circle")
    return Response(request.headers.get("Origin", "") + "é", 404)


@pytest.fixture(scope="module")
def base():
    with serving(pages) as url:
        yield url


@pytest.mark.parametrize("path", ["/long", "/zip"])
def test_no_more_is_read_than_a_page_has(base, path):
    assert len(Web().fetch(base + path).body) == 2 * 1024 * 1024


def test_an_answer_says_where_it_came_from(base):
    fetched = Web().fetch(f"{base}/moved", Origin="https://www.example.org")

    assert (fetched.url, fetched.status) == (f"{base}/there", 404)
    assert fetched.body == "https://www.example.orgé"
    assert Web().fetch(f"{base}/long").media_type == "text/html"


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("{base}/circle", "{base}/circle redirige sans fin."),
        ("http://127.0.0.1:9/", "127.0.0.1 est injoignable."),
        ("http://nowhere.invalid/", "nowhere.invalid est injoignable."),
        ("https://:80/", "https://:80/ n'est pas une adresse qu'on peut ouvrir."),
        ("https://a:99999/", "https://a:99999/ n'est pas une adresse qu'on peut ouvrir."),
        ("ftp://a/", "ftp://a/ n'est pas une adresse qu'on peut ouvrir."),
    ],
)
def test_what_cannot_be_fetched_is_a_sentence(base, url, sentence):
    with pytest.raises(WebError) as caught:
        Web().fetch(url.format(base=base))

    assert str(caught.value) == sentence.format(base=base)


def test_a_bad_certificate_or_none_is_for_the_host_to_mend(base):
    with pytest.raises(WebError, match=r"^La connexion sécurisée \(https\) à 127\.0\.0\.1 échoue"):
        Web().fetch(base.replace("http:", "https:"))


def test_a_server_that_says_nothing_is_not_waited_for():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(WebError, match=r"127\.0\.0\.1 ne répond pas à temps\."):
            Web(patience=0.05).fetch(f"http://127.0.0.1:{port}/")


def test_nor_one_that_never_ends(base):
    with pytest.raises(WebError, match="ne répond pas à temps"):
        Web(deadline=0).fetch(f"{base}/long")
