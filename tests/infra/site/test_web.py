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
        case "/moved_to_near":
            return redirect(f"{request.host_url.replace('127.0.0.1', 'localhost')}there")
        case "/circle":
            return redirect("/circle")
    origin = request.headers.get("Origin", "")
    return Response(f"{origin}é", 404, content_type="Text/HTML; charset=utf-8")


@pytest.fixture(scope="module")
def base():
    with serving(pages) as url:
        yield url


def test_an_answer_says_where_it_came_from(base):
    answer = fetch(f"{base}/moved", local=True, Origin="https://www.example.org")

    assert (answer.url, answer.status_code) == (f"{base}/there", 404)
    assert answer.text == "https://www.example.orgé"
    assert media_type(answer) == "text/html"


def test_what_is_sent_goes_to_its_address_and_no_further(base):
    json = {"Content_Type": "application/json"}

    assert fetch(f"{base}/said", "POST", "{}", local=True, **json).text == "application/json {}"
    moved = fetch(f"{base}/moved", "POST", "{}", local=True, **json)
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
        fetch(url, local=True)

    assert str(caught.value) == f"{url} {sentence}"


def test_a_bad_certificate_or_none_is_for_the_host_to_mend(base):
    with pytest.raises(WebError, match=r"^La connexion sécurisée \(https\) à https://127.* échoue"):
        fetch(base.replace("http:", "https:"), local=True)


def test_a_server_that_says_nothing_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(web, "PATIENCE", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        begun = time.monotonic()
        with pytest.raises(WebError, match=r"ne répond pas à temps\."):
            fetch(f"http://127.0.0.1:{port}/", local=True)
        assert time.monotonic() - begun < 5


class TestPublic:
    """Without --local."""

    @pytest.mark.parametrize(
        "host", ["127.0.0.1", "127.0.0.2", "localhost", "2130706433", "0x7f.1", "[::1]", "0.0.0.0"]
    )
    def test_this_machine_is_not_asked(self, base, host):
        url = f"{base.replace('127.0.0.1', host)}/there"
        with pytest.raises(WebError, match=r"ajoutez --local|injoignable"):
            fetch(url)

    def test_nor_is_it_asked_encrypted(self, base):
        with pytest.raises(WebError, match="ajoutez --local"):
            fetch(base.replace("http:", "https:"))

    def test_nor_where_a_page_redirects(self, base, monkeypatch):
        asked = []
        monkeypatch.setattr(web, "is_public", lambda ip: asked.append(ip) or len(asked) == 1)
        with pytest.raises(WebError, match="réseau privé"):
            fetch(f"{base}/moved_to_near")
        assert asked == ["127.0.0.1", "127.0.0.1"]

    def test_nor_through_a_proxy_of_the_environment(self, base, monkeypatch):
        monkeypatch.setenv("HTTP_PROXY", base)
        monkeypatch.setenv("http_proxy", base)
        with pytest.raises(WebError):
            fetch("http://nowhere.invalid/there")

    def test_what_is_public_is_asked(self, base, monkeypatch):
        monkeypatch.setattr(web, "is_public", lambda _: True)
        assert fetch(f"{base}/moved").url == f"{base}/there"

    @pytest.mark.parametrize(
        "ip", ["192.88.99.1", "93.184.215.14", "2606:2800:21f::1", "::ffff:93.184.215.14"]
    )
    def test_an_address_of_the_internet(self, ip):
        assert web.is_public(ip)

    @pytest.mark.parametrize(
        "ip",
        [
            *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0"),
            *("100.64.0.1", "192.0.2.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%lo"),
            *("fd00::1", "fe80::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254"),
            *("2002:7f00:1::1", "64:ff9b::a00:1", "2001:db8::1"),
        ],
    )
    def test_an_address_that_is_not(self, ip):
        assert not web.is_public(ip)
