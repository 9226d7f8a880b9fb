"""The first content of the local spreadsheet: fictional people, and the rules that name them.

None of these people exists. The organisations do; their addresses here are example.org. They are
the Lot's: another département starts with one coordinator, who gets every request.
"""

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from functions.route.decide.cases import read_cases, try_cases
from functions.route.decide.lookup import read_lookup
from functions.shared.sheets.encode import insert_rows
from functions.shared.sheets.google import GoogleWorkbook
from infra.workbook import apply
from sheets_schema.place import PLACE
from sheets_schema.tab import format_row, tab
from sheets_schema.territory import territories
from sheets_schema.text import normalise
from sheets_schema.wire import Json, typed_cell

_DEPARTMENT = "46"  # whose people these are
# Who follows requests for each intercommunalité, by its SIREN.
_EPCI_REFERENTS = {
    "200023737": "Camille Bonnet",
    "200035327": "Thomas Gaillard",
    "200039519": "Inès Delmas",
    "200066371": "Julien Fabre",
    "200067361": "Sophie Lacombe",
    "244600433": "Nadia Rouquette",
    "244600482": "Antoine Mercadier",
    "244600532": "Claire Vialatte",
    "244600573": "Hugo Labrousse",
}
_PARTNERS = {
    "Élise Cassagne": "CCI du Lot",
    "Marc Teyssèdre": "Chambre de métiers et de l'artisanat du Lot",
    "Aurélie Bouscary": "Chambre d'agriculture du Lot",
    "Vincent Ségala": "Chambre d'agriculture du Lot",
    "Léa Montagnac": "Lot Tourisme",
    "Karim Belaïdi": "Département du Lot, équipe santé",
    "Dominique Vayssié": "Département du Lot, Oh my Lot !",
}
_SUBSTITUTES = {"Aurélie Bouscary": "Vincent Ségala"}
_COORDINATORS: Sequence[Mapping[str, Any]] = (
    {"name": "Dominique Vayssié", "default_referent": True, "phone": "+33536490100"},
    {"name": "Pauline Escudié"},
    {"name": "Yann Carrière", "scope": "Grand-Figeac, Quercy-Bouriane"},
)
# (projects, sectors, territory, referents). Specialists come first; they cover the whole
# département.
_SPECIALISTS = (
    (("farming",), None, None, "Aurélie Bouscary"),
    (("health",), None, None, "Karim Belaïdi"),
    (("tourism",), None, None, "Léa Montagnac"),
    (("business_creation",), ("crafts",), None, "Marc Teyssèdre"),
    (("business_takeover",), ("crafts",), None, "Marc Teyssèdre"),
    (("business_creation",), ("retail",), None, "Élise Cassagne"),
    (("business_takeover",), ("retail",), None, "Élise Cassagne"),
    (("business_creation",), ("hospitality",), None, "Élise Cassagne, Léa Montagnac"),
    (("business_takeover",), ("hospitality",), None, "Élise Cassagne, Léa Montagnac"),
)
# What a town has beside them comes after them.
_LOCAL = ((("business_takeover",), None, "Figeac", "Sophie Lacombe, Élise Cassagne"),)
# What only rules with other conditions can say: by column, and who.
_PARTICULAR: Sequence[Mapping[str, Any]] = (
    {"profile": ("seller",), "project": ("farming",), "referents": "Aurélie Bouscary"},
    {"profile": ("seller",), "referents": "Élise Cassagne, Marc Teyssèdre"},
    {"source": ("aire-a20",), "project": ("unknown",), "referents": "Léa Montagnac"},
)


_PEOPLE = ("referents", "coordination")  # the tabs that hold addresses


def fill(workbook: GoogleWorkbook) -> None:
    """Make the spreadsheet our workbook and add referents, rules and coordinators.

    Raises:
        WorkbookError: the spreadsheet cannot be reached.
    """
    default_sheets = [sheet["properties"]["sheetId"] for sheet in workbook.metadata()["sheets"]]
    apply(workbook)
    add_people(workbook)
    # Delete the empty tab that every new spreadsheet has. It goes last: its absence says that the
    # spreadsheet is filled.
    workbook.batch_update([{"deleteSheet": {"sheetId": sheet}} for sheet in default_sheets])


def add_people(workbook: GoogleWorkbook) -> None:
    """Add fictional referents, rules and coordinators to our workbook, whose tabs are there.

    Raises:
        WorkbookError: the spreadsheet cannot be reached.
    """
    added = [request for key, rows in _tabs().items() for request in _append(workbook, key, rows)]
    workbook.batch_update(added)
    _try_cases(workbook)
    apply(workbook)  # everybody who is in Référents by now gets a filter view


