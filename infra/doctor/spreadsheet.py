"""The checks of the spreadsheet as it stands."""

import hashlib

from functions.shared.access import PEOPLE_COLUMNS, compare
from functions.shared.errors import WorkbookError
from functions.shared.sheets.faults import read_pause
from functions.shared.sheets.fence import read_sheet_state
from functions.shared.sheets.identity import acceptance, mismatch_reason
from functions.shared.version import VERSION
from infra.doctor.checks import Check, Seen, SkippedError, fault, ok, warning
from infra.doctor.system import System
from infra.workbook import planned
from sheets_schema import schema

_SHEET = ("route", "digest")
MOST_CELLS = 10_000_000  # of a spreadsheet; Google Drive Help, « Files you can store »
_CROWDED = 0.8  # of that
_SHOWN = 3  # steps of the plan, in a sentence


def _identity(system: System) -> Seen:
    _ = system.workbook  # raises an error if there is no identity
    if system.is_google:
        return ok("Une identité Google est là.")
    return ok("L'API Sheets n'est pas celle de Google : aucune identité ne lui est montrée.")


def _spreadsheet(system: System) -> Seen:
    count = len(system.metadata["sheets"])
    tabs = f"{count} onglet{'s' if count > 1 else ''}"
    said = f"Le classeur {fingerprint(system.workbook.id)} répond, {tabs}"
    try:
        capabilities = system.workbook.drive("get", f"/{system.workbook.id}", fields="capabilities")
    except WorkbookError:
        return ok(f"{said}. Drive ne dit pas s'il peut être modifié ; --live le montre.")
    if not capabilities.get("capabilities", {}).get("canEdit"):
        return fault(f"{said}, mais en lecture seule : partagez-le en modification.")
    return ok(f"{said}, et peut être modifié.")


def fingerprint(spreadsheet: str) -> str:
    """Eight letters that tell spreadsheets apart; the id would open one that is shared by link."""
    return hashlib.sha256(spreadsheet.encode()).hexdigest()[:8]


def _plan(system: System) -> Seen:
    changes = planned(system.workbook)
    if not changes:
        return ok("Onglets, en-têtes, choix, protections et vues sont ceux des schémas.")
    shown = " ; ".join(change.sentence for change in changes[:_SHOWN])
    more = len(changes) - _SHOWN
    rest = f" ; et {more} autre{'s' if more > 1 else ''}" if more > 0 else ""
    return warning(f"« accueil sheet apply » changerait : {shown}{rest}.")


def _same(system: System) -> Seen:
    reading = system.workbook.read({"system": "all"})
    last = read_sheet_state(reading.named_ranges, reading.tabs["system"].grid)
    settled = [key.removeprefix("settled/") for key in system.journal.keys("settled/")]
    number = int(settled[-1].partition("-")[0]) if settled else 0
    if reason := mismatch_reason(last, number, system.workbook.id):
        if system.journal.read(acceptance(last, system.workbook.id)) is None:
            return fault(reason)
        return ok("Une copie ou une version restaurée, que l'exploitation a acceptée.")
    if not last.number:
        return ok("Rien n'est encore écrit.")
    return ok(f"Le dernier lot écrit est le n° {last.number}, que le journal connaît.")


def _pause(system: System) -> Seen:
    pause = read_pause(system.workbook.read({"coordination": "all", "system": "all"}))
    if pause.unreadable:
        places = ", ".join(concern.place for concern in pause.unreadable)
        return fault(f"La cellule Pause ne se comprend pas ({places}) : elle compte comme un Oui.")
    if pause.wanted:
        return warning("Une pause est demandée dans Coordination : rien ne s'écrit.")
    return ok("Aucune pause n'est demandée.")


def _room(system: System) -> Seen:
    sizes = [sheet["properties"].get("gridProperties", {}) for sheet in system.metadata["sheets"]]
    cells = sum(size.get("rowCount", 0) * size.get("columnCount", 0) for size in sizes)
    share = 100 * cells / MOST_CELLS
    said = f"{cells} cellules, {share:.1f} % de ce que Google permet".replace(".", ",")
    if cells > _CROWDED * MOST_CELLS:
        return warning(f"{said} : archivez les demandes anciennes, supprimez les lignes vides.")
    return ok(
        f"{said}. Ce qui reste des appels par minute, Google ne le dit pas : 60 lectures et 60 "
        "écritures par compte."
    )


