"""The plan: what a spreadsheet lacks to be our workbook, as Sheets API batchUpdate requests.

Pure. `reads` says what to ask the API for, `plan` compares the answer with the schemas. A plan only
adds what is missing and mends what the system owns: rows, columns and tabs of the partners' own
are never touched, and a spreadsheet that has everything gives an empty plan.
"""

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from sheets_schema import layout
from sheets_schema.columns import Cell, as_text
from sheets_schema.errors import HeaderError
from sheets_schema.layout import Rgb, TabLayout
from sheets_schema.tab import Column, Tab, column_letter, find_columns, format_row, tab
from sheets_schema.territory import territories
from sheets_schema.text import normalise
from sheets_schema.wire import Json, a1, cell_value, typed_cell

METADATA_FIELDS = "properties(locale,timeZone),sheets.properties"
STATE_FIELDS = (
    "properties(locale,timeZone),"
    "sheets(properties,protectedRanges,conditionalFormats,"
    "data(startRow,rowData.values(effectiveValue,userEnteredFormat.numberFormat,dataValidation)))"
)
OWNED = "Accueil : "  # marks the protected ranges that are ours to mend


@dataclass(frozen=True)
class Change:
    """One thing the plan would do: the sentence for the operator, and the requests that do it."""

    sentence: str
    requests: tuple[Json, ...]


def reads(metadata: Json) -> list[str]:
    """The A1 ranges whose content `plan` needs, of the tabs of ours that exist.

    Header, first row and last row show a column's format and dropdown; a tab whose content is
    the system's is read whole.
    """
    ranges = []
    sheets = {sheet["properties"]["title"]: sheet["properties"] for sheet in metadata["sheets"]}
    for look in layout.TABS:
        title = tab(look.key).title
        if title not in sheets:
            continue
        last = sheets[title]["gridProperties"]["rowCount"]
        edges = [a1(title, "1:2"), a1(title, f"{last}:{last}")]
        ranges += [a1(title)] if _content(look.key) else edges
    return ranges


def plan(metadata: Json, state: Json) -> list[Change]:
    """Everything to do, in an order in which one batchUpdate can do it; empty when all is there.

    Args:
        metadata: spreadsheets.get with METADATA_FIELDS.
        state: spreadsheets.get with `reads(metadata)` and STATE_FIELDS; `{}` where there are none.

    Raises:
        HeaderError: a tab has one of our headers twice; which one is ours cannot be known.
    """
    taken = {sheet["properties"]["sheetId"] for sheet in metadata["sheets"]}
    known = {sheet["properties"]["title"]: sheet for sheet in metadata["sheets"]}
    known |= {sheet["properties"]["title"]: sheet for sheet in state.get("sheets", [])}
    sheets = []
    for look in layout.TABS:
        sheet = _Sheet(look, known.get(tab(look.key).title), taken)
        taken.add(sheet.id)
        sheets.append(sheet)
    changes = list(_spreadsheet_changes(metadata["properties"]))
    # All tabs first: a dropdown may point at a tab that comes later.
    changes += [change for sheet in sheets for change in sheet.creation()]
    referents = next(sheet for sheet in sheets if sheet.tab.key == "referents")
    for sheet in sheets:
        changes += sheet.changes(referents.range_of("name"))
    return changes


def _spreadsheet_changes(properties: Json) -> Iterator[Change]:
    wanted = {"locale": layout.LOCALE, "timeZone": layout.TIME_ZONE}
    wrong = {key: value for key, value in wanted.items() if properties.get(key) != value}
    if wrong:
        request = {"updateSpreadsheetProperties": {"properties": wrong, "fields": ",".join(wrong)}}
        yield Change(f"Régler le classeur : {', '.join(wrong.values())}", (request,))


