"""The batch requests that move or change cells by their content: sortRange and findReplace."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from infra.emulator import values
from infra.emulator.a1 import Box
from infra.emulator.batch import required
from infra.emulator.errors import InvalidArgumentError, UnimplementedError
from infra.emulator.grid import Json
from infra.emulator.spreadsheet import Sheet, Spreadsheet
from infra.emulator.values import Formula, Value


def sort_range(book: Spreadsheet, arguments: Json) -> None:
    """Sort the rows of a range; cells outside it stay where they are."""
    sheet, box = book.locate(required(arguments, "range"))
    sort(sheet, box, required(arguments, "sortSpecs"))


def sort(sheet: Sheet, box: Box, specs: Sequence[Json]) -> None:
    """Sort the rows of a box; formats, notes and validation go with the values (checked live).

    Numbers come before texts and texts before booleans; blanks are last in either direction.

    Raises:
        InvalidArgumentError: If a column to sort by is not in the box.
        UnimplementedError: For a sort by colour, over merged cells, or over formulas, which Google
            would rewrite.
    """
    rows = sheet.grid.rows
    if any(merge.meets(box) for merge in sheet.merged):
        raise UnimplementedError("sorting merged cells")
    order = list(range(box.top, box.bottom))
    if any(isinstance(value, Formula) for _, _, value in _values(sheet, box)):
        raise UnimplementedError("sorting formulas")
    for spec in reversed(specs):  # sorting is stable, so sort by the last column first
        for name in spec:
            if name not in {"dimensionIndex", "sortOrder"}:
                raise UnimplementedError(f"SortSpec.{name}")
        column = spec.get("dimensionIndex", 0)
        if not box.left <= column < box.right:
            raise InvalidArgumentError(f"The sort column {column} is not in the range.")
        keys = {index: _sort_key(rows[index].values.get(column)) for index in order}
        filled = [index for index in order if column in rows[index].values]
        filled.sort(key=keys.__getitem__, reverse=spec.get("sortOrder") == "DESCENDING")
        order = filled + [index for index in order if column not in rows[index].values]
    sheet.grid.permute(box, order)


def find_replace(book: Spreadsheet, arguments: Json) -> Json:
    """Replace a text wherever it is, and return counts; a count of zero is left out.

    The search looks at cells as they are shown. A result that Sheets might take for a number, a
    date or a formula is refused, because it is not known how Google reads it.
    """
    replace = _replacement(arguments)
    locale = book.locale
    occurrences, formulas, plain = 0, 0, 0
    rows: set[tuple[int, int]] = set()
    for sheet, box in _searched(book, arguments):
        for row, column, old in _values(sheet, box):
            formula = isinstance(old, Formula)
            if formula and not arguments.get("includeFormulas"):
                continue
            if isinstance(old, str):
                text = str(old)
            else:
                text = values.formatted(old, sheet.grid.cell(row, column).number_format, locale)
            changed, count = replace(text)
            if not count:
                continue
            cell = sheet.grid.cell(row, column)
            new: Value = Formula(changed) if formula else values.checked(changed) or None
            as_text = cell.number_format.get("type") == "TEXT"
            read = values.typed(changed, locale, as_text=as_text).value
            if not formula and (type(read), read) != (type(new), new):
                raise UnimplementedError("a result of findReplace that is not plain text")
            sheet.grid.write(row, {column: cell._replace(value=new)})
            occurrences += count
            formulas, plain = formulas + formula, plain + (not formula)
            rows.add((sheet.id, row))
    counts = {
        "valuesChanged": plain,
        "formulasChanged": formulas,
        "rowsChanged": len(rows),
        "sheetsChanged": len({sheet for sheet, _ in rows}),
        "occurrencesChanged": occurrences,
    }
    return {name: count for name, count in counts.items() if count}


def _sort_key(value: Value) -> tuple[int, float, str, str]:
    if isinstance(value, bool):
        return 2, value, "", ""
    if isinstance(value, str):
        letters = unicodedata.normalize("NFKD", value.casefold())
        plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
        return 1, 0, plain, value
    return 0, value or 0, "", ""


def _searched(book: Spreadsheet, arguments: Json) -> Iterator[tuple[Sheet, Box]]:
    scopes = ["range" in arguments, "sheetId" in arguments, arguments.get("allSheets", False)]
    if sum(scopes) != 1:
        raise InvalidArgumentError("Must specify one of range, sheetId and allSheets.")
    if "range" in arguments:
        yield book.locate(arguments["range"])
    elif "sheetId" in arguments:
        sheet = book.sheet(arguments["sheetId"])
        yield sheet, sheet.grid.box
    else:
        yield from ((sheet, sheet.grid.box) for sheet in book.sheets)


def _values(sheet: Sheet, box: Box) -> Iterator[tuple[int, int, Value]]:
    for index in range(box.top, box.bottom):
        for column, value in sheet.grid.rows[index].values.items():
            if box.left <= column < box.right:
                yield index, column, value


def _replacement(arguments: Json) -> Any:  # noqa: ANN401 - a function of two results
    find, replacement = required(arguments, "find"), arguments.get("replacement", "")
    if not find:
        raise InvalidArgumentError("find must not be empty.")
    by_regex = arguments.get("searchByRegex", False)
    try:
        pattern = re.compile(
            find if by_regex else re.escape(find),
            0 if arguments.get("matchCase") else re.IGNORECASE,
        )
    except re.error as error:
        raise InvalidArgumentError(f"Invalid regular expression: {error}") from error
    if by_regex and any(
        int(group) > pattern.groups for group in re.findall(r"\$(\d)", replacement)
    ):
        raise InvalidArgumentError("The replacement refers to a group that there is not.")

    def expand(match: re.Match[str]) -> str:
        if not by_regex:
            return str(replacement)
        return re.sub(r"\$(\d)", lambda group: match[int(group[1])] or "", replacement)

    def replace(text: str) -> tuple[str, int]:
        if not arguments.get("matchEntireCell"):
            return pattern.subn(expand, text)
        match = pattern.fullmatch(text)
        return (expand(match), 1) if match else (text, 0)

    return replace
