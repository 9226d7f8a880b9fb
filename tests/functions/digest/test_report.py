import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from importlib import resources
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sheets_schema
from functions.digest.cases import NO_RULE, Case, read_cases
from functions.digest.history import read_histories
from functions.digest.lines import Line, ago
from functions.digest.people import People, read_people
from functions.digest.report import (
    FIRST_CONTACT,
    TO_CHECK_COLUMNS,
    Report,
    Speed,
    Tables,
    Trend,
    report,
)
from functions.digest.weeks import Week
from functions.route.decide.assignment import assign
from functions.route.decide.lookup import Lookup
from functions.shared.concerns import ERASURE
from functions.shared.reference import make
from functions.shared.request import Request
from sheets_schema.columns import PARIS, Cell
from sheets_schema.schema import UNCONTACTED, vocabulary
from sheets_schema.tab import column_letter, match_header, read_table, tab
from sheets_schema.territory import territories
from sheets_schema.wire import TabCells
from tests.functions.digest.sheets import Typed, grid

W48 = Week(date(2026, 11, 23))
MONDAY_AFTER = datetime(2026, 11, 30, 7, tzinfo=PARIS)
TODAY = MONDAY_AFTER.date()
TUESDAY = datetime(2026, 11, 24, 15, tzinfo=PARIS)


def request(number: int = 1, **values: Any) -> dict[str, Any]:
    """A row of Demandes: somebody who wrote on Tuesday, with a referent."""
    return {
        "reference": make(number),
        "first_name": "Ana",
        "last_name": f"Martin {number}",
        "status": "to_contact",
        "referent": "Paul Durand",
        "received_at": TUESDAY,
        "assigned_at": TUESDAY,
        "project": "farming",
        "target": "Figeac",
    } | values


def made(
    requests: Sequence[Mapping[str, Any]] = (),
    to_check: Sequence[Mapping[str, Any]] = (),
    scope: str = "",
    tracking: Sequence[Mapping[str, Any]] = (),
    people: People | None = None,
) -> Report:
    return report(
        W48,
        TODAY,
        Tables(
            cases_of(grid("requests", requests), tracking),
            read_table(tab("to_check"), grid("to_check", to_check), keys=TO_CHECK_COLUMNS).rows,
            people,
            match_header(tab("requests"), grid("requests", [])[0]),
        ),
        territories().parse(scope),
        territories(),
    )


def cases_of(cells: list[list[Cell]], tracking: Sequence[Mapping[str, Any]] = ()) -> list[Case]:
    """The cases of a grid of Demandes, with the history that lines of Suivi give."""
    lines = grid("tracking", tracking)
    histories = read_histories(TabCells(0, lines), match_header(tab("tracking"), lines[0]))
    positions = match_header(tab("requests"), cells[0])
    return read_cases(TabCells(0, cells), positions, histories, territories())


def people_of(*referents: Mapping[str, Any]) -> People:
    return read_people(read_table(tab("referents"), grid("referents", referents)).rows)


def part(made: Report, key: str) -> tuple[Line, ...]:
    """The lines of one section; a section without lines is left out of a report."""
    return next((section.lines for section in made.decisions if section.key == key), ())


def rows(lines: Sequence[Line]) -> list[int]:
    return [line.row for line in lines]


# What came in.


def test_the_week_s_arrivals_are_counted_by_territory_and_project():
    report = made(
        [
            request(1),
            request(2, target="Capdenac, Cahors"),
            request(3, target="Grand-Figeac", project="studies"),
            request(4, target="Partout dans le Lot", project="studies"),
            request(5, target="Je ne sais pas encore", project=None),
            request(6, target=None, status="junk"),
        ]
    )
    assert report.arrived.week == 6
    assert report.by_territory == (
        ("Grand-Figeac", 3),
        ("Je ne sais pas encore", 2),
        ("Grand Cahors", 1),
        ("Partout dans le Lot", 1),
    )
    assert report.by_project == (
        ("S'installer en agriculture (création, reprise, association)", 3),
        ("Suivre des études ou une formation", 2),
        ("Projet non précisé", 1),
    )


def test_two_communes_of_one_intercommunalite_count_once():
    report = made([request(target="Figeac, Capdenac")])
    assert report.by_territory == (("Grand-Figeac", 1),)


