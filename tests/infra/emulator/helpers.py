"""What several of these tests use: a clock, and batches made at random."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import strategies as st

from infra.emulator.store import Store

SHEET = {"addSheet": {"properties": {"title": "Nouvelle"}}}


class Clock:
    """A clock that goes on by a second each time it is read."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def cells(*words: str) -> list[dict]:
    return [{"values": [{"userEnteredValue": {"stringValue": word}} for word in words]}]


def span(dimension: str, start: int, size: int) -> dict:
    place = {"startIndex": start, "endIndex": start + size}
    return {"sheetId": 0, "dimension": dimension, **place}


small = st.integers(0, 5)
dimensions = st.sampled_from(["ROWS", "COLUMNS"])
boxes = st.builds(
    lambda top, height, left, width: {
        "startRowIndex": top,
        "endRowIndex": top + height + 1,
        "startColumnIndex": left,
        "endColumnIndex": left + width + 1,
    },
    *[small] * 4,
)
REQUESTS = st.one_of(
    st.builds(
        lambda words: {"appendCells": {"rows": cells(*words), "fields": "*"}},
        st.lists(st.sampled_from(["a", "b", "été"]), max_size=3),
    ),
    st.builds(
        lambda row, column: {
            "updateCells": {
                "start": {"rowIndex": row, "columnIndex": column},
                "rows": cells("x", "y"),
                "fields": "userEnteredValue",
            }
        },
        small,
        small,
    ),
    st.builds(
        lambda box: {
            "repeatCell": {
                "range": box,
                "cell": {"userEnteredFormat": {"textFormat": {"bold": True}}, "note": "n"},
                "fields": "userEnteredFormat,note",
            }
        },
        boxes,
    ),
    st.builds(
        lambda *span_: {"insertDimension": {"range": span(*span_)}}, dimensions, small, small
    ),
    st.builds(
        lambda *span_: {"deleteDimension": {"range": span(*span_)}}, dimensions, small, small
    ),
    st.builds(
        lambda dimension, start, size, to: {
            "moveDimension": {"source": span(dimension, start, size), "destinationIndex": to}
        },
        dimensions,
        small,
        small,
        small,
    ),
    st.builds(
        lambda box: {"sortRange": {"range": box, "sortSpecs": [{"dimensionIndex": 1}]}}, boxes
    ),
    st.builds(
        lambda source, target: {"copyPaste": {"source": source, "destination": target}},
        boxes,
        boxes,
    ),
    st.builds(
        lambda box, row, column: {
            "cutPaste": {"source": box, "destination": {"rowIndex": row, "columnIndex": column}}
        },
        boxes,
        small,
        small,
    ),
    st.builds(
        lambda name, box: {
            "addNamedRange": {"namedRange": {"name": name, "namedRangeId": name, "range": box}}
        },
        st.sampled_from(["n_a", "n_b", "n_c"]),
        boxes,
    ),
    st.builds(lambda box: {"addProtectedRange": {"protectedRange": {"range": box}}}, boxes),
    st.builds(
        lambda box: {
            "addConditionalFormatRule": {
                "rule": {
                    "ranges": [box],
                    "booleanRule": {"condition": {"type": "BLANK"}, "format": {}},
                }
            }
        },
        boxes,
    ),
    st.builds(lambda box: {"addFilterView": {"filter": {"range": box}}}, boxes),
    st.builds(lambda box: {"setBasicFilter": {"filter": {"range": box}}}, boxes),
    st.builds(
        lambda box: {
            "setDataValidation": {"range": box, "rule": {"condition": {"type": "BOOLEAN"}}}
        },
        boxes,
    ),
    st.builds(
        lambda span_, pixels: {
            "updateDimensionProperties": {
                "range": span_,
                "properties": {"pixelSize": pixels},
                "fields": "pixelSize",
            }
        },
        st.builds(span, dimensions, small, small),
        small,
    ),
    st.builds(
        lambda box, kind: {"mergeCells": {"range": box, "mergeType": kind}},
        boxes,
        st.sampled_from(["MERGE_ALL", "MERGE_ROWS", "MERGE_COLUMNS"]),
    ),
    st.builds(lambda box: {"unmergeCells": {"range": box}}, boxes),
    st.builds(
        lambda kind, *span_: {kind: {"range": span(*span_)}},
        st.sampled_from(["addDimensionGroup", "deleteDimensionGroup"]),
        dimensions,
        small,
        small,
    ),
    st.just({"addSheet": {}}),
    st.just({"findReplace": {"find": "a", "replacement": "b", "allSheets": True}}),
)


def dump(store: Store) -> list[str]:
    return list(store._database.iterdump())


def new_store(path: str | Path | None = None) -> Store:
    store = Store(path)
    store.create({}, "demo", [{"gridProperties": {"rowCount": 6, "columnCount": 6}}])
    return store
