import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.emulator import discovery
from infra.emulator.app import create_app
from infra.emulator.kinds import KINDS
from infra.emulator.store import Store
from tests.infra.emulator.helpers import (
    REQUESTS,
    SHEET,
    dimensions,
    dump,
    new_store,
    small,
    span,
)


def test_replies_are_in_the_order_of_the_requests(api):
    update = {"properties": {"title": "x"}, "fields": "title"}
    answer = api.batch({"updateSpreadsheetProperties": update}, SHEET, {"clearBasicFilter": {}})
    assert answer["spreadsheetId"] == "demo"
    assert [list(reply) for reply in answer["replies"]] == [[], ["addSheet"], []]


def test_a_batch_has_requests_of_one_kind_each(api):
    assert api.refused() == "Must specify at least one request."
    assert api.refused(SHEET, {}).startswith("Invalid requests[1]: ")
    both = SHEET | {"deleteSheet": {"sheetId": 0}}
    assert api.refused(both).startswith("Invalid requests[0]: ")


def test_a_kind_that_is_not_implemented_refuses_the_batch_by_name(api):
    answer = api.batch(SHEET, {"addTable": {}}, code=501)
    assert answer["error"] == {
        "code": 501,
        "message": "The local Sheets API does not implement the request addTable.",
        "status": "UNIMPLEMENTED",
    }
    assert len(api.get()["sheets"]) == 2


def test_a_field_that_is_not_implemented_refuses_the_batch_by_name(api):
    append = {"appendCells": {"tableId": "t", "rows": [], "fields": "*"}}
    assert "appendCells.tableId" in api.refused(SHEET, append, code=501)
    assert len(api.get()["sheets"]) == 2


def test_every_kind_and_field_is_one_of_googles():
    schemas = discovery.load("sheets.v4")._schemas
    requests = schemas["Request"]["properties"]
    for kind, (fields, _) in KINDS.items():
        declared = schemas[requests[kind]["$ref"]]["properties"]
        assert set(fields.split()) <= set(declared), kind


def test_every_kind_that_the_issue_names_is_there():
    named = """addSheet deleteSheet updateSheetProperties updateSpreadsheetProperties updateCells
        appendCells repeatCell copyPaste insertDimension deleteDimension appendDimension
        moveDimension updateDimensionProperties sortRange findReplace setDataValidation
        addProtectedRange updateProtectedRange deleteProtectedRange addNamedRange deleteNamedRange
        addConditionalFormatRule deleteConditionalFormatRule setBasicFilter clearBasicFilter
        addFilterView deleteFilterView"""
    assert set(named.split()) <= set(KINDS)


def test_the_answer_includes_the_spreadsheet_after_the_batch(api):
    api.write("A1:B1", ["Nom", "Ville"])
    fence = {"name": "f_1", "namedRangeId": "f1", "range": {"sheetId": 7}}
    row = {"values": [{"userEnteredValue": {"stringValue": "Anne"}}]}
    append = {"appendCells": {"sheetId": 0, "rows": [row], "fields": "userEnteredValue"}}
    answer = api.batch(
        {"addNamedRange": {"namedRange": fence}},
        append,
        includeSpreadsheetInResponse=True,
        responseRanges=["Demandes!1:1", "Demandes!A2:A"],
        fields="replies,updatedSpreadsheet(namedRanges,sheets.data.rowData.values.effectiveValue)",
    )
    header = [{"effectiveValue": {"stringValue": word}} for word in ("Nom", "Ville")]
    name = {"effectiveValue": {"stringValue": "Anne"}}
    data = [{"rowData": [{"values": header}]}, {"rowData": [{"values": [name]}]}]
    assert answer == {
        "replies": [{"addNamedRange": {"namedRange": fence}}, {}],
        "updatedSpreadsheet": {"namedRanges": [fence], "sheets": [{"data": data}]},
    }


def test_grid_data_is_in_the_answer_if_asked_for(api):
    body = {"includeSpreadsheetInResponse": True}
    sheets = api.batch({"clearBasicFilter": {}}, **body)["updatedSpreadsheet"]["sheets"]
    assert "data" not in sheets[0]
    body["responseIncludeGridData"] = True
    answer = api.batch({"clearBasicFilter": {}}, responseRanges=["A1:B2"], **body)
    (sheet,) = answer["updatedSpreadsheet"]["sheets"]
    assert len(sheet["data"][0]["rowMetadata"]) == 2
    answer = api.batch({"clearBasicFilter": {}}, fields="updatedSpreadsheet.spreadsheetId", **body)
    assert answer == {"updatedSpreadsheet": {"spreadsheetId": "demo"}}


