"""Reads long columns fast: what repeats in a column is understood once. Pure."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from enum import Enum
from operator import itemgetter
from typing import Any

from sheets_schema.columns import PARIS, Cell, as_text
from sheets_schema.errors import CellError
from sheets_schema.tab import Grid, cell_at, tab

_HALF_A_SECOND = 0.5 / 86400  # of a day; a serial holds the time of day as a binary fraction


class Faulty(Enum):
    """Stands for a cell that cannot be read."""

    CELL = "faulty"


FAULTY = Faulty.CELL


def cells_of(grid: Grid, place: int | None) -> list[Cell]:
    """The cells of a column below its header; all blank if there is no such column."""
    if place is None:
        return [None] * max(len(grid) - 1, 0)
    try:
        return list(map(itemgetter(place), grid[1:]))
    except IndexError:  # a row may end before the column
        return [cell_at(line, place) for line in grid[1:]]


def texts_of(cells: Sequence[Cell]) -> list[str]:
    """The cells of a column that repeat each other, as names do, as texts."""
    known = {cell: as_text(cell) for cell in dict.fromkeys(cells)}
    return [known[cell] for cell in cells]


def values_of(
    key: str, column: str, cells: Sequence[Cell], then: Callable[[Any], Any] = lambda value: value
) -> list[Any]:
    """The values of a column's cells: None for a blank cell, FAULTY for one that cannot be read.

    Args:
        key: the tab.
        column: the column in it; its texts repeat each other, as choices and places do.
        cells: its cells.
        then: what to make of each value; it may raise CellError.
    """
    parse = tab(key)[column].type.parse
    known: dict[Cell, Any] = {}
    for cell in dict.fromkeys(cells):
        try:
            known[cell] = then(parse(cell)) if as_text(cell) else None
        except CellError:
            known[cell] = FAULTY
    return [known[cell] for cell in cells]


def days_of(key: str, column: str, cells: Sequence[Cell]) -> list[Any]:
    """The days in Paris of a column of dates or times, as `values_of` gives values."""
    return values_of(key, column, [_without_time(cell) for cell in cells], _day)


def _without_time(cell: Cell) -> Cell:
    """The serial of a day without its time; so there are few different ones."""
    if type(cell) is not float:
        return cell
    try:
        return float(int(cell + _HALF_A_SECOND))
    except (OverflowError, ValueError):  # infinite, or no number: it cannot be read either way
        return cell


def _day(value: date) -> date:
    return value.astimezone(PARIS).date() if isinstance(value, datetime) else value
