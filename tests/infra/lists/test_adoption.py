"""`accueil sheet adopt`: a partner's spreadsheet becomes the workbook, and stays the partner's."""

from datetime import datetime
from functools import partial
from random import Random

import pytest
from click.testing import CliRunner
from flask import Response
from playwright.sync_api import expect

from functions.shared.errors import WorkbookError
from functions.shared.journal.store import open_journal
from functions.shared.reference import in_cell
from infra.cli import main
from infra.emulator.server import serving
from infra.lists import adoption
from infra.local.pages.app import create_app
from tests.functions.route.arrivals import arrive
from tests.infra.lists.corpus import CASES, Case, typed
from tests.infra.lists.partners import bring, bring_case
from tests.support import broken, no_answer

DAY = datetime(2026, 3, 2)  # noqa: DTZ001  (a day of a sheet)
HEADER = ["Dossier", "Référence", "NOM", "PRENOM", "Portable", "Mail", "Statut", "Suivi par"]
HEADER += ["Date 1er contact", "Projet", "Commune souhaitée", "Budget"]
TITLES = [["Suivi des arrivées"], ["mis à jour le 12"], []]
PEOPLE = [
    [1, "A1", "PONS", "Luc", "0639980001", "luc@example.org", "En cours", "Anne", DAY, "emploi"],
    [2, "A2", "MAS", "Eva", "06.39.98.00.02", "eva@example.org", "A rappeler", None, DAY, None],
    [3, "A3", "ROC", "Ana", None, "ana@example.org", "bizarre", None, None, None, "Figeac"],
    [4, "A4", "GIL", "Tom", "0639980004", None, "Installé", "Anne", None, "retraite", "Cahors"],
]
ROWS = [*TITLES, HEADER, *PEOPLE, [None, None, "Total : 4"]]
WIDTH, TOP = len(HEADER), len(TITLES)
NEW = {"projects": [{"type": "employment"}], "target": {"communes": ["46102"]}}


@pytest.fixture
def partner(classeur):
    """A partner's spreadsheet, with what people put into one beside values."""
    there = bring(classeur, ROWS, "Suivi")
    status = {"sheetId": 7, "startRowIndex": TOP + 1, "startColumnIndex": 6, "endColumnIndex": 7}
    choice = {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "En cours"}]}
    red = {"backgroundColorStyle": {"rgbColor": {"red": 1}}, "textFormat": {"bold": True}}
    frozen = {"sheetId": 7, "gridProperties": {"frozenRowCount": TOP + 1}}
    hidden = {"sheetId": 7, "dimension": "ROWS", "startIndex": 6, "endIndex": 7}
    there.workbook.batch_update(
        [
            {"mergeCells": {"range": box(0, 1, 0, 6), "mergeType": "MERGE_ALL"}},
            {"setDataValidation": {"range": status, "rule": {"condition": choice}}},
            {
                "repeatCell": {
                    "range": box(TOP + 1, TOP + 3, 2, 5),
                    "cell": {"userEnteredFormat": red, "note": "à revoir"},
                    "fields": "userEnteredFormat(backgroundColorStyle,textFormat),note",
                }
            },
            {
                "updateSheetProperties": {
                    "properties": frozen,
                    "fields": "gridProperties.frozenRowCount",
                }
            },
            {
                "updateDimensionProperties": {
                    "range": hidden,
                    "properties": {"hiddenByUser": True},
                    "fields": "hiddenByUser",
                }
            },
            {
                "addProtectedRange": {
                    "protectedRange": {"range": box(0, 1, 0, 2), "description": "x"}
                }
            },
            {"setBasicFilter": {"filter": {"range": box(TOP, TOP + 5, 0, WIDTH)}}},
        ]
    )
    return there


@pytest.fixture
def adopt(classeur, tmp_path, monkeypatch):
    """Runs `accueil sheet adopt` on the partner's spreadsheet, and gives what it says."""
    monkeypatch.chdir(tmp_path)
    environment = {
        "ACCUEIL_JOURNAL": (tmp_path / "journal").as_uri(),
        "ACCUEIL_SHEETS_API": classeur.url,
    }

    def run(*options, failing=False, words=("sheet", "adopt", "demo"), **more):
        given = ("--yes",) if "input" not in more and words[1] == "adopt" else ()
        result = CliRunner().invoke(main, [*words, *given, *options], env=environment, **more)
        assert result.exit_code == failing, result.output
        return result.output

    return run


def box(top, bottom, left, right):
    return {
        "sheetId": 7,
        "startRowIndex": top,
        "endRowIndex": bottom,
        "startColumnIndex": left,
        "endColumnIndex": right,
    }


