"""A commit as the requests of one `batchUpdate`. Pure."""

from collections.abc import Mapping, Sequence

from functions.shared.sheets.fence import Fence, system_text
from functions.shared.sheets.port import FIRST_COPY, Commit, Replacement, TabChange, token
from sheets_schema.adoption import Header
from sheets_schema.columns import Cell
from sheets_schema.tab import tab
from sheets_schema.wire import Json, Reading, typed_cell


def encode(commit: Commit) -> list[Json]:
    """The requests that apply a commit, in the order in which Google must apply them.

    Raises:
        HeaderError: a tab to write into lacks a column, or has one twice.
    """
    seen = commit.seen
    requests = [*_claim(commit.fence, commit.spreadsheet, seen), *map(_release, commit.expired)]
    requests.append(_resize(seen.tabs["system"].sheet_id, {"rowCount": FIRST_COPY}))
    requests += map(_change_tab, commit.tabs)
    if commit.touches_requests:
        requests += _edit(commit)
    for key, rows in commit.rows.items():
        if rows:
            requests += insert_rows(key, rows, seen)
    return requests


def encode_replacements(seen: Reading, replacements: Sequence[Replacement]) -> list[Json]:
    """The requests that replace tokens by texts. Each searches for a cell that is a whole token."""
    return [
        {
            "findReplace": {
                "find": replacement.token,
                "replacement": replacement.text,
                "matchEntireCell": True,
                "matchCase": True,
                "sheetId": seen.tabs["requests"].sheet_id
                if replacement.sheet_id is None
                else replacement.sheet_id,
            }
        }
        for replacement in replacements
    ]


def _claim(fence: Fence, spreadsheet: str, seen: Reading) -> list[Json]:
    sheet = seen.tabs["system"].sheet_id
    cell = _cells(sheet, 1, 2, 0, 1)
    named = {"namedRangeId": fence.range_id, "name": fence.range_name, "range": cell}
    return [
        {"addNamedRange": {"namedRange": named}},
        _write(sheet, 1, 0, system_text(fence, spreadsheet)),
    ]


def _release(fence: Fence) -> Json:
    return {"deleteNamedRange": {"namedRangeId": fence.range_id}}


def _change_tab(change: TabChange) -> Json:
    properties: Json = {"sheetId": change.sheet_id, "title": change.title}
    if change.index is not None:
        properties["index"] = change.index
    fields = ",".join(name for name in properties if name != "sheetId")
    return {"updateSheetProperties": {"properties": properties, "fields": fields}}


def _edit(commit: Commit) -> list[Json]:
    """Copy headers and rows into the system tab, then put the tokens into the cells.

    The copies of the headers show whether columns moved between read and write. That of Demandes
    comes first, those of other tabs come after the rows. The copies of an earlier batch are gone by
    then.
    """
    seen, others = commit.seen, commit.other_tabs
    system_sheet = seen.tabs["system"].sheet_id
    positions = {key: seen.positions(key) for key in ("requests", *others)}
    widths = {key: max(places.values()) + 1 for key, places in positions.items()}
    copied = [
        ("requests", seen.tabs["requests"].head.row),
        *((edit.tab, edit.row) for edit in commit.edits),
        *((key, seen.tabs[key].head.row) for key in others),
    ]
    size = {"rowCount": FIRST_COPY + len(copied), "columnCount": max(widths.values())}
    requests = [_resize(system_sheet, size)]
    requests += [
        {
            "copyPaste": {
                "source": _cells(seen.tabs[key].sheet_id, row, row + 1, 0, widths[key]),
                "destination": _cells(system_sheet, place, place + 1, 0, widths[key]),
                "pasteType": "PASTE_VALUES",
            }
        }
        for place, (key, row) in enumerate(copied, start=FIRST_COPY)
    ]
    requests += [
        _write(
            seen.tabs[edit.tab].sheet_id,
            edit.row,
            positions[edit.tab][column],
            token(commit.fence.key, edit, column),
        )
        for edit in commit.edits
        for column in edit.changes
    ]
    return requests


