import base64
import hashlib
import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from functions.intake.answers import read_form
from functions.intake.assets import page_script
from functions.intake.form import (
    HIDDEN,
    Form,
    Frame,
    inline_hashes,
    render_confirmation,
    render_form,
)
from functions.intake.messages import FieldError
from functions.intake.submission import InvalidError, validate
from functions.intake.words import Language
from sheets_schema.schema import load
from sheets_schema.territory import territories
from tests.functions.intake.examples import FULL
from tests.functions.intake.test_answers import fields, names, values
from tests.functions.pages import Element, Page

SCHEMA = load("submission")
QUESTIONS = SCHEMA["properties"]
Answers = dict[str, list[str]]


def form(
    answers: Answers | None = None,
    errors: Sequence[FieldError] = (),
    key: str = "k-1",
    privacy_contact: str = "donnees@example.org",
    form_page: str = "",
    **more: Any,
) -> Element:
    state = Form(key, answers=answers, errors=errors, **more)
    page = str(render_form(state, privacy_contact, form_page))
    assert page.startswith("<!doctype html>") == (more.get("frame") != "fragment")
    return Page(page).root


def answered(pairs: Sequence[tuple[str, str]]) -> Answers:
    answers: Answers = {}
    for name, value in pairs:
        answers.setdefault(name, []).append(value)
    return answers


def control(page: Element, name: str) -> Element:
    """The one control of a question."""
    [element] = [
        element for element in page.all(name=name) if element.tag in ("input", "select", "textarea")
    ]
    return element


def value(page: Element, name: str) -> str:
    """What stands in the field."""
    element = control(page, name)
    if element.tag == "select":
        chosen = [option for option in element.all("option") if "selected" in option.attributes]
        return chosen[0]["value"] if chosen else ""
    # Browsers drop the line break right after the tag.
    return element["value"] if element.tag == "input" else element.own_text.removeprefix("\n")


def ticked(page: Element, name: str) -> list[str]:
    return [
        element["value"]
        for element in page.all("input", name=name)
        if "checked" in element.attributes
    ]


def label_of(page: Element, name: str) -> str:
    element = control(page, name)
    around = element.parent
    assert around is not None
    return (
        around.text if around.tag == "label" else page.only("label", **{"for": element["id"]}).text
    )


def names_on(page: Element) -> list[str]:
    """The name of every control of the form, each once."""
    controls = page.only("form").all()
    names = [element["name"] for element in controls if "name" in element.attributes]
    return list(dict.fromkeys(names))


def leaves() -> list[str]:
    """The names under which a form sends every property of the schema."""
    names = []
    for name, schema in QUESTIONS.items():
        if name == "projects":
            parts = schema["items"]["properties"]
            names += [f"projects.{i}.{part}" for i in range(schema["maxItems"]) for part in parts]
        elif name == "target":
            names += ["target", "target.epcis", "target.communes"]
        elif schema["type"] == "object":
            names += [f"{name}.{part}" for part in schema["properties"]]
        else:
            names.append(name)
    return names


# Every question is there.


def test_every_property_of_the_schema_is_asked_for_once():
    asked = names_on(form())
    assert sorted([*asked, *HIDDEN]) == sorted([*leaves(), "idempotency_key", "homepage"])


@pytest.mark.parametrize(
    "name",
    [name for name in leaves() if not name.startswith(("target", "needs", *HIDDEN))],
)
def test_a_question_has_one_control(name: str):
    assert control(form(), name)["id"] == name


def test_the_source_travels_unseen():
    assert control(form({"source": ["salon-taf"]}), "source").attributes == {
        "type": "hidden",
        "name": "source",
        "value": "salon-taf",
    }


def test_the_page_sends_its_key():
    assert control(form(key='k"<1>'), "idempotency_key")["value"] == 'k"<1>'


