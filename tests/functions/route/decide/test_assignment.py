from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.route.decide.assignment import assign, choose, describe
from functions.route.decide.load import Load
from functions.route.decide.lookup import Lookup, Referent, Rule
from functions.shared.request import Project, Request
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
    wants = {column: value for column, value in wants.items() if value}
    return Rule(number, order, wants, Target(communes, epcis), names)


def person(name, **more):
    return Referent(name, f"{name.lower()}@example.org", f"Organisme de {name}", **more)


def lookup(*rules, people=("Ana", "Bob", "Cléo", "Dan"), default="Coralie"):
    everybody = [
        referent if isinstance(referent, Referent) else person(referent) for referent in people
    ]
    by_name = {normalise(referent.name): referent for referent in everybody}
    return Lookup(rules, by_name, person(default) if default else None)


def chosen(*rules, project="farming", sector=None, target=IN_FIGEAC):
    rule_chosen = choose(Request({}, (), target), Project(project, sector), Lookup(rules))
    return rule_chosen and rule_chosen.number


def assigned(table, *projects, target=IN_FIGEAC, today=TODAY, **more):
    return assign(Request({}, projects or (Project("farming"),), target), table, today, **more)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (rule(1, communes=(FIGEAC,)), rule(2, epcis=(GRAND_FIGEAC,))),
        (rule(1, communes=(FIGEAC,)), rule(2)),
        (rule(1, epcis=(GRAND_FIGEAC,)), rule(2)),
        (rule(1, project="farming"), rule(2)),
        (rule(1, project="farming", sector="crafts"), rule(2, project="farming")),
        (rule(1, sector="crafts"), rule(2)),
        (
            rule(1, project="farming", epcis=(GRAND_FIGEAC,)),
            rule(2, epcis=(GRAND_FIGEAC,)),
        ),
        (rule(1, project="farming", communes=(FIGEAC,)), rule(2, project="farming")),
    ],
)
def test_the_more_precise_rule_wins_whatever_the_order(better, worse):
    first = Rule(worse.number, 1, *list(vars(worse).values())[2:])
    last = Rule(better.number, 99, *list(vars(better).values())[2:])
    assert chosen(first, last, sector="crafts") == 1
    assert chosen(last, first, sector="crafts") == 1


def test_between_a_precise_project_and_a_precise_territory_the_order_decides():
    by_project = rule(1, project="farming", order=10)
    by_territory = rule(2, epcis=(GRAND_FIGEAC,), order=20)
    assert chosen(by_project, by_territory) == 1
    by_territory = rule(2, epcis=(GRAND_FIGEAC,), order=5)
    assert chosen(by_project, by_territory) == 2


def test_as_precise_and_same_order_the_lower_number_wins():
    assert chosen(rule(8), rule(3), rule(5)) == 3


@pytest.mark.parametrize("order", [10, 0])
def test_of_rules_that_beat_each_other_nowhere_the_lower_number_wins(order):
    """Whether they cover two communes, or one is for a project and the other for a place."""
    both = Target(communes=(FIGEAC, CAHORS))
    pairs = [
        (rule(3, communes=(CAHORS,), order=order), rule(8, communes=(FIGEAC,), order=order)),
        (rule(3, communes=(FIGEAC,), order=order), rule(8, communes=(CAHORS,), order=order)),
        (rule(3, project="farming", order=order), rule(8, communes=(FIGEAC,), order=order)),
        (rule(3, communes=(FIGEAC,), order=order), rule(8, project="farming", order=order)),
    ]
    for first, second in pairs:
        assert chosen(first, second, target=both) == 3
        assert chosen(second, first, target=both) == 3


def test_a_rule_for_an_intercommunalite_covers_its_communes():
    assert chosen(rule(1, epcis=(GRAND_FIGEAC,)), target=Target(communes=(CAPDENAC,))) == 1


def test_a_rule_for_a_commune_does_not_cover_its_intercommunalite():
    assert chosen(rule(1, communes=(FIGEAC,)), target=Target(epcis=(GRAND_FIGEAC,))) is None


@pytest.mark.parametrize("target", [Target(anywhere=True), Target()])
def test_somebody_without_a_territory_is_for_rules_without_one(target):
    local = rule(1, epcis=(GRAND_FIGEAC,))
    assert chosen(local, target=target) is None
    assert chosen(local, rule(2), target=target) == 2


