"""Ways in which an API could differ from what its callers count on, a switch for each.

A deviation rewrites a call before it is carried out, or the answer, or what is kept. So the rest of
the local API knows nothing of them. `DEVIATIONS` names all, and the README says what each does.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias

from flask import Response

from infra.emulator.errors import ApiError, InvalidArgumentError
from infra.emulator.grid import Json
from infra.emulator.methods import Call, CarryOut
from infra.emulator.spreadsheet import Spreadsheet
from infra.emulator.store import Store

Requests: TypeAlias = list[Json]
Rewrite: TypeAlias = Callable[[Spreadsheet, Requests], Requests]

_BATCH: Final = "sheets.spreadsheets.batchUpdate"
_VALUES: Final = "sheets.spreadsheets.values.batchGet"
_GET: Final = "sheets.spreadsheets.get"
_FILE: Final = "drive.files.get"
_ERROR: Final = re.compile(r"#[A-Z/0]+[!?]?")


def deviate(names: Iterable[str], store: Store, call: Call, carry_out: CarryOut) -> Response:
    """Carry out a call in an API that deviates in the ways that are named.

    Raises:
        ApiError: If the call is refused.
    """
    for name in names:
        if name in _BEFORE:
            call = _BEFORE[name](store, call)
    try:
        answer = carry_out(call)
    except ApiError as error:
        return _after_refusal(set(names), call, carry_out, error)
    for name in names:
        if name in _AFTER:
            method, change = _AFTER[name]
            if method == call.method:
                answer.set_data(_text(change(store, call, json.loads(answer.get_data()))))
    return answer


def _text(body: Json) -> str:
    return json.dumps(body, ensure_ascii=False)


def _after_refusal(names: set[str], call: Call, carry_out: CarryOut, error: ApiError) -> Response:
    """Do in part what was refused, or answer blank ranges where there are none.

    Raises:
        ApiError: The refusal, in all other cases.
    """
    if "batch_in_part" in names and call.method == _BATCH:
        requests = call.body["requests"]
        for count in range(len(requests) - 1, 0, -1):
            try:
                carry_out(call._replace(body={"requests": requests[:count]}))
            except ApiError:
                continue
            break
    if "grid_without_end" in names and call.method == _VALUES:
        blank: Json = {"valueRanges": [{} for _ in call.query.get("ranges", ())]}
        return Response(_text(blank), content_type="application/json")
    raise error


def _in_batches(rewrite: Rewrite) -> Callable[[Store, Call], Call]:
    def before(store: Store, call: Call) -> Call:
        if call.method != _BATCH:
            return call
        book = store.file(call.spreadsheet_id).book
        requests = rewrite(book, list(call.body.get("requests", [])))
        return call._replace(body={**call.body, "requests": requests})

    return before


def _each(kind: str, change: Callable[[Spreadsheet, Json], Requests]) -> Rewrite:
    """A rewriting of each request of a kind, whose arguments `change` gets."""

    def rewrite(book: Spreadsheet, requests: Requests) -> Requests:
        return [
            changed
            for request in requests
            for changed in (change(book, request[kind]) if kind in request else [request])
        ]

    return rewrite


def _range_id_reused(book: Spreadsheet, arguments: Json) -> Requests:
    named = dict(arguments["namedRange"])
    if any(named.get("namedRangeId") == other["namedRangeId"] for other in book.named_ranges):
        del named["namedRangeId"]
    return [{"addNamedRange": {"namedRange": named}}]


def _range_id_ignored(_: Spreadsheet, arguments: Json) -> Requests:
    named = dict(arguments["namedRange"])
    if "namedRangeId" in named:
        named["namedRangeId"] = f"other{named['namedRangeId']}"
    return [{"addNamedRange": {"namedRange": named}}]


def _rows(arguments: Json) -> Json | None:
    """The rows that an insertion adds, as a GridRange; None if it adds columns."""
    span = arguments["range"]
    if span.get("dimension") != "ROWS":
        return None
    edges = {"startRowIndex": span["startIndex"], "endRowIndex": span["endIndex"]}
    return {"sheetId": span.get("sheetId", 0)} | edges


def _insertion_bare(_: Spreadsheet, arguments: Json) -> Requests:
    requests: Requests = [{"insertDimension": arguments}]
    if rows := _rows(arguments):
        fields = "userEnteredFormat,dataValidation"
        requests.append({"repeatCell": {"range": rows, "cell": {}, "fields": fields}})
    return requests


def _insertion_overwrites(book: Spreadsheet, arguments: Json) -> Requests:
    requests: Requests = [{"insertDimension": arguments}]
    rows = _rows(arguments)
    if rows and rows["startRowIndex"] < len(book.sheet(rows["sheetId"]).grid.rows):
        below = {"startRowIndex": rows["endRowIndex"], "endRowIndex": rows["endRowIndex"] + 1}
        where = rows | below
        requests.append({"repeatCell": {"range": where, "cell": {}, "fields": "userEnteredValue"}})
    return requests


def _dropdown_refuses(book: Spreadsheet, arguments: Json) -> Requests:
    start = arguments.get("start")
    if start:
        sheet = book.sheet(start.get("sheetId", 0))
        top, left = start.get("rowIndex", 0), start.get("columnIndex", 0)
        for row, data in enumerate(arguments["rows"], start=top):
            for column, cell in enumerate(data.get("values", ()), start=left):
                if not cell.get("userEnteredValue") or row >= len(sheet.grid.rows):
                    continue
                if (sheet.grid.cell(row, column).validation or {}).get("strict"):
                    raise InvalidArgumentError("The data you entered violates a validation rule.")
    return [{"updateCells": arguments}]


def _paste_late(_: Spreadsheet, requests: Requests) -> Requests:
    if any("insertDimension" in request for request in requests):
        return requests
    return sorted(requests, key=lambda request: "copyPaste" in request)


def _hidden_tab_keeps_rows(book: Spreadsheet, requests: Requests) -> Requests:
    def shrinks(request: Json) -> bool:
        new = request.get("updateSheetProperties", {}).get("properties", {})
        count = new.get("gridProperties", {}).get("rowCount")
        if count is None:
            return False
        sheet = book.sheet(new.get("sheetId", 0))
        return bool(sheet.properties.get("hidden")) and count < len(sheet.grid.rows)

    return [request for request in requests if not shrinks(request)]


def _partial_replacement(_: Spreadsheet, arguments: Json) -> Requests:
    return [{"findReplace": arguments | {"matchEntireCell": False}}]


def _empty_replacement_ignored(_: Spreadsheet, arguments: Json) -> Requests:
    if arguments.get("replacement"):
        return [{"findReplace": arguments}]
    return [{"findReplace": arguments | {"find": f"{arguments['find']} (nowhere)"}}]


def _view_id_ignored(_: Spreadsheet, arguments: Json) -> Requests:
    view = dict(arguments["filter"])
    view["filterViewId"] = view.get("filterViewId", 0) + 1
    return [{"addFilterView": {"filter": view}}]


def _view_range_closed(book: Spreadsheet, arguments: Json) -> Requests:
    view = arguments["filter"]
    sheet = book.sheet(view["range"].get("sheetId", 0))
    ends = {"endRowIndex": len(sheet.grid.rows), "endColumnIndex": len(sheet.grid.columns)}
    return [{"addFilterView": {"filter": view | {"range": view["range"] | ends}}}]


def _view_update_clears(_: Spreadsheet, arguments: Json) -> Requests:
    return [{"updateFilterView": {"filter": arguments["filter"], "fields": "*"}}]


def _protection_unnamed(_: Spreadsheet, arguments: Json) -> Requests:
    protection = dict(arguments["protectedRange"])
    protection.pop("description", None)
    return [{"addProtectedRange": {"protectedRange": protection}}]


def _warning_stops(_: Spreadsheet, arguments: Json) -> Requests:
    protection = dict(arguments["protectedRange"])
    protection.pop("warningOnly", None)
    return [{"addProtectedRange": {"protectedRange": protection}}]


def _columns_closed(_: Store, call: Call) -> Call:
    for request in call.body.get("requests", ()) if call.user else ():
        if request.get("insertDimension", {}).get("range", {}).get("dimension") == "COLUMNS":
            raise InvalidArgumentError("You are trying to edit a protected cell or object.")
    return call


def _protection_open(_: Store, call: Call) -> Call:
    return call._replace(user="")


def _dates_as_texts(_: Store, call: Call) -> Call:
    if call.method != _VALUES:
        return call
    return call._replace(query={**call.query, "valueRenderOption": "FORMATTED_VALUE"})


def _titles_exact(store: Store, call: Call) -> Call:
    if call.method not in (_GET, _VALUES):
        return call
    titles = {sheet.title for sheet in store.file(call.spreadsheet_id).book.sheets}
    for text in call.query.get("ranges", ()):
        title, bang, _ = text.rpartition("!")
        plain = (title if bang else text).strip("'").replace("''", "'")
        if plain not in titles:
            raise InvalidArgumentError(f"Unable to parse range: {text}")
    return call


def _without_cells(_: Store, __: Call, answer: Json) -> Json:
    for sheet in answer.get("updatedSpreadsheet", {}).get("sheets", ()):
        sheet["data"] = [{} for _ in sheet.get("data", ())]
    return answer


def _replacement_parsed(store: Store, call: Call, answer: Json) -> Json:
    texts = {
        (request["findReplace"].get("sheetId", 0), request["findReplace"].get("replacement"))
        for request in call.body["requests"]
        if "findReplace" in request
    }

    def parse(book: Spreadsheet) -> None:
        for sheet_id in {sheet_id for sheet_id, _ in texts}:
            grid = book.sheet(sheet_id).grid
            for index, row in enumerate(list(grid.rows)):
                for column, value in list(row.values.items()):
                    if (sheet_id, value) in texts:
                        cell = grid.cell(index, column)._replace(value=45292)
                        grid.write(index, {column: cell})

    store.update(call.spreadsheet_id, parse)
    return answer


def _errors_blank(_: Store, __: Call, answer: Json) -> Json:
    for block in answer.get("valueRanges", ()):
        for line in block.get("values", ()):
            line[:] = ["" if _ERROR.fullmatch(str(cell)) else cell for cell in line]
    return answer


def _version_stays(_: Store, __: Call, answer: Json) -> Json:
    return answer | ({"version": "1"} if "version" in answer else {})


def _criteria_respelt(_: Store, __: Call, answer: Json) -> Json:
    for sheet in answer.get("sheets", ()):
        for view in sheet.get("filterViews", ()):
            for spec in view.get("filterSpecs", ()):
                condition = spec.get("filterCriteria", {}).get("condition", {})
                condition["values"] = [_respelt(value) for value in condition.get("values", ())]
    return answer


def _respelt(value: Mapping[str, Any]) -> Json:
    return {"userEnteredValue": value.get("relativeDate", value.get("userEnteredValue"))}


_BEFORE: Final[Mapping[str, Callable[[Store, Call], Call]]] = {
    "range_id_reused": _in_batches(_each("addNamedRange", _range_id_reused)),
    "range_id_ignored": _in_batches(_each("addNamedRange", _range_id_ignored)),
    "insertion_bare": _in_batches(_each("insertDimension", _insertion_bare)),
    "insertion_overwrites": _in_batches(_each("insertDimension", _insertion_overwrites)),
    "dropdown_refuses": _in_batches(_each("updateCells", _dropdown_refuses)),
    "paste_late": _in_batches(_paste_late),
    "hidden_tab_keeps_rows": _in_batches(_hidden_tab_keeps_rows),
    "partial_replacement": _in_batches(_each("findReplace", _partial_replacement)),
    "empty_replacement_ignored": _in_batches(_each("findReplace", _empty_replacement_ignored)),
    "view_id_ignored": _in_batches(_each("addFilterView", _view_id_ignored)),
    "view_range_closed": _in_batches(_each("addFilterView", _view_range_closed)),
    "view_update_clears": _in_batches(_each("updateFilterView", _view_update_clears)),
    "protection_unnamed": _in_batches(_each("addProtectedRange", _protection_unnamed)),
    "warning_stops": _in_batches(_each("addProtectedRange", _warning_stops)),
    "columns_closed": _columns_closed,
    "protection_open": _protection_open,
    "dates_as_texts": _dates_as_texts,
    "titles_exact": _titles_exact,
}
_AFTER: Final[Mapping[str, tuple[str, Callable[[Store, Call, Json], Json]]]] = {
    "answer_without_cells": (_BATCH, _without_cells),
    "replacement_parsed": (_BATCH, _replacement_parsed),
    "errors_blank": (_VALUES, _errors_blank),
    "version_stays": (_FILE, _version_stays),
    "criteria_respelt": (_GET, _criteria_respelt),
}
DEVIATIONS: Final = frozenset({*_BEFORE, *_AFTER, "batch_in_part", "grid_without_end"})
