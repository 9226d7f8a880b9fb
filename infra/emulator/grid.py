"""A sheet's grid of cells.

Grids share rows, which are never changed in place: a change puts another row into the list. So a
batch works on a copy that costs one list. Dropping the copy undoes the batch, and comparing rows by
identity shows which of them have changed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

from infra.emulator.a1 import Box
from infra.emulator.values import Value

Dimension: TypeAlias = Literal["ROWS", "COLUMNS"]
Json: TypeAlias = dict[str, Any]


class Cell(NamedTuple):
    """What a cell holds; formats and rules are in Google's shape and never changed in place."""

    value: Value = None
    format: Mapping[str, Any] | None = None
    validation: Mapping[str, Any] | None = None
    note: str | None = None

    @property
    def number_format(self) -> Mapping[str, Any]:
        """How numbers are shown; empty if nothing was set."""
        number_format: Mapping[str, Any] = (self.format or {}).get("numberFormat", {})
        return number_format


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A row: its cells, and what is set for the row as a whole (its height, say).

    The cells are kept by facet, in the order of `Cell`, and by column: two million values in
    ordinary dictionaries cost the garbage collector nothing, two million cells do.
    """

    facets: tuple[Mapping[int, Any], ...]
    properties: Mapping[str, Any]

    @property
    def values(self) -> Mapping[int, Value]:
        """The values by column; empty if the row has no data."""
        return self.facets[0]

    def cell(self, column: int) -> Cell:
        """Return the cell in a column, empty or not."""
        return Cell(*[facet.get(column) for facet in self.facets])


NO_CELL = Cell()
_NOTHING: Mapping[Any, Any] = {}
NO_ROW = Row((_NOTHING,) * len(NO_CELL), _NOTHING)


def make_row(facets: Iterable[Mapping[int, Any]], properties: Mapping[str, Any]) -> Row:
    """Return a row of those facets; all empty rows are one object."""
    kept = tuple(facet or _NOTHING for facet in facets)
    return Row(kept, properties) if any(kept) or properties else NO_ROW


class Grid:
    """Rows and columns; `columns` holds what is set for each column as a whole."""

    def __init__(self, rows: list[Row], columns: list[Mapping[str, Any]]) -> None:
        self.rows = rows
        self.columns = columns

    @classmethod
    def empty(cls, rows: int, columns: int) -> "Grid":
        """Return a grid of that size without any cell."""
        return cls([NO_ROW] * rows, [{}] * columns)

    def copy(self) -> "Grid":
        """Return a grid that shares the rows; a change to it leaves this one alone."""
        return Grid(self.rows.copy(), self.columns.copy())

    @property
    def box(self) -> Box:
        """The whole grid."""
        return Box(0, len(self.rows), 0, len(self.columns))

    def size(self, dimension: Dimension) -> int:
        """Return how many rows or columns there are."""
        return len(self.rows if dimension == "ROWS" else self.columns)

    def cell(self, row: int, column: int) -> Cell:
        """Return a cell, empty or not."""
        return self.rows[row].cell(column)

    def write(self, row: int, cells: Mapping[int, Cell]) -> None:
        """Replace some cells of a row."""
        old = self.rows[row]
        facets: list[Mapping[int, Any]] = []
        for index, facet in enumerate(old.facets):
            said = {column: cell[index] for column, cell in cells.items()}
            new = {column: value for column, value in said.items() if value is not None}
            if facet and (new or not said.keys().isdisjoint(facet)):
                kept = {column: value for column, value in facet.items() if column not in said}
                facets.append({**kept, **new})
            else:
                facets.append(new or facet)
        self.rows[row] = make_row(facets, old.properties)

    def edit(self, box: Box, change: Callable[[Cell, int, int], Cell]) -> None:
        """Replace each cell of a box by what `change(cell, row, column)` makes of it."""
        columns = range(box.left, box.right)
        for index in range(box.top, box.bottom):
            row = self.rows[index]
            self.write(index, {c: change(row.cell(c), index, c) for c in columns})

    def edit_alike(self, box: Box, change: Callable[[Cell], Cell]) -> None:
        """Replace each cell of a box by what `change(cell)` makes of it, whatever its place.

        Rows that are the same object are changed once, and are the same object afterwards. A row
        that does not change stays the same object. So formatting a column of blank rows costs next
        to nothing, and is stored once.
        """
        columns = range(box.left, box.right)
        made: dict[Row, Row] = {}
        blank = change(NO_CELL)

        def changed(row: Row, column: int) -> Cell:
            there = any(column in facet for facet in row.facets)
            return change(row.cell(column)) if there else blank

        for index in range(box.top, box.bottom):
            old = self.rows[index]
            if old not in made:
                self.write(index, {column: changed(old, column) for column in columns})
                new = self.rows[index]
                made[old] = old if new.facets == old.facets else new
            self.rows[index] = made[old]

    def next_row(self) -> int:
        """Return the index after the last row with a value; a format alone does not count."""
        for index in range(len(self.rows), 0, -1):
            if self.rows[index - 1].values:
                return index
        return 0

    def grow(self, rows: int, columns: int) -> None:
        """Add what is missing to have at least that many rows and columns."""
        self.rows.extend([NO_ROW] * (rows - len(self.rows)))
        self.columns.extend([{}] * (columns - len(self.columns)))

    def rearrange(self, dimension: Dimension, order: Sequence[int | None]) -> None:
        """Put rows or columns in a new order.

        Args:
            dimension: Which of the two.
            order: For each place, the index that moves there, or None for a blank row or column.
                An index that is not named is deleted. Rows cost one list; columns cost all cells.
        """
        if dimension == "ROWS":
            self.rows = [NO_ROW if index is None else self.rows[index] for index in order]
            return
        self.columns = [{} if index is None else self.columns[index] for index in order]
        place = {index: new for new, index in enumerate(order) if index is not None}
        for index, row in enumerate(self.rows):
            facets = [
                {place[column]: value for column, value in facet.items() if column in place}
                for facet in row.facets
            ]
            self.rows[index] = make_row(facets, row.properties)

    def permute(self, box: Box, order: Sequence[int]) -> None:
        """Put the rows of a box in a new order; cells beside the box stay where they are.

        `order` has, for each row of the box, the index of the row whose cells come there.
        """
        old = self.rows.copy()
        inside = range(box.left, box.right)

        def alone(row: Row) -> bool:
            """Tell whether a row has nothing beside the box, and so may move as it is."""
            return not row.properties and all(c in inside for facet in row.facets for c in facet)

        for index, source in zip(range(box.top, box.bottom), order, strict=True):
            if alone(old[index]) and alone(old[source]):
                self.rows[index] = old[source]
                continue
            facets = [
                {c: value for c, value in stays.items() if c not in inside}
                | {c: value for c, value in comes.items() if c in inside}
                for stays, comes in zip(old[index].facets, old[source].facets, strict=True)
            ]
            self.rows[index] = make_row(facets, old[index].properties)

    def table(self, within: Box) -> Box | None:
        """Find the last table that a range touches, as `values.append` does.

        A table is the block of cells with values around the last such cell of the range, up to
        where a whole row or column beside it is empty (Google's guide "Appending values"; recorded:
        with `[x, '', z]` in A1:C1 the last table of the sheet is C1).
        """
        seed = next(
            (
                (row, column)
                for row in reversed(range(within.top, within.bottom))
                if self.rows[row].values
                for column in reversed(range(within.left, within.right))
                if column in self.rows[row].values
            ),
            None,
        )
        if seed is None:
            return None
        top, left = seed
        bottom, right = top + 1, left + 1
        while True:
            before = (top, bottom, left, right)
            beside = range(max(left - 1, 0), min(right + 1, len(self.columns)))
            while top > 0 and self._has_data(top - 1, beside):
                top -= 1
            while bottom < len(self.rows) and self._has_data(bottom, beside):
                bottom += 1
            around = range(max(top - 1, 0), min(bottom + 1, len(self.rows)))
            if left > 0 and any(self._has_data(row, (left - 1,)) for row in around):
                left -= 1
            if right < len(self.columns) and any(self._has_data(row, (right,)) for row in around):
                right += 1
            if before == (top, bottom, left, right):
                return Box(top, bottom, left, right)

    def _has_data(self, row: int, columns: Sequence[int]) -> bool:
        values = self.rows[row].values
        return any(column in values for column in columns)
