"""Sweeps keep the filter views of Demandes, and nothing that goes wrong there stops them."""

import pytest

from functions.route.decide.views import read_views
from functions.route.drain import Drain
from functions.shared.errors import WorkbookBusyError, WorkbookRefusedError
from sheets_schema.views import view_id
from tests.functions.route.arrivals import arrive
from tests.functions.route.books import ANA, BOB, book, grid, person, set_cell


class Counting:
    """A workbook that counts what is asked of its views, and fails as it is told."""

    def __init__(self, sheet):
        self._sheet, self.asked, self.failures = sheet, 0, []

    def __getattr__(self, name):
        return getattr(self._sheet, name)

    def keep_views(self, wanted):
        self.asked += 1
        if self.failures and (failure := self.failures.pop(0)):
            raise failure
        return self._sheet.keep_views(wanted)

    @property
    def titles(self):
        return {view["title"] for view in self._sheet.views.values()}


@pytest.fixture
def sheet():
    return Counting(book())


@pytest.fixture
def sweep(journal, sheet, clock):
    """The next sweep, five minutes later."""
    drain = Drain(journal, sheet, clock=clock, sleep=lambda _: None)

    def run(**how):
        clock.advance(minutes=5)
        return drain(**{"sweep": True} | how)

    return run


def test_there_is_one_for_whoever_is_in_referents(sheet, sweep):
    sweep()
    assert {"À contacter", "Grand-Figeac", f"Suivi par {ANA}", f"Suivi par {BOB}"} <= sheet.titles

    sheet.grids["referents"] = grid("referents", person(ANA), person("Dan Faure"))
    sweep()
    assert {title for title in sheet.titles if title.startswith("Suivi")} == {
        f"Suivi par {ANA}",
        "Suivi par Dan Faure",
    }


def test_they_are_looked_at_once_as_long_as_the_same_are_wanted(sheet, sweep, journal):
    for number in range(1, 4):
        arrive(journal, number)
        sweep()
        set_cell(sheet, "requests", 1, "notes", f"appel {number}")
        sweep()
    assert sheet.asked == 1

    sheet.grids["requests"][0].insert(3, "Notre colonne")
    sweep()
    assert sheet.asked == 2


def test_a_drain_that_is_no_sweep_leaves_them_alone(sheet, sweep, journal):
    arrive(journal)
    assert sweep(sweep=False) == 1
    assert sheet.asked == 0


def test_a_pause_is_one_for_views_too(sheet, sweep):
    set_cell(sheet, "coordination", 1, "pause", "Oui")
    sweep()
    assert sheet.asked == 0


@pytest.mark.parametrize("failure", [WorkbookBusyError("quota"), ZeroDivisionError()])
def test_a_failure_stops_nothing_and_the_next_sweep_tries_again(failure, sheet, sweep, journal):
    sheet.failures = [failure]
    arrive(journal)
    assert sweep() == 1
    assert sheet.titles == set()
    sweep()
    assert "À contacter" in sheet.titles


def test_what_google_refuses_is_not_tried_until_something_else_is_wanted(sheet, sweep):
    sheet.failures = [WorkbookRefusedError("requests[0].addFilterView")]
    for number in range(3):
        set_cell(sheet, "coordination", 1, "scope", f"Figeac, essai {number}")
        sweep()
    assert sheet.asked == 1

    set_cell(sheet, "referents", 1, "active", "Non")
    sweep()
    assert sheet.titles >= {"À contacter", f"Suivi par {BOB}"}


class TestLinks:
    def test_a_referent_s_leads_to_their_view(self, sheet):
        views = read_views(sheet.read(dict.fromkeys(("requests", "to_check", "referents"), "all")))
        fvid = view_id(f"Suivi par {ANA}")

        assert views.link(ANA) == f"#gid={views.sheet_id}&fvid={fvid}"
        assert views.link("Personne Ici") == ""

    def test_a_tab_that_cannot_be_read_costs_them_all_and_nothing_else(self, sheet):
        assert read_views(sheet.read({"requests": "all", "referents": "all"})) is None
