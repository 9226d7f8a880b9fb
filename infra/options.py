"""Options that several commands share, and functions that open what they name."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from functions.shared.errors import AccueilError
from functions.shared.settings import GOOGLE_SHEETS_API, SETTINGS
from infra.local.state import DEFAULT_HOME

if TYPE_CHECKING:
    from functions.shared.journal.store import Journal
    from functions.shared.sheets.google import GoogleWorkbook

Command = TypeVar("Command", bound=Callable[..., Any])


def spreadsheet_options(command: Command) -> Command:
    """Give a command `--spreadsheet` and `--api`."""
    api = click.option(
        "--api",
        envvar=SETTINGS["sheets_api"].variable,
        default=GOOGLE_SHEETS_API,
        show_default=True,
        help="L'API Sheets (variable ACCUEIL_SHEETS_API).",
    )
    spreadsheet = click.option(
        "--spreadsheet",
        envvar=SETTINGS["spreadsheet"].variable,
        default="",
        help="Identifiant ou adresse du classeur (variable ACCUEIL_SPREADSHEET).",
    )
    return spreadsheet(api(command))


def port_option(use: str) -> Callable[[Command], Command]:
    """Give a command `--port`, the port of `make run`; `use` says in its help what it is for."""
    return click.option(
        "--port",
        type=click.IntRange(1, 65535),
        default=8080,
        envvar="PORT",
        show_default=True,
        help=f"{use} (variable PORT).",
    )


def home_option(use: str, default: Path | None = DEFAULT_HOME) -> Callable[[Command], Command]:
    """Give a command `--home`, the folder of the state; `use` says in its help what it is for."""
    return click.option(
        "--home",
        type=click.Path(path_type=Path, file_okay=False),
        default=default,
        envvar="ACCUEIL_HOME" if default else None,
        show_default=default is not None,
        help=use,
    )


journal_option = click.option(
    "--journal",
    "address",
    envvar=SETTINGS["journal"].variable,
    default="",
    help="L'adresse du journal (variable ACCUEIL_JOURNAL).",
)


def open_spreadsheet(spreadsheet: str, api: str) -> "GoogleWorkbook":
    """Open the spreadsheet that options or variables name.

    Raises:
        AccueilError: they name no spreadsheet, or there is no identity to open it with.
    """
    from functions.shared.sheets.google import open_workbook

    return open_workbook(
        _checked("spreadsheet", "--spreadsheet", spreadsheet), _checked("sheets_api", "--api", api)
    )


def open_address(address: str) -> "Journal":
    """Open the journal that an option or a variable names.

    Raises:
        AccueilError: it names no journal.
    """
    from functions.shared.journal.store import open_journal

    return open_journal(_checked("journal", "--journal", address))


def _checked(setting: str, option: str, value: str) -> str:
    try:
        checked: str = SETTINGS[setting].parse(value)
    except ValueError as error:
        raise AccueilError(f"Indiquez avec {option} {SETTINGS[setting].expected}.") from error
    return checked