def test_what_came_before_or_after_the_week_is_not_counted():
    days = [request(1, received_at=TUESDAY + timedelta(days=days)) for days in (-7, -2, 6, 7)]
    report = made([*days, request(5), request(6, received_at=None)])
    assert report.arrived.week == 1


@pytest.mark.parametrize(
    ("scope", "named"),
    [
        ("", ""),
        ("Partout dans le Lot", ""),
        ("quercy bouriane, Figeac", "Figeac, Quercy-Bouriane"),
    ],
)
def test_the_scope_is_named_unless_it_is_the_whole_departement(scope, named):
    assert made(scope=scope).scope == named


def test_an_empty_sheet_makes_an_empty_report():
    assert made() == Report(W48)


# What waits.


def test_requests_without_a_referent_are_listed_oldest_first():
    report = made(
        [
            request(1, referent=None),
            request(2, referent=None, received_at=TUESDAY - timedelta(days=30), target="Cahors"),
            request(3, referent=None, received_at=None),
            request(4),
            request(5, referent=None, received_at=MONDAY_AFTER, project="studies", target=None),
        ]
    )
    farming = "S'installer en agriculture (création, reprise, association)"
    studies = "Suivre des études ou une formation"
    assert part(report, "without_referent") == (
        Line(
            3,
            "LOT-0000-0024 – Ana Martin 2",
            f"{farming}, Grand Cahors, depuis 36 jours",
            "LOT-0000-0024",
        ),
        Line(
            2,
            "LOT-0000-0012 – Ana Martin 1",
            f"{farming}, Grand-Figeac, depuis 6 jours",
            "LOT-0000-0012",
        ),
        Line(
            6,
            "LOT-0000-005A – Ana Martin 5",
            f"{studies}, Je ne sais pas encore, depuis aujourd'hui",
            "LOT-0000-005A",
        ),
        Line(
            4,
            "LOT-0000-0036 – Ana Martin 3",
            f"{farming}, Grand-Figeac, date inconnue",
            "LOT-0000-0036",
        ),
    )


@pytest.mark.parametrize("status", ["settled", "closed", "junk"])
def test_what_is_over_waits_for_nobody(status: str):
    report = made([request(referent=None, status=status), request(status=status, assigned_at=OLD)])
    assert (part(report, "without_referent"), part(report, "uncontacted")) == ((), ())


OLD = MONDAY_AFTER - timedelta(days=8)


def test_a_trial_is_neither_counted_nor_listed():
    trials = [
        request(1, source="test", referent=None),
        request(2, source="test", assigned_at=OLD, target="Cahors", project="studies"),
    ]
    assert made([*trials, request(3, source="salon-taf")]) == made([request(3)])
    assert made(trials) == made([])


def uncontacted(**values: Any) -> bool:
    return bool(part(made([request(**values)]), "uncontacted"))


@pytest.mark.parametrize(
    ("days", "late"), [(7, False), (8, True), (30, True), (0, False), (-1, False)]
)
def test_a_first_contact_is_late_after_more_than_seven_days(days: int, late: bool):
    assert uncontacted(assigned_at=MONDAY_AFTER - timedelta(days=days)) == late


@pytest.mark.parametrize("status", [None, *vocabulary("status")])
def test_only_whoever_nobody_tried_to_reach_waits_for_a_first_contact(status: str | None):
    expected = status in (None, "to_qualify", "to_contact")
    assert uncontacted(assigned_at=OLD, status=status) == expected


def test_whoever_was_contacted_does_not_wait():
    assert uncontacted(assigned_at=OLD)
    assert not uncontacted(assigned_at=OLD, last_contact_on=date(2026, 11, 25))


def test_a_request_without_a_referent_waits_for_one_first():
    report = made([request(referent=None, assigned_at=OLD, received_at=OLD)])
    assert (len(part(report, "without_referent")), len(part(report, "uncontacted"))) == (1, 0)


def test_waiting_counts_from_the_assignment_or_else_from_the_arrival():
    assert not uncontacted(received_at=OLD, assigned_at=TUESDAY)
    assert uncontacted(received_at=OLD, assigned_at=None)
    assert not uncontacted(received_at=None, assigned_at=None)


