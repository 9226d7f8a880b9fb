"""`accueil routing`: check, explain and simulate the assignment rules."""

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from functions.intake.submission import InvalidError, parse_json, validate
from functions.route.decide.coverage import MOST_PAIRS, Conflict, Findings, check, in_words
from functions.route.decide.drafts import first_day
from functions.route.decide.load import NO_LOAD
from functions.route.decide.lookup import Lookup
from functions.shared.errors import AccueilError
from functions.shared.reference import in_cell
from functions.shared.request import Request
from infra.options import open_spreadsheet, spreadsheet_options
from infra.routing.explain import explain as explain_rules
from infra.routing.gather import Gathered, gather, proposal, write_csv
from infra.routing.page import page
from infra.routing.simulate import Moved, Simulation, matrix, simulate
from infra.terminal import plain
from sheets_schema.columns import PARIS, as_text
from sheets_schema.schema import vocabulary
from sheets_schema.tab import DRAFT, cell_at, tab

if TYPE_CHECKING:
    from functions.shared.sheets.google import GoogleWorkbook

_SHOWN = 40  # lines of one list on a terminal
_out = click.Path(path_type=Path, dir_okay=False)
_in = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group()
@spreadsheet_options
@click.pass_context
def routing(ctx: click.Context, spreadsheet: str, api: str) -> None:
    """Vérifier, expliquer et essayer les règles d'attribution ; rien n'est changé au classeur."""
    ctx.obj = partial(open_spreadsheet, spreadsheet, api)


def _today() -> date:
    return datetime.now(UTC).astimezone(PARIS).date()


@routing.command(name="check")
@click.option("--draft", is_flag=True, help=f"Vérifier l'onglet « {DRAFT} ».")
@click.option(
    "--csv", "file", type=_out, help="Écrire les lignes proposées dans un fichier, à coller."
)
@click.pass_context
def check_command(ctx: click.Context, draft: bool, file: Path | None) -> None:
    """Dire ce que les règles ne couvrent pas, ce qui ne décide jamais, ce qui se contredit.

    Pour chaque manque, la ligne à coller dans la table ; les coller toutes n'en laisse aucun. Le
    code de sortie est 1 s'il y a quelque chose à dire.
    """
    today = _today()
    gathered = gather(ctx.obj(), draft=draft)
    lookup = proposal(gathered, None) if draft else gathered.lookup
    findings = check(lookup, today, gathered.past(first_day(today)), gathered.load())
    for concern in gathered.concerns:
        click.echo(f"{concern.place} : {plain(concern.subject)}")
    _tell(findings, lookup)
    if file:
        file.write_text(_pasteable(findings, lookup), "utf-8", newline="")
        click.echo(f"Écrit : {file}")
    if findings or gathered.concerns:
        ctx.exit(1)
    click.echo("Les règles couvrent tout, et rien ne se contredit.")


def _tell(findings: Findings, lookup: Lookup) -> None:
    _list(
        "Sans règle",
        [f"{in_words(gap, lookup)} : {_requests(gap.requests)} en un an" for gap in findings.gaps],
    )
    if findings.proposals:
        click.echo("Lignes à coller sous la dernière de la table :")
        columns = [tab("rules")[key] for key in _pasted(findings, lookup)]
        click.echo("\t".join(column.title for column in columns))
        for row in findings.proposals:
            cells = row.cells(lookup)
            click.echo("\t".join(plain(cells.get(column.key, "")) for column in columns))
        for row in findings.proposals:
            who = plain(row.referent) or "À choisir"
            click.echo(
                f"  {row.rule.number} : {who} ({row.why}), {_requests(row.requests)} en un an"
            )
    official = lookup.official
    _list(
        "Ne décident jamais d'une première attribution",
        [
            f"{plain(item.rule.describe(official))} : cachée par {', '.join(map(str, item.by))}"
            for item in findings.hidden
        ],
    )
    pairs = {
        "En double": findings.duplicates,
        "De même Ordre, le numéro seul décide": findings.conflicts,
    }
    are_all = sum(map(len, pairs.values())) < MOST_PAIRS
    for title, some in pairs.items():
        _list(title if are_all else f"{title}, entre autres", list(map(_pair, some)))
    _list(
        "Personnes",
        [
            f"{plain(item.name)}, {item.why} : règles {', '.join(map(str, item.rules))}"
            + (f" ; sans personne : {', '.join(map(str, item.stranded))}" if item.stranded else "")
            for item in findings.people
        ],
    )


