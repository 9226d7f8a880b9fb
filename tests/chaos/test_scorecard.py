from collections import Counter

import pytest

from tests.chaos.ledger import Ledger, Letter, Sent
from tests.chaos.scenarios import Waits
from tests.chaos.scorecard import Figures, lines
from tests.chaos.verdict import wrongs

MARKED = {"Nom": "Martin", "Courriel": "p1@example.org", "Message": "m", "Statut": "À contacter"}
ROW = MARKED | {"Référence": "LOT-1", "Référent": "Sophie"}


@pytest.mark.parametrize(
    ("lines", "deleted", "counted"),
    [
        ([ROW], 0, []),
        ([], 0, [2]),
        ([ROW, ROW | {"Référence": "LOT-2"}], 0, [3]),
        ([], 1, []),
        ([ROW], 1, [5]),
        ([ROW | {"Message": "autre"}], 0, [5]),
        ([ROW | {"Référent": "Karim"}], 0, [11]),
        ([ROW | {"Notes": "« Attribution en cours 1 »"}], 0, [11]),
    ],
)
def test_a_wrong_counts_in_its_own_line_of_the_scorecard(lines, deleted, counted):
    fields = {"last_name": "Martin", "message": "m"}
    ledger = Ledger(sent={"p1@example.org": Sent("k", "p1@example.org", fields, "Sophie")})
    ledger.sent["p1@example.org"].reference = "LOT-1"
    ledger.by_people["p1@example.org"] = -deleted
    addresses = {"Sophie": "s@example.org", "Karim": "k@example.org"}
    for address in addresses.values():
        ledger.letters.append(Letter(address, {"LOT-1", "LOT-2"}, 0))
    assert sorted({wrong.line for wrong in wrongs(ledger, lines, addresses)}) == counted


def figures(**bad):
    good = {
        "wrong": Counter(),
        "totals": Counter(accepted=10, edits=5, replays=2, crashes=3),
        "dead": Counter(kills=3, accepted=7),
        "lost": (0, 0),
        "rush": (48, 0),
        "backlog": 4.0,
        "outage": (144, 0),
        "waits": Waits(up=0.01, down=0.01, lone=(1.0, 2.0), cold=(3.0, 4.0)),
        "unnotified": (150.0, 302.0),
    }
    return Figures(**good | bad)


def missed(**bad):
    return [line.number for line in lines(figures(**bad)) if not line.reached]


def test_every_target_may_be_reached():
    assert missed() == []


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 11])
def test_what_the_steps_find_misses_its_line_alone(number):
    assert missed(wrong=Counter([number])) == [number]


def test_a_crash_or_no_rest_is_a_line_of_its_own_which_fails_the_run():
    assert missed(wrong=Counter([0])) == [0]


@pytest.mark.parametrize(
    ("bad", "number"),
    [
        ({"dead": Counter(unrecorded=1)}, 1),
        ({"dead": Counter(missing=1)}, 2),
        ({"dead": Counter(doubled=1)}, 3),
        ({"lost": (0, 1)}, 3),
        ({"rush": (51, 0)}, 6),
        ({"rush": (48, 1)}, 6),
        ({"backlog": 10.1}, 7),
        ({"waits": Waits(up=0.01, down=0.04)}, 8),
        ({"outage": (144, 1)}, 9),
        ({"waits": Waits(lone=(3.1, 4))}, 15),
        ({"unnotified": (150.0, 311.0)}, 15),
    ],
)
def test_each_figure_misses_its_line(bad, number):
    assert missed(**bad) == [number]


def test_a_line_says_what_was_seen_the_target_and_the_verdict():
    shown = list(map(str, lines(figures(wrong=Counter({2: 1})))))
    assert shown[1] == "  2 rows missing, of 17 accepted: 1 (target 0) MISSED"
    assert shown[4].endswith("cells overwritten and rows resurrected: 0 (target 0) ok")
