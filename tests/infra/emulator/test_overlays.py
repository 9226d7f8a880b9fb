import pytest

BOX = {"startRowIndex": 0, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 2}
OTHER = {"sheetId": 7, **BOX}


def name(name_: str, range_: dict = BOX, **more) -> dict:
    return {"addNamedRange": {"namedRange": {"name": name_, "range": range_, **more}}}


def names(api) -> dict:
    named_ranges = api.get(fields="namedRanges").get("namedRanges", [])
    return {item["name"]: item["namedRangeId"] for item in named_ranges}


def test_a_range_is_named(api):
    range_ = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 2}
    reply = api.batch(name("Zone", range_))["replies"][0]["addNamedRange"]["namedRange"]
    assert int(reply.pop("namedRangeId")) > 0
    assert reply == {"name": "Zone", "range": {"startRowIndex": 0, "endRowIndex": 2}}  # recorded
    assert api.batch(name("autre", OTHER, namedRangeId="n-1"))
    assert names(api)["autre"] == "n-1"
    api.write("'Règles d''or'!B2", ["x"])
    assert api.read("autre") == [[], ["", "x"]]
    assert api.get(ranges="AUTRE")["sheets"][0]["properties"]["sheetId"] == 7


def test_an_id_is_given_once(api):
    api.batch(name("un", namedRangeId="n-1"))
    message = api.refused(name("deux", namedRangeId="n-1"))
    assert message == (
        "Invalid requests[0].addNamedRange: A named range with id n-1 already exists."
    )
    api.refused(name("vide", namedRangeId=""))
    api.refused(name("trois", namedRangeId="n-3"), name("quatre", namedRangeId="n-3"))
    assert list(names(api)) == ["un"]


@pytest.mark.parametrize(
    "wrong", ["UN", "", "deux mots", "1un", "A1", "R1C1", "true", "x" * 251, "un-deux", "$", "été!"]
)
def test_a_name_is_new_and_well_formed(api, wrong):
    api.batch(name("un"))
    assert api.refused(name(wrong)).startswith("Invalid requests[0].addNamedRange: ")


def test_a_name_needs_a_range_in_the_grid(api):
    api.refused({"addNamedRange": {"namedRange": {"name": "x"}}})
    assert "exceeds grid limits" in api.refused(name("x", {"endRowIndex": 21}))
    assert "No grid with id: 4" in api.refused(name("x", {"sheetId": 4}))


def test_a_named_range_changes_and_goes(api):
    api.batch(name("un", namedRangeId="n-1"), name("deux"))
    change = {"namedRangeId": "n-1", "name": "Un", "range": OTHER}
    api.batch({"updateNamedRange": {"namedRange": change, "fields": "name"}})
    assert api.get()["namedRanges"][0] == {"namedRangeId": "n-1", "name": "Un", "range": BOX}
    api.batch({"updateNamedRange": {"namedRange": change, "fields": "*"}})
    assert api.get()["namedRanges"][0] == change
    change["name"] = "deux"
    api.refused({"updateNamedRange": {"namedRange": change, "fields": "name"}})
    api.batch({"deleteNamedRange": {"namedRangeId": "n-1"}})
    assert list(names(api)) == ["deux"]
    assert "n-1" in api.refused({"deleteNamedRange": {"namedRangeId": "n-1"}})


def protect(**item) -> dict:
    return {"addProtectedRange": {"protectedRange": item}}


def protections(api, sheet: int = 0) -> list:
    mask = "sheets.protectedRanges"
    return api.get(fields=mask)["sheets"][sheet].get("protectedRanges", [])


def test_a_range_is_protected(api):
    editors = {"users": ["editeur@example.org"], "groups": []}
    item = {"range": OTHER, "description": "Système", "protectedRangeId": 3, "editors": editors}
    reply = api.batch(protect(**item))["replies"][0]["addProtectedRange"]["protectedRange"]
    editors.pop("groups")
    assert reply == item | {"requestingUserCanEdit": True}
    assert protections(api, 1) == [reply]
    assert protections(api, 0) == []
    api.write("'Règles d''or'!A1", ["le propriétaire écrit"])


def test_a_warning_has_no_editors(api):
    api.batch(protect(range={}, warningOnly=True, editors={"users": ["x"]}, protectedRangeId=1))
    assert protections(api) == [
        {"protectedRangeId": 1, "range": {}, "warningOnly": True, "requestingUserCanEdit": True}
    ]


