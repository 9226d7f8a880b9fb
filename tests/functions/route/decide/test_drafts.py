"""How drafts are recognised, what is said of them, and which titles put one in force."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from functions.route.decide.drafts import (
    Review,
    Tables,
    cancellation,
    cell_edits,
    effect_texts,
    fault_texts,
    find_tables,
    is_shown,
    publication,
    read_orders,
    stamped,
    summary,
)
from functions.route.decide.lookup import RuleTable
from functions.route.decide.replay import Effect, RuleEffect
from functions.route.decide.rules import Rule
from functions.shared.concerns import Concern
from functions.shared.sheets.port import Change, RowEdit, TabChange, TabTitle
from sheets_schema.tab import tab
from sheets_schema.territory import Target

NOW = datetime(2026, 11, 23, 9, 5, 7, tzinfo=UTC)
RULES, DRAFT = "Règles d'attribution", "Règles – projet"
EARLIER = "Règles – avant le 22-11-2026 18 h 30"


def tabs(*titles):
    return [TabTitle(number + 10, title, number) for number, title in enumerate(titles)]


def rule(number):
    return Rule(number, 10, {}, Target(), ("Ana Roux",))


TABLE = RuleTable((rule(1), rule(2)), (), {1: 2, 2: 3, 7: 4}, frozenset({4}), left_out=False)
EFFECT = Effect({1: RuleEffect(34, 3)}, 212, 17, 0)
REVIEW = Review(TABLE, EFFECT, {}, frozenset(), 0, is_same=False)


@pytest.mark.parametrize(
    "title",
    [
        "Copie de Règles d'attribution",
        "Copy of Règles d'attribution",
        "Copie de Règles d'attribution 2",
        "Règles - projet",
        "REGLES PROJET",
    ],
)
def test_a_copy_under_googles_title_or_in_another_spelling_is_a_draft(title):
    tables = find_tables(tabs("Demandes", RULES, title))
    assert (tables.copy.title, tables.draft, tables.spare) == (title, None, ())


@pytest.mark.parametrize("title", ["Règles de 2025", "Sauvegarde", "Copie de Demandes"])
def test_any_other_tab_is_none(title):
    assert find_tables(tabs(RULES, title)) == Tables(rules=TabTitle(10, RULES, 0))


def test_the_one_with_the_title_counts_if_there_are_two():
    tables = find_tables(tabs(RULES, "Copie de Règles d'attribution", DRAFT))
    assert (tables.draft.title, tables.copy) == (DRAFT, None)
    assert tables.spare == ("Copie de Règles d'attribution",)


def test_the_last_table_that_was_in_force_is_known_by_its_title():
    titles = ("Règles – avant le 01-12-2025 08 h 00", EARLIER, "Règles – avant le Déluge", RULES)
    assert find_tables(tabs(*titles)).earlier.title == EARLIER


def test_a_title_says_when_and_differs_from_those_that_are_taken():
    assert stamped("Règles – avant le ", NOW, []) == "Règles – avant le 23-11-2026 10 h 05"
    taken = ["Règles – avant le 23-11-2026 10 h 05"]
    assert stamped("Règles – avant le ", NOW, taken) == "Règles – avant le 23-11-2026 10 h 05 07"
    assert find_tables(tabs(stamped("Règles – avant le ", NOW, taken))).earlier


def test_each_row_says_what_its_rule_would_have_done_and_the_first_one_sums_up():
    assert effect_texts(REVIEW) == {
        1: "PROJET VALABLE : 212 demandes en un an, dont 17 changent de main. "
        "Cette ligne : valable : 34 demandes en un an, dont 3 changent de main.",
        2: "Valable : aucune demande en un an.",
        3: "Inactive : cette règle ne compte pas.",
    }


def test_a_rule_that_is_hidden_says_by_whom():
    texts = effect_texts(replace(REVIEW, hidden={2: (1,)}))
    assert texts[2] == "Ne décide d'aucune première attribution : cachée par la règle 1."


def test_a_rule_that_names_nobody_in_activity_says_who_gets_its_requests():
    texts = effect_texts(replace(REVIEW, stranded=frozenset({2})))
    assert texts[2] == (
        "Ne désigne personne en activité, donc la coordination : aucune demande en un an."
    )


def test_a_row_that_cannot_be_read_says_what_is_wrong():
    fault = Concern(f"{DRAFT}!E6", "Territoire : « Nulle part » n'est pas un lieu.", "")
    broken = replace(TABLE, concerns=(fault,))
    texts = effect_texts(replace(REVIEW, table=broken))
    assert texts[5] == "À corriger : Territoire : « Nulle part » n'est pas un lieu."
    assert texts[1].startswith("PROJET À CORRIGER avant de le publier : 1 ligne.")
    assert fault_texts(broken) == {5: texts[5]}


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"is_same": True}, "PROJET identique à la table en vigueur."),
        ({"table": replace(TABLE, rules=())}, "PROJET VIDE : il n'a aucune règle active."),
        ({"failing": 2}, "2 cas d'école échouent (« Oui, quand même » passe outre)."),
        ({"effect": Effect({}, 1, 0, 1)}, "aucune ne change de main, 1 sans règle."),
        ({"stranded": {1, 2}}, "dont 17 changent de main, 2 règles sans personne en activité."),
    ],
)  # fmt: skip
def test_the_summary_says_what_keeps_a_draft_from_being_published(changes, text):
    assert summary(replace(REVIEW, **changes)).endswith(text)


TABLES = find_tables(tabs(EARLIER, RULES, DRAFT))


def test_publishing_gives_the_draft_the_title_and_the_place_of_the_table():
    assert publication(TABLES, REVIEW, "yes", NOW, []) == (
        TabChange(11, "Règles – avant le 23-11-2026 10 h 05"),
        TabChange(12, RULES, DRAFT, index=1, dress="rules"),
    )


@pytest.mark.parametrize(
    ("changes", "order", "allowed"),
    [
        ({}, "yes", True),
        ({"failing": 1}, "yes", False),
        ({"failing": 1}, "anyway", True),
        ({"is_same": True}, "anyway", False),
        ({"table": replace(TABLE, concerns=(Concern("", "", ""),))}, "anyway", False),
        ({"table": replace(TABLE, rules=())}, "anyway", False),
    ],
)
def test_a_draft_that_is_not_valid_is_never_published(changes, order, allowed):
    assert bool(publication(TABLES, replace(REVIEW, **changes), order, NOW, [])) == allowed


def test_cancelling_puts_the_earlier_table_back_and_makes_a_draft_of_the_present_one():
    assert cancellation(replace(TABLES, draft=None), NOW, [])[0] == TabChange(11, DRAFT)
    old, new = cancellation(TABLES, NOW, [])
    assert old == TabChange(11, "Règles – annulées le 23-11-2026 10 h 05")
    assert new == TabChange(10, RULES, EARLIER, index=1, dress="rules")
    assert cancellation(replace(TABLES, earlier=None), NOW, []) == ()


def grid(*rows):
    columns = tab("rules").columns
    return [[c.title for c in columns], *([row.get(c.key) for c in columns] for row in rows)]


def test_orders_are_read_wherever_they_stand_and_nothing_else_is_one():
    cells = grid(
        {"publish": "oui"}, {"publish": "Oui, quand même", "cancel": "Non"}, {"cancel": True},
        {"publish": "peut-être", "cancel": "bof"},
    )  # fmt: skip
    orders = read_orders("draft", cells)
    assert orders.publish == {1: "yes", 2: "anyway"}
    assert orders.cancel == (3,)
    assert read_orders("draft", [["Projet"], ["Oui"]]).publish == {}


def test_only_cells_that_differ_are_edited_and_others_are_emptied():
    cells = grid(
        {"number": 1.0, "effect": "Vieux"}, {"number": 2.0, "effect": "Juste"}, {"number": 3.0}
    )
    edits = list(cell_edits("draft", cells, "effect", {2: "Juste", 3: "Neuf"}))
    assert [(edit.row, edit.changes["effect"], edit.tab) for edit in edits] == [
        (1, Change("Vieux", ""), "draft"),
        (3, Change("", "Neuf"), "draft"),
    ]
    assert len({edit.reference for edit in edits}) == 2


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        (
            "Valable : 1 demande en un an, aucune ne change de main.",
            "Valable : 4 demandes en un an, dont 2 changent de main.",
            True,
        ),
        (
            "Valable : aucune demande en un an.",
            "Valable : 1 demande en un an, dont 1 change de main.",
            True,
        ),
        (
            "PROJET VALABLE : 0 demande en un an, aucune ne change de main.",
            "PROJET VALABLE : 2 demandes en un an, dont 1 change de main, 1 sans règle.",
            True,
        ),
        ("", "Valable : aucune demande en un an.", False),
        ("Valable : aucune demande en un an.", "À corriger : Projet.", False),
        (
            "PROJET VALABLE : 2 demandes en un an, aucune ne change de main.",
            "PROJET VALABLE : 2 demandes en un an, aucune ne change de main, 1 cas d'école échoue.",
            False,
        ),
    ],
)
def test_an_effect_is_shown_if_only_its_figures_are_of_another_day(before, after, shown):
    edit = RowEdit("draft-2", 1, "", {"effect": Change(before, after)}, "draft")
    assert is_shown(edit) == shown
