import string
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from functions.intake.answers import PostedForm, parse_pairs, read_form
from functions.intake.messages import FieldError
from functions.intake.submission import InvalidError, UnreadableError, validate
from sheets_schema.schema import load
from sheets_schema.territory import territories
from tests.functions.intake.examples import ANA, FULL, submissions

NAMED = {"first_name": "Ana", "last_name": "Martin", "email": "ana.martin@example.org"}
PERSON = NAMED | {"projects.0.type": "employment"}


def posted(*pairs: tuple[str, str], **fields: str) -> PostedForm:
    return read_form(urlencode([*pairs, *fields.items()]).encode())


def submitted(*pairs: tuple[str, str]) -> dict[str, Any]:
    """What a form makes that says who Ana is, and `pairs`."""
    form = posted(*PERSON.items(), *pairs)
    assert form.errors == ()
    return validate(form.raw)


def errors(*pairs: tuple[str, str]) -> list[tuple[str, str]]:
    """All that is wrong with such a form."""
    form = posted(*PERSON.items(), *pairs)
    try:
        validate(form.raw)
    except InvalidError as error:
        return [(wrong.field, wrong.message) for wrong in (*form.errors, *error.errors)]
    return [(wrong.field, wrong.message) for wrong in form.errors]


def fields(value: Any, name: str = "") -> list[tuple[str, str]]:
    """A submission as the pairs that a browser posts: applicants name communes."""
    if name == "target.communes":
        return [(name, territories().communes[code].name) for code in value]
    match value:
        case dict():
            return [
                pair
                for key, inner in value.items()
                for pair in fields(inner, f"{name}.{key}" if name else key)
            ]
        case [dict(), *_]:
            return [
                pair
                for index, inner in enumerate(value)
                for pair in fields(inner, f"{name}.{index}")
            ]
        case list():
            return [pair for inner in value for pair in fields(inner, name)]
        case True:
            # The radio buttons of `target` are one question.
            group, _, kind = name.rpartition(".")
            return [(group, kind)] if group == "target" else [(name, "true")]
        case False:
            return []
    return [(name, str(value).replace("\n", "\r\n"))]


@given(submissions())
@example(FULL)
def test_a_request_that_comes_through_the_form_is_the_one_that_comes_as_json(raw: dict[str, Any]):
    form = posted(*fields(raw))
    assert form.errors == ()
    assert validate(form.raw) == validate(raw)


def test_what_was_typed_is_kept_as_it_was_typed():
    form = posted(("first_name", " Ana "), ("needs", "visit"), ("needs", "housing"), ("phone", ""))
    assert form.answers == {"first_name": [" Ana "], "needs": ["visit", "housing"], "phone": [""]}


def test_the_key_of_the_page_is_no_answer():
    form = posted(("idempotency_key", "k-1"), ("first_name", "Ana"))
    assert form.envelope == {"idempotency_key": "k-1"}
    assert "idempotency_key" not in form.answers
    assert "idempotency_key" not in form.raw


def test_blank_answers_are_not_given():
    blank = [("phone", " "), ("horizon", ""), ("needs", ""), ("origin.city", "\t"), ("target", "")]
    blank += [("target.communes", ""), ("projects.1.type", ""), ("household.adults", " ")]
    assert submitted(*blank) == validate(ANA)


@pytest.mark.parametrize(
    ("typed", "number"), [("2", 2), (" 2 ", 2), ("02", 2), ("0", 0), ("20", 20)]
)
def test_a_number_may_be_typed_as_one_likes(typed: str, number: int):
    assert submitted(("household.children", typed))["household"] == {"children": number}


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("deux", "Enfants : un nombre entier est attendu."),
        ("2,5", "Enfants : un nombre entier est attendu."),
        ("-1", "Enfants : un nombre entre 0 et 20 est attendu."),
        ("²", "Enfants : un nombre entier est attendu."),
        ("٣", "Enfants : un nombre entier est attendu."),
        ("21", "Enfants : un nombre entre 0 et 20 est attendu."),
        ("9" * 30, "Enfants : un nombre entier est attendu."),
        ("9" * 5000, "Enfants : un nombre entier est attendu."),
    ],
)
def test_what_is_not_a_number_of_people_is_explained(typed: str, sentence: str):
    assert errors(("household.children", typed)) == [("household.children", sentence)]


