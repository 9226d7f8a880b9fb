import pytest


def test_empty_cells_and_rows_at_the_end_are_left_out(api):
    api.write("B2:C3", ["x", ""], ["", "y"])
    answer = api.call("GET", "/values/A1:D9")
    assert answer == {
        "range": "Demandes!A1:D9",
        "majorDimension": "ROWS",
        "values": [[], ["", "x"], ["", "", "y"]],
    }


def test_an_empty_range_has_no_values(api):
    assert api.call("GET", "/values/A1:B1") == {
        "range": "Demandes!A1:B1",
        "majorDimension": "ROWS",
    }


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Demandes", "Demandes!A1:H20"),
        ("A2:2", "Demandes!A2:H2"),  # recorded: a row is answered with its bounds
        ("B:B", "Demandes!B1:B20"),
        ("C5:C99", "Demandes!C5:C20"),
        ("'Règles d''or'!a1", "'Règles d''or'!A1"),
    ],
)
def test_a_range_is_answered_with_its_bounds(api, text, answer):
    assert api.call("GET", f"/values/{text}")["range"] == answer


def test_a_range_beyond_the_grid_is_refused(api):
    refused = api.call("GET", "/values/A21:B21", code=400)["error"]
    assert refused == {
        "code": 400,
        "message": "Range (Demandes!A21:B21) exceeds grid limits. Max rows: 20, max columns: 8",
        "status": "INVALID_ARGUMENT",
    }
    assert "Unable to parse range: Inconnu" in str(api.call("GET", "/values/Inconnu", code=400))


def test_columns_can_come_first(api):
    body = {"values": [["a", "b"], ["c"]], "majorDimension": "COLUMNS"}
    answer = api.call("PUT", "/values/A1:B2", body, valueInputOption="RAW")
    assert answer["updatedRange"] == "Demandes!A1:B2"
    assert api.read("A1:B2") == [["a", "c"], ["b"]]
    assert api.read("A1:C2", majorDimension="COLUMNS") == [["a", "b"], ["c"]]


def test_values_are_rendered_as_asked(api):
    api.write("A1:E1", ["1,5", "2020-01-01", "VRAI", "=A1", "texte"])
    assert api.read("A1:E1") == [["1,5", "01/01/2020", "VRAI", "#ERROR!", "texte"]]
    unformatted = api.read("A1:E1", valueRenderOption="UNFORMATTED_VALUE")
    assert unformatted == [[1.5, 43831, True, "#ERROR!", "texte"]]  # recorded: 43831
    formulas = api.read("A1:E1", valueRenderOption="FORMULA")
    assert formulas == [[1.5, 43831, True, "=A1", "texte"]]
    dated = api.read(
        "A1:E1", valueRenderOption="UNFORMATTED_VALUE", dateTimeRenderOption="FORMATTED_STRING"
    )
    assert dated == [[1.5, "01/01/2020", True, "#ERROR!", "texte"]]


def test_raw_values_are_stored_as_they_are(api):
    api.write("A1:D1", ["046", "2020-01-01", "=A1", 3.0], option="RAW")
    assert api.read("A1:D1", valueRenderOption="UNFORMATTED_VALUE") == [
        ["046", "2020-01-01", "=A1", 3]
    ]
    assert "userEnteredFormat" not in api.cell("B1")


def test_a_typed_date_gets_a_format_where_there_is_none(api):
    api.write("A1", ["31/12/2026"])
    number_format = api.cell("A1")["userEnteredFormat"]["numberFormat"]
    assert number_format == {"type": "DATE", "pattern": "dd/mm/yyyy"}
    cell = {"userEnteredFormat": {"numberFormat": {"type": "DATE", "pattern": "yyyy"}}}
    start = {"sheetId": 0, "columnIndex": 1}
    change = {"start": start, "rows": [{"values": [cell]}], "fields": "*"}
    api.batch({"updateCells": change})
    api.write("B1", ["31/12/2026"])
    assert api.read("A1:B1") == [["31/12/2026", "2026"]]


