from infra.emulator.misbehaviour.rules import Rule

ROWS = {
    "appendCells": {
        "rows": [{"values": [{"userEnteredValue": {"stringValue": "x"}}]}] * 3,
        "fields": "userEnteredValue",
    }
}
FENCE = {
    "addNamedRange": {
        "namedRange": {"namedRangeId": "1", "name": "fence_1", "range": {"endRowIndex": 1}}
    }
}


def test_calls_are_counted_by_kind(it, caller):
    caller.append(["x"])
    caller.batch(ROWS)
    size = len(caller.read().content)
    stats = it.stats.document()
    assert stats["calls"] == {
        "sheets.spreadsheets.values.append": 1,
        "sheets.spreadsheets.batchUpdate": 1,
        "sheets.spreadsheets.values.get": 1,
    }
    assert (stats["reads"], stats["writes"], stats["bytes_read"]) == (1, 2, size)


def test_the_peak_of_writes_is_that_of_any_minute(it, caller, moments):
    for second in (0, 50, 59, 61, 130):
        moments.now = 2_000.0 + second
        caller.append(["x"])
    assert it.stats.writes_peak == 3


def test_the_history_has_what_was_committed(it, caller, moments):
    moments.now += 1.5
    caller.batch(FENCE, ROWS, ROWS)
    assert caller.batch(FENCE).status_code == 400
    it.faults = [Rule("503", at=[1])]
    caller.batch(ROWS)
    caller.append(["x"], ["y"])
    span = {"sheetId": 0, "dimension": "ROWS", "startIndex": 1, "endIndex": 3}
    caller.batch({"insertDimension": {"range": span}})
    assert it.stats.history.pop()["rows_added"] == 2
    assert list(it.stats.history) == [
        {
            "time": 1.5,
            "method": "sheets.spreadsheets.batchUpdate",
            "spreadsheet": "demo",
            "requests": {"addNamedRange": 1, "appendCells": 2},
            "rows_added": 6,
            "named_ranges_added": ["fence_1"],
        },
        {
            "time": 1.5,
            "method": "sheets.spreadsheets.values.append",
            "spreadsheet": "demo",
            "requests": {},
            "rows_added": 2,
            "named_ranges_added": [],
        },
    ]


def test_counting_begins_anew(it, caller, moments):
    caller.append(["x"])
    moments.now += 10
    it.stats.reset()
    moments.now += 5
    caller.append(["x"])
    assert (it.stats.writes, it.stats.writes_peak) == (1, 1)
    assert [entry["time"] for entry in it.stats.history] == [5]
    assert it.stats.document()["refused_429"] == {"quota": 0, "injected": 0}
