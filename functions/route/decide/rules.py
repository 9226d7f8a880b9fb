"""Assignment rules: what a rule may want of a request, and which rule decides. Pure."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from functions.shared.request import Project, Request
from sheets_schema.origins import in_words, origins
from sheets_schema.place import PLACE
from sheets_schema.schema import vocabulary
from sheets_schema.territory import Target, Territories
from sheets_schema.text import shortened, slug

CANDIDATE, SELLER = "candidate", "seller"
_LONGEST = 200  # characters of a rule's description; a reason has to say more than that


@dataclass(frozen=True)
class Condition:
    """What a rule may want of a request, beside its territory.

    `column` is the rule's: its cell holds one value or several, of which a request needs one.
    `given` are the values that a request has there, for one of its projects. `words` says a value
    as a reason names it. `blank` holds the values that a blank cell means, if it does not mean any.
    `of_project` says that they depend on the project; otherwise all projects have the same.
    """

    column: str
    given: Callable[[Request, Project], Collection[str]]
    words: Callable[[str], str]
    blank: tuple[str, ...] = ()
    of_project: bool = False


def _label(kind: str) -> Callable[[str], str]:
    """Says a value of a vocabulary without the explanation that its label has in brackets."""
    return lambda value: vocabulary(kind)[value].partition(" (")[0]


# In the order in which a reason names them. A rule with one is as precise as with another.
CONDITIONS = (
    Condition(
        "profile",
        # If nobody can read it, it may say « Cession »: then no rule for newcomers decides.
        lambda request, _: _if_given(request["profile"] or _unless_unreadable(request)),
        _label("profile"),
        blank=(CANDIDATE,),
    ),
    Condition("project", lambda _, project: (project.type,), _label("project"), of_project=True),
    Condition(
        "sector",
        lambda _, project: _if_given(project.sector),
        _label("sector"),
        of_project=True,
    ),
    Condition("horizon", lambda request, _: _if_given(request["horizon"]), _label("horizon")),
    Condition(
        "source",
        lambda request, _: _if_given(slug(request["source"] or "")),
        lambda source: f"source {source}",
    ),
    Condition(
        "origin",
        lambda request, _: origins(request["origin_country"], request["origin_postcode"]),
        lambda code: f"origine {in_words(code)}",
    ),
)


def _unless_unreadable(request: Request) -> str:
    return "" if "profile" in request.unreadable else CANDIDATE


def _if_given(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()


@dataclass(frozen=True)
class Rule:
    """One assignment rule; a target without communes or intercommunalités means any.

    `wants` holds, by the column of each of CONDITIONS, the values of which a request must have one.
    A condition that is not in it is blank.
    """

    number: int
    order: int
    wants: Mapping[str, Sequence[str]]
    target: Target
    referents: tuple[str, ...]

    def describe(self, official: Territories) -> str:
        """The rule as a reason cites it: « Règle 12 : Reprendre une entreprise × Haut Pays »."""
        words = [
            " ou ".join(map(condition.words, self.wants[condition.column]))
            for condition in CONDITIONS
            if condition.column in self.wants
        ]
        if "project" not in self.wants:
            words.insert(0, "Tous les projets")
        somewhere = self.target.communes or self.target.epcis
        words.append(official.format(self.target) if somewhere else f"partout {PLACE.in_place}")
        return shortened(f"Règle {self.number} : {' × '.join(words)}", _LONGEST)


# How precise a rule is in each respect, the territory first: the higher, the more precise.
Precision = tuple[int, ...]
_COMMUNE, _EPCI, _ANYWHERE = 2, 1, 0


class RuleIndex:
    """Finds the rules that match a request, by what they name.

    A set of rules is a whole number with a bit for each of them: those that match a request are
    the intersection of the sets that its values, and its territories, match. The lowest bit stands
    for the rule with the lowest Ordre, then the lowest number. A rule that names communes and
    intercommunalités has a bit for each of both, because it is more precise for the communes.
    """

    def __init__(self, rules: Collection[Rule], official: Territories) -> None:
        self._official = official
        self._rules: list[Rule] = []
        self._same: list[int] = []  # for each bit those of the same rule
        self._precisions: list[Precision] = []
        self._places: dict[str | None, int] = {}
        self._bits: dict[int, int] = {}  # by the number of the rule
        # The rules that name a place, and those that name a commune of an intercommunalité; other
        # than in `_places`, with all bits of each.
        self._naming: dict[str, int] = {}
        self._inside: dict[str | None, int] = {}
        self._values: dict[str, dict[str, int]] = {column: {} for column in _COLUMNS}
        self._any = dict.fromkeys(_COLUMNS, 0)
        for rule in sorted(rules, key=lambda rule: (rule.order, rule.number)):
            communes, epcis = rule.target.communes, rule.target.epcis
            anywhere = () if communes or epcis else (None,)
            parts = {_COMMUNE: communes, _EPCI: epcis, _ANYWHERE: anywhere}
            first = len(self._rules)
            for level, codes in parts.items():
                if codes:
                    self._add(rule, level, codes)
            bits = (1 << len(self._rules)) - (1 << first)
            self._same += [bits] * (len(self._rules) - first)
            self._bits[rule.number] = bits
            for code in (*communes, *epcis):
                self._naming[code] = self._naming.get(code, 0) | bits
            for code in communes:
                epci = official.communes[code].epci
                self._inside[epci] = self._inside.get(epci, 0) | bits
        self._all = (1 << len(self._rules)) - 1
        self._beaters, self._beaten = _beaters(self._precisions)
        # A condition that no rule has need not be looked at.
        self._looked_at = [
            condition
            for condition in CONDITIONS
            if condition.blank or self._values[condition.column]
        ]

    def _add(self, rule: Rule, level: int, codes: Collection[str | None]) -> None:
        bit = 1 << len(self._rules)
        self._rules.append(rule)
        named = (int(condition.column in rule.wants) for condition in CONDITIONS)
        self._precisions.append((level, *named))
        for code in codes:
            self._places[code] = self._places.get(code, 0) | bit
        for condition in CONDITIONS:
            column = condition.column
            wanted = rule.wants.get(column, condition.blank)
            if not wanted:
                self._any[column] |= bit
            for value in wanted:
                self._values[column][value] = self._values[column].get(value, 0) | bit

    def ranking(self, request: Request, project: Project) -> Iterator[Rule]:
        """The rules that match one of a request's projects: the one that wins, then the next.

        A rule wins over another that is less precise in one respect (its territory, or a condition)
        and more precise in none. If neither wins so, because each is more precise in its own way
        or because both are equally precise, the lower Ordre wins, then the lower number.
        """
        left = self._matching(request, project)
        while left:
            at = self._winner(left)
            yield self._rules[at]
            left &= ~self._same[at]

    def covers(self, request: Request, project: Project) -> bool:
        """Whether a rule matches one of a request's projects."""
        return bool(self._matching(request, project))

    def not_covered(self, request: Request, projects: Sequence[Project]) -> list[Project]:
        """Those of many projects that no rule matches, if a request has them."""
        own = [condition for condition in self._looked_at if condition.of_project]
        others = [condition for condition in self._looked_at if not condition.of_project]
        about = self._fitting(self._placed(request.target), others, request, projects[0])
        return [project for project in projects if not self._fitting(about, own, request, project)]

    def _matching(self, request: Request, project: Project) -> int:
        return self._fitting(self._placed(request.target), self._looked_at, request, project)

    def _placed(self, target: Target) -> int:
        matching = self._places.get(None, 0)
        for code in (*target.communes, *self._official.epcis_of(target)):
            matching |= self._places.get(code, 0)
        return matching

    def _fitting(
        self, matching: int, conditions: Sequence[Condition], request: Request, project: Project
    ) -> int:
        for condition in conditions:
            if not matching:
                break
            by_value, fitting = self._values[condition.column], self._any[condition.column]
            for value in condition.given(request, project):
                fitting |= by_value.get(value, 0)
            matching &= fitting
        return matching

    def bits(self, rule: Rule) -> int:
        """The set that holds one rule."""
        return self._bits[rule.number]

    def rules(self, bits: int) -> Iterator[Rule]:
        """The rules of a set, in their order."""
        while bits:
            at = (bits & -bits).bit_length() - 1
            yield self._rules[at]
            bits &= ~self._same[at]

    def overlapping(self, rule: Rule) -> int:
        """The rules that come after a rule, and match some request of one place that it matches."""
        before = self._bits[rule.number].bit_length()
        bits = self._all >> before << before
        communes, epcis = rule.target.communes, rule.target.epcis
        if communes or epcis:
            around = (self._official.communes[code].epci for code in communes)
            there = self._places.get(None, 0)
            for code in (*communes, *filter(None, around), *epcis):
                there |= self._naming.get(code, 0)
            for code in epcis:
                there |= self._inside.get(code, 0)
            bits &= there
        for condition in CONDITIONS:
            column = condition.column
            wanted = rule.wants.get(column, condition.blank)
            # A département lies in a country, so somebody may come from both.
            if wanted and column != "origin":
                fitting = self._any[column]
                for value in wanted:
                    fitting |= self._values[column].get(value, 0)
                bits &= fitting
        return bits

    def more_precise(self, precision: Precision) -> int:
        """The rules that win by their precision over one of this precision."""
        return self._beaters[precision]

    def undecided(self, rule: Rule) -> int:
        """The rules between which and a rule precision does not decide, at least in some place."""
        undecided = 0
        bits = self._bits[rule.number]
        for at in range((bits & -bits).bit_length() - 1, bits.bit_length()):
            precision = self._precisions[at]
            undecided |= self._all & ~(self._beaters[precision] | self._beaten[precision])
        return undecided

    def _winner(self, among: int) -> int:
        """The lowest of some bits whose rule no other of these rules beats."""
        left = among
        while True:
            at = (left & -left).bit_length() - 1
            if not self._beaters[self._precisions[at]] & among:
                return at
            left ^= 1 << at


_COLUMNS = tuple(condition.column for condition in CONDITIONS)


def _beaters(
    precisions: Sequence[Precision],
) -> tuple[Mapping[Precision, int], Mapping[Precision, int]]:
    """For each precision the set of those of higher precision, and of those of lower precision."""
    sets: dict[Precision, int] = {}
    for at, precision in enumerate(precisions):
        sets[precision] = sets.get(precision, 0) | 1 << at
    beaters, beaten = dict.fromkeys(sets, 0), dict.fromkeys(sets, 0)
    for (theirs, below), (mine, above) in product(sets.items(), repeat=2):
        if mine != theirs and all(a >= b for a, b in zip(mine, theirs, strict=True)):
            beaters[theirs] |= above
            beaten[mine] |= below
    return beaters, beaten
