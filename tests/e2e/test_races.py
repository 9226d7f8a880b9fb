"""Everything at once, and several people at one browser: nothing is lost, and nobody's is shown."""

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.e2e.served import Partner, Served
from tests.e2e.steps import (
    AGAIN,
    BEFORE,
    PATIENCE,
    UNSENT,
    fill_in,
    is_post,
    keep_one,
    kept,
    key_field,
    key_of,
    lose_the_answer,
    on_post,
    reference_shown,
    send,
)
from tests.e2e.test_embed import embedded

ENGLISH, FRENCH = "This form in English", "Ce formulaire en français"


def keep_at(context: BrowserContext, url: str, first_name: str, email: str) -> None:
    """Leave a submission in the browser as people do; the browser's cache stays at work."""
    page = context.new_page()
    page.goto(url)
    fill_in(page, first_name)
    page.get_by_label("Courriel").fill(email)
    context.set_offline(True)
    send(page)
    expect(page.get_by_role("heading", name=UNSENT)).to_be_visible(timeout=PATIENCE)
    page.close()
    context.set_offline(False)


# One form, one key.


@pytest.mark.parametrize("email", ["zoe@", "zoe@example.org"])
@pytest.mark.parametrize("query", ["", "?source=salon"])
def test_going_back_brings_no_other_tab_s_key(quick: Page, intake: Served, email: str, query: str):
    quick.goto(intake.url)
    fill_in(quick, "Bruno")
    key = key_of(quick)
    quick.goto(f"{intake.url}/health")
    keep_at(quick.context, intake.url + query, "Zoe", email)
    quick.go_back()
    expect(quick.get_by_label("Prénom")).to_have_value("Bruno")
    expect(key_field(quick)).to_have_value(key)
    # Hers is tried at once, and takes nobody's place.
    sentence = "mais elle est à corriger" if email == "zoe@" else "Votre référence\u00a0: LOT-"
    expect(quick.locator(".kept")).to_contain_text(sentence, timeout=PATIENCE)
    expect(quick.get_by_label("Prénom")).to_have_value("Bruno")
    send(quick)
    reference_shown(quick)
    names = {entry["submission"]["first_name"] for entry in intake.entries()}
    still = {dict(entry["fields"])["first_name"] for entry in kept(quick)}
    assert (names, still) == (
        ({"Bruno"}, {"Zoe"}) if email == "zoe@" else ({"Bruno", "Zoe"}, set())
    )


def test_each_step_of_one_tab_has_its_key(quick: Page, intake: Served):
    quick.goto(intake.url)
    fill_in(quick, "Bruno")
    key = key_of(quick)
    quick.goto(f"{intake.url}/health")
    quick.goto(intake.url)
    expect(key_field(quick)).not_to_have_value(key)
    fill_in(quick, "Zoe")
    send(quick)
    first = reference_shown(quick)
    for _ in range(3):
        quick.go_back()
    expect(quick.get_by_label("Prénom")).to_have_value("Bruno")
    expect(key_field(quick)).to_have_value(key)
    send(quick)
    assert reference_shown(quick) != first


def test_the_next_person_at_the_same_address_has_another_key(quick: Page, intake: Served):
    quick.goto(intake.url)
    key = key_of(quick)
    quick.goto(intake.url)
    expect(key_field(quick)).not_to_have_value(key)
    key = key_of(quick)
    quick.reload()
    expect(key_field(quick)).not_to_have_value(key)


