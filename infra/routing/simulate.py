"""What a proposal would have done to past requests, beside the table in force. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from functions.route.decide.coverage import ANYWHERE, territory_name
from functions.route.decide.lookup import Lookup
from functions.route.decide.replay import Outcome, PastRequest, Replay
from functions.shared.request import Project, Request
from sheets_schema.schema import vocabulary
from sheets_schema.territory import Target

NOBODY = "personne"


@dataclass(frozen=True)
class Moved:
    """A request that other people would have got."""

    past: PastRequest
    before: Outcome
    after: Outcome


@dataclass(frozen=True)
class Total:
    """How many requests somebody would have got by the table in force, and by the proposal."""

    name: str
    before: int
    after: int


@dataclass(frozen=True)
class Simulation:
    """The comparison: requests that move, totals by referent, and how many no rule covers."""

    requests: int
    moved: tuple[Moved, ...]
    totals: tuple[Total, ...]
    uncovered_before: int
    uncovered_after: int


def simulate(before: Lookup, after: Lookup, past: Sequence[PastRequest], today: date) -> Simulation:
    """Give past requests to referents by two tables.

    Absences do not count. Where several people share a rule, the one who has got fewest so far gets
    the next request, from the oldest request on.
    """
    ordered = sorted(past, key=lambda item: item.received_on or date.min)
    replays = Replay(before, today), Replay(after, today)
    shares: tuple[Counter[str], Counter[str]] = Counter(), Counter()
    uncovered = [0, 0]
    moved = []
    for item in ordered:
        outcomes = [replay.outcome(item) for replay in replays]
        for at, outcome in enumerate(outcomes):
            people = outcome.people or (NOBODY,)
            shares[at][min(people, key=shares[at].__getitem__)] += 1
            uncovered[at] += outcome.rule is None
        if set(outcomes[0].people) != set(outcomes[1].people):
            moved.append(Moved(item, *outcomes))
    names = sorted(
        {*shares[0], *shares[1]}, key=lambda name: (-shares[1][name], -shares[0][name], name)
    )
    totals = tuple(Total(name, shares[0][name], shares[1][name]) for name in names)
    return Simulation(len(past), tuple(moved), totals, uncovered[0], uncovered[1])


@dataclass(frozen=True)
class Who:
    """Who gets some requests of a cell of the matrix; `sectors` is "" for all others."""

    sectors: str
    people: str
    before: str

    @property
    def is_changed(self) -> bool:
        """Whether other people get them than by the table in force."""
        return self.people != self.before


@dataclass(frozen=True)
class MatrixCell:
    """A project in a territory: who gets its requests, and how many there were."""

    who: tuple[Who, ...]
    requests: int


@dataclass(frozen=True)
class Matrix:
    """Projects by territories. `rows` holds cells in the order of `territories`, by project."""

    territories: tuple[str, ...]
    rows: Mapping[str, tuple[MatrixCell, ...]]

    @property
    def people(self) -> list[str]:
        """Everybody in the matrix, those with most cells first."""
        named = Counter(
            who.people for cells in self.rows.values() for cell in cells for who in cell.who
        )
        return [name for name, _ in named.most_common()]


def matrix(before: Lookup, after: Lookup, past: Sequence[PastRequest], today: date) -> Matrix:
    """Who gets which project in which intercommunalité by a proposal, and by the table in force."""
    replays = Replay(before, today), Replay(after, today)
    official = after.official
    codes = [*sorted(official.epcis, key=lambda code: official.epcis[code].name), ANYWHERE]
    counted: Counter[tuple[str, str]] = Counter(
        (item.project.type, code)
        for item in past
        for code in official.epcis_of(item.request.target) or (ANYWHERE,)
    )
    rows = {
        label.partition(" (")[0]: tuple(
            MatrixCell(tuple(_who(replays, kind, code)), counted[kind, code]) for code in codes
        )
        for kind, label in vocabulary("project").items()
    }
    return Matrix(
        tuple(
            territory_name(code, after).capitalize() if not code else territory_name(code, after)
            for code in codes
        ),
        rows,
    )


def _who(replays: tuple[Replay, Replay], kind: str, code: str) -> Iterator[Who]:
    def people(sector: str | None) -> tuple[str, str]:
        target = Target(epcis=(code,)) if code else Target()
        past = PastRequest("", None, "", Request({}, (Project(kind, sector),), target))
        now, then = (" ou ".join(replay.outcome(past).people) or NOBODY for replay in replays[::-1])
        return now, then

    usual = people(None)
    apart: dict[tuple[str, str], list[str]] = {}
    for sector, label in vocabulary("sector").items():
        if (pair := people(sector)) != usual:
            apart.setdefault(pair, []).append(label.partition(" (")[0])
    yield Who("", *usual)
    for pair, sectors in apart.items():
        yield Who(", ".join(sectors), *pair)
