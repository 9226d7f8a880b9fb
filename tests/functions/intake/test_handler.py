import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count
from time import process_time
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from functions.intake.handler import BODY_LIMIT, FORM_TYPE, Intake
from functions.intake.submission import validate
from functions.shared import reference
from functions.shared.errors import JournalError
from functions.shared.journal.entries import fingerprint
from functions.shared.journal.store import Journal, open_journal
from functions.shared.web import Answer, Call
from infra.local.access import LOCAL_INTAKE
from tests.functions.intake.examples import ANA, FULL, without
from tests.functions.intake.test_answers import PERSON, fields
from tests.functions.pages import Element, Page
from tests.support import JSON, Clock, counter

KEY = "4c8f9a10-key"
NAME = sha256(f"local\0{KEY}".encode()).hexdigest()
PENDING, FILED = f"pending/{NAME}", f"filed/{NAME}"
BOB = ANA | {"first_name": "Bob"}
NOT_CONFIRMED = (
    "L'enregistrement de votre demande n'est pas confirmé. Réessayez dans quelques instants."
)


@dataclass
class Watched:
    """A journal that can act before each of its calls, fail in them, and lose their answers."""

    journal: Journal = field(default_factory=lambda: open_journal("memory:///"))
    before: Callable[[str, str], None] = lambda _method, _key: None
    failing: frozenset[str] = frozenset()
    answer_lost: frozenset[str] = frozenset()

    def _call(self, method: str, key: str, *args: Any) -> Any:
        self.before(method, key)
        place = f"{method} {key.partition('/')[0]}"
        if place in self.failing:
            raise JournalError("Le journal ne répond pas.")
        result = getattr(self.journal, method)(key, *args)
        if place in self.answer_lost:
            raise JournalError("Le journal ne répond pas.")
        return result

    def create(self, key: str, body: bytes) -> bool:
        created: bool = self._call("create", key, body)
        return created

    def read(self, key: str) -> bytes | None:
        body: bytes | None = self._call("read", key)
        return body

    def keys(self, prefix: str) -> list[str]:
        return self.journal.keys(prefix)

    def delete(self, key: str) -> None:
        self._call("delete", key)

    def both(self, first: Callable[[], Any], second: Callable[[], Any]) -> tuple[Any, Any]:
        return self.journal.both(first, second)

    def settle(self, name: str = NAME) -> None:
        """Do what route does once a request's row is written."""
        self.bury(name)
        self.journal.delete(f"pending/{name}")

    def bury(self, name: str = NAME) -> None:
        body = self.journal.read(f"pending/{name}")
        if body:
            entry = json.loads(body)
            stone = {key: entry[key] for key in ("reference", "fingerprint")}
            self.journal.create(f"filed/{name}", json.dumps(stone).encode())


@pytest.fixture
def journal() -> Watched:
    return Watched()


@pytest.fixture
def intake(journal: Watched) -> Intake:
    numbers = count(1)
    keys = counter("new-key-")
    return Intake(journal, LOCAL_INTAKE, Clock(), lambda: next(numbers), lambda: next(keys))


def post_json(intake: Intake, body: object, key: str | None = KEY, **headers: str) -> Answer:
    headers = JSON | headers
    if key is not None:
        headers["idempotency-key"] = key
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    return intake(Call("POST", headers, {}, sent))


def post_form(
    intake: Intake, pairs: list[tuple[str, str]], key: str | None = KEY, **headers: str
) -> Answer:
    if key is not None:
        pairs = [*pairs, ("idempotency_key", key)]
    headers = JSON | {"content-type": FORM_TYPE} | headers
    return intake(Call("POST", headers, {}, urlencode(pairs).encode()))


def accepted(answer: Answer) -> str:
    """The reference that a JSON answer promises."""
    assert answer.status == 202, answer.body
    body = json.loads(answer.body)
    assert body == {"reference": body["reference"], "status": "accepted"}
    return str(body["reference"])


def refused(answer: Answer, status: int) -> str:
    """What a JSON refusal says."""
    assert answer.status == status
    assert answer.content_type == "application/problem+json; charset=utf-8"
    body = json.loads(answer.body)
    assert (body["status"], body["type"]) == (status, "about:blank")
    return str(body["title"])


def shown(answer: Answer, status: int) -> Element:
    """The page of an answer."""
    assert answer.status == status
    assert answer.content_type == "text/html; charset=utf-8"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    return Page(answer.body).root


