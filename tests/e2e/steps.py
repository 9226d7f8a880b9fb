"""What people do in the browser, for several tests."""

import re

from playwright.sync_api import FrameLocator, Locator, Page, expect

# The form waits some seconds before it sends, and its proof of work takes its time.
PATIENCE = 20_000


def send_request(page: Page, site: str, first_name: str) -> str:
    """Fill in the form and send it; gives the reference."""
    page.goto(f"{site}/intake")
    fill_in(page, first_name)
    page.get_by_role("button", name="Envoyer ma demande").click()
    return reference_shown(page)


def fill_in(page: Page | FrameLocator, first_name: str) -> None:
    """Answer what is necessary."""
    page.get_by_label("Prénom").fill(first_name)
    page.locator("#last_name").fill("Delprat")
    page.get_by_label("Courriel").fill("essai@example.org")
    page.get_by_label("Projet principal").select_option(label="Télétravailler depuis le Lot")
    page.get_by_label("Dans une commune que je connais").check()
    page.get_by_label("Commune", exact=True).fill("gourdon")


def reference_shown(page: Page | FrameLocator) -> str:
    """The reference on the confirmation, once it is there."""
    done = page.get_by_role("heading", name="Votre demande est enregistrée")
    expect(done).to_be_visible(timeout=PATIENCE)
    reference = page.locator(".reference strong").inner_text()
    assert re.fullmatch("LOT-[0-9A-Z]{4}-[0-9A-Z]{4}", reference)
    return reference


def cell(page: Page, reference: str, header: str) -> Locator:
    """The cell of a request in the sheet."""
    row = page.locator("tr", has=page.get_by_text(reference, exact=True))
    expect(row).to_be_visible(timeout=10_000)
    headers = page.locator("tr.frozen td").all_inner_texts()
    return row.locator("td").nth(headers.index(header))