@pytest.mark.parametrize("value", ["true", "on", "1"])
def test_a_ticked_box_is_yes(value: str):
    assert submitted(("newsletter", value))["newsletter"] is True


@pytest.mark.parametrize("value", ["false", "off", "0"])
def test_a_box_may_be_sent_unticked(value: str):
    assert submitted(("newsletter", value))["newsletter"] is False


def test_a_box_with_a_strange_value_is_refused():
    assert errors(("newsletter", "maybe")) == [
        ("newsletter", "Recevoir la lettre d'information : true ou false est attendu.")
    ]


# Projects.


NO_TYPE = "à choisir dans la liste ; le métier et le secteur ne le disent pas."


def test_another_project_needs_the_first():
    form = posted(*NAMED.items(), ("projects.1.type", "farming"))
    with pytest.raises(InvalidError) as caught:
        validate(form.raw)
    assert caught.value.errors == [
        FieldError("projects.0.type", "Projet principal : à renseigner.")
    ]


def test_a_third_project_alone_is_the_second():
    form = posted(("projects.1.type", ""), ("projects.2.type", "farming"))
    assert form.raw["projects"][1:] == [{"type": "farming"}]
    # It is shown again where an error of it would stand.
    assert form.answers["projects.1.type"] == ["farming"]
    assert "projects.2.type" not in form.answers
    assert errors(("projects.2.occupation", "noix")) == [
        ("projects.1.type", f"Autre projet : {NO_TYPE}")
    ]


def test_a_main_project_is_never_taken_from_the_others():
    assert posted(("projects.0.type", ""), ("projects.1.type", "farming")).raw["projects"] == [
        {},
        {"type": "farming"},
    ]


def test_an_occupation_needs_its_project():
    assert errors(("projects.1.occupation", "maraîchage")) == [
        ("projects.1.type", f"Autre projet : {NO_TYPE}")
    ]


def test_an_empty_form_asks_for_what_is_needed():
    with pytest.raises(InvalidError) as caught:
        validate(read_form(b"").raw)
    assert [error.message for error in caught.value.errors] == [
        "Nom : à renseigner.",
        "Courriel ou téléphone : indiquez au moins l'un des deux.",
        "Projet principal : à renseigner.",
    ]


# Where.

NO_COMMUNE = "Commune : ce n'est pas une commune du Lot"
FIGEAC, CAHORS, COEUR_DE_CAUSSE = "46102", "46042", "46138"
GRAND_FIGEAC, GRAND_CAHORS = "200067361", "200023737"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Figeac", FIGEAC),
        ("FIGEAC", FIGEAC),
        (" figeac ", FIGEAC),
        ("46100 Figeac", FIGEAC),
        ("Figeac (46100)", FIGEAC),
        ("46\u202f100 Fi\u200bgeac", FIGEAC),
        ("46000", CAHORS),
        ("46009 CAHORS CEDEX 9", CAHORS),
        ("Montcuq", "46201"),
        ("Valprionde", "46201"),
        ("Cœur de Causse", COEUR_DE_CAUSSE),
        ("coeur de causse", COEUR_DE_CAUSSE),
        ("Labastide-Murat", COEUR_DE_CAUSSE),
        ("labastide murat", COEUR_DE_CAUSSE),
        ("Saint-Céré", "46251"),
        ("saint cere", "46251"),
        ("St Céré", "46251"),
    ],
)
def test_a_commune_is_understood_however_it_is_written(typed: str, code: str):
    assert submitted(("target.communes", typed))["target"] == {"communes": [code]}


