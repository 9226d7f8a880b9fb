"""Worked cases: imaginary requests, and who must follow each by the rules. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from functions.route.decide.assignment import assign
from functions.route.decide.lookup import Lookup
from functions.route.decide.replay import Outcome, PastRequest, Replay
from functions.shared.concerns import Concern
from functions.shared.request import Request
from sheets_schema.columns import Cell, as_text
from sheets_schema.tab import Grid, cell_at, find_columns, tab
from sheets_schema.territory import Territories
from sheets_schema.text import normalise

_ASKED = ("project", "sector", "target", "other_projects", "source", "profile")
_EXPECTED = ("referent", "other_referents")


@dataclass(frozen=True)
class Case:
    """A worked case, as it stands in a row.

    `row` is the row's 0-based index. Each person whom `expected` lists must be among those who
    share such requests; `others` lists who must join them for further projects. `fault` says what
    cannot be read in the row; it is "" if all can.
    """

    row: int
    request: PastRequest
    expected: str
    others: str = ""
    fault: str = ""


def read_cases(grid: Grid, official: Territories) -> list[Case]:
    """The worked cases of a tab; a row that says nothing that decides is left out.

    Args:
        grid: the cells of the tab, header first.
        official: communes and intercommunalités.
    """
    positions, _, _ = find_columns(tab("cases"), grid[0] if grid else [])
    cases = []
    for row, line in enumerate(grid[1:], start=1):
        cells = {key: cell_at(line, positions.get(key)) for key in (*_ASKED, *_EXPECTED)}
        if any(map(as_text, cells.values())):
            cases.append(_case(row, cells, official))
    return cases


def _case(row: int, cells: Mapping[str, Cell], official: Territories) -> Case:
    columns = tab("cases")
    request = Request.from_cells({key: cells[key] for key in _ASKED}, official)
    expected, others = (as_text(cells[key]) for key in _EXPECTED)
    fault = ""
    if not expected:
        fault = f"{columns['referent'].title} : cette cellule est obligatoire"
    if request.unreadable:
        titles = [columns[key].title for key in _ASKED if key in request.unreadable]
        fault = f"{', '.join(titles)} : ce texte n'est pas compris"
    return Case(row, PastRequest("", None, "", request), expected, others, fault)


@dataclass(frozen=True)
class Result:
    """What tables say of a worked case; `holds` and `holds_in_draft` tell whether as expected."""

    case: Case
    text: str
    holds: bool = True
    holds_in_draft: bool = True


def try_cases(
    cases: Sequence[Case], lookup: Lookup, draft: Lookup | None, today: date
) -> list[Result]:
    """Try worked cases with the table in force, and with a draft if there is one."""
    now = Replay(lookup, today)
    then = Replay(draft, today) if draft else None
    results = []
    for case in cases:
        if case.fault:
            results.append(Result(case, f"À corriger : {case.fault}."))
            continue
        text, holds = _try(case, now)
        holds_in_draft = holds
        if then:
            said, holds_in_draft = _try(case, then)
            text += f" · projet : {said[0].lower()}{said[1:]}" if said != text else _SAME
        results.append(Result(case, tab("cases")["result"].fitting(text), holds, holds_in_draft))
    return results


_SAME = " · projet : pareil"


def _try(case: Case, replay: Replay) -> tuple[str, bool]:
    """What a table says of a case, and whether that is as expected."""
    outcome = replay.outcome(case.request)
    lookup = replay.lookup
    holds = _keys(lookup.names(case.expected)) <= _keys(outcome.people)
    text = _said(outcome)
    if case.others or len(case.request.request.projects) > 1:
        assignment = assign(case.request.request, lookup, replay.today)
        others = [person.name for person in assignment.others]
        holds = holds and _keys(others) == _keys(lookup.names(case.others))
        text += f", avec {', '.join(others) or 'personne'}"
    return f"{'Oui' if holds else 'Non'} : {text}", holds


def _keys(names: Collection[str]) -> set[str]:
    return set(map(normalise, names))


def _said(outcome: Outcome) -> str:
    people = " ou ".join(outcome.people) or "personne"
    return f"{people} (règle {outcome.rule.number})" if outcome.rule else f"{people} (aucune règle)"


def failures(results: Sequence[Result]) -> Iterator[Concern]:
    """The lines of À vérifier about cases that do not hold by the table in force."""
    title = tab("cases").title
    for result in results:
        if not result.holds:
            number = result.case.row + 1
            now = result.text.partition(" · projet")[0].removeprefix("Non : ")
            yield Concern(
                f"{title}!{number}:{number}",
                f"Un cas d'école n'est plus vrai : les règles donnent {now}.",
                "Corrigez les règles, ou le cas s'il n'est plus juste.",
            )
