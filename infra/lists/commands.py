"""`accueil import`: look at a list that a partner brought, and make requests of its contacts."""

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from secrets import randbits
from typing import Any

import click

from functions.shared.journal.store import Journal
from functions.shared.reference import RANDOM_BITS
from infra.lists.fates import Context, Line, fates
from infra.lists.importing import accept, follow, is_left, is_taken, look
from infra.lists.mapping import decided, read_mapping, remember, written
from infra.lists.preview import (
    SheetView,
    as_data,
    as_lines,
    as_page,
    persons,
    records_as_data,
    view,
    without_people,
)
from infra.lists.proposing import Proposal, propose
from infra.lists.reading import read_file
from infra.lists.records import Record, Rules, is_source, read_records
from infra.lists.rejects import as_csv
from infra.lists.sheets import ListError, ListFile
from infra.options import journal_option, open_address, open_spreadsheet, spreadsheet_options
from infra.terminal import confirm, plain
from sheets_schema.schema import vocabulary

_LONG = 2_000  # records that take some seconds to read


@click.command("import")
@click.argument("origin", metavar="LISTE")
@click.option(
    "--propose",
    "only_propose",
    is_flag=True,
    help="Montrer seulement ce que devient chaque colonne.",
)
@click.option("--json", "as_json", is_flag=True, help="Le dire en JSON, pour un programme.")
@click.option("--sheet", "name", help="Ne lire que cet onglet.")
@click.option(
    "--mapping",
    "mapping_path",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("correspondances.json"),
    show_default=True,
    help="Le fichier de ce que vous avez décidé pour les colonnes.",
)
@click.option(
    "--remember", "keep", is_flag=True, help="Y ajouter ce fichier, pour le corriger ensuite."
)
@click.option(
    "--html",
    "page",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="Écrire l'aperçu comme une page à ouvrir dans un navigateur.",
)
@click.option(
    "--source",
    default="",
    help="D'où vient la liste, sans espaces ni accents : salon-taf-toulouse-2027.",
)
@click.option(
    "--profile",
    type=click.Choice([*vocabulary("profile")]),
    help="Pour toutes les lignes ; « seller » : des personnes qui cèdent une exploitation ou "
    "une entreprise.",
)
@click.option("--confirmed", is_flag=True, help="Importer aussi les lignes à confirmer.")
@click.option(
    "--known",
    type=click.Choice(["relance", "rejet"]),
    default="relance",
    show_default=True,
    help="Ce que deviennent les personnes déjà dans Demandes : une ligne de plus, qui commence "
    "par « Relance de … », ou une question.",
)
@click.option("--mail", "mails", is_flag=True, help="Prévenir les référents par courriel.")
@click.option("--dry-run", is_flag=True, help="Montrer seulement, ne rien écrire.")
@click.option("--yes", is_flag=True, help="Ne pas demander de confirmation.")
@journal_option
@spreadsheet_options
def import_list(
    origin: str,
    only_propose: bool,
    as_json: bool,
    name: str | None,
    mapping_path: Path,
    keep: bool,
    page: Path | None,
    source: str,
    profile: str | None,
    confirmed: bool,
    known: str,
    mails: bool,
    dry_run: bool,
    yes: bool,
    address: str,
    spreadsheet: str,
    api: str,
) -> None:
    """Importer une liste de contacts : un fichier CSV, XLSX, ODS ou XLS, ou un classeur Google.

    Un classeur Google se donne par son adresse ou son identifiant ; il doit être partagé en lecture
    avec le compte qui importe, et n'est jamais modifié.

    Montre d'abord ce que devient chaque colonne et chaque ligne, et demande avant d'écrire. Rien
    n'est écrit dans le classeur sans --journal, --spreadsheet et --source (ou leurs variables) :
    c'est alors un simple aperçu.

    Chaque contact devient une demande « À qualifier », attribuée par les règles, et personne n'est
    prévenu sans --mail. La même liste, importée deux fois, n'ajoute rien. Les lignes qui ne peuvent
    pas être importées sont mises dans rejets.csv, avec la raison (docs/guide-import.md).
    """
    if source and not is_source(source):
        raise ListError(
            f"--source {source} : des lettres minuscules sans accents, des chiffres et des tirets, "
            "40 caractères au plus, par exemple salon-taf-toulouse-2027."
        )
    file = _read_list(origin, api)
    tables = read_mapping(mapping_path)
    context = Context(source, profile or "", repeat=known == "relance")
    offline = only_propose or as_json or not spreadsheet
    journal = None if offline or not address else open_address(address)
    if journal:
        context = look(context, journal, open_spreadsheet(spreadsheet, api))
    chosen = [
        decided(tables, proposal, mapping_path.name)
        for proposal in _proposals(file, name, context.referents)
    ]
    proposals = [proposal for proposal, _ in chosen]
    if keep:
        mapping_path.write_text(written(remember(tables, file.name, proposals)), "utf-8")
        click.echo(f"Écrit : {mapping_path}. Corrigez-le, puis relancez.", err=True)
    if only_propose and not as_json:
        _tell(file, proposals, [view(proposal) for proposal in proposals])
        return
    if only_propose:
        _print(as_data(file.name, proposals))
        return
    read = [(proposal, _read(proposal, rules)) for proposal, rules in chosen]
    if as_json:
        _print(record for part in read for record in records_as_data(file.name, *part))
        return
    lines = fates(read, context)
    views = [
        view(proposal, records, own) for (proposal, records), own in zip(read, lines, strict=True)
    ]
    _tell(file, proposals, views, page)
    taken = [line for own in lines for line in own if is_taken(line, confirmed=confirmed)]
    advice = _advice(journal, taken, dry_run=dry_run)
    if journal is None or advice:
        click.echo(f"Rien n'a été écrit dans le classeur. {advice}")
        return
    if taken and not yes:
        confirm(f"Importer {persons(len(taken))} ?")
    _keep_rejects(proposals, lines, confirmed=confirmed)
    _import(journal, taken, mails=mails)


