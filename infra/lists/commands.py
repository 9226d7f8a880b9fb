"""`accueil import`: look at a list that a partner brought."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from infra.lists.mapping import decided, read_mapping, remember, written
from infra.lists.preview import (
    SheetView,
    as_data,
    as_lines,
    as_page,
    records_as_data,
    view,
    without_people,
)
from infra.lists.proposing import Proposal, propose
from infra.lists.reading import read_file
from infra.lists.records import Record, Rules, read_records
from infra.lists.sheets import ListError, ListFile
from infra.terminal import plain

_LONG = 2_000  # records that take some seconds to read


@click.command("import")
@click.argument(
    "path", metavar="FICHIER", type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
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
def import_list(
    path: Path,
    only_propose: bool,
    as_json: bool,
    name: str | None,
    mapping_path: Path,
    keep: bool,
    page: Path | None,
) -> None:
    """Regarder une liste de contacts : CSV, XLSX, ODS ou XLS.

    Montre ce que devient chaque colonne et chaque ligne. Rien n'est écrit dans le classeur
    (docs/guide-import.md).
    """
    file = read_file(path)
    tables = read_mapping(mapping_path)
    chosen = [decided(tables, proposal, mapping_path.name) for proposal in _proposals(file, name)]
    proposals = [proposal for proposal, _ in chosen]
    if keep:
        mapping_path.write_text(written(remember(tables, file.name, proposals)), "utf-8")
        click.echo(f"Écrit : {mapping_path}. Corrigez-le, puis relancez.", err=True)
    if only_propose and as_json:
        click.echo(json.dumps(as_data(file.name, proposals), ensure_ascii=False, indent=2))
        return
    if only_propose:
        views = [view(proposal, ()) for proposal in proposals]
        _tell(file, proposals, views)
        return
    read = [(proposal, _read(proposal, rules)) for proposal, rules in chosen]
    if as_json:
        data: list[dict[str, Any]] = [
            record
            for proposal, records in read
            for record in records_as_data(file.name, proposal, records)
        ]
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return
    views = [view(proposal, records) for proposal, records in read]
    remarks = [*file.remarks, *without_people(file, proposals)]
    if page:
        page.write_text(as_page(file.name, views, remarks), "utf-8")
        click.echo(f"Écrit : {page}. Cette page contient des données personnelles.")
    _tell(file, proposals, views)
    click.echo("Rien n'a été écrit dans le classeur.")


def _proposals(file: ListFile, name: str | None) -> tuple[Proposal, ...]:
    """The proposals for a file, or for one of its sheets.

    Raises:
        ListError: there is no such sheet, or nobody stands there.
    """
    names = [sheet.name for sheet in file.sheets if sheet.name]
    if name and name not in names:
        raise ListError(
            f"Pas d'onglet « {name} » dans {file.name} : {', '.join(names) or 'aucun'}."
        )
    proposals = propose(file.sheets)
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


def _tell(file: ListFile, proposals: list[Proposal], views: list[SheetView]) -> None:
    for line in as_lines(file.name, views, [*file.remarks, *without_people(file, proposals)]):
        click.echo(plain(line))
