"""Row edits: how cells of rows that are in the sheet already are changed. Pure.

A row cannot be addressed by its position, because people sort and delete rows between our read and
our write. So a commit copies each row into the system tab and puts a token into each cell to
change. If the copy shows the row that was meant, each token is then replaced by the new text. If
it shows another row, each token is replaced by what the cell held before. A search for a token
finds it wherever its row has moved to. If a person has typed over the token, the search finds
nothing, and what the person typed stays.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from functions.route.decide.alignment import misplaced_concern
from functions.shared.concerns import Concern
from functions.shared.french import MONTHS
from functions.shared.journal.formats import Batch, Misplaced
from functions.shared.sheets.port import Replacement, copies, token
from sheets_schema.columns import Cell, as_text
from sheets_schema.tab import Grid, cell_at, find_columns, tab

# The columns of Demandes that a row's hash covers: decisions about a row depend on these.
HASHED = (
    "reference",
    "last_name",
    "first_name",
    "status",
    "referent",
    "assignment_reason",
    "project",
    "sector",
    "target",
    "phone",
    "email",
    "other_referents",
    "organisation",
    "source",
    "profile",
    "other_projects",
    "horizon",
    "origin_postcode",
    "origin_country",
    "transfer_reason",
    "closing_reason",
)
_NEVER_TEXT = {"vrai", "faux", "true", "false", *MONTHS, *(month[:3] for month in MONTHS)}


def row_hash(cells: Mapping[str, str], columns: Sequence[str] = HASHED) -> str:
    """A hash of what a row holds. It stays the same until somebody changes one of these cells.

    The hash does not depend on where the row stands.

    Args:
        cells: texts by column.
        columns: the columns that the hash covers.
    """
    text = json.dumps([cells[key] for key in columns], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def read_texts(
    row: Sequence[Cell], positions: Mapping[str, int], columns: Sequence[str] = HASHED
) -> dict[str, str]:
    """Some cells of a row as texts by column; a blank cell gives an empty text."""
    return {key: as_text(cell_at(row, positions.get(key))) for key in columns}


def is_plain(text: str) -> bool:
    """Whether Sheets keeps a text as text when it is typed, and makes no date or number of it."""
    words = re.findall(r"[^\W\d_]+", text.casefold())
    return bool(re.match(r"[^\W\d_]|«", text)) and not all(word in _NEVER_TEXT for word in words)


def header_unmoved(
    positions: Mapping[str, int], header: Sequence[Cell], key: str = "requests"
) -> bool:
    """Whether a tab's columns still stood where we had read them when the batch was applied."""
    there, _, _ = find_columns(tab(key), header)
    return there == positions


@dataclass(frozen=True)
class Confirmation:
    """What became of a batch's row edits.

    `replacements` take the place of the tokens. `confirmed` holds the references of the row edits
    that met the row they were meant for. `concerns` are for a person to look at. `misplaced` holds
    the batch's new rows by reference, if columns moved while the batch was written.
    """

    replacements: tuple[Replacement, ...] = ()
    confirmed: frozenset[str] = frozenset()
    concerns: tuple[Concern, ...] = ()
    misplaced: Mapping[str, Misplaced] = field(default_factory=dict)


@dataclass(frozen=True)
class _SeenIn:
    """What a batch says of the columns of a tab, and whether they had moved when it was applied."""

    positions: Mapping[str, int]
    hashed: Sequence[str]
    unmoved: bool
    sheet_id: int | None


def confirm(batch: Batch, system: Grid) -> Confirmation:
    """Decide what takes the place of each token, by the copies that the same batch made.

    Args:
        batch: a batch that is written.
        system: the cells of the system tab as the batch left them.
    """
    header, rows = copies(system)
    unmoved = header_unmoved(batch.positions, header)
    headers = dict(zip(batch.others, rows[len(batch.edits) :], strict=False))
    seen_in = {"requests": _SeenIn(batch.positions, batch.hashed, unmoved, None)} | {
        key: _SeenIn(
            other.positions,
            other.hashed,
            header_unmoved(other.positions, headers.get(key, ()), key),
            other.sheet_id,
        )
        for key, other in batch.others.items()
    }
    replacements: list[Replacement] = []
    confirmed: set[str] = set()
    concerns: list[Concern] = []
    for place, edit in enumerate(batch.edits):
        where = seen_in[edit.tab]
        row = rows[place] if place < len(rows) else []
        seen = read_texts(row, where.positions, where.hashed)
        meant = where.unmoved and row_hash(seen, where.hashed) == edit.row_hash
        if meant:
            confirmed.add(edit.reference)
        for column, change in edit.changes.items():
            there = cell_at(row, where.positions[column])
            # The hash does not cover every column: a cell may have changed in a row that has not.
            still = change.before is None or as_text(there) == change.before
            text = change.after if meant and still else _as_it_was(there)
            if text and not is_plain(text):
                text = f"« {text} »"
                concerns.append(_quoted(text, edit.tab))
            written = token(batch.fence.key, edit, column)
            replacements.append(Replacement(written, text, where.sheet_id))
    misplaced = {} if unmoved else _misplaced(batch, header)
    concerns += map(misplaced_concern, misplaced)
    return Confirmation(tuple(replacements), frozenset(confirmed), tuple(concerns), misplaced)


def _misplaced(batch: Batch, header: Sequence[Cell]) -> dict[str, Misplaced]:
    titles = tuple(map(as_text, header))
    return {
        reference: Misplaced(titles, batch.positions, cells)
        for reference, cells in batch.rows.items()
    }


def _as_it_was(cell: Cell) -> str:
    return cell if isinstance(cell, str) else as_text(cell)


def _quoted(text: str, key: str) -> Concern:
    return Concern(
        tab(key).title,
        f"Une cellule a été remise entre guillemets : {text}.",
        "Cherchez-la, et retirez les guillemets.",
    )
