"""Past requests by two tables: who would have got how many, and the matrix for the meeting."""

from datetime import date

import pytest

from functions.route.decide.coverage import check
from functions.route.decide.load import Load
from functions.route.decide.lookup import Lookup, Referent
from functions.route.decide.replay import PastRequest
from functions.route.decide.rules import Rule
from functions.shared.request import Project, Request
from infra.routing.commands import _moves, _tell
from infra.routing.explain import explain
from infra.routing.gather import csv_grid, write_csv
from infra.routing.page import page
from infra.routing.simulate import NOBODY, Total, matrix, simulate
from sheets_schema.territory import Target

TODAY = date(2026, 11, 23)
NOWHERE = Target()
FIGEAC, GRAND_FIGEAC = "46102", "200067361"
PEOPLE = {name.lower(): Referent(name, f"{name[0]}@example.org") for name in ("Ana", "Bob")}


def lookup(*rules):
    return Lookup(rules, PEOPLE)


def rule(number, *names, order=10, epcis=(), communes=(), **wants):
    return Rule(number, order, wants, Target(communes, epcis), names)


def past(kind="employment", sector=None, target=NOWHERE, received=TODAY):
    return PastRequest("", received, "", Request({}, (Project(kind, sector),), target))


def test_people_who_share_a_rule_get_as_many_each():
    result = simulate(lookup(rule(1, "Ana")), lookup(rule(1, "Ana", "Bob")), [past()] * 4, TODAY)
    assert result.totals == (Total("Ana", 4, 2), Total("Bob", 0, 2))
    assert len(result.moved) == 4


def test_of_a_request_that_no_rule_covers_the_file_names_no_rule():
    result = simulate(lookup(), lookup(rule(3, "Ana")), [past(sector="crafts")], TODAY)
    _, line = _moves(result.moved).strip().splitlines()
    assert line.endswith(";;;Ana;3")
    assert ";23/11/2026;Trouver un emploi;Artisanat" in line


def test_requests_that_no_rule_covers_go_to_nobody_without_a_default():
    result = simulate(lookup(rule(1, "Ana")), lookup(), [past()], TODAY)
    assert result.totals == (Total(NOBODY, 0, 1), Total("Ana", 1, 0))
    assert (result.uncovered_before, result.uncovered_after) == (0, 1)


def test_the_matrix_says_who_gets_what_and_what_differs_by_sector():
    before = lookup(rule(1, "Ana"))
    after = lookup(
        rule(1, "Ana"),
        rule(2, "Bob", epcis=(GRAND_FIGEAC,), project=("farming",), sector=("crafts", "retail")),
    )
    requests = [past("farming", target=Target(communes=(FIGEAC,)))]
    grid = matrix(before, after, requests, TODAY)
    cell = grid.rows["S'installer en agriculture"][grid.territories.index("Grand-Figeac")]
    assert cell.requests == 1
    assert [(who.sectors, who.people, who.is_changed) for who in cell.who] == [
        ("", "Ana", False),
        ("Artisanat, Commerce", "Bob", True),
    ]
    assert grid.territories[-1] == "Territoire non précisé"
    assert grid.people == ["Ana", "Bob"]


def test_the_page_escapes_what_people_typed():
    people = {"<i>": Referent("<i>", "")}
    table = Lookup((rule(1, "<i>"),), people)
    html = page(
        simulate(table, table, [past()], TODAY), matrix(table, table, [], TODAY), "<b>", TODAY
    )
    assert "<i>" not in html
    assert "&lt;i&gt;" in html


@pytest.mark.parametrize("text", ["=1+1", "+33", "-", "@a"])
def test_a_cell_of_a_csv_file_is_no_formula(text):
    assert f"'{text}" in write_csv([{"A": text}], ["A"])


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_any_usual_csv_file_is_read(tmp_path, delimiter):
    file = tmp_path / "table.csv"
    file.write_text(f'\ufeffN°{delimiter}Projet\r\n1{delimiter}"a, b; c"\r\n', "utf-8")
    assert csv_grid(file) == [["N°", "Projet"], ["1", "a, b; c"]]


FARMING = Request({}, (Project("farming", "crafts"),), Target(communes=(FIGEAC,)))


@pytest.mark.parametrize(
    ("rules", "whys"),
    [
        (
            (rule(1, "Ana"), rule(2, "Bob", project=("farming",))),
            ["décide", "moins précise que la règle 2 (projet)"],
        ),
        (
            (
                rule(1, "Ana", project=("farming",), order=2),
                rule(2, "Bob", epcis=(GRAND_FIGEAC,), order=1),
            ),
            ["décide", "Ordre 2, après l'Ordre 1 de la règle 2"],
        ),
        (
            (rule(1, "Ana", project=("farming",)), rule(2, "Bob", project=("farming",))),
            ["décide", "même Ordre que la règle 1, dont le numéro est plus petit"],
        ),
        (
            (rule(1, "Ana", epcis=(GRAND_FIGEAC,)), rule(2, "Bob", communes=(FIGEAC,))),
            [
                "décide",
                (
                    "moins précise que la règle 2 "
                    "(territoire : une commune plutôt qu'une intercommunalité)"
                ),
            ],
        ),
        (
            (rule(1, "Ana", project=("health",), sector=("retail",)),),
            [
                (
                    "projet : Exercer une profession de santé, et non S'installer en agriculture ; "
                    "secteur : Commerce, et non Artisanat"
                )
            ],
        ),
        (
            (rule(1, "Ana", horizon=("later",)),),
            ["échéance : Plus d'un an, ce que la demande ne précise pas"],
        ),
    ],
)  # fmt: skip
def test_each_rule_says_why_it_decides_or_not(rules, whys):
    verdicts, lines = explain(FARMING, lookup(*rules), TODAY)
    assert [verdict.why for verdict in verdicts] == whys
    assert lines[-1].startswith("→ ")


def test_rules_that_say_the_same_or_of_which_the_number_decides_are_told(capsys):
    rules = lookup(
        rule(1, "Ana", project=("farming",)),
        rule(2, "Ana", project=("farming",)),
        rule(3, "Bob", epcis=(GRAND_FIGEAC,)),
    )
    _tell(check(rules, TODAY, (), Load()), rules)
    said = capsys.readouterr().out
    assert "En double : 1\n  règles 1 et 2 : les mêmes personnes\n" in said
    assert "De même Ordre, le numéro seul décide : 2\n  règles 1 et 3 : Ana contre Bob\n" in said


def test_a_request_that_no_rule_covers_is_explained_to_be_nobody_s():
    _, lines = explain(past().request, lookup(), TODAY)
    assert any("personne" in line for line in lines)
