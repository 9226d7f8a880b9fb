from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.route.decide.assignment import assign
from functions.route.decide.load import Load
from functions.route.decide.lookup import Lookup, Referent
from functions.route.decide.rules import SELLER, Rule
from functions.shared.request import Project, Request
from sheets_schema.schema import vocabulary
from sheets_schema.tab import tab
from sheets_schema.territory import Target, territories
from sheets_schema.text import normalise

OFFICIAL = territories()
TODAY = date(2026, 12, 24)
NOW = datetime(2026, 12, 24, 9, tzinfo=UTC)
FIGEAC, CAHORS, CAPDENAC = "46102", "46042", "46055"
GRAND_FIGEAC, GRAND_CAHORS = "200067361", "200023737"
IN_FIGEAC = Target(communes=(FIGEAC,))


def rule(number, referents="Ana", *, project=None, sector=None, communes=(), epcis=(), order=10):
    names = tuple(referents.split(", "))
    wants = {"project": project, "sector": sector}
    wants = {column: (value,) for column, value in wants.items() if value}
    return Rule(number, order, wants, Target(communes, epcis), names)


def person(name, **more):
    return Referent(name, f"{name.lower()}@example.org", f"Organisme de {name}", **more)


def lookup(*rules, people=("Ana", "Bob", "Cléo", "Dan"), default="Coralie"):
    everybody = [
        referent if isinstance(referent, Referent) else person(referent) for referent in people
    ]
    by_name = {normalise(referent.name): referent for referent in everybody}
    return Lookup(rules, by_name, person(default) if default else None)


def assigned(table, *projects, target=IN_FIGEAC, today=TODAY, **more):
    return assign(Request({}, projects or (Project("farming"),), target), table, today, **more)


def test_the_reason_names_rule_project_sector_territory_and_referent():
    table = lookup(rule(12, project="business_takeover", sector="crafts", epcis=(GRAND_FIGEAC,)))
    assignment = assigned(table, Project("business_takeover", "crafts"))
    assert assignment.lead.name == "Ana"
    assert assignment.reason == (
        "Règle 12 : Reprendre une entreprise ou un commerce × Artisanat × Grand-Figeac → Ana"
    )
    assert not assignment.doubt


def test_a_rule_for_everything_says_so():
    assert rule(9).describe(OFFICIAL) == "Règle 9 : Tous les projets × partout dans le Lot"


def test_an_absent_referent_is_replaced_and_the_reason_says_until_when():
    ana = person("Ana", absent_from=TODAY, absent_until=date(2027, 1, 3), substitute="Bob")
    assignment = assigned(lookup(rule(1), people=[ana, "Bob"]))
    assert assignment.lead.name == "Bob"
    assert assignment.reason.endswith("→ Ana, indisponible jusqu'au 3 janvier → suppléant : Bob")


def test_the_substitutes_substitute_steps_in():
    ana = person("Ana", absent_from=TODAY, substitute="Bob")
    bob = person("Bob", absent_until=date(2027, 1, 1), substitute="Cléo")
    assignment = assigned(lookup(rule(1), people=[ana, bob, "Cléo"]))
    assert assignment.lead.name == "Cléo"
    assert (
        "Ana, indisponible → suppléant : Bob, indisponible jusqu'au 1er janvier"
        in assignment.reason
    )


def test_people_who_replace_each_other_and_are_all_absent_end_with_the_coordination():
    ana = person("Ana", absent_from=TODAY, substitute="Bob")
    bob = person("Bob", absent_from=TODAY, substitute="Ana")
    assignment = assigned(lookup(rule(1), people=[ana, bob]))
    assert assignment.lead.name == "Coralie"
    assert assignment.reason.endswith("sans suppléant disponible : coordination")
    assert assignment.doubt == "La règle 1 ne désigne personne de disponible."


def test_the_cause_of_an_absence_is_never_said():
    ana = person("Ana", active=False, substitute="Bob")
    assert "plus en activité" in assigned(lookup(rule(1), people=[ana, "Bob"])).reason


def test_the_next_name_of_the_rule_leads_when_the_first_is_not_there():
    ana = person("Ana", absent_from=TODAY)
    assignment = assigned(lookup(rule(1, "Ana, Bob"), people=[ana, "Bob"]))
    assert assignment.lead.name == "Bob"
    assert "Ana, indisponible, sans suppléant disponible, puis Bob" in assignment.reason


def test_an_unknown_name_is_said_and_the_next_one_leads():
    assignment = assigned(lookup(rule(1, "Zorro, Bob")))
    assert assignment.lead.name == "Bob"
    assert "« Zorro », introuvable dans l'onglet Référents" in assignment.reason


def busy(**counts):
    return Load(
        {normalise(name): number for name, (number, _) in counts.items()},
        {normalise(name): NOW - timedelta(days=days) for name, (_, days) in counts.items()},
    )


