import pytest

BOX = {"sheetId": 0, "startRowIndex": 1, "startColumnIndex": 0, "endColumnIndex": 2}


def sort(*columns: int, range_: dict = BOX) -> dict:
    specs = [
        {"dimensionIndex": abs(c), "sortOrder": "DESCENDING" if c < 0 else "ASCENDING"}
        for c in columns
    ]
    return {"sortRange": {"range": range_, "sortSpecs": specs}}


def test_rows_are_sorted_and_cells_outside_the_range_stay(api):
    api.write("A1:C4", ["Nom", "N", "hors"], ["c", 1, "x"], ["a", 2, "y"], ["b", 3, "z"])
    api.batch(sort(0))
    assert api.read("A1:C4") == [
        ["Nom", "N", "hors"],
        ["a", "2", "x"],
        ["b", "3", "y"],
        ["c", "1", "z"],
    ]


def test_formats_notes_and_validation_move_with_their_row(api):
    rule = {"condition": {"type": "BOOLEAN"}}
    cell = {
        "userEnteredValue": {"stringValue": "b"},
        "note": "de b",
        "userEnteredFormat": {"wrapStrategy": "CLIP"},
        "dataValidation": rule,
    }
    start = {"sheetId": 0, "rowIndex": 1}
    api.batch({"updateCells": {"start": start, "rows": [{"values": [cell]}], "fields": "*"}})
    api.write("A3", ["a"])
    api.batch(sort(0))
    assert api.read("A2:A3") == [["a"], ["b"]]
    fields = "userEnteredValue,note,userEnteredFormat,dataValidation"
    assert api.cell("A3", fields) == cell
    assert api.cell("A2", fields) == {"userEnteredValue": {"stringValue": "a"}}


def test_numbers_come_before_texts_and_blanks_last(api):
    api.write("A2:A9", ["fin"], [True], [""], [10], ["Été"], [False], [2], ["eau"])
    api.batch(sort(0))
    expected = ["2", "10", "eau", "Été", "fin", "FAUX", "VRAI"]
    assert [row[0] for row in api.read("A2:A9")] == expected


def test_blanks_are_last_in_descending_order_too(api):
    api.write("A2:B5", ["a", 1], ["b", ""], ["c", 3], ["d", 2])
    api.batch(sort(-1))
    assert api.read("A2:B5") == [["c", "3"], ["d", "2"], ["a", "1"], ["b"]]


def test_equal_rows_are_sorted_by_the_next_column_and_else_stay(api):
    api.write("A2:B5", ["a", 2], ["b", 1], ["a", 1], ["A", 3])
    api.batch(sort(0))
    assert api.read("A2:B5") == [["A", "3"], ["a", "2"], ["a", "1"], ["b", "1"]]
    api.batch(sort(0, 1))
    assert api.read("A2:B5") == [["A", "3"], ["a", "1"], ["a", "2"], ["b", "1"]]
    api.batch(sort(-1))
    assert api.read("A2:B5") == [["A", "3"], ["a", "2"], ["a", "1"], ["b", "1"]]


def test_sorts_that_are_not_modelled_are_refused(api):
    assert "sort column 2" in api.refused(sort(2))
    specs = [{"dimensionIndex": 0, "backgroundColor": {"red": 1}}]
    message = api.refused({"sortRange": {"range": BOX, "sortSpecs": specs}}, code=501)
    assert "SortSpec.backgroundColor" in message
    api.write("B3", ["=A1"])
    assert "formulas" in api.refused(sort(0), code=501)


def replace(find: str, replacement: str = "", **more) -> dict:
    scope = {} if {"range", "allSheets"} & more.keys() else {"sheetId": 0}
    return {"findReplace": {"find": find, "replacement": replacement, **scope, **more}}


def counts(api, request: dict) -> dict:
    return api.batch(request)["replies"][0]["findReplace"]


