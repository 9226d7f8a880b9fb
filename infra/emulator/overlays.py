"""Batch requests on what lies over the cells: names, protections, conditional formats, filters.

Data validation is kept and shown, but refuses no write: it is not known whether a strict rule stops
a write through the API. The caller of the local API is the owner, whom protections do not stop,
unless the call says who calls.
"""

import re
from collections.abc import Callable, Mapping

from infra.emulator import formats, masks
from infra.emulator.a1 import GridRange, parse
from infra.emulator.batch import field_mask, required
from infra.emulator.errors import InvalidArgumentError, UnimplementedError
from infra.emulator.grid import Json
from infra.emulator.render import filter_answer, protected_range
from infra.emulator.sorting import sort
from infra.emulator.spreadsheet import Sheet, Spreadsheet, new_id

_NAME = re.compile(r"[^\W\d]\w{0,249}")


def add_named_range(book: Spreadsheet, arguments: Json) -> Json:
    """Name a range; an id or a name that exists is refused (the id as documented)."""
    named = dict(required(arguments, "namedRange"))
    _claim_id(named, "namedRangeId", book.named_ranges, "named range", str)
    named = _checked_name(book, named)
    book.named_ranges.append(named)
    return {"namedRange": named}


def update_named_range(book: Spreadsheet, arguments: Json) -> None:
    """Change the name or the range of a named range."""
    mask, new = field_mask(arguments, "NamedRange"), required(arguments, "namedRange")
    index = _index(book.named_ranges, "namedRangeId", new.get("namedRangeId"))
    old = book.named_ranges[index]
    changed = masks.merge(mask, old, new) | {"namedRangeId": old["namedRangeId"]}
    book.named_ranges[index] = _checked_name(book, changed, old)


def delete_named_range(book: Spreadsheet, arguments: Json) -> None:
    """Forget a named range."""
    name = required(arguments, "namedRangeId")
    del book.named_ranges[_index(book.named_ranges, "namedRangeId", name)]


def add_protected_range(book: Spreadsheet, arguments: Json) -> Json:
    """Protect a range."""
    new = required(arguments, "protectedRange")
    sheet, item = _checked_protection(book, new)
    others = [other for s in book.sheets for other in s.protected_ranges]
    _claim_id(item, "protectedRangeId", others, "protected range", int)
    sheet.protected_ranges.append(item)
    return {"protectedRange": protected_range(item)}


def update_protected_range(book: Spreadsheet, arguments: Json) -> None:
    """Change a protected range."""
    mask, new = field_mask(arguments, "ProtectedRange"), required(arguments, "protectedRange")
    sheet, index = _find(
        book, lambda s: s.protected_ranges, "protectedRangeId", new.get("protectedRangeId")
    )
    old = sheet.protected_ranges[index]
    changed = masks.merge(mask, old, new) | {"protectedRangeId": old["protectedRangeId"]}
    target, item = _checked_protection(book, changed)
    if target is not sheet:
        raise InvalidArgumentError("A protected range cannot move to another sheet.")
    sheet.protected_ranges[index] = item


def delete_protected_range(book: Spreadsheet, arguments: Json) -> None:
    """Lift a protection."""
    wanted = required(arguments, "protectedRangeId")
    sheet, index = _find(book, lambda s: s.protected_ranges, "protectedRangeId", wanted)
    del sheet.protected_ranges[index]


def closed_to(book: Spreadsheet, user: str) -> Mapping[int, list[object]]:
    """What stands in the ranges that a user may not edit, by the id of their protection.

    A caller without a name is the owner, whom no protection stops.
    """
    if not user:
        return {}
    return {
        item["protectedRangeId"]: [
            {
                column - box.left: value
                for column, value in row.values.items()
                if box.left <= column < box.right
            }
            for row in sheet.grid.rows[box.top : box.bottom]
        ]
        for sheet in book.sheets
        for item in sheet.protected_ranges
        if not item.get("warningOnly") and user not in item.get("editors", {}).get("users", ())
        for box in [sheet.clip(GridRange.from_json(item["range"]))]
    }


