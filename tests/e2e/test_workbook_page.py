"""/classeur in a real browser, while others edit the same sheet through the API."""

import json
import re

import pytest
from playwright.sync_api import expect

from sheets_schema.territory import territories
from sheets_schema.views import view_id
from tests.e2e.steps import cell, send_by_api

pytestmark = pytest.mark.usefixtures("quick_sweeps")
SHEET = "/google/v4/spreadsheets/demo"


@pytest.fixture
def page(watching):
    return watching


@pytest.fixture
def reference(page, site):
    sent = send_by_api(page, site, "Rosalie")
    page.request.post(f"{site}/route")  # the drain that the notification began ends before that
    page.goto(f"{site}/classeur")
    expect(page.get_by_text(sent, exact=True)).to_be_visible(timeout=10_000)
    return sent


def values(page, site):
    return page.request.get(f"{site}{SHEET}/values/Demandes").json()["values"]


def others(page, site, **request):
    """Somebody else changes the sheet."""
    answer = page.request.post(f"{site}{SHEET}:batchUpdate", data={"requests": [request]})
    assert answer.ok, answer.text()


def tab_id(page, site):
    answer = page.request.get(f"{site}{SHEET}?fields=sheets.properties(sheetId,title)").json()
    return next(
        s["properties"]["sheetId"]
        for s in answer["sheets"]
        if s["properties"]["title"] == "Demandes"
    )


def row_of(page, site, reference):
    return next(row for row, line in enumerate(values(page, site)) if line[:1] == [reference])


def insert_above(page, site, row):
    where = {"sheetId": tab_id(page, site), "dimension": "ROWS"}
    where |= {"startIndex": row, "endIndex": row + 1}
    others(page, site, insertDimension={"range": where, "inheritFromBefore": False})


def test_a_letter_on_a_list_keeps_the_value_until_enter(page, reference):
    status = cell(page, reference, "Statut")
    status.click()
    page.keyboard.press("i")
    field = page.locator("td.editing select")
    expect(field).to_have_value("Installé")
    page.keyboard.press("Escape")
    expect(status).to_have_text("À contacter")

    page.keyboard.press("x")
    expect(field).to_have_value("À contacter")
    cell(page, reference, "Nom").click()
    expect(field).to_have_count(0)
    expect(status).to_have_text("À contacter")

    status.click()
    page.keyboard.press("e")
    page.keyboard.press("Enter")
    expect(status).to_have_text("En attente du candidat")


def test_what_was_not_saved_is_not_shown_as_saved(page, reference):
    notes = cell(page, reference, "Notes")
    page.route(
        "**/values/*valueInputOption*",
        lambda route: route.fulfill(
            status=429, body=json.dumps({"error": {"message": "Quota exceeded"}})
        ),
    )
    notes.click()
    page.keyboard.type("Appeler")
    page.keyboard.press("Enter")
    state = page.get_by_role("status")
    expect(state).to_have_text("« Appeler » n'est pas enregistré : Quota exceeded.")
    expect(notes).to_have_text("")
    page.unroute_all()
    # The next looks at the spreadsheet find all well, and the message stays.
    with page.expect_response("**/drive/**"):
        pass
    with page.expect_response("**/drive/**"):
        pass
    expect(state).to_contain_text("n'est pas enregistré")
    notes.click()
    expect(state).to_have_text("")
    page.keyboard.type("Appeler")
    page.keyboard.press("Enter")
    expect(notes).to_have_text("Appeler")


def test_an_edit_follows_its_row_wherever_others_move_it(page, site, reference):
    cell(page, reference, "Notes").click()
    page.keyboard.type("Pour Rosalie")
    insert_above(page, site, row_of(page, site, reference))
    page.keyboard.press("Enter")
    expect(cell(page, reference, "Notes")).to_have_text("Pour Rosalie")
    rows = values(page, site)
    assert [line[0] for line in rows if "Pour Rosalie" in line] == [reference]


def test_an_edit_of_a_row_that_was_deleted_is_refused(page, site, reference):
    cell(page, reference, "Notes").click()
    page.keyboard.type("Trop tard")
    row = row_of(page, site, reference)
    where = {"sheetId": tab_id(page, site), "dimension": "ROWS"}
    where |= {"startIndex": row, "endIndex": row + 1}
    others(page, site, deleteDimension={"range": where})
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text(
        f"« Trop tard » n'est pas enregistré : la ligne {row + 1} a été changée ou supprimée "
        "entre-temps."
    )
    assert "Trop tard" not in json.dumps(values(page, site))


