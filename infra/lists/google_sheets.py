"""Reads a spreadsheet in Google Sheets that somebody shared, as any list; it is never changed."""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from functions.shared.errors import WorkbookBusyError, WorkbookError, WorkbookTooBigError
from functions.shared.settings import GOOGLE_SHEETS_API, SETTINGS
from functions.shared.sheets.google import GoogleWorkbook, open_workbook
from infra.lists.outlines import MOST_COLUMNS, too_large
from infra.lists.sheets import ListError, ListFile, Sheet
from infra.lists.spreadsheets import CELL_FIELDS, as_sheet
from infra.patience import patiently
from sheets_schema.wire import Json, a1

READ_ONLY = ("https://www.googleapis.com/auth/spreadsheets.readonly",)
ROWS_AT_ONCE = 5_000  # so that no answer is longer than the adapter reads
_SHEETS = "properties(title,locale),sheets(properties(title,hidden,sheetType,gridProperties))"
_CELLS = f"sheets(merges,{CELL_FIELDS})))"
_ID = re.compile(r"[\w-]{20,}")  # of Google; the local ones are shorter
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
        yield as_sheet(properties, _pieces(workbook, properties["title"], size["rowCount"]))


def _pieces(workbook: GoogleWorkbook, title: str, count: int) -> Iterator[Json]:
    """A tab in pieces of which each is one answer."""
    for first in range(0, count, ROWS_AT_ONCE):
        cells = a1(title, f"{first + 1}:{min(first + ROWS_AT_ONCE, count)}")
        (piece,) = patiently(partial(workbook.get, [cells], _CELLS))["sheets"]
        yield piece
