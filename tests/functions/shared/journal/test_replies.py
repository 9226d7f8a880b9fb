import re
from itertools import product

import pytest

from functions.shared.journal.replies import (
    CHOICES,
    SUBSCRIPTIONS,
    WISHES,
    status_after,
    step_of,
    unsubscribed,
)

OPEN = {
    "to_qualify",
    "to_contact",
    "no_answer",
    "in_progress",
    "waiting",
    "long_term",
    "to_reroute",
}
# What becomes of which statuses; every other answer leaves every other status.
BECOMES = {
    "called": ({"to_qualify", "to_contact", "no_answer"}, "in_progress"),
    "no_answer": ({"to_qualify", "to_contact"}, "no_answer"),
    "close": ({*OPEN, ""}, "closed"),
}


def test_an_answer_sets_a_status_only_where_it_says_more():
    answers = (*CHOICES, *SUBSCRIPTIONS, *WISHES)
    for choice, status in product(answers, OPEN | {"settled", "closed", "junk", ""}):
        statuses, becomes = BECOMES.get(choice, ((), ""))
        assert status_after(choice, status) == (becomes if status in statuses else "")


@pytest.mark.parametrize(
    ("status", "referent", "step"),
    [
        ("to_contact", "", "received"),
        ("to_contact", "Ana Roux", "assigned"),
        ("to_reroute", "Ana Roux", "received"),
        ("no_answer", "Ana Roux", "tried"),
        ("in_progress", "", "contacted"),
        ("waiting", "Ana Roux", "contacted"),
        ("long_term", "Ana Roux", "contacted"),
        ("settled", "Ana Roux", "settled"),
        ("closed", "Ana Roux", "closed"),
        ("junk", "Ana Roux", "closed"),
    ],
)
def test_an_applicant_sees_how_far_their_request_has_come(status, referent, step):
    assert step_of(status, referent) == step


def test_who_wants_no_mail_is_known_by_the_address_and_named_nowhere():
    key = unsubscribed("Ana.Roux@example.org")
    assert key == unsubscribed("ana.roux@EXAMPLE.org") != unsubscribed("bob.cros@example.org")
    assert re.fullmatch("unsubscribed/[0-9a-f]{32}", key)
