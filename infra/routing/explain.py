"""Why a request goes to whom: every rule, and why it does not decide. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from functions.route.decide.assignment import assign
from functions.route.decide.load import NO_LOAD, Load
from functions.route.decide.lookup import Lookup
from functions.route.decide.rules import CONDITIONS, Condition, Rule
from functions.shared.request import Project, Request
from sheets_schema.tab import tab
from sheets_schema.territory import Target

_LEVELS = {2: "une commune", 1: "une intercommunalité"}
_RATHER = {1: "qu'une intercommunalité", 0: "que partout"}


@dataclass(frozen=True)
class Verdict:
    """What becomes of a rule: `rank` is its place among those that match, 0 for none."""

    rule: Rule
    rank: int
    why: str


def explain(
    request: Request, lookup: Lookup, today: date, load: Load = NO_LOAD
) -> tuple[list[Verdict], list[str]]:
    """Say of each rule why it decides, or why not.

    Returns:
        A verdict for each rule, those that match first, in the order in which they win; and the
        last lines: the further projects, and who gets the request.
    """
    project = request.projects[0] if request.projects else Project("unknown")
    ranking = list(lookup.index.ranking(request, project))
    verdicts = [
        Verdict(rule, rank, _why_behind(rule, ranking[: rank - 1], request, lookup))
        for rank, rule in enumerate(ranking, start=1)
    ]
    verdicts += [
        Verdict(rule, 0, " ; ".join(_mismatches(rule, request, project, lookup)))
        for rule in lookup.rules
        if rule not in ranking
    ]
    assignment = assign(request, lookup, today, load)
    lines = []
    if assignment.others:
        lines.append(f"Autres référents : {', '.join(person.name for person in assignment.others)}")
    if assignment.doubt:
        lines.append(f"{assignment.doubt} {assignment.advice}")
    lead = assignment.lead
    who = f"{lead.name} <{lead.email or 'sans adresse'}>" if lead else "personne"
    return verdicts, [*lines, f"→ {who} · {assignment.reason}"]


def _why_behind(rule: Rule, ahead: list[Rule], request: Request, lookup: Lookup) -> str:
    if not ahead:
        return "décide"
    mine = _precision(rule, request, lookup)
    for other in ahead:
        theirs = _precision(other, request, lookup)
        if theirs != mine and all(a >= b for a, b in zip(theirs, mine, strict=True)):
            return f"moins précise que la règle {other.number} ({', '.join(_finer(theirs, mine))})"
    other = ahead[0]
    if rule.order != other.order:
        return f"Ordre {rule.order}, après l'Ordre {other.order} de la règle {other.number}"
    return f"même Ordre que la règle {other.number}, dont le numéro est plus petit"


def _finer(theirs: tuple[int, ...], mine: tuple[int, ...]) -> Iterator[str]:
    names = ["territoire", *(_title(condition).lower() for condition in CONDITIONS)]
    for name, a, b in zip(names, theirs, mine, strict=True):
        if a > b:
            level = f" : {_LEVELS[a]} plutôt {_RATHER[b]}" if name == names[0] else ""
            yield name + level


def _precision(rule: Rule, request: Request, lookup: Lookup) -> tuple[int, ...]:
    """How precise a rule is for a request that it matches, see `rules.RuleIndex`."""
    target, epcis = rule.target, lookup.official.epcis_of(request.target)
    level = 0
    if set(target.epcis) & set(epcis):
        level = 1
    if set(target.communes) & set(request.target.communes):
        level = 2
    return (level, *(int(condition.column in rule.wants) for condition in CONDITIONS))


def _title(condition: Condition) -> str:
    return tab("rules")[condition.column].title


def _mismatches(rule: Rule, request: Request, project: Project, lookup: Lookup) -> Iterator[str]:
    """What a rule wants that a request does not have."""
    if not _covers(rule.target, request.target, lookup):
        wanted = lookup.official.format(rule.target)
        yield _differs("territoire", wanted, lookup.official.format(request.target))
    for condition in CONDITIONS:
        wanted_values = rule.wants.get(condition.column, condition.blank)
        given = condition.given(request, project)
        if wanted_values and not set(wanted_values) & set(given):
            wanted = " ou ".join(map(condition.words, wanted_values))
            said = ", ".join(map(condition.words, given))
            yield _differs(_title(condition).lower(), wanted, said)


def _differs(title: str, wanted: str, said: str) -> str:
    tail = f"et non {said}" if said else "ce que la demande ne précise pas"
    return f"{title} : {wanted}, {tail}"


def _covers(area: Target, target: Target, lookup: Lookup) -> bool:
    if not (area.communes or area.epcis):
        return True
    epcis = lookup.official.epcis_of(target)
    return bool(set(area.communes) & set(target.communes) or set(area.epcis) & set(epcis))
