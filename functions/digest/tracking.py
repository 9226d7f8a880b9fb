"""The dates of requests as their history tells them. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from functions.shared.request import RequestRow
from sheets_schema.tab import Row
from sheets_schema.text import normalise

TRACKING_COLUMNS = ("reference", "noted_at", "referent", "event")
# After these events a referent has a request anew. Lines from before Suivi had events have none.
GIVEN = (None, "assigned", "completed", "handed_over")


def dated(requests: Sequence[RequestRow], tracking: Sequence[Row]) -> list[RequestRow]:
    """Rows of Demandes with the dates that only Suivi knows.

    A row typed by hand came when its first line was noted, and was assigned when its last one was.
    A row assigned anew has waited since then, as long as its referent is the one noted.

    Args:
        requests: rows of Demandes with the columns of a report.
        tracking: rows of Suivi with TRACKING_COLUMNS, in the order in which they were noted.
    """
    lines: dict[str, list[Row]] = {}
    for line in tracking:
        values = line.values
        if values["reference"] and values["noted_at"] and values["event"] in GIVEN:
            lines.setdefault(values["reference"], []).append(line)
    return [_dated(row, lines.get(row.request.reference, ())) for row in requests]


def _dated(row: RequestRow, lines: Sequence[Row]) -> RequestRow:
    if not lines:
        return row
    noted, request = lines[-1].values, row.request
    assigned = request["assigned_at"] or noted["noted_at"]
    if normalise(noted["referent"] or "") == normalise(request["referent"] or ""):
        assigned = max(assigned, noted["noted_at"])
    received = request["received_at"] or lines[0].values["noted_at"]
    dates = {"received_at": received, "assigned_at": assigned}
    return replace(row, request=replace(request, values={**request.values, **dates}))
