import pytest

from infra.emulator.store import Store
from tests.infra.emulator.helpers import Clock

BOX = {"startRowIndex": 0, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 2}


@pytest.fixture
def furnished(api):
    """Everything that a sheet may have beside its cells, on the first of two sheets."""
    blank = {"condition": {"type": "BLANK"}, "format": {"textFormat": {"bold": True}}}
    columns = {"dimension": "COLUMNS", "startIndex": 1, "endIndex": 3}
    api.write("A1", ["a", "=B9"])
    api.batch(
        {"mergeCells": {"range": BOX | {"startRowIndex": 1}}},
        {"addDimensionGroup": {"range": columns}},
        {"addProtectedRange": {"protectedRange": {"range": BOX, "warningOnly": True}}},
        {"addProtectedRange": {"protectedRange": {"range": {}, "unprotectedRanges": [BOX]}}},
        {"addConditionalFormatRule": {"rule": {"ranges": [BOX], "booleanRule": blank}}},
        {"addFilterView": {"filter": {"range": BOX, "title": "Vue"}}},
        {"setBasicFilter": {"filter": {"range": BOX}}},
    )
    return api


def duplicate(api, **arguments):
    (reply,) = api.batch({"duplicateSheet": {"sourceSheetId": 0, **arguments}})["replies"]
    return reply["duplicateSheet"]["properties"]


def everything(sheet, sheet_id):
    """A sheet without its name, its place and its ids, once all ranges are seen to be its own."""
    kept = {name: value for name, value in sheet.items() if name != "properties"}
    ranges = [
        *kept["merges"],
        kept["basicFilter"]["range"],
        *(view["range"] for view in kept["filterViews"]),
        *(wire for rule in kept["conditionalFormats"] for wire in rule["ranges"]),
        *(item["range"] for item in kept["protectedRanges"]),
        *(wire for item in kept["protectedRanges"] for wire in item.get("unprotectedRanges", [])),
        *(group["range"] for group in kept["columnGroups"]),
    ]
    assert {wire.pop("sheetId", 0) for wire in ranges} == {sheet_id}
    for item in (*kept["filterViews"], *kept["protectedRanges"]):
        item.pop("filterViewId", None)
        item.pop("protectedRangeId", None)
    return kept


def test_a_duplicate_has_all_that_its_sheet_has(furnished):
    made = duplicate(furnished, insertSheetIndex=2, newSheetId=46, newSheetName="Double")
    assert (made["sheetId"], made["title"], made["index"]) == (46, "Double", 2)
    sheets = furnished.get(includeGridData=True)["sheets"]
    ids = [
        item.get("protectedRangeId") or item["filterViewId"]
        for sheet in (sheets[0], sheets[2])
        for item in (*sheet["protectedRanges"], *sheet["filterViews"])
    ]
    assert len(set(ids)) == 6
    assert everything(sheets[2], 46) == everything(sheets[0], 0)
    furnished.write("Double!A1", ["b"])
    assert furnished.read("Demandes!A1") == [["a"]]


def test_names_and_ids_of_duplicates(api):
    assert [duplicate(api)["title"] for _ in range(2)] == ["Copy of Demandes", "Copy of Demandes 2"]
    assert duplicate(api)["index"] == 0
    for wrong in ({"newSheetId": 7}, {"newSheetId": -1}, {"newSheetName": "demandes"}):
        refused = api.refused({"duplicateSheet": {"sourceSheetId": 0, **wrong}})
        assert "already exists" in refused
    assert "No grid" in api.refused({"duplicateSheet": {"sourceSheetId": 9}})


def test_a_sheet_is_copied_into_another_spreadsheet(furnished, store):
    store.create({}, "autre")
    to = {"destinationSpreadsheetId": "autre"}
    made = furnished.call("POST", "/sheets/0:copyTo", to)
    assert (made["title"], made["index"]) == ("Copy of Demandes", 1)
    copied = furnished.client.get("/v4/spreadsheets/autre?includeGridData=true").json
    before = furnished.get(includeGridData=True)["sheets"][0]
    assert everything(copied["sheets"][1], made["sheetId"]) == everything(before, 0)
    for path, code, body in (
        ("/sheets/9:copyTo", 400, to),
        ("/sheets/x:copyTo", 400, to),
        ("/sheets/0:copyTo", 404, {"destinationSpreadsheetId": "nulle-part"}),
    ):
        furnished.call("POST", path, body, code=code)


def test_a_spreadsheet_is_copied_with_all_it_holds(furnished):
    furnished.batch({"addNamedRange": {"namedRange": {"name": "Lettres", "range": BOX}}})
    url = "/drive/v3/files/demo/copy"
    made = furnished.client.post(url, json={"name": "Copie"}).json
    assert made["name"] == "Copie"
    before = furnished.get(includeGridData=True)
    after = furnished.client.get(f"/v4/spreadsheets/{made['id']}?includeGridData=true").json
    for answer in (before, after):
        answer["properties"].pop("title")
        answer.pop("spreadsheetId")
        answer.pop("spreadsheetUrl")
    assert after == before
    assert furnished.client.post(url, json={}).json["name"] == "Copy of Essai"
    assert furnished.client.post(url, json={"parents": ["x"]}).status_code == 501
    assert furnished.client.post("/drive/v3/files/x/copy", json={}).status_code == 404


def test_a_copy_is_kept(tmp_path):
    store = Store(tmp_path / "books", clock=Clock())
    store.create({"title": "Un"}, "un")
    copy = store.copy("un", "Deux")
    store.delete("un")
    store.close()
    again = Store(tmp_path / "books")
    assert [file.book.properties["title"] for file in again.files()] == ["Deux"]
    assert again.file(copy.book.id).book.sheets[0].title == "Sheet1"
    again.close()


def test_there_are_no_comments(api):
    url = "/drive/v3/files/demo/comments"
    assert api.client.get(f"{url}?fields=comments/content").json == {"comments": []}
    assert "'fields' parameter" in api.client.get(url).json["error"]["message"]
    assert api.client.get("/drive/v3/files/x/comments?fields=comments").status_code == 404
    refused = api.client.post(f"{url}?fields=id", json={"content": "Bonjour"})
    assert "drive.comments.create" in refused.json["error"]["message"]