def notice(page: Element) -> str:
    """The one sentence of a page's summary, or the first of a short page."""
    for summary in page.all("section", **{"class": "summary"}):
        [link] = summary.all("a")
        return link.text
    return next(page.all("p")).text


def key_of(page: Element) -> str:
    return page.only("input", name="idempotency_key")["value"]


# Accepted.


def test_a_request_sent_as_json_is_answered_with_its_reference(intake: Intake):
    answer = post_json(intake, ANA)
    assert accepted(answer) == reference.make(1)
    assert answer.content_type == "application/json; charset=utf-8"


def test_a_request_is_in_the_journal_before_it_is_answered(intake: Intake, journal: Watched):
    promised = accepted(post_json(intake, FULL))
    assert journal.keys("") == [PENDING]
    assert json.loads(journal.read(PENDING) or b"") == {
        "version": 2,
        "reference": promised,
        "received_at": "2026-11-23T09:00:00+00:00",
        "fingerprint": fingerprint(validate(FULL)),
        "submission": FULL,
        "lang": "fr",
    }


def test_the_journal_keeps_the_tidied_request(intake: Intake, journal: Watched):
    post_json(intake, ANA | {"phone": "06 12 34 56 78", "first_name": " Ana "})
    kept = json.loads(journal.read(PENDING) or b"")["submission"]
    assert (kept["phone"], kept["first_name"], kept["source"]) == ("+33612345678", "Ana", "site")


def test_a_journal_key_says_nothing_about_anybody(intake: Intake, journal: Watched):
    post_json(intake, ANA, key="ana.martin@example.org")
    post_json(intake, ANA, key=None)
    for key in journal.keys(""):
        assert re.fullmatch("pending/[0-9a-f]{64}", key)


def test_a_request_sent_by_the_form_gets_a_page_with_the_same_reference(
    intake: Intake, journal: Watched
):
    page = shown(post_form(intake, fields(FULL)), 202)
    assert page.only("h1").text == "Votre demande est enregistrée"
    assert page.only("strong").text == reference.make(1)
    entry = json.loads(journal.read(PENDING) or b"")
    assert entry["submission"] == FULL
    assert entry["reference"] == reference.make(1)


def test_the_media_type_may_have_parameters_and_capitals(intake: Intake):
    answer = post_json(intake, ANA, **{"content-type": "Application/JSON; charset=utf-8"})
    assert answer.status == 202


def test_a_clock_and_dice_of_its_own_are_the_machine_s():
    journal = open_journal("memory:///")
    intake = Intake(journal, LOCAL_INTAKE)
    references = {accepted(post_json(intake, ANA, key=None)) for _ in range(20)}
    assert len(references) == 20
    assert all(reference.read(text) == text for text in references)
    entry = json.loads(journal.read(journal.keys("pending/")[0]) or b"")
    age = datetime.now(UTC) - datetime.fromisoformat(entry["received_at"])
    assert abs(age.total_seconds()) < 60


# The form.


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_form_is_there_for_whoever_asks(intake: Intake, journal: Watched, method: str):
    page = shown(intake(Call(method, {}, {}, b"")), 200)
    assert page.only("h1").text == "Votre projet d'installation dans le Lot"
    assert key_of(page) == "new-key-1"
    assert journal.keys("") == []


def test_each_page_has_a_key_of_its_own(intake: Intake):
    pages = [shown(intake(Call("GET", {}, {}, b"")), 200) for _ in range(3)]
    assert len({key_of(page) for page in pages}) == 3


def test_a_faulty_form_comes_back_with_what_was_typed_and_its_key(intake: Intake, journal: Watched):
    page = shown(
        post_form(intake, [("first_name", "Zoé <3"), ("last_name", "a" * 81), ("phone", "12")]), 422
    )
    assert page.only("title").text.startswith("Erreur : ")
    links = page.only("section", **{"class": "summary"}).all("a")
    assert [link.text.partition(" :")[0] for link in links] == [
        "Nom",
        "Téléphone",
        "Projet principal",
    ]
    assert page.only("input", name="first_name")["value"] == "Zoé <3"
    assert key_of(page) == KEY
    assert journal.keys("") == []


def test_a_commune_that_is_not_found_keeps_a_form_from_being_recorded(
    intake: Intake, journal: Watched
):
    page = shown(post_form(intake, [*PERSON.items(), ("target.communes", "Figeak")]), 422)
    assert notice(page) == (
        "Commune : ce n'est pas une commune du Lot ; vouliez-vous dire « Figeac » ?"
    )
    assert journal.keys("") == []


