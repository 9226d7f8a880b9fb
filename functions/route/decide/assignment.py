"""Assignment: which referent follows a request, and why, in French. Pure."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import product

from functions.route.decide.load import NO_LOAD, Load
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


def assign(
    request: Request,
    lookup: Lookup,
    today: date,
    load: Load = NO_LOAD,
    without: Collection[str] = (),
) -> Assignment:
    """Assign a request to its lead and to other referents.

    The rule for the first project decides who leads. If it names several people, they share: the
    one with the fewest open requests leads, then the one who has waited longest for one, then the
    one named first. The rule for each further project adds one of its people to the others, unless
    one of them is among the request's people already. Somebody who is absent or no longer active
    is replaced by their substitute, who may be replaced in turn. If no rule matches, or if nobody
    whom the rule names is available, the default referent leads.

    Args:
        request: what is asked for.
        lookup: the lookup tables.
        today: the day in Paris.
        load: how busy the referents are.
        without: the names, in any spelling, of the people who refused this request. It is assigned
            as if the rules did not name them: a rule that names nobody else does not count.
    """
    desk = _Desk(lookup, today, load, frozenset(map(normalise, without)))
    first, *further = request.projects or (Project("unknown"),)
    refusals = ""
    for rule in rules_for(request, first, lookup):
        said = f"{refusals}{describe(rule, lookup.official)} → "
        share = desk.share(rule)
        if share.person:
            break
        if not share.refused:
            doubt = f"La règle {rule.number} ne désigne personne de disponible."
            return _by_default(lookup, said + share.trail, doubt)
        refusals = f"{said}{share.trail} ; "
    else:
        doubt = "Aucune règle ne couvre cette demande."
        if refusals:
            doubt = "Les personnes que les règles désignent ont refusé cette demande."
        return _by_default(lookup, refusals.removesuffix(" ; ") or "Aucune règle", doubt)
    said += share.trail
    team = [share.person]
    for project in further:
        other = next(rules_for(request, project, lookup), None)
        person = other and desk.companion(other, team)
        if other and person:
            team.append(person)
            said += f" ; autre projet, règle {other.number} → {person.name}"
    return Assignment(team[0], tuple(team[1:]), said)


def rules_for(request: Request, project: Project, lookup: Lookup) -> Iterator[Rule]:
    """The rules that match one of a request's projects, in the order in which they win."""
    left = lookup
    while rule := choose(request, project, left):
        yield rule
        left = replace(left, rules=tuple(other for other in left.rules if other is not rule))


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


@dataclass(frozen=True)
class _Share:
    """Who of a rule's people gets a request, and how it came to that, as a reason says it.

    `refused` says that nobody is left because people refused the request.
    """

    person: Referent | None
    trail: str
    refused: bool = False


@dataclass(frozen=True)
class _Desk:
    """Finds who can take a request; `refused` holds normalised names."""

    lookup: Lookup
    today: date
    load: Load
    refused: frozenset[str]

    def share(self, rule: Rule) -> _Share:
        """Choose among the people whom a rule names, or who stand in for them."""
        chains = [list(self._stand_in(name)) for name in rule.referents]
        trails = [" → ".join(text for _, text in chain) for chain in chains]
        people = [chain[-1][0] for chain in chains]
        there = list(dict.fromkeys(person for person in people if person))
        if not there:
            refused = any(normalise(name) in self.refused for name in rule.referents)
            return _Share(None, ", puis ".join(trails), refused)
        chosen = min(there, key=self._burden)
        at = people.index(chosen)
        unable = [trail for trail, person in zip(trails, people, strict=True) if not person]
        before = [trail for trail in trails[:at] if trail in unable]
        passed_over = [person for person in there if person in people[:at]]
        return _Share(
            chosen, ", puis ".join([*before, trails[at]]) + self._compared(chosen, passed_over)
        )

    def companion(self, rule: Rule, team: list[Referent]) -> Referent | None:
        """Who joins a request's people for a further project; None if one of them can follow it."""
        people = [list(self._stand_in(name))[-1][0] for name in rule.referents]
        there = [person for person in people if person]
        if not there or any(person in team for person in there):
            return None
        return min(there, key=self._burden)

    def _burden(self, person: Referent) -> tuple[int, datetime]:
        return self.load.open(person.name), self.load.last(person.name)

    def _compared(self, chosen: Referent, passed_over: list[Referent]) -> str:
        """Why people who can take a request, and are named first, do not get it."""
        if not passed_over:
            return ""
        mine = self.load.open(chosen.name)
        texts = [_dossiers(mine)]
        for person in passed_over:
            theirs = self.load.open(person.name)
            tie = ", demande plus récente" if theirs == mine else ""
            texts.append(f"{person.name} : {theirs}{tie}")
        return f" ({' ; '.join(texts)})"

    def _stand_in(self, name: str) -> Iterator[tuple[Referent | None, str]]:
        """Follow substitutes until somebody is available.

        Yields each person on the way with the words for the reason. The person is None where
        somebody cannot take the request. Where absent people stand in for each other, nobody is
        left. Nobody stands in for a person who refused the request.
        """
        asked: set[str] = set()
        role = ""
        while True:
            person = self.lookup.referent(name)
            if not person:
                yield None, f"{role}{quoted(name)}, introuvable dans l'onglet Référents"
                return
            if normalise(name) in self.refused:
                yield None, f"refusée par {person.name}"
                return
            if person.active and not person.absent(self.today):
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


def _dossiers(number: int) -> str:
    if not number:
        return "aucun dossier ouvert"
    return f"{number} dossier{'s' if number > 1 else ''} ouvert{'s' if number > 1 else ''}"


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
