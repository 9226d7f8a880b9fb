"""`accueil doctor`, `accueil access` and `accueil version`."""

import json
import os
import signal
import sys
from collections.abc import Generator, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import click

from functions.shared.access import PEOPLE_COLUMNS, compare
from functions.shared.errors import AccueilError, WorkbookError
from functions.shared.settings import SETTINGS
from functions.shared.version import VERSION
from infra.doctor import report
from infra.doctor.checks import FUNCTIONS, Check, Line
from infra.doctor.network import read_date, resolve
from infra.doctor.run import Trial, examine_live, examine_system
from infra.doctor.system import System
from infra.doctor.versions import Versions, deployed, differences
from infra.local.stack import settings as local_settings
from infra.options import Command, home_option, open_spreadsheet, port_option, spreadsheet_options
from infra.patience import patiently
from infra.terminal import plain
from sheets_schema import schema

_OPERATOR = "operator"  # the value of --mail-to without a value


def _local(command: Command) -> Command:
    """Give a command `--home` and `--port`, which lead to the system that `make run` started."""
    port = port_option("Où écoute « make run », avec --home")
    home = home_option(
        "Le système que « make run » fait tourner, par le dossier de son état (.local) ; sans "
        "cette option, les variables ACCUEIL_… disent lequel.",
        default=None,
    )
    return home(port(command))


def _environment(home: Path | None, port: int) -> Mapping[str, str]:
    """The settings of the system to look at.

    Raises:
        AccueilError: there is no system in the folder.
    """
    if home is None:
        return os.environ
    if not home.is_dir():
        raise AccueilError(f"Il n'y a pas de dossier {home} : lancez d'abord « make run ».")
    return local_settings(home.absolute(), f"http://127.0.0.1:{port}")