@pytest.mark.parametrize(
    ("country", "shown_as"),
    [("", "04 70 12 34 56"), ("Belgique", "+32 470 12 34 56")],
)
def test_the_thanks_repeat_the_number_as_it_was_understood(
    intake: Intake, country: str, shown_as: str
):
    pairs = [*PERSON.items(), ("phone", "0470 12 34 56"), ("origin.country", country)]
    page = shown(post_form(intake, pairs), 202)
    assert f"compris : {shown_as}." in page.text.replace("\u00a0", " ")


TYPO = PERSON | {"email": "ana@gmial.com"}


def post_by_hand(intake: Intake, fields: Mapping[str, str]) -> Answer:
    """What a browser without JavaScript sends: there is no API key."""
    body = urlencode(fields | {"idempotency_key": KEY}).encode()
    return intake(Call("POST", {"content-type": FORM_TYPE}, {}, body))


def test_the_form_asks_once_whether_an_address_is_right(intake: Intake, journal: Watched):
    page = shown(post_by_hand(intake, TYPO), 422)
    assert notice(page).startswith("Courriel : vouliez-vous dire « ana@gmail.com » ?")
    assert page.only("section", **{"class": "summary"}).only("h2").text == (
        "Une réponse est à vérifier"
    )
    assert journal.keys("") == []
    asked = {"email_asked": page.only("input", name="email_asked")["value"]}
    sent = [shown(post_by_hand(intake, TYPO | asked), 202).only("strong").text for _ in range(2)]
    assert len({*sent}) == 1  # sent as it stands, and once
    assert recorded(journal)["email"] == "ana@gmial.com"


def test_a_corrected_address_is_asked_about_no_more(intake: Intake, journal: Watched):
    shown(post_by_hand(intake, TYPO), 422)
    shown(post_by_hand(intake, TYPO | {"email": "ana@gmail.com"}), 202)
    assert recorded(journal)["email"] == "ana@gmail.com"


def test_who_has_been_asked_is_not_asked_again_in_another_language(intake: Intake):
    body = urlencode(TYPO | {"email_asked": "yes"}).encode()
    query = {"step": "translate", "lang": "en"}
    page = shown(intake(Call("POST", {"content-type": FORM_TYPE}, query, body)), 200)
    assert page.only("input", name="email_asked")["value"] == "yes"


def test_a_program_is_warned_and_its_request_recorded(intake: Intake, journal: Watched):
    answer = post_json(intake, ANA | {"email": "ana@gmail.con"})
    assert answer.status == 202
    assert json.loads(answer.body)["warnings"] == [
        {
            "field": "email",
            "message": "Courriel : le domaine de l'adresse est peut-être mal écrit ; "
            "plutôt « gmail.com » ?",
        }
    ]
    assert recorded(journal)["email"] == "ana@gmail.con"


def test_a_site_s_server_is_asked_nothing_since_it_cannot_answer(intake: Intake):
    assert post_form(intake, list(TYPO.items())).status == 202


def recorded(journal: Watched) -> dict[str, Any]:
    """The submission that was recorded last."""
    body = journal.read(journal.keys("pending/")[-1])
    assert body
    submission: dict[str, Any] = json.loads(body)["submission"]
    return submission


def test_a_corrected_form_is_recorded_under_the_key_of_its_page(intake: Intake, journal: Watched):
    page = shown(post_form(intake, [("first_name", "Ana")]), 422)
    assert post_form(intake, list(PERSON.items()), key_of(page)).status == 202
    assert journal.keys("") == [PENDING]


@pytest.mark.parametrize("key", [None, ""])
def test_a_form_without_a_key_is_recorded_under_a_new_one(
    intake: Intake, journal: Watched, key: str | None
):
    assert post_form(intake, list(PERSON.items()), key).status == 202
    assert post_form(intake, list(PERSON.items()), key).status == 202
    assert len(journal.keys("pending/")) == 2


# Refused.


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "post", ""])
def test_other_methods_are_refused_and_the_possible_ones_named(intake: Intake, method: str):
    answer = intake(Call(method, JSON, {}, b"{}"))
    assert (
        refused(answer, 405)
        == "Cette méthode n'est pas possible ici : l'en-tête Allow nomme celles qui le sont."
    )
    assert answer.headers["Allow"] == "GET, POST, HEAD, OPTIONS"


def test_what_is_refused_before_a_call_is_understood_is_said_in_its_language(intake: Intake):
    call = Call("POST", JSON | {"accept-language": "en"}, {}, b"")
    answer = intake.problem(call, 408, "Ce site n'est pas autorisé à envoyer des demandes.")
    assert "not allowed" in refused(answer, 408)
    assert answer.headers["Vary"] == "Origin"


