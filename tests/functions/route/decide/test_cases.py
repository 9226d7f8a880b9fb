"""Worked cases: what is read of a row, and what tables say of it."""

from datetime import date

import pytest

from functions.route.decide.cases import failures, read_cases, try_cases
from functions.route.decide.lookup import Lookup, Referent
from functions.route.decide.rules import Rule
from sheets_schema.tab import tab
from sheets_schema.territory import Target, territories

TODAY = date(2026, 11, 23)
ANA, BOB = Referent("Ana Roux", ""), Referent("Bob Cros", "")
PEOPLE = {"ana roux": ANA, "bob cros": BOB}


def grid(*rows):
    columns = tab("cases").columns
    return [[c.title for c in columns], *([row.get(c.key) for c in columns] for row in rows)]


def lookup(*rules):
    return Lookup(tuple(rules), PEOPLE)


def rule(number, *names, **wants):
    return Rule(number, 10, wants, Target(), names)


def tried(row, table, draft=None):
    (result,) = try_cases(read_cases(grid(row), territories()), table, draft, TODAY)
    return result.text, result.holds, result.holds_in_draft


ANA_BY_1 = "Ana Roux (règle 1)"
JOB = {"project": "Trouver un emploi", "target": "Figeac"}


ONE_RULE = lookup(rule(1, "Ana Roux"))


@pytest.mark.parametrize(
    ("row", "table", "text", "holds"),
    [
        (JOB | {"referent": "Ana Roux"}, ONE_RULE, f"Oui : {ANA_BY_1}", True),
        (JOB | {"referent": "ana roux"}, ONE_RULE, f"Oui : {ANA_BY_1}", True),
        (JOB | {"referent": "Bob Cros"}, ONE_RULE, f"Non : {ANA_BY_1}", False),
        (
            JOB | {"referent": "Bob Cros"},
            lookup(rule(1, "Ana Roux", "Bob Cros")),
            "Oui : Ana Roux ou Bob Cros (règle 1)",
            True,
        ),
        (
            JOB | {"referent": "Ana Roux, Bob Cros"},
            lookup(rule(1, "Ana Roux")),
            "Non : Ana Roux (règle 1)",
            False,
        ),
        (JOB | {"referent": "Ana Roux"}, lookup(), "Non : personne (aucune règle)", False),
        (
            JOB | {"other_projects": "Exercer une profession de santé", "referent": "Ana Roux",
                   "other_referents": "Bob Cros"},
            lookup(rule(1, "Ana Roux"), rule(2, "Bob Cros", project=("health",))),
            "Oui : Ana Roux (règle 1), avec Bob Cros",
            True,
        ),
        (
            JOB | {"other_projects": "Exercer une profession de santé", "referent": "Ana Roux"},
            lookup(rule(1, "Ana Roux"), rule(2, "Bob Cros", project=("health",))),
            "Non : Ana Roux (règle 1), avec Bob Cros",
            False,
        ),
    ],
)  # fmt: skip
def test_a_case_holds_if_the_rules_give_whom_it_expects(row, table, text, holds):
    assert tried(row, table) == (text, holds, holds)


def test_a_case_is_tried_with_the_draft_as_well():
    row = JOB | {"referent": "Ana Roux"}
    assert tried(row, lookup(rule(1, "Ana Roux")), lookup(rule(4, "Bob Cros"))) == (
        "Oui : Ana Roux (règle 1) · projet : non : Bob Cros (règle 4)",
        True,
        False,
    )
    same = lookup(rule(1, "Ana Roux"))
    assert tried(row, same, same) == ("Oui : Ana Roux (règle 1) · projet : pareil", True, True)


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ({"project": "Devenir astronaute", "referent": "Ana Roux"}, "Projet principal : ce texte"),
        (JOB, "Référent attendu : cette cellule est obligatoire"),
    ],
)
def test_a_case_that_cannot_be_read_says_so_and_stops_nothing(row, fault):
    text, holds, in_draft = tried(row, lookup())
    assert text.startswith(f"À corriger : {fault}")
    assert holds
    assert in_draft


def test_blank_rows_and_notes_beside_are_no_cases():
    rows = grid({"case": "Les cas de Figeac"}, {}, JOB | {"referent": "Ana Roux"})
    assert [case.row for case in read_cases(rows, territories())] == [3]


def test_a_case_that_fails_has_a_line_that_does_not_change_with_the_draft():
    cases = read_cases(grid(JOB | {"referent": "Bob Cros"}), territories())
    table = lookup(rule(1, "Ana Roux"))
    (line,) = failures(try_cases(cases, table, None, TODAY))
    assert [line] == list(failures(try_cases(cases, table, lookup(rule(2, "Bob Cros")), TODAY)))
    assert line.place == "Cas d'école!2:2"
    assert "les règles donnent Ana Roux (règle 1)." in line.subject
