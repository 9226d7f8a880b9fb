"""`accueil sheet adopt`: a partner's spreadsheet becomes the workbook, and how it was again."""

import hashlib
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import click

from functions.route.read.adopted import AdoptedRows
from functions.shared import reference
from functions.shared.errors import AccueilError, WorkbookRefusedError
from functions.shared.journal.formats import BeforeAdoption
from functions.shared.journal.store import PARALLEL, Journal, legible
from functions.shared.sheets.fence import read_sheet_state
from functions.shared.sheets.google import GoogleWorkbook
from infra.lists.adopting import (
    FIELDS,
    REQUESTS,
    Adopting,
    as_adopted,
    changes,
    check_tabs,
    choose,
    decide,
    lines,
    moved_rows,
    undoing,
    what_changes,
)
from infra.lists.mapping import decided, read_mapping, remember, written
from infra.lists.preview import as_lines, as_page, view
from infra.lists.proposing import propose
from infra.lists.records import Record, read_records
from infra.lists.spreadsheets import as_sheet
from infra.patience import patiently
from infra.terminal import confirm, plain
from infra.workbook import apply_patiently
from sheets_schema.adoption import find_marker
from sheets_schema.plan import Change
from sheets_schema.tab import column_letter, tab
from sheets_schema.wire import Json, a1

_TELLING = ("last_name", "email", "phone", "first_name")  # a text that tells rows apart


@dataclass(frozen=True)
class Wishes:
    """What the operator asks for.

    `sheet` names the tab to adopt, "" if there is only one. `mapping` is the file of what was
    decided for columns; `keep` adds the tab to it. `page` is where the preview is written, and
    `correct` asks for the sure corrections. With `dry_run` nothing is written, with `yes` nothing
    is asked.
    """

    sheet: str = ""
    mapping: Path = Path("correspondances.json")
    keep: bool = False
    page: Path | None = None
    correct: bool = False
    dry_run: bool = False
    yes: bool = False


def adopt(
    journal: Journal, workbook: GoogleWorkbook, wishes: Wishes, draw: Callable[[], int]
) -> None:
    """Show what would change, ask, and do it.

    It may be cut off anywhere and run again: the journal knows the references before the sheet has
    them, and the sheet gets all of its changes in one call. Filter views follow in a second one.

    Args:
        journal: the journal.
        workbook: the partner's spreadsheet.
        wishes: what the operator asks for.
        draw: gives a random number below 2**reference.RANDOM_BITS.

    Raises:
        AccueilError: the spreadsheet cannot become the workbook; the sentence says why.
    """
    metadata = patiently(workbook.metadata)
    titles = [sheet["properties"]["title"] for sheet in metadata["sheets"]]
    if find_marker(metadata.get("namedRanges", [])):
        late = [] if wishes.dry_run else _write_apart(workbook)  # a try may have been cut off
        click.echo(
            f"Ce classeur est déjà adopté : {'ses vues sont là' if late else 'rien à changer'}. "
            "« accueil sheet plan » dit ce qui y manque, « accueil sheet apply » l'ajoute."
        )
        return
    if tab("system").title in titles:
        raise AccueilError(
            "Ce classeur est déjà celui du système : « accueil sheet apply » ajoute ce qui y "
            "manque."
        )
    adopting, records = _look(workbook, metadata, wishes)
    name = adopting.proposal.sheet.name or ""
    check_tabs(titles, name)
    earlier = _noted(journal, _key(workbook.id))
    references = _references(journal, earlier, len(adopting.rows), draw)
    planned, before = changes(adopting, metadata, references, correct=wishes.correct)
    _tell(adopting, records, planned, wishes)
    if wishes.dry_run:
        click.echo("Rien n'a été changé. Sans --dry-run, l'adoption sera proposée.")
        return
    if not wishes.yes:
        confirm(f"Faire de l'onglet « {plain(name)} » l'onglet « {REQUESTS} » du système ?")
    _note(journal, workbook.id, earlier, before)
    _write(workbook, planned)
    click.echo(f"Adopté : {len(references)} lignes ont leur référence, et rien n'y est attribué.")
    moved = _moved(workbook, adopting)
    if moved:
        click.echo(
            f"{moved} lignes ont bougé pendant l'adoption : des références peuvent manquer. "
            "Annulez-la avec --undo, et recommencez quand personne n'écrit dans le classeur."
        )
    click.echo("« accueil sheet adopt --undo » remet tout comme avant, jusqu'au premier passage.")


