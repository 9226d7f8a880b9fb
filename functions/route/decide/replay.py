"""What rules would do with requests that are there already. Pure.

A replay asks who follows a request by its rules. Absences and full desks do not count, because they
change from day to day: a table of rules is judged by what it says.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from functions.route.decide.assignment import able
from functions.route.decide.lookup import Lookup
from functions.route.decide.rules import CONDITIONS, Rule
from functions.shared.request import Project, Request
from sheets_schema.columns import PARIS, Cell, as_text
from sheets_schema.errors import CellError
from sheets_schema.tab import cell_at, tab
from sheets_schema.territory import Target, Territories
from sheets_schema.wire import Reading

# What is read of Demandes: what rules go by, and which request it is.
PAST_COLUMNS = (
    "reference",
    "last_name",
    "received_at",
    "referent",
    "project",
    "sector",
    "target",
    "horizon",
    "source",
    "origin_country",
    "origin_postcode",
    "profile",
)
_IDENTITY = ("reference", "last_name", "received_at", "referent")


@dataclass(frozen=True)
class PastRequest:
    """A request of Demandes, without who asked: `referent` is who has it, "" for nobody."""

    reference: str
    received_on: date | None
    referent: str
    request: Request

    @property
    def project(self) -> Project:
        """The project that leads."""
        return self.request.projects[0] if self.request.projects else Project("unknown")


def past_requests(
    reading: Reading,
    official: Territories,
    after: date | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> list[PastRequest]:
    """The requests of Demandes, without trials.

    Args:
        reading: a reading of Demandes with PAST_COLUMNS.
        official: communes and intercommunalités.
        after: only requests that were received after that day; None for all, and for those whose
            date cannot be read.
        progress: is told now and then how many rows are done.

    Raises:
        HeaderError: one of these columns is missing, or stands there twice.
    """
    positions = reading.positions("requests", PAST_COLUMNS)
    places = {key: positions[key] for key in PAST_COLUMNS if key in positions}
    telling = [key for key in places if key not in _IDENTITY]
    read: dict[tuple[str, Cell], Request] = {}
    known: dict[tuple[Cell, ...], Request] = {}
    past = []
    for number, line in enumerate(reading.tabs["requests"].grid[1:]):
        if number % _OFTEN == 0:
            progress(number)
        cells = {key: cell_at(line, place) for key, place in places.items()}
        if not as_text(cells.get("last_name")) and not as_text(cells.get("referent")):
            continue
        received_on = _day(cells.get("received_at"))
        if after and not (received_on and received_on > after):
            continue
        # Many requests say the same of what rules go by. Reading it is most of the work.
        said = tuple(cells[key] for key in telling)
        request = known.get(said)
        if request is None:
            request = known[said] = _joined(zip(telling, said, strict=True), read, official)
        if not request.is_test:
            texts = as_text(cells.get("reference")), as_text(cells.get("referent"))
            past.append(PastRequest(texts[0], received_on, texts[1], request))
    return past


def _joined(
    cells: Iterable[tuple[str, Cell]], read: dict[tuple[str, Cell], Request], official: Territories
) -> Request:
    """A request of cells that are read one by one; `read` remembers each of them."""
    values: dict[str, Any] = {}
    unreadable: frozenset[str] = frozenset()
    target = Target()
    for key, cell in cells:
        if cell is None:
            continue
        part = read.get((key, cell))
        if part is None:
            part = read[key, cell] = Request.from_cells({key: cell}, official)
        values |= part.values
        unreadable |= part.unreadable
        if key == "target":
            target = part.target
    project = values.get("project")
    projects = (Project(project, values.get("sector")),) if project else ()
    return Request(values, projects, target, unreadable)


_OFTEN = 1_000  # rows between two notes of progress


def _day(cell: Cell) -> date | None:
    try:
        moment = tab("requests")["received_at"].type.parse(cell) if as_text(cell) else None
    except CellError:
        return None
    return moment.astimezone(PARIS).date() if moment else None


@dataclass(frozen=True)
class Outcome:
    """What a table says of a request: the rule that decides, and who then gets a share of it.

    Without a rule, or if it names nobody who is in activity, `people` is the default referent.
    """

    rule: Rule | None
    people: tuple[str, ...]


@dataclass
class Replay:
    """Says what a table does with requests; it remembers requests that are alike."""

    lookup: Lookup
    today: date
    _known: dict[tuple[object, ...], Outcome] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.lookup = timeless(self.lookup)
        rules = self.lookup.rules
        # A condition that no rule has need not be looked at.
        self._telling = [
            condition
            for condition in CONDITIONS
            if condition.blank or any(condition.column in rule.wants for rule in rules)
        ]

    def outcome(self, past: PastRequest) -> Outcome:
        """What the table says of a request, by its first project."""
        request, project = past.request, past.project
        given = (tuple(condition.given(request, project)) for condition in self._telling)
        key = (request.target, *given)
        if key not in self._known:
            self._known[key] = self._decide(request, project)
        return self._known[key]

    def _decide(self, request: Request, project: Project) -> Outcome:
        rule = next(self.lookup.index.ranking(request, project), None)
        people = [person.name for person in able(rule, self.lookup, self.today)] if rule else []
        if not people and self.lookup.default:
            people = [self.lookup.default.name]
        return Outcome(rule, tuple(people))


def stranded(lookup: Lookup, today: date) -> frozenset[int]:
    """The numbers of the rules that name nobody who is in activity, nor anybody's substitute."""
    always = timeless(lookup)
    return frozenset(rule.number for rule in lookup.rules if not able(rule, always, today))


def timeless(lookup: Lookup) -> Lookup:
    """Lookup tables in which nobody is absent or has too much to do."""
    people = {
        key: replace(person, absent_from=None, absent_until=None, max_open=None)
        for key, person in lookup.people.items()
    }
    return replace(lookup, people=people)


@dataclass(frozen=True)
class RuleEffect:
    """How many past requests a rule would have caught, and how many of them change hands."""

    caught: int = 0
    changed: int = 0


@dataclass(frozen=True)
class Effect:
    """What a table would have done: by the number of a rule, and to all requests together."""

    by_rule: Mapping[int, RuleEffect]
    requests: int
    changed: int
    uncovered: int


def effect(before: Replay, after: Replay, past: Sequence[PastRequest]) -> Effect:
    """Compare two tables by what each says of past requests.

    A request changes hands if other people would get it. Who of several people gets it is not
    compared, because that depends on how busy they are.
    """
    caught: dict[int, int] = {}
    moved: dict[int, int] = {}
    uncovered = changed = 0
    for item in past:
        now = after.outcome(item)
        differs = set(now.people) != set(before.outcome(item).people)
        changed += differs
        if now.rule is None:
            uncovered += 1
            continue
        number = now.rule.number
        caught[number] = caught.get(number, 0) + 1
        moved[number] = moved.get(number, 0) + differs
    by_rule = {number: RuleEffect(count, moved[number]) for number, count in caught.items()}
    return Effect(by_rule, len(past), changed, uncovered)
