"""Rows that are added: how they look, where they land, what they may hold."""

from collections.abc import Sequence

from functions.shared.errors import WorkbookRefusedError
from functions.shared.sheets.encode import insert_rows
from infra.doctor.checks import Check, Seen, fault, ok
from infra.doctor.scratch import ROWS, Scratch, trimmed
from infra.doctor.trials.cells import DATE_AND_TIME, NEW, dress, typed
from sheets_schema.columns import as_text
from sheets_schema.tab import tab
from sheets_schema.wire import Json

_ROUTE = ("route",)
_ENCODE = "functions/shared/sheets/encode.py"


def _looks(scratch: Scratch) -> Seen:
    """In the middle of the grid, and at its very end."""
    positions = scratch.seen().positions("requests")
    dressed = {
        "received_at": {"userEnteredFormat": {"numberFormat": DATE_AND_TIME}},
        "status": {"dataValidation": _dropdown()},
        "partners": {"dataValidation": {"condition": {"type": "BOOLEAN"}}},
    }
    places = {**positions, "partners": len(scratch.header) - 1}
    for row_count in (ROWS, 3):
        rows = [scratch.row(reference=f"REF-{n}", last_name="Durand") for n in (1, 2)]
        seen = scratch.lay_out(
            rows,
            *(dress(scratch, places[key], cell, 1, row_count) for key, cell in dressed.items()),
            row_count=row_count,
        )
        scratch.write(*insert_rows("requests", [NEW], seen))
        block = scratch.shown("requests")["data"][0]["rowData"]
        above, added = (_dressed(block[row]["values"], places) for row in (2, 3))
        _undress(scratch, places)
        if above != added:
            where = "au milieu" if row_count == ROWS else "à la fin de la grille"
            return fault(
                f"Une ligne ajoutée {where} n'a pas format, liste et case à cocher de celle du "
                "dessus."
            )
    return ok("Formats, listes et cases à cocher viennent de la ligne du dessus.")


def _dropdown() -> Json:
    values = [{"userEnteredValue": title} for title in tab("requests")["status"].type.choices]
    return {
        "condition": {"type": "ONE_OF_LIST", "values": values},
        "strict": True,
        "showCustomUi": True,
    }


def _undress(scratch: Scratch, places: dict[str, int]) -> None:
    span = {"sheetId": scratch.ids["requests"], "startRowIndex": 1}
    columns = [places[key] for key in ("received_at", "status", "partners")]
    scratch.write(
        *(
            {
                "repeatCell": {
                    "range": span | {"startColumnIndex": at, "endColumnIndex": at + 1},
                    "cell": {},
                    "fields": "dataValidation,userEnteredFormat",
                }
            }
            for at in columns
        )
    )


def _dressed(cells: Sequence[Json], places: dict[str, int]) -> list[object]:
    def of(key: str, *path: str) -> object:
        value: object = cells[places[key]] if places[key] < len(cells) else {}
        for name in path:
            value = value.get(name, {}) if isinstance(value, dict) else {}
        return value

    return [
        of("received_at", "userEnteredFormat", "numberFormat", "type"),
        of("status", "dataValidation", "condition", "type"),
        of("partners", "dataValidation", "condition", "type"),
    ]


def _place(scratch: Scratch) -> Seen:
    """Below rows there are a note and a partner's column, and a filter and a view are on."""
    rows = [
        scratch.row(reference="REF-1", last_name="Durand", partners="oui"),
        scratch.row(reference="REF-2", last_name="Martin"),
        scratch.row(partners="oui"),
        scratch.row(notes="à part"),
        scratch.row(partners="fin"),
    ]
    sheet = scratch.ids["requests"]
    view = {"title": f"{scratch.run} place", "range": {"sheetId": sheet}}
    seen = scratch.lay_out(
        rows,
        {"setBasicFilter": {"filter": {"range": {"sheetId": sheet}}}},
        {"addFilterView": {"filter": view}},
    )
    try:
        scratch.write(*insert_rows("requests", [NEW], seen))
        after = scratch.cells("requests")
    finally:
        scratch.write({"clearBasicFilter": {"sheetId": sheet}})
    wanted = trimmed([scratch.header, *rows[:2], scratch.row(**NEW), *rows[2:]])
    if after == wanted:
        return ok("La ligne vient sous la dernière demande, et ce qui est dessous descend entier.")
    return fault("Une insertion a changé ou perdu ce qui était dessous, ou s'est faite ailleurs.")


def _strict(scratch: Scratch) -> Seen:
    at = scratch.seen().positions("requests")["status"]
    label = as_text(next(iter(tab("requests")["status"].type.choices)))
    dressing = dress(scratch, at, {"dataValidation": _dropdown()}, 1, ROWS)
    seen = scratch.lay_out([], dressing)
    bare = {"repeatCell": {**dressing["repeatCell"], "cell": {}}}
    try:
        scratch.write(*insert_rows("requests", [{**NEW, "status": label}], seen), dressing)
        scratch.write(*typed(scratch, 1, at, label))
        written = scratch.cells("requests")[1][at]
    except WorkbookRefusedError:
        return fault("Une valeur de la liste est refusée à l'API.")
    finally:
        scratch.write(bare)
    if written != label:
        return fault("Une valeur de la liste n'est pas écrite telle quelle.")
    return ok("Une valeur de la liste s'écrit par l'API.")


CHECKS: tuple[Check[Scratch], ...] = (
    Check(
        "rows-look",
        "Une ligne ajoutée a les formats, listes et cases de celle du dessus.",
        "Les nouvelles lignes n'ont pas leurs listes de choix.",
        _ENCODE,
        _looks,
        _ROUTE,
    ),
    Check(
        "rows-place",
        "Une ligne s'ajoute sous la dernière demande, sans rien changer dessous.",
        "Ce qu'une personne a écrit plus bas pourrait être perdu.",
        _ENCODE,
        _place,
        _ROUTE,
    ),
    Check(
        "dropdown-strict",
        "Une liste stricte laisse l'API écrire ses valeurs.",
        "Les nouvelles lignes sont refusées.",
        _ENCODE,
        _strict,
        _ROUTE,
    ),
)