def test_late_first_contacts_are_listed_by_territory_and_referent_the_oldest_first():
    report = made(
        [
            request(1, assigned_at=OLD),
            request(2, assigned_at=OLD - timedelta(days=9), referent="Léa Petit"),
            request(3, assigned_at=OLD - timedelta(days=2), referent="paul durand"),
            request(4, assigned_at=OLD - timedelta(days=1), target="Cahors"),
        ]
    )
    farming = "S'installer en agriculture (création, reprise, association)"
    assert [(line.row, line.group, line.details) for line in part(report, "uncontacted")] == [
        (3, "Grand-Figeac – Léa Petit", f"{farming}, depuis 17 jours"),
        (4, "Grand-Figeac – paul durand", f"{farming}, depuis 10 jours"),
        (2, "Grand-Figeac – paul durand", f"{farming}, depuis 8 jours"),
        (5, "Grand Cahors – Paul Durand", f"{farming}, depuis 9 jours"),
    ]


@pytest.mark.parametrize(
    ("received", "words"),
    [
        ("2026-11-30T06:59:00+01:00", "depuis aujourd'hui"),
        ("2026-11-30T00:00:00+01:00", "depuis aujourd'hui"),
        ("2026-11-29T23:59:59+01:00", "depuis hier"),
        ("2026-11-28T23:59:59+01:00", "depuis 2 jours"),
        ("2026-12-01T07:00:00+01:00", "depuis aujourd'hui"),
    ],
)
def test_waiting_is_told_in_days_of_the_calendar(received: str, words: str):
    report = made([request(referent=None, received_at=datetime.fromisoformat(received))])
    [line] = part(report, "without_referent")
    assert line.details.endswith(f", {words}")


def test_what_was_is_told_in_days_of_the_calendar():
    words = [ago(TODAY - timedelta(days=days), TODAY) for days in (-1, 0, 1, 2)]
    assert words == ["aujourd'hui", "aujourd'hui", "hier", "il y a 2 jours"]


@pytest.mark.parametrize(
    ("values", "title"),
    [
        ({}, "LOT-0000-0012 – Ana Martin 1"),
        ({"reference": None}, "Ana Martin 1"),
        ({"reference": None, "first_name": None}, "Martin 1"),
        ({"first_name": None, "last_name": None}, "LOT-0000-0012"),
        ({"reference": None, "first_name": None, "last_name": None}, "Ligne 2"),
    ],
)
def test_a_line_is_called_by_what_is_known(values: dict[str, Any], title: str):
    [line] = part(made([request(referent=None) | values]), "without_referent")
    assert line.title == title


# What waits for somebody's decision, by the history of requests.


def noted(
    number: int, event: str, days: int, before: str = "", after: str = "", referent: str = ""
) -> dict[str, Any]:
    """A line of Suivi, so many days before the Monday of the digest."""
    at = MONDAY_AFTER - timedelta(days=days)
    return {
        "reference": make(number),
        "noted_at": at,
        "event": event,
        "before": before,
        "after": after,
        "referent": referent or after,
    }


def handed_over(number: int, days: int) -> dict[str, Any]:
    return noted(number, "handed_over", days, "Léa Petit", "Paul Durand")


def test_a_hand_over_that_nobody_took_up_is_told_by_name_after_ten_working_days():
    report = made(
        [request(1), request(2), request(3)], tracking=[handed_over(1, 14), handed_over(2, 13)]
    )
    assert part(report, "hand_overs") == (
        Line(
            2,
            "LOT-0000-0012 – Ana Martin 1",
            "pour Paul Durand, transmise par Léa Petit, depuis 10 jours ouvrés",
            "LOT-0000-0012",
        ),
    )


def test_of_a_hand_over_from_nobody_no_giver_is_told():
    given = noted(1, "handed_over", 14, "", "Paul Durand")
    [line] = part(made([request(1)], tracking=[given]), "hand_overs")
    assert line.details == "pour Paul Durand, depuis 10 jours ouvrés"


@pytest.mark.parametrize(
    ("event", "days", "still"),
    [
        ("taken_up", 14, False),
        ("first_contact", 13, False),
        ("handed_back", 13, False),
        ("assigned", 13, False),  # it begins a wait of its own
        ("closed", 13, False),
        ("status_changed", 13, True),
    ],
)
def test_what_happens_after_a_hand_over_shows_whether_it_was_taken_up(event, days, still):
    lines = [handed_over(1, 14), noted(1, event, days, referent="Paul Durand")]
    assert bool(part(made([request(1)], tracking=lines), "hand_overs")) == still