def check_closed(book: Spreadsheet, before: Mapping[int, list[object]], user: str) -> None:
    """Refuse a batch that has changed what its user may not edit, see `closed_to`.

    Raises:
        InvalidArgumentError: As users report it.
    """
    after = closed_to(book, user)
    if any(after.get(number) != contents for number, contents in before.items()):
        raise InvalidArgumentError(
            "You are trying to edit a protected cell or object. Please contact the spreadsheet "
            "owner to remove protection if you need to edit."
        )


def add_conditional_format_rule(book: Spreadsheet, arguments: Json) -> None:
    """Insert a conditional format rule before another one; the first is the strongest."""
    sheet, rule = _checked_rule(book, required(arguments, "rule"))
    index = arguments.get("index", 0)
    if not 0 <= index <= len(sheet.conditional_formats):
        raise InvalidArgumentError(f"There is no place {index} for a rule.")
    sheet.conditional_formats.insert(index, rule)


def update_conditional_format_rule(book: Spreadsheet, arguments: Json) -> Json:
    """Replace a conditional format rule, or move it."""
    index = arguments.get("index", 0)
    if "rule" in arguments:
        sheet, rule = _checked_rule(book, arguments["rule"])
        old = sheet.conditional_formats[_place(sheet, index)]
        sheet.conditional_formats[index] = rule
        return {
            "newRule": formats.expanded(rule),
            "newIndex": index,
            "oldRule": formats.expanded(old),
        }
    sheet = book.sheet(arguments.get("sheetId", 0))
    new_index = _place(sheet, required(arguments, "newIndex"))
    rule = sheet.conditional_formats.pop(_place(sheet, index))
    sheet.conditional_formats.insert(new_index, rule)
    return {"newRule": formats.expanded(rule), "newIndex": new_index, "oldIndex": index}


def delete_conditional_format_rule(book: Spreadsheet, arguments: Json) -> Json:
    """Delete a conditional format rule."""
    sheet = book.sheet(arguments.get("sheetId", 0))
    rule = sheet.conditional_formats.pop(_place(sheet, arguments.get("index", 0)))
    return {"rule": formats.expanded(rule)}


def set_basic_filter(book: Spreadsheet, arguments: Json) -> None:
    """Set the filter that everybody sees; its sort order moves the rows below the header."""
    sheet, item = _checked_filter(book, required(arguments, "filter"))
    if item.get("filterSpecs"):
        raise UnimplementedError("hiding rows with a basic filter")
    box = sheet.clip(GridRange.from_json(item["range"]))
    if item.get("sortSpecs") and box.bottom - box.top > 1:
        sort(sheet, box._replace(top=box.top + 1), item["sortSpecs"])
    sheet.basic_filter = item


def clear_basic_filter(book: Spreadsheet, arguments: Json) -> None:
    """Take the filter away; sorted rows stay where they are."""
    book.sheet(arguments.get("sheetId", 0)).basic_filter = None


def add_filter_view(book: Spreadsheet, arguments: Json) -> Json:
    """Keep a filter view; it moves and hides nothing in the grid."""
    sheet, item = _checked_filter(book, required(arguments, "filter"))
    others = [other for s in book.sheets for other in s.filter_views]
    _claim_id(item, "filterViewId", others, "filter view", int)
    item.setdefault("title", f"Filter {len(sheet.filter_views) + 1}")
    sheet.filter_views.append(item)
    return {"filter": formats.expanded(filter_answer(item))}


def update_filter_view(book: Spreadsheet, arguments: Json) -> None:
    """Change a filter view."""
    mask, new = field_mask(arguments, "FilterView"), _with_specs(required(arguments, "filter"))
    mask = {"filterSpecs" if name == "criteria" else name: inner for name, inner in mask.items()}
    sheet, index = _find(book, lambda s: s.filter_views, "filterViewId", new.get("filterViewId"))
    old = sheet.filter_views[index]
    changed = masks.merge(mask, old, new) | {"filterViewId": new["filterViewId"]}
    target, item = _checked_filter(book, changed)
    if target is not sheet:
        raise InvalidArgumentError("A filter view cannot move to another sheet.")
    sheet.filter_views[index] = item


def delete_filter_view(book: Spreadsheet, arguments: Json) -> None:
    """Delete a filter view."""
    wanted = required(arguments, "filterId")
    sheet, index = _find(book, lambda s: s.filter_views, "filterViewId", wanted)
    del sheet.filter_views[index]


