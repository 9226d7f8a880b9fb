"""Everything that gspread can send, and all of the Sheets API: it works, or is refused by name."""

import ast
import inspect
import json
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gspread
import pytest
from gspread.utils import Dimension, ExportFormat, ValidationConditionType

from infra.emulator import discovery
from infra.emulator.app import create_app
from infra.emulator.kinds import KINDS
from infra.emulator.server import serving
from infra.emulator.store import Store
from tests.infra.emulator.conftest import local_gspread

SHEETS = discovery.load("sheets.v4")
CLASSES = (gspread.HTTPClient, gspread.Client, gspread.Spreadsheet, gspread.Worksheet)

RAW = {"valueInputOption": "RAW"}
ROWS = {"values": [["x"]]}
ADD_SHEET = {"requests": [{"addSheet": {}}]}
# A call of each method; `s` has a client `gc`, its `http`, a spreadsheet `book` with a `sheet` that
# has a bit of everything, and `other`, the id of another spreadsheet.
CALLS: dict[str, Callable[[Any], object]] = {
    "HTTPClient.batch_update": lambda s: s.http.batch_update(s.book.id, ADD_SHEET),
    "HTTPClient.export": lambda s: s.http.export(s.book.id, ExportFormat.CSV),
    "HTTPClient.fetch_sheet_metadata": lambda s: s.http.fetch_sheet_metadata(s.book.id),
    "HTTPClient.get_file_drive_metadata": lambda s: s.http.get_file_drive_metadata(s.book.id),
    "HTTPClient.import_csv": lambda s: s.http.import_csv(s.book.id, "a,b"),
    "HTTPClient.insert_permission": lambda s: s.http.insert_permission(
        s.book.id, "a@example.org", "user", "reader"
    ),
    "HTTPClient.list_permissions": lambda s: s.http.list_permissions(s.book.id),
    "HTTPClient.remove_permission": lambda s: s.http.remove_permission(s.book.id, "1"),
    "HTTPClient.spreadsheets_get": lambda s: s.http.spreadsheets_get(s.book.id),
    "HTTPClient.spreadsheets_sheets_copy_to": lambda s: s.http.spreadsheets_sheets_copy_to(
        s.book.id, s.sheet.id, s.other
    ),
    "HTTPClient.values_append": lambda s: s.http.values_append(s.book.id, "A1", RAW, ROWS),
    "HTTPClient.values_batch_clear": lambda s: s.http.values_batch_clear(
        s.book.id, body={"ranges": ["A1"]}
    ),
    "HTTPClient.values_batch_get": lambda s: s.http.values_batch_get(s.book.id, ["A1"]),
    "HTTPClient.values_batch_update": lambda s: s.http.values_batch_update(s.book.id, RAW),
    "HTTPClient.values_clear": lambda s: s.http.values_clear(s.book.id, "A1"),
    "HTTPClient.values_get": lambda s: s.http.values_get(s.book.id, "A1"),
    "HTTPClient.values_update": lambda s: s.http.values_update(s.book.id, "A1", RAW, ROWS),
    "Client.copy": lambda s: s.gc.copy(s.book.id),
    "Client.copy with its permissions": lambda s: s.gc.copy(s.book.id, copy_permissions=True),
    "Client.copy into a folder": lambda s: s.gc.copy(s.book.id, folder_id="x"),
    "Client.create": lambda s: s.gc.create("Neuf"),
    "Client.create in a folder": lambda s: s.gc.create("Neuf", "x"),
    "Client.del_spreadsheet": lambda s: s.gc.del_spreadsheet(s.other),
    "Client.export": lambda s: s.gc.export(s.book.id, ExportFormat.EXCEL),
    "Client.export as TSV": lambda s: s.gc.export(s.book.id, ExportFormat.TSV),
    "Client.export as PDF": lambda s: s.gc.export(s.book.id, ExportFormat.PDF),
    "Client.export as ODS": lambda s: s.gc.export(s.book.id, ExportFormat.OPEN_OFFICE_SHEET),
    "Client.export as HTML": lambda s: s.gc.export(s.book.id, ExportFormat.ZIPPED_HTML),
    "Client.get_file_drive_metadata": lambda s: s.gc.get_file_drive_metadata(s.book.id),
    "Client.import_csv": lambda s: s.gc.import_csv(s.book.id, b"a,b"),
    "Client.insert_permission": lambda s: s.gc.insert_permission(
        s.book.id, None, "anyone", "reader"
    ),
    "Client.list_permissions": lambda s: s.gc.list_permissions(s.book.id),
    "Client.list_spreadsheet_files": lambda s: s.gc.list_spreadsheet_files(),
    "Client.list_spreadsheet_files of a folder": lambda s: s.gc.list_spreadsheet_files(None, "x"),
    "Client.open": lambda s: s.gc.open(s.book.title),
    "Client.open_by_key": lambda s: s.gc.open_by_key(s.book.id),
    "Client.open_by_url": lambda s: s.gc.open_by_url(s.book.url),
    "Client.openall": lambda s: s.gc.openall("Autre"),
    "Client.remove_permission": lambda s: s.gc.remove_permission(s.book.id, "1"),
    "Spreadsheet.accept_ownership": lambda s: s.book.accept_ownership("1"),
    "Spreadsheet.add_worksheet": lambda s: s.book.add_worksheet("Neuve", 5, 5, 0),
    "Spreadsheet.batch_update": lambda s: s.book.batch_update(ADD_SHEET),
    "Spreadsheet.del_worksheet": lambda s: s.book.del_worksheet(s.book.worksheet("Seconde")),
    "Spreadsheet.del_worksheet_by_id": lambda s: s.book.del_worksheet_by_id(
        s.book.worksheet("Seconde").id
    ),
    "Spreadsheet.duplicate_sheet": lambda s: s.book.duplicate_sheet(s.sheet.id),
    "Spreadsheet.export": lambda s: s.book.export(ExportFormat.CSV),
    "Spreadsheet.fetch_sheet_metadata": lambda s: s.book.fetch_sheet_metadata(),
    "Spreadsheet.get_lastUpdateTime": lambda s: s.book.get_lastUpdateTime(),
    "Spreadsheet.get_worksheet": lambda s: s.book.get_worksheet(1),
    "Spreadsheet.get_worksheet_by_id": lambda s: s.book.get_worksheet_by_id(s.sheet.id),
    "Spreadsheet.list_named_ranges": lambda s: s.book.list_named_ranges(),
    "Spreadsheet.list_permissions": lambda s: s.book.list_permissions(),
    "Spreadsheet.list_protected_ranges": lambda s: s.book.list_protected_ranges(s.sheet.id),
    "Spreadsheet.named_range": lambda s: s.book.named_range("Noms"),
    "Spreadsheet.remove_permissions": lambda s: s.book.remove_permissions("a@example.org"),
    "Spreadsheet.reorder_worksheets": lambda s: s.book.reorder_worksheets([s.sheet]),
    "Spreadsheet.share": lambda s: s.book.share("a@example.org", "group", "writer"),
    "Spreadsheet.transfer_ownership": lambda s: s.book.transfer_ownership("1"),
    "Spreadsheet.update_drive_metadata": lambda s: s.book.update_drive_metadata(),
    "Spreadsheet.update_locale": lambda s: s.book.update_locale("fr_FR"),
    "Spreadsheet.update_timezone": lambda s: s.book.update_timezone("Europe/Paris"),
    "Spreadsheet.update_title": lambda s: s.book.update_title("Autre titre"),
    "Spreadsheet.values_append": lambda s: s.book.values_append("A1", RAW, ROWS),
    "Spreadsheet.values_batch_clear": lambda s: s.book.values_batch_clear(body={"ranges": ["A1"]}),
    "Spreadsheet.values_batch_get": lambda s: s.book.values_batch_get(["A1", "B:B"]),
    "Spreadsheet.values_batch_update": lambda s: s.book.values_batch_update(RAW),
    "Spreadsheet.values_clear": lambda s: s.book.values_clear("A1"),
    "Spreadsheet.values_get": lambda s: s.book.values_get("A1"),
    "Spreadsheet.values_update": lambda s: s.book.values_update("A1", RAW, ROWS),
    "Spreadsheet.worksheet": lambda s: s.book.worksheet("Seconde"),
    "Spreadsheet.worksheets": lambda s: s.book.worksheets(),
    "Worksheet.acell": lambda s: s.sheet.acell("A1"),
    "Worksheet.add_cols": lambda s: s.sheet.add_cols(2),
    "Worksheet.add_dimension_group_columns": lambda s: s.sheet.add_dimension_group_columns(1, 3),
    "Worksheet.add_dimension_group_rows": lambda s: s.sheet.add_dimension_group_rows(1, 3),
    "Worksheet.add_protected_range": lambda s: s.sheet.add_protected_range("B1", ["a@example.org"]),
    "Worksheet.add_rows": lambda s: s.sheet.add_rows(2),
    "Worksheet.add_validation": lambda s: s.sheet.add_validation(
        "C1:C9", ValidationConditionType.one_of_list, ["Oui", "Non"], strict=True
    ),
    "Worksheet.append_row": lambda s: s.sheet.append_row(["x"]),
    "Worksheet.append_rows": lambda s: s.sheet.append_rows([["x"], ["y"]]),
    "Worksheet.batch_clear": lambda s: s.sheet.batch_clear(["A1", "B2"]),
    "Worksheet.batch_format": lambda s: s.sheet.batch_format(
        [{"range": "A1:B2", "format": {"textFormat": {"bold": True}}}]
    ),
    "Worksheet.batch_get": lambda s: s.sheet.batch_get(["A1", "B2"]),
    "Worksheet.batch_merge": lambda s: s.sheet.batch_merge([{"range": "D1:E2"}]),
    "Worksheet.batch_update": lambda s: s.sheet.batch_update([{"range": "A1", **ROWS}]),
    "Worksheet.cell": lambda s: s.sheet.cell(1, 1),
    "Worksheet.clear": lambda s: s.sheet.clear(),
    "Worksheet.clear_basic_filter": lambda s: s.sheet.clear_basic_filter(),
    "Worksheet.clear_note": lambda s: s.sheet.clear_note("A1"),
    "Worksheet.clear_notes": lambda s: s.sheet.clear_notes(["A1", "B2"]),
    "Worksheet.clear_tab_color": lambda s: s.sheet.clear_tab_color(),
    "Worksheet.col_values": lambda s: s.sheet.col_values(1),
    "Worksheet.columns_auto_resize": lambda s: s.sheet.columns_auto_resize(0, 3),
    "Worksheet.copy_range": lambda s: s.sheet.copy_range("A1:B1", "A5"),
    "Worksheet.copy_to": lambda s: s.sheet.copy_to(s.other),
    "Worksheet.cut_range": lambda s: s.sheet.cut_range("A1:B1", "A5"),
    "Worksheet.define_named_range": lambda s: s.sheet.define_named_range("A1", "Premier"),
    "Worksheet.delete_columns": lambda s: s.sheet.delete_columns(2),
    "Worksheet.delete_dimension": lambda s: s.sheet.delete_dimension(Dimension.rows, 2),
    "Worksheet.delete_dimension_group_columns": lambda s: s.sheet.delete_dimension_group_columns(
        1, 3
    ),
    "Worksheet.delete_dimension_group_rows": lambda s: s.sheet.delete_dimension_group_rows(1, 3),
    "Worksheet.delete_named_range": lambda s: s.sheet.delete_named_range(
        s.book.list_named_ranges()[0]["namedRangeId"]
    ),
    "Worksheet.delete_protected_range": lambda s: s.sheet.delete_protected_range(
        s.book.list_protected_ranges(s.sheet.id)[0]["protectedRangeId"]
    ),
    "Worksheet.delete_rows": lambda s: s.sheet.delete_rows(1, 2),
    "Worksheet.duplicate": lambda s: s.sheet.duplicate(),
    "Worksheet.expand": lambda s: s.sheet.expand(),
    "Worksheet.find": lambda s: s.sheet.find("Anne"),
    "Worksheet.findall": lambda s: s.sheet.findall("Anne"),
    "Worksheet.format": lambda s: s.sheet.format(["A1", "B2"], {"horizontalAlignment": "CENTER"}),
    "Worksheet.freeze": lambda s: s.sheet.freeze(rows=1, cols=1),
    "Worksheet.get": lambda s: s.sheet.get("A1:B2", combine_merged_cells=True, pad_values=True),
    "Worksheet.get_all_cells": lambda s: s.sheet.get_all_cells(),
    "Worksheet.get_all_records": lambda s: s.sheet.get_all_records(),
    "Worksheet.get_all_values": lambda s: s.sheet.get_all_values(),
    "Worksheet.get_note": lambda s: s.sheet.get_note("A1"),
    "Worksheet.get_notes": lambda s: s.sheet.get_notes(grid_range="A1:B2"),
    "Worksheet.get_tab_color": lambda s: s.sheet.get_tab_color(),
    "Worksheet.get_values": lambda s: s.sheet.get_values(),
    "Worksheet.hide": lambda s: s.sheet.hide(),
    "Worksheet.hide_columns": lambda s: s.sheet.hide_columns(1, 2),
    "Worksheet.hide_gridlines": lambda s: s.sheet.hide_gridlines(),
    "Worksheet.hide_rows": lambda s: s.sheet.hide_rows(1, 2),
    "Worksheet.insert_cols": lambda s: s.sheet.insert_cols([["x", "y"]], inherit_from_before=False),
    "Worksheet.insert_note": lambda s: s.sheet.insert_note("B1", "note"),
    "Worksheet.insert_notes": lambda s: s.sheet.insert_notes({"B1": "note", "C1": "note"}),
    "Worksheet.insert_row": lambda s: s.sheet.insert_row(["x"], 2, inherit_from_before=True),
    "Worksheet.insert_rows": lambda s: s.sheet.insert_rows([["x"], ["y"]]),
    "Worksheet.list_dimension_group_columns": lambda s: s.sheet.list_dimension_group_columns(),
    "Worksheet.list_dimension_group_rows": lambda s: s.sheet.list_dimension_group_rows(),
    "Worksheet.merge_cells": lambda s: s.sheet.merge_cells("D1:E2", "MERGE_ROWS"),
    "Worksheet.range": lambda s: s.sheet.range("A1:B2"),
    "Worksheet.resize": lambda s: s.sheet.resize(rows=50, cols=9),
    "Worksheet.row_values": lambda s: s.sheet.row_values(1),
    "Worksheet.rows_auto_resize": lambda s: s.sheet.rows_auto_resize(0, 3),
    "Worksheet.set_basic_filter": lambda s: s.sheet.set_basic_filter("A1:B9"),
    "Worksheet.show": lambda s: s.sheet.show(),
    "Worksheet.show_gridlines": lambda s: s.sheet.show_gridlines(),
    "Worksheet.sort": lambda s: s.sheet.sort((1, "asc"), (2, "des")),
    "Worksheet.unhide_columns": lambda s: s.sheet.unhide_columns(1, 2),
    "Worksheet.unhide_rows": lambda s: s.sheet.unhide_rows(1, 2),
    "Worksheet.unmerge_cells": lambda s: s.sheet.unmerge_cells("A1:B1"),
    "Worksheet.update": lambda s: s.sheet.update([["x", 1, True]], "A1", raw=False),
    "Worksheet.update_acell": lambda s: s.sheet.update_acell("A1", "x"),
    "Worksheet.update_cell": lambda s: s.sheet.update_cell(1, 1, "x"),
    "Worksheet.update_cells": lambda s: s.sheet.update_cells(s.sheet.range("A1:B2")),
    "Worksheet.update_index": lambda s: s.sheet.update_index(1),
    "Worksheet.update_note": lambda s: s.sheet.update_note("A1", "note"),
    "Worksheet.update_notes": lambda s: s.sheet.update_notes({"A1": "note"}),
    "Worksheet.update_tab_color": lambda s: s.sheet.update_tab_color("#3300cc"),
    "Worksheet.update_title": lambda s: s.sheet.update_title("Renommée"),
}
# What the refusal names.
REFUSED = {
    "HTTPClient.insert_permission": "drive.permissions.create",
    "HTTPClient.remove_permission": "drive.permissions.delete",
    "Client.copy into a folder": "drive.files.copy with parents",
    "Client.create in a folder": "drive.files.create with parents",
    "Client.export as PDF": "the export to application/pdf",
    "Client.export as ODS": "the export to application/vnd.oasis.opendocument.spreadsheet",
    "Client.export as HTML": "the export to application/zip",
    "Client.copy with its permissions": "drive.permissions.create",
    "Client.insert_permission": "drive.permissions.create",
    "Client.list_spreadsheet_files of a folder": "the search term parents",
    "Client.remove_permission": "drive.permissions.delete",
    "Spreadsheet.accept_ownership": "drive.permissions.update",
    "Spreadsheet.share": "drive.permissions.create",
    "Spreadsheet.transfer_ownership": "drive.permissions.update",
}
# These send what they are told, or nothing to these APIs.
NO_CALL = {
    "HTTPClient.login",
    "HTTPClient.request",
    "HTTPClient.set_timeout",
    "Client.set_timeout",
}


