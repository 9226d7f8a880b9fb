import json
import re
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from functions.intake import submission
from functions.intake.messages import FieldError
from functions.intake.submission import (
    InvalidError,
    UnreadableError,
    parse_json,
    validate,
)
from functions.shared.journal.entries import fingerprint
from sheets_schema.schema import choices, load
from sheets_schema.text import bare
from tests.functions.intake.examples import ANA, FULL, anything, requests, submissions, without

EMOJI = "😀"


def faults(raw: Any) -> list[tuple[str, str]]:
    """What is wrong with a submission: (field, sentence); empty where nothing is."""
    try:
        validate(raw)
    except InvalidError as error:
        return [(error.field, error.message) for error in error.errors]
    return []


def test_a_whole_request_is_kept_as_it_was_sent():
    assert validate(FULL) == FULL


def test_what_is_not_said_takes_its_default():
    assert validate(ANA) == ANA | {
        "source": "site",
        "newsletter": False,
        "ambassador_contact": False,
        "target": {"unknown": True},
    }


@given(submissions())
def test_a_valid_request_is_accepted_and_stays_what_it_is(raw: dict[str, Any]):
    valid = validate(raw)
    assert validate(valid) == valid
    assert fingerprint(validate(valid)) == fingerprint(valid)


@given(anything | requests)
def test_whatever_is_sent_is_accepted_for_good_or_explained(raw: Any):
    messages = faults(raw)
    fields = [field for field, _ in messages]
    assert len(fields) == len(set(fields))
    assert all(sentence.endswith((".", " ?")) for _, sentence in messages)
    assert json.dumps(messages, ensure_ascii=False).encode()
    if not messages:
        assert validate(validate(raw)) == validate(raw)


# Rules: one faulty answer each, the field that is named and the sentence that is read.

PROJECTS = ", ".join(load("vocabulary")["$defs"]["project"]["oneOf"][i]["const"] for i in range(12))
SECTORS = ", ".join(choices(load("vocabulary")["$defs"]["sector"]))
NEEDS = ", ".join(choices(load("vocabulary")["$defs"]["need"]))
HORIZONS = ", ".join(choices(load("vocabulary")["$defs"]["horizon"]))
BAD_EMAIL = "cette adresse n'est pas valide (attendu : prenom.nom@example.org)."
BAD_PHONE = (
    "ce numéro n'est pas valide (attendu : 06 12 34 56 78, ou +32 470 12 34 56 depuis l'étranger)."
)
NO_COUNTRY = "écrivez ce numéro avec l'indicatif de son pays (par exemple +32 470 12 34 56)."
ACCENTED = "une adresse n'a pas de lettre accentuée avant le @ (attendu : prenom.nom@example.org)."
WHERE = "Où souhaitez-vous vous installer"
FROM = "Où habitez-vous aujourd'hui"
HELP = "Sur quoi avez-vous besoin d'aide"
MAIN = {"type": "farming"}
TEN_CODES = [f"460{number:02}" for number in range(1, 12)]

