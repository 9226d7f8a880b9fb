"""What is said about a request whose row is gone."""

import pytest

from functions.route.decide.decision import Decision
from functions.route.decide.wishes import unheard
from functions.shared.journal.formats import Dealt
from functions.shared.journal.replies import Asked, Reply
from tests.functions.route.decide.sights import LOT, NOW

ASKED = Asked("Léa", "Léa Martin", "Ana Roux", "settled", lang="fr")


@pytest.mark.parametrize("choice", ["renew", "well"])
def test_what_asks_nothing_of_anybody_is_dealt_with(choice):
    assert unheard("a", Reply(LOT, choice, NOW, ASKED)) == Decision(dealt=Dealt("a"))


@pytest.mark.parametrize("choice", ["erase", "call_me", "no_need"])
def test_what_somebody_has_to_do_is_noted(choice):
    decision = unheard("a", Reply(LOT, choice, NOW, ASKED))
    (concern,) = decision.said
    assert decision.dealt == Dealt("a")
    assert "n'est plus là" in concern.subject
    assert "(le 23 novembre" in concern.subject
