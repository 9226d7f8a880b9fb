from functions.shared.sheets.encode import insert_rows
from sheets_schema.wire import Reading, TabCells

HEADER = ["À moi", "Signalé le", "Où", "Sujet", "Que faire", "Fait"]


def inserted(end):
    seen = Reading({}, {"to_check": TabCells(7, [HEADER], end)})
    return insert_rows("to_check", [{"subject": "=1+1", "noted_at": 1.5}], seen)


def test_cells_are_put_under_their_columns_with_typed_values():
    _, put, *_ = inserted(5)
    cells = put["updateCells"]["rows"][0]["values"]
    assert cells[1] == {"userEnteredValue": {"numberValue": 1.5}}
    assert {"userEnteredValue": {"stringValue": "=1+1"}} in cells
    assert cells[0] == {}


def test_the_row_is_inserted_where_it_is_written_and_looks_like_the_one_above():
    insert, put, *_ = inserted(5)
    span = {"sheetId": 7, "dimension": "ROWS", "startIndex": 5, "endIndex": 6}
    assert insert["insertDimension"] == {"range": span, "inheritFromBefore": True}
    assert put["updateCells"]["start"] == {"sheetId": 7, "rowIndex": 5, "columnIndex": 0}


def test_the_first_row_does_not_look_like_the_header():
    appended, insert, *_ = inserted(1)
    assert appended["appendDimension"] == {"sheetId": 7, "dimension": "ROWS", "length": 1}
    assert insert["insertDimension"]["inheritFromBefore"] is False