def theirs(everything, width=WIDTH):
    """What a partner's two tabs hold in their own columns, without what an adoption may add."""
    kept = {}
    for sheet in everything["sheets"]:
        number = sheet["properties"]["sheetId"]
        if number not in (7, 8):
            continue
        (data,) = sheet["data"]
        lines = [line.get("values", [])[:width] for line in data.get("rowData", [])]
        lines = [strip(line) for line in lines]
        while lines and not lines[-1]:
            lines.pop()
        kept[number] = (
            lines,
            sheet.get("merges"),
            sheet.get("basicFilter"),
            sheet["properties"]["gridProperties"].get("frozenRowCount"),
            data["columnMetadata"][: width if number == 7 else None],
            data["rowMetadata"],
            [rule for rule in sheet.get("protectedRanges", []) if rule["description"] == "x"],
        )
    return kept


def strip(line):
    """Cells without trailing blanks, and without a dropdown that only an adoption makes."""
    cells = []
    for cell in line:
        rule = cell.get("dataValidation", {})
        made = rule.get("showCustomUi") or rule.get("condition", {}).get("type") == "ONE_OF_RANGE"
        left = {"dataValidation"} if made else set()
        left |= set() if cell.get("effectiveValue") else {"effectiveValue"}
        cells.append({key: value for key, value in cell.items() if key not in left})
    while cells and not cells[-1]:
        cells.pop()
    return cells


def rows(partner, *keys):
    """The rows of Demandes by column, as the functions read them."""
    reading = partner.workbook.read({"requests": "all"})
    positions = reading.positions("requests")
    return [
        {key: line[at] if (at := positions[key]) < len(line) else None for key in keys}
        for line in reading.tabs["requests"].grid[TOP + 1 :]
        if line
    ]


def test_nothing_of_theirs_changes_and_what_is_missing_is_added(partner, adopt):
    before = partner.everything()
    assert "Rien n'a été changé" in adopt("--dry-run", "--html", "apercu.html")
    adopt(input="n\n", failing=True)
    assert partner.everything() == before

    said = adopt()

    assert theirs(partner.everything()) == theirs(before)
    assert "Validations à vous, gardées : « Statut »" in said
    assert "Budget" not in said.split("Colonnes ajoutées")[0]
    seen = rows(partner, "reference", "last_name", "received_at")[: len(PEOPLE)]
    assert [row["last_name"] for row in seen] == ["PONS", "MAS", "ROC", "GIL"]
    assert all(in_cell(row["reference"]) for row in seen)
    assert "Rien à changer" in adopt(words=("sheet", "--spreadsheet", "demo", "plan"))
    assert "déjà adopté" in adopt()


def test_a_drain_writes_under_their_words_and_leaves_their_rows_to_people(
    partner, adopt, journal, new_drain, clock
):
    adopt()
    before = theirs(partner.everything())
    drain = new_drain(workbook=partner.workbook)
    new = arrive(journal, 1, **NEW)
    assert drain() == 1
    sweep_for_a_day(drain, clock)

    after = theirs(partner.everything())
    bottom = TOP + 1 + len(PEOPLE) + 1
    assert after[7][0][:bottom] == before[7][0][:bottom]
    assert after[8] == before[8]
    line = after[7][0][bottom]
    said = [cell.get("effectiveValue", {}).get("stringValue") for cell in line]
    assert (said[2], said[3], said[6]) == ("Martin", "Ana", "À contacter")
    assert line[8]["userEnteredFormat"]["numberFormat"]["type"] == "DATE_TIME"
    assert rows(partner, "reference")[len(PEOPLE) + 1]["reference"] == new
    assert journal.keys("outbox/") == []
    refused = adopt("--undo", failing=True)
    assert "a déjà écrit" in refused
    assert theirs(partner.everything()) == after


def test_once_somebody_follows_an_adopted_row_it_is_like_any_other(
    partner, adopt, new_drain, clock, classeur
):
    adopt()
    row, eva, rules = f"H{TOP + 3}", "Eva Rey", "Règles d'attribution"
    names = {"Nom": eva, "Organisme": "Lot", "Courriel": "rey@example.org", "Actif": "Oui"}
    classeur.type_row(2, names, "Référents")
    classeur.type_row(2, {"N° de règle": "1", "Ordre": "1", "Référent(s)": eva}, rules)
    drain = new_drain(workbook=partner.workbook)
    sweep_for_a_day(drain, clock)
    assert rows(partner, "referent")[1]["referent"] is None
    classeur.type(f"Demandes!{row}", eva)
    sweep_for_a_day(drain, clock)
    classeur.type(f"Demandes!{row}", "")
    classeur.type(f"Demandes!J{TOP + 3}", "Trouver un emploi")
    classeur.type(f"Demandes!K{TOP + 3}", "Figeac")

    sweep_for_a_day(new_drain(workbook=partner.workbook), clock)

    seen = rows(partner, "referent", "assignment_reason")
    assert (seen[1]["referent"], seen[2]["referent"]) == (eva, None)
    assert seen[1]["assignment_reason"].startswith("Règle")