def permissions() -> list[Json]:
    """With whom the spreadsheet is shared: all people in it, as Permission resources of Drive."""
    addresses = {
        str(row["email"]) for key, rows in _tabs().items() if key in _PEOPLE for row in rows
    }
    people = [
        {"type": "user", "role": "writer", "emailAddress": address} for address in sorted(addresses)
    ]
    owner = {"type": "user", "role": "owner", "emailAddress": "departement@example.org"}
    return [{"id": str(number), **item} for number, item in enumerate([owner, *people], start=1)]


def _tabs() -> dict[str, list[dict[str, Any]]]:
    coordinators = [{"email": _email(row["name"]), **row} for row in _COORDINATORS]
    if PLACE.department != _DEPARTMENT:
        return {"coordination": coordinators[:1]}
    return {
        "referents": _referents(),
        "rules": _rules(),
        "coordination": coordinators,
        "cases": _cases(),
    }


def _referents() -> list[dict[str, Any]]:
    epcis = territories().epcis
    rows = [
        {"name": name, "organisation": epcis[code].name, "epci": epcis[code].name}
        for code, name in _EPCI_REFERENTS.items()
    ]
    rows += [{"name": name, "organisation": where} for name, where in _PARTNERS.items()]
    return [
        {
            **row,
            "email": _email(row["name"]),
            "active": True,
            "substitute": _SUBSTITUTES.get(row["name"]),
            "phone": _phone(number),
        }
        for number, row in enumerate(rows, start=1)
    ]


def _phone(number: int) -> str:
    """A number that is kept for fiction and rings nowhere."""
    return f"+3353649{number:04}"


def _rules() -> list[dict[str, Any]]:
    epcis = territories().epcis
    somewhere = [(None, None, epcis[code].name, name) for code, name in _EPCI_REFERENTS.items()]
    # Two communes of the Lot belong to a neighbouring intercommunalité.
    somewhere.append((None, None, "Ouest Aveyron Communauté", "Sophie Lacombe"))
    groups = (
        (10, _SPECIALISTS),
        (15, _LOCAL),
        (20, somewhere),
        (30, [(None, None, None, "Dominique Vayssié")]),
    )
    rows: list[dict[str, Any]] = []
    for order, rules in groups:
        for project, sector, territory, referents in rules:
            rows.append(
                {
                    "number": len(rows) + 1,
                    "order": order,
                    "project": project,
                    "sector": sector,
                    "territory": territory,
                    "referents": referents,
                    "active": True,
                }
            )
    particular = [
        {"number": number, "order": 10, "active": True, **rule}
        for number, rule in enumerate(_PARTICULAR, start=len(rows) + 1)
    ]
    return [*rows[:-1], *particular, rows[-1]]  # the rule for everything else stands last


def _cases() -> list[dict[str, Any]]:
    """The worked cases of these tables; coordinators read the file as well."""
    lines = Path(__file__).with_name("cases.csv").read_text("utf-8").splitlines()
    keys = {column.title: column.key for column in tab("cases").columns}
    return [
        {keys[title]: text or None for title, text in case.items()}
        for case in csv.DictReader(lines)
    ]


def _try_cases(workbook: GoogleWorkbook) -> None:
    """Write the result of each worked case, as the first sweep would."""
    keys = ("referents", "rules", "coordination", "cases", "system")
    reading = workbook.read(dict.fromkeys(keys, "all"))
    lookup, _ = read_lookup(reading, territories())
    cases = read_cases(reading.tabs["cases"].grid, territories())
    if not cases:
        return
    results = [result.text for result in try_cases(cases, lookup, None, date.min)]
    start = {
        "sheetId": reading.tabs["cases"].sheet_id,
        "rowIndex": 1,
        "columnIndex": reading.positions("cases")["result"],
    }
    rows = [{"values": [typed_cell(text)]} for text in results]
    update = {"rows": rows, "fields": "userEnteredValue", "start": start}
    workbook.batch_update([{"updateCells": update}])


def _append(workbook: GoogleWorkbook, key: str, rows: Sequence[Mapping[str, Any]]) -> list[Json]:
    cells = [dict(row) if key == "cases" else format_row(tab(key), row) for row in rows]
    return insert_rows(key, cells, workbook.read({key: "end"}))


def _email(name: str) -> str:
    return f"{normalise(name).replace(' ', '.')}@example.org"
