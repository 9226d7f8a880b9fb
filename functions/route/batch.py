"""A batch: what one drain writes into the spreadsheet, all of it or nothing. Pure."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from functions.route.assignment import assign
from functions.route.completion import Candidate, Completed, Office, complete
from functions.route.fence import Fence, Standing, outdated, standing, system_text
from functions.route.lookup import Lookup, read_lookup
from functions.route.notice import Notice, notices, told
from functions.route.rows import (
    Concern,
    Entry,
    append_rows,
    concern_row,
    remarks,
    request_row,
)
from functions.route.tokens import COLUMNS, Completion, placing
from sheets_schema.columns import PARIS, Cell
from sheets_schema.tab import Part, Row, format_row, match_header, read_loosely, read_table, tab
from sheets_schema.territory import Territories
from sheets_schema.wire import Json, Reading


@dataclass(frozen=True)
class Filed:
    """An entry of a batch; `body` is the journal's, so that it can be filed again."""

    name: str
    reference: str
    fingerprint: str
    body: str


@dataclass(frozen=True)
class Batch:
    """A batch as the journal keeps it: its fence, and all that settling it needs to know.

    `header` is where the columns of Demandes stood when it was decided.
    """

    fence: Fence
    spreadsheet: str
    header: Mapping[str, int]
    filed: tuple[Filed, ...]
    completions: tuple[Completion, ...] = ()
    notices: tuple[Notice, ...] = ()

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
            data["header"],
            tuple(Filed(**one) for one in data["filed"]),
            tuple(Completion.from_json(one) for one in data["completions"]),
            tuple(Notice.from_json(json.dumps(one)) for one in data["notices"]),
        )


@dataclass(frozen=True)
class Write:
    """A batch and the requests that carry it out."""

    batch: Batch
    requests: tuple[Json, ...]


@dataclass(frozen=True)
class Gathered:
    """What one read of the spreadsheet says.

    `concerns` is what is wrong in the lookup tables, `noted` the lines of À vérifier; `paused`
    whether coordinators asked for no writes at present.
    """

    reading: Reading
    standing: Standing
    lookup: Lookup
    concerns: tuple[Concern, ...]
    noted: tuple[Row, ...]
    paused: bool


# The one read of a drain: headers where rows are added, lookup tables and notes whole.
PARTS: dict[str, Part] = {
    "requests": "header",
    "to_check": "all",
    "rules": "all",
    "referents": "all",
    "coordination": "all",
    "tracking": "header",
    "system": "all",
}
SWEEP_PARTS: dict[str, Part] = PARTS | {"requests": COLUMNS}


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
        is_paused(grids["coordination"]),
    )


_MEND = "Corrigez cette cellule : en attendant, le système n'en tient pas compte."


def is_paused(coordination: Sequence[Sequence[Cell]]) -> bool:
    """Whether a line of Coordination asks for a pause, also one that has nothing else.

    Raises:
        HeaderError: the tab lacks a column, or has one twice.
    """
    rows = read_loosely(tab("coordination"), coordination, ("pause",))
    return any(row.values["pause"] for row in rows)


@dataclass(frozen=True)
class Plan:
    """What a batch is to hold: entries that become rows, rows to complete, lines to note.

    `repeats` is what entries are repeats of, see `find_repeats`.
    """

    entries: Sequence[Entry] = ()
    completed: Sequence[tuple[Candidate, Completed]] = ()
    concerns: Sequence[Concern] = ()
    repeats: Mapping[str, str] = field(default_factory=dict)


def plan_completions(
    candidates: Sequence[Candidate],
    references: set[str],
    fence: Fence,
    gathered: Gathered,
    official: Territories,
    draw: Callable[[], str],
) -> list[tuple[Candidate, Completed]]:
    """Decide what rows that are there already get; those that need nothing are left out.

    Raises:
        HeaderError: Demandes lacks a column, or has one twice.
    """
    taken = set(references)

    def draw_new() -> str:
        while (drawn := draw()) in taken:
            continue
        taken.add(drawn)
        return drawn

    office = Office(
        gathered.lookup,
        official,
        fence.at.astimezone(PARIS).date(),
        _header(gathered.reading, "requests"),
        fence.key,
        draw_new,
    )
    made = ((candidate, complete(candidate, office)) for candidate in candidates)
    return [(candidate, completed) for candidate, completed in made if completed]


def plan_write(
    fence: Fence, spreadsheet: str, plan: Plan, gathered: Gathered, official: Territories
) -> Write:
    """Decide one batch: fence and system cell, and what the plan holds.

    Raises:
        HeaderError: a tab to write into lacks a column, or has one twice.
    """
    now, today = fence.at, fence.at.astimezone(PARIS).date()
    rows: list[dict[str, Cell]] = []
    lines, tracks, all_told = list(plan.concerns), [], []
    for entry in plan.entries:
        assignment = assign(entry.projects, entry.target, gathered.lookup, official, today)
        remarked = remarks(entry, plan.repeats.get(entry.name, "")) + assignment.reason
        assignment = replace(assignment, reason=remarked)
        rows.append(request_row(entry, assignment, now))
        all_told += told(entry.reference, rows[-1], assignment)
        if assignment.doubt:
            lines.append(Concern(entry.reference, assignment.doubt, assignment.advice))
    for candidate, done in plan.completed:
        lines += done.concerns
        tracks.append(_track(done, now))
        if not candidate.cells["referent"]:
            cells: dict[str, Cell] = dict(candidate.cells)
            reference = done.completion.reference
            all_told += told(reference, cells, done.assignment, if_meant=True)
    reading = gathered.reading
    sheets = {key: cells.sheet_id for key, cells in reading.tabs.items()}
    header = _header(reading, "requests")
    completions = tuple(done.completion for _, done in plan.completed)
    requests = [
        *_fence_requests(fence, spreadsheet, gathered),
        *placing(header, completions, sheets["requests"], sheets["system"]),
    ]
    noted = [concern_row(line, now) for line in lines]
    for key, added in (("requests", rows), ("to_check", noted), ("tracking", tracks)):
        if added:
            requests += append_rows(key, added, _header(reading, key), sheets[key])
    filed = tuple(Filed(one.name, one.reference, one.fingerprint, one.body) for one in plan.entries)
    batch = Batch(fence, spreadsheet, header, filed, completions, notices(all_told))
    return Write(batch, tuple(requests))


def _track(done: Completed, now: datetime) -> dict[str, Cell]:
    lead = done.assignment.lead
    values = {
        "reference": done.completion.reference,
        "noted_at": now,
        "referent": lead and lead.name,
        "reason": done.assignment.reason,
    }
    return format_row(tab("tracking"), values)


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
