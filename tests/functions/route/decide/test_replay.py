"""What rules would have done to past requests."""

from datetime import date

from functions.route.decide.lookup import Lookup, Referent
from functions.route.decide.replay import (
    PAST_COLUMNS,
    PastRequest,
    Replay,
    RuleEffect,
    effect,
    past_requests,
    stranded,
)
from functions.route.decide.rules import Rule
from functions.shared.request import Project, Request
from sheets_schema.tab import tab
from sheets_schema.territory import Target, territories
from sheets_schema.wire import Reading, TabCells

TODAY = date(2026, 11, 23)
ANA = Referent("Ana Roux", "", absent_from=TODAY, max_open=0)
BOB = Referent("Bob Cros", "", active=False, substitute="Ana Roux")
DEFAULT = Referent("Coralie Vidal", "")
DAY = 46_349.5  # 23 November 2026, noon


def lookup(*rules):
    return Lookup(rules, {"ana roux": ANA, "bob cros": BOB}, DEFAULT)


def rule(number, *names, **wants):
    return Rule(number, 10, wants, Target(), names)


def past(kind="employment", **values):
    return PastRequest("", None, "", Request(values, (Project(kind),)))


def reading(*rows):
    columns = [tab("requests")[key] for key in PAST_COLUMNS]
    cells = [[c.title for c in columns], *([row.get(c.key) for c in columns] for row in rows)]
    others = [c.title for c in tab("requests").columns if c not in columns]
    cells[0] += others
    return Reading({}, {"requests": TabCells(0, cells)})


def test_absences_and_full_desks_do_not_count_but_activity_does():
    replay = Replay(lookup(rule(1, "Ana Roux"), rule(2, "Bob Cros", project=("health",))), TODAY)
    assert replay.outcome(past()).people == ("Ana Roux",)
    assert replay.outcome(past("health")).people == ("Ana Roux",)
    assert replay.outcome(past("health")).rule.number == 2


def test_rules_that_name_only_people_who_have_left_are_known():
    rules = [rule(1, "Ana Roux"), rule(2, "Léo Parti"), rule(3, "Léo Parti", "Bob Cros")]
    table = lookup(*rules)
    gone = Lookup(rules, {**table.people, "leo parti": Referent("Léo Parti", "", active=False)})
    assert stranded(gone, TODAY) == {2}


def test_without_a_rule_the_default_referent_follows():
    outcome = Replay(lookup(), TODAY).outcome(past())
    assert (outcome.rule, outcome.people) == (None, ("Coralie Vidal",))


def test_an_effect_counts_what_each_rule_catches_and_what_changes_hands():
    before = Replay(lookup(rule(1, "Ana Roux")), TODAY)
    after = Replay(lookup(rule(1, "Ana Roux"), rule(2, "Zoé Nul", project=("health",))), TODAY)
    requests = [past(), past("health"), past("health")]
    result = effect(before, after, requests)
    assert result.by_rule == {1: RuleEffect(1, 0), 2: RuleEffect(2, 2)}
    assert (result.requests, result.changed, result.uncovered) == (3, 2, 0)
    assert effect(before, Replay(lookup(), TODAY), requests).uncovered == 3


def test_requests_of_a_time_are_read_without_trials_and_blank_rows():
    row = {"last_name": "Durand", "project": "Trouver un emploi", "target": "Figeac"}
    rows = [
        row | {"reference": "LOT-1", "received_at": DAY, "referent": "Ana Roux"},
        row | {"reference": "LOT-2", "received_at": DAY - 400},
        row | {"reference": "LOT-3", "received_at": "hier"},
        row | {"reference": "LOT-4", "received_at": DAY, "source": "test"},
        {},
    ]
    official = territories()
    (recent,) = past_requests(reading(*rows), official, date(2026, 1, 1))
    assert (recent.reference, recent.received_on, recent.referent) == ("LOT-1", TODAY, "Ana Roux")
    assert recent.request.target == Target(communes=("46102",))
    everything = past_requests(reading(*rows), official)
    assert [item.reference for item in everything] == ["LOT-1", "LOT-2", "LOT-3"]


def test_a_profile_that_cannot_be_read_stays_unreadable():
    (item,) = past_requests(reading({"last_name": "X", "profile": "Vend tout"}), territories())
    assert item.request.unreadable == {"profile"}


def test_requests_that_say_the_same_are_read_once():
    rows = [{"last_name": str(n), "project": "Autre", "received_at": DAY} for n in range(3)]
    requests = past_requests(reading(*rows), territories())
    assert len({id(item.request) for item in requests}) == 1
