from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.digest.tracking import TRACKING_COLUMNS, dated, handed_on
from functions.shared.reference import make
from sheets_schema.tab import read_table, tab
from tests.functions.digest.sheets import Typed, grid
from tests.functions.digest.test_report import read_rows, request

MAY, JUNE, JULY = (datetime(2026, month, 1, 9, tzinfo=UTC) for month in (5, 6, 7))
PAUL, ANA = "Paul Durand", "Ana Roux"


def noted(at: datetime | None, referent: str | None = PAUL, number: int = 1) -> dict[str, Any]:
    return {"reference": make(number), "noted_at": at, "referent": referent}


def dates(
    received: datetime | None, assigned: datetime | None, lines: Sequence[Mapping[str, Any]]
) -> tuple[datetime | None, datetime | None]:
    """When a row of Paul's came and was assigned, given its lines in Suivi."""
    row = request(1, referent=PAUL, received_at=received, assigned_at=assigned)
    return dates_of(row, lines)


def dates_of(
    row: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]
) -> tuple[datetime | None, datetime | None]:
    tracking = read_table(tab("tracking"), grid("tracking", lines), keys=TRACKING_COLUMNS).rows
    [dated_row] = dated(read_rows(grid("requests", [row])), tracking)
    return dated_row.request["received_at"], dated_row.request["assigned_at"]


def test_a_row_without_a_line_keeps_its_dates():
    assert dates(MAY, JUNE, []) == (MAY, JUNE)
    assert dates(None, None, [noted(JULY, number=2)]) == (None, None)


def test_a_row_typed_by_hand_came_when_it_was_first_noted():
    assert dates(None, None, [noted(MAY)]) == (MAY, MAY)
    assert dates(None, None, [noted(MAY, ANA), noted(JUNE, ANA)]) == (MAY, JUNE)


@pytest.mark.parametrize("referent", [PAUL, " PAUL durand"])
def test_a_row_assigned_anew_waits_since_its_last_line(referent: str):
    assert dates(MAY, MAY, [noted(JUNE, ANA), noted(JULY, referent)]) == (MAY, JULY)


@pytest.mark.parametrize("referent", [ANA, None])
def test_a_line_about_somebody_else_changes_no_date(referent: str | None):
    assert dates(MAY, JUNE, [noted(JULY, referent)]) == (MAY, JUNE)
    assert dates(MAY, JUNE, [noted(JULY), noted(JULY, referent)]) == (MAY, JUNE)


def test_an_earlier_line_does_not_make_a_row_older():
    assert dates(MAY, JULY, [noted(JUNE)]) == (MAY, JULY)


def test_a_line_whose_date_cannot_be_read_counts_for_nothing():
    assert dates(None, None, [noted(MAY), noted(None) | {"noted_at": Typed("hier")}]) == (MAY, MAY)


def test_rows_without_a_reference_share_no_lines():
    row = request(1, reference=None, received_at=None)
    lines = [{"noted_at": MAY, "referent": PAUL}]
    assert dates_of(row, lines)[0] is None


def test_a_hand_over_begins_the_wait_anew_and_a_status_does_not():
    given = noted(JUNE) | {"event": "handed_over"}
    assert dates(MAY, MAY, [given]) == (MAY, JUNE)
    assert dates(MAY, MAY, [given, noted(JULY) | {"event": "status_changed"}]) == (MAY, JUNE)
    assert dates(MAY, MAY, [noted(JULY) | {"event": "first_contact"}]) == (MAY, MAY)


def since(*events: tuple[str | None, str], referent: str | None = PAUL) -> list[datetime]:
    """Since when a request of Paul's waits to be taken up; its lines are a day apart."""
    lines = [
        noted(JUNE + timedelta(days=day), name) | {"event": event}
        for day, (event, name) in enumerate(events)
    ]
    rows = read_rows(grid("requests", [request(1, referent=referent)]))
    tracking = read_table(tab("tracking"), grid("tracking", lines), keys=TRACKING_COLUMNS).rows
    return list(handed_on(rows, tracking).values())


def test_what_was_handed_over_waits_until_it_is_taken_up():
    given = (("assigned", ANA), ("handed_over", PAUL))
    assert since(("assigned", PAUL)) == []
    assert since(*given) == [JUNE + timedelta(days=1)]
    assert since(*given, ("status_changed", PAUL)) == [JUNE + timedelta(days=1)]
    for event in ("taken_up", "closed", "settled", "handed_back"):
        assert since(*given, (event, PAUL)) == []
    assert since(*given, ("taken_up", PAUL), ("handed_over", PAUL)) == [JUNE + timedelta(days=3)]


def test_what_the_rules_gave_to_somebody_else_waits_too():
    handed_back = (("assigned", ANA), ("handed_back", ANA), ("assigned", PAUL))
    assert since(*handed_back) == [JUNE + timedelta(days=2)]


@pytest.mark.parametrize("referent", [ANA, None])
def test_what_somebody_else_follows_by_now_does_not_wait(referent: str | None):
    assert since(("assigned", ANA), ("handed_over", PAUL), referent=referent) == []