def test_a_call_noted_in_the_row_takes_a_hand_over_up():
    called = request(1, last_contact_on=TODAY - timedelta(days=14))
    before = request(1, last_contact_on=TODAY - timedelta(days=15))
    assert not part(made([called], tracking=[handed_over(1, 14)]), "hand_overs")
    assert part(made([before], tracking=[handed_over(1, 14)]), "hand_overs")


def test_what_was_handed_back_twice_waits_for_a_decision_until_somebody_calls():
    back = [noted(1, "handed_back", 9), noted(1, "handed_back", 3), noted(2, "handed_back", 3)]
    [line] = part(made([request(1), request(2)], tracking=back), "handed_back")
    assert (line.row, line.details) == (2, "rendue 2 fois, chez Paul Durand, depuis 6 jours")
    called = request(1, last_contact_on=TODAY)
    assert not part(made([called], tracking=back), "handed_back")


def waits(first: int, count: int, days: int, referent: str) -> list[dict[str, Any]]:
    at = MONDAY_AFTER - timedelta(days=days)
    return [
        request(number, referent=referent, assigned_at=at) for number in range(first, first + count)
    ]


def test_people_with_two_old_requests_are_told_those_with_most_first():
    report = made(
        [
            *waits(1, 2, 16, "Zoé Petit"),
            *waits(10, 1, 30, "Ana Cros"),
            *waits(20, 6, 15, "Bob Roux"),
            *waits(30, 4, 1, "Léa Blanc"),
            *waits(40, 2, 20, "Léa Blanc"),
            *waits(50, 3, 20, "Yves Noir"),
        ]
    )
    assert [(line.title, line.details, line.person) for line in part(report, "overloaded")] == [
        (name, f"{count} demandes sans premier contact, dont {old} depuis plus de 15 jours", name)
        for name, count, old in (("Léa Blanc", 6, 2), ("Yves Noir", 3, 3), ("Zoé Petit", 2, 2))
    ]


def test_requests_of_somebody_who_is_gone_or_away_wait_for_a_name():
    people = people_of(
        {"name": "Paul Durand", "email": "paul@example.org"},
        {"name": "Léa Petit", "email": "lea@example.org", "active": False},
        {"name": "Ana Cros", "absent_from": TODAY, "absent_until": date(2027, 1, 3)},
        {"name": "Bob Roux", "absent_from": TODAY, "substitute": "paul durand"},
        {"name": "Yves Noir", "absent_until": TODAY, "substitute": "Zoé Brun"},
        {"name": "Zoé Brun", "absent_from": TODAY, "substitute": "Yves Noir"},
        {"name": "Luc Vert", "absent_until": TODAY - timedelta(days=1)},
    )
    names = ["Paul Durand", "Léa Petit", "Ana Cros", "Bob Roux", "Yves Noir", "Luc Vert", "Qui ?"]
    requests = [request(number, referent=name) for number, name in enumerate(names)]
    requests.append(request(9, referent="LÉA petit", status="in_progress"))
    report = made([*requests, request(8, referent="Qui ?", status="closed")], people=people)
    assert [(line.title, line.details) for line in part(report, "unattended")] == [
        ("Ana Cros", "indisponible jusqu'au 3 janvier, sans suppléance ; 1 demande en cours"),
        ("Léa Petit", "n'est plus en activité ; 2 demandes en cours"),
        ("Qui ?", "ne figure pas dans l'onglet Référents ; 1 demande en cours"),
        ("Yves Noir", "indisponible jusqu'au 30 novembre, sans suppléance ; 1 demande en cours"),
    ]
    # Each line opens the first of the requests, and the view of whoever has one.
    assert [(line.reference, line.person) for line in part(report, "unattended")] == [
        (make(2), "Ana Cros"),
        (make(1), ""),
        (make(6), ""),
        (make(4), "Yves Noir"),
    ]
    assert not part(made(requests), "unattended"), "Référents cannot be read: nothing is claimed"