def test_every_commune_is_found_by_every_name_the_page_offers():
    for commune in territories().communes.values():
        form = posted(("target.communes", commune.name))
        assert form.raw["target"] == {"communes": [commune.code]}


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("Figeak", "Commune : ce n'est pas une commune du Lot ; vouliez-vous dire « Figeac » ?"),
        ("cahor", "Commune : ce n'est pas une commune du Lot ; vouliez-vous dire « Cahors » ?"),
        ("Toulouse", "Commune : ce n'est pas une commune du Lot."),
        ("Grand-Figeac", "Commune : ce n'est pas une commune du Lot."),
        ("46999", "Commune : ce n'est pas une commune du Lot."),
        ("46009", "Commune : écrivez son nom plutôt que le code postal : Cahors."),
        ("46009 CEDEX 9", "Commune : écrivez son nom plutôt que le code postal : Cahors."),
        ("46100 Cahors", f"{NO_COMMUNE} ; vouliez-vous dire « Cahors » ou « Figeac » ?"),
        ("vers Figeac", f"{NO_COMMUNE} ; vouliez-vous dire « Saint Géry-Vers » ou « Figeac » ?"),
        ("plutôt du côté de Figeac", f"{NO_COMMUNE} ; vouliez-vous dire « Figeac » ?"),
        ("<script>", "Commune : ce n'est pas une commune du Lot."),
        (
            "Figeac, Cahor",
            "Commune (nom n° 2) : ce n'est pas une commune du Lot ; vouliez-vous dire « Cahors » ?",
        ),
        (
            "castelnau",
            f"{NO_COMMUNE} ; vouliez-vous dire « Castelnau-Montratier » ou « Castelfranc » ?",
        ),
        ("-", "Commune : ce n'est pas une commune du Lot."),
        ("x" * 200, "Commune : ce n'est pas une commune du Lot."),
    ],
)
def test_an_unknown_commune_is_told_with_what_it_resembles(typed: str, sentence: str):
    assert errors(("target.communes", typed)) == [("target.communes.0", sentence)]


def test_a_commune_far_too_long_is_not_looked_up():
    typed = [("target.communes", name) for name in ("x" * 30_000, "Figeak", "Figeac")]
    (field, sentence), (other, _) = errors(*typed)
    assert (field, other) == ("target.communes.0", "target.communes.1")
    assert sentence == "Commune : 200 caractères au plus (30000 reçus)."


def test_several_likely_communes_are_all_suggested():
    [(_, sentence)] = errors(("target.communes", "Saint-Jan"))
    assert sentence.startswith(
        "Commune : ce n'est pas une commune du Lot ; vouliez-vous dire « Saint-"
    )
    assert " ou « Saint-" in sentence
    assert sentence.endswith(" » ?")


def test_names_that_begin_so_or_have_the_word_come_first():
    [(_, sentence)] = errors(("target.communes", "St-Cirq"))
    assert sentence.endswith(
        "vouliez-vous dire « Saint-Cirq-Lapopie », « Saint-Cirq-Madelon », "
        "« Saint-Cirq-Souillaguet », « Saint-Clair » ou « Saint-Céré » ?"
    )
    [(_, sentence)] = errors(("target.communes", "lapopie"))
    assert sentence.endswith("vouliez-vous dire « Saint-Cirq-Lapopie » ?")


def test_a_postal_code_suggests_its_communes_the_town_first():
    # 46100 is Figeac's postal code, and the INSEE code of Faycelles.
    [(_, sentence)] = errors(("target.communes", "46100"))
    assert sentence.startswith(
        "Commune : écrivez son nom plutôt que le code postal : Figeac, Béduer, Boussac, "
    )
    assert sentence.endswith(" ou Viazac.")


def test_one_field_takes_several_communes():
    assert submitted(("target.communes", "Figeac, cahors;Figeac"))["target"] == {
        "communes": [FIGEAC, CAHORS]
    }


def test_two_names_in_one_text_are_two_communes():
    assert submitted(("target.communes", "Figeac et Cahors"))["target"] == {
        "communes": [FIGEAC, CAHORS]
    }


def test_each_unknown_commune_is_told_at_its_own_place_and_once():
    typed = ["Cahors", "Cahors", "", "Figeak", "Toulouse"]
    assert [field for field, _ in errors(*(("target.communes", name) for name in typed))] == [
        "target.communes.2",
        "target.communes.3",
    ]


