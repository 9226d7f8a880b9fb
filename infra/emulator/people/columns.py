"""What people do to columns and tabs: rename, move, add."""

from infra.emulator.errors import InvalidArgumentError
from infra.emulator.people.edit import Edit, Record
from infra.emulator.people.editing import Editing

# When there are so many tabs or columns, people add no more.
_ENOUGH_COLUMNS = 80
_ENOUGH_TABS = 30


class ColumnEdits(Editing):
    """Edits of columns and tabs, known by their titles."""

    def rename_column(self, header: str | None = None, value: str | None = None) -> Record:
        """Give a column another title: « Notes 17 »."""

        def carry_out(edit: Edit) -> None:
            old = edit.header(header)
            _retitle(edit, old, value or f"{old} {edit.number}")

        return self._do("rename_column", carry_out)

    def give_name_back(self, header: str | None = None) -> Record:
        """Give a renamed column its first title back; `header` is the title that it has now."""

        def carry_out(edit: Edit) -> None:
            first = self._first_titles()
            there = [title for title in edit.table.headers if title in first]
            now = header or edit.choose(there, "renamed column")
            if now not in first:
                raise InvalidArgumentError(f"No column was renamed « {now} ».")
            _retitle(edit, edit.header(now), first[now])

        return self._do("give_name_back", carry_out)

    def move_column(self, header: str | None = None, before: str | None = None) -> Record:
        """Move a column before another one, which is the record's value."""

        def carry_out(edit: Edit) -> None:
            table = edit.table
            source = table.column(edit.header(header))
            others = [title for title in table.headers if title not in ("", table.text(0, source))]
            edit.record["value"] = before or edit.choose(others, "other column")
            table.do(
                "moveDimension",
                source=table.span("COLUMNS", source, source + 1),
                destinationIndex=table.column(edit.record["value"]),
            )

        return self._do("move_column", carry_out)

    def add_column(self, header: str | None = None, before: str | None = None) -> Record:
        """Insert a column of one's own before another one: « Colonne 17 »."""

        def carry_out(edit: Edit) -> None:
            table = edit.table
            if len(table.headers) >= _ENOUGH_COLUMNS:
                raise InvalidArgumentError("There are enough columns.")
            titles = [title for title in table.headers if title]
            at = table.column(before or edit.choose(titles, "column with a title"))
            table.do("insertDimension", range=table.span("COLUMNS", at, at + 1))
            title = edit.header(header or f"Colonne {edit.number}")
            table.type(0, at, [[title]])

        return self._do("add_column", carry_out)

    def add_tab(self, value: str | None = None) -> Record:
        """Add a tab of one's own, « Onglet 17 », which is the record's value."""

        def carry_out(edit: Edit) -> None:
            if len(edit.table.book.sheets) >= _ENOUGH_TABS:
                raise InvalidArgumentError("There are enough tabs.")
            edit.record["value"] = value or f"Onglet {edit.number}"
            edit.table.do("addSheet", properties={"title": edit.record["value"]})

        return self._do("add_tab", carry_out)

    def _first_titles(self) -> dict[str, str]:
        """Return the first title of each renamed column, by its title now."""
        first: dict[str, str] = {}
        for record in self.records:
            renamed = record["action"] in ("rename_column", "give_name_back")
            if renamed and record["tab"] == self.tab:
                old = first.pop(record["header"], record["header"])
                if record["value"] != old:
                    first[record["value"]] = old
        return first


def _retitle(edit: Edit, old: str, new: str) -> None:
    edit.table.type(0, edit.table.column(old), [[new]])
    edit.record["value"] = new