ONE_FAULT: list[tuple[dict[str, Any], str, str]] = [
    ({"first_name": 7}, "first_name", "Prénom : un texte est attendu."),
    ({"first_name": "a" * 81}, "first_name", "Prénom : 80 caractères au plus (81 reçus)."),
    ({"last_name": ["Martin"]}, "last_name", "Nom : un texte est attendu."),
    ({"last_name": "é" * 81}, "last_name", "Nom : 80 caractères au plus (81 reçus)."),
    ({"email": "ana@"}, "email", f"Courriel : {BAD_EMAIL}"),
    ({"email": "ana.example.org"}, "email", f"Courriel : {BAD_EMAIL}"),
    ({"email": "ana martin@example.org"}, "email", f"Courriel : {BAD_EMAIL}"),
    ({"email": "Ana <ana@example.org>"}, "email", f"Courriel : {BAD_EMAIL}"),
    ({"email": "ana@example.org,b@example.org"}, "email", f"Courriel : {BAD_EMAIL}"),
    ({"email": {"to": "ana"}}, "email", "Courriel : un texte est attendu."),
    ({"phone": "12"}, "phone", f"Téléphone : {BAD_PHONE}"),
    ({"phone": "appelez-moi"}, "phone", f"Téléphone : {BAD_PHONE}"),
    ({"phone": "06 12 34 56 7"}, "phone", f"Téléphone : {BAD_PHONE}"),
    ({"phone": "+33 0 00 00 00 00"}, "phone", f"Téléphone : {BAD_PHONE}"),
    ({"phone": 612345678}, "phone", "Téléphone : un texte est attendu."),
    (
        {"phone": "06" + " " * 75 + "12345678"},
        "phone",
        "Téléphone : 80 caractères au plus (85 reçus).",
    ),
    (
        {"best_time_to_call": "a" * 121},
        "best_time_to_call",
        "Quand vous appeler : 120 caractères au plus (121 reçus).",
    ),
    ({"projects": "farming"}, "projects", "Vos projets : une liste est attendue."),
    ({"projects": [MAIN] * 4}, "projects", "Vos projets : 3 réponses au plus."),
    ({"projects": ["farming"]}, "projects.0", "Projet principal : un objet est attendu."),
    ({"projects": [{}]}, "projects.0.type", "Projet principal : à renseigner."),
    (
        {"projects": [{"occupation": "boulangère"}]},
        "projects.0.type",
        "Projet principal : à choisir dans la liste ; le métier et le secteur ne le disent pas.",
    ),
    (
        {"projects": [MAIN, {"sector": "crafts"}]},
        "projects.1.type",
        "Autre projet : à choisir dans la liste ; le métier et le secteur ne le disent pas.",
    ),
    (
        {"projects": [{"type": "bakery"}]},
        "projects.0.type",
        f"Projet principal : choisissez parmi {PROJECTS}.",
    ),
    (
        {"projects": [MAIN, {"type": 3}]},
        "projects.1.type",
        "Autre projet : un texte est attendu.",
    ),
    (
        {"projects": [MAIN | {"occupation": "a" * 121}]},
        "projects.0.occupation",
        "Projet principal, Métier ou activité : 120 caractères au plus (121 reçus).",
    ),
    (
        {"projects": [MAIN, MAIN, MAIN | {"sector": "bakery"}]},
        "projects.2.sector",
        f"Autre projet, Secteur : choisissez parmi {SECTORS}.",
    ),
    (
        {"projects": [MAIN | {"sektor": "crafts"}]},
        "projects.0.sektor",
        "Le champ « sektor » n'existe pas ; vouliez-vous dire « sector » ?",
    ),
    (
        {"projects": [MAIN | {"x": 1}]},
        "projects.0.x",
        "Le champ « x » n'existe pas. Champs possibles : type, occupation, sector.",
    ),
    (
        {"horizon": "tomorrow"},
        "horizon",
        f"Quand pensez-vous vous installer : choisissez parmi {HORIZONS}.",
    ),
    ({"needs": "housing"}, "needs", f"{HELP} : une liste est attendue."),
    ({"needs": ["garden"]}, "needs.0", f"{HELP} : choisissez parmi {NEEDS}."),
    ({"needs": ["visit", "visit"]}, "needs", f"{HELP} : une réponse y figure deux fois."),
    ({"target": {}}, "target", f"{WHERE} : choisissez une réponse."),
    ({"target": {"communes": []}}, "target", f"{WHERE} : choisissez une réponse."),
    ({"target": {"communes": [" "]}}, "target", f"{WHERE} : choisissez une réponse."),
    ({"target": {"epcis": []}}, "target", f"{WHERE} : choisissez une réponse."),
    ({"target": "Figeac"}, "target", f"{WHERE} : un objet est attendu."),
    (
        {"target": {"anywhere": True, "unknown": True}},
        "target",
        f"{WHERE} : choisissez une seule réponse.",
    ),
    (
        {"target": {"anywhere": False}},
        "target.anywhere",
        "Partout dans le Lot : seule la valeur true est possible.",
    ),
    (
        {"target": {"unknown": 1}},
        "target.unknown",
        "Je ne sais pas encore : seule la valeur true est possible.",
    ),
    ({"target": {"communes": "46102"}}, "target.communes", "Communes : une liste est attendue."),
    (
        {"target": {"communes": ["12300"]}},
        "target.communes.0",
        "Commune : ce n'est pas une commune du Lot.",
    ),
    (
        {"target": {"communes": ["46102", "Figeac"]}},
        "target.communes.1",
        "Commune 2 : ce n'est pas une commune du Lot.",
    ),
    (
        {"target": {"communes": ["46102", "46102"]}},
        "target.communes",
        "Communes : une réponse y figure deux fois.",
    ),
    ({"target": {"communes": TEN_CODES}}, "target.communes", "Communes : 10 réponses au plus."),
    (
        {"target": {"epcis": ["46102"]}},
        "target.epcis.0",
        "Intercommunalité : ce n'est pas une intercommunalité du Lot.",
    ),
    (
        {"target": {"epcis": ["200067361", "200067361"]}},
        "target.epcis",
        "Intercommunalités : une réponse y figure deux fois.",
    ),
    (
        {"target": {"commune": ["46102"]}},
        "target.commune",
        "Le champ « commune » n'existe pas ; vouliez-vous dire « communes » ?",
    ),
    ({"origin": "Ixelles"}, "origin", f"{FROM} : un objet est attendu."),
    (
        {"origin": {"postcode": "1" * 41}},
        "origin.postcode",
        "Code postal : 40 caractères au plus (41 reçus).",
    ),
    ({"origin": {"postcode": 1050}}, "origin.postcode", "Code postal : un texte est attendu."),
    ({"origin": {"city": "a" * 81}}, "origin.city", "Ville : 80 caractères au plus (81 reçus)."),
    (
        {"origin": {"country": "a" * 61}},
        "origin.country",
        "Pays : 60 caractères au plus (61 reçus).",
    ),
    (
        {"origin": {"town": "Ixelles"}},
        "origin.town",
        "Le champ « town » n'existe pas. Champs possibles : postcode, city, country.",
    ),
    ({"household": 4}, "household", "Combien serez-vous : un objet est attendu."),
    (
        {"household": {"adults": 0}},
        "household.adults",
        "Adultes : un nombre entre 1 et 20 est attendu.",
    ),
    (
        {"household": {"adults": 21}},
        "household.adults",
        "Adultes : un nombre entre 1 et 20 est attendu.",
    ),
    ({"household": {"adults": "2"}}, "household.adults", "Adultes : un nombre entier est attendu."),
    ({"household": {"adults": 1.5}}, "household.adults", "Adultes : un nombre entier est attendu."),
    (
        {"household": {"adults": True}},
        "household.adults",
        "Adultes : un nombre entier est attendu.",
    ),
    (
        {"household": {"children": -1}},
        "household.children",
        "Enfants : un nombre entre 0 et 20 est attendu.",
    ),
    (
        {"household": {"children": 10**300}},
        "household.children",
        "Enfants : un nombre entre 0 et 20 est attendu.",
    ),
    (
        {"household": {"dogs": 2}},
        "household.dogs",
        "Le champ « dogs » n'existe pas. Champs possibles : adults, children.",
    ),
    (
        {"message": "a" * 2001},
        "message",
        "Parlez-nous de votre projet : 2000 caractères au plus (2001 reçus).",
    ),
    (
        {"source": "Salon TAF"},
        "source",
        "Source : lettres minuscules, chiffres et tirets seulement.",
    ),
    ({"source": "a" * 41}, "source", "Source : 40 caractères au plus (41 reçus)."),
    (
        {"newsletter": "oui"},
        "newsletter",
        "Recevoir la lettre d'information : true ou false est attendu.",
    ),
    (
        {"ambassador_contact": 1},
        "ambassador_contact",
        "Échanger avec une ambassadrice ou un ambassadeur du Lot : true ou false est attendu.",
    ),
    (
        {"firstname": "Ana"},
        "firstname",
        "Le champ « firstname » n'existe pas ; vouliez-vous dire « first_name » ?",
    ),
]


