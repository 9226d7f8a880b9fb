from random import Random

import pytest

from infra.emulator.masks import EVERYTHING
from infra.emulator.methods import Call
from infra.emulator.misbehaviour.rules import Rule, first_met

APPEND = "sheets.spreadsheets.values.append"


def call(method="sheets.spreadsheets.batchUpdate", write=True):
    return Call(method, write, {}, {}, {}, EVERYTHING)


def met(rule, count=10, seed=1):
    """The numbers of the calls, from 1, that meet a fault."""
    random = Random(seed)
    return [number for number in range(1, count + 1) if first_met([rule], call(), random)]


@pytest.mark.parametrize(
    ("conditions", "numbers"),
    [
        ({}, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
        ({"count": 2}, [1, 2]),
        ({"every": 4}, [4, 8]),
        ({"at": [2, 3, 9]}, [2, 3, 9]),
        ({"every": 2, "count": 2}, [2, 4]),
        ({"at": [3], "every": 2}, []),
        ({"probability": 0}, []),
        ({"probability": 1}, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
    ],
)
def test_conditions_are_all_to_be_met(conditions, numbers):
    assert met(Rule("500", **conditions)) == numbers


def test_chance_is_reproducible_and_about_right():
    first, again, other = (met(Rule("500", probability=0.3), 1000, seed) for seed in (1, 1, 2))
    assert first == again != other
    assert 250 < len(first) < 350


@pytest.mark.parametrize(
    ("on", "meets"),
    [
        ("any", [True, True, True]),
        ("read", [True, False, False]),
        ("write", [False, True, True]),
        (APPEND, [False, False, True]),
    ],
)
def test_a_rule_is_about_some_calls(on, meets):
    calls = [call("sheets.spreadsheets.get", write=False), call(), call(APPEND)]
    assert [bool(first_met([Rule("500", on=on)], request, Random(1))) for request in calls] == meets


def test_the_first_rule_decides_and_the_others_only_count_the_call():
    rules = [Rule("500", at=[2]), Rule("503", at=[2]), Rule("403", count=2)]
    random = Random(1)
    rules_met = [first_met(rules, call(), random) for _ in range(4)]
    assert [rule and rule.fault for rule in rules_met] == ["403", "500", "403", None]


def test_equal_rules_are_equal_whatever_they_met():
    used = Rule("500", count=3)
    assert met(used)
    assert used == Rule("500", count=3)
    assert used.document() == {"fault": "500", "on": "any", "count": 3}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"fault": "418"}, "no fault 418"),
        ({"fault": "403", "retry_after": 1}, "403 has no option retry_after"),
        ({"fault": "500", "html": False}, "500 has no option html"),
        ({"fault": "500", "on": "append"}, "neither read, write, any nor a method"),
    ],
)
def test_rules_that_cannot_be(wrong, sentence):
    with pytest.raises(ValueError, match=sentence):
        Rule(**wrong)
