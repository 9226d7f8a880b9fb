"""How far requests have come: what their applicants see, and only if it changed."""

import pytest

from functions.route.decide.history import Remembered
from functions.route.decide.lookup import Lookup, Referent
from functions.route.decide.sight import Sight
from functions.route.decide.stages import reached
from functions.shared.journal.formats import NO_COURSE, Applicant, Reached, Standing, State
from functions.shared.journal.replies import Stage
from tests.support import Clock

LOT, AT = "LOT-65AC-WHNK", Clock().now
ANA = Referent("Ana Roux", "ana.roux@example.org", "Grand-Figeac", phone="05 65 00 00 01")
BEFORE, CALLED = State("À contacter", "Ana Roux"), State("Accompagnement en cours", "ana roux")
CONTACTED = Stage("contacted", "Ana Roux", "Grand-Figeac", "05 65 00 00 01", AT)


MAILED = {LOT: Applicant("fr", AT.date(), AT, AT.date())}


def shown(now, edited=None, before=BEFORE, applicants=MAILED):
    standing = {LOT: Standing(edited, NO_COURSE)} if edited else {}
    lookup = Lookup(people={"ana roux": ANA})
    known = Remembered({LOT: before} if before else {}, 0, applicants=applicants)
    sight = Sight(AT, lookup, [], {}, {LOT: now}, [LOT], known)
    return [*reached([LOT, LOT], sight, standing)]


def test_it_says_who_follows_the_request_and_how_to_reach_her():
    assert shown(CALLED) == [Reached(LOT, CONTACTED)]


@pytest.mark.parametrize(
    "now", [State("À qualifier", "ANA ROUX", "46349"), State("À contacter", "Ana Roux", "46349")]
)
def test_what_an_applicant_would_not_see_is_not_told(now):
    assert shown(now) == []


def test_an_edit_counts_once_it_is_confirmed_and_else_what_the_sweep_saw():
    closed = State("Clos sans suite", "Ana Roux")
    confirmed, seen = shown(closed, CALLED)
    assert confirmed == Reached(LOT, CONTACTED, LOT)
    assert (seen.stage.step, seen.if_confirmed) == ("closed", "")


def test_a_name_that_nobody_has_is_shown_alone():
    [alone] = shown(State("À contacter", "Zoé Inconnue"))
    assert alone.stage == Stage("assigned", "Zoé Inconnue", "", "", AT)


def test_of_a_request_that_no_sweep_knew_nothing_is_told():
    assert shown(CALLED, before=None) == []


def test_who_gets_no_mails_has_no_page():
    assert shown(CALLED, applicants={}) == []
