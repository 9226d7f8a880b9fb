"""What people do in the browser, for several tests."""

import json
import re

from playwright.sync_api import (
    BrowserContext,
    FrameLocator,
    Locator,
    Page,
    Request,
    Route,
    expect,
)

from tests.e2e.served import Served
from tests.support import ANA, API_KEY

# The form waits some seconds before it sends, and its proof of work takes its time.
PATIENCE = 20_000
SEND = "Envoyer ma demande"
AGAIN = "Faire une autre demande"
UNSENT = "Votre demande n'est pas encore envoyée"
BEFORE = "Vous avez déjà envoyé une demande depuis cette page (référence {})"


def send_request(page: Page, site: str, first_name: str) -> str:
    """Fill in the form and send it; gives the reference."""
    page.goto(f"{site}/intake")
    fill_in(page, first_name)
    send(page)
    return reference_shown(page)


def send_by_api(page: Page, site: str, first_name: str) -> str:
    """Send a request as another program does, which need not wait; gives the reference."""
    data = ANA | {"first_name": first_name, "last_name": "Delprat"}
    answer = page.request.post(f"{site}/intake", data=data, headers=API_KEY)
    reference: str = answer.json()["reference"]
    return reference


def fill_in(page: Page | FrameLocator, first_name: str) -> None:
    """Answer what is necessary."""
    page.get_by_label("Prénom").fill(first_name)
    page.locator("#last_name").fill("Delprat")
    page.get_by_label("Courriel").fill("essai@example.org")
    page.get_by_label("Projet principal").select_option(label="Télétravailler depuis le Lot")
    page.get_by_label("Dans une commune que je connais").check()
    page.get_by_label("Commune", exact=True).fill("gourdon")


def send(page: Page | FrameLocator) -> None:
    """Press the button."""
    page.get_by_role("button", name=SEND).click()


def is_post(request: Request) -> bool:
    """Whether something is sent."""
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
    """Let a request arrive, and its answer not."""
    route.fetch()
    route.abort()


def kept(page: Page) -> list[dict]:
    """What the browser keeps of what could not be sent."""
    texts = page.evaluate("Object.values(localStorage)")
    return [json.loads(text) for text in texts]


def keep_one(context: BrowserContext, intake: Served, **answers: str) -> None:
    """Leave a submission in the browser, beside what it keeps, and the page."""
    page = context.new_page()
    page.route("**/challenge", lambda route: route.abort())
    on_post(page, lambda route: route.abort())
    page.goto(intake.url)
    count = len(kept(page)) + 1
    fill_in(page, "Ana")
    for label, text in answers.items():
        page.get_by_label(label).fill(text)
    send(page)
    expect(page.get_by_role("heading", name=UNSENT)).to_have_count(count)
    page.close()


def key_field(page: Page | FrameLocator) -> Locator:
    """The form's idempotency key."""
    return page.locator("[name=idempotency_key]")


def key_of(page: Page | FrameLocator) -> str:
    """What it is now."""
    return key_field(page).input_value()


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
