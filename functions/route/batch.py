"""A batch: what one drain writes into the spreadsheet, all of it or nothing. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from functions.route.assignment import assign
from functions.route.fence import Fence, Standing, outdated, standing, system_text
from functions.route.lookup import Lookup, read_lookup
from functions.route.rows import (
    Concern,
    Entry,
    append_requests,
    concern_row,
    request_row,
)
from sheets_schema.columns import PARIS, Cell
from sheets_schema.tab import Part, Row, match_header, read_table, tab
from sheets_schema.territory import Territories
from sheets_schema.wire import Json, Reading


@dataclass(frozen=True)
class Filed:
    """What remains of an entry once its row is written: nothing personal."""

    name: str
    reference: str
    fingerprint: str


@dataclass(frozen=True)
class Batch:
    """A batch as the journal keeps it: the fence it claims, and the entries it settles."""

    fence: Fence
    spreadsheet: str
    filed: tuple[Filed, ...]

    def to_json(self) -> bytes:
        """The journal object's content."""
        return json.dumps(asdict(self), default=datetime.isoformat).encode()

    @classmethod
    def from_json(cls, body: bytes) -> "Batch":
        """Read the journal object back."""
        data: dict[str, Any] = json.loads(body)
        fence = data["fence"]
        return cls(
            Fence(fence["number"], datetime.fromisoformat(fence["at"]), fence["token"]),
            data["spreadsheet"],
            tuple(Filed(**one) for one in data["filed"]),
        )


@dataclass(frozen=True)
class Write:
    """A batch and the requests that carry it out; `header` is where Demandes' columns were."""

    batch: Batch
    requests: tuple[Json, ...]
    header: Mapping[str, int]


@dataclass(frozen=True)
class Gathered:
    """What one read of the spreadsheet says.

    `concerns` is what is wrong in the lookup tables, `noted` the lines of À vérifier.
    """

    reading: Reading
    standing: Standing
    lookup: Lookup
    concerns: tuple[Concern, ...]
    noted: tuple[Row, ...]


# The one read of a drain: headers where rows are added, lookup tables and notes whole.
PARTS: dict[str, Part] = {
    "requests": "header",
    "to_check": "all",
    "rules": "all",
    "referents": "all",
    "coordination": "all",
    "system": "all",
}


def gather(reading: Reading, official: Territories) -> Gathered:
    """Make sense of what was read.

    Raises:
        HeaderError: a lookup tab or À vérifier lacks a column, or has one twice.
    """
    grids = {key: cells.grid for key, cells in reading.tabs.items()}
    lookup, problems = read_lookup(
        grids["rules"], grids["referents"], grids["coordination"], official
    )
    return Gathered(
        reading,
        standing(reading.named_ranges, grids["system"]),
        lookup,
        tuple(Concern(one.place, one.sentence, _MEND) for one in problems),
        read_table(tab("to_check"), grids["to_check"]).rows,
    )


_MEND = "Corrigez cette cellule : en attendant, le système ne tient pas compte de sa ligne."


def plan_write(
    fence: Fence,
    spreadsheet: str,
    entries: Sequence[Entry],
    concerns: Sequence[Concern],
    gathered: Gathered,
    official: Territories,
) -> Write:
    """Decide one batch: a row for each entry, a line for each concern, fence and system cell.

    Raises:
        HeaderError: Demandes lacks a column, or has one twice.
    """
    now, today = fence.at, fence.at.astimezone(PARIS).date()
    rows: list[dict[str, Cell]] = []
    lines = list(concerns)
    for entry in entries:
        assignment = assign(entry.projects, entry.target, gathered.lookup, official, today)
        rows.append(request_row(entry, assignment, official, now))
        if assignment.doubt:
            lines.append(Concern(entry.reference, assignment.doubt, assignment.advice))
    reading = gathered.reading
    header = _header(reading, "requests")
    requests = [*_fence_requests(fence, spreadsheet, gathered)]
    if rows:
        sheet = reading.tabs["requests"].sheet_id
        requests += append_requests("requests", rows, header, sheet)
    if lines:
        sheet = reading.tabs["to_check"].sheet_id
        noted = [concern_row(line, now) for line in lines]
        requests += append_requests("to_check", noted, _header(reading, "to_check"), sheet)
    filed = tuple(Filed(entry.name, entry.reference, entry.fingerprint) for entry in entries)
    return Write(Batch(fence, spreadsheet, filed), tuple(requests), header)


def _header(reading: Reading, key: str) -> dict[str, int]:
    grid = reading.tabs[key].grid
    return match_header(tab(key), grid[0] if grid else [])


def _fence_requests(fence: Fence, spreadsheet: str, gathered: Gathered) -> list[Json]:
    sheet = gathered.reading.tabs["system"].sheet_id
    cell = {"userEnteredValue": {"stringValue": system_text(fence, spreadsheet)}}
    where = {"sheetId": sheet, "rowIndex": 1, "columnIndex": 0}
    around = {
        "sheetId": sheet,
        "startRowIndex": 1,
        "endRowIndex": 2,
        "startColumnIndex": 0,
        "endColumnIndex": 1,
    }
    named = {"namedRangeId": fence.range_id, "name": fence.range_name, "range": around}
    return [
        {"addNamedRange": {"namedRange": named}},
        {
            "updateCells": {
                "rows": [{"values": [cell]}],
                "fields": "userEnteredValue",
                "start": where,
            }
        },
        *(
            {"deleteNamedRange": {"namedRangeId": old.range_id}}
            for old in outdated(gathered.standing.fences, fence.at)
        ),
    ]
