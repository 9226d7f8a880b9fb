"""`accueil`: the operator's command."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import click

from functions.shared.errors import AccueilError
from functions.shared.settings import FUNCTIONS, SETTINGS, of
from infra.local.access import LOCAL_KEY
from infra.local.state import empty
from infra.options import (
    home_option,
    journal_option,
    open_address,
    open_spreadsheet,
    port_option,
    spreadsheet_options,
)
from infra.terminal import agrees, plain
from sheets_schema.place import PLACE

if TYPE_CHECKING:
    from functions.shared.sheets.google import GoogleWorkbook
    from sheets_schema.plan import Change

_home = home_option("Le dossier où l'état est gardé (variable ACCUEIL_HOME).")


# Commands that have a module of their own, imported when one is called.
_ELSEWHERE = {
    "access": "infra.doctor.commands.access",
    "cloud": "infra.cloud.commands.cloud",
    "digest": "infra.digest.digest",
    "doctor": "infra.doctor.commands.doctor",
    "import": "infra.lists.commands.import_list",
    "journal": "infra.journal.journal",
    "key": "infra.site.commands.key",
    "qr": "infra.site.commands.qr",
    "referent": "infra.referents.referent",
    "routing": "infra.routing.commands.routing",
    "site": "infra.site.commands.site",
    "version": "infra.doctor.commands.version",
}


class _Group(click.Group):
    """Shows our errors as the sentences that they carry, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  (click's own signature)
        try:
            return super().invoke(ctx)
        except AccueilError as error:
            raise click.ClickException(str(error)) from error
        except KeyboardInterrupt:
            click.echo("Interrompu.", err=True)
            ctx.exit(130)  # as in a shell: 128 plus the number of the signal

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *_ELSEWHERE])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in _ELSEWHERE:
            module, _, name = _ELSEWHERE[cmd_name].rpartition(".")
            command: click.Command = getattr(import_module(module), name)
            return command
        return super().get_command(ctx, cmd_name)


@click.group(
    cls=_Group,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=f"Accueil : le système d'accueil « {PLACE.programme} ».",
)
def main() -> None:
    """The operator's command."""


@main.command()
@port_option("Où écouter, sur cette machine")
@_home
def run(port: int, home: Path) -> None:
    """Faire tourner tout le système sur cette machine."""
    from functions.shared import stopping
    from infra.local.stack import running

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with running(home, port) as base:
        click.echo(f"Accueil        {base}/")
        click.echo(f"Formulaire     {base}/intake")
        click.echo(f"Classeur       {base}/classeur")
        click.echo(f"Courriels      {base}/courriels")
        click.echo(f"API Sheets     {base}/google/v4/spreadsheets/demo")
        click.echo(
            f"Journal        accueil journal --journal {(home.absolute() / 'journal').as_uri()}"
        )
        click.echo(f"Contrôle       accueil doctor --home {home} --port {port}")
        click.echo(f"État gardé dans {home}. Ctrl-C arrête tout.")
        sys.stdout.flush()
        stop.wait()
        stopping.end_in_time()
        stopping.stop()


@main.command()
@_home
def clean(home: Path) -> None:
    """Oublier l'état gardé sur cette machine : journal, courriels, classeur."""
    click.echo(empty(home))


@main.command()
@click.option(
    "--requests",
    "count",
    type=click.IntRange(min=1),
    default=200,
    show_default=True,
    help="Combien en envoyer.",
)
@port_option("Où écoute « make run »")
@click.option("--url", help="Un autre formulaire, par exemple http://127.0.0.1:8080/intake.")
@click.option(
    "--key",
    default=LOCAL_KEY,
    envvar="ACCUEIL_API_KEY",
    help="La clé d'API, pour un autre formulaire (variable ACCUEIL_API_KEY).",
)
@click.option("--seed", default=None, type=int, help="Pour refaire les mêmes.")
def demo(count: int, port: int, url: str | None, key: str, seed: int | None) -> None:
    """Envoyer des demandes fictives au formulaire, comme un jour de salon."""
    from infra.local.demo import send, submissions

    made = list(submissions(count, Random(seed)))
    with click.progressbar(length=count, label="Envoi") as bar:
        for _ in send(made, url or f"http://127.0.0.1:{port}/intake", key):
            bar.update(1)
    click.echo(f"{count} demande{'s acceptées' if count > 1 else ' acceptée'}.")


