"""A tab of the workbook: its columns, found by header, and its rows, read cell by cell."""

import functools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from math import inf
from typing import Any, Literal

from sheets_schema import schema
from sheets_schema.columns import Cell, ColumnType, as_text, column_type
from sheets_schema.errors import CellError, HeaderError
from sheets_schema.text import normalise, quoted, shortened

Grid = Sequence[Sequence[Cell]]
Positions = Mapping[str, int]
# What to read of a tab: its header, the header and where the rows end, all of it, or the header and
# some columns by key.
Part = Literal["header", "end", "all"] | tuple[str, ...]

DRAFT_KEY, DRAFT = "draft", "Règles – projet"  # a draft of the assignment rules
_LONGEST = 200  # characters of a problem's text, which may quote a cell


@dataclass(frozen=True)
class Column:
    """One column of a tab: `key` in the code, `title` in the header row.

    `since` is the first version of the schemas that has it. An older workbook lacks the column.
    """

    key: str
    title: str
    description: str
    type: ColumnType
    format: str
    read_only: bool
    required: bool
    max_length: int | None
    bounds: tuple[float, float]
    default: Any
    since: int

    def fitting(self, text: str) -> str:
        """`text`, cut if it is longer than the column's cells may be."""
        return shortened(text, self.max_length or len(text))


@dataclass(frozen=True)
class Tab:
    """A tab as its JSON Schema describes it; `read_only` if only the system writes into it."""

    key: str
    title: str
    description: str
    read_only: bool
    columns: tuple[Column, ...]

    def __getitem__(self, key: str) -> Column:
        return next(column for column in self.columns if column.key == key)

    @functools.cached_property
    def by_name(self) -> Mapping[str, Column]:
        """The columns by their normalised titles, in their order."""
        return {normalise(column.title): column for column in self.columns}

    @property
    def marks(self) -> tuple[str, ...]:
        """The columns that tell a row from a blank one: the required ones, and the reference."""
        return tuple(
            column.key for column in self.columns if column.required or column.key == "reference"
        )


@dataclass(frozen=True)
class Row:
    """A row read from a tab: its number in the sheet (1 is the header) and its values by key.

    `faulty` names the columns whose cells cannot be read, or are blank though required. There the
    value is what a blank cell would give.
    """

    number: int
    values: Mapping[str, Any]
    faulty: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Problem:
    """Something wrong in a tab: where (« Référents!B7 ») and what, in French.

    `column` is the key of the cell's column; "" if the fault is not in one cell.
    """

    place: str
    sentence: str
    column: str = ""


@dataclass(frozen=True)
class Table:
    """The rows of a tab, and a problem for every cell that cannot be read."""

    tab: Tab
    positions: Positions
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]

    def problem(self, row: Row, key: str, sentence: str) -> Problem:
        """A problem of a cell that can be read but contradicts other cells."""
        text = shortened(f"{self.tab[key].title} : {sentence}", _LONGEST)
        return Problem(_place(self.tab, self.positions[key], row.number), text, key)


@functools.cache
def tab(key: str) -> Tab:
    """The tab described by `schemas/<key>.json`.

    `DRAFT_KEY` is the key of a draft of the assignment rules, which has their columns.
    """
    if key == DRAFT_KEY:
        return replace(tab("rules"), key=key, title=DRAFT)
    described = schema.load(key)
    required = described.get("required", [])
    return Tab(
        key,
        described["title"],
        described["description"],
        described.get("readOnly", False),
        tuple(
            Column(
                key=name,
                title=property_["title"],
                description=property_.get("description", ""),
                type=column_type(property_),
                format=property_.get("format", ""),
                read_only=property_.get("readOnly", False),
                required=name in required,
                max_length=property_.get("maxLength"),
                bounds=(property_.get("minimum", -inf), property_.get("maximum", inf)),
                default=property_.get("default"),
                since=property_.get("since", 1),
            )
            for name, property_ in described["properties"].items()
        ),
    )


def find_columns(tab: Tab, header: Sequence[Cell]) -> tuple[dict[str, int], list[str], list[str]]:
    """Look for a tab's columns in a header row, by normalised name, in any order.

    Returns:
        The 0-based position of every column that stands there once, the titles that are missing,
        and the titles that stand there more than once. Columns that partners added do not count.
    """
    at: dict[str, list[int]] = {}
    for index, cell in enumerate(header):
        at.setdefault(normalise(as_text(cell)), []).append(index)
    places = [(column, at.get(name, ())) for name, column in tab.by_name.items()]
    return (
        {column.key: indexes[0] for column, indexes in places if len(indexes) == 1},
        [column.title for column, indexes in places if not indexes],
        [column.title for column, indexes in places if len(indexes) > 1],
    )


def find_end(tab: Tab, grid: Grid) -> int:
    """The 0-based row below the last one that says something in the tab's `marks`; 1 at least.

    Other columns do not count: partners fill a column of checkboxes far below the last row.
    """
    positions, _, _ = find_columns(tab, grid[0] if grid else [])
    places = [positions[key] for key in tab.marks if key in positions]
    rows = range(len(grid) - 1, 0, -1)
    filled = (row for row in rows if any(as_text(cell_at(grid[row], place)) for place in places))
    return next(filled, 0) + 1