@pytest.fixture(scope="module")
def client_of_all() -> Iterator[gspread.Client]:
    store = Store()
    with serving(create_app(store)) as url:
        client = local_gspread(url)
        yield client
        client.http_client.session.close()
    store.close()


@pytest.fixture
def s(client_of_all) -> SimpleNamespace:
    gc = client_of_all
    book, other = gc.create("Essai"), gc.create("Autre")
    book.add_worksheet("Seconde", 10, 5)
    sheet = book.sheet1
    sheet.update([["Nom", "Ville"], ["Anne", "Cahors"], ["Luc", "Figeac"]], "A1")
    sheet.define_named_range("A1:A3", "Noms")
    sheet.add_protected_range("A1", ["a@example.org"])
    sheet.add_dimension_group_columns(1, 3)
    sheet.add_dimension_group_rows(1, 3)
    sheet.update_tab_color("#ff0000")
    return SimpleNamespace(gc=gc, http=gc.http_client, book=book, sheet=sheet, other=other.id)


def public(kind: Callable[[object], bool]) -> set[str]:
    return {
        f"{cls.__name__}.{name}"
        for cls in CLASSES
        for name, _ in inspect.getmembers(cls, kind)
        if not name.startswith("_")
    }


def test_no_method_of_gspread_is_forgotten():
    named = {name.partition(" ")[0] for name in CALLS}
    assert named == public(callable) - NO_CALL
    assert set(REFUSED) <= set(CALLS)


