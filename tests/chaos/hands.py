"""People who work in a world's spreadsheet; the ledger notes what they do."""

from infra.emulator.errors import ApiError
from infra.emulator.misbehaviour.conduct import Misbehaviour
from infra.emulator.people.people import People
from infra.emulator.people.table import Table
from tests.chaos.ledger import REFERENCE, Ledger, Line
from tests.chaos.replies import EXACTLY, ORDER, STATUSES, known_address
from tests.chaos.site import Site


class Hands:
    """What a world's people see and do."""

    site: Site
    id: str
    ledger: Ledger
    people: People
    conduct: Misbehaviour

    def lines(self, title: str = "Demandes") -> list[Line]:
        """The filled rows of a tab as people see them, by the titles of the first day."""
        table = Table(self.site.store.file(self.id).book, title)
        first = self.people._first_titles() if title == "Demandes" else {}
        titles = [
            first.get(header, header) or str(column) for column, header in enumerate(table.headers)
        ]
        rows = table.sheet.grid.rows
        lines = [
            {titles[column]: table.text(row, column) for column in rows[row].values}
            for row in table.filled()
        ]
        for line in lines:
            for column, text in [*line.items()]:
                if (known := known_address(text)) != text:
                    line |= {column: known, EXACTLY: text}
        return lines

    def edit(self, action: str, **arguments) -> bool:
        """Let people do something; False if it cannot be done."""
        before = self.lines()
        try:
            self.people.do(action, **arguments)
        except ApiError:
            return False
        self.ledger.edited(before, self.lines())
        self.ledger.counts["edits"] += 1
        return True

    def order(self, which: int) -> bool:
        """Let people set a row to « À réorienter »; False if there is none."""
        table = Table(self.site.store.file(self.id).book, "Demandes")
        rows = table.filled()
        if not rows:
            return False
        row = rows[which % len(rows)] + 1
        return self.edit("fill_in", row=row, values={"Statut": ORDER})

    def set_status(self, which: int) -> bool:
        """Let people choose another status for a request; False if there is none."""
        table = Table(self.site.store.file(self.id).book, "Demandes")
        rows = [
            row
            for row in table.filled()
            if REFERENCE.search(str(table.sheet.grid.rows[row].values))
        ]
        if not rows:
            return False
        row = rows[which % len(rows)] + 1
        return self.edit("fill_in", row=row, values={"Statut": STATUSES[which % len(STATUSES)]})

    def correct_address(self, which: int) -> bool:
        """Let people correct the address to which a mail went; False if they cannot."""
        pages = self.ledger.replies.pages
        known = pages[which % len(pages)][1] if pages else ""
        table = Table(self.site.store.file(self.id).book, "Demandes")
        rows = [
            row + 1
            for row, line in zip(table.filled(), self.lines(), strict=True)
            if line.get("Courriel") == known
        ]
        if not (known and rows):
            return False
        values = {"Courriel": f"main{self.ledger.counts['edits']}.{known}"}
        return self.edit("fill_in", row=rows[0], values=values)

    def row_of(self, marker: str) -> int | None:
        """The number of the row where a text stands."""
        table = Table(self.site.store.file(self.id).book, "Demandes")
        rows = table.sheet.grid.rows
        matching = (row for row in table.filled() if marker in rows[row].values.values())
        return next((row + 1 for row in matching), None)

    def pause(self, text: str) -> None:
        """Fill in the Pause cell of Coordination."""

        def change(book) -> None:
            table = Table(book, "Coordination")
            table.type(1, table.column("Pause"), [[text]])

        self.site.store.update(self.id, change)

    def put_right(self) -> None:
        """Give columns their titles back, and empty the Pause cell."""
        self.people.put_right()
        self.pause("")
