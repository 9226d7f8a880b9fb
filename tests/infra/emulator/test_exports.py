from io import BytesIO

import openpyxl
import pytest

from infra.emulator import exports
from tests.infra.emulator.helpers import span

CSV = "text/csv"
TSV = "text/tab-separated-values"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def export(api, kind: str, file: str = "demo"):
    return api.client.get(f"/drive/v3/files/{file}/export", query_string={"mimeType": kind})


def test_csv_is_what_people_see_of_the_first_sheet(api):
    api.write("A1", ["Nom", "Né(e) le", "Vu"], ['Anne "Nan"', "31/12/1990", "oui, là"])
    api.write("A4", ["2 lignes\nici", 1.5, True, "=A1"])
    api.write("'Règles d''or'!A1", ["ailleurs"])
    answer = export(api, CSV)
    assert answer.content_type == CSV
    assert answer.data.decode() == (
        "Nom,Né(e) le,Vu,\r\n"
        '"Anne ""Nan""",31/12/1990,"oui, là",\r\n'
        ",,,\r\n"
        '"2 lignes\nici","1,5",VRAI,#ERROR!'
    )


def test_tsv_keeps_its_lines(api):
    api.write("A1", ["a\tb", "c\nd"], ['"', ""])
    assert export(api, TSV).data.decode() == 'a b\tc d\r\n"\t'


def test_an_empty_sheet_is_an_empty_file(api):
    assert (export(api, CSV).data, export(api, TSV).data) == (b"", b"")


def excel(api):
    return openpyxl.load_workbook(BytesIO(export(api, EXCEL).data))


def test_excel_has_values_formulas_and_formats_of_numbers(api):
    api.write("A1", ["Anne", "31/12/2026", 1.5, True, "=A1", "12,5%", "\x07!"])
    api.write("A2", ["=pas une formule", "'046"], option="RAW")
    sheet = excel(api)["Demandes"]
    assert [cell.value for cell in sheet[1]][2:] == [1.5, True, "=A1", 0.125, "!"]
    assert sheet["A1"].value == "Anne"
    assert sheet["B1"].value.isoformat() == "2026-12-31T00:00:00"
    assert (sheet["B1"].number_format, sheet["F1"].number_format) == ("dd/mm/yyyy", "0.00%")
    assert (sheet["E1"].data_type, sheet["A2"].data_type) == ("f", "s")


def test_excel_has_the_looks_of_the_grid(api):
    box = {"startRowIndex": 1, "endRowIndex": 3, "startColumnIndex": 0, "endColumnIndex": 2}
    frozen = {"gridProperties": {"frozenRowCount": 1}}
    sizes = {"pixelSize": 210, "hiddenByUser": True}
    note = {"rows": [{"values": [{"note": "une note"}]}], "fields": "note", "start": {}}
    api.write("A2", ["fusion"])
    api.batch(
        {"mergeCells": {"range": box}},
        {
            "updateSheetProperties": {
                "properties": frozen,
                "fields": "gridProperties.frozenRowCount",
            }
        },
        *(
            {
                "updateDimensionProperties": {
                    "range": span(dimension, 3, 1),
                    "properties": sizes,
                    "fields": "*",
                }
            }
            for dimension in ("ROWS", "COLUMNS")
        ),
        {"updateCells": note},
        {
            "updateSheetProperties": {
                "properties": {"sheetId": 7, "hidden": True},
                "fields": "hidden",
            }
        },
    )
    book = excel(api)
    sheet = book["Demandes"]
    assert [str(merged) for merged in sheet.merged_cells.ranges] == ["A2:B3"]
    assert sheet.freeze_panes == "A2"
    assert (sheet.row_dimensions[4].height, sheet.row_dimensions[4].hidden) == (157.5, True)
    assert (sheet.column_dimensions["D"].width, sheet.column_dimensions["D"].hidden) == (30, True)
    assert sheet["A1"].comment.text == "une note"
    assert [book[title].sheet_state for title in book.sheetnames] == ["visible", "hidden"]


def test_titles_that_excel_does_not_take_are_changed(api, store):
    for title in ("1/2", "x" * 40, "x" * 50, "'"):
        api.batch({"addSheet": {"properties": {"title": title}}})
    titles = ["Demandes", "Règles d'or", "1_2", "x" * 31, "x" * 29 + " 5", " 6"]
    assert list(exports._titles(store.file("demo").book)) == titles
    assert excel(api).sheetnames == titles


@pytest.mark.parametrize("kind", ["application/pdf", "application/zip", "text/plain"])
def test_other_exports_are_refused_by_name(kind, api):
    answer = export(api, kind)
    assert answer.status_code == 501
    assert kind in answer.json["error"]["message"]


def test_an_export_of_nothing_is_refused(api):
    assert export(api, CSV, "nulle-part").status_code == 404
    answer = api.client.get("/drive/v3/files/demo/export")
    assert (answer.status_code, "mimeType" in answer.text) == (400, True)
