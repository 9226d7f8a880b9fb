"""In /classeur, in a real browser: what people decide about who follows requests, and the rules."""

import pytest
from playwright.sync_api import expect

from tests.e2e.steps import cell, send_by_api

pytestmark = pytest.mark.usefixtures("quick_sweeps")
SHEET = "/google/v4/spreadsheets/demo"
RULES, DRAFT = "Règles d'attribution", "Règles – projet"


@pytest.fixture
def page(watching):
    return watching


def tab_button(page, title):
    return page.get_by_role("tab", name=title, exact=True)


def sweep(page, site):
    """Let the system look at the sheet, then look at it anew as well."""
    assert page.request.post(f"{site}/route?sweep=true").ok
    if page.url.startswith("http"):
        page.reload()


def duplicate(page, site):
    """What people do by « Dupliquer », which the page does not offer."""
    answer = page.request.get(f"{site}{SHEET}?fields=sheets.properties(sheetId,title)").json()
    ids = {s["properties"]["title"]: s["properties"]["sheetId"] for s in answer["sheets"]}
    copy = {
        "sourceSheetId": ids[RULES],
        "newSheetName": f"Copie de {RULES}",
        "insertSheetIndex": 3,
    }
    request = {"requests": [{"duplicateSheet": copy}]}
    assert page.request.post(f"{site}{SHEET}:batchUpdate", data=request).ok


def in_column(page, row, title):
    """The cell of a column in a row, 0-based below the header."""
    lines = page.locator("tbody tr")
    expect(lines.nth(0).get_by_text(title, exact=True)).to_be_attached(timeout=10_000)
    titles = [text.strip() for text in lines.nth(0).locator("th, td").all_inner_texts()]
    return lines.nth(row + 1).locator("th, td").nth(titles.index(title))


def select(page, reference, header, choice):
    """Choose from the list of a request's cell; the choice is saved when this returns."""
    cell(page, reference, header).click()
    with page.expect_response(lambda answer: "valueInputOption" in answer.url):
        page.keyboard.press("x")
        page.locator("td.editing select").select_option(choice)
    expect(cell(page, reference, header)).to_have_text(choice)


def choose(page, row, title, choice):
    """Choose from a cell's list; the choice is saved when this returns."""
    in_column(page, row, title).click()
    with page.expect_response(lambda answer: "valueInputOption" in answer.url):
        page.keyboard.press("o")
        page.locator("td.editing select").select_option(choice)
    expect(in_column(page, row, title)).to_have_text(choice)


def history(page, site, reference):
    """The events of a request, as the hidden tab Suivi tells them, with who follows it then."""
    header, *lines = page.request.get(f"{site}{SHEET}/values/Suivi").json()["values"]
    rows = [dict(zip(header, line, strict=False)) for line in lines]
    return [
        (row["Événement"], row.get("Référent", "")) for row in rows if row["Référence"] == reference
    ]


# Takes some seconds: three requests, and sweeps that each read and write the sheet.
def test_people_hand_over_clear_and_order_and_everybody_learns_of_it(page, site):
    given, cleared, refused = (
        send_by_api(page, site, name) for name in ("Anaïs", "Basile", "Célestine")
    )
    sweep(page, site)
    page.goto(f"{site}/classeur")
    first = cell(page, given, "Référent").inner_text()
    other = "Hugo Labrousse"
    assert first not in ("", other)

    select(page, given, "Référent", other)
    select(page, refused, "Statut", "À réorienter")
    cell(page, cleared, "Référent").click()
    with page.expect_response(lambda answer: "valueInputOption" in answer.url):
        page.keyboard.press("Delete")
    expect(cell(page, cleared, "Référent")).to_have_text("")
    for _ in range(2):
        sweep(page, site)

    expect(cell(page, given, "Référent")).to_have_text(other)
    expect(cell(page, given, "Pourquoi ce référent")).to_contain_text(f"Transmis par {first}")
    expect(cell(page, given, "Autres référents")).to_have_text(first)
    expect(cell(page, cleared, "Référent")).to_have_text(first)  # the rules say the same again
    expect(cell(page, cleared, "Pourquoi ce référent")).to_contain_text("Règle")
    expect(cell(page, refused, "Statut")).to_have_text("À contacter")
    expect(cell(page, refused, "Référent")).not_to_have_text(first)
    expect(cell(page, refused, "Pourquoi ce référent")).to_contain_text(f"refusée par {first}")
    next_one = cell(page, refused, "Référent").inner_text()
    assert history(page, site, given) == [("Attribuée", first), ("Transmise", other)]
    assert history(page, site, cleared) == [
        ("Attribuée", first),
        ("Rendue", ""),
        ("Attribuée", first),
    ]
    assert history(page, site, refused) == [
        ("Attribuée", first),
        ("Rendue", first),
        ("Attribuée", next_one),
    ]
    for addressee, subject, reference in (
        ("hugo.labrousse@example.org", "1 demande transmise à reprendre", given),
        ("dominique.vayssie@example.org", "1 demande pour vous", refused),
    ):
        page.goto(f"{site}/courriels")
        mail = page.locator(".mails a", has_text=addressee)
        expect(mail).to_contain_text(subject)
        mail.click()
        expect(page.frame_locator("iframe").get_by_text(reference)).to_be_visible()


# Takes some seconds: each of the four sweeps reads and writes the whole of a table.
def test_a_coordinator_publishes_a_draft_and_takes_it_back(page, site):
    send_by_api(page, site, "Rosalie")
    duplicate(page, site)
    sweep(page, site)
    page.goto(f"{site}/classeur")
    tab_button(page, DRAFT).click()
    expect(in_column(page, 0, "Effet")).to_contain_text("PROJET identique", timeout=10_000)

    choose(page, 0, "Active", "Non")
    sweep(page, site)
    expect(in_column(page, 0, "Effet")).to_contain_text("PROJET VALABLE", timeout=10_000)
    # Worked cases say whose farming is.
    expect(in_column(page, 0, "Effet")).to_contain_text("« Oui, quand même » passe outre")
    choose(page, 0, "Publier", "Oui, quand même")
    sweep(page, site)
    expect(tab_button(page, DRAFT)).to_have_count(0, timeout=10_000)
    expect(in_column(page, 0, "Active")).to_have_text("Non", timeout=10_000)
    expect(page.get_by_role("tab", name="Règles – avant le")).to_be_visible()
    tab_button(page, "À vérifier").click()
    noted = page.locator("tbody td", has_text="Le projet de règles est en vigueur depuis le")
    expect(noted).to_be_visible(timeout=10_000)
    tab_button(page, RULES).click()

    choose(page, 0, "Annuler", "Oui")
    sweep(page, site)
    expect(tab_button(page, DRAFT)).to_be_visible(timeout=10_000)
    tab_button(page, RULES).click()
    expect(in_column(page, 0, "Active")).to_have_text("Oui", timeout=10_000)
