import pytest


def titles(api) -> list[str]:
    return [sheet["properties"]["title"] for sheet in api.get(fields="sheets.properties")["sheets"]]


def properties(api, title: str) -> dict:
    sheets = api.get(fields="sheets.properties")["sheets"]
    return next(s["properties"] for s in sheets if s["properties"]["title"] == title)


def span(dimension: str, start: int, end: int, sheet: int = 0) -> dict:
    return {"sheetId": sheet, "dimension": dimension, "startIndex": start, "endIndex": end}


def test_a_new_sheet_gets_what_it_does_not_ask_for(api):
    reply = api.batch({"addSheet": {}})["replies"][0]["addSheet"]["properties"]
    assert reply["sheetId"] > 0
    assert reply | {"sheetId": 1} == {
        "sheetId": 1,
        "title": "Sheet1",
        "index": 2,
        "sheetType": "GRID",
        "gridProperties": {"rowCount": 1000, "columnCount": 26},  # recorded
    }


def test_a_new_sheet_is_as_asked_for(api):
    asked = {
        "sheetId": 42,
        "title": "Suivi",
        "index": 1,
        "hidden": True,
        "tabColor": {"red": 1},
        "gridProperties": {"rowCount": 5, "columnCount": 3, "frozenRowCount": 1},
    }
    api.batch({"addSheet": {"properties": asked}})
    assert titles(api) == ["Demandes", "Suivi", "Règles d'or"]
    tab_properties = properties(api, "Suivi")
    assert tab_properties == asked | {
        "sheetType": "GRID",
        "tabColorStyle": {"rgbColor": {"red": 1}},
    }


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"sheetId": 7}, "A sheet with id 7 already exists."),
        ({"title": "DEMANDES"}, 'A sheet with the name "DEMANDES" already exists. Please enter'),
        ({"title": "x" * 101}, "100 characters"),
        ({"index": 5}, "index"),
        ({"gridProperties": {"rowCount": 0}}, "at least one row"),
        ({"gridProperties": {"rowCount": 10**6, "columnCount": 11}}, "above the limit of 10000000"),
    ],
)
def test_sheets_that_cannot_be_are_refused(api, asked, message):
    refused = api.refused({"addSheet": {"properties": asked}})
    assert refused.startswith("Invalid requests[0].addSheet: ")
    assert message in refused
    assert len(titles(api)) == 2


def test_a_sheet_that_is_no_grid_is_not_implemented(api):
    assert "OBJECT" in api.refused({"addSheet": {"properties": {"sheetType": "OBJECT"}}}, code=501)


def test_deleting_a_sheet_takes_its_named_ranges(api):
    api.batch(
        {"addNamedRange": {"namedRange": {"name": "ici", "range": {"sheetId": 0}}}},
        {"addNamedRange": {"namedRange": {"name": "ailleurs", "range": {"sheetId": 7}}}},
        {"deleteSheet": {"sheetId": 7}},
    )
    assert titles(api) == ["Demandes"]
    assert [named["name"] for named in api.get(fields="namedRanges")["namedRanges"]] == ["ici"]


def test_the_last_sheet_and_the_last_visible_one_stay(api):
    message = api.refused({"deleteSheet": {"sheetId": 0}}, {"deleteSheet": {"sheetId": 7}})
    assert message == (
        "Invalid requests[1].deleteSheet: You can't remove all the sheets in a document."
    )
    hide = [
        {
            "updateSheetProperties": {
                "properties": {"sheetId": i, "hidden": True},
                "fields": "hidden",
            }
        }
        for i in (0, 7)
    ]
    assert "You can't hide all the sheets in a document." in api.refused(*hide)
    assert api.refused({"deleteSheet": {"sheetId": 99}}).endswith("No grid with id: 99")


def update(fields: str, **changed) -> dict:
    return {"updateSheetProperties": {"properties": {"sheetId": 0, **changed}, "fields": fields}}


