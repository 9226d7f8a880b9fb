import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sheets_schema
from functions.digest.report import (
    FIRST_CONTACT,
    REQUEST_COLUMNS,
    TO_CHECK_COLUMNS,
    UNCONTACTED,
    Line,
    Report,
    Tables,
    Week,
    last_week,
    parse_week,
    report,
    week_of,
)
from functions.shared.reference import make
from functions.shared.request import RequestRow, read_requests
from sheets_schema.columns import PARIS, Cell
from sheets_schema.schema import vocabulary
from sheets_schema.tab import column_letter, match_header, read_table, tab
from sheets_schema.territory import territories
from sheets_schema.wire import Reading, TabCells
from tests.functions.digest.sheets import Typed, grid

W48 = Week(date(2026, 11, 23))
MONDAY_AFTER = datetime(2026, 11, 30, 7, tzinfo=PARIS)
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
    week: Week = W48,
    now: datetime = MONDAY_AFTER,
) -> Report:
    return report(
        week,
        now,
        Tables(
            read_rows(grid("requests", requests)),
            read_table(tab("to_check"), grid("to_check", to_check), keys=TO_CHECK_COLUMNS).rows,
            match_header(tab("requests"), grid("requests", [])[0]),
        ),
        territories().parse(scope),
        territories(),
    )


def read_rows(cells: list[list[Cell]]) -> list[RequestRow]:
    reading = Reading({}, {"requests": TabCells(1, cells)})
    return read_requests(reading, REQUEST_COLUMNS, territories())


def rows(lines: Sequence[Line]) -> list[int]:
    return [line.row for line in lines]


# Weeks.


@pytest.mark.parametrize(
    ("moment", "inside"),
    [
        ("2026-11-22T23:59:59+01:00", False),
        ("2026-11-23T00:00:00+01:00", True),
        ("2026-11-22T23:00:00+00:00", True),
        ("2026-11-29T23:59:59+01:00", True),
        ("2026-11-29T22:59:59+00:00", True),
        ("2026-11-29T23:00:00+00:00", False),
        ("2026-11-30T00:00:00+01:00", False),
        ("2026-11-23T08:00:00+12:00", False),
    ],
)
def test_a_week_lasts_from_monday_to_sunday_midnight_in_paris(moment: str, inside: bool):
    assert W48.has(datetime.fromisoformat(moment)) == inside


@pytest.mark.parametrize(
    ("monday", "first", "after"),
    [
        # Clocks go forward on Sunday 29 March, back on Sunday 25 October.
        (date(2026, 3, 23), "2026-03-22T23:00:00+00:00", "2026-03-29T22:00:00+00:00"),
        (date(2026, 10, 19), "2026-10-18T22:00:00+00:00", "2026-10-25T23:00:00+00:00"),
    ],
)
def test_a_week_in_which_clocks_change_has_its_own_length(monday: date, first: str, after: str):
    week, second = Week(monday), timedelta(seconds=1)
    start, end = datetime.fromisoformat(first), datetime.fromisoformat(after)
    assert [week.has(start - second), week.has(start)] == [False, True]
    assert [week.has(end - second), week.has(end)] == [True, False]


@pytest.mark.parametrize(
    ("name", "monthly"),
    [("2026-W48", False), ("2026-W49", True), ("2026-W50", False), ("2026-W53", True)],
)
def test_the_digest_of_a_first_monday_is_known_by_its_week(name: str, monthly: bool):
    """Monday 7 December 2026 and Monday 4 January 2027 are the first ones of their months."""
    assert parse_week(name).ends_before_first_monday is monthly


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_moment_is_in_its_week_and_in_no_other(moment: datetime):
    week = week_of(moment.astimezone(PARIS).date())
    assert week.monday.weekday() == 0
    assert week.sunday - week.monday == timedelta(days=6)
    around = [Week(week.monday + timedelta(weeks=step)) for step in (-1, 0, 1)]
    assert [week.has(moment) for week in around] == [False, True, False]


@pytest.mark.parametrize(
    ("now", "name"),
    [
        ("2026-11-30T07:00:00+01:00", "2026-W48"),
        ("2026-11-30T00:00:00+01:00", "2026-W48"),
        ("2026-11-29T23:00:00+00:00", "2026-W48"),
        ("2026-11-29T23:59:59+01:00", "2026-W47"),
        ("2026-12-06T12:00:00+01:00", "2026-W48"),
        ("2027-01-04T07:00:00+01:00", "2026-W53"),
        ("2027-01-11T07:00:00+01:00", "2027-W01"),
        ("2026-01-05T07:00:00+01:00", "2026-W01"),
        ("2026-03-30T07:00:00+02:00", "2026-W13"),
    ],
)
def test_the_week_that_ended_is_paris_s(now: str, name: str):
    assert last_week(datetime.fromisoformat(now)).name == name


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_the_week_that_ended_ended_within_the_last_seven_days(now: datetime):
    today = now.astimezone(PARIS).date()
    assert timedelta(1) <= today - last_week(now).sunday <= timedelta(7)