def test_a_whole_cell_is_replaced_wherever_it_is_now(api):
    api.write("A1:C3", ["x", "jeton", ""], ["", "", "jeton"], ["un jeton", "", ""])
    assert counts(api, replace("jeton", "Anne", matchEntireCell=True)) == {
        "valuesChanged": 2,
        "rowsChanged": 2,
        "sheetsChanged": 1,
        "occurrencesChanged": 2,
    }
    assert api.read("A1:C3") == [["x", "Anne"], ["", "", "Anne"], ["un jeton"]]


def test_nothing_found_counts_nothing(api):
    assert counts(api, replace("absent", "x")) == {}


def test_parts_of_cells_are_replaced_in_either_case(api):
    api.write("A1:A2", ["Google Sheets"], ["goo"])
    counted = counts(api, replace("GOO", "Ga"))
    assert (counted["valuesChanged"], counted["occurrencesChanged"]) == (2, 2)
    assert api.read("A1:A2") == [["Gagle Sheets"], ["Ga"]]
    assert counts(api, replace("ga", "x", matchCase=True)) == {}


def test_a_search_is_plain_unless_it_is_a_regular_expression(api):
    api.write("A1:A3", ["a.c"], ["abc"], [r"\1"])
    assert counts(api, replace("a.c", r"\1 $1"))["valuesChanged"] == 1
    assert api.read("A1:A3") == [[r"\1 $1"], ["abc"], [r"\1"]]
    api.batch(replace("(a)b(.)", "$2-$1", searchByRegex=True))
    assert api.read("A2") == [["c-a"]]
    assert "group" in api.refused(replace("a(b)", "$2", searchByRegex=True))
    assert "regular expression" in api.refused(replace("(", "x", searchByRegex=True))


def test_a_cell_that_is_emptied_is_empty(api):
    api.write("A1", ["x"])
    api.batch(replace("x"))
    assert api.cell("A1") == {}


def test_the_search_stays_in_its_scope(api):
    api.write("A1:B1", ["x", "x"])
    api.write("'Règles d''or'!A1", ["x"])
    column = {"sheetId": 0, "startColumnIndex": 1, "endColumnIndex": 2}
    assert counts(api, replace("x", "y", range=column))["valuesChanged"] == 1
    assert api.read("A1:B1") == [["x", "y"]]
    assert counts(api, replace("x", "z", allSheets=True))["sheetsChanged"] == 2
    for scope in (
        {"range": column, "sheetId": 0},
        {"allSheets": False, "sheetId": 0, "range": column},
    ):
        api.refused({"findReplace": {"find": "x", **scope}})
    api.refused({"findReplace": {"find": "x"}})
    api.refused(replace(""))


def test_formulas_are_searched_on_request(api):
    api.write("A1:A2", ["=LEN(B1)"], ["B1"])
    assert counts(api, replace("B1", "C1"))["valuesChanged"] == 1
    counted = counts(api, replace("B1", "C1", includeFormulas=True))
    assert counted == {
        "formulasChanged": 1,
        "rowsChanged": 1,
        "sheetsChanged": 1,
        "occurrencesChanged": 1,
    }
    assert api.read("A1", valueRenderOption="FORMULA") == [["=LEN(C1)"]]


@pytest.mark.parametrize("replacement", ["12", "31/12/2026", "=A1", "VRAI", "'x"])
def test_results_that_sheets_might_parse_are_not_modelled(api, replacement):
    api.write("A1", ["jeton"])
    message = api.refused(replace("jeton", replacement), code=501)
    assert "not plain text (in findReplace)" in message
    assert api.read("A1") == [["jeton"]]


def test_in_a_cell_of_plain_text_any_result_is_text(api):
    style = {"userEnteredFormat": {"numberFormat": {"type": "TEXT"}}}
    cell = style | {"userEnteredValue": {"stringValue": "jeton"}}
    api.batch({"updateCells": {"start": {}, "rows": [{"values": [cell]}], "fields": "*"}})
    api.batch(replace("jeton", "046"))
    assert api.read("A1", valueRenderOption="UNFORMATTED_VALUE") == [["046"]]
