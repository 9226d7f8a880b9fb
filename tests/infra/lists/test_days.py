"""Days as people write them."""

from datetime import date, datetime

import pytest

from infra.lists.days import AMERICAN, FRENCH, order_of, read_moment

moment = datetime.fromisoformat
CERTAIN = [
    ("05/09/2026 14:32", "2026-09-05T14:32"),
    ("05/09/2026 à 14h32", "2026-09-05T14:32"),
    ("12.05.2026", "2026-05-12T00:00"),
    ("1/2/27", "2027-02-01T00:00"),
    ("le 14-10-2026", "2026-10-14T00:00"),
    ("2 mars 2026", "2026-03-02T00:00"),
    ("jeudi 1er octobre 2026", "2026-10-01T00:00"),
    ("March 2, 2026", "2026-03-02T00:00"),
    ("2026-03-02", "2026-03-02T00:00"),
    ("2026/09/05 2:32:10 PM UTC+2", "2026-09-05T14:32"),
    ("2026-09-05T22:32:00Z", "2026-09-06T00:32"),
    ("3 mars 26", "2026-03-03T00:00"),
    ("2-mars-2026", "2026-03-02T00:00"),
    ("lundi 02/03/2026", "2026-03-02T00:00"),
    ("02/03/2026 (tél.)", "2026-03-02T00:00"),
    ("2 mars 2026 à 14h30", "2026-03-02T14:30"),
    (46296.0, "2026-10-01T00:00"),
    ("46296", "2026-10-01T00:00"),
    (46296.5, "2026-10-01T12:00"),
    (date(2026, 3, 2), "2026-03-02T00:00"),
]  # fmt: skip
NO_DAY = ["juin", "1988", "début mars", "le 03/11", "2026", "31/02/2026", "semaine 12", "", "12",
          "Plus de 2 semaines", "avant le 3 mars 2026", "02/03/2026 ou 05/03/2026", None, True, 40.0, 2026.0, "99/99/2026", "2026-13-45T99:99Z"]  # fmt: skip


@pytest.mark.parametrize(("cell", "said"), CERTAIN)
def test_a_day_is_read(cell, said):
    assert read_moment(cell, FRENCH) == moment(said)


@pytest.mark.parametrize("cell", NO_DAY)
def test_what_is_no_day_stays_what_it_is(cell):
    assert read_moment(cell, FRENCH) is None


def test_an_american_column_has_the_month_first():
    assert read_moment("9/5/2026", AMERICAN) == moment("2026-09-05")


def test_numbers_of_an_old_mac_count_from_1904():
    assert read_moment(44621.0, FRENCH, since_1904=True) == moment("2026-03-02")


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["05/09/2026", "13/09/2026"], FRENCH),
        (["9/5/2026", "9/25/2026"], AMERICAN),
        (["13/09/2026", "9/25/2026"], None),
        (["05/09/2026", "06/09/2026"], FRENCH),
        (["9/5/2026 2:30 PM", "9/6/2026 2:30 PM"], None),
        (["juin", None, 12.0], FRENCH),
    ],
)
def test_a_whole_column_proves_which_comes_first(cells, order):
    assert order_of(cells) == order


def test_without_proof_only_a_day_that_can_be_read_in_one_way_counts():
    assert read_moment("9/5/2026", None) is None
    assert read_moment("9/25/2026", None) == moment("2026-09-25")
    assert read_moment("25/9/2026", None) == moment("2026-09-25")
    assert read_moment("5/5/2026", None) == moment("2026-05-05")