def match_header(
    tab: Tab,
    header: Sequence[Cell],
    version: int = schema.VERSION,
    keys: Collection[str] | None = None,
) -> dict[str, int]:
    """The 0-based position of each of the tab's columns.

    A column that the workbook's `version` does not know yet may be missing.

    Args:
        tab: the tab.
        header: its first row.
        version: the version of the workbook.
        keys: the only columns that are needed, None for all. The others may be missing, or stand
            there twice.

    Raises:
        HeaderError: a column is missing or stands there twice. The sentence names each of them, and
            says where unknown headers stand, since one of these is probably the renamed column. It
            quotes only headers that resemble a missing one, because row 1 may have become a row
            of data.
    """
    positions, missing, repeated = find_columns(tab, header)
    if keys is not None:
        titles = {tab[key].title for key in keys}
        missing = [title for title in missing if title in titles]
        repeated = [title for title in repeated if title in titles]
    missing = [title for title in missing if title not in newer_columns(tab, version)]
    if not missing and not repeated:
        return positions
    faults, remedies = [], []
    if missing:
        faults.append(f"colonne introuvable : {', '.join(map(quoted, missing))}")
        remedies.append("Remettez ces en-têtes en ligne 1 tels quels")
    if repeated:
        faults.append(f"colonne en double : {', '.join(map(quoted, repeated))}")
        remedies.append("Renommez ou supprimez la colonne de trop")
    hint = _hint(tab, header, missing) if missing else ""
    raise HeaderError(
        f"Onglet « {tab.title} », {' ; '.join(faults)}.{hint}",
        f"{'. '.join(remedies)} : rien n'est perdu, tout reprendra ensuite.",
    )


def newer_columns(tab: Tab, version: int) -> set[str]:
    """The titles of a tab's columns that a workbook of this version may lack."""
    return {
        column.title for column in tab.columns if column.since > version and not column.required
    }


def _hint(tab: Tab, header: Sequence[Cell], missing: Sequence[str]) -> str:
    if len(missing) > len(tab.columns) / 2:
        return " La ligne 1 n'est plus celle des en-têtes."
    known = {normalise(column.title) for column in tab.columns} | {""}
    lost = [normalise(title) for title in missing]
    strangers = [
        f"{quoted(text)} ({column_letter(at)}1)"
        if get_close_matches(normalise(text), lost)
        else f"colonne {column_letter(at)}"
        for at, text in enumerate(map(as_text, header))
        if normalise(text) not in known
    ]
    return f" Renommée peut-être : {', '.join(strangers)}." if strangers else ""


def read_table(
    tab: Tab,
    grid: Grid,
    version: int = schema.VERSION,
    keys: Sequence[str] | None = None,
) -> Table:
    """Read the rows of a tab below its header; blank rows are skipped.

    A cell that cannot be read counts as blank, and so does nothing to its row: whoever uses the
    row decides what it needs, see `Row.faulty`. Each such cell, and each required cell that is
    blank, becomes a problem. A blank cell takes the column's default.

    Args:
        tab: the tab.
        grid: its cells, header first.
        version: the version of the workbook, see `match_header`.
        keys: the only columns to read, None for all.

    Raises:
        HeaderError: one of these columns is missing, or stands there twice.
    """
    positions = match_header(tab, grid[0] if grid else [], version, keys)
    columns = [column for column in tab.columns if keys is None or column.key in keys]
    places = [positions[column.key] for column in columns if column.key in positions]
    rows: list[Row] = []
    problems: list[Problem] = []
    for number, cells in enumerate(grid[1:], start=2):
        # Most rows of a grid are bare; the first question is quick.
        if is_bare(cells) or not any(as_text(cell_at(cells, place)) for place in places):
            continue
        values: dict[str, Any] = {}
        faults = list(_read_cells(tab, columns, positions, cells, number, values))
        problems += faults
        rows.append(Row(number, values, frozenset(fault.column for fault in faults)))
    return Table(tab, positions, tuple(rows), tuple(problems))


def _read_cells(
    tab: Tab,
    columns: Iterable[Column],
    positions: Positions,
    cells: Sequence[Cell],
    number: int,
    values: dict[str, Any],
) -> Iterator[Problem]:
    for column in columns:
        values[column.key] = column.default
        at = positions.get(column.key)
        if at is None:  # a workbook of an earlier version lacks the column
            continue
        cell = cell_at(cells, at)
        if as_text(cell):
            try:
                values[column.key] = _within(column, column.type.parse(cell))
            except CellError as error:
                sentence = f"{column.title} : {error}."
                yield Problem(_place(tab, at, number), sentence, column.key)
        elif column.required:
            sentence = f"{column.title} : cette cellule est obligatoire."
            yield Problem(_place(tab, at, number), sentence, column.key)


def _within(column: Column, value: Any) -> Any:  # noqa: ANN401  (whatever the column holds)
    least, most = column.bounds
    if isinstance(value, int) and not least <= value <= most:
        raise CellError(f"{quoted(str(value))} est hors limites ({_limits(least, most)})")
    return value


def _limits(least: float, most: float) -> str:
    if most == inf:
        return f"{least:g} au moins"
    return f"{most:g} au plus" if least == -inf else f"de {least:g} à {most:g}"


def is_bare(cells: Sequence[Cell]) -> bool:
    """Whether no cell of a row holds anything; a text of blanks counts as something."""
    return cells.count(None) == len(cells)


def cell_at(cells: Sequence[Cell], position: int | None) -> Cell:
    """The cell of a row at a 0-based position; None if the row ends before it, or has no cell."""
    return cells[position] if position is not None and position < len(cells) else None


def _place(tab: Tab, at: int, number: int) -> str:
    return f"{tab.title}!{column_letter(at)}{number}"


def format_row(tab: Tab, values: Mapping[str, Any]) -> dict[str, Cell]:
    """The cells to write for values by column key; None and absent values give no cell."""
    return {
        key: tab[key].type.format(value)
        for key, value in values.items()
        if value is not None and value != ()
    }


def column_letter(index: int) -> str:
    """The A1 letters of a 0-based column: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
