"""What a page fills in, told from its HTML; test_check.py has it before the real intake."""

import pytest

from infra.site.embeds import read_page
from infra.site.prefilled import prefilled
from sheets_schema.territory import territories

PAGE = "https://www.example.org/venir"
FORM = "https://accueil.example.net/intake"
GRAND_FIGEAC = "200067361"


def findings(html, page=PAGE):
    return [(finding.kind, finding.sentence) for finding in prefilled(read_page(html, page), page)]


def element(attributes, script=True):
    loaded = f'<script type="module" src="{FORM}/embed.js"></script>' if script else ""
    return f'<p data-oh-my-lot {attributes}><a href="{FORM}">Ouvrir</a></p>{loaded}'


def iframe(query):
    return f'<iframe src="{FORM}?frame=embed&amp;{query}" title="Formulaire" height="9"></iframe>'


def link(query):
    return f'<a href="{FORM}?{query}">Votre projet</a>'


def place(query):
    pairs = (pair.partition("=") for pair in query.split("&amp;"))
    return element(" ".join(f'data-{name}="{value}"' for name, _, value in pairs))


def inner_link(query):
    return element("").replace(f'href="{FORM}"', f'href="{FORM}?{query}"')


WAYS = [
    (place, "l'élément data-oh-my-lot", "data-"),
    (iframe, "l'iframe", ""),
    (link, "un lien vers le formulaire", ""),
    (inner_link, "un lien vers le formulaire", ""),
]
GIVEN = [
    ("source=Aire A20", "source « Aire A20 »", "minuscules sans accent, de chiffres et de"),
    ("source=test", "source « test »", "un autre nom que test"),
    ("projects=a,health,b", "projects « a », « b »", "parmi employment, business_creation, bus"),
    ("projects=health,bakery", "projects « bakery »", "parmi employment, business_creation, bus"),
    ("projects=other,health,farming,tourism", "projects « tourism »", "3 projets au plus"),
    (
        "target=Cahors,Toulouse",
        "target « Toulouse »",
        "des intercommunalités qui y ont leur siège (nom ou code SIREN)",
    ),
    (f"target=Cahors,{GRAND_FIGEAC}", f"target « {GRAND_FIGEAC} »", "sans mélanger les deux"),
]


@pytest.mark.parametrize(("make", "where", "prefix"), WAYS)
@pytest.mark.parametrize(("query", "named", "possible"), GIVEN)
def test_what_the_form_would_leave_out(make, where, prefix, query, named, possible):
    ((kind, sentence),) = findings(make(query))

    assert kind == "wrong"
    assert sentence.startswith(f"Dans {where}, le formulaire laisse de côté {prefix}{named} : ")
    assert possible in sentence


@pytest.mark.parametrize("make", [make for make, *_ in WAYS])
def test_what_the_form_takes_is_not_spoken_of(make):
    right = "source=aire-a20&amp;projects=health,farming&amp;target=figeac,46042&amp;lang=en"

    assert findings(make(right)) == []
    assert findings(make("source=&amp;projects=&amp;target=&amp;lang=")) == []


def test_the_form_offers_ten_communes_and_the_departement_s_own_intercommunalites():
    names = ",".join([commune.name for commune in territories().communes.values()][:12])
    [elsewhere, *_] = [epci.code for epci in territories().epcis.values() if not epci.seated]

    ((_, sentence),) = findings(link(f"target={names}"))
    assert "10 communes du Lot au plus" in sentence
    ((_, sentence),) = findings(link(f"target={elsewhere}"))
    assert f"target « {elsewhere} » : il prend" in sentence


def test_the_page_s_own_query_is_for_the_script_alone():
    address = f"{PAGE}?source=Aire%20A20&page=2"

    ((_, sentence),) = findings(element(""), address)
    assert sentence.startswith(
        "Dans l'adresse de la page, le formulaire laisse de côté source « Aire A20 »"
    )
    resized = iframe("") + f'<script type="module" src="{FORM}/embed.js"></script>'
    assert findings(element("", script=False), address) == findings(resized, address) == []


def test_of_a_name_given_twice_the_first_counts():
    assert findings(link("source=site&amp;source=Le site")) == []
    assert len(findings(link("source=Le site&amp;source=site"))) == 1


def test_the_same_link_twice_is_said_once():
    assert len(findings(link("source=Menu") + link("source=Menu#bas") + link("source=Pied"))) == 2


def test_a_postal_code_that_is_another_commune_s_code_is_a_remark():
    ((kind, sentence),) = findings(place("target=46100"))

    assert kind == "remark"
    assert "data-target « 46100 » remplit Faycelles, dont c'est le code INSEE" in sentence