@pytest.mark.parametrize(
    "media", ["text/plain", "", "multipart/form-data; boundary=x", "application/jsonp", "text/json"]
)
def test_another_media_type_is_refused_and_the_possible_ones_named(intake: Intake, media: str):
    answer = post_json(intake, ANA, **{"content-type": media})
    assert refused(answer, 415) == (
        "Envoyez application/json ou application/x-www-form-urlencoded."
    )


def test_no_media_type_is_another_one(intake: Intake):
    assert intake(Call("POST", {}, {}, json.dumps(ANA).encode())).status == 415


def padded(length: int) -> bytes:
    """A valid request of that many bytes."""
    body = json.dumps(ANA).encode()
    return body + b" " * (length - len(body))


def test_thirty_two_kibibytes_are_read(intake: Intake):
    assert BODY_LIMIT == 32_768
    assert post_json(intake, padded(BODY_LIMIT)).status == 202


def test_one_byte_more_is_too_long(intake: Intake, journal: Watched):
    answer = post_json(intake, padded(BODY_LIMIT + 1))
    assert (
        refused(answer, 413)
        == "La demande est trop longue : 32 Kio au plus. Raccourcissez-la et renvoyez-la."
    )
    assert journal.keys("") == []


def test_a_form_that_is_too_long_is_answered_with_a_page(intake: Intake, journal: Watched):
    answer = post_form(intake, [*PERSON.items(), ("message", "a" * BODY_LIMIT)])
    page = shown(answer, 413)
    assert len(answer.body) < 2_000
    assert "encore dans la page précédente" in page.text
    assert (
        notice(page)
        == "La demande est trop longue : 32 Kio au plus. Raccourcissez-la et renvoyez-la."
    )
    assert journal.keys("") == []


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 600, b'{"a":1,"a":1}', b"\xff"])
def test_what_is_not_json_is_refused(intake: Intake, journal: Watched, body: bytes):
    assert refused(post_json(intake, body), 400).endswith(".")
    assert journal.keys("") == []


def test_what_is_not_a_form_is_answered_with_a_page(intake: Intake):
    answer = intake(Call("POST", {"content-type": FORM_TYPE}, {}, b"first_name=%ff"))
    assert notice(shown(answer, 400)) == "Le formulaire envoyé n'est pas lisible."


def test_faulty_answers_are_told_one_by_one(intake: Intake, journal: Watched):
    answer = post_json(intake, {"phone": "12", "projects": [{"type": "x"}]})
    assert refused(answer, 422) == "Certaines réponses sont à corriger."
    errors = json.loads(answer.body)["errors"]
    assert [error["field"] for error in errors] == ["last_name", "phone", "projects.0.type"]
    assert errors[0] == {"field": "last_name", "message": "Nom : à renseigner."}
    assert journal.keys("") == []


# Unicode wants them in the order of their classes: the work grows with the square of their number.
MARKS = "".join(chr(0x316 if number % 2 else 0x300) for number in range(15_500))
HEAVY = {
    "a list that cannot be sorted": json.dumps(ANA | {"needs": ["a", *range(5_000)]}),
    "a list of objects": json.dumps(ANA | {"needs": [{"a": n} for n in range(2_500)]}),
    "a list of lists": json.dumps(
        ANA | {"needs": [{}] + [[[1] * 24 + [n]] * 24 for n in range(14)]}
    ),
    "many objects": json.dumps(ANA | {"projects": [{}] * 7_500}),
    "many unknown fields": json.dumps(ANA | {f"projecs{n}": 1 for n in range(1_800)}),
    "an address": json.dumps(ANA | {"email": '"' + "a." * 16_000 + '"@example.org'}),
    "a phone number": json.dumps(ANA | {"phone": "+33" + "6" * 32_000}),
    "a source": json.dumps(ANA | {"source": "a-" * 16_000 + "!"}),
    "a form's dots": f"{'.' * 32_000}=x",
    "a form's many dots": "&".join(f"{'.' * 160}{n}=x" for n in range(190)),
    "a form's communes": "target=communes"
    + "".join(f"&target.communes=saint+cirq+lapopie+{n}" for n in range(195)),
    "accents to be put in order": json.dumps(ANA | {"message": MARKS}, ensure_ascii=False),
    "an unknown field's accents": json.dumps(ANA | {"x": MARKS}, ensure_ascii=False),
    "many fields' accents": json.dumps(
        ANA | {f"x{n}": MARKS[n * 3_000 :][:3_000] for n in range(5)}, ensure_ascii=False
    ),
    "a commune's accents": f"target=communes&target.communes={MARKS}",
}


