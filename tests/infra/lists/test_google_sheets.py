"""A spreadsheet in Google Sheets is read as any list, by the real client from the local Google."""

from datetime import datetime

import pytest
import requests
from click.testing import CliRunner

from functions.shared.sheets.google import open_workbook
from infra.cli import main
from infra.emulator.app import create_app
from infra.emulator.misbehaviour.conduct import Misbehaviour
from infra.emulator.server import serving
from infra.emulator.store import Store
from infra.lists import google_sheets
from infra.lists.google_sheets import _sheets, is_spreadsheet, read_spreadsheet
from infra.lists.sheets import ListError, Merge
from infra.lists.spreadsheets import read_cell
from sheets_schema.wire import Json, typed_cell

ADDRESS = "https://docs.google.com/spreadsheets/d/{}/edit?usp=sharing#gid=0"
TEXTS = [
    ["Salon de Toulouse", None, None, None, None],
    [],
    ["Nom", "Prénom", "Téléphone", "Code postal", "Vu le"],
    ["PONS", "Luc", 639980101, 1000, 46091.5],
    ["d'Œuvres", "Zoé", "06 39 98 01 02", 46000, "mi-mars"],
]


@pytest.fixture(scope="module")
def api():
    store = Store()
    store.create({"title": "Liste du salon"}, "salon")
    with serving(create_app(store, gate=Misbehaviour(store))) as url:
        open_workbook("salon", url).batch_update(
            [
                {
                    "updateCells": {
                        "rows": [{"values": list(map(typed_cell, row))} for row in TEXTS],
                        "fields": "userEnteredValue",
                        "start": {"sheetId": 0, "rowIndex": 0, "columnIndex": 0},
                    }
                },
                _format(3, "NUMBER", "0"),
                _format(4, "DATE_TIME", "dd/mm/yyyy hh:mm"),
                {"mergeCells": {"range": _cells(0, 1, 0, 4), "mergeType": "MERGE_ALL"}},
                _hidden("ROWS", 4),
                _hidden("COLUMNS", 3),
                {"addSheet": {"properties": {"title": "Vide", "hidden": True}}},
                {
                    "updateSheetProperties": {
                        "properties": {"sheetId": 0, "gridProperties": {"rowCount": 9}},
                        "fields": "gridProperties.rowCount",
                    }
                },
            ]
        )
        yield url
    store.close()


def _cells(top: int, bottom: int, left: int, right: int) -> Json:
    rows = {"startRowIndex": top, "endRowIndex": bottom}
    return {"sheetId": 0, **rows, "startColumnIndex": left, "endColumnIndex": right}


def _format(column: int, kind: str, pattern: str) -> Json:
    cell = {"userEnteredFormat": {"numberFormat": {"type": kind, "pattern": pattern}}}
    where = _cells(3, 5, column, column + 1)
    return {
        "repeatCell": {"range": where, "cell": cell, "fields": "userEnteredFormat.numberFormat"}
    }


def _hidden(dimension: str, at: int) -> Json:
    span = {"sheetId": 0, "dimension": dimension, "startIndex": at, "endIndex": at + 1}
    return {
        "updateDimensionProperties": {
            "range": span,
            "properties": {"hiddenByUser": True},
            "fields": "hiddenByUser",
        }
    }


def test_a_spreadsheet_is_read_as_people_see_it(api, monkeypatch):
    monkeypatch.setattr(google_sheets, "ROWS_AT_ONCE", 4)  # the table begins in one and ends in two
    file = read_spreadsheet(ADDRESS.format("salon"), api)
    sheet, empty = file.sheets

    assert (file.name, sheet.name, empty.name) == ("Liste du salon", sheet.name, "Vide")
    assert [[c for c in row if c is not None] for row in sheet.rows] == [
        ["Salon de Toulouse"],
        [],
        ["Nom", "Prénom", "Téléphone", "Code postal", "Vu le"],
        ["PONS", "Luc", 639980101.0, 1000.0, datetime.fromisoformat("2026-03-10T12:00")],
        ["d'Œuvres", "Zoé", "06 39 98 01 02", 46000.0, "mi-mars"],
    ]
    assert sheet.merged == (Merge(0, 0, 0, 3),)
    assert (sheet.hidden_rows, sheet.hidden_columns) == ({4}, {3})
    assert (sheet.hidden, empty.hidden, empty.rows) == (False, True, [])