def test_the_other_language_loses_no_key_on_the_way_back(quick: Page, intake: Served):
    quick.goto(intake.url)
    fill_in(quick, "Ana")
    key = key_of(quick)
    quick.get_by_role("link", name=ENGLISH).click()
    expect(quick.get_by_label("First name")).to_have_value("Ana")
    expect(key_field(quick)).to_have_value(key)
    on_post(quick, lose_the_answer)
    quick.get_by_role("button", name="Send my request").click()
    expect(quick.locator(".kept h2")).to_be_visible(timeout=PATIENCE)
    quick.unroute_all()
    quick.goto(f"{intake.url}/health")
    # Somebody presses the button before the page has sent by itself what it kept.
    held: list[Route] = []
    quick.route("**/challenge", lambda route: route.fallback() if held else held.append(route))
    with quick.expect_request("**/challenge"):
        quick.go_back()
    expect(quick.get_by_label("First name")).to_have_value("")
    expect(key_field(quick)).not_to_have_value(key)
    quick.get_by_role("button", name="Change it").click()
    expect(quick.get_by_label("First name")).to_have_value("Ana")
    expect(key_field(quick)).to_have_value(key)
    quick.get_by_role("button", name="Send my request").click()
    held[0].continue_()
    expect(quick.locator(".reference strong")).to_be_visible(timeout=PATIENCE)
    assert len(intake.entries()) == 1


def test_what_was_refused_is_there_after_a_look_elsewhere(quick: Page, intake: Served):
    quick.goto(intake.url)
    fill_in(quick, "Ana")
    quick.get_by_label("Logement").check()
    quick.get_by_label("Courriel").fill("ana@")
    send(quick)
    expect(quick.locator(".summary")).to_be_focused(timeout=PATIENCE)
    quick.goto(f"{intake.url}/health")
    quick.go_back()
    expect(quick.get_by_label("Prénom")).to_have_value("Ana")
    expect(quick.get_by_label("Logement")).to_be_checked()
    expect(quick.get_by_label("Projet principal")).to_have_value("remote_work")
    expect(quick.get_by_label("Dans une commune")).to_be_checked()
    expect(quick.get_by_label("Commune", exact=True)).to_have_value("gourdon")


# Back and forward.


def test_the_way_back_leads_to_the_form_as_it_was_last(quick: Page, intake: Served):
    quick.goto(intake.url)
    fill_in(quick, "Ana")
    send(quick)
    reference = reference_shown(quick)
    quick.go_back()
    quick.get_by_role("link", name=ENGLISH).click()
    quick.get_by_label("First name").fill("Anna")
    quick.go_forward()
    expect(quick.locator(".reference strong")).to_have_text(reference)
    expect(quick.locator("html")).to_have_attribute("lang", "fr")
    quick.go_back()
    expect(quick.get_by_label("First name")).to_have_value("Anna")
    expect(quick.locator("html")).to_have_attribute("lang", "en")
    # And so it does once the form has been refused.
    quick.get_by_role("button", name="Send my request").click()
    expect(quick.locator(".summary")).to_be_focused(timeout=PATIENCE)
    key = key_of(quick)
    quick.get_by_label("First name").fill("Annabelle")
    quick.go_forward()
    expect(quick.locator(".reference strong")).to_have_text(reference)
    quick.go_back()
    expect(quick.get_by_label("First name")).to_have_value("Annabelle")
    expect(key_field(quick)).to_have_value(key)


def test_what_is_told_changes_its_language_with_the_page(quick: Page, intake: Served):
    quick.goto(intake.url)
    fill_in(quick, "Ana")
    send(quick)
    reference_shown(quick)
    quick.go_back()
    quick.get_by_role("link", name=ENGLISH).click()
    expect(quick.get_by_label("First name")).to_have_value("Ana")
    quick.context.set_offline(True)
    quick.get_by_role("button", name="Send my request").click()
    heading = quick.locator(".kept h2")
    expect(heading).to_have_text("Your request has not been sent yet (Ana D.)", timeout=PATIENCE)
    quick.go_forward()
    expect(heading).to_have_text(f"{UNSENT} (Ana D.)")


# Somebody else's request.


def test_restored_text_is_not_replaced_by_another_s_confirmation(quick: Page, intake: Served):
    quick.goto(f"{intake.url}?source=salon")
    fill_in(quick, "Bruno")
    quick.goto(f"{intake.url}/health")
    keep_at(quick.context, intake.url, "Zoe", "zoe@example.org")
    quick.go_back()
    expect(quick.locator(".kept")).to_contain_text("Votre référence", timeout=PATIENCE)
    expect(quick.get_by_label("Prénom")).to_have_value("Bruno")


