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


def names(text):
    return [place.name for place in LOT.read(text).places]


class TestRead:
    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("Figeac", "Figeac"),
            ("46100 Figeac", "Figeac"),
            ("Figeac (46100)", "Figeac"),
            ("Figeac 46", "Figeac"),
            ("46 100 FIGEAC", "Figeac"),
            ("F-46100 Figeac", "Figeac"),
            ("46102 Figeac CEDEX", "Figeac"),
            ("Cahors Cedex 9", "Cahors"),
            ("46009 Cahors Cedex 09", "Cahors"),
            ("ville de Figeac", "Figeac"),
            ("46000", "Cahors"),
            ("St Céré", "Saint-Céré"),
            ("Ste Alauzie", "Castelnau-Montratier"),
            ("Bagnac s/ Célé", "Bagnac-sur-Célé"),
            ("Vigan (Le)", "Le Vigan-en-Quercy"),
            ("Vigan", "Le Vigan-en-Quercy"),
            ("Arques", "Les Arques"),
            ("Labastide Murat (46240)", "Cœur de Causse"),
            ("Montcuq", "Montcuq-en-Quercy-Blanc"),
            ("Grand-Figeac", "Grand-Figeac"),
            ("Vallée du Lot et du Vignoble", "Vallée du Lot et du Vignoble"),
            ("CC Quercy Blanc", "Quercy Blanc"),
            ("C.C. du Quercy Blanc", "Quercy Blanc"),
            ("Cauvaldor", "Causses et Vallée de la Dordogne"),
            ("CAUVALDOR", "Causses et Vallée de la Dordogne"),
            ("CC Cauvaldor", "Causses et Vallée de la Dordogne"),
            ("Grand Cahors", "Grand Cahors"),
            ("le grand Cahors", "Grand Cahors"),
            ("CA du Grand Cahors", "Grand Cahors"),
            ("agglo de Cahors", "Grand Cahors"),
            ("CC du Grand-Figeac", "Grand-Figeac"),
            ("communauté de communes de Figeac", "Grand-Figeac"),
            ("La Bouriane", "Quercy-Bouriane"),
            ("Lalbenque Limogne", "Pays de Lalbenque-Limogne"),
        ],
    )
    def test_a_place_is_understood_as_people_write_it(self, text, name):
        assert names(text) == [name]

    @pytest.mark.parametrize(
        ("text", "both"),
        [
            ("Figeac et Cahors", ["Figeac", "Cahors"]),
            ("Figeac / Cahors", ["Figeac", "Cahors"]),
            ("Figeac ou Cahors et Souillac", ["Figeac", "Cahors", "Souillac"]),
            ("46100 Figeac & Cahors (46000)", ["Figeac", "Cahors"]),
            ("Figeac - Cahors", ["Figeac", "Cahors"]),
            ("Cauvaldor et Figeac", ["Causses et Vallée de la Dordogne", "Figeac"]),
            (
                "Vallée du Lot et du Vignoble et Figeac",
                ["Vallée du Lot et du Vignoble", "Figeac"],
            ),
            (
                "Figeac et Causses et Vallée de la Dordogne",
                ["Figeac", "Causses et Vallée de la Dordogne"],
            ),
        ],
    )
    def test_several_names_are_several_places(self, text, both):
        assert names(text) == both

    @pytest.mark.parametrize(
        ("text", "meant"),
        [
            ("une maison à Figeac", ["Figeac"]),
            ("pas Cahors mais Figeac", ["Cahors", "Figeac"]),
            ("Figeac et environs", ["Figeac"]),
            ("vers Figeac", ["Saint Géry-Vers", "Figeac"]),  # Vers was a commune
            ("Figeac et Toulouse", ["Figeac"]),
            ("Toulouse", []),
            ("CC de Lunegarde", ["Lunegarde"]),  # no intercommunalité is called after it
            ("le Lot", []),
            ("Figeac " * 50, []),
            ("Figeac et " * 10, ["Figeac"]),
            ("46000 et 46100", ["Cahors", "Figeac"]),
        ],
    )
    def test_a_name_in_a_longer_text_is_suggested_and_not_guessed(self, text, meant):
        mention = LOT.read(text)
        assert (list(mention.meant), mention.places) == (meant, ())

    @pytest.mark.parametrize("code", ["46009", "46001", "46005 CEDEX 9", "46 010"])
    def test_a_cedex_code_of_cahors_is_no_insee_code(self, code):
        mention = LOT.read(code)
        assert (mention.places, mention.meant, mention.is_postcode) == ((), ("Cahors",), True)

    def test_no_insee_code_is_read_as_one(self):
        for code in LOT.communes:
            assert {place.name for place in LOT.read(code).places} <= {
                commune.name for commune in LOT.with_postcode(code)
            }

    def test_a_postcode_of_several_communes_asks_which_the_town_first(self):
        mention = LOT.read("46100")
        assert mention.places == ()
        assert mention.meant[0] == "Figeac"
        assert len(mention.meant) > 5

    def test_a_name_and_the_postcode_of_another_place_contradict_each_other(self):
        mention = LOT.read("46000 Figeac")
        assert (mention.places, mention.meant) == ((), ("Figeac", "Cahors"))

    @pytest.mark.parametrize("commune", LOT.communes.values(), ids=lambda commune: commune.code)
    def test_every_name_of_today_and_before_leads_to_its_commune(self, commune):
        for name in (commune.name, *commune.former_names):
            assert names(name) == [commune.name]
            assert names(f"{commune.postcodes[0]} {name}") == [commune.name]

    def test_a_former_name_of_two_communes_names_neither(self):
        small = Territories(
            [Commune("1", "Aval", ("Ancien",), (), ""), Commune("2", "Mont", ("Ancien",), (), "")],
            [],
        )
        assert small.read("Ancien").places == ()

    @given(st.text(max_size=250))
    def test_whatever_is_written_is_read_or_not(self, text):
        mention = LOT.read(text)
        assert not (mention.places and mention.meant)


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
            ("Lot ; tout le département", Target(anywhere=True)),
            ("Figeac, partout", Target((FIGEAC,), anywhere=True)),
            ("46100 Figeac", Target((FIGEAC,))),
            ("Figeac et Grand Cahors", Target((FIGEAC,), (GRAND_CAHORS,))),
            (GRAND_FIGEAC, Target((), (GRAND_FIGEAC,))),
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
        with pytest.raises(CellError, match=r"« 46009 » est un code postal .* \(Cahors\)"):
            LOT.parse("46009")  # Assier's INSEE code

    def test_a_name_in_a_longer_text_is_suggested(self):
        with pytest.raises(CellError) as caught:
            LOT.parse("plutôt vers le Grand-Figeac, Cahors")

        assert str(caught.value) == (
            "« plutôt vers le Grand-Figeac » : écrivez seulement le nom, ou les noms, parmi "
            "Saint Géry-Vers, Grand-Figeac"
        )

    def test_one_name_in_a_longer_text_may_be_meant_or_excluded(self):
        with pytest.raises(CellError, match="Figeac » : si vous voulez dire « Figeac », écrivez s"):
            LOT.parse("Partout sauf Figeac")