@pytest.mark.parametrize(
    ("change", "field", "sentence"), ONE_FAULT, ids=[str(fault[0])[:50] for fault in ONE_FAULT]
)
def test_a_faulty_answer_gets_one_sentence_that_names_it(change, field, sentence):
    assert faults(ANA | change) == [(field, sentence)]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("last_name", "Nom : à renseigner."),
        ("projects", "Vos projets : à renseigner."),
    ],
)
@pytest.mark.parametrize("blank", ["absent", None, "", "  \n ", "\u200b\ufeff \u200d", []])
def test_what_is_needed_must_be_there_and_not_blank(name, sentence, blank):
    one_name = without(ANA, "first_name")
    raw = without(one_name, name) if blank == "absent" else one_name | {name: blank}
    assert faults(raw) == [(name, sentence)]


def test_an_unknown_field_s_name_is_not_repeated_at_length():
    [(_, sentence)] = faults(ANA | {"x" * 5000: 1})
    assert sentence.startswith(f"Le champ « {'x' * 59}… » n'existe pas.")


def test_invisible_characters_are_dropped_around_and_kept_inside():
    family = "Ana \N{MAN}\N{ZERO WIDTH JOINER}\N{GIRL}"
    raw = ANA | {
        "first_name": f"\ufeff \u200b{family}\u200b\u200e ",
        "email": "\u200bana@example.org",
    }
    valid = validate(raw)
    assert (valid["first_name"], valid["email"]) == (family, "ana@example.org")


