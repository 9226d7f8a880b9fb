"""Assignment: which referent follows a request, and why, in French. Pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from functions.route.decide.load import NO_LOAD, Load
from functions.route.decide.lookup import Lookup, Referent
from functions.route.decide.rules import SELLER, Rule
from functions.shared.french import day
from functions.shared.request import Project, Request
from sheets_schema.text import normalise, quoted, shortened


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
    one of them is among the request's people already. Somebody who is absent, full or no longer
    active is replaced by their substitute, who may be replaced in turn. If no rule matches, or if
    nobody whom the rule names is available, the default referent leads.

    Args:
        request: what is asked for.
        lookup: the lookup tables.
        today: the day in Paris.
        load: how busy the referents are.
        without: the names, in any spelling, of the people who refused this request. Nobody stands
            in for them. If a rule leaves nobody because of them, the next rule that matches counts.
    """
    roster = _Roster(lookup, today, load, frozenset(map(normalise, without)))
    first, *further = request.projects or (Project("unknown"),)
    refusals = ""
    for rule in lookup.index.ranking(request, first):
        share = roster.share(rule)
        said = f"{refusals}{rule.describe(lookup.official)} → {share.trail}"
        if share.person:
            others, companions = _companions(request, further, share.person, roster)
            return Assignment(share.person, others, said + companions)
        if not share.refused:
            doubt = f"La règle {rule.number} ne désigne personne de disponible."
            return _by_default(lookup, said, doubt)
        refusals += f"Règle {rule.number} : {share.trail} ; "
    if refusals:
        doubt = (
            "Les personnes que les règles désignent ont refusé cette demande, ou ne sont pas "
            "disponibles."
        )
        return _by_default(lookup, refusals.removesuffix(" ; "), doubt)
    if request["profile"] == SELLER:
        doubt = "Aucune règle ne couvre cette demande, dont le profil est une cession."
        return _by_default(lookup, "Aucune règle pour une cession", doubt)
    return _by_default(lookup, "Aucune règle", "Aucune règle ne couvre cette demande.")


def able(
    rule: Rule, lookup: Lookup, today: date, load: Load = NO_LOAD, without: Collection[str] = ()
) -> list[Referent]:
    """The people who share a rule's requests: whom it names, or who stand in for them.

    Args:
        rule: the rule.
        lookup: the lookup tables.
        today: the day in Paris.
        load: how busy the referents are.
        without: see `assign`.
    """
    return _Roster(lookup, today, load, frozenset(map(normalise, without))).available(rule)


def _companions(
    request: Request, projects: Iterable[Project], lead: Referent, roster: "_Roster"
) -> tuple[tuple[Referent, ...], str]:
    """Who comes along for further projects, no person twice, and the words for the reason."""
    team, said = [lead], ""
    for project in projects:
        rule = next(roster.lookup.index.ranking(request, project), None)
        there = roster.available(rule) if rule else []
        if rule and there and not any(person in team for person in there):
            team.append(min(there, key=roster.burden))
            said += f" ; autre projet, règle {rule.number} → {team[-1].name}"
    return tuple(team[1:]), said


@dataclass(frozen=True)
class _Share:
    """Who takes a share of a rule's requests, and how it came to that, as a reason says it.

    `person` is None where nobody can; `refused` says that a refusal is a cause of it.
    """

    person: Referent | None
    trail: str
    refused: bool = False