def _pair(pair: Conflict) -> str:
    names = [plain(", ".join(rule.referents)) for rule in (pair.first, pair.second)]
    who = "les mêmes personnes" if pair.agree else " contre ".join(names)
    return f"règles {pair.first.number} et {pair.second.number} : {who}"


def _list(title: str, lines: Sequence[str]) -> None:
    if not lines:
        return
    click.echo(f"{title} : {len(lines)}")
    for line in lines[:_SHOWN]:
        click.echo(f"  {line}")
    if len(lines) > _SHOWN:
        click.echo(f"  et {len(lines) - _SHOWN} de plus")


def _requests(count: int) -> str:
    return f"{count} demande{'s' if count > 1 else ''}" if count else "aucune demande"


def _pasted(findings: Findings, lookup: Lookup) -> list[str]:
    """The columns of rows to paste, up to the last one that a row fills."""
    keys = [column.key for column in tab("rules").columns]
    filled = [keys.index(key) for row in findings.proposals for key in row.cells(lookup)]
    return keys[: max(filled) + 1]


def _pasteable(findings: Findings, lookup: Lookup) -> str:
    columns = tab("rules").columns
    rows = [row.cells(lookup) for row in findings.proposals]
    by_title = [{column.title: row.get(column.key, "") for column in columns} for row in rows]
    return write_csv(by_title, [column.title for column in columns])


@routing.command(name="explain")
@click.argument("reference", metavar="RÉFÉRENCE", required=False)
@click.option("--request", "file", type=_in, help="Une demande en JSON, comme l'API la reçoit.")
@click.pass_obj
def explain_command(
    workbook: "Callable[[], GoogleWorkbook]", reference: str | None, file: Path | None
) -> None:
    """Dire pour chaque règle pourquoi elle décide d'une demande, ou pourquoi non.

    RÉFÉRENCE : celle d'une demande du classeur. La dernière ligne dit qui la suivrait aujourd'hui.
    """
    if (reference is None) == (file is None):
        raise click.UsageError("Donnez une RÉFÉRENCE, ou --request FICHIER.")
    columns = [column.key for column in tab("requests").columns]
    gathered = gather(workbook(), columns)
    lookup = gathered.lookup
    request = _read_json(file, lookup) if file else _find(gathered, reference or "")
    load = gathered.load() if lookup.weighs_load else NO_LOAD
    verdicts, lines = explain_rules(request, lookup, _today(), load)
    width = len(str(max((verdict.rank for verdict in verdicts), default=0)))
    for verdict in verdicts:
        rank = str(verdict.rank or "–").rjust(width)
        click.echo(
            f"{rank}  {plain(verdict.rule.describe(lookup.official))} : {plain(verdict.why)}"
        )
    for line in lines:
        click.echo(plain(line))


def _find(gathered: Gathered, reference: str) -> Request:
    wanted = in_cell(reference)
    positions = gathered.reading.positions("requests")
    for line in gathered.reading.tabs["requests"].grid[1:]:
        cells = {key: cell_at(line, place) for key, place in positions.items()}
        if wanted and in_cell(as_text(cells["reference"])) == wanted:
            return Request.from_cells(cells, gathered.lookup.official)
    raise AccueilError(
        f"La demande {reference} n'est pas dans l'onglet « {tab('requests').title} »."
    )