def _sharing(system: System) -> Seen:
    permissions = system.workbook.permissions()
    if permissions is None:
        raise SkippedError(
            "Drive ne montre pas à cette identité avec qui le classeur est partagé : il faut "
            "pouvoir le partager soi-même."
        )
    reading = system.workbook.read({**PEOPLE_COLUMNS, "system": "all"})
    operator_address = system.setting("operator")
    access = compare(permissions, reading, [operator_address] if operator_address else [])
    counts = {
        "partage public": access.public,
        "accès de personnes inconnues": access.strangers,
        "accès de personnes qui sont parties": access.leavers,
        "personnes sans accès": access.missing,
        "en lecture seule": access.readers,
    }
    wrong = [f"{words} : {len(who)}" for words, who in counts.items() if who]
    if not wrong:
        people = f"{access.count} personne{'s' if access.count > 1 else ''}"
        return ok(f"{people} : aucune n'est inconnue, et personne ne manque.")
    return warning(f"{', '.join(wrong)}. « accueil access » dit qui.")


def _versions(system: System) -> Seen:
    found_version = system.workbook.read({"system": "all"}).version
    said = f"Code {VERSION}, schémas {schema.VERSION}, classeur {found_version}"
    if found_version < schema.VERSION:
        return warning(f"{said} : « accueil sheet apply » ajoute ce qui manque au classeur.")
    if found_version > schema.VERSION:
        return warning(f"{said} : ce code est plus ancien que le classeur ; mettez-le à jour.")
    return ok(f"{said}.")


CHECKS: tuple[Check[System], ...] = (
    Check(
        "identity",
        "Cette machine a une identité pour l'API Sheets.",
        "Rien ne se lit ni ne s'écrit dans le classeur.",
        "functions/shared/sheets/google.py",
        _identity,
        _SHEET,
    ),
    Check(
        "spreadsheet",
        "Le classeur s'ouvre, et peut être modifié.",
        "Les demandes attendent dans le journal.",
        "functions/shared/sheets/google.py",
        _spreadsheet,
        _SHEET,
        needs=("identity",),
    ),
    Check(
        "plan",
        "Le classeur a tout ce que les schémas décrivent.",
        "Des colonnes, des choix ou des protections manquent.",
        "sheets_schema/plan.py",
        _plan,
        _SHEET,
        needs=("identity", "spreadsheet"),
    ),
    Check(
        "same",
        "Journal et classeur vont ensemble.",
        "C'est une copie, ou une version restaurée : rien n'est écrit.",
        "functions/shared/sheets/identity.py",
        _same,
        ("route",),
        needs=("identity", "spreadsheet", "journal"),
    ),
    Check(
        "pause",
        "Personne ne demande de pause.",
        "Les demandes attendent tant que la cellule Pause dit Oui.",
        "functions/shared/sheets/faults.py",
        _pause,
        ("route",),
        needs=("identity", "spreadsheet"),
    ),
    Check(
        "room",
        "Il reste de la place dans le classeur.",
        "Google refuse de nouvelles lignes.",
        "functions/shared/sheets/encode.py",
        _room,
        ("route",),
        needs=("identity", "spreadsheet"),
    ),
    Check(
        "sharing",
        "Seules les personnes des onglets Référents et Coordination ont accès.",
        "Des données personnelles sont ouvertes à d'autres, ou quelqu'un ne peut pas travailler.",
        "functions/shared/access.py",
        _sharing,
        ("route",),
        needs=("identity", "spreadsheet"),
    ),
    Check(
        "versions",
        "Le classeur est de la version des schémas.",
        "Des colonnes récentes ne sont pas remplies.",
        "sheets_schema/wire.py",
        _versions,
        _SHEET,
        needs=("identity", "spreadsheet"),
    ),
)