def test_a_cell_of_plain_text_keeps_what_is_typed(api):
    cell = {"userEnteredFormat": {"numberFormat": {"type": "TEXT"}}}
    change = {"range": {"sheetId": 0}, "cell": cell, "fields": "userEnteredFormat.numberFormat"}
    api.batch({"repeatCell": change})
    api.write("A1:B1", ["046", "=A1"])
    assert api.read("A1:B1", valueRenderOption="FORMULA") == [["046", "=A1"]]
    assert api.cell("B1", "effectiveValue") == {"effectiveValue": {"stringValue": "=A1"}}


def test_an_update_says_what_it_has_written(api):
    answer = api.write("A1", ["x", "", "z"], [None, 1])
    assert answer == {  # recorded: an empty string counts
        "spreadsheetId": "demo",
        "updatedRange": "Demandes!A1:C2",
        "updatedRows": 2,
        "updatedColumns": 3,
        "updatedCells": 4,
    }


def test_null_leaves_a_cell_alone_and_an_empty_string_clears_it(api):
    api.write("A1:B1", ["a", "b"])
    api.write("A1:B1", [None, ""])
    assert api.read("A1:B1") == [["a"]]


def test_written_values_are_answered_on_request(api):
    answer = api.call(
        "PUT",
        "/values/A1",
        {"values": [["1,5"]]},
        valueInputOption="USER_ENTERED",
        includeValuesInResponse="true",
        responseValueRenderOption="UNFORMATTED_VALUE",
    )
    assert answer["updatedData"]["values"] == [[1.5]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "A1:A2",
            "Requested writing within range [Demandes!A1:A2], but tried writing to column [B]",
        ),
        ("A1:B1", "Requested writing within range [Demandes!A1:B1], but tried writing to row [2]"),
        (
            "A:A",
            "Requested writing within range [Demandes!A1:A20], but tried writing to column [B]",
        ),
        ("H20", "Range (Demandes!H20:I21) exceeds grid limits. Max rows: 20, max columns: 8"),
        ("A20:B", "Range (Demandes!A20:B21) exceeds grid limits. Max rows: 20, max columns: 8"),
    ],
)
def test_values_that_do_not_fit_are_refused(api, text, message):
    body = {"values": [["a", "b"], ["c", "d"]]}
    answer = api.call("PUT", f"/values/{text}", body, code=400, valueInputOption="RAW")
    assert answer["error"]["message"] == message
    assert api.read("Demandes") == []


def test_an_update_names_one_range_and_its_option(api):
    body = {"range": "Demandes!B1", "values": [["a"]]}
    answer = api.call("PUT", "/values/A1", body, code=400, valueInputOption="RAW")
    assert answer["error"]["message"] == (
        "Request range[A1] does not match value's range[Demandes!B1]."
    )
    body["range"] = "demandes!A1:A1"
    api.call("PUT", "/values/A1", body, valueInputOption="RAW")
    answer = api.call("PUT", "/values/A1", {"values": [["a"]]}, code=400)
    assert answer["error"]["message"] == "'valueInputOption' is required but not specified"
    body = {"values": [[{"a": 1}]]}
    api.call("PUT", "/values/A1", body, code=400, valueInputOption="RAW")


def append(api, text: str, *rows: list, **query) -> dict:
    query = {"valueInputOption": "RAW"} | query
    return api.call("POST", f"/values/{text}:append", {"values": list(rows)}, **query)


def test_a_table_with_an_empty_first_cell_drifts(api):
    """As recorded: the last table of the sheet is C1, so the second row starts at C2."""
    first = append(api, "Demandes", ["x", "", "z"])
    assert "tableRange" not in first
    assert first["updates"]["updatedRange"] == "Demandes!A1:C1"
    second = append(api, "Demandes", ["x", "", "z"])
    assert second["tableRange"] == "Demandes!C1"
    assert second["updates"] == {
        "spreadsheetId": "demo",
        "updatedRange": "Demandes!C2:E2",
        "updatedRows": 1,
        "updatedColumns": 3,
        "updatedCells": 3,
    }
    assert api.read("A2:2") == [["", "", "x", "", "z"]]