@pytest.mark.parametrize(
    ("name", "caption"),
    [
        ("first_name", "Prénom"),
        ("last_name", "Nom *"),
        ("email", "Courriel"),
        ("phone", "Téléphone"),
        ("best_time_to_call", "Quand vous appeler ?"),
        ("projects.0.type", "Projet principal *"),
        ("projects.0.occupation", "Métier ou activité"),
        ("projects.1.type", "Autre projet"),
        ("projects.2.type", "Autre projet"),
        ("projects.2.sector", "Secteur"),
        ("horizon", "Quand pensez-vous vous installer ?"),
        ("origin.city", "Ville"),
        ("household.children", "Enfants"),
        ("message", "Parlez-nous de votre projet"),
        ("newsletter", "Recevoir la lettre d'information"),
        ("ambassador_contact", "Échanger avec une ambassadrice ou un ambassadeur du Lot"),
    ],
)
def test_a_question_is_labelled_and_marked_when_it_is_needed(name: str, caption: str):
    page = form()
    assert label_of(page, name) == caption
    assert ("required" in control(page, name).attributes) == caption.endswith("*")


def test_no_line_breaks_before_a_question_mark_or_a_colon():
    page = form({}, [FieldError("phone", "Téléphone : non.")])
    assert label_of(page, "horizon") == "Quand pensez-vous vous installer ?"
    label = page.only("label", **{"for": "horizon"})
    assert label.own_text == "Quand pensez-vous vous installer\N{NO-BREAK SPACE}?"
    assert page.only(id="phone-erreur").own_text == "Téléphone\N{NO-BREAK SPACE}: non."


def test_the_star_is_explained():
    assert "Les champs marqués d'un * sont obligatoires." in form()


@pytest.mark.parametrize("name", ["email", "phone"])
def test_one_of_two_ways_to_reach_somebody_is_needed(name: str):
    page = form()
    first = control(page, name)["aria-describedby"].split()[0]
    assert page.only(id=first).text == "Indiquez au moins un courriel ou un téléphone."


def test_the_bait_is_hidden_from_people():
    page = form({"homepage": ["https://robots.example"]})
    bait = control(page, "homepage")
    around = bait.parent
    assert around is not None
    assert around["aria-hidden"] == "true"
    assert (bait["value"], bait["tabindex"], bait["autocomplete"]) == ("", "-1", "off")
    assert label_of(page, "homepage") == "Laissez ce champ vide"


@pytest.mark.parametrize(
    "name", ["email", "phone", "best_time_to_call", "projects.1.occupation", "message"]
)
def test_a_question_has_its_hint(name: str):
    schema = QUESTIONS["projects"]["items"]["properties"] | QUESTIONS
    page = form()
    hint = control(page, name)["aria-describedby"].split()[-1]
    assert page.only(id=hint).text == schema[name.rpartition(".")[2]]["description"]


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("horizon", QUESTIONS["horizon"]),
        ("projects.0.type", QUESTIONS["projects"]["items"]["properties"]["type"]),
        ("projects.2.sector", QUESTIONS["projects"]["items"]["properties"]["sector"]),
    ],
)
def test_choices_are_those_of_the_schema_in_its_words(name: str, schema: dict):
    options = [(element["value"], element.text) for element in control(form(), name).all("option")]
    assert options == [("", "Choisissez")] + [
        (choice["const"], choice["title"]) for choice in schema["oneOf"]
    ]


def test_needs_are_boxes_to_tick():
    boxes = form().all("input", name="needs")
    assert [(box["type"], box["value"], box.parent and box.parent.text) for box in boxes] == [
        ("checkbox", choice["const"], choice["title"])
        for choice in QUESTIONS["needs"]["items"]["oneOf"]
    ]


def test_an_intercommunalite_reads_as_the_surroundings_of_its_town():
    offered = {
        box["value"]: box.parent and box.parent.text for box in form().all(name="target.epcis")
    }
    assert offered["200067361"] == "Autour de Figeac (Grand-Figeac)"
    assert list(offered) == [epci.code for epci in territories().epcis.values() if epci.seated]
    assert len(offered) == 9


def test_every_commune_is_suggested_while_one_types():
    page = form()
    suggested = [option["value"] for option in page.only(id="communes").all("option")]
    assert suggested == [commune.name for commune in territories().communes.values()]
    assert len(suggested) == 312
    assert {element["list"] for element in page.all("input", name="target.communes")} == {
        "communes"
    }


