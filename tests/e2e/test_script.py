"""The form's script on the hosted page: proof of work, the same reference, bad connections."""

import re

import pytest
from playwright.sync_api import Error, Page, Route, expect

from tests.e2e.served import Served
from tests.e2e.steps import (
    AGAIN,
    BEFORE,
    PATIENCE,
    SEND,
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
from tests.support import Classeur

ERASED = re.compile("n'a pas pu partir en sept jours\u00a0: elle est effacée")


# Sent.


def test_a_request_leaves_with_a_proof_of_work(quick: Page, intake: Served):
    # Nothing is quickened in the journey of test_browser: four seconds, and a whole proof.
    challenges: list[Route] = []
    quick.route("**/challenge", lambda route: challenges.append(route))  # noqa: PLW0108  (needs a name)
    quick.goto(intake.url)
    with quick.expect_request("**/challenge"):  # as soon as somebody begins to write
        fill_in(quick, "Ana")
    quick.get_by_role("button", name=SEND).click()
    expect(quick.locator("button[type=submit]")).to_have_attribute("aria-disabled", "true")
    expect(quick.locator("button[type=submit]")).to_have_text("Vérification…")
    challenges.pop().continue_()
    reference = reference_shown(quick)
    expect(quick.locator("h1")).to_be_focused()
    expect(quick).to_have_title(re.compile("^Votre demande est enregistrée"))
    # However quickly somebody fills the form in, no robot is suspected.
    [entry] = intake.entries()
    assert entry["reference"] == reference
    assert not {"doubt", "suspect"} & set(entry)
    assert kept(quick) == []


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
    page.get_by_label("Autour d'une ou de plusieurs villes").check()
    page.get_by_label("Autour de Figeac").check()
    send(page)
    reference_shown(page)
    [entry] = intake.entries()
    assert entry["doubt"] == "no_script"
    assert list(entry["submission"]["target"]) == ["epcis"]


def test_the_language_stays(quick: Page, intake: Served):
    quick.goto(f"{intake.url}?lang=en&source=salon-taf")
    quick.get_by_role("button", name="Send my request").click()
    expect(quick.locator(".summary")).to_be_focused(timeout=PATIENCE)
    expect(quick).to_have_title(re.compile("^Error: "))
    expect(quick.locator("[name=source]")).to_have_value("salon-taf")
    quick.route("**/challenge", lambda route: route.abort())
    quick.route("**/?**", lambda route: route.abort())
    quick.get_by_role("button", name="Send my request").click()
    expect(quick.get_by_role("heading", name="has not been sent yet")).to_be_visible()


def test_errors_are_drawn_in_place_and_lead_to_their_fields(quick: Page, intake: Served):
    quick.goto(intake.url)
    quick.get_by_label("Prénom").fill("Ana")
    quick.get_by_label("Courriel").fill("ana@")
    send(quick)
    expect(quick.locator(".summary")).to_be_focused(timeout=PATIENCE)
    expect(quick).to_have_title(re.compile("^Erreur"))
    expect(quick.get_by_label("Prénom")).to_have_value("Ana")
    quick.locator(".summary").get_by_role("link", name=re.compile("^Courriel")).click()
    expect(quick.get_by_label("Courriel")).to_be_focused()
    assert intake.entries() == []
    # The same proof does for the corrected form.
    fill_in(quick, "Ana")
    with quick.expect_request(is_post) as sent:
        send(quick)
    assert "altcha=" in (sent.value.post_data or "")
    reference_shown(quick)


def test_what_is_written_while_it_is_sent_stays(quick: Page, intake: Served):
    quick.goto(intake.url)
    fill_in(quick, "Ana")
    quick.get_by_label("Courriel").fill("ana@")
    # The server moves it up: there is nothing in the first field.
    quick.get_by_label("Commune", exact=True).fill("")
    quick.get_by_label("Commune 2").fill("figeac")
    held: list[Route] = []
    on_post(quick, held.append)
    with quick.expect_request(is_post, timeout=PATIENCE):
        send(quick)
    quick.get_by_label("Courriel").fill("ana@example.org")
    quick.get_by_label("Parlez-nous").fill("Deux lignes\nen même temps")
    quick.get_by_text("Ajouter un autre projet").click()
    quick.locator("[id='projects.1.type']").select_option("health")
    quick.get_by_label("Logement").check()
    held[0].continue_()
    expect(quick.locator(".summary")).to_be_focused(timeout=PATIENCE)
    expect(quick.locator(".summary")).to_contain_text("Courriel")
    send(quick)
    reference_shown(quick)
    [entry] = intake.entries()
    submission = entry["submission"]
    assert submission["email"] == "ana@example.org"
    assert submission["message"] == "Deux lignes\nen même temps"
    assert [project["type"] for project in submission["projects"]] == ["remote_work", "health"]
    assert submission["needs"] == ["housing"]
    assert submission["target"] == {"communes": ["46102"]}


def test_what_is_changed_too_late_is_told_and_stays(quick: Page, intake: Served):
    quick.goto(intake.url)
    fill_in(quick, "Ana")
    held: list[Route] = []
    on_post(quick, held.append)
    with quick.expect_request(is_post, timeout=PATIENCE):
        send(quick)
    quick.get_by_label("Téléphone").fill("06 12 34 56 78")
    held[0].continue_()
    panel = quick.locator(".kept")
    expect(panel).to_contain_text("changé depuis n'en fait pas partie", timeout=PATIENCE)
    expect(panel).to_be_focused()
    [first] = intake.entries()
    expect(panel).to_contain_text(first["reference"])
    assert "phone" not in first["submission"]
    expect(quick.get_by_label("Téléphone")).to_have_value("06 12 34 56 78")
    # It can be sent, too: as another request, which is asked about.
    send(quick)
    expect(quick.locator(".summary")).to_contain_text(
        BEFORE.format(first["reference"]), timeout=PATIENCE
    )
    send(quick)
    assert reference_shown(quick) != first["reference"]
    assert len(intake.entries()) == 2


def test_the_other_language_keeps_what_was_written(quick: Page, intake: Served):
    quick.goto(f"{intake.url}?source=aire-a20&projects=farming")
    fill_in(quick, "Ana")
    quick.get_by_label("Logement").check()
    quick.get_by_text("Ajouter un autre projet").click()
    quick.locator("[id='projects.1.type']").select_option("health")
    key = key_of(quick)
    quick.get_by_role("link", name="This form in English").click()
    back = quick.get_by_role("link", name="Ce formulaire en français")
    expect(back).to_be_focused()
    expect(quick).to_have_title(re.compile("^Your plan to move"))
    expect(quick.locator("html")).to_have_attribute("lang", "en")
    expect(quick).to_have_url(re.compile("lang=en"))
    expect(quick.get_by_label("First name")).to_have_value("Ana")
    expect(quick.get_by_label("Housing")).to_be_checked()
    expect(quick.locator("[id='projects.0.type']")).to_have_value("remote_work")
    expect(quick.locator("[id='projects.1.type']")).to_be_visible()
    expect(quick.locator("[name=source]")).to_have_value("aire-a20")
    expect(key_field(quick)).to_have_value(key)
    # The words of the script are English, too; and back again, from a form that has errors.
    quick.get_by_label("Email").fill("ana@")
    quick.get_by_role("button", name="Send my request").click()
    expect(quick.locator(".summary")).to_be_focused(timeout=PATIENCE)
    expect(quick.locator("button[type=submit]")).to_have_text("Send my request")
    back.click()
    expect(quick.get_by_label("Courriel")).to_have_value("ana@")
    quick.get_by_label("Courriel").fill("ana@example.org")
    send(quick)
    reference = reference_shown(quick)
    assert [entry["reference"] for entry in intake.entries()] == [reference]
    quick.go_back()
    expect(quick.get_by_label("Prénom")).to_have_value("Ana")
    quick.reload()
    expect(quick.get_by_role("button", name=SEND)).to_be_visible()


def test_the_other_language_needs_a_connection(quick: Page, intake: Served):
    quick.goto(intake.url)
    quick.get_by_label("Prénom").fill("Ana")
    quick.context.set_offline(True)
    link = quick.get_by_role("link", name="This form in English")
    link.click()
    expect(quick.locator(".kept")).to_contain_text("La connexion manque")
    expect(quick.locator(".kept")).to_be_focused()
    quick.context.set_offline(False)
    link.click()
    expect(quick.get_by_label("First name")).to_have_value("Ana")
    expect(quick.locator(".kept")).to_be_empty()


def test_a_refused_proof_is_replaced_once_by_itself(quick: Page, intake: Served):
    quick.goto(intake.url)
    on_post(quick, lambda route: route.fulfill(status=403, content_type="text/html", body="<p>"))
    fill_in(quick, "Ana")
    send(quick)
    assert reference_shown(quick) == intake.entries()[0]["reference"]


def test_a_proof_refused_twice_is_told(quick: Page, intake: Served):
    quick.goto(intake.url)
    body = "<div data-title='Non'><h1>Non</h1></div>"
    refusal = lambda route: route.fulfill(status=403, content_type="text/html", body=body)  # noqa: E731
    on_post(quick, refusal, refusal)
    fill_in(quick, "Ana")
    send(quick)
    expect(quick.locator("h1")).to_have_text("Non", timeout=PATIENCE)


# Once.


def test_a_double_click_sends_once(quick: Page, intake: Served):
    asked: list[str] = []
    quick.on("request", lambda request: asked.append(request.url.split("/")[-1].split("?")[0]))
    quick.goto(intake.url)
    fill_in(quick, "Ana")
    quick.get_by_role("button", name=SEND).dblclick()
    quick.keyboard.press("Enter")
    reference = reference_shown(quick)
    assert [entry["reference"] for entry in intake.entries()] == [reference]
    # The quick, one challenge, one post: what would follow has not even begun.
    assert asked == ["", "challenge", ""]


@pytest.mark.parametrize("filed", [False, True])
def test_reload_and_back_give_the_same_reference(
    quick: Page, intake: Served, classeur: Classeur, filed: bool
):
    quick.goto(intake.url)
    fill_in(quick, "Ana")
    send(quick)
    reference = reference_shown(quick)
    if filed:
        intake.drain()
    quick.go_back()
    expect(quick.get_by_label("Prénom")).to_have_value("Ana")
    expect(quick).to_have_title(re.compile("^Votre projet"))
    send(quick)
    assert reference_shown(quick) == reference
    quick.reload()
    assert reference_shown(quick) == reference
    expect(quick).to_have_title(re.compile("^Votre demande est enregistrée"))
    intake.drain()
    assert [row["Référence"] for row in classeur.rows()] == [reference]


def test_another_request_from_the_same_page_is_asked_about_first(quick: Page, intake: Served):
    quick.goto(intake.url)
    fill_in(quick, "Ana")
    send(quick)
    first = reference_shown(quick)
    quick.go_back()
    quick.get_by_label("Prénom").fill("Bruno")
    send(quick)
    expect(quick.locator(".summary")).to_contain_text(BEFORE.format(first), timeout=PATIENCE)
    send(quick)
    expect(quick.locator(".summary")).to_have_count(0, timeout=PATIENCE)
    second = reference_shown(quick)
    assert {first, second} == {entry["reference"] for entry in intake.entries()}
    # The way back leads to the form once more, and forward again.
    quick.go_back()
    expect(quick.get_by_label("Prénom")).to_have_value("Bruno")
    quick.go_forward()
    assert reference_shown(quick) == second


def test_the_next_person_finds_a_blank_form(quick: Page, intake: Served):
    quick.goto(intake.url)
    fill_in(quick, "Ana")
    send(quick)
    reference_shown(quick)
    quick.goto(intake.url)
    expect(quick.get_by_label("Prénom")).to_have_value("")


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


def test_without_a_script_the_way_back_to_a_corrected_form_is_asked_about(
    plain: Page, intake: Served
):
    """No browser keeps the page: what somebody wrote is on it. It sends the first form again."""
    plain.goto(intake.url)
    fill_in(plain, "Ana")
    plain.get_by_label("Courriel").fill("ana@")
    send(plain)
    plain.get_by_label("Courriel").fill("essai@example.org")
    send(plain)
    reference = reference_shown(plain)
    with pytest.raises(Error, match="ERR_CACHE_MISS"):
        plain.go_back()
    plain.wait_for_url("chrome-error://**")
    plain.reload()
    expect(plain.locator(".summary")).to_contain_text("Courriel")
    expect(plain.get_by_label("Courriel")).to_have_value("ana@")
    plain.get_by_label("Courriel").fill("essai@example.org")
    send(plain)
    assert reference_shown(plain) == reference
    assert [entry["reference"] for entry in intake.entries()] == [reference]


def test_what_was_typed_is_there_after_a_look_elsewhere(quick: Page, intake: Served):
    quick.goto(intake.url)
    fill_in(quick, "Ana")
    key = key_of(quick)
    quick.goto(f"{intake.url}/health")
    quick.go_back()
    expect(quick.get_by_label("Prénom")).to_have_value("Ana")
    expect(quick.get_by_label("Commune", exact=True)).to_have_value("gourdon")
    expect(key_field(quick)).to_have_value(key)


def test_what_was_typed_is_there_after_a_reload_but_not_for_the_next_person(
    quick: Page, intake: Served
):
    quick.goto(f"{intake.url}?source=salon-taf")
    fill_in(quick, "Ana")
    quick.get_by_label("Commune", exact=True).fill("figea")
    quick.get_by_role("option", name="Figeac").click()
    quick.get_by_text("Ajouter un autre projet").click()
    quick.locator("[id='projects.1.type']").select_option("health")
    key = key_of(quick)
    quick.reload()
    panel = quick.locator(".kept")
    expect(panel).to_contain_text("Ce que vous aviez écrit")
    expect(quick.get_by_label("Prénom")).to_have_value("Ana")
    expect(quick.get_by_label("Commune", exact=True)).to_have_value("Figeac")
    expect(quick.locator("[id='projects.1.type']")).to_be_visible()
    assert key_of(quick) == key
    # The draft is nobody's who comes anew.
    quick.goto(f"{intake.url}?source=salon-taf")
    expect(quick.get_by_label("Prénom")).to_have_value("")
    assert quick.evaluate("sessionStorage.length") == 0
    # Whoever finds it may start with a blank form.
    quick.get_by_label("Prénom").fill("Bruno")
    quick.reload()
    panel.get_by_role("button", name="Recommencer").click()
    panel.get_by_role("button", name="Effacer ce qui est écrit").click()
    expect(quick.get_by_label("Prénom")).to_have_value("")
    expect(panel).to_be_empty()
    quick.reload()
    expect(quick.get_by_label("Prénom")).to_have_value("")
    # Nothing stays once it is sent.
    fill_in(quick, "Chloé")
    send(quick)
    reference_shown(quick)
    assert quick.evaluate("sessionStorage.length") == 0


@pytest.mark.parametrize("filed", [False, True])
def test_a_lost_answer_gives_the_same_reference(
    quick: Page, intake: Served, classeur: Classeur, filed: bool
):
    quick.goto(intake.url)
    on_post(quick, lose_the_answer)
    fill_in(quick, "Ana")
    send(quick)
    expect(quick.get_by_role("heading", name=UNSENT)).to_be_visible(timeout=PATIENCE)
    [entry] = intake.entries()
    if filed:
        intake.drain()
    quick.get_by_role("button", name="Envoyer maintenant").click()
    assert reference_shown(quick) == entry["reference"]
    assert kept(quick) == []
    intake.drain()
    assert [row["Référence"] for row in classeur.rows()] == [entry["reference"]]


def test_what_was_recorded_is_not_told_as_unsent_after_a_change(quick: Page, intake: Served):
    quick.goto(intake.url)
    on_post(quick, lose_the_answer)
    fill_in(quick, "Ana")
    send(quick)
    expect(quick.get_by_role("heading", name=UNSENT)).to_be_visible(timeout=PATIENCE)
    [first] = intake.entries()
    quick.get_by_role("button", name="La modifier").click()
    quick.get_by_label("Prénom").fill("Anna")
    send(quick)
    before = BEFORE.format(first["reference"])
    expect(quick.locator(".summary")).to_contain_text(before, timeout=PATIENCE)
    expect(quick.locator(".kept")).to_be_empty()
    assert kept(quick) == []
    send(quick)
    expect(quick.locator(".summary")).to_have_count(0, timeout=PATIENCE)
    assert reference_shown(quick) != first["reference"]
    assert kept(quick) == []


def test_a_change_made_since_is_kept_while_somebody_else_writes(quick: Page, intake: Served):
    quick.goto(intake.url)
    held: list[Route] = []
    on_post(quick, lose_the_answer, held.append)
    fill_in(quick, "Ana")
    send(quick)
    expect(quick.get_by_role("heading", name=UNSENT)).to_be_visible(timeout=PATIENCE)
    quick.get_by_role("button", name="La modifier").click()
    with quick.expect_request(is_post, timeout=PATIENCE):
        send(quick)
    # The form goes while somebody writes in it, and nothing of it stays for the next person.
    quick.get_by_label("Prénom").press("End")
    quick.keyboard.type("ïs")
    held.pop().abort()
    expect(quick.get_by_role("heading", name=UNSENT)).to_be_visible()
    expect(quick.get_by_label("Prénom")).to_have_value("")
    assert quick.evaluate("sessionStorage.length") == 0
    on_post(quick, held.append)
    with quick.expect_request(is_post, timeout=PATIENCE):
        quick.goto(intake.url)
    quick.get_by_label("Prénom").fill("Bruno")
    held[0].continue_()
    expect(quick.locator(".kept")).to_contain_text("mais elle est à corriger", timeout=PATIENCE)
    expect(quick.get_by_label("Prénom")).to_have_value("Bruno")
    correct = quick.get_by_role("button", name="La corriger")
    correct.click()
    # It would take the place of what Bruno is writing.
    expect(quick.get_by_label("Prénom")).to_have_value("Bruno")
    quick.get_by_role("button", name="Remplacer ce que vous écrivez").click()
    expect(quick.get_by_label("Prénom")).to_have_value("Anaïs", timeout=PATIENCE)
    assert kept(quick) == []


# A bad connection.


def test_without_a_network_a_request_is_kept_and_leaves_by_itself(quick: Page, intake: Served):
    quick.goto(intake.url)
    fill_in(quick, "Ana")
    quick.context.set_offline(True)
    send(quick)
    panel = quick.locator(".kept")
    expect(panel.get_by_role("heading", name=UNSENT)).to_be_visible(timeout=PATIENCE)
    expect(panel).to_be_focused()
    expect(panel).to_contain_text("gardée dans ce navigateur")
    expect(quick.get_by_role("heading", name="enregistrée")).to_have_count(0)
    expect(quick.get_by_label("Prénom")).to_have_value("")
    [entry] = kept(quick)
    assert "altcha" not in dict(entry["fields"])
    assert intake.entries() == []
    quick.context.set_offline(False)
    assert reference_shown(quick) == intake.entries()[0]["reference"]
    assert not {"doubt", "suspect"} & set(intake.entries()[0])
    assert kept(quick) == []
    expect(panel).to_be_empty()


def test_an_address_that_looks_mistyped_is_asked_about_once(quick: Page, intake: Served):
    quick.goto(intake.url)
    fill_in(quick, "Ana")
    quick.get_by_label("Courriel").fill("ana@gmial.com")
    send(quick)
    summary = quick.locator(".summary")
    expect(summary).to_contain_text(re.compile("vouliez-vous dire «.ana@gmail.com.».?"))
    assert intake.entries() == []
    send(quick)
    assert reference_shown(quick) == intake.entries()[0]["reference"]


def test_what_leaves_by_itself_is_not_asked_about_since_nobody_is_there(
    quick: Page, intake: Served
):
    quick.goto(intake.url)
    fill_in(quick, "Ana")
    quick.get_by_label("Courriel").fill("ana@gmial.com")
    quick.context.set_offline(True)
    send(quick)
    expect(quick.locator(".kept").get_by_role("heading", name=UNSENT)).to_be_visible(
        timeout=PATIENCE
    )
    quick.context.set_offline(False)
    assert reference_shown(quick) == intake.entries()[0]["reference"]
    assert kept(quick) == []


def change(page: Page, act: str) -> None:
    """Do something to each `entry` that is kept."""
    page.evaluate(f"""() => {{
        for (const name of Object.keys(localStorage)) {{
            const entry = JSON.parse(localStorage[name]);
            {act};
            localStorage[name] = JSON.stringify(entry);
        }}
    }}""")


def test_it_leaves_at_the_next_visit(quick: Page, intake: Served):
    keep_one(quick.context, intake)
    quick.goto(intake.url)
    reference = reference_shown(quick)
    assert [entry["reference"] for entry in intake.entries()] == [reference]


def test_what_is_being_typed_meanwhile_is_not_lost(quick: Page, intake: Served):
    keep_one(quick.context, intake)
    held: list[Route] = []
    on_post(quick, held.append)
    with quick.expect_request(is_post, timeout=PATIENCE):
        quick.goto(intake.url)
    quick.get_by_label("Prénom").fill("Bruno")
    held[0].continue_()
    expect(quick.locator(".kept")).to_contain_text("Votre référence\u00a0: LOT-", timeout=PATIENCE)
    [entry] = intake.entries()
    expect(quick.locator(".kept")).to_contain_text(entry["reference"])
    expect(quick.get_by_label("Prénom")).to_have_value("Bruno")


def test_at_a_fair_people_follow_each_other_without_a_network(quick: Page, intake: Served):
    quick.goto(f"{intake.url}?source=salon-taf")
    quick.context.set_offline(True)
    panel = quick.locator(".kept")
    for name in ("Ana", "Bruno"):
        fill_in(quick, name)
        send(quick)
        expect(panel).to_contain_text(f"({name} D.)", timeout=PATIENCE)
        expect(quick.get_by_label("Prénom")).to_have_value("")
    # What somebody left half written goes only if the next person says so.
    quick.get_by_label("Prénom").fill("Chloé")
    panel.get_by_role("button", name="Personne suivante").click()
    expect(quick.get_by_label("Prénom")).to_have_value("Chloé")
    panel.get_by_role("button", name="Effacer ce qui est écrit").click()
    expect(quick.get_by_label("Prénom")).to_have_value("")
    expect(quick.locator("h1")).to_be_focused()
    # Somebody has thought again, and changes what was kept.
    panel.locator("section", has_text="(Bruno D.)").get_by_text("La modifier").click()
    expect(quick.get_by_label("Prénom")).to_have_value("Bruno")
    expect(panel).not_to_contain_text("Bruno")
    quick.get_by_label("Courriel").fill("bruno@example.org")
    send(quick)
    expect(panel).to_contain_text("(Bruno D.)", timeout=PATIENCE)
    quick.context.set_offline(False)
    reference = reference_shown(quick)
    expect(panel).to_contain_text("Bruno D.\u00a0: votre demande", timeout=PATIENCE)
    # With the second one it is said whose the confirmation is.
    first = panel.get_by_text("Ana D.\u00a0: votre demande")
    expect(first).to_contain_text(f"Votre référence\u00a0: {reference}")
    people = {entry["submission"]["first_name"]: entry for entry in intake.entries()}
    assert people["Ana"]["reference"] == reference
    assert people["Bruno"]["submission"]["email"] == "bruno@example.org"
    assert {entry["submission"]["source"] for entry in people.values()} == {"salon-taf"}
    assert len(intake.entries()) == 2
    assert kept(quick) == []


def test_what_is_to_be_corrected_is_shown_and_kept_until_it_is(quick: Page, intake: Served):
    keep_one(quick.context, intake, Courriel="ana@")
    quick.goto(intake.url)
    # Whoever comes next is not shown what somebody else wrote.
    expect(quick.locator(".kept")).to_contain_text("mais elle est à corriger", timeout=PATIENCE)
    expect(quick.get_by_label("Prénom")).to_have_value("")
    assert [entry["refused"] for entry in kept(quick)] == [True]
    quick.goto(intake.url)
    quick.get_by_role("button", name="La corriger").click()
    expect(quick.locator(".summary")).to_be_focused(timeout=PATIENCE)
    quick.get_by_label("Courriel").fill("ana@example.org")
    send(quick)
    reference_shown(quick)
    assert kept(quick) == []


def erase(page: Page) -> None:
    page.get_by_role("button", name="L'effacer").click()
    page.get_by_role("button", name="L'effacer pour toujours").click()


def test_it_can_be_erased(quick: Page, intake: Served):
    keep_one(quick.context, intake)
    quick.route("**/challenge", lambda route: route.abort())
    quick.goto(intake.url)
    erase(quick)
    expect(quick.locator(".kept")).to_have_text("Votre demande est effacée de ce navigateur.")
    assert kept(quick) == []
    quick.reload()
    expect(quick.locator(".kept")).to_be_empty()


def test_what_is_erased_during_a_try_stays_erased(quick: Page, intake: Served):
    keep_one(quick.context, intake)
    held: list[Route] = []
    on_post(quick, held.append)
    with quick.expect_request(is_post, timeout=PATIENCE):
        quick.goto(intake.url)
    erase(quick)
    panel = quick.locator(".kept")
    expect(panel).to_have_text("Votre demande est effacée de ce navigateur.")
    with quick.expect_event("requestfailed", is_post):
        held[0].abort()
    # What comes after it in the queue is done once it is over.
    fill_in(quick, "Bruno")
    send(quick)
    reference_shown(quick)
    assert kept(quick) == []
    assert [entry["submission"]["first_name"] for entry in intake.entries()] == ["Bruno"]


def test_what_is_erased_before_its_try_is_not_sent(quick: Page, intake: Served):
    keep_one(quick.context, intake)
    held: list[Route] = []
    quick.route("**/challenge", lambda route: route.fallback() if held else held.append(route))
    with quick.expect_request("**/challenge"):
        quick.goto(intake.url)
    erase(quick)
    held[0].continue_()
    fill_in(quick, "Bruno")
    send(quick)
    reference_shown(quick)
    assert [entry["submission"]["first_name"] for entry in intake.entries()] == ["Bruno"]


def test_what_another_tab_sent_is_not_kept_again(quick: Page, intake: Served):
    keep_one(quick.context, intake)
    held: list[Route] = []
    on_post(quick, held.append)
    with quick.expect_request(is_post, timeout=PATIENCE):
        quick.goto(intake.url)
    other = quick.context.new_page()
    other.goto(intake.url)
    reference_shown(other)
    with quick.expect_event("requestfailed", is_post):
        held[0].abort()
    expect(quick.locator(".kept")).to_be_empty()
    assert kept(quick) == []


def test_a_page_that_stays_open_erases_after_seven_days_what_waits_to_be_corrected(
    quick: Page, intake: Served
):
    keep_one(quick.context, intake)
    quick.route("**/challenge", lambda route: route.abort())
    quick.goto(f"{intake.url}/health")
    change(quick, "entry.refused = true")
    quick.clock.install()
    quick.goto(intake.url)
    expect(quick.get_by_role("heading", name=UNSENT)).to_be_visible()
    quick.clock.fast_forward(7 * 24 * 3600_000)
    expect(quick.locator(".kept")).to_have_text(ERASED)
    assert kept(quick) == []


@pytest.mark.parametrize("status", [503, 422])
def test_what_is_not_confirmed_is_tried_again_after_half_a_minute(
    timed: Page, intake: Served, status: int
):
    timed.goto(intake.url)
    on_post(timed, lambda route: route.fulfill(status=status, content_type="text/html", body="<p>"))
    fill_in(timed, "Ana")
    send(timed)
    expect(timed.get_by_role("heading", name=UNSENT)).to_be_visible(timeout=PATIENCE)
    timed.clock.fast_forward(29_000)
    assert intake.entries() == []
    timed.clock.fast_forward(1_000)
    reference_shown(timed)


def test_a_portal_s_refusal_does_not_end_the_trying(quick: Page, intake: Served):
    refuse = lambda route: route.fulfill(status=403, body="<h1>Connectez-vous</h1>")  # noqa: E731
    # The first of each two makes for a new proof, at once.
    on_post(quick, *[refuse] * 4)
    quick.goto(intake.url)
    fill_in(quick, "Ana")
    send(quick)
    panel = quick.locator(".kept")
    expect(panel).to_contain_text("Elle partira d'elle-même", timeout=PATIENCE)
    again = quick.get_by_role("button", name="Envoyer maintenant")
    again.click()
    expect(panel).to_be_focused(timeout=PATIENCE)
    assert [entry["refused"] for entry in kept(quick)] == [False]
    again.click()
    reference_shown(quick)


def test_an_answer_that_does_not_come_is_given_up(timed: Page, intake: Served):
    timed.goto(intake.url)
    on_post(timed, lambda _: None)
    fill_in(timed, "Ana")
    with timed.expect_request(is_post, timeout=PATIENCE):
        send(timed)
    timed.clock.fast_forward(19_000)
    expect(timed.get_by_role("heading", name=UNSENT)).to_have_count(0)
    timed.clock.fast_forward(1_000)
    expect(timed.get_by_role("heading", name=UNSENT)).to_be_visible()


def test_a_crowd_is_told_and_waited_for(timed: Page, intake: Served):
    timed.goto(intake.url)
    headers = {"Retry-After": "75", "Content-Type": "application/problem+json"}
    on_post(timed, lambda route: route.fulfill(status=429, headers=headers, body="{}"))
    fill_in(timed, "Ana")
    send(timed)
    expect(timed.locator(".kept")).to_contain_text("nouvel essai dans 75 s", timeout=PATIENCE)
    timed.clock.fast_forward(70_000)
    assert intake.entries() == []
    timed.clock.fast_forward(5_000)
    reference_shown(timed)


def test_a_wait_that_no_timer_can_count_is_an_hour(timed: Page, intake: Served):
    posts = []
    timed.on("request", lambda request: posts.append(1) if is_post(request) else None)
    timed.goto(intake.url)
    headers = {"Retry-After": "9999999", "Content-Type": "application/problem+json"}
    on_post(timed, lambda route: route.fulfill(status=429, headers=headers, body="{}"))
    fill_in(timed, "Ana")
    send(timed)
    expect(timed.locator(".kept")).to_contain_text("nouvel essai dans 3600 s", timeout=PATIENCE)
    timed.clock.fast_forward(3_590_000)
    assert len(posts) == 1
    timed.clock.fast_forward(10_000)
    reference_shown(timed)


def test_a_refusal_that_is_no_page_is_told(quick: Page, intake: Served):
    quick.goto(intake.url)
    refusal = {"status": 413, "content_type": "application/problem+json"}
    on_post(quick, lambda route: route.fulfill(**refusal, body='{"title": "Trop long."}'))
    fill_in(quick, "Ana")
    send(quick)
    expect(quick.locator(".kept")).to_have_text("Trop long.", timeout=PATIENCE)
    expect(quick.get_by_role("button", name=SEND)).to_be_enabled()


def test_where_the_browser_keeps_nothing_the_page_does(quick: Page, intake: Served):
    quick.add_init_script("Storage.prototype.setItem = () => { throw new Error('no room') }")
    quick.goto(intake.url)
    on_post(quick, lambda route: route.abort())
    fill_in(quick, "Ana")
    send(quick)
    expect(quick.locator(".kept")).to_contain_text("laissez cette page ouverte", timeout=PATIENCE)
    quick.get_by_role("button", name="Envoyer maintenant").click()
    reference_shown(quick)


# Another one.


@pytest.mark.parametrize("frame", ["page", "embed"])
def test_another_request_leaves_nothing_of_the_one_before(quick: Page, intake: Served, frame: str):
    quick.goto(f"{intake.url}?source=aire-a20&frame={frame}")
    fill_in(quick, "Ana")
    key = key_of(quick)
    send(quick)
    reference = reference_shown(quick)
    # Once there and back, as somebody does who wants to see what was sent.
    quick.go_back()
    expect(quick.get_by_label("Prénom")).to_have_value("Ana")
    quick.go_forward()
    assert reference_shown(quick) == reference
    # No network is needed for that.
    quick.context.set_offline(True)
    quick.get_by_role("link", name=AGAIN).click()
    name = quick.get_by_label("Prénom")
    expect(name).to_have_value("")
    quick.context.set_offline(False)
    expect(quick.locator("[name=source]")).to_have_value("aire-a20")
    expect(key_field(quick)).not_to_have_value(key)
    expect(quick.locator("header")).to_have_count(1 if frame == "page" else 0)
    # No way through the history, not even by way of another page, leads to what was sent.
    for step in (quick.go_forward, quick.reload, quick.go_back, quick.reload, quick.go_back):
        step()
        if quick.url == "about:blank":
            quick.go_forward()
        expect(name).to_have_value("")
        assert reference not in quick.content()
    quick.goto(f"{intake.url}/health")
    quick.go_back()
    expect(name).to_have_value("")


def test_without_a_script_another_request_starts_blank(plain: Page, intake: Served):
    plain.goto(f"{intake.url}?source=aire-a20")
    fill_in(plain, "Ana")
    send(plain)
    reference_shown(plain)
    plain.get_by_role("link", name=AGAIN).click()
    expect(plain.get_by_label("Prénom")).to_have_value("")
    expect(plain.locator("[name=source]")).to_have_value("aire-a20")


# The choice of a commune.


def test_a_commune_is_chosen_with_the_keyboard(quick: Page, intake: Served):
    quick.goto(intake.url)
    quick.get_by_label("Dans une commune que je connais").check()
    commune = quick.get_by_role("combobox", name="Commune", exact=True)
    commune.focus()
    expect(commune).to_have_attribute("aria-expanded", "false")
    quick.keyboard.type("st cere")
    expect(commune).to_have_attribute("aria-expanded", "true")
    options = quick.get_by_role("listbox", name="Communes").get_by_role("option")
    expect(options).to_have_text(["Saint-Céré"])
    expect(quick.get_by_role("status").filter(has_text="Une commune proposée")).to_have_count(1)
    quick.keyboard.press("Enter")
    expect(commune).to_have_value("Saint-Céré")
    expect(commune).to_have_attribute("aria-expanded", "false")

    commune.fill("")
    quick.keyboard.type("saint-m")
    expect(options.filter(has_text="Saint-Médard")).not_to_have_count(0)
    expect(options.filter(has_not_text="Saint-M")).to_have_count(0)
    names = options.all_inner_texts()
    quick.keyboard.press("ArrowDown")
    quick.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    active = options.nth(1).get_attribute("id") or "none"
    expect(commune).to_have_attribute("aria-activedescendant", active)
    quick.keyboard.press("ArrowUp")
    quick.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    expect(options.last).to_be_in_viewport()
    quick.keyboard.press("Escape")
    expect(options.first).to_be_hidden()
    expect(commune).to_have_value("saint-m")
    quick.keyboard.press("ArrowDown")
    quick.keyboard.press("Tab")
    expect(commune).to_have_value(names[0].partition(" (")[0])
    expect(quick.get_by_role("combobox", name="Commune 2")).to_be_focused()


def test_a_commune_is_chosen_from_those_an_error_proposes_and_what_is_hidden_is_not_sent(
    quick: Page, intake: Served
):
    quick.goto(intake.url)
    fill_in(quick, "Ana")
    commune = quick.get_by_label("Commune", exact=True)
    commune.fill("Gourdon, Figeak")
    quick.get_by_label("Autour d'une ou de plusieurs villes").check()
    quick.get_by_label("Autour de Figeac").check()
    expect(commune).to_be_hidden()
    quick.get_by_label("Dans une commune que je connais").check()
    expect(quick.get_by_label("Autour de Figeac")).to_be_hidden()
    send(quick)
    expect(quick.locator(".summary")).to_contain_text("vouliez-vous dire", timeout=PATIENCE)
    quick.get_by_role("button", name="Figeac", exact=True).click()
    expect(commune).to_have_value("Gourdon, Figeac")
    expect(commune).to_be_focused()
    expect(commune).not_to_have_attribute("aria-invalid", "true")
    send(quick)
    reference_shown(quick)
    assert intake.entries()[0]["submission"]["target"] == {"communes": ["46127", "46102"]}


def test_a_commune_is_chosen_with_the_mouse_or_by_a_former_name(quick: Page, intake: Served):
    quick.goto(intake.url)
    quick.get_by_label("Dans une commune que je connais").check()
    commune = quick.get_by_role("combobox", name="Commune", exact=True)
    commune.fill("labastide mura")
    options = quick.get_by_role("listbox", name="Communes").get_by_role("option")
    expect(options).to_have_text(["Cœur de Causse (Labastide-Murat)"])
    options.click()
    expect(commune).to_have_value("Cœur de Causse")
    expect(commune).to_be_focused()
    expect(options).to_have_count(0)
    commune.fill("coeur")
    expect(options).to_have_text(["Cœur de Causse"])
    commune.fill("nulle part")
    expect(quick.get_by_role("status").filter(has_text="Aucune commune")).to_have_count(1)
    commune.fill("")
    commune.press("ArrowDown")
    expect(options.nth(300)).to_be_attached()
    quick.get_by_label("Prénom").focus()
    expect(options).to_have_count(0)


def test_enter_on_an_open_list_does_not_send_the_form(quick: Page, intake: Served):
    posts = []
    quick.on("request", lambda request: posts.append(1) if is_post(request) else None)
    quick.goto(intake.url)
    quick.get_by_label("Dans une commune que je connais").check()
    quick.get_by_role("combobox", name="Commune", exact=True).fill("saint")
    quick.keyboard.press("Enter")
    expect(quick.get_by_role("listbox", name="Communes")).to_have_count(0)
    expect(quick.locator("button[type=submit]")).to_have_text(SEND)
    assert posts == []
