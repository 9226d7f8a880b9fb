"""Takes the pictures of docs/: `make screenshots`."""

import re
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import requests
from playwright.sync_api import Browser, Page, expect

from functions.shared.journal.replies import Asked
from functions.shared.journal.store import open_journal
from functions.shared.links import LinkMaker
from functions.shared.mail.applicants import WORDS
from functions.shared.reference import RANDOM_BITS
from functions.shared.request import Request, RequestRow
from functions.shared.sheets.google import GoogleWorkbook, open_workbook
from infra.browser import chromium
from infra.lists.adoption import Wishes, adopt
from infra.lists.fates import Context, fates, known_people
from infra.lists.preview import as_page, view
from infra.lists.proposing import propose
from infra.lists.reading import read_content
from infra.lists.records import read_records
from infra.local.access import LOCAL_KEY
from infra.local.demo import submissions
from infra.local.stack import SPREADSHEET, running
from infra.routing.gather import gather, proposal
from infra.routing.page import page as simulation_page
from infra.routing.simulate import matrix, simulate
from sheets_schema.columns import PARIS
from sheets_schema.tab import DRAFT, match_header, tab
from sheets_schema.territory import territories
from sheets_schema.wire import Json

DOCS = Path(__file__).parents[1] / "docs"
PHONE, DESKTOP = (390, 844), (1280, 800)
_REQUESTS = 28
# What referents did with the first rows: status, days since it came, days since the last contact.
_WORK = (
    ("Accompagnement en cours", 19, 3),
    ("Installé", 18, 2),
    ("À contacter", 12, None),
    ("En attente du candidat", 11, 6),
    ("Sans réponse, à rappeler", 10, 1),
    ("À contacter", 9, None),
    ("Projet à long terme", 8, 5),
    ("Accompagnement en cours", 6, 1),
    ("À réorienter", 5, None),
    ("Clos sans suite", 4, 2),
)


_LIST = """\
Salon de Toulouse – stand commun
14 et 15 octobre 2026

Nom Prénom;Téléphonne;Mail;Ville actuelle;Métier;Secteur;Dispo;Vu par;Nom conjoint;OK mail ?
MARTIN Léa;639980101;lea@example.org;31000 Toulouse;Soudeuse;Figeac;été;Alix;MARTIN;oui
Karim BENALI;06 39 98 01 02;karim@example,org;Blagnac;Cuisinier;Cahors, Pradines;;Alix;;x
DURAND Tom;0639980107 ou 0536490107;tom@example.org;Montauban, 82;Charpentier;vers le nord;;Sam;;oui
FAURE Inès;0639980108;ines@example.org;Toulouse;Infirmière;Cahors;;Sam;;oui
LEROY Paul;0639980109;paul@example.org;Albi;Menuisier;Cahors;;Sam;;non
MARTIN Léa;;LEA@example.org;Toulouse;Soudeuse;Figeac;;Sam;MARTIN;oui
Total;6;;;;;;;;
"""
_PARTNER = """\
Communauté de communes d'Exemple – arrivées 2026

Dossier;NOM;PRENOM;Portable;Mail;Suivi par;Commune souhaitée;Budget
12;MARTIN;Léa;06 39 98 01 01;lea@example.org;Alix;Figeac;900 €
13;BENALI;Karim;06 39 98 01 02;karim@example.org;;Cahors;
14;FAURE;Inès;06 39 98 01 08;ines@example.org;Sam;Souillac;750 €
"""
_REFERENT = "Camille Bonnet"
_THERE = {"reference": "LOT-65AC-WHNK", "last_name": "Faure", "email": "ines@example.org"}