@dataclass(frozen=True)
class _Roster:
    """Finds who can take a request; `refused` holds the normalised names of those who will not."""

    lookup: Lookup
    today: date
    load: Load
    refused: frozenset[str]

    def available(self, rule: Rule) -> list[Referent]:
        """The people whom a rule names, or who stand in for them, without those who cannot."""
        shares = (self._stand_in(name).person for name in rule.referents)
        return list(dict.fromkeys(person for person in shares if person))

    def share(self, rule: Rule) -> _Share:
        """Choose among the people whom a rule names, or who stand in for them."""
        shares = [self._stand_in(name) for name in rule.referents]
        there = [share.person for share in shares if share.person]
        if not there:
            refused = any(share.refused for share in shares)
            return _Share(None, _fitting([share.trail for share in shares]), refused)
        chosen = min(there, key=self.burden)
        at = next(at for at, share in enumerate(shares) if share.person == chosen)
        unable = [share.trail for share in shares[:at] if not share.person]
        passed_over = dict.fromkeys(share.person for share in shares[:at] if share.person)
        trail = _fitting([*unable, shares[at].trail])
        return _Share(chosen, trail + self._compared(chosen, passed_over))

    def burden(self, person: Referent) -> tuple[int, datetime]:
        """By what people share: their open requests, then when they last got one."""
        return self.load.open(person.name), self.load.last(person.name)

    def _compared(self, chosen: Referent, passed_over: Iterable[Referent]) -> str:
        """Why people who can take a request, and are named first, do not get it."""
        mine = self.load.open(chosen.name)
        texts = []
        for person in passed_over:
            theirs = self.load.open(person.name)
            tie = ", demande plus récente" if theirs == mine else ""
            texts.append(f"{person.name} : {theirs}{tie}")
        return f" ({' ; '.join([_open(mine), *texts])})" if texts else ""

    def _stand_in(self, name: str) -> _Share:
        """Follow substitutes until somebody is available, or until they come round in a circle."""
        asked: set[str] = set()
        trail: list[str] = []
        role = ""
        while True:
            person = self.lookup.referent(name)
            if not person:
                trail.append(f"{role}{quoted(name)}, introuvable dans l'onglet Référents")
                return _Share(None, " → ".join(trail))
            if self.refused and normalise(person.name) in self.refused:
                trail.append(f"refusée par {person.name}")
                return _Share(None, " → ".join(trail), refused=True)
            why_not = self._why_not(person)
            if not why_not:
                trail.append(f"{role}{person.name}")
                return _Share(person, " → ".join(trail))
            asked.add(normalise(person.name))
            following = person.substitute
            ended = not following or normalise(following) in asked
            tail = ", sans suppléant disponible" if ended else ""
            trail.append(f"{role}{person.name}, {why_not}{tail}")
            if ended or not following:
                return _Share(None, " → ".join(trail))
            name, role = following, "suppléant : "

    def _why_not(self, person: Referent) -> str:
        """Why somebody gets no request, "" if they do. The cause of an absence is never said."""
        if why_not := unavailable(person, self.today):
            return why_not
        if person.max_open is not None and (has := self.load.open(person.name)) >= person.max_open:
            return f"{_open(has)} sur {person.max_open} au plus"
        return ""


def unavailable(person: Referent, today: date) -> str:
    """Why somebody gets no request on a day, however few they have; "" if they do."""
    if not person.active:
        return "plus en activité"
    if not person.absent(today):
        return ""
    if not person.absent_until:
        return "indisponible"
    return f"indisponible jusqu'au {day(person.absent_until)}"


def _open(number: int) -> str:
    if not number:
        return "aucun dossier ouvert"
    s = "s" if number > 1 else ""
    return f"{number} dossier{s} ouvert{s}"


_LONGEST = 200  # characters of what a reason says of people before it names who follows


def _fitting(trails: Sequence[str]) -> str:
    """Trails in one text; if it is long, the last person is still named at its end."""
    text = ", puis ".join(trails)
    if len(text) <= _LONGEST:
        return text
    return (
        f"{shortened(text, _LONGEST // 2)} → {text.rpartition(' → ')[2].rpartition(', puis ')[2]}"
    )


def _by_default(lookup: Lookup, said: str, doubt: str) -> Assignment:
    if lookup.default:
        advice = "Confirmez le référent ou choisissez-en un autre, puis complétez les règles."
        return Assignment(lookup.default, (), f"{said} : coordination", doubt, advice)
    advice = "Choisissez un référent, et un référent par défaut dans l'onglet Coordination."
    return Assignment(None, (), said, doubt, advice)
