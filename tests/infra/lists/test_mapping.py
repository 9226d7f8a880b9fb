"""What people decide is remembered in a file that they can read and edit."""

import json

import pytest

from infra.lists.mapping import decided, read_mapping, remember, written
from infra.lists.proposing import propose
from infra.lists.records import read_records
from infra.lists.sheets import ListError, Sheet

ROWS = [
    ["Nom", "Prénom", "Mail", "Truc", "Statut", "Date demande", "Nom"],
    ["PONS", "Luc", "luc@example.org", "bleu", "vu", "9/5/2026", "autre"],
    ["MAS", "Eva", "eva@example.org", "vert", "A rappeler", "9/6/2026", "autre"],
]


def proposal_of(rows=ROWS):
    (proposal,) = propose([Sheet("Liste", rows)])
    return proposal


def kept(**changes):
    (entry,) = remember([], "liste.xlsx", [proposal_of()])
    return [entry | changes]


def test_a_file_is_remembered_so_that_people_can_read_it(tmp_path):
    path = tmp_path / "correspondances.json"
    path.write_text(written(kept()), "utf-8")

    (entry,) = read_mapping(path)
    assert entry["vu dans"] == "liste.xlsx"
    assert entry["colonnes"] == {
        "Nom": "Nom",
        "Prénom": "Prénom",
        "Mail": "Courriel",
        "Truc": None,
        "Statut": "Statut",
        "Date demande": "Reçue le",
        "Nom (n° 2)": None,
    }
    assert entry["valeurs"] == {"Statut": {"vu": None, "A rappeler": "Sans réponse, à rappeler"}}
    assert "PONS" not in path.read_text("utf-8")


def test_the_next_file_of_the_same_origin_needs_no_question():
    shuffled = [[row[i] for i in (4, 2, 0, 1, 3, 5, 6)] for row in ROWS]
    changed = kept(colonnes=kept()[0]["colonnes"] | {"Truc": "Métier ou activité"})

    proposal, rules = decided(changed, proposal_of(shuffled), "correspondances.json")

    assert {choice.confidence for choice in proposal.choices if choice.targets} == {"sure"}
    assert [c.targets for c in proposal.choices if c.column.title == "Truc"] == [("occupation",)]
    assert rules is not None


def test_words_days_and_values_for_all_rows_are_decided_there():
    tables = kept(
        valeurs={"Statut": {"vu": "En attente du candidat", "A rappeler": None}},
        dates={"Date demande": "mois/jour"},
        **{"toutes les lignes": {"Source": "salon-2027"}},
    )
    first, second = read_records(*decided(tables, proposal_of(), "c.json"))

    assert first.values["status"] == "En attente du candidat"
    assert first.values["received_at"] == "2026-09-05"
    assert first.values["source"] == "salon-2027"
    assert second.notes == ["Statut : A rappeler"]


def test_a_column_may_be_split_or_left_alone():
    columns = {"Nom": ["Nom", "Prénom"], "Prénom": None, "Mail": "Courriel"}
    proposal, _ = decided(kept(colonnes=columns), proposal_of(), "c.json")

    assert [choice.targets for choice in proposal.choices[:3]] == [
        ("last_name", "first_name"),
        (),
        ("email",),
    ]


def test_another_shape_is_not_decided():
    other = [[*row, "x"] for row in ROWS]

    assert decided(kept(), proposal_of(other), "c.json")[1] is None


def test_a_file_of_tables_grows_and_knows_each_shape_once():
    tables = remember([], "a.csv", [proposal_of(), proposal_of()])
    other = proposal_of([["Nom", "Mail"], ["PONS", "luc@example.org"]])

    assert len(remember(tables, "b.csv", [proposal_of(), other])) == 2


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"colonnes": {"Nom": "Nim"}}, "« Nim » n'est pas une colonne de Demandes. Vouliez-vous"),
        ({"dates": {"Date demande": "US"}}, "« US » ; écrivez « jour/mois » ou « mois/jour »"),
        ({"valeurs": []}, None),
        ({"colonnes": ["Nom"]}, "« colonnes » doit être une liste"),
    ],
)
def test_a_mistake_in_the_file_is_said(changes, sentence):
    if sentence is None:
        decided(kept(**changes), proposal_of(), "c.json")
        return
    with pytest.raises(ListError) as caught:
        decided(kept(**changes), proposal_of(), "c.json")
    assert str(caught.value).startswith("c.json : ")
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{", "n'est pas du JSON lisible"),
        ('{"version": 9}', "n'est pas un fichier de correspondances de la version 1"),
        ('{"version": 1, "tableaux": 3}', "« tableaux » doit être une liste"),
        ("[]", "n'est pas un fichier de correspondances"),
    ],
)
def test_another_file_is_refused(tmp_path, content, sentence):
    path = tmp_path / "c.json"
    path.write_text(content, "utf-8")

    with pytest.raises(ListError, match=r"c\.json") as caught:
        read_mapping(path)
    assert sentence in str(caught.value)


def test_without_a_file_nothing_is_known(tmp_path):
    assert read_mapping(tmp_path / "absent.json") == []
    assert json.loads(written([])) == {"version": 1, "tableaux": []}
