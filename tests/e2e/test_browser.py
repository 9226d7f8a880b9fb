"""In a real browser: from the form and the mails to the sheet, and to the coordinator's digest."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.steps import PATIENCE, cell, send_by_api, send_request

pytestmark = pytest.mark.usefixtures("quick_sweeps")


@pytest.fixture
def page(watching):
    return watching


@pytest.fixture
def phone(chromium):
    """A phone whose browser runs no script and keeps no cookie."""
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, java_script_enabled=False, locale="fr-FR"
    )
    yield context.new_page()
    assert context.cookies() == []
    context.close()


# Takes above 3 s: the whole system starts, and a request, an answer and what its applicant says go
# all the way through real pages and mails. The form waits its four seconds here.
def test_from_the_form_to_the_sheet_the_mails_their_answers_and_the_digest(page, phone, site):
    page.goto(site)
    page.get_by_role("link", name="2. Le classeur").click()
    expect(page.locator("td", has_text="Référence").first).to_be_visible()

    form = page.context.new_page()
    reference = send_request(form, site, "Maïté")

    # The row appears by itself, with its referent and the reason.
    expect(page.get_by_text(reference, exact=True)).to_be_visible(timeout=10_000)
    expect(cell(page, reference, "Référent")).to_have_text("Antoine Mercadier")
    expect(cell(page, reference, "Pourquoi ce référent")).to_have_text(
        "Règle 17 : Tous les projets × Quercy-Bouriane → Antoine Mercadier"
    )

    own = receipt_leads_to(phone, site, reference)
    referent_answers_by_mail(phone, page, site, reference)
    applicant_has_another_address_and_needs_no_help(phone, page, own, reference)
    referent_closes_by_mail(phone, page, site, reference)
    phone.goto(own)
    expect(phone.get_by_text("Votre demande est close")).to_be_visible()

    other = send_by_api(form, site, "Sidonie")
    somebody_takes_it_up_and_then_nobody_follows_it(page, other)
    digest_counts_it_and_leads_back(page, site, other)

    # Once a week is enough, unless one asks for it.
    page.goto(f"{site}/courriels")
    page.get_by_role("button", name="Envoyer le courriel de cette semaine").click()
    expect(page.get_by_role("status")).to_contain_text("3 déjà envoyés")
    page.get_by_role("button", name="L'oublier et recommencer").click()
    expect(page.get_by_role("status")).to_contain_text("3 courriels envoyés")


def receipt_leads_to(phone, site, reference):
    """The applicant's page of one's own."""
    phone.goto(f"{site}/courriels")
    phone.get_by_role("link", name=re.compile("Nous avons bien reçu votre demande")).click()
    receipt = phone.frame_locator("iframe")
    expect(receipt.get_by_text("Bonjour Maïté,")).to_be_visible()
    expect(receipt.get_by_text(reference).last).to_be_visible()
    own = receipt.get_by_role("link", name="Voir où en est ma demande").get_attribute("href")
    assert "/intake/ma-demande?lien=" in own
    return own


def referent_answers_by_mail(phone, page, site, reference):
    phone.goto(f"{site}/courriels")
    phone.get_by_role("link", name=re.compile("1 demande pour vous")).first.click()
    mail = phone.frame_locator("iframe")
    expect(mail.get_by_text(re.compile(reference))).to_be_visible()
    phone.goto(mail.get_by_role("link", name="J'ai appelé").get_attribute("href"))
    expect(phone.get_by_text(reference)).to_be_visible()
    expect(phone.get_by_text("Maïté")).to_be_visible()
    expect(phone.get_by_text("Delprat")).to_have_count(0)
    expect(cell(page, reference, "Statut")).to_have_text("À contacter")
    phone.get_by_role("button", name="J'ai appelé").click()
    expect(phone.get_by_text("C'est noté")).to_be_visible()
    expect(cell(page, reference, "Statut")).to_have_text("Accompagnement en cours", timeout=15_000)
    phone.reload()
    expect(phone.get_by_text("déjà enregistrée")).to_be_visible()


def applicant_has_another_address_and_needs_no_help(phone, page, own, reference):
    phone.goto(own)
    expect(phone.get_by_text("suit votre demande")).to_be_visible()
    phone.get_by_text("Je n'ai plus besoin d'aide").first.click()
    phone.get_by_role("button", name="Je n'ai plus besoin d'aide").click()
    phone.get_by_role("link", name="Voir où en est ma demande").click()
    phone.get_by_text("Mon courriel a changé").click()
    phone.get_by_label("Nouvelle adresse de courriel").fill("maite@example.org")
    phone.get_by_role("button", name="Envoyer cette adresse").click()
    expect(cell(page, reference, "Courriel")).to_have_text("maite@example.org", timeout=15_000)


def referent_closes_by_mail(phone, page, site, reference):
    phone.goto(f"{site}/courriels")
    message = phone.get_by_role("link", name=re.compile("messages? pour vous")).first
    for _ in range(50):  # the mail follows the cell
        if message.count():
            break
        phone.reload()
    message.click()
    heard = phone.frame_locator("iframe")
    phone.goto(heard.get_by_role("link", name="Clore la demande").first.get_attribute("href"))
    phone.get_by_role("button", name="Clore la demande").click()
    expect(cell(page, reference, "Statut")).to_have_text("Clos sans suite", timeout=15_000)


def somebody_takes_it_up_and_then_nobody_follows_it(page, other):
    cell(page, other, "Statut").dblclick()
    page.locator("td.editing select").select_option(label="Accompagnement en cours")
    expect(cell(page, other, "Statut")).to_have_text("Accompagnement en cours")
    cell(page, other, "Référent").click()
    page.keyboard.press("Delete")
    expect(cell(page, other, "Référent")).to_have_text("")
    page.reload()
    expect(cell(page, other, "Statut")).to_have_text("Accompagnement en cours")
    expect(cell(page, other, "Référent")).to_have_text("")


def digest_counts_it_and_leads_back(page, site, other):
    page.goto(f"{site}/courriels")
    page.get_by_role("button", name="Envoyer le courriel de cette semaine").click()
    expect(page.get_by_role("status")).to_contain_text("3 courriels envoyés")
    page.get_by_role("link", name=re.compile("Aperçu – Oh my Lot")).nth(1).click()
    digest = page.frame_locator("iframe")
    # The answer; and what was chosen in the sheet, if a sweep has seen it.
    contacts = re.compile(r"Premiers contacts ([12]) 0 \1")
    expect(digest.get_by_role("row", name=contacts)).to_be_visible()
    expect(digest.get_by_text("Sans référent (1)")).to_be_visible()
    digest.get_by_role("link", name=re.compile(other)).click()
    expect(page).to_have_url(re.compile("/classeur#gid="))
    expect(page.locator("td.selected")).to_have_text(other)
    page.go_back()
    digest.get_by_role("link", name="Ouvrir la vue « Sans référent »").click()
    expect(page.locator(".views option:checked")).to_have_text("Sans référent")
    expect(page.get_by_text(other, exact=True)).to_be_visible()
    expect(page.locator(".count")).to_have_text(re.compile("^1 sur [0-9]+$"))


def test_system_columns_cannot_be_typed_into(page, site):
    reference = send_by_api(page, site, "Sidonie")
    page.goto(f"{site}/classeur")
    locked = page.get_by_text(reference, exact=True)
    expect(locked).to_be_visible(timeout=10_000)
    expect(locked).to_have_attribute("title", "Tenu par le système : ne se modifie pas ici.")
    locked.dblclick()
    page.keyboard.type("autre chose")
    expect(page.locator("td.editing")).to_have_count(0)
    expect(locked).to_have_text(reference)
    page.get_by_role("tab", name="Communes").click()
    expect(page.get_by_text("46001", exact=True)).to_be_visible()
    page.get_by_text("46001", exact=True).dblclick()
    expect(page.locator("td.editing")).to_have_count(0)


def test_a_mail_is_shown_whole_on_a_phone(page, site):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{site}/courriels")
    page.get_by_role("button", name="Envoyer le courriel de cette semaine").click()
    page.locator(".mails a", has_text="en attente").first.click()
    mail = page.frame_locator("iframe")
    expect(mail.get_by_text("Ce courriel part chaque lundi")).to_be_visible()
    whole = """() => {
        const html = document.querySelector('iframe').contentDocument.documentElement;
        return html.scrollHeight <= html.clientHeight;
    }"""
    for width in (390, 1000):
        page.set_viewport_size({"width": width, "height": 844})
        page.wait_for_function(whole)


def test_rows_are_sorted_inserted_and_deleted(page, site):
    first = send_by_api(page, site, "Aaron")
    second = send_by_api(page, site, "Zulma")
    page.goto(f"{site}/classeur")
    expect(page.get_by_text(second, exact=True)).to_be_visible(timeout=10_000)
    cell(page, first, "Prénom").click()
    page.get_by_role("button", name="Trier A→Z").click()
    expect(page.locator("tbody tr").nth(1)).to_contain_text(first)
    cell(page, first, "Prénom").click()
    page.get_by_role("button", name="Insérer une ligne").click()
    expect(page.locator("tbody tr").nth(2)).to_contain_text(first)
    page.on("dialog", lambda dialog: dialog.accept())
    cell(page, second, "Prénom").click()
    page.get_by_role("button", name="Supprimer la ligne").click()
    expect(page.get_by_text(second, exact=True)).to_have_count(0)


def test_a_wrong_answer_is_shown_first_and_nothing_is_lost(page, site):
    page.goto(f"{site}/intake")
    page.get_by_label("Prénom").fill("Ana")
    page.get_by_label("Courriel").fill("ana@")
    page.get_by_label("Dans une commune que je connais").check()
    page.get_by_label("Commune", exact=True).fill("Figeak")
    page.get_by_role("button", name="Envoyer ma demande").click()
    expect(page).to_have_title(re.compile("^Erreur"), timeout=PATIENCE)
    summary = page.locator(".summary")
    expect(summary).to_be_focused()
    expect(summary.get_by_role("link")).to_have_count(3)
    expect(page.get_by_label("Prénom")).to_have_value("Ana")
    expect(page.get_by_label("Courriel")).to_have_value("ana@")
    summary.get_by_role("link", name=re.compile("vouliez-vous dire « Figeac »")).click()
    expect(page.get_by_label("Commune", exact=True)).to_be_focused()
    expect(page.get_by_label("Commune", exact=True)).to_have_value("Figeak")


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("path", ["/", "/intake", "/courriels", "/courriels/exemples", "/classeur"])
def test_no_page_scrolls_sideways(path, width, page, site):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(site + path)
    if path == "/classeur":
        expect(page.locator("td").first).to_be_visible()
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) <= 0
