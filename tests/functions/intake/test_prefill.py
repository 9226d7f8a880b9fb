import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.intake.prefill import prefill, sort_out
from functions.intake.submission import validate
from sheets_schema.territory import territories
from tests.functions.intake.examples import ANA, targets

GRAND_FIGEAC = "200067361"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, {}),
        ({"source": "aire-a20"}, {"source": ["aire-a20"]}),
        ({"source": " aire-a20 "}, {"source": ["aire-a20"]}),
        ({"projects": "farming"}, {"projects.0.type": ["farming"]}),
        (
            {"projects": "health, following_partner"},
            {"projects.0.type": ["health"], "projects.1.type": ["following_partner"]},
        ),
        ({"target": "anywhere"}, {"target": ["anywhere"]}),
        ({"target": "unknown"}, {"target": ["unknown"]}),
        (
            {"target": "figeac,46042"},
            {"target": ["communes"], "target.communes": ["Figeac", "Cahors"]},
        ),
        ({"target": GRAND_FIGEAC}, {"target": ["epcis"], "target.epcis": [GRAND_FIGEAC]}),
        # A form takes one way to say where: the first counts.
        (
            {"target": f"{GRAND_FIGEAC},Cahors"},
            {"target": ["epcis"], "target.epcis": [GRAND_FIGEAC]},
        ),
        (
            {"target": "Figeac,figeac,46102"},
            {"target": ["communes"], "target.communes": ["Figeac"]},
        ),
    ],
)
def test_a_link_fills_in_what_it_says(query: dict[str, str], expected: dict[str, list[str]]):
    assert prefill(query) == expected


@pytest.mark.parametrize(
    "query",
    [
        {"source": "Aire A20"},
        {"source": "a" * 41},
        {"source": "test"},  # would be refused when sent, and no person could mend it
        {"source": "<script>"},
        {"source": ""},
        {"projects": "bakery"},
        {"projects": ",,"},
        {"target": "Toulouse"},
        {"target": "Anywhere"},
        {"target": ""},
        {"first_name": "Ana", "email": "ana@example.org"},
    ],
)
def test_what_is_not_valid_is_left_out(query: dict[str, str]):
    assert prefill(query) == {}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, {}),
        ({"source": " ", "projects": ",", "target": ";"}, {}),
        ({"source": "aire-a20", "projects": "health", "target": "Figeac,46042"}, {}),
        ({"source": "Aire A20"}, {"source": ["Aire A20"]}),
        ({"source": "a" * 41}, {"source": ["a" * 41]}),
        ({"source": "test"}, {"source": ["test"]}),
        ({"projects": "health,bakery,Health"}, {"projects": ["bakery", "Health"]}),
        ({"projects": "farming,health,farming,tourism,studies"}, {"projects": ["studies"]}),
        ({"target": "Figeac, Toulouse"}, {"target": ["Toulouse"]}),
        ({"target": "Figeac,figeac"}, {}),
        ({"target": f"Figeac,{GRAND_FIGEAC}"}, {"target": [GRAND_FIGEAC]}),
        ({"target": "anywhere,anywhere"}, {}),
        ({"target": "anywhere,unknown"}, {"target": ["unknown"]}),
        ({"target": "Anywhere"}, {"target": ["Anywhere"]}),
        (
            {"source": "test", "projects": "bakery", "target": "Albi,Figeac,Toulouse"},
            {"source": ["test"], "projects": ["bakery"], "target": ["Albi", "Toulouse"]},
        ),
    ],
)
def test_whoever_made_the_link_can_be_told_what_is_left_out(query, expected):
    assert sort_out(query)[1] == expected


def test_no_more_is_filled_in_than_the_form_takes():
    asked = prefill({"projects": "farming,health,farming,tourism,studies"})
    assert list(asked.values()) == [["farming"], ["health"], ["tourism"]]
    names = ",".join(commune.name for commune in territories().communes.values())
    answers, left_out = sort_out({"target": names})
    assert len(answers["target.communes"]) == 10
    assert len(left_out["target"]) == len(territories().communes) - 10


def test_an_intercommunalite_that_the_form_does_not_offer_is_left_out():
    [elsewhere, *_] = [epci.code for epci in territories().epcis.values() if not epci.seated]
    assert sort_out({"target": elsewhere}) == ({}, {"target": [elsewhere]})


@given(st.dictionaries(st.sampled_from(["source", "projects", "target", "lang"]), st.text()))
def test_any_query_fills_in_something_valid_or_nothing(query: dict[str, str]):
    assert all(texts for texts in prefill(query).values())


@given(targets)
def test_what_is_filled_in_is_what_the_codes_mean(target: dict):
    [(kind, codes)] = target.items()
    given = prefill({"target": kind if codes is True else ",".join(codes)})
    if kind == "communes":
        names = [territories().communes[code].name for code in codes]
        assert given == {"target": ["communes"], "target.communes": names}
    elif codes is True:
        assert given == {"target": [kind]}
    else:
        seated = [code for code in codes if territories().epcis[code].seated]
        assert given == ({"target": ["epcis"], "target.epcis": seated} if seated else {})
    assert validate(ANA | {"target": target})["target"] == target
