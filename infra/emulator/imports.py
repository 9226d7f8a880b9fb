"""A CSV file that is uploaded over a spreadsheet.

As recorded, all sheets are deleted, and a new sheet with the spreadsheet's title holds the file.
"""

import csv
from io import StringIO

from infra.emulator import a1, cellvalues
from infra.emulator.a1 import Box
from infra.emulator.errors import InvalidArgumentError
from infra.emulator.spreadsheet import MAXIMUM_TITLE, NEW_SHEET, Spreadsheet, new_id

_ONE_CELL = Box(0, 1, 0, 1)


def replace_by_csv(book: Spreadsheet, data: bytes) -> None:
    """Replace all sheets by one with the values of a CSV file, read as if people typed them.

    Args:
        book: The spreadsheet.
        data: The file in UTF-8, with commas between its values.

    Raises:
        InvalidArgumentError: If the file is not such a file.
    """
    try:
        rows = list(csv.reader(StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidArgumentError(f"The file is no CSV in UTF-8: {error}") from error
    size = {
        "rowCount": max(NEW_SHEET[0], len(rows)),
        "columnCount": max(NEW_SHEET[1], *map(len, rows), 0),
    }
    sheet_id = new_id({sheet.id for sheet in book.sheets})
    book.sheets, book.named_ranges = [], []
    title = book.properties["title"][:MAXIMUM_TITLE]
    sheet = book.add_sheet({"sheetId": sheet_id, "title": title, "gridProperties": size})
    if rows:
        typed = {"valueInputOption": "USER_ENTERED"}
        cellvalues.update(book, a1.write(sheet.title, _ONE_CELL), {"values": rows}, typed)
