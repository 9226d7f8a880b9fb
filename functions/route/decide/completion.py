"""Completion of rows that are in the sheet already: which ones, and what each gets. Pure.

A row typed by hand gets its reference, its status, its referent and the reason. A row whose
referent was cleared gets a referent again. Where two rows have the same reference, the lower row
gets a new reference. A row that has anything but a reference in Référence is left alone. See
`row_edits` for how this is written without harm to what people type meanwhile.
"""

from collections.abc import Callable, Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from functions.route.commit.row_edits import is_plain, read_texts, row_hash
from functions.route.decide.assignment import Assignment, assign, unavailable
from functions.route.decide.history import ORDER, Event, status_of
from functions.route.decide.load import NO_LOAD, Load
from functions.route.decide.lookup import Lookup, Referent
from functions.route.decide.notices import Notice, notices
from functions.route.decide.rows import FIRST_STATUS, TEST_REMARK, kept_remarks
from functions.shared.concerns import Concern
from functions.shared.journal.formats import NO_COURSE, Course
from functions.shared.reference import in_cell
from functions.shared.request import Request
from functions.shared.sheets.port import Change, RowEdit
from sheets_schema.columns import PARIS, Cell, as_text
from sheets_schema.errors import CellError
from sheets_schema.schema import CLOSED_STATUSES
from sheets_schema.tab import Grid, cell_at, tab
from sheets_schema.territory import Territories
from sheets_schema.text import normalise, quoted

CHOSEN = "Choisi par un partenaire"


