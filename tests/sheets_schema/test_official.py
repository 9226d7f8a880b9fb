import json
import re
from collections import Counter
from importlib import resources

import pytest

from sheets_schema.official import build, short_name
from sheets_schema.territory import from_json, territories
from sheets_schema.text import normalise, split_list


def commune(code, name, postcodes=("12345",), department="99"):
    return {
        "code": code,
        "nom": name,
        "type": "commune-actuelle",
        "departement": department,
        "codesPostaux": list(postcodes),
    }


def former(code, name, chief, kind="commune-deleguee"):
    return {"code": code, "nom": name, "type": kind, "departement": "99", "chefLieu": chief}


def epci(code, name, *members):
    return {
        "code": code,
        "nom": name,
        "membres": [
            {"code": town, "nom": label, "populationTotale": people}
            for town, label, people in members
        ],
    }


COMMUNES = [
    commune("99002", "Bourg", ["99200", "99100"]),
    commune("99001", "Aval"),
    former("99003", "Clos", "99002"),
    former("99002", "Bourg", "99002"),
    former("99004", "Anse", "99002", "commune-associee"),
    {"code": "99005", "nom": "Seul", "type": "arrondissement-municipal", "departement": "99"},
    commune("98001", "Ailleurs", department="98"),
    commune("99010", "Val-Neuf") | {"anciensCodes": ["99011"]},
]


def past(code, name, kind="COM", since="1943-01-01", **more):
    return {"id": f"{kind}-{code}@{since}", "code": code, "nom": name, "type": kind, **more}


HISTORY = [
    past("99001", "Aval", successeur="COM-99001@1950-01-01"),
    past("99001", "Aval-sur-Mer", since="1950-01-01"),
    # merged in 1972, into a commune that became a part of another one after 2019
    past("99020", "Ancien", successeur="COMP-99020@1972-01-01"),
    past("99020", "Ancien", "COMP", "1972-01-01", pole="COM-99011@1943-01-01"),
    past("99011", "Val"),
    # merged and restored: it is a commune of today
    past("99002", "Bourg-le-Vieux", successeur="COMP-99002@1973-01-01"),
    past("99002", "Bourg", "COMP", "1973-01-01", pole="COM-99001@1950-01-01"),
    # one that came from another département
    past("97001", "Venu", successeur="COM-99010@2000-01-01"),
    past("99010", "Venue", since="2000-01-01"),
    past("98001", "Ailleurs-Autrefois"),
    past("99099", "Perdu", successeur="COM-99099@1999-01-01"),
    past("99098", "Rond", successeur="COM-99098@1943-01-01"),
]
EPCIS = [
    epci("200", "CC du Haut Pays", ("99002", "Bourg", 900), ("98001", "Ailleurs", 1000)),
    epci("100", "CA d'Aval - Amont", ("99001", "Aval", 5)),
    epci("300", "CC d'Ailleurs", ("98001", "Ailleurs", 1000)),
]


@pytest.fixture(scope="module")
def data():
    return build("99", COMMUNES, EPCIS, HISTORY, version="1.2.3", licence="MIT", date="2026-11-23")


class TestBuild:
    def test_it_says_where_the_data_comes_from_under_what_licence_and_of_when(self, data):
        assert {key: data[key] for key in ("source", "licence", "date", "department")} == {
            "source": "@etalab/decoupage-administratif 1.2.3 and 0.8.0 (npm), "
            "from the INSEE, the DGCL and La Poste",
            "licence": "data: Licence Ouverte 2.0 (Etalab); package: MIT",
            "date": "2026-11-23",
            "department": "99",
        }

    def test_the_communes_of_today_stand_in_the_order_of_their_code(self, data):
        assert [item["name"] for item in data["communes"]] == ["Aval", "Bourg", "Val-Neuf"]

    def test_merged_communes_are_former_names_of_the_one_they_merged_into(self, data):
        assert data["communes"][1] == {
            "code": "99002",
            "name": "Bourg",
            "former_names": ["Anse", "Bourg-le-Vieux", "Clos"],
            "former_codes": ["99003", "99004"],
            "postcodes": ["99100", "99200"],
            "epci": "200",
        }

    def test_all_names_since_1943_lead_to_the_commune_of_today(self, data):
        aval, _, neuf = data["communes"]

        assert aval["former_names"] == ["Aval-sur-Mer"]
        assert neuf["former_names"] == ["Ancien", "Val", "Venu", "Venue"]
        assert neuf["former_codes"] == ["97001", "99011", "99020"]

    def test_an_intercommunalite_is_kept_when_one_of_its_communes_is_here(self, data):
        assert [item["code"] for item in data["epcis"]] == ["100", "200"]

    def test_an_intercommunalite_is_called_after_its_biggest_commune_wherever_that_is(self, data):
        aval, haut_pays = data["epcis"]

        assert aval == {"code": "100", "name": "Aval-Amont", "town": "Aval", "seated": True}
        assert haut_pays["town"] == "Ailleurs"
        assert not haut_pays["seated"]

    def test_what_is_built_can_be_loaded(self, data):
        official = from_json(data)

        assert official.find("Clos").name == "Bourg"
        assert official.epcis["200"].label == "Autour d'Ailleurs (Haut Pays)"

    def test_a_departement_that_the_package_does_not_know_is_named(self):
        with pytest.raises(ValueError, match="Aucune commune pour le département « 2C »"):
            build("2C", COMMUNES, EPCIS, [], version="1", licence="MIT", date="2026-11-23")


