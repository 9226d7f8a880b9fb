"""A request as the digests see it: its row, and what Suivi says of it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import pytest

from functions.digest.cases import Case, read_cases
from functions.digest.history import read_histories
from functions.shared.reference import make
from sheets_schema.columns import PARIS
from sheets_schema.tab import match_header, tab
from sheets_schema.territory import territories
from sheets_schema.wire import TabCells
from tests.functions.digest.sheets import Typed, grid
from tests.functions.digest.test_report import cases_of, request

PAUL, ANA = "Paul Durand", "Ana Cros"
MAY, JUNE, JULY = (datetime(2026, month, 10, 9, tzinfo=PARIS) for month in (5, 6, 7))


def noted(at: datetime | None, referent: str | None = PAUL, number: int = 1) -> dict[str, Any]:
    return {"reference": make(number), "noted_at": at, "referent": referent}


def dates(
    received: datetime | None, assigned: datetime | None, lines: Sequence[Mapping[str, Any]]
) -> tuple[date | None, date | None]:
    """When a row of Paul's came and was assigned, given its lines in Suivi."""
    row = request(1, referent=PAUL, received_at=received, assigned_at=assigned)
    return dates_of(row, lines)


def dates_of(
    row: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]
) -> tuple[date | None, date | None]:
    [case] = cases_of(grid("requests", [row]), lines)
    return case.received_on, case.assigned_on


def days(*moments: datetime | None) -> tuple[date | None, ...]:
    return tuple(moment and moment.date() for moment in moments)


def test_a_row_without_a_line_keeps_its_dates():
    assert dates(MAY, JUNE, []) == days(MAY, JUNE)
    assert dates(None, None, [noted(JULY, number=2)]) == (None, None)


def test_a_row_typed_by_hand_came_when_it_was_first_noted():
    assert dates(None, None, [noted(MAY)]) == days(MAY, MAY)
    assert dates(None, None, [noted(MAY, ANA), noted(JUNE, ANA)]) == days(MAY, JUNE)


@pytest.mark.parametrize("referent", [PAUL, " PAUL durand"])
def test_a_row_assigned_anew_waits_since_its_last_line(referent: str):
    assert dates(MAY, MAY, [noted(JUNE, ANA), noted(JULY, referent)]) == days(MAY, JULY)


@pytest.mark.parametrize("referent", [ANA, None])
def test_a_line_about_somebody_else_changes_no_date(referent: str | None):
    assert dates(MAY, JUNE, [noted(JULY, referent)]) == days(MAY, JUNE)
    assert dates(MAY, JUNE, [noted(JULY), noted(JULY, referent)]) == days(MAY, JUNE)


def test_an_earlier_line_does_not_make_a_row_older():
    assert dates(MAY, JULY, [noted(JUNE)]) == days(MAY, JULY)


def test_a_line_whose_date_cannot_be_read_counts_for_nothing():
    odd = noted(None) | {"noted_at": Typed("hier")}
    assert dates(None, None, [noted(MAY), odd]) == days(MAY, MAY)


def test_rows_without_a_reference_share_no_lines():
    row = request(1, reference=None, received_at=None)
    lines = [{"noted_at": MAY, "referent": PAUL}]
    assert dates_of(row, lines)[0] is None


def test_a_hand_over_begins_the_wait_anew_and_a_status_does_not():
    given = noted(JUNE) | {"event": "handed_over"}
    assert dates(MAY, MAY, [given]) == days(MAY, JUNE)
    assert dates(MAY, MAY, [given, noted(JULY) | {"event": "status_changed"}]) == days(MAY, JUNE)
    assert dates(MAY, MAY, [noted(JULY) | {"event": "first_contact"}]) == days(MAY, MAY)


def test_a_first_contact_was_on_the_day_that_its_line_says():
    def contacted(after: str) -> date | None:
        line = noted(JULY) | {"event": "first_contact", "after": after}
        [case] = cases_of(grid("requests", [request(1)]), [line])
        return case.history.contacted_on

    assert contacted("05/06/2026") == date(2026, 6, 5)
    assert contacted("bientôt") == JULY.date()


def test_a_moment_late_in_the_evening_is_of_its_day_in_paris():
    late = datetime(2026, 7, 1, 23, 59, 59, tzinfo=PARIS)
    assert dates(late, late, []) == days(late, late)


def read(*rows: Mapping[str, Any]) -> list[Case]:
    return cases_of(grid("requests", rows))


def test_a_title_that_partners_wrote_into_reference_is_no_request():
    assert read({"reference": "NOVEMBRE 2026"}) == []
    [case] = read({"reference": "NOVEMBRE 2026", "last_name": "Martin"})
    assert (case.reference, case.title) == ("", "Martin")


@pytest.mark.parametrize("typed", ["lot-0000-0012", " LOT-0000-0012 ", "LOT-OOOO-0012"])
def test_a_reference_is_known_however_it_is_typed(typed: str):
    [case] = cases_of(grid("requests", [request(1, reference=Typed(typed))]), [noted(MAY)])
    assert case.reference == "LOT-0000-0012"
    assert case.history.first_on == MAY.date()


def test_a_trial_is_left_out():
    assert read(request(1, source="test")) == []


def test_an_older_workbook_lacks_columns_and_a_line_may_end_early():
    cells = grid("requests", [request(1)])
    keys = ("last_name", "status", "referent")
    at = match_header(tab("requests"), cells[0])
    line = [cells[1][at[key]] for key in keys] + [None]
    short = [[tab("requests")[key].title for key in keys] + ["Reçue le"], line[:3]]
    positions = {key: place for place, key in enumerate(keys)} | {"received_at": 3}
    [case] = read_cases(TabCells(0, short), positions, {}, territories())
    assert (case.status, case.referent, case.remind_on) == ("to_contact", PAUL, None)
    assert case.text("phone") == ""
    assert case.territories == ("Je ne sais pas encore",)


def test_lines_of_suivi_from_before_its_events_assign():
    lines = [["Référence", "Le", "Référent"], [make(1), 46150.5, PAUL]]
    positions = {"reference": 0, "noted_at": 1, "referent": 2}
    [history] = read_histories(TabCells(0, lines), positions).values()
    assert (history.given_on, history.given_to) == (date(2026, 5, 8), PAUL)
