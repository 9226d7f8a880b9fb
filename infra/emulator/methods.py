"""The methods of the Sheets API that the local API implements; the others are refused by name."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple, Protocol, TypeAlias

from flask import Response

from infra.emulator import batch, cellvalues, copies, overlays
from infra.emulator.cellvalues import Place
from infra.emulator.errors import InvalidArgumentError, UnimplementedError
from infra.emulator.grid import Json
from infra.emulator.kinds import KINDS
from infra.emulator.masks import Mask, below
from infra.emulator.render import render, sheet_properties
from infra.emulator.spreadsheet import Spreadsheet
from infra.emulator.store import Store


class Call(NamedTuple):
    """One call of a method, checked against the discovery document.

    `user` is the user whose quota the call uses. `place` is where a `values.append` writes, if the
    place was chosen before its turn came; this is the race that users report. `file` is the type
    and the bytes of an uploaded file.
    """

    method: str
    write: bool
    path: Mapping[str, str]
    query: Json
    body: Json
    mask: Mask
    user: str = ""
    place: Place | None = None
    file: tuple[str, bytes] = ("", b"")

    @property
    def masked(self) -> bool:
        """Whether the caller has said which fields to answer."""
        return bool(self.query.get("fields"))

    @property
    def spreadsheet_id(self) -> str:
        """The spreadsheet that is called."""
        return self.path["spreadsheetId"]


class CarryOut(Protocol):
    """Carries out a call and returns the answer. Another call may be given in its stead."""

    def __call__(self, settled: Call | None = None) -> Response:
        """Carry out the call; raises an ApiError if the call is wrong."""


Handler: TypeAlias = Callable[[Store, Call], Json | Response | None]
Gate: TypeAlias = Callable[[Call, CarryOut], Response]


def create(store: Store, call: Call) -> Json:
    """Create a spreadsheet from its properties and those of its sheets."""
    for name in call.body:
        if name not in {"properties", "sheets"}:
            raise UnimplementedError(f"spreadsheets.create with {name}")
    sheets = call.body.get("sheets", [])
    for name in {name for sheet in sheets for name in sheet} - {"properties"}:
        raise UnimplementedError(f"spreadsheets.create with sheets.{name}")
    file = store.create(
        call.body.get("properties", {}), sheets=[sheet.get("properties", {}) for sheet in sheets]
    )
    return render(file.book, call.mask)


def get(store: Store, call: Call) -> Json:
    """Return a spreadsheet; a field mask makes includeGridData moot (documented)."""
    grid_data = call.masked or call.query.get("includeGridData", False)
    book = store.file(call.spreadsheet_id).book
    return render(book, call.mask, call.query.get("ranges", ()), grid_data=grid_data)


def batch_update(store: Store, call: Call) -> Json:
    """Apply a batch as a whole or not at all; return the spreadsheet if the batch asks for it."""
    body = call.body
    mask = below(call.mask, "updatedSpreadsheet")
    grid_data = call.masked or body.get("responseIncludeGridData", False)

    def change(book: Spreadsheet) -> Json:
        closed = overlays.closed_to(book, call.user)
        replies = batch.apply(book, body.get("requests", []), KINDS)
        overlays.check_closed(book, closed, call.user)
        answer: Json = {"spreadsheetId": book.id, "replies": replies}
        if body.get("includeSpreadsheetInResponse") and mask is not None:
            ranges = body.get("responseRanges", ())
            answer["updatedSpreadsheet"] = render(book, mask, ranges, grid_data=grid_data)
        return answer

    if body.get("commentsViewMode", "COMMENTS_VIEW_MODE_OMITTED") != "COMMENTS_VIEW_MODE_OMITTED":
        raise UnimplementedError(f"commentsViewMode {body['commentsViewMode']}")
    return store.update(call.spreadsheet_id, change)


def copy_to(store: Store, call: Call) -> Json:
    """Copy a sheet into a spreadsheet, which may be its own; return the copy's properties."""
    source = store.file(call.spreadsheet_id).book.sheet(_number(call.path["sheetId"]))

    def change(book: Spreadsheet) -> Json:
        return sheet_properties(book, copies.copy_sheet(book, source))

    return store.update(call.body.get("destinationSpreadsheetId", ""), change)


def _number(text: str) -> int:
    if not text.isdecimal():
        raise InvalidArgumentError(f"Invalid value at 'sheet_id' (TYPE_INT32), \"{text}\"")
    return int(text)


def values_get(store: Store, call: Call) -> Json:
    """Return the values of a range."""
    return cellvalues.read(store.file(call.spreadsheet_id).book, call.path["range"], call.query)


def values_batch_get(store: Store, call: Call) -> Json:
    """Return the values of several ranges."""
    book = store.file(call.spreadsheet_id).book
    value_ranges = [
        cellvalues.read(book, text, call.query) for text in call.query.get("ranges", [])
    ]
    return {"spreadsheetId": book.id, "valueRanges": value_ranges}


def values_update(store: Store, call: Call) -> Json:
    """Write values into a range."""
    text = call.path["range"]
    return store.update(
        call.spreadsheet_id, lambda book: cellvalues.update(book, text, call.body, call.query)
    )


def values_append(store: Store, call: Call) -> Json:
    """Write values after a table."""
    text = call.path["range"]

    def change(book: Spreadsheet) -> Json:
        place = call.place or cellvalues.place(book, text)
        return cellvalues.append(book, text, call.body, call.query, place)

    return store.update(call.spreadsheet_id, change)


def values_clear(store: Store, call: Call) -> Json:
    """Empty a range."""
    text = call.path["range"]
    cleared = store.update(call.spreadsheet_id, lambda book: cellvalues.clear(book, text))
    return {"spreadsheetId": call.spreadsheet_id, "clearedRange": cleared}


def values_batch_update(store: Store, call: Call) -> Json:
    """Write values into several ranges, all or nothing."""
    return store.update(call.spreadsheet_id, lambda book: cellvalues.update_all(book, call.body))


def values_batch_clear(store: Store, call: Call) -> Json:
    """Empty several ranges, all or nothing."""
    texts = call.body.get("ranges", [])
    cleared = store.update(
        call.spreadsheet_id, lambda book: [cellvalues.clear(book, text) for text in texts]
    )
    return {"spreadsheetId": call.spreadsheet_id, "clearedRanges": cleared}


_RENDERING = "majorDimension valueRenderOption dateTimeRenderOption"
_WRITING = (
    "valueInputOption includeValuesInResponse responseValueRenderOption "
    "responseDateTimeRenderOption"
)

# For each method: the query parameters that are implemented, and what carries the call out.
METHODS: Final[Mapping[str, tuple[str, Handler]]] = {
    "sheets.spreadsheets.create": ("", create),
    "sheets.spreadsheets.get": ("ranges includeGridData", get),
    "sheets.spreadsheets.batchUpdate": ("", batch_update),
    "sheets.spreadsheets.sheets.copyTo": ("", copy_to),
    "sheets.spreadsheets.values.get": (_RENDERING, values_get),
    "sheets.spreadsheets.values.batchGet": (f"ranges {_RENDERING}", values_batch_get),
    "sheets.spreadsheets.values.update": (_WRITING, values_update),
    "sheets.spreadsheets.values.append": (f"insertDataOption {_WRITING}", values_append),
    "sheets.spreadsheets.values.clear": ("", values_clear),
    "sheets.spreadsheets.values.batchUpdate": ("", values_batch_update),
    "sheets.spreadsheets.values.batchClear": ("", values_batch_clear),
}
