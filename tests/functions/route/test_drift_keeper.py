"""What people changed of the workbook's make-up is looked for once a day, and said once."""

from datetime import UTC, datetime, timedelta

import pytest

from functions.route.drift_keeper import MOST, DriftKeeper
from functions.shared.concerns import concern_row
from functions.shared.errors import WorkbookBusyError
from sheets_schema.drift import Drift
from sheets_schema.errors import HeaderError
from sheets_schema.tab import Row

HIDDEN = Drift("Référents", "Cet onglet a été masqué.")
EVENING = datetime(2026, 11, 30, 19, tzinfo=UTC)
NIGHT = datetime(2026, 12, 1, 3, 10, tzinfo=UTC)  # ten past four in Paris


class Watched:
    def __init__(self, *drifts):
        self.now, self.drifts, self.looks = EVENING, list(drifts), 0
        self.lines = []
        self.keeper = DriftKeeper(lambda: self.now)

    def find(self):
        self.looks += 1
        if isinstance(self.drifts[0], Exception):
            raise self.drifts[0]
        return self.drifts

    def sweep(self, now, *, ticked=None):
        """What a sweep says; with `ticked` it is written, and so is whether somebody ticked it."""
        self.now = now
        drifted = self.keeper.look(self.find, self.lines)
        said, self.mended = drifted.unsaid, drifted.mended
        if ticked is not None:
            rows = [concern_row(concern, now) for concern in said]
            self.lines += [Row(2, row | {"done": ticked}) for row in rows]
        return [(concern.place, concern.subject) for concern in said]


def test_it_is_looked_for_once_a_day_at_night():
    watched = Watched(HIDDEN)
    assert watched.sweep(EVENING) == []  # whoever ran last night has looked
    assert watched.sweep(NIGHT - timedelta(hours=1)) == []
    assert watched.looks == 0
    assert watched.sweep(NIGHT, ticked=False) == [("Référents", "Cet onglet a été masqué.")]
    for minutes in range(5, 600, 35):
        assert watched.sweep(NIGHT + timedelta(minutes=minutes)) == []
    assert watched.looks == 1


def test_a_new_process_looks_only_in_the_hour_of_looks():
    watched = Watched(HIDDEN)
    assert watched.sweep(NIGHT + timedelta(hours=2)) == []
    assert Watched(HIDDEN).sweep(NIGHT) == [("Référents", "Cet onglet a été masqué.")]


def test_what_is_not_written_yet_is_said_again():
    watched = Watched(HIDDEN)
    assert watched.sweep(NIGHT) == watched.sweep(NIGHT + timedelta(minutes=5)) != []


@pytest.mark.parametrize("ticked", [False, True])
def test_it_is_said_once_whether_somebody_ticks_it_off_or_not(ticked):
    watched = Watched(HIDDEN)
    watched.sweep(NIGHT, ticked=ticked)
    assert watched.sweep(NIGHT + timedelta(minutes=5)) == []
    assert watched.sweep(NIGHT + timedelta(days=1)) == []
    assert watched.looks == 2


def test_what_is_mended_is_not_said_again_when_its_line_goes():
    watched = Watched(HIDDEN)
    watched.sweep(NIGHT, ticked=False)
    watched.sweep(NIGHT + timedelta(minutes=5))
    watched.lines.clear()
    assert watched.sweep(NIGHT + timedelta(minutes=10)) == []


@pytest.mark.parametrize("error", [WorkbookBusyError("non"), HeaderError("non", "non")])
def test_a_look_that_fails_stops_nothing_and_the_next_sweep_tries_again(error):
    watched = Watched(error)
    assert watched.sweep(NIGHT) == []
    watched.drifts = [HIDDEN]
    assert watched.sweep(NIGHT + timedelta(minutes=5)) != []


def test_a_sheet_that_was_turned_upside_down_fills_no_tab():
    many = [Drift("Demandes", f"Protection {number}.") for number in range(40)]
    watched = Watched(*many)
    assert len(watched.sweep(NIGHT, ticked=False)) == MOST
    assert watched.sweep(NIGHT + timedelta(minutes=5)) == []