class _Sheet:
    """One of our tabs in the spreadsheet, there already or about to be created."""

    def __init__(self, look: TabLayout, found: Json | None, taken: set[int]) -> None:
        self.look = look
        self.tab: Tab = tab(look.key)
        self.found = found
        self.id: int = found["properties"]["sheetId"] if found else _free_id(look.key, taken)
        self.row_count: int = (
            found["properties"]["gridProperties"]["rowCount"] if found else look.rows
        )
        self.column_count: int = (
            found["properties"]["gridProperties"]["columnCount"]
            if found
            else len(self.tab.columns) + (0 if self.tab.read_only else 3)
        )
        self.rows = _rows(found)
        header = [cell_value(cell) for cell in self.rows.get(0, [])]
        positions, _, repeated = find_columns(self.tab, header)
        if repeated:
            raise HeaderError(
                f"Onglet « {self.tab.title} » : en-tête en double : "
                + ", ".join(f"« {title} »" for title in repeated)
                + ". Renommez la colonne de trop, puis recommencez."
            )
        used = max((i + 1 for i, cell in enumerate(header) if as_text(cell)), default=0)
        self.new = [column for column in self.tab.columns if column.key not in positions]
        self.positions = positions | {
            column.key: used + offset for offset, column in enumerate(self.new)
        }

    def range_of(self, key: str) -> str:
        """A column's cells below the header, in A1 notation for a dropdown."""
        letter = column_letter(self.positions[key])
        return f"={a1(self.tab.title, f'${letter}$2:${letter}')}"

    def creation(self) -> Iterator[Change]:
        if self.found:
            return
        properties: Json = {
            "sheetId": self.id,
            "title": self.tab.title,
            "hidden": self.look.hidden,
            "tabColorStyle": _color(self.look.color),
            "gridProperties": {
                "rowCount": self.row_count,
                "columnCount": self.column_count,
                "frozenRowCount": 1,
                "frozenColumnCount": self.look.frozen_columns,
            },
        }
        sentence = f"Créer l'onglet « {self.tab.title} » ({len(self.tab.columns)} colonnes)"
        yield Change(sentence, ({"addSheet": {"properties": properties}},))

    def changes(self, referent_names: str) -> Iterator[Change]:
        yield from self._headers()
        yield from self._formats()
        yield from self._dropdowns(referent_names)
        yield from self._protections()
        yield from self._status_colors()
        yield from self._own_content()

    def _headers(self) -> Iterator[Change]:
        needed = max(self.positions.values()) + 1 - self.column_count
        if needed > 0:
            append = {"sheetId": self.id, "dimension": "COLUMNS", "length": needed}
            yield Change(
                f"« {self.tab.title} » : élargir la grille ({needed} colonnes de plus)",
                ({"appendDimension": append},),
            )
        for column in self.new:
            sentence = f"« {self.tab.title} » : ajouter la colonne « {column.title} »"
            yield Change(sentence, tuple(self._new_column(column)))

    def _new_column(self, column: Column) -> Iterator[Json]:
        at = self.positions[column.key]
        header: Json = {
            "userEnteredValue": {"stringValue": column.title},
            "userEnteredFormat": {
                "backgroundColorStyle": _color(layout.HEADER_BACKGROUND),
                "textFormat": {
                    "bold": True,
                    "foregroundColorStyle": _color(layout.HEADER_TEXT),
                },
                "wrapStrategy": "WRAP",
                "verticalAlignment": "MIDDLE",
            },
        }
        if column.description:
            header["note"] = column.description
        yield {
            "updateCells": {
                "rows": [{"values": [header]}],
                "fields": "userEnteredValue,userEnteredFormat,note",
                "start": {"sheetId": self.id, "rowIndex": 0, "columnIndex": at},
            }
        }
        pixels = layout.width(column.type, column.max_length)
        yield {
            "updateDimensionProperties": {
                "range": {
                    "sheetId": self.id,
                    "dimension": "COLUMNS",
                    "startIndex": at,
                    "endIndex": at + 1,
                },
                "properties": {"pixelSize": pixels},
                "fields": "pixelSize",
            }
        }
        wrap = "WRAP" if self.look.key in ("guide", "to_check") else "CLIP"
        look: Json = {"wrapStrategy": wrap, "verticalAlignment": "TOP"}
        fields = "userEnteredFormat(wrapStrategy,verticalAlignment"
        if column.read_only:
            look["backgroundColorStyle"] = _color(layout.SYSTEM_BACKGROUND)
            look["textFormat"] = {"foregroundColorStyle": _color(layout.SYSTEM_TEXT)}
            fields += ",backgroundColorStyle,textFormat.foregroundColorStyle"
        yield self._repeat(column, {"userEnteredFormat": look}, fields + ")")

    def _formats(self) -> Iterator[Change]:
        wrong = []
        for column in self.tab.columns:
            wanted = column.type.number_format
            seen = [c.get("userEnteredFormat", {}).get("numberFormat") for c in self._edges(column)]
            if any(found != wanted for found in seen):
                fields = "userEnteredFormat.numberFormat"
                cell = {"userEnteredFormat": {"numberFormat": wanted}}
                wrong.append(self._repeat(column, cell, fields))
        if wrong:
            yield Change(f"« {self.tab.title} » : régler les formats de colonne", tuple(wrong))

    def _dropdowns(self, referent_names: str) -> Iterator[Change]:
        for column in self.tab.columns:
            rule = _dropdown(column, referent_names)
            seen = [_comparable(cell.get("dataValidation")) for cell in self._edges(column)]
            if rule and any(found != _comparable(rule) for found in seen):
                yield Change(
                    f"« {self.tab.title} » : liste de choix de la colonne « {column.title} »",
                    ({"setDataValidation": {"range": self._below(column), "rule": rule}},),
                )

    def _protections(self) -> Iterator[Change]:
        wanted: dict[str, Json] = {}
        if self.tab.read_only:
            wanted[f"{OWNED}onglet du système"] = {"range": {"sheetId": self.id}}
        else:
            header = {"sheetId": self.id, "startRowIndex": 0, "endRowIndex": 1}
            wanted[f"{OWNED}en-têtes"] = {"range": header}
            for column in self.tab.columns:
                if column.read_only:
                    # A warning only: locked cells are believed to stop people's sorts and
                    # deletions (docs/live-checklist.md).
                    wanted[f"{OWNED}colonne du système « {column.title} »"] = {
                        "range": self._below(column),
                        "warningOnly": True,
                    }
        present = {
            one.get("description"): one for one in (self.found or {}).get("protectedRanges", [])
        }
        requests = []
        for description, rule in wanted.items():
            found = present.get(description)
            if found and _same_protection(found, rule):
                continue
            if found:
                gone = {"protectedRangeId": found["protectedRangeId"]}
                requests.append({"deleteProtectedRange": gone})
            added = {"description": description} | rule
            requests.append({"addProtectedRange": {"protectedRange": added}})
        if requests:
            sentence = f"« {self.tab.title} » : protéger en-têtes et colonnes du système"
            yield Change(sentence, tuple(requests))

    def _status_colors(self) -> Iterator[Change]:
        if self.look.key != "requests":
            return
        status = self.tab["status"]
        have = {
            json.dumps(rule["booleanRule"]["condition"], sort_keys=True)
            for rule in (self.found or {}).get("conditionalFormats", [])
            if "booleanRule" in rule
        }
        requests: list[Json] = []
        for key, color in layout.STATUS_COLORS.items():
            label = as_text(status.type.format(key))
            condition = {"type": "TEXT_EQ", "values": [{"userEnteredValue": label}]}
            if json.dumps(condition, sort_keys=True) not in have:
                rule = {"condition": condition, "format": {"backgroundColorStyle": _color(color)}}
                formatted = {"ranges": [self._below(status)], "booleanRule": rule}
                request = {"addConditionalFormatRule": {"rule": formatted, "index": len(requests)}}
                requests.append(request)
        if requests:
            yield Change(f"« {self.tab.title} » : couleurs des statuts", tuple(requests))

    def _own_content(self) -> Iterator[Change]:
        """Rewrite a tab whose rows are the system's where they differ from what they should be."""
        wanted = _content(self.look.key)
        if not wanted:
            return
        width = max(self.positions.values()) + 1
        lines: list[list[Cell]] = []
        for values in wanted:
            line: list[Cell] = [None] * width
            for key, cell in format_row(self.tab, values).items():
                line[self.positions[key]] = cell
            lines.append(line)
        have = [
            _padded([cell_value(cell) for cell in self.rows.get(1 + i, [])], width)
            for i in range(max(len(lines), max(self.rows, default=0)))
        ]
        lines += [[None] * width] * (len(have) - len(lines))
        if have == lines:
            return
        missing = len(lines) + 1 - self.row_count
        if missing > 0:
            append = {"sheetId": self.id, "dimension": "ROWS", "length": missing}
            yield Change(
                f"« {self.tab.title} » : allonger la grille", ({"appendDimension": append},)
            )
        update = {
            "rows": [{"values": [typed_cell(cell) for cell in line]} for line in lines],
            "fields": "userEnteredValue",
            "start": {"sheetId": self.id, "rowIndex": 1, "columnIndex": 0},
        }
        sentence = f"« {self.tab.title} » : écrire les {len(wanted)} lignes"
        yield Change(sentence, ({"updateCells": update},))

    def _below(self, column: Column) -> Json:
        at = self.positions[column.key]
        where = {"startRowIndex": 1, "startColumnIndex": at, "endColumnIndex": at + 1}
        return {"sheetId": self.id} | where

    def _repeat(self, column: Column, cell: Json, fields: str) -> Json:
        return {"repeatCell": {"range": self._below(column), "cell": cell, "fields": fields}}

    def _edges(self, column: Column) -> list[Json]:
        """The column's cells in the first and last row: what they have, the rest has."""
        at = self.positions[column.key]
        rows = [self.rows.get(1, []), self.rows.get(self.row_count - 1, [])]
        return [row[at] if at < len(row) else {} for row in rows]