def _look(
    workbook: GoogleWorkbook, metadata: Json, wishes: Wishes
) -> tuple[Adopting, list[Record]]:
    """Read the spreadsheet and decide how it becomes the workbook."""
    ranges = [
        a1(properties["title"])
        for sheet in metadata["sheets"]
        if (properties := sheet["properties"]).get("sheetType", "GRID") == "GRID"
        and wishes.sheet in ("", properties["title"])
    ]
    if not ranges:
        raise AccueilError(f"Pas d'onglet « {wishes.sheet} » dans ce classeur.")
    resources = patiently(lambda: workbook.get(ranges, FIELDS))["sheets"]
    by_title = {resource["properties"]["title"]: resource for resource in resources}
    proposals = propose([as_sheet(resource["properties"], [resource]) for resource in resources])
    tables = read_mapping(wishes.mapping)
    chosen, rules = decided(tables, choose(proposals, wishes.sheet), wishes.mapping.name)
    title = chosen.sheet.name or ""
    if wishes.keep:
        wishes.mapping.write_text(written(remember(tables, title, [chosen])), "utf-8")
        click.echo(f"Écrit : {wishes.mapping}. Corrigez-le, puis relancez.", err=True)
    records = list(read_records(chosen, rules))
    return decide(chosen, by_title[title], records), records


def _noted(journal: Journal, key: str) -> BeforeAdoption | None:
    """What the journal knows of an adoption; before it, that of a try that was cut off."""
    body = journal.read(key)
    if body is None:
        return None
    with legible(key):
        return BeforeAdoption.from_json(body)


def _references(
    journal: Journal, earlier: BeforeAdoption | None, count: int, draw: Callable[[], int]
) -> list[str]:
    """References that no request has: those of a try that was cut off, then new ones."""
    taken = {key.removeprefix("references/") for key in journal.keys("references/")}
    drawn = dict.fromkeys(earlier.references[:count] if earlier else ())
    while len(drawn) < count:
        made = reference.make(draw())
        if made not in taken:
            drawn[made] = None
    return list(drawn)


def _tell(
    adopting: Adopting, records: Sequence[Record], planned: Sequence[Change], wishes: Wishes
) -> None:
    """Show the preview in the terminal, and as a page if somebody asks for one."""
    own = lines(adopting, records, correct=wishes.correct)
    shown = as_adopted(adopting, view(adopting.proposal, records, own))
    count = len(adopting.misfits)
    sure = sum(misfit.correction is not None for misfit in adopting.misfits)
    remarks = [
        *what_changes(adopting, planned),
        "Lignes existantes : une référence et rien d'autre ; personne n'est désigné ni prévenu.",
        *adopting.remarks,
    ]
    if count:
        kept = " sauf celles-là" if wishes.correct else ""
        without = f" ; {sure} ont une correction sûre (--correct)" if sure else ""
        remarks.append(
            f"Cellules que le système ne sait pas lire, nommées plus bas : {count}{without}. "
            f"Elles restent telles quelles{kept}."
        )
    if wishes.page:
        wishes.page.write_text(as_page(shown.title, [shown], remarks), "utf-8")
        click.echo(f"Écrit : {wishes.page}. Cette page contient des données personnelles.")
    for line in as_lines(shown.title, [shown], remarks):
        click.echo(plain(line))


def _note(
    journal: Journal, spreadsheet: str, earlier: BeforeAdoption | None, before: BeforeAdoption
) -> None:
    """Keep in the journal how to undo the adoption, and whose referents people choose."""
    journal.replace(_key(spreadsheet), before.to_json())
    rows = AdoptedRows(journal)
    rows.keep(rows.references() - set(earlier.references if earlier else ()) | {*before.references})
    with (
        ThreadPoolExecutor(PARALLEL) as pool,
        click.progressbar(length=len(before.references), label="Journal ", file=sys.stderr) as bar,
    ):
        taken = (f"references/{name}" for name in before.references)
        for _ in pool.map(lambda name: journal.create(name, b"{}"), taken):
            bar.update(1)


