def test_a_new_spreadsheet_answers_its_properties(api):
    """As recorded, but for our locale and sizes."""
    book = api.get()
    style = book["properties"].pop("defaultFormat")
    theme = book["properties"].pop("spreadsheetTheme")
    assert style["backgroundColor"] == {"red": 1, "green": 1, "blue": 1}
    assert style["textFormat"]["foregroundColorStyle"] == {"rgbColor": {}}
    assert [color["colorType"] for color in theme["themeColors"]][:3] == [
        "TEXT",
        "BACKGROUND",
        "ACCENT1",
    ]
    size = {"rowCount": 20, "columnCount": 8}
    grid = {"sheetType": "GRID", "gridProperties": size}
    assert book == {
        "spreadsheetId": "demo",
        "properties": {
            "title": "Essai",
            "locale": "fr_FR",
            "autoRecalc": "ON_CHANGE",
            "timeZone": "Europe/Paris",
        },
        "sheets": [
            # recorded: SheetProperties include a sheetId of 0
            {"properties": {"sheetId": 0, "title": "Demandes", "index": 0, **grid}},
            {"properties": {"sheetId": 7, "title": "Règles d'or", "index": 1, **grid}},
        ],
        "spreadsheetUrl": "https://docs.google.com/spreadsheets/d/demo/edit",
    }


def test_grid_data_comes_on_request(api):
    api.write("A1", ["a"])
    assert "data" not in api.get(includeGridData="false")["sheets"][0]
    data = api.get(includeGridData="true")["sheets"][0]["data"]
    assert len(data) == 1
    assert data[0]["rowData"] == [
        {
            "values": [
                {
                    "userEnteredValue": {"stringValue": "a"},
                    "effectiveValue": {"stringValue": "a"},
                    "formattedValue": "a",
                }
            ]
        }
    ]
    assert len(data[0]["rowMetadata"]) == 20
    assert data[0]["columnMetadata"] == [{"pixelSize": 100}] * 8


def test_a_mask_alone_decides_whether_there_is_grid_data(api):
    api.write("A1", ["a"])
    mask = "sheets.data.rowData.values.formattedValue"
    sheets = api.get(fields=mask, includeGridData="false")["sheets"]
    assert sheets[0]["data"] == [{"rowData": [{"values": [{"formattedValue": "a"}]}]}]
    sheets = api.get(fields="sheets.properties.title", includeGridData="true")["sheets"]
    assert sheets == [
        {"properties": {"title": "Demandes"}},
        {"properties": {"title": "Règles d'or"}},
    ]
    assert "data" in api.get(fields="*")["sheets"][0]


def test_ranges_limit_sheets_and_cells(api):
    api.write("A1:C3", [1, 2, 3], [4, 5, 6], [7, 8, 9])
    mask = "sheets(properties.title,data(startRow,startColumn,rowData.values.formattedValue))"
    sheets = api.get(ranges=["B2:C9", "A1"], fields=mask)["sheets"]
    assert sheets == [
        {
            "properties": {"title": "Demandes"},
            "data": [
                {
                    "startRow": 1,
                    "startColumn": 1,
                    "rowData": [
                        {"values": [{"formattedValue": "5"}, {"formattedValue": "6"}]},
                        {"values": [{"formattedValue": "8"}, {"formattedValue": "9"}]},
                    ],
                },
                {"rowData": [{"values": [{"formattedValue": "1"}]}]},
            ],
        }
    ]
    assert api.call("GET", ranges="Inconnu", code=400)["error"]["message"] == (
        "Unable to parse range: Inconnu"
    )


def test_empty_cells_and_rows_at_the_end_are_left_out(api):
    """As recorded with notes: nothing at all is an empty GridData, gaps are empty objects."""
    mask = "sheets.data.rowData.values.note"
    assert api.get(fields=mask, ranges="Demandes") == {"sheets": [{"data": [{}]}]}
    cell = {"note": "n"}
    for row, column in ((0, 0), (2, 1)):
        start = {"sheetId": 0, "rowIndex": row, "columnIndex": column}
        change = {"start": start, "rows": [{"values": [cell]}], "fields": "note"}
        api.batch({"updateCells": change})
    data = api.get(fields=mask, ranges="Demandes")["sheets"][0]["data"]
    assert data == [{"rowData": [{"values": [cell]}, {}, {"values": [{}, cell]}]}]


def test_formulas_are_kept_and_not_computed(api):
    api.write("A1", ["=1+1"])
    cell = api.cell("A1", "userEnteredValue,effectiveValue,formattedValue")
    assert cell["userEnteredValue"] == {"formulaValue": "=1+1"}
    assert cell["formattedValue"] == "#ERROR!"
    assert cell["effectiveValue"]["errorValue"]["type"] == "ERROR"
    assert "computes no formulas" in cell["effectiveValue"]["errorValue"]["message"]


def test_dates_are_numbers_shown_as_dates(api):
    cell = {
        "userEnteredValue": {"numberValue": 46387.5},
        "userEnteredFormat": {"numberFormat": {"type": "DATE_TIME", "pattern": "dd/mm/yyyy hh:mm"}},
    }
    start = {"sheetId": 0}
    api.batch({"updateCells": {"start": start, "rows": [{"values": [cell]}], "fields": "*"}})
    cell = api.cell("A1")
    assert cell["formattedValue"] == "31/12/2026 12:00"
    assert cell["effectiveValue"] == {"numberValue": 46387.5}
    assert cell["effectiveFormat"]["numberFormat"]["type"] == "DATE_TIME"


def test_a_mask_reaches_into_formats(api):
    cell = {"userEnteredFormat": {"backgroundColor": {"red": 1}, "wrapStrategy": "WRAP"}}
    change = {"range": {"sheetId": 0, "endRowIndex": 1}, "cell": cell, "fields": "*"}
    api.batch({"repeatCell": change})
    assert api.cell("A1", "userEnteredFormat.backgroundColor.red") == {
        "userEnteredFormat": {"backgroundColor": {"red": 1}}
    }


def test_a_mask_that_names_nothing_there_answers_nothing(api):
    assert api.get(fields="namedRanges") == {}
    assert api.get(fields="sheets.bandedRanges") == {"sheets": [{}, {}]}
    refused = api.call("GET", fields="sheets.feuilles", code=400)["error"]["message"]
    assert "'sheets.feuilles'" in refused