@pytest.mark.parametrize(
    ("load", "leads", "why"),
    [
        (busy(), "Ana", "→ Ana"),
        (busy(Ana=(5, 1), Bob=(3, 1), Cléo=(4, 1)), "Bob", "→ Bob (3 dossiers ouverts ; Ana : 5)"),
        (busy(Ana=(1, 1), Bob=(2, 1)), "Cléo", "→ Cléo (aucun dossier ouvert ; Ana : 1 ; Bob : 2)"),
        (
            busy(Ana=(1, 1), Bob=(1, 9), Cléo=(1, 5)),
            "Bob",
            "→ Bob (1 dossier ouvert ; Ana : 1, demande plus récente)",
        ),
        (busy(Ana=(1, 1), Bob=(1, 1), Cléo=(1, 1)), "Ana", "→ Ana"),
    ],
)
def test_people_of_a_rule_share_by_open_requests_then_by_who_waited_longest(load, leads, why):
    assignment = assigned(lookup(rule(1, "Ana, Bob, Cléo")), load=load)
    assert assignment.lead.name == leads
    assert assignment.others == ()
    assert assignment.reason.endswith(why)


def test_a_substitute_takes_the_share_of_whoever_is_absent():
    ana = person("Ana", absent_from=TODAY, substitute="Dan")
    table = lookup(rule(1, "Ana, Bob"), people=[ana, "Bob", "Dan"])
    assert assigned(table, load=busy(Bob=(1, 1))).reason.endswith(
        "→ Ana, indisponible → suppléant : Dan"
    )
    assert assigned(table, load=busy(Dan=(1, 1))).lead.name == "Bob"


def test_whoever_refused_gets_it_no_more_and_their_substitute_neither():
    ana = person("Ana", substitute="Dan")
    table = lookup(rule(1, "Ana, Bob"), people=[ana, "Bob", "Dan"])
    assignment = assigned(table, without=["ANA"])
    assert assignment.lead.name == "Bob"
    assert assignment.reason.endswith("→ refusée par Ana, puis Bob")


def test_when_all_of_a_rule_refused_the_next_rule_that_matches_decides():
    table = lookup(rule(1, "Ana", project="farming"), rule(2, "Bob", epcis=(GRAND_FIGEAC,)))
    assignment = assigned(table, without={"Ana"})
    assert assignment.lead.name == "Bob"
    assert assignment.reason == (
        "Règle 1 : refusée par Ana ; Règle 2 : Tous les projets × Grand-Figeac → Bob"
    )
    assert not assignment.doubt


def test_when_everybody_refused_the_default_referent_leads_and_it_is_said():
    assignment = assigned(lookup(rule(1, "Ana")), without={"Ana"})
    assert assignment.lead.name == "Coralie"
    assert assignment.reason.endswith("Règle 1 : refusée par Ana : coordination")
    assert "ont refusé cette demande" in assignment.doubt


def test_the_first_project_leads_and_the_others_referents_come_along():
    table = lookup(
        rule(1, "Ana", project="farming"),
        rule(2, "Bob", project="health"),
        rule(3, "Ana", project="tourism"),
    )
    assignment = assigned(table, Project("farming"), Project("health"), Project("tourism"))
    assert assignment.lead.name == "Ana"
    assert [referent.name for referent in assignment.others] == ["Bob"]
    assert assignment.reason.endswith("→ Ana ; autre projet, règle 2 → Bob")


def test_whoever_is_absent_comes_along_for_no_other_project():
    away = person("Bob", absent_from=TODAY, absent_until=TODAY, substitute="Cléo")
    table = lookup(
        rule(1, "Ana", project="farming"),
        rule(2, "Bob", project="health"),
        people=("Ana", away, "Cléo"),
    )
    projects = (Project("farming"), Project("health"))
    assert [referent.name for referent in assigned(table, *projects).others] == ["Cléo"]
    tomorrow = TODAY + timedelta(days=1)
    assert [referent.name for referent in assigned(table, *projects, today=tomorrow).others] == [
        "Bob"
    ]


def test_no_rule_goes_to_the_coordination():
    assignment = assigned(lookup())
    assert (assignment.lead.name, assignment.reason) == ("Coralie", "Aucune règle : coordination")
    assert assignment.doubt == "Aucune règle ne couvre cette demande."
    assert "complétez les règles" in assignment.advice


def test_without_rule_nor_default_nobody_is_named_and_it_is_said():
    assignment = assigned(lookup(default=None))
    assert assignment.lead is None
    assert assignment.reason == "Aucune règle"
    assert "référent par défaut" in assignment.advice


def test_somebody_who_is_full_is_replaced_and_the_reason_counts():
    ana = person("Ana", max_open=12, substitute="Bob")
    table = lookup(rule(1), people=[ana, "Bob"])
    assert assigned(table, load=busy(Ana=(11, 1))).lead.name == "Ana"
    full = assigned(table, load=busy(Ana=(12, 1)))
    assert full.lead.name == "Bob"
    assert full.reason.endswith("→ Ana, 12 dossiers ouverts sur 12 au plus → suppléant : Bob")


