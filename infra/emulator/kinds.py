"""The kinds of batch request that the local API implements; the others are refused by name."""

from typing import Final

from infra.emulator import cells, clipboard, copies, groups, merges, overlays, sorting, structure
from infra.emulator.batch import Kinds

_FIND_REPLACE = (
    "find replacement matchCase matchEntireCell searchByRegex includeFormulas "
    "range sheetId allSheets"
)
# For each kind: the fields that are implemented, and what carries the request out.
KINDS: Final[Kinds] = {
    "updateSpreadsheetProperties": ("properties fields", structure.update_spreadsheet_properties),
    "addSheet": ("properties", structure.add_sheet),
    "duplicateSheet": (
        "sourceSheetId insertSheetIndex newSheetId newSheetName",
        copies.duplicate_sheet,
    ),
    "deleteSheet": ("sheetId", structure.delete_sheet),
    "updateSheetProperties": ("properties fields", structure.update_sheet_properties),
    "insertDimension": ("range inheritFromBefore", structure.insert_dimension),
    "deleteDimension": ("range", structure.delete_dimension),
    "appendDimension": ("sheetId dimension length", structure.append_dimension),
    "moveDimension": ("source destinationIndex", structure.move_dimension),
    "updateDimensionProperties": (
        "range properties fields",
        structure.update_dimension_properties,
    ),
    "addDimensionGroup": ("range", groups.add_dimension_group),
    "deleteDimensionGroup": ("range", groups.delete_dimension_group),
    "updateDimensionGroup": ("dimensionGroup fields", groups.update_dimension_group),
    "autoResizeDimensions": ("dimensions", groups.auto_resize_dimensions),
    "updateCells": ("rows fields start range", cells.update_cells),
    "appendCells": ("sheetId rows fields", cells.append_cells),
    "repeatCell": ("range cell fields", cells.repeat_cell),
    "copyPaste": ("source destination pasteType pasteOrientation", clipboard.copy_paste),
    "cutPaste": ("source destination pasteType", clipboard.cut_paste),
    "mergeCells": ("range mergeType", merges.merge_cells),
    "unmergeCells": ("range", merges.unmerge_cells),
    "setDataValidation": ("range rule filteredRowsIncluded", cells.set_data_validation),
    "sortRange": ("range sortSpecs", sorting.sort_range),
    "findReplace": (
        _FIND_REPLACE,
        sorting.find_replace,
    ),
    "addNamedRange": ("namedRange", overlays.add_named_range),
    "updateNamedRange": ("namedRange fields", overlays.update_named_range),
    "deleteNamedRange": ("namedRangeId", overlays.delete_named_range),
    "addProtectedRange": ("protectedRange", overlays.add_protected_range),
    "updateProtectedRange": ("protectedRange fields", overlays.update_protected_range),
    "deleteProtectedRange": ("protectedRangeId", overlays.delete_protected_range),
    "addConditionalFormatRule": ("rule index", overlays.add_conditional_format_rule),
    "updateConditionalFormatRule": (
        "index sheetId rule newIndex",
        overlays.update_conditional_format_rule,
    ),
    "deleteConditionalFormatRule": ("index sheetId", overlays.delete_conditional_format_rule),
    "setBasicFilter": ("filter", overlays.set_basic_filter),
    "clearBasicFilter": ("sheetId", overlays.clear_basic_filter),
    "addFilterView": ("filter", overlays.add_filter_view),
    "updateFilterView": ("filter fields", overlays.update_filter_view),
    "deleteFilterView": ("filterId", overlays.delete_filter_view),
}
