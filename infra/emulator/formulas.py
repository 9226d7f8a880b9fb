"""What happens to a formula that is copied: its relative references move as far as it does."""

import re
from typing import Final

from infra.emulator.a1 import column_index, column_letters
from infra.emulator.values import Formula

LOST: Final = "#REF!"  # as Sheets writes a reference that leaves the grid
_SIDE = r"(\$?[A-Za-z]{1,3})?(\$?[1-9]\d{0,6})?"
_PART = re.compile(
    # A text, or a quoted title; neither holds a reference.
    rf""""(?:[^"]|"")*"|'(?:[^']|'')*'|(?<![\w.$]){_SIDE}(?:(:){_SIDE})?(?![\w(.!$])"""
)


def shifted(formula: Formula, rows: int, columns: int) -> Formula:
    """Return a formula as it reads so many rows below and so many columns to the right.

    Functions, names, texts and references that `$` makes absolute do not change.
    """

    def moved(match: re.Match[str]) -> str:
        column, row, colon, last_column, last_row = match.groups()
        single, range_ = column and row and not colon, (column or row) and (last_column or last_row)
        if not (single or (colon and range_)):
            return match[0]
        sides = [_side(column, row, rows, columns)]
        if colon:
            sides.append(_side(last_column, last_row, rows, columns))
        return LOST if None in sides else ":".join(side for side in sides if side)

    return Formula(_PART.sub(moved, formula))


def _side(column: str | None, row: str | None, rows: int, columns: int) -> str | None:
    """Return one corner of a reference where it has gone, or None if it is outside the grid."""
    text = ""
    if column and (column.startswith("$") or not columns):
        text += column
    elif column:
        index = column_index(column) + columns
        if index < 0:
            return None
        text += column_letters(index)
    if row and row.startswith("$"):
        text += row
    elif row:
        number = int(row) + rows
        if number < 1:
            return None
        text += str(number)
    return text
