"""Makes the checks that were asked for, of a system and in scratch tabs."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from functions.shared.errors import AccueilError
from functions.shared.settings import SETTINGS
from functions.shared.sheets.google import SCOPES, GoogleWorkbook, open_workbook
from infra.doctor.basics import BASICS
from infra.doctor.checks import Check, Line, Seen, SkippedError, examine, fault, ok
from infra.doctor.live import LIVE
from infra.doctor.scratch import scratch
from infra.doctor.system import System

# Lets this program make a spreadsheet on trial, and delete it: no other file.
_FILES = "https://www.googleapis.com/auth/drive.file"
Announce = Callable[[Check[Any]], object]


@dataclass(frozen=True)
class Trial:
    """Where the live checks are made: a spreadsheet's id, and the key file of a second account.

    "" stands for the system's own spreadsheet, and for no second account.
    """

    spreadsheet: str = ""
    second: str = ""

    def open(self, system: System) -> tuple[GoogleWorkbook, GoogleWorkbook | None]:
        """The spreadsheet, and the same as the second account sees it.

        Raises:
            AccueilError: there is no identity to open it with, or its name is malformed.
            SkippedError: no spreadsheet is named.
        """
        api = system.setting("sheets_api")
        try:
            named = SETTINGS["spreadsheet"].parse(self.spreadsheet) if self.spreadsheet else ""
        except ValueError as error:
            raise AccueilError(
                f"--scratch : indiquez {SETTINGS['spreadsheet'].expected}."
            ) from error
        spreadsheet = named or system.setting("spreadsheet")
        workbook = open_workbook(spreadsheet, api, scopes=(*SCOPES, _FILES))
        if not self.second:
            return workbook, None
        return workbook, open_workbook(spreadsheet, api, key_file=self.second)


def examine_system(system: System, announce: Announce = lambda _: None) -> Iterator[Line[System]]:
    """The checks of a system as it stands."""
    return examine(_wanted(BASICS, system), system, announce)


def examine_live(
    system: System,
    opened: Callable[[], tuple[GoogleWorkbook, GoogleWorkbook | None]],
    announce: Announce = lambda _: None,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Line[Any]]:
    """The checks of Google's API. If they cannot be made, each is skipped, with the reason.

    Args:
        system: the system.
        opened: opens the spreadsheet, also as a second account sees it, see `Trial.open`.
        announce: is told of each check before it begins.
        sleep: waits for some seconds.
    """
    checks = _wanted(LIVE, system)
    left = list(checks)
    try:
        workbook, second = opened()
        with scratch(
            workbook, run=system.token(), clock=system.clock, sleep=sleep, second=second
        ) as made:
            for line in examine(checks, made, announce):
                left.remove(line.check)
                yield line
    except SkippedError as reason:
        seen = Seen("skipped", str(reason))
    except AccueilError as error:
        seen = fault(str(error))
    else:
        seen = ok("Les onglets d'essai sont retirés.")
    for check in left:
        yield Line(check, Seen("skipped", f"Voir d'abord : {SCRATCH.key}."))
    if checks:
        yield Line(SCRATCH, seen)


def _wanted(checks: Sequence[Check[Any]], system: System) -> list[Check[Any]]:
    return [check for check in checks if set(check.functions) & set(system.functions)]


SCRATCH: Check[Any] = Check(
    "scratch",
    "Des onglets d'essai se créent et se retirent.",
    "Le classeur ne peut pas être modifié, ou des onglets masqués sont à supprimer à la main.",
    "infra/doctor/scratch.py",
    lambda _: ok(""),
)
