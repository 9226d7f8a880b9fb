from datetime import timedelta

import pytest

from infra.doctor.basics import BASICS
from infra.doctor.checks import examine


def test_on_the_first_day_nothing_is_faulty(system):
    seen = {line.check.key: line.seen.outcome for line in examine(BASICS, system)}

    warned = {key for key, outcome in seen.items() if outcome == "warning"}
    assert warned == {"sharing", "sweep", "digest"}
    skipped = {key for key, outcome in seen.items() if outcome == "skipped"}
    assert skipped == {"mail", "spf", "dkim", "dmarc"}  # of mails in a folder
    assert {seen[key] for key in seen.keys() - warned - skipped} == {"ok"}
    assert system.journal.keys("doctor/") == []


def test_every_setting_that_is_missing_is_named_once(look, new_system):
    seen = look("settings", new_system(environ={"ACCUEIL_JOURNAL": "", "ACCUEIL_MAIL": "perdu"}))

    assert seen.outcome == "fault"
    assert seen.sentence.count("ACCUEIL_JOURNAL manque") == 1
    assert "ACCUEIL_MAIL est mal formée" in seen.sentence


def test_of_one_function_only_its_settings_count(look, new_system):
    only = new_system(environ={"ACCUEIL_SECRET": ""}, functions=("digest",))
    assert look("settings", only).outcome == "ok"


def test_without_a_setting_its_checks_are_skipped(look, new_system):
    seen = look("journal", new_system(environ={"ACCUEIL_JOURNAL": ""}))

    assert seen.outcome == "skipped"
    assert "ACCUEIL_JOURNAL" in seen.sentence


@pytest.mark.parametrize(("seconds", "outcome"), [(20, "ok"), (-40, "warning"), (400, "fault")])
def test_a_clock_that_is_wrong_is_told(look, new_system, clock, seconds, outcome):
    elsewhere = new_system(read_date=lambda _: clock() + timedelta(seconds=seconds))
    assert look("clock", elsewhere).outcome == outcome
