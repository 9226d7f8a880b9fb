"""The checks of a system as it stands: settings, spreadsheet, journal, schedules, versions."""

import hashlib
from datetime import timedelta

from functions.digest.report import last_week
from functions.shared.access import PEOPLE_COLUMNS, compare
from functions.shared.errors import SettingError, WorkbookError
from functions.shared.journal import operator
from functions.shared.journal.marks import NOTED_EVERY, last_sweep, weeks_sent
from functions.shared.settings import FUNCTIONS as SETTINGS_OF
from functions.shared.settings import load, of
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
_LATE = timedelta(minutes=15)  # for a request without its row; sweeps come every few minutes
_SWEEP_DUE = NOTED_EVERY + timedelta(minutes=20)
_DIGEST_DUE = timedelta(hours=8)  # on Monday, an hour after it is to leave
_SKEWED, _WRONG = timedelta(seconds=30), timedelta(minutes=5)
_SHOWN = 3  # steps of the plan, in a sentence


def _settings(system: System) -> Seen:
    faults: list[str] = []
    for function in system.functions:
        try:
            load(system.environ, SETTINGS_OF[function])
        except SettingError as error:
            faults += str(error).splitlines()
    if faults:
        return fault(" ".join(dict.fromkeys(faults)))
    given = {
        setting.variable
        for function in system.functions
        for setting in of(SETTINGS_OF[function]).values()
        if system.environ.get(setting.variable, "").strip()
    }
    return ok(f"{', '.join(system.functions)} : {len(given)} variables, toutes bien formées.")


def _identity(system: System) -> Seen:
    _ = system.workbook  # raises an error if there is no identity
    if system.is_google:
        return ok("Une identité Google est là.")
    return ok("L'API Sheets n'est pas celle de Google : aucune identité ne lui est montrée.")


def _spreadsheet(system: System) -> Seen:
    count = len(system.metadata["sheets"])
    said = f"Le classeur {fingerprint(system.workbook.id)} répond, {count} onglets"
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
        return ok("Une copie ou une version restaurée, que l'exploitation a adoptée.")
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
        return ok(f"{access.count} personnes, celles des onglets Référents et Coordination.")
    return warning(f"{', '.join(wrong)}. « accueil access » dit qui.")


def _journal(system: System) -> Seen:
    journal, key = system.journal, f"doctor/{system.token()}"
    try:
        if not journal.create(key, b"1"):
            return fault("Un objet tout neuf passe pour existant.")
        if journal.create(key, b"2") or journal.read(key) != b"1":
            return fault("Un objet qui existe est remplacé : deux demandes pourraient se perdre.")
        if key not in journal.keys("doctor/"):
            return fault("Un objet qui vient d'être créé n'est pas dans la liste.")
    finally:
        journal.delete(key)
    if journal.read(key) is not None or key in journal.keys("doctor/"):
        return fault("Un objet supprimé est encore là.")
    return ok("Créer une seule fois, lire, lister et supprimer : tout va, dans doctor/.")


def _waiting(system: System) -> Seen:
    stock, now = operator.inventory(system.journal), system.clock()
    ages = [age for item in stock.pending if (age := item.age(now)) is not None]
    said = [
        f"Demandes en attente : {len(stock.pending)}",
        f"mises à part : {len(stock.quarantined)}",
        f"courriels à envoyer : {stock.mails}",
    ]
    if ages:
        said[0] += f" (la plus ancienne depuis {_minutes(max(ages))})"
    sentence = ", ".join(said) + "."
    if any(age > _LATE for age in ages) or len(ages) < len(stock.pending):
        return fault(f"{sentence} « accueil journal » les montre ; route tourne-t-elle ?")
    if stock.quarantined:
        return warning(f"{sentence} « accueil journal » dit pourquoi elles sont mises à part.")
    return ok(sentence)


def _minutes(age: timedelta) -> str:
    return f"{max(0, round(age.total_seconds() / 60))} min"


