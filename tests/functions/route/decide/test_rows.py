"""What the rows hold that a batch adds, and which remarks stay when a row is assigned again."""

import pytest

from functions.route.decide.assignment import Assignment
from functions.route.decide.history import Event
from functions.route.decide.lookup import Referent
from functions.route.decide.rows import event_row, kept_remarks, remarks, request_row
from functions.shared.request import Request
from sheets_schema.tab import format_row, tab
from sheets_schema.territory import territories
from tests.functions.route.arrivals import MORNING

ANA = Referent("Ana Roux", "ana@example.org", "Chambre")
BOB, CLEO = Referent("Bob Cros", "b@example.org"), Referent("Cléo Vic", "c@example.org")
REQUEST = Request({"reference": "LOT-1", "last_name": "Durand"})
DOUBT = "Sans vérification anti-robot : à confirmer au premier contact. "
MANY = "Beaucoup de demandes du même réseau : à confirmer au premier contact. "


def row(assignment, **more):
    cells = request_row(REQUEST, assignment, MORNING, **more)
    return {key: cell for key, cell in cells.items() if cell is not None}


def test_a_new_row_says_who_follows_it_why_and_since_when():
    assert row(Assignment(ANA, (BOB, CLEO), "Règle 1")) == format_row(
        tab("requests"),
        {
            "reference": "LOT-1",
            "last_name": "Durand",
            "status": "to_contact",
            "assignment_reason": "Règle 1",
            "referent": "Ana Roux",
            "organisation": "Chambre",
            "other_referents": "Bob Cros, Cléo Vic",
            "assigned_at": MORNING,
        },
    )


def test_without_a_lead_the_row_has_neither_referent_nor_date():
    assert row(Assignment(None, (), "Aucune règle")).keys() == {
        "reference",
        "last_name",
        "status",
        "assignment_reason",
    }


@pytest.mark.parametrize(
    ("country", "shown"),
    [(None, "06 12 34 56 78"), ("France", "06 12 34 56 78"), ("Belgique", "+33 6 12 34 56 78")],
)
def test_a_number_reads_back_as_it_was_whatever_the_person_s_country(country, shown):
    values = {"phone": "+33612345678", "origin_country": country, "last_name": "Durand"}
    cells = request_row(Request(values), Assignment(None, (), ""), MORNING)
    assert cells["phone"] == shown
    assert Request.from_cells(cells, territories())["phone"] == "+33612345678"


def test_a_row_in_doubt_is_to_qualify_first():
    titles = {asked: row(Assignment(ANA, (), ""), to_qualify=asked) for asked in (False, True)}
    assert titles[False]["status"] == "À contacter"
    assert titles[True]["status"] == "À qualifier"


def test_a_reason_too_long_for_a_cell_is_cut():
    longest = tab("requests")["assignment_reason"].fitting("x" * 10_000)
    assert len(longest) < 10_000
    assert row(Assignment(ANA, (), "x" * 10_000))["assignment_reason"] == longest


def test_a_line_of_suivi_says_what_happened_when():
    event = Event("LOT-1", "handed_over", "Ana Roux", "Bob Cros", "Bob Cros", "Changé")
    assert event_row(event, MORNING) == format_row(
        tab("tracking"),
        {
            "reference": "LOT-1",
            "noted_at": MORNING,
            "event": "handed_over",
            "before": "Ana Roux",
            "after": "Bob Cros",
            "referent": "Bob Cros",
            "reason": "Changé",
        },
    )


def test_what_an_event_does_not_say_stays_blank():
    cells = event_row(Event("LOT-1", "assigned"), MORNING)
    said = {key for key, cell in cells.items() if cell not in (None, "")}
    assert said == {"reference", "noted_at", "event"}


@pytest.mark.parametrize("is_test", [False, True])
@pytest.mark.parametrize("repeated", ["", "LOT-1234-5678"])
@pytest.mark.parametrize(
    ("doubt", "words"),
    [("", ""), ("no_script", DOUBT), ("many", MANY), ("of a later version", DOUBT)],
)
def test_remarks_come_in_order_and_hold_when_a_row_is_assigned_again(
    is_test, repeated, doubt, words
):
    said = remarks(is_test=is_test, repeated=repeated, doubt=doubt)
    repeat = f"Relance de {repeated}. " if repeated else ""
    kept = repeat + words
    assert said == ("ESSAI : " if is_test else "") + kept
    assert kept_remarks(f"{said}Règle 1 : Tous → Ana") == kept


@pytest.mark.parametrize("reason", ["", "Règle 1", "Relance du client", "Vue. Relance de LOT-1. "])
def test_of_any_other_reason_nothing_is_kept(reason):
    assert kept_remarks(reason) == ""