def _content(key: str) -> Sequence[Mapping[str, Any]]:
    """The rows of a tab that the system fills."""
    if key == "communes":
        official = territories()
        return [
            {
                "code": commune.code,
                "name": commune.name,
                "postcodes": ", ".join(commune.postcodes),
                "epci": official.epcis[commune.epci].name,
            }
            for commune in sorted(official.communes.values(), key=lambda c: normalise(c.name))
        ]
    if key == "guide":
        path = resources.files(__package__).joinpath("data", "guide.json")
        return [{"question": q, "answer": a} for q, a in json.loads(path.read_text("utf-8"))]
    return []


def _rows(sheet: Json | None) -> dict[int, list[Json]]:
    rows = {}
    for block in (sheet or {}).get("data", []):
        for offset, row in enumerate(block.get("rowData", [])):
            rows[block.get("startRow", 0) + offset] = row.get("values", [])
    return rows


def _dropdown(column: Column, referent_names: str) -> Json | None:
    if column.type.choices:
        values = [{"userEnteredValue": choice} for choice in column.type.choices]
        condition: Json = {"type": "ONE_OF_LIST", "values": values}
        return {"condition": condition, "strict": True, "showCustomUi": True}
    if column.format == "referent":
        values = [{"userEnteredValue": referent_names}]
        # Not strict: the default referent of Coordination need not be in Référents.
        return {"condition": {"type": "ONE_OF_RANGE", "values": values}, "showCustomUi": True}
    if column.format == "epci":
        names = sorted(epci.name for epci in territories().epcis.values())
        values = [{"userEnteredValue": name} for name in names]
        return {"condition": {"type": "ONE_OF_LIST", "values": values}, "showCustomUi": True}
    return None


def _comparable(rule: Json | None) -> Json | None:
    return {key: value for key, value in (rule or {}).items() if value not in (False, "")} or None


def _same_protection(found: Json, wanted: Json) -> bool:
    # The API leaves out a sheetId of 0 and a flag that is false.
    ranges = [{"sheetId": 0} | one["range"] for one in (found, wanted)]
    flags = [one.get("warningOnly", False) for one in (found, wanted)]
    starts = [{k: v for k, v in one.items() if v or k == "sheetId"} for one in ranges]
    return starts[0] == starts[1] and flags[0] == flags[1]


def _color(rgb: Rgb) -> Json:
    red, green, blue = (round(part / 255, 4) for part in rgb)
    return {"rgbColor": {"red": red, "green": green, "blue": blue}}


def _free_id(key: str, taken: Iterable[int]) -> int:
    """A sheet id derived from the tab's key, so that equal workbooks have equal links."""
    used = set(taken)
    number = zlib.crc32(key.encode()) % 1_000_000_000 + 1
    while number in used:
        number += 1
    return number


def _padded(cells: list[Cell], width: int) -> list[Cell]:
    return (cells + [None] * width)[:width]
