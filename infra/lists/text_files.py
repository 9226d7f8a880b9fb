"""Reads CSV, whatever separates its cells and whatever encodes its letters. Pure."""

import codecs
import csv
import io
from collections import Counter

from infra.lists.sheets import ListError, Sheet

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_SEPARATORS = (";", ",", "\t", "|")
_LOOKED_AT = 200  # rows
_FRENCH = frozenset("éèêëàâäçùûüîïôöœÉÈÊÀÇŒ’–€«»°")
csv.field_size_limit(2**20)


def decode(content: bytes) -> tuple[str, str]:
    """The text of a file, and the encoding in which it makes sense.

    A text that is not UTF-8 comes from Windows (cp1252), or from an old Mac: of the two readings
    the one with more letters of French counts.

    Raises:
        ListError: it is no text.
    """
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            return content.decode(encoding, "replace"), encoding
    if b"\0" in content:
        raise ListError(
            "Ce fichier n'est ni un tableau ni un texte. Ouvrez-le dans un tableur et "
            "enregistrez-le en .xlsx, .ods ou .csv."
        )
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        readings = {
            encoding: content.decode(encoding, "replace") for encoding in ("cp1252", "mac_roman")
        }
        french = {name: sum(c in _FRENCH for c in text) for name, text in readings.items()}
        encoding = max(french, key=french.__getitem__)
        return readings[encoding], encoding


def read_text(content: bytes) -> tuple[Sheet, str, str]:
    """The table of a CSV file, its encoding, and the separator.

    Raises:
        ListError: the file is no text, or its quotes do not make sense.
    """
    text, encoding = decode(content)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.startswith("sep=") and "\n" in text:  # for Excel: which separator follows
        line, _, text = text.partition("\n")
        # The line counts: a person who looks for row 3 of the file counts it, too.
        separator = line[4:5] or ";"
        return Sheet(None, [[], *_cells(text, separator)]), encoding, separator
    separator = max(_SEPARATORS, key=lambda candidate: _regularity(text, candidate))
    return Sheet(None, _cells(text, separator)), encoding, separator


def _cells(text: str, separator: str, rows: int | None = None) -> list[list[str | None]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    lines: list[list[str | None]] = []
    try:
        for line in reader:
            lines.append([cell if cell.strip() else None for cell in line])
            if len(lines) == rows:
                break
    except csv.Error as error:
        raise ListError(
            f"Ligne {reader.line_num} : ce fichier CSV n'est pas lisible (un guillemet ouvert et "
            "jamais refermé, souvent). Ouvrez-le dans un tableur et enregistrez-le en .xlsx."
        ) from error
    return lines


def _regularity(text: str, separator: str) -> tuple[int, int]:
    """How much a text looks like a table with this separator: rows of the usual width, width."""
    try:
        lines = _cells(text, separator, _LOOKED_AT)
    except ListError:
        return 0, 0
    widths = Counter(len(line) for line in lines if len(line) > 1)
    if not widths:
        return 0, 0
    width, rows = max(widths.items(), key=lambda item: (item[1], item[0]))
    return rows * min(width, 4), width