def insert_rows(key: str, rows: Sequence[Mapping[str, Cell]], seen: Reading) -> list[Json]:
    """The requests that add rows to a tab, right below the last row that says something.

    The rows are inserted, so they overwrite nothing, wherever other rows have moved meanwhile, and
    they look like the row above them. Rows further down, in which partners may have filled a column
    of their own, move down. A column that the workbook lacks is left out.

    Only values are written, because partners choose the formats of a column. The system's own dates
    are an exception: in a tab without formats they would show as numbers.

    Args:
        key: the tab.
        rows: cells by column, at least one row.
        seen: where the tab's columns and its last row stand.

    Raises:
        HeaderError: the tab lacks a column, or has one twice.
    """
    positions, sheet_id, end = seen.positions(key), seen.tabs[key].sheet_id, seen.end(key)
    first = seen.tabs[key].head.row + 1
    width = max(positions.values()) + 1
    wire = []
    for row in rows:
        cells: list[Json] = [{} for _ in range(width)]
        for column, cell in row.items():
            if column in positions:
                cells[positions[column]] = typed_cell(cell)
        wire.append({"values": cells})
    formats = [
        {
            "repeatCell": {
                "range": {
                    "sheetId": sheet_id,
                    **_formatted(seen.tabs[key].head, column.key, first, (end, end + len(rows))),
                    "startColumnIndex": positions[column.key],
                    "endColumnIndex": positions[column.key] + 1,
                },
                "cell": {"userEnteredFormat": {"numberFormat": column.type.number_format}},
                "fields": "userEnteredFormat.numberFormat",
            }
        }
        for column in tab(key).columns
        if column.read_only and column.type.name == "date-time" and column.key in positions
    ]
    return [*_make_room(sheet_id, first, end, len(rows)), _put(sheet_id, end, 0, wire), *formats]


def _formatted(head: Header, column: str, first: int, new: tuple[int, int]) -> dict[str, int]:
    """The rows of a column that get its format: of a partner's own column only the new ones."""
    if head.adoption and column in head.adoption.theirs:
        return {"startRowIndex": new[0], "endRowIndex": new[1]}
    return {"startRowIndex": first}


def _make_room(sheet_id: int, first: int, end: int, count: int) -> list[Json]:
    """Insert blank rows that look like the row above. Below the header they look like the next one.

    Google takes the looks of the next row only if there is one, so a row is added at the end first.
    """
    span = {"sheetId": sheet_id, "dimension": "ROWS", "startIndex": end, "endIndex": end + count}
    insert = {"insertDimension": {"range": span, "inheritFromBefore": end > first}}
    if end > first:
        return [insert]
    return [
        {"appendDimension": {"sheetId": sheet_id, "dimension": "ROWS", "length": 1}},
        insert,
    ]


def _write(sheet: int, row: int, column: int, text: str) -> Json:
    return _put(sheet, row, column, [{"values": [typed_cell(text)]}])


def _put(sheet: int, row: int, column: int, rows: Sequence[Json]) -> Json:
    return {
        "updateCells": {
            "rows": list(rows),
            "fields": "userEnteredValue",
            "start": {"sheetId": sheet, "rowIndex": row, "columnIndex": column},
        }
    }


def _resize(sheet: int, size: Mapping[str, int]) -> Json:
    fields = ",".join(f"gridProperties.{name}" for name in size)
    properties = {"sheetId": sheet, "gridProperties": dict(size)}
    return {"updateSheetProperties": {"properties": properties, "fields": fields}}


def _cells(sheet: int, top: int, bottom: int, left: int, right: int) -> Json:
    """A GridRange; `bottom` and `right` are the first row and column outside of it."""
    return {
        "sheetId": sheet,
        "startRowIndex": top,
        "endRowIndex": bottom,
        "startColumnIndex": left,
        "endColumnIndex": right,
    }
