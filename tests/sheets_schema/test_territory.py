from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheets_schema import territory
from sheets_schema.errors import AccueilError, CellError
from sheets_schema.place import PLACE
from sheets_schema.territory import Commune, Epci, Target, Territories, territories
from tests.sheets_schema.spelling import respelled

LOT = territories()
FIGEAC, CAHORS = "46102", "46042"
GRAND_FIGEAC, GRAND_CAHORS = "200067361", "200023737"
PLACES = sorted([*LOT.communes.values(), *LOT.epcis.values()], key=lambda place: place.code)

TARGETS = st.builds(
    Target,
    st.lists(st.sampled_from(sorted(LOT.communes)), unique=True, max_size=5).map(tuple),
    st.lists(st.sampled_from(sorted(LOT.epcis)), unique=True, max_size=5).map(tuple),
    st.booleans(),
)


class TestFind:
    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("Figeac", "Figeac"),
            ("FIGEAC", "Figeac"),
            ("46102", "Figeac"),
            ("saint cirq lapopie", "Saint-Cirq-Lapopie"),
            ("Coeur de Causse", "Cœur de Causse"),
            ("Labastide-Murat", "Cœur de Causse"),
            ("grand figeac", "Grand-Figeac"),
            ("200067361", "Grand-Figeac"),
            ("Autour de Figeac (Grand-Figeac)", "Grand-Figeac"),
        ],
    )
    def test_a_place_has_its_name_its_code_and_its_former_names(self, text, name):
        assert LOT.find(text).name == name

    @given(st.data(), st.sampled_from(PLACES))
    def test_every_place_is_found_however_it_is_spelled(self, data, place):
        assert LOT.find(data.draw(respelled(place.name))) == place
        assert LOT.find(place.code) == place

    def test_every_intercommunalite_is_found_by_what_applicants_read(self):
        assert {LOT.find(epci.label) for epci in LOT.epcis.values()} == set(LOT.epcis.values())

    @pytest.mark.parametrize("text", ["Paris", "", "le Lot", "46"])
    def test_what_is_not_in_the_lot_is_not_found(self, text):
        assert LOT.find(text) is None

    def test_a_commune_keeps_its_name_when_another_once_had_it(self):
        small = Territories(
            [
                Commune("1", "Les Arques", (), (), "9"),
                Commune("2", "Neuville", ("Les Arques",), (), "9"),
            ],
            [Epci("9", "Les Arques", "Les Arques", True)],
        )

        assert small.find("les arques").code == "1"


class TestLabel:
    @pytest.mark.parametrize(
        ("town", "label"),
        [
            ("Figeac", "Autour de Figeac (X)"),
            ("Albi", "Autour d'Albi (X)"),
            ("Œuilly", "Autour d'Œuilly (X)"),
            ("Le Vigan", "Autour du Vigan (X)"),
            ("Les Arques", "Autour des Arques (X)"),
            ("La Tour", "Autour de La Tour (X)"),
        ],
    )
    def test_an_intercommunalite_is_called_after_its_town_in_good_french(self, town, label):
        assert Epci("1", "X", town, True).label == label


class TestParse:
    @given(TARGETS)
    def test_a_target_comes_back(self, target):
        assert LOT.parse(LOT.format(target)) == target

    @pytest.mark.parametrize(
        ("text", "target"),
        [
            ("Figeac", Target((FIGEAC,))),
            ("Figeac, Cahors", Target((FIGEAC, CAHORS))),
            ("Figeac ; figeac\nFIGEAC", Target((FIGEAC,))),
            ("Cahors, Grand-Figeac", Target((CAHORS,), (GRAND_FIGEAC,))),
            ("Partout dans le Lot", Target(anywhere=True)),
            ("partout", Target(anywhere=True)),
            ("Tout le Lot", Target(anywhere=True)),
            ("Figeac, partout", Target((FIGEAC,), anywhere=True)),
            ("Je ne sais pas encore", Target()),
            ("", Target()),
        ],
    )
    def test_people_write_places_in_a_cell(self, text, target):
        assert LOT.parse(text) == target

    def test_what_is_not_in_the_lot_is_named(self):
        with pytest.raises(CellError) as caught:
            LOT.parse("Figeac, Villeneuve-sur-Lot")

        assert str(caught.value) == (
            "« Villeneuve-sur-Lot » n'est ni une commune ni une intercommunalité du Lot "
            "(voir l'onglet Communes)"
        )

    def test_a_postal_code_is_not_taken_for_another_commune_s_insee_code(self):
        assert LOT.find("46100").name == "Faycelles"
        with pytest.raises(CellError, match="« 46100 » est un code postal : écrivez le nom de la"):
            LOT.parse("46100")  # Figeac's postal code


class TestFormat:
    def test_places_stand_by_name_communes_first(self):
        assert LOT.format(Target((FIGEAC, CAHORS), (GRAND_FIGEAC,))) == (
            "Figeac, Cahors, Grand-Figeac"
        )

    def test_no_place_means_that_they_do_not_know_yet(self):
        assert LOT.format(Target()) == "Je ne sais pas encore"
        assert LOT.format(Target(anywhere=True)) == "Partout dans le Lot"

    def test_a_code_that_is_gone_from_the_data_stays(self):
        assert LOT.format(Target(("46999", FIGEAC))) == "46999, Figeac"


def test_a_long_item_makes_no_long_sentence():
    with pytest.raises(CellError, match=r"^« y{59}… » n'est ni une commune"):
        LOT.parse("y" * 50_000)


class TestEpcisOf:
    def test_a_commune_touches_its_own_intercommunalite(self):
        assert LOT.epcis_of(Target((FIGEAC, CAHORS))) == (GRAND_FIGEAC, GRAND_CAHORS)

    def test_an_intercommunalite_named_twice_counts_once(self):
        assert LOT.epcis_of(Target((FIGEAC,), (GRAND_FIGEAC,))) == (GRAND_FIGEAC,)

    def test_a_commune_that_is_gone_touches_none(self):
        assert LOT.epcis_of(Target(("46999",))) == ()
        assert LOT.epcis_of(Target(anywhere=True)) == ()


def test_a_place_without_its_communes_says_which_command_writes_them(monkeypatch):
    monkeypatch.setattr(territory, "PLACE", replace(PLACE, department="19"))
    with pytest.raises(AccueilError) as caught:
        territories.__wrapped__()
    assert str(caught.value) == (
        "communes-19.json manque : « accueil communes 19 » l'écrit (docs/place.md)."
    )
