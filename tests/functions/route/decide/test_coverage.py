"""What a table of rules leaves out, hides and contradicts, and that the rows proposed mend it."""

from dataclasses import replace
from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.route.decide.coverage import (
    ANYWHERE,
    MOST_PAIRS,
    Gap,
    brief,
    check,
    find_gaps,
    find_hidden,
    in_words,
    propose,
)
from functions.route.decide.load import Load
from functions.route.decide.lookup import Lookup, Referent
from functions.route.decide.replay import PastRequest
from functions.route.decide.rules import Rule
from functions.shared.request import Project, Request
from sheets_schema.schema import vocabulary
from sheets_schema.tab import tab
from sheets_schema.territory import Target, territories

TODAY = date(2026, 11, 23)
NOWHERE = Target()
FIGEAC, CAHORS = "46102", "46042"
GRAND_FIGEAC, GRAND_CAHORS = "200067361", "200023737"
ANA, BOB, CORALIE = (
    Referent(name, "", where)
    for name, where in (
        ("Ana Roux", "Grand-Figeac"),
        ("Bob Cros", "Chambre"),
        ("Coralie Vidal", ""),
    )
)
PEOPLE = {"ana roux": ANA, "bob cros": BOB}


def rule(number, *names, order=10, communes=(), epcis=(), **wants):
    return Rule(number, order, wants, Target(communes, epcis), names or (ANA.name,))


def table(*rules, people=PEOPLE, default=CORALIE):
    return Lookup(rules, people, default, last_number=max((r.number for r in rules), default=0))


def past(kind="employment", sector=None, target=NOWHERE, **values):
    return PastRequest("", None, "", Request(values, (Project(kind, sector),), target))


def test_a_rule_for_everything_leaves_no_gap():
    assert list(find_gaps(table(rule(1)))) == []


def test_a_rule_for_an_intercommunalite_leaves_those_who_name_no_place():
    lookup = table(*(rule(n, epcis=(code,)) for n, code in enumerate(territories().epcis, start=1)))
    gaps = list(find_gaps(lookup))
    assert {gap.territory for gap in gaps} == {ANYWHERE}
    assert {gap.project for gap in gaps} == set(vocabulary("project"))


def test_a_gap_counts_the_requests_of_the_year_and_names_its_sectors():
    lookup = table(
        rule(1, project=tuple(kind for kind in vocabulary("project") if kind != "tourism")),
        rule(2, project=("tourism",), sector=("hospitality",)),
    )
    requests = [
        past("tourism", "services", Target(communes=(FIGEAC,))),
        past("tourism", None, Target(communes=(FIGEAC,))),
        past("tourism", "hospitality", Target(communes=(FIGEAC,))),
        past("employment"),
    ]
    (gap,) = [gap for gap in find_gaps(lookup, requests) if gap.territory == GRAND_FIGEAC]
    assert (gap.project, gap.requests) == ("tourism", 2)
    assert "hospitality" not in gap.sectors
    assert in_words(gap, lookup).startswith("Créer ou reprendre une activité touristique × secteur")
    assert in_words(gap, lookup).endswith("× Grand-Figeac")


def test_handovers_are_looked_at_only_if_there_are_some():
    lookup = table(rule(1))
    assert not list(find_gaps(lookup, [past()]))
    assert {gap.profile for gap in find_gaps(lookup, [past(profile="seller")])} == {"seller"}


def test_the_proposed_referent_is_whoever_follows_the_territory_or_the_project():
    lookup = table(
        rule(4, BOB.name, project=("farming",), sector=("crafts",)),
        rule(7, epcis=(GRAND_CAHORS,)),
    )
    (in_figeac,) = propose(lookup, [Gap("employment", GRAND_FIGEAC, (), 3)])
    assert in_figeac.rule == rule(
        8, ANA.name, order=20, epcis=(GRAND_FIGEAC,), project=("employment",)
    )
    assert (in_figeac.why, in_figeac.requests) == ("suit ce territoire", 3)
    (farming,) = propose(lookup, [Gap("farming", GRAND_FIGEAC, (), 0)])
    assert (farming.referent, farming.why) == (BOB.name, "suit déjà ce projet ailleurs")
    (elsewhere,) = propose(lookup, [Gap("employment", ANYWHERE, (), 0)])
    assert (elsewhere.referent, elsewhere.why) == (CORALIE.name, "coordination")


