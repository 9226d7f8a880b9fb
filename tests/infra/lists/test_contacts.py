"""A record of a list as a request."""

import pytest

from infra.lists.contacts import as_contact, entry_name
from infra.lists.fates import Line
from infra.lists.proposing import propose
from infra.lists.reading import read_content
from infra.lists.records import Record, Remark, read_records
from infra.lists.rejects import as_csv
from infra.lists.sheets import ListError, Sheet

LEAST = {"last_name": "PONS", "email": "luc@example.org"}


def contact(notes=(), source="", profile="", **values):
    return as_contact(Record(4, LEAST | values, list(notes)), source, profile)


def names_of(rows, source="salon"):
    (proposal,) = propose([Sheet(None, rows)])
    return [entry_name(proposal, record, source) for record in read_records(proposal)]


def test_its_answers_are_those_of_the_form():
    submission = contact(
        phone="06 39 98 00 01",
        project="Exercer une profession de santé",
        occupation="infirmière",
        needs="Logement, Mobilité",
        origin_city="Albi",
        origin_postcode="81000",
        adults="2",
        newsletter="Oui",
    ).submission

    assert submission["phone"] == "+33639980001"
    assert submission["projects"] == [{"type": "health", "occupation": "infirmière"}]
    assert submission["needs"] == ["housing", "mobility"]
    assert submission["origin"] == {"city": "Albi", "postcode": "81000"}
    assert (submission["household"], submission["newsletter"]) == ({"adults": 2}, True)


def test_who_says_no_project_has_none_yet_and_no_answer_is_invented():
    assert contact().submission == {
        "last_name": "PONS",
        "email": "luc@example.org",
        "projects": [{"type": "unknown"}],
        "target": {"unknown": True},
        "source": "site",
    }
    assert contact(newsletter="Non").submission["newsletter"] is False


def test_source_and_profile_are_given_for_all_and_a_row_s_own_count_first():
    given = contact(source="salon-2027", profile="seller")
    assert (given.submission["source"], given.submission["profile"]) == ("salon-2027", "seller")
    assert given.has_source
    assert not contact().has_source

    values = LEAST | {"source": "site-safer", "profile": "Cession (exploitation, entreprise)"}
    own = as_contact(Record(4, values), "salon-2027", "candidate").submission
    assert (own["source"], own["profile"]) == ("site-safer", "seller")


def test_what_the_form_does_not_ask_has_its_cell_and_what_the_system_decides_is_in_notes():
    made = contact(
        ["Organisme : Faculté"],
        target="Figeac, Grand Cahors",
        remind_on="2027-01-05",
        status="Installé",
        referent="Camille Bonnet",
        received_at="2026-09-05T14:32",
    )

    assert made.cells == {
        "target": "Figeac, Grand Cahors",
        "remind_on": "05/01/2027",
        "notes": "Organisme : Faculté\nStatut : Installé\nRéférent : Camille Bonnet\n"
        "Reçue le : 05/09/2026 14:32",
    }


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"last_name": "12"}, "Nom : écrivez-le avec des lettres."),
        ({"project": "Une ferme"}, "Illisible : « Projet principal »."),
        ({"remind_on": "2027-01-05", "notes": "", "origin_country": "x" * 61}, "Pays : 60 caract"),
    ],
)
def test_what_makes_no_request_is_refused_with_a_sentence(values, sentence):
    with pytest.raises(ListError, match=sentence):
        contact(**values)


def test_notes_that_are_too_long_are_not_cut():
    with pytest.raises(ListError, match="Les notes dépassent 5000 caractères"):
        contact(["x" * 4_990], status="Installé")


def test_the_name_of_an_entry_is_that_of_the_row_whatever_the_order_of_columns():
    rows = [["Nom", "Mail", "Classe"], ["PONS", "luc@example.org", "B2"]]
    turned = [["Mail", None, "Classe", "Nom"], ["luc@example.org", None, "B2", "PONS"]]

    assert names_of(rows) == names_of(turned)
    assert len(names_of(rows)[0]) == 64
    for other in ("PONT", None), ("PONS", "x@example.org"):
        changed = [rows[0], [other[0] or "PONS", other[1] or "luc@example.org", "B3"]]
        assert names_of(changed) != names_of(rows)
    assert names_of(rows, "autre-salon") != names_of(rows)


def test_the_name_covers_the_rows_that_go_on_with_a_record():
    rows = [["Nom", "Mail", "Notes"], ["PONS", "luc@example.org", "a"], ["MAS", "e@example.org"]]
    longer = [*rows[:2], [None, None, "et encore"], rows[2]]

    first, second = names_of(rows)
    assert names_of(longer) == [names_of(longer)[0], second]
    assert names_of(longer)[0] != first


class TestRejects:
    ROWS = (
        ["Nom", "Mail", "Tél", "Classe"],
        ["PONS", "luc@", "+33 6 39 98 00 01", "=1+1"],
        ["MAS; Eva", None, None, "B2"],
    )

    def file(self):
        (proposal,) = propose([Sheet("Salon", self.ROWS)])
        lines = [
            Line(2, "", "ask", (Remark("B2", "Mail : illisible."), Remark("", "Et ?"))),
            Line(3, "", "refused", (Remark("", "Ni téléphone, ni courriel."),)),
        ]
        return proposal, as_csv([(proposal, lines)])

    def test_they_stand_there_as_in_the_list_with_their_place_and_why(self):
        _, text = self.file()

        assert text.splitlines() == [
            "Nom;Mail;Tél;Classe;Ligne d'origine;À corriger",
            "PONS;luc@;+33 6 39 98 00 01;'=1+1;Salon, 2;B2 : Mail : illisible. Et ?",
            '"MAS; Eva";;;B2;Salon, 3;Ni téléphone, ni courriel.',
        ]

    def test_the_file_is_read_as_the_list_was_and_gives_the_same_names(self):
        before, text = self.file()
        (after,) = propose(read_content("rejets.csv", text.encode("utf-8-sig")).sheets)

        assert [choice.targets for choice in after.choices] == [
            *(choice.targets for choice in before.choices),
            (),
            (),
        ]
        first, second = read_records(before)
        names = [entry_name(after, record, "salon") for record in read_records(after)]
        assert names[1] == entry_name(before, second, "salon")
        assert names[0] != entry_name(before, first, "salon")  # its formula is disarmed
