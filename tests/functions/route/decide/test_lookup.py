from datetime import date

import pytest

from functions.route.decide.lookup import Referent, read_lookup
from functions.shared.errors import HeaderError
from sheets_schema.columns import column_type
from sheets_schema.tab import tab
from sheets_schema.territory import territories
from sheets_schema.wire import Reading, TabCells

DATE = column_type({"type": "string", "format": "date"}).format


def grid(key, *rows):
    """A tab as read, with the given cells by column key."""
    columns = tab(key).columns
    return [[c.title for c in columns], *([row.get(c.key) for c in columns] for row in rows)]


def referent(name, **more):
    return {"name": name, "email": f"{name.split()[0].lower()}@example.org"} | more


PEOPLE = [referent("Camille Un"), referent("Sacha Deux", organisation="CCI du Lot")]
COORDINATION = [referent("Dominique Coordo", default_referent="Oui")]


def read(rules=(), people=PEOPLE, coordination=COORDINATION):
    return read_lookup(reading(rules, people, coordination), territories())


def reading(rules, people, coordination):
    rows = {"rules": rules, "referents": people, "coordination": coordination}
    return tabs({key: grid(key, *lines) for key, lines in rows.items()})


def tabs(grids):
    return Reading({}, {key: TabCells(1, cells) for key, cells in grids.items()})


def said(problems):
    return {problem.place: problem.sentence for problem in problems}


def test_tables_without_fault_are_read_without_a_word():
    lookup, problems = read(
        [
            {
                "number": 7.0,
                "order": 5.0,
                "project": "Créer une entreprise",
                "sector": "Commerce",
                "territory": "Grand-Figeac, Cahors",
                "referents": "sacha deux ; Camille Un",
                "active": "Oui",
            }
        ]
    )
    assert problems == []
    (rule,) = lookup.rules
    assert (rule.number, rule.order, *rule.wants.values()) == (
        7,
        5,
        "business_creation",
        "retail",
    )
    assert (rule.target.epcis, rule.target.communes) == (("200067361",), ("46042",))
    assert lookup.referent(rule.referents[0]).organisation == "CCI du Lot"
    assert lookup.default.name == "Dominique Coordo"


def test_blank_cells_mean_any_and_yes_and_a_rule_without_order_comes_last():
    lookup, _ = read([{"number": 1.0, "referents": "Camille Un"}])
    (rule,) = lookup.rules
    assert (rule.wants, rule.target.communes) == ({}, ())
    assert rule.order == 1000


def test_an_inactive_rule_is_ignored():
    lookup, problems = read([{"number": 1.0, "referents": "Camille Un", "active": "Non"}])
    assert lookup.rules == ()
    assert problems == []


def test_absences_are_read_as_dates_or_as_text():
    people = [
        referent("Camille Un", absent_from=DATE(date(2026, 12, 20)), absent_until="03/01/2027")
    ]
    lookup, _ = read(people=people)
    camille = lookup.referent("Camille Un")
    assert (camille.absent_from, camille.absent_until) == (date(2026, 12, 20), date(2027, 1, 3))


@pytest.mark.parametrize(
    ("absent_from", "absent_until", "day", "absent"),
    [
        (None, None, date(2026, 1, 1), False),
        (date(2026, 1, 5), date(2026, 1, 9), date(2026, 1, 4), False),
        (date(2026, 1, 5), date(2026, 1, 9), date(2026, 1, 5), True),
        (date(2026, 1, 5), date(2026, 1, 9), date(2026, 1, 9), True),
        (date(2026, 1, 5), date(2026, 1, 9), date(2026, 1, 10), False),
        (date(2026, 1, 5), None, date(2030, 1, 1), True),
        (None, date(2026, 1, 9), date(2020, 1, 1), True),
    ],
)
def test_somebody_is_absent_from_the_first_to_the_last_day(absent_from, absent_until, day, absent):
    person = Referent("x", "x@example.org", absent_from=absent_from, absent_until=absent_until)
    assert person.absent(day) is absent


def test_every_fault_is_named_with_its_cell_and_its_row_left_out():
    lookup, problems = read(
        rules=[
            {"number": "douze", "referents": "Camille Un"},
            {"number": 2.0},
            {"number": 0.0, "referents": "Camille Un"},
            {"number": 3.0, "referents": "Camille Un", "territory": "Lyon"},
            {"number": 4.0, "referents": "Camille Un", "project": "Devenir astronaute"},
            {"number": 5.0, "referents": "Camille Un"},
            {"number": 5.0, "referents": "Sacha Deux"},
        ],
        people=[*PEOPLE, {"name": "Sans Adresse"}, referent("Camille Un", organisation="Autre")],
    )
    assert [rule.number for rule in lookup.rules] == [5]
    assert lookup.rules[0].referents == ("Camille Un",)
    assert said(problems) == {
        "Règles d'attribution!A2": "N° de règle : « douze » n'est pas un nombre entier.",
        "Règles d'attribution!F3": "Référent(s) : cette cellule est obligatoire.",
        "Règles d'attribution!A4": "N° de règle : « 0 » est hors limites (1 au moins).",
        "Règles d'attribution!E5": (
            "Territoire : « Lyon » n'est ni une commune ni une intercommunalité du Lot "
            "(voir l'onglet Communes)."
        ),
        "Règles d'attribution!C6": said(problems)["Règles d'attribution!C6"],
        "Règles d'attribution!A8": (
            "N° de règle : la règle 5 figure deux fois ; seule la première ligne compte."
        ),
        "Référents!B4": "Courriel : cette cellule est obligatoire.",
        "Référents!A5": "Nom : deux référents portent ce nom ; seule la première ligne compte.",
    }
    assert (
        "« Devenir astronaute » n'est pas un choix possible"
        in (said(problems)["Règles d'attribution!C6"])
    )


def test_names_that_are_not_in_referents_are_named():
    _, problems = read(
        rules=[{"number": 1.0, "referents": "Camille Un, Inconnue Totale"}],
        people=[referent("Camille Un", substitute="Personne Ici")],
    )
    assert said(problems) == {
        "Référents!H2": "Suppléant : « Personne Ici » n'est pas dans l'onglet Référents.",
        "Règles d'attribution!F2": (
            "Référent(s) : « Inconnue Totale » n'est pas dans l'onglet Référents."
        ),
    }


def test_without_a_default_referent_it_is_said():
    lookup, problems = read(coordination=[referent("Dominique Coordo")])
    assert lookup.default is None
    assert said(problems) == {
        "Coordination": "Référent par défaut : mettez Oui sur la ligne d'une personne."
    }


def test_of_two_default_referents_the_first_counts():
    both = [referent(f"Coordo {n}", default_referent="Oui") for n in "AB"]
    lookup, problems = read(coordination=both)
    assert lookup.default.name == "Coordo A"
    assert said(problems)["Coordination!E3"].endswith(
        "une seule ligne peut porter Oui ; la première compte."
    )


def test_a_missing_column_is_named():
    with pytest.raises(HeaderError, match=r"Règles d'attribution.*« Territoire »"):
        read_lookup(
            tabs(
                {
                    "rules": [
                        [
                            "N° de règle",
                            "Ordre",
                            "Projet",
                            "Secteur",
                            "Référent(s)",
                            "Active",
                            "Note",
                        ]
                    ],
                    "referents": grid("referents"),
                    "coordination": grid("coordination"),
                }
            ),
            territories(),
        )
