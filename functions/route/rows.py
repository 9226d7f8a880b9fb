"""What a drain writes: requests' rows in Demandes, concerns' lines in À vérifier. Pure."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from functions.route.assignment import Assignment, Project
from sheets_schema.columns import Cell, as_text
from sheets_schema.schema import TEST_SOURCE, vocabulary
from sheets_schema.tab import Row, format_row, tab
from sheets_schema.territory import Target, Territories
from sheets_schema.wire import Json, typed_cell

FIRST_STATUS, DOUBTED_STATUS = "to_contact", "to_qualify"
TEST_REMARK = "ESSAI : "


@dataclass(frozen=True)
class Entry:
    """A journal entry as intake wrote it; `name` is its hash there. The first project leads.

    `cells` are those of its row that do not depend on who follows it; `body` is what was read.
    `contacts` are what the same person is known by; `suspect` says why intake takes it for a
    robot's, `doubt` why it may be one's, both empty as a rule; `test` whether it is only a trial.
    """

    name: str
    reference: str
    received_at: datetime
    fingerprint: str
    projects: tuple[Project, ...]
    target: Target
    cells: Mapping[str, Cell]
    body: str
    contacts: tuple[str, ...] = ()
    suspect: str = ""
    doubt: str = ""
    test: bool = False

    @classmethod
    def from_json(cls, name: str, body: bytes, official: Territories) -> "Entry":
        """Read the journal object `pending/<name>`.

        Raises:
            ValueError, KeyError, TypeError, AttributeError: it is not what intake writes.
        """
        data: dict[str, Any] = json.loads(body)
        submission = data["submission"]
        where = submission["target"]
        target = Target(
            tuple(where.get("communes", ())), tuple(where.get("epcis", ())), "anywhere" in where
        )
        received_at = datetime.fromisoformat(data["received_at"])
        if received_at.tzinfo is None:
            raise ValueError("a time without its zone")
        return cls(
            name,
            data["reference"],
            received_at,
            data["fingerprint"],
            tuple(Project(one["type"], one.get("sector")) for one in submission["projects"]),
            target,
            _given(data["reference"], received_at, submission, official.format(target)),
            body.decode(),
            contacts(submission),
            str(data.get("suspect") or ""),
            str(data.get("doubt") or ""),
            is_test(submission),
        )

    @property
    def size(self) -> int:
        """About how many bytes its row takes in a batch."""
        wire = [typed_cell(cell) for cell in self.cells.values()]
        return len(json.dumps(wire)) + _ASSIGNMENT_BYTES


_ASSIGNMENT_BYTES = 1500  # of the cells that assignment adds, and of the blank ones


def contacts(submission: Mapping[str, Any]) -> tuple[str, ...]:
    """What a submission's sender is known by: address, and phone number in E.164."""
    given = (str(submission.get("email", "")).casefold(), str(submission.get("phone", "")))
    return tuple(contact for contact in given if contact)


def is_test(submission: Mapping[str, Any]) -> bool:
    """Whether a submission was sent to try the system."""
    return submission.get("source") == TEST_SOURCE


@dataclass(frozen=True)
class Concern:
    """Something for a person to look at: where, what, and what to do, in French."""

    place: str
    subject: str
    action: str


def request_row(entry: Entry, assignment: Assignment, now: datetime) -> dict[str, Cell]:
    """The cells of a request's row, by column key."""
    lead = assignment.lead
    return dict(entry.cells) | format_row(
        tab("requests"),
        {
            "status": DOUBTED_STATUS if entry.doubt else FIRST_STATUS,
            "assignment_reason": tab("requests")["assignment_reason"].fitting(assignment.reason),
            "referent": lead and lead.name,
            "organisation": lead and lead.organisation,
            "other_referents": ", ".join(person.name for person in assignment.others) or None,
            "assigned_at": now if lead else None,
        },
    )


def remarks(entry: Entry, repeated: str) -> str:
    """What a request's reason says before the rule: that it is a trial, a repeat, or in doubt.

    Args:
        entry: the request.
        repeated: the reference of the same person's earlier request, "" for none.
    """
    said = TEST_REMARK if entry.test else ""
    said += f"Relance de {repeated}. " if repeated else ""
    return said + (_UNPROVEN if entry.doubt else "")


