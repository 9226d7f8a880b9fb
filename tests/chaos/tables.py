"""People who work on a world's tables of rules, and an account of what they typed there."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from infra.emulator.errors import ApiError
from infra.emulator.people.table import Table
from infra.emulator.spreadsheet import Sheet, Spreadsheet
from tests.chaos.ledger import TOKEN, Wrong
from tests.chaos.site import Site

RULES, DRAFT = "Règles d'attribution", "Règles – projet"
NUMBER, REFERENTS, TERRITORY, ORDER = "N° de règle", "Référent(s)", "Territoire", "Ordre"
PUBLISH, CANCEL = "Publier", "Annuler"
OWN = ("Effet", PUBLISH, CANCEL)  # the columns of a table whose cells the system may change
# Rules that none of the applicants' wishes turns on, so who follows them stays the same.
FREE = ("12", "13", "14", "16", "17", "18", "19")
NAMES = ("Nadia Rouquette", "Hugo Labrousse", "Claire Vialatte, Inès Delmas")
Rows = Counter[frozenset[tuple[str, str]]]  # rows by their cells under titles that are not OWN


@dataclass
class Account:
    """What people typed into each table, by its sheetId; which is in force; orders not used up.

    `published` counts how often another table came into force.
    """

    typed: dict[int, Rows] = field(default_factory=dict)
    in_force: int | None = None
    orders: int = 0
    published: int = 0


class TablesHands:
    """What a world's people do to tables of rules; `account` is kept of it."""

    site: Site
    id: str
    account: Account

    @property
    def _book(self) -> Spreadsheet:
        return self.site.store.file(self.id).book

    def _titles(self) -> list[str]:
        return [sheet.title for sheet in self._book.sheets]

    def edit_table(self, action: str, which: int) -> list[Wrong]:
        """Let people do something to a table; gives what the system did wrong until then."""
        wrong = self.look_at_tables()
        try:
            self.site.store.update(self.id, lambda book: EDITS[action](self, book, which))
        except ApiError:
            return wrong
        self.account.typed = _typed(self._book)
        self.account.in_force = _in_force(self._book)
        self.account.orders += action in ("publish", "cancel")
        return wrong

    def look_at_tables(self) -> list[Wrong]:
        """What became of tables since people last worked on them, as far as it is wrong."""
        account, typed, in_force = self.account, _typed(self._book), _in_force(self._book)
        if not account.typed:
            account.typed, account.in_force = typed, in_force
        wrong = [
            Wrong(5, f"table {number}: {account.typed.get(number)} is now {typed.get(number)}")
            for number in account.typed.keys() | typed.keys()
            if account.typed.get(number) != typed.get(number)
        ]
        if in_force != account.in_force:
            account.in_force, account.orders = in_force, account.orders - 1
            account.published += 1
            if account.orders < 0:
                wrong.append(Wrong(5, f"table {in_force} is in force, and nobody ordered that"))
        return wrong

    def tables_at_rest(self) -> list[Wrong]:
        """What is wrong with tables once everything has come to rest."""
        wrong = self.look_at_tables()
        for sheet in filter(_is_table, self._book.sheets):
            table = Table(self._book, sheet.title)
            for row in table.filled():
                texts = {title: table.under(row, title) for title in table.headers if title}
                wrong += [
                    Wrong(11, f"{sheet.title}: token left") for t in texts.values() if TOKEN in t
                ]
                if sheet.title in (RULES, DRAFT):
                    left = [title for title in (PUBLISH, CANCEL) if texts.get(title)]
                    wrong += [
                        Wrong(5, f"{sheet.title}: {title} is still ordered") for title in left
                    ]
                if sheet.title == DRAFT and not texts.get("Effet"):
                    wrong.append(Wrong(5, f"{DRAFT}: Effet is blank in row {row + 1}"))
        return wrong

    def put_tables_right(self) -> None:
        """Give the table in force its title back."""
        if RULES not in self._titles():
            self.edit_table("name_table_back", 0)


def _is_table(sheet: Sheet) -> bool:
    header = [str(value) for value in sheet.grid.rows[0].values.values()]
    return NUMBER in header and REFERENTS in header


def _in_force(book: Spreadsheet) -> int | None:
    return next((sheet.id for sheet in book.sheets if sheet.title == RULES), None)


def _typed(book: Spreadsheet) -> dict[int, Rows]:
    return {sheet.id: _rows(Table(book, sheet.title)) for sheet in filter(_is_table, book.sheets)}


