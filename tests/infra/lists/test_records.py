"""A value is kept or refused, never changed silently."""

import pytest

from functions.shared.request import Request
from infra.lists.proposing import propose
from infra.lists.reading import read_content
from infra.lists.records import Rules, read_records
from infra.lists.sheets import Merge, Sheet
from sheets_schema.territory import territories
from sheets_schema.text import normalise


def proposal_of(table: str):
    text = "\n".join(line.strip() for line in table.strip().split("\n"))
    (proposal,) = propose(read_content("liste", text.replace("|", ";").encode()).sheets)
    return proposal


def records_of(table: str, rules: Rules | None = None):
    return list(read_records(proposal_of(table), rules))


def test_what_cannot_be_read_stays_in_notes_and_the_cell_is_named():
    (record,) = records_of("""
        Nom|Téléphone|Courriel|Date demande|Code postal|Commune souhaitée|Statut|Remarques
        PONS|voir mère|luc@example,org|juin|1000|vers la mer|étude|aime le vélo
    """)

    assert record.values == {"last_name": "PONS"}
    assert "Téléphone : voir mère" in record.notes
    assert "Date demande : juin" in record.notes
    assert "Code postal : 1000" in record.notes
    assert [remark.cell for remark in record.remarks] == ["E2", "B2", "C2", "D2", "F2", "G2"]
    assert record.remarks[3].sentence == (
        "Date demande : « juin » n'est pas un jour certain. Gardé en note."
    )


@pytest.mark.parametrize("more", ["voir mère", "luc@", "eva@example.org ana@example.org"])
def test_coordinates_that_are_not_read_whole_are_kept_and_the_cell_is_named(more):
    text = f"luc@example.org {more}"
    (record,) = records_of(f"Nom|Prénom|Tél / mail\nPONS|Luc|{text}")
    assert f"Tél / mail : {text}" in record.notes
    assert "n'est pas lisible en entier" in record.remarks[0].sentence


def test_a_record_becomes_a_request():
    (record,) = records_of("""
        Nom|Prénom|Tél|Date demande|Commune souhaitée|Statut|Besoins|Newsletter|Enfants|Pays|Entreprise
        PONS|Luc|0470 12 34 56|05/09/2026 14:32|Cahors ou Mercuès|A rappeler|Logement|oui|2|Belgique|Exemple
    """)
    request = Request.from_cells(record.cells(), territories())

    assert request.unreadable == frozenset()
    assert request["phone"] == "+32470123456"
    assert request["status"] == "no_answer"
    assert (request["newsletter"], request["children"]) == (True, 2)
    assert request["received_at"].isoformat() == "2026-09-05T12:32:00+00:00"
    assert len(request.target.communes) == 2
    assert request["notes"] == "Organisme : Exemple"


def test_an_empty_first_contact_is_filled_from_the_second():
    (record,) = records_of("""
        Nom|Portable|Fixe|Mail|Mail 2
        PONS||0536490001|néant|luc@example.org
    """)

    assert (record.values["phone"], record.values["email"]) == ("05 36 49 00 01", "luc@example.org")
    assert "second_phone" not in record.values
    assert record.notes == []


def test_a_second_contact_goes_into_notes():
    (record,) = records_of("""
        Nom|Portable|Mail
        PONS|0639980001 / 0536490001|luc@example.org / pons@example.org
    """)

    assert record.notes == ["Téléphone (2) : 05 36 49 00 01", "Courriel (2) : pons@example.org"]


def test_an_address_of_who_paid_is_nobody_elses():
    mother, child = records_of("""
        Nom participant|Prénom participant|Nom payeur|Prénom payeur|Email payeur
        ROCHE|Julie|roche|julie|julie@example.org
        ROCHE|Tom|ROCHE|Julie|julie@example.org
    """)

    assert mother.values["email"] == "julie@example.org"
    assert "email" not in child.values
    assert child.notes == ["Email payeur (de qui a payé, une autre personne) : julie@example.org"]