@dataclass(frozen=True)
class Candidate:
    """A row with something to complete, as it was read.

    `row` is the 0-based index where it was read. `cells` holds the texts that its hash covers.
    `missing` holds the titles of the columns that a person still has to fill in. `copied` says
    that a row above it has the same reference. `misplaced` is the reference of the request whose
    row this is if that reference stands in another column than Référence; else it is "".
    `received_at` is when the request arrived, None where the row does not say.
    """

    row: int
    cells: Mapping[str, str]
    request: Request
    missing: tuple[str, ...] = ()
    copied: bool = False
    misplaced: str = ""
    received_at: datetime | None = None

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left for a person to do, so that the system can do its part."""
        return not (self.missing or self.misplaced)

    @property
    def row_hash(self) -> str:
        """See `row_edits.row_hash`."""
        return row_hash(self.cells)


@dataclass(frozen=True)
class Sighting:
    """A row that seems to need completion, by its cells in the columns of TELLING.

    `row` is its 0-based index. `texts` are these cells. `copied` is as in a Candidate.
    """

    row: int
    texts: Mapping[str, str]
    copied: bool = False

    @property
    def reference(self) -> str:
        """The reference in the row, "" for none."""
        return in_cell(self.texts["reference"])


# The columns that tell whether there is something to complete in a row.
TELLING = ("reference", "last_name", "first_name", "status", "referent")


def find_rows(
    grid: Grid,
    positions: Mapping[str, int],
    without: Container[str] = (),
    except_rows: Container[int] = (),
    wanted: Container[str] = (),
    adopted: Container[str] = (),
) -> tuple[list[Sighting], set[str]]:
    """The rows of Demandes to complete, from the top, and all references in the tab.

    Args:
        grid: the cells of Demandes, header first; the columns of TELLING are enough.
        positions: where the columns of Demandes stand.
        without: references of requests to leave alone.
        except_rows: 0-based rows to leave alone.
        wanted: references of requests whose rows to find in any case.
        adopted: references of requests whose referents people choose.
    """
    rows: list[Sighting] = []
    references: set[str] = set()
    for row, line in enumerate(grid[1:], start=1):
        texts = read_texts(line, positions, TELLING)
        reference = in_cell(texts["reference"])
        if reference in without or row in except_rows:
            continue
        if reference in references:
            rows.append(Sighting(row, texts, copied=True))
        elif reference in wanted or (reference not in adopted and _lacks_something(texts)):
            rows.append(Sighting(row, texts))
        if reference:
            references.add(reference)
    return rows, references


def _lacks_something(texts: Mapping[str, str]) -> bool:
    if in_cell(texts["reference"]):
        return not texts["referent"] and status_of(texts["status"]) not in CLOSED_STATUSES
    return bool(texts["last_name"] or texts["first_name"])


def candidates(
    sightings: Sequence[Sighting],
    references: Collection[str],
    lines: Mapping[int, Sequence[Cell]],
    positions: Mapping[str, int],
    official: Territories,
) -> list[Candidate]:
    """The sighted rows as a second read saw them. A row that has moved in between is left out.

    Args:
        sightings: see `find_rows`.
        references: all references in Référence, see `find_rows`.
        lines: the cells of these rows as the second read saw them, by 0-based index.
        positions: where the columns of Demandes stand.
        official: communes and intercommunalités.
    """
    rows = []
    for sighting in sightings:
        line = lines.get(sighting.row, ())
        cells = read_texts(line, positions)
        if any(cells[key] != text for key, text in sighting.texts.items()):
            continue
        request = Request.from_cells(cells, official)
        missing: tuple[str, ...] = ()
        elsewhere = ""
        if not request.reference:
            missing = tuple(_missing(cells, request, official))
            elsewhere = _reference_in(line, references)
        received_at = _moment(cell_at(line, positions.get("received_at")))
        rows.append(
            Candidate(
                sighting.row, cells, request, missing, sighting.copied, elsewhere, received_at
            )
        )
    return rows


def _moment(cell: Cell) -> datetime | None:
    try:
        return tab("requests")["received_at"].type.parse(cell) if as_text(cell) else None
    except CellError:
        return None


def _reference_in(line: Sequence[Cell], elsewhere: Collection[str]) -> str:
    """The reference in some cell of a row, unless it is that of a request elsewhere."""
    texts = map(in_cell, map(as_text, line))
    return next((text for text in texts if text and text not in elsewhere), "")


def _missing(cells: Mapping[str, str], request: Request, official: Territories) -> Iterator[str]:
    """What a row typed by hand lacks, by title.

    Without a referent it needs what the form asks for and what assignment goes by, unless it is
    over: then it needs no referent either.
    """
    columns = tab("requests")
    if cells["reference"]:
        yield f"{columns['reference'].title} (videz cette cellule, ce n'est pas une référence)"
    if cells["referent"] or request.is_closed:
        return
    if not (cells["email"] or cells["phone"]):
        yield f"{columns['phone'].title} ou {columns['email'].title}"
    if not request.projects:
        yield columns["project"].title + (_UNCLEAR if cells["project"] else "")
    for key in _DECIDING:
        if key in request.unreadable:
            yield columns[key].title + _UNCLEAR
    if not cells["target"]:
        yield columns["target"].title
    elif "target" in request.unreadable:
        hint = official.hint(cells["target"]) or _NO_PLACE.format(quoted(cells["target"]))
        yield f"{columns['target'].title} ({hint})"


_DECIDING = ("sector", "horizon", "profile")  # what rules go by, chosen from lists
_UNCLEAR = " (choisissez dans la liste)"
_NO_PLACE = "{} n'est pas compris : écrivez le nom d'une commune ou d'une intercommunalité"


def unfinished(candidate: Candidate) -> Concern:
    """The line of À vérifier about a row that has lacked something for long."""
    name = candidate.cells["last_name"] or candidate.cells["first_name"]
    return Concern(
        tab("requests").title,
        f"La ligne de « {name} » n'est pas complète : il manque {', '.join(candidate.missing)}.",
        "Complétez-la : elle recevra alors sa référence et son référent.",
    )


@dataclass(frozen=True)
class Completion:
    """What was decided for a row.

    `edit` changes its cells, `events` are its lines in Suivi, `notices` say who is mailed, and
    `concerns` become lines of À vérifier. `course` is what to remember of the request once the edit
    is confirmed.
    """

    edit: RowEdit
    events: tuple[Event, ...]
    notices: tuple[Notice, ...] = ()
    concerns: tuple[Concern, ...] = ()
    course: Course = NO_COURSE


@dataclass(frozen=True)
class CompletionContext:
    """What completions are decided by.

    `lookup` holds the lookup tables, `now` is the moment, and `draw` gives a reference. `load` says
    how busy the referents are, and `courses` what sweeps remember of requests, by reference.
    """

    lookup: Lookup
    now: datetime
    draw: Callable[[], str]
    load: Load = NO_LOAD
    courses: Mapping[str, Course] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """The day in Paris."""
        return self.now.astimezone(PARIS).date()

    def after(self, completion: Completion | None) -> "CompletionContext":
        """The context once a row got what was decided for it."""
        if completion is None:
            return self
        name = completion.events[-1].referent
        if {"reference", "referent"} & completion.edit.changes.keys():
            return replace(self, load=self.load.after(name, self.now))
        # A person gave the request to its referent, so the sheet counts it already.
        return replace(self, load=self.load.at(self.now, [name]))


def oldest_first(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The order in which rows are completed: somebody who was full or absent gets the oldest first.

    Rows without a date, typed by hand, come last.
    """
    return sorted(candidates, key=_since)


