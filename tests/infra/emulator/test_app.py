import pytest
from flask import Response
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client

from infra.emulator import app as app_module
from infra.emulator import discovery, methods
from infra.emulator.app import create_app
from infra.emulator.cellvalues import Place
from infra.emulator.errors import ApiError


def test_a_spreadsheet_that_is_not_there(client):
    answer = client.get("/v4/spreadsheets/nulle-part")
    assert answer.status_code == 404
    assert answer.json == {
        "error": {
            "code": 404,
            "message": "Requested entity was not found.",
            "status": "NOT_FOUND",
        }
    }


@pytest.mark.parametrize("path", ["/", "/v4", "/v4/spreadsheet", "/v4/spreadsheets/demo/x/y"])
def test_a_path_that_is_not_there(client, path):
    answer = client.get(path)
    assert (answer.status_code, answer.json["error"]["status"]) == (404, "NOT_FOUND")
    assert client.options("/v4/spreadsheets").status_code in {200, 405}


def test_answers_are_compact_json_in_utf_8(api):
    answer = api.client.get("/v4/spreadsheets/demo?fields=sheets.properties.title")
    assert answer.content_type == "application/json; charset=UTF-8"
    titles = '[{"properties":{"title":"Demandes"}},{"properties":{"title":"Règles d\'or"}}]'
    assert answer.get_data(as_text=True) == f'{{"sheets":{titles}}}'


def test_a_method_that_is_not_implemented_is_refused_by_name(api):
    answer = api.call("POST", "/developerMetadata:search", {}, code=501)
    assert answer["error"] == {
        "code": 501,
        "message": (
            "The local Sheets API does not implement the method "
            "sheets.spreadsheets.developerMetadata.search."
        ),
        "status": "UNIMPLEMENTED",
    }


@pytest.mark.parametrize(
    ("query", "code", "name"),
    [
        ({"inconnu": "1"}, 400, "inconnu"),
        ({"excludeTablesInBandedRanges": "true"}, 501, "excludeTablesInBandedRanges"),
        ({"callback": "f"}, 501, "callback"),
        ({"alt": "media"}, 501, "alt=media"),
        ({"fields": "sheets("}, 400, "sheets("),
    ],
)
def test_a_parameter_that_is_unknown_or_not_implemented_is_refused(api, query, code, name):
    assert name in api.call("GET", code=code, **query)["error"]["message"]


def test_numbers_that_are_too_large_are_refused(api):
    cell = '{"userEnteredValue": {"numberValue": 1e999}}'
    change = f'{{"start": {{}}, "rows": [{{"values": [{cell}]}}], "fields": "*"}}'
    body = f'{{"requests": [{{"updateCells": {change}}}]}}'
    answer = api.client.post("/v4/spreadsheets/demo:batchUpdate", data=body)
    assert (answer.status_code, answer.json["error"]["status"]) == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize("number", ["1e999", "-1e999", "9" * 400])
def test_a_number_that_no_cell_holds_is_refused_everywhere(api, number):
    url = "/v4/spreadsheets/demo/values/A1?valueInputOption=RAW"
    answer = api.client.put(url, data=f'{{"values": [[{number}]]}}')
    assert (answer.status_code, answer.json["error"]["status"]) == (400, "INVALID_ARGUMENT")


def test_a_whole_number_is_whole_however_it_is_written(api):
    span = '{"sheetId": 0.0, "dimension": "ROWS", "startIndex": 1.0, "endIndex": 2e0}'
    body = f'{{"requests": [{{"deleteDimension": {{"range": {span}}}}}]}}'
    assert api.client.post("/v4/spreadsheets/demo:batchUpdate", data=body).status_code == 200


def test_parameters_that_change_nothing_are_taken(api):
    assert "data" not in api.get(fields="")["sheets"][0]
    api.get(alt="json", prettyPrint="false", key="k", quotaUser="u")


@pytest.mark.parametrize(
    "body",
    [
        *["{", "[]", '"x"', '{"requests": NaN}', '{"requests": [{"addSheet": 1e999}]}'],
        '{"requests": ' + "[" * 20_000 + "]" * 20_000 + "}",
        '{"requests": [{"addSheet": {"properties": {"title": "\\ud800"}}}]}',
        '{"requests": [{"appendDimension": {"dimension": "ROWS", "length": 1.5}}]}',
    ],
    ids=str.__len__,
)
def test_a_body_that_is_no_object_of_json_is_refused(api, body):
    answer = api.client.post("/v4/spreadsheets/demo:batchUpdate", data=body)
    assert (answer.status_code, answer.json["error"]["status"]) == (400, "INVALID_ARGUMENT")


def test_unknown_fields_are_refused_before_anything_is_done(api):
    answer = api.batch({"addSheet": {}}, {"addSheet": {"titre": "x"}}, code=400)
    assert answer["error"]["message"] == (
        "Invalid JSON payload received. Unknown name \"titre\" at 'requests[1].addSheet': "
        "Cannot find field."
    )
    assert len(api.get()["sheets"]) == 2


def test_a_null_means_not_set(api):
    properties = {"sheetId": 0, "tabColorStyle": {"rgbColor": None}}
    change = {"properties": properties, "fields": "tabColorStyle"}
    api.batch({"updateSheetProperties": change})  # as gspread clears a colour
    assert "rgbColor" not in api.get()["sheets"][0]["properties"].get("tabColorStyle", {})


