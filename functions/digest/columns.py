"""Reads long tabs fast: column by column, and what repeats in a column is understood once. Pure."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple, TypeVar

from sheets_schema.columns import PARIS, Cell, as_text
from sheets_schema.errors import CellError
from sheets_schema.tab import tab
from sheets_schema.wire import TabCells

_HALF_A_SECOND = 0.5 / 86400  # of a day; a serial holds the time of day as a binary fraction

Made = TypeVar("Made")
Columns = Mapping[str, Sequence[Cell]]  # cells below the header, by column


class Values(NamedTuple):
    """What the cells of a column mean: None if a cell is blank, or cannot be read.

    `faulty` are the 0-based numbers of the cells that cannot be read.
    """

    values: list[Any]
    faulty: Sequence[int]


def columns_of(cells: TabCells, positions: Mapping[str, int], keys: Iterable[str]) -> Columns:
    """Some columns of a tab; all cells of a column that it lacks are blank.

    Args:
        cells: what was read of it.
        positions: where its columns stand.
        keys: the columns.
    """
    columns = cells.below_header
    blank = (None,) * max(map(len, columns.values()), default=0)
    return {key: columns.get(positions.get(key, -1), blank) for key in keys}


def each(cells: Collection[Cell], make: Callable[[Cell], Made]) -> list[Made]:
    """What becomes of each cell of a column; `make` is asked once for cells that are the same."""
    known = {cell: make(cell) for cell in set(cells)}
    return list(map(known.__getitem__, cells))


def values_of(
    key: str, column: str, cells: Collection[Cell], then: Callable[[Any], Any] = lambda value: value
) -> Values:
    """The values of a column's cells.

    Args:
        key: the tab.
        column: the column in it; its texts repeat each other, as choices and places do.
        cells: its cells.
        then: what to make of each value; it may raise CellError.
    """
    parse = tab(key)[column].type.parse
    known: dict[Cell, Any] = {}
    faulty: set[Cell] = set()
    for cell in set(cells):
        try:
            known[cell] = then(parse(cell)) if as_text(cell) else None
        except CellError:
            known[cell] = None
            faulty.add(cell)
    values = list(map(known.__getitem__, cells))
    return Values(values, [at for at, cell in enumerate(cells) if cell in faulty] if faulty else ())


def days_of(key: str, column: str, cells: Iterable[Cell]) -> Values:
    """The days in Paris of a column of dates or times, as `values_of` gives values."""
    # Without their times there are few different ones.
    days = [(cell + _HALF_A_SECOND) // 1 if type(cell) is float else cell for cell in cells]
    return values_of(key, column, days, _day)


def _day(value: date) -> date:
    return value.astimezone(PARIS).date() if isinstance(value, datetime) else value