def test_a_gap_of_the_rules_is_told_with_its_requests():
    reason = assign(Request({}), Lookup(), TODAY).reason
    assert reason.startswith(NO_RULE)
    old = MONDAY_AFTER - timedelta(days=29)
    report = made(
        [
            request(1, assignment_reason=f"{reason} : coordination"),
            request(2, assignment_reason=reason),
            request(3, assignment_reason=reason, target="Cahors"),
            request(4, assignment_reason="Règle 3"),
            request(5, assignment_reason=reason, received_at=old),
            request(6, assignment_reason=reason, status="closed"),
        ]
    )
    farming = "S'installer en agriculture (création, reprise, association)"
    assert [(line.row, line.title, line.details) for line in part(report, "gaps")] == [
        (2, f"{farming} – Grand-Figeac", "2 demandes, dont LOT-0000-0012 – Ana Martin 1"),
        (4, f"{farming} – Grand Cahors", "1 demande, dont LOT-0000-0036 – Ana Martin 3"),
    ]


def test_open_requests_with_the_same_address_or_number_may_be_the_same():
    report = made(
        [
            request(1, email="ana@example.org", phone=Typed("06 12 34 56 78")),
            request(2, email=Typed("ANA@example.org"), phone=Typed("+33 6 12 34 56 78")),
            request(3, phone=Typed("0612345679")),
            request(4, phone=Typed("+33 6.12.34.56.79"), status="in_progress"),
            request(5, email="ana@example.org", status="junk"),
            request(6, email="", phone=Typed("12")),
            request(7, phone=Typed("12")),
        ]
    )
    assert [(line.row, line.details) for line in part(report, "duplicates")] == [
        (2, "même courriel que LOT-0000-0024 – Ana Martin 2"),
        (4, "même téléphone que LOT-0000-0048 – Ana Martin 4"),
    ]


def test_a_number_that_many_share_names_a_few():
    report = made([request(number, email="salon@example.org") for number in range(1, 8)])
    [line] = part(report, "duplicates")
    assert line.details.endswith("Ana Martin 4 et 3 de plus")


# The week beside others, and what went well.


def test_a_week_stands_beside_the_one_before_and_the_year():
    days = [0, -3, -8, -9, -300, -330, 6]  # from Tuesday 24 November; the last is next Monday
    report = made([request(n, received_at=TUESDAY + timedelta(days=d)) for n, d in enumerate(days)])
    assert report.arrived == Trend(1, 2, 5)


def test_the_first_week_of_a_year_has_one_before_it():
    arrived = [datetime(2026, 12, 31, 9, tzinfo=PARIS), datetime(2027, 1, 5, 9, tzinfo=PARIS)]
    cases = cases_of(grid("requests", [request(n, received_at=at) for n, at in enumerate(arrived)]))
    week = Week(date(2027, 1, 4))
    january = report(week, date(2027, 1, 11), Tables(cases), territories().parse(""), territories())
    assert january.arrived == Trend(1, 1, 1)


def test_settled_households_and_their_people_are_counted_and_named():
    settled = {"status": "settled", "referent": "Paul Durand"}
    report = made(
        [
            request(
                1, **settled, settled_on=TUESDAY.date(), settled_people=4, settled_commune="Figeac"
            ),
            request(2, **settled, settled_on=TUESDAY.date() - timedelta(days=7)),
            request(3, **settled, settled_on=date(2026, 1, 1), settled_people=1),
            request(4, **settled, settled_on=date(2025, 12, 31), settled_people=9),
            request(5, **settled),
            request(6, settled_on=TUESDAY.date(), settled_people=2),
        ],
        tracking=[noted(5, "settled", 5)],
    )
    assert report.households == Trend(2, 1, 4)
    assert report.settlers == Trend(4, 0, 5)
    assert [(line.row, line.details) for line in report.settled] == [
        (2, "Figeac, 4 personnes, avec Paul Durand"),
        (6, "avec Paul Durand"),
    ]


def test_the_time_to_first_contact_counts_working_days():
    def contact(number: int, received: date, day: str) -> tuple[dict[str, Any], dict[str, Any]]:
        at = datetime(received.year, received.month, received.day, 9, tzinfo=PARIS)
        line = noted(number, "first_contact", 3, after=day, referent="Paul Durand")
        return request(number, received_at=at), line

    pairs = [
        contact(1, date(2026, 11, 23), "24/11/2026"),  # 1 working day
        contact(2, date(2026, 11, 20), "24/11/2026"),  # 2, over a weekend
        contact(3, date(2026, 11, 18), "24/11/2026"),  # 4
        contact(4, date(2026, 11, 10), "24/11/2026"),  # 9: 11 November is a holiday
    ]
    report = made([row for row, _ in pairs], tracking=[line for _, line in pairs])
    assert report.speed == Speed(3.0, 50, 75)
    assert report.contacted == Trend(4, 0, 4)
    assert made([request(1)]).speed is None


