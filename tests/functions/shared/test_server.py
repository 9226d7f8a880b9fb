"""What slow, long and hostile connections get, and that they cost others nothing."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from waitress.channel import HTTPChannel

from functions.shared.server import Limits, Phase, Server

HEAD = b"POST / HTTP/1.1\r\nHost: x\r\n"
WHOLE = HEAD + b"Content-Length: 2\r\n\r\nab"
LONG = 8 * 1024 * 1024  # more than the kernel takes of an answer that nobody reads
QUICK = Limits(header=0.15, body=0.15, sending=0.15, idle=0.15, last=0.1)


def echo(environ, start):
    """Answers with the length of the body, who is said to call, or a very long body."""
    if environ["PATH_INFO"] == "/long":
        start("200 OK", [("Content-Length", str(LONG))])
        return [bytes(LONG)]
    caller = environ.get("HTTP_X_FORWARDED_FOR", "").encode()
    body = b"%d %b" % (len(environ["wsgi.input"].read()), caller)
    start("200 OK", [("Content-Length", str(len(body)))])
    return [body]


@contextmanager
def serving(limits: Limits = QUICK, app=echo, threads: int = 2) -> Iterator[Server]:
    server = Server(app, limits=limits, threads=threads)
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join()


def connect(server: Server) -> socket.socket:
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(10)
    connection.connect(("127.0.0.1", server.port))
    return connection


def rest(connection: socket.socket) -> bytes:
    """All that still comes, until the server hangs up."""
    answer = b""
    try:
        while part := connection.recv(65_536):
            answer += part
    except ConnectionResetError:
        pass
    return answer


def answer_to(connection: socket.socket, request: bytes) -> bytes:
    """The answer of `echo`; the connection stays open."""
    connection.sendall(request)
    answer = b""
    while not answer.endswith(b" "):
        answer += connection.recv(65_536)
    return answer


def ask(server: Server, request: bytes) -> bytes:
    with connect(server) as connection:
        connection.sendall(request)
        return rest(connection)


@pytest.mark.parametrize(
    "half", [b"", b"POST / HT", HEAD, HEAD + b"Content-Length: 9\r\n\r\nab", b"\r\n\r\n", WHOLE]
)
def test_who_does_not_go_on_is_hung_up_on(half):
    with serving() as server, connect(server) as connection:
        begin = time.monotonic()
        connection.sendall(half)
        answer = rest(connection)
        assert 0.1 < time.monotonic() - begin < 5
        assert answer.endswith(b"\r\n\r\n2 ") == (half == WHOLE)


def test_who_connects_and_says_nothing_is_hung_up_on_as_if_something_were_missing():
    with serving(Limits(header=0.15)) as server, connect(server) as connection:
        begin = time.monotonic()
        assert rest(connection) == b""
        assert time.monotonic() - begin < 5


@pytest.mark.parametrize("drip", [b"X-A: b\r\n", b"\r\n"])
def test_who_goes_on_slowly_is_hung_up_on_all_the_same(drip):
    def send() -> None:
        while time.monotonic() - begin < 5:
            connection.sendall(drip)
            time.sleep(0.02)  # the sender's pace

    with serving() as server, connect(server) as connection:
        if drip.strip():
            connection.sendall(HEAD)
        begin = time.monotonic()
        with pytest.raises(OSError, match=r"reset|Broken"):
            send()
        assert time.monotonic() - begin > 0.1


def test_who_does_not_read_is_hung_up_on():
    with serving() as server, connect(server) as connection:
        connection.sendall(b"GET /long HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.4)  # does not read; the deadline is 0.15 s
        assert len(rest(connection)) < LONG


def test_a_connection_that_is_used_again_has_its_deadlines_again():
    with serving() as server, connect(server) as connection:
        begin = time.monotonic()
        while time.monotonic() - begin < 0.3:  # more than all deadlines
            assert answer_to(connection, WHOLE).endswith(b"2 ")


def test_an_answer_may_take_longer_than_any_deadline():
    def slow(environ, start):
        time.sleep(0.3)  # our own work
        return echo(environ, start)

    with serving(app=slow) as server:
        assert ask(server, WHOLE).endswith(b"2 ")


def test_slow_connections_hold_no_thread():
    with serving(Limits()) as server, ExitStack() as closing:
        for number in range(12):
            half = [HEAD, HEAD + b"Content-Length: 9\r\n\r\nab", b"GET /long HTTP/1.1\r\n\r\n"]
            closing.enter_context(connect(server)).sendall(half[number % 3])
        begin = time.monotonic()
        assert answer_to(closing.enter_context(connect(server)), WHOLE).endswith(b"2 ")
        assert time.monotonic() - begin < 5  # less than each deadline


@pytest.mark.parametrize(
    ("request_", "status", "sentence"),
    [
        (b"GET /" + b"a" * 2_000 + b" HTTP/1.1\r\n\r\n", "431", "32 Kio"),
        (b"GET / HTTP/1.1\r\nA: " + b"a" * 2_000 + b"\r\n\r\n", "431", "32 Kio"),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 400 + b"\r\n", "431", "32 Kio"),
        (HEAD + b"Content-Length: 3000\r\n\r\n", "413", "32 Kio"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n800\r\n" + b"a" * 1_100, "413", "32 Kio"),
        (
            HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            "501",
            "sans compression",
        ),
        (HEAD + b"Transfer-Encoding: identity\r\n\r\n{}", "501", "sans compression"),
        (HEAD + b"Content-Length: -1\r\n\r\n", "400", "mal formée"),
        (HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nab", "400", "mal formée"),
        (b"GET / HTTP/1.1\r\nA b\r\n\r\n", "400", "mal formée"),
    ],
)
def test_what_is_too_long_or_malformed_is_refused(request_, status, sentence):
    # Short enough to be read at once: the rest of a longer one would be answered by a reset.
    with (
        serving(Limits(header_bytes=1_000, body_bytes=1_000)) as server,
        connect(server) as connection,
    ):
        connection.sendall(request_)
        head, _, body = rest(connection).partition(b"\r\n\r\n")
    assert head.split(b" ")[1] == status.encode()
    assert b"\r\nContent-Type: application/problem+json" in head
    answer = json.loads(body)
    assert answer["status"] == int(status)
    assert sentence in answer["title"]


@pytest.mark.parametrize("chunks", [b"2\r\n{}\r\n", b"20\r\n{", b"", b"2\r\n{}\r\n0\r\n"])
def test_a_body_that_was_cut_reaches_nobody(chunks):
    called = []

    def app(environ, start):
        called.append(environ)
        return echo(environ, start)

    with serving(app=app) as server:
        with connect(server) as connection:
            connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
            connection.shutdown(socket.SHUT_WR)
            assert rest(connection) == b""
        whole = b"Transfer-Encoding: Chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
        assert ask(server, HEAD + whole).endswith(b"2 ")
    assert len(called) == 1


def test_what_proxies_say_of_the_caller_comes_through():
    with serving() as server:
        said = b"GET / HTTP/1.1\r\nX-Forwarded-For: 192.0.2.1, 192.0.2.2\r\n\r\n"
        assert ask(server, said).endswith(b"0 192.0.2.1, 192.0.2.2")


def test_requests_that_do_not_wait_for_the_answer_are_dropped_and_the_caller_learns_it():
    with serving(Limits()) as server:
        answer = ask(server, WHOLE * 100)
    assert answer.count(b"HTTP/1.1 200 OK") == 1
    assert b"\r\nConnection: close\r\n" in answer


def test_an_answer_is_sent_in_one_piece_and_by_the_thread_that_made_it(monkeypatch):
    sent, tried = [], []

    def send(channel, data, do_close=True):
        sent.append((threading.current_thread().name, bytes(data)))
        return really_send(channel, data, do_close)

    def app(environ, start):
        (channel,) = server._channels()
        channel.total_outbufs_len += 1  # as if a part of the answer were there already
        tried.append(channel.writable())
        channel.total_outbufs_len -= 1
        return echo(environ, start)

    really_send = HTTPChannel.send
    monkeypatch.setattr(HTTPChannel, "send", send)
    with serving(app=app) as server, connect(server) as connection:
        answer_to(connection, WHOLE)
    assert tried == [False]  # else the main thread would try to send it all the time
    [(thread, answer)] = sent
    assert thread.startswith("waitress")
    assert (answer[:15], answer[-2:]) == (b"HTTP/1.1 200 OK", b"2 ")


def test_no_server_is_named():
    with serving() as server:
        answer = ask(server, WHOLE)
    assert b"waitress" not in answer.lower()


def test_beyond_the_limit_of_connections_others_wait_for_the_deadlines():
    with serving(Limits(header=0.3, connections=10)) as server, ExitStack() as closing:
        for _ in range(12):
            closing.enter_context(connect(server)).sendall(HEAD)
        begin = time.monotonic()
        assert answer_to(closing.enter_context(connect(server)), WHOLE).endswith(b"2 ")
        assert time.monotonic() - begin > 0.2


def test_what_is_being_answered_is_answered_before_the_end():
    begun, go_on = threading.Event(), threading.Event()

    def app(environ, start):
        begun.set()
        assert go_on.wait(10)
        time.sleep(0.2)  # our own work, longer than `last`
        return echo(environ, start)

    with serving(QUICK, app) as server, connect(server) as half, connect(server) as whole:
        whole.sendall(WHOLE)
        half.sendall(HEAD)
        assert begun.wait(10)
        server.stop()
        go_on.set()
        assert rest(whole).endswith(b"2 ")
        assert rest(half) == b""


def test_an_answer_that_does_not_end_is_not_waited_for():
    begun, never = threading.Event(), threading.Event()

    def app(environ, start):
        begun.set()
        never.wait(10)
        return echo(environ, start)

    with serving(Limits(end=0.1, last=0.1), app) as server:
        with connect(server) as connection:
            connection.sendall(WHOLE)
            assert begun.wait(10)
            begin = time.monotonic()
            server.stop()
            assert rest(connection) == b""
            assert time.monotonic() - begin < 5
        never.set()


def test_a_taken_port_is_an_error():
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        Server(echo, port=taken.getsockname()[1])


def test_only_our_own_work_has_no_limit():
    assert [phase for phase in Phase if Limits().seconds(phase) is None] == [Phase.ANSWERING]