def test_sheet_properties_change_as_the_mask_says(api):
    api.batch(update("title,hidden", title="Arrivées", hidden=False, index=1))
    assert titles(api) == ["Arrivées", "Règles d'or"]
    api.batch(update("tabColorStyle", tabColorStyle={"rgbColor": {"blue": 1}}))
    assert properties(api, "Arrivées")["tabColor"] == {"blue": 1}
    api.batch(update("tabColor"))
    assert "tabColor" not in properties(api, "Arrivées")
    api.batch(update("gridProperties.frozenRowCount", gridProperties={"frozenRowCount": 2}))
    assert properties(api, "Arrivées")["gridProperties"] == {
        "rowCount": 20,
        "columnCount": 8,
        "frozenRowCount": 2,
    }


@pytest.mark.parametrize(
    "change",
    [
        update("title", title="Règles d'or"),
        update("title", title=""),
        update("title"),
        update("sheetType", sheetType="OBJECT"),
        update("gridProperties.rowCount", gridProperties={"rowCount": 0}),
        update("gridProperties.frozenRowCount", gridProperties={"frozenRowCount": 20}),
        update("gridProperties.frozenRowCount", gridProperties={"frozenRowCount": -1}),
        update("gridProperties.frozenColumnCount", gridProperties={"frozenColumnCount": -1}),
        update("", title="x"),
        update("titre", title="x"),
    ],
)
def test_impossible_sheet_properties_are_refused(api, change):
    assert api.refused(change).startswith("Invalid requests[0].updateSheetProperties: ")


def test_places_are_counted_before_the_move(api):
    for title in ("c", "d"):
        api.batch({"addSheet": {"properties": {"title": title}}})
    api.batch(update("index", index=2))
    assert titles(api) == ["Règles d'or", "Demandes", "c", "d"]
    api.batch(update("index", index=0))
    assert titles(api) == ["Demandes", "Règles d'or", "c", "d"]
    api.batch(update("index", index=4))
    assert titles(api)[-1] == "Demandes"


def test_a_sheet_is_cut_and_grown_at_its_end(api):
    api.write("A1:B3", ["a", "b"], ["c", "d"], ["e", "f"])
    size = {"gridProperties": {"rowCount": 2, "columnCount": 1}}
    api.batch(update("gridProperties(rowCount,columnCount)", **size))
    assert api.read("Demandes") == [["a"], ["c"]]
    size = {"gridProperties": {"rowCount": 4, "columnCount": 3}}
    api.batch(update("gridProperties/rowCount,gridProperties/columnCount", **size))  # as gspread
    assert properties(api, "Demandes")["gridProperties"] == size["gridProperties"]
    assert api.read("Demandes") == [["a"], ["c"]]


def test_the_spreadsheet_itself_changes(api):
    change = {"properties": {"title": "Neuf", "locale": "en_US"}, "fields": "title,locale"}
    api.batch({"updateSpreadsheetProperties": change})
    book_properties = api.get()["properties"]
    assert (book_properties["title"], book_properties["locale"], book_properties["timeZone"]) == (
        "Neuf",
        "en_US",
        "Europe/Paris",
    )
    change = {"properties": {}, "fields": "title"}
    assert "title" in api.refused({"updateSpreadsheetProperties": change})
    for name in ("spreadsheetTheme", "iterativeCalculationSettings"):
        change = {"properties": {name: {}}, "fields": name}
        assert name in api.refused({"updateSpreadsheetProperties": change}, code=501)
    change = {"properties": {"locale": "de_DE"}, "fields": "locale"}
    assert "de_DE" in api.refused({"updateSpreadsheetProperties": change}, code=501)


RED = {"userEnteredFormat": {"backgroundColorStyle": {"rgbColor": {"red": 1}}}}
BLUE = {"userEnteredFormat": {"backgroundColorStyle": {"rgbColor": {"blue": 1}}}}