def _write(workbook: GoogleWorkbook, planned: Sequence[Change]) -> None:
    """Make the changes once, whatever becomes of the answers; then those that come apart."""
    together = [request for change in planned if not change.apart for request in change.requests]
    _once(workbook, together, adopted=True)
    _write_apart(workbook)


def _once(workbook: GoogleWorkbook, requests: Sequence[Json], *, adopted: bool) -> None:
    """Apply a batch after which the spreadsheet is adopted, or no longer, once.

    A try without an answer may still be on its way while the next one is sent. Then the next one is
    refused, because its named range is there already, or gone.
    """

    def is_done() -> bool:
        return bool(find_marker(workbook.metadata().get("namedRanges", []))) == adopted

    def act() -> None:
        if is_done():
            return
        try:
            workbook.batch_update(requests)
        except WorkbookRefusedError:
            if not is_done():
                raise

    patiently(act)


def _write_apart(workbook: GoogleWorkbook) -> list[Change]:
    return apply_patiently(workbook, lambda change: change.apart)


def _moved(workbook: GoogleWorkbook, adopting: Adopting) -> int:
    """How many rows people moved between our read and our write."""
    key = next((key for key in _TELLING if key in adopting.columns), None)
    if key is None:
        return 0
    letter = column_letter(adopting.columns[key])
    (now,) = patiently(lambda: workbook.values([a1(REQUESTS, f"{letter}:{letter}")], "ROWS"))
    return moved_rows(adopting, now, key)


def undo(journal: Journal, workbook: GoogleWorkbook, *, yes: bool) -> None:
    """Make an adopted spreadsheet what it was before, until the system has written into it.

    Raises:
        AccueilError: it was not adopted, or the system has written into it.
    """
    metadata = patiently(workbook.metadata)
    named = metadata.get("namedRanges", [])
    marker, key = find_marker(named), _key(workbook.id)
    before = _noted(journal, key)
    if marker is None:
        if before:
            _forget(journal, key, before)
        click.echo("Ce classeur n'est pas adopté : rien à annuler.")
        return
    if before is None:
        raise AccueilError(
            "Ce journal ne sait pas comment était ce classeur : donnez avec --journal celui de "
            "l'adoption."
        )
    head = patiently(lambda: workbook.head(named))
    answer = patiently(lambda: workbook.get([a1(REQUESTS), a1(tab("system").title)], FIELDS))
    resources = {sheet["properties"]["title"]: sheet for sheet in answer["sheets"]}
    ranges = {item["name"]: item["namedRangeId"] for item in named}
    (system,) = patiently(lambda: workbook.values([a1(tab("system").title, "1:2")], "ROWS"))
    if number := read_sheet_state(ranges, system).number:
        raise AccueilError(
            f"Le système a déjà écrit dans ce classeur (lot n° {number}) : l'adoption ne s'annule "
            "plus. « Fichier, Historique des versions » garde le classeur d'avant."
        )
    requests = undoing(metadata, resources[REQUESTS], head, marker.id, before)
    click.echo(
        f"L'onglet redevient « {plain(before.title)} » ; les colonnes et les onglets que le "
        "système a ajoutés sont supprimés, avec ce qui y a été écrit depuis."
    )
    if not yes:
        confirm("Annuler l'adoption ?")
    _once(workbook, requests, adopted=False)
    _forget(journal, key, before)
    click.echo("Annulé : ce classeur est comme avant.")


def _forget(journal: Journal, key: str, before: BeforeAdoption) -> None:
    rows = AdoptedRows(journal)
    rows.keep(rows.references() - set(before.references))
    journal.delete(key)


def _key(spreadsheet: str) -> str:
    return f"adoption/{hashlib.sha256(spreadsheet.encode()).hexdigest()[:32]}"
