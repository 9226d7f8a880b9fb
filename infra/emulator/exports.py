"""A spreadsheet as a file: CSV and TSV of its first sheet, or an Excel workbook of all of them.

What is in an Excel file: values, formulas as they were typed, formats of numbers, notes, merges,
sizes, and what is hidden or frozen; nothing else, where Google's has more.
"""

import csv
import re
from collections.abc import Iterator
from io import BytesIO, StringIO
from typing import TYPE_CHECKING

from infra.emulator import a1, values
from infra.emulator.grid import NO_ROW, Cell
from infra.emulator.spreadsheet import Sheet, Spreadsheet
from infra.emulator.values import Formula, Locale

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell as ExcelCell
    from openpyxl.cell.cell import MergedCell
    from openpyxl.worksheet.worksheet import Worksheet

_LONGEST_TITLE = 31  # in Excel, where these signs must not be in one either
_NOT_IN_A_TITLE = re.compile(r"[\\*?:/\[\]]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_PIXELS_A_LETTER, _POINTS_A_PIXEL = 7, 0.75


def to_csv(book: Spreadsheet) -> str:
    """Return what people see of the first sheet, as a rectangle; lines end as RFC 4180 has them."""
    text = StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(_shown(book))
    return text.getvalue().removesuffix("\r\n")


def to_tsv(book: Spreadsheet) -> str:
    """Return what people see of the first sheet; tabs and ends of lines in cells become spaces."""
    return "\r\n".join(
        "\t".join(re.sub(r"[\t\r\n]+", " ", text) for text in line) for line in _shown(book)
    )


def to_excel(book: Spreadsheet) -> bytes:
    """Return an Excel workbook of all sheets."""
    from openpyxl import Workbook  # noqa: PLC0415 - for exports alone

    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for sheet, title in zip(book.sheets, _titles(book), strict=True):
        _fill(workbook.create_sheet(title), sheet, book.locale)
    file = BytesIO()
    workbook.save(file)
    return file.getvalue()


def _shown(book: Spreadsheet) -> list[list[str]]:
    sheet = book.sheets[0]
    rows = sheet.grid.rows[: sheet.grid.next_row()]
    width = max((column + 1 for row in rows for column in row.values), default=0)
    return [
        [
            values.formatted(cell.value, cell.number_format, book.locale)
            for cell in map(row.cell, range(width))
        ]
        for row in rows
    ]


def _titles(book: Spreadsheet) -> Iterator[str]:
    """Give each sheet a title that Excel takes."""
    taken: set[str] = set()
    for number, sheet in enumerate(book.sheets, start=1):
        title = _NOT_IN_A_TITLE.sub("_", sheet.title).strip("'")[:_LONGEST_TITLE]
        if not title or title.casefold() in taken:
            end = f" {number}"
            title = title[: _LONGEST_TITLE - len(end)] + end
        taken.add(title.casefold())
        yield title


def _fill(worksheet: "Worksheet", sheet: Sheet, locale: Locale) -> None:
    for index, row in enumerate(sheet.grid.rows):
        if row is NO_ROW:
            continue
        for column in sorted({column for facet in row.facets for column in facet}):
            _write(worksheet.cell(index + 1, column + 1), row.cell(column), locale)
        height = worksheet.row_dimensions[index + 1]
        if "pixelSize" in row.properties:
            height.height = row.properties["pixelSize"] * _POINTS_A_PIXEL
        height.hidden = row.properties.get("hiddenByUser", False)
    for index, properties in enumerate(sheet.grid.columns):
        width = worksheet.column_dimensions[a1.column_letters(index)]
        if "pixelSize" in properties:
            width.width = properties["pixelSize"] / _PIXELS_A_LETTER
        width.hidden = properties.get("hiddenByUser", False)
    for box in sheet.merged:
        worksheet.merge_cells(
            start_row=box.top + 1,
            end_row=box.bottom,
            start_column=box.left + 1,
            end_column=box.right,
        )
    frozen = sheet.properties["gridProperties"]
    rows, columns = frozen.get("frozenRowCount", 0), frozen.get("frozenColumnCount", 0)
    worksheet.freeze_panes = f"{a1.column_letters(columns)}{rows + 1}"
    worksheet.sheet_state = "hidden" if sheet.properties.get("hidden") else "visible"


def _write(target: "ExcelCell | MergedCell", cell: Cell, locale: Locale) -> None:
    from openpyxl.comments import Comment  # noqa: PLC0415 - see `to_excel`

    value = cell.value
    target.value = _CONTROL.sub("", value) if isinstance(value, str) else value
    if isinstance(value, str) and not isinstance(value, Formula):
        target.data_type = "s"  # a text may begin with "="
    number_format = cell.number_format
    kind = number_format.get("type", "")
    pattern = number_format.get("pattern") or {**locale.patterns, "TEXT": "@"}.get(kind)
    if pattern:
        target.number_format = pattern
    if cell.note:
        target.comment = Comment(cell.note, "")