def _rows(table: Table) -> Rows:
    titles = [
        (column, title) for column, title in enumerate(table.headers) if title and title not in OWN
    ]
    rows = (
        frozenset((title, text) for column, title in titles if (text := table.text(row, column)))
        for row in table.filled()
    )
    return Counter(row for row in rows if row)


# What people do; each takes the spreadsheet and a number that chooses.


def _draft(hands: TablesHands, book: Spreadsheet, which: int) -> None:
    """Copy the table in force, or change the draft that is there."""
    titles = [sheet.title for sheet in book.sheets]
    if DRAFT in titles:
        _change_rule(hands, book, which)
        return
    copy = f"Copie de {RULES}"
    if copy not in titles:
        table = Table(book, RULES)
        title = DRAFT if which % 2 else copy
        table.do(
            "duplicateSheet", sourceSheetId=table.sheet.id, newSheetName=title, insertSheetIndex=3
        )


def _some_table(book: Spreadsheet, which: int) -> Table:
    there = [title for title in (DRAFT, RULES) if title in [sheet.title for sheet in book.sheets]]
    return Table(book, there[which % len(there)] if there else DRAFT)


def _free_row(table: Table, which: int) -> int:
    number = FREE[which % len(FREE)]
    rows = [row for row in table.filled() if table.under(row, NUMBER) == number]
    return rows[0] if rows else table.end


def _change_rule(_: TablesHands, book: Spreadsheet, which: int) -> None:
    table = _some_table(book, 0 if which % 3 else 1)
    row, name = _free_row(table, which), NAMES[which % len(NAMES)]
    if row < table.end:
        table.type(row, table.column(REFERENTS), [[name]])


def _spoil_rule(_: TablesHands, book: Spreadsheet, which: int) -> None:
    table = _some_table(book, which)
    row = _free_row(table, which)
    if row < table.end:
        wrong = table.under(row, TERRITORY) == "Nulle part"
        table.type(row, table.column(TERRITORY), [["Quercy Blanc" if wrong else "Nulle part"]])


def _sort(_: TablesHands, book: Spreadsheet, which: int) -> None:
    table = _some_table(book, which)
    order = "DESCENDING" if which % 2 else "ASCENDING"
    table.do(
        "sortRange",
        range=table.box((1, table.end), (0, len(table.headers))),
        sortSpecs=[{"dimensionIndex": table.column(REFERENTS), "sortOrder": order}],
    )


def _delete_rule(_: TablesHands, book: Spreadsheet, which: int) -> None:
    table = Table(book, DRAFT)
    row = _free_row(table, which)
    table.do("deleteDimension", range=table.span("ROWS", row, row + 1))


def _move_column(_: TablesHands, book: Spreadsheet, which: int) -> None:
    table = _some_table(book, which)
    start, end = table.column("Note"), which % len(table.headers)
    table.do("moveDimension", source=table.span("COLUMNS", start, start + 1), destinationIndex=end)


def _order(title: str, column: str) -> Callable[[TablesHands, Spreadsheet, int], None]:
    def order(_: TablesHands, book: Spreadsheet, which: int) -> None:
        table = Table(book, title)
        table.type(1 + which % 2, table.column(column), [["Oui"]])

    return order


def _retitle(before: str, after: str) -> Callable[[TablesHands, Spreadsheet, int], None]:
    def retitle(_: TablesHands, book: Spreadsheet, _which: int) -> None:
        table = Table(book, before)
        properties = {"sheetId": table.sheet.id, "title": after}
        table.do("updateSheetProperties", properties=properties, fields="title")

    return retitle


def _delete_draft(_: TablesHands, book: Spreadsheet, _which: int) -> None:
    table = Table(book, DRAFT)
    table.do("deleteSheet", sheetId=table.sheet.id)


EDITS: dict[str, Callable[[TablesHands, Spreadsheet, int], None]] = {
    "draft": _draft,
    "change_rule": _change_rule,
    "spoil_rule": _spoil_rule,
    "sort_table": _sort,
    "delete_rule": _delete_rule,
    "move_note": _move_column,
    "publish": _order(DRAFT, PUBLISH),
    "cancel": _order(RULES, CANCEL),
    "rename_table": _retitle(RULES, "Nos règles"),
    "name_table_back": _retitle("Nos règles", RULES),
    "rename_draft": _retitle(DRAFT, "À moi"),
    "delete_draft": _delete_draft,
}
