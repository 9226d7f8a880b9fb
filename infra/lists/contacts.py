"""Makes a contact of a list what the journal keeps of a request. Pure."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from functions.intake.submission import InvalidError, Submission, validate
from functions.shared.request import Request
from infra.lists.proposing import Proposal
from infra.lists.records import Record, shown_as
from infra.lists.sheets import ListError, as_text
from infra.lists.words import OUR_HEADERS, targets
from sheets_schema.schema import answer_columns
from sheets_schema.tab import tab
from sheets_schema.territory import territories

# Columns that a list may fill though no question of the form does, and the territory, of which a
# list may name more than the form allows. What else a list says goes into Notes: either the system
# decides it (status, referent, day of reception), or it says how a request ended.
_CELLS = ("target", "next_action", "remind_on", "last_contact_on", "other_projects", "notes")


@dataclass(frozen=True)
class Contact:
    """A person of a list as a request: the answers of the form, and further cells by column.

    `has_source` says whether somebody said where the list comes from.
    """

    submission: Submission
    cells: Mapping[str, str]
    has_source: bool


def as_contact(record: Record, source: str = "", profile: str = "") -> Contact:
    """The request that a record makes.

    Args:
        record: a record; what it says of source and profile counts before the next two.
        source: where the list comes from, `salon-toulouse-2027` for example.
        profile: `candidate` or `seller`; "" for what a blank cell means.

    Raises:
        ListError: the record makes no request; the sentences say why.
    """
    cells = record.cells()
    notes = [cells["notes"]] if "notes" in cells else []
    for key in [key for key in cells if goes_into_notes(key)]:
        notes.append(f"{targets()[key].title} : {shown_as(key, record.values[key])}")
        del cells[key]
    if notes:
        cells["notes"] = "\n".join(notes)
    request = Request.from_cells(cells, territories())
    if request.unreadable:
        titles = ", ".join(
            f"« {tab('requests')[key].title} »" for key in sorted(request.unreadable)
        )
        raise ListError(f"Illisible : {titles}.")
    most = tab("requests")["notes"].max_length or 0
    if len(cells.get("notes", "")) > most:
        raise ListError(f"Les notes dépassent {most} caractères : raccourcissez-les.")
    given = {"source": source, "profile": profile}
    raw = _answers(request) | {
        key: value for key, value in given.items() if value and not request[key]
    }
    try:
        submission = validate(raw)
    except InvalidError as error:
        raise ListError(" ".join(str(wrong.message) for wrong in error.errors)) from error
    # The form's boxes are not ticked unless somebody ticks them; a list without them says neither.
    submission = {
        key: answer for key, answer in submission.items() if answer is not False or key in raw
    }
    further = {key: cells[key] for key in _CELLS if key in cells}
    return Contact(submission, further, "source" in raw)


def goes_into_notes(key: str) -> bool:
    """Whether what a list says of a target goes into Notes, with the target's title."""
    return key not in _CELLS and key not in answer_columns().values()


def entry_name(proposal: Proposal, record: Record, source: str) -> str:
    """The name of a record's entry in the journal.

    It depends on the source and on all that the list says of the person, under its own headers, in
    whatever order. So the same row gives the same name in every file, and however its columns are
    understood.
    """
    table = proposal.table
    rows = (record.row, *proposal.records.continued.get(record.row, ()))
    said = sorted(
        (row - record.row, column.key, text)
        for row in rows
        for column in table.columns
        if (text := as_text(table.shown(row, column.index))) and column.key not in OUR_HEADERS
    )
    content = json.dumps(["import", source, said], ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()


def _answers(request: Request) -> dict[str, Any]:
    """The answers of the form that say the same as a request."""
    answers: dict[str, Any] = {"projects": [{"type": "unknown"}]}
    for place, column in answer_columns().items():
        value = request[column]
        if value is None:
            continue
        *groups, last = place.replace("[]", "").split(".")
        node: Any = answers
        for group in groups:
            node = node.setdefault(group, {})
            node = node[0] if isinstance(node, list) else node
        node[last] = list(value) if isinstance(value, tuple) else value
    return answers