def main() -> None:
    """Run the local system in a temporary folder, let people work in it, and look."""
    with (
        chromium() as browser,
        tempfile.TemporaryDirectory() as home,
        running(Path(home)) as base,
    ):
        for submission in submissions(_REQUESTS, Random(46)):
            requests.post(
                f"{base}/intake", json=submission, headers={"X-API-Key": LOCAL_KEY}, timeout=30
            ).raise_for_status()
        _wait_for_the_rows(base)
        _work_in_the_sheet(base)
        _mails(browser, base)
        _gallery(browser, base)
        _answers(browser, base, Path(home))
        _sheet(browser, base)
        _form(browser, base)
        _preview(browser, Path(home))
        _rules(browser, base, Path(home))
    with (
        chromium() as browser,
        tempfile.TemporaryDirectory() as home,
        running(Path(home)) as base,
    ):
        _adopted(browser, base, Path(home))


def _adopted(browser: Browser, base: str, home: Path) -> None:
    """A partner's sheet, before and after it became the workbook, with a request since."""
    workbook = open_workbook(SPREADSHEET, f"{base}/google")
    lines = [line.split(";") for line in _PARTNER.splitlines()]
    size = {"rowCount": 40, "columnCount": 12, "frozenRowCount": 3}
    properties = {"sheetId": 7, "title": "Arrivées", "gridProperties": size}
    bold = {"userEnteredFormat": {"textFormat": {"bold": True}}}
    rows = [
        {
            "values": [
                {"userEnteredValue": {"stringValue": text}} | (bold if number == 2 else {})  # noqa: PLR2004
                for text in line
            ]
        }
        for number, line in enumerate(lines)
    ]
    cells = {"start": {"sheetId": 7}, "fields": "userEnteredValue,userEnteredFormat", "rows": rows}
    workbook.batch_update(
        [
            {"addSheet": {"properties": properties}},
            *({"deleteSheet": {"sheetId": item.sheet_id}} for item in workbook.read_titles()),
            {"updateCells": cells},
        ]
    )
    page = _open(browser, f"{base}/classeur", (1280, 320))
    expect(page.locator("tbody td").first).to_be_visible()
    _save(page, "adopted-before.png")
    journal = open_journal((home / "journal").as_uri())
    random = Random(46)
    adopt(journal, workbook, Wishes(yes=True), lambda: random.getrandbits(RANDOM_BITS))
    submission = next(submissions(1, Random(46)))
    requests.post(
        f"{base}/intake", json=submission, headers={"X-API-Key": LOCAL_KEY}, timeout=30
    ).raise_for_status()
    values = f"{base}/google/v4/spreadsheets/{SPREADSHEET}/values/Demandes!B4:B"
    while len(requests.get(values, timeout=30).json().get("values", ())) <= len(lines) - 3:
        time.sleep(0.2)
    page = _open(browser, f"{base}/classeur", (1280, 420))
    expect(page.locator("tbody td").first).to_be_visible()
    _save(page, "adopted.png")


def _wait_for_the_rows(base: str) -> None:
    values = f"{base}/google/v4/spreadsheets/{SPREADSHEET}/values/Demandes!A2:A"
    while len(requests.get(values, timeout=30).json().get("values", ())) < _REQUESTS:
        time.sleep(0.2)


def _work_in_the_sheet(base: str) -> None:
    workbook = open_workbook(SPREADSHEET, f"{base}/google")
    cells = workbook.read({"requests": "header"}).tabs["requests"]
    at = match_header(tab("requests"), cells.grid[0])
    now = datetime.now(PARIS)

    def typed(row: int, key: str, value: object) -> Json:
        cell = tab("requests")[key].type.format(value)
        kind = "numberValue" if isinstance(cell, float) else "stringValue"
        return {
            "updateCells": {
                "rows": [{"values": [{"userEnteredValue": {kind: cell}}]}],
                "fields": "userEnteredValue",
                "start": {"sheetId": cells.sheet_id, "rowIndex": row, "columnIndex": at[key]},
            }
        }

    batch = []
    for row, (status, came, contact) in enumerate(_WORK, start=1):
        since = now - timedelta(days=came)
        key = tab("requests")["status"].type.parse(status)
        batch += [typed(row, "status", key)]
        batch += [typed(row, "received_at", since), typed(row, "assigned_at", since)]
        if contact is not None:
            when = (now - timedelta(days=contact)).date()
            batch.append(typed(row, "last_contact_on", when))
    # Two requests that a referent gave back by clearing the cell.
    referent = {"sheetId": cells.sheet_id, "startColumnIndex": at["referent"]}
    for row in (12, 15):
        where = referent | {
            "startRowIndex": row,
            "endRowIndex": row + 1,
            "endColumnIndex": at["referent"] + 1,
        }
        batch.append({"updateCells": {"range": where, "fields": "userEnteredValue"}})
    workbook.batch_update(batch)