BLANK = [None, "", " \u202f", "\ufeff\u200b", []]


@pytest.mark.parametrize("blank", BLANK, ids=ascii)
@pytest.mark.parametrize("name", [*without(FULL, "last_name", "email", "projects", "target")])
def test_a_blank_answer_counts_as_not_given(name, blank):
    assert validate(FULL | {name: blank}) == validate(without(FULL, name))


@pytest.mark.parametrize("blank", BLANK, ids=ascii)
def test_so_does_a_blank_answer_within_an_answer(blank):
    raw = ANA | {
        "target": {"communes": blank, "anywhere": True},
        "origin": {"postcode": blank, "city": "Ixelles"},
        "household": {"adults": blank},
        "projects": [MAIN | {"sector": blank}],
        "needs": ["visit", blank] if blank != [] else ["visit"],
    }
    assert validate(raw) == validate(
        ANA
        | {"target": {"anywhere": True}, "origin": {"city": "Ixelles"}}
        | {"projects": [MAIN], "needs": ["visit"]}
    )


def test_a_target_that_is_null_is_not_given():
    assert validate(ANA | {"target": None}) == validate(ANA)


@pytest.mark.parametrize("blank", ["absent", *BLANK], ids=ascii)
@pytest.mark.parametrize(
    ("name", "other"), [("first_name", "last_name"), ("last_name", "first_name")]
)
def test_one_name_is_enough_wherever_it_was_written(name, other, blank):
    raw = without(ANA, other) | {name: "Suryadi"} | ({} if blank == "absent" else {other: blank})
    valid = validate(raw)
    assert valid["last_name"] == "Suryadi"
    assert "first_name" not in valid


def test_the_country_of_a_number_is_that_of_the_person_s_address():
    belgian = ANA | {"phone": "0470 12 34 56", "origin": {"country": "Belgique"}}
    assert validate(belgian)["phone"] == "+32470123456"
    assert validate(ANA | {"phone": "0470 12 34 56"})["phone"] == "+33470123456"
    asked = (
        "phone",
        f"Téléphone : {NO_COUNTRY}",
    )
    assert faults(ANA | {"phone": "0470 12 34 56", "origin": {"postcode": "1050"}}) == [asked]
    assert faults(ANA | {"phone": "0612345678", "origin": {"country": "Belgique"}}) == [asked]


def test_a_number_is_never_half_lost():
    assert faults(ANA | {"phone": "0612345678;0565123456"}) == [
        ("phone", "Téléphone : un seul numéro est possible : écrivez l'autre dans le message.")
    ]


@pytest.mark.parametrize("space", ["\u202f", "\u2009", "\u00a0", "\u200b", "\t"], ids=ascii)
def test_a_space_that_was_pasted_does_not_matter(space):
    raw = ANA | {
        "email": f"ana{space}@example.org",
        "phone": f"06{space}12{space}34 56 78",
        "origin": {"postcode": f"46{space}100"},
    }
    valid = validate(raw)
    assert (valid["email"], valid["phone"]) == ("ana@example.org", "+33612345678")
    assert valid["origin"] == {"postcode": "46100"}


@pytest.mark.parametrize("postcode", ["46009 CEDEX 9", "1200-195 Lisboa", "BFPO 801, B43, A1"])
def test_a_long_postcode_is_accepted(postcode):
    assert validate(ANA | {"origin": {"postcode": postcode}})["origin"] == {"postcode": postcode}


def test_an_accent_before_the_at_sign_is_refused_with_its_reason():
    assert faults(ANA | {"email": "camille.bonnét@example.org"}) == [
        (
            "email",
            f"Courriel : {ACCENTED}",
        )
    ]


def test_the_code_of_a_merged_commune_is_that_of_today_s():
    raw = ANA | {"target": {"communes": ["46326", "46201", "46102"]}}
    assert validate(raw)["target"] == {"communes": ["46201", "46102"]}


def test_one_means_of_contact_is_enough():
    assert "phone" not in validate(ANA)
    assert "email" not in validate(without(ANA, "email") | {"phone": "06 12 34 56 78"})


@pytest.mark.parametrize("raw", [without(ANA, "email"), ANA | {"email": " ", "phone": ""}])
def test_without_a_means_of_contact_one_is_asked_for(raw):
    assert faults(raw) == [
        ("email", "Courriel ou téléphone : indiquez au moins l'un des deux."),
    ]