def _since(candidate: Candidate) -> tuple[datetime, int]:
    """Since when a request waits; the row decides between requests of the same moment."""
    return candidate.received_at or datetime.max.replace(tzinfo=UTC), candidate.row


def _needs_no_referent(candidate: Candidate) -> bool:
    request = candidate.request
    return request.is_closed and not (request.reference or candidate.cells["referent"])


def complete(candidate: Candidate, context: CompletionContext) -> Completion | Concern | None:
    """Decide what a row gets in which nothing is left for a person to fill in.

    The answer is None where nothing is to be written. It is a Concern where a row has lost its
    referent and nobody else can be named.
    """
    cells = candidate.cells
    if candidate.copied or _needs_no_referent(candidate):
        return _referenced(candidate, context.draw())
    known = candidate.request.reference
    reference = known or context.draw()
    course = context.courses.get(known, NO_COURSE)
    values = {} if known else {"reference": reference}
    if (not known and not cells["status"]) or (known and status_of(cells["status"]) == ORDER):
        # An order in a row without a referent is carried out once somebody has the request.
        values["status"] = as_text(tab("requests")["status"].type.format(FIRST_STATUS))
    referent_notices: list[Notice] = []
    concerns: list[Concern] = []
    if cells["referent"]:
        assignment = Assignment(known_person(cells["referent"], context.lookup), (), CHOSEN)
        concerns += doubtful_referent(reference, cells["referent"], context.lookup, context.today)
    else:
        assignment = assign_again(candidate.request, context, course.refused)
        assignment = replace(assignment, reason=remarks_of(candidate) + assignment.reason)
        if known and not assignment.lead:
            return nobody(reference, course.refused)
        if assignment.lead:
            values["referent"] = assignment.lead.name
        if assignment.others and not cells["other_referents"]:
            values["other_referents"] = ", ".join(person.name for person in assignment.others)
        status = status_of(values.get("status", cells["status"]))
        referent_notices = notices(candidate.request, reference, assignment, status)
    concerns += unknown_others(reference, cells["other_referents"], context.lookup)
    values["assignment_reason"] = tab("requests")["assignment_reason"].fitting(assignment.reason)
    if assignment.lead:
        values["organisation"] = assignment.lead.organisation
    if assignment.doubt:
        concerns.append(Concern(reference, assignment.doubt, assignment.advice))
    edit, barred = written(candidate, reference, values)
    if not edit.changes:
        return None
    lead = assignment.lead.name if assignment.lead else cells["referent"]
    kind = "assigned" if known else "completed"
    again = bool(known) and not candidate.request.is_test
    return Completion(
        edit,
        (Event(reference, kind, cells["referent"], lead, lead, assignment.reason),),
        tuple(replace(notice, if_confirmed=reference) for notice in referent_notices),
        (*concerns, *barred),
        replace(course, handed_on=context.today if again else None, reminded=False),
    )


def assign_again(
    request: Request, context: CompletionContext, refused: Collection[str]
) -> Assignment:
    """Assign the request of a row; nobody leads whom `refused` names, not even by default."""
    assignment = assign(request, context.lookup, context.today, context.load, refused)
    names = set(map(normalise, refused))
    if assignment.lead and normalise(assignment.lead.name) in names:
        return replace(assignment, lead=None, others=())
    return assignment


def nobody(reference: str, refused: Sequence[str]) -> Concern:
    """The line of À vérifier about a request that nobody can be found for."""
    without = f", rendue par {' et '.join(dict.fromkeys(refused))}" if refused else ""
    return Concern(
        reference,
        f"Le système ne trouve personne pour suivre cette demande{without}.",
        "Choisissez vous-même dans la colonne Référent, et complétez les règles.",
    )