def _form(browser: Browser, base: str) -> None:
    address = f"{base}/intake"
    page = _open(browser, address, (960, 800))
    _fill(page)
    _save(page, "form.png", whole=True)
    _save(_open(browser, f"{address}?lang=en", DESKTOP, dark=True), "form-dark-en.png")
    _save(_open(browser, address, PHONE), "form-phone.png")
    _save(_open(browser, address, PHONE, dark=True), "form-phone-dark.png")
    _save(_open(browser, f"{address}?lang=en", PHONE), "form-phone-en.png")
    faulty = _open(browser, address, PHONE)
    _fill(faulty)
    faulty.get_by_label("Courriel").fill("camille@")
    faulty.get_by_role("button", name="Envoyer ma demande").click()
    expect(faulty.locator(".summary")).to_be_focused()
    _save(faulty, "form-phone-errors.png")
    sent = _open(browser, address, PHONE, dark=True)
    _fill(sent)
    sent.get_by_role("button", name="Envoyer ma demande").click()
    expect(sent.locator(".reference")).to_be_visible()
    _save(sent, "form-phone-sent.png")


def _fill(page: Page) -> None:
    page.get_by_label("Prénom").fill("Camille")
    page.locator("#last_name").fill("Exemple")
    page.get_by_label("Courriel").fill("camille.exemple@example.org")
    page.get_by_label("Projet principal").select_option("farming")
    page.locator("[id='projects.0.occupation']").fill("maraîchage")
    page.get_by_label("Autour d'une ou de plusieurs villes").check()
    page.get_by_label("Autour de Figeac (Grand-Figeac)").check()


def _sheet(browser: Browser, base: str) -> None:
    page = _open(browser, f"{base}/classeur", DESKTOP)
    expect(page.locator("tbody td").first).to_be_visible()
    page.locator("td[data-column='3']", has_text="À contacter").first.click()
    _save(page, "sheet.png")
    phone = _open(browser, f"{base}/classeur", PHONE)
    phone.locator("td[data-column='3']", has_text="Accompagnement en cours").first.click()
    phone.locator(".scroll").evaluate(
        "s => s.scrollTo(s.querySelector('td[data-column=\"3\"]').offsetLeft - 44, 0)"
    )
    _save(phone, "sheet-phone.png")


def _mails(browser: Browser, base: str) -> None:
    """The mails with sample data, as `/courriels/exemples` shows them."""
    kinds = {"digest": "digest", "digest-referent": "digest-referent", "caller": "mail-caller"}
    for kind, name in kinds.items():
        address = f"{base}/courriels/exemples/{kind}/html"
        _save(_open(browser, address, (760, 800)), f"{name}.png", whole=True)
        _save(_open(browser, address, PHONE), f"{name}-phone.png", whole=True)
        _save(_open(browser, address, PHONE, dark=True), f"{name}-phone-dark.png", whole=True)


