"""What becomes of an answer, before it reaches the row."""

import pytest

from functions.route.decide.answering import judge, resubscription
from functions.shared.journal.formats import Dealt, State
from functions.shared.journal.replies import Asked, Reply
from tests.functions.route.decide.sights import LOT, NOW, lookup

ASKED = Asked("Léa", "Ana Roux", "Ana Roux", "to_contact")
LEFT = ["Accompagnement en cours"]


@pytest.mark.parametrize(
    ("choice", "state", "why"),
    [
        ("called", State("À contacter", "Bob Cros", ""), "cette demande est suivie par Bob Cros"),
        ("called", State("À contacter", "", ""), "cette demande n'est suivie par personne"),
        ("called", State("À réorienter", "Ana Roux", ""), "est passé à « À réorienter »"),
        ("taken_up", State("Installé", "Ana Roux", ""), "est passé à « Installé »"),
        ("renew", State("Clos sans suite", "ANA ROUX", ""), "est passé à « Clos sans suite »"),
    ],
)
def test_an_answer_that_came_too_late_changes_nothing_and_its_giver_reads_why(choice, state, why):
    decision = judge("a", Reply(LOT, choice, NOW, ASKED), LEFT, state, None, None)
    (notice,) = decision.notices
    assert (notice.kind, notice.to, decision.dealt) == ("not_noted", "Ana Roux", Dealt("a"))
    assert f"{why}. Votre réponse n'y a rien changé." in notice.line.reason


@pytest.mark.parametrize(("reader", "place"), [("Ana Roux", "Référents"), ("Zoé", "Coordination")])
@pytest.mark.parametrize(
    ("choice", "said", "mend"),
    [("opt_out", "ne veut plus", "Non"), ("opt_in", "de nouveau", "Oui")],
)
def test_coordinators_read_on_which_line_monday_s_mail_is_to_be_changed(
    reader, place, choice, said, mend
):
    reply = Reply("", choice, NOW, Asked("", reader, "", ""))
    decision = resubscription("a", reply, lookup(["Ana Roux"]))
    (concern,) = decision.said
    assert (concern.place, decision.dealt) == (place, Dealt("a"))
    assert f"{reader} " in concern.subject
    assert f"{said} recevoir le courriel du lundi (le 23 novembre)" in concern.subject
    assert f" à {mend} " in concern.action