def known_person(name: str, lookup: Lookup) -> Referent | None:
    """The referent or coordinator of a name; None where nobody has the name."""
    if not name:
        return None
    if person := lookup.referent(name):
        return person
    if lookup.default and normalise(lookup.default.name) == normalise(name):
        return lookup.default
    email = lookup.address(name)
    return Referent(name, email, tab("coordination").title) if email else None


def doubtful_referent(reference: str, name: str, lookup: Lookup, today: date) -> list[Concern]:
    """What to say about a referent whom a person chose.

    There is something to say if Référents does not have that name, or if that person gets no
    requests now. A coordinator may be in Coordination only.
    """
    person = lookup.referent(name)
    if not name or (not person and known_person(name, lookup)):
        return []
    if not person:
        return [
            Concern(
                reference,
                f"Son référent, {quoted(name)}, n'est pas dans l'onglet Référents.",
                f"{_nearest(name, lookup)}Choisissez un nom de la liste, ou ajoutez cette personne "
                "à l'onglet Référents. En attendant, personne n'est averti.",
            )
        ]
    if why_not := unavailable(person, today):
        return [
            Concern(
                reference,
                f"Son référent, {quoted(person.name)}, a été choisi à la main : {why_not}.",
                "Ce choix est gardé. Choisissez un autre nom, ou effacez-le : les règles en "
                "désigneront un.",
            )
        ]
    return []


def unknown_others(reference: str, names: str, lookup: Lookup) -> list[Concern]:
    """What to say about names in Autres référents that are in no lookup table."""
    return [
        Concern(
            reference,
            f"Parmi ses autres référents, {quoted(name)} n'est pas dans l'onglet Référents.",
            f"{_nearest(name, lookup)}En attendant, cette personne n'est pas avertie.",
        )
        for name in lookup.names(names)
        if not lookup.referent(name) and not lookup.address(name)
    ]


def _nearest(name: str, lookup: Lookup) -> str:
    near = lookup.nearest(name)
    return f"Vouliez-vous dire {' ou '.join(map(quoted, near))} ? " if near else ""


def remarks_of(candidate: Candidate) -> str:
    """The remarks that the reason of a row keeps, whoever follows its request."""
    test = TEST_REMARK if candidate.request.is_test else ""
    return test + kept_remarks(candidate.cells["assignment_reason"])


def _unwritable(reference: str, column: str, text: str) -> Concern:
    return Concern(
        reference,
        f"« {text} » ne peut pas être écrit.",
        f"Écrivez vous-même la cellule {tab('requests')[column].title}.",
    )


def _referenced(candidate: Candidate, reference: str) -> Completion:
    """A row that gets a reference and nothing else."""
    if candidate.copied:
        return _renamed(candidate, reference)
    edit = _edit(candidate, reference, {"reference": reference})
    return Completion(edit, (Event(reference, "completed"),))


def _renamed(candidate: Candidate, reference: str) -> Completion:
    old = candidate.request.reference
    concern = Concern(
        reference,
        f"Deux lignes portaient la référence {old} : la plus basse en a reçu une nouvelle.",
        "Si c'est la même demande, supprimez l'une des deux lignes.",
    )
    event = Event(
        reference, "completed", old, reference, candidate.cells["referent"], f"Copie de {old}"
    )
    return Completion(
        _edit(candidate, reference, {"reference": reference}), (event,), concerns=(concern,)
    )


def written(
    candidate: Candidate, reference: str, values: Mapping[str, str]
) -> tuple[RowEdit, list[Concern]]:
    """The edit that writes texts by column, and what to say of texts that an edit cannot write."""
    barred = [key for key, value in values.items() if value and not is_plain(value)]
    concerns = [_unwritable(reference, key, values[key]) for key in barred]
    plain = {key: value for key, value in values.items() if key not in barred}
    return _edit(candidate, reference, plain), concerns


def _edit(candidate: Candidate, reference: str, values: Mapping[str, str]) -> RowEdit:
    changes = {
        key: Change(candidate.cells[key], value)
        for key, value in values.items()
        if value != candidate.cells[key]
    }
    return RowEdit(reference, candidate.row, candidate.row_hash, changes)