# A fair's list with blank columns and a total, a ticket office's, two rows of headers with a record
# that goes on below, and one tab a status.
LIKE_THE_SAMPLES = {
    "a fair": """
Salon – stand d'Exemple
14 octobre

Prénon|NOM |Telephone portable|E-mial|Ville actuelle||Métier recherché|Vu par|
Léa|MARTIN|=639980101|lea@example.org|Albi||Cuisinier|Nico|
||6.39980105E+08|sofia@example.org|Castres||Aide|Sandra|vue 2 fois
Total|2 contacts|||||||""",
    "a ticket office": """
Référence commande|Date de la commande|Nom participant|Prénom participant|Nom payeur|Email payeur
8745|05/09/2026 14:32|GARRIC|Élise|GARRIC|elise@example.org
8746|06/09/2026 08:01|BONNET|Yves|COMITE|contact@example.org""",
    "two rows of headers": """
LISTE D'ATTENTE
Demandeur||Contact||Suivi|
Nom|Prénom|Mél|Port.|Date|Agent
Haddad / Costa|Sami / Rui|sami@example.org|0639980501|=46083|A. Roy
|||0639980502||
Total|1||||
Petit|Luc|néant|0639980503|juin|A. Roy""",
    "a tab for each status": """
Date transmission données|Source données|NOM|Prénom|Téléphone|Email|Email du CFA
@2026-10-12|CFA|ROC|Ana|0639980601|ana@example.org|cfa@example.org
Plus de 2 semaines|CFA|GIL|Tom||tom@example.org|cfa@example.org""",
}


@pytest.mark.parametrize("table", LIKE_THE_SAMPLES.values(), ids=LIKE_THE_SAMPLES)
def test_their_columns_stay_where_they_are_and_an_undo_leaves_nothing(classeur, adopt, table):
    cells = typed(Case("", table, None, 0, {}))
    width = max(map(len, cells)) + 1
    brought = bring(classeur, cells)
    red = {"userEnteredFormat": {"backgroundColorStyle": {"rgbColor": {"red": 1}}}}
    look = {"range": box(1, 4, width - 1, width), "cell": red, "fields": "userEnteredFormat"}
    brought.workbook.batch_update([{"repeatCell": look}])  # a column of theirs without a header
    before = brought.everything()

    adopt()

    after = brought.everything()
    assert theirs(after, width) == theirs(before, width)
    adopt("--undo")
    assert brought.everything() == before


WITH_HEADER = [case for case in CASES if case.header_row is not None]


@pytest.mark.parametrize("case", WITH_HEADER[::6], ids=lambda case: case.name)
def test_an_adoption_is_undone_to_the_last_format(classeur, adopt, case):
    brought = bring_case(classeur, case)
    before = brought.everything()

    adopt("--correct")
    adopt("--undo")

    assert brought.everything() == before


def test_undo_keeps_what_people_did_meanwhile(partner, adopt, journal, classeur):
    before = partner.everything()
    adopt("--correct")
    assert rows(partner, "status")[0]["status"] == "Accompagnement en cours"
    classeur.type(f"Demandes!G{TOP + 3}", "Installé")
    partner.workbook.batch_update(
        [{"insertDimension": {"range": columns(2, 3)}}, {"insertDimension": {"range": lines(1, 2)}}]
    )
    classeur.type(f"Demandes!H{TOP + 5}", "perdu de vue")

    adopt("--undo")

    partner.workbook.batch_update(
        [{"deleteDimension": {"range": columns(2, 3)}}, {"deleteDimension": {"range": lines(1, 2)}}]
    )
    changed = [classeur.values(f"Suivi!G{TOP + number}")[0][0] for number in (2, 3, 4)]
    assert changed == ["En cours", "Installé", "perdu de vue"]
    classeur.type(f"Suivi!G{TOP + 3}", "A rappeler")
    classeur.type(f"Suivi!G{TOP + 4}", "bizarre")
    assert partner.everything() == before
    assert journal.keys("adopted/") == journal.keys("adoption/") == []
    assert "rien à annuler" in adopt("--undo")
    adopt()