@pytest.mark.parametrize(
    ("value", "shown", "kind", "expected"),
    [
        (639980101, "06 39 98 01 01", "NUMBER", "06 39 98 01 01"),
        (1000, "01000", "NUMBER", "01000"),
        (1000, "1000", "NUMBER", 1000.0),  # no zero is shown, so none is made up
        (0.5, "0,50", "NUMBER", 0.5),
        (0, "0", "NUMBER", 0.0),
        (0.75, "18:00", "TIME", "18:00"),
        (-3, "-3", "DATE", -3.0),
        (1e15, "1E+15", "DATE", 1e15),
    ],
)
def test_a_number_is_what_it_shows_only_for_its_leading_zeros(value, shown, kind, expected):
    data = {
        "effectiveValue": {"numberValue": value},
        "formattedValue": shown,
        "effectiveFormat": {"numberFormat": {"type": kind}},
    }
    assert read_cell(data) == expected


def test_the_operator_sees_what_becomes_of_it(api):
    done = CliRunner().invoke(main, ["import", "salon", "--api", api])

    assert "Liste du salon\n" in done.output
    assert "Total : 2 nouvelles." in done.output
    assert "Lignes masquées, lues comme les autres : ligne 5." in done.output


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("403", "n'est pas partagé avec le compte Google de cette machine"),
        ("404", "est introuvable"),
        ("400", "déposé dans Drive"),
    ],
)
def test_one_that_google_does_not_show_says_what_to_ask_for(api, monkeypatch, fault, words):
    name = "inconnu" if fault == "404" else "salon"
    if fault == "400":
        monkeypatch.setattr(google_sheets, "_SHEETS", "nothing(")
    faults = [{"fault": fault, "on": "read", "count": 1}] if fault == "403" else []
    requests.put(f"{api}/_emulator/faults", json={"faults": faults}, timeout=5)
    with pytest.raises(ListError, match=words) as caught:
        read_spreadsheet(name, api)

    if fault != "400":
        assert "Partager" in str(caught.value)
        assert "en lecture" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (ADDRESS.format("1AbC"), True),
        ("1AbCdEfGhIjKlMnOpQrStUvWxYz0123456789", True),
        ("liste.csv", False),
        ("salon", False),
        ("dossier/liste", False),
    ],
)
def test_an_address_or_an_id_is_told_from_the_name_of_a_file(name, expected):
    assert is_spreadsheet(name) is expected


def test_another_address_is_refused_and_so_is_a_file_that_is_not_there():
    with pytest.raises(ListError, match="n'est pas celle d'un classeur Google"):
        read_spreadsheet("https://docs.google.com/spreadsheets/d/e/2PACX-1vQ/pub")
    done = CliRunner().invoke(main, ["import", "liste.xlsx"])
    assert "liste.xlsx : pas de fichier de ce nom ici." in done.output


def test_a_tab_that_is_a_chart_or_a_database_is_no_list():
    size = {"gridProperties": {"rowCount": 0, "columnCount": 1}}
    tabs = [
        {"title": "Graphique", "sheetType": "OBJECT"},
        {"title": "Base", "sheetType": "DATA_SOURCE"} | size,
        {"title": "Liste", "sheetType": "GRID"} | size,
        {"title": "Autre"} | size,
    ]
    book = {"sheets": [{"properties": properties} for properties in tabs]}
    assert [sheet.name for sheet in _sheets(None, book)] == ["Liste", "Autre"]