def test_a_commune_named_twice_counts_once():
    twice = [("target.communes", "Labastide-Murat"), ("target.communes", "Cœur de Causse")]
    assert submitted(*twice)["target"] == {"communes": [COEUR_DE_CAUSSE]}


COMMUNES_TOO = (
    "Où souhaitez-vous vous installer : vous avez aussi écrit des communes ; effacez-les, "
    "ou choisissez « Dans une commune que je connais »."
)
TOWNS_TOO = (
    "Où souhaitez-vous vous installer : vous avez aussi coché des villes ; décochez-les, "
    "ou choisissez « Autour d'une ou de plusieurs villes »."
)


@pytest.mark.parametrize(
    ("chosen", "filled", "sentence"),
    [
        ("communes", ["communes", "epcis"], TOWNS_TOO),
        ("communes", ["epcis"], TOWNS_TOO),
        ("epcis", ["communes", "epcis"], COMMUNES_TOO),
        ("anywhere", ["epcis"], TOWNS_TOO),
        ("unknown", ["communes"], COMMUNES_TOO),
    ],
)
def test_no_answer_that_may_be_seen_is_dropped(chosen: str, filled: list[str], sentence: str):
    """Without a script the answers of another choice stay on the page, and are sent with it."""
    values = {"communes": "Cahors", "epcis": GRAND_FIGEAC}
    pairs = [(f"target.{kind}", values[kind]) for kind in filled]
    assert errors(("target", chosen), *pairs) == [("target", sentence)]


def test_blank_answers_of_another_choice_are_none():
    blank = [("target.communes", " "), ("target.epcis", "")]
    assert submitted(("target", "anywhere"), *blank)["target"] == {"anywhere": True}


def test_what_is_filled_in_counts_when_no_way_is_chosen():
    both = [("target.epcis", GRAND_FIGEAC), ("target.epcis", GRAND_CAHORS)]
    assert submitted(*both)["target"] == {"epcis": [GRAND_FIGEAC, GRAND_CAHORS]}


ONE_ANSWER = "Où souhaitez-vous vous installer : choisissez une seule réponse."


@pytest.mark.parametrize(
    "pairs",
    [
        [("target.communes", "Cahors"), ("target.epcis", GRAND_FIGEAC)],
        [("target", "anywhere"), ("target", "unknown")],
        [("target", "elsewhere")],
    ],
)
def test_two_ways_to_say_where_are_one_too_many(pairs):
    assert errors(*pairs) == [("target", ONE_ANSWER)]


@pytest.mark.parametrize(
    ("kind", "what"), [("communes", "au moins une commune"), ("epcis", "au moins une ville")]
)
def test_a_chosen_way_needs_its_answer(kind: str, what: str):
    blank = [("target", kind), ("target.communes", " ")]
    assert errors(*blank) == [("target", f"Où souhaitez-vous vous installer : indiquez {what}.")]


def test_a_territory_of_elsewhere_is_refused():
    assert errors(("target.epcis", "243100518")) == [
        ("target.epcis.0", "Intercommunalité : ce n'est pas une intercommunalité du Lot.")
    ]


# Names and bodies nobody's page has.


@pytest.mark.parametrize(
    "name",
    [
        "nowhere",
        "projects.9.type",
        "projects.3.type",
        "projects.type",
        "projects.0",
        "projects.0.x",
        "projects.0.type.x",
        "projects.-1.type",
        "projects.00.type",
        "projects.0.0",
        "a.b.c",
        "needs.0",
        "first_name.0",
        "first_name.x",
        "0",
        "0.0",
        ".",
        "target.anywhere",
        "target.communes.0",
        "target.nowhere",
        "origin.nowhere",
        "origin.city.x",
        "__proto__",
        "é",
    ],
)
def test_a_name_that_is_no_question_is_told(name: str):
    [(field, sentence)] = errors((name, "x"))
    assert field == name
    assert sentence.startswith("Le champ « ")


@pytest.mark.parametrize("name", ["projects", "origin", "household"])
def test_a_group_is_no_answer(name: str):
    [(field, sentence)] = errors((name, "x"))
    assert field == name
    assert sentence.endswith(("est attendue.", "est attendu."))