def test_an_unknown_field_without_a_likeness_lists_what_can_be_said():
    known = ", ".join(load("submission")["properties"])
    assert faults(ANA | {"iban": "FR76"}) == [
        (
            "iban",
            f"Le champ « iban » n'existe pas. Champs possibles : {known}.",
        )
    ]


@pytest.mark.parametrize("raw", [[], [ANA], "Ana", 7, True, None])
def test_a_request_is_an_object(raw):
    assert faults(raw) == [("", "Votre projet d'installation dans le Lot : un objet est attendu.")]


CROWDED = ["a", *range(50)]


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"needs": CROWDED}, "needs", f"{HELP} : 50 réponses au plus."),
        (
            {"target": {"epcis": CROWDED}},
            "target.epcis",
            "Intercommunalités : 50 réponses au plus.",
        ),
        (
            {"x": {"y": [CROWDED]}},
            "x.y.0",
            "Votre projet d'installation dans le Lot : 50 réponses au plus.",
        ),
        (
            {"origin": {str(number): 1 for number in range(101)}},
            "origin",
            f"{FROM} : 100 champs au plus.",
        ),
    ],
    ids=["needs", "epcis", "unknown", "fields"],
)
def test_a_crowd_is_refused_before_its_members_are_compared(change, field, sentence):
    assert faults(ANA | change) == [(field, sentence)]


def test_as_many_as_are_looked_at_are_each_told():
    assert len(faults(ANA | {"needs": ["a", *range(1, 25)]})) == 25
    assert len(faults(ANA | {"origin": {str(number): 1 for number in range(100)}})) == 50


def test_every_fault_is_told_at_once():
    raw = {"first_name": "a" * 81, "phone": "12", "projects": [{"sector": "x"}], "horizon": 3}
    assert [field for field, _ in faults(raw)] == [
        "last_name",
        "first_name",
        "phone",
        "projects.0.type",
        "projects.0.sector",
        "horizon",
    ]


def test_a_field_with_several_faults_is_listed_once():
    assert faults(ANA | {"source": "É" * 50}) == [
        ("source", "Source : lettres minuscules, chiffres et tirets seulement.")
    ]


# Odd characters.


@pytest.mark.parametrize("char", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\ud800"])
def test_a_control_character_or_half_a_character_is_refused(char: str):
    sentence = "un caractère de contrôle ou illisible s'y trouve."
    assert faults(ANA | {"last_name": f"Mar{char}tin"}) == [("last_name", f"Nom : {sentence}")]
    assert faults(ANA | {"message": f"Bon{char}jour"}) == [
        ("message", f"Parlez-nous de votre projet : {sentence}")
    ]
    assert faults(ANA | {"projects": [MAIN | {"occupation": f"x{char}x"}]}) == [
        ("projects.0.occupation", f"Projet principal, Métier ou activité : {sentence}")
    ]


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_only_the_message_has_several_lines(end: str):
    forged = f"Martin{end}Bcc: b@example.org"
    assert faults(ANA | {"last_name": forged}) == [
        ("last_name", "Nom : la réponse tient sur une seule ligne.")
    ]
    assert validate(ANA | {"message": f"Un{end}deux"})["message"] == "Un\ndeux"


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        ({"first_name": {"x": "\x00"}}, "first_name.x"),
        ({"first_name": ["\x00"]}, "first_name.0"),
        ({"projects": {"type": "\x00"}}, "projects.type"),
        ({"needs": [["\x00"]]}, "needs.0.0"),
        ({"elsewhere": {"deep": ["\x00"]}}, "elsewhere.deep.0"),
    ],
)
def test_an_odd_character_where_no_field_is_has_its_place_named(raw, field):
    [(named, sentence)] = faults(ANA | raw)
    assert named == field
    assert sentence.endswith(" : un caractère de contrôle ou illisible s'y trouve.")


@pytest.mark.parametrize("name", ["\x00", "a\nb\x00", "\ud800"])
def test_a_field_name_with_an_odd_character_is_refused_without_being_repeated(name: str):
    assert faults(ANA | {name: "x"}) == [("", "Un nom de champ contient un caractère interdit.")]