def _read_list(origin: str, api: str) -> ListFile:
    """Read a file, or a spreadsheet in Google Sheets.

    Raises:
        ListError: there is no such list, or it cannot be read.
    """
    from infra.lists.google_sheets import is_spreadsheet, read_spreadsheet

    if is_spreadsheet(origin, api):
        return read_spreadsheet(origin, api)
    path = Path(origin)
    if path.is_dir():
        raise ListError(f"{origin} est un dossier : indiquez le fichier de la liste.")
    if not path.exists():
        raise ListError(
            f"{origin} : pas de fichier de ce nom ici. Vérifiez le nom et le dossier, ou donnez "
            "l'adresse d'un classeur Google."
        )
    return read_file(path)


def _advice(journal: Journal | None, lines: Sequence[Line], *, dry_run: bool) -> str:
    """What to do to have rows imported that are not to be imported now; "" if they are."""
    if journal is None:
        return "Pour importer, indiquez --journal, --spreadsheet et --source."
    if dry_run:
        return "Sans --dry-run, l'import sera proposé."
    if not all(line.contact and line.contact.has_source for line in lines):
        return "Dites d'où vient cette liste : --source salon-taf-toulouse-2027, par exemple."
    return ""


def _print(data: Iterable[dict[str, Any]]) -> None:
    click.echo(json.dumps(list(data), ensure_ascii=False, indent=2))


def _import(journal: Journal, lines: Sequence[Line], *, mails: bool) -> None:
    """Write contacts into the journal, wait for their rows, and say what became of them."""
    if not lines:
        click.echo("Rien à importer : rien n'a été écrit dans le classeur.")
        return
    accept(journal, lines, datetime.now(UTC), lambda: randbits(RANDOM_BITS), mails=mails)
    waiting, aside = follow(journal, [line.name for line in lines])
    click.echo(f"Dans Demandes : {persons(len(lines) - waiting - aside)}.")
    if aside:
        click.echo(
            f"Mises à part, car Google Sheets refuse leur ligne : {persons(aside)} ; voir "
            "« accueil journal »."
        )
    if waiting:
        click.echo(
            f"Au journal, en attente de leur ligne : {persons(waiting)}. Rien n'est perdu : le "
            "prochain passage les écrira, après la Pause si le classeur est en Pause "
            "(« accueil journal » montre ce qui attend)."
        )


def _keep_rejects(
    proposals: Sequence[Proposal], lines: Sequence[Sequence[Line]], *, confirmed: bool
) -> None:
    """Write the rows that are to be corrected, in a file that is not there yet."""
    left = [
        (proposal, [line for line in own if is_left(line, confirmed=confirmed)])
        for proposal, own in zip(proposals, lines, strict=True)
    ]
    count = sum(len(own) for _, own in left)
    if not count:
        return
    body = as_csv(left).encode("utf-8-sig")
    path, number = Path("rejets.csv"), 1
    while path.exists() and path.read_bytes() != body:
        number += 1
        path = Path(f"rejets-{number}.csv")
    path.write_bytes(body)
    click.echo(
        f"Écrit : {path}, {count} ligne{'s' * (count > 1)} à corriger, puis à importer de même. "
        "Ce fichier contient des données personnelles."
    )


def _proposals(file: ListFile, name: str | None, referents: Iterable[str]) -> tuple[Proposal, ...]:
    """The proposals for a file, or for one of its sheets.

    Raises:
        ListError: there is no such sheet, or nobody stands there.
    """
    names = [sheet.name for sheet in file.sheets if sheet.name]
    if name and name not in names:
        raise ListError(
            f"Pas d'onglet « {name} » dans {file.name} : {', '.join(names) or 'aucun'}."
        )
    proposals = propose(file.sheets, referents)
    wanted = tuple(p for p in proposals if not name or p.sheet.name == name)
    if not wanted:
        raise ListError(
            f"{file.name} : aucune personne dans ce fichier. Une liste a besoin d'une colonne de "
            "noms ou de prénoms, ou d'adresses de courriel, une ligne par personne."
        )
    return wanted


def _read(proposal: Proposal, rules: Rules | None) -> list[Record]:
    """Read the records of a proposal, with a progress bar for long lists."""
    rows = len(proposal.records.rows)
    records = read_records(proposal, rules)
    if rows < _LONG:
        return list(records)
    with click.progressbar(records, length=rows, label="Lecture", file=sys.stderr) as bar:
        return list(bar)


def _tell(
    file: ListFile, proposals: list[Proposal], views: list[SheetView], page: Path | None = None
) -> None:
    """Show the preview in the terminal, and as a page if somebody asks for one."""
    remarks = [*file.remarks, *without_people(file, proposals)]
    if page:
        page.write_text(as_page(file.name, views, remarks), "utf-8")
        click.echo(f"Écrit : {page}. Cette page contient des données personnelles.")
    for line in as_lines(file.name, views, remarks):
        click.echo(plain(line))