STEPS = [*load("submission")["properties"], "type", "sector", "city", "adults", "communes"]
STEPS += ["epcis", "anywhere", "0", "1", "2", "3", "9", "10", "-1", "x", "", "\x00"]
names = st.lists(st.sampled_from(STEPS), min_size=1, max_size=4).map(".".join)
names = names.filter(lambda name: len(name) <= 60)
values = st.sampled_from(
    ["", " ", "x", "true", "2", "farming", "Figeac", "46102", "\x00", "a\r\nb"]
)


@given(st.lists(st.tuples(names | st.text(max_size=60), values | st.text()), max_size=12))
def test_any_names_and_values_are_read_and_accepted_or_explained(pairs):
    form = read_form("&".join(f"{encode(k)}={encode(v)}" for k, v in pairs).encode())
    try:
        valid = validate(form.raw)
    except InvalidError as error:
        sentences = [wrong.message for wrong in error.errors]
    else:
        sentences = [wrong.message for wrong in form.errors]
        assert valid["projects"]
    assert all(sentence.endswith((".", " ?")) for sentence in sentences)


def encode(text: str) -> str:
    return quote_plus(text, errors="surrogatepass")


@given(
    st.binary() | st.text(string.ascii_letters + "&=+%.0123456789;", max_size=60).map(str.encode)
)
def test_any_bytes_are_a_form_or_are_refused(body: bytes):
    try:
        form = read_form(body)
    except UnreadableError as error:
        sentence = str(error)
    else:
        sentence = ""
        assert isinstance(form.raw, dict)
    assert sentence in ("", UNREADABLE)


UNREADABLE = "Le formulaire envoyé n'est pas lisible."


@pytest.mark.parametrize(
    "body",
    [
        b"first_name=\xff",
        b"first_name=%ff",
        b"first_name=%ED%A0%80",
        b"%ff=Ana",
        "first_name=Zoé".encode("latin-1"),
        b"&".join(b"needs=visit" for _ in range(201)),
        b"&" * 200,
    ],
)
def test_an_unreadable_form_is_refused(body: bytes):
    with pytest.raises(UnreadableError, match=f"^{UNREADABLE}$"):
        read_form(body)


def test_two_hundred_fields_are_read():
    form = read_form(b"&".join(b"needs=visit" for _ in range(200)))
    assert len(form.answers["needs"]) == 200


def test_a_cell_that_would_be_a_formula_is_the_text_it_is():
    formula = '=HYPERLINK("http://example.org";"x")'
    form = posted(*PERSON.items() - {("last_name", "Martin")}, ("last_name", formula))
    assert validate(form.raw)["last_name"] == formula


def test_a_field_whose_name_is_far_too_long_is_refused():
    assert read_form(b"a" * 60 + b"=x").raw["a" * 60] == "x"
    with pytest.raises(UnreadableError, match="dépasse 60 caractères"):
        read_form(b"." * 61 + b"=x")


def test_more_communes_than_one_may_name_are_not_looked_up():
    eleven = [("target.communes", "Figeak")] * 11
    assert errors(*eleven) == [
        ("target.communes", "Où souhaitez-vous vous installer : 10 communes au plus.")
    ]
    assert [field for field, _ in errors(*eleven[1:])][-1] == "target.communes.2"


@pytest.mark.parametrize(
    ("field", "label"),
    [
        ("best_time_to_call", "Quand vous appeler"),
        ("origin.city", "Ville"),
        ("projects.0.occupation", "Projet principal, Métier ou activité"),
    ],
)
def test_one_question_has_one_answer(field: str, label: str):
    sentence = f"{label} : une seule réponse est possible."
    assert errors((field, "a"), (field, "b")) == [(field, sentence)]
    assert errors((field, "a"), (field, " a "), (field, "")) == []


def test_a_question_of_several_answers_takes_them():
    assert submitted(("needs", "visit"), ("needs", "housing"))["needs"] == ["visit", "housing"]