def test_one_of_several_communes_is_enough():
    both = Target(communes=(CAHORS, FIGEAC))
    assert chosen(rule(1, communes=(FIGEAC,)), target=both) == 1


def test_a_rule_for_a_sector_needs_the_sector():
    crafts = rule(1, sector="crafts")
    assert chosen(crafts) is None
    assert chosen(crafts, sector="retail") is None
    assert chosen(crafts, sector="crafts") == 1


rules = st.builds(
    Rule,
    st.integers(1, 50),
    st.integers(1, 3),
    st.fixed_dictionaries(
        {},
        optional={
            "project": st.sampled_from(["farming", "health"]),
            "sector": st.just("crafts"),
        },
    ),
    st.sampled_from(
        [Target(), IN_FIGEAC, Target(epcis=(GRAND_FIGEAC,)), Target(epcis=(GRAND_CAHORS,))]
    ),
    st.just(("Ana",)),
)


@given(
    st.lists(rules, unique_by=lambda item: item.number, max_size=8),
    st.sampled_from([None, "crafts"]),
    st.randoms(),
)
def test_the_choice_is_the_first_of_the_unbeaten_rules_and_does_not_depend_on_row_order(
    table, sector, random
):
    winner = choose(Request({}, (), IN_FIGEAC), Project("farming", sector), Lookup(table))
    shuffled = random.sample(table, len(table))
    assert (
        choose(Request({}, (), IN_FIGEAC), Project("farming", sector), Lookup(shuffled)) == winner
    )
    matching = [candidate for candidate in table if chosen(candidate, sector=sector)]
    assert (winner is None) == (not matching)
    if not winner:
        return
    assert winner in matching

    def precision(candidate):
        level = 2 if candidate.target.communes else 1 if candidate.target.epcis else 0
        return (level, "project" in candidate.wants, "sector" in candidate.wants)

    def beats(candidate, other):
        pairs = list(zip(precision(candidate), precision(other), strict=True))
        return all(a >= b for a, b in pairs) and any(a > b for a, b in pairs)

    assert not any(beats(other, winner) for other in matching)
    unbeaten = [
        candidate
        for candidate in matching
        if not any(beats(other, candidate) for other in matching)
    ]
    assert (winner.order, winner.number) == min(
        (candidate.order, candidate.number) for candidate in unbeaten
    )


def test_the_reason_names_rule_project_sector_territory_and_referent():
    table = lookup(rule(12, project="business_takeover", sector="crafts", epcis=(GRAND_FIGEAC,)))
    assignment = assigned(table, Project("business_takeover", "crafts"))
    assert assignment.lead.name == "Ana"
    assert assignment.reason == (
        "Règle 12 : Reprendre une entreprise ou un commerce × Artisanat × Grand-Figeac → Ana"
    )
    assert not assignment.doubt


def test_a_rule_for_everything_says_so():
    assert describe(rule(9), OFFICIAL) == "Règle 9 : Tous les projets × partout dans le Lot"


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
        "Règle 1 : S'installer en agriculture × partout dans le Lot → refusée par Ana ; "
        "Règle 2 : Tous les projets × Grand-Figeac → Bob"
    )
    assert not assignment.doubt


def test_when_everybody_refused_the_default_referent_leads_and_it_is_said():
    assignment = assigned(lookup(rule(1, "Ana")), without={"Ana"})
    assert assignment.lead.name == "Coralie"
    assert assignment.reason.endswith("→ refusée par Ana : coordination")
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


names = st.sampled_from(["Ana", "Bob", "Cléo", "Dan"])


@given(
    st.dictionaries(
        names,
        st.tuples(st.booleans(), st.booleans(), st.none() | names | st.just("Zorro")),
        max_size=4,
    ),
    st.lists(names | st.just("Zorro"), min_size=1, max_size=3),
)
def test_whoever_leads_is_there_and_the_reason_is_never_empty(people, referents):
    made = [
        person(name, active=active, absent_from=TODAY if absent else None, substitute=substitute)
        for name, (active, absent, substitute) in people.items()
    ]
    assignment = assigned(lookup(rule(1, ", ".join(referents)), people=made))
    assert assignment.reason.startswith("Règle 1 :")
    assert assignment.lead.active
    assert not assignment.lead.absent(TODAY)
    assert assignment.lead.name in assignment.reason or assignment.lead.name == "Coralie"
    assert assignment.lead not in assignment.others
