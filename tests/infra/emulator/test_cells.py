import pytest

ALL = "userEnteredValue,userEnteredFormat,dataValidation,note"
RULE = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "Oui"}]}}


def text(value: str) -> dict:
    return {"userEnteredValue": {"stringValue": value}}


def rows(*lines: str) -> list[dict]:
    return [{"values": [text(letter) for letter in line]} for line in lines]


def box(top: int, bottom: int, left: int, right: int, sheet: int = 0) -> dict:
    return {
        "sheetId": sheet,
        "startRowIndex": top,
        "endRowIndex": bottom,
        "startColumnIndex": left,
        "endColumnIndex": right,
    }


def append(*lines: str, fields: str = "userEnteredValue", sheet: int = 0) -> dict:
    return {"appendCells": {"sheetId": sheet, "rows": rows(*lines), "fields": fields}}


def test_cells_are_appended_after_the_last_row_with_data(api):
    api.write("A1:A2", ["En-tête"], ["x"])
    api.batch(
        {"setDataValidation": {"range": box(0, 10, 0, 2), "rule": RULE}},
        {
            "repeatCell": {
                "range": box(2, 6, 0, 1),
                "cell": {"userEnteredFormat": {"wrapStrategy": "WRAP"}, "note": "note"},
                "fields": "userEnteredFormat,note",
            }
        },
        append("ab", "cd"),
    )
    assert api.read("Demandes") == [["En-tête"], ["x"], ["a", "b"], ["c", "d"]]
    assert api.cell("A3", ALL) == {
        **text("a"),
        "dataValidation": RULE,
        "note": "note",
        "userEnteredFormat": {"wrapStrategy": "WRAP"},
    }


def test_the_grid_grows_for_appended_rows_which_inherit_nothing(api):
    api.batch({"setDataValidation": {"range": box(0, 20, 0, 1), "rule": RULE}})
    api.write("A20", ["dernière"])
    api.batch(append("a", "b"))
    size = api.get(fields="sheets.properties.gridProperties")["sheets"][0]["properties"]
    assert size["gridProperties"]["rowCount"] == 22
    assert api.cell("A21", ALL) == text("a")


def test_appended_text_is_never_parsed(api):
    api.batch({"appendCells": {"rows": rows(["=A1", "046", "31/12/2026"]), "fields": "*"}})
    assert api.read("A1:C1", valueRenderOption="FORMULA") == [["=A1", "046", "31/12/2026"]]
    assert api.cell("A1", "userEnteredValue,effectiveValue") == {
        "userEnteredValue": {"stringValue": "=A1"},
        "effectiveValue": {"stringValue": "=A1"},
    }


def test_appended_rows_have_no_more_columns_than_the_grid(api):
    message = api.refused(append("abcdefghi"))
    assert message == (
        "Invalid requests[0].appendCells: Range (Demandes!A1:I1) exceeds grid limits. "
        "Max rows: 20, max columns: 8"
    )


def test_cells_are_written_from_a_place_on(api):
    api.write("A1:C3", ["x", "x", "x"], ["x", "x", "x"], ["x", "x", "x"])
    start = {"sheetId": 0, "rowIndex": 1, "columnIndex": 1}
    api.batch({"updateCells": {"start": start, "rows": rows("ab", "c"), "fields": ALL}})
    assert api.read("Demandes") == [["x", "x", "x"], ["x", "a", "b"], ["x", "c", "x"]]


def test_a_range_is_cleared_where_there_is_no_data(api):
    api.write("A1:C2", ["x", "x", "x"], ["x", "x", "x"])
    change = {"range": box(0, 2, 0, 2), "rows": rows("a"), "fields": "userEnteredValue"}
    api.batch({"updateCells": change})
    assert api.read("Demandes") == [["a", "", "x"], ["", "", "x"]]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"start": {"rowIndex": 20}}, "GridCoordinate.rowIndex[20] is after last row in grid[19]"),
        (
            {"start": {"columnIndex": 8}},
            "GridCoordinate.columnIndex[8] is after last column in grid",
        ),
        (
            {"start": {"rowIndex": 19, "columnIndex": 1}},
            "Range (Demandes!B20:C21) exceeds grid limits. Max rows: 20, max columns: 8",
        ),
        ({"start": {"sheetId": 9}}, "No grid with id: 9"),
        (
            {"range": box(19, 21, 0, 1)},
            "Range (Demandes!A20:A21) exceeds grid limits. Max rows: 20, max columns: 8",
        ),
        ({"range": box(3, 3, 0, 1)}, "must not be empty"),
        (
            {"range": box(0, 1, 0, 2)},
            "Attempting to write row: 1, beyond the last requested row of: 0",
        ),
        ({"range": box(0, 2, 0, 1)}, "Attempting to write column: 1, beyond the last requested"),
        ({}, "range is required"),
    ],
)
def test_cells_outside_the_range_or_the_grid_are_refused(api, change, message):
    refused = api.refused({"updateCells": change | {"rows": rows("ab", "cd"), "fields": "*"}})
    assert refused.startswith("Invalid requests[0].updateCells: ")
    assert message in refused