@pytest.mark.parametrize("body", HEAVY.values(), ids=HEAVY)
def test_no_body_within_the_limit_keeps_the_function_busy(intake: Intake, body: str):
    assert len(body.encode()) <= BODY_LIMIT
    before = process_time()
    media = FORM_TYPE if "=" in body else "application/json"
    answer = intake(Call("POST", {"content-type": media}, {}, body.encode()))
    assert answer.status in (400, 422)
    # 0.1 s on a slow machine; the worst took a minute before sizes were bounded.
    assert process_time() - before < 1
    assert len(answer.body) < 4 * BODY_LIMIT


@pytest.mark.parametrize("header", ["fr" + " " * 8_000 + "!", "fr;q=" * 1_500, "fr," * 3_000])
def test_no_header_keeps_it_busy(intake: Intake, header: str):
    before = process_time()
    intake(Call("POST", JSON | {"accept-language": header}, {}, b"{}"))
    assert process_time() - before < 0.1


def test_seven_thousand_emoji_are_answered_in_french(intake: Intake):
    body = json.dumps(ANA | {"first_name": "😀" * 7_000}, ensure_ascii=False).encode()
    [error] = json.loads(post_json(intake, body).body)["errors"]
    assert error["message"] == "Prénom : 80 caractères au plus (7000 reçus)."


# In English.


def test_a_program_is_answered_in_the_language_it_asks_for(intake: Intake):
    answer = post_json(intake, ANA | {"phone": "12"}, **{"accept-language": "en-GB"})
    assert refused(answer, 422) == "Some answers need correcting."
    [error] = json.loads(answer.body)["errors"]
    assert error["message"].startswith("Phone: this number is not valid (expected: 06 12 34 56 78")


def test_a_field_may_say_the_language(intake: Intake):
    assert refused(post_json(intake, {"lang": "en"}), 422) == "Some answers need correcting."
    page = shown(post_form(intake, [("lang", "en")]), 422)
    assert page.only("html")["lang"] == "en"
    page = shown(post_form(intake, [*PERSON.items(), ("lang", "en")], "other"), 202)
    assert page.only("h1").text == "Your request is recorded"


def test_an_english_page_stays_english_after_a_mistake(intake: Intake):
    call = Call("POST", {"content-type": FORM_TYPE}, {"lang": "en", "frame": "embed"}, b"phone=1")
    page = shown(intake(call), 422)
    assert page.only("title").text.startswith("Error: ")
    assert page.only("html")["class"] == "embed"


@pytest.mark.parametrize(
    ("method", "path", "status", "sentence"),
    [
        (
            "GET",
            "/nowhere",
            404,
            (
                "There is nothing at this address: the form is at the base address of the "
                "service, how to use it at that address followed by /api."
            ),
        ),
        (
            "PUT",
            "/",
            405,
            "This method is not possible here: the Allow header names those that are.",
        ),
        ("POST", "/", 415, "Send application/json or application/x-www-form-urlencoded."),
    ],
)
def test_a_refusal_is_told_in_english(
    intake: Intake, method: str, path: str, status: int, sentence: str
):
    assert refused(intake(Call(method, {}, {"lang": "en"}, b"", path)), status) == sentence


def test_a_key_nobody_has_is_refused_in_english(intake: Intake):
    headers = {"x-api-key": "wrong", "accept-language": "en", "content-type": "application/json"}
    assert refused(intake(Call("POST", headers, {}, b"{}")), 401) == (
        "This API key is not known: check the X-API-Key header."
    )


def test_a_key_of_another_request_is_told_in_english(intake: Intake):
    post_json(intake, ANA)
    answer = post_json(intake, BOB, **{"accept-language": "en"})
    assert refused(answer, 422).startswith("This idempotency key was used for another request")
    bob = PERSON | {"first_name": "Bob", "lang": "en"}
    page = shown(post_form(intake, list(bob.items())), 422)
    sentence = "You have already sent a request from this page (reference LOT-"
    assert notice(page).startswith(sentence)


def test_a_link_fills_in_the_form(intake: Intake):
    query = {"source": "aire-a20", "projects": "farming", "target": "anywhere"}
    page = shown(intake(Call("GET", {}, query, b"")), 200)
    assert page.only("input", name="source")["value"] == "aire-a20"
    assert "checked" in page.only(id="target.anywhere").attributes


