"""Assignment: which referent follows a request, and why, in French. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import product

from functions.route.decide.lookup import CONDITIONS, Lookup, Referent, Rule
from functions.shared.french import day
from functions.shared.request import Project, Request
from sheets_schema.place import PLACE
from sheets_schema.schema import vocabulary
from sheets_schema.territory import Target, Territories
from sheets_schema.text import normalise, quoted

# How close a rule comes in each respect, the territory first: the higher, the closer.
Precision = tuple[int, ...]


@dataclass(frozen=True)
class Assignment:
    """Who follows a request, who else is concerned, and why.

    `lead` is None where nobody can be named. `doubt` is what a coordinator should look at, and
    `advice` is what they can do about it; both are empty where nothing is doubtful.
    """

    lead: Referent | None
    others: tuple[Referent, ...]
    reason: str
    doubt: str = ""
    advice: str = ""


def assign(request: Request, lookup: Lookup, today: date) -> Assignment:
    """Assign a request to its lead and to other referents.

    The rule for the first project decides who leads: the first of its referents who is available.
    The referents after them become other referents. The rule for each further project adds its
    first available referent to the others. Somebody who is absent or no longer active is replaced
    by their substitute, who may be replaced in turn. If no rule matches, or if nobody whom the
    rule names is available, the default referent leads.
    """
    first, *further = request.projects or (Project("unknown"),)
    rule = choose(request, first, lookup)
    if not rule:
        return _by_default(lookup, "Aucune règle", "Aucune règle ne couvre cette demande.")
    available, trail = _available(rule, lookup, today)
    said = f"{describe(rule, lookup.official)} → {trail}"
    if not available:
        doubt = f"La règle {rule.number} ne désigne personne de disponible."
        return _by_default(lookup, said, doubt)
    others = list(available[1:])
    for project in further:
        other = choose(request, project, lookup)
        people, _ = _available(other, lookup, today) if other else ([], "")
        if other and people:
            others.append(people[0])
            if people[0] != available[0]:
                said += f" ; autre projet, règle {other.number} → {people[0].name}"
    distinct = dict.fromkeys(person for person in others if person != available[0])
    return Assignment(available[0], tuple(distinct), said)


def choose(request: Request, project: Project, lookup: Lookup) -> Rule | None:
    """The rule that decides for one of a request's projects, among those that match.

    A rule wins over another that is less precise in one respect (its territory, or a condition)
    and more precise in none. If neither wins so, because each is more precise in its own way or
    because both are equally precise, the lower Ordre wins, then the lower number.
    """
    first = lookup.first_rules
    given = (condition.given(request, project) for condition in CONDITIONS)
    wanted = list(product(*({value, None} for value in given)))
    matching = [
        ((level, *(value is not None for value in wants)), rule)
        for level, code in _places(request.target, lookup.official)
        for wants in wanted
        if (rule := first.get((code, *wants)))
    ]
    best = [
        rule
        for precision, rule in matching
        if not any(_beats(other, precision) for other, _ in matching)
    ]
    return min(best, key=lambda rule: (rule.order, rule.number), default=None)


def describe(rule: Rule, official: Territories) -> str:
    """A rule as a reason cites it: « Règle 12 : Reprendre une entreprise × Haut Pays »."""
    words = [
        # Without the explanation in brackets: « S'installer en agriculture (création, reprise…) ».
        vocabulary(condition.words)[rule.wants[condition.column]].partition(" (")[0]
        for condition in CONDITIONS
        if condition.column in rule.wants
    ] or ["Tous les projets"]
    somewhere = rule.target.communes or rule.target.epcis
    words.append(official.format(rule.target) if somewhere else f"partout {PLACE.in_place}")
    return f"Règle {rule.number} : {' × '.join(words)}"


def _beats(mine: Precision, theirs: Precision) -> bool:
    return mine != theirs and all(a >= b for a, b in zip(mine, theirs, strict=True))


def _places(target: Target, official: Territories) -> Iterator[tuple[int, str | None]]:
    """The codes by which a rule may cover a target, each with how precise such a rule is.

    A commune is more precise than an intercommunalité, and an intercommunalité more precise than
    no code at all, which covers any target.
    """
    yield from ((2, code) for code in target.communes)
    yield from ((1, code) for code in official.epcis_of(target))
    yield 0, None


def _available(rule: Rule, lookup: Lookup, today: date) -> tuple[list[Referent], str]:
    """The available people for those whom a rule names, and how the first of them was chosen."""
    available: list[Referent] = []
    trail: list[str] = []
    for name in rule.referents:
        steps = list(_stand_in(name, lookup, today))
        person = steps[-1][0]
        if not available:
            trail.append(" → ".join(text for _, text in steps))
        if person:
            available.append(person)
    return available, ", puis ".join(trail)


def _stand_in(name: str, lookup: Lookup, today: date) -> Iterator[tuple[Referent | None, str]]:
    """Follow substitutes until somebody is available.

    Yields each person on the way with the words for the reason. The person is None where somebody
    cannot take the request. Where absent people stand in for each other, nobody is left.
    """
    asked: set[str] = set()
    role = ""
    while True:
        person = lookup.referent(name)
        if not person:
            yield None, f"{role}{quoted(name)}, introuvable dans l'onglet Référents"
            return
        there = person.active and not person.absent(today)
        if there:
            yield person, f"{role}{person.name}"
            return
        asked.add(normalise(name))
        following = person.substitute
        ended = not following or normalise(following) in asked
        tail = ", sans suppléant disponible" if ended else ""
        yield None, f"{role}{person.name}, {_why_not(person)}{tail}"
        if ended or not following:
            return
        name, role = following, "suppléant : "


def _why_not(person: Referent) -> str:
    """Why somebody gets no request. The cause of an absence is never said."""
    if not person.active:
        return "plus en activité"
    if not person.absent_until:
        return "indisponible"
    return f"indisponible jusqu'au {day(person.absent_until)}"


def _by_default(lookup: Lookup, said: str, doubt: str) -> Assignment:
    if lookup.default:
        advice = "Confirmez le référent ou choisissez-en un autre, puis complétez les règles."
        return Assignment(lookup.default, (), f"{said} : coordination", doubt, advice)
    advice = "Choisissez un référent, et un référent par défaut dans l'onglet Coordination."
    return Assignment(None, (), said, doubt, advice)
