import pytest

from infra.emulator import discovery, masks
from infra.emulator.errors import InvalidArgumentError

SHEETS, DRIVE = discovery.load("sheets.v4"), discovery.load("drive.v3")


def method(name):
    return next(m for api in (SHEETS, DRIVE) for m in api.methods if m.id.endswith(name))


@pytest.mark.parametrize(
    ("verb", "path", "name", "parameters"),
    [
        ("POST", "v4/spreadsheets", "spreadsheets.create", {}),
        ("GET", "v4/spreadsheets/x", "spreadsheets.get", {"spreadsheetId": "x"}),
        (
            "POST",
            "v4/spreadsheets/x:batchUpdate",
            "spreadsheets.batchUpdate",
            {"spreadsheetId": "x"},
        ),
        (
            "GET",
            "v4/spreadsheets/x/values:batchGet",
            "spreadsheets.values.batchGet",
            {"spreadsheetId": "x"},
        ),
        (
            "GET",
            "v4/spreadsheets/x/values/'a/b:c'!A1:B2",
            "spreadsheets.values.get",
            {"spreadsheetId": "x", "range": "'a/b:c'!A1:B2"},
        ),
        (
            "POST",
            "v4/spreadsheets/x/values/A1:B2:append",
            "spreadsheets.values.append",
            {"spreadsheetId": "x", "range": "A1:B2"},
        ),
        (
            "POST",
            "v4/spreadsheets/x/sheets/0:copyTo",
            "spreadsheets.sheets.copyTo",
            {"spreadsheetId": "x", "sheetId": "0"},
        ),
    ],
)
def test_paths_lead_to_methods(verb, path, name, parameters):
    method, path_parameters = SHEETS.match(verb, path)
    assert (method.id, path_parameters) == (f"sheets.{name}", parameters)
    assert method.write == (verb != "GET")


def test_other_paths_lead_nowhere():
    assert SHEETS.match("PUT", "v4/spreadsheets/x") is None
    assert SHEETS.match("GET", "v4/spreadsheets/x/y") is None
    assert SHEETS.match("GET", "drive/v3/files") is None
    assert DRIVE.match("GET", "drive/v3/files")[0].id == "drive.files.list"


def test_unknown_fields_are_refused_in_googles_words():
    body = {"requests": [{"addSheet": {"x": 1}}], "y": 2}
    with pytest.raises(InvalidArgumentError) as caught:
        SHEETS.check_request(method("spreadsheets.batchUpdate"), body)
    prefix = "Invalid JSON payload received. Unknown name"
    assert caught.value.message.splitlines() == [
        f"{prefix} \"x\" at 'requests[0].addSheet': Cannot find field.",
        f'{prefix} "y": Cannot find field.',
    ]


@pytest.mark.parametrize(
    ("properties", "fault"),
    [
        ({"sheetId": "1"}, "sheetId"),
        ({"sheetId": 2**31}, "sheetId"),
        ({"sheetId": 1.5}, "sheetId"),
        ({"title": 1}, "title"),
        ({"hidden": "true"}, "hidden"),
        ({"sheetType": "TABLE"}, "sheetType"),
        ({"gridProperties": []}, "gridProperties"),
        ({"tabColorStyle": {"rgbColor": {"red": "1"}}}, "tabColorStyle.rgbColor.red"),
    ],
)
def test_wrong_types_are_refused_with_their_place(properties, fault):
    body = {"requests": [{"addSheet": {"properties": properties}}]}
    place = f"Invalid value at 'requests\\[0\\].addSheet.properties.{fault}'"
    with pytest.raises(InvalidArgumentError, match=place):
        SHEETS.check_request(method("spreadsheets.batchUpdate"), body)


def test_a_long_integer_is_a_string():
    DRIVE.check_answer(method("files.get"), {"version": "12"})
    for wrong in (12, "1.5"):
        with pytest.raises(ValueError, match="version"):
            DRIVE.check_answer(method("files.get"), {"version": wrong})


def test_a_method_without_a_body_takes_none():
    SHEETS.check_request(method("spreadsheets.get"), {})
    with pytest.raises(InvalidArgumentError):
        SHEETS.check_request(method("spreadsheets.get"), {"a": 1})


def test_query_parameters_are_typed():
    query = [("ranges", "A1"), ("ranges", "B1"), ("includeGridData", "False"), ("fields", "*")]
    assert SHEETS.query(method("spreadsheets.get"), query) == {
        "ranges": ["A1", "B1"],
        "includeGridData": False,
        "fields": "*",
    }
    assert DRIVE.query(method("files.list"), [("pageSize", "10")]) == {"pageSize": 10}


@pytest.mark.parametrize(
    ("name", "pair"),
    [
        ("spreadsheets.get", ("range", "A1")),
        ("spreadsheets.get", ("spreadsheetId", "x")),
        ("spreadsheets.get", ("includeGridData", "yes")),
        ("values.get", ("valueRenderOption", "RAW")),
        ("files.list", ("pageSize", "x")),
    ],
)
def test_other_query_parameters_are_refused(name, pair):
    with pytest.raises(InvalidArgumentError, match=pair[0]):
        SHEETS.query(method(name), [pair])


def test_masks_are_checked_against_a_schema():
    SHEETS.check_mask(
        "Spreadsheet", masks.parse("sheets(properties.title,data.rowData.values.note)")
    )
    SHEETS.check_mask("BasicFilter", masks.parse("criteria.2.hiddenValues"))
    with pytest.raises(InvalidArgumentError, match=r"'sheets\.data\.cells'"):
        SHEETS.check_mask("Spreadsheet", masks.parse("sheets.data.cells"))
    with pytest.raises(InvalidArgumentError, match="title has no fields"):
        SHEETS.check_mask("SpreadsheetProperties", masks.parse("title.x"))


def test_null_members_mean_not_set():
    body = {"a": None, "b": [1, None, {"c": None, "d": 0}]}
    assert discovery.without_nulls(body) == {"b": [1, None, {"d": 0}]}
