"""The dates of rows that the system completed: they stand in Suivi, not in the rows. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from sheets_schema.tab import Row
from sheets_schema.text import normalise

TRACKING_COLUMNS = ("reference", "noted_at", "referent")


def dated(requests: Sequence[Row], tracking: Sequence[Row]) -> list[Row]:
    """Rows of Demandes with the dates that only Suivi knows.

    A row typed by hand came when its first line was noted, and was assigned when its last one was.
    A row assigned anew has waited since then, as long as its referent is the one noted.

    Args:
        requests: rows of Demandes with the columns of a report.
        tracking: rows of Suivi with TRACKING_COLUMNS, in the order in which they were noted.
    """
    lines: dict[str, list[Row]] = {}
    for line in tracking:
        if line.values["reference"] and line.values["noted_at"]:
            lines.setdefault(line.values["reference"], []).append(line)
    return [_dated(row, lines.get(row.values["reference"], ())) for row in requests]


def _dated(row: Row, lines: Sequence[Row]) -> Row:
    if not lines:
        return row
    noted, values = lines[-1].values, row.values
    assigned = values["assigned_at"] or noted["noted_at"]
    if normalise(noted["referent"] or "") == normalise(values["referent"] or ""):
        assigned = max(assigned, noted["noted_at"])
    received = values["received_at"] or lines[0].values["noted_at"]
    return replace(row, values={**values, "received_at": received, "assigned_at": assigned})