def test_two_people_in_a_row_are_told():
    (record,) = records_of("""
        Nom|Prénom|Mail
        Haddad / Costa|Sami / Rui|sami@example.org
    """)

    assert (record.values["last_name"], record.values["first_name"]) == ("Haddad", "Sami")
    assert record.notes == ["Deux personnes dans la liste : Sami / Rui Haddad / Costa"]
    assert "Deux personnes" in record.remarks[0].sentence


def test_a_full_name_that_is_not_certain_is_asked_for():
    _, record = records_of("""
        Candidat|Mail
        Léa PONS|lea@example.org
        Marie et Paul Vidal|mp@example.org
    """)

    assert record.values["last_name"] == "Marie"
    assert record.notes == ["Deux personnes dans la liste : Marie et Paul Vidal"]
    assert "où est le nom" in record.remarks[0].sentence


def test_a_row_that_goes_on_with_the_person_above_is_in_that_persons_notes():
    rows = [
        ["Nom", "Prénom", "Date demande", "Commune souhaitée"],
        ["SOW", "Aminata", "12.05.2026", "Cahors"],
        [None, None, "20.09.2026", "Mercuès"],
    ]
    merged = (Merge(1, 2, 0, 0), Merge(1, 2, 1, 1))
    (proposal,) = propose([Sheet(None, rows, merged)])
    (record,) = read_records(proposal)

    assert record.notes == ["Ligne 3 : Date demande : 20.09.2026 ; Commune souhaitée : Mercuès"]


def test_a_cell_merged_downwards_holds_for_every_row_that_it_covers():
    rows = [["Nom", "Prénom", "Ville"], ["SOW", "Aminata", "Albi"], [None, "Awa", None]]
    (proposal,) = propose([Sheet(None, rows, (Merge(1, 2, 0, 0), Merge(1, 2, 2, 2)))])

    assert [record.values for record in read_records(proposal)] == [
        {"origin_city": "Albi", "last_name": "SOW", "first_name": "Aminata"},
        {"origin_city": "Albi", "last_name": "SOW", "first_name": "Awa"},
    ]


def test_a_name_that_is_not_in_referents_is_noted():
    table = "Nom|Mail|Conseiller\nPONS|luc@example.org|alix exemple\nMAS|eva@example.org|JP"
    known, unknown = records_of(table, Rules(referents=["Alix Exemple"]))

    assert known.values["referent"] == "Alix Exemple"
    assert unknown.notes == ["Conseiller : JP"]


def test_several_columns_of_remarks_are_told_apart():
    (record,) = records_of("Nom|Mail|Remarques|Commentaire\nPONS|luc@example.org|sérieux|rappeler")

    assert record.notes == ["Remarques : sérieux", "Commentaire : rappeler"]


def test_consent_is_not_guessed_from_an_empty_cell():
    yes, no, silent = records_of("""
        Nom|Mail|OK mail ?
        PONS|a@example.org|x
        MAS|b@example.org|non
        ROC|c@example.org|
    """)

    assert [r.values.get("consent") for r in (yes, no, silent)] == ["Oui", "Non", None]


@pytest.mark.parametrize(
    ("header", "text", "key"),
    [
        ("Enfants", "-3", "children"),
        ("Enfants", "40", "children"),
        ("Nom", "N" * 81, "last_name"),
        ("Métier", "m" * 121, "occupation"),
        ("Métier", "m, " * 400, "occupation"),
        ("Newsletter", "peut-être", "newsletter"),
        ("Source", "é" * 41, "source"),
        ("Date demande", "01/02/1999", "received_at"),
    ],
)
def test_a_value_that_has_no_place_in_its_column_is_noted_whole(header, text, key):
    other = {"Enfants": "2", "Newsletter": "oui", "Date demande": "02/03/2026"}.get(header, "Autre")
    table = f"Prénom|Mail|{header}\nLuc|luc@example.org|{text}\nEva|eva@example.org|{other}"
    record, fine = records_of(table)

    assert key not in record.values
    assert record.notes == [f"{header} : {text.strip()}"]
    assert key in fine.values