def test_somebody_who_wants_no_requests_gets_none():
    assert assigned(lookup(rule(1), people=[person("Ana", max_open=0)])).lead.name == "Coralie"


def test_nobody_joins_twice_and_none_for_a_project_that_one_of_the_people_can_follow():
    table = lookup(
        rule(1, "Ana", project="farming"),
        rule(2, "Bob, Cléo", project="health"),
        rule(3, "Dan, Cléo", project="tourism"),
        rule(4, "Bob, Ana", project="studies"),
    )
    projects = [Project(name) for name in ("farming", "health", "studies", "tourism")]
    assignment = assigned(table, *projects, load=busy(Bob=(3, 1), Dan=(1, 1)))
    assert [referent.name for referent in assignment.others] == ["Cléo"]
    assert assignment.reason.endswith("→ Ana ; autre projet, règle 2 → Cléo")


def test_no_rule_for_a_seller_is_said():
    request = Request({"profile": SELLER}, (Project("farming"),), IN_FIGEAC)
    assignment = assign(request, lookup(rule(1)), TODAY)
    assert assignment.lead.name == "Coralie"
    assert assignment.reason == "Aucune règle pour une cession : coordination"


def test_a_reason_that_is_long_still_names_who_follows():
    """It has to fit its cell, with the longest remarks before it."""
    long = [f"Jean-{letter * 60} de Long" for letter in "ABCD"]
    people = [
        person(name, absent_from=TODAY, substitute=following)
        for name, following in zip(long, [*long[1:], "Bob"], strict=True)
    ]
    everywhere = Rule(1, 1, {"project": tuple(vocabulary("project"))}, Target(), tuple(long))
    assignment = assigned(lookup(everywhere, people=[*people, "Bob"]))
    assert assignment.lead.name == "Bob"
    assert assignment.reason.endswith("suppléant : Bob")
    assert len(assignment.reason) <= tab("requests")["assignment_reason"].max_length - 90


NAMES = ["Ana", "Bob", "Cléo", "Dan"]
names = st.sampled_from(NAMES)
PEOPLE = st.dictionaries(
    names,
    st.tuples(
        st.booleans(), st.booleans(), st.none() | names | st.just("Zorro"), st.none() | st.just(2)
    ),
    max_size=4,
)
LOADS = st.builds(
    lambda counts, days: busy(**{name: (counts[name], days[name]) for name in NAMES}),
    st.fixed_dictionaries({name: st.integers(0, 3) for name in NAMES}),
    st.fixed_dictionaries({name: st.integers(0, 2) for name in NAMES}),
)
REFERENTS = st.lists(names | st.just("Zorro"), min_size=1, max_size=3)


def made(people):
    return {
        name: person(
            name,
            active=active,
            absent_from=TODAY if absent else None,
            substitute=substitute,
            max_open=most,
        )
        for name, (active, absent, substitute, most) in people.items()
    }


def stands_in(name, people, load, without, asked=()):
    """Who takes somebody's share, said anew; None for nobody."""
    referent = people.get(name)
    if referent is None or name in without or name in asked:
        return None
    full = referent.max_open is not None and load.open(name) >= referent.max_open
    if referent.active and not referent.absent(TODAY) and not full:
        return name
    return stands_in(referent.substitute, people, load, without, (*asked, name))


@given(PEOPLE, st.lists(REFERENTS, min_size=1, max_size=3), LOADS, st.sets(names, max_size=2))
def test_who_leads_is_who_a_slow_reference_says(people, referents, load, without):
    """Nobody who is inactive, absent or full leads, and nobody who refused."""
    people = made(people)
    rules = [rule(number, ", ".join(row)) for number, row in enumerate(referents, start=1)]
    expected = "Coralie"
    for row in referents:
        there = [stands_in(name, people, load, without) for name in row]
        there = [name for name in there if name]
        if there:
            expected = min(there, key=lambda name: (load.open(name), load.last(name)))
        chain_refused = [name for name in row if refused_on_the_way(name, people, load, without)]
        if there or not chain_refused:
            break
    table = lookup(*rules, people=people.values())
    assignment = assigned(table, load=load, without=without)
    assert assignment.lead.name == expected
    assert assignment == assigned(table, load=load, without=without)
    assert assignment.reason.startswith("Règle 1 :")
    assert expected in assignment.reason or expected == "Coralie"


def refused_on_the_way(name, people, load, without, asked=()):
    referent = people.get(name)
    if referent is None or name in asked:
        return False
    if name in without:
        return True
    return not stands_in(name, people, load, without) and refused_on_the_way(
        referent.substitute, people, load, without, (*asked, name)
    )