def test_the_ways_to_say_where_are_one_question():
    page = form()
    ways = [
        (element["value"], element.parent and element.parent.text)
        for element in page.all(name="target")
    ]
    assert ways == [
        ("epcis", "Autour d'une ou de plusieurs villes"),
        ("communes", "Dans une commune que je connais"),
        ("anywhere", "Partout dans le Lot"),
        ("unknown", "Je ne sais pas encore"),
    ]


def test_no_field_cuts_what_is_pasted_into_it():
    assert not [element["name"] for element in form().all() if "maxlength" in element.attributes]


def test_phones_and_browsers_are_told_what_to_expect():
    page = form()
    assert (control(page, "email")["type"], control(page, "phone")["type"]) == ("email", "tel")
    assert (control(page, "email")["inputmode"], control(page, "phone")["inputmode"]) == (
        "email",
        "tel",
    )
    assert control(page, "household.adults")["inputmode"] == "numeric"
    assert control(page, "first_name")["autocomplete"] == "given-name"


def test_the_notice_says_who_reads_the_answers_and_whom_to_write_to():
    page = form(privacy_contact="donnees@example.org")
    notice = page.only("section", **{"class": "privacy"})
    for said in (
        "mettre en relation",
        "Département du Lot",
        "délégué à la protection des données",
        "mission d'intérêt public",
        "votre accord",
        "Le reste est facultatif",
        "chambres consulaires",
        "Google Sheets et, pendant quelques semaines, dans le journal technique",
        "dans les courriels adressés aux référents",
        "gardée dans votre propre navigateur, sept jours au plus",
        "trois ans",
        "Accès, rectification, effacement, limitation et opposition",
    ):
        assert said in notice
    links = {link["href"]: link.text for link in notice.all("a")}
    assert links == {
        "mailto:donnees@example.org": "donnees@example.org",
        "https://www.cnil.fr/fr/plaintes": "CNIL (nouvelle fenêtre)",
    }
    assert not list(notice.all("input"))


# What was typed is shown again.

NASTY = [
    "Zoé",
    '"><script>alert(1)</script>',
    "</textarea><b>x</b>",
    "{{ 7 * 7 }} {% x %}",
    "&amp; &lt; & <",
    "'\"`=",
    "=HYPERLINK(1)",
    "\N{RIGHT-TO-LEFT OVERRIDE}éoZ",
]


@pytest.mark.parametrize("typed", NASTY)
@pytest.mark.parametrize(
    "name", ["first_name", "email", "projects.2.occupation", "origin.city", "message"]
)
def test_what_was_typed_is_shown_again_as_text(name: str, typed: str):
    page = form({name: [typed]}, [FieldError(name, "Non.")])
    assert value(page, name) == typed
    assert [element.own_text for element in page.all("script")] == [page_script()]
    assert not list(page.all("b"))


@settings(max_examples=40)
@given(st.text())
@example("\nBonjour")
@example("\n")
def test_any_message_is_shown_again_as_it_was(typed: str):
    page = form({"message": [typed], "first_name": [typed]})
    assert value(page, "first_name") == typed
    assert value(page, "message") == typed


def test_every_answer_is_shown_again():
    pairs = fields(FULL)
    page = form(answered(pairs))
    single = {name: text for name, text in pairs if not name.startswith(("needs", "target"))}
    for name in ("newsletter", "ambassador_contact"):
        assert single.pop(name) in ticked(page, name)
    assert {name: value(page, name) for name in single} == single
    assert ticked(page, "needs") == ["housing", "childcare"]
    assert [element["value"] for element in page.all("input", name="target.communes")] == [
        "Figeac",
        "Cahors",
        "",
    ]


def test_a_page_shown_again_sends_the_same_again():
    """What a person sees after a mistake is what was typed, whole: sending it gives the same."""
    page = form(answered(fields(FULL)))
    sent = []
    for element in page.only("form").all():
        if element.get("type") in ("checkbox", "radio"):
            sent += [(element["name"], element["value"])] if "checked" in element.attributes else []
        elif element.tag in ("input", "select", "textarea"):
            sent += [(element["name"], value(element.parent or element, element["name"]))]
    assert validate(read_form(urlencode(sent).encode()).raw) == FULL


@pytest.mark.parametrize("kind", ["epcis", "communes", "anywhere", "unknown"])
def test_the_chosen_way_to_say_where_stays_chosen(kind: str):
    assert ticked(form({"target": [kind]}), "target") == [kind]


