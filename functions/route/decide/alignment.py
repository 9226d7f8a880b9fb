"""Rows that were written under columns that moved meanwhile: which ones, and what puts them right.

Pure. A batch names columns by their place. If somebody inserts or moves a column in the second
between our read and our write, the cells of the batch's new rows stand in the wrong columns. The
batch's copy of the header shows it, and the journal keeps what each cell should have been.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from functions.shared.concerns import Concern
from functions.shared.journal.formats import Misplaced
from functions.shared.reference import in_cell
from sheets_schema.columns import Cell, as_text
from sheets_schema.tab import Grid, cell_at, tab
from sheets_schema.text import normalise


def misplaced_concern(reference: str) -> Concern:
    """The line of À vérifier about a request whose cells stand in the wrong columns."""
    return Concern(
        reference,
        "Des cellules de cette demande ne sont pas dans leurs colonnes.",
        "Prévenez la personne qui administre le système (« accueil sheet realign »), ou remettez "
        "ces cellules sous leurs en-têtes. En attendant, le système ne touche pas à cette ligne.",
    )


@dataclass(frozen=True)
class Alignment:
    """What puts a row right.

    `row` is its 0-based index. `cells` holds what to write, by 0-based column; it is empty if the
    row is right. `left` holds the titles of columns in which a person wrote something else since,
    which is left as it is.
    """

    row: int
    cells: Mapping[int, Cell] = field(default_factory=dict)
    left: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rows:
    """The rows of Demandes, by the references in them.

    `grid` holds the cells, header first, and `positions` says where the columns stand. `own` has
    the row of each reference in Référence, and `elsewhere` the first row with a reference in any
    cell. `unnamed` are the rows that hold something, and no reference.
    """

    grid: Grid
    positions: Mapping[str, int]
    own: Mapping[str, int]
    elsewhere: Mapping[str, int]
    unnamed: tuple[int, ...]

    @classmethod
    def of(cls, grid: Grid, positions: Mapping[str, int]) -> "Rows":
        """Look through a reading of Demandes once, whatever the number of misplaced rows."""
        own: dict[str, int] = {}
        elsewhere: dict[str, int] = {}
        unnamed = []
        for row, line in enumerate(grid[1:], start=1):
            texts = [text for cell in line if cell is not None and (text := as_text(cell))]
            if not texts:
                continue
            references = [reference for text in texts if (reference := in_cell(text))]
            if reference := in_cell(as_text(cell_at(line, positions["reference"]))):
                own.setdefault(reference, row)
            for reference in references:
                elsewhere.setdefault(reference, row)
            if not references:
                unnamed.append(row)
        return cls(grid, positions, own, elsewhere, tuple(unnamed))


def align(reference: str, written: Misplaced, rows: Rows) -> Alignment | None:
    """Say what puts a misplaced row right; None if no row has the reference any more.

    A cell is changed only if it holds what the system put there by mistake, or nothing.

    Args:
        reference: the reference of the request.
        written: what was written, and under which header.
        rows: the rows of Demandes.
    """
    grid, positions = rows.grid, rows.positions
    places = {
        column: place
        for column, place in _places(written, grid[0]).items()
        if column in written.cells
    }
    row = _find(reference, written.cells, rows, places)
    if row is None:
        return None
    line = grid[row]
    got = {place: written.cells[column] for column, place in places.items()}
    cells: dict[int, Cell] = {}
    left: list[str] = []
    for column in tab("requests").columns:
        place = positions.get(column.key)
        if place is None:
            continue
        there, wanted = cell_at(line, place), written.cells.get(column.key)
        if _same(there, wanted):
            continue
        if not as_text(there) or (place in got and _same(there, got[place])):
            cells[place] = wanted
        elif column.key in written.cells:
            left.append(column.title)
    own = set(positions.values())
    for place, cell in got.items():
        if place not in own and _same(cell_at(line, place), cell):
            cells[place] = None
    return Alignment(row, cells, tuple(left))


def _find(
    reference: str, cells: Mapping[str, Cell], rows: Rows, places: Mapping[str, int]
) -> int | None:
    """The row that has a reference in Référence, or in another cell, or has lost it.

    A row has lost its reference if it has none in any cell, and most of its other cells are where
    they were meant to be or where they were put: somebody deleted the column that the reference was
    put into. A row with another reference is another request's, however alike the two are.
    """
    row = rows.own.get(reference, rows.elsewhere.get(reference))
    if row is not None:
        return row
    lost = (row for row in rows.unnamed if _has_most(cells, rows.grid[row], rows.positions, places))
    return next(lost, None)


def _has_most(
    cells: Mapping[str, Cell], line: Sequence[Cell], *positions: Mapping[str, int]
) -> bool:
    there = [
        any(_same(cell_at(line, places.get(column)), cell) for places in positions)
        for column, cell in cells.items()
    ]
    return sum(there) > len(there) / 2


def _places(written: Misplaced, header: Sequence[Cell]) -> dict[str, int]:
    """Where the cells of a row stand by now, by the column that each was meant for.

    Columns may have moved once more since the row was written. A cell under a header that is blank
    or stands twice cannot be followed then.
    """
    now = [normalise(as_text(title)) for title in header]
    then = [normalise(title) for title in written.header]
    if now[: len(then)] == then:
        return dict(written.positions)
    return {
        column: now.index(then[place])
        for column, place in written.positions.items()
        if place < len(then) and then[place] and now.count(then[place]) == 1
    }


def _same(there: Cell, cell: Cell) -> bool:
    return as_text(there) == as_text(cell)