def write(cell: dict, fields: str) -> dict:
    return {"updateCells": {"start": {}, "rows": [{"values": [cell]}], "fields": fields}}


def test_the_mask_says_what_is_written(api):
    bold = {"userEnteredFormat": {"textFormat": {"bold": True, "italic": True}}}
    api.batch(write({**text("a"), **bold, "note": "n", "dataValidation": RULE}, "*"))
    api.batch(write({**text("b"), "note": "ignorée"}, "userEnteredValue"))
    assert api.cell("A1", ALL) == {**text("b"), **bold, "note": "n", "dataValidation": RULE}
    api.batch(write({}, "userEnteredFormat.textFormat.bold,note"))
    assert api.cell("A1", ALL) == {
        **text("b"),
        "userEnteredFormat": {"textFormat": {"italic": True}},
        "dataValidation": RULE,
    }
    api.batch(write({}, "*"))
    assert api.cell("A1", ALL) == {}


@pytest.mark.parametrize(
    ("fields", "code"),
    [("", 400), ("valeur", 400), ("textFormatRuns", 501), ("effectiveValue", 501)],
)
def test_a_mask_of_a_cell_names_what_can_be_written(api, fields, code):
    assert "updateCells" in api.refused(write({}, fields), code=code)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ({"userEnteredValue": {"errorValue": {"type": "REF"}}}, 400),
        ({"userEnteredValue": {"stringValue": "x" * 50_001}}, 400),
        ({"dataValidation": {"strict": True}}, 400),
        ({"userEnteredFormat": {"numberFormat": {"pattern": "0"}}}, 400),
        ({"userEnteredFormat": {"numberFormat": {"type": "CURRENCY"}}}, 501),
    ],
)
def test_cells_that_cannot_be_are_refused(api, cell, code):
    api.refused(write(cell, "*"), code=code)
    assert api.cell("A1") == {}


def test_a_cell_is_repeated(api):
    cell = {**text("x"), "note": "n"}
    api.batch(
        {"repeatCell": {"range": box(0, 2, 0, 3), "cell": cell, "fields": "userEnteredValue"}}
    )
    assert api.read("Demandes") == [["x"] * 3] * 2
    assert "note" not in api.cell("A1")
    clear = {"range": {"sheetId": 0, "startColumnIndex": 1}, "fields": "userEnteredValue"}
    api.batch({"repeatCell": clear})
    assert api.read("Demandes") == [["x"], ["x"]]


def test_a_repeated_formula_moves_its_references_along(api):
    cell = {"userEnteredValue": {"formulaValue": "=C1+$D$1"}}
    repeat = {"range": box(4, 6, 1, 3), "cell": cell, "fields": "userEnteredValue"}
    api.batch({"repeatCell": repeat})
    assert api.read("B5:C6", valueRenderOption="FORMULA") == [
        ["=C1+$D$1", "=D1+$D$1"],
        ["=C2+$D$1", "=D2+$D$1"],
    ]


def test_validation_is_set_kept_and_taken_away(api):
    rule = RULE | {"strict": True, "showCustomUi": False, "inputMessage": "Choisir"}
    where = {"sheetId": 0, "startColumnIndex": 1, "endColumnIndex": 2}
    api.batch({"setDataValidation": {"range": where, "rule": rule}})
    rule.pop("showCustomUi")
    for cell in ("B1", "B20"):
        assert api.cell(cell, ALL) == {"dataValidation": rule}
    api.write("B1", ["Non"])  # what a strict rule does to a write through the API is not known
    assert api.cell("A1", ALL) == {}
    api.batch({"setDataValidation": {"range": where}})
    assert api.cell("B20", ALL) == {}


def test_a_list_of_choices_has_choices(api):
    rule = {"condition": {"type": "ONE_OF_LIST", "values": []}}
    where = {"sheetId": 0, "startColumnIndex": 1, "endColumnIndex": 2}
    assert "at least one value" in api.refused(
        {"setDataValidation": {"range": where, "rule": rule}}
    )
