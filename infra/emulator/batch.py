"""The requests of `spreadsheets.batchUpdate`: a register of the known kinds, applied in order."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from infra.emulator import discovery, masks
from infra.emulator.errors import InvalidArgumentError, UnimplementedError
from infra.emulator.grid import Json
from infra.emulator.masks import Mask
from infra.emulator.spreadsheet import Spreadsheet

Handler: TypeAlias = Callable[[Spreadsheet, Json], Json | None]
Kinds: TypeAlias = Mapping[str, tuple[str, Handler]]


def apply(book: Spreadsheet, requests: Sequence[Json], kinds: Kinds) -> list[Json]:
    """Apply requests to a spreadsheet in their order and return their replies.

    Nothing is undone when a request fails, so apply a batch to a copy.

    Args:
        book: The spreadsheet to change.
        requests: Requests as Google's schema has them, one kind in each.
        kinds: For each kind, the names of the fields it implements and its handler.

    Raises:
        InvalidArgumentError: With the number and the kind of the request at fault.
        UnimplementedError: With the kind or field, before anything is changed if it is a kind.
    """
    if not requests:
        raise InvalidArgumentError("Must specify at least one request.")
    for index, request in enumerate(requests):
        if len(request) != 1:
            raise InvalidArgumentError(f"Invalid requests[{index}]: must have one kind of request.")
        kind = next(iter(request))
        if kind not in kinds:
            raise UnimplementedError(f"the request {kind}")
    return [_apply_one(book, index, request, kinds) for index, request in enumerate(requests)]


def _apply_one(book: Spreadsheet, index: int, request: Json, kinds: Kinds) -> Json:
    kind, arguments = next(iter(request.items()))
    fields, handler = kinds[kind]
    for name in arguments:
        if name not in fields.split():
            raise UnimplementedError(f"{kind}.{name}")
    try:
        reply = handler(book, arguments)
        book.check_size()
        for sheet in book.sheets:
            sheet.empty_merged()
    except UnimplementedError as error:
        raise UnimplementedError(f"{error.what} (in {kind})") from error
    except InvalidArgumentError as error:
        raise InvalidArgumentError(f"Invalid requests[{index}].{kind}: {error.message}") from error
    return {} if reply is None else {kind: reply}


def required(arguments: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return a field of a request.

    Raises:
        InvalidArgumentError: If it is missing.
    """
    if name not in arguments:
        raise InvalidArgumentError(f"{name} is required.")
    return arguments[name]


def field_mask(arguments: Mapping[str, Any], schema: str) -> Mask:
    """Return the fields that an update request changes.

    Raises:
        InvalidArgumentError: If there are none, or the schema does not have one of them.
    """
    if not arguments.get("fields"):
        raise InvalidArgumentError(
            "At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)"
        )
    mask = masks.parse(arguments["fields"])
    discovery.load("sheets.v4").check_mask(schema, mask)
    return mask