# À vérifier.


def test_what_is_to_be_checked_is_listed_until_it_is_ticked_off():
    lines = [
        {"subject": "Adresse refusée", "place": "Référents!B7", "action": "Corrigez-la."},
        {"subject": "Réglé", "place": "Référents!B8", "action": "Rien.", "done": True},
        {"subject": "Sans lieu", "action": "Voyez.", "done": False},
    ]
    assert part(made(to_check=lines), "to_check") == (
        Line(2, "Adresse refusée", "Référents!B7 – Corrigez-la."),
        Line(4, "Sans lieu", "Voyez."),
    )


def test_who_asks_for_erasure_comes_first_until_that_is_ticked_off():
    asked = f"{ERASURE} (le 28 novembre)."
    lines = [
        {"subject": "Adresse refusée", "action": "Corrigez-la."},
        {"subject": asked, "place": make(1), "action": "Répondez."},
        {"subject": asked, "place": make(2), "action": "Répondez."},
        {"subject": asked, "place": make(1), "action": "Répondez.", "done": True},
        {"subject": asked},
    ]
    report = made([request(1), request(2, target="Cahors")], lines, scope="Figeac")
    assert report.decisions[0].key == "erasures"
    assert report.decisions[0].lines == (
        Line(3, f"{make(1)} – Ana Martin 1", "Répondez."),
        Line(4, make(2), "Répondez."),  # whose name is not for this coordinator
        Line(6, "Ligne 6", asked),
    )
    assert rows(part(report, "to_check")) == [2]


def test_a_line_to_check_with_an_odd_cell_is_not_lost():
    lines = [
        {"subject": "Un", "action": "Voyez.", "done": Typed("peut-être")},
        {"subject": "Deux", "action": "Voyez.", "noted_at": Typed("hier")},
        {"place": "Référents!B7", "action": "Voyez."},
    ]
    assert [line.title for line in part(made(to_check=lines), "to_check")] == [
        "Un",
        "Deux",
        "Ligne 4",
    ]


# Scope.

EVERYWHERE = [
    request(1, target="Figeac"),
    request(2, target="Cahors"),
    request(3, target="Cahors, Grand-Figeac"),
    request(4, target="Partout dans le Lot"),
    request(5, target=None),
    request(6, target="Toulouse"),
    request(7, target="Saint-Céré"),
]


@pytest.mark.parametrize(
    ("scope", "numbers"),
    [
        ("", [1, 2, 3, 4, 5, 6, 7]),
        ("Grand-Figeac", [1, 3, 4, 5, 6]),
        ("Grand Cahors", [2, 3, 4, 5, 6]),
        ("Grand-Figeac, Causses et Vallée de la Dordogne", [1, 3, 4, 5, 6, 7]),
        ("Figeac", [1, 3, 4, 5, 6]),
        ("Quercy Blanc", [4, 5, 6]),
        ("Partout dans le Lot", [1, 2, 3, 4, 5, 6, 7]),
    ],
)
def test_a_coordinator_hears_of_their_territory_and_of_what_names_none(scope, numbers):
    alone = [row | {"referent": None} for row in EVERYWHERE]
    report = made(alone, scope=scope)
    assert rows(part(report, "without_referent")) == [number + 1 for number in numbers]
    assert report.arrived.week == len(numbers)
    late = [row | {"assigned_at": OLD} for row in EVERYWHERE]
    assert rows(part(made(late, scope=scope), "uncontacted")) == [number + 1 for number in numbers]


def test_what_is_to_be_checked_concerns_every_coordinator():
    line = {"subject": "Adresse refusée", "action": "Corrigez-la."}
    assert len(part(made(to_check=[line], scope="Grand-Figeac"), "to_check")) == 1


# Odd cells.


