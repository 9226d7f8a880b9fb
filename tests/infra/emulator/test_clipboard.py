import pytest

from tests.infra.emulator.test_cells import ALL, RULE, box, text, write


def paste(source: dict, destination: dict, **more) -> dict:
    return {"copyPaste": {"source": source, "destination": destination, **more}}


def test_rows_are_copied_to_another_sheet_with_all_they_hold(api):
    api.write("A1:C2", ["a", "", "31/12/2026"], ["b", 1, 2])
    api.batch(
        {"setDataValidation": {"range": box(0, 1, 1, 2), "rule": RULE}},
        paste(box(0, 2, 0, 3), box(4, 6, 0, 3, sheet=7)),
    )
    assert api.read("'Règles d''or'!A5:C6") == [["a", "", "31/12/2026"], ["b", "1", "2"]]
    assert api.cell("'Règles d''or'!B5", ALL) == {"dataValidation": RULE}
    assert api.read("A1:C2")[0][0] == "a"


@pytest.mark.parametrize(
    ("destination", "result"),
    [
        (box(4, 5, 0, 1), ["ab", "cd"]),  # smaller than the source: copied once
        (box(4, 8, 0, 2), ["ab", "cd", "ab", "cd"]),
        (box(4, 6, 0, 4), ["abab", "cdcd"]),
        (box(4, 7, 0, 3), ["ab", "cd"]),  # no multiple of the source: copied once
        (box(4, 8, 0, 3), ["ab", "cd", "ab", "cd"]),
    ],
)
def test_the_source_fills_a_destination_that_is_a_multiple_of_it(api, destination, result):
    api.write("A1:B2", ["a", "b"], ["c", "d"])
    api.batch(paste(box(0, 2, 0, 2), destination))
    assert ["".join(row) for row in api.read("A5:H20")] == result


def test_a_paste_may_overlap_its_source_and_not_leave_the_grid(api):
    api.write("A1:A3", ["a"], ["b"], ["c"])
    api.batch(paste(box(0, 3, 0, 1), box(1, 4, 0, 1)))
    assert api.read("Demandes") == [["a"], ["a"], ["b"], ["c"]]
    assert "exceeds grid limits" in api.refused(paste(box(0, 3, 0, 1), box(18, 19, 0, 1)))


def test_parts_of_cells_are_pasted(api):
    api.batch(write({**text("a"), "userEnteredFormat": {"wrapStrategy": "CLIP"}, "note": "n"}, "*"))
    api.write("B1", ["b"])
    first, second = box(0, 1, 0, 1), box(0, 1, 1, 2)
    api.batch(paste(first, second, pasteType="PASTE_FORMAT"))
    assert api.cell("B1", ALL) == {**text("b"), "userEnteredFormat": {"wrapStrategy": "CLIP"}}
    api.batch(paste(first, box(0, 1, 2, 3), pasteType="PASTE_VALUES"))
    assert api.cell("C1", ALL) == text("a")
    api.batch({"setDataValidation": {"range": first, "rule": RULE}})
    api.batch(paste(first, second, pasteType="PASTE_DATA_VALIDATION"))
    assert api.cell("B1", "dataValidation") == {"dataValidation": RULE}


def test_other_pastes_are_refused(api):
    first, second = box(0, 1, 0, 1), box(0, 1, 1, 2)
    more = {"pasteType": "PASTE_CONDITIONAL_FORMATTING"}
    assert more["pasteType"] in api.refused(paste(first, second, **more), code=501)
    api.write("A1", ["=B1"])
    refused = api.refused(paste(first, second, pasteOrientation="TRANSPOSE"), code=501)
    assert "transposing a formula" in refused


def test_of_a_formula_what_it_shows_is_pasted_as_a_value(api):
    api.write("A1", ["=B2"])
    api.batch(paste(box(0, 1, 0, 1), box(0, 1, 1, 2), pasteType="PASTE_VALUES"))
    assert api.cell("B1", ALL) == text("#ERROR!")


@pytest.mark.parametrize("kind", ["PASTE_NORMAL", "PASTE_FORMULA"])
def test_a_formula_moves_its_references_along(kind, api):
    api.write("A1:B1", ["=B1+$C$9", "x"])
    api.batch(paste(box(0, 1, 0, 2), box(2, 4, 1, 3), pasteType=kind))
    assert api.read("A3:D4", valueRenderOption="FORMULA") == [
        ["", "=C3+$C$9", "x"],
        ["", "=C4+$C$9", "x"],
    ]


