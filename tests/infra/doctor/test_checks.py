from threading import Event

import pytest

from functions.shared.errors import HeaderError, JournalError
from infra.doctor.checks import Check, SkippedError, examine, fault, ok

SOMEBODY = "Ana Martin, 06 12 34 56 78"


def check(key, look, **more):
    return Check(key, "attendu", "sinon", "code.py", look, **more)


def seen(*checks):
    return {line.check.key: line.seen for line in examine(checks, None)}


def raising(error):
    def look(_):
        raise error

    return look


@pytest.mark.parametrize(
    ("error", "outcome", "words"),
    [
        (JournalError("Le journal ne répond pas."), "fault", "Le journal ne répond pas."),
        (SkippedError("Sans réglage."), "skipped", "Sans réglage."),
        (ValueError(SOMEBODY), "fault", "Erreur imprévue (ValueError)."),
        (HeaderError(SOMEBODY, "Renommez."), "fault", "accueil sheet plan"),
    ],
)
def test_an_error_is_told_without_what_people_wrote_and_the_next_check_follows(
    error, outcome, words
):
    result = seen(check("broken", raising(error)), check("next", lambda _: ok("Bien.")))

    assert result["broken"].outcome == outcome
    assert words in result["broken"].sentence
    assert SOMEBODY not in result["broken"].sentence
    assert result["next"].outcome == "ok"


def test_a_check_that_never_ends_is_left_behind():
    never = Event()

    result = seen(
        check("endless", lambda _: never.wait(), patience=0.01),
        check("next", lambda _: ok("Bien.")),
    )
    never.set()

    assert result["endless"] == fault("Aucune réponse en 0.01 secondes.")
    assert result["next"].outcome == "ok"


def test_a_fault_is_told_once_and_not_by_all_that_need_it():
    result = seen(
        check("first", lambda _: fault("Cassé.")),
        check("second", raising(AssertionError), needs=("first",)),
        check("third", raising(AssertionError), needs=("second",)),
        check("other", lambda _: ok("Bien.")),
    )

    assert result["second"].sentence == "Voir d'abord : first."
    assert [item.outcome for item in result.values()] == ["fault", "skipped", "skipped", "ok"]


def test_control_characters_do_not_reach_the_terminal():
    assert seen(check("coloured", lambda _: ok("\x1b[31m")))["coloured"].sentence == "�[31m"