def test_a_range_of_the_answer_that_is_none_undoes_the_batch(api):
    body = {"includeSpreadsheetInResponse": True, "responseRanges": ["Inconnu!A1"]}
    answer = api.batch(SHEET, code=400, **body)
    assert answer["error"]["message"] == "Unable to parse range: Inconnu!A1"
    assert len(api.get()["sheets"]) == 2


def test_a_batch_that_fails_leaves_every_kind_of_thing_alone(api, store):
    box = {"sheetId": 0, "endRowIndex": 2, "endColumnIndex": 2}
    rule = {"ranges": [box], "booleanRule": {"condition": {"type": "BLANK"}, "format": {}}}
    change = {"properties": {"title": "x"}, "fields": "title"}
    row = {"values": [{"userEnteredValue": {"stringValue": "x"}}]}
    changes = [
        {"addNamedRange": {"namedRange": {"name": "x", "range": box}}},
        {"addProtectedRange": {"protectedRange": {"range": box}}},
        {"addConditionalFormatRule": {"rule": rule}},
        {"addFilterView": {"filter": {"range": box}}},
        {"setBasicFilter": {"filter": {"range": box}}},
        {"updateSpreadsheetProperties": change},
        {"updateSheetProperties": change},
        {"appendCells": {"rows": [row], "fields": "*"}},
        {"appendDimension": {"dimension": "COLUMNS", "length": 1}},
        SHEET,
    ]
    state, book = dump(store), api.get(includeGridData="true")
    assert api.refused(*changes, {"deleteSheet": {"sheetId": 99}}).startswith(
        f"Invalid requests[{len(changes)}].deleteSheet: "
    )
    assert dump(store) == state
    assert api.get(includeGridData="true") == book
    api.batch(*changes)
    assert api.get(includeGridData="true") != book


@settings(max_examples=30, deadline=None)
@given(st.lists(REQUESTS, max_size=6), st.lists(REQUESTS, max_size=6))
def test_a_batch_that_fails_changes_nothing(before, batch):
    store = new_store()
    client = create_app(store).test_client()
    url = "/v4/spreadsheets/demo:batchUpdate"
    client.post(url, json={"requests": [SHEET, *before]})
    state, file = dump(store), store.file("demo")
    book = client.get("/v4/spreadsheets/demo?includeGridData=true").json
    answer = client.post(url, json={"requests": [*batch, {"deleteSheet": {"sheetId": 99}}]})
    assert answer.status_code in (400, 501)  # a request before it may ask for what is not there
    assert dump(store) == state
    assert store.file("demo") is file
    assert client.get("/v4/spreadsheets/demo?includeGridData=true").json == book
    store.close()


def rows_of(store: Store) -> list:
    grid = store.file("demo").book.sheets[0].grid
    return [(row.facets, row.properties) for row in grid.rows]


@settings(max_examples=30, deadline=None)
@given(st.lists(REQUESTS, max_size=8), dimensions, small, st.integers(1, 3))
def test_inserting_and_deleting_the_same_place_changes_nothing(requests, dimension, at, size):
    store = new_store()
    client = create_app(store).test_client()
    url = "/v4/spreadsheets/demo:batchUpdate"
    for request in requests:
        client.post(url, json={"requests": [request]})
    rows, book = rows_of(store), client.get("/v4/spreadsheets/demo").json
    place = {"range": span(dimension, at, size)}
    grid = store.file("demo").book.sheets[0].grid
    if at >= grid.size(dimension):
        return
    batch = [{"insertDimension": place}, {"deleteDimension": place}]
    assert client.post(url, json={"requests": batch}).status_code == 200
    assert rows_of(store) == rows
    assert client.get("/v4/spreadsheets/demo").json == book
    store.close()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_answers_a_wrong_request_with_400_or_501(api, kind):
    answer = api.client.post(f"{api.url}:batchUpdate", json={"requests": [{kind: {}}]})
    assert answer.status_code in {200, 400}, answer.text
    if answer.status_code == 400:
        assert answer.json["error"]["message"].startswith(f"Invalid requests[0].{kind}: ")