def test_a_row_to_paste_has_the_cells_of_the_table():
    (row,) = propose(table(rule(7)), [Gap("employment", GRAND_FIGEAC, (), 0)])
    assert row.cells(table()) == {
        "number": "8",
        "order": "20",
        "project": "Trouver un emploi",
        "territory": "Grand-Figeac",
        "referents": "Ana Roux",
        "active": "Oui",
    }


def test_nobody_is_proposed_who_is_not_in_activity():
    people = {"ana roux": replace(ANA, active=False)}
    (row,) = propose(table(people=people, default=None), [Gap("employment", GRAND_FIGEAC, (), 0)])
    assert (row.referent, row.rule.referents) == ("", ())


@pytest.mark.parametrize(
    ("rules", "hidden"),
    [
        ([rule(1), rule(2)], [(2, (1,))]),
        ([rule(1, order=20), rule(2)], [(1, (2,))]),
        ([rule(1), rule(2, project=("farming",))], []),
        ([rule(1, origin=("BE", "2A")), rule(2, origin=("BE",))], [(2, (1,))]),
        ([rule(1, origin=("BE", "2A")), rule(2, origin=("2A",))], [(2, (1,))]),
        ([rule(1, project=("farming", "health")), rule(2, project=("farming",))], [(2, (1,))]),
        # Every intercommunalité has a rule, but who names no place has the first one only.
        ([rule(1), *(rule(n, epcis=(c,)) for n, c in enumerate(territories().epcis, 2))], []),
        # By Ordre, which no third rule changes.
        (
            [
                rule(1, order=1, project=tuple(vocabulary("project"))),
                rule(2, order=2, epcis=(GRAND_FIGEAC,)),
            ],
            [(2, (1,))],
        ),
        # A request of a sector that the third rule takes from the first goes to the second.
        (
            [
                rule(1, order=1, project=tuple(vocabulary("project"))),
                rule(2, order=2, epcis=(GRAND_FIGEAC,)),
                rule(3, order=3, project=tuple(vocabulary("project")), sector=("crafts",)),
            ],
            [],
        ),
    ],
)
def test_a_rule_that_never_decides_is_named_with_those_that_hide_it(rules, hidden):
    assert [(item.rule.number, item.by) for item in find_hidden(table(*rules))] == hidden


def test_rules_of_one_ordre_that_cover_the_same_are_named():
    findings = check(
        table(
            rule(1, project=("farming",)),
            rule(2, BOB.name, epcis=(GRAND_FIGEAC,)),
            rule(3, BOB.name, project=("farming",)),
            rule(4, project=("farming",), epcis=(GRAND_CAHORS,)),
            rule(5, project=("farming",), epcis=(GRAND_CAHORS,)),
        ),
        TODAY,
    )
    assert [(p.first.number, p.second.number, p.agree) for p in findings.duplicates] == [
        (1, 3, False),
        (4, 5, True),
    ]
    assert [(p.first.number, p.second.number) for p in findings.conflicts] == [(1, 2)]


def test_of_thousands_of_rules_that_cover_the_same_some_pairs_are_named():
    same = table(*(rule(number, horizon=("later",)) for number in range(1, 2_001)))
    findings = check(same, TODAY)
    assert len(findings.duplicates) == MOST_PAIRS
    assert [item.by for item in findings.hidden] == [(1,)] * 1_999


@pytest.mark.parametrize(
    ("person", "load", "why", "stranded"),
    [
        (None, {}, "absent de l'onglet Référents", (1,)),
        (replace(ANA, active=False), {}, "plus en activité", (1,)),
        (replace(ANA, active=False, substitute=BOB.name), {}, "plus en activité", ()),
        (replace(ANA, absent_from=TODAY), {}, "indisponible", (1,)),
        (replace(ANA, max_open=2), {"ana roux": 2}, "2 dossiers ouverts pour 2 au plus", (1,)),
    ],
)
def test_people_whom_rules_name_in_vain_are_named(person, load, why, stranded):
    people = {"bob cros": BOB} | ({"ana roux": person} if person else {})
    lookup = table(rule(1), rule(2, BOB.name), people=people)
    findings = [
        item
        for item in check(lookup, TODAY, load=Load(load)).people
        if item.stranded or "activité" in item.why
    ]
    assert [(item.name, item.why, item.rules, item.stranded) for item in findings] == [
        ("Ana Roux", why, (1,), stranded)
    ]


def test_an_absence_that_somebody_stands_in_for_is_in_order():
    away = replace(ANA, absent_from=TODAY, substitute=BOB.name)
    lookup = table(rule(1), people={"ana roux": away, "bob cros": BOB})
    assert not check(lookup, TODAY)


