"""The lookup tables that partners edit, as plain data, and what is wrong in them. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from functools import cached_property

from functions.shared.request import Project, Request
from sheets_schema.errors import CellError
from sheets_schema.tab import Problem, Table, read_table, tab
from sheets_schema.territory import Target, Territories, territories
from sheets_schema.text import normalise, quoted, split_list
from sheets_schema.wire import Reading

# What a rule covers: an INSEE or SIREN code, then the value of each condition; None means any.
Scope = tuple[str | None, ...]


@dataclass(frozen=True)
class Condition:
    """What a rule may want of a request, beside its territory.

    `column` is the rule's, of choices out of the vocabulary `words`; a blank cell means any.
    `given` is what a request has there, for one of its projects; None where it says nothing.
    """

    column: str
    words: str
    given: Callable[[Request, Project], str | None]


# In the order in which a reason names them. A rule with one is as precise as with another.
CONDITIONS = (
    Condition("project", "project", lambda _, project: project.type),
    Condition("sector", "sector", lambda _, project: project.sector),
)


@dataclass(frozen=True)
class Rule:
    """One assignment rule; a target without communes or intercommunalités means any.

    `wants` holds the value that each of CONDITIONS must have, by column. A condition that is not
    in it may have any value.
    """

    number: int
    order: int
    wants: Mapping[str, str]
    target: Target
    referents: tuple[str, ...]


@dataclass(frozen=True)
class Referent:
    """Somebody who follows requests."""

    name: str
    email: str
    organisation: str = ""
    active: bool = True
    absent_from: date | None = None
    absent_until: date | None = None
    substitute: str | None = None

    def absent(self, today: date) -> bool:
        """Whether the referent is absent by the dates in their row, both days included.

        A lone date makes an absence without a beginning or without an end.
        """
        if not self.absent_from and not self.absent_until:
            return False
        return (self.absent_from or date.min) <= today <= (self.absent_until or date.max)


@dataclass(frozen=True)
class Lookup:
    """The lookup tables as assignment uses them. `people` holds referents by normalised name.

    `coordinators` holds the addresses of the people in Coordination, by normalised name.
    """

    rules: tuple[Rule, ...] = ()
    people: Mapping[str, Referent] = field(default_factory=dict)
    default: Referent | None = None
    official: Territories = field(default_factory=territories)
    coordinators: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def first_rules(self) -> Mapping[Scope, Rule]:
        """For each scope the first of the rules that cover it."""
        first: dict[Scope, Rule] = {}
        for rule in sorted(self.rules, key=lambda rule: (rule.order, rule.number)):
            wants = [rule.wants.get(condition.column) for condition in CONDITIONS]
            for code in (*rule.target.communes, *rule.target.epcis) or (None,):
                first.setdefault((code, *wants), rule)
        return first

    def referent(self, name: str) -> Referent | None:
        """The referent with that name, in any spelling; None where nobody has it."""
        return self._spelled.get(name) or self.people.get(normalise(name))

    def address(self, name: str) -> str | None:
        """The address of a referent, or of a coordinator who is no referent."""
        person = self.referent(name)
        return person.email if person else self.coordinators.get(normalise(name))

    def nearest(self, name: str) -> list[str]:
        """Up to three referents whose name resembles a name that nobody has, the nearest first."""
        wanted = normalise(name)
        parts = [part for part in self.people if set(wanted.split()) & set(part.split())]
        like = get_close_matches(wanted, [*parts, *self.people], n=3, cutoff=0.75)
        return [self.people[key].name for key in dict.fromkeys([*like, *parts])][:3]

    @cached_property
    def _spelled(self) -> Mapping[str, Referent]:
        """Referents by name as their own row spells it. Rules mostly repeat that spelling."""
        return {person.name: person for person in self.people.values()}


def read_lookup(reading: Reading, official: Territories) -> tuple[Lookup, list[Problem]]:
    """Read the three tabs. A bad row is left out and reported; it never stops the others.

    Raises:
        HeaderError: a tab lacks a column, or has one twice.
    """
    referents, rules, coordination = (
        read_table(tab(key), reading.tabs[key].grid, reading.version)
        for key in ("referents", "rules", "coordination")
    )
    problems = [*referents.problems, *rules.problems, *coordination.problems]
    people = _people(referents, problems)
    problems += _unknown(referents, "substitute", people)
    problems += _unknown(rules, "referents", people)
    lookup = Lookup(
        tuple(_rules(rules, official, problems)),
        people,
        _default(coordination, problems),
        official,
        {normalise(row.values["name"]): row.values["email"] for row in coordination.rows},
    )
    return lookup, problems


def _people(table: Table, problems: list[Problem]) -> dict[str, Referent]:
    people: dict[str, Referent] = {}
    for row in table.rows:
        values = {key: row.values[key] for key in Referent.__dataclass_fields__}
        values["organisation"] = values["organisation"] or ""
        if people.setdefault(normalise(values["name"]), Referent(**values)) != Referent(**values):
            sentence = "deux référents portent ce nom ; seule la première ligne compte."
            problems.append(table.problem(row, "name", sentence))
    return people


def _unknown(table: Table, key: str, people: Mapping[str, Referent]) -> Iterator[Problem]:
    for row in table.rows:
        for name in split_list(row.values[key] or ""):
            if normalise(name) not in people:
                yield table.problem(row, key, f"{quoted(name)} n'est pas dans l'onglet Référents.")


def _rules(table: Table, official: Territories, problems: list[Problem]) -> Iterator[Rule]:
    seen: set[int] = set()
    for row in table.rows:
        number = row.values["number"]
        if number in seen:
            sentence = f"la règle {number} figure deux fois ; seule la première ligne compte."
            problems.append(table.problem(row, "number", sentence))
            continue
        seen.add(number)
        try:
            target = official.parse(row.values["territory"] or "")
        except CellError as error:
            problems.append(table.problem(row, "territory", f"{error}."))
            continue
        if row.values["active"]:
            yield Rule(
                number,
                row.values["order"],
                {
                    condition.column: value
                    for condition in CONDITIONS
                    if (value := row.values[condition.column])
                },
                target,
                tuple(split_list(row.values["referents"])),
            )


def _default(table: Table, problems: list[Problem]) -> Referent | None:
    chosen = [row for row in table.rows if row.values["default_referent"]]
    if not chosen:
        sentence = "Référent par défaut : mettez Oui sur la ligne d'une personne."
        problems.append(Problem(table.tab.title, sentence))
        return None
    for row in chosen[1:]:
        sentence = "une seule ligne peut porter Oui ; la première compte."
        problems.append(table.problem(row, "default_referent", sentence))
    values = chosen[0].values
    return Referent(values["name"], values["email"], table.tab.title)
