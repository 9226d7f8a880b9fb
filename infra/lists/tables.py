"""Finds the table of a sheet: its header, and which rows are people's. Pure."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

from infra.lists.contents import has_email, is_phone
from infra.lists.headers import is_header_word, understand
from infra.lists.sheets import Cell, Merge, Sheet, as_text
from infra.lists.words import word_set, words
from sheets_schema.text import normalise, quoted

_SEARCHED = 80  # rows from the top in which the header stands
_HIGHEST = 3  # rows of a header
_LEAST_KNOWN = 2  # headers that are understood, in a row of headers
_WIDE = 0.8  # of the table: a title is merged over that much
_SAME = 0.6  # of the cells of a header that is repeated
_BAND = re.compile(r"(?:19|20)\d\d(?:\s*[-/]\s*(?:19|20)?\d\d)?|s\d{1,2}|t[1-4]", re.IGNORECASE)
_TOTALS = [[word] for word in sorted(word_set("totals"))]
_LONG_NAME = 5  # words; more is a remark
_NARROW = 4  # columns: a row of a narrower table may say a single thing
_LEGEND = re.compile(r"^\s*[*•→(=]|:\s|=\s|\.\s*$|^\s*nb\b", re.IGNORECASE)


@dataclass(frozen=True)
class Column:
    """A column of a table: its position in the sheet, and its headers from top to bottom."""

    index: int
    path: tuple[str, ...]

    @property
    def title(self) -> str:
        """The headers, as a sentence names the column."""
        return " / ".join(" ".join(text.split()) for text in self.path if text)

    @property
    def key(self) -> str:
        """The headers as they are compared."""
        return normalise(" ".join(self.path))


@dataclass(frozen=True)
class Table:
    """A table in a sheet. `header` are the rows of its headers; `first` is the row below."""

    sheet: Sheet
    header: tuple[int, ...]
    first: int
    columns: tuple[Column, ...]

    @cached_property
    def _covering(self) -> dict[tuple[int, int], int]:
        """The row whose cell is shown in a cell below, because both are merged."""
        return {
            (row, merge.left): merge.top
            for merge in self.sheet.merged
            if merge.left == merge.right and merge.top >= self.first
            for row in range(merge.top + 1, merge.bottom + 1)
        }

    def shown(self, row: int, column: int) -> Cell:
        """The cell that people see; one that is merged downwards holds for each row it covers."""
        return self.sheet.cell(self._covering.get((row, column), row), column)

    def cells(self, column: int) -> list[Cell]:
        """The cells of a column below the header, without those of titles between and of totals."""
        return [self.sheet.cell(row, column) for row in self._body]

    @cached_property
    def _body(self) -> Sequence[int]:
        """The rows that say more than a title or a total; all rows of a narrow table."""
        rows = range(self.first, len(self.sheet.rows))
        if len(self.columns) < _NARROW:
            return rows
        header = {normalise(column.path[-1]) for column in self.columns if column.path} - {""}
        body = [row for row in rows if self._says_something(row, header)]
        return body or rows

    def _says_something(self, row: int, header: Collection[str]) -> bool:
        texts = [text for cell in self.sheet.rows[row] if (text := as_text(cell))]
        if len(texts) < 2 or normalise(texts[0]).split()[:1] in _TOTALS:  # noqa: PLR2004
            return False
        return not _is_repeated([normalise(text) for text in texts], header)


@dataclass(frozen=True)
class LeftOut:
    """A row that is no person's, and why, in French."""

    row: int
    reason: str


@dataclass(frozen=True)
class Records:
    """Which rows of a table are people's.

    `continued` holds, for a record, the rows below that go on with it.
    """

    rows: tuple[int, ...]
    continued: dict[int, tuple[int, ...]]
    left_out: tuple[LeftOut, ...]


def find_table(sheet: Sheet) -> Table | None:
    """The table of a sheet; None if there is nothing that looks like a list of people.

    A sheet without headers has a table if e-mail addresses or phone numbers stand in it.
    """
    grid = _Grid(sheet)
    best = max(
        range(min(len(sheet.rows), _SEARCHED)), key=lambda row: (grid.score(row), -row), default=0
    )
    if sheet.rows and grid.is_header(best):
        top, bottom = grid.top(best), grid.bottom(best)
        return Table(sheet, tuple(range(top, bottom + 1)), bottom + 1, grid.columns(top, bottom))
    first = next((row for row in range(len(sheet.rows)) if grid.has_contact(row)), None)
    if first is None:
        return None
    return Table(sheet, (), first, tuple(Column(index, ()) for index in range(sheet.width)))


