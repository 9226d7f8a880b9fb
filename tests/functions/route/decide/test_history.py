from datetime import date

import pytest

from functions.route.decide.history import (
    BY_HAND,
    STATUS_EVENTS,
    Event,
    advance,
    compare,
    read_states,
)
from functions.shared.journal.formats import NO_COURSE, Course, State
from sheets_schema.schema import vocabulary

PLACES = {"reference": 0, "status": 1, "referent": 2, "last_contact_on": 3}
BEFORE = State("À contacter", "Ana Roux", "")


def changed(now, before=BEFORE, course=NO_COURSE):
    name = "LOT-0000-0012"
    return compare({name: before}, {name: now}, {name: course})


def test_nothing_changed_is_no_event():
    assert changed(BEFORE) == []


def test_a_status_is_told_with_what_it_was():
    assert changed(State("Accompagnement en cours", "Ana Roux", "")) == [
        Event(
            "LOT-0000-0012",
            "status_changed",
            "À contacter",
            "Accompagnement en cours",
            "Ana Roux",
            BY_HAND,
        )
    ]


def test_some_statuses_are_events_of_their_own():
    kinds = [
        event.kind
        for status in ("Installé", "Clos sans suite", "Doublon ou indésirable", "Rendez-vous pris")
        for event in changed(State(status, "Ana Roux", ""))
    ]
    assert kinds == ["settled", "closed", "closed", "status_changed"]


def test_another_referent_is_a_hand_over():
    assert changed(State("À contacter", "Bob Cros", "")) == [
        Event("LOT-0000-0012", "handed_over", "Ana Roux", "Bob Cros", "Bob Cros", BY_HAND)
    ]


def test_no_referent_any_more_is_handed_back():
    assert changed(State("À contacter", "", "")) == [
        Event("LOT-0000-0012", "handed_back", "Ana Roux", "", "", BY_HAND)
    ]


def test_a_referent_chosen_by_hand_is_an_assignment():
    (event,) = changed(BEFORE, State("À contacter", "", ""))
    assert (event.kind, event.before, event.after) == ("assigned", "", "Ana Roux")


def test_the_first_contact_is_told_once():
    (event,) = changed(State("À contacter", "Ana Roux", "46349"))
    assert (event.kind, event.after, event.referent) == ("first_contact", "23/11/2026", "Ana Roux")
    called = State("À contacter", "Ana Roux", "46349")
    assert changed(State("À contacter", "Ana Roux", "46350"), called) == []
    (typed,) = changed(State("À contacter", "Ana Roux", "appelé le 5"))
    assert typed.after == "appelé le 5"


def test_several_changes_are_several_events():
    kinds = [event.kind for event in changed(State("Installé", "Bob Cros", "46349"))]
    assert kinds == ["handed_over", "first_contact", "settled"]


def test_a_row_that_only_one_look_saw_says_nothing():
    assert compare({"LOT-0000-0012": BEFORE}, {"LOT-0000-0024": BEFORE}, {}) == []
    assert compare({}, {"LOT-0000-0012": BEFORE}, {}) == []


def test_another_spelling_is_no_other_referent():
    assert changed(State("À contacter", "ana roux", "")) == []


class TestTakingUp:
    course = Course(("Bob Cros",), date(2026, 11, 23), reminded=True, motive="m")

    @pytest.mark.parametrize(
        ("now", "kinds"),
        [
            (State("Accompagnement en cours", "Ana Roux", ""), ["taken_up", "status_changed"]),
            (State("À contacter", "Ana Roux", "46349"), ["taken_up", "first_contact"]),
            (State("Clos sans suite", "Ana Roux", ""), ["taken_up", "closed"]),
            (State("À contacter", "ana roux", ""), []),
        ],
    )
    def test_another_status_or_date_takes_a_request_up(self, now, kinds):
        assert [event.kind for event in changed(now, course=self.course)] == kinds
        after = advance(self.course, BEFORE, now)
        assert (after.handed_on is None) == bool(kinds)
        assert after.refused == self.course.refused

    def test_of_a_request_that_was_not_handed_over_nothing_is_said(self):
        now = State("Accompagnement en cours", "Ana Roux", "")
        assert [event.kind for event in changed(now)] == ["status_changed"]
        assert advance(NO_COURSE, BEFORE, now) == NO_COURSE

    def test_a_cleared_referent_has_nothing_to_take_up(self):
        assert advance(self.course, BEFORE, State("À contacter", "", "")).handed_on is None


def test_states_are_those_of_references_that_stand_once():
    grid = [
        ["Référence", "Statut", "Référent", "Dernier contact le"],
        ["LOT-0000-0012", "À contacter", "Ana Roux", 46349.0],
        ["", "À contacter", "Bob Cros"],
        ["LOT-0000-0024", "Installé"],
        [],
        ["LOT-0000-0036"],
        ["LOT-0000-0036", "Installé"],
    ]
    assert read_states(grid, PLACES) == {
        "LOT-0000-0012": State("À contacter", "Ana Roux", "46349"),
        "LOT-0000-0024": State("Installé", "", ""),
    }


def test_a_column_that_is_not_there_reads_as_blank():
    places = {key: place for key, place in PLACES.items() if key != "last_contact_on"}
    states = read_states([[], ["LOT-0000-0012", "x", "y", "z"]], places)
    assert states == {"LOT-0000-0012": State("x", "y", "")}


def test_every_event_has_its_words():
    caused = {*STATUS_EVENTS.values(), "status_changed", "first_contact", "handed_over"}
    caused |= {"taken_up", "handed_back", "assigned", "corrected", "completed"}
    caused |= {"answered", "heard", "written"}
    assert caused == vocabulary("event").keys()
    assert STATUS_EVENTS.keys() <= vocabulary("status").keys()