# The same key.


def test_the_same_request_with_the_same_key_keeps_its_reference(intake: Intake, journal: Watched):
    first = accepted(post_json(intake, ANA))
    assert accepted(post_json(intake, ANA)) == first
    assert accepted(post_json(intake, dict(reversed(ANA.items())) | {"newsletter": False})) == first
    assert len(journal.keys("pending/")) == 1


def test_the_answer_to_a_repetition_is_the_same_to_the_letter(intake: Intake):
    assert post_json(intake, ANA) == post_json(intake, ANA)


def test_two_keys_are_two_requests(intake: Intake, journal: Watched):
    assert accepted(post_json(intake, ANA, "one")) != accepted(post_json(intake, ANA, "two"))
    assert accepted(post_json(intake, ANA, None)) != accepted(post_json(intake, ANA, None))
    assert len(journal.keys("pending/")) == 4


@pytest.mark.parametrize("settled", [False, True])
def test_the_same_key_with_another_request_is_refused(
    intake: Intake, journal: Watched, settled: bool
):
    first = accepted(post_json(intake, ANA))
    if settled:
        journal.settle()
    assert refused(post_json(intake, BOB), 422) == (
        "Cette clé d'idempotence a déjà servi pour une autre demande : "
        "utilisez une clé nouvelle pour chaque demande."
    )
    assert accepted(post_json(intake, ANA)) == first


def test_a_refusal_uses_no_key(intake: Intake):
    assert post_json(intake, without(ANA, "email")).status == 422
    assert post_json(intake, ANA).status == 202


@pytest.mark.parametrize("settled", [False, True])
def test_a_page_sent_twice_shows_the_same_reference(
    intake: Intake, journal: Watched, settled: bool
):
    first = shown(post_form(intake, list(PERSON.items())), 202).only("strong").text
    if settled:
        journal.settle()
    assert shown(post_form(intake, list(PERSON.items())), 202).only("strong").text == first


@pytest.mark.parametrize("settled", [False, True])
def test_a_page_changed_and_sent_again_asks_whether_it_is_another_request(
    intake: Intake, journal: Watched, settled: bool
):
    first = shown(post_form(intake, list(PERSON.items())), 202).only("strong").text
    if settled:
        journal.settle()
    changed = [*(PERSON | {"first_name": "Bob"}).items()]
    page = shown(post_form(intake, changed), 422)
    assert notice(page) == (
        f"Vous avez déjà envoyé une demande depuis cette page (référence {first}). "
        "Pour en envoyer une autre, validez de nouveau."
    )
    assert page.only("input", name="first_name")["value"] == "Bob"
    assert "data-reused" in page.only(id="formulaire").attributes
    assert key_of(page) != KEY
    second = shown(post_form(intake, changed, key_of(page)), 202).only("strong").text
    assert second != first


def test_a_key_means_the_same_in_a_form_and_in_json(intake: Intake):
    promised = accepted(post_json(intake, ANA))
    page = shown(post_form(intake, list(PERSON.items())), 202)
    assert page.only("strong").text == promised


def test_the_key_of_the_header_counts_before_that_of_the_page(intake: Intake, journal: Watched):
    post_form(intake, list(PERSON.items()), "other", **{"idempotency-key": KEY})
    assert journal.keys("") == [PENDING]


@pytest.mark.parametrize("written", [KEY, f'"{KEY}"', f"  {KEY} ", f' "{KEY}"'])
def test_a_key_is_the_same_quoted_or_bare(intake: Intake, journal: Watched, written: str):
    accepted(post_json(intake, ANA, written))
    assert journal.keys("") == [PENDING]


def test_a_key_has_up_to_255_characters(intake: Intake):
    assert post_json(intake, ANA, "k" * 255).status == 202
    assert post_json(intake, ANA, '"' + "k" * 255 + '"').status == 202


MALFORMED = ["", " ", '""', "k" * 256, "clé", "a b", "a\x00b", 'a"b', "😀"]


@pytest.mark.parametrize("written", MALFORMED)
def test_a_malformed_key_is_refused(intake: Intake, journal: Watched, written: str):
    assert refused(post_json(intake, ANA, written), 400) == (
        "Idempotency-Key : 1 à 255 caractères ASCII, entre guillemets."
    )
    assert journal.keys("") == []


@pytest.mark.parametrize("written", MALFORMED)
def test_a_malformed_key_beside_a_form_is_refused_with_a_page(
    intake: Intake, journal: Watched, written: str
):
    answer = post_form(intake, list(PERSON.items()), **{"idempotency-key": written})
    assert notice(shown(answer, 400)).startswith("Idempotency-Key : ")
    assert journal.keys("") == []


