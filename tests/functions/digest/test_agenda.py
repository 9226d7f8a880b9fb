"""What a referent finds in her mail on Monday."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.digest.agenda import KEYS, LATE, Agenda, agendas, find_task, in_words
from functions.digest.weeks import week_of
from functions.shared.working_days import working_days_between
from sheets_schema.columns import PARIS
from sheets_schema.schema import vocabulary
from tests.functions.digest.sheets import Typed, grid
from tests.functions.digest.test_report import cases_of, people_of, request
from tests.functions.digest.test_report import noted as line_of_suivi

TODAY = date(2026, 11, 30)  # a Monday
SUNDAY = date(2026, 12, 6)
PAUL = {"name": "Paul Durand", "email": "paul.durand@example.org"}
LEA = {"name": "Léa Petit", "email": "lea.petit@example.org"}


def days_ago(days: int) -> datetime:
    return datetime(2026, 11, 30, 7, tzinfo=PARIS) - timedelta(days=days)


def task(
    assigned: int = 1,
    tracking: Sequence[Mapping[str, Any]] = (),
    today: date = TODAY,
    **values: Any,
) -> tuple[str, str] | None:
    """What is to be done about a request, and in which words."""
    at = days_ago(assigned)
    row = request(1, **({"received_at": at, "assigned_at": at} | values))
    [case] = cases_of(grid("requests", [row]), tracking)
    due = find_task(case, today)
    return due and (due.key, in_words(due, today))


def for_whom(
    people: Sequence[Mapping[str, Any]], requests: Sequence[Mapping[str, Any]]
) -> dict[str, Agenda]:
    return agendas(cases_of(grid("requests", requests)), people_of(*people), TODAY)


def listed(agenda: Agenda) -> dict[str, list[int]]:
    return {section.key: [item.row for item in section.lines] for section in agenda.sections}


@pytest.mark.parametrize(
    ("assigned", "expected"),
    [
        (0, ("new", "depuis aujourd'hui")),
        (4, ("new", "depuis 4 jours")),  # Thursday: two working days
        (5, ("to_contact", "depuis 5 jours")),  # Wednesday: three
        (30, ("to_contact", "depuis 30 jours")),
    ],
)
def test_a_request_is_new_for_three_working_days(assigned, expected):
    assert task(assigned) == expected


def test_a_lead_from_a_fair_stands_apart_whatever_its_age():
    assert task(30, status="to_qualify") == ("to_qualify", "depuis 30 jours")


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2026, 11, 26), ("follow_up", "prévu le 26 novembre, dépassé")),
        (TODAY, ("follow_up", "prévu aujourd'hui")),
        (SUNDAY, ("follow_up", "prévu le 6 décembre")),
        (SUNDAY + timedelta(days=1), None),
    ],
)
@pytest.mark.parametrize("status", ["in_progress", "waiting", "no_answer", "long_term"])
def test_a_date_to_call_again_counts_in_its_week(on, expected, status):
    contact = TODAY - timedelta(days=40)
    assert task(60, status=status, last_contact_on=contact, remind_on=on) == expected


def test_a_first_call_may_be_put_off_to_a_date():
    assert task(30, remind_on=SUNDAY + timedelta(days=1)) is None
    assert task(30, remind_on=TODAY) == ("to_contact", "depuis 30 jours")


@pytest.mark.parametrize(
    ("days", "expected"), [(20, None), (21, ("stale", "dernier contact il y a 21 jours"))]
)
@pytest.mark.parametrize("status", ["in_progress", "waiting", "to_reroute", "to_contact"])
def test_three_weeks_without_contact_are_a_reason_to_call(days, expected, status):
    contact = TODAY - timedelta(days=days)
    assert task(60, status=status, last_contact_on=contact) == expected


def test_whoever_did_not_answer_is_called_again_after_three_working_days():
    wednesday, thursday = date(2026, 11, 25), date(2026, 11, 26)
    assert task(60, status="no_answer", last_contact_on=thursday) is None
    assert task(60, status="no_answer", last_contact_on=wednesday) == (
        "follow_up",
        "sans réponse depuis 5 jours",
    )


def test_a_project_for_the_long_term_is_never_late():
    assert task(400, status="long_term") is None
    assert task(400, status="long_term", last_contact_on=TODAY - timedelta(days=300)) is None


@pytest.mark.parametrize(
    ("settled", "months"),
    [
        (date(2026, 5, 30), 6),
        (date(2026, 6, 6), 6),
        (date(2026, 6, 7), None),
        (date(2026, 5, 29), None),
        (date(2025, 11, 30), 12),
        (date(2025, 12, 6), 12),
        (date(2024, 11, 30), None),
    ],
)
def test_people_are_called_six_and_twelve_months_after_they_settled(settled, months):
    expected = ("settled", f"installation il y a {months} mois") if months else None
    assert task(400, status="settled", settled_on=settled) == expected


def test_a_household_that_settled_is_listed_without_what_was_planned():
    more = {"settled_on": date(2026, 6, 1), "next_action": "Visite"}
    [agenda] = for_whom([PAUL], [request(1, status="settled", **more)]).values()
    assert listed(agenda) == {"settled": [2]}
    assert agenda.sections[0].lines[0].details.endswith("Grand-Figeac, installation il y a 6 mois")


def test_a_month_may_be_too_short():
    in_march = date(2027, 3, 1)  # Monday of the week after 28 February
    assert task(0, status="settled", settled_on=date(2026, 8, 31), today=in_march) is None
    week_before = in_march - timedelta(days=7)
    assert task(0, status="settled", settled_on=date(2026, 8, 31), today=week_before)


@pytest.mark.parametrize("status", ["closed", "junk"])
def test_nothing_is_to_be_done_about_what_is_over(status):
    assert task(30, status=status, settled_on=date(2026, 5, 30)) is None


def test_a_request_that_was_handed_over_is_to_be_taken_up():
    handed = line_of_suivi(1, "handed_over", 2, "Léa Petit", "Paul Durand")
    assert task(30, [handed]) == ("take_up", "transmise par Léa Petit il y a 2 jours")
    taken = line_of_suivi(1, "taken_up", 1, referent="Paul Durand")
    assert task(30, [handed, taken]) == ("new", "depuis 2 jours")
    called = task(30, [handed], status="in_progress", last_contact_on=TODAY)
    assert called is None


@pytest.mark.parametrize("odd", [{"status": Typed("?")}, {"remind_on": Typed("bientôt")}])
def test_nothing_is_claimed_of_a_row_that_cannot_be_read(odd):
    contact = TODAY - timedelta(days=40)
    assert task(60, **({"last_contact_on": contact, "status": "in_progress"} | odd)) is None


@given(st.integers(0, 60), st.sampled_from([None, *vocabulary("status")]), st.integers(0, 13))
def test_nothing_younger_than_three_working_days_is_called_late(days, status, later):
    """Nor is anything told twice, whatever the day on which the mail is made."""
    today = TODAY + timedelta(days=later)
    at = datetime(today.year, today.month, today.day, 7, tzinfo=PARIS) - timedelta(days=days)
    due = task(status=status, received_at=at, assigned_at=at, today=today)
    if due:
        assert due[0] in KEYS
        if working_days_between(at.date(), today) < LATE:
            assert due[0] in ("new", "to_qualify")


def test_a_mail_lists_her_own_requests_the_oldest_first():
    [agenda] = for_whom(
        [PAUL],
        [
            request(1, assigned_at=days_ago(9)),
            request(2, assigned_at=days_ago(12)),
            request(3, assigned_at=days_ago(1)),
            request(4, referent="paul DURAND", status="to_qualify"),
            request(5, referent="Léa Petit"),
            request(6, referent=None),
        ],
    ).values()
    assert agenda.names == ("Paul Durand",)
    assert agenda.week == week_of(TODAY)
    assert listed(agenda) == {"new": [4], "to_contact": [3, 2], "to_qualify": [5]}


def test_whoever_has_nothing_to_do_gets_no_mail():
    assert for_whom([PAUL, LEA], [request(1, status="closed")]) == {}
    assert list(for_whom([PAUL, LEA], [request(1)])) == ["paul.durand@example.org"]


@pytest.mark.parametrize(
    "more", [{"weekly_mail": False}, {"active": False}, {"email": Typed("paul@")}]
)
def test_who_wants_none_or_is_gone_or_has_no_address_gets_no_mail(more):
    assert for_whom([PAUL | more], [request(1)]) == {}


def test_requests_of_somebody_absent_are_in_the_mail_of_whoever_stands_in():
    away = LEA | {
        "absent_from": date(2026, 11, 20),
        "absent_until": date(2026, 12, 5),
        "substitute": "Ana Cros",
    }
    ana = {
        "name": "Ana Cros",
        "email": "ana.cros@example.org",
        "absent_until": TODAY,
        "substitute": "paul durand",
    }
    mails = for_whom([away, ana, PAUL], [request(1), request(2, referent="Léa Petit")])
    [agenda] = mails.values()
    assert listed(agenda) == {"to_contact": [2], "stand_in": [3]}
    [borrowed] = agenda.sections[-1].lines
    assert borrowed.group == "Dossiers suivis par Léa Petit, indisponible jusqu'au 5 décembre"
    assert borrowed.person == "Léa Petit"


def test_where_nobody_stands_in_nobody_is_mailed():
    circle = [
        LEA | {"absent_from": TODAY, "substitute": "Paul Durand"},
        PAUL | {"absent_from": TODAY, "substitute": "Léa Petit"},
    ]
    assert for_whom(circle, [request(1), request(2, referent="Léa Petit")]) == {}


def test_people_who_share_an_address_share_a_mail():
    both = [PAUL, LEA | {"email": Typed("Paul.Durand@EXAMPLE.org")}]
    [agenda] = for_whom(both, [request(1), request(2, referent="Léa Petit")]).values()
    assert agenda.names == ("Paul Durand", "Léa Petit")
    assert listed(agenda) == {"to_contact": [2, 3]}


def test_a_line_says_whom_to_call_and_what_was_planned():
    row = request(1, phone="+33612345678", next_action="Visite d'une ferme")
    [agenda] = for_whom([PAUL], [row]).values()
    [shown] = agenda.sections[0].lines
    assert shown.title == "LOT-0000-0012 – Ana Martin 1"
    assert shown.details == (
        "06 12 34 56 78, S'installer en agriculture (création, reprise, association), "
        "Grand-Figeac, depuis 6 jours, Visite d'une ferme"
    )
