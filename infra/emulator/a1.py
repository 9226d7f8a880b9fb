"""A1 notation and grid ranges: `'Été'!A2:C` ↔ rows and columns, as Google writes them."""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from infra.emulator.errors import InvalidArgumentError

_CELL = re.compile(r"(?=.)(?:\$?([A-Za-z]{1,3}))?(?:\$?([1-9][0-9]{0,7}))?")
_QUOTED = re.compile(r"'((?:[^']|'')*)'(?:(!)(.*))?", re.DOTALL)
_PLAIN_TITLE = re.compile(r"[^\W\d]\w*")
_EDGES = ("startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex")


class Box(NamedTuple):
    """A bounded rectangle of cells: zero-based, half open."""

    top: int
    bottom: int
    left: int
    right: int

    def meets(self, other: "Box") -> bool:
        """Tell whether the two rectangles have a cell in common."""
        return (
            self.top < other.bottom
            and other.top < self.bottom
            and self.left < other.right
            and other.left < self.right
        )

    def within(self, other: "Box") -> bool:
        """Tell whether this rectangle lies in the other one."""
        return (
            other.top <= self.top
            and self.bottom <= other.bottom
            and other.left <= self.left
            and self.right <= other.right
        )


class GridRange(NamedTuple):
    """Google's GridRange: zero-based, half open, `None` where it is unbounded."""

    sheet: int
    top: int | None = None
    bottom: int | None = None
    left: int | None = None
    right: int | None = None

    @classmethod
    def from_json(cls, wire: Mapping[str, Any]) -> "GridRange":
        """Read a GridRange; like Google, take a missing sheetId for sheet 0."""
        return cls(wire.get("sheetId", 0), *(wire.get(edge) for edge in _EDGES))

    def to_json(self) -> dict[str, Any]:
        """Write a GridRange; like Google (recorded), leave out a sheetId of 0."""
        edges = zip(_EDGES, self[1:], strict=True)
        return ({"sheetId": self.sheet} if self.sheet else {}) | {
            edge: index for edge, index in edges if index is not None
        }

    def within(self, rows: int, columns: int) -> Box:
        """Return the part of the range that lies in a grid of that size (perhaps empty)."""
        bottom = rows if self.bottom is None else min(self.bottom, rows)
        right = columns if self.right is None else min(self.right, columns)
        return Box(self.top or 0, bottom, self.left or 0, right)


def column_letters(index: int) -> str:
    """Return the letters of a zero-based column: 0 → A, 26 → AA."""
    letters = ""
    while index >= 0:
        index, rest = divmod(index, 26)
        letters = chr(ord("A") + rest) + letters
        index -= 1
    return letters


def column_index(letters: str) -> int:
    """Return the zero-based column of some letters, in either case: A → 0, aa → 26."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1


def parse(
    text: str,
    sheets: Mapping[str, int],
    named_range: Callable[[str], GridRange | None] = lambda _: None,
) -> GridRange:
    """Read a range such as `A1`, `Sheet1!A2:C`, `'It''s'!1:1`, a title or a named range.

    Cells without a sheet are on the first one. A name is looked for among the named ranges before
    the titles; quotes make it a title (Google's guide to A1 notation).

    Args:
        text: The range as the caller sent it.
        sheets: Sheet ids by title, in the order of the sheets.
        named_range: Finds a named range by its name.

    Raises:
        InvalidArgumentError: With Google's words, if it is not a range of this spreadsheet.
    """
    ids = {title.casefold(): sheet for title, sheet in sheets.items()}
    quoted = _QUOTED.fullmatch(text)
    title, bang, cells = quoted.groups() if quoted else text.rpartition("!")
    sheet = ids.get((title or "").replace("''", "'" if quoted else "''").casefold())
    if bang:
        area = None if sheet is None else _parse_cells(cells, sheet) or named_range(cells)
        area = area if area and area.sheet == sheet else None
    elif quoted:
        area = None if sheet is None else GridRange(sheet)
    else:
        area = _parse_cells(text, next(iter(sheets.values()))) or named_range(text)
        if area is None and text.casefold() in ids:
            area = GridRange(ids[text.casefold()])
    if area is None:
        raise InvalidArgumentError(f"Unable to parse range: {text}")
    return area


def write(title: str, box: Box) -> str:
    """Return the range in Google's words: `Sheet1!A1:C2`, `'Deux mots'!A1`."""
    first = f"{column_letters(box.left)}{box.top + 1}"
    last = f"{column_letters(box.right - 1)}{box.bottom}"
    plain = _PLAIN_TITLE.fullmatch(title) and not _parse_cells(title, 0)
    name = title if plain else "'" + title.replace("'", "''") + "'"
    return f"{name}!{first}" if first == last else f"{name}!{first}:{last}"


def _parse_cells(text: str, sheet: int) -> GridRange | None:
    first_text, colon, last_text = text.partition(":")
    first, last = _CELL.fullmatch(first_text), _CELL.fullmatch(last_text or first_text)
    if not first or not last or text.endswith(":"):
        return None
    if not colon and not (first[1] and first[2]):
        return None
    rows = [int(row) - 1 for row in (first[2], last[2]) if row]
    columns = [column_index(column) for column in (first[1], last[1]) if column]
    # An end without a row (`A2:A`) leaves the range open below; `A2:2` leaves it open on the right.
    return GridRange(
        sheet,
        min(rows, default=None),
        max(rows) + 1 if first[2] and last[2] else None,
        min(columns, default=None),
        max(columns) + 1 if first[1] and last[1] else None,
    )
