"""What a table of rules leaves out, hides or contradicts, and what would mend it. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice, product

from functions.route.decide.assignment import able, unavailable
from functions.route.decide.load import NO_LOAD, Load
from functions.route.decide.lookup import Lookup, Referent
from functions.route.decide.replay import PastRequest
from functions.route.decide.rules import CANDIDATE, CONDITIONS, SELLER, Rule
from functions.shared.concerns import Concern
from functions.shared.request import Project, Request
from sheets_schema.origins import departments
from sheets_schema.place import PLACE
from sheets_schema.schema import vocabulary
from sheets_schema.tab import format_row, tab
from sheets_schema.territory import Target
from sheets_schema.text import normalise

ANYWHERE = ""  # the territory of a request that names no place
MOST_PAIRS = 1_000  # of rules that cover the same requests; thousands of rules have millions
_ORDER_STEP = 10
_PROJECTS = tuple(vocabulary("project"))
_SECTORS: tuple[str | None, ...] = (None, *vocabulary("sector"))
_EACH = tuple(Project(kind, sector) for kind in _PROJECTS for sector in _SECTORS)


@dataclass(frozen=True)
class Gap:
    """Requests that no rule covers: of one project in one territory, of some sectors.

    `territory` is an INSEE or SIREN code, or ANYWHERE. `sectors` is empty where all sectors lack a
    rule; None among them is a request that names no sector. `requests` is how many there were.
    """

    project: str
    territory: str
    sectors: tuple[str | None, ...]
    requests: int
    profile: str = CANDIDATE


@dataclass(frozen=True)
class Proposal:
    """A row to paste into the table of rules, which closes gaps; `why` says why this referent.

    `referent` is "" where nobody can be proposed.
    """

    rule: Rule
    referent: str
    why: str
    requests: int

    def cells(self, lookup: Lookup) -> dict[str, str]:
        """The row's cells as texts, by column."""
        rule = self.rule
        somewhere = rule.target.communes or rule.target.epcis
        values = {
            "number": rule.number,
            "order": rule.order,
            "territory": lookup.official.format(rule.target) if somewhere else None,
            "referents": self.referent or None,
            "active": True,
            **{key: tuple(value) for key, value in rule.wants.items()},
        }
        formatted = format_row(tab("rules"), values)
        return {
            key: f"{cell:g}" if isinstance(cell, float) else str(cell)
            for key, cell in formatted.items()
        }


@dataclass(frozen=True)
class Hidden:
    """A rule that never decides, and the numbers of the rules that decide in its place.

    It may still count once somebody has refused a request.
    """

    rule: Rule
    by: tuple[int, ...]


@dataclass(frozen=True)
class Conflict:
    """Two rules that cover some of the same requests, of which neither is more precise.

    If they also have the same Ordre, only their numbers decide. `same` says that both cover the
    same requests; `agree` that both name the same people.
    """

    first: Rule
    second: Rule
    same: bool
    agree: bool


@dataclass(frozen=True)
class PersonFinding:
    """Somebody whom rules name and who cannot take their requests, and why.

    `rules` are the numbers of these rules; `stranded` those of them that are left with nobody.
    `is_known` says that Référents has the name.
    """

    name: str
    why: str
    rules: tuple[int, ...]
    stranded: tuple[int, ...]
    is_known: bool = True


