"""What people do to columns and tabs: rename, move, add."""

from infra.emulator.errors import InvalidArgumentError
from infra.emulator.people.edit import Edit, Record
from infra.emulator.people.editing import Editing

# Beyond these, people find that there is enough.
_ENOUGH_COLUMNS = 80
_ENOUGH_TABS = 30


class ColumnEdits(Editing):
    """Edits of columns and tabs, known by their titles."""

    def rename_column(self, header: str | None = None, value: str | None = None) -> Record:
        """Give a column another title: « Notes 17 »."""

        def carry_out(one: Edit) -> None:
            old = one.header(header)
            _retitle(one, old, value or f"{old} {one.number}")

        return self._do("rename_column", carry_out)

    def give_name_back(self, header: str | None = None) -> Record:
        """Give a renamed column its first title back; `header` is the one it has now."""

        def carry_out(one: Edit) -> None:
            first = self._first_titles()
            there = [title for title in one.table.headers if title in first]
            now = header or one.choose(there, "renamed column")
            if now not in first:
                raise InvalidArgumentError(f"No column was renamed « {now} ».")
            _retitle(one, one.header(now), first[now])

        return self._do("give_name_back", carry_out)

    def move_column(self, header: str | None = None, before: str | None = None) -> Record:
        """Move a column before another one, which is the record's value."""

        def carry_out(one: Edit) -> None:
            table = one.table
            source = table.column(one.header(header))
            others = [title for title in table.headers if title not in ("", table.text(0, source))]
            one.record["value"] = before or one.choose(others, "other column")
            table.do(
                "moveDimension",
                source=table.span("COLUMNS", source, source + 1),
                destinationIndex=table.column(one.record["value"]),
            )

        return self._do("move_column", carry_out)

    def add_column(self, header: str | None = None, before: str | None = None) -> Record:
        """Insert a column of one's own before another one: « Colonne 17 »."""

        def carry_out(one: Edit) -> None:
            table = one.table
            if len(table.headers) >= _ENOUGH_COLUMNS:
                raise InvalidArgumentError("There are enough columns.")
            titles = [title for title in table.headers if title]
            at = table.column(before or one.choose(titles, "column with a title"))
            table.do("insertDimension", range=table.span("COLUMNS", at, at + 1))
            title = one.header(header or f"Colonne {one.number}")
            table.type(0, at, [[title]])

        return self._do("add_column", carry_out)

    def add_tab(self, value: str | None = None) -> Record:
        """Add a tab of one's own, « Onglet 17 », which is the record's value."""

        def carry_out(one: Edit) -> None:
            if len(one.table.book.sheets) >= _ENOUGH_TABS:
                raise InvalidArgumentError("There are enough tabs.")
            one.record["value"] = value or f"Onglet {one.number}"
            one.table.do("addSheet", properties={"title": one.record["value"]})

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


def _retitle(one: Edit, old: str, new: str) -> None:
    one.table.type(0, one.table.column(old), [[new]])
    one.record["value"] = new