def test_the_mapping_file_decides_about_words_and_the_order_of_days():
    rules = Rules(
        orders={normalise("Date demande"): "mdy"},
        choices={"status": {"vu": "En attente du candidat", "bof": ""}},
    )
    first, second = records_of(
        "Nom|Mail|Date demande|Statut\nPONS|a@example.org|9/5/2026|Vu\nMAS|b@example.org|9/6/2026|bof",
        rules,
    )

    assert first.values["received_at"] == "2026-09-05"
    assert first.values["status"] == "En attente du candidat"
    assert second.notes == ["Statut : bof"]


def test_notes_that_are_too_long_are_to_be_shortened():
    (record,) = records_of(f"Nom|Mail|Remarques\nPONS|luc@example.org|{'mot ' * 1_300}")

    assert record.remarks[-1].sentence.startswith("Les notes dépassent 5000 caractères")


def test_a_row_that_the_list_calls_cancelled_is_asked_about():
    valid, cancelled = records_of("""
        Nom|Mail|Statut de la commande
        PONS|a@example.org|Validé
        MAS|b@example.org|Annulé
    """)

    assert valid.remarks == []
    assert [(r.cell, r.sentence) for r in cancelled.remarks] == [
        ("C3", "Statut de la commande : « Annulé ». À reprendre quand même ?")
    ]


def test_a_formula_that_somebody_typed_is_text():
    (record,) = records_of("Nom|Mail|Remarques\nPONS|luc@example.org|=SOMME(A1:A2)")

    assert record.notes == ["=SOMME(A1:A2)"]


@pytest.mark.parametrize(
    ("title", "cell", "key", "value", "noted"),
    [
        ("Statut", "En cours (RDV le 12)", "status", "Accompagnement en cours", True),
        ("Statut", "installée depuis mai", "status", "Installé", True),
        ("Statut", "En cours", "status", "Accompagnement en cours", False),
        ("Échéance", "dans 6 mois", "horizon", "3 à 6 mois", False),
        ("Échéance", "d'ici un an", "horizon", "6 à 12 mois", False),
        ("Échéance", "2 ans", "horizon", "Plus d'un an", False),
        ("Enfants", "2 (5 et 8 ans)", "children", "2", True),
        ("Date demande", "02/03/2026 (tél.)", "received_at", "2026-03-02", True),
        ("Date demande", "lundi 02/03/2026", "received_at", "2026-03-02", False),
        ("Ville", "59 - Lille", "origin_city", "Lille", True),
        ("Ville", "1000 Bruxelles", "origin_city", "Bruxelles", True),
        ("Ville", "31000 Toulouse CEDEX 4", "origin_city", "Toulouse", False),
        ("Ville", "12 rue Haute", "origin_city", "12 rue Haute", False),
        ("Code postal", "46000 Cahors", "origin_postcode", "46000", False),
        ("Code postal", "F-46000", "origin_postcode", "46000", False),
    ],
)
def test_what_is_certain_is_read_and_what_more_is_said_is_kept(title, cell, key, value, noted):
    (record,) = records_of(f"Nom|Prénom|{title}\nPONS|Luc|{cell}")

    assert (record.values[key], record.notes) == (value, [f"{title} : {cell}"] * noted)


@pytest.mark.parametrize(
    ("name", "first"), [("M. et Mme PONS Luc", "Luc"), ("PONS Luc / MAS Eva", "Luc")]
)
def test_two_whole_names_are_to_be_confirmed(name, first):
    (record,) = records_of(f"Nom prénom|Tél\n{name}|06 39 98 00 01")

    assert (record.values["last_name"], record.values["first_name"]) == ("PONS", first)
    assert f"Deux personnes dans la liste : {name}" in record.notes
    assert "Deux personnes sur la même ligne" in record.remarks[0].sentence


def test_what_says_two_things_is_kept_as_it_is():
    (record,) = records_of(
        "Nom|Tél|Statut|Enfants\nM. et Mme PONS|0639980001|En cours / Clos|2 ad."
    )

    assert record.values == {"last_name": "PONS", "phone": "06 39 98 00 01"}
    assert record.notes == [
        "Deux personnes dans la liste : M. et Mme PONS",
        "Statut : En cours / Clos",
        "Enfants : 2 ad.",
    ]