def test_ticked_intercommunalites_stay_ticked():
    assert ticked(form({"target.epcis": ["200067361"]}), "target.epcis") == ["200067361"]


@pytest.mark.parametrize("count", [0, 1, 3, 4, 12])
def test_all_communes_typed_are_shown_in_three_fields_at_least(count: int):
    typed = [f"Commune {number}" for number in range(count)]
    shown = [
        element["value"] for element in form({"target.communes": typed}).all(name="target.communes")
    ]
    assert shown == typed + [""] * (3 - count)


def test_the_other_projects_are_open_where_something_is_said_or_wrong():
    def opened(**given: Answers | list[FieldError]) -> list[bool]:
        return ["open" in element.attributes for element in form(**given).all("details")][:2]  # type: ignore[arg-type]

    assert opened() == [False, False]
    assert opened(answers={"projects.2.type": ["farming"]}) == [False, True]
    assert opened(errors=[FieldError("projects.1.type", "Non.")]) == [True, False]


# Errors.


def faulty(*pairs: tuple[str, str]) -> Element:
    """The page that answers a faulty form."""
    posted = read_form(urlencode(pairs).encode())
    try:
        validate(posted.raw)
    except InvalidError as error:
        return form(dict(posted.answers), [*posted.errors, *error.errors])  # type: ignore[arg-type]
    return form(dict(posted.answers), posted.errors)  # type: ignore[arg-type]


def summary(page: Element) -> Element:
    return page.only("section", **{"class": "summary"})


def links(page: Element) -> list[str]:
    return [link["href"] for link in summary(page).all("a")]


def test_a_page_without_errors_has_none():
    page = form()
    assert page.only("title").text == "Votre projet d'installation dans le Lot – Oh my Lot !"
    assert not list(page.all("section", **{"class": "summary"}))
    assert not list(page.all(**{"aria-invalid": "true"}))


def test_errors_come_first_in_the_title_and_on_the_page():
    page = faulty(("needs", "x"), ("email", "ana"))
    assert page.only("title").text.startswith("Erreur : Votre projet")
    inside = [element.get("class") or element.tag for element in page.only("main").all()]
    assert inside.index("summary") < inside.index("form")
    assert "autofocus" in summary(page).attributes
    assert summary(page).only("h2").text == "4 réponses sont à corriger"
    assert "Rien de ce que vous avez écrit n'est perdu." in summary(page)


def test_errors_are_listed_in_the_order_of_the_page_with_links():
    page = faulty(
        ("household.adults", "x"),
        ("target", "communes"),
        ("target.communes", "Figeak"),
        ("horizon", "x"),
        ("phone", "12"),
        ("message", "a" * 2001),
        ("projects.1.sector", "crafts"),
    )
    assert links(page) == [
        "#last_name",
        "#phone",
        "#projects.0.type",
        "#projects.1.type",
        "#horizon",
        "#target.communes.0",
        "#household.adults",
        "#message",
    ]
    order = [element["id"] for element in page.only("form").all() if "id" in element.attributes]
    places = [order.index(link.removeprefix("#")) for link in links(page)]
    assert places == sorted(places)


def test_one_error_is_one():
    page = form({}, [FieldError("phone", "Téléphone : non.")])
    assert summary(page).only("h2").text == "Une réponse est à corriger"


@pytest.mark.parametrize(
    "name", ["first_name", "email", "phone", "projects.1.type", "horizon", "origin.city", "message"]
)
def test_a_faulty_field_says_so_beside_itself(name: str):
    page = form({}, [FieldError(name, "Cela ne va pas : voyez.")])
    faulty_one = control(page, name)
    assert faulty_one["aria-invalid"] == "true"
    said = [page.only(id=identifier).text for identifier in faulty_one["aria-describedby"].split()]
    assert said[-1] == "Cela ne va pas : voyez."
    assert [element["name"] for element in page.all(**{"aria-invalid": "true"})] == [name]


