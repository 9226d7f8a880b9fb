"""In a real browser: from the form, its receipt and the mails to the sheet and the digest."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.steps import cell, send_request
from tests.functions.intake.test_own_page import Applicant
from tests.functions.intake.test_replying import LOT, Reader


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
# all the way through it.
def test_who_has_called_says_so_from_the_mail_and_the_sheet_knows(page, phone, site):
    reference = send_request(page, site, "Maïté")
    page.goto(f"{site}/classeur")
    expect(page.get_by_text(reference, exact=True)).to_be_visible(timeout=10_000)

    phone.goto(f"{site}/courriels")
    phone.get_by_role("link", name=re.compile("Nous avons bien reçu votre demande")).click()
    receipt = phone.frame_locator("iframe")
    expect(receipt.get_by_text("Bonjour Maïté,")).to_be_visible()
    expect(receipt.get_by_text(reference).last).to_be_visible()
    own = receipt.get_by_role("link", name="Voir où en est ma demande").get_attribute("href")
    assert "/intake/ma-demande?lien=" in own

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

    phone.goto(own)
    expect(phone.get_by_text("suit votre demande")).to_be_visible()
    phone.get_by_text("Je n'ai plus besoin d'aide").first.click()
    phone.get_by_role("button", name="Je n'ai plus besoin d'aide").click()
    phone.get_by_role("link", name="Voir où en est ma demande").click()
    phone.get_by_text("Mon courriel a changé").click()
    phone.get_by_label("Nouvelle adresse de courriel").fill("maite@example.org")
    phone.get_by_role("button", name="Envoyer cette adresse").click()
    expect(cell(page, reference, "Courriel")).to_have_text("maite@example.org", timeout=15_000)

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
    phone.goto(own)
    expect(phone.get_by_text("Votre demande est close")).to_be_visible()

    phone.goto(f"{site}/courriels")
    phone.get_by_role("button", name="Envoyer le courriel de cette semaine").click()
    phone.get_by_role("link", name=re.compile("Aperçu – Oh my Lot")).nth(1).click()
    digest = phone.frame_locator("iframe")
    expect(digest.get_by_role("row", name=re.compile("Premiers contacts 1 0 1"))).to_be_visible()


@pytest.mark.parametrize("choice", ["own_page", "not_mine", "opt_out"])
def test_axe_finds_nothing_on_the_pages_light_or_dark(choice, page, web):
    reader = Applicant() if choice == "own_page" else Reader()
    address, fields = {
        "own_page": lambda links: (links.own_page(LOT), {"wish": "phone", "text": "12"}),
        "not_mine": lambda links: (links.answer(LOT, choice), {}),
        "opt_out": lambda links: (links.monday(choice), {}),
    }[choice](reader.links)
    for answer in (reader.call("GET", address), reader.call("POST", address, fields)):
        page.set_viewport_size({"width": 320, "height": 700})
        page.set_content(answer.body)
        page.evaluate((web / "axe-core/axe.min.js").read_text("utf-8"))
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            results = page.evaluate("axe.run(document)")
            assert results["passes"]
            assert [fault["id"] for fault in results["violations"]] == []
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) <= 0
