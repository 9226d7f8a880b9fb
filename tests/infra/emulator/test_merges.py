import pytest

from tests.infra.emulator.helpers import span


def box(top, bottom, left, right):
    edges = ("startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex")
    return dict(zip(edges, (top, bottom, left, right), strict=True))


def merge(*edges, kind="MERGE_ALL"):
    return {"mergeCells": {"range": box(*edges), "mergeType": kind}}


def unmerge(*edges):
    return {"unmergeCells": {"range": box(*edges)}}


@pytest.fixture
def merges(api):
    return lambda: api.get(fields="sheets.merges")["sheets"][0].get("merges", [])


def test_the_first_value_stays_and_the_others_go(api, merges):
    api.write("A1", ["a", "b"], ["c", "d"])
    api.batch(merge(0, 2, 0, 2))
    assert merges() == [box(0, 2, 0, 2)]
    assert api.read("A1:C3") == [["a"]]
    api.batch(unmerge(0, 20, 0, 8))
    assert merges() == []
    assert api.read("A1:C3") == [["a"]]


def test_a_merge_for_each_row_or_column(api, merges):
    api.batch(merge(0, 2, 0, 3, kind="MERGE_ROWS"), merge(3, 5, 0, 2, kind="MERGE_COLUMNS"))
    assert merges() == [box(0, 1, 0, 3), box(1, 2, 0, 3), box(3, 5, 0, 1), box(3, 5, 1, 2)]


def test_a_single_cell_is_no_merge(api, merges):
    api.batch(merge(0, 1, 0, 1), merge(2, 4, 2, 3, kind="MERGE_ROWS"))
    assert merges() == []


def test_a_merge_takes_in_those_that_lie_within_it(api, merges):
    api.batch(merge(0, 1, 0, 2), merge(5, 6, 0, 2), merge(0, 3, 0, 3))
    assert merges() == [box(5, 6, 0, 2), box(0, 3, 0, 3)]


@pytest.mark.parametrize("request_", [merge(0, 2, 1, 3), unmerge(1, 2, 0, 2)])
def test_a_part_of_a_merge_is_refused(request_, api, merges):
    api.batch(merge(0, 2, 0, 2))
    assert "You must select all cells in a merged range" in api.refused(request_)
    assert merges() == [box(0, 2, 0, 2)]


def test_frozen_and_other_cells_cannot_be_merged(api):
    frozen = {"gridProperties": {"frozenRowCount": 1, "frozenColumnCount": 2}}
    freeze = {"properties": frozen, "fields": "gridProperties(frozenRowCount,frozenColumnCount)"}
    api.batch({"updateSheetProperties": freeze}, merge(0, 1, 0, 2), merge(1, 2, 2, 4))
    assert "frozen and non-frozen rows" in api.refused(merge(0, 2, 4, 5))
    assert "frozen and non-frozen columns" in api.refused(merge(4, 5, 1, 3))
    frozen["gridProperties"]["frozenColumnCount"] = 1
    assert "frozen and non-frozen columns" in api.refused({"updateSheetProperties": freeze})


def test_which_value_would_be_kept_is_not_guessed(api):
    api.write("A1", ["", "b"])
    assert "empty first cell" in api.refused(merge(0, 1, 0, 2), code=501)


def test_what_is_written_into_a_merge_is_lost(api):
    """As users report it of Google's: the answer says that it was written."""
    api.batch(merge(0, 2, 0, 2))
    assert api.write("A1", ["a", "b", "c"], ["d", "e", "f"])["updatedCells"] == 6
    assert api.read("A1:C3") == [["a", "", "c"], ["", "", "f"]]
    value = {"userEnteredValue": {"stringValue": "x"}}
    api.batch(
        {"repeatCell": {"range": box(0, 3, 0, 3), "cell": value, "fields": "userEnteredValue"}},
        unmerge(0, 2, 0, 2),
    )
    assert api.read("A1:C3") == [["x", "", "x"], ["", "", "x"], ["x", "x", "x"]]


def test_merges_follow_rows_and_columns(api, merges):
    api.batch(merge(2, 4, 1, 3), merge(6, 7, 0, 2))
    api.batch({"insertDimension": {"range": span("ROWS", 3, 1)}})
    assert merges() == [box(2, 5, 1, 3), box(7, 8, 0, 2)]
    api.batch({"deleteDimension": {"range": span("COLUMNS", 0, 1)}})
    assert merges() == [box(2, 5, 0, 2)]  # of the other one a single cell was left
    api.batch({"deleteDimension": {"range": span("ROWS", 2, 3)}})
    assert merges() == []


def test_merged_rows_move_together(api, merges):
    api.batch(merge(2, 4, 0, 1))
    for start, size, to in ((2, 1, 9), (3, 1, 9), (7, 1, 3)):
        move = {"source": span("ROWS", start, size), "destinationIndex": to}
        assert "as a whole" in api.refused({"moveDimension": move})
    api.batch({"moveDimension": {"source": span("ROWS", 2, 2), "destinationIndex": 9}})
    assert merges() == [box(7, 9, 0, 1)]
    api.batch({"moveDimension": {"source": span("COLUMNS", 0, 1), "destinationIndex": 3}})
    assert merges() == [box(7, 9, 2, 3)]


def test_merged_cells_are_not_sorted(api):
    api.write("A1", ["b"], ["a"], ["c"])
    api.batch(merge(0, 1, 1, 3))
    sort = {"range": box(0, 3, 0, 2), "sortSpecs": [{"dimensionIndex": 0}]}
    assert "sorting merged cells" in api.refused({"sortRange": sort}, code=501)
    api.batch({"sortRange": sort | {"range": box(1, 3, 0, 2)}})
    assert api.read("A1:A3") == [["b"], ["a"], ["c"]]


def test_another_sheet_has_merges_of_its_own(api):
    api.batch({"mergeCells": {"range": {"sheetId": 7} | box(0, 1, 0, 2)}})
    sheets = api.get(fields="sheets.merges")["sheets"]
    assert sheets == [{}, {"merges": [{"sheetId": 7} | box(0, 1, 0, 2)]}]
