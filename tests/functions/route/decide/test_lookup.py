from datetime import date

import pytest

from functions.route.decide.lookup import Referent, read_lookup, unreachable
from functions.shared.errors import HeaderError
from functions.shared.journal.store import open_journal
from functions.shared.mail.refused import RefusedAddresses
from sheets_schema.columns import column_type
from sheets_schema.tab import tab
from sheets_schema.territory import territories
from sheets_schema.wire import Reading, TabCells
from tests.functions.route.books import FARMING

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


def said(concerns):
    return {concern.place: concern.subject for concern in concerns}


def test_tables_without_fault_are_read_without_a_word():
    lookup, concerns = read(
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
    assert concerns == []
    (rule,) = lookup.rules
    assert (rule.number, rule.order, *rule.wants.values()) == (
        7,
        5,
        ("business_creation",),
        ("retail",),
    )
    assert (rule.target.epcis, rule.target.communes) == (("200067361",), ("46042",))
    assert lookup.referent(rule.referents[0]).organisation == "CCI du Lot"
    assert lookup.default.name == "Dominique Coordo"


def test_people_whose_addresses_refuse_mails_are_named_unless_they_left():
    addresses = RefusedAddresses(open_journal("memory:///"))
    for name in ("Camille", "gone", "dominique"):
        addresses.add(f"{name}@example.org")
    people = [*PEOPLE, referent("Gone Trois", active="Non")]
    concerns = unreachable(reading((), people, COORDINATION), addresses.look())
    assert said(concerns) == {
        "Référents": "L'adresse enregistrée pour Camille Un est refusée : camille@example.org.",
        "Coordination": (
            "L'adresse enregistrée pour Dominique Coordo est refusée : dominique@example.org."
        ),
    }


def test_a_rule_may_name_several_values_and_the_newer_conditions():
    rules = [
        {
            "number": 1.0,
            "referents": "Camille Un",
            "project": f"Créer une entreprise ; {FARMING}",
            "sector": "Restauration, hébergement, Commerce",
            "territory": "CC Quercy Blanc, CAUVALDOR",
            "profile": "cédant",
            "horizon": "Moins de 3 mois, 3 à 6 mois",
            "source": "Salon TAF, aire-a20",
            "origin": "Haute-Garonne, 75, Belgique",
        }
    ]
    lookup, concerns = read(rules)
    assert concerns == []
    (rule,) = lookup.rules
    assert rule.wants == {
        "profile": ("seller",),
        "project": ("business_creation", "farming"),
        "sector": ("hospitality", "retail"),
        "horizon": ("within_3_months", "within_6_months"),
        "source": ("salon-taf", "aire-a20"),
        "origin": ("31", "75", "BE"),
    }
    assert rule.target.epcis == ("200039519", "200066371")


@pytest.mark.parametrize(
    ("most", "names", "weighs"),
    [
        (None, "Camille Un", False),
        (12.0, "Camille Un", True),
        (None, "Camille Un, Sacha Deux", True),
    ],
)
def test_load_matters_if_somebody_says_how_much_they_want_or_if_people_share(most, names, weighs):
    people = [referent("Camille Un", max_open=most), referent("Sacha Deux")]
    lookup, concerns = read([{"number": 1.0, "referents": names}], people)
    assert concerns == []
    assert lookup.weighs_load is weighs
    assert lookup.referent("Camille Un").max_open == most


def test_the_number_that_applicants_are_told_is_written_as_people_dial_it():
    people = [referent("Camille Un", phone="+33536490101")]
    coordination = [referent("Dominique", default_referent="Oui", phone="0536490102")]
    lookup, concerns = read(people=people, coordination=coordination)
    assert concerns == []
    assert (lookup.referent("Camille Un").phone, lookup.default.phone) == (
        "05 36 49 01 01",
        "05 36 49 01 02",
    )


def test_blank_cells_mean_any_and_yes_and_a_rule_without_order_comes_last():
    lookup, _ = read([{"number": 1.0, "referents": "Camille Un"}])
    (rule,) = lookup.rules
    assert (rule.wants, rule.target.communes) == ({}, ())
    assert rule.order == 1000


def test_an_inactive_rule_is_ignored():
    lookup, concerns = read([{"number": 1.0, "referents": "Camille Un", "active": "Non"}])
    assert lookup.rules == ()
    assert concerns == []


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


def test_every_fault_in_rules_and_referents_is_named_with_its_cell():
    lookup, concerns = read(
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
    assert said(concerns) == {
        "Règles d'attribution!A2": "N° de règle : « douze » n'est pas un nombre entier.",
        "Règles d'attribution!F3": "Référent(s) : cette cellule est obligatoire.",
        "Règles d'attribution!A4": "N° de règle : « 0 » est hors limites (1 au moins).",
        "Règles d'attribution!E5": (
            "Territoire : « Lyon » n'est ni une commune ni une intercommunalité du Lot "
            "(voir l'onglet Communes)."
        ),
        "Règles d'attribution!C6": said(concerns)["Règles d'attribution!C6"],
        "Règles d'attribution!A8": (
            "N° de règle : la règle 5 figure deux fois ; seule la première ligne compte."
        ),
        "Référents!B4": "Courriel : cette cellule est obligatoire.",
        "Référents!A5": "Nom : deux personnes portent ce nom ; seule la première ligne compte.",
    }
    assert (
        "« Devenir astronaute » n'est pas un choix possible"
        in (said(concerns)["Règles d'attribution!C6"])
    )


def test_names_that_are_not_in_referents_are_named():
    _, concerns = read(
        rules=[{"number": 1.0, "referents": "Camille Un, Inconnue Totale"}],
        people=[referent("Camille Un", substitute="Personne Ici")],
    )
    assert said(concerns) == {
        "Référents!H2": "Suppléant : « Personne Ici » n'est pas dans l'onglet Référents.",
        "Règles d'attribution!F2": (
            "Référent(s) : « Inconnue Totale » n'est pas dans l'onglet Référents."
        ),
    }


@pytest.mark.parametrize("cell", ["Camille Un et Sacha Deux", "camille un / Sacha deux"])
def test_names_are_read_whatever_stands_between_them(cell):
    lookup, concerns = read(rules=[{"number": 1.0, "referents": cell}])
    (rule,) = lookup.rules
    assert [lookup.referent(name).name for name in rule.referents] == ["Camille Un", "Sacha Deux"]
    assert not concerns
    assert lookup.names("Dominique Coordo et Camille Un") == ["Dominique Coordo", "Camille Un"]


def test_a_default_referent_who_has_left_gets_nothing():
    lookup, concerns = read(people=[referent("Dominique Coordo", active="Non")])
    assert lookup.default is None
    (concern,) = concerns
    assert "n'est plus en activité, d'après l'onglet Référents" in concern.subject
    assert "reste sans référent" in concern.action


def test_without_a_default_referent_it_is_said():
    lookup, concerns = read(coordination=[referent("Dominique Coordo")])
    assert lookup.default is None
    assert said(concerns) == {
        "Coordination": "Référent par défaut : mettez Oui sur la ligne d'une personne."
    }


def test_of_two_default_referents_the_first_counts():
    both = [referent(f"Coordo {n}", default_referent="Oui") for n in "AB"]
    lookup, concerns = read(coordination=both)
    assert lookup.default.name == "Coordo A"
    assert said(concerns)["Coordination!E3"].endswith(
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


# How far the damage goes: a bad cell costs what its note says, and no more.


def acted(concerns):
    return {concern.place: concern.action.partition(" : en attendant, ")[2] for concern in concerns}


@pytest.mark.parametrize(
    ("cell", "text", "place", "ignored"),
    [
        ("absent_from", "vacances", "F", "le système n'en tient pas compte."),
        ("absent_until", "bientôt", "G", "le système n'en tient pas compte."),
        ("active", "peut-être", "E", "le système n'en tient pas compte."),
        ("substitute", "Personne Ici", "H", "le système n'en tient pas compte."),
        ("epci", "Pays des Ours", "D", "le système n'en tient pas compte."),
        ("max_open", "beaucoup", "I", "le système n'en tient pas compte."),
        ("max_open", -1.0, "I", "le système n'en tient pas compte."),
        ("phone", "au bureau", "K", "le système n'en tient pas compte."),
        ("email", "camille@", "B", "cette personne ne reçoit aucun courriel."),
        ("email", None, "B", "cette personne ne reçoit aucun courriel."),
    ],
)
def test_a_referent_with_a_bad_cell_still_follows_requests(cell, text, place, ignored):
    lookup, concerns = read(people=[referent("Camille Un", **{cell: text})])
    camille = lookup.referent("Camille Un")
    assert camille.active
    assert not camille.absent(date(2026, 1, 1))
    assert lookup.address("Camille Un") == (None if cell == "email" else "camille@example.org")
    assert acted(concerns) == {f"Référents!{place}2": ignored}


def test_a_referent_without_a_name_is_nobody():
    lookup, concerns = read(people=[{"email": "camille@example.org"}])
    assert lookup.people == {}
    assert acted(concerns) == {"Référents!A2": "cette ligne ne désigne personne."}


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("number", "douze"),
        ("order", "tôt"),
        ("project", "Devenir astronaute"),
        ("sector", "Lune"),
        ("territory", "Figac"),
        ("territory", "Je ne sais pas encore"),
        ("territory", " ; "),
        ("territory", "Partout, Figeac"),
        ("active", "si besoin"),
        ("project", "Créer une entreprise, Devenir astronaute"),
        ("horizon", "bientôt"),
        ("profile", "curieux"),
        ("origin", "Atlantide"),
    ],
)
def test_a_rule_with_a_bad_cell_is_not_applied_because_it_would_apply_to_more(cell, text):
    lookup, concerns = read([{"number": 1.0, "referents": "Camille Un", cell: text}])
    assert lookup.rules == ()
    assert [*acted(concerns).values()] == ["cette règle ne s'applique pas."]


@pytest.mark.parametrize(
    ("cell", "text", "ignored"),
    [
        ("email", "dominique@", "cette personne ne reçoit aucun courriel."),
        ("scope", "Figac", "le courriel du lundi parle de tout."),
        ("scope", "Je ne sais pas encore", "le courriel du lundi parle de tout."),
        ("weekly_mail", "parfois", "le système n'en tient pas compte."),
    ],
)
def test_the_default_referent_stays_whatever_else_is_bad_in_the_row(cell, text, ignored):
    people = [referent("Dominique Coordo", default_referent="Oui") | {cell: text}]
    lookup, concerns = read(coordination=people)
    assert lookup.default.name == "Dominique Coordo"
    assert [*acted(concerns).values()] == [ignored]


def test_the_default_referent_stays_beside_a_pause_that_cannot_be_read():
    people = [referent("Dominique Coordo", default_referent="Oui", pause="fini le 3/12")]
    lookup, concerns = read(coordination=people)
    assert lookup.default.name == "Dominique Coordo"
    assert concerns == []  # the pause itself is said elsewhere: it stops the drain


# Cells that can be read, and contradict each other.


def test_an_absence_that_ends_before_it_begins_counts_from_its_beginning():
    dates = {"absent_from": "28/11/2026", "absent_until": "05/12/2025"}
    lookup, concerns = read(people=[referent("Camille Un", **dates)])
    camille = lookup.referent("Camille Un")
    assert not camille.absent(date(2026, 11, 27))
    assert camille.absent(date(2026, 11, 28))
    assert camille.absent(date(2027, 11, 28))
    assert said(concerns) == {
        "Référents!G2": ("Indisponible au : l'absence finit avant d'avoir commencé (28/11/2026).")
    }
    assert "sans fin" in concerns[0].action


def test_a_substitute_who_is_oneself_is_none():
    lookup, concerns = read(people=[referent("Camille Un", substitute="camille  UN")])
    assert lookup.referent("Camille Un").substitute is None
    assert said(concerns) == {"Référents!H2": "Suppléant : c'est la même personne."}


def test_a_rule_that_names_nobody_known_says_who_gets_its_requests():
    _, concerns = read([{"number": 1.0, "referents": "Inconnue Une, Inconnu Deux"}])
    assert {concern.action for concern in concerns} == {
        "Corrigez cette cellule : en attendant, la coordination reçoit ces demandes."
    }


def test_two_coordinators_in_one_row_each_are_said_where_they_contradict_each_other():
    first = referent("Dominique Coordo", default_referent="Oui", scope="Figeac")
    other = {"name": "Dominique Coordo", "email": "autre@example.org"}
    same = {"name": "Claude Coordo", "email": first["email"], "scope": "Cahors"}
    lookup, concerns = read(coordination=[first, other, same])
    assert lookup.address("Dominique Coordo") == first["email"]
    assert said(concerns) == {
        "Coordination!A3": (
            "Nom : deux personnes portent ce nom ; seule la première adresse compte."
        ),
        "Coordination!B4": (
            "Courriel : cette adresse figure deux fois ; seul le premier Périmètre compte."
        ),
    }


def test_a_substitute_who_has_left_is_noted_unless_somebody_follows():
    left = referent("Lou Deux", active=False)
    third = referent("Zoe Trois")
    asking = referent("Camille Un", substitute="Lou Deux")
    _, concerns = read(people=[asking, left])
    assert [(concern.place, "« Lou Deux »" in concern.subject) for concern in concerns] == [
        ("Référents!H2", True)
    ]
    _, concerns = read(
        people=[asking, referent("Lou Deux", active=False, substitute="Zoe Trois"), third]
    )
    assert concerns == []
