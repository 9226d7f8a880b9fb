import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.intake.limits import RATES, SITE, Limits, network
from functions.intake.refusals import RefusedError

RATE = RATES["no_script"]


def admitted(limits: Limits, who: str, now: float, kind: str = "no_script") -> bool:
    try:
        limits.admit(kind, who, now)
    except RefusedError:
        return False
    return True


def test_so_many_come_in_at_once_and_the_next_is_told_when_to_try_again():
    limits = Limits()
    assert all(admitted(limits, "a", 1000) for _ in range(RATE.at_once))
    with pytest.raises(RefusedError, match="réessayez") as caught:
        limits.admit("no_script", "a", 1000)
    assert caught.value.status == 429
    assert caught.value.retry_after == RATE.interval
    assert not admitted(limits, "a", 1000 + RATE.interval - 0.1)
    assert admitted(limits, "a", 1000 + RATE.interval)


def test_a_refusal_costs_nothing():
    limits = Limits()
    for _ in range(RATE.at_once * 10):
        admitted(limits, "a", 1000)
    assert admitted(limits, "a", 1000 + RATE.interval)


def test_each_caller_and_each_kind_has_its_own_rate():
    limits = Limits()
    while admitted(limits, "a", 1000):
        pass
    assert admitted(limits, "b", 1000)
    assert admitted(limits, "a", 1000, "network")


def test_two_hundred_visitors_of_a_fair_pass_in_an_afternoon_behind_one_address():
    limits = Limits()
    assert all(admitted(limits, "fair", 60 * number, "network") for number in range(200))
    # And a rush of eighty in one minute.
    assert all(admitted(limits, "fair", 20_000 + number * 0.7, "network") for number in range(80))


@given(st.lists(st.floats(0, 30), max_size=120))
def test_in_no_minute_do_more_come_in_than_the_rate_says(pauses):
    limits, now, times = Limits(), 0.0, []
    for pause in pauses:
        now += pause
        if admitted(limits, "a", now):
            times.append(now)
    for start in times:
        within = [time for time in times if start <= time < start + 60]
        assert len(within) <= RATE.at_once + RATE.a_minute


def test_the_memory_is_bounded_and_forgets_who_was_not_seen_for_longest():
    limits = Limits(memory=3)
    while admitted(limits, "a", 1000):
        pass
    for who in "bcd":
        assert admitted(limits, who, 1000)
    assert len(limits._free_at) == 3
    assert admitted(limits, "a", 1000)


def test_many_threads_together_get_no_more_than_one():
    limits, counted = Limits(), []

    def call() -> None:
        counted.extend(admitted(limits, "a", 1000) for _ in range(20))

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counted.count(True) == RATE.at_once


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "expected"),
    [
        ("192.0.2.1", "", 0, "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", 0, "192.0.2.1"),
        ("192.0.2.1", "203.0.113.9, 198.51.100.7", 1, "198.51.100.7"),
        ("192.0.2.1", "203.0.113.9, 198.51.100.7", 2, "203.0.113.9"),
        ("192.0.2.1", "198.51.100.7", 5, "198.51.100.7"),
        ("192.0.2.1", "", 1, "192.0.2.1"),
        ("2001:db8:1:2:aaaa::1", "", 0, "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::2", "", 0, "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "", 0, "192.0.2.1"),
        ("10.0.0.1", "198.51.100.7:4711", 1, "198.51.100.7"),
        ("10.0.0.1", "no address", 1, ""),
        ("", "", 0, ""),
    ],
)
def test_where_a_call_comes_from(peer, forwarded, proxies, expected):
    assert network(peer, forwarded, proxies) == expected


def test_one_subscriber_s_many_networks_are_one_where_robots_are_held_back():
    there = [network(f"2001:db8:1:{number:x}::1", "", 0, SITE) for number in (1, 2, 0xFFFF)]
    assert set(there) == {"2001:db8:1::/48"}
