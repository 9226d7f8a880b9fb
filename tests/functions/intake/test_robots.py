import base64
import json
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

import altcha
import pytest

from functions.intake.handler import FORM_TYPE, Intake
from functions.intake.limits import RATES
from functions.intake.robots import QUICKEST, VALID_FOR, Challenges, ProofError, suspicion
from functions.shared.journal.store import open_journal
from functions.shared.web import HTML, Answer, Call
from infra.local.access import LOCAL_INTAKE
from tests.functions.intake.examples import ANA
from tests.functions.intake.test_answers import PERSON
from tests.support import API_KEY, Clock

SECRET, OLD_SECRET = "s" * 32, "o" * 32
CHALLENGES = Challenges([SECRET])
AFTER_A_WHILE = timedelta(minutes=1)


def solved(challenge: dict) -> str:
    """What a browser makes of a challenge."""
    read = altcha.Challenge.from_dict(challenge)
    solution = altcha.solve_challenge(read)
    return altcha.Payload(read, solution).to_base64()


def changed(payload: str, **parameters: object) -> str:
    read = json.loads(base64.b64decode(payload))
    read["challenge"]["parameters"] |= parameters
    return base64.b64encode(json.dumps(read).encode()).decode()


class TestChallenges:
    def test_a_solution_proves_when_its_challenge_was_made(self):
        clock = Clock()
        payload = solved(CHALLENGES.new(clock()))
        assert CHALLENGES.check(payload, clock() + AFTER_A_WHILE).issued_at == clock()

    def test_each_challenge_is_another_one(self):
        clock = Clock()
        proofs = [CHALLENGES.check(solved(CHALLENGES.new(clock())), clock()) for _ in range(2)]
        assert proofs[0].name != proofs[1].name

    def test_a_challenge_is_good_for_ten_minutes(self):
        clock = Clock()
        payload = solved(CHALLENGES.new(clock()))
        CHALLENGES.check(payload, clock() + VALID_FOR - timedelta(seconds=1))
        with pytest.raises(ProofError):
            CHALLENGES.check(payload, clock() + VALID_FOR)

    def test_after_a_change_of_secret_the_old_challenges_are_still_good(self):
        clock = Clock()
        payload = solved(Challenges([OLD_SECRET]).new(clock()))
        assert Challenges([SECRET, OLD_SECRET]).check(payload, clock())
        with pytest.raises(ProofError):
            CHALLENGES.check(payload, clock())

    @pytest.mark.parametrize(
        "payload",
        [
            "",
            "x",
            "{}",
            base64.b64encode(b"[]").decode(),
            base64.b64encode(b'{"challenge": 1, "solution": {}}').decode(),
            base64.b64encode(b"[" * 5000).decode(),
            "é" * 10,
        ],
    )
    def test_what_is_no_proof_is_refused(self, payload):
        with pytest.raises(ProofError):
            CHALLENGES.check(payload, Clock()())

    def test_nothing_of_a_challenge_can_be_changed(self):
        clock = Clock()
        payload = solved(CHALLENGES.new(clock()))
        later = int((clock() + VALID_FOR).timestamp())
        for change in (
            {"data": {"issued": later}},
            {"data": {"issued": 1e300}},
            {"cost": 1},
            {"keyPrefix": ""},
        ):
            with pytest.raises(ProofError):
                CHALLENGES.check(changed(payload, **change), clock())

    def test_a_wrong_solution_is_refused(self):
        clock = Clock()
        read = json.loads(base64.b64decode(solved(CHALLENGES.new(clock()))))
        read["solution"]["derivedKey"] = "0" * 64
        with pytest.raises(ProofError):
            CHALLENGES.check(base64.b64encode(json.dumps(read).encode()).decode(), clock())


def test_a_person_is_not_suspected():
    assert suspicion("", None, Clock()()) is None
    assert suspicion(" ", None, Clock()()) is None


# Through the function.


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def journal():
    return open_journal("memory:///")


@pytest.fixture
def intake(journal, clock) -> Intake:
    return Intake(journal, replace(LOCAL_INTAKE, secrets=(SECRET,)), clock)


def proof(intake: Intake) -> str:
    answer = intake(Call("GET", {}, {}, b"", "/challenge"))
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    return solved(json.loads(answer.body))


def send(intake: Intake, headers: dict | None = None, **fields: object) -> Answer:
    body = json.dumps(ANA | fields).encode()
    return intake(Call("POST", {"content-type": "application/json"} | (headers or {}), {}, body))


