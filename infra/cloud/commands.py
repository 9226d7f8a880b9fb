"""`accueil cloud`: deploy the system to Google Cloud, go back, remove it (docs/deploy.md)."""

import hashlib
import json
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
import requests

from functions.intake.callers import hash_key
from functions.shared.errors import AccueilError, SettingError
from functions.shared.settings import SETTINGS
from infra.cloud import archive as archives
from infra.cloud import steps
from infra.cloud.carrying_out import Runner, Shown, StepError, Walk, script
from infra.cloud.identity import acting_as
from infra.cloud.revisions import Deployed, deployment_name, previous
from infra.cloud.rights import ACTED_AS, FUNCTIONS
from infra.cloud.stack import Stack, load, refuse_example
from infra.cloud.steps import Step
from infra.options import open_spreadsheet, spreadsheet_options
from sheets_schema.tab import read_table, tab

_stack = click.argument("name", metavar="PILE")
_dry_run = click.option("--dry-run", is_flag=True, help="Montrer les commandes, ne rien faire.")
_yes = click.option("--yes", is_flag=True, help="Ne pas demander de confirmation.")
_ACCESS = ("secrets", "versions", "access", "latest")
_DEFAULT_LENGTH = 32  # bytes of a secret that we draw


@click.group()
def cloud() -> None:
    """Mettre le système sur Google Cloud, revenir en arrière, le retirer (docs/deploy.md).

    PILE est le nom d'un fichier de infra/cloud/stacks/ : lot, essai…
    """


cloud.add_command(archives.main, "archive")


@cloud.command()
@_stack
@_dry_run
@_yes
def deploy(name: str, dry_run: bool, yes: bool) -> None:
    """Déployer, pour la première fois ou une nouvelle version.

    Ce qui s'est arrêté en route reprend : relancez la commande.
    """
    stack = load(name)
    refuse_example(stack)
    _walk(stack, lambda stack: steps.deploy(stack, yes=yes), dry_run=dry_run, yes=yes)


@cloud.command()
@_stack
@_dry_run
def rollback(name: str, dry_run: bool) -> None:
    """Remettre les fonctions du déploiement d'avant ; rien ne se perd.

    Une seconde fois remonte d'un déploiement encore. Le prochain reprend la dernière version.
    """
    stack = load(name)
    _check_tools("gcloud")
    revisions = previous({function: _deployed(stack, function) for function in FUNCTIONS})
    _walk(stack, lambda stack: steps.rollback(stack, revisions), dry_run=dry_run)


@cloud.command()
@_stack
@click.option("--with-journal", is_flag=True, help="Retirer aussi le journal et ce qui y attend.")
@_dry_run
def destroy(name: str, with_journal: bool, dry_run: bool) -> None:
    """Retirer les fonctions. Le journal reste, et le classeur dans tous les cas."""
    stack = load(name)
    if with_journal and not dry_run:
        click.echo(
            f"Le journal de {stack.project} va disparaître, avec les demandes qui n'ont pas encore "
            "leur ligne : « accueil journal » les compte."
        )
        if click.prompt(f"Pour continuer, tapez {stack.name}") != stack.name:
            raise AccueilError("Rien n'a été retiré.")
    _walk(stack, lambda stack: steps.destroy(stack, with_journal=with_journal), dry_run=dry_run)


@cloud.command()
@_stack
@click.argument("secret", metavar="SECRET")
@click.option("--draw", is_flag=True, help="Le tirer au hasard, sans rien demander.")
def secret(name: str, secret: str, draw: bool) -> None:
    """Donner un secret, ou le changer ; il part droit dans Secret Manager.

    La fonction le prend au prochain déploiement. Les courriels ont un secret par fonction, de même
    contenu : accueil-route-mail et accueil-digest-mail.
    """
    stack = load(name)
    fields = {
        secret_id: variable
        for function in FUNCTIONS
        for variable, secret_id in stack.secrets(function).items()
    }
    if secret not in fields:
        raise AccueilError(f"« {secret} » n'est pas un secret de cette pile : {', '.join(fields)}.")
    variable = fields[secret]
    drawn = draw or variable == SETTINGS["secrets"].variable
    text = secrets.token_urlsafe(_DEFAULT_LENGTH) if drawn else _asked(variable)
    _give(stack, secret, text)
    click.echo(f"{secret} : gardé dans Secret Manager.")


@cloud.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@_stack
@click.argument("words", metavar="COMMANDE", nargs=-1, required=True, type=click.UNPROCESSED)
@click.pass_context
def on(ctx: click.Context, name: str, words: tuple[str, ...]) -> None:
    """Lancer une autre commande de « accueil » sur le système d'une pile.

    Elle a les réglages et les secrets des trois fonctions, et agit sous l'identité de route : par
    exemple « accueil cloud on lot doctor » ou « accueil cloud on lot journal list ».
    """
    stack = load(name)
    _check_tools("gcloud")
    environ: dict[str, str] = {}
    for function in FUNCTIONS:
        environ |= stack.environment(function)
        environ |= {
            variable: _gcloud(
                [*_ACCESS, f"--secret={secret_id}", f"--project={stack.project}"],
                f"Le secret {secret_id} n'est pas lisible",
            )
            for variable, secret_id in stack.secrets(function).items()
        }
    with acting_as(stack.account(ACTED_AS)) as identity:
        ended = Runner()(["accueil", *words], {**environ, **identity}, Shown.ALL)
    ctx.exit(ended.code)


