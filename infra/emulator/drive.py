"""The few methods of the Drive API that callers need, on files and on who may open them."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from flask import Response

from infra.emulator import exports, imports
from infra.emulator.errors import InvalidArgumentError, NotFoundError, UnimplementedError
from infra.emulator.grid import Json
from infra.emulator.methods import Call, Handler
from infra.emulator.spreadsheet import Spreadsheet
from infra.emulator.store import File, Store

SPREADSHEET: Final = "application/vnd.google-apps.spreadsheet"
_LONGEST_PAGE: Final = 100  # of permissions
_DEFAULT_FIELDS = ("kind", "id", "name", "mimeType")
_EXPORTS: Final[Mapping[str, Callable[[Spreadsheet], str | bytes]]] = {
    "text/csv": exports.to_csv,
    "text/tab-separated-values": exports.to_tsv,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": exports.to_excel,
}
_TERM = re.compile(r"""\s*(mimeType|name)\s*=\s*(?:"([^"]*)"|'([^']*)')\s*""")


def create(store: Store, call: Call) -> Json:
    """Create an empty spreadsheet."""
    _check_body(call)
    if "mimeType" not in call.body:
        raise UnimplementedError("a Drive file that is no spreadsheet")
    title = call.body.get("name")
    return _answer(store.create({"title": title} if title else {}), call)


def copy(store: Store, call: Call) -> Json:
    """Copy a spreadsheet with all it holds; a copy without a name is called "Copy of" its own."""
    _check_body(call)
    original = _found(store, call).book
    title = call.body.get("name") or f"Copy of {original.properties['title']}"
    return _answer(store.copy(original.id, title), call)


def export(store: Store, call: Call) -> Response:
    """Return a spreadsheet as a file."""
    book = _found(store, call).book
    if not (kind := call.query.get("mimeType")):
        raise InvalidArgumentError("Required parameter: mimeType")
    if kind not in _EXPORTS:
        raise UnimplementedError(f"the export to {kind}")
    return Response(_EXPORTS[kind](book), content_type=kind)


def upload(store: Store, call: Call) -> Json:
    """Replace all that a spreadsheet holds by a CSV file (Drive v2)."""
    kind, data = call.file
    if kind != "text/csv" or not call.query.get("convert") or call.masked:
        raise UnimplementedError("an upload other than of text/csv, converted, without fields")
    file = _found(store, call)
    store.update(file.book.id, lambda book: imports.replace_by_csv(book, data))
    answer = _file(store.file(file.book.id))
    names = ("title", "name"), ("createdDate", "createdTime"), ("modifiedDate", "modifiedTime")
    return {name: answer[name] for name in ("kind", "id", "mimeType", "version")} | {
        theirs: answer[ours] for theirs, ours in names
    }


def find_comments(store: Store, call: Call) -> Json:
    """List the comments on a file; as none can be made, there are none."""
    _found(store, call)
    if not call.masked:
        raise InvalidArgumentError("The 'fields' parameter is required for this method.")
    return {"kind": "drive#commentList", "comments": []}


def find(store: Store, call: Call) -> Json:
    """List the files that a query names; see `_wanted`."""
    if "pageToken" in call.query:
        raise UnimplementedError("drive.files.list with pageToken")
    wanted = _wanted(call.query.get("q", ""))
    files = [_file(file) for file in store.files()]
    matching = [file for file in files if wanted.items() <= file.items()]
    if not call.mask:
        matching = [{name: file[name] for name in _DEFAULT_FIELDS} for file in matching]
    return {"kind": "drive#fileList", "files": matching[: call.query.get("pageSize", 100)]}


def get(store: Store, call: Call) -> Json:
    """Show a file, with its version and time of change if the mask asks for them."""
    return _answer(_found(store, call), call)


def delete(store: Store, call: Call) -> None:
    """Delete a file."""
    store.delete(_found(store, call).book.id)


def find_permissions(store: Store, call: Call) -> Json:
    """List who may open a file, page by page; a token is the number of the next permission."""
    permissions = [_permission(item) for item in _found(store, call).permissions]
    token = call.query.get("pageToken", "0")
    if not token.isdecimal():
        raise InvalidArgumentError("Invalid Value")
    start, size = int(token), call.query.get("pageSize", 100)
    if not 1 <= size <= _LONGEST_PAGE:
        raise InvalidArgumentError(f"pageSize must be within 1 and {_LONGEST_PAGE}.")
    page = permissions[start : start + size]
    answer: Json = {"kind": "drive#permissionList", "permissions": page}
    if not call.mask:
        answer["permissions"] = [
            {name: item[name] for name in ("kind", "id", "type", "role")} for item in page
        ]
    if start + size < len(permissions):
        answer["nextPageToken"] = str(start + size)
    return answer


def _permission(item: Json) -> Json:
    return {"kind": "drive#permission"} | item


def _check_body(call: Call) -> None:
    for name in call.body:
        if name not in {"name", "mimeType"}:
            raise UnimplementedError(f"{call.method} with {name}")
    if call.body.get("mimeType", SPREADSHEET) != SPREADSHEET:
        raise UnimplementedError("a Drive file that is no spreadsheet")


def _found(store: Store, call: Call) -> File:
    try:
        return store.file(call.path["fileId"])
    except NotFoundError as error:
        raise NotFoundError(f"File not found: {call.path['fileId']}.") from error


def _answer(file: File, call: Call) -> Json:
    answer = _file(file)
    return answer if call.mask else {name: answer[name] for name in _DEFAULT_FIELDS}


def _file(file: File) -> Json:
    return {
        "kind": "drive#file",
        "id": file.book.id,
        "name": file.book.properties["title"],
        "mimeType": SPREADSHEET,
        "createdTime": _time(file.created),
        "modifiedTime": _time(file.modified),
        "version": str(file.version),
        "trashed": False,
        "capabilities": {"canEdit": True},
    }


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _wanted(query: str) -> dict[str, str]:
    """Read a query such as `mimeType="…" and name = "…"`; quotes within are taken as they are.

    gspread does not escape quotes in titles.
    """
    wanted = {}
    for term in query.split(" and ") if query else []:
        match = _TERM.fullmatch(term)
        if not match:
            raise UnimplementedError(f"the search term {term.strip()} in drive.files.list")
        wanted[match[1]] = match[2] if match[2] is not None else match[3]
    return wanted


METHODS: Final[Mapping[str, tuple[str, Handler]]] = {
    "drive.files.create": ("supportsAllDrives", create),
    "drive.files.copy": ("supportsAllDrives", copy),
    "drive.comments.list": ("includeDeleted pageSize pageToken", find_comments),
    "drive.files.export": ("mimeType", export),
    "drive.v2.files.update": ("convert supportsAllDrives uploadType", upload),
    "drive.files.list": (
        "q pageSize pageToken supportsAllDrives includeItemsFromAllDrives",
        find,
    ),
    "drive.files.get": ("supportsAllDrives includeItemsFromAllDrives", get),
    "drive.files.delete": ("supportsAllDrives", delete),
    "drive.permissions.list": ("pageSize pageToken supportsAllDrives", find_permissions),
}
