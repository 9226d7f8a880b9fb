"""What people do to rows: sort, insert, delete, copy."""

from infra.emulator.people.edit import Edit, Record, Row
from infra.emulator.people.editing import Editing


class RowEdits(Editing):
    """Edits of whole rows."""

    def sort(self, header: str | None = None, *, descending: bool | None = None) -> Record:
        """Sort all rows by a column."""

        def carry_out(one: Edit) -> None:
            table, key = one.table, one.table.column(one.header(header))
            falls = one.random.choice([True, False]) if descending is None else descending
            one.record["value"] = "DESCENDING" if falls else "ASCENDING"
            one.choose(table.filled(), "row to sort")
            table.do(
                "sortRange",
                range=table.box((1, table.end), (0, len(table.headers))),
                sortSpecs=[{"dimensionIndex": key, "sortOrder": one.record["value"]}],
            )

        return self._do("sort", carry_out)

    def insert_rows(self, row: Row = None, count: int = 1) -> Record:
        """Insert blank rows above one, or below all."""

        def carry_out(one: Edit) -> None:
            at = one.row(row, range(1, min(one.table.end + 1, len(one.table.sheet.grid.rows))))
            above = at > 1  # the first row would look like the header
            span = one.table.span("ROWS", at, at + count)
            one.table.do("insertDimension", range=span, inheritFromBefore=above)
            one.touch(range(at, at + count))

        return self._do("insert_rows", carry_out)

    def delete_rows(self, row: Row = None, count: int = 1) -> Record:
        """Delete rows, filled or blank, from one on."""

        def carry_out(one: Edit) -> None:
            _delete(one, one.row(row, range(1, one.table.end)), count)

        return self._do("delete_rows", carry_out)

    def delete_request(self, row: Row = None) -> Record:
        """Delete a row that has a reference."""

        def carry_out(one: Edit) -> None:
            table = one.table
            column = table.column(table.titles.reference)
            _delete(one, one.row(row, [r for r in table.filled() if table.text(r, column)]), 1)

        return self._do("delete_request", carry_out)

    def copy_row(self, row: Row = None) -> Record:
        """Copy a row below all others, its reference too; both are in the record's rows."""

        def carry_out(one: Edit) -> None:
            table, source = one.table, one.row(row)
            target, columns = table.end, (0, len(table.headers))
            table.reach(target)
            table.do(
                "copyPaste",
                source=table.box((source, source + 1), columns),
                destination=table.box((target, target + 1), columns),
            )
            one.touch([source, target])

        return self._do("copy_row", carry_out)


def _delete(one: Edit, row: int, count: int) -> None:
    last = min(row + count, len(one.table.sheet.grid.rows))
    one.touch(range(row, last))
    one.table.do("deleteDimension", range=one.table.span("ROWS", row, last))