@dataclass(frozen=True)
class Findings:
    """All that is to be said of a table of rules."""

    gaps: tuple[Gap, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    hidden: tuple[Hidden, ...] = ()
    duplicates: tuple[Conflict, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    people: tuple[PersonFinding, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.gaps or self.hidden or self.duplicates or self.conflicts or self.people)


def check(
    lookup: Lookup, today: date, past: Sequence[PastRequest] = (), load: Load = NO_LOAD
) -> Findings:
    """Look for what a table leaves out, hides or contradicts; of the pairs that do, MOST_PAIRS.

    Args:
        lookup: the lookup tables.
        today: the day in Paris.
        past: the requests of the last year, which are counted.
        load: how busy the referents are.
    """
    gaps = tuple(find_gaps(lookup, past))
    pairs = list(islice(_conflicts(lookup), MOST_PAIRS))
    return Findings(
        gaps,
        tuple(propose(lookup, gaps)),
        tuple(find_hidden(lookup)),
        tuple(pair for pair in pairs if pair.same),
        tuple(pair for pair in pairs if not pair.same),
        tuple(_people(lookup, today, load)),
    )


def find_gaps(lookup: Lookup, past: Sequence[PastRequest] = ()) -> Iterator[Gap]:
    """The combinations of project, sector and territory that no rule covers.

    A rule for an intercommunalité covers its communes, and a rule without a territory covers all.
    So the intercommunalités are looked at, the communes that are in none, and requests that name no
    place. Requests about a handover are looked at only if there were some.
    """
    missed = Counter(
        (item.request["profile"] or CANDIDATE, item.project.type, item.project.sector, territory)
        for item in past
        if not lookup.index.covers(item.request, item.project)
        for territory in _territories_of(item, lookup)
    )
    profiles = [CANDIDATE]
    if any(item.request["profile"] == SELLER for item in past):
        profiles.append(SELLER)
    for profile, territory in product(profiles, _territories(lookup)):
        request = _request(lookup, territory, {"profile": (profile,)})
        without_rule = lookup.index.not_covered(request, _EACH)
        for kind in _PROJECTS:
            lacking = tuple(project.sector for project in without_rule if project.type == kind)
            if lacking:
                count = sum(missed[profile, kind, sector, territory] for sector in lacking)
                everything = len(lacking) == len(_SECTORS)
                yield Gap(kind, territory, () if everything else lacking, count, profile)


def _territories(lookup: Lookup) -> list[str]:
    official = lookup.official
    alone = [code for code, commune in official.communes.items() if not commune.epci]
    return [ANYWHERE, *official.epcis, *alone]


def _territories_of(item: PastRequest, lookup: Lookup) -> list[str]:
    target = item.request.target
    alone = [code for code in target.communes if not lookup.official.communes[code].epci]
    return [*lookup.official.epcis_of(target), *alone] or [ANYWHERE]


def _target(lookup: Lookup, code: str) -> Target:
    if not code:
        return Target()
    return Target(epcis=(code,)) if code in lookup.official.epcis else Target(communes=(code,))


def _request(lookup: Lookup, territory: str, wants: Mapping[str, Sequence[str]]) -> Request:
    """A request that says what a rule wants, and nothing else; of several values the first."""
    values = {key: value[0] for key, value in wants.items() if key != "origin" and value}
    for code in wants.get("origin", ())[:1]:
        if code in departments():
            values |= {"origin_country": "FR", "origin_postcode": _postcode(code)}
        else:
            values["origin_country"] = code
    return Request(values, (), _target(lookup, territory))


def _postcode(department: str) -> str:
    """A postcode of a département, by its number."""
    corsican = {"2A": "20000", "2B": "20200"}
    return corsican.get(department, f"{department}00000"[:5])


def propose(lookup: Lookup, gaps: Sequence[Gap]) -> Iterator[Proposal]:
    """The rows that together close gaps, and change nothing where there is a rule already.

    A gap means that requests which name no sector lack a rule, so a row needs no sector. Its Ordre
    comes after all others, so that it wins nowhere over a rule that is more precise in its own way.
    """
    number = max((lookup.last_number, *(rule.number for rule in lookup.rules)))
    order = max((rule.order for rule in lookup.rules), default=0) + _ORDER_STEP
    wanted = _wanted_rows(lookup, gaps)
    groups: dict[tuple[str, str, str, tuple[str, ...]], list[str]] = {}
    for (profile, name, why, kind), places in wanted.items():
        somewhere = tuple(place for place in places if place)
        for where in filter(None, ((ANYWHERE,) if ANYWHERE in places else (), somewhere)):
            groups.setdefault((profile, name, why, where), []).append(kind)
    for (profile, name, why, where), kinds in groups.items():
        number += 1
        wants: dict[str, tuple[str, ...]] = {}
        if len(kinds) < len(_PROJECTS):
            wants["project"] = tuple(kinds)
        if profile != CANDIDATE:
            wants["profile"] = (profile,)
        epcis = tuple(place for place in where if place in lookup.official.epcis)
        communes = tuple(place for place in where if place and place not in epcis)
        count = sum(wanted[profile, name, why, kind][place] for kind in kinds for place in where)
        rule = Rule(number, order, wants, Target(communes, epcis), (name,) if name else ())
        yield Proposal(rule, name, why, count)


def _wanted_rows(
    lookup: Lookup, gaps: Sequence[Gap]
) -> dict[tuple[str, str, str, str], Counter[str]]:
    """Who should follow which gaps: by profile, name, why and project, requests by territory.

    Where a project lacks a rule for requests that name no place, a row without a territory closes
    that gap. It closes those in territories as well, where nobody else is to be proposed.
    """
    candidates = _Candidates(lookup)
    open_anywhere = {(gap.profile, gap.project) for gap in gaps if gap.territory == ANYWHERE}
    wanted: dict[tuple[str, str, str, str], Counter[str]] = {}
    for gap in gaps:
        here, general = candidates.find(gap), candidates.find(_anywhere(gap))
        merges = (gap.profile, gap.project) in open_anywhere and here[0] == general[0]
        (name, why), place = (general, ANYWHERE) if merges else (here, gap.territory)
        wanted.setdefault((gap.profile, name, why, gap.project), Counter())[place] += gap.requests
    return wanted


def _anywhere(gap: Gap) -> Gap:
    return Gap(gap.project, ANYWHERE, (), 0, gap.profile)


@dataclass
class _Candidates:
    """Finds who might follow the requests of a gap."""

    lookup: Lookup
    _by_epci: dict[str, Referent] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        official = self.lookup.official
        organisations = {
            normalise(name): code
            for code, epci in official.epcis.items()
            for name in (epci.name, epci.label)
        }
        for person in self._active():
            code = organisations.get(normalise(person.organisation))
            if code:
                self._by_epci.setdefault(code, person)
        leads: dict[str, Counter[str]] = {}
        for rule in self.lookup.rules:
            for code in rule.target.epcis:
                leads.setdefault(code, Counter()).update(rule.referents[:1])
        for code, names in leads.items():
            for name, _ in names.most_common():
                person_ = self.lookup.referent(name)
                if person_ and person_.active:
                    self._by_epci.setdefault(code, person_)
                    break
        self._by_project = self._specialists()

    def find(self, gap: Gap) -> tuple[str, str]:
        """A name, "" for nobody, and why."""
        if gap.profile == CANDIDATE and (person := self._by_project.get(gap.project)):
            return person.name, "suit déjà ce projet ailleurs"
        if gap.territory and (person := self._by_epci.get(gap.territory)):
            return person.name, "suit ce territoire"
        if self.lookup.default:
            return self.lookup.default.name, "coordination"
        return "", "personne à proposer"

    def _active(self) -> list[Referent]:
        return [person for person in self.lookup.people.values() if person.active]

    def _specialists(self) -> dict[str, Referent]:
        """Who is named by most rules for a project, if these rules name no territory."""
        names: dict[str, Counter[str]] = {}
        for rule in self.lookup.rules:
            if rule.target.communes or rule.target.epcis or "profile" in rule.wants:
                continue
            for kind in rule.wants.get("project", ()):
                names.setdefault(kind, Counter()).update(rule.referents[:1])
        specialists = {}
        for kind, counted in names.items():
            for name, _ in counted.most_common():
                person = self.lookup.referent(name)
                if person and person.active:
                    specialists[kind] = person
                    break
        return specialists


def find_hidden(lookup: Lookup) -> Iterator[Hidden]:
    """The rules that decide for no request whatever.

    For each value and place that a rule names there is a request that says nothing else. A rule
    that decides for none of these requests is hidden if no further rule could change that, which
    is so where each winner is as precise as the rule in every respect, or where no rule is there
    that would beat the winner only.
    """
    known: dict[object, Rule | None] = {}  # many rules of a table say the same
    for rule in lookup.rules:
        winners: dict[int, None] = {}
        for place, winner in _winners(rule, lookup, known):
            if winner is rule or not _is_certain(rule, winner, place, lookup):
                break
            winners[winner.number] = None
        else:
            yield Hidden(rule, tuple(winners))


def _winners(
    rule: Rule, lookup: Lookup, known: dict[object, Rule | None]
) -> Iterator[tuple[str, Rule]]:
    """The rule that decides for each request that says what a rule wants, with its place.

    `known` remembers who decides for a request.
    """
    places = (*rule.target.communes, *rule.target.epcis) or (ANYWHERE,)
    kinds = rule.wants.get("project", _PROJECTS)
    sectors = rule.wants.get("sector", (None,))
    named: list[list[tuple[str, ...]]] = [
        [(value,) for value in rule.wants.get(column, ())] or [()] for column in _OTHERS
    ]
    for values in product(*named):
        said = dict(zip(_OTHERS, values, strict=True))
        for place, kind, sector in product(places, kinds, sectors):
            key = (values, place, kind, sector)
            if key not in known:
                request = _request(lookup, place, said)
                known[key] = next(lookup.index.ranking(request, Project(kind, sector)), None)
            yield place, known[key] or rule


_OTHERS = tuple(
    condition.column for condition in CONDITIONS if condition.column not in ("project", "sector")
)


def _is_certain(rule: Rule, winner: Rule, place: str, lookup: Lookup) -> bool:
    """Whether a rule loses all requests of a place that say more than the one that it lost."""
    mine, theirs = _precision_at(rule, place), _precision_at(winner, place)
    if all(a <= b for a, b in zip(mine, theirs, strict=True)):
        return True
    index = lookup.index
    between = index.more_precise(theirs) & ~index.more_precise(mine) & ~index.bits(winner)
    return not between & index.overlapping(rule)


def _precisions(rule: Rule) -> list[tuple[int, ...]]:
    """How precise a rule is in each respect, the territory first.

    A rule that names communes and intercommunalités has both precisions.
    """
    named = tuple(int(condition.column in rule.wants) for condition in CONDITIONS)
    levels = [2] * bool(rule.target.communes) + [1] * bool(rule.target.epcis)
    return [(level, *named) for level in levels or [0]]


def _precision_at(rule: Rule, place: str) -> tuple[int, ...]:
    """How precise a rule is for a request of a place that it covers."""
    precisions = _precisions(rule)
    return precisions[0] if place in rule.target.communes else precisions[-1]


def _conflicts(lookup: Lookup) -> Iterator[Conflict]:
    """Pairs of rules that overlap, of which neither is more precise.

    They say the same, or have one Ordre and name different people.
    """
    index = lookup.index
    scopes: Counter[object] = Counter()
    people: Counter[object] = Counter()
    orders: Counter[object] = Counter()
    rules = sorted(lookup.rules, key=lambda rule: (rule.order, rule.number))
    described = [(rule, _scope(rule), frozenset(map(normalise, rule.referents))) for rule in rules]
    for rule, scope, names in described:
        for sets, key in ((scopes, scope), (orders, rule.order), (people, names)):
            sets[key] |= index.bits(rule)
    for rule, scope, names in described:
        near = orders[rule.order] & ~people[names] | scopes[scope]
        for other in index.rules(near & index.overlapping(rule) & index.undecided(rule)):
            same = bool(scopes[scope] & index.bits(other))
            yield Conflict(rule, other, same, agree=bool(people[names] & index.bits(other)))


def _scope(rule: Rule) -> tuple[object, ...]:
    wants = {key: frozenset(value) for key, value in rule.wants.items()}
    return frozenset(wants.items()), frozenset(rule.target.communes), frozenset(rule.target.epcis)


def _people(lookup: Lookup, today: date, load: Load) -> Iterator[PersonFinding]:
    rules: dict[str, list[Rule]] = {}
    names: dict[str, str] = {}
    for rule in lookup.rules:
        for name in rule.referents:
            key = normalise(name)
            names.setdefault(key, name)
            rules.setdefault(key, []).append(rule)
    nobody = {rule.number for rule in lookup.rules if not able(rule, lookup, today, load)}
    for key, mine in rules.items():
        person = lookup.people.get(key)
        why = _why(person, today, load)
        if not why:
            continue
        stranded = tuple(rule.number for rule in mine if rule.number in nobody)
        # An absence that somebody stands in for is in order.
        if person and person.active and not stranded and "dossier" not in why:
            continue
        name = person.name if person else names[key]
        numbers = tuple(rule.number for rule in mine)
        yield PersonFinding(name, why, numbers, stranded, is_known=person is not None)


def _why(person: Referent | None, today: date, load: Load) -> str:
    if person is None:
        return "absent de l'onglet Référents"
    if reason := unavailable(person, today):
        return reason
    has = load.open(person.name)
    if person.max_open is not None and has >= person.max_open:
        return f"{has} dossiers ouverts pour {person.max_open} au plus"
    return ""


def in_words(gap: Gap, lookup: Lookup) -> str:
    """A gap as people name it: « Créer une entreprise × tous les secteurs × Haut Pays »."""
    sectors = vocabulary("sector")
    said = (
        " ou ".join(sectors[sector] if sector else "secteur non précisé" for sector in gap.sectors)
        if gap.sectors
        else "tous les secteurs"
    )
    parts = [
        vocabulary("project")[gap.project].partition(" (")[0],
        said,
        territory_name(gap.territory, lookup),
    ]
    if gap.profile != CANDIDATE:
        parts.insert(0, vocabulary("profile")[gap.profile].partition(" (")[0])
    return " × ".join(parts)


def territory_name(code: str, lookup: Lookup) -> str:
    """The name of a territory of a gap."""
    if not code:
        return "territoire non précisé"
    return lookup.official.format(_target(lookup, code))


def brief(findings: Findings) -> list[Concern]:
    """The findings as few lines, for À vérifier and for the digest.

    The lines hold no counts of requests, which change every day: each line is said once.
    """
    hidden = [f"{item.rule.number} (cachée par {_numbers(item.by)})" for item in findings.hidden]
    useless = {item.rule.number for item in findings.hidden}
    pairs = [
        f"{pair.first.number} et {pair.second.number}"
        for pair in (*findings.duplicates, *findings.conflicts)
        if pair.first.order == pair.second.order
        and not {pair.first.number, pair.second.number} & useless
    ]
    # Of a rule that names strangers only, the line about its cell says all.
    known = [item for item in findings.people if item.is_known]
    stranded = sorted({number for item in known for number in item.stranded})
    lines = (
        (_gap_summary(findings.gaps), _NO_RULE, _PROPOSED),
        (_few(hidden), "Des règles ne décident jamais d'une première attribution : {}.", _USELESS),
        (_few(pairs), "Des règles de même Ordre couvrent les mêmes demandes : {}.", _ORDER),
        (_numbers(stranded), "Des règles ne désignent personne de disponible : {}.", _STRANDED),
    )
    place = tab("rules").title
    return [
        Concern(place, sentence.format(named), action) for named, sentence, action in lines if named
    ]


_NO_RULE = "Des demandes ne seraient couvertes par aucune règle : {}."
_PROPOSED = (
    "« accueil routing check » propose les lignes à coller. En attendant, la coordination reçoit "
    "ces demandes."
)
_USELESS = "Supprimez-les, ou précisez leur projet ou leur territoire."
_ORDER = "Donnez-leur un Ordre différent, ou supprimez celle qui est de trop."
_STRANDED = (
    "Nommez quelqu'un d'autre, ou choisissez un suppléant dans Référents. En attendant, la "
    "coordination reçoit ces demandes."
)


def _gap_summary(gaps: Sequence[Gap]) -> str:
    labels = vocabulary("project")
    kinds = list(dict.fromkeys(gap.project for gap in gaps))
    if len(kinds) == len(_PROJECTS):
        return f"de tout projet, selon le territoire {PLACE.in_place}"
    return _few([labels[kind].partition(" (")[0] for kind in kinds])


_SHOWN = 5


def _few(texts: Sequence[str]) -> str:
    rest = len(texts) - _SHOWN
    more = f" et {rest} autre{'s' if rest > 1 else ''}" if rest > 0 else ""
    return ", ".join(texts[:_SHOWN]) + more


def _numbers(numbers: Sequence[int]) -> str:
    texts = [str(number) for number in numbers]
    if len(texts) > _SHOWN:
        return _few(texts)
    return " et ".join(filter(None, (", ".join(texts[:-1]), texts[-1]))) if texts else ""
