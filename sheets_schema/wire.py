"""Cells as the Sheets API sends and takes them."""

from typing import Any

from sheets_schema.columns import Cell

Json = dict[str, Any]


def typed_cell(cell: Cell) -> Json:
    """A cell as CellData with a typed value: text stays text, nothing is ever parsed."""
    if cell is None:
        return {}
    if isinstance(cell, bool):
        return {"userEnteredValue": {"boolValue": cell}}
    if isinstance(cell, str):
        return {"userEnteredValue": {"stringValue": cell}}
    return {"userEnteredValue": {"numberValue": cell}}


def cell_value(data: Json) -> Cell:
    """What a CellData effectively holds; an error value reads as its text."""
    value = data.get("effectiveValue", {})
    for kind in ("stringValue", "numberValue", "boolValue"):
        if kind in value:
            cell: Cell = value[kind]
            return cell
    return value["errorValue"].get("message", "#ERROR!") if "errorValue" in value else None