@pytest.mark.parametrize("dimension", ["ROWS", "COLUMNS"])
@pytest.mark.parametrize(("before", "color"), [(True, "red"), (False, "blue")])
def test_inserted_cells_look_like_their_neighbours(api, dimension, before, color):
    places = (
        ({"rowIndex": 1}, {"rowIndex": 2})
        if dimension == "ROWS"
        else (
            {"columnIndex": 1},
            {"columnIndex": 2},
        )
    )
    api.write("A1:C3", [1, 2, 3], [4, 5, 6], [7, 8, 9])
    api.batch(
        *[
            {"updateCells": {"start": p, "rows": [{"values": [c]}], "fields": "userEnteredFormat"}}
            for p, c in zip(places, (RED, BLUE), strict=True)
        ],
        {"insertDimension": {"range": span(dimension, 2, 4), "inheritFromBefore": before}},
    )
    new = ("A3", "A4") if dimension == "ROWS" else ("C1", "D1")
    for cell in new:
        neighbour = api.cell(cell)
        assert color in neighbour["userEnteredFormat"]["backgroundColor"]
        assert "userEnteredValue" not in neighbour
    assert api.read("A5") == [["7"]] if dimension == "ROWS" else api.read("E1") == [["3"]]


def test_insertions_are_within_the_grid(api):
    insert = {"insertDimension": {"range": span("ROWS", 0, 1), "inheritFromBefore": True}}
    assert "inheritFromBefore" in api.refused(insert)
    for start, end in ((21, 22), (3, 3), (-1, 2)):
        api.refused({"insertDimension": {"range": span("ROWS", start, end)}})
    api.refused({"insertDimension": {"range": {"sheetId": 0, "dimension": "ROWS", "endIndex": 1}}})
    api.refused({"insertDimension": {"range": {"startIndex": 0, "endIndex": 1}}})
    refusal = api.refused({"insertDimension": {"range": span("ROWS", 20, 22)}})
    assert "must be less than the grid size[20] if inheritFromBefore is false" in refusal
    api.batch({"insertDimension": {"range": span("ROWS", 20, 22), "inheritFromBefore": True}})
    assert properties(api, "Demandes")["gridProperties"]["rowCount"] == 22


def test_deleted_rows_and_columns_are_gone(api):
    api.write("A1:C3", [1, 2, 3], [4, 5, 6], [7, 8, 9])
    api.batch(
        {"deleteDimension": {"range": span("ROWS", 1, 2)}},
        {"deleteDimension": {"range": span("COLUMNS", 0, 1)}},
    )
    assert api.read("Demandes") == [["2", "3"], ["8", "9"]]
    assert properties(api, "Demandes")["gridProperties"] == {"rowCount": 19, "columnCount": 7}


def test_a_sheet_keeps_a_row_that_is_not_frozen(api):
    delete = {"deleteDimension": {"range": {"sheetId": 0, "dimension": "ROWS"}}}
    assert "can't delete all the rows" in api.refused(delete)
    api.batch(update("gridProperties.frozenRowCount", gridProperties={"frozenRowCount": 1}))
    delete = {"deleteDimension": {"range": span("ROWS", 1, 20)}}
    assert "all non-frozen rows" in api.refused(delete)
    assert "[0, 21)" in api.refused({"deleteDimension": {"range": span("ROWS", 0, 21)}})


def test_rows_are_appended_empty(api):
    api.batch({"appendDimension": {"sheetId": 0, "dimension": "ROWS", "length": 5}})
    assert properties(api, "Demandes")["gridProperties"]["rowCount"] == 25
    api.refused({"appendDimension": {"sheetId": 0, "dimension": "ROWS", "length": 0}})


@pytest.mark.parametrize(
    ("start", "end", "to", "result"),
    [(0, 1, 3, "bcad"), (2, 4, 0, "cdab"), (1, 3, 2, "abcd"), (0, 2, 4, "cdab"), (3, 4, 1, "adbc")],
)
@pytest.mark.parametrize("dimension", ["ROWS", "COLUMNS"])
def test_rows_and_columns_move(api, dimension, start, end, to, result):
    values = [[letter] for letter in "abcd"] if dimension == "ROWS" else [list("abcd")]
    api.write("A1:D4", *values)
    move = {"source": span(dimension, start, end), "destinationIndex": to}
    api.batch({"moveDimension": move})
    assert "".join(cell for row in api.read("A1:D4") for cell in row) == result
    api.refused({"moveDimension": move | {"destinationIndex": 21}})