def test_borders_may_be_left_out(api):
    line, own = {"top": {"style": "SOLID"}}, {"bottom": {"style": "DOTTED"}}
    bold = {"textFormat": {"bold": True}}
    api.batch(
        write({**text("a"), "userEnteredFormat": {**bold, "borders": line}}, "*"),
        paste(box(0, 1, 0, 1), box(0, 1, 1, 2), pasteType="PASTE_NO_BORDERS"),
    )
    assert api.cell("B1", ALL) == {**text("a"), "userEnteredFormat": bold}
    with_own = {"borders": own}
    repeat = {"range": box(0, 1, 2, 3), "cell": {"userEnteredFormat": with_own}, "fields": "*"}
    api.batch(
        {"repeatCell": repeat},
        paste(box(0, 1, 0, 1), box(0, 1, 2, 3), pasteType="PASTE_NO_BORDERS"),
    )
    assert api.cell("C1", "userEnteredFormat")["userEnteredFormat"] == {**bold, **with_own}


def test_rows_become_columns(api):
    api.write("A1:C2", ["a", "b", "c"], ["d", "e", "f"])
    api.batch(
        {"mergeCells": {"range": box(0, 1, 1, 3)}},
        paste(box(0, 2, 0, 3), box(4, 5, 0, 1), pasteOrientation="TRANSPOSE"),
    )
    assert api.read("A5:C8") == [["a", "d"], ["b", "e"], ["", "f"]]
    assert merges(api) == [box(0, 1, 1, 3), box(5, 7, 0, 1)]


def merges(api) -> list:
    return [{"sheetId": 0, **merge} for merge in api.get()["sheets"][0].get("merges", [])]


def merge(*edges) -> dict:
    return {"mergeCells": {"range": box(*edges)}}


def test_merges_are_pasted_and_those_in_the_way_give_way(api):
    api.batch(
        merge(0, 1, 0, 2),
        merge(4, 6, 0, 1),
        paste(box(0, 2, 0, 2), box(4, 8, 0, 2)),
    )
    assert merges(api) == [box(0, 1, 0, 2), box(4, 5, 0, 2), box(6, 7, 0, 2)]
    api.write("D1", ["x", "y"])
    api.batch(paste(box(0, 1, 3, 5), box(4, 5, 0, 2), pasteType="PASTE_VALUES"))
    assert merges(api)[1] == box(4, 5, 0, 2)
    assert api.read("A5:B5") == [["x"]]


def test_a_paste_cuts_no_merge(api):
    api.batch(merge(0, 2, 0, 2), merge(4, 6, 0, 2))
    assert "partially intersects a merge" in api.refused(paste(box(8, 9, 0, 1), box(5, 6, 0, 1)))
    assert "part of merged cells" in api.refused(paste(box(1, 2, 0, 2), box(8, 9, 0, 2)), code=501)


def cut(source: dict, row: int, column: int, **more) -> dict:
    to = {"sheetId": more.pop("sheet", 0), "rowIndex": row, "columnIndex": column}
    return {"cutPaste": {"source": source, "destination": to, **more}}


def test_what_is_cut_is_gone_with_all_it_holds(api):
    api.write("A1:B2", ["a", "=B9"], ["c", "d"])
    api.batch(
        {"setDataValidation": {"range": box(0, 1, 0, 1), "rule": RULE}},
        merge(1, 2, 0, 2),
        cut(box(0, 2, 0, 2), 4, 3, sheet=7),
    )
    assert api.read("Demandes") == []
    assert (api.cell("A1", ALL), merges(api)) == ({}, [])
    other = "'Règles d''or'!D5:E6"
    assert api.read(other, valueRenderOption="FORMULA") == [["a", "=B9"], ["c"]]
    assert api.cell("'Règles d''or'!D5", "dataValidation") == {"dataValidation": RULE}
    assert api.get()["sheets"][1]["merges"] == [box(5, 6, 3, 5, sheet=7)]


def test_what_is_cut_may_be_pasted_in_part_and_over_itself(api):
    api.write("A1:A3", ["a"], ["b"], ["c"])
    api.batch(
        {"setDataValidation": {"range": box(0, 1, 0, 1), "rule": RULE}},
        cut(box(0, 3, 0, 1), 1, 0, pasteType="PASTE_VALUES"),
    )
    assert api.read("A1:A5") == [[], ["a"], ["b"], ["c"]]
    assert api.cell("A1", ALL) == {}
    assert api.cell("A2", ALL) == text("a")


def test_a_cut_is_refused_where_it_does_not_fit(api):
    api.batch(merge(0, 2, 0, 2))
    assert "exceeds grid limits" in api.refused(cut(box(4, 6, 0, 1), 19, 0))
    assert "is after last row" in api.refused(cut(box(4, 6, 0, 1), 20, 0))
    assert "partially intersects a merge" in api.refused(cut(box(0, 1, 0, 2), 9, 0))
    assert "partially intersects a merge" in api.refused(cut(box(4, 5, 0, 1), 1, 0))
