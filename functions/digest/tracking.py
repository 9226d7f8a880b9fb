"""The dates of requests that their history in Suivi gives. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from functions.shared.request import RequestRow
from sheets_schema.tab import Row
from sheets_schema.text import normalise

TRACKING_COLUMNS = ("reference", "noted_at", "referent", "event")
# Each of these events gives a request to a referent. Lines that are older than the events of Suivi
# have no event.
GIVEN = (None, "assigned", "completed", "handed_over")
# Each of these ends the wait for the new referent to take a request up.
TAKEN_UP = ("taken_up", "handed_back", "settled", "closed")


def dated(requests: Sequence[RequestRow], tracking: Sequence[Row]) -> list[RequestRow]:
    """Rows of Demandes with the dates that only Suivi knows.

    A row typed by hand has no dates of its own. It counts as received when its first line of Suivi
    was noted, and as assigned when its last line was noted. A row that was assigned again counts as
    assigned when its last line was noted, if that line still names the referent of the row.

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


def handed_on(requests: Sequence[RequestRow], tracking: Sequence[Row]) -> Mapping[str, datetime]:
    """Since when requests wait for their new referent to take them up, by reference.

    A request waits from its last hand-over on, if Suivi says nothing later of its being taken up.
    The first line of a request gives it to its first referent, which is no hand-over.

    Args:
        requests: as for `dated`.
        tracking: as for `dated`.
    """
    known: set[str] = set()
    waiting: dict[str, tuple[str, datetime]] = {}
    for line in tracking:
        reference, event, at = (line.values[key] for key in ("reference", "event", "noted_at"))
        if not reference:
            continue
        if event in TAKEN_UP:
            waiting.pop(reference, None)
        elif event in GIVEN and at and reference in known:
            waiting[reference] = normalise(line.values["referent"] or ""), at
        known.add(reference)
    return {
        row.request.reference: waiting[row.request.reference][1]
        for row in requests
        if row.request.reference in waiting
        and normalise(row.request["referent"] or "") == waiting[row.request.reference][0] != ""
    }