@pytest.mark.parametrize("key", ["clé 😀", "k" * 255, "a b", "<script>"])
def test_whatever_a_page_sends_as_its_key_is_one(intake: Intake, key: str):
    first = shown(post_form(intake, list(PERSON.items()), key), 202).only("strong").text
    assert shown(post_form(intake, list(PERSON.items()), key), 202).only("strong").text == first
    assert key_of(shown(post_form(intake, [("phone", "1")], key), 422)) == key


# Settled while it is asked about.

STEPS = ["create pending", "read filed", "read pending", "read filed again"]


@pytest.mark.parametrize("step", range(4), ids=STEPS)
@pytest.mark.parametrize("half", [False, True], ids=["settled", "tombstone only"])
@pytest.mark.parametrize(("body", "status"), [(ANA, 202), (BOB, 422)], ids=["same", "other"])
def test_a_request_settled_between_two_steps_keeps_its_reference(
    intake: Intake, journal: Watched, step: int, half: bool, body: dict[str, Any], status: int
):
    first = accepted(post_json(intake, ANA))
    calls = count()

    def settle(_method: str, _key: str) -> None:
        if next(calls) == step:
            (journal.bury if half else journal.settle)()

    journal.before = settle
    answer = post_json(intake, body)
    assert answer.status == status
    if status == 202:
        assert accepted(answer) == first


def test_an_entry_that_vanished_is_not_promised(intake: Intake, journal: Watched):
    accepted(post_json(intake, ANA))

    def erase(method: str, key: str) -> None:
        if (method, key) == ("read", PENDING):
            journal.journal.delete(PENDING)

    journal.before = erase
    assert refused(post_json(intake, ANA), 503) == NOT_CONFIRMED


# A journal that does not answer.


@pytest.mark.parametrize(
    ("kind", "place", "seen"),
    [
        ("failing", "create pending", False),
        ("failing", "create pending", True),
        ("failing", "read filed", False),
        ("failing", "read filed", True),
        ("failing", "read pending", True),  # a new request is not read back
        ("answer_lost", "create pending", False),
        ("answer_lost", "create pending", True),
    ],
)
def test_without_the_journal_nothing_is_promised(
    intake: Intake, journal: Watched, kind: str, place: str, seen: bool
):
    first = accepted(post_json(intake, ANA)) if seen else None
    setattr(journal, kind, frozenset([place]))
    answer = post_json(intake, ANA)
    assert refused(answer, 503) == NOT_CONFIRMED
    assert answer.headers["Retry-After"] == "10"
    assert "LOT-" not in answer.body
    setattr(journal, kind, frozenset())
    again = accepted(post_json(intake, ANA))
    assert first in (None, again)
    assert len(journal.keys("pending/")) == 1


@pytest.mark.parametrize(
    ("kind", "place"),
    [
        ("failing", "create pending"),
        ("failing", "read filed"),
        ("answer_lost", "create pending"),
    ],
)
def test_without_the_journal_a_form_keeps_what_was_typed_and_its_key(
    intake: Intake, journal: Watched, kind: str, place: str
):
    setattr(journal, kind, frozenset([place]))
    answer = post_form(intake, [*PERSON.items(), ("message", "Bonjour & merci")])
    page = shown(answer, 503)
    assert notice(page) == NOT_CONFIRMED
    assert answer.headers["Retry-After"] == "10"
    assert "LOT-" not in answer.body
    assert page.only("textarea", name="message").text == "Bonjour & merci"
    assert key_of(page) == KEY
    setattr(journal, kind, frozenset())
    again = post_form(intake, [*PERSON.items(), ("message", "Bonjour & merci")], key_of(page))
    assert again.status == 202
    assert journal.keys("") == [PENDING]


# Privacy.

MARK = "Zorglub4242"
MARKED = FULL | {
    "first_name": MARK,
    "last_name": MARK,
    "email": f"{MARK}@example.org",
    "message": MARK,
    "best_time_to_call": MARK,
    "origin": {"city": MARK},
    "projects": [{"type": "other", "occupation": MARK}],
}