class TestFormat:
    def test_places_stand_by_name_communes_first(self):
        assert LOT.format(Target((FIGEAC, CAHORS), (GRAND_FIGEAC,))) == (
            "Figeac, Cahors, Grand-Figeac"
        )

    def test_no_place_means_that_they_do_not_know_yet(self):
        assert LOT.format(Target()) == "Je ne sais pas encore"
        assert LOT.format(Target(anywhere=True)) == "Partout dans le Lot"

    def test_the_code_of_a_merged_commune_means_the_commune_of_today(self):
        assert LOT.format(Target(("46326",))) == "Montcuq-en-Quercy-Blanc"
        assert LOT.epcis_of(Target(("46326",))) == LOT.epcis_of(Target(("46201",)))

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


def test_an_alias_of_no_intercommunalite_is_named(monkeypatch):
    monkeypatch.setattr(territory, "PLACE", replace(PLACE, aliases={"200000000": ("Haut Pays",)}))
    with pytest.raises(AccueilError, match="« aliases » nomme 200000000, absent de communes-46"):
        territories.__wrapped__()


def test_a_place_without_its_communes_says_which_command_writes_them(monkeypatch):
    monkeypatch.setattr(territory, "PLACE", replace(PLACE, department="19"))
    with pytest.raises(AccueilError) as caught:
        territories.__wrapped__()
    assert str(caught.value) == (
        "communes-19.json manque : « accueil communes 19 » l'écrit (docs/place.md)."
    )


class TestArea:
    @pytest.mark.parametrize("text", ["", " ", "Partout", "partout dans le Lot"])
    def test_a_blank_cell_and_everywhere_name_no_place(self, text):
        area = territories().parse_area(text)
        assert (area.communes, area.epcis) == ((), ())

    def test_a_place_is_named(self):
        assert territories().parse_area("Figeac").communes == ("46102",)

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("Partout, Figeac", "« Partout dans le Lot » et un territoire"),
            ("Je ne sais pas encore", "aucun territoire"),
            ("Figeak", "ni une commune ni"),
        ],
    )
    def test_anything_else_is_refused(self, text, why):
        with pytest.raises(CellError, match=why):
            territories().parse_area(text)

    def test_what_is_meant_is_hinted_at_if_something_resembles_it(self):
        assert "écrivez le nom de la commune (Figeac" in territories().hint("Grand-Figeac, 46100")
        assert territories().hint("Figeac") == ""
        assert territories().hint("Zzyx, 46100") == ""