def _read_json(file: Path, lookup: Lookup) -> Request:
    try:
        submission = validate(parse_json(file.read_bytes()))
    except InvalidError as error:
        said = "\n".join(f"  {fault.field} : {fault.message}" for fault in error.errors)
        raise AccueilError(f"{file.name} n'est pas une demande :\n{said}") from error
    return Request.from_submission(submission, "", datetime.now(UTC), lookup.official)


@routing.command(name="simulate")
@click.option(
    "--table", type=_in, help="La proposition : un fichier CSV, avec les en-têtes de la table."
)
@click.option("--draft", is_flag=True, help=f"La proposition : l'onglet « {DRAFT} ».")
@click.option("--months", type=click.IntRange(1), help="Seulement les demandes de tant de mois.")
@click.option("--csv", "csv_file", type=_out, help="Écrire ce qui change, une ligne par demande.")
@click.option("--html", "html_file", type=_out, help="Écrire la page pour la réunion (un A3).")
@click.pass_obj
def simulate_command(
    workbook: "Callable[[], GoogleWorkbook]",
    *,
    table: Path | None,
    draft: bool,
    months: int | None,
    csv_file: Path | None,
    html_file: Path | None,
) -> None:
    """Essayer une proposition sur les demandes passées : ce qui change de main, et les totaux."""
    if draft == bool(table):
        raise click.UsageError("Donnez --table FICHIER, ou --draft.")
    today = _today()
    click.echo("Lecture du classeur…", err=True)
    gathered = gather(workbook(), draft=draft)
    after = proposal(gathered, table)
    rows = len(gathered.reading.tabs["requests"].grid)
    with click.progressbar(length=rows, label="Demandes lues", file=sys.stderr) as bar:
        since = date.fromordinal(today.toordinal() - months * 365 // 12) if months else None
        past = gathered.past(since, lambda row: bar.update(row - bar.pos))
        bar.update(rows - bar.pos)
    result = simulate(gathered.lookup, after, past, today)
    _show(result)
    source = f"Proposition : {table.name if table else f'onglet « {DRAFT} »'}"
    if csv_file:
        csv_file.write_text(_moves(result.moved), "utf-8", newline="")
        click.echo(f"Écrit : {csv_file}")
    if html_file:
        grid = matrix(gathered.lookup, after, past, today)
        html_file.write_text(page(result, grid, source, today), "utf-8")
        click.echo(f"Écrit : {html_file}")


def _show(result: Simulation) -> None:
    moved = len(result.moved)
    click.echo(
        f"{_requests(result.requests)} : {moved} change{'nt' if moved > 1 else ''} de main ; "
        f"sans règle : {result.uncovered_before} aujourd'hui, {result.uncovered_after} avec la "
        "proposition."
    )
    width = max((len(total.name) for total in result.totals), default=0)
    click.echo(f"{'Référent':{width}}  Aujourd'hui  Proposition  Écart")
    for total in result.totals:
        gap = total.after - total.before
        click.echo(
            f"{plain(total.name):{width}}  {total.before:11}  {total.after:11}  {gap or '=':>+5}"
            if gap
            else f"{plain(total.name):{width}}  {total.before:11}  {total.after:11}      ="
        )


_MOVES = (
    "Référence", "Reçue le", "Projet principal", "Secteur", "Suivie par", "Aujourd'hui",
    "Règle", "Proposition", "Règle proposée",
)  # fmt: skip


def _moves(moved: Sequence[Moved]) -> str:
    """The requests that change hands, as CSV; it holds no applicant's data."""
    rows = []
    for move in moved:
        project = move.past.project
        rules = [
            outcome.rule.number if outcome.rule else "" for outcome in (move.before, move.after)
        ]
        day = move.past.received_on
        texts = (
            move.past.reference,
            f"{day:%d/%m/%Y}" if day else "",
            vocabulary("project")[project.type],
            vocabulary("sector")[project.sector] if project.sector else "",
            move.past.referent,
            " ou ".join(move.before.people),
            str(rules[0]),
            " ou ".join(move.after.people),
            str(rules[1]),
        )
        rows.append(dict(zip(_MOVES, texts, strict=True)))
    return write_csv(rows, _MOVES)
