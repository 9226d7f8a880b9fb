"""Reads the tables of a web page, which some programs save under the name .xls. Pure."""

import re
from html.parser import HTMLParser

from infra.lists.outlines import MOST_COLUMNS, MOST_ROWS, too_large
from infra.lists.sheets import Cell, ListError, Merge, Sheet

_UNENDED = re.compile(r"<[a-z/!?][^<>]*(?:(?=<)|\Z)", re.IGNORECASE)
_MOST_UNENDED = 20


def read_page(text: str) -> tuple[Sheet, ...]:
    """The tables of a page, each as a sheet without a name.

    Raises:
        ListError: a table is too large, or the page is damaged.
    """
    # Each tag that never ends makes the parser read the rest of the page, again and again.
    if len(_UNENDED.findall(text)) > _MOST_UNENDED:
        raise ListError(
            "Ce fichier est une page web endommagée. Ouvrez-le dans un tableur et enregistrez-le "
            "en .xlsx, .ods ou .csv."
        )
    reader = _TableReader()
    reader.feed(text)
    reader.close()
    reader.finish()
    return tuple(reader.sheets)


class _TableReader(HTMLParser):
    """Collects rows; a cell that spans others is repeated nowhere, and merged as in a sheet."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.sheets: list[Sheet] = []
        self._rows: list[list[Cell]] = []
        self._merged: list[Merge] = []
        self._covered: set[tuple[int, int]] = set()
        self._text: list[str] | None = None
        self._span = 1, 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "tr":
            self._end_cell()
            self._rows.append([])
            if len(self._rows) > MOST_ROWS:
                raise too_large(None)
        elif tag in ("td", "th"):
            self._end_cell()
            self._text = []
            self._span = _count(attributes.get("rowspan")), _count(attributes.get("colspan"))
        elif tag == "br" and self._text is not None:
            self._text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr"):
            self._end_cell()
        elif tag == "table":
            self.finish()

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def finish(self) -> None:
        """End the table that is being read, if there is one."""
        self._end_cell()
        if self._rows:
            self.sheets.append(Sheet(None, self._rows, tuple(self._merged)))
        self._rows, self._merged, self._covered = [], [], set()

    def _end_cell(self) -> None:
        if self._text is None:
            return
        if not self._rows:
            self._rows.append([])
        line, row = self._rows[-1], len(self._rows) - 1
        while (row, len(line)) in self._covered:
            line.append(None)
        column, (height, width) = len(line), self._span
        if column + width > MOST_COLUMNS:
            raise too_large(None)
        words = [" ".join(part.split()) for part in "".join(self._text).split("\n")]
        line += ["\n".join(words).strip() or None, *[None] * (width - 1)]
        if height > 1 or width > 1:
            self._merged.append(Merge(row, row + height - 1, column, column + width - 1))
            self._covered |= {
                (row + down, column + right) for down in range(1, height) for right in range(width)
            }
        self._text = None


def _count(text: str | None) -> int:
    """How many rows or columns a cell spans; a text that is no count is 1, as in browsers."""
    return min(max(int(text), 1), MOST_COLUMNS) if text and text.isdecimal() else 1
