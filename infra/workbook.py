"""Carries out the plan of `sheets_schema` on a spreadsheet."""

from functions.shared.sheets.google import GoogleWorkbook
from sheets_schema.plan import STATE_FIELDS, Change, plan, reads


def planned(workbook: GoogleWorkbook) -> list[Change]:
    """What a spreadsheet lacks to be our workbook; nothing is changed.

    Raises:
        AccueilError: the spreadsheet cannot be read, or has one of our headers twice.
    """
    metadata = workbook.metadata()
    ranges = reads(metadata)
    return plan(metadata, workbook.get(ranges, STATE_FIELDS) if ranges else {})


def apply(workbook: GoogleWorkbook) -> list[Change]:
    """Make all changes that `planned` returns, or none; return them.

    Raises:
        AccueilError: see `planned`; or Google refused the changes, and nothing changed.
    """
    changes = planned(workbook)
    if changes:
        workbook.batch_update([request for change in changes for request in change.requests])
    return changes