def test_two_edits_of_a_row_typed_by_hand_follow_each_other(page, site, reference):
    blank = page.locator("tbody tr").nth(len(values(page, site))).locator("td")
    blank.nth(1).click()
    with page.expect_response(lambda answer: "Line" in (answer.request.post_data or "")):
        for text in ("Faure", "Line"):
            page.keyboard.type(text)
            page.keyboard.press("Tab")
    expect(page.get_by_role("status")).to_have_text("")
    assert values(page, site)[-1][1:3] == ["Faure", "Line"]
    assert reference != values(page, site)[-1][0]


def test_a_typed_row_does_not_land_on_a_request_that_arrived_meanwhile(page, site, reference):
    taken = len(values(page, site))
    page.locator("tbody tr").nth(taken).locator("td").nth(1).click()
    page.keyboard.type("Faure")
    insert_above(page, site, 1)
    insert_above(page, site, 1)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("n'est plus vide")
    expect(cell(page, reference, "Nom")).to_have_text("Delprat")


def test_new_rows_below_the_screen_are_announced(page, site, reference):
    page.set_viewport_size({"width": 1000, "height": 220})
    button = page.locator(".arrivals")
    expect(button).to_be_hidden()
    latest = send_by_api(page, site, "Ana")
    expect(button).to_have_text("1 nouvelle demande ↓", timeout=10_000)
    expect(page.get_by_text(latest, exact=True)).not_to_be_in_viewport()
    button.click()
    expect(page.get_by_text(latest, exact=True)).to_be_in_viewport()
    expect(button).to_be_hidden()
    assert latest != reference


def test_a_link_finds_its_request_after_a_sort_and_says_when_it_is_gone(page, site, reference):
    gid = tab_id(page, site)
    page.goto("about:blank")
    page.goto(f"{site}/classeur#gid={gid}&range=A1&demande={reference}")
    expect(page.locator("td.selected")).to_have_text(reference)
    page.goto(f"{site}/classeur#gid={gid}&range=A2&demande=LOT-0000-0000")
    expect(page.get_by_role("status")).to_have_text(
        "La demande LOT-0000-0000 n'est plus dans cet onglet."
    )
    expect(page.locator("td.selected")).to_have_count(0)


def test_the_person_of_a_row_is_named_above(page, reference):
    page.set_viewport_size({"width": 390, "height": 800})
    page.reload()
    cell(page, reference, "Statut").click()
    expect(page.locator(".where")).to_have_text(re.compile("^D[0-9]+ – Rosalie Delprat : À cont"))


