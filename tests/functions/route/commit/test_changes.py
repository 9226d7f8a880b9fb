"""Changes of cells in rows that are there, against a workbook in memory that people edit."""

from datetime import UTC, datetime

import pytest

from functions.route.commit.row_edits import HASHED, confirm, read_texts, row_hash
from functions.shared.journal.formats import Batch
from functions.shared.sheets.fence import Fence
from functions.shared.sheets.memory import KEYS
from functions.shared.sheets.port import Change, Commit, RowEdit
from tests.functions.route.books import book, set_cell

FENCE = Fence(1, datetime(2026, 11, 23, 9, tzinfo=UTC), "t")
ALL = dict.fromkeys(KEYS, "all")
ANA = {"reference": "LOT-1", "last_name": "Petit", "status": "À réorienter", "referent": "Ana Roux"}
BOB = {"reference": "LOT-2", "last_name": "Cros", "status": "Installé"}
# From what is known to another value, from a value to blank, from blank to a value; and a column
# that the row's hash does not cover.
CHANGES = {
    "status": Change("À réorienter", "À contacter"),
    "referent": Change("Ana Roux", ""),
    "organisation": Change("", "Chambre d'agriculture"),
    "next_action": Change("", "Appeler"),
}
CHANGED = {
    "reference": "LOT-1",
    "last_name": "Petit",
    "status": "À contacter",
    "organisation": "Chambre d'agriculture",
    "next_action": "Appeler",
}


@pytest.fixture
def sheet():
    return book(requests=[ANA, BOB])


def change(sheet, before_commit=lambda: None, before_replace=lambda: None, changes=CHANGES):
    """Change the first row as a drain does; people may act in between."""
    seen = sheet.read(ALL)
    positions = seen.positions("requests")
    hashed = row_hash(read_texts(seen.tabs["requests"].grid[1], positions))
    edit = RowEdit("LOT-1", 1, hashed, changes)
    batch = Batch(FENCE, sheet.id, positions, HASHED, edits=(edit,))
    before_commit()
    system = sheet.commit(Commit(FENCE, sheet.id, seen, edits=(edit,)))
    before_replace()
    confirmation = confirm(batch, system)
    sheet.replace(seen, confirmation.replacements)
    return confirmation


def sort(sheet):
    sheet.grids["requests"][1:] = reversed(sheet.grids["requests"][1:])


def test_every_kind_of_change_is_made(sheet):
    assert change(sheet).confirmed == {"LOT-1"}
    assert sheet.rows("requests") == [CHANGED, BOB]


def test_a_sort_before_the_write_changes_nobody(sheet):
    assert change(sheet, before_commit=lambda: sort(sheet)).confirmed == frozenset()
    assert sheet.rows("requests") == [BOB, ANA]


def test_a_sort_after_the_write_is_followed(sheet):
    assert change(sheet, before_replace=lambda: sort(sheet)).confirmed == {"LOT-1"}
    assert sheet.rows("requests") == [BOB, CHANGED]


def test_a_row_that_somebody_changed_first_stays_as_it_is(sheet):
    change(sheet, before_commit=lambda: set_cell(sheet, "requests", 1, "phone", "06 12 34 56 78"))
    assert sheet.rows("requests")[0] == ANA | {"phone": "06 12 34 56 78"}


def test_of_a_cell_that_the_hash_does_not_cover_what_somebody_typed_first_stays(sheet):
    change(sheet, before_commit=lambda: set_cell(sheet, "requests", 1, "next_action", "Écrire"))
    assert sheet.rows("requests")[0] == CHANGED | {"next_action": "Écrire"}


def test_what_somebody_types_over_a_token_stays(sheet):
    change(sheet, before_replace=lambda: set_cell(sheet, "requests", 1, "status", "Installé"))
    assert sheet.rows("requests")[0] == CHANGED | {"status": "Installé"}


def test_a_deleted_row_stays_deleted(sheet):
    change(sheet, before_replace=lambda: sheet.grids["requests"].pop(1))
    assert sheet.rows("requests") == [BOB]


def test_columns_that_move_before_the_write_get_back_what_they_held(sheet):
    def insert():
        for row in sheet.grids["requests"]:
            row.insert(0, None)

    assert change(sheet, before_commit=insert).confirmed == frozenset()
    assert sheet.rows("requests") == [ANA, BOB]


def test_text_that_sheets_would_read_anew_is_given_back_in_quotes(sheet):
    """It is no text of ours: it stood in a cell that a sort brought under our token."""
    set_cell(sheet, "requests", 2, "next_action", "31/12/2026")
    confirmation = change(sheet, before_commit=lambda: sort(sheet))
    assert sheet.rows("requests")[0] == BOB | {"next_action": "« 31/12/2026 »"}
    (concern,) = confirmation.concerns
    assert "« 31/12/2026 »" in concern.subject


def test_what_an_earlier_version_did_not_keep_is_not_compared(sheet):
    change(sheet, changes={"status": Change(None, "À contacter")})
    assert sheet.rows("requests")[0] == ANA | {"status": "À contacter"}