def kept_remarks(reason: str) -> str:
    """The remarks of a row's reason that still hold when the row is assigned again."""
    found = _REMARKS.match(reason.removeprefix(TEST_REMARK))
    return found[0] if found else ""


_UNPROVEN = "Sans vérification anti-robot : à confirmer au premier contact. "
_REMARKS = re.compile(rf"(?:Relance de \S+\. )?(?:{re.escape(_UNPROVEN)})?")


def _given(
    reference: str, received_at: datetime, given: Mapping[str, Any], target: str
) -> dict[str, Cell]:
    """The cells that say what an applicant said."""
    first, *others = given["projects"]
    origin, household = given.get("origin", {}), given.get("household", {})
    values = {key: given.get(key) for key in _AS_GIVEN} | {
        "reference": reference,
        "received_at": received_at,
        "project": first["type"],
        "occupation": first.get("occupation"),
        "sector": first.get("sector"),
        "other_projects": " ; ".join(map(_in_words, others)) or None,
        "target": target,
        "needs": tuple(given.get("needs", ())),
        "adults": household.get("adults"),
        "children": household.get("children"),
        "origin_postcode": origin.get("postcode"),
        "origin_city": origin.get("city"),
        "origin_country": origin.get("country"),
    }
    return format_row(tab("requests"), values)


_AS_GIVEN = (
    "last_name",
    "first_name",
    "email",
    "phone",
    "best_time_to_call",
    "message",
    "horizon",
    "source",
    "newsletter",
    "ambassador_contact",
)


def concern_row(concern: Concern, now: datetime) -> dict[str, Cell]:
    """The cells of a line of À vérifier, by column key; what is too long for one is cut."""
    to_check = tab("to_check")
    texts = {"subject": concern.subject, "place": concern.place, "action": concern.action}
    cut = {key: to_check[key].fitting(text) for key, text in texts.items()}
    return format_row(to_check, {"noted_at": now} | cut)


def unnoted(concerns: Iterable[Concern], lines: Sequence[Row]) -> list[Concern]:
    """The concerns that À vérifier does not show yet on a line that nobody has ticked off."""
    shown = {
        (line.values["place"], line.values["subject"]) for line in lines if not line.values["done"]
    }
    fresh = {_as_shown(one): one for one in concerns}
    return [one for key, one in fresh.items() if key not in shown]


def _as_shown(concern: Concern) -> tuple[str, str]:
    cells = concern_row(concern, datetime.min.replace(tzinfo=UTC))
    return as_text(cells["place"]), as_text(cells["subject"])


def append_rows(
    key: str, rows: Sequence[Mapping[str, Cell]], positions: Mapping[str, int], sheet_id: int
) -> list[Json]:
    """The requests that add rows below the last one of a tab.

    Values only: the formats of a column are the partners' to choose, but for the system's own
    dates, which would read as numbers in rows that Google adds at the end of the grid.
    """
    width = max(positions.values()) + 1
    wire = []
    for row in rows:
        cells: list[Json] = [{} for _ in range(width)]
        for name, cell in row.items():
            cells[positions[name]] = typed_cell(cell)
        wire.append({"values": cells})
    append = {"sheetId": sheet_id, "rows": wire, "fields": "userEnteredValue"}
    formats = [
        {
            "repeatCell": {
                "range": {
                    "sheetId": sheet_id,
                    "startRowIndex": 1,
                    "startColumnIndex": positions[column.key],
                    "endColumnIndex": positions[column.key] + 1,
                },
                "cell": {"userEnteredFormat": {"numberFormat": column.type.number_format}},
                "fields": "userEnteredFormat.numberFormat",
            }
        }
        for column in tab(key).columns
        if column.read_only and column.type.name == "date-time"
    ]
    return [{"appendCells": append}, *formats]


def _in_words(project: Mapping[str, str]) -> str:
    words = [vocabulary("project")[project["type"]]]
    if "occupation" in project:
        words.append(project["occupation"])
    if "sector" in project:
        words.append(vocabulary("sector")[project["sector"]])
    return ", ".join(words)
