"""What À vérifier says of suspects, and how a flood of them is summed up."""

from datetime import date
from types import SimpleNamespace

import pytest

from functions.route.decide.suspects import SHOWN, suspicions, why

TODAY = date(2026, 11, 23)
SUBJECT = "Demande mise à part, suspecte : champ invisible rempli."


def suspect(number, mark="honeypot"):
    return SimpleNamespace(reference=f"LOT-{number}", entry=SimpleNamespace(suspect=mark))


def line(number, subject=SUBJECT, *, done=False):
    return SimpleNamespace(values={"place": f"LOT-{number}", "subject": subject, "done": done})


def said(count, *lines, kept_until=None):
    return suspicions([suspect(number) for number in range(count)], lines, TODAY, kept_until)


@pytest.mark.parametrize(
    ("mark", "words"),
    [
        ("honeypot", "champ invisible rempli"),
        ("too_fast", "envoyée plus vite qu'une personne ne peut écrire"),
        ("later", "signalée à la réception"),
    ],
)
def test_the_reason_is_in_words(mark, words):
    assert why(suspect(1, mark)) == f"suspecte : {words}"


def test_each_has_a_line_that_says_how_to_release_it():
    (concern,) = said(1)
    assert (concern.place, concern.subject) == ("LOT-0", SUBJECT)
    assert "« accueil journal show LOT-0 »" in concern.action
    assert concern.action.endswith("« accueil journal retry LOT-0 » la remet en attente.")


def test_a_line_says_when_it_is_forgotten_if_it_ever_is():
    (concern,) = said(1, kept_until=date(2026, 12, 1))
    assert concern.action.endswith(" Sans cela, elle sera effacée le 1er décembre.")


@pytest.mark.parametrize(("count", "lines"), [(SHOWN, SHOWN), (SHOWN + 1, 1)])
def test_more_than_five_get_one_line_that_names_the_day(count, lines):
    concerns = said(count)
    assert SHOWN == 5
    assert len(concerns) == lines
    if lines == 1:
        assert concerns[0].place == "Journal"
        assert concerns[0].subject == (
            "Demandes suspectes, mises à part le 23 novembre : il y en a d'autres."
        )


def test_lines_that_nobody_has_ticked_off_count():
    old = [line(number) for number in range(10, 14)]
    assert [concern.place for concern in said(1, *old)] == ["LOT-0"]
    assert [concern.place for concern in said(2, *old)] == ["Journal"]
    ticked = [line(number, done=True) for number in range(10, 14)]
    assert [concern.place for concern in said(2, *ticked)] == ["LOT-0", "LOT-1"]


@pytest.mark.parametrize("subject", [None, "Adresse refusée"])
def test_other_lines_do_not(subject):
    others = [line(number, subject) for number in range(10, 20)]
    assert len(said(SHOWN, *others)) == SHOWN


def test_one_whose_line_stands_there_is_not_said_again_even_where_many_do():
    assert said(1, line(0)) == []
    many = [line(number) for number in range(9)]
    assert said(9, *many) == []
    assert [concern.place for concern in said(10, *many)] == ["Journal"]
