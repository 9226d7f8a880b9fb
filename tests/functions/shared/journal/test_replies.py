from itertools import product

from functions.shared.journal.replies import CHOICES, SUBSCRIPTIONS, WISHES, status_after

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
