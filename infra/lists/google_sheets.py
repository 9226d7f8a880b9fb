"""Reads a spreadsheet in Google Sheets that somebody shared, as any list; it is never changed."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from functions.shared.errors import WorkbookBusyError, WorkbookError, WorkbookTooBigError
from functions.shared.settings import GOOGLE_SHEETS_API, SETTINGS
from functions.shared.sheets.google import GoogleWorkbook, open_workbook
from infra.lists.outlines import MOST_COLUMNS, MOST_ROWS, too_large
from infra.lists.sheets import Cell, ListError, ListFile, Merge, Sheet
from infra.lists.spreadsheets import as_merge, hidden_places
from infra.patience import patiently
from sheets_schema.wire import Json, a1, cell_value

READ_ONLY = ("https://www.googleapis.com/auth/spreadsheets.readonly",)
ROWS_AT_ONCE = 5_000  # so that no answer is longer than the adapter reads
_SHEETS = "properties(title,locale),sheets(properties(title,hidden,sheetType,gridProperties))"
_CELLS = (
    "sheets(merges,data(rowMetadata(hiddenByUser,hiddenByFilter),"
    "columnMetadata(hiddenByUser),"
    "rowData.values(effectiveValue,formattedValue,effectiveFormat.numberFormat.type)))"
)
_ID = re.compile(r"[\w-]{20,}")  # of Google; the local ones are shorter
_FIRST_DAY = datetime(1899, 12, 30)  # noqa: DTZ001  (what a clock on the wall showed)
_LAST_DAY = 2_958_465  # 31/12/9999
_MOMENTS = ("DATE", "DATE_TIME")
_DENIED, _NOT_FOUND, _BAD = 403, 404, 400


def is_spreadsheet(name: str, api: str = GOOGLE_SHEETS_API) -> bool:
    """Whether a name is the address or the id of a spreadsheet in Google Sheets, and no file."""
    if Path(name).is_file():
        return False
    if "/" in name or "." in name:
        return "/spreadsheets/" in name
    return bool(_ID.fullmatch(name)) or api != GOOGLE_SHEETS_API


def read_spreadsheet(name: str, api: str = GOOGLE_SHEETS_API) -> ListFile:
    """Read a spreadsheet with the Google identity of this machine.

    Args:
        name: its address or its id.
        api: the address of the Sheets API.

    Raises:
        ListError: it cannot be read; the sentence says what whoever owns it has to do.
        AccueilError: this machine has no Google identity, or Google does not answer.
    """
    try:
        spreadsheet = SETTINGS["spreadsheet"].parse(name)
    except ValueError as error:
        raise ListError(
            "Cette adresse n'est pas celle d'un classeur Google : copiez celle que montre le "
            "navigateur quand la liste est ouverte (https://docs.google.com/spreadsheets/d/…)."
        ) from error
    workbook = open_workbook(spreadsheet, api, scopes=READ_ONLY)
    try:
        book = patiently(lambda: workbook.get([], _SHEETS))
        sheets = tuple(_sheets(workbook, book))
    except WorkbookTooBigError as error:
        raise ListError(
            "Cette liste contient trop de texte : copiez-en les colonnes utiles dans un autre "
            "classeur."
        ) from error
    except WorkbookBusyError:
        raise
    except WorkbookError as error:
        raise _explained(error, workbook.identity) from error
    return ListFile(
        book["properties"]["title"], sheets, ("Classeur Google, lu tel qu'il est maintenant.",)
    )


def _explained(error: WorkbookError, identity: str) -> WorkbookError | ListError:
    """What to do about a spreadsheet that Google does not show."""
    response = getattr(error.__cause__, "response", None)
    status = getattr(response, "status_code", None)
    whom = identity or "le compte Google de cette machine"
    share = (
        f"Demandez à qui le tient de l'ouvrir et de choisir Partager : {whom}, en lecture. Sinon : "
        "Fichier, Télécharger, .xlsx, et importez ce fichier."
    )
    if status == _DENIED:
        return ListError(f"Ce classeur n'est pas partagé avec {whom}. {share}")
    if status == _NOT_FOUND:
        return ListError(
            "Ce classeur est introuvable : l'adresse est incomplète, ou il a été supprimé ou n'est "
            f"pas partagé. {share}"
        )
    if status == _BAD:
        return ListError(
            "Google n'ouvre pas ce fichier comme un classeur : si c'est un .xlsx déposé dans "
            "Drive, téléchargez-le et importez-le, ou ouvrez-le et choisissez Fichier, "
            "Enregistrer au format Google Sheets."
        )
    return error


def _sheets(workbook: GoogleWorkbook, book: Json) -> Iterator[Sheet]:
    for resource in book["sheets"]:
        properties = resource["properties"]
        if properties.get("sheetType", "GRID") != "GRID":
            continue  # a chart that fills a tab, or a connected data source
        size = properties["gridProperties"]
        if size["columnCount"] > MOST_COLUMNS:
            raise too_large(properties["title"])
        yield _read(workbook, properties, size["rowCount"])


def _read(workbook: GoogleWorkbook, properties: Json, count: int) -> Sheet:
    """One tab; blank rows at its end do not count, whatever the size of its grid."""
    rows: list[list[Cell]] = []
    merged: dict[Merge, None] = {}
    hidden_rows: set[int] = set()
    hidden_columns: set[int] = set()
    for first in range(0, count, ROWS_AT_ONCE):
        cells = a1(properties["title"], f"{first + 1}:{min(first + ROWS_AT_ONCE, count)}")
        answer = patiently(partial(workbook.get, [cells], _CELLS))
        (sheet,) = answer["sheets"]
        (data,) = sheet["data"]
        read = [list(map(read_cell, row.get("values", []))) for row in data.get("rowData", [])]
        if any(cell is not None for row in read for cell in row):
            rows += [[] for _ in range(first - len(rows))]
            rows += read
        if len(rows) > MOST_ROWS:
            raise too_large(properties["title"])
        merged |= dict.fromkeys(map(as_merge, sheet.get("merges", [])))
        hidden_rows |= hidden_places(data.get("rowMetadata", []), first)
        hidden_columns |= hidden_places(data.get("columnMetadata", []), 0)
    while rows and not any(cell is not None for cell in rows[-1]):
        rows.pop()
    return Sheet(
        properties["title"],
        rows,
        tuple(merged),
        frozenset(hidden_rows),
        frozenset(hidden_columns),
        hidden=properties.get("hidden", False),
    )


def read_cell(data: Json) -> Cell:
    """The value of a CellData; a number that shows leading zeros is what it shows."""
    value = cell_value(data)
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, bool) or value is None:
        return value
    kind = data.get("effectiveFormat", {}).get("numberFormat", {}).get("type", "")
    if kind in _MOMENTS and 0 < value <= _LAST_DAY:
        return _FIRST_DAY + timedelta(days=value)
    shown = str(data.get("formattedValue", ""))
    if kind == "TIME":
        return shown or None
    digits = re.sub(r"\D", "", shown)
    if digits.startswith("0") and digits.lstrip("0") == str(int(value)) and value == int(value):
        return shown
    return float(value)
