import gzip
import socket
import threading
import time
from contextlib import contextmanager, suppress

import pytest
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from infra.emulator.server import serving
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
        case "/said":
            return Response(f"{request.content_type} {request.get_data(as_text=True)}")
        case "/circle":
            return redirect("/circle")
        case "/4" | "/3" | "/2" | "/1" | "/0":
            return redirect(f"/{int(request.path[1:]) - 1}" if request.path != "/0" else "/there")
        case "/5":
            return redirect("/4")
        case "/strange":
            return redirect("ftp://a/\x1b[2J")
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


def test_what_is_sent_goes_to_its_address_and_no_further(base):
    json = {"Content_Type": "application/json"}

    assert Web().fetch(f"{base}/said", "POST", "{}", **json).body == "application/json {}"
    moved = Web().fetch(f"{base}/moved", "POST", "{}", **json)
    assert (moved.url, moved.status) == (f"{base}/moved", 302)


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


@contextmanager
def talking(talk):
    """A server that answers one call as `talk` does, until the caller leaves."""

    def answer(server):
        caller, _ = server.accept()
        with caller, suppress(OSError):
            talk(caller)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer, args=[server])
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        thread.join()


def test_what_a_redirect_holds_is_not_read(base):
    sent = []

    def heavy(caller):
        caller.sendall(f"HTTP/1.1 302 Found\r\nLocation: {base}/there\r\n\r\n".encode())
        for _ in range(100):
            caller.sendall(b"x" * 1_000_000)
            sent.append(1)

    with talking(heavy) as url:
        assert Web().fetch(url).url == f"{base}/there"
    assert len(sent) < 20  # what fits into the buffers of both sides


def test_five_redirects_are_followed_and_no_more(base):
    assert Web().fetch(f"{base}/4").url == f"{base}/there"
    with pytest.raises(WebError, match="redirige sans fin"):
        Web().fetch(f"{base}/5")


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\n\r\n"], ids=["headers", "body"])
def test_nor_one_that_sends_a_byte_now_and_then(start):
    over = threading.Event()

    def drip(caller):
        caller.sendall(start or b"HTTP/1.1 200 OK\r\nX: ")
        while not over.wait(0.02):
            caller.sendall(b"x")

    with talking(drip) as url:
        begun = time.monotonic()
        try:
            with pytest.raises(WebError, match="ne répond pas à temps"):
                Web(deadline=0.3).fetch(url)
            assert time.monotonic() - begun < 5
        finally:
            over.set()


def test_what_a_server_says_gives_the_terminal_no_orders(base):
    with pytest.raises(WebError) as caught:
        Web().fetch(f"{base}/strange")
    assert str(caught.value).isprintable()
