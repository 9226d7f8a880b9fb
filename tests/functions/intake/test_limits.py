import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.intake.limits import RATES, Limits, caller_address, networks
from functions.intake.refusals import RefusedError

RATE = RATES["no_script"]


def admitted(limits: Limits, who: str, now: float, kind: str = "no_script", site="") -> bool:
    try:
        limits.admit(kind, now, who, site)
    except RefusedError:
        return False
    return True


def test_so_many_come_in_at_once_and_the_next_is_told_when_to_try_again():
    limits = Limits()
    assert all(admitted(limits, "a", 1000) for _ in range(RATE.at_once))
    with pytest.raises(RefusedError, match="réessayez") as caught:
        limits.admit("no_script", 1000, "a")
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
    assert len(limits._free_at["no_script"]) == 3
    assert admitted(limits, "a", 1000)


def test_cheap_calls_from_many_networks_make_nobody_forget_what_counts_all():
    limits = Limits(memory=3)
    while admitted(limits, "", 1000, "no_script_at_all"):
        pass
    while admitted(limits, "a", 1000):
        pass
    for number in range(100):
        assert admitted(limits, f"cheap {number}", 1000, "page")
    assert not admitted(limits, "", 1000, "no_script_at_all")
    assert not admitted(limits, "a", 1000)


@pytest.mark.parametrize("kind", ["page", "network", "challenge", "proved", "no_script"])
def test_many_networks_of_one_site_have_a_limit_together_and_no_one_else_feels_it(kind):
    limits, rate = Limits(), RATES[kind]
    calls = range(rate.at_once * rate.site + 50)
    got = sum(admitted(limits, f"net {number}", 1000, kind, "site") for number in calls)
    assert got == rate.at_once * rate.site
    assert admitted(limits, "net", 1000, kind, "other site")
    # A refused call is not counted, neither for its network nor in the memory.
    assert "net 9999" not in limits._free_at[kind]


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
        ("2001:db8:1:2:aaaa::1", "", 0, "2001:db8:1:2:aaaa::1"),
        ("::ffff:192.0.2.1", "", 0, "192.0.2.1"),
        ("2002:c000:201:7::1", "", 0, "192.0.2.1"),
        ("2001:0:cb00:7101:8000:63bf:3fff:fdfe", "", 0, "192.0.2.1"),
        ("64:ff9b::c000:201", "", 0, "192.0.2.1"),
        ("fe80::1%eth0", "", 0, "fe80::1"),
        ("10.0.0.1", "198.51.100.7:4711", 1, "198.51.100.7"),
        ("10.0.0.1", "[2001:db8::7]:4711", 1, "2001:db8::7"),
        ("10.0.0.1", "[2001:db8::7]", 1, "2001:db8::7"),
        ("10.0.0.1", '"[2001:db8::7]:4711"', 1, "2001:db8::7"),
        ("10.0.0.1", "[::ffff:192.0.2.1]:80", 1, "192.0.2.1"),
        ("10.0.0.1", "[2002:c000:201::1]:80", 1, "192.0.2.1"),
        ("10.0.0.1", "[2001:db8::7", 1, None),
        ("10.0.0.1", "2001:db8::7]:80", 1, None),
        ("10.0.0.1", "no address", 1, None),
        ("10.0.0.1", "[]:80", 1, None),
        ("", "", 0, None),
    ],
)
def test_where_a_call_comes_from(peer, forwarded, proxies, expected):
    address = caller_address(peer, forwarded, proxies)
    assert (address and str(address)) == expected


@pytest.mark.parametrize(
    ("peer", "expected"),
    [
        ("192.0.2.1", ["192.0.2.1"]),
        ("2001:db8:1:2:aaaa::1", ["2001:db8:1:2::/64", "2001:db8:1::/48"]),
        ("2001:db8:1:ffff:bbbb::2", ["2001:db8:1:ffff::/64", "2001:db8:1::/48"]),
        ("nobody", [""]),
    ],
)
def test_which_networks_a_call_counts_for(peer, expected):
    assert networks(caller_address(peer, "", 0)) == expected