@pytest.mark.parametrize(
    ("official", "short"),
    [
        ("CA du Grand Cahors", "Grand Cahors"),
        ("CC Causses et Vallée de la Dordogne", "Causses et Vallée de la Dordogne"),
        ("CC de la Vallée du Lot et du Vignoble", "Vallée du Lot et du Vignoble"),
        ("CC Grand-Figeac", "Grand-Figeac"),
        ("CC Cazals - Salviac", "Cazals-Salviac"),
        ("CC d'Olt", "Olt"),
        ("CC de l’Aubrac", "Aubrac"),
        ("CC des Causses", "Causses"),
        ("CU de Limoges", "Limoges"),
        ("Ouest Aveyron Communauté", "Ouest Aveyron Communauté"),
    ],
)
def test_an_intercommunalite_is_named_without_its_legal_form(official, short):
    assert short_name(official) == short


class TestLot:
    data = json.loads(
        resources.files("sheets_schema").joinpath("data", "communes-46.json").read_text("utf-8")
    )

    def test_it_has_all_communes_and_intercommunalites_of_the_lot(self):
        assert len(self.data["communes"]) == 312
        assert len(self.data["epcis"]) == 10
        assert sum(epci["seated"] for epci in self.data["epcis"]) == 9

    @pytest.mark.parametrize(
        ("former", "today"),
        [
            ("Montcuq", "Montcuq-en-Quercy-Blanc"),
            ("Belmontet", "Montcuq-en-Quercy-Blanc"),
            ("Valprionde", "Montcuq-en-Quercy-Blanc"),
            ("Le Vigan", "Le Vigan-en-Quercy"),  # renamed after 2019
            ("Bagnac", "Bagnac-sur-Célé"),  # renamed in 1956
            ("Lhospitalet", "Pern-Lhospitalet"),  # merged after 2019
        ],
    )
    def test_a_former_name_leads_to_the_commune_of_today(self, former, today):
        assert territories().find(former).name == today

    def test_so_does_a_former_code(self):
        assert territories().with_code("46326").name == "Montcuq-en-Quercy-Blanc"
        assert "46326" not in territories().communes

    def test_two_communes_belong_to_an_intercommunalite_seated_elsewhere(self):
        (elsewhere,) = [epci for epci in self.data["epcis"] if not epci["seated"]]
        members = [c["name"] for c in self.data["communes"] if c["epci"] == elsewhere["code"]]

        assert elsewhere["name"] == "Ouest Aveyron Communauté"
        assert len(members) == 2

    def test_it_says_where_it_comes_from_under_what_licence_and_of_when(self):
        assert self.data["source"].startswith("@etalab/decoupage-administratif ")
        assert "Licence Ouverte 2.0" in self.data["licence"]
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", self.data["date"])
        assert self.data["department"] == "46"

    def test_every_commune_is_in_an_intercommunalite_that_is_known(self):
        known = {epci["code"] for epci in self.data["epcis"]}

        assert {item["epci"] for item in self.data["communes"]} == known

    def test_no_two_places_are_called_the_same(self):
        places = [*self.data["communes"], *self.data["epcis"]]
        names = Counter(normalise(place["name"]) for place in places)

        assert [name for name, times in names.items() if times > 1] == []

    def test_a_former_name_leads_to_one_commune_unless_one_of_today_has_it(self):
        names = [(normalise(n), c) for c in self.data["communes"] for n in c["former_names"]]

        for name, item in names:
            commune = territories().find(name)
            assert commune.code == item["code"] or normalise(commune.name) == name

    def test_no_name_would_break_a_list_in_a_cell(self):
        places = [*self.data["communes"], *self.data["epcis"]]

        assert all(split_list(place["name"]) == [place["name"]] for place in places)

    def test_codes_and_postal_codes_look_as_they_should(self):
        for item in self.data["communes"]:
            assert re.fullmatch(r"46\d{3}", item["code"])
            assert item["postcodes"]
            assert all(re.fullmatch(r"\d{5}", code) for code in item["postcodes"])

    def test_ten_postal_codes_lie_in_several_intercommunalites(self):
        epcis: dict[str, set[str]] = {}
        for item in self.data["communes"]:
            for code in item["postcodes"]:
                epcis.setdefault(code, set()).add(item["epci"])

        assert len(epcis) == 31
        assert sum(len(names) > 1 for names in epcis.values()) == 10
