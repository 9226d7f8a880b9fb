"""A draft of the rules in /classeur, in a real browser: publishing it, and taking it back."""

from datetime import timedelta

from playwright.sync_api import expect

from tests.e2e.steps import send_by_api

SHEET = "/google/v4/spreadsheets/demo"
RULES, DRAFT = "Règles d'attribution", "Règles – projet"


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


def choose(page, row, title, choice):
    """Choose from a cell's list; the choice is saved when this returns."""
    in_column(page, row, title).click()
    with page.expect_response(lambda answer: "valueInputOption" in answer.url):
        page.keyboard.press("o")
        page.locator("td.editing select").select_option(choice)
    expect(in_column(page, row, title)).to_have_text(choice)


# Takes some seconds: each of the four sweeps reads and writes the whole of a table.
def test_a_coordinator_publishes_a_draft_and_takes_it_back(page, site, monkeypatch):
    monkeypatch.setattr("functions.route.handler.BETWEEN_SWEEPS", timedelta())
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

    choose(page, 0, "Annuler", "Oui")
    sweep(page, site)
    expect(tab_button(page, DRAFT)).to_be_visible(timeout=10_000)
    tab_button(page, RULES).click()
    expect(in_column(page, 0, "Active")).to_have_text("Oui", timeout=10_000)
