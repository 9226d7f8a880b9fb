"""What people do to rows: sort, insert, delete, copy."""

from infra.emulator.people.edit import Edit, Record, WhichRow
from infra.emulator.people.editing import Editing


class RowEdits(Editing):
    """Edits of whole rows."""

    def sort(self, header: str | None = None, *, descending: bool | None = None) -> Record:
        """Sort all rows by a column."""

        def carry_out(edit: Edit) -> None:
            table, key = edit.table, edit.table.column(edit.header(header))
            falls = edit.random.choice([True, False]) if descending is None else descending
            edit.record["value"] = "DESCENDING" if falls else "ASCENDING"
            edit.choose(table.filled(), "row to sort")
            table.do(
                "sortRange",
                range=table.box((1, table.end), (0, len(table.headers))),
                sortSpecs=[{"dimensionIndex": key, "sortOrder": edit.record["value"]}],
            )

        return self._do("sort", carry_out)

    def insert_rows(self, row: WhichRow = None, count: int = 1) -> Record:
        """Insert blank rows above a row, or below all rows."""

        def carry_out(edit: Edit) -> None:
            at = edit.row(row, range(1, min(edit.table.end + 1, len(edit.table.sheet.grid.rows))))
            above = at > 1  # the first row would look like the header
            span = edit.table.span("ROWS", at, at + count)
            edit.table.do("insertDimension", range=span, inheritFromBefore=above)
            edit.touch(range(at, at + count))

        return self._do("insert_rows", carry_out)

    def delete_rows(self, row: WhichRow = None, count: int = 1) -> Record:
        """Delete rows, filled or blank, from a row on."""

        def carry_out(edit: Edit) -> None:
            _delete(edit, edit.row(row, range(1, edit.table.end)), count)

        return self._do("delete_rows", carry_out)

    def delete_request(self, row: WhichRow = None) -> Record:
        """Delete a row that has a reference."""

        def carry_out(edit: Edit) -> None:
            table = edit.table
            column = table.column(table.titles.reference)
            _delete(edit, edit.row(row, [r for r in table.filled() if table.text(r, column)]), 1)

        return self._do("delete_request", carry_out)

    def copy_row(self, row: WhichRow = None) -> Record:
        """Copy a row, with its reference, below all others; the record names both rows."""

        def carry_out(edit: Edit) -> None:
            table, source = edit.table, edit.row(row)
            target, columns = table.end, (0, len(table.headers))
            table.reach(target)
            table.do(
                "copyPaste",
                source=table.box((source, source + 1), columns),
                destination=table.box((target, target + 1), columns),
            )
            edit.touch([source, target])

        return self._do("copy_row", carry_out)


def _delete(edit: Edit, row: int, count: int) -> None:
    last = min(row + count, len(edit.table.sheet.grid.rows))
    edit.touch(range(row, last))
    edit.table.do("deleteDimension", range=edit.table.span("ROWS", row, last))
