from datetime import UTC, datetime
from types import SimpleNamespace

import dns.exception
import dns.resolver
import pytest

from infra.doctor.checks import SkippedError
from infra.doctor.network import read_date, resolve
from infra.emulator.app import create_app
from infra.emulator.server import serving


def test_a_server_tells_the_time(store):
    with serving(create_app(store)) as url:
        assert abs((read_date(url) - datetime.now(UTC)).total_seconds()) < 2


def test_a_server_that_is_not_there_tells_none():
    with pytest.raises(SkippedError):
        read_date("http://127.0.0.1:9")


@pytest.mark.parametrize("error", [dns.resolver.NXDOMAIN, dns.resolver.NoAnswer])
def test_a_name_without_records_has_none(monkeypatch, error):
    def ask(*_, **__):
        raise error

    monkeypatch.setattr(dns.resolver, "resolve", ask)
    assert resolve("example.org") == []


def test_a_dns_that_does_not_answer_is_no_answer(monkeypatch):
    def ask(*_, **__):
        raise dns.exception.Timeout

    monkeypatch.setattr(dns.resolver, "resolve", ask)
    with pytest.raises(SkippedError, match="DNS ne répond pas"):
        resolve("example.org")


def test_the_pieces_of_a_record_are_one_text(monkeypatch):
    answers = [SimpleNamespace(strings=(b"v=spf1 ", b"-all"))]
    monkeypatch.setattr(dns.resolver, "resolve", lambda *_, **__: answers)
    assert resolve("example.org") == ["v=spf1 -all"]
