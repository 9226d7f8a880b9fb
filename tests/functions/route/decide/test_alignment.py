"""Which cells of a row that was written under moved columns are put right, and which are left."""

import pytest

from functions.route.decide.alignment import Alignment, Rows, align
from functions.shared.journal.formats import Misplaced
from sheets_schema.tab import tab

REFERENCE = "LOT-0000-0012"
KEYS = ("reference", "last_name", "status", "phone", "received_at")
TITLES = [tab("requests")[key].title for key in KEYS]
CELLS = {
    "reference": REFERENCE,
    "last_name": "Petit",
    "status": "À contacter",
    "phone": "+33 6 12 34 56 78",
    "received_at": 46349.5,
}
MEANT = {key: place for place, key in enumerate(KEYS)}
WRITTEN = list(CELLS.values())


def aligned(line, header, then=None, now=None):
    written = Misplaced(tuple(then or header), MEANT, CELLS)
    titles = now or header
    positions = {key: titles.index(title) for key, title in zip(KEYS, TITLES, strict=True)}
    grid = [titles, ["autre"], line]
    return align(REFERENCE, written, Rows.of(grid, positions)), positions


def inserted(at, title=""):
    return [*TITLES[:at], title, *TITLES[at:]]


def put_right(line, alignment):
    cells = [*line, *[None] * 5]
    for place, cell in alignment.cells.items():
        cells[place] = cell
    return cells


@pytest.mark.parametrize("at", range(5))
@pytest.mark.parametrize("title", ["", "Priorité"])
def test_wherever_a_column_was_inserted_each_cell_gets_under_its_header(at, title):
    header = inserted(at, title)
    alignment, positions = aligned(WRITTEN, header)
    assert alignment.row == 2
    assert alignment.left == ()
    right = put_right(WRITTEN, alignment)
    assert {key: right[place] for key, place in positions.items()} == CELLS
    assert right[at] is None
    again, _ = aligned(right, header)
    assert again == Alignment(2)


def test_a_column_that_was_moved():
    header = [TITLES[3], *TITLES[:3], TITLES[4]]
    alignment, positions = aligned(WRITTEN, header)
    right = put_right(WRITTEN, alignment)
    assert {key: right[place] for key, place in positions.items()} == CELLS


def test_columns_may_move_once_more_before_it_is_put_right():
    then, now = inserted(1, "Priorité"), ["À nous", *inserted(1, "Priorité")]
    line = ["leur cellule", *WRITTEN]
    alignment, positions = aligned(line, now, then=then)
    right = put_right(line, alignment)
    assert {key: right[place] for key, place in positions.items()} == CELLS
    assert right[0] == "leur cellule"
    assert right[2] is None


def test_what_a_person_wrote_since_is_left():
    header = inserted(2)
    line = [REFERENCE, "Petit", "urgent", "Contacté", "+33 6 12 34 56 78", 46349.5]
    alignment, _ = aligned(line, header)
    assert alignment.left == ("Statut",)
    right = put_right(line, alignment)
    assert right[:6] == [REFERENCE, "Petit", "urgent", "Contacté", "+33 6 12 34 56 78", 46349.5]


def test_a_row_put_right_by_hand_is_right():
    header = inserted(2)
    line = [REFERENCE, "Petit", None, "À contacter", "+33 6 12 34 56 78", 46349.5]
    assert aligned(line, header)[0] == Alignment(2)


def test_a_row_that_lost_its_reference_with_a_column_gets_it_back():
    alignment, _ = aligned(WRITTEN[1:], TITLES, then=inserted(0))
    assert put_right(WRITTEN[1:], alignment)[:5] == WRITTEN
    alignment, _ = aligned([None, *WRITTEN[1:]], TITLES, then=inserted(0))
    assert alignment == Alignment(2, {0: REFERENCE})


def test_a_row_that_is_gone_is_none():
    assert aligned(["LOT-0000-0024", "Petit"], inserted(2))[0] is None


def test_another_request_s_row_is_not_taken_for_one_that_is_gone_however_alike():
    other = [None, *WRITTEN[1:], "LOT-0000-0024"]
    alignment, _ = aligned(other, [*TITLES, "Notes"])
    assert alignment is None