def test_the_sheet_is_a_grid_that_the_keyboard_reaches(page, site):
    page.goto(f"{site}/classeur")
    grid = page.get_by_role("grid", name="Demandes")
    expect(grid).to_be_visible()
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.locator("td:focus").count():
            break
    focus = page.locator("td:focus")
    expect(focus).to_have_text("Référence")
    expect(page.get_by_role("columnheader", name="Référence")).to_be_focused()
    expect(focus).to_have_attribute("aria-readonly", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("gridcell", selected=True)).to_be_focused()
    expect(focus).to_have_attribute("data-row", "1")
    expect(focus).to_have_attribute("data-column", "1")
    page.keyboard.press("End")
    expect(focus).to_be_in_viewport()
    page.keyboard.press("Home")
    expect(focus).to_have_attribute("data-column", "0")
    # One press leads out again: to the tabs.
    page.keyboard.press("Tab")
    expect(page.get_by_role("tab", name="Demandes")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(focus).to_have_attribute("data-row", "1")


def test_headers_are_held_but_a_column_of_one_s_own_gets_its_name(page, site):
    page.goto(f"{site}/classeur")
    headers = page.locator("tr.frozen td")
    expect(headers.nth(1)).to_have_attribute("title", "En-tête : ne se modifie pas ici.")
    own = headers.nth(len(values(page, site)[0]))
    expect(own).to_have_attribute("title", "")
    own.click()
    page.keyboard.type("Ma colonne")
    with page.expect_response(lambda answer: answer.request.method == "PUT"):
        page.keyboard.press("Enter")
    assert values(page, site)[0][-1] == "Ma colonne"


def names_shown(page):
    """The cells with a name in the rows that are in sight."""
    names = page.locator("tbody tr:not(.frozen):not([hidden]) td[data-column='1']")
    return names.filter(has_text=re.compile("."))


def test_a_view_shows_its_rows_and_a_link_opens_it(page, reference):
    view, count = page.get_by_label("Vue filtrée"), page.locator(".count")
    everybody = names_shown(page).all_text_contents()
    view.select_option("À contacter")
    expect(count).to_have_text(re.compile(r"^\d+ sur \d+$"))
    expect(cell(page, reference, "Statut")).to_be_visible()
    view.select_option("Sans référent")
    expect(page.get_by_text(reference, exact=True)).to_be_hidden()

    address = page.url
    assert f"fvid={view_id('Sans référent')}" in address
    page.goto("about:blank")
    page.goto(address)
    expect(view).to_have_value(str(view_id("Sans référent")))
    expect(page.get_by_text(reference, exact=True)).to_be_hidden()

    view.select_option("Toutes les lignes")
    expect(count).to_have_text("")
    expect(names_shown(page)).to_have_text(everybody)


def test_what_a_cell_needs_brings_its_row_into_a_view_at_once(page, site, reference):
    page.get_by_label("Vue filtrée").select_option("À corriger")
    expect(page.get_by_text(reference, exact=True)).to_be_hidden()
    note = [["Son projet ne se lit pas.", reference, "Corrigez-le."]]
    page.request.post(
        f"{site}{SHEET}/values/À vérifier!B2:append?valueInputOption=RAW", data={"values": note}
    )
    expect(page.get_by_text(reference, exact=True)).to_be_visible(timeout=10_000)


def test_views_of_a_place_and_of_a_referent_show_what_is_theirs(page, reference):
    view = page.get_by_label("Vue filtrée")
    referent = cell(page, reference, "Référent").text_content()
    target = cell(page, reference, "Territoire visé").text_content()
    official = territories()
    (epci,) = official.epcis_of(official.parse(target))
    for title in (official.epcis[epci].name, f"Suivi par {referent}"):
        view.select_option(title)
        expect(page.locator(".count")).to_have_text(re.compile(r"^\d+ sur \d+$"))
        expect(page.get_by_text(reference, exact=True)).to_be_visible()
    others_epci = next(name for code, name in names_of(official) if code != epci)
    view.select_option(others_epci)
    expect(page.get_by_text(reference, exact=True)).to_be_hidden()


def names_of(official):
    return [(code, epci.name) for code, epci in official.epcis.items()]


def test_a_view_that_the_page_cannot_compute_hides_nothing_and_says_so(page, site, reference):
    number = {"type": "NUMBER_GREATER", "values": [{"userEnteredValue": "2"}]}
    spec = {"columnIndex": 1, "filterCriteria": {"condition": number}}
    own = {"title": "À moi", "range": {"sheetId": tab_id(page, site)}, "filterSpecs": [spec]}
    others(page, site, addFilterView={"filter": own})
    view = page.get_by_label("Vue filtrée")
    expect(view.get_by_text("À moi")).to_be_attached(timeout=10_000)
    view.select_option("À moi")
    expect(page.locator(".count")).to_contain_text("Toutes les lignes")
    expect(page.get_by_text(reference, exact=True)).to_be_visible()


def test_a_search_looks_in_all_columns_and_arrows_pass_over_the_rest(page, site, reference):
    send_by_api(page, site, "Zénobie")
    expect(page.get_by_text("Zénobie", exact=True)).to_be_visible(timeout=10_000)
    search = page.get_by_label("Chercher dans toutes les colonnes")
    search.fill("zenobie")
    expect(page.get_by_text(reference, exact=True)).to_be_hidden()
    assert set(names_shown(page).all_text_contents()) == {"Delprat"}
    page.get_by_text("Zénobie", exact=True).click()
    page.keyboard.press("ArrowUp")
    expect(page.locator("td.selected")).to_have_text("Prénom")
    search.fill("personne de ce nom")
    expect(names_shown(page)).to_have_count(0)
    search.fill("")
    expect(page.get_by_text(reference, exact=True)).to_be_visible()


def test_without_javascript_the_page_says_so(chromium, site):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/classeur")
    expect(page.get_by_text("Ce classeur a besoin de JavaScript")).to_be_visible()
    expect(page.get_by_text("Le classeur s'ouvre…")).to_be_hidden()
    context.close()