def test_protections_change_and_go(api):
    api.batch(protect(range=BOX, protectedRangeId=1), protect(range=OTHER))
    assert "id 1 already exists" in api.refused(protect(range=OTHER, protectedRangeId=1))
    change = {"protectedRangeId": 1, "description": "d", "warningOnly": True}
    update = {"protectedRange": change, "fields": "description"}
    api.batch({"updateProtectedRange": update})
    assert protections(api)[0] == {
        "protectedRangeId": 1,
        "range": BOX,
        "description": "d",
        "requestingUserCanEdit": True,
    }
    change["range"] = OTHER
    api.refused({"updateProtectedRange": {"protectedRange": change, "fields": "range"}})
    api.batch({"deleteProtectedRange": {"protectedRangeId": 1}})
    assert protections(api) == []
    api.refused({"deleteProtectedRange": {"protectedRangeId": 1}})


def test_protections_that_are_not_modelled(api):
    api.refused(protect(description="x"))
    api.refused(protect(range={}, unprotectedRanges=[OTHER]))
    message = api.refused(protect(range=BOX, namedRangeId="x"), code=501)
    assert "ProtectedRange.namedRangeId" in message


def rule(text: str, *ranges: dict) -> dict:
    condition = {"type": "TEXT_EQ", "values": [{"userEnteredValue": text}]}
    color = {"backgroundColor": {"red": 1}}
    return {
        "ranges": list(ranges or [BOX]),
        "booleanRule": {"condition": condition, "format": color},
    }


def rules(api) -> list[str]:
    conditional_formats = api.get()["sheets"][0].get("conditionalFormats", [])
    return [
        r["booleanRule"]["condition"]["values"][0]["userEnteredValue"] for r in conditional_formats
    ]


def test_conditional_formats_are_ordered(api):
    def add(text: str, index: int) -> dict:
        return {"addConditionalFormatRule": {"rule": rule(text), "index": index}}

    api.batch(add("a", 0), add("b", 0), add("c", 2))
    assert rules(api) == ["b", "a", "c"]
    api.refused(add("d", 4))
    move = {"updateConditionalFormatRule": {"sheetId": 0, "index": 0, "newIndex": 2}}
    reply = api.batch(move)["replies"][0]["updateConditionalFormatRule"]
    assert (reply["oldIndex"], reply["newIndex"]) == (0, 2)
    assert rules(api) == ["a", "c", "b"]
    api.batch({"updateConditionalFormatRule": {"index": 1, "rule": rule("d")}})
    assert rules(api) == ["a", "d", "b"]
    delete = {"deleteConditionalFormatRule": {"sheetId": 0, "index": 1}}
    reply = api.batch(delete)["replies"][0]["deleteConditionalFormatRule"]["rule"]
    assert reply["booleanRule"]["format"]["backgroundColorStyle"] == {"rgbColor": {"red": 1}}
    assert rules(api) == ["a", "b"]
    delete["deleteConditionalFormatRule"]["index"] = 2
    api.refused(delete)


def test_a_rule_has_its_ranges_on_one_sheet_and_a_known_condition(api):
    api.refused({"addConditionalFormatRule": {"rule": rule("a", BOX, OTHER)}})
    wrong = rule("a")
    wrong["booleanRule"]["condition"]["type"] = "NUMBER_GREATER"
    message = api.refused({"addConditionalFormatRule": {"rule": wrong}}, code=501)
    assert "NUMBER_GREATER" in message


def test_the_format_of_a_cell_includes_what_its_rules_make_of_it(api):
    api.write("A1:A2", ["rouge"], ["autre"])
    blank = {"type": "BLANK"}
    bold = {"textFormat": {"bold": True}}
    blanks = {"ranges": [BOX], "booleanRule": {"condition": blank, "format": bold}}
    api.batch(
        {"addConditionalFormatRule": {"rule": rule("rouge")}},
        {"addConditionalFormatRule": {"rule": blanks}},
    )
    mask = "sheets.data.rowData.values.effectiveFormat(backgroundColor,textFormat.bold)"
    data = api.get(ranges="A1:C3", fields=mask)["sheets"][0]["data"][0]["rowData"]
    white = {"red": 1, "green": 1, "blue": 1}
    unseen = {"effectiveFormat": {"backgroundColor": white, "textFormat": {"bold": True}}}
    red = {"effectiveFormat": {"backgroundColor": {"red": 1}, "textFormat": {"bold": False}}}
    assert data == [{"values": [red, unseen]}, {"values": [{}, unseen]}]


