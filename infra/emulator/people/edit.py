"""One edit by a person: choosing where, doing it, and what the record says of it."""

from collections.abc import Iterable, Sequence
from random import Random
from typing import TypeAlias, TypedDict, TypeVar

from infra.emulator.errors import InvalidArgumentError
from infra.emulator.people.table import Identity, Table

Row: TypeAlias = int | str | None  # its number as people count, or its reference; None for any
Thing = TypeVar("Thing")


class Written(Identity):
    """A cell that a person typed into: the title over it, what was there, and what is now."""

    header: str
    before: str
    value: str


class Record(TypedDict):
    """An edit; `header` and `value` are blank, `rows` and `cells` empty where it has none.

    `rows` are those inserted, deleted, filled or copied; `cells` is what belongs to people.
    """

    number: int
    action: str
    tab: str
    header: str
    value: str
    rows: list[Identity]
    cells: list[Written]


class Edit:
    """An edit going on; what is not asked for is chosen at random among what can be done.

    Args:
        table: The tab.
        random: Chooses.
        number: The edit's number, which makes what is typed unique.
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
        """Choose one.

        Raises:
            InvalidArgumentError: If there is none; `what` names them.
        """
        candidates = list(things)
        if not candidates:
            raise InvalidArgumentError(f"There is no {what}.")
        return self.random.choice(candidates)

    def header(self, asked: str | None) -> str:
        """Return the title asked for, or one of those there are; it is the record's.

        Raises:
            InvalidArgumentError: If there is none.
        """
        titles = [title for title in self.table.headers if title]
        chosen = asked or self.choose(titles, "column with a title")
        self.record["header"] = chosen
        return chosen

    def row(self, asked: Row, among: Iterable[int] | None = None) -> int:
        """Return the row (from 0) that is asked for, or else one of those given, or with data.

        Raises:
            InvalidArgumentError: If there is none.
        """
        if isinstance(asked, str):
            return self.choose(self.table.with_reference(asked)[:1], f"row with reference {asked}")
        if asked is not None:
            rows = range(1, len(self.table.sheet.grid.rows))
            return self.choose([asked - 1] if asked - 1 in rows else [], f"row {asked} to edit")
        return self.choose(self.table.filled() if among is None else among, "such row")

    def touch(self, rows: Iterable[int]) -> None:
        """Note rows as they are now."""
        self.record["rows"] += [self.table.identity(row) for row in rows]

    def type(self, row: int, header: str, lines: Sequence[Sequence[str]]) -> None:
        """Type into cells from one on, and note them as they are then.

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