@pytest.mark.parametrize("name", [name for name in CALLS if name not in REFUSED])
def test_what_gspread_sends_works(name, s):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        CALLS[name](s)


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_work_is_refused_by_name(name, s):
    with pytest.raises(gspread.exceptions.APIError) as caught:
        CALLS[name](s)
    assert caught.value.code == 501
    assert REFUSED[name] in caught.value.error["message"]


@pytest.mark.parametrize("name", sorted(public(lambda member: isinstance(member, property))))
def test_what_gspread_reads_works(name, s):
    of, _, attribute = name.partition(".")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        getattr({"Client": s.gc, "Spreadsheet": s.book, "Worksheet": s.sheet}[of], attribute)


def test_every_kind_of_request_in_the_source_of_gspread_is_there():
    kinds = set(SHEETS._schemas["Request"]["properties"])
    named = {
        node.value
        for file in Path(gspread.__file__).parent.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant) and node.value in kinds
    }
    assert {"mergeCells", "addDimensionGroup", "duplicateSheet", "cutPaste"} <= named
    assert named <= set(KINDS)


@pytest.mark.parametrize("kind", sorted(SHEETS._schemas["Request"]["properties"]))
def test_a_kind_of_request_is_there_or_refused_by_name(kind, api):
    answer = api.client.post("/v4/spreadsheets/demo:batchUpdate", json={"requests": [{kind: {}}]})
    if kind in KINDS:
        assert answer.status_code in {200, 400}, answer.text
    else:
        assert answer.status_code == 501
        assert answer.json["error"]["message"].endswith(f" the request {kind}.")