@pytest.mark.parametrize(
    ("field", "most", "label"),
    [
        ("first_name", 80, "Prénom"),
        ("last_name", 80, "Nom"),
        ("message", 2000, "Parlez-nous de votre projet"),
    ],
)
def test_ten_thousand_emoji_are_too_many_and_both_numbers_are_told(field, most, label):
    full = f"{EMOJI * (most - 1)}a"
    assert validate(ANA | {field: full})[field] == full
    assert faults(ANA | {field: EMOJI * 10_000}) == [
        (field, f"{label} : {most} caractères au plus (10000 reçus).")
    ]


@pytest.mark.parametrize(
    "name",
    [
        '=HYPERLINK("http://example.org";"clic")',
        "+33 1a",
        "-1a",
        "@SUM(A1)",
        "<script>alert(1)</script>",
        "{{ a * 7 }}",
        "Robert'); DROP TABLE requests;--",
        "Ōé‘-ŵ 王",
    ],
)
def test_a_name_that_looks_like_code_is_the_text_it_is(name: str):
    assert validate(ANA | {"last_name": name})["last_name"] == name


# Tidying.


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("06 12 34 56 78", "+33612345678"),
        ("06.12.34.56.78", "+33612345678"),
        ("06-12-34-56-78", "+33612345678"),
        ("0033 6 12 34 56 78", "+33612345678"),
        ("+33 (0)6 12 34 56 78", "+33612345678"),
        ("05 65 53 43 26", "+33565534326"),
        ("+32 470 12 34 56", "+32470123456"),
        ("+44 20 7946 0958", "+442079460958"),
    ],
)
def test_a_phone_number_is_kept_in_international_form(typed: str, kept: str):
    assert validate(ANA | {"phone": typed})["phone"] == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" ana@example.org ", "ana@example.org"),
        ("Ana.Martin@EXAMPLE.ORG", "Ana.Martin@example.org"),
        ("ana@xn--exmple-cua.org", "ana@exämple.org"),
        ("ana@e\u0301te\u0301.example", "ana@été.example"),
    ],
)
def test_an_address_is_kept_in_one_form(typed: str, kept: str):
    assert validate(ANA | {"email": typed})["email"] == kept


def test_letters_are_composed_before_they_are_counted():
    assert validate(ANA | {"first_name": "E\u0301lodie"})["first_name"] == "Élodie"
    assert validate(ANA | {"first_name": "e\u0301" * 80})["first_name"] == "é" * 80


def test_spaces_around_and_blank_answers_are_dropped():
    raw = ANA | {
        "first_name": "  Ana\t",
        "phone": "  ",
        "message": "\n\n",
        "needs": ["", "visit", " "],
        "origin": {"city": " ", "country": "Belgique "},
        "household": {},
        "target": " ",
        "horizon": "",
    }
    assert without(validate(raw), "source", "newsletter", "ambassador_contact") == ANA | {
        "needs": ["visit"],
        "origin": {"country": "Belgique"},
        "target": {"unknown": True},
    }


def test_no_children_is_an_answer():
    assert validate(ANA | {"household": {"children": 0}})["household"] == {"children": 0}


def test_a_request_is_not_changed_by_its_validation():
    raw = json.loads(json.dumps(FULL)) | {"phone": "+33 6 12 34 56 78", "first_name": " Zoé "}
    before = json.dumps(raw)
    validate(raw)
    assert json.dumps(raw) == before


# The fingerprint.


@pytest.mark.parametrize(
    ("first", "other"),
    [
        ({}, {"source": "site", "newsletter": False}),
        ({"phone": "06 12 34 56 78"}, {"phone": "+33612345678", "message": " "}),
        ({"first_name": "Zoé"}, {"first_name": " Zoe\u0301"}),
        ({"household": {"adults": 2}}, {"household": {"adults": 2.0}}),
        ({"target": {"unknown": True}}, {"target": ""}),
    ],
)
def test_two_ways_to_say_the_same_have_one_fingerprint(first, other):
    reordered = dict(reversed((ANA | other).items()))
    assert fingerprint(validate(ANA | first)) == fingerprint(validate(reordered))