class _Grid:
    """Answers questions about the rows of a sheet, each of which may be its header."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._texts: dict[int, dict[int, str]] = {}

    def texts(self, row: int) -> dict[int, str]:
        """The texts of a row that are not blank, by column."""
        if row not in self._texts:
            cells = self._sheet.rows[row] if 0 <= row < len(self._sheet.rows) else ()
            pairs = ((column, as_text(cell)) for column, cell in enumerate(cells))
            self._texts[row] = {column: text for column, text in pairs if text}
        return self._texts[row]

    def known(self, row: int) -> int:
        """How many headers of a row are understood."""
        return sum(map(is_header_word, self.texts(row).values()))

    def score(self, row: int) -> float:
        """How much a row looks like headers; data counts against it."""
        texts = self.texts(row)
        if self.has_contact(row):
            return 0
        values = sum(self._is_value(row, column) for column in texts)
        known = self.known(row)
        return 2 * known + 0.1 * len(texts) - 2 * values if known else 0

    def is_header(self, row: int) -> bool:
        """Whether the row with the best score is one of headers."""
        known = self.known(row)
        if self.score(row) <= 0:
            return False
        if known >= _LEAST_KNOWN:
            return True
        texts = list(self.texts(row).values())
        if len(texts) > 1 and understand((texts[0],)).meaning == "full_name":
            return bool(self.texts(row + 1))  # a list of names, and a grid of crosses beside it
        # A list may have one column only.
        return known == 1 and len(self.texts(row)) <= _HIGHEST and self.has_contact(row + 1)

    def has_contact(self, row: int) -> bool:
        """Whether an e-mail address or a phone number stands in a row."""
        return any(
            has_email(text) or (is_phone(text) and len(text) > 8)  # noqa: PLR2004
            for text in self.texts(row).values()
        )

    def _is_value(self, row: int, column: int) -> bool:
        cell = self._sheet.cell(row, column)
        return not isinstance(cell, str) or cell.strip().isdecimal()

    def top(self, row: int) -> int:
        """The first row of the header that ends at or below `row`: groups may stand above."""
        top = row
        while top > 0 and row - top < _HIGHEST - 1 and self._is_group_row(top - 1):
            top -= 1
        return top

    def _is_group_row(self, row: int) -> bool:
        texts = self.texts(row)
        if len(texts) < _LEAST_KNOWN and not (texts and self._merges(row)):
            return False
        if self.has_contact(row) or any(self._is_value(row, column) for column in texts):
            return False
        width = len(self.texts(row + 1))
        wide = any(merge.right - merge.left + 1 >= _WIDE * width for merge in self._merges(row))
        titles = [text for text in texts.values() if any(char.isdigit() for char in text)]
        if titles and not self._merges(row):
            return False
        return not wide and all(len(text) <= 60 for text in texts.values())  # noqa: PLR2004

    def _merges(self, row: int) -> list[Merge]:
        return [
            merge
            for merge in self._sheet.merged
            if merge.top <= row <= merge.bottom and merge.right > merge.left
        ]

    def bottom(self, row: int) -> int:
        """The last row of the header that begins at or above `row`: finer headers, instructions."""
        bottom = row
        while bottom + 1 < len(self._sheet.rows) and bottom - row < _HIGHEST - 1:
            if not (self._is_finer(bottom + 1, bottom) or self._instructs(bottom + 1)):
                break
            bottom += 1
        return bottom

    def _is_finer(self, row: int, above: int) -> bool:
        texts = self.texts(row)
        if not texts or self.has_contact(row):
            return False
        if any(self._is_value(row, column) for column in texts):
            return False
        known = self.known(row)
        under_nothing = [column for column in texts if column not in self.texts(above)]
        return (
            known >= 1
            and known >= len(texts) / 2
            and bool(under_nothing or known > 1)
            and (self._texts_differ(row, above))
        )

    def _texts_differ(self, row: int, above: int) -> bool:
        """Whether a row has other words than the one above, which may stand there twice."""
        there = {normalise(text) for text in self.texts(above).values()}
        return not there & {normalise(text) for text in self.texts(row).values()}

    def _instructs(self, row: int) -> bool:
        texts = list(self.texts(row).values())
        if len(texts) < _LEAST_KNOWN or self.has_contact(row):
            return False
        said = [text for text in texts if any(w in text.lower() for w in words()["instructions"])]
        return len(said) > len(texts) / 2

    def columns(self, top: int, bottom: int) -> tuple[Column, ...]:
        """The columns of a table, each with all headers that stand over it."""
        paths: list[list[str]] = [[] for _ in range(self._sheet.width)]
        for row in range(top, bottom + 1):
            if row == bottom and row > top and self._instructs(row):
                continue
            is_last = row == bottom
            for column, text in self._spread(row, is_last=is_last).items():
                if not paths[column] or normalise(paths[column][-1]) != normalise(text):
                    paths[column].append(text)
        return tuple(Column(index, tuple(path)) for index, path in enumerate(paths))

    def _spread(self, row: int, *, is_last: bool) -> dict[int, str]:
        """The texts of a row of headers, a group's over all of its columns.

        Without merged cells a group reaches to the next; the last row has no groups.
        """
        texts = dict(self.texts(row))
        merges = self._merges(row)
        for merge in merges:
            if (text := self.texts(merge.top).get(merge.left)) and not is_last:
                texts |= dict.fromkeys(range(merge.left, merge.right + 1), text)
        if is_last or merges:
            return texts
        below = self.texts(row + 1)
        current = ""
        for column in range(self._sheet.width):
            current = texts.get(column, current)
            if column not in texts and current and column in below:
                texts[column] = current
            elif column not in texts:
                current = ""
        return texts


def find_records(table: Table, identity: Collection[int], mapped: Collection[int]) -> Records:
    """Tell people's rows from totals, titles between rows, repeated headers and ghosts.

    Args:
        table: the table.
        identity: the columns that hold names and contacts of the record's person.
        mapped: all columns that become something.
    """
    sheet = table.sheet
    rows: list[int] = []
    continued: dict[int, tuple[int, ...]] = {}
    left_out: list[LeftOut] = []
    header = {normalise(column.path[-1]) for column in table.columns if column.path} - {""}
    open_record: int | None = None
    for row in range(table.first, len(sheet.rows)):
        texts = {c: text for c, cell in enumerate(sheet.rows[row]) if (text := as_text(cell))}
        if not texts:
            open_record = None
            continue
        reason = _no_record(texts, identity, header, sheet, row)
        if reason is None:
            rows.append(row)
            open_record = row
        elif open_record is not None and reason == _GHOST and _says_more(texts, mapped, sheet, row):
            continued[open_record] = (*continued.get(open_record, ()), row)
        else:
            left_out.append(LeftOut(row, reason))
            open_record = None
    return Records(tuple(rows), continued, tuple(left_out))


def _is_repeated(keys: Sequence[str], header: Collection[str]) -> bool:
    """Whether a row is the header once more."""
    return len(header) > 1 and sum(key in header for key in keys) >= max(2, _SAME * len(keys))


_GHOST = "ni nom, ni téléphone, ni courriel"


def _no_record(
    texts: dict[int, str], identity: Collection[int], header: set[str], sheet: Sheet, row: int
) -> str | None:
    """Why a row is no person's; None if it is a person's."""
    keys = [normalise(text) for text in texts.values()]
    leading = {min(texts), *identity} & texts.keys()
    if _is_repeated(keys, header):
        return "en-tête répété"
    contact = any(has_email(texts[c]) or is_phone(texts[c]) for c in identity if c in texts)
    if not contact and any(normalise(texts[column]).split()[:1] in _TOTALS for column in leading):
        return "total"
    if contact:
        return None
    if len(texts) == 1 or _is_merged_over(sheet, row, texts):
        text = next(iter(texts.values()))
        if _is_title(text) or _is_merged_over(sheet, row, texts):
            return f"titre ou légende ({quoted(text)})"
    named = [texts[column] for column in identity if column in texts]
    return None if any(any(c.isalpha() for c in text) for text in named) else _GHOST


def _is_title(text: str) -> bool:
    key = normalise(text)
    said = key.split()
    return bool(
        _LEGEND.search(text)
        or len(said) > _LONG_NAME
        or any(char.isdigit() for char in text)
        or (said and said[0] in word_set("bands"))
        or _BAND.fullmatch(text.strip())
    )


def _is_merged_over(sheet: Sheet, row: int, texts: dict[int, str]) -> bool:
    """Whether all that a row says stands in one cell that is merged over several columns."""
    first = min(texts)
    return len(texts) == 1 and any(
        merge.top == row and merge.left == first and merge.right - merge.left > 1
        for merge in sheet.merged
    )


def _says_more(texts: dict[int, str], mapped: Collection[int], sheet: Sheet, row: int) -> bool:
    """Whether a row without a name says something about the person above."""
    more = [
        column
        for column in texts
        if column in mapped
        and not isinstance(sheet.cell(row, column), bool)
        and normalise(texts[column]) not in ("non", "faux", "false", "0")
    ]
    return bool(more)
