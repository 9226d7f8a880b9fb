"""`accueil sheet realign`: cells that got into the wrong columns go back into their own."""

import click

from functions.route.decide.alignment import Alignment
from functions.route.read.misplaced import MisplacedRows
from functions.shared.errors import AccueilError
from functions.shared.journal.store import Journal
from functions.shared.sheets.faults import read_pause
from functions.shared.sheets.google import GoogleWorkbook
from infra.patience import patiently
from sheets_schema.columns import Cell, as_text
from sheets_schema.tab import cell_at, column_letter
from sheets_schema.wire import Json, Reading, typed_cell


def realign(journal: Journal, workbook: GoogleWorkbook, *, dry_run: bool) -> None:
    """Say what stands in the wrong columns, and put it right unless it is a dry run.

    Raises:
        AccueilError: the workbook is not paused; or a row has moved meanwhile, the sentence says
            which.
    """
    rows = MisplacedRows(journal)

    def read(*keys: str) -> Reading:
        return patiently(lambda: workbook.read(dict.fromkeys(keys, "all")))

    reading = read("requests", "coordination", "system")
    alignments = rows.look(lambda: reading)
    if not alignments:
        click.echo("Toutes les demandes sont dans leurs colonnes : rien à faire.")
        return
    known = {name: alignment for name, alignment in alignments.items() if alignment}
    for reference, alignment in alignments.items():
        click.echo(_sentence(reference, alignment, reading))
    if dry_run:
        click.echo("Rien n'a été changé. Sans --dry-run, ces cellules seront remises en place.")
        return
    if not read_pause(reading).wanted:
        raise AccueilError(
            "Mettez d'abord « Oui » dans la colonne Pause de l'onglet Coordination, et demandez "
            "qu'on ne trie pas le classeur pendant une minute."
        )
    workbook.batch_update(_requests(known, reading))
    after = read("requests", "system")
    _check(known, reading, after)
    rows.look(lambda: after)
    click.echo("Remises en place. Retirez la Pause : le système reprendra.")


def _sentence(reference: str, alignment: Alignment | None, reading: Reading) -> str:
    if alignment is None:
        return f"  {reference} : l'objet misplaced/{reference} du journal est illisible"
    header = reading.header("requests")
    places = ", ".join(
        as_text(cell_at(header, place)) or f"colonne {column_letter(place)}"
        for place in sorted(alignment.cells)
    )
    said = f"  {reference}, ligne {alignment.row + 1} : {places}"
    if alignment.left:
        said += f" ; changées depuis par quelqu'un, laissées : {', '.join(alignment.left)}"
    return said


def _requests(alignments: dict[str, Alignment], reading: Reading) -> list[Json]:
    sheet = reading.tabs["requests"].sheet_id
    return [
        {
            "updateCells": {
                "rows": [{"values": [typed_cell(cell)]}],
                "fields": "userEnteredValue",
                "start": {"sheetId": sheet, "rowIndex": alignment.row, "columnIndex": place},
            }
        }
        for alignment in alignments.values()
        for place, cell in alignment.cells.items()
    ]


def _check(alignments: dict[str, Alignment], before: Reading, after: Reading) -> None:
    """See whether each cell is as it was meant to be, in the same row.

    Raises:
        AccueilError: a row has moved while it was put right.
    """
    moved = [
        f"ligne {alignment.row + 1} ({reference})"
        for reference, alignment in alignments.items()
        if _line(after, alignment.row) != _made(_line(before, alignment.row), alignment)
    ]
    if moved:
        raise AccueilError(
            f"Le classeur a changé pendant la remise en place : {', '.join(moved)}. Comparez ces "
            "lignes avec la version d'avant (Fichier, Historique des versions)."
        )


def _line(reading: Reading, row: int) -> list[str]:
    grid = reading.tabs["requests"].grid
    return _trimmed(list(map(as_text, grid[row] if row < len(grid) else [])))


def _made(line: list[str], alignment: Alignment) -> list[str]:
    cells: list[Cell] = [*line, *[None] * (max(alignment.cells) + 1 - len(line))]
    for place, cell in alignment.cells.items():
        cells[place] = cell
    return _trimmed(list(map(as_text, cells)))


def _trimmed(texts: list[str]) -> list[str]:
    while texts and not texts[-1]:
        texts.pop()
    return texts
