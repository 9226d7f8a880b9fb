"""What is read: columns, dates, errors, tabs, and the version of the file."""

from functions.shared.errors import WorkbookError, WorkbookRefusedError
from infra.doctor.checks import Check, Seen, SkippedError, fault, ok, warning
from infra.doctor.scratch import ROWS, Scratch
from infra.doctor.trials.cells import DATE_AND_TIME, dress
from sheets_schema.columns import Cell
from sheets_schema.tab import column_letter
from sheets_schema.wire import a1, cell_value

_ROUTE = ("route",)
_BOTH = ("route", "digest")
_ADAPTER = "functions/shared/sheets/google.py"
LAG = 60.0  # seconds for which Drive's version is waited for


def _missing(scratch: Scratch) -> Seen:
    scratch.lay_out([])
    letter = column_letter(len(scratch.header))
    asked = [a1(scratch.title("requests"), f"{letter}:{letter}")]
    try:
        scratch.calling(lambda: scratch.workbook.values(asked, "COLUMNS"))
    except WorkbookRefusedError:
        return ok("Lire une colonne que la grille n'a plus est refusé (400).")
    return fault("Lire une colonne que la grille n'a plus n'est pas refusé.")


def _forms(scratch: Scratch) -> Seen:
    laid: dict[str, Cell] = {
        "last_name": "0612",
        "received_at": 45292.5,
        "children": 2,
        "newsletter": "Oui",
    }
    positions = scratch.seen().positions("requests")
    at = positions["received_at"]
    date = dress(scratch, at, {"userEnteredFormat": {"numberFormat": DATE_AND_TIME}}, 1, ROWS)
    scratch.lay_out([scratch.row(**laid)], date)
    asked = [a1(scratch.title("requests"), "2:2")]
    (block,) = scratch.calling(lambda: scratch.workbook.values(asked, "ROWS"))
    row = block[0] if block else []
    read = {key: row[positions[key]] if positions[key] < len(row) else None for key in laid}
    bare = {"repeatCell": {**date["repeatCell"], "cell": {}}}
    scratch.write(bare)
    if read == laid:
        return ok("Une date se lit comme un nombre, un texte tel qu'il est écrit.")
    return fault("Une date, un nombre ou un texte se lit sous une autre forme.")


def _errors(scratch: Scratch) -> Seen:
    formulas = ("=1/0", "=NA()", "=INCONNUE()")
    start = {"sheetId": scratch.ids["requests"], "rowIndex": 1, "columnIndex": 0}
    cells = [{"userEnteredValue": {"formulaValue": formula}} for formula in formulas]
    scratch.lay_out([])
    scratch.write(
        {
            "updateCells": {
                "start": start,
                "rows": [{"values": cells}],
                "fields": "userEnteredValue",
            }
        }
    )
    asked = [a1(scratch.title("requests"), "2:2")]
    (block,) = scratch.calling(lambda: scratch.workbook.values(asked, "ROWS"))
    values = block[0] if block else []
    shown = scratch.shown("requests")["data"][0]["rowData"][1]["values"][: len(formulas)]
    scratch.lay_out([])
    as_shown = [cell.get("formattedValue") for cell in shown]
    as_read = [cell_value(cell) for cell in shown]
    if values != as_read:
        return fault("Une erreur de formule se lit autrement par les deux lectures.")
    if values != as_shown:
        return warning("Une erreur de formule se lit pareil partout, et se voit autrement.")
    return ok(f"Une erreur se lit comme elle se voit : {', '.join(map(str, as_shown))}.")


def _capitals(scratch: Scratch) -> Seen:
    title = scratch.title("requests")
    try:
        answer = scratch.calling(
            lambda: scratch.workbook.get([a1(title.upper(), "1:1")], "sheets.properties.title")
        )
    except WorkbookRefusedError:
        return fault("Un onglet ne se trouve pas si les majuscules de son nom diffèrent.")
    if answer["sheets"][0]["properties"]["title"] != title:
        return fault("Le titre d'un onglet n'est pas rendu comme il est écrit.")
    return ok("Un onglet se trouve quelles que soient les majuscules de son nom.")


def _version(scratch: Scratch) -> str:
    """The file's version.

    Raises:
        WorkbookError: this identity may not read it.
    """
    where = f"/{scratch.workbook.id}"
    answer = scratch.calling(lambda: scratch.workbook.drive("get", where, fields="version"))
    return str(answer.get("version", ""))


def _drive(scratch: Scratch) -> Seen:
    try:
        _version(scratch)
    except WorkbookError:
        return warning("Drive ne dit pas la version du fichier à cette identité.")
    return ok("Drive dit la version du fichier.")


def _lag(scratch: Scratch) -> Seen:
    try:
        before = _version(scratch)
    except WorkbookError as error:
        raise SkippedError(
            "Drive ne dit pas la version du fichier, voir « drive-access »."
        ) from error
    scratch.lay_out([scratch.row(notes=scratch.run)])
    begun = scratch.clock()
    while (waited := (scratch.clock() - begun).total_seconds()) < LAG:
        if _version(scratch) != before:
            return ok(f"La version a changé {waited:.0f} s après une écriture.")
        scratch.sleep(2)
    return fault(f"La version n'a pas changé {LAG:.0f} s après une écriture.")


CHECKS: tuple[Check[Scratch], ...] = (
    Check(
        "column-missing",
        "Lire une colonne qui n'existe plus est refusé.",
        "Des cellules d'une autre colonne passeraient pour les nôtres.",
        _ADAPTER,
        _missing,
        _BOTH,
    ),
    Check(
        "values-forms",
        "Les dates se lisent comme des nombres, les textes tels quels.",
        "Des dates ne se comprennent pas.",
        _ADAPTER,
        _forms,
        _BOTH,
    ),
    Check(
        "values-errors",
        "Une erreur de formule se lit comme elle se voit.",
        "Une ligne avec une erreur ne serait jamais complétée.",
        "sheets_schema/wire.py",
        _errors,
        _ROUTE,
    ),
    Check(
        "titles-capitals",
        "Un onglet se trouve quelles que soient ses majuscules.",
        "Un onglet renommé ainsi arrête tout.",
        _ADAPTER,
        _capitals,
        _BOTH,
    ),
    Check(
        "drive-access",
        "Drive dit à cette identité la version du fichier.",
        "Chaque passage lit le classeur : rien n'est perdu, plus d'appels sont faits.",
        _ADAPTER,
        _drive,
        _ROUTE,
    ),
    Check(
        "drive-version",
        "La version du fichier change peu après une écriture.",
        "Un passage pourrait ne pas voir une ligne saisie avant une heure.",
        "functions/route/sweep.py",
        _lag,
        _ROUTE,
        patience=LAG + 60,
    ),
)