class TestNamesAsPhpWritesThem:
    def test_they_say_the_same_as_ours(self):
        made = submitted(
            ("projects[0][occupation]", "boulangère"),
            ("needs[0]", "housing"),
            ("needs[1]", "childcare"),
            ("household[adults]", "2"),
            ("target[communes][]", "Figeac"),
            ("target[communes][]", "Cahors"),
        )

        assert made == submitted(
            ("projects.0.occupation", "boulangère"),
            ("needs", "housing"),
            ("needs", "childcare"),
            ("household.adults", "2"),
            ("target.communes", "Figeac"),
            ("target.communes", "Cahors"),
        )

    @pytest.mark.parametrize(
        "name", ["projects[]", "projects[0]", "first_name[]", "[needs]", "x[y"]
    )
    def test_what_is_no_question_is_named(self, name):
        assert len(errors((name, "x"))) == 1


# What other programs make of what a person wrote.


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("D&#039;Angelo", "D'Angelo"),
        ("D&#x27;Angelo", "D'Angelo"),
        ("D&apos;Angelo", "D'Angelo"),
        ("&lt;Ana&gt; &quot;A&quot; &amp; co", '<Ana> "A" & co'),
        ("D&amp;#039;Angelo", "D&#039;Angelo"),  # once
        ("Ana &eacute; &nbsp; &copy", "Ana &eacute; &nbsp; &copy"),
        ("R&D; a&b=c & d", "R&D; a&b=c & d"),
        ("&#0; &#7; &#x110000; &#55296;", "&#0; &#7; &#x110000; &#55296;"),  # no characters
    ],
)
def test_what_a_cms_escaped_for_a_page_is_read_as_it_was_written(sent: str, meant: str):
    form = posted(("last_name", sent), ("target.communes", "Figeac"))
    assert form.raw["last_name"] == meant
    assert form.answers["last_name"] == [meant]


def test_what_was_typed_into_our_own_page_is_meant_as_it_stands():
    body = urlencode({"last_name": "D&#039;Angelo"}).encode()
    assert read_form(body, own=True).raw["last_name"] == "D&#039;Angelo"


def test_a_key_stays_as_it_came():
    assert posted(("idempotency_key", "a&#039;b")).envelope == {"idempotency_key": "a&#039;b"}


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b"%EF%BB%BF"])
def test_a_byte_order_mark_is_no_part_of_a_name(mark: bytes):
    assert read_form(mark + b"last_name=Martin").raw["last_name"] == "Martin"


@pytest.mark.parametrize("blank", ["\u202f", "\u200b\ufeff", " \t"], ids=ascii)
def test_what_nobody_sees_is_no_answer(blank: str):
    pairs = [(name, blank) for name in ("phone", "target", "target.communes", "target.epcis")]
    assert submitted(*pairs, ("projects.1.occupation", blank)) == submitted()


def pairs(read: Any, *arguments: Any, **options: Any) -> Any:
    try:
        return read(*arguments, **options)
    except ValueError:
        return "unreadable"


CODED = [
    "%",
    "=",
    "&",
    "+",
    "a",
    "3D",
    "é",
    "\n",
    "_",
    "%0D%0A",
    "%3D",
    "%25",
    "%C3%A9",
    "%C3",
    "%zz",
]


@given(st.lists(st.sampled_from(CODED), max_size=12).map("".join))
def test_a_body_is_read_as_the_standard_library_reads_it(body):
    options = {"keep_blank_values": True, "errors": "strict"}
    assert pairs(parse_pairs, body.encode()) == pairs(parse_qsl, body, **options)


def test_a_long_body_has_no_percent_sign_without_its_digits():
    assert parse_pairs(b"message=" + b"%C3%A9" * 5_000) == [("message", "é" * 5_000)]
    assert parse_pairs(b"message=100%") == [("message", "100%")]
    with pytest.raises(UnreadableError, match="lisible"):
        read_form(b"message=" + b"%zz" * 5_000)


def test_names_alike_are_searched_for_a_few_communes_only():
    wrong = errors(*(("target.communes", "Figeak") for _ in range(5)))
    assert [("Figeac" in sentence) for _, sentence in wrong] == [True, True, False]
