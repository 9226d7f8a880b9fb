"""Partners' spreadsheets behind the local Sheets API, and all that is in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from functions.shared.sheets.google import GoogleWorkbook, open_workbook
from tests.infra.lists.corpus import Case, typed
from tests.support import Classeur

OWN_TAB = "Bilan"
# All that people may have put into a spreadsheet and that the local API knows.
EVERYTHING = (
    "properties(title,locale,timeZone),namedRanges,"
    "sheets(properties,merges,protectedRanges,conditionalFormats,filterViews,basicFilter,"
    "data(startRow,startColumn,rowData.values(userEnteredValue,effectiveValue,userEnteredFormat,"
    "note,dataValidation),rowMetadata,columnMetadata))"
)


@dataclass(frozen=True)
class Partner:
    """A partner's spreadsheet; `tab` is its list."""

    classeur: Classeur
    workbook: GoogleWorkbook
    tab: str

    def everything(self) -> dict:
        """All values, formats, validations, protections, filters, widths and titles."""
        return self.workbook.get([], EVERYTHING)

    def id(self, title: str) -> int:
        return next(tab.sheet_id for tab in self.workbook.read_titles() if tab.title == title)


def bring(classeur: Classeur, rows: Sequence[Sequence[object]], tab: str = "Suivi") -> Partner:
    """Put a partner's list into the spreadsheet « demo », beside a tab of its own."""
    width, height = max(map(len, rows)), len(rows)
    workbook = open_workbook("demo", classeur.url)
    old = [item.sheet_id for item in workbook.read_titles()]
    size = {"rowCount": height + 40, "columnCount": width + 6}
    properties = {"sheetId": 7, "title": tab, "gridProperties": size}
    workbook.batch_update(
        [
            {"addSheet": {"properties": {"sheetId": 8, "title": OWN_TAB}}},
            *({"deleteSheet": {"sheetId": number}} for number in old),
            {"addSheet": {"properties": properties}},
            {
                "updateCells": {
                    "start": {"sheetId": 7},
                    "fields": "userEnteredValue,userEnteredFormat.numberFormat",
                    "rows": [{"values": list(map(_cell, row))} for row in rows],
                }
            },
            {
                "updateCells": {
                    "start": {"sheetId": 8},
                    "fields": "userEnteredValue",
                    "rows": [{"values": [_cell(f"=COUNTA('{tab}'!B:B)")]}],
                }
            },
        ]
    )
    return Partner(classeur, workbook, tab)


def bring_case(classeur: Classeur, case: Case) -> Partner:
    """Put a sheet of the corpus into the spreadsheet « demo »."""
    return bring(classeur, typed(case), case.sheet or "Suivi")


def _cell(value: object) -> dict:
    if value is None:
        return {}
    if isinstance(value, datetime):
        serial = (value - datetime(1899, 12, 30)).total_seconds() / 86400  # noqa: DTZ001
        day = {"numberFormat": {"type": "DATE", "pattern": "dd/mm/yy"}}
        return {"userEnteredValue": {"numberValue": serial}, "userEnteredFormat": day}
    if isinstance(value, float | int):
        return {"userEnteredValue": {"numberValue": value}}
    kind = "formulaValue" if str(value).startswith("=") else "stringValue"
    return {"userEnteredValue": {kind: str(value)}}