_TO_APPLICANTS = ("receipt", "caller", "apology", "closing", "closing-closed", "news", "page")
_TO_STAFF = ("assigned", "handed_over", "reminder", "heard", "heard-no-need", "again", "not_noted")
_GALLERY = (
    ("mails-applicants-phone", _TO_APPLICANTS, PHONE[0], False),
    ("mails-applicants-phone-dark", _TO_APPLICANTS, PHONE[0], True),
    ("mails-applicants-en", [f"{kind}-en" for kind in WORDS], PHONE[0], False),
    ("mails-applicants", ("receipt", "apology", "news"), 720, False),
    ("mails-staff-phone", _TO_STAFF, PHONE[0], False),
    ("mails-others-phone", ("digest-quiet", "trial", "stopped", "resumed"), PHONE[0], False),
)


def _gallery(browser: Browser, base: str) -> None:
    """Mails side by side, each as wide as the screen on which somebody reads it; see mails.md."""
    for name, kinds, width, dark in _GALLERY:
        page = _open(browser, f"{base}/courriels", (len(kinds) * (width + 16), 100), dark=dark)
        frames = "".join(
            f"<iframe src='{base}/courriels/exemples/{kind}/html' width='{width}'"
            " style='border:0;margin:0 8px;vertical-align:top'></iframe>"
            for kind in kinds
        )
        page.set_content(f"<body style='margin:8px 0;white-space:nowrap'>{frames}")
        page.wait_for_load_state("networkidle")
        page.evaluate(
            "for (const f of document.querySelectorAll('iframe'))"
            " f.height = f.contentDocument.documentElement.scrollHeight"
        )
        _save(page, f"{name}.png", whole=True)


def _answers(browser: Browser, base: str, home: Path) -> None:
    """The pages that links of a referent's mail open, and of an applicant's."""
    reference, asked = _THERE["reference"], Asked("Inès", _REFERENT, _REFERENT, "to_contact")
    maker = LinkMaker(open_journal((home / "journal").as_uri()), f"{base}/intake")
    links = maker.links(_REFERENT, "camille.bonnet@example.org", {reference: asked})
    assert links
    _save(_open(browser, links.answer(reference, "called"), DESKTOP), "answer.png")
    _save(_open(browser, links.answer(reference, "called"), PHONE), "answer-phone.png")
    _save(_open(browser, links.answer(reference, "close"), PHONE), "answer-close-phone.png")
    dark = _open(browser, links.answer(reference, "not_mine"), PHONE, dark=True)
    _save(dark, "answer-phone-dark.png", whole=True)
    address = "ines@example.org"
    for lang, name, size, night in (
        ("fr", "own-page-phone", PHONE, False),
        ("en", "own-page-dark-en", PHONE, True),
    ):
        own = Asked(
            "Inès", "Inès", _REFERENT, "in_progress", "Grand-Figeac", "05 36 49 00 01", lang
        )
        letter = maker.links("Inès", address, {reference: own})
        assert letter
        _save(
            _open(browser, letter.own_page(reference), size, dark=night), f"{name}.png", whole=True
        )


def _preview(browser: Browser, folder: Path) -> None:
    """The page on which people look at a list before it is imported."""
    proposals = propose(read_content("salon-toulouse.csv", _LIST.encode()).sheets)
    read = [(proposal, list(read_records(proposal))) for proposal in proposals]
    there = Request.from_cells(_THERE, territories())
    context = Context("salon-toulouse-2026", people=known_people([RequestRow(12, there)]))
    views = [
        view(proposal, records, lines)
        for (proposal, records), lines in zip(read, fates(read, context), strict=True)
    ]
    page = folder / "apercu.html"
    page.write_text(as_page("salon-toulouse.csv", views), "utf-8")
    _save(_open(browser, page.as_uri(), DESKTOP), "import.png", whole=True)
    _save(_open(browser, page.as_uri(), PHONE, dark=True), "import-phone-dark.png")