def test_a_table_range_holds_the_drift(api):
    """As recorded, with the range A1."""
    append(api, "Demandes", ["x", "", "z"])
    second = append(api, "A1", ["x", "", "z"])
    assert second["tableRange"] == "Demandes!A1"
    assert second["updates"]["updatedRange"] == "Demandes!A2:C2"


def test_without_a_table_values_go_where_the_range_begins(api):
    api.write("A1:B1", ["a", "b"])
    assert append(api, "D5", ["x"])["updates"]["updatedRange"] == "Demandes!D5"


def test_appended_values_overwrite_what_is_below_unless_rows_are_inserted(api):
    api.write("A1:B3", ["a", ""], ["", ""], ["", "b"])
    append(api, "A1", ["x"], ["y"])
    assert api.read("Demandes") == [["a"], ["x"], ["y", "b"]]
    api.batch({"addNamedRange": {"namedRange": {"name": "ici", "range": {"startRowIndex": 3}}}})
    answer = append(api, "A1", ["z"], insertDataOption="INSERT_ROWS")
    assert answer["updates"]["updatedRange"] == "Demandes!A4"
    assert api.get()["namedRanges"][0]["range"] == {"startRowIndex": 4}


def test_the_grid_grows_for_appended_values(api):
    api.write("H20", ["x"])
    assert append(api, "H20", ["a", "b"])["updates"]["updatedRange"] == "Demandes!H21:I21"
    size = api.get(fields="sheets.properties.gridProperties")["sheets"][0]["properties"]
    assert size["gridProperties"] == {"rowCount": 21, "columnCount": 9}


def test_clearing_takes_values_and_leaves_the_rest(api):
    api.write("A1:B1", ["31/12/2026", "x"])
    assert api.call("POST", "/values/A:A:clear") == {
        "spreadsheetId": "demo",
        "clearedRange": "Demandes!A1:A20",
    }
    assert api.read("A1:B1") == [["", "x"]]
    assert api.cell("A1", "userEnteredFormat.numberFormat.type,userEnteredValue") == {
        "userEnteredFormat": {"numberFormat": {"type": "DATE"}}
    }


def test_several_ranges_at_once(api):
    body = {
        "valueInputOption": "RAW",
        "data": [
            {"range": "A1", "values": [["a", "b"]]},
            {"range": "'Règles d''or'!A1:A2", "values": [["c"], ["d"]]},
            {"range": "A1", "values": [["e"]]},
        ],
    }
    answer = api.call("POST", "/values:batchUpdate", body)
    assert [part["updatedCells"] for part in answer.pop("responses")] == [2, 2, 1]
    assert answer == {
        "spreadsheetId": "demo",
        "totalUpdatedRows": 3,
        "totalUpdatedColumns": 3,
        "totalUpdatedCells": 5,
        "totalUpdatedSheets": 2,
    }
    answer = api.call("GET", "/values:batchGet", ranges=["A1:B1", "'Règles d''or'!A:A"])
    assert answer["spreadsheetId"] == "demo"
    assert [part["values"] for part in answer["valueRanges"]] == [[["e", "b"]], [["c"], ["d"]]]
    answer = api.call("POST", "/values:batchClear", {"ranges": ["A1", "'Règles d''or'!A1:A2"]})
    assert answer["clearedRanges"] == ["Demandes!A1", "'Règles d''or'!A1:A2"]
    assert api.read("Demandes") == [["", "b"]]


def test_several_ranges_are_written_all_or_none(api):
    data = [{"range": "A1", "values": [["a"]]}, {"range": "A1:A1", "values": [[["b"]]]}]
    body = {"valueInputOption": "RAW", "data": data}
    api.call("POST", "/values:batchUpdate", body, code=400)
    api.call("POST", "/values:batchClear", {"ranges": ["A1", "Inconnu"]}, code=400)
    assert api.read("Demandes") == []