def test_sending_another_s_by_hand_takes_nobody_s_place(quick: Page, intake: Served):
    keep_one(quick.context, intake, Prénom="Zoe", Courriel="zoe@")
    quick.route("**/challenge", lambda route: route.abort())
    quick.goto(intake.url)
    quick.get_by_label("Prénom").fill("Bruno")
    quick.unroute_all()
    quick.get_by_role("button", name="Envoyer maintenant").click()
    expect(quick.locator(".kept")).to_contain_text("elle est à corriger", timeout=PATIENCE)
    expect(quick.get_by_label("Prénom")).to_have_value("Bruno")


def test_what_a_site_s_other_scripts_leave_does_not_stop_the_form(
    page: Page, intake: Served, partner: Partner
):
    url = partner.write("/venir", "", embedded(intake))
    page.goto(url)
    entries = [
        {"fields": [None], "since": 1},
        {"fields": [1], "since": 1},
        {"fields": [[]], "since": 1},
        {"fields": ["ab"], "since": 1},
        {"fields": [["idempotency_key", {"a": 1}]], "since": 1},
        {"fields": [["idempotency_key", "other"]], "since": 1},
        {"fields": [["idempotency_key", "k5"]], "since": "1764000000000"},
        5,
        None,
    ]
    places = [f"oh-my-lot reference {intake.url} 0 /venir"]
    for value in (5, None, {"reference": "<b>x</b>", "at": 1}, {"at": 1}):
        page.evaluate(
            """([base, entries, places, value]) => {
                entries.forEach((one, index) => {
                    const text = JSON.stringify(one).replace('1}', `${Date.now()}}`);
                    localStorage[`oh-my-lot ${base} k${index}`] = text;
                });
                for (const place of places) sessionStorage[place] = JSON.stringify(value);
            }""",
            [intake.url, entries, places, value],
        )
        page.reload()
        expect(page.get_by_label("Prénom")).to_be_visible()
        expect(page.locator(".kept")).to_be_empty()
        assert page.evaluate("Object.keys(localStorage)") == []
        assert page.evaluate("Object.keys(sessionStorage)") == []


# Links.


def test_another_request_is_begun_once(quick: Page, intake: Served, partner: Partner):
    quick.goto(partner.write("/venir", "", embedded(intake)))
    fill_in(quick, "Ana")
    send(quick)
    reference_shown(quick)
    asked: list[str] = []
    quick.on("request", lambda request: asked.append(request.url))
    quick.get_by_role("link", name=AGAIN).dblclick()
    expect(quick.get_by_label("Prénom")).to_have_value("")
    quick.get_by_label("Prénom").fill("Bruno")
    quick.wait_for_load_state("networkidle")
    expect(quick.get_by_label("Prénom")).to_have_value("Bruno")
    assert not [url for url in asked if "frame=fragment" in url]  # it needs no network


def test_the_other_language_waits_for_what_is_being_sent(quick: Page, intake: Served):
    quick.goto(intake.url)
    fill_in(quick, "Ana")
    quick.evaluate("window.told = 0; addEventListener('oh-my-lot:sent', () => { told += 1 })")
    held: list[Route] = []
    on_post(quick, held.append)
    with quick.expect_request(is_post, timeout=PATIENCE):
        send(quick)
    quick.get_by_role("link", name=ENGLISH).dblclick()
    expect(quick.get_by_label("Prénom")).to_have_value("Ana")
    held[0].continue_()
    reference_shown(quick)
    assert quick.evaluate("told") == 1
    expect(quick.locator("html")).to_have_attribute("lang", "fr")
    assert len(intake.entries()) == 1


def test_errors_are_told_in_the_other_language_too(quick: Page, intake: Served):
    quick.goto(f"{intake.url}?target=Figeac,Cahors,Gourdon,Gramat,Souillac")
    quick.get_by_label("Prénom").fill("Ana")
    held: list[Route] = []
    on_post(quick, held.append)
    with quick.expect_request(is_post, timeout=PATIENCE):
        send(quick)
    quick.get_by_role("link", name=ENGLISH).click()
    held[0].continue_()
    expect(quick.locator(".summary")).to_contain_text("Main plan", timeout=PATIENCE)
    expect(quick.get_by_role("link", name=FRENCH)).to_be_visible()
    communes = quick.locator("[name='target.communes']")
    expect(communes).to_have_count(5)
    for index, name in enumerate(("Figeac", "Cahors", "Gourdon", "Gramat", "Souillac")):
        expect(communes.nth(index)).to_have_value(name)
    assert intake.entries() == []