def test_title_rows_that_are_added_later_move_the_header(partner, adopt, journal, new_drain):
    adopt()
    drain = new_drain(workbook=partner.workbook)
    arrive(journal, 1, **NEW)
    drain()
    partner.workbook.batch_update([{"insertDimension": {"range": lines(1, 3)}}])

    arrive(journal, 2, **NEW)
    assert drain() == 1

    reading = partner.workbook.read({"requests": "all"})
    at = reading.positions("requests")["last_name"]
    names = [line[at] for line in reading.tabs["requests"].grid[TOP + 3 :] if len(line) > at]
    assert names[3 : len(PEOPLE) + 3] == ["GIL", "Total : 4", "Martin", "Martin"]
    # The rows that our views and their formulas name have moved.
    plan = adopt(words=("sheet", "--spreadsheet", "demo", "plan"))
    assert ("vues filtrées" in plan, "1 changement(s)" in plan) == (True, True)


def test_a_header_of_theirs_that_is_renamed_is_named_in_their_words_and_mended(
    partner, adopt, journal, new_drain, classeur
):
    adopt()
    classeur.type(f"Demandes!C{TOP + 1}", "X")
    arrive(journal, 1, **NEW)
    with pytest.raises(WorkbookError, match=f"« NOM ».*en ligne {TOP + 1} "):
        new_drain(workbook=partner.workbook)()

    said = adopt("--yes", words=("sheet", "--spreadsheet", "demo", "apply"))

    assert f"« NOM », renommé ou effacé (C{TOP + 1})" in said
    assert new_drain(workbook=partner.workbook)() == 1


def late(_, carry_out):
    """An earlier try, of which nobody knew, is carried out just before this one."""
    carry_out()
    return carry_out()


@pytest.mark.parametrize("answers", [[no_answer, no_answer], [broken, late]])
def test_an_answer_that_is_lost_adopts_once(
    partner, adopt, classeur, journal, monkeypatch, answers
):
    monkeypatch.setattr("infra.patience.sleep", lambda _: None)
    before = partner.everything()
    classeur.gate.writes += answers

    adopt()

    assert len(set(journal.keys("references/"))) == len(PEOPLE)
    assert "Rien à changer" in adopt(words=("sheet", "--spreadsheet", "demo", "plan"))
    classeur.gate.writes += answers
    adopt("--undo")
    assert partner.everything() == before


def test_cut_off_before_the_sheet_changes_it_begins_anew(partner, adopt, classeur, journal):
    before = partner.everything()
    classeur.gate.writes.append(lambda *_: Response("", 403))
    adopt(failing=True)
    assert partner.everything() == before

    adopt()

    seen = rows(partner, "reference")[: len(PEOPLE)]
    assert {f"references/{row['reference']}" for row in seen} <= {*journal.keys("references/")}


class Dying:
    """Passes calls on, to the workbook or the journal, until it is time to die before one.

    It dies before calls that write: between them nothing changes that would be left behind.
    """

    WRITE = ("create", "delete", "replace", "batch_update")

    def __init__(self, real, lives):
        self.real, self.lives = real, lives

    def __getattr__(self, name):
        attribute = getattr(self.real, name)
        if name not in self.WRITE:
            return attribute

        def call(*arguments, **more):
            if not self.lives:
                raise KeyboardInterrupt
            self.lives.pop()
            return attribute(*arguments, **more)

        return call


def test_killed_before_any_of_its_writes_it_ends_as_if_it_had_not_been(classeur, tmp_path):
    people = [
        ["NOM", "Mail", "Statut"],
        ["PONS", "luc@example.org", "En cours"],
        ["MAS", "e@x.org"],
    ]
    partner = bring(classeur, people)
    book, brought = classeur.store.file("demo").book.copy(), partner.everything()

    def adopt_in(folder, lives):
        journal, draw = open_journal((tmp_path / folder).as_uri()), Random(46)
        adoption.adopt(
            Dying(journal, lives),
            Dying(partner.workbook, lives),
            adoption.Wishes(correct=True, yes=True, mapping=tmp_path / "none.json"),
            lambda: draw.getrandbits(35),
        )
        return journal

    def seen():
        around = "sheets(properties.title,filterViews.title,protectedRanges.description)"
        cells = "sheets.data.rowData.values(userEnteredValue,userEnteredFormat,dataValidation)"
        (list_of_people,) = [
            tab.title for tab in partner.workbook.read_titles() if tab.sheet_id == 7
        ]
        return partner.workbook.get([], around), partner.workbook.get([list_of_people], cells)

    def kept(journal):
        return {prefix: len(journal.keys(prefix)) for prefix in ("adoption/", "adopted/")}

    lives = [None] * 99
    journal = adopt_in("whole", lives)
    calls, whole, known = 99 - len(lives), seen(), kept(journal)

    for count in range(calls):
        classeur.store.update("demo", partial(paste, book))
        with pytest.raises(KeyboardInterrupt):
            adopt_in(f"killed-{count}", [None] * count)
        journal = adopt_in(f"killed-{count}", [None] * 99)
        assert (seen(), kept(journal)) == (whole, known)

    adoption.undo(journal, partner.workbook, yes=True)
    assert (partner.everything(), kept(journal)) == (brought, dict.fromkeys(known, 0))


