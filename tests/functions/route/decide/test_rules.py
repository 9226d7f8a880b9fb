"""Which rule decides for a request. A slow reference says the same of random tables."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.route.commit.row_edits import HASHED
from functions.route.decide.rules import CANDIDATE, CONDITIONS, SELLER, Rule, RuleIndex
from functions.shared.request import Project, Request
from sheets_schema.schema import vocabulary
from sheets_schema.tab import tab
from sheets_schema.territory import Target, territories

OFFICIAL = territories()
FIGEAC, CAHORS, CAPDENAC = "46102", "46042", "46055"
GRAND_FIGEAC, GRAND_CAHORS = "200067361", "200023737"
IN_FIGEAC = Target(communes=(FIGEAC,))


def rule(number, *, communes=(), epcis=(), order=10, **wants):
    wants = {
        column: value if isinstance(value, tuple) else (value,) for column, value in wants.items()
    }
    return Rule(number, order, wants, Target(communes, epcis), ("Ana",))


def chosen(*rules, project="farming", sector=None, target=IN_FIGEAC, **values):
    request = Request(values, (), target)
    ranking = RuleIndex(rules, OFFICIAL).ranking(request, Project(project, sector))
    winner = next(ranking, None)
    return winner and winner.number


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
    first, last = replace(worse, order=1), replace(better, order=99)
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


@pytest.mark.parametrize(
    ("wants", "values"),
    [
        ({"horizon": "later"}, {"horizon": "later"}),
        ({"horizon": ("later", "unknown")}, {"horizon": "unknown"}),
        ({"source": "salon-taf"}, {"source": "salon-taf"}),
        ({"origin": "BE"}, {"origin_country": "Belgique"}),
        ({"origin": "31"}, {"origin_postcode": "31000"}),
        ({"origin": "FR"}, {"origin_postcode": "31000"}),
        ({"origin": ("75", "2A")}, {"origin_postcode": "20000 Ajaccio"}),
        ({"origin": "974"}, {"origin_postcode": "97400", "origin_country": "France"}),
        ({"profile": SELLER}, {"profile": SELLER}),
        ({"profile": CANDIDATE}, {}),
    ],
)
def test_a_condition_needs_one_of_its_values(wants, values):
    assert chosen(rule(1, **wants), **values) == 1


@pytest.mark.parametrize("values", [{}, {"horizon": "already_here", "origin_postcode": "1000"}])
@pytest.mark.parametrize(
    "wants", [{"horizon": "later"}, {"source": "salon-taf"}, {"origin": ("BE", "31")}]
)
def test_a_request_that_has_no_such_value_or_does_not_say_is_not_matched(wants, values):
    assert chosen(rule(1, **wants), source="site", **values) is None


def test_a_seller_is_for_rules_of_sellers_only():
    everybody, sellers = rule(1), rule(2, profile=SELLER)
    both = rule(3, profile=(CANDIDATE, SELLER), order=20)
    assert chosen(everybody, profile=SELLER) is None
    assert chosen(everybody, sellers, profile=SELLER) == 2
    assert chosen(everybody, sellers) == 1
    assert chosen(sellers) is None
    assert chosen(both) == chosen(both, profile=SELLER) == 3


def test_who_may_be_a_seller_is_for_no_rule():
    request = Request({}, unreadable=frozenset({"profile"}))
    index = RuleIndex([rule(1), rule(2, profile=SELLER)], OFFICIAL)
    assert not index.covers(request, Project("farming"))


def test_the_territory_of_a_rule_that_names_both_is_as_precise_as_what_it_names():
    mixed = rule(1, communes=(CAHORS,), epcis=(GRAND_FIGEAC,), order=20)
    assert chosen(mixed, rule(2, epcis=(GRAND_FIGEAC,))) == 2
    assert chosen(mixed, rule(2, communes=(FIGEAC,), order=99)) == 2
    assert chosen(mixed, rule(2, epcis=(GRAND_CAHORS,)), target=Target(communes=(CAHORS,))) == 1


def test_every_condition_is_a_column_of_rules_that_holds_several_values():
    titles = {condition.column: tab("rules")[condition.column].title for condition in CONDITIONS}
    assert list(titles) == ["profile", "project", "sector", "horizon", "source", "origin"]
    for condition in CONDITIONS:
        column = tab("rules")[condition.column].type
        text = "31, Belgique" if condition.column == "origin" else "a, b"
        if column.choices:
            text = ", ".join(column.choices)
        assert len(column.parse(text)) == len(column.choices or "ab")
        assert all(condition.words(value) for value in column.parse(text))


def test_a_row_s_hash_covers_what_conditions_look_at():
    """Who changes such a cell while a row is being completed changes what is decided."""
    asked = set()

    class Recorded(Request):
        def __getitem__(self, column):
            asked.add(column)
            return super().__getitem__(column)

    for condition in CONDITIONS:
        condition.given(Recorded({"origin_postcode": "31000"}), Project("farming", "crafts"))
    assert "origin_postcode" in asked
    assert asked | {"project", "sector", "other_projects", "target"} <= set(HASHED)


def test_the_reason_names_each_condition_and_several_values():
    citing = rule(
        7,
        profile=SELLER,
        project=("farming", "health"),
        horizon="later",
        source="salon-taf",
        origin=("31", "BE"),
        epcis=(GRAND_FIGEAC,),
    )
    assert citing.describe(OFFICIAL) == (
        "Règle 7 : Cession × S'installer en agriculture ou Exercer une profession de santé × "
        "Plus d'un an × source salon-taf × origine Haute-Garonne ou origine Belgique × Grand-Figeac"
    )
    everything = rule(1, project=tuple(vocabulary("project")), epcis=tuple(OFFICIAL.epcis))
    assert len(everything.describe(OFFICIAL)) == 200


# Random tables, and a reference implementation that compares each rule with each other one.

VALUES = {
    "profile": [CANDIDATE, SELLER],
    "project": ["farming", "health"],
    "sector": ["crafts", "retail"],
    "horizon": ["later", "unknown"],
    "source": ["site", "salon-taf"],
    "origin": ["FR", "31", "BE"],
}
TARGETS = [
    Target(),
    Target(anywhere=True),
    IN_FIGEAC,
    Target(communes=(FIGEAC, CAHORS)),
    Target(communes=(CAPDENAC,), epcis=(GRAND_CAHORS,)),
    Target(epcis=(GRAND_FIGEAC, GRAND_CAHORS)),
]
RULES = st.builds(
    Rule,
    st.integers(1, 50),
    st.integers(1, 3),
    st.fixed_dictionaries(
        {},
        optional={
            column: st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)
            for column, values in VALUES.items()
        },
    ),
    st.sampled_from(TARGETS),
    st.just(("Ana",)),
)
TABLES = st.lists(RULES, unique_by=lambda rule: rule.number, max_size=6)
REQUESTS = st.builds(
    lambda target, **values: Request(values, (), target),
    st.sampled_from(TARGETS),
    profile=st.sampled_from([None, SELLER, CANDIDATE]),
    horizon=st.sampled_from([None, "later", "unknown"]),
    source=st.sampled_from([None, "site", "salon-taf"]),
    origin_postcode=st.sampled_from([None, "31000", "46100"]),
    origin_country=st.sampled_from([None, "Belgique"]),
)
PROJECTS = st.builds(
    Project, st.sampled_from(VALUES["project"]), st.sampled_from([None, *VALUES["sector"]])
)


def has(request, project):
    """What a request has in each respect, said anew."""
    country = request["origin_country"]
    postcode = request["origin_postcode"]
    french = {"FR", postcode[:2]} if postcode and not country else set()
    return {
        "profile": {request["profile"] or CANDIDATE},
        "project": {project.type},
        "sector": {project.sector},
        "horizon": {request["horizon"]},
        "source": {request["source"]},
        "origin": {"BE"} if country else french,
    }


def precision(rule, request, project):
    """How precise a rule is for a request, None if it does not match."""
    place = rule.target
    communes, epcis = request.target.communes, OFFICIAL.epcis_of(request.target)
    if not (place.communes or place.epcis):
        level = 0
    elif set(place.communes) & set(communes):
        level = 2
    elif set(place.epcis) & set(epcis):
        level = 1
    else:
        return None
    for column, values in has(request, project).items():
        wanted = rule.wants.get(column, [CANDIDATE] if column == "profile" else [])
        if wanted and not values & set(wanted):
            return None
    return (level, *(column in rule.wants for column in VALUES))


def beats(mine, theirs):
    pairs = list(zip(mine, theirs, strict=True))
    return all(a >= b for a, b in pairs) and any(a > b for a, b in pairs)


def slowly(table, request, project):
    """The rule that decides, found by comparing all with all."""
    levels = {rule.number: precision(rule, request, project) for rule in table}
    matching = [rule for rule in table if levels[rule.number]]
    unbeaten = [
        rule
        for rule in matching
        if not any(beats(levels[other.number], levels[rule.number]) for other in matching)
    ]
    return min(unbeaten, key=lambda rule: (rule.order, rule.number), default=None)


@given(TABLES, REQUESTS, PROJECTS)
def test_the_index_ranks_rules_as_the_slow_reference_does(table, request, project):
    left, ranked = list(table), []
    while winner := slowly(left, request, project):
        ranked.append(winner)
        left.remove(winner)
    assert list(RuleIndex(table, OFFICIAL).ranking(request, project)) == ranked
    # In particular nobody who loses is more precise, and Ordre breaks ties.
    for loser in ranked[1:]:
        best, other = (precision(item, request, project) for item in (ranked[0], loser))
        assert not beats(other, best)
        assert best != other or (ranked[0].order, ranked[0].number) < (loser.order, loser.number)


@given(TABLES, RULES, REQUESTS, PROJECTS, st.randoms())
def test_neither_row_order_nor_a_rule_that_does_not_match_changes_anything(
    table, more, request, project, random
):
    before = list(RuleIndex(table, OFFICIAL).ranking(request, project))
    shuffled = random.sample(table, len(table))
    assert list(RuleIndex(shuffled, OFFICIAL).ranking(request, project)) == before
    if precision(more, request, project) is None:
        unlike = replace(more, number=99)
        assert list(RuleIndex([*table, unlike], OFFICIAL).ranking(request, project)) == before