def test_a_basic_filter_sorts_the_rows_below_its_header(api):
    api.write("A1:B4", ["Nom", ""], ["b", 2], ["a", 1], ["c", 3])
    specs = [{"dimensionIndex": 1, "sortOrder": "DESCENDING"}]
    filter_ = {"range": {"sheetId": 0, "startRowIndex": 0, "endColumnIndex": 2}, "sortSpecs": specs}
    api.batch({"setBasicFilter": {"filter": filter_}})
    assert [row[0] for row in api.read("A1:A4")] == ["Nom", "c", "b", "a"]
    assert api.get()["sheets"][0]["basicFilter"]["sortSpecs"] == specs
    api.batch({"clearBasicFilter": {"sheetId": 0}})
    assert "basicFilter" not in api.get()["sheets"][0]
    assert [row[0] for row in api.read("A1:A4")] == ["Nom", "c", "b", "a"]


def test_hiding_rows_with_a_basic_filter_is_not_modelled(api):
    filter_ = {"range": BOX, "criteria": {"0": {"hiddenValues": ["a"]}}}
    api.refused({"setBasicFilter": {"filter": filter_}}, code=501)
    assert "basicFilter" not in api.get()["sheets"][0]


def test_a_filter_view_is_kept_and_moves_nothing(api):
    api.write("A1:A3", ["Nom"], ["b"], ["a"])
    condition = {"type": "TEXT_EQ", "values": [{"userEnteredValue": "b"}]}
    spec = {"columnIndex": 1, "filterCriteria": {"condition": condition}}
    view = {
        "title": "Mes demandes",
        "filterViewId": 12,
        "range": BOX,
        "sortSpecs": [{"dimensionIndex": 0, "sortOrder": "ASCENDING"}],
        "filterSpecs": [spec],
    }
    reply = api.batch({"addFilterView": {"filter": view}})["replies"][0]["addFilterView"]["filter"]
    assert reply == view | {"criteria": {"1": {"condition": condition}}}
    assert api.get()["sheets"][0]["filterViews"] == [reply]
    assert api.read("A1:A3") == [["Nom"], ["b"], ["a"]]
    assert "id 12 already exists" in api.refused({"addFilterView": {"filter": view}})
    api.batch({"deleteFilterView": {"filterId": 12}})
    assert "filterViews" not in api.get()["sheets"][0]
    assert "12" in api.refused({"deleteFilterView": {"filterId": 12}})
    api.refused({"addFilterView": {"filter": {"namedRangeId": "x"}}}, code=501)


@pytest.mark.parametrize("spelling", ["criteria", "filterSpecs"])
def test_a_filter_view_changes_by_its_id(api, spelling):
    old = {"filterCriteria": {"hiddenValues": ["a"]}}
    sorted_by = [{"dimensionIndex": 0, "sortOrder": "ASCENDING"}]
    view = {"filterViewId": 12, "title": "Une vue", "range": BOX, "sortSpecs": sorted_by}
    api.batch({"addFilterView": {"filter": view | {"filterSpecs": [old]}}})
    blank = {"condition": {"type": "BLANK"}}
    criteria = {"1": blank}
    specs = [{"columnIndex": 1, "filterCriteria": blank}]
    new = {"criteria": criteria} if spelling == "criteria" else {"filterSpecs": specs}
    change = {"filterViewId": 12, "range": BOX | {"endRowIndex": 5}, "title": "Autre"} | new
    api.batch({"updateFilterView": {"filter": change, "fields": f"range,{spelling}"}})
    (answer,) = api.get()["sheets"][0]["filterViews"]
    assert answer == view | {
        "range": change["range"],
        "filterSpecs": specs,
        "criteria": criteria,
    }
    api.refused({"updateFilterView": {"filter": change}})
    api.refused({"updateFilterView": {"filter": change | {"range": OTHER}, "fields": "range"}})
    api.refused({"updateFilterView": {"filter": change | {"filterViewId": 3}, "fields": "title"}})


def write_as(api, user, row):
    """Write a cell of the first column, as somebody who says who they are."""
    cell = {"rows": [{"values": [{"userEnteredValue": {"stringValue": "x"}}]}]}
    start = {"sheetId": 7, "rowIndex": row, "columnIndex": 0}
    update = {"updateCells": cell | {"start": start, "fields": "userEnteredValue"}}
    headers = {"Authorization": user} if user else {}
    body = {"requests": [update]}
    return api.client.post(f"{api.url}:batchUpdate", json=body, headers=headers).status_code


def test_protections_stop_others_than_the_owner_and_their_editors(api):
    def protect(row, **more):
        span = {"sheetId": 7, "startRowIndex": row, "endRowIndex": row + 1}
        api.batch({"addProtectedRange": {"protectedRange": {"range": span, **more}}})

    protect(0)
    protect(1, warningOnly=True)
    protect(2, editors={"users": ["ana@example.org"]})

    assert [write_as(api, "ana@example.org", row) for row in range(4)] == [400, 200, 200, 200]
    assert [write_as(api, "", row) for row in range(4)] == [200] * 4
