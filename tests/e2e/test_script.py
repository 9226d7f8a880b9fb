"""The form's script on the hosted page: proof of work, the same reference, bad connections."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, expect

from tests.e2e.served import Served
from tests.e2e.steps import PATIENCE, fill_in, reference_shown
from tests.support import Classeur

SEND = "Envoyer ma demande"
UNSENT = "Votre demande n'est pas encore envoyée"
BEFORE = "Vous avez déjà envoyé une demande depuis cette page (référence {})"


@pytest.fixture
def plain(chromium: Browser) -> Iterator[Page]:
    """A page without JavaScript."""
    context = chromium.new_context(java_script_enabled=False, locale="fr-FR")
    yield context.new_page()
    context.close()


def send(page: Page) -> None:
    page.get_by_role("button", name=SEND).click()


def is_post(request: Request) -> bool:
    return request.method == "POST"


def on_post(page: Page, *acts: object) -> None:
    """Do something to the next posts, one after the other; the others pass."""
    waiting = list(acts)

    def handle(route: Route) -> None:
        if is_post(route.request) and waiting:
            waiting.pop(0)(route)
        else:
            route.fallback()

    page.route("**/*", handle)


def lose_the_answer(route: Route) -> None:
    route.fetch()
    route.abort()


def hurry(page: Page) -> None:
    """Let the time pass that the form waits for."""
    page.clock.fast_forward(4_000)


def kept(page: Page) -> list[dict]:
    texts = page.evaluate("Object.values(localStorage)")
    return [json.loads(text) for text in texts]


# Sent.


def test_a_request_leaves_with_a_proof_of_work(page: Page, intake: Served):
    page.goto(intake.url)
    fill_in(page, "Ana")
    button = page.get_by_role("button", name=SEND)
    button.click()
    expect(page.locator("button[type=submit]")).to_have_attribute("aria-disabled", "true")
    expect(page.locator("button[type=submit]")).to_have_text("Vérification…")
    reference = reference_shown(page)
    expect(page.locator("h1")).to_be_focused()
    expect(page).to_have_title(re.compile("^Votre demande est enregistrée"))
    # However quickly somebody fills the form in, no robot is suspected.
    [entry] = intake.entries()
    assert entry["reference"] == reference
    assert not {"doubt", "suspect"} & set(entry)
    assert kept(page) == []


def test_a_page_without_a_script_sends_too(plain: Page, intake: Served):
    plain.goto(intake.url)
    fill_in(plain, "Ana")
    send(plain)
    assert [reference_shown(plain), "no_script"] == [
        intake.entries()[0][name] for name in ("reference", "doubt")
    ]


def test_without_webcrypto_the_form_is_sent_as_without_a_script(page: Page, intake: Served):
    page.add_init_script("Object.defineProperty(crypto, 'subtle', {value: undefined})")
    page.goto(intake.url)
    fill_in(page, "Ana")
    send(page)
    reference_shown(page)
    assert intake.entries()[0]["doubt"] == "no_script"


def test_the_language_stays(page: Page, intake: Served):
    page.goto(f"{intake.url}?lang=en&source=salon-taf")
    with page.expect_request(is_post) as sent:
        send(page)
    assert "lang=en" in sent.value.url
    expect(page.locator(".summary")).to_be_focused(timeout=PATIENCE)


def test_errors_are_drawn_in_place_and_lead_to_their_fields(page: Page, intake: Served):
    page.goto(intake.url)
    page.get_by_label("Prénom").fill("Ana")
    page.get_by_label("Courriel").fill("ana@")
    send(page)
    expect(page.locator(".summary")).to_be_focused(timeout=PATIENCE)
    expect(page).to_have_title(re.compile("^Erreur"))
    expect(page.get_by_label("Prénom")).to_have_value("Ana")
    page.locator(".summary").get_by_role("link", name=re.compile("^Courriel")).click()
    expect(page.get_by_label("Courriel")).to_be_focused()
    assert intake.entries() == []
    # The same proof does for the corrected form.
    fill_in(page, "Ana")
    with page.expect_request(is_post) as sent:
        send(page)
    assert "altcha=" in (sent.value.post_data or "")
    reference_shown(page)


def test_a_refused_proof_is_replaced_once_by_itself(page: Page, intake: Served):
    page.goto(intake.url)
    on_post(page, lambda route: route.fulfill(status=403, content_type="text/html", body="<p>"))
    fill_in(page, "Ana")
    send(page)
    assert reference_shown(page) == intake.entries()[0]["reference"]


def test_a_proof_refused_twice_is_told(page: Page, intake: Served):
    page.clock.install()
    page.goto(intake.url)
    body = "<main><h1>Non</h1></main>"
    refusal = lambda route: route.fulfill(status=403, content_type="text/html", body=body)  # noqa: E731
    on_post(page, refusal, refusal)
    fill_in(page, "Ana")
    send(page)
    expect(page.locator("h1")).to_have_text("Non", timeout=PATIENCE)


# Once.


def test_a_double_click_sends_once(page: Page, intake: Served):
    posts = []
    page.on("request", lambda request: posts.append(1) if is_post(request) else None)
    page.goto(intake.url)
    fill_in(page, "Ana")
    page.get_by_role("button", name=SEND).dblclick()
    page.locator("#last_name").press("Enter")
    reference = reference_shown(page)
    assert [entry["reference"] for entry in intake.entries()] == [reference]
    assert len(posts) == 1


@pytest.mark.parametrize("filed", [False, True])
def test_reload_and_back_give_the_same_reference(
    page: Page, intake: Served, classeur: Classeur, filed: bool
):
    page.goto(intake.url)
    fill_in(page, "Ana")
    send(page)
    reference = reference_shown(page)
    if filed:
        intake.drain()
    page.go_back()
    expect(page.get_by_label("Prénom")).to_have_value("Ana")
    expect(page).to_have_title(re.compile("^Votre projet"))
    send(page)
    assert reference_shown(page) == reference
    page.reload()
    assert reference_shown(page) == reference
    expect(page).to_have_title(re.compile("^Votre demande est enregistrée"))
    intake.drain()
    assert [row["Référence"] for row in classeur.rows()] == [reference]


def test_another_request_from_the_same_page_is_asked_about_first(page: Page, intake: Served):
    page.goto(intake.url)
    fill_in(page, "Ana")
    send(page)
    first = reference_shown(page)
    page.go_back()
    page.get_by_label("Prénom").fill("Bruno")
    send(page)
    expect(page.locator(".summary")).to_contain_text(BEFORE.format(first), timeout=PATIENCE)
    send(page)
    expect(page.locator(".summary")).to_have_count(0, timeout=PATIENCE)
    second = reference_shown(page)
    assert {first, second} == {entry["reference"] for entry in intake.entries()}
    # The way back leads to the form once more, and forward again.
    page.go_back()
    expect(page.get_by_label("Prénom")).to_have_value("Bruno")
    page.go_forward()
    assert reference_shown(page) == second


@pytest.mark.parametrize("filed", [False, True])
def test_without_a_script_reload_and_back_give_the_same_reference(
    plain: Page, intake: Served, classeur: Classeur, filed: bool
):
    plain.goto(intake.url)
    fill_in(plain, "Ana")
    send(plain)
    reference = reference_shown(plain)
    if filed:
        intake.drain()
    plain.reload()
    assert reference_shown(plain) == reference
    plain.go_back()
    # The browser has kept what was typed, and the key of the page.
    expect(plain.get_by_label("Prénom")).to_have_value("Ana")
    send(plain)
    assert reference_shown(plain) == reference
    intake.drain()
    assert [row["Référence"] for row in classeur.rows()] == [reference]
    plain.go_back()
    plain.get_by_label("Prénom").fill("Bruno")
    send(plain)
    expect(plain.locator(".summary")).to_contain_text(BEFORE.format(reference))


def test_what_was_typed_is_there_after_a_look_elsewhere(page: Page, intake: Served):
    page.goto(intake.url)
    fill_in(page, "Ana")
    key = page.locator("[name=idempotency_key]").input_value()
    page.goto(f"{intake.url}/health")
    page.go_back()
    expect(page.get_by_label("Prénom")).to_have_value("Ana")
    expect(page.get_by_label("Commune", exact=True)).to_have_value("gourdon")
    assert page.locator("[name=idempotency_key]").input_value() == key


@pytest.mark.parametrize("filed", [False, True])
def test_a_lost_answer_gives_the_same_reference(
    page: Page, intake: Served, classeur: Classeur, filed: bool
):
    page.goto(intake.url)
    on_post(page, lose_the_answer)
    fill_in(page, "Ana")
    send(page)
    expect(page.get_by_role("heading", name=UNSENT)).to_be_visible(timeout=PATIENCE)
    [entry] = intake.entries()
    if filed:
        intake.drain()
    page.get_by_role("button", name="Envoyer maintenant").click()
    assert reference_shown(page) == entry["reference"]
    assert kept(page) == []
    intake.drain()
    assert [row["Référence"] for row in classeur.rows()] == [entry["reference"]]


# A bad connection.


def test_without_a_network_a_request_is_kept_and_leaves_by_itself(page: Page, intake: Served):
    page.goto(intake.url)
    fill_in(page, "Ana")
    page.context.set_offline(True)
    send(page)
    told = page.locator(".kept")
    expect(told.get_by_role("heading", name=UNSENT)).to_be_visible(timeout=PATIENCE)
    expect(told).to_be_focused()
    expect(told).to_contain_text("gardée dans ce navigateur")
    expect(page.get_by_role("heading", name="enregistrée")).to_have_count(0)
    expect(page.get_by_label("Prénom")).to_have_value("Ana")
    [entry] = kept(page)
    assert "altcha" not in dict(entry["fields"])
    assert intake.entries() == []
    page.context.set_offline(False)
    assert reference_shown(page) == intake.entries()[0]["reference"]
    assert not {"doubt", "suspect"} & set(intake.entries()[0])
    assert kept(page) == []
    expect(told).to_be_empty()


def keep_one(context: BrowserContext, intake: Served, **answers: str) -> None:
    """Leave a submission in the browser, beside what it keeps, and the page."""
    page = context.new_page()
    page.route("**/challenge", lambda route: route.abort())
    page.goto(intake.url)
    count = len(kept(page)) + 1
    fill_in(page, "Ana")
    for label, text in answers.items():
        page.get_by_label(label).fill(text)
    send(page)
    expect(page.get_by_role("heading", name=UNSENT)).to_have_count(count)
    page.close()


def test_it_leaves_at_the_next_visit(page: Page, intake: Served):
    keep_one(page.context, intake)
    page.goto(intake.url)
    reference = reference_shown(page)
    assert [entry["reference"] for entry in intake.entries()] == [reference]


def test_what_is_being_typed_meanwhile_is_not_lost(page: Page, intake: Served):
    keep_one(page.context, intake)
    page.goto(intake.url)
    page.get_by_label("Prénom").fill("Bruno")
    expect(page.locator(".kept")).to_contain_text("Votre référence : LOT-", timeout=PATIENCE)
    [entry] = intake.entries()
    expect(page.locator(".kept")).to_contain_text(entry["reference"])
    expect(page.get_by_label("Prénom")).to_have_value("Bruno")


def test_two_people_s_requests_are_kept_beside_each_other(page: Page, intake: Served):
    keep_one(page.context, intake, Prénom="Ana")
    keep_one(page.context, intake, Prénom="Bruno")
    page.goto(intake.url)
    first = reference_shown(page)
    told = page.locator(".kept")
    expect(told).to_contain_text("Votre référence : LOT-", timeout=PATIENCE)
    assert reference_shown(page) == first
    for entry in intake.entries():
        shown = page.locator("main").inner_text()
        assert entry["reference"] in shown
    assert {entry["submission"]["first_name"] for entry in intake.entries()} == {"Ana", "Bruno"}


def test_what_is_to_be_corrected_is_shown_and_kept_until_it_is(page: Page, intake: Served):
    keep_one(page.context, intake, Courriel="ana@")
    page.goto(intake.url)
    expect(page.locator(".summary")).to_contain_text("Courriel", timeout=PATIENCE)
    expect(page.get_by_label("Prénom")).to_have_value("Ana")
    assert [one["refused"] for one in kept(page)] == [True]
    page.goto(intake.url)
    expect(page.locator(".kept")).to_contain_text("mais elle est à corriger")
    page.get_by_role("button", name="La corriger").click()
    expect(page.locator(".summary")).to_be_focused(timeout=PATIENCE)
    page.get_by_label("Courriel").fill("ana@example.org")
    send(page)
    reference_shown(page)
    assert kept(page) == []


def test_it_can_be_erased(page: Page, intake: Served):
    keep_one(page.context, intake)
    page.route("**/challenge", lambda route: route.abort())
    page.goto(intake.url)
    page.get_by_role("button", name="L'effacer").click()
    expect(page.locator(".kept")).to_have_text("Votre demande est effacée de ce navigateur.")
    assert kept(page) == []
    page.reload()
    expect(page.locator(".kept")).to_be_empty()


@pytest.mark.parametrize(("days", "there"), [(6.99, True), (7.01, False)])
def test_it_is_kept_for_seven_days(page: Page, intake: Served, days: float, there: bool):
    keep_one(page.context, intake)
    page.route("**/challenge", lambda route: route.abort())
    page.goto(intake.url)
    [entry] = kept(page)
    page.clock.install(time=(entry["since"] / 1000) + days * 24 * 3600)
    page.goto(intake.url)
    assert len(kept(page)) == there
    told = UNSENT if there else "n'a pas pu partir en sept jours : elle est effacée"
    expect(page.locator(".kept")).to_contain_text(told)


@pytest.mark.parametrize("status", [500, 502, 503, 200])
def test_what_is_not_confirmed_is_tried_again_after_half_a_minute(
    page: Page, intake: Served, status: int
):
    page.clock.install()
    page.goto(intake.url)
    on_post(page, lambda route: route.fulfill(status=status, content_type="text/html", body="<p>"))
    fill_in(page, "Ana")
    send(page)
    expect(page.get_by_role("heading", name=UNSENT)).to_be_visible(timeout=PATIENCE)
    page.clock.fast_forward(29_000)
    assert intake.entries() == []
    page.clock.fast_forward(1_000)
    reference_shown(page)


def test_an_answer_that_does_not_come_is_given_up(page: Page, intake: Served):
    page.clock.install()
    page.goto(intake.url)
    on_post(page, lambda _: None)
    fill_in(page, "Ana")
    with page.expect_request(is_post, timeout=PATIENCE):
        send(page)
    page.clock.fast_forward(19_000)
    expect(page.get_by_role("heading", name=UNSENT)).to_have_count(0)
    page.clock.fast_forward(1_000)
    expect(page.get_by_role("heading", name=UNSENT)).to_be_visible()


def test_a_crowd_is_told_and_waited_for(page: Page, intake: Served):
    page.clock.install()
    page.goto(intake.url)
    headers = {"Retry-After": "75", "Content-Type": "application/problem+json"}
    on_post(page, lambda route: route.fulfill(status=429, headers=headers, body="{}"))
    fill_in(page, "Ana")
    send(page)
    expect(page.locator(".kept")).to_contain_text("nouvel essai dans 75 s", timeout=PATIENCE)
    page.clock.fast_forward(70_000)
    assert intake.entries() == []
    page.clock.fast_forward(5_000)
    reference_shown(page)


def test_a_refusal_that_is_no_page_is_told(page: Page, intake: Served):
    page.goto(intake.url)
    refusal = {"status": 413, "content_type": "application/problem+json"}
    on_post(page, lambda route: route.fulfill(**refusal, body='{"title": "Trop long."}'))
    fill_in(page, "Ana")
    send(page)
    expect(page.locator(".kept")).to_have_text("Trop long.", timeout=PATIENCE)
    expect(page.get_by_role("button", name=SEND)).to_be_enabled()


def test_where_the_browser_keeps_nothing_the_page_does(page: Page, intake: Served):
    page.add_init_script("Storage.prototype.setItem = () => { throw new Error('no room') }")
    page.goto(intake.url)
    on_post(page, lambda route: route.abort())
    fill_in(page, "Ana")
    send(page)
    expect(page.locator(".kept")).to_contain_text("laissez cette page ouverte", timeout=PATIENCE)
    page.get_by_role("button", name="Envoyer maintenant").click()
    reference_shown(page)


# The choice of a commune.


def test_a_commune_is_chosen_with_the_keyboard(page: Page, intake: Served):
    page.goto(intake.url)
    page.get_by_label("Dans une commune que je connais").check()
    commune = page.get_by_role("combobox", name="Commune", exact=True)
    commune.focus()
    expect(commune).to_have_attribute("aria-expanded", "false")
    page.keyboard.type("st cere")
    expect(commune).to_have_attribute("aria-expanded", "true")
    options = page.get_by_role("listbox", name="Communes").get_by_role("option")
    expect(options).to_have_text(["Saint-Céré"])
    expect(page.get_by_role("status").filter(has_text="Une commune proposée")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(commune).to_have_value("Saint-Céré")
    expect(commune).to_have_attribute("aria-expanded", "false")

    commune.fill("")
    page.keyboard.type("saint-m")
    expect(options.first).to_be_visible()
    names = options.all_inner_texts()
    assert "Saint-Médard" in names
    assert all("Saint-M" in name for name in names)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    active = commune.get_attribute("aria-activedescendant")
    assert active == options.nth(1).get_attribute("id")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    expect(options.last).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(options.first).to_be_hidden()
    expect(commune).to_have_value("saint-m")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(commune).to_have_value(names[0].partition(" (")[0])
    expect(page.get_by_role("combobox", name="Commune 2")).to_be_focused()


def test_a_commune_is_chosen_with_the_mouse_or_by_a_former_name(page: Page, intake: Served):
    page.goto(intake.url)
    page.get_by_label("Dans une commune que je connais").check()
    commune = page.get_by_role("combobox", name="Commune", exact=True)
    commune.fill("labastide mura")
    options = page.get_by_role("listbox", name="Communes").get_by_role("option")
    expect(options).to_have_text(["Cœur de Causse (Labastide-Murat)"])
    options.click()
    expect(commune).to_have_value("Cœur de Causse")
    expect(commune).to_be_focused()
    expect(options).to_have_count(0)
    commune.fill("coeur")
    expect(options).to_have_text(["Cœur de Causse"])
    commune.fill("nulle part")
    expect(page.get_by_role("status").filter(has_text="Aucune commune")).to_have_count(1)
    commune.fill("")
    commune.press("ArrowDown")
    assert options.count() > 300
    page.get_by_label("Prénom").focus()
    expect(options).to_have_count(0)


def test_enter_on_an_open_list_does_not_send_the_form(page: Page, intake: Served):
    posts = []
    page.on("request", lambda request: posts.append(1) if is_post(request) else None)
    page.goto(intake.url)
    page.get_by_label("Dans une commune que je connais").check()
    page.get_by_role("combobox", name="Commune", exact=True).fill("saint")
    page.keyboard.press("Enter")
    expect(page.get_by_role("listbox", name="Communes")).to_have_count(0)
    expect(page.locator("button[type=submit]")).to_have_text(SEND)
    assert posts == []
