"""Requests that several trials make."""

from infra.doctor.scratch import Scratch
from sheets_schema.columns import Cell
from sheets_schema.wire import Json

DATE_AND_TIME = {"type": "DATE_TIME", "pattern": "dd/mm/yyyy hh:mm"}
NEW: dict[str, Cell] = {"reference": "REF-NEUF", "last_name": "Ajoutée"}


def dress(scratch: Scratch, column: int, cell: Json, top: int, bottom: int) -> Json:
    """Give the cells of a column, from a row to before another, a format or a validation."""
    fields = "dataValidation" if "dataValidation" in cell else "userEnteredFormat.numberFormat"
    return {
        "repeatCell": {
            "range": {
                "sheetId": scratch.ids["requests"],
                "startRowIndex": top,
                "endRowIndex": bottom,
                "startColumnIndex": column,
                "endColumnIndex": column + 1,
            },
            "cell": cell,
            "fields": fields,
        }
    }


def typed(scratch: Scratch, row: int, column: int, text: str) -> list[Json]:
    """Write a text into a cell."""
    start = {"sheetId": scratch.ids["requests"], "rowIndex": row, "columnIndex": column}
    rows = [{"values": [{"userEnteredValue": {"stringValue": text}}]}]
    return [{"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}}]