@pytest.mark.parametrize(
    ("text", "monday"),
    [
        ("2026-W48", date(2026, 11, 23)),
        ("2026-W01", date(2025, 12, 29)),
        ("2026-W53", date(2026, 12, 28)),
        ("2020-W53", date(2020, 12, 28)),
    ],
)
def test_a_week_is_read_by_its_iso_name(text: str, monday: date):
    assert parse_week(text) == Week(monday)
    assert Week(monday).name == text


@given(st.dates(max_value=date(9999, 12, 26)))
def test_a_week_s_name_reads_back(day: date):
    assert parse_week(week_of(day).name) == week_of(day)


@pytest.mark.parametrize(
    "text",
    [
        *["", "2026", "2026-48", "W48", "2026-W", "-W48", "2026W48", "2026-w48", "2026-W8"],
        *["2026-W00", "2026-W54", "2025-W53", "2026-W048", "26-W48", " 2026-W48", "2026-W48\n"],
        *["0000-W01", "9999-W52", "²026-W48", "٢٠٢٦-W48", "2026-W+1", "9" * 5000 + "-W01"],
    ],
)
def test_what_names_no_week_is_refused(text: str):
    with pytest.raises(ValueError):  # noqa: PT011  (the handler has the sentence)
        parse_week(text)


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
    assert report.arrived == 6
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
    assert report.arrived == 1


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
    assert made() == Report(W48, "", 0, (), (), (), (), ())


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
    assert report.without_referent == (
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
    assert (report.without_referent, report.uncontacted) == ((), ())


OLD = MONDAY_AFTER - timedelta(days=8)


def test_a_trial_is_neither_counted_nor_listed():
    trials = [
        request(1, source="test", referent=None),
        request(2, source="test", assigned_at=OLD, target="Cahors", project="studies"),
    ]
    assert made([*trials, request(3, source="salon-taf")]) == made([request(3)])
    assert made(trials) == made([])


def uncontacted(**values: Any) -> bool:
    return bool(made([request(**values)]).uncontacted)


@pytest.mark.parametrize(
    ("waited", "late"),
    [
        (timedelta(days=7), False),
        (timedelta(days=7, seconds=1), True),
        (timedelta(days=7, seconds=-1), False),
        (timedelta(days=30), True),
        (timedelta(0), False),
        (timedelta(days=-1), False),
    ],
)
def test_a_first_contact_is_late_after_more_than_seven_days(waited: timedelta, late: bool):
    assert uncontacted(assigned_at=MONDAY_AFTER - waited) == late


@pytest.mark.parametrize("status", [None, *vocabulary("status")])
def test_only_whoever_nobody_tried_to_reach_waits_for_a_first_contact(status: str | None):
    expected = status in (None, "to_qualify", "to_contact")
    assert uncontacted(assigned_at=OLD, status=status) == expected


def test_whoever_was_contacted_does_not_wait():
    assert uncontacted(assigned_at=OLD)
    assert not uncontacted(assigned_at=OLD, last_contact_on=date(2026, 11, 25))


def test_a_request_without_a_referent_waits_for_one_first():
    report = made([request(referent=None, assigned_at=OLD, received_at=OLD)])
    assert (len(report.without_referent), len(report.uncontacted)) == (1, 0)


def test_waiting_counts_from_the_assignment_or_else_from_the_arrival():
    assert not uncontacted(received_at=OLD, assigned_at=TUESDAY)
    assert uncontacted(received_at=OLD, assigned_at=None)
    assert not uncontacted(received_at=None, assigned_at=None)


def test_late_first_contacts_are_listed_oldest_request_first_with_their_referent():
    report = made(
        [
            request(1, received_at=OLD, assigned_at=OLD, referent="Paul Durand"),
            request(2, received_at=OLD - timedelta(days=9), assigned_at=OLD, referent="Léa Petit"),
        ]
    )
    farming = "S'installer en agriculture (création, reprise, association)"
    assert report.uncontacted == (
        Line(
            3,
            "LOT-0000-0024 – Ana Martin 2",
            f"Léa Petit, {farming}, depuis 8 jours",
            "LOT-0000-0024",
        ),
        Line(
            2,
            "LOT-0000-0012 – Ana Martin 1",
            f"Paul Durand, {farming}, depuis 8 jours",
            "LOT-0000-0012",
        ),
    )


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
    [line] = made(
        [request(referent=None, received_at=datetime.fromisoformat(received))]
    ).without_referent
    assert line.details.endswith(f", {words}")


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
    [line] = made([request(referent=None) | values]).without_referent
    assert line.title == title


# À vérifier.


def test_what_is_to_be_checked_is_listed_until_it_is_ticked_off():
    lines = [
        {"subject": "Adresse refusée", "place": "Référents!B7", "action": "Corrigez-la."},
        {"subject": "Réglé", "place": "Référents!B8", "action": "Rien.", "done": True},
        {"subject": "Sans lieu", "action": "Voyez.", "done": False},
    ]
    assert made(to_check=lines).to_check == (
        Line(2, "Adresse refusée", "Référents!B7 – Corrigez-la."),
        Line(4, "Sans lieu", "Voyez."),
    )


def test_a_line_to_check_with_an_odd_cell_is_not_lost():
    lines = [
        {"subject": "Un", "action": "Voyez.", "done": Typed("peut-être")},
        {"subject": "Deux", "action": "Voyez.", "noted_at": Typed("hier")},
        {"place": "Référents!B7", "action": "Voyez."},
    ]
    assert [line.title for line in made(to_check=lines).to_check] == ["Un", "Deux", "Ligne 4"]


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
    assert rows(report.without_referent) == [number + 1 for number in numbers]
    assert report.arrived == len(numbers)
    late = [row | {"assigned_at": OLD} for row in EVERYWHERE]
    assert rows(made(late, scope=scope).uncontacted) == [number + 1 for number in numbers]


def test_what_is_to_be_checked_concerns_every_coordinator():
    line = {"subject": "Adresse refusée", "action": "Corrigez-la."}
    assert len(made(to_check=[line], scope="Grand-Figeac").to_check) == 1


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
    assert report.without_referent == (
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
        "received_at": "Reçue le : écrivez une date avec heure, comme 31/12/2026 14:30.",
        "project": "Projet principal : choisissez dans la liste.",
        "target": (
            "Territoire visé : écrivez des communes ou des intercommunalités, séparées par des "
            "virgules."
        ),
    }
    letters = {key: column_letter(columns.index(key)) for key in said}
    assert [(line.row, line.column, line.details) for line in report.to_correct] == [
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
    assert rows(report.uncontacted) == [2]
    assert rows(report.to_correct) == [3]
    assert "Rendez-vous" not in str(report.to_correct)


def test_cells_of_closed_requests_and_of_trials_need_no_correction():
    typed = {"last_contact_on": Typed("le 5 novembre")}
    assert made([request(1, status="closed", **typed), request(2, source="test", **typed)]) == made(
        [request(3, status="closed")]
    )


def test_a_line_to_check_says_something():
    """Partners may fill the column Fait far below the last line."""
    assert made(to_check=[{"done": False}]).to_check == ()


def test_a_name_alone_typed_by_hand_is_a_request():
    report = made([{"last_name": "Martin"}])
    assert [line.title for line in report.without_referent] == ["Martin"]


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
    read = read_rows(cells)
    tables = Tables(read, [])
    made = report(W48, MONDAY_AFTER, tables, territories().parse(scope), territories())
    assert len(read) == len(typed)
    assert sum(number for _, number in made.by_project) == made.arrived
    if not scope:
        alone = [row for row in typed if not row["referent"] and row["status"] != "closed"]
        assert len(made.without_referent) == len(alone)
    assert {*rows(made.uncontacted)}.isdisjoint(rows(made.without_referent))


def test_the_spreadsheet_s_guide_says_which_requests_are_recalled():
    text = resources.files(sheets_schema).joinpath("data", "guide.json").read_text("utf-8")
    guide = dict(json.loads(text))["Suivre une demande"]
    titles = [f"« {vocabulary('status')[code]} »" for code in UNCONTACTED]
    assert f"plus de {FIRST_CONTACT.days} jours, encore {' ou '.join(titles)}" in guide


class TestNotTakenUp:
    def lines(self, day: int, **values: Any) -> Report:
        cells = grid("requests", [request(1, **values)])
        at = datetime(2026, 11, day, 9, tzinfo=PARIS)
        tables = Tables(read_rows(cells), (), {}, {make(1): at})
        return report(W48, MONDAY_AFTER, tables, territories().parse(""), territories())

    @pytest.mark.parametrize(("day", "listed"), [(16, True), (17, False)])
    def test_it_is_listed_by_name_after_ten_working_days(self, day: int, listed: bool):
        made = self.lines(day, received_at=MONDAY_AFTER - timedelta(days=30), assigned_at=None)
        assert bool(made.not_taken_up) == listed
        assert bool(made.uncontacted) != listed  # in one list only
        for line in made.not_taken_up:
            assert line.details.startswith("Paul Durand, ")
            assert line.details.endswith("transmise le 16 novembre")

    @pytest.mark.parametrize("values", [{"status": "closed"}, {"source": "test"}])
    def test_what_is_over_or_a_trial_is_not(self, values: dict[str, str]):
        assert self.lines(2, **values).not_taken_up == ()