def _claim_id(
    item: Json, name: str, others: list[Json], what: str, kind: type[int] | type[str]
) -> None:
    """Give an id to a new item that has none; an id that exists is an error (documented)."""
    taken = {other[name] for other in others}
    item.setdefault(name, kind(new_id(taken)))
    if item[name] == "":
        raise InvalidArgumentError(f"{name} must not be empty.")
    if item[name] in taken:
        raise InvalidArgumentError(f"A {what} with id {item[name]} already exists.")


def _checked_name(book: Spreadsheet, named: Json, old: Json | None = None) -> Json:
    name = named.get("name", "")
    others = [other for other in book.named_ranges if other is not old]
    if any(other["name"].casefold() == name.casefold() for other in others):
        raise InvalidArgumentError(f'A named range with the name "{name}" already exists.')
    if not _NAME.fullmatch(name) or name.casefold() in {"true", "false"} or _is_cell(name):
        raise InvalidArgumentError(f'The name "{name}" is invalid.')
    book.locate(required(named, "range"))
    return named | {"range": GridRange.from_json(named["range"]).to_json()}


def _is_cell(name: str) -> bool:
    try:
        parse(name, {"": 0})
    except InvalidArgumentError:
        return re.fullmatch(r"[rR]\d*[cC]\d*", name) is not None
    return True


def _checked_protection(book: Spreadsheet, new: Mapping[str, object]) -> tuple[Sheet, Json]:
    for name in ("namedRangeId", "tableId"):
        if name in new:
            raise UnimplementedError(f"ProtectedRange.{name}")
    item: Json = {k: v for k, v in new.items() if v and k != "requestingUserCanEdit"} | {
        "range": required(new, "range")
    }
    sheet, _ = book.locate(item["range"])
    item["range"] = GridRange.from_json(item["range"]).to_json()
    if item.get("warningOnly"):
        item.pop("editors", None)  # documented: not supported with a mere warning
    elif "editors" in item:
        item["editors"] = {name: value for name, value in item["editors"].items() if value}
    for wire in item.get("unprotectedRanges", []):
        if book.locate(wire)[0] is not sheet:
            raise InvalidArgumentError("unprotectedRanges must be on the same sheet.")
    return sheet, item


def _checked_rule(book: Spreadsheet, new: Json) -> tuple[Sheet, Json]:
    rule = formats.canonical(new)
    formats.check_rule(rule)
    sheets = [book.locate(wire)[0] for wire in rule["ranges"]]
    if any(sheet is not sheets[0] for sheet in sheets):
        raise InvalidArgumentError("All ranges of a rule must be on the same sheet.")
    ranges = [GridRange.from_json(wire).to_json() for wire in rule["ranges"]]
    return sheets[0], rule | {"ranges": ranges}


def _checked_filter(book: Spreadsheet, new: Json) -> tuple[Sheet, Json]:
    for name in ("namedRangeId", "tableId"):
        if name in new:
            raise UnimplementedError(f"{name} in a filter")
    item = _with_specs(new)
    sheet, _ = book.locate(required(item, "range"))
    return sheet, item | {"range": GridRange.from_json(item["range"]).to_json()}


def _with_specs(new: Json) -> Json:
    """A filter with its criteria in the newer spelling, which wins if both are given."""
    item: Json = formats.canonical(new)
    criteria = item.pop("criteria", {})
    if criteria and "filterSpecs" not in item:
        item["filterSpecs"] = [
            {"columnIndex": int(column), "filterCriteria": value}
            for column, value in criteria.items()
        ]
    return item


def _index(items: list[Json], name: str, wanted: object) -> int:
    for index, item in enumerate(items):
        if item[name] == wanted:
            return index
    raise InvalidArgumentError(f"There is no {name} {wanted}.")


def _find(
    book: Spreadsheet, of: Callable[[Sheet], list[Json]], name: str, wanted: object
) -> tuple[Sheet, int]:
    for sheet in book.sheets:
        if any(item[name] == wanted for item in of(sheet)):
            return sheet, _index(of(sheet), name, wanted)
    raise InvalidArgumentError(f"There is no {name} {wanted}.")


def _place(sheet: Sheet, index: int) -> int:
    if not 0 <= index < len(sheet.conditional_formats):
        raise InvalidArgumentError(f"There is no conditional format rule {index}.")
    return index
