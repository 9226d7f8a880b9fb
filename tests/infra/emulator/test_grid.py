from infra.emulator.a1 import Box
from infra.emulator.grid import NO_CELL, NO_ROW, Cell, Grid, make_row


def filled(*rows: str, columns: int = 8) -> Grid:
    """Return a grid of one-letter values; a dot is an empty cell."""
    grid = Grid.empty(len(rows) + 4, columns)
    for index, row in enumerate(rows):
        cells = {c: Cell(letter) for c, letter in enumerate(row) if letter != "."}
        grid.write(index, cells)
    return grid


def test_a_copy_shares_its_rows_and_nothing_else():
    grid = filled("ab", "cd")
    copy = grid.copy()
    assert all(row is copied for row, copied in zip(grid.rows, copy.rows, strict=True))
    copy.write(0, {0: Cell("x")})
    copy.grow(10, 10)
    assert grid.cell(0, 0) == Cell("a")
    assert copy.rows[1] is grid.rows[1]
    assert (len(grid.rows), len(grid.columns)) == (6, 8)


def test_a_row_that_becomes_empty_is_the_empty_row():
    grid = filled("a")
    grid.write(0, {0: NO_CELL})
    assert grid.rows[0] is NO_ROW


def test_editing_changes_the_cells_of_a_box():
    grid = filled("abc", "def")
    grid.edit(Box(0, 2, 1, 3), lambda cell, row, column: cell._replace(note=f"{row},{column}"))
    assert grid.cell(1, 2) == Cell("f", note="1,2")
    assert grid.cell(0, 0) == Cell("a")


def test_the_next_row_is_after_the_last_value():
    grid = filled("a", ".", "b")
    grid.write(4, {0: Cell(validation={"condition": {}}), 1: Cell(format={"a": 1}, note="n")})
    assert grid.next_row() == 3
    assert Grid.empty(5, 5).next_row() == 0


def test_columns_move_with_their_cells_and_properties():
    grid = filled("abc")
    grid.columns[2] = {"pixelSize": 7}
    grid.rearrange("COLUMNS", [2, None, 0])
    assert [grid.cell(0, column).value for column in range(3)] == ["c", None, "a"]
    assert grid.columns == [{"pixelSize": 7}, {}, {}]


# Google's guide: two tables, A1:C2 and B4:D6.
GUIDE = filled("aaa", "aaa", "...", ".bbb", ".bbb", ".bbb")


def test_the_last_table_that_a_range_touches_is_found():
    for box in (GUIDE.box, Box(4, 5, 2, 4), Box(1, 4, 1, 4), Box(2, 10, 1, 7)):
        assert GUIDE.table(box) == Box(3, 6, 1, 4)
    assert GUIDE.table(Box(0, 1, 0, 1)) == Box(0, 2, 0, 3)
    assert GUIDE.table(Box(3, 4, 4, 5)) is None
    assert GUIDE.table(Box(3, 4, 0, 1)) is None


def test_a_table_ends_where_a_whole_row_or_column_is_empty():
    assert filled("a.c").table(Box(0, 1, 0, 8)) == Box(0, 1, 2, 3)  # recorded
    assert filled("abc", ".d.", "e..").table(Box(0, 3, 0, 3)) == Box(0, 3, 0, 3)


def test_rows_that_fill_the_box_move_as_they_are():
    grid = filled("ab", "cd", "ef")
    first, second, third = grid.rows[:3]
    grid.permute(Box(0, 3, 0, 2), [2, 0, 1])
    assert grid.rows[:3] == [third, first, second]


def test_cells_and_properties_beside_the_box_stay():
    grid = filled("abx", "cdy")
    grid.rows[1] = make_row(grid.rows[1].facets, {"pixelSize": 50})
    grid.permute(Box(0, 2, 0, 2), [1, 0])
    assert [row.values for row in grid.rows[:2]] == [
        {0: "c", 1: "d", 2: "x"},
        {0: "a", 1: "b", 2: "y"},
    ]
    assert [row.properties for row in grid.rows[:2]] == [{}, {"pixelSize": 50}]


def test_rows_that_are_alike_are_changed_once_and_stay_one_object():
    grid = Grid.empty(1000, 5)
    asked = []

    def change(cell):
        asked.append(cell)
        return cell._replace(note="x")

    grid.edit_alike(Box(1, 1000, 2, 4), change)
    assert len(asked) == 1
    assert grid.rows[1] is grid.rows[999]
    assert grid.rows[0] is NO_ROW
    assert [grid.cell(500, column).note for column in range(5)] == [None, None, "x", "x", None]


def test_a_row_that_is_as_it_was_stays_itself():
    grid = Grid.empty(3, 2)
    grid.write(1, {0: Cell(value="a", note="x")})
    before = grid.rows.copy()
    grid.edit_alike(grid.box, lambda cell: cell)
    assert all(new is old for new, old in zip(grid.rows, before, strict=True))
