from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network

import pytest

from functions.intake.admission import Admission
from functions.intake.callers import Caller, hash_key
from functions.intake.envelope import Envelope
from functions.intake.limits import RATES, Limits
from functions.intake.refusals import RefusedError
from functions.intake.robots import Challenges, Proof, ProofError
from functions.intake.submission import InvalidError
from functions.shared.web import FORM_TYPE, Call
from infra.local.access import LOCAL_INTAKE
from tests.support import Clock

SITE, TABLET = Caller("site", hash_key("clé")), Caller("tablette", hash_key("autre"), True)
FORM = Call("POST", {"content-type": FORM_TYPE}, {}, b"", peer="192.0.2.1")
PROGRAM = replace(FORM, headers={"content-type": "application/json"})
SUBMISSION = {"source": "site"}


class Solved(Challenges):
    """Takes « good » for a proof of work that was asked for a minute ago."""

    def check(self, payload, now):
        if payload != "good":
            raise ProofError
        return Proof(payload, now - timedelta(minutes=1))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def admission(clock) -> Admission:
    settings = replace(LOCAL_INTAKE, callers=(SITE, TABLET), origins=("https://www.example.org",))
    return Admission(settings, Solved([]), Limits(), clock)


def admitted(act, kind: str) -> int:
    """How many calls in a row are let in; one more than the rate allows is tried."""
    for count in range(RATES[kind].at_once + 1):
        try:
            act()
        except RefusedError as error:
            if error.status != 429:
                raise
            return count
    return RATES[kind].at_once + 1


def with_key(key: str) -> Call:
    return replace(PROGRAM, headers=PROGRAM.headers | {"x-api-key": key})


def test_a_sender_is_known_by_its_key_and_anybody_may_send(admission):
    assert admission.sender(with_key("clé")) == SITE
    assert admission.sender(FORM) is None


def test_each_kind_of_call_has_its_rate(admission):
    assert admitted(lambda: admission.reader(FORM), "page") == RATES["page"].at_once
    assert admitted(lambda: admission.solver(FORM), "challenge") == RATES["challenge"].at_once
    assert admitted(lambda: admission.sender(FORM), "network") == RATES["network"].at_once
    assert admitted(lambda: admission.sender(with_key("clé")), "key") == RATES["key"].at_once


def test_a_rate_without_limit_has_none(admission):
    act = lambda: admission.sender(with_key("autre"))  # noqa: E731
    assert admitted(act, "key") == RATES["key"].at_once + 1


def test_the_proxies_that_are_trusted_say_which_network_calls(admission):
    behind = replace(admission, settings=replace(admission.settings, proxies=1))
    for number in range(RATES["network"].at_once + 1):
        forwarded = {"x-forwarded-for": f"192.0.2.{number}"}
        behind.sender(replace(PROGRAM, headers=forwarded))


def test_a_page_of_another_site_is_refused_before_it_is_counted(admission):
    stranger = replace(FORM, headers={"origin": "https://evil.example.com", "host": "a.example"})
    for _ in range(RATES["network"].at_once + 1):
        with pytest.raises(RefusedError) as caught:
            admission.sender(stranger)
        assert caught.value.status == 403
    assert admission.sender(FORM) is None


def test_a_proof_of_work_leaves_no_doubt(admission, clock):
    proof, marks = admission.screen(PROGRAM, SUBMISSION, Envelope(proof="good"))
    assert proof == Proof("good", clock() - timedelta(minutes=1))
    assert marks == {}


def test_a_form_without_one_leaves_a_doubt(admission):
    assert admission.screen(FORM, SUBMISSION, Envelope()) == (None, {"doubt": "no_script"})


def test_what_fills_in_the_bait_is_suspected(admission):
    _, marks = admission.screen(FORM, SUBMISSION, Envelope(bait="x"))
    assert marks == {"doubt": "no_script", "suspect": "honeypot"}


@pytest.mark.parametrize(
    ("call", "submission", "envelope", "error"),
    [
        (PROGRAM, SUBMISSION, Envelope(), RefusedError),
        (PROGRAM, SUBMISSION, Envelope(proof="bad"), ProofError),
        (FORM, SUBMISSION, Envelope(proof="bad"), ProofError),
        (FORM, {"source": "test"}, Envelope(proof="good"), InvalidError),
    ],
)
def test_what_proves_nothing_is_refused(admission, call, submission, envelope, error):
    with pytest.raises(error):
        admission.screen(call, submission, envelope)


def from_peer(admission, peer: str, envelope: Envelope):
    return admission.screen(replace(FORM, peer=peer), SUBMISSION, envelope)


def test_forms_without_a_script_are_limited_for_each_network_and_for_all(admission):
    # Of an IPv6 address, what may be one subscriber's counts: 48 bits.
    count = iter(range(1000))
    one_site = lambda: from_peer(admission, f"2001:db8:1:{next(count):x}::1", Envelope())  # noqa: E731
    assert admitted(one_site, "no_script") == RATES["no_script"].at_once
    others = lambda: from_peer(admission, f"198.51.100.{next(count) % 250}", Envelope())  # noqa: E731
    assert admitted(others, "no_script_at_all") == (
        RATES["no_script_at_all"].at_once - RATES["no_script"].at_once
    )


def test_a_few_networks_cannot_keep_everybody_without_a_script_out(admission):
    few = RATES["no_script_at_all"].at_once // RATES["no_script"].at_once - 1
    assert few >= 15
    for number in range(few):
        flood = lambda: from_peer(admission, f"198.51.100.{number}", Envelope())  # noqa: B023, E731
        admitted(flood, "no_script")
    from_peer(admission, "192.0.2.9", Envelope())


GOOD = Envelope(proof="good")
MANY = {"doubt": "many"}


def marks(admission, peer: str, times: int) -> list[dict[str, str]]:
    return [from_peer(admission, peer, GOOD)[1] for _ in range(times)]


def test_proved_requests_above_what_a_network_sends_in_an_hour_are_accepted_in_doubt(
    admission, clock
):
    most = RATES["proved"].at_once
    assert marks(admission, "198.51.100.1", 45) == [{}] * most + [MANY] * (45 - most)
    assert marks(admission, "198.51.100.2", 1) == [{}]
    clock.advance(minutes=60)
    assert marks(admission, "198.51.100.1", 1) == [{}]


def test_the_networks_of_one_site_together_have_a_ceiling_of_proved_requests(admission):
    got = [marks(admission, f"2001:db8:1:{number:x}::1", 1)[0] for number in range(100)]
    most = RATES["proved"].of_site.at_once
    assert got == [{}] * most + [MANY] * (100 - most)


@pytest.mark.parametrize("peer", ["203.0.113.7", "2001:db8:12:3::1", "2002:cb00:7107::1"])
def test_a_fair_has_no_ceiling_of_its_own(admission, peer):
    fairs = (ip_network("203.0.113.7"), ip_network("2001:db8:12::/48"))
    there = replace(admission, settings=replace(admission.settings, fairs=fairs))
    assert marks(there, peer, 200) == [{}] * 200
    for _ in range(RATES["no_script"].at_once + 1):
        from_peer(there, peer, Envelope())
    assert MANY in marks(there, "198.51.100.1", 45)
