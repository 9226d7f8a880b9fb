import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.emulator import batch
from infra.emulator.kinds import KINDS
from tests.infra.emulator.helpers import new_store, span


def group(kind, start, end, dimension="COLUMNS"):
    return {kind: {"range": span(dimension, start, end - start)}}


def columns(groups):
    """The groups as people write them: B:E and its depth."""
    names = [
        ("ABCDEFGH"[g["range"].get("startIndex", 0)], "ABCDEFGH"[g["range"]["endIndex"] - 1])
        for g in groups
    ]
    return [(f"{first}:{last}", g["depth"]) for (first, last), g in zip(names, groups, strict=True)]


@pytest.fixture
def groups(api):
    return lambda: columns(api.get()["sheets"][0].get("columnGroups", []))


B_E, C_D, B_D, C_E, D_E = (1, 5), (2, 4), (1, 4), (2, 5), (3, 5)


@pytest.mark.parametrize(("first", "second"), [(C_D, B_E), (B_E, C_D), (B_D, C_E), (C_E, B_D)])
def test_groups_nest(first, second, api, groups):
    """The examples of Google's discovery document."""
    api.batch(group("addDimensionGroup", *first))
    (reply,) = api.batch(group("addDimensionGroup", *second))["replies"]
    assert columns(reply["addDimensionGroup"]["dimensionGroups"]) == [("B:E", 1), ("C:D", 2)]
    assert groups() == [("B:E", 1), ("C:D", 2)]


def test_deleting_lowers_the_depth(api, groups):
    """The example of Google's discovery document."""
    api.batch(group("addDimensionGroup", *B_E), group("addDimensionGroup", *C_D))
    (reply,) = api.batch(group("deleteDimensionGroup", *D_E))["replies"]
    assert columns(reply["deleteDimensionGroup"]["dimensionGroups"]) == [("B:D", 1), ("C:C", 2)]
    assert groups() == [("B:D", 1), ("C:C", 2)]
    assert "no group" in api.refused(group("deleteDimensionGroup", 5, 8))


def test_a_group_is_answered_whole(api):
    range_ = {"sheetId": 7, "dimension": "ROWS", "startIndex": 2, "endIndex": 5}
    api.batch({"addDimensionGroup": {"range": range_}})
    assert api.get()["sheets"][1]["rowGroups"] == [{"range": range_, "depth": 1}]


def test_collapsing_hides_and_expanding_shows(api):
    def hidden():
        data = api.get(fields="sheets.data.rowMetadata")["sheets"][0]["data"][0]
        return [index for index, row in enumerate(data["rowMetadata"]) if "hiddenByUser" in row]

    def collapse(collapsed, depth=1, start=2):
        changed = {"range": span("ROWS", start, 3), "depth": depth, "collapsed": collapsed}
        return {"updateDimensionGroup": {"dimensionGroup": changed, "fields": "collapsed"}}

    api.batch(group("addDimensionGroup", 2, 5, "ROWS"), collapse(True))
    assert hidden() == [2, 3, 4]
    (shown,) = api.get()["sheets"][0]["rowGroups"]
    assert shown["collapsed"] is True
    api.batch(group("addDimensionGroup", 1, 6, "ROWS"))
    assert [g.get("collapsed", False) for g in api.get()["sheets"][0]["rowGroups"]] == [False, True]
    api.batch(collapse(False, depth=2))
    assert hidden() == []
    assert "no group" in api.refused(collapse(True, depth=3))
    assert "no group" in api.refused(collapse(True, depth=2, start=1))
    more = collapse(True)
    more["updateDimensionGroup"]["fields"] = "depth"
    assert "updating more of a group" in api.refused(more, code=501)


def test_groups_follow_columns(api, groups):
    api.batch(group("addDimensionGroup", *B_E), group("addDimensionGroup", *C_D))
    api.batch({"insertDimension": {"range": span("COLUMNS", 3, 1)}})
    assert groups() == [("B:F", 1), ("C:E", 2)]
    api.batch({"deleteDimension": {"range": span("COLUMNS", 0, 1)}})
    assert groups() == [("A:E", 1), ("B:D", 2)]
    api.batch({"insertDimension": {"range": span("ROWS", 3, 1)}})
    assert groups() == [("A:E", 1), ("B:D", 2)]
    api.batch({"deleteDimension": {"range": span("COLUMNS", 0, 5)}})
    assert groups() == []


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 6)), min_size=1, max_size=6))
def test_what_is_added_can_be_deleted_again(spans):
    store = new_store()
    book = store.file("demo").book.copy()
    store.close()
    inside = [(start, end) for start, end in spans if start < end]
    for start, end in inside:
        batch.apply(book, [group("addDimensionGroup", start, end)], KINDS)
    depths = [sum(start <= index < end for start, end in inside) for index in range(6)]
    made = book.sheets[0].groups["COLUMNS"]
    for index, depth in enumerate(depths):
        assert sum(group["startIndex"] <= index < group["endIndex"] for group in made) == depth
    for start, end in inside:
        batch.apply(book, [group("deleteDimensionGroup", start, end)], KINDS)
    assert book.sheets[0].groups["COLUMNS"] == []


def test_sizes_fit_the_longest_text(api):
    def sizes(name):
        data = api.get(fields=f"sheets.data.{name}.pixelSize")["sheets"][0]["data"][0]
        return [size["pixelSize"] for size in data[name]]

    api.write("A1", ["un", "un texte bien plus long\nsur deux lignes"])
    api.batch(
        *(
            {"autoResizeDimensions": {"dimensions": {"dimension": dimension, "endIndex": 3}}}
            for dimension in ("ROWS", "COLUMNS")
        )
    )
    narrow, wide, blank, *_ = sizes("columnMetadata")
    assert narrow < 100 < wide
    assert blank == 100
    assert sizes("rowMetadata")[:2] == [37, 21]
    of_a_source = {"dataSourceSheetDimensions": {}}
    refused = api.refused({"autoResizeDimensions": of_a_source}, code=501)
    assert "autoResizeDimensions.dataSourceSheetDimensions" in refused