def send_form(intake: Intake, headers: dict | None = None, **fields: str) -> Answer:
    body = urlencode(PERSON | fields).encode()
    return intake(Call("POST", {"content-type": FORM_TYPE} | (headers or {}), {}, body))


def entries(journal) -> list[dict]:
    return [json.loads(journal.read(key)) for key in journal.keys("pending/")]


def test_a_program_without_key_or_proof_is_told_what_is_needed(intake, journal):
    answer = send(intake)
    assert answer.status == 403
    assert "altcha" in json.loads(answer.body)["title"]
    assert journal.keys("") == []


def test_an_api_key_proves_enough(intake, journal):
    assert send(intake, API_KEY).status == 202
    assert {"doubt", "suspect"}.isdisjoint(entries(journal)[0])


def test_a_wrong_api_key_is_refused_whatever_else_is_right(intake, journal, clock):
    payload = proof(intake)
    clock.advance(minutes=1)
    assert send(intake, {"x-api-key": "guessed"}, altcha=payload).status == 401
    assert journal.keys("") == []


@pytest.mark.parametrize("post", [send, send_form])
def test_a_proof_of_work_is_enough(intake, journal, clock, post):
    payload = proof(intake)
    clock.advance(minutes=1)
    assert post(intake, altcha=payload).status == 202
    (entry,) = entries(journal)
    assert {"doubt", "suspect", "altcha"}.isdisjoint(entry)
    assert "altcha" not in entry["submission"]


def test_a_form_without_a_script_is_accepted_and_marked(intake, journal):
    assert send_form(intake).status == 202
    assert entries(journal)[0]["doubt"] == "no_script"


def test_forms_without_a_script_are_limited_harder(intake):
    most = RATES["no_script"].at_once
    assert [send_form(intake).status for _ in range(most)] == [202] * most
    answer = send_form(intake)
    assert answer.status == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "réessayez" in answer.body
    assert len(answer.body) < 2_000  # the form is not drawn again
    assert "dans la page précédente" in answer.body
    assert "<script" not in answer.body


def test_forms_without_a_script_have_a_ceiling_for_all_networks_together(intake):
    body = urlencode(PERSON).encode()
    statuses = [
        intake(Call("POST", {"content-type": FORM_TYPE}, {}, body, peer=f"192.0.2.{number}")).status
        for number in range(RATES["no_script_at_all"].at_once + 1)
    ]
    assert (set(statuses[:-1]), statuses[-1]) == ({202}, 429)


def test_nobody_can_use_up_the_keys_of_a_site_that_has_an_api_key(intake, journal):
    taken = send_form(intake, idempotency_key="site-1234")
    assert taken.status == 202
    answer = send(intake, API_KEY | {"idempotency-key": "site-1234"}, first_name="Zoé")
    assert answer.status == 202
    assert json.loads(answer.body)["reference"] not in taken.body
    assert len(entries(journal)) == 2


@pytest.mark.parametrize(
    "key", ["drupal-[webform_submission:uuid]", "{entry_id}", "wp-{form id}", "[user:mail]"]
)
def test_a_key_that_a_cms_forgot_to_fill_in_is_refused(intake, journal, key):
    answer = send(intake, API_KEY, idempotency_key=key)
    assert answer.status == 400
    assert "n'a pas remplacé" in json.loads(answer.body)["title"]
    assert journal.keys("") == []


@pytest.mark.parametrize("key", ["{3F2504E0-4F89-11D3-9A0C-0305E82C3301}", "a[0]", "[2026]"])
def test_other_keys_may_have_brackets(intake, key):
    assert send(intake, API_KEY, idempotency_key=key).status == 202


def test_a_blank_key_is_none(intake, journal):
    assert [send(intake, API_KEY, idempotency_key=" ").status for _ in range(2)] == [202, 202]
    assert len(entries(journal)) == 2


@pytest.mark.parametrize("field", ["idempotency_key", "altcha", "homepage", "lang"])
@pytest.mark.parametrize("value", ["\ud800", "\x00", 1, ["x"]])
def test_what_is_no_text_is_refused(intake, field, value):
    assert send(intake, API_KEY, **{field: value}).status == 400


def test_an_origin_that_is_none_is_another_site(intake):
    assert send_form(intake, {"origin": "http://[", "host": "example.org"}).status == 403


def test_guessing_api_keys_is_limited(intake):
    statuses = [
        send(intake, {"x-api-key": f"guess{number}"}).status
        for number in range(RATES["network"].at_once + 1)
    ]
    assert (set(statuses[:-1]), statuses[-1]) == ({401}, 429)


