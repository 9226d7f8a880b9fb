"""The real gspread client over a real socket."""

from io import BytesIO

import gspread
import openpyxl
import pytest
from gspread.utils import (
    ExportFormat,
    PasteOrientation,
    PasteType,
    ValidationConditionType,
    ValueInputOption,
    ValueRenderOption,
)


@pytest.fixture
def book(gc):
    return gc.create("Essai")


@pytest.fixture
def sheet(book):
    return book.sheet1


def test_files(gc):
    made = gc.create("Essai")
    assert gc.open("Essai").id == made.id
    assert gc.open_by_key(made.id).title == "Essai"
    assert [book.id for book in gc.openall()] == [made.id]
    assert made.creationTime.startswith("2026-11-23")
    assert made.get_lastUpdateTime() == made.creationTime
    gc.del_spreadsheet(made.id)
    with pytest.raises(gspread.SpreadsheetNotFound):
        gc.open_by_key(made.id)
    with pytest.raises(gspread.SpreadsheetNotFound):
        gc.open("Essai")


def test_worksheets(book):
    added = book.add_worksheet("Été 2026", 10, 5)
    assert [ws.title for ws in book.worksheets()] == ["Sheet1", "Été 2026"]
    assert (added.row_count, added.col_count) == (10, 5)
    book.reorder_worksheets([added, book.sheet1])
    assert [ws.title for ws in book.worksheets()] == ["Été 2026", "Sheet1"]
    added.update_title("Automne")
    added.update_tab_color("#FF0000")
    assert book.worksheet("Automne").get_tab_color() == "#FF0000"
    added.clear_tab_color()
    assert book.worksheet("Automne").get_tab_color() is None
    added.hide()
    assert [ws.title for ws in book.worksheets(exclude_hidden=True)] == ["Sheet1"]
    with pytest.raises(gspread.exceptions.APIError, match="already exists"):
        book.add_worksheet("sheet1", 1, 1)
    book.del_worksheet(added)
    assert len(book.worksheets()) == 1


def test_the_spreadsheet(book):
    book.update_title("Autre")
    book.update_locale("fr_FR")
    book.update_timezone("Europe/Paris")
    spreadsheet = gspread.Spreadsheet(book.client, {"id": book.id})
    assert (spreadsheet.title, spreadsheet.locale, spreadsheet.timezone) == (
        "Autre",
        "fr_FR",
        "Europe/Paris",
    )


def test_values(sheet):
    sheet.update([["Nom", "Ville"], ["Anne", "Cahors"], ["Luc", "Figeac"]], "A1")
    assert sheet.get_all_values() == [["Nom", "Ville"], ["Anne", "Cahors"], ["Luc", "Figeac"]]
    assert sheet.get_all_records()[1] == {"Nom": "Luc", "Ville": "Figeac"}
    assert (sheet.acell("B2").value, sheet.col_values(1)) == ("Cahors", ["Nom", "Anne", "Luc"])
    sheet.update_acell("B3", "Gourdon")
    sheet.update_cell(3, 1, "Léa")
    assert sheet.row_values(3) == ["Léa", "Gourdon"]
    assert sheet.find("Léa").address == "A3"
    assert [cell.address for cell in sheet.findall("Cahors")] == ["B2"]
    assert sheet.batch_get(["A1:A2", "B:B"])[1][2] == ["Gourdon"]
    sheet.batch_update([{"range": "A2", "values": [["Zoé"]]}, {"range": "C1", "values": [["N"]]}])
    assert sheet.get("A1:C2") == [["Nom", "Ville", "N"], ["Zoé", "Cahors"]]
    sheet.batch_clear(["A2:A3"])
    assert sheet.col_values(1) == ["Nom"]
    sheet.clear()
    assert sheet.get_all_values() == [[]]


def test_typed_and_raw_values(sheet):
    sheet.update([["046", "=1+1"]], "A1")
    assert sheet.get("A1:B1") == [["046", "=1+1"]]
    sheet.update([["046", "12/31/2026"]], "A1", value_input_option=ValueInputOption.user_entered)
    rendered = sheet.get("A1:B1", value_render_option=ValueRenderOption.unformatted)
    assert rendered == [[46, 46387]]


def test_appending(sheet):
    """As recorded by gspread: the first cell is empty, so the second row drifts to C2."""
    sheet.append_row(["x", "", "z"])
    assert sheet.append_row(["x", "", "z"])["tableRange"] == "Sheet1!C1"
    assert sheet.row_values(2) == ["", "", "x", "", "z"]
    sheet.clear()
    sheet.append_row(["x", "", "z"])
    sheet.append_rows([["a"], ["b"]], table_range="A1")
    assert sheet.col_values(1) == ["x", "a", "b"]


