"""What becomes of each token, from the copy of its row that was taken with it."""

import pytest

from functions.route.commit.row_edits import HASHED, confirm, header_unmoved, row_hash
from functions.shared.journal.formats import Batch
from functions.shared.sheets.fence import Fence
from functions.shared.sheets.port import FIRST_COPY, Change, Replacement, RowEdit, token
from sheets_schema.columns import as_text
from sheets_schema.tab import tab
from tests.functions.route.arrivals import MORNING

HEADER = [column.title for column in tab("requests").columns]
POSITIONS = {column.key: at for at, column in enumerate(tab("requests").columns)}
FENCE = Fence(7, MORNING, "t1")
ROW = {"reference": "LOT-1", "last_name": "Durand", "phone": "06 12 34 56 78", "children": 2.0}


def texts(row):
    return {key: str(row.get(key) or "") for key in HASHED}


def edit(row=ROW, reference="LOT-1", **changes):
    made = {key: Change(str(row.get(key) or ""), after) for key, after in changes.items()}
    return RowEdit(reference, 1, row_hash(texts(row)), made)


def batch(*edits, rows=None):
    return Batch(FENCE, "demo", POSITIONS, HASHED, (), edits, rows=rows or {})


def system(*rows, header=None):
    copies = [[row.get(column.key) for column in tab("requests").columns] for row in rows]
    above = [["Dernier lot écrit"], *([["x"]] * (FIRST_COPY - 1))]
    return [*above, header or HEADER, *copies]


def texts_of(confirmation):
    return [replacement.text for replacement in confirmation.replacements]


def test_a_row_that_is_the_one_meant_gets_its_texts():
    change = edit(referent="Ana Roux", organisation="Chambre")
    confirmation = confirm(batch(change), system(ROW))
    assert confirmation.replacements == (
        Replacement(token(FENCE.key, change, "referent"), "Ana Roux"),
        Replacement(token(FENCE.key, change, "organisation"), "Chambre"),
    )
    assert confirmation.confirmed == {"LOT-1"}
    assert confirmation.concerns == ()
    assert confirmation.misplaced == {}


@pytest.mark.parametrize("key", HASHED)
def test_any_other_row_gets_back_what_it_had(key):
    other = ROW | {"referent": "Bob Cros", key: "Autre"}
    confirmation = confirm(batch(edit(referent="Ana Roux")), system(other))
    assert texts_of(confirmation) == [as_text(other["referent"])]
    assert confirmation.confirmed == frozenset()


def test_what_is_not_hashed_may_change():
    confirmation = confirm(batch(edit(referent="Ana Roux")), system(ROW | {"children": 3.0}))
    assert confirmation.confirmed == {"LOT-1"}


def test_each_edit_is_judged_by_its_own_copy():
    other = ROW | {"reference": "LOT-2", "last_name": "Petit"}
    edits = (edit(referent="Ana Roux"), edit(other, "LOT-2", referent="Bob Cros"))
    assert confirm(batch(*edits), system(ROW, ROW)).confirmed == {"LOT-1"}
    confirmation = confirm(batch(*edits), system(ROW, other))
    assert confirmation.confirmed == {"LOT-1", "LOT-2"}
    assert texts_of(confirmation) == ["Ana Roux", "Bob Cros"]


def test_a_row_that_is_gone_gets_blank_cells():
    confirmation = confirm(batch(edit(referent="Ana Roux")), system())
    assert texts_of(confirmation) == [""]
    assert confirmation.confirmed == frozenset()
    assert confirmation.concerns == ()


def test_what_is_put_back_keeps_its_spaces():
    other = ROW | {"last_name": "Petit", "referent": "Bob  Cros "}
    confirmation = confirm(batch(edit(referent="Ana Roux")), system(other))
    assert texts_of(confirmation) == ["Bob  Cros "]


def test_what_cannot_be_put_back_as_it_was_is_quoted_and_reported():
    other = ROW | {"last_name": "Petit", "referent": "12"}
    confirmation = confirm(batch(edit(referent="Ana Roux")), system(other))
    assert texts_of(confirmation) == ["« 12 »"]
    (concern,) = confirmation.concerns
    assert concern.place == tab("requests").title
    assert concern.subject == "Une cellule a été remise entre guillemets : « 12 »."


def test_columns_that_moved_confirm_nothing():
    moved = [HEADER[1], HEADER[0], *HEADER[2:]]
    confirmation = confirm(batch(edit(referent="Ana Roux")), system(ROW, header=moved))
    assert confirmation.confirmed == frozenset()
    assert confirmation.misplaced == {}  # no row was added under them
    assert confirmation.concerns == ()


def test_rows_that_were_added_under_columns_that_moved_are_named_and_kept():
    moved = [HEADER[1], HEADER[0], *HEADER[2:]]
    rows = {name: {"reference": name, "last_name": "Petit"} for name in ("LOT-a", "LOT-b")}
    confirmation = confirm(batch(rows=rows), system(header=moved))
    written = confirmation.misplaced["LOT-a"]
    assert written.header == tuple(moved)
    assert (written.positions, written.cells) == (POSITIONS, rows["LOT-a"])
    assert [concern.place for concern in confirmation.concerns] == ["LOT-a", "LOT-b"]
    assert confirm(batch(rows=rows), system()).misplaced == {}


def test_a_header_is_unmoved_where_every_column_stands_where_it_stood():
    assert header_unmoved(POSITIONS, HEADER)
    assert header_unmoved(POSITIONS, [*HEADER, "À nous"])
    assert not header_unmoved(POSITIONS, ["À nous", *HEADER])
    assert not header_unmoved(POSITIONS, HEADER[:-1])