def test_the_findings_in_short_say_the_same_every_day():
    away = {"ana roux": replace(ANA, active=False), "bob cros": BOB}
    lookup = table(
        rule(1, project=("farming",)),
        rule(2, BOB.name, project=("farming",)),
        rule(3, BOB.name, epcis=(GRAND_FIGEAC,)),
        people=away,
    )
    short = brief(check(lookup, TODAY))
    assert short == brief(check(lookup, TODAY, [past()]))
    assert [line.place for line in short] == [tab("rules").title] * 4
    assert "2 (cachée par 1)" in short[1].subject
    assert short[2].subject.endswith(": 1 et 3.")
    assert short[3].subject.endswith(": 1.")
    assert brief(check(table(rule(1)), TODAY)) == []


def test_a_rule_that_names_strangers_only_has_the_line_about_its_cell():
    lookup = table(rule(1, "Zoé Nul"))
    assert check(lookup, TODAY).people
    assert brief(check(lookup, TODAY)) == []


KINDS = ("employment", "farming", "unknown")
PLACES = (
    ("communes", FIGEAC),
    ("communes", CAHORS),
    ("epcis", GRAND_FIGEAC),
    ("epcis", GRAND_CAHORS),
)
some_rules = st.lists(
    st.builds(
        lambda order, kinds, sectors, places, horizons: (order, kinds, sectors, places, horizons),
        st.sampled_from([1, 2]),
        st.sets(st.sampled_from(KINDS)) | st.just(set(vocabulary("project"))),
        st.sets(st.sampled_from(["crafts", "retail"]), max_size=2),
        st.sets(st.sampled_from(PLACES), max_size=2),
        st.sets(st.sampled_from(["later", "unknown"]), max_size=1),
    ),
    max_size=6,
)


def made(drawn):
    rules = []
    for number, (order, kinds, sectors, places, horizons) in enumerate(drawn, start=1):
        wants = {
            key: tuple(sorted(values))
            for key, values in (("project", kinds), ("sector", sectors), ("horizon", horizons))
            if values
        }
        where = {
            kind: tuple(sorted(code for other, code in places if other == kind))
            for kind in ("communes", "epcis")
        }
        rules.append(rule(number, order=order, **where, **wants))
    return table(*rules)


POINTS = list(
    product(
        (*KINDS, "health"),
        (None, "crafts", "retail", "services"),
        (
            Target(),
            *(Target(**{kind: (code,)}) for kind, code in PLACES),
            Target(epcis=("200066371",)),
        ),
        (None, "later", "unknown"),
    )
)


def winner(lookup, point):
    kind, sector, target, horizon = point
    request = Request({"horizon": horizon} if horizon else {}, (), target)
    return next(lookup.index.ranking(request, Project(kind, sector)), None)


@settings(max_examples=40)  # each looks at all projects, sectors and territories, twice
@given(some_rules)
def test_pasting_all_proposals_leaves_no_gap_and_takes_no_request_from_a_rule(drawn):
    lookup = made(drawn)
    rows = [row.rule for row in propose(lookup, list(find_gaps(lookup)))]
    mended = replace(lookup, rules=(*lookup.rules, *rows))
    assert list(find_gaps(mended)) == []
    numbers = [item.number for item in mended.rules]
    assert len(set(numbers)) == len(numbers)
    for point in POINTS:
        before = winner(lookup, point)
        assert winner(mended, point) is not None
        assert before is None or winner(mended, point) is before


@given(some_rules)
def test_what_is_called_hidden_never_decides(drawn):
    lookup = made(drawn)
    hidden = {item.rule.number for item in find_hidden(lookup)}
    deciding = {rule.number for point in POINTS if (rule := winner(lookup, point))}
    assert not hidden & deciding


@settings(max_examples=40)
@given(some_rules)
def test_covered_is_what_assignment_serves(drawn):
    lookup = made(drawn)
    gaps = {
        (gap.project, sector, gap.territory)
        for gap in find_gaps(lookup)
        for sector in gap.sectors or (None, *vocabulary("sector"))
    }
    for kind, sector, target, horizon in POINTS:
        if target.communes or horizon:
            continue
        code = target.epcis[0] if target.epcis else ANYWHERE
        served = winner(lookup, (kind, sector, target, None)) is not None
        assert served == ((kind, sector, code) not in gaps)