def _rules(browser: Browser, base: str, home: Path) -> None:
    """A draft of the rules with what it would do, the worked cases, the guide, a simulation."""
    workbook = open_workbook(SPREADSHEET, f"{base}/google")
    titles = {item.title: item for item in workbook.read_titles()}
    rules = titles[tab("rules").title]
    copy = {"sourceSheetId": rules.sheet_id, "newSheetId": 460, "newSheetName": DRAFT}
    workbook.batch_update([{"duplicateSheet": copy | {"insertSheetIndex": rules.index + 1}}])
    at = match_header(tab("rules"), workbook.read({"rules": "header"}).tabs["rules"].grid[0])
    workbook.batch_update(
        [
            {
                "updateCells": {
                    "rows": [{"values": [{"userEnteredValue": {"stringValue": text}}]}],
                    "fields": "userEnteredValue",
                    "start": {"sheetId": 460, "rowIndex": row, "columnIndex": at[key]},
                }
            }
            for row, key, text in _DRAFTED
        ]
    )
    page = _open(browser, f"{base}/classeur", DESKTOP)
    _show_tab(page, DRAFT, "demandes en un an")
    _save(page, "draft.png")
    phone = _open(browser, f"{base}/classeur", PHONE)
    _show_tab(phone, DRAFT, "demandes en un an")
    _save(phone, "draft-phone.png")
    page = _open(browser, f"{base}/classeur", DESKTOP)
    _show_tab(page, tab("cases").title, "projet : non")
    _save(page, "cases.png")
    page = _open(browser, f"{base}/classeur", DESKTOP)
    _show_tab(page, tab("guide").title, "Quelle règle l'emporte")
    _save(page, "guide.png")
    _simulation(browser, workbook, home)


# What a coordinator tries: by row of the table, column and text.
_DRAFTED = (
    (1, "referents", "Aurélie Bouscary et Nadia Rouquette"),
    (2, "active", "Non"),
)


def _show_tab(page: Page, title: str, text: str) -> None:
    """Open a tab, and wait for a text in a cell, which is then in sight."""
    page.get_by_role("tab", name=title, exact=True).click()
    there = page.locator("tbody td", has_text=text).first
    expect(there).to_be_attached(timeout=120_000)
    # On a phone the text begins beside the row's number, which is 44 pixels wide.
    there.evaluate(
        """cell => {
            cell.style.scrollMarginLeft = "44px";
            const inline = innerWidth < 600 ? "start" : "end";
            cell.scrollIntoView({ block: "center", inline });
        }"""
    )


def _simulation(browser: Browser, workbook: GoogleWorkbook, home: Path) -> None:
    """The page for the meeting, on screens and as it is printed."""
    gathered = gather(workbook, draft=True)
    after, today = proposal(gathered, None), datetime.now(PARIS).date()
    past = gathered.past()
    result = simulate(gathered.lookup, after, past, today)
    grid = matrix(gathered.lookup, after, past, today)
    file = home / "simulation.html"
    file.write_text(
        simulation_page(result, grid, f"Proposition : onglet « {DRAFT} »", today), "utf-8"
    )
    _save(_open(browser, file.as_uri(), DESKTOP), "simulation.png", whole=True)
    _save(_open(browser, file.as_uri(), PHONE), "simulation-phone.png", whole=True)
    printed = _open(browser, file.as_uri(), DESKTOP)
    document = printed.pdf(
        path=DOCS / "simulation.pdf", prefer_css_page_size=True, print_background=True
    )
    assert len(re.findall(rb"/Type /Page\b", document)) == 1
    printed.close()


def _open(browser: Browser, address: str, size: tuple[int, int], *, dark: bool = False) -> Page:
    width, height = size
    page = browser.new_page(
        viewport={"width": width, "height": height},
        locale="fr-FR",
        color_scheme="dark" if dark else "light",
    )
    page.goto(address)
    return page


def _save(page: Page, name: str, *, whole: bool = False) -> None:
    page.screenshot(path=DOCS / name, full_page=whole)
    page.close()


if __name__ == "__main__":
    main()
