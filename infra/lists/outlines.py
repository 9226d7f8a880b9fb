"""What a spreadsheet file says beside its values: merged cells, hidden rows and columns, size.

The library that reads the values tells none of this for all formats. These are the parts of
ECMA-376 (XLSX) and of OpenDocument 1.3 (ODS) that say it. The XML is never read as a whole, and
refused if it declares a document type: no spreadsheet program writes one, and entities need it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat
from zipfile import ZipFile

from infra.lists.sheets import ListError, Merge

MOST_ROWS = 100_000
MOST_COLUMNS = 1_000
MOST_CELLS = (
    5_000_000  # of a sheet, blank ones with them: a stray cell makes as many as a long list
)
MOST_BYTES = 300 * 2**20  # of all parts of a file, decompressed
_CHUNK = 2**16
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")

Attributes = Mapping[str, str]


@dataclass
class Outline:
    """What is known of a sheet beside its values. Rows and columns count from 0."""

    merged: list[Merge] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    since_1904: bool = False


def check_size(archive: ZipFile) -> None:
    """Decompress all parts once, in pieces, whatever sizes they declare.

    Raises:
        ListError: together they are larger than MOST_BYTES.
    """
    total = 0
    for part in archive.infolist():
        with archive.open(part) as stream:
            while piece := stream.read(_CHUNK):
                total += len(piece)
                if total > MOST_BYTES:
                    raise ListError(
                        "Ce fichier grossit démesurément quand on l'ouvre : il n'est pas lu. "
                        "Enregistrez la liste seule dans un nouveau fichier."
                    )


def xlsx_outlines(archive: ZipFile) -> dict[str, Outline]:
    """The outline of each sheet of an XLSX file, by name.

    Raises:
        ListError: a sheet is too large, or the file declares a document type.
        expat.ExpatError, KeyError: the file is damaged.
    """
    sheets: list[tuple[str, str]] = []
    targets: dict[str, str] = {}
    since_1904 = False

    def of_workbook(name: str, attributes: Attributes) -> None:
        nonlocal since_1904
        if name == "workbookPr":
            since_1904 = attributes.get("date1904") in ("1", "true")
        elif name == "sheet":
            relation = next((v for k, v in attributes.items() if k.endswith(":id")), "")
            sheets.append((attributes.get("name", ""), relation))

    def of_relations(name: str, attributes: Attributes) -> None:
        if name == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    _parse(archive, "xl/workbook.xml", of_workbook)
    _parse(archive, "xl/_rels/workbook.xml.rels", of_relations)
    outlines = {}
    parts = set(archive.namelist())
    for name, relation in sheets:
        target = targets.get(relation, "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if part in parts and "worksheet" in part:
            outlines[name] = _xlsx_outline(archive, part, name)
            outlines[name].since_1904 = since_1904
    return outlines


def _xlsx_outline(archive: ZipFile, part: str, name: str) -> Outline:
    outline = Outline()
    at = -1, -1

    def start(tag: str, attributes: Attributes) -> None:
        nonlocal at
        if tag == "c":
            at = _place(attributes.get("r", "")) or (at[0], at[1] + 1)
        elif tag in ("v", "t"):
            _check_extent(name, *at)
        elif tag == "row":
            row = int(attributes["r"]) - 1 if "r" in attributes else at[0] + 1
            at = row, -1
            if attributes.get("hidden") in ("1", "true") and row < MOST_ROWS:
                outline.hidden_rows.add(row)
        elif tag == "col" and attributes.get("hidden") in ("1", "true"):
            last = min(int(attributes["max"]), MOST_COLUMNS)
            outline.hidden_columns.update(range(int(attributes["min"]) - 1, last))
        elif tag == "mergeCell":
            first, _, last_cell = attributes["ref"].partition(":")
            corners = _place(first), _place(last_cell or first)
            if corners[0] and corners[1]:
                (top, left), (bottom, right) = corners[0], corners[1]
                outline.merged.append(Merge(top, bottom, left, right))

    _parse(archive, part, start)
    return outline


def ods_outlines(archive: ZipFile) -> dict[str, Outline]:
    """The outline of each sheet of an ODS file, by name.

    Raises:
        ListError: a sheet is too large, or the file declares a document type.
        expat.ExpatError, KeyError: the file is damaged.
    """
    outlines: dict[str, Outline] = {}
    reader = _OdsReader(outlines)
    _parse(archive, "content.xml", reader.start, reader.end)
    return outlines


class _OdsReader:
    """Follows the rows and cells of an ODS file, which are not numbered but repeated."""

    def __init__(self, outlines: dict[str, Outline]) -> None:
        self._outlines = outlines
        self._outline = Outline()
        self._name = ""
        self._row = self._column = self._columns = 0
        self._rows = self._cells = 1

    def start(self, tag: str, attributes: Attributes) -> None:
        match tag:
            case "table:table":
                self._name = attributes.get("table:name", "")
                self._outline = self._outlines.setdefault(self._name, Outline())
                self._row = self._columns = 0
            case "table:table-column":
                count = int(attributes.get("table:number-columns-repeated", 1))
                if _is_hidden(attributes):
                    last = min(self._columns + count, MOST_COLUMNS)
                    self._outline.hidden_columns.update(range(self._columns, last))
                self._columns += count
            case "table:table-row":
                self._rows = int(attributes.get("table:number-rows-repeated", 1))
                self._column = 0
                if _is_hidden(attributes):
                    last = min(self._row + self._rows, MOST_ROWS)
                    self._outline.hidden_rows.update(range(self._row, last))
            case "table:table-cell" | "table:covered-table-cell":
                self._start_cell(attributes)

    def _start_cell(self, attributes: Attributes) -> None:
        self._cells = int(attributes.get("table:number-columns-repeated", 1))
        if "office:value-type" in attributes:
            last = self._row + self._rows - 1, self._column + self._cells - 1
            _check_extent(self._name, *last)
        height = int(attributes.get("table:number-rows-spanned", 1))
        width = int(attributes.get("table:number-columns-spanned", 1))
        if height > 1 or width > 1:
            bottom, right = self._row + height - 1, self._column + width - 1
            self._outline.merged.append(Merge(self._row, bottom, self._column, right))

    def end(self, tag: str) -> None:
        if tag in ("table:table-cell", "table:covered-table-cell"):
            self._column += self._cells
        elif tag == "table:table-row":
            self._row += self._rows


def _is_hidden(attributes: Attributes) -> bool:
    return attributes.get("table:visibility") in ("collapse", "filter")


def _parse(
    archive: ZipFile,
    part: str,
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None] | None = None,
) -> None:
    """Call `start` and `end` for the elements of a part; an XLSX name comes without prefix."""
    parser = expat.ParserCreate()
    strip = part.startswith("xl/")

    def started(name: str, attributes: Attributes) -> None:
        start(name.rpartition(":")[2] if strip else name, attributes)

    parser.StartElementHandler = started
    parser.StartDoctypeDeclHandler = _refuse_document_type
    if end:
        parser.EndElementHandler = end
    with archive.open(part) as stream:
        for piece in iter(lambda: stream.read(_CHUNK), b""):
            parser.Parse(piece)
    parser.Parse(b"", True)


def _refuse_document_type(*_: object) -> None:
    raise ListError(
        "Ce fichier appelle d'autres fichiers (un « DOCTYPE ») : aucun tableur n'en écrit, "
        "il n'est pas lu. Ouvrez-le dans un tableur et enregistrez-le à nouveau."
    )


def _place(reference: str) -> tuple[int, int] | None:
    """Row and column of « C5 », from 0."""
    match = _REFERENCE.fullmatch(reference)
    if not match:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(match[2]) - 1, column - 1


def _check_extent(name: str, row: int, column: int) -> None:
    """Refuse a sheet that reaches too far.

    Raises:
        ListError: it has more than MOST_ROWS rows or MOST_COLUMNS columns.
    """
    if row >= MOST_ROWS or column >= MOST_COLUMNS:
        raise too_large(name)


def check_grid(name: str | None, rows: int, columns: int) -> None:
    """Raise a ListError if a sheet has too many rows, columns or cells."""
    if rows > MOST_ROWS or columns > MOST_COLUMNS or rows * columns > MOST_CELLS:
        raise too_large(name)


def too_large(name: str | None) -> ListError:
    """Why a sheet with too many rows, columns or cells is not read."""
    where = f"L'onglet « {name} »" if name else "Ce fichier"
    rows, columns = f"{MOST_ROWS:,}".replace(",", " "), f"{MOST_COLUMNS:,}".replace(",", " ")
    return ListError(
        f"{where} a plus de {rows} lignes, de {columns} colonnes ou de "
        f"{MOST_CELLS // 1_000_000} millions de cellules. "
        "Coupez la liste en plusieurs fichiers, ou supprimez les cellules perdues loin du tableau."
    )