def test_nothing_personal_is_printed_or_answered(
    intake: Intake, journal: Watched, capsys: pytest.CaptureFixture[str]
):
    answers = [post_json(intake, MARKED, f"{MARK}-key"), post_json(intake, MARKED, f"{MARK}-key")]
    answers += [post_json(intake, MARKED | {"first_name": f"{MARK}2"}, f"{MARK}-key")]
    answers += [post_json(intake, MARKED | {name: MARK * 300}) for name in without(FULL, "source")]
    answers += [post_json(intake, MARKED | {"source": MARK}), post_json(intake, b'{"%s' % b"Zorg")]
    journal.failing = frozenset(["create pending"])
    answers += [post_json(intake, MARKED)]
    assert {answer.status for answer in answers} == {202, 422, 400, 503}
    assert MARK not in "".join(answer.body for answer in answers)
    post_form(intake, fields(MARKED))
    printed = capsys.readouterr()
    assert MARK not in printed.out + printed.err


def test_an_acceptance_is_logged_by_its_reference(
    intake: Intake, capsys: pytest.CaptureFixture[str]
):
    promised = accepted(post_json(intake, ANA))
    post_json(intake, ANA)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        {"severity": "INFO", "message": "accepted", "reference": promised, "replayed": replayed}
        for replayed in (False, True)
    ]


# Any order of everything.

OPERATIONS = ["create pending", "read filed", "read pending"]
PEOPLE = [ANA, BOB]
keys_ = st.integers(0, 2)


class IntakeAndSettling(RuleBasedStateMachine):
    """Requests are sent, sent again, changed, settled halfway and lost in any order.

    What route does may happen before each call of the journal; a call may fail, or its answer be
    lost after it was carried out.
    """

    @initialize()
    def start(self) -> None:
        self.journal = Watched()
        numbers = count()
        self.intake = Intake(self.journal, LOCAL_INTAKE, Clock(), lambda: next(numbers))
        self.promised: dict[str, tuple[str, int]] = {}  # key: reference, who

    def names(self, folder: str) -> list[str]:
        return [key.removeprefix(folder) for key in self.journal.keys(folder)]

    @rule(
        key=keys_,
        who=st.integers(0, 1),
        meanwhile=st.lists(st.sampled_from(["", "", "bury", "clear", "settle"]), max_size=4),
        failing=st.sampled_from(["", "", "", *OPERATIONS]),
        lost=st.booleans(),
    )
    def send(self, key: int, who: int, meanwhile: list[str], failing: str, lost: bool) -> None:
        acts: Iterator[str] = iter(meanwhile)
        self.journal.before = lambda _method, _key: self.act(next(acts, ""))
        faults = frozenset([failing]) if failing else frozenset()
        self.journal.failing = frozenset() if lost else faults
        self.journal.answer_lost = faults if lost else frozenset()
        answer = post_json(self.intake, PEOPLE[who], f"k{key}")
        self.journal.before = lambda _method, _key: None
        self.journal.failing = self.journal.answer_lost = frozenset()
        if answer.status == 503:
            assert failing
        elif answer.status == 422:
            assert self.promised.get(f"k{key}", ("", None))[1] != who
        else:
            given = accepted(answer)
            assert self.promised.setdefault(f"k{key}", (given, who)) == (given, who)

    @rule(act=st.sampled_from(["bury", "clear", "settle"]))
    def act(self, act: str) -> None:
        """Route settles: first the tombstones, then what is pending under them."""
        if act in ("bury", "settle"):
            for name in self.names("pending/"):
                self.journal.bury(name)
        if act in ("clear", "settle"):
            for name in self.names("filed/"):
                self.journal.journal.delete(f"pending/{name}")

    @invariant()
    def every_promise_is_in_the_journal(self) -> None:
        for key, (promised, who) in getattr(self, "promised", {}).items():
            name = sha256(f"local\0{key}".encode()).hexdigest()
            kept = self.journal.read(f"filed/{name}") or self.journal.read(f"pending/{name}")
            assert kept, "an accepted request is nowhere"
            entry = json.loads(kept)
            assert entry["reference"] == promised
            assert entry["fingerprint"] == fingerprint(validate(PEOPLE[who]))


IntakeAndSettling.TestCase.settings = settings(max_examples=60, stateful_step_count=25)
TestIntakeAndSettling = IntakeAndSettling.TestCase


@pytest.mark.parametrize(
    ("fields", "headers", "lang"),
    [({}, {}, "fr"), ({}, {"accept-language": "en-GB"}, "en"), ({"lang": "en"}, {}, "en")],
)
def test_the_journal_keeps_the_language_of_whoever_asks(
    intake: Intake, journal: Watched, fields, headers, lang
):
    post_json(intake, ANA | fields, **headers)
    assert json.loads(journal.read(PENDING) or b"")["lang"] == lang