NOT_THERE = {
    "sheets.spreadsheets.developerMetadata.get",
    "sheets.spreadsheets.developerMetadata.search",
    "sheets.spreadsheets.getByDataFilter",
    "sheets.spreadsheets.values.batchClearByDataFilter",
    "sheets.spreadsheets.values.batchGetByDataFilter",
    "sheets.spreadsheets.values.batchUpdateByDataFilter",
}


def test_all_methods_of_the_sheets_api_are_there_or_refused_by_name(api):
    document = json.loads((discovery.DOCUMENTS / "sheets.v4.json").read_text("utf-8"))
    declared = list(discovery._methods(document))
    path = {"spreadsheetId": "demo", "range": "A1", "sheetId": "0", "metadataId": "1"}
    refused = set()
    for method in declared:
        url = "/" + method["path"].replace("{+", "{").format(**path)
        to = {"destinationSpreadsheetId": "demo"} if method["id"].endswith("copyTo") else {}
        body = to if "request" in method else None
        answer = api.client.open(url, method=method["httpMethod"], json=body)
        if answer.status_code == 501:
            assert answer.json["error"]["message"].endswith(f" the method {method['id']}.")
            refused.add(method["id"])
        else:
            assert answer.status_code in {200, 400}, answer.text
    assert len(declared) == 17
    assert refused == NOT_THERE