def test_an_unreadable_cell_costs_no_row():
    odd = request(
        1,
        referent=None,
        status=Typed("Bizarre"),
        project=Typed("Élever des lamas"),
        target=Typed("Toulouse"),
        received_at=Typed("hier"),
        phone=Typed("?"),
    )
    report = made([odd])
    assert part(report, "without_referent") == (
        Line(
            2,
            "LOT-0000-0012 – Ana Martin 1",
            "Projet à corriger, Territoire à corriger, date inconnue",
            "LOT-0000-0012",
        ),
    )
    columns = [column.key for column in tab("requests").columns]
    said = {
        "status": "Statut : choisissez dans la liste.",
        "project": "Projet principal : choisissez dans la liste.",
        "target": (
            "Territoire visé : écrivez des communes ou des intercommunalités, séparées par des "
            "virgules."
        ),
        "received_at": "Reçue le : écrivez une date avec heure, comme 31/12/2026 14:30.",
    }
    letters = {key: column_letter(columns.index(key)) for key in said}
    assert [(line.row, line.column, line.details) for line in part(report, "to_correct")] == [
        (2, letters[key], f"Demandes!{letters[key]}2, {words}") for key, words in said.items()
    ]


@pytest.mark.parametrize(
    "cell", [{"status": Typed("Rendez-vous pris")}, {"last_contact_on": Typed("le 5 novembre")}]
)
def test_an_unreadable_status_or_contact_is_to_correct_and_not_taken_for_none(
    cell: dict[str, Any],
):
    report = made(
        [
            request(1, received_at=OLD, assigned_at=OLD),
            request(2, received_at=OLD, assigned_at=OLD, **cell),
        ]
    )
    assert rows(part(report, "uncontacted")) == [2]
    assert rows(part(report, "to_correct")) == [3]
    assert "Rendez-vous" not in str(part(report, "to_correct"))


def test_cells_of_closed_requests_and_of_trials_need_no_correction():
    typed = {"last_contact_on": Typed("le 5 novembre")}
    assert made([request(1, status="closed", **typed), request(2, source="test", **typed)]) == made(
        [request(3, status="closed")]
    )


def test_a_line_to_check_says_something():
    """Partners may fill the column Fait far below the last line."""
    assert part(made(to_check=[{"done": False}]), "to_check") == ()


def test_a_name_alone_typed_by_hand_is_a_request():
    report = made([{"last_name": "Martin"}])
    assert [line.title for line in part(report, "without_referent")] == ["Martin"]


DATES = ["received_at", "assigned_at", "last_contact_on"]
CELLS = st.none() | st.text(max_size=6) | st.floats() | st.booleans()


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "last_name": st.just("Martin"),
                "referent": st.none() | st.just("Paul Durand"),
                "status": st.sampled_from([None, "closed", "to_contact", "waiting"]),
            },
            optional=dict.fromkeys(
                ("received_at", "assigned_at", "last_contact_on", "project", "target"), CELLS
            ),
        ),
        max_size=6,
    ),
    st.sampled_from(["", "Grand-Figeac"]),
)
def test_whatever_stands_in_the_cells_every_row_is_accounted_for(typed, scope):
    cells = grid(
        "requests",
        [{key: row[key] for key in ("last_name", "referent", "status")} for row in typed],
    )
    places = {column.key: index for index, column in enumerate(tab("requests").columns)}
    for line, row in zip(cells[1:], typed, strict=True):
        for key in row.keys() - {"last_name", "referent", "status"}:
            line[places[key]] = row[key]
    read = cases_of(cells)
    made = report(W48, TODAY, Tables(read), territories().parse(scope), territories())
    assert len(read) == len(typed)
    assert sum(number for _, number in made.by_project) == made.arrived.week
    if not scope:
        alone = [row for row in typed if not row["referent"] and row["status"] != "closed"]
        assert len(part(made, "without_referent")) == len(alone)
    assert {*rows(part(made, "uncontacted"))}.isdisjoint(rows(part(made, "without_referent")))


def test_the_spreadsheet_s_guide_says_which_requests_are_recalled():
    text = resources.files(sheets_schema).joinpath("data", "guide.json").read_text("utf-8")
    guide = dict(json.loads(text))["Suivre une demande"]
    titles = [f"« {vocabulary('status')[code]} »" for code in UNCONTACTED]
    assert f"plus de {FIRST_CONTACT} jours, encore {' ou '.join(titles)}" in guide
