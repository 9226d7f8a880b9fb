"""What people do in the browser, for several tests."""

import re

from playwright.sync_api import Locator, Page, expect


def send_request(page: Page, site: str, first_name: str) -> str:
    """Fill in the form and send it; gives the reference."""
    page.goto(f"{site}/intake")
    page.get_by_label("Prénom").fill(first_name)
    page.locator("#last_name").fill("Delprat")
    page.get_by_label("Courriel").fill("essai@example.org")
    page.get_by_label("Projet principal").select_option(label="Télétravailler depuis le Lot")
    page.get_by_label("Dans une commune que je connais").check()
    page.get_by_label("Commune", exact=True).fill("gourdon")
    page.get_by_role("button", name="Envoyer ma demande").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre demande est enregistrée")
    reference = page.locator(".reference strong").inner_text()
    assert re.fullmatch("LOT-[0-9A-Z]{4}-[0-9A-Z]{4}", reference)
    return reference


def cell(page: Page, reference: str, header: str) -> Locator:
    """The cell of a request in the sheet."""
    row = page.locator("tr", has=page.get_by_text(reference, exact=True))
    expect(row).to_be_visible(timeout=10_000)
    headers = page.locator("tr.frozen td").all_inner_texts()
    return row.locator("td").nth(headers.index(header))