def test_a_spreadsheet_is_created(client):
    sheets = [
        {"properties": {"title": "Un", "tabColor": {"red": 1}}},
        {"properties": {"title": "Deux", "sheetId": 5}},
    ]
    body = {"properties": {"title": "Neuf", "locale": "fr_FR"}, "sheets": sheets}
    made = client.post("/v4/spreadsheets", json=body).json
    assert made["properties"]["title"] == "Neuf"
    assert [sheet["properties"]["title"] for sheet in made["sheets"]] == ["Un", "Deux"]
    assert made["sheets"][0]["properties"]["tabColorStyle"] == {"rgbColor": {"red": 1}}
    assert client.get(f"/v4/spreadsheets/{made['spreadsheetId']}").json == made
    for more in ({"namedRanges": []}, {"sheets": [{"data": []}]}):
        answer = client.post("/v4/spreadsheets", json=more)
        assert answer.status_code == 501
        assert next(iter(more)) in answer.text


def test_an_answer_that_google_could_not_send_is_a_bug(api, monkeypatch):
    wrong = {"sheets.spreadsheets.get": ("", lambda _store, _call: {"x": 1})}
    monkeypatch.setattr(app_module, "_METHODS", wrong)
    answer = api.call("GET", code=500)["error"]
    assert answer["status"] == "INTERNAL"
    assert "'x' was unexpected" in answer["message"]


def test_the_gate_knows_every_call_and_may_refuse_it(store):
    calls = []

    def gate(call, proceed):
        calls.append((call.method, call.write))
        if "quota" in call.query.get("quotaUser", ""):
            message = "Quota exceeded"
            raise ApiError(message, code=429, status="RESOURCE_EXHAUSTED", details=[{"a": 1}])
        answer = proceed()
        if call.query.get("quotaUser") == "lost":
            return Response(status=503)
        return answer

    store.create({}, "demo")
    client = create_app(store, gate=gate).test_client()
    url = "/v4/spreadsheets/demo"
    assert client.get(url).status_code == 200
    refused = client.post(
        f"{url}:batchUpdate?quotaUser=quota", json={"requests": [{"addSheet": {}}]}
    )
    assert refused.json["error"] == {
        "code": 429,
        "message": "Quota exceeded",
        "status": "RESOURCE_EXHAUSTED",
        "details": [{"a": 1}],
    }
    assert len(store.file("demo").book.sheets) == 1
    lost = client.post(f"{url}:batchUpdate?quotaUser=lost", json={"requests": [{"addSheet": {}}]})
    assert lost.status_code == 503
    assert len(store.file("demo").book.sheets) == 2
    client.get("/drive/v3/files")
    client.get(f"{url}?inconnu=1")  # is refused before the gate
    assert calls == [
        ("sheets.spreadsheets.get", False),
        ("sheets.spreadsheets.batchUpdate", True),
        ("sheets.spreadsheets.batchUpdate", True),
        ("drive.files.list", False),
    ]


def test_a_gate_may_settle_where_an_append_goes(store):
    def gate(call, proceed):
        if call.method.endswith("append"):
            return proceed(call._replace(place=Place(top=4, left=1, table=None)))
        return proceed()

    store.create({}, "demo")
    client = create_app(store, gate=gate).test_client()
    url = "/v4/spreadsheets/demo/values/A1"
    client.post(f"{url}:append?valueInputOption=RAW", json={"values": [["x"]]})
    assert client.get(f"{url}:C9").json["values"] == [[], [], [], [], ["", "x"]]


def test_a_gate_knows_who_calls_and_may_answer_headers(store):
    users = []

    def gate(call, _proceed):
        users.append(call.user)
        raise ApiError("Later", code=429, headers={"Retry-After": "7"})

    client = create_app(store, gate=gate).test_client()
    url = "/v4/spreadsheets/demo"
    answer = client.get(url, headers={"Authorization": "Bearer x"})
    assert answer.headers["Retry-After"] == "7"
    client.get(f"{url}?quotaUser=moi", headers={"Authorization": "Bearer x"})
    client.get(url)
    assert users == ["Bearer x", "moi", ""]


def test_a_gate_may_refuse_permission(store):
    def gate(_call, _proceed):
        message = "The caller does not have permission"
        raise ApiError(message, code=403, status="PERMISSION_DENIED")

    store.create({}, "demo")
    answer = create_app(store, gate=gate).test_client().get("/v4/spreadsheets/demo")
    assert answer.status_code == 403
    assert answer.json == {  # recorded
        "error": {
            "code": 403,
            "message": "The caller does not have permission",
            "status": "PERMISSION_DENIED",
        }
    }


def test_the_api_may_be_mounted_behind_a_prefix(store):
    store.create({}, "demo")
    mounted = DispatcherMiddleware(lambda *_: [], {"/google": create_app(store)})
    answer = Client(mounted).get("/google/v4/spreadsheets/demo?fields=spreadsheetId")
    assert answer.json == {"spreadsheetId": "demo"}
    answer = Client(mounted).get("/google/drive/v3/files/nulle-part")
    assert answer.json["error"]["errors"][0]["reason"] == "notFound"


def test_a_title_may_hold_anything(api):
    title = "a//b?c:append #1 100% l'été"
    api.batch({"addSheet": {"properties": {"title": title}}})
    quoted = "%27a%2F%2Fb%3Fc%3Aappend%20%231%20100%25%20l%27%27%C3%A9t%C3%A9%27"
    api.write(f"{quoted}%21A1", ["x"])
    assert api.read(f"{quoted}%21A1:B2") == [["x"]]
    assert api.read(quoted) == [["x"]]


def test_every_method_is_one_of_googles():
    apis = [discovery.load("sheets.v4"), discovery.load("drive.v3")]
    declared = {method.id: method for api in apis for method in api.methods}
    for name, (parameters, _) in app_module._METHODS.items():
        assert set(parameters.split()) <= set(declared[name].parameters), name
    assert len(methods.METHODS) == 11
