"""Completion of rows that are in the sheet already: which ones, and what each gets. Pure.

A row typed by hand gets its reference, its referent and the reason; a row whose referent was
cleared gets one again; of two rows with one reference, the lower one gets another. How it is
written without harming what people type meanwhile: see `tokens`.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from functions.route.assignment import Assignment, Project, assign
from functions.route.lookup import Lookup
from functions.route.rows import TEST_REMARK, Concern, kept_remarks
from functions.route.tokens import Completion, Filling, fingerprint, is_plain, read_cells
from sheets_schema.columns import Cell
from sheets_schema.errors import CellError
from sheets_schema.schema import OVER, TEST_SOURCE
from sheets_schema.tab import match_header, tab
from sheets_schema.territory import Target, Territories

CHOSEN = "Choisi par un partenaire"


@dataclass(frozen=True)
class Candidate:
    """A row with something to complete, as it was read.

    `row` is its 0-based index then; `missing` what a person still has to fill in, by title;
    `copied` whether its reference stands above it too.
    """

    row: int
    cells: Mapping[str, str]
    missing: tuple[str, ...] = ()
    copied: bool = False

    @property
    def print(self) -> str:
        """A hash of what was read: the same as long as nobody changes it, wherever it is."""
        return fingerprint(self.cells)


def find_candidates(
    grid: Sequence[Sequence[Cell]], official: Territories
) -> tuple[list[Candidate], set[str]]:
    """The rows of Demandes to complete, from the top, and all references that stand there.

    Raises:
        HeaderError: Demandes lacks a column, or has one twice.
    """
    columns = match_header(tab("requests"), grid[0] if grid else [])
    found: list[Candidate] = []
    references: Counter[str] = Counter()
    for row, line in enumerate(grid[1:], start=1):
        cells = read_cells(line, columns)
        reference = cells["reference"]
        references[reference] += bool(reference)
        if references[reference] > 1:
            found.append(Candidate(row, cells, copied=True))
        elif not reference and cells["last_name"]:
            found.append(Candidate(row, cells, tuple(_missing(cells, official))))
        elif reference and not cells["referent"] and _status(cells) not in OVER:
            found.append(Candidate(row, cells))
    return found, set(references)


def _missing(cells: Mapping[str, str], official: Territories) -> Iterator[str]:
    """What a row typed by hand lacks: what the form asks for, or somebody who follows it."""
    if cells["referent"]:
        return
    columns = tab("requests")
    if not (cells["email"] or cells["phone"]):
        yield f"{columns['phone'].title} ou {columns['email'].title}"
    if _project(cells) is None:
        yield columns["project"].title
    if _target(cells, official) is None:
        yield columns["target"].title


def _status(cells: Mapping[str, str]) -> str | None:
    return _choice(cells, "status")


def _project(cells: Mapping[str, str]) -> Project | None:
    kind = _choice(cells, "project")
    return Project(kind, _choice(cells, "sector")) if kind else None


def _choice(cells: Mapping[str, str], key: str) -> str | None:
    if not cells[key]:
        return None
    try:
        chosen: str = tab("requests")[key].type.parse(cells[key])
    except CellError:
        return None
    return chosen


def _target(cells: Mapping[str, str], official: Territories) -> Target | None:
    if not cells["target"]:
        return None
    try:
        return official.parse(cells["target"])
    except CellError:
        return None


@dataclass(frozen=True)
class Completed:
    """What was decided for a row: the completion, who follows it from now on, and what to note."""

    completion: Completion
    assignment: Assignment
    concerns: tuple[Concern, ...] = ()


@dataclass(frozen=True)
class Office:
    """What completing a row needs to know: the tables, the day, and where things stand.

    `batch` makes tokens unique; `draw` gives a new reference.
    """

    lookup: Lookup
    official: Territories
    today: date
    columns: Mapping[str, int]
    batch: str
    draw: Callable[[], str]


def complete(candidate: Candidate, office: Office) -> Completed | None:
    """Decide what a row that lacks nothing else gets; None where there is nothing to write."""
    cells = candidate.cells
    if candidate.copied:
        return _renamed(candidate, office)
    reference = cells["reference"] or office.draw()
    values = {} if cells["reference"] else {"reference": reference}
    if cells["referent"]:
        person = office.lookup.referent(cells["referent"])
        assignment = Assignment(person, (), CHOSEN)
    else:
        project = _project(cells) or Project("unknown")
        target = _target(cells, office.official) or Target()
        assignment = assign([project], target, office.lookup, office.official, office.today)
        assignment = replace(assignment, reason=_remarks(cells) + assignment.reason)
        if cells["reference"] and not assignment.lead:
            return None
        if assignment.lead:
            values["referent"] = assignment.lead.name
        if assignment.others and not cells["other_referents"]:
            values["other_referents"] = ", ".join(one.name for one in assignment.others)
    values["assignment_reason"] = tab("requests")["assignment_reason"].fitting(assignment.reason)
    if assignment.lead:
        values["organisation"] = assignment.lead.organisation
    concerns = [Concern(reference, assignment.doubt, assignment.advice)] if assignment.doubt else []
    for key in [key for key, value in values.items() if value and not is_plain(value)]:
        title, subject = (
            tab("requests")[key].title,
            f"« {values.pop(key)} » ne peut pas être écrit.",
        )
        concerns.append(Concern(reference, subject, f"Écrivez vous-même la cellule {title}."))
    completion = _completion(candidate, office, reference, values)
    return Completed(completion, assignment, tuple(concerns)) if completion.fillings else None


def _remarks(cells: Mapping[str, str]) -> str:
    test = TEST_REMARK if cells["source"] == TEST_SOURCE else ""
    return test + kept_remarks(cells["assignment_reason"])


def _renamed(candidate: Candidate, office: Office) -> Completed:
    reference, old = office.draw(), candidate.cells["reference"]
    completion = _completion(candidate, office, reference, {"reference": reference})
    concern = Concern(
        reference,
        f"Deux lignes portaient la référence {old} : la plus basse en a reçu une nouvelle.",
        "Si c'est la même demande, supprimez l'une des deux lignes.",
    )
    return Completed(completion, Assignment(None, (), f"Copie de {old}"), (concern,))


def _completion(
    candidate: Candidate, office: Office, reference: str, values: Mapping[str, str]
) -> Completion:
    fillings = (
        Filling(
            key, office.columns[key], f"Attribution en cours {office.batch} {reference} {key}", v
        )
        for key, v in values.items()
        if v != candidate.cells[key]
    )
    return Completion(reference, candidate.row, candidate.print, tuple(fillings))
