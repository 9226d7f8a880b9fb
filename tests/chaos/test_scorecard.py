from collections import Counter

import pytest

from tests.chaos.ledger import Kind, Ledger, Letter, Release, Sent
from tests.chaos.scenarios import Waits
from tests.chaos.scorecard import Figures, lines
from tests.chaos.verdict import unnamed, wrongs

MARKED = {"Nom": "Martin", "Courriel": "p1@example.org", "Message": "m", "Statut": "À contacter"}
ROW = MARKED | {"Référence": "LOT-1", "Référent": "Sophie"}
TRIAL = ROW | {"Pourquoi ce référent": "ESSAI : Règle 1"}
DOUBTFUL = ROW | {
    "Statut": "À qualifier",
    "Pourquoi ce référent": "Sans vérification anti-robot : à confirmer au premier contact.",
}
ADDRESSES = {"Sophie": "s@example.org", "Karim": "k@example.org"}


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
    ledger = account(Kind.PLAIN, notified=ADDRESSES.values())
    ledger.by_people["p1@example.org"] = -deleted
    assert sorted({wrong.line for wrong in wrongs(ledger, lines, ADDRESSES)}) == counted


def account(kind, release=Release.NONE, notified=()):
    """Of one request, which was promised LOT-1."""
    fields = {"last_name": "Martin", "message": "m"}
    sent = Sent("k", "p1@example.org", fields, "Sophie", (), kind, "LOT-1", release=release)
    letters = [Letter(address, {"LOT-1", "LOT-2"}, 0) for address in notified]
    return Ledger(sent={sent.email: sent}, letters=letters)


@pytest.mark.parametrize(
    ("kind", "lines", "notified", "counted"),
    [
        (Kind.TRIAL, [TRIAL], ["p1@example.org"], []),
        (Kind.TRIAL, [TRIAL], [], [11]),
        (Kind.TRIAL, [TRIAL], ["p1@example.org", "s@example.org"], [11]),
        (Kind.TRIAL, [ROW], ["p1@example.org"], [11]),
        (Kind.DOUBTFUL, [DOUBTFUL], ["s@example.org"], []),
        (Kind.DOUBTFUL, [DOUBTFUL], [], [11]),
        (Kind.DOUBTFUL, [DOUBTFUL], ["s@example.org", "p1@example.org"], []),
        (Kind.DOUBTFUL, [DOUBTFUL], ["s@example.org", "p2@example.org"], [11]),
        (Kind.DOUBTFUL, [DOUBTFUL | {"Pourquoi ce référent": "Règle 1"}], ["s@example.org"], [11]),
        (Kind.DOUBTFUL, [DOUBTFUL | {"Statut": "À contacter"}], ["s@example.org"], [5]),
        (Kind.DOUBTFUL, [], ["s@example.org"], [2]),
        (Kind.PLAIN, [TRIAL], ["s@example.org"], [11]),
    ],
)
def test_a_row_says_what_it_is_and_who_hears_of_it_depends_on_that(kind, lines, notified, counted):
    ledger = account(kind, notified=notified)
    assert sorted({wrong.line for wrong in wrongs(ledger, lines, ADDRESSES)}) == counted


@pytest.mark.parametrize(
    ("release", "lines", "aside", "counted"),
    [
        (Release.NONE, [], ["LOT-1"], []),
        (Release.NONE, [], [], [2]),
        (Release.NONE, [DOUBTFUL], ["LOT-1"], [3]),
        (Release.BEGUN, [], ["LOT-1"], []),
        (Release.BEGUN, [DOUBTFUL], [], []),
        (Release.BEGUN, [], [], [2]),
        (Release.DONE, [DOUBTFUL], [], []),
        (Release.DONE, [], ["LOT-1"], [2, 3]),
        (Release.DONE, [DOUBTFUL], ["LOT-1"], [3]),
        (Release.DONE, [DOUBTFUL, DOUBTFUL | {"Référence": "LOT-2"}], [], [3]),
    ],
)
def test_a_suspect_is_set_aside_until_it_is_released_and_then_a_row(release, lines, aside, counted):
    ledger = account(Kind.SUSPECT, release, notified=["s@example.org"])
    assert sorted({wrong.line for wrong in wrongs(ledger, lines, ADDRESSES, aside)}) == counted


@pytest.mark.parametrize(
    ("noted", "hidden"),
    [
        ([{"Où": "LOT-1", "Sujet": "Demande mise à part"}], 1),
        ([{"Où": "Journal", "Sujet": "Demandes suspectes, mises à part le 23 novembre : il"}], 0),
        ([], 2),
    ],
)
def test_what_is_set_aside_is_named_or_the_days_line_stands_for_it(noted, hidden):
    assert len([*unnamed(["LOT-1", "LOT-2"], noted)]) == hidden


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
