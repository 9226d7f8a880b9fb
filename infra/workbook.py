"""Carries out the plan of `sheets_schema` on a spreadsheet."""

from collections.abc import Callable

from functions.shared.sheets.google import GoogleWorkbook
from infra.patience import patiently
from sheets_schema.plan import STATE_FIELDS, Change, plan, reads


def planned(workbook: GoogleWorkbook) -> list[Change]:
    """What a spreadsheet lacks to be our workbook; nothing is changed.

    Raises:
        AccueilError: the spreadsheet cannot be read, or has one of our headers twice.
    """
    metadata = workbook.metadata()
    head = workbook.head(metadata.get("namedRanges", []))
    ranges = reads(metadata, head)
    return plan(metadata, workbook.get(ranges, STATE_FIELDS) if ranges else {}, head)


def apply(workbook: GoogleWorkbook) -> list[Change]:
    """Make all changes that `planned` returns, and return them.

    They are made as a whole or not at all, but for those that are apart, see `Change`.

    Raises:
        AccueilError: see `planned`; or Google refused the changes.
    """
    changes = planned(workbook)
    if changes:
        _make(workbook, changes)
    return changes


def apply_patiently(
    workbook: GoogleWorkbook, is_wanted: Callable[[Change], bool] = lambda _: True
) -> list[Change]:
    """Make the changes that are wanted, and try again while Google Sheets fails in passing.

    Every try reads the spreadsheet anew and makes only the changes that are missing. So if the
    answer to a try was lost, its changes are not made twice.

    Returns:
        The changes that were made, also if the answer to them was lost.

    Raises:
        AccueilError: see `apply`.
    """
    made: dict[str, Change] = {}

    def act() -> None:
        changes = [change for change in planned(workbook) if is_wanted(change)]
        made.update((change.sentence, change) for change in changes)
        if changes:
            _make(workbook, changes)

    patiently(act)
    return list(made.values())


def _make(workbook: GoogleWorkbook, changes: list[Change]) -> None:
    for apart in (False, True):
        of_call = [change for change in changes if change.apart is apart]
        if of_call:
            workbook.batch_update([request for change in of_call for request in change.requests])