def test_rows_and_columns(sheet):
    sheet.update([["b", 2], ["a", 1], ["c", 3]], "A1")
    sheet.sort((1, "asc"), range="A1:B3")
    assert sheet.get("A1:B3") == [["a", "1"], ["b", "2"], ["c", "3"]]
    sheet.delete_rows(2)
    sheet.insert_row(["neuf"], 1)
    assert sheet.col_values(1) == ["neuf", "a", "c"]
    sheet.insert_cols([["x", "y"]], 1)
    assert sheet.row_values(2) == ["y", "a", "1"]
    sheet.resize(rows=5, cols=4)
    sheet.add_rows(2)
    sheet.freeze(rows=1)
    sheet.hide_columns(0, 1)
    assert (sheet.row_count, sheet.col_count, sheet.frozen_row_count) == (7, 4, 1)


def test_formats_notes_and_rules(book, sheet):
    sheet.format("A1:B1", {"textFormat": {"bold": True}, "backgroundColor": {"red": 1}})
    sheet.update_note("A1", "une note")
    assert sheet.get_note("A1") == "une note"
    sheet.insert_notes({"B2": "deux"})
    assert sheet.get_notes() == [["une note", ""], ["", "deux"]]
    sheet.clear_note("A1")
    assert sheet.get_note("A1") == ""
    choices = ["Nouvelle", "En cours"]
    sheet.add_validation("C2:C9", ValidationConditionType.one_of_list, choices, showCustomUi=True)
    sheet.set_basic_filter("A1:C9")
    sheet.clear_basic_filter()
    sheet.add_protected_range("A1:C1", ["editeur@example.org"])
    (protected,) = book.list_protected_ranges(sheet.id)
    sheet.delete_protected_range(protected["protectedRangeId"])
    assert book.list_protected_ranges(sheet.id) == []
    sheet.copy_range("A1:B1", "A5:B5")


def test_merges(sheet):
    sheet.update([["Lundi", "Mardi"], ["9 h", "10 h"]], "A1")
    sheet.merge_cells("A1:B1")
    sheet.batch_merge([{"range": "A3:B4", "mergeType": "MERGE_ROWS"}, {"range": "D1:D2"}])
    assert sheet.get("A1:B2") == [["Lundi"], ["9 h", "10 h"]]
    combined = {"combine_merged_cells": True, "pad_values": True}
    assert sheet.get("A1:B2", **combined) == [["Lundi", "Lundi"], ["9 h", "10 h"]]
    with pytest.raises(gspread.exceptions.APIError, match="merge or unmerge"):
        sheet.unmerge_cells("A1:A2")
    sheet.unmerge_cells("A1:D4")
    assert sheet.get("A1:B2", **combined) == [["Lundi", ""], ["9 h", "10 h"]]


def test_groups(sheet):
    sheet.add_dimension_group_columns(1, 4)
    sheet.add_dimension_group_columns(2, 5)
    shown = [
        (group["range"]["startIndex"], group["range"]["endIndex"], group["depth"])
        for group in sheet.list_dimension_group_columns()
    ]
    assert shown == [(1, 5, 1), (2, 4, 2)]
    sheet.add_dimension_group_rows(0, 3)
    sheet.delete_dimension_group_columns(1, 5)
    sheet.delete_dimension_group_columns(2, 4)
    assert sheet.list_dimension_group_columns() == []
    assert len(sheet.list_dimension_group_rows()) == 1
    sheet.delete_dimension_group_rows(0, 3)
    assert sheet.list_dimension_group_rows() == []


def test_sizes(book, sheet):
    def width():
        fields = {"fields": "sheets.data.columnMetadata.pixelSize"}
        sizes = book.fetch_sheet_metadata(fields)["sheets"][0]["data"][0]["columnMetadata"]
        return [size["pixelSize"] for size in sizes]

    sheet.update([["court", "beaucoup plus long que la colonne"]], "A1")
    sheet.columns_auto_resize(0, 3)
    narrow, wide, blank, *_ = width()
    assert narrow < 100 < wide
    assert blank == 100
    sheet.rows_auto_resize(0, 2)


