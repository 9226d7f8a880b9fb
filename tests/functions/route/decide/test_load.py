from datetime import UTC, datetime, timedelta

from functions.route.decide.load import NO_LOAD, Load
from functions.shared.journal.formats import State

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)


def test_only_open_requests_count_and_names_count_in_any_spelling():
    states = [
        State("À contacter", "Inès Delmas"),
        State("Projet à long terme", "ines  DELMAS"),
        State("Clos sans suite", "Inès Delmas"),
        State("Installé", "Inès Delmas"),
        State("", "Hugo Labrousse"),
        State("À contacter", ""),
    ]
    load = Load.from_states(states)
    assert (load.open("Inès Delmas"), load.open("hugo labrousse")) == (2, 1)
    assert load.counts.keys() == {"ines delmas", "hugo labrousse"}


def test_a_status_that_cannot_be_read_leaves_the_request_open():
    assert Load.from_states([State("bientôt fini", "Ana")]).open("Ana") == 1


def test_whoever_gets_one_more_has_one_more_and_got_it_last():
    load = NO_LOAD.after("Inès", NOW).after("ines", NOW - timedelta(hours=1)).after("", NOW)
    assert (load.open("Inès"), load.last("Inès")) == (2, NOW)
    assert load.counts.keys() == {"ines"}
    assert NO_LOAD.last("Inès") < NOW