@cloud.command()
@_stack
@click.option(
    "--archive",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="L'archive des sources ; sinon, elle est faite d'ici.",
)
def build(name: str, archive: Path | None) -> None:
    """Faire construire l'image des fonctions par Google, et dire son nom."""
    from infra.cloud.building import Builder

    stack = load(name)
    with tempfile.TemporaryDirectory() as folder:
        source = archive or _archive(Path(folder, "source.zip"), stack)
        stored = f"{hashlib.sha256(source.read_bytes()).hexdigest()[:32]}.zip"
        where = f"gs://{stack.bucket('sources')}/{stored}"
        _gcloud(["storage", "cp", str(source), where], "Les sources n'ont pas pu être envoyées")
    token = _gcloud(["auth", "print-access-token"], "gcloud ne connaît personne")
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {token}"
        session.headers["X-Goog-User-Project"] = stack.project
        image = Builder(session, lambda line: click.echo(line, err=True)).build(stack, stored)
    click.echo(f"{image.uri} {image.base}")


@cloud.command()
@spreadsheet_options
@click.option("--url", required=True, help="L'adresse du formulaire.")
@click.option(
    "--key",
    required=True,
    envvar="ACCUEIL_API_KEY",
    help="Une clé d'API (variable ACCUEIL_API_KEY).",
)
def smoke(spreadsheet: str, api: str, url: str, key: str) -> None:
    """Suivre une demande d'essai du formulaire à sa ligne, puis supprimer la ligne."""
    from infra.cloud.smoke import Smoke, send

    workbook = open_spreadsheet(spreadsheet, api)
    Smoke(lambda: send(url, key), workbook, lambda: datetime.now(UTC), time.sleep, click.echo)()


@cloud.command()
@spreadsheet_options
def fill(spreadsheet: str, api: str) -> None:
    """Remplir un classeur d'essai de personnes fictives, s'il ne l'est pas encore."""
    from infra.local import seed

    workbook = open_spreadsheet(spreadsheet, api)
    reading = workbook.read({"referents": "all"})
    if read_table(tab("referents"), reading.tabs["referents"].grid, reading.version).rows:
        click.echo("L'onglet Référents n'est pas vide : rien à faire.")
        return
    seed.add_people(workbook)
    click.echo("Rempli de personnes fictives.")


def _walk(
    stack: Stack, plan: Callable[[Stack], Sequence[Step]], *, dry_run: bool, yes: bool = False
) -> None:
    planned = plan(stack)
    if dry_run:
        for line in script(planned):
            click.echo(line)
        return
    used = {step.command[0] for step in planned}
    _check_tools(*(tool for tool in steps.TOOLS if tool in used))
    key = secrets.token_urlsafe(_DEFAULT_LENGTH)
    kept = {
        "key": key,
        "key_hash": hash_key(key),
        "deployment": deployment_name(datetime.now(UTC)),
    }
    Walk(Runner(), lambda text: yes or click.confirm(text), click.echo, acting_as, kept).take(
        planned
    )
    click.echo("Fait.")


def _check_tools(*tools: str) -> None:
    missing = [steps.TOOLS[tool] for tool in tools if shutil.which(tool) is None]
    if missing:
        raise AccueilError("\n".join(missing))


def _deployed(stack: Stack, function: str) -> Deployed:
    where = (f"--region={stack.region}", f"--project={stack.project}", "--format=json")
    service = f"accueil-{function}"
    described = _gcloud(
        ["run", "services", "describe", service, *where], f"{function} est introuvable"
    )
    listed = _gcloud(
        ["run", "revisions", "list", f"--service={service}", *where],
        f"Les versions de {function} sont introuvables",
    )
    return Deployed(json.loads(described), json.loads(listed))


def _gcloud(words: Sequence[str], failure: str) -> str:
    outcome = Runner()(["gcloud", *words], {}, Shown.NOTHING)
    if outcome.code:
        raise StepError(f"{failure} : {outcome.output.strip()}")
    return outcome.output.strip()


def _asked(variable: str) -> str:
    setting = next(setting for setting in SETTINGS.values() if setting.variable == variable)
    text: str = click.prompt(f"{variable}, {setting.expected}", hide_input=True)
    try:
        setting.read({variable: text})
    except SettingError as error:
        raise AccueilError(str(error)) from error
    return text


def _give(stack: Stack, secret: str, text: str) -> None:
    """Hand a secret to gcloud by its standard input: it stands in no list of processes."""
    ended = subprocess.run(  # noqa: S603
        [  # noqa: S607
            "gcloud",
            "secrets",
            "versions",
            "add",
            secret,
            f"--project={stack.project}",
            "--data-file=-",
        ],
        input=text,
        text=True,
        capture_output=True,
        check=False,
    )
    if ended.returncode:
        raise StepError(f"{secret} n'a pas pu être gardé : {ended.stderr.strip()}")


def _archive(path: Path, stack: Stack) -> Path:
    archives.build(path, ["ses"] if stack.ses_region else [])
    return path