def test_rows_and_columns_have_sizes_and_can_be_hidden(api):
    def change(dimension: str, fields: str, **new) -> dict:
        arguments = {"range": span(dimension, 1, 3), "properties": new, "fields": fields}
        return {"updateDimensionProperties": arguments}

    api.batch(
        change("ROWS", "pixelSize", pixelSize=50),
        change("COLUMNS", "hiddenByUser", hiddenByUser=True),
    )
    api.refused(change("ROWS", "pixelSize", pixelSize=-1))
    mask = "sheets.data(rowMetadata,columnMetadata)"
    data = api.get(ranges="Demandes!A1:D4", fields=mask)["sheets"][0]["data"][0]
    assert [row["pixelSize"] for row in data["rowMetadata"]] == [21, 50, 50, 21]
    assert [column.get("hiddenByUser") for column in data["columnMetadata"]] == [
        None,
        True,
        True,
        None,
    ]
    api.batch(change("COLUMNS", "hiddenByUser", hiddenByUser=False))
    data = api.get(ranges="Demandes!B1", fields=mask)["sheets"][0]["data"][0]
    assert data["columnMetadata"] == [{"pixelSize": 100}]
    message = api.refused(change("ROWS", "developerMetadata"), code=501)
    assert "DimensionProperties.developerMetadata" in message


def test_everything_that_names_a_range_follows_its_rows(api):
    box = {"startRowIndex": 2, "endRowIndex": 5, "startColumnIndex": 2, "endColumnIndex": 4}
    elsewhere = {"sheetId": 7, "startRowIndex": 2, "endRowIndex": 5}
    rule = {"ranges": [box], "booleanRule": {"condition": {"type": "BLANK"}, "format": {}}}
    view = {
        "range": box,
        "filterViewId": 5,
        "sortSpecs": [{"dimensionIndex": 3, "sortOrder": "ASCENDING"}],
        "criteria": {"2": {"hiddenValues": ["x"]}},
    }
    api.batch(
        {"addNamedRange": {"namedRange": {"name": "ici", "range": box}}},
        {"addNamedRange": {"namedRange": {"name": "ailleurs", "range": elsewhere}}},
        {"addProtectedRange": {"protectedRange": {"range": {}, "unprotectedRanges": [box]}}},
        {"addConditionalFormatRule": {"rule": rule}},
        {"setBasicFilter": {"filter": {"range": box}}},
        {"addFilterView": {"filter": view}},
        {"insertDimension": {"range": span("ROWS", 0, 1)}},
        {"insertDimension": {"range": span("COLUMNS", 3, 4)}},
    )
    moved = {"startRowIndex": 3, "endRowIndex": 6, "startColumnIndex": 2, "endColumnIndex": 5}
    book = api.get()
    sheet = book["sheets"][0]
    assert [named["range"] for named in book["namedRanges"]] == [moved, elsewhere]
    assert sheet["protectedRanges"][0]["range"] == {}
    assert sheet["protectedRanges"][0]["unprotectedRanges"] == [moved]
    assert sheet["conditionalFormats"][0]["ranges"] == [moved]
    assert sheet["basicFilter"]["range"] == moved
    view = sheet["filterViews"][0]
    assert (view["range"], view["sortSpecs"][0]["dimensionIndex"]) == (moved, 4)
    assert view["criteria"] == {"2": {"hiddenValues": ["x"]}}
    assert view["filterSpecs"][0]["columnIndex"] == 2

    api.batch({"deleteDimension": {"range": span("COLUMNS", 4, 5)}})
    view = api.get()["sheets"][0]["filterViews"][0]
    assert "sortSpecs" not in view
    assert view["range"]["endColumnIndex"] == 4

    api.batch({"deleteDimension": {"range": span("ROWS", 3, 6)}})
    book = api.get()
    assert [named["name"] for named in book["namedRanges"]] == ["ailleurs"]
    assert set(book["sheets"][0]) == {"properties", "protectedRanges"}
    assert "unprotectedRanges" not in book["sheets"][0]["protectedRanges"][0]