def test_who_is_writing_stays_where_they_are(quick: Page, intake: Served):
    quick.goto(intake.url)
    held: list[Route] = []
    on_post(quick, held.append)
    with quick.expect_request(is_post):
        quick.get_by_role("link", name=ENGLISH).click()
    quick.get_by_label("Prénom").focus()
    quick.keyboard.type("Bro")
    quick.keyboard.press("ArrowLeft")
    held[0].continue_()
    name = quick.get_by_label("First name")
    expect(name).to_be_focused()
    quick.keyboard.type("un")
    expect(name).to_have_value("Bruno")


def test_what_waits_behind_another_says_so(quick: Page, intake: Served):
    keep_one(quick.context, intake)
    held: list[Route] = []
    on_post(quick, held.append)
    with quick.expect_request(is_post, timeout=PATIENCE):
        quick.goto(intake.url)
    fill_in(quick, "Bruno")
    send(quick)
    expect(quick.locator("button[type=submit]")).to_have_text("Vérification…")
    held[0].continue_()
    reference_shown(quick)


# At once.


def test_what_is_missing_is_told_at_once(quick: Page, intake: Served):
    asked: list[str] = []
    quick.on("request", lambda request: asked.append(request.url.split("/")[-1].split("?")[0]))
    quick.route("**/challenge", lambda _: None)  # its answer does not come
    quick.goto(intake.url)
    send(quick)
    expect(quick.locator(".summary")).to_contain_text("Nom\u00a0: à renseigner.")
    quick.unroute_all()
    # The browser finds fault with an address that the server takes: it is proved then.
    fill_in(quick, "Ana")
    quick.get_by_label("Courriel").evaluate("one => one.setCustomValidity('non')")
    send(quick)
    reference_shown(quick)
    [entry] = intake.entries()
    assert not {"doubt", "suspect"} & set(entry)


def test_a_gone_network_is_no_news_any_more_once_it_is_back(quick: Page, intake: Served):
    quick.goto(intake.url)
    quick.context.set_offline(True)
    quick.get_by_role("link", name=ENGLISH).click()
    panel = quick.locator(".kept")
    expect(panel).to_contain_text("La connexion manque")
    quick.context.set_offline(False)
    send(quick)
    expect(quick.locator(".summary")).to_be_focused(timeout=PATIENCE)
    expect(panel).to_be_empty()


def test_the_proposals_come_into_view(quick: Page, intake: Served):
    quick.set_viewport_size({"width": 390, "height": 500})
    quick.goto(intake.url)
    quick.get_by_label("Dans une commune que je connais").check()
    commune = quick.get_by_role("combobox", name="Commune", exact=True)
    commune.evaluate("one => one.scrollIntoView({block: 'end'})")
    commune.press_sequentially("saint")
    listed = quick.get_by_role("listbox", name="Communes")
    expect(listed).to_be_in_viewport(ratio=0.9)
    commune.fill("46100")
    spoken = quick.get_by_role("status").filter(has_text="plutôt que le code postal")
    expect(spoken).to_have_count(1)


def test_a_request_sent_before_is_asked_about_in_a_second_tab_too(quick: Page, intake: Served):
    """A tab that was duplicated has the key of the first."""
    quick.goto(intake.url)
    fill_in(quick, "Ana")
    key = key_of(quick)
    other = quick.context.new_page()
    other.goto(intake.url)
    other.locator("[name=idempotency_key]").evaluate("(one, key) => { one.value = key }", key)
    fill_in(other, "Bruno")
    send(quick)
    reference = reference_shown(quick)
    send(other)
    expect(other.locator(".summary")).to_contain_text(BEFORE.format(reference), timeout=PATIENCE)
    assert kept(other) == []
