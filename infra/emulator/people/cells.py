"""What people type into cells."""

from collections.abc import Mapping, Sequence
from itertools import takewhile

from infra.emulator.people.edit import Edit, Record, WhichRow
from infra.emulator.people.editing import Editing

_HIGHEST = 3  # rows of a block that is pasted


class CellEdits(Editing):
    """Edits of cells; the record's `cells` say what was typed where."""

    def write_note(self, row: WhichRow = None, value: str | None = None) -> Record:
        """Write a note beside a row: « note 17 »."""

        def carry_out(edit: Edit) -> None:
            edit.type(edit.row(row), edit.table.titles.notes, [[value or f"note {edit.number}"]])

        return self._do("write_note", carry_out)

    def clear_referent(self, row: WhichRow = None) -> Record:
        """Empty the cell that says who follows a row."""

        def carry_out(edit: Edit) -> None:
            table, title = edit.table, edit.table.titles.referent
            column = table.column(title)
            followed = [r for r in table.filled() if table.text(r, column)]
            edit.type(edit.row(row, followed), title, [[""]])

        return self._do("clear_referent", carry_out)

    def choose_referent(self, row: WhichRow = None, value: str | None = None) -> Record:
        """Let another referent follow a row: the one given, or one from the dropdown."""

        def carry_out(edit: Edit) -> None:
            at, title = edit.row(row), edit.table.titles.referent
            column = edit.table.column(title)
            others = set(edit.table.choices(at, column)) - {edit.table.text(at, column)}
            chosen = value or edit.choose(sorted(others), "other referent in the dropdown")
            edit.type(at, title, [[chosen]])

        return self._do("choose_referent", carry_out)

    def paste(
        self,
        row: WhichRow = None,
        header: str | None = None,
        lines: Sequence[Sequence[str]] | None = None,
    ) -> Record:
        """Paste a block over what is there, from a cell on; a random block hits free text only."""

        def carry_out(edit: Edit) -> None:
            at = edit.row(row)
            free = [h for c, h in enumerate(edit.table.headers) if edit.table.free_text(at, c)]
            start = header or edit.choose(free, "column of free text")
            edit.type(at, start, lines or _block(edit, at, start))

        return self._do("paste", carry_out)

    def fill_in(self, values: Mapping[str, str] | None = None, row: WhichRow = None) -> Record:
        """Fill in a row by hand, below all others unless a row is given.

        Args:
            values: What to type under each title. Otherwise what `Titles` says that people type,
                as far as there are such columns.
            row: The number of the row.
        """

        def carry_out(edit: Edit) -> None:
            table = edit.table
            at = table.end if row is None else edit.row(row)
            table.reach(at)
            for header, value in (_own_row(edit, at) if values is None else values).items():
                edit.type(at, header, [[value]])
            edit.touch([at])

        return self._do("fill_in", carry_out)


def _block(edit: Edit, row: int, header: str) -> list[list[str]]:
    """Return one to three rows of one or two columns, as far as there is free text around."""
    table, left = edit.table, edit.table.column(header)
    below = range(row + 1, min(row + edit.random.randint(1, _HIGHEST), table.end))
    rows = [row, *takewhile(lambda r: table.free_text(r, left), below)]
    columns = [left, left + 1] if edit.random.random() < 1 / 2 else [left]
    if columns[-1] >= len(table.headers) or not all(table.free_text(r, columns[-1]) for r in rows):
        columns = [left]
    return [[f"collé {edit.number}.{r + 1}.{c + 1}" for c in columns] for r in rows]


def _own_row(edit: Edit, row: int) -> dict[str, str]:
    table, headers = edit.table, edit.table.headers
    wanted = {title: text.format(number=edit.number) for title, text in table.titles.row.items()}
    for title in table.titles.choices:
        if title in headers and (offered := table.choices(row, table.column(title))):
            wanted[title] = edit.random.choice(offered)
    return {header: value for header, value in wanted.items() if header in headers}