@pytest.mark.parametrize("name", ["target", "needs"])
def test_a_faulty_group_of_choices_says_so_above_them(name: str):
    page = form({}, [FieldError(name, "Non.")])
    [group] = [
        element for element in page.all("fieldset") if "aria-describedby" in element.attributes
    ]
    assert page.only(id=group["aria-describedby"]).text == "Non."
    assert list(group.all("input", name=name))


@pytest.mark.parametrize(
    ("field", "link"),
    [
        ("phone", "#phone"),
        ("target", "#target.epcis"),
        ("target.epcis.0", "#target.epcis"),
        ("target.communes.2", "#target.communes.2"),
        ("target.communes.3", "#target.epcis"),
        ("needs.1", "#needs"),
        ("projects.2.sector", "#projects.2.sector"),
        ("projects.9.type", "#formulaire"),
        ("projects", "#formulaire"),
        ("origin", "#formulaire"),
        ("source", "#formulaire"),
        ("nowhere", "#formulaire"),
    ],
)
def test_an_error_leads_to_its_question_or_else_to_the_form(field: str, link: str):
    page = form({}, [FieldError(field, "Non.")])
    assert links(page) == [link]
    assert page.only(id=link.removeprefix("#"))


@pytest.mark.parametrize(
    ("name", "caption", "most"),
    [
        ("message", "Parlez-nous de votre projet", 2000),
        ("first_name", "Prénom", 80),
        ("projects.1.occupation", "Autre projet, Métier ou activité", 120),
        ("target.communes", "Commune", 200),
    ],
)
def test_what_is_too_long_is_shown_whole_and_says_how_long_it_is(
    name: str, caption: str, most: int
):
    typed = "é<" * 2_000
    page = faulty(("projects.0.type", "health"), ("projects.1.type", "health"), (name, typed))
    [marked] = page.all(name=name, **{"aria-invalid": "true"})
    shown = value(page, name) if marked.tag == "textarea" else marked["value"]
    assert shown == typed
    sentences = [link.text for link in summary(page).all("a") if link["href"] == f"#{marked['id']}"]
    assert sentences == [f"{caption} : {most} caractères au plus (4000 reçus)."]


def test_an_unknown_commune_is_marked_where_it_was_typed():
    page = faulty(
        *[("target", "communes"), ("target.communes", "Cahors")],
        *[("target.communes", " "), ("target.communes", "Figeak")],
    )
    [marked] = [
        element
        for element in page.all("input", name="target.communes")
        if element.get("aria-invalid")
    ]
    assert marked["value"] == "Figeak"
    assert "#" + marked["id"] in links(page)


@pytest.mark.parametrize(
    ("lang", "captions"),
    [
        ("fr", ["Commune : ", "Commune 2 (nom n° 2) : ", "Commune 3 : "]),
        ("en", ["Commune: ", "Commune 2 (name no. 2): ", "Commune 3: "]),
    ],
)
def test_an_error_about_a_commune_begins_with_the_caption_of_its_field(
    lang: Language, captions: list[str]
):
    typed = [("target.communes", text) for text in ("Figeak", "Cahors, Figeak", "46100")]
    posted = read_form(urlencode(typed).encode())
    page = form(dict(posted.answers), posted.errors, lang=lang)  # type: ignore[arg-type]
    shown = [link.text for link in summary(page).all("a")]
    for said, caption, error in zip(shown, captions, posted.errors, strict=True):
        assert said.startswith(caption)
        assert caption.startswith(page.only("label", **{"for": error.field}).text)
    # The script makes buttons of the names that each proposes.
    offered = [error["data-proposed"].split("|") for error in page.all("p", **{"class": "error"})]
    assert ["Figeac" in names for names in offered] == [True, True, True]
    assert all("«" not in name for names in offered for name in names)


def test_a_notice_is_about_the_whole_form():
    page = form({"first_name": ["Ana"]}, [FieldError("", "Réessayez.")])
    assert summary(page).only("h2").text == "Votre demande est à renvoyer"
    assert "Rien de ce que vous avez écrit n'est perdu." in summary(page)
    assert links(page) == ["#formulaire"]
    assert not list(page.all(**{"aria-invalid": "true"}))


def test_nothing_is_promised_about_what_could_not_be_read():
    page = form({}, [FieldError("", "Le formulaire envoyé n'est pas lisible.")])
    assert "perdu" not in summary(page)


