"""`accueil digest`: what goes to whom on Monday; to look at it, and to send it again."""

import html
import os
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from functions.digest.handler import Digest
from functions.digest.sending import Letter, Outcome
from functions.digest.weeks import Week, last_week, parse_week
from functions.digest.wiring import open_digest
from functions.shared.errors import AccueilError
from functions.shared.mail.letter import Mail
from infra.options import port_option
from infra.patience import patiently
from infra.terminal import plain

_STATES = {
    "sent": "déjà envoyé",
    "unsure": "envoi non confirmé : --force le renvoie",
    "planned": "prévu, pas encore parti",
    None: "à envoyer",
}
_OUTCOMES: tuple[tuple[Outcome, str], ...] = (
    ("sent", "envoyé(s)"),
    ("already_sent", "déjà envoyé(s)"),
    ("unsure", "sans confirmation : le serveur les a peut-être pris"),
    ("failed", "pas parti(s) : recommencez dans quelques minutes"),
)
_KINDS = {"coordinator": "coordination", "referent": "référent ou référente"}


@click.command(name="digest")
@click.option("--week", "name", help="La semaine ISO, 2026-W48 ; sans cette option, la dernière.")
@click.option("--to", "address", default="", help="Seulement à cette adresse.")
@click.option(
    "--preview", is_flag=True, help="Ouvrir les courriels ; rien ne part, rien n'est noté."
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="Avec --preview : écrire les pages dans ce dossier, sans les ouvrir.",
)
@click.option("--force", is_flag=True, help="Renvoyer ce qui est déjà parti ; demande --to.")
@click.option("--yes", is_flag=True, help="Ne pas demander de confirmation.")
@click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    help="L'état de « make run » (.local) : prendre ses réglages, au lieu des variables.",
)
@port_option("Avec --home : où écoute « make run »")
def digest(
    name: str | None,
    address: str,
    preview: bool,
    output: Path | None,
    force: bool,
    yes: bool,
    home: Path | None,
    port: int,
) -> None:
    """Voir les courriels du lundi, ou les envoyer à ceux qui ne les ont pas reçus.

    Les réglages sont les variables de la fonction digest (« accueil settings »). Chaque personne
    reçoit un seul courriel par semaine ; --force, avec --to, en renvoie un.
    """
    if force and not address:
        raise click.UsageError("--force renvoie un seul courriel : indiquez --to ADRESSE.")
    preview = preview or output is not None
    if force and preview:
        raise click.UsageError("--preview n'envoie rien : --force n'y change rien.")
    function = _function(home, port)
    if preview:  # links are kept in the journal, and nothing is to be noted
        function = replace(function, intake_url="")
    week = _week(name)
    if refused := function.refusal(week, preview=preview):
        raise AccueilError(refused)
    letters = _chosen(patiently(lambda: function.letters(week, preview=preview)), address)
    if preview:
        _show(letters, output)
    else:
        _send(function, week, letters, force=force, yes=yes)


def _function(home: Path | None, port: int) -> Digest:
    if home is None:
        return open_digest(os.environ)
    from infra.local.stack import settings  # noqa: PLC0415  (loads the whole local system)

    return open_digest(settings(home.absolute(), f"http://127.0.0.1:{port}"))


def _week(name: str | None) -> Week:
    if name is None:
        return last_week(datetime.now(UTC))
    try:
        return parse_week(name)
    except ValueError as error:
        raise AccueilError("Indiquez avec --week une semaine ISO, par exemple 2026-W48.") from error


def _chosen(letters: Sequence[Letter], address: str) -> list[Letter]:
    """The letters to an address, or all of them."""
    wanted = address.strip().casefold()
    chosen = [mail for mail in letters if wanted in ("", mail.recipient.email.casefold())]
    if address and not chosen:
        raise AccueilError(
            f"Aucun courriel pour {address} : l'adresse n'est ni dans Coordination ni dans "
            "Référents, ne veut pas du courriel du lundi, ou n'a rien à faire cette semaine."
        )
    return chosen


def _show(letters: Sequence[Letter], output: Path | None) -> None:
    """Write each mail as a page, and a page that leads to them; open that page."""
    folder = output or Path(tempfile.mkdtemp(prefix="accueil-courriels-"))
    folder.mkdir(parents=True, exist_ok=True)
    entries = []
    for number, letter in enumerate(letters, start=1):
        mail, file = letter.make(), f"{number:03}.html"
        (folder / file).write_text(mail.html, "utf-8")
        (folder / f"{number:03}.txt").write_text(mail.text, "utf-8")
        entries.append(_entry(file, letter, mail))
        click.echo(f"{plain(letter.recipient.email)} : {plain(mail.subject)}")
    index = folder / "index.html"
    index.write_text(_INDEX.format("\n".join(entries)), "utf-8")
    count = len(letters)
    said = (
        f"{count} courriel{'s' if count > 1 else ''}, rien n'est parti"
        if count
        else "Aucun courriel"
    )
    click.echo(f"{said} : {index}")
    if output is None and count:
        click.launch(str(index))


def _entry(file: str, letter: Letter, mail: Mail) -> str:
    to = html.escape(f"{letter.recipient.name} <{letter.recipient.email}>".strip())
    return f'<li><a href="{file}">{html.escape(mail.subject)}</a><br>{to}</li>'


_INDEX = """<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><title>Courriels du lundi</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto;
padding: 0 1rem }} li {{ margin: 0 0 .75rem }}</style></head>
<body><h1>Courriels du lundi</h1><p>Rien n'est parti.</p><ol>{}</ol></body></html>
"""


def _send(
    function: Digest, week: Week, letters: Sequence[Letter], *, force: bool, yes: bool
) -> None:
    states = function.sending.states(week, [letter.recipient for letter in letters])
    due = [letter for letter in letters if force or states[letter.recipient] in (None, "planned")]
    click.echo(f"Courriels de la semaine {week.name} :")
    for letter in letters:
        state = "à renvoyer" if force else _STATES[states[letter.recipient]]
        who = f"{plain(letter.recipient.email)} ({_KINDS[letter.recipient.kind]})"
        click.echo(f"  {who} : {state}")
    if not due:
        click.echo("Rien à envoyer.")
        return
    count = len(due)
    asked = f"Envoyer {count} courriel{'s' if count > 1 else ''} ?"
    if not yes and not click.confirm(asked, default=False):
        click.echo("Rien n'est parti.")
        return
    outcomes = function.send(week, due, force=force)
    for outcome, words in _OUTCOMES:
        if outcomes[outcome]:
            click.echo(f"{outcomes[outcome]} {words}.")
    if outcomes["failed"]:
        raise click.exceptions.Exit(1)
