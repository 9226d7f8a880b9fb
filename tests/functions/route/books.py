"""A workbook in memory with small lookup tables, for tests of what a drain decides."""

from functions.shared.sheets.memory import MemoryWorkbook
from sheets_schema.schema import VERSION
from sheets_schema.tab import tab

ANA, BOB, CORALIE = "Ana Roux", "Bob Cros", "Coralie Vidal"
FARMING = "S'installer en agriculture (création, reprise, association)"


def address(name):
    return f"{name.lower().replace(' ', '.')}@example.org"


def grid(key, *rows):
    """A tab as read, with the given cells by column key."""
    columns = tab(key).columns
    return [[c.title for c in columns], *([row.get(c.key) for c in columns] for row in rows)]


def person(name, **more):
    return {"name": name, "email": address(name), "organisation": "Chambre", "active": "Oui"} | more


def rule(number, referents, **more):
    return {
        "number": float(number),
        "order": 10.0,
        "referents": referents,
        "active": "Oui",
    } | more


def book(*, rules=(), people=None, coordination=None, requests=(), version=VERSION):
    """Ana follows everybody but who goes into farming, whom Bob follows."""
    tables = {
        "rules": rules
        or [
            rule(1, ANA),
            rule(2, BOB, project=FARMING),
        ],
        "referents": people if people is not None else [person(ANA), person(BOB)],
        "coordination": coordination
        if coordination is not None
        else [{"name": CORALIE, "email": address(CORALIE), "default_referent": "Oui"}],
        "requests": requests,
    }
    grids = {key: grid(key, *rows) for key, rows in tables.items()}
    system = [[column.title for column in tab("system").columns], ["", float(version)]]
    return MemoryWorkbook(grids | {"system": system})


def set_cell(workbook, key, row, column, text):
    """Type into a cell: `row` is its 0-based index, the header being 0."""
    at = [c.key for c in tab(key).columns].index(column)
    line = workbook.grids[key][row]
    line += [None] * (at + 1 - len(line))
    line[at] = text
