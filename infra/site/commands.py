"""`accueil qr`, `accueil key` and `accueil site`: what the webmaster needs."""

import secrets
from collections import Counter
from pathlib import Path

import click

from functions.intake.callers import hash_key
from functions.shared.errors import AccueilError
from functions.shared.settings import SETTINGS
from infra.terminal import confirm

_MARKS = {"right": "✓", "remark": "·", "wrong": "✗"}
_folder = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("name", metavar="NOM")
@click.option(
    "--url",
    "page",
    envvar=SETTINGS["form_page"].variable,
    default="",
    help="La page du site qui montre le formulaire (variable ACCUEIL_FORM_PAGE).",
)
@click.option("--project", "projects", multiple=True, help="Un projet à cocher d'avance (code).")
@click.option(
    "--target",
    "targets",
    multiple=True,
    help="Une commune ou intercommunalité (nom ou code), anywhere ou unknown.",
)
@click.option("--folder", type=_folder, default=Path(), help="Où écrire ; sinon, ici.")
@click.option("--force", is_flag=True, help="Remplacer sans demander.")
def qr(
    name: str,
    page: str,
    projects: tuple[str, ...],
    targets: tuple[str, ...],
    folder: Path,
    force: bool,
) -> None:
    """Faire un code QR qui ouvre le formulaire et dit d'où l'on vient.

    NOM : où il sera affiché, par exemple aire-a20 ; c'est la source qu'auront les demandes.
    """
    from infra.site import codes

    address = codes.address(page, name, projects, targets)
    svg, png = codes.files(name, folder)
    there = [path.name for path in (svg, png) if path.exists()]
    if there and not force:
        confirm(f"{' et '.join(there)} : remplacer ?")
    codes.write(address, svg, png)
    click.echo(f"Le code ouvre {address}")
    click.echo(f"Écrits : {svg} (pour l'imprimeur) et {png}")


@click.command()
@click.argument("name", metavar="NOM")
def key(name: str) -> None:
    """Créer une clé d'API, pour un site ou une tablette qui envoie des demandes.

    NOM : à qui elle sert, par exemple site ; c'est lui qui a sa propre limite de débit.
    """
    made = secrets.token_urlsafe(32)
    setting = f"{name}:{hash_key(made)}"
    try:
        (_,) = SETTINGS["callers"].parse(setting)
    except ValueError as error:  # the name is malformed, or has a comma, which separates names
        raise AccueilError(
            f"« {name} » : un nom fait de lettres sans accent, de chiffres et de traits d'union, "
            "40 caractères au plus, par exemple site."
        ) from error
    click.echo("La clé, pour l'en-tête X-API-Key ; elle n'est pas gardée, et ne se remontre pas :")
    click.echo(f"    {made}")
    click.echo("À ajouter à ACCUEIL_API_KEYS, séparé du reste par une virgule :")
    click.echo(f"    {setting}")
    click.echo(
        "Pour remplacer une clé sans coupure : ajoutez la nouvelle à côté de l'ancienne, sous le "
        "même nom ;\ndonnez-la au site ; puis retirez l'ancienne de ACCUEIL_API_KEYS."
    )


@click.group()
def site() -> None:
    """Voir si le site du département montre bien le formulaire."""


@site.command()
@click.argument("url")
@click.option(
    "--form", default="", help="L'adresse du formulaire, si elle ne finit pas en /intake."
)
@click.option(
    "--local", is_flag=True, help="Examiner aussi ce qui est sur cette machine ou un réseau privé."
)
@click.pass_context
def check(ctx: click.Context, url: str, form: str, local: bool) -> None:
    """Examiner une page du site : script, iframe ou lien, autorisations, valeurs.

    Essaie aussi un envoi, par une demande vide, que le formulaire refuse : rien n'est enregistré.
    Finit par une erreur (code 1) si quelque chose empêche le formulaire de marcher.
    """
    from infra.site import check as looking

    findings = list(looking.check(url, form, local=local))
    for finding in findings:
        click.echo(f"{_MARKS[finding.kind]} {finding.sentence}")
    kinds = Counter(finding.kind for finding in findings)
    if wrong := kinds["wrong"]:
        click.echo(f"{wrong} point{'s' if wrong > 1 else ''} à corriger.")
        ctx.exit(1)
    remarks = kinds["remark"]
    few = f"Aucune erreur, {remarks} remarque{'s' if remarks > 1 else ''}."
    click.echo(few if remarks else "Tout est en ordre.")