def test_pages_are_limited(intake):
    page, health = (Call("GET", {}, {}, b"", path) for path in ("/", "/health"))
    for _ in range(RATES["page"].at_once // 2):
        assert (intake(page).status, intake(health).status) == (200, 200)
    assert intake(page).status == 429


def test_a_proof_is_good_for_one_request(intake, journal, clock):
    payload = proof(intake)
    clock.advance(minutes=1)
    assert send(intake, altcha=payload).status == 202
    assert send(intake, altcha=payload, last_name="Autre").status == 403
    assert len(entries(journal)) == 1


def test_a_form_with_a_spent_proof_comes_back_with_what_was_typed(intake, clock):
    payload = proof(intake)
    clock.advance(minutes=1)
    send_form(intake, altcha=payload)
    again = send_form(intake, altcha=payload, first_name="Zoé")
    assert again.status == 403
    assert 'value="Zoé"' in again.body


@pytest.mark.parametrize("later", [timedelta(0), VALID_FOR, timedelta(days=6)])
def test_a_request_sent_again_gets_its_reference_however_old_its_proof(
    intake, journal, clock, later
):
    payload, key = proof(intake), {"idempotency-key": "k-1"}
    clock.advance(minutes=1)
    first = send(intake, key, altcha=payload)
    clock.now += later
    assert send(intake, key, altcha=payload).body == first.body
    assert len(entries(journal)) == 1


def test_an_old_proof_is_refused_for_a_request_nobody_knows(intake, journal, clock):
    payload = proof(intake)
    clock.now += VALID_FOR
    assert send(intake, {"idempotency-key": "k-1"}, altcha=payload).status == 403
    assert journal.keys("") == []


def test_another_request_under_the_key_of_one_with_an_old_proof_is_told_so(intake, clock):
    payload, key = proof(intake), {"idempotency-key": "k-1"}
    clock.advance(minutes=1)
    send(intake, key, altcha=payload)
    clock.now += VALID_FOR
    assert send(intake, key, altcha=payload, last_name="Autre").status == 422


def test_a_spent_challenge_is_remembered_without_anything_personal(intake, journal, clock):
    payload = proof(intake)
    expiry = int((clock() + VALID_FOR).timestamp())
    clock.advance(minutes=1)
    send(intake, altcha=payload)
    (marker,) = journal.keys("spent/")
    assert marker.startswith(f"spent/{expiry}-")


def test_what_fills_in_the_hidden_field_is_accepted_and_suspected(intake, journal, clock):
    payload = proof(intake)
    clock.advance(minutes=1)
    answer = send_form(intake, altcha=payload, homepage="https://example.org")
    assert answer.status == 202
    (entry,) = entries(journal)
    assert entry["suspect"] == "honeypot"
    assert "homepage" not in entry["submission"]


def test_what_is_quicker_than_a_person_is_suspected(intake, journal, clock):
    payload = proof(intake)
    clock.now += QUICKEST - timedelta(seconds=1)
    assert send_form(intake, altcha=payload).status == 202
    assert entries(journal)[0]["suspect"] == "too_fast"


def test_a_test_needs_an_api_key(intake, journal, clock):
    payload = proof(intake)
    clock.advance(minutes=1)
    answer = send(intake, altcha=payload, source="test")
    assert answer.status == 422
    assert json.loads(answer.body)["errors"][0]["field"] == "source"
    assert send(intake, API_KEY, source="test").status == 202
    assert entries(journal)[0]["submission"]["source"] == "test"


def test_calls_of_one_network_are_limited_and_others_are_not_held_back(intake):
    call = Call("POST", {"content-type": "application/json"}, {}, b"{}", peer="192.0.2.1")
    statuses = [intake(call).status for _ in range(RATES["network"].at_once + 1)]
    assert statuses[-1] == 429
    assert set(statuses[:-1]) == {422}
    other = Call("POST", {"content-type": "application/json"}, {}, b"{}", peer="192.0.2.2")
    assert intake(other).status == 422


def test_challenges_are_limited(intake):
    call = Call("GET", {}, {}, b"", "/challenge", "192.0.2.1")
    statuses = [intake(call).status for _ in range(RATES["challenge"].at_once + 1)]
    assert (statuses[0], statuses[-1]) == (200, 429)


def test_a_page_of_another_site_cannot_send_requests(intake, journal):
    headers = {"origin": "https://autre.example.org", "host": "accueil.example.org"}
    refused = send_form(intake, headers)
    assert (refused.status, refused.content_type) == (403, HTML)
    assert "pas autorisé" in refused.body
    assert journal.keys("") == []
    assert send_form(intake, headers | {"origin": "https://accueil.example.org"}).status == 202