# Any page.


def check(page: Element) -> None:
    """What is true of every page, whatever was typed and whatever is wrong."""
    ids = [element["id"] for element in page.all() if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    assert {
        link.removeprefix("#") for element in page.all("section") for link in hrefs(element)
    } <= {*ids}
    for element in page.all():
        for reference in ("aria-describedby", "aria-labelledby", "for", "list"):
            assert {*(element.get(reference) or "").split()} <= {*ids}
        assert not [name for name in element.attributes if name.startswith("on")]
    error_ids = {element["id"] for element in page.all("p", **{"class": "error"})}
    described = {
        reference
        for element in page.all()
        for reference in (element.get("aria-describedby") or "").split()
    }
    assert error_ids <= described
    assert [element.own_text for element in page.all("script")] == [page_script()]
    for field in page.only("form").all():
        if field.tag in ("input", "select", "textarea") and field.get("type") != "hidden":
            around = field.parent
            assert around is not None
            assert around.tag == "label" or page.only("label", **{"for": field["id"]}).text


def hrefs(section: Element) -> list[str]:
    return [element["href"] for element in section.all("a") if element["href"].startswith("#")]


@pytest.mark.parametrize(
    "make",
    [
        form,
        lambda: form(answered(fields(FULL))),
        faulty,
        lambda: faulty(("target.epcis", "x"), ("needs", "x"), ("source", "É"), ("nowhere", "1")),
        lambda: faulty(("target.communes.7", "x"), ("projects.9.type", "x"), ("projects", "x")),
        lambda: form({}, [FieldError("", "Non.")]),
    ],
    ids=["blank", "full", "empty", "crafted", "misnamed", "notice"],
)
def test_a_page_is_whole(make: Callable[[], Element]):
    page = make()
    check(page)
    assert page.only("form")["method"] == "post"


@settings(max_examples=30)
@given(st.lists(st.tuples(names.filter(lambda name: len(name) <= 60), values), max_size=8))
def test_any_form_sent_by_anybody_comes_back_as_a_whole_page(pairs):
    page = faulty(*pairs)
    check(page)
    assert page.only("form")["method"] == "post"


@pytest.mark.parametrize("name", ["<img src=x>", "<b onclick=x>a</b>", "a&lt;b"])
def test_a_field_s_name_that_somebody_made_up_is_text(name: str):
    """It is told back: « Le champ … n'existe pas »."""
    page = faulty((name, "1"))
    assert list(page.all("img")) == list(page.all("b")) == []
    assert f"Le champ « {name} » n'existe pas." in summary(page).text


def test_the_form_works_without_a_script_and_posts_to_its_own_path():
    page = form()
    sent = page.only("form")
    assert sent["method"] == "post"
    assert sent["action"].startswith("?")
    assert "novalidate" in sent.attributes
    assert page.only("button").attributes == {"type": "submit"}
    assert page.only("html")["lang"] == "fr"


@pytest.mark.parametrize("frame", ["page", "embed"])
def test_the_form_is_posted_to_another_address_than_its_page_has(frame: Frame):
    # Else the browser forgets the page, and the back button brings one with another key.
    query = {"lang": "en", "source": "salon-taf"} | ({"frame": frame} if frame == "embed" else {})
    action = form(query=query, frame=frame, lang="en").only("form")["action"]
    sent = dict(parse_qsl(action.removeprefix("?")))
    assert query.items() < sent.items()


def test_where_a_script_cannot_follow_a_fragment_s_addresses_a_page_answers():
    page = form(query={"frame": "fragment"}, frame="fragment")
    [link] = [element["href"] for element in page.all("a") if element.get("hreflang")]
    assert "frame=" not in link + page.only("form")["action"]


# Frames.


def test_a_page_of_its_own_has_a_band_and_says_which_page_counts():
    page = form(form_page="https://www.example.org/venir?a=1&b=2")
    assert page.only("header").text == "Oh my Lot !"
    assert page.only("meta", name="robots")["content"] == "noindex"
    assert page.only("link", rel="canonical")["href"] == "https://www.example.org/venir?a=1&b=2"
    assert not list(form().all("link", rel="canonical"))


def test_a_page_in_a_frame_has_neither():
    page = form(frame="embed", form_page="https://www.example.org/venir")
    assert not [*page.all("header"), *page.all("link", rel="canonical")]
    assert page.only("html")["class"] == "embed"
    assert page.only("main").only("h1").text == SCHEMA["title"]


def test_a_fragment_is_the_form_alone():
    page = form(frame="fragment", form_page="https://www.example.org/venir")
    [root] = [element for element in page.inside if isinstance(element, Element)]
    assert (root["id"], root["class"], root["lang"]) == ("formulaire", "accueil", "fr")
    assert not [
        element.tag for element in page.all() if element.tag in ("html", "head", "style", "main")
    ]
    assert names_on(page) == names_on(form())


@pytest.mark.parametrize("frame", ["page", "embed", "fragment"])
def test_a_script_can_read_the_title(frame: str):
    assert (
        form(frame=frame).only(id="formulaire")["data-title"] == f"{SCHEMA['title']} – Oh my Lot !"
    )
    wrong = form({}, [FieldError("", "Non.")], frame=frame).only(id="formulaire")
    assert wrong["data-title"] == f"Erreur : {SCHEMA['title']} – Oh my Lot !".replace(
        " :", "\N{NO-BREAK SPACE}:"
    )
    sent = Page(render_confirmation("LOT-1", frame)).root.only(id="formulaire")  # type: ignore[arg-type]
    assert sent["data-title"] == "Votre demande est enregistrée – Oh my Lot !"


# A link fills in.


def test_what_a_link_says_is_filled_in():
    query = {"source": "aire-a20", "projects": "farming,health", "target": "Figeac"}
    page = form(query=query)
    assert value(page, "source") == "aire-a20"
    assert [value(page, f"projects.{index}.type") for index in range(3)] == [
        "farming",
        "health",
        "",
    ]
    assert ticked(page, "target") == ["communes"]
    assert page.only(id="target.communes.0")["value"] == "Figeac"


def test_what_was_typed_counts_before_what_a_link_says():
    page = form({"projects.0.type": ["studies"]}, query={"projects": "farming", "source": "aire"})
    assert value(page, "projects.0.type") == "studies"
    assert "source" not in names_on(page)


def test_nothing_is_promised_about_what_a_link_filled_in():
    page = form(None, [FieldError("", "Trop long.")], query={"projects": "farming"})
    assert value(page, "projects.0.type") == "farming"
    assert "perdu" not in summary(page)


# In English.


def test_the_other_language_is_a_link_away_with_what_the_address_says():
    query = {"source": "aire-a20", "target": "Saint-Céré", "frame": "embed", "x": "1", "lang": "fr"}
    [link] = [
        element for element in form(query=query, frame="embed").all("a") if element.get("hreflang")
    ]
    assert (link["lang"], link.text) == ("en", "This form in English")
    assert link["href"] == "?lang=en&frame=embed&source=aire-a20&target=Saint-C%C3%A9r%C3%A9"
    [back] = [element for element in form(lang="en").all("a") if element.get("hreflang")]
    assert (back["lang"], back["href"], back.text) == (
        "fr",
        "?lang=fr",
        "Ce formulaire en français",
    )


def test_no_link_leads_away_from_what_was_typed_where_no_script_carries_it_over():
    errors = [FieldError("", "Non.")]
    assert not [element for element in form({}, errors).all("a") if element.get("hreflang")]
    answers = {"source": ["aire-a20"], "first_name": ["Ana"]}
    page = form(answers, errors, frame="fragment")
    [link] = [element for element in page.all("a") if element.get("hreflang")]
    assert link["href"] == "?lang=en&source=aire-a20"


def english_pages() -> list[Element]:
    posted = read_form(b"target=communes&target.communes=Figeak&phone=1&nowhere=1&needs=x")
    with pytest.raises(InvalidError) as caught:
        validate(posted.raw)
    errors = [*posted.errors, *caught.value.errors]
    sent = Page(render_confirmation("LOT-1", lang="en")).root
    return [form(lang="en"), form(dict(posted.answers), errors, lang="en"), sent]  # type: ignore[arg-type]


def test_nothing_french_is_left_on_an_english_page():
    names = "Ce formulaire en français|Département"
    names += "|" + "|".join(re.escape(commune.name) for commune in territories().communes.values())
    names += "|" + "|".join(
        re.escape(name) for epci in territories().epcis.values() for name in (epci.town, epci.name)
    )
    for page in english_pages():
        root = page.only(id="formulaire")
        assert page.only("html")["lang"] == root["lang"] == "en"
        shown = re.sub(names, "", root.text)
        assert not re.findall(
            r"\b\w*[à-ÿœ]\w*|\w+ [:?!;]|«|\b(?i:vous|votre|vos|une|les?)\b", shown
        )
        assert "\N{NO-BREAK SPACE}" not in root.own_text


def test_an_english_form_is_the_french_one_in_other_words():
    french, other = form(), form(lang="en")
    assert names_on(french) == names_on(other)
    for name in ("horizon", "projects.0.type", "projects.2.sector"):
        options = [
            [element["value"] for element in control(page, name).all("option")]
            for page in (french, other)
        ]
        assert options[0] == options[1]
    assert label_of(other, "best_time_to_call") == "When can we call you?"
    around = other.only("input", name="target.epcis", value="200067361").parent
    assert around is not None
    assert around.text == "Around Figeac (Grand-Figeac)"


def test_errors_are_told_in_english():
    page = english_pages()[1]
    assert page.only("title").text.startswith("Error: Your plan to move to the Lot")
    sentences = [link.text for link in summary(page).all("a")]
    assert "Phone: this number is not valid" in " ".join(sentences)
    assert "Commune: this is not a commune of the Lot; did you mean “Figeac”?" in sentences
    assert "Last name: please fill this in." in sentences


# Confirmation and headers.


def test_the_confirmation_shows_the_reference():
    page = Page(render_confirmation("LOT-0000-0000")).root
    assert page.only("title").text == "Votre demande est enregistrée – Oh my Lot !"
    assert page.only("strong").text == "LOT-0000-0000"
    assert "vous contactera par courriel ou par téléphone" in page
    assert "appelez" not in page  # nobody is given a number
    assert [element.own_text for element in page.all("script")] == [page_script()]


def test_the_confirmation_repeats_the_phone_number_as_it_was_understood():
    page = Page(render_confirmation("LOT-1", phone="+32 470 12 34 56")).root
    assert "tel que nous l'avons compris : +32 470 12 34 56." in page.text.replace("\u00a0", " ")
    assert "numéro" not in Page(render_confirmation("LOT-1")).root.text


def test_the_confirmation_leads_to_a_blank_form_of_the_same_kind():
    plain = Page(render_confirmation("LOT-1")).root.only("a")
    assert (plain.text, plain["href"]) == ("Faire une autre demande", "?lang=fr")
    embedded = Page(render_confirmation("LOT-1", "embed", "en", "aire-a20")).root.only("a")
    assert embedded.text == "Make another request"
    assert embedded["href"] == "?lang=en&frame=embed&source=aire-a20"
    fragment = Page(render_confirmation("LOT-1", "fragment", source="aire-a20")).root.only("a")
    assert fragment["href"] == "?lang=fr&source=aire-a20"


@pytest.mark.parametrize(
    "make",
    [
        lambda: str(render_form(Form("k"), "d@example.org")),
        lambda: render_confirmation("LOT-1"),
    ],
    ids=["form", "confirmation"],
)
def test_the_only_style_and_script_allowed_are_the_page_s_own(make: Callable[[], str]):
    page = make()
    parts = re.findall(r"<(style|script)(?: [^>]*)?>(.*?)</\1>", page, re.DOTALL)
    hashes = {
        tag: [f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"]
        for tag, text in parts
    }
    assert inline_hashes() == (hashes["style"], hashes["script"])
    assert " style=" not in page


def test_nothing_on_the_pages_comes_from_elsewhere():
    for page in (str(render_form(Form("k"), "d@example.org")), render_confirmation("x")):
        assert not re.search(r"url\(|@import", page)
        loads = [
            element for element in Page(page).root.all() if {"src", "href"} & {*element.attributes}
        ]
        icons = {element["href"] for element in loads if element.tag == "link"}
    assert {element.tag for element in loads} <= {"a", "link"}
    assert icons == {"data:,"}
