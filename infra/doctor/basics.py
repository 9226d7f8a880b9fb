"""The checks of a system as it stands: its settings and clock; the other ones are listed here."""

from datetime import timedelta

from functions.shared.errors import SettingError
from functions.shared.settings import FUNCTIONS as SETTINGS_OF
from functions.shared.settings import load, of
from infra.doctor import mails, records, spreadsheet
from infra.doctor.checks import Check, Seen, fault, ok, warning
from infra.doctor.system import System

_SHEET = ("route", "digest")
_SKEWED, _WRONG = timedelta(seconds=30), timedelta(minutes=5)


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
    *records.CHECKS,
    *spreadsheet.CHECKS,
    Check(
        "clock",
        "L'horloge de cette machine est à l'heure.",
        "Les heures du classeur sont fausses, et Google refuse l'identité.",
        "functions/route/drain.py",
        _clock,
        _SHEET,
    ),
    *mails.CHECKS,
)
