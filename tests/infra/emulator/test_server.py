import http.client
import socket
import threading
from urllib.parse import urlsplit

import pytest
from werkzeug.wrappers import Request, Response

from infra.emulator.server import DELIVERY, Server, serving


@Request.application
def echo(request):
    if request.path == "/fail":
        raise RuntimeError("a bug")
    body = b"" if request.path == "/unread" else request.get_data()
    return Response(body or b"-", status=204 if request.path == "/none" else 200)


@pytest.fixture
def connection():
    with serving(echo) as url:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=5)
        yield connection
        connection.close()


def ask(connection, verb="GET", path="/", body=None, **headers):
    connection.request(verb, path, body, headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


def test_a_connection_serves_many_requests(connection):
    connection.connect()
    first = connection.sock
    for body in (b"un", b"deux", b""):
        assert ask(connection, "POST", body=body) == (200, body or b"-")
        assert connection.sock is first


def test_a_body_that_nobody_reads_is_not_the_next_request(connection):
    assert ask(connection, "POST", "/unread", b"GET / HTTP/1.1\r\n\r\n") == (200, b"-")
    assert ask(connection, "POST", body=b"suivant") == (200, b"suivant")


def test_a_body_cut_short_is_handed_to_nobody():
    called = []

    def note(_environ, start_response):
        called.append(True)
        start_response("200 OK", [])
        return [b"ok"]

    with serving(note) as url:
        address = urlsplit(url)
        with socket.create_connection((address.hostname, address.port), timeout=5) as caller:
            caller.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc")
            caller.shutdown(socket.SHUT_WR)
            assert caller.recv(1) == b""
    assert called == []


def test_a_body_may_come_in_chunks(connection):
    chunks = iter([b"un", b"deux"])
    assert ask(connection, "POST", body=chunks) == (200, b"undeux")
    assert ask(connection) == (200, b"-")


def test_answers_without_a_body(connection):
    assert ask(connection, "HEAD") == (200, b"")
    assert ask(connection, path="/none") == (204, b"")
    assert ask(connection) == (200, b"-")


def test_a_failing_application_answers_500(connection, caplog):
    status, body = ask(connection, path="/fail")
    assert status == 500
    assert b"a bug" not in body
    assert "RuntimeError: a bug" in caplog.text
    assert ask(connection) == (200, b"-")


def test_an_answer_is_sent_in_one_write(monkeypatch):
    sent = []
    real = socket.socket.sendall

    def sendall(self, data, *rest):
        sent.append(bytes(data))
        return real(self, data, *rest)

    with serving(echo) as url:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=5)
        connection.connect()
        monkeypatch.setattr(socket.socket, "sendall", sendall)
        ask(connection, "POST", body=b"x" * 50_000)
        connection.close()
    (answer,) = [data for data in sent if data.startswith(b"HTTP/1.1 200")]
    assert answer.endswith(b"x" * 50_000)


def test_an_application_may_send_its_answer_itself():
    def send(connection, head, body):
        connection.sendall(head.replace(b"200 OK", b"200 Bien") + body[:2])

    def shorten(environ, start_response):
        environ[DELIVERY].send = send
        start_response("200 OK", [])
        return [b"abcd"]

    with serving(shorten) as url:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=5)
        connection.request("GET", "/")
        answer = connection.getresponse()
        assert (answer.reason, answer.headers["Content-Length"]) == ("Bien", "4")
        with pytest.raises(http.client.IncompleteRead):
            answer.read()
        connection.close()


def hung_up(sock) -> bool:
    try:
        return sock.recv(1) == b""
    except ConnectionResetError:
        return True


def test_open_connections_do_not_hold_up_the_end():
    with serving(echo) as url:
        held = http.client.HTTPConnection(urlsplit(url).netloc, timeout=5)
        assert ask(held) == (200, b"-")
        silent = socket.create_connection((held.host, held.port), timeout=5)
    assert hung_up(held.sock)
    assert hung_up(silent)
    silent.close()
    held.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((held.host, held.port), timeout=5)


def test_a_server_may_be_run_by_hand():
    server = Server(echo)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=5)
    assert ask(connection)[0] == 200
    (at_server,) = server._connections
    assert at_server.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    connection.close()
    server.close()
    thread.join(5)
    assert not thread.is_alive()


def test_requests_are_served_side_by_side():
    both = threading.Barrier(2, timeout=5)

    def meet(_environ, start_response):
        both.wait()
        start_response("200 OK", [])
        return [b"ok"]

    with serving(meet) as url:
        connections = [http.client.HTTPConnection(urlsplit(url).netloc, timeout=5) for _ in "ab"]
        for connection in connections:
            connection.request("GET", "/")
        assert [connection.getresponse().read() for connection in connections] == [b"ok"] * 2
        for connection in connections:
            connection.close()