@settings(max_examples=40)
@given(submissions(), submissions())
def test_only_equal_requests_share_a_fingerprint(first, other):
    first, other = validate(first), validate(other)
    same = json.dumps(first, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert (fingerprint(first) == fingerprint(other)) == same


def test_the_order_of_projects_counts():
    two = [{"type": "farming"}, {"type": "studies"}]
    assert fingerprint(validate(ANA | {"projects": two})) != fingerprint(
        validate(ANA | {"projects": two[::-1]})
    )


# Privacy: no sentence repeats what was typed.

MARK = "Zorglub4242"
STRINGS = [
    ("first_name",),
    ("last_name",),
    ("email",),
    ("phone",),
    ("best_time_to_call",),
    ("projects",),
    ("projects", 0),
    ("projects", 0, "type"),
    ("projects", 0, "occupation"),
    ("projects", 0, "sector"),
    ("horizon",),
    ("needs",),
    ("needs", 0),
    ("target",),
    ("target", "communes"),
    ("target", "communes", 0),
    ("target", "epcis", 0),
    ("target", "anywhere"),
    ("origin",),
    ("origin", "postcode"),
    ("origin", "city"),
    ("origin", "country"),
    ("household", "adults"),
    ("message",),
    ("source",),
    ("newsletter",),
    ("elsewhere",),
    ("origin", "elsewhere"),
]


def planted(path: tuple[str | int, ...], value: Any) -> Any:
    """A request that has `value` at `path`, and nothing else there."""
    for step in reversed(path[1:]):
        value = [value] if isinstance(step, int) else {step: value}
    return ANA | {path[0]: value}


@pytest.mark.parametrize("path", STRINGS, ids=lambda path: ".".join(map(str, path)))
@pytest.mark.parametrize(
    "value",
    [
        MARK,
        MARK * 300,
        f"{MARK}\x00",
        f"{MARK}\n{MARK}",
        [MARK],
        [MARK, MARK],
        {"x": MARK},
        [[MARK]],
    ],
    ids=["bare", "long", "NUL", "lines", "list", "twice", "object", "nested"],
)
def test_no_sentence_repeats_what_was_typed(path, value):
    assert MARK not in str(faults(planted(path, value)))


@given(
    st.recursive(
        st.text(max_size=5).map(lambda text: text + MARK) | st.integers() | st.booleans(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from([*FULL, "type", "communes", "city"]), inner)
        ),
    )
)
def test_no_sentence_about_any_request_repeats_what_was_typed(raw):
    assert MARK not in str(faults(raw))
    assert MARK not in str(faults(ANA | {"target": raw, "projects": [raw]}))
    assert MARK not in str(faults(ANA | raw if isinstance(raw, dict) else [raw]))


# Strict JSON.


@pytest.mark.parametrize("value", [FULL, [], {}, "", 0, False, [[[[[[[[]]]]]]]]])
def test_json_is_read(value: Any):
    assert parse_json(json.dumps(value).encode()) == value


TOO_LARGE = (
    "Le corps de la requête compte trop de valeurs ou est trop imbriqué (500 valeurs, 8 niveaux)."
)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "Le corps de la requête n'est pas du JSON (ligne 1, colonne 1)."),
        (b"{\n  Ana", "Le corps de la requête n'est pas du JSON (ligne 2, colonne 3)."),
        (b'{"a": 1} {}', "Le corps de la requête n'est pas du JSON (ligne 1, colonne 10)."),
        (b'{"a": "\x00"}', "Le corps de la requête n'est pas du JSON (ligne 1, colonne 8)."),
        (b"{'a': 1}", "Le corps de la requête n'est pas du JSON (ligne 1, colonne 2)."),
        ("{}".encode("utf-16"), "Le corps de la requête n'est pas en UTF-8."),
        ('"é"'.encode("latin-1"), "Le corps de la requête n'est pas en UTF-8."),
        (b'"\xed\xa0\x80"', "Le corps de la requête n'est pas en UTF-8."),
        (b"[" * 9 + b"]" * 9, TOO_LARGE),
        (b'{"a": 1, "a": 2}', "Une clé figure deux fois dans le corps de la requête."),
        (
            b'[{"b": {"a": 1, "\\u0061": 1}}]',
            "Une clé figure deux fois dans le corps de la requête.",
        ),
        (b"NaN", "NaN n'est pas du JSON."),
        (b'{"a": -Infinity}', "-Infinity n'est pas du JSON."),
        (b"9" * 5000, "Un nombre du corps de la requête est trop grand."),
    ],
)
def test_what_is_not_strict_json_is_refused(body: bytes, sentence: str):
    with pytest.raises(UnreadableError, match=f"^{re.escape(sentence)}$"):
        parse_json(body)


