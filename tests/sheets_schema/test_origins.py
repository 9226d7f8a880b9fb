"""Where people come from, as rules name it and as requests say it."""

import pytest

from sheets_schema.errors import CellError
from sheets_schema.origins import departments, in_words, origins, parse_origins


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("31", ("31",)),
        ("haute garonne ; PARIS", ("31", "75")),
        ("1, 2a", ("01", "2A")),
        ("Belgique", ("BE",)),
        ("la Suisse, Deutschland\nUK", ("CH", "DE", "GB")),
        ("France, 46, Lot", ("FR", "46")),
        ("La Réunion, 974", ("974",)),
        ("Tarn et Garonne / Belgique et 31, UK", ("82", "BE", "31", "GB")),
    ],
)
def test_a_cell_names_departements_and_countries(text, codes):
    assert parse_origins(text) == codes


@pytest.mark.parametrize("text", ["Atlantide", "99", "31, partout"])
def test_what_is_neither_is_named(text):
    with pytest.raises(CellError, match="n'est ni un département ni un pays"):
        parse_origins(text)


@pytest.mark.parametrize(
    ("country", "postcode", "codes"),
    [
        (None, None, ()),
        ("", "", ()),
        (None, "31000", ("FR", "31")),
        ("France", "31 000", ("FR", "31")),
        ("france", None, ("FR",)),
        ("Belgique", "1000", ("BE",)),
        (None, "1000", ()),  # abroad, and nobody knows where
        ("Atlantide", "31000", ()),
        (None, "20090", ("FR", "2A")),
        (None, "20600", ("FR", "2B")),
        (None, "97160", ("FR", "971")),
        (None, "98000", ("FR",)),  # no département has this postcode
        (None, "F-75011 Paris", ("FR", "75")),
    ],
)
def test_a_request_comes_from_a_country_and_perhaps_a_departement(country, postcode, codes):
    assert origins(country, postcode) == codes


def test_every_origin_is_said_in_french():
    assert (in_words("31"), in_words("DE")) == ("Haute-Garonne", "Allemagne")


def test_every_departement_is_found_by_its_name_and_number():
    assert len(departments()) == 101
    for number, name in departments().items():
        assert parse_origins(f"{name}, {number}") == (number,)