def test_cut_and_copied_ranges(sheet):
    sheet.update([["a", "=A1&B9"]], "A1", raw=False)
    sheet.copy_range("A1:B1", "A3")
    sheet.cut_range("A1:B1", "C5")
    assert sheet.get("A1:D5", value_render_option=ValueRenderOption.formula) == [
        [],
        [],
        ["a", "=A3&B11"],
        [],
        ["", "", "a", "=A1&B9"],
    ]
    sheet.copy_range("C5:C5", "A8", PasteType.values)
    sheet.copy_range("A3:A4", "A9:B9", PasteType.normal, PasteOrientation.transpose)
    assert sheet.get("A8:B9") == [["a"], ["a"]]


def test_formulas(book, sheet):
    sheet.update([["=1+1"]], "A1", raw=False)
    assert sheet.acell("A1", ValueRenderOption.formula).value == "=1+1"
    assert sheet.acell("A1").value == "#ERROR!"  # kept, not computed
    fields = {"fields": "sheets.data.rowData.values(userEnteredValue,effectiveValue)"}
    (cell,) = book.fetch_sheet_metadata(fields)["sheets"][0]["data"][0]["rowData"][0]["values"]
    assert cell["userEnteredValue"] == {"formulaValue": "=1+1"}
    assert "errorValue" in cell["effectiveValue"]


def test_named_ranges(book, sheet):
    sheet.update([["a"], ["b"]], "A1")
    reply = sheet.define_named_range("A1:A2", "Lettres")
    named = reply["replies"][0]["addNamedRange"]["namedRange"]
    assert book.list_named_ranges() == [named]
    assert [cell.value for cell in book.named_range("Lettres")] == ["a", "b"]
    assert book.values_get("Lettres")["values"] == [["a"], ["b"]]
    with pytest.raises(gspread.exceptions.APIError, match="already exists"):
        sheet.define_named_range("A1", "lettres")
    sheet.delete_named_range(named["namedRangeId"])
    assert book.list_named_ranges() == []


def test_a_title_that_is_a_cell_or_holds_signs(book):
    for title in ("A1", "l'été/100%: n°1!"):
        ws = book.add_worksheet(title, 5, 5)
        ws.append_row(["x"])
        assert ws.get_all_values() == [["x"]]


def test_copies(gc, book, sheet):
    sheet.update([["a", "b"], ["c"]], "A1")
    sheet.merge_cells("A1:B1")
    twin = sheet.duplicate(insert_sheet_index=1, new_sheet_name="Double")
    assert [ws.title for ws in book.worksheets()] == ["Sheet1", "Double"]
    twin.update_acell("A2", "d")
    copy = gc.copy(book.id, title="Copie")
    assert (gc.open("Copie").id, copy.id == book.id) == (copy.id, False)
    assert copy.worksheet("Double").get_all_values() == [["a"], ["d"]]
    copy.sheet1.update_acell("A2", "x")
    assert sheet.get_all_values() == [["a"], ["c"]]
    assert gc.copy(book.id).title == "Copy of Essai"
    sent = twin.copy_to(copy.id)
    assert sent["title"] == "Copy of Double"
    assert copy.get_worksheet_by_id(sent["sheetId"]).acell("A2").value == "d"


def test_files_out_and_in(gc, book, sheet):
    sheet.update([["Nom", "=A1"], ["Anne, Luc", 1]], "A1", raw=False)
    assert book.export(ExportFormat.CSV) == b'Nom,#ERROR!\r\n"Anne, Luc",1'
    excel = openpyxl.load_workbook(BytesIO(book.export(ExportFormat.EXCEL)))
    assert [[cell.value for cell in row] for row in excel["Sheet1"]] == [
        ["Nom", "=A1"],
        ["Anne, Luc", 1],
    ]
    with pytest.raises(gspread.exceptions.APIError, match=r"501.*application/pdf"):
        book.export()
    other = gc.create("Importé")
    other.add_worksheet("Seconde", 5, 5)
    assert gc.import_csv(other.id, "Nom,Ville\nZoé,Figeac")["id"] == other.id
    assert [ws.title for ws in other.worksheets()] == ["Importé"]
    assert other.sheet1.get_all_values() == [["Nom", "Ville"], ["Zoé", "Figeac"]]


def test_errors(gc, book):
    with pytest.raises(gspread.exceptions.APIError, match=r"501.*addTable"):
        book.batch_update({"requests": [{"addTable": {}}]})
    with pytest.raises(gspread.exceptions.APIError, match="Unable to parse range") as caught:
        book.values_get("Inconnu!A1")
    assert (caught.value.code, caught.value.error["status"]) == (400, "INVALID_ARGUMENT")
    with pytest.raises(gspread.exceptions.APIError, match=r"501.*drive\.permissions"):
        gc.remove_permission(book.id, "1")