def _standstill(system: System) -> Seen:
    keys = system.journal.keys("standstill/")
    if any(key.endswith(".told") for key in keys):
        return fault("Plus rien ne s'écrit depuis plus de 30 minutes, et un courriel l'a dit.")
    if keys:
        return warning("Le dernier passage a échoué : attendez le suivant, puis le courriel.")
    return ok("Aucun arrêt n'est noté.")


def _sweep(system: System) -> Seen:
    last, now = last_sweep(system.journal), system.clock()
    if last is None:
        return warning("Aucun passage n'est encore noté : normal avant le premier déploiement.")
    if now - last > _SWEEP_DUE:
        return fault(f"Le dernier passage noté date de {_minutes(now - last)}.")
    return ok(f"Un passage est noté, il y a {_minutes(now - last)}.")


def _digest(system: System) -> Seen:
    due = last_week(system.clock() - _DIGEST_DUE).name
    weeks = list(weeks_sent(system.journal))
    if not weeks:
        return warning("Aucun courriel du lundi n'est encore noté : normal la première semaine.")
    last = weeks[0]
    said = f"Semaine {last.week}, courriels partis : {last.sent}"
    if last.week < due:
        return fault(f"{said} ; ceux de la semaine {due} auraient dû partir.")
    if last.unsure:
        return warning(f"{said} ; incertains : {last.unsure}. Demandez si tout le monde l'a reçu.")
    return ok(f"{said}.")


def _versions(system: System) -> Seen:
    found_version = system.workbook.read({"system": "all"}).version
    said = f"Code {VERSION}, schémas {schema.VERSION}, classeur {found_version}"
    if found_version < schema.VERSION:
        return warning(f"{said} : « accueil sheet apply » ajoute ce qui manque au classeur.")
    if found_version > schema.VERSION:
        return warning(f"{said} : ce code est plus ancien que le classeur ; mettez-le à jour.")
    return ok(f"{said}.")


def _clock(system: System) -> Seen:
    skew = abs(system.clock() - system.read_date(system.setting("sheets_api")))
    said = f"{skew.total_seconds():.0f} s d'écart avec l'API Sheets"
    if skew > _WRONG:
        return fault(f"{said} : Google refuse une identité dont l'heure est fausse.")
    return warning(f"{said}.") if skew > _SKEWED else ok(f"{said}.")


BASICS: tuple[Check[System], ...] = (
    Check(
        "settings",
        "Toutes les variables sont là, et bien formées.",
        "La fonction ne démarre pas.",
        "functions/shared/settings.py",
        _settings,
    ),
    Check(
        "journal",
        "Un objet du journal se crée une seule fois, se lit, se liste et se supprime.",
        "Une demande acceptée pourrait se perdre ou être écrite deux fois.",
        "functions/shared/journal/store.py",
        _journal,
    ),
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
        "waiting",
        "Aucune demande n'attend plus de 15 minutes, aucune n'est mise à part.",
        "Des personnes attendent une réponse sans que personne le sache.",
        "functions/route/drain.py",
        _waiting,
        ("route",),
        needs=("journal",),
    ),
    Check(
        "standstill",
        "Aucun arrêt n'est noté.",
        "Tous les appels de route échouent.",
        "functions/route/standstill.py",
        _standstill,
        ("route",),
        needs=("journal",),
    ),
    Check(
        "sweep",
        "Un passage complet est noté dans la dernière demi-heure.",
        "Le programmateur n'appelle pas route, ou elle échoue : rien ne complète les lignes.",
        "functions/route/housekeeping.py",
        _sweep,
        ("route",),
        needs=("journal",),
    ),
    Check(
        "digest",
        "Les courriels du dernier lundi sont partis.",
        "Le programmateur n'appelle pas digest, ou elle échoue : personne ne voit ce qui attend.",
        "functions/digest/handler.py",
        _digest,
        ("digest",),
        needs=("journal",),
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
    Check(
        "clock",
        "L'horloge de cette machine est à l'heure.",
        "Les heures du classeur sont fausses, et Google refuse l'identité.",
        "functions/route/drain.py",
        _clock,
        _SHEET,
    ),
)