@main.command(
    help=f"""Refaire le fichier des communes d'un département, {PLACE.department} sans autre code.

    Les données viennent du paquet npm officiel @etalab/decoupage-administratif, les anciens noms
    et codes aussi de sa version 0.8.0, la dernière qui ait l'historique depuis 1943. Sans réseau,
    apportez les deux : « npm pack » sur une autre machine, puis --package et --history ici.

    Pour un autre département, décrivez-le ensuite dans sheets_schema/data/place.json : c'est ce
    fichier qui choisit les communes, les mots et les couleurs (docs/place.md)."""
)
@click.argument("department", default=PLACE.department)
@click.option(
    "--package",
    type=click.Path(path_type=Path, exists=True),
    help="Le paquet npm, dossier ou .tgz ; sans cette option, npm le télécharge.",
)
@click.option(
    "--history",
    type=click.Path(path_type=Path, exists=True),
    help="Sa version 0.8.0, de même.",
)
def communes(department: str, package: Path | None, history: Path | None) -> None:
    """Write the communes' file."""
    from infra.communes import rebuild

    path = rebuild(department, package, history, datetime.now(UTC).date().isoformat())
    click.echo(f"Écrit : {path}")
    if department != PLACE.department:
        click.echo(
            f"Le système est encore celui du département {PLACE.department} : décrivez l'autre "
            "dans sheets_schema/data/place.json (docs/place.md)."
        )


@main.group()
@spreadsheet_options
@click.pass_context
def sheet(ctx: click.Context, spreadsheet: str, api: str) -> None:
    """Préparer le classeur : onglets, en-têtes, listes de choix, protections."""
    # Open the spreadsheet when a command asks for it, because --help needs none.
    ctx.obj = partial(open_spreadsheet, spreadsheet, api)


@sheet.command(name="plan")
@click.pass_obj
def plan_command(workbook: "Callable[[], GoogleWorkbook]") -> None:
    """Montrer ce que « apply » changerait, sans rien changer."""
    from infra.patience import patiently
    from infra.workbook import planned

    opened = workbook()
    changes = patiently(lambda: planned(opened))
    _say(changes)
    count = len(changes)
    click.echo(f"{count} changement(s) à faire." if count else "Rien à changer.")


@sheet.command(name="apply")
@click.option(
    "--yes", is_flag=True, help="Remettre sans demander ce que quelqu'un a changé dans le classeur."
)
@click.pass_obj
def apply_command(workbook: "Callable[[], GoogleWorkbook]", yes: bool) -> None:
    """Faire ces changements, tous ou aucun ; ce qui est aux partenaires reste tel quel.

    Ce qui manque est ajouté. Ce que quelqu'un a changé (liste de choix, en-tête, protection) n'est
    remis qu'après votre accord. Les vues filtrées viennent ensuite, à part.
    """
    from infra.patience import patiently
    from infra.workbook import apply_patiently, planned

    opened = workbook()
    changed = [] if yes else [c for c in patiently(lambda: planned(opened)) if c.overrules]
    if changed:
        click.echo("Changé depuis dans le classeur :")
        _say(changed)
    # The workbook is read once more, and what somebody changes in between is not overruled.
    consent = {item for change in changed for item in change.drifts}
    if changed and not agrees(f"Remettre cela aussi ({len(changed)}) ?"):
        consent = set()
    changes = apply_patiently(opened, lambda c: yes or not c.overrules or consent >= {*c.drifts})
    for change in changes:
        click.echo(f"  {change.sentence}")
    click.echo(f"{len(changes)} changement(s) fait(s)." if changes else "Rien à changer.")


def _say(changes: "Sequence[Change]") -> None:
    """Show changes, each with what people did that it undoes."""
    for change in changes:
        click.echo(f"  {change.sentence}")
        for drift in change.drifts:
            click.echo(plain(f"      {drift.place} : {drift.sentence}"))


@sheet.command(name="adopt")
@click.argument("spreadsheet", metavar="CLASSEUR", default="")
@journal_option
@click.option("--sheet", "name", default="", help="L'onglet qui devient « Demandes ».")
@click.option(
    "--mapping",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("correspondances.json"),
    show_default=True,
    help="Le fichier de ce que vous avez décidé pour les colonnes.",
)
@click.option("--remember", "keep", is_flag=True, help="Y ajouter cet onglet, pour le corriger.")
@click.option(
    "--html",
    "page",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="Écrire l'aperçu comme une page à ouvrir dans un navigateur.",
)
@click.option("--correct", is_flag=True, help="Faire aussi les corrections sûres de l'aperçu.")
@click.option("--undo", "undone", is_flag=True, help="Annuler, jusqu'au premier passage.")
@click.option("--dry-run", is_flag=True, help="Montrer seulement, ne rien changer.")
@click.option("--yes", is_flag=True, help="Ne pas demander de confirmation.")
@click.pass_context
def adopt_command(
    ctx: click.Context,
    spreadsheet: str,
    address: str,
    name: str,
    mapping: Path,
    keep: bool,
    page: Path | None,
    correct: bool,
    undone: bool,
    dry_run: bool,
    yes: bool,
) -> None:
    """Faire du tableau d'un partenaire le classeur du système.

    Montre d'abord tout, et demande avant d'écrire. Ses colonnes, leurs en-têtes, leur ordre, ses
    autres onglets et ce qui y est écrit restent tels quels ; ce qui manque est ajouté. Chaque ligne
    existante reçoit une référence et rien d'autre : personne n'est désigné ni prévenu
    (docs/guide-import.md).

    CLASSEUR : son identifiant ou son adresse ; à défaut --spreadsheet.
    """
    from secrets import randbits

    from functions.shared.reference import RANDOM_BITS
    from infra.lists.adoption import Wishes, adopt, undo

    api = ctx.parent.params["api"] if ctx.parent else ""
    workbook = open_spreadsheet(spreadsheet, api) if spreadsheet else ctx.obj()
    journal = open_address(address)
    if undone:
        undo(journal, workbook, yes=yes)
        return
    wishes = Wishes(name, mapping, keep, page, correct, dry_run, yes)
    adopt(journal, workbook, wishes, lambda: randbits(RANDOM_BITS))