def paste(copied, book):
    fresh = copied.copy()
    book.properties, book.sheets, book.named_ranges = (
        fresh.properties,
        fresh.sheets,
        fresh.named_ranges,
    )


REFUSED = {
    "two lists": ([*ROWS], "Ménages", "--sheet"),
    "no list": ([["Budget", "Total"], ["a", 3]], "", "ne ressemble à une liste"),
    "no header": ([["PONS", "luc@example.org"], ["MAS", "eva@example.org"]], "", "pas d'en-têtes"),
    "a tab of our title": ([*ROWS], "Référents", "un autre nom"),
}


@pytest.mark.parametrize(("table", "other", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_clear_is_refused_and_nothing_changes(
    classeur, adopt, journal, table, other, sentence
):
    brought = bring(classeur, table)
    if other:
        source = {"sourceSheetId": 7, "newSheetName": other}
        brought.workbook.batch_update([{"duplicateSheet": source}])
    before = brought.everything()
    options = ("--sheet", "Suivi") if other == "Référents" else ()

    assert sentence in adopt(*options, failing=True)

    assert brought.everything() == before
    assert journal.keys("adopted/") == []


@pytest.mark.parametrize("count", [200, pytest.param(5000, marks=pytest.mark.slow)])
def test_ten_calls_are_enough_however_many_rows_there_are(classeur, adopt, count, monkeypatch):
    # On a busy machine the local API may need longer for so many rows than Google may.
    monkeypatch.setattr("functions.shared.sheets.google.TIMEOUT", (60, 300))
    people = [[f"N{number}", f"p{number}@example.org"] for number in range(count)]
    brought = bring(classeur, [*TITLES, ["NOM", "Mail"], *people])
    classeur.gate.calls.clear()

    adopt()

    assert sum(classeur.gate.calls.values()) <= 10
    seen = brought.workbook.read({"requests": ("reference",)})
    at = seen.positions("requests")["reference"]
    references = {line[at] for line in seen.tabs["requests"].grid[TOP + 1 :] if len(line) > at}
    assert len(references - {None}) == len(people)


def sweep_for_a_day(drain, clock):
    for _ in range(3):
        clock.advance(hours=8)
        drain(sweep=True)


def columns(start, end):
    return {"sheetId": 7, "dimension": "COLUMNS", "startIndex": start, "endIndex": end}


def lines(start, end):
    return {"sheetId": 7, "dimension": "ROWS", "startIndex": start, "endIndex": end}


@pytest.mark.usefixtures("partner")
def test_people_find_their_sheet_in_the_browser_as_it_was(adopt, chromium, classeur, tmp_path):
    with serving(create_app(tmp_path, "demo", lambda _: "")) as base:
        page = chromium.new_page(viewport={"width": 1280, "height": 600}, locale="fr-FR")

        def to_the_local_api(route):
            route.fulfill(
                response=route.fetch(url=route.request.url.replace(f"{base}/google", classeur.url))
            )

        page.route("**/google/**", to_the_local_api)

        def shown(title):
            page.goto(f"{base}/classeur")
            page.get_by_role("tab", name=title, exact=True).click()
            expect(page.get_by_text("luc@example.org", exact=True)).to_be_visible()
            return [line.split("\t") for line in page.locator("tbody").inner_text().split("\n")]

        before = shown("Suivi")
        adopt()
        after = shown("Demandes")
        page.close()

    assert [line[: WIDTH + 1] for line in after] == [line[: WIDTH + 1] for line in before]
    added = after[TOP][WIDTH + 1 :]
    assert (added[0], after[TOP + 1][WIDTH + 1][:4]) == ("Référence (Accueil)", "LOT-")
