"""Reads a file that a partner brought, whatever its format and whatever it is called."""

import io
import re
from datetime import date
from pathlib import Path
from zipfile import ZipFile

from infra.lists.binary_outlines import DamagedError, xls_outlines
from infra.lists.outlines import (
    Outline,
    check_grid,
    check_size,
    ods_outlines,
    xlsx_outlines,
)
from infra.lists.sheets import Cell, ListError, ListFile, Merge, Sheet
from infra.lists.text_files import decode, read_text
from infra.lists.web_pages import read_page

MOST_MEGABYTES = 20
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # of binary .xls, and of encrypted .xlsx
_PAGE = re.compile(
    r"\s*(?:<\?xml[^>]*\?>\s*<(?:!doctype )?html\b"
    r"|(?:<!--.*?-->\s*)*<(?:!doctype html|html|head|body|meta|table|div)\b)",
    re.IGNORECASE | re.DOTALL,
)
_XML = re.compile(r"\s*<\?xml\b", re.IGNORECASE)
_AGAIN = "Ouvrez-le dans un tableur et enregistrez-le en .xlsx, .ods ou .csv."
_ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "cp1252": "cp1252 (Windows)",
    "mac_roman": "mac_roman (vieux Mac)",
}
_NAMES = {";": "point-virgule", ",": "virgule", "\t": "tabulation", "|": "barre verticale"}


def read_file(path: Path) -> ListFile:
    """Read a file from disk, see `read_content`.

    Raises:
        ListError: it cannot be read; the sentence names the file.
    """
    try:
        # One byte more than allowed tells a file that is too large, and is never much to read.
        with path.open("rb") as stream:
            content = stream.read(MOST_MEGABYTES * 2**20 + 1)
    except OSError as error:
        raise ListError(f"{path.name} : ce fichier ne s'ouvre pas ({error.strerror}).") from error
    try:
        return read_content(path.name, content)
    except ListError as error:
        raise ListError(f"{path.name} : {error}") from error


def read_content(name: str, content: bytes) -> ListFile:
    """Read the content of a file. What it is decides, not what it is called.

    Raises:
        ListError: it is no spreadsheet, text or page, it is damaged, protected or too large.
    """
    if not content.strip():
        raise ListError("Ce fichier est vide.")
    if len(content) > MOST_MEGABYTES * 2**20:
        raise ListError(
            f"Ce fichier dépasse {MOST_MEGABYTES} Mo. Supprimez-en les images, ou coupez la "
            "liste en plusieurs fichiers."
        )
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return ListFile(name, _read_zip(content))
    if content.startswith(_COMPOUND):
        return ListFile(name, _read_binary(content))
    if content.startswith(b"%PDF"):
        raise ListError(
            "Ce fichier est un PDF : demandez la liste en .xlsx, .ods ou .csv à qui l'a faite."
        )
    beginning = decode(content[:4096])[0] if b"<" in content[:4096] else ""
    if _PAGE.match(beginning):
        sheets = read_page(decode(content)[0])
        if not sheets:
            raise ListError(f"Ce fichier est une page web sans tableau. {_AGAIN}")
        return ListFile(name, sheets, ("Ce fichier est une page web, lue comme un tableau.",))
    if _XML.match(beginning):
        raise ListError(f"Ce fichier est du XML, qui ne se lit pas ici. {_AGAIN}")
    sheet, encoding, separator = read_text(content)
    check_grid(sheet.name, len(sheet.rows), sheet.width)
    said = f"Texte lu en {_ENCODINGS[encoding]}, séparateur : {_NAMES.get(separator, separator)}."
    return ListFile(name, (sheet,), (said,))


def _read_zip(content: bytes) -> tuple[Sheet, ...]:
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            check_size(archive)
            outlines = _outlines(archive)
    except ListError:
        raise
    except Exception as error:  # damaged files break the parsers in many ways
        raise _damaged() from error
    return _read_values(content, outlines)


def _outlines(archive: ZipFile) -> dict[str, Outline]:
    parts = set(archive.namelist())
    if "xl/workbook.xml" in parts:
        return xlsx_outlines(archive)
    if "content.xml" in parts:
        return ods_outlines(archive)
    raise ListError(f"Ce fichier n'est pas un tableau. {_AGAIN}")


def _read_binary(content: bytes) -> tuple[Sheet, ...]:
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise ListError(
            "Ce fichier est protégé par un mot de passe. Ouvrez-le dans un tableur, ôtez le mot "
            "de passe et enregistrez-le."
        )
    try:
        outlines = xls_outlines(content)
    except DamagedError as error:
        raise _damaged() from error
    return _read_values(content, outlines)


def _damaged() -> ListError:
    return ListError(f"Ce fichier est endommagé. {_AGAIN}")


def _read_values(content: bytes, outlines: dict[str, Outline]) -> tuple[Sheet, ...]:
    try:
        return tuple(_sheets(content, outlines))
    except ListError:
        raise
    # The library is written in Rust. Where it gives up, Python gets an exception that is none of
    # Exception's, so that it is not caught by mistake.
    except BaseException as error:
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise _damaged() from error
        raise


def _sheets(content: bytes, outlines: dict[str, Outline]) -> list[Sheet]:
    try:
        from python_calamine import (  # noqa: PLC0415  (a group that few need)
            CalamineWorkbook,
            SheetTypeEnum,
            SheetVisibleEnum,
        )
    except ImportError as error:
        raise ListError(
            "Lire un tableur demande le groupe « lists » : « uv sync --group lists » l'installe."
        ) from error

    sheets = []
    with CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
        for metadata in workbook.sheets_metadata:
            if metadata.typ != SheetTypeEnum.WorkSheet:
                continue
            values = workbook.get_sheet_by_name(metadata.name)
            # The library counts to the index of the last row and column, from 0.
            check_grid(metadata.name, values.total_height + 1, values.total_width + 1)
            outline = outlines.get(metadata.name) or Outline()
            # The library tells merged cells of some formats, the outline those of the others.
            merged = outline.merged or [
                Merge(top, bottom, left, right)
                for (top, left), (bottom, right) in values.merged_cell_ranges or ()
            ]
            sheets.append(
                Sheet(
                    metadata.name,
                    [list(map(_cell, row)) for row in values.to_python(skip_empty_area=False)],
                    tuple(merged),
                    frozenset(outline.hidden_rows),
                    frozenset(outline.hidden_columns),
                    hidden=metadata.visible != SheetVisibleEnum.Visible,
                    since_1904=outline.since_1904,
                )
            )
    return sheets


def _cell(value: object) -> Cell:
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, bool | int | float | date):
        return value
    return None if value is None else str(value)  # an hour of the day, or a duration