@click.command()
@click.option(
    "--live", is_flag=True, help="Essayer aussi l'API de Google, dans des onglets à part."
)
@click.option("--json", "as_json", is_flag=True, help="Le résultat pour un programme.")
@click.option(
    "--for",
    "functions",
    multiple=True,
    type=click.Choice(FUNCTIONS),
    help="Seulement ce qu'il faut à cette fonction ; sans cette option, aux trois.",
)
@click.option(
    "--mail-to",
    is_flag=False,
    flag_value=_OPERATOR,
    default="",
    metavar="[ADRESSE]",
    help="Envoyer un courriel d'essai ; sans adresse, à ACCUEIL_OPERATOR.",
)
@click.option("--dkim", "selectors", multiple=True, help="Le sélecteur DKIM du serveur d'envoi.")
@click.option(
    "--scratch",
    "scratch_id",
    default="",
    help="Avec --live, un autre classeur où essayer, vide par exemple.",
)
@click.option(
    "--second",
    type=click.Path(exists=True, dir_okay=False),
    default=None,
    help="Avec --live, la clé d'un second compte, pour voir ce que les protections empêchent.",
)
@_local
@click.pass_context
def doctor(
    ctx: click.Context,
    live: bool,
    as_json: bool,
    functions: tuple[str, ...],
    mail_to: str,
    selectors: tuple[str, ...],
    scratch_id: str,
    second: str | None,
    home: Path | None,
    port: int,
) -> None:
    """Dire si tout est en ordre, et quoi faire sinon.

    Ne change rien, sauf un objet d'essai du journal, dans doctor/, qui est retiré aussitôt. Avec
    --live, deux onglets masqués sont créés puis retirés, même après une erreur ou Ctrl-C ; comptez
    une centaine d'appels à Google, quelques minutes.

    Le résultat ne contient ni secret ni donnée personnelle : il peut être collé dans un rapport.
    Finit par une erreur (code 1) s'il y a un défaut.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that scratch tabs are removed
    recipient = _recipient(mail_to, _environment(home, port))
    system = System(
        _environment(home, port), resolve, read_date, functions or FUNCTIONS, recipient, selectors
    )
    now = system.clock()
    examined: list[Line[Any]] = []

    announce = partial(_announce, as_json=as_json)

    def examine_all() -> Generator[Line[Any]]:
        yield from examine_system(system, announce)
        if live:
            trial = Trial(scratch_id, second or "")
            yield from examine_live(system, lambda: trial.open(system), announce)

    if not as_json:
        click.echo(report.headline(now))
    with closing(examine_all()) as made:  # after Ctrl-C, too, scratch tabs are removed at once
        for line in made:
            examined.append(line)
            if not as_json:
                click.echo(report.lines(line))
    if as_json:
        click.echo(json.dumps(report.document(examined, now), ensure_ascii=False, indent=2))
    else:
        click.echo(report.ending(examined, live=live))
    if not report.is_sound(examined):
        ctx.exit(1)


def _announce(check: Check[Any], *, as_json: bool) -> None:
    """Say which check is being made: some take a minute."""
    if as_json:
        click.echo(f"{check.key}…", err=True)
    elif sys.stdout.isatty():
        click.echo(f"  {check.key}…\r", nl=False)  # the line that follows takes its place


def _recipient(mail_to: str, environ: Mapping[str, str]) -> str:
    """Who gets the mail on trial.

    Raises:
        AccueilError: the address is malformed, or no operator is named.
    """
    address = mail_to
    if mail_to == _OPERATOR:
        address = environ.get(SETTINGS["operator"].variable, "")
        if not address:
            raise AccueilError("Personne n'est nommé par ACCUEIL_OPERATOR : --mail-to=ADRESSE.")
    try:
        return str(SETTINGS["operator"].parse(address))
    except ValueError as error:
        raise AccueilError("--mail-to : indiquez une adresse, seule et sans nom.") from error


@click.command()
@_local
@spreadsheet_options
@click.pass_context
def access(ctx: click.Context, home: Path | None, port: int, spreadsheet: str, api: str) -> None:
    """Dire qui peut ouvrir le classeur, à côté de qui est dans Référents et Coordination.

    Montre des adresses : ne collez pas ce résultat dans un rapport public. Finit par une erreur
    (code 1) s'il y a quelque chose à corriger.
    """
    environ = _environment(home, port)
    if home is not None:
        spreadsheet = environ[SETTINGS["spreadsheet"].variable]
        api = environ[SETTINGS["sheets_api"].variable]
    workbook = open_spreadsheet(spreadsheet, api)
    # Drive refuses permissions of a spreadsheet that is not there, too, so open it first.
    reading = patiently(lambda: workbook.read({**PEOPLE_COLUMNS, "system": "all"}))
    permissions = patiently(workbook.permissions)
    if permissions is None:
        raise AccueilError(
            "Drive ne montre pas à cette identité avec qui le classeur est partagé. Donnez-lui le "
            "droit de le partager (Modification), et l'accès drive.metadata.readonly."
        )
    operator = environ.get(SETTINGS["operator"].variable, "").strip()
    found_access = compare(permissions, reading, [operator] if operator else [])
    count = found_access.count
    who_may = "personnes peuvent" if count > 1 else "personne peut"
    click.echo(f"{count} {who_may} ouvrir le classeur.")
    for words, who in (
        ("À qui il est", found_access.owners),
        ("Comptes de service", found_access.services),
        ("Groupes, dont les membres ne se voient pas ici", found_access.groups),
    ):
        if who:
            click.echo(plain(f"{words} : {', '.join(who)}."))
    for sentence in found_access.sentences():
        click.echo(plain(f"✗ {sentence}"))
    if not found_access.is_as_wanted:
        ctx.exit(1)
    click.echo("Aucune n'est inconnue, et personne ne manque : rien à changer.")


@click.command()
@click.option(
    "--against",
    "url",
    default="",
    metavar="ADRESSE|PILE",
    help="L'adresse du formulaire déployé, ou le nom de la pile, pour comparer.",
)
@_local
@spreadsheet_options
@click.pass_context
def version(
    ctx: click.Context, url: str, home: Path | None, port: int, spreadsheet: str, api: str
) -> None:
    """Dire les versions du code, des schémas et du classeur, et ce qui diffère.

    Finit par une erreur (code 1) si quelque chose diffère, ou ne se lit pas.
    """
    environ = _environment(home, port)
    if home is not None:
        url = url or f"http://127.0.0.1:{port}/intake"
        spreadsheet = environ[SETTINGS["spreadsheet"].variable]
        api = environ[SETTINGS["sheets_api"].variable]
    click.echo(f"Code        {VERSION}")
    click.echo(f"Schémas     {schema.VERSION}")
    running = deployed(url) if url else None
    if running is not None:
        click.echo(plain(f"Fonctions   {running.version} ({running.code})"))
    workbook, faults = None, []
    if spreadsheet:
        try:
            opened = open_spreadsheet(spreadsheet, api)
            workbook = patiently(lambda: opened.read({"system": "all"})).version
        except WorkbookError as error:
            faults.append(str(error))
        click.echo(f"Classeur    {'illisible' if workbook is None else workbook}")
    skewed = [*faults, *differences(Versions(running, workbook))]
    for sentence in skewed:
        click.echo(plain(f"✗ {sentence}"))
    if skewed:
        ctx.exit(1)
