"""One edit by a person: choosing a place, changing it, and recording the change."""

from collections.abc import Iterable, Sequence
from random import Random
from typing import TypeAlias, TypedDict, TypeVar

from infra.emulator.errors import InvalidArgumentError
from infra.emulator.people.table import Identity, Table

WhichRow: TypeAlias = int | str | None  # its number as people count, or its reference; None for any
Thing = TypeVar("Thing")


class Written(Identity):
    """A cell that a person typed into: its column's title, and its text before and after."""

    header: str
    before: str
    value: str


class Record(TypedDict):
    """The record of an edit. A part that does not apply is blank or empty.

    `rows` are the rows that were inserted, deleted, filled or copied. `cells` are the cells whose
    contents now belong to people.
    """

    number: int
    action: str
    tab: str
    header: str
    value: str
    rows: list[Identity]
    cells: list[Written]


class Edit:
    """An edit that is being made. What is not given is chosen at random among what can be done.

    Args:
        table: The tab.
        random: Chooses.
        number: The number of the edit, which makes the typed text unique.
        action: What the person does.
    """

    def __init__(self, table: Table, random: Random, number: int, action: str) -> None:
        self.table = table
        self.random = random
        self.number = number
        self.record = Record(
            number=number,
            action=action,
            tab=table.sheet.title,
            header="",
            value="",
            rows=[],
            cells=[],
        )

    def choose(self, things: Iterable[Thing], what: str) -> Thing:
        """Choose one of some things at random.

        Raises:
            InvalidArgumentError: If there is nothing to choose; `what` names the things.
        """
        candidates = list(things)
        if not candidates:
            raise InvalidArgumentError(f"There is no {what}.")
        return self.random.choice(candidates)

    def header(self, asked: str | None) -> str:
        """Return the title that is asked for, or a random one; note it in the record.

        Raises:
            InvalidArgumentError: If there is no title.
        """
        titles = [title for title in self.table.headers if title]
        chosen = asked or self.choose(titles, "column with a title")
        self.record["header"] = chosen
        return chosen

    def row(self, asked: WhichRow, among: Iterable[int] | None = None) -> int:
        """Return the index of the row that is asked for, else of a random row.

        A random row is one of those given, or else one with data.

        Raises:
            InvalidArgumentError: If there is no such row.
        """
        if isinstance(asked, str):
            return self.choose(self.table.with_reference(asked)[:1], f"row with reference {asked}")
        if asked is not None:
            rows = range(1, len(self.table.sheet.grid.rows))
            return self.choose([asked - 1] if asked - 1 in rows else [], f"row {asked} to edit")
        return self.choose(self.table.filled() if among is None else among, "such row")

    def touch(self, rows: Iterable[int]) -> None:
        """Note in the record rows as they are now."""
        self.record["rows"] += [self.table.identity(row) for row in rows]

    def type(self, row: int, header: str, lines: Sequence[Sequence[str]]) -> None:
        """Type into a block of cells, and note in the record what they hold then.

        Raises:
            InvalidArgumentError: If there is no such column, or the cells are not in the grid.
        """
        table, left = self.table, self.table.column(header)
        cells = [
            (row + down, left + right)
            for down, line in enumerate(lines)
            for right, _ in enumerate(line)
        ]
        table.reach(max(cells)[0])
        before = [table.text(*cell) for cell in cells]
        table.type(row, left, lines)
        self.record["cells"] += [
            Written(
                **table.identity(cell[0]),
                header=table.text(0, cell[1]),
                before=old,
                value=table.text(*cell),
            )
            for cell, old in zip(cells, before, strict=True)
        ]