def test_values_are_counted_before_anything_is_made_of_them():
    assert parse_json(b"[%b1]" % (b"1," * 499)) == [1] * 500
    texts = b'["%b", "\xc3\xa9"]' % (b"," * 2_000)
    assert parse_json(texts) == ["," * 2_000, "é"]
    for many in (b"[%b1]" % (b"1," * 500), b"[%b[]]" % (b"[]," * 15_000)):
        with pytest.raises(UnreadableError, match=f"^{re.escape(TOO_LARGE)}$"):
            parse_json(many)


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
@pytest.mark.parametrize("depth", [9, 100, 300, 500, 700, 900, 1000, 5000, 10_000])
def test_any_depth_is_refused_in_the_same_words(opening: bytes, depth: int):
    closing = b"]" if opening == b"[" else b"1}"[1:]
    body = opening * depth + (b"1" if opening != b"[" else b"") + closing * depth
    with pytest.raises(UnreadableError, match=f"^{re.escape(TOO_LARGE)}$"):
        parse_json(body)


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        ("1e999", "Adultes : un nombre entier est attendu."),
        ("-1e999", "Adultes : un nombre entier est attendu."),
        ("1e300", "Adultes : un nombre entre 1 et 20 est attendu."),
        ("9" * 4000, "Adultes : un nombre entre 1 et 20 est attendu."),
    ],
)
def test_a_number_beyond_reason_is_refused_like_any_other(number: str, sentence: str):
    raw = ANA | {"household": parse_json(b'{"adults": %s}' % number.encode())}
    assert faults(raw) == [("household.adults", sentence)]


def test_half_an_emoji_can_be_written_in_json_but_not_sent():
    raw = parse_json(json.dumps(ANA).encode().replace(b"Martin", rb"Mar\ud83dtin"))
    assert faults(raw) == [
        ("last_name", "Nom : un caractère de contrôle ou illisible s'y trouve."),
    ]


@given(st.binary() | st.text().map(str.encode))
@example(b"\xef\xbb\xbf{}")
def test_any_bytes_are_read_or_refused(body: bytes):
    refusal = ""
    try:
        value = parse_json(body)
    except UnreadableError as error:
        refusal = str(error)
    assert refusal.endswith(".") or parse_json(json.dumps(value).encode()) == value


def test_a_byte_order_mark_is_no_part_of_json():
    assert parse_json("\ufeff{}".encode()) == {}


def test_an_entry_is_a_field_and_its_sentence():
    with pytest.raises(InvalidError, match=r"^Certaines réponses sont à corriger\.$") as caught:
        validate(without(ANA, "first_name", "last_name"))
    assert caught.value.errors == [FieldError("last_name", "Nom : à renseigner.")]


@given(anything | requests | submissions())
def test_what_is_passed_quickly_has_no_fault_that_could_be_explained(raw):
    tidy = submission._tidy(raw)
    if not list(submission._unprintable(tidy)) and submission._is_valid(tidy):
        assert not list(submission._explaining().iter_errors(tidy))


@given(anything | requests | submissions())
@example(["a"] * 51)
@example({str(number): 1 for number in range(101)})
@example({"a": [{"b\x00": 1}]})
@example({"a": ["b\nc"]})
def test_nothing_is_wrong_with_the_length_or_the_characters_of_what_is_plain(value: Any):
    errors = [*submission._crowded(value), *submission._unprintable(value)]
    assert not (errors and submission._is_plain(value))


def test_most_answers_are_plain():
    assert submission._is_plain(without(FULL, "message"))


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20))
def test_plain_ascii_is_tidied_like_any_other_text(text: str):
    assert submission._tidy(text) == bare(text)


@pytest.mark.parametrize(
    "name", ["\u3164", "\u115f\u1160", "\u2800", "\u202e", "\U000e0041", " \u200b"]
)
def test_a_name_that_nobody_sees_is_none(name: str):
    nobody = ANA | {"first_name": name, "last_name": name}
    assert ("last_name", "Nom : à renseigner.") in faults(nobody)
    lone = validate(ANA | {"last_name": name})
    assert lone["last_name"] == ANA["first_name"]  # as somebody with one name only


@pytest.mark.parametrize("name", ["-", "42", "…", "👍", "\u0301", "\ufe0f", "."])
def test_a_name_has_a_letter(name: str):
    sentence = "Nom : écrivez-le avec des lettres."
    assert faults(ANA | {"last_name": name}) == [("last_name", sentence)]
    both = faults(without(ANA | {"last_name": name}, "projects"))
    assert {field for field, _ in both} == {"last_name", "projects"}


def test_a_name_and_a_message_are_seen_as_they_are():
    trick = "Ana\u202enitraM\u202c \U000e0065\u2066x\u2069"
    clean = validate(ANA | {"first_name": trick, "message": trick})
    assert (clean["first_name"], clean["message"]) == ("AnanitraM x", "AnanitraM x")