@sheet.command(name="accept")
@journal_option
@click.option("--yes", is_flag=True, help="Ne pas demander de confirmation.")
@click.pass_obj
def accept_command(workbook: "Callable[[], GoogleWorkbook]", address: str, yes: bool) -> None:
    """Écrire désormais dans une copie du classeur, ou dans une version restaurée."""
    from infra.journal import accept

    accept(open_address(address), workbook(), yes=yes)


@sheet.command(name="realign")
@journal_option
@click.option("--dry-run", is_flag=True, help="Montrer seulement, ne rien changer.")
@click.pass_obj
def realign_command(workbook: "Callable[[], GoogleWorkbook]", address: str, dry_run: bool) -> None:
    """Remettre dans leurs colonnes les cellules qui n'y sont pas.

    Si quelqu'un déplace une colonne à l'instant où le système écrit, les cellules des nouvelles
    demandes se retrouvent décalées ; À vérifier les nomme. Commencez par --dry-run, puis mettez le
    classeur en Pause (onglet Coordination).
    """
    from infra.realign import realign

    realign(open_address(address), workbook(), dry_run=dry_run)


@main.command(name="sheets-emulator")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=9099,
    show_default=True,
    help="Où écouter, sur cette machine ; 0 : un port libre.",
)
@click.option(
    "--state",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Un fichier où garder les classeurs ; sans cette option, en mémoire.",
)
@click.option(
    "--quota",
    default="none",
    show_default=True,
    help="Appels par minute : none, real (ceux de Google), ou LECTURES/ÉCRITURES par compte.",
)
@click.option("--latency", help="Durée d'un appel en ms : 250, ou p50=250,p99=1500.")
@click.option(
    "--faults",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Un fichier JSON : la liste des pannes (infra/emulator/README.md).",
)
@click.option(
    "--append-race",
    is_flag=True,
    help="Les « values.append » simultanés s'écrasent, comme on le rapporte de Google.",
)
@click.option("--seed", default=0, show_default=True, help="Pour refaire les mêmes hasards.")
def sheets_emulator(
    port: int,
    file: Path | None,
    quota: str,
    latency: str | None,
    faults: Path | None,
    append_race: bool,
    seed: int,
) -> None:
    """Faire tourner seule l'API Sheets locale, avec les défauts de la vraie si on veut.

    Ils se changent en route par PUT /_emulator/faults (infra/emulator/README.md).
    """
    from infra.emulator.app import create_app
    from infra.emulator.misbehaviour.conduct import Misbehaviour
    from infra.emulator.server import Server
    from infra.emulator.store import Store
    from infra.local.listening import listen
    from infra.local.people import TITLES
    from infra.local.state import kept
    from infra.sheets_emulator import misbehave

    with kept(file) if file else closing(Store()) as store:
        misbehaviour = Misbehaviour(store, titles=TITLES)
        misbehave(
            misbehaviour,
            quota=quota,
            latency=latency,
            faults=faults,
            append_race=append_race,
            seed=seed,
        )
        server = listen(Server, create_app(store, gate=misbehaviour), port)
        click.echo(f"{server.url}/v4/spreadsheets – Ctrl-C arrête.")
        sys.stdout.flush()
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        server.serve_forever()  # returns after a KeyboardInterrupt
        click.echo("Arrêté.")


@main.command()
def settings() -> None:
    """Dire tous les réglages des fonctions : variables d'environnement."""
    for name, setting in SETTINGS.items():
        used_by = [function for function, settings in FUNCTIONS.items() if name in of(settings)]
        here = " (défini)" if setting.variable in os.environ else ""
        click.echo(f"{setting.variable}{here}")
        click.echo(f"    {setting.expected}")
        if setting.default:
            click.echo(f"    sans elle : {setting.default}")
        click.echo(f"    pour : {', '.join(used_by)}")
