"""`accueil journal`: what waits, what is set aside, and what to do about it."""

from datetime import UTC, datetime, timedelta

import click

from functions.shared.errors import AccueilError
from functions.shared.journal import operator
from functions.shared.journal.store import Journal
from functions.shared.mail.refused import RefusedAddresses
from functions.shared.sheets.google import GoogleWorkbook
from infra.options import journal_option, open_address, open_spreadsheet, spreadsheet_options
from infra.patience import patiently
from infra.terminal import confirm, plain


@click.group(invoke_without_command=True)
@journal_option
@click.pass_context
def journal(ctx: click.Context, address: str) -> None:
    """Voir ce qui attend d'être écrit, ce qui est mis à part, et y remédier.

    Sans commande : la liste. Rien de personnel n'y figure ; « show » montre une demande.
    """
    ctx.obj = address
    if ctx.invoked_subcommand is None:
        _list(open_address(address))


def _list(opened: Journal) -> None:
    stock, now = operator.inventory(opened), datetime.now(UTC)
    for title, items in (
        ("en attente", stock.pending),
        ("mises à part (quarantaine)", stock.quarantined),
    ):
        click.echo(f"Demandes {title} : {len(items)}")
        for item in items:
            age = item.age(now)
            said = f"depuis {_in_words(age)}" if age is not None else ""
            click.echo(f"  {item.reference or item.name[:12]:14} {said:22} {item.reason}".rstrip())
    click.echo(f"Demandes écrites, encore en mémoire : {stock.filed}")
    click.echo(f"Lots écrits : {stock.settled}")
    for key in stock.unsettled:
        click.echo(f"  {key} : annoncé, sort encore inconnu ; le prochain passage le dira")
    click.echo(f"Courriels aux référents en attente : {stock.mails}")


def _in_words(age: timedelta) -> str:
    seconds = max(0, int(age.total_seconds()))
    for size, unit in ((86400, "jour"), (3600, "heure"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "moins d'une minute"


@journal.command()
@click.argument("asked", metavar="RÉFÉRENCE")
@click.pass_obj
def show(address: str, asked: str) -> None:
    """Montrer ce qu'une personne a écrit, quand sa demande attend ou est mise à part.

    C'est une demande entière, données personnelles comprises : pour juger si une demande suspecte
    vient d'une personne, par exemple.

    RÉFÉRENCE : celle de la demande, ou le début de son nom dans la liste.
    """
    item, answers = operator.content(open_address(address), asked)
    if item.reason:
        click.echo(f"Mise à part, {item.reason}")
    width = max(map(len, answers))
    for title, text in answers.items():
        first, *more = text.splitlines()
        click.echo(f"{title:{width}}  {plain(first)}")
        for line in more:
            click.echo(f"{'':{width}}  {plain(line)}")


@journal.command()
@click.argument("asked", metavar="RÉFÉRENCE")
@click.pass_obj
def retry(address: str, asked: str) -> None:
    """Remettre en attente une demande mise à part, une fois la cause réglée.

    Une demande suspecte ne l'est plus ensuite : à vous de juger qu'une personne l'a écrite.

    RÉFÉRENCE : celle de la demande, ou le début de son nom dans la liste.
    """
    operator.retry(open_address(address), asked)
    click.echo(
        "Remise en attente : sa ligne sera écrite au prochain passage. "
        "Dans À vérifier, mettez ensuite « Oui » dans la colonne Fait, en face de sa référence."
    )


@journal.command()
@click.option("--missing", is_flag=True, help="Celles qui manquent dans une version restaurée.")
@click.option("--dry-run", is_flag=True, help="Montrer seulement, ne rien changer.")
@spreadsheet_options
@click.pass_obj
def refile(address: str, missing: bool, dry_run: bool, spreadsheet: str, api: str) -> None:
    """Réécrire les demandes qui manquent après la restauration d'une version du classeur.

    Commencez par --dry-run : la liste peut contenir des lignes que quelqu'un avait supprimées
    depuis cette version ; supprimez-les de nouveau ensuite.
    """
    if not missing:
        raise AccueilError("Précisez lesquelles : --missing, et d'abord avec --dry-run.")
    opened, workbook = open_address(address), open_spreadsheet(spreadsheet, api)
    comparison = patiently(lambda: operator.missing(opened, workbook))
    if not comparison.mismatch:
        click.echo("Le classeur et le journal vont ensemble : rien à réécrire.")
        return
    click.echo(f"Demandes qui manquent dans le classeur : {len(comparison.bodies)}")
    for reference, _ in comparison.bodies.values():
        click.echo(f"  {reference}")
    for reference in comparison.forgotten:
        click.echo(f"  {reference} : manque aussi, mais le journal n'en a plus le contenu")
    if dry_run:
        click.echo("Rien n'a été changé. Sans --dry-run, elles seront réécrites.")
        return
    operator.refile(opened, comparison)
    click.echo("Remises en attente : leurs lignes seront écrites au prochain passage.")


def accept(opened: Journal, workbook: GoogleWorkbook, *, yes: bool) -> None:
    """Ask, then accept a copied or restored spreadsheet as it is."""
    comparison = patiently(lambda: operator.missing(opened, workbook))
    if not comparison.mismatch:
        click.echo("Ce classeur est déjà celui du journal : rien à faire.")
        return
    click.echo(comparison.mismatch)
    if comparison.bodies or comparison.forgotten:
        count = len(comparison.bodies) + len(comparison.forgotten)
        click.echo(
            f"{count} demande(s) écrite(s) depuis n'y figure(nt) pas, et n'y reviendra(ont) pas."
        )
    if not yes:
        confirm("Écrire désormais dans ce classeur, tel qu'il est ?")
    operator.accept(opened, comparison.key)
    click.echo("Accepté : le prochain passage y écrira.")


@journal.command()
@click.argument("mail", metavar="ADRESSE")
@click.pass_obj
def unblock(address: str, mail: str) -> None:
    """Laisser repartir des courriels vers une adresse qui les refusait.

    Pour une adresse juste dont la boîte marche de nouveau. Une adresse fausse se corrige dans le
    classeur, sans cette commande. Avec Amazon SES, retirez-la d'abord de sa liste de suppression.
    """
    if RefusedAddresses(open_address(address)).forget(mail):
        click.echo("Les courriels vers cette adresse repartent au prochain passage.")
    else:
        raise AccueilError("Cette adresse ne refuse pas de courriel, à la connaissance du journal.")
