import phonenumbers
import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import assume, given
from hypothesis import strategies as st

from sheets_schema.columns import as_text, column_type
from sheets_schema.contact import (
    deliverable,
    find_country,
    format_phone,
    parse_email,
    parse_phone,
    phone_region,
)
from sheets_schema.errors import CellError, ContactError
from sheets_schema.text import quoted

EMAIL = column_type({"type": "string", "format": "email"})
PHONE = column_type({"type": "string", "format": "phone"})
POSTCODE = column_type({"type": "string", "format": "postcode"})
KINDS = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE)
NUMBERS = [
    phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    for kind in KINDS
    if (number := phonenumbers.example_number_for_type(region, kind))
]
OVERSEAS = ("262", "263", "268", "269", "508", "59")
FRENCH_NUMBERS = (
    st.integers(100000000, 799999999)
    .filter(lambda digits: not str(digits).startswith(OVERSEAS))
    .map(lambda digits: f"+33{digits}")
    .filter(lambda number: phonenumbers.is_valid_number(phonenumbers.parse(number)))
)
# What somebody pastes between the parts of a number: any space, and what nobody sees.
SPACES = ["\u00a0", "\u2007", "\u2009", "\u200a", "\u202f", "\u3000", "\u2028", "\t"]
UNSEEN = ["\u200b", "\u200e", "\u2060", "\ufeff", "\u00ad", "\u202a"]


def reason(parse, *given):
    with pytest.raises(ContactError) as caught:
        parse(*given)
    return caught.value.reason


class TestPhones:
    @pytest.mark.parametrize(
        "typed",
        [
            "0612345678",
            "06 12 34 56 78",
            "06.12.34.56.78",
            "06-12-34-56-78",
            "06–12–34–56–78",
            "06/12/34/56/78",
            "０６１２３４５６７８",
            "(06) 12 34 56 78",
            "tel:+33612345678",
            "+33 6 12 34 56 78",
            "+33 (0)6 12 34 56 78",
            "0033612345678",
            "00 33 (0) 6 12 34 56 78",
            "33612345678",
            612345678.0,
        ],
    )
    def test_a_number_is_shown_as_partners_dial_it_however_it_was_typed(self, typed):
        assert PHONE.parse(typed) == "+33612345678"
        assert PHONE.format(PHONE.parse(typed)) == "06 12 34 56 78"

    @pytest.mark.parametrize("space", [*SPACES, *UNSEEN], ids=ascii)
    def test_any_space_and_any_unseen_character_may_stand_in_it(self, space):
        assert PHONE.parse(f"{space}06{space}12{space}34 56 78{space}") == "+33612345678"

    def test_a_foreign_number_keeps_its_country(self):
        assert format_phone(parse_phone("+32470123456")) == "+32 470 12 34 56"

    def test_a_number_of_any_country_comes_back(self):
        assert [PHONE.parse(PHONE.format(number)) for number in NUMBERS] == NUMBERS
        assert len(NUMBERS) > 400

    @given(FRENCH_NUMBERS)
    def test_a_french_number_comes_back_even_when_the_sheet_took_it_for_a_number(self, number):
        assert PHONE.parse(PHONE.format(number)) == number
        assert PHONE.parse(float(number.removeprefix("+33"))) == number

    @given(st.integers(10**8, 10**9 - 1), st.sampled_from(["", "0", "+33", "+330"]))
    def test_the_library_says_which_french_numbers_there_are(self, digits, start):
        typed = f"{start}{digits}"
        parsed = phonenumbers.parse(typed, "FR")
        assume(not f"{digits}".startswith((*OVERSEAS, "63", "69")))  # read in another way
        if phonenumbers.is_valid_number(parsed):
            style = phonenumbers.PhoneNumberFormat.E164
            assert parse_phone(typed) == phonenumbers.format_number(parsed, style)
        else:
            assert reason(parse_phone, typed) == "number"

    @pytest.mark.parametrize("cell", ["plus tard", "06 12 34", "0" * 300, 12.0, True])
    def test_what_is_no_number_is_named(self, cell):
        with pytest.raises(CellError) as caught:
            PHONE.parse(cell)

        assert str(caught.value) == (
            f"{quoted(as_text(cell))} n'est pas un numéro de téléphone "
            "(attendu : 06 12 34 56 78, ou +32 470 12 34 56 depuis l'étranger)"
        )


class TestOverseas:
    @pytest.mark.parametrize(
        ("typed", "number"),
        [
            ("0692 90 12 34", "+262692901234"),
            ("0693 12 34 56", "+262693123456"),
            ("0262 12 34 56", "+262262123456"),
            ("0263 12 34 56", "+262263123456"),
            ("0269 12 34 56", "+262269123456"),
            ("0639 12 34 56", "+262639123456"),
            ("06 39 98 01 02", "+33639980102"),  # kept for fiction, in the mainland's plan
            ("0690 12 34 56", "+590690123456"),
            ("0691 12 34 56", "+590691123456"),
            ("0590 12 34 56", "+590590123456"),
            ("0594 12 34 56", "+594594123456"),
            ("0694 12 34 56", "+594694123456"),
            ("0596 12 34 56", "+596596123456"),
            ("0696 12 34 56", "+596696123456"),
            ("0697 12 34 56", "+596697123456"),
            ("0508 41 23 45", "+508412345"),
            ("+33 692 90 12 34", "+262692901234"),
            ("0033 (0)690 12 34 56", "+590690123456"),
            (692901234.0, "+262692901234"),
        ],
    )
    def test_the_first_digits_say_the_region(self, typed, number):
        assert PHONE.parse(typed) == number

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("region", ["RE", "YT", "GP", "MF", "BL", "GF", "MQ"])
    def test_what_people_there_dial_is_understood_here(self, region, kind):
        number = phonenumbers.example_number_for_type(region, kind)
        dialled = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)

        assert parse_phone(dialled) == f"+{number.country_code}{number.national_number}"

    @pytest.mark.parametrize("typed", ["0806 12 34 56", "0976 01 23 45", "0800 12 34 56"])
    def test_a_number_of_no_region_stays_french(self, typed):
        assert parse_phone(typed).startswith("+33")


class TestSeveralNumbers:
    @pytest.mark.parametrize(
        "typed",
        [
            "0612345678;0565123456",
            "06 12 34 56 78 / 05 65 12 34 56",
            "06 12 34 56 78 ou 05 65 12 34 56",
            "0612345678,0565123456",
            "0612345678 0565123456",
            "+32 470 12 34 56 et 0565123456",
            "06 12 34 56 78\n05 65 12 34 56",
        ],
    )
    def test_no_number_is_dropped_silently(self, typed):
        assert reason(parse_phone, typed) == "several"

    @pytest.mark.parametrize(
        "typed",
        [
            "05 65 12 34 56 poste 12",
            "05 65 12 34 56 ext 3",
            "06 12 34 56 78;ext=12",
            "1-800-FLOWERS",
        ],
    )
    def test_nor_is_what_stands_beside_it(self, typed):
        with pytest.raises(ContactError):
            parse_phone(typed)

    @pytest.mark.parametrize(
        "typed",
        ["(+33) 6 12 34 56 78", "(+33) (0)6 12 34 56 78", "06 12 34 56 78, ", "Tél. : 0612345678"],
    )
    def test_how_people_dress_a_number_does_not_matter(self, typed):
        assert parse_phone(typed) == "+33612345678"

    def test_commas_between_its_pairs_do_not_make_several_numbers(self):
        assert reason(parse_phone, "06,12,34,56,78") == "number"


class TestNumbersFromAbroad:
    @pytest.mark.parametrize(
        ("country", "typed", "number"),
        [
            ("Belgique", "0470 12 34 56", "+32470123456"),
            ("belgië", "0470/12.34.56", "+32470123456"),
            ("Bruxelles, Belgique", "02 512 34 56", "+3225123456"),
            ("Suisse", "079 123 45 67", "+41791234567"),
            ("Luxembourg", "621 123 456", "+352621123456"),
            ("Royaume-Uni", "07400 123456", "+447400123456"),
            ("UK", "020 7123 4567", "+442071234567"),
            ("Deutschland", "0151 23456789", "+4915123456789"),
            ("Pays-Bas", "06 12345678", "+31612345678"),
            ("Espagne", "612 34 56 78", "+34612345678"),
            ("Italia", "312 345 6789", "+393123456789"),
            ("États-Unis", "(201) 555-0123", "+12015550123"),
            ("Belgqiue", "0470 12 34 56", "+32470123456"),
            ("France", "06 12 34 56 78", "+33612345678"),
            ("FR", "06 12 34 56 78", "+33612345678"),
            ("La Réunion", "0692 90 12 34", "+262692901234"),
            ("Guadeloupe", "06 12 34 56 78", "+33612345678"),
            ("Nouvelle-Calédonie", "75 12 34", "+687751234"),
            ("Belgique", "+33 6 12 34 56 78", "+33612345678"),
            ("Belgique", "0033 6 12 34 56 78", "+33612345678"),
            ("La Suisse", "079 123 45 67", "+41791234567"),
            ("Les Pays-Bas", "06 12345678", "+31612345678"),
            ("U.K.", "07400 123456", "+447400123456"),
            ("Québec", "514 555 1234", "+15145551234"),
            ("Guyane", "0694 20 12 34", "+594694201234"),
        ],
    )
    def test_a_number_is_read_as_its_country_s(self, country, typed, number):
        assert parse_phone(typed, phone_region(country, "")) == number

    @pytest.mark.parametrize(
        ("country", "postcode"),
        [
            ("Atlantide", ""),
            ("Belgique", "1050"),  # no Belgian number begins like this
            ("France et Belgique", ""),
            ("", "1050"),
            ("", "SW1A 1AA"),
            ("", "1200-195"),
            ("日本", "46100"),
        ],
    )
    def test_what_it_may_be_is_asked_and_not_guessed(self, country, postcode):
        region = phone_region(country, postcode)

        assert reason(parse_phone, "06 12 34 56 78", region) == "country"

    @pytest.mark.parametrize(
        "postcode", ["", "46100", "46\u202f100", "F-46100", "46009 CEDEX 9", "CEDEX 9 46009"]
    )
    def test_without_a_country_a_french_postcode_or_none_means_france(self, postcode):
        assert phone_region("", postcode) == "FR"

    def test_no_country_is_a_continent(self):
        assert find_country("Europe") is None

    def test_a_french_number_is_shown_with_its_code_where_the_person_is_abroad(self):
        assert format_phone("+33612345678", "BE") == "+33 6 12 34 56 78"
        assert format_phone("+33612345678", None) == "+33 6 12 34 56 78"


class TestEmails:
    @given(
        st.text(st.sampled_from("aZ09_-.+'é"), min_size=1, max_size=8).map(lambda end: f"a{end}")
        | st.integers(60, 66).map(lambda length: "a" * length),
        st.sampled_from(
            ["example.org", "Example.ORG", "test", "a.test", "café.fr", "xn--caf-dma.fr", "-a.fr"]
            + ["a..fr", "ex--ample.org", "a_b.fr", "1.2.3.4", "[1.2.3.4]", "", "example.org."]
            + [".".join(["a" * length] * 3) + ".fr" for length in (50, 60, 63)]
        ),
    )
    def test_the_library_says_which_addresses_there_are(self, local, domain):
        typed = f"{local}@{domain}"
        try:
            valid = validate_email(typed, check_deliverability=False, allow_smtputf8=False)
        except EmailNotValidError:
            with pytest.raises(ContactError):
                parse_email(typed)
        else:
            assert parse_email(typed) == valid.normalized

    @pytest.mark.parametrize(
        ("typed", "address"),
        [
            ("ana.martin@example.org", "ana.martin@example.org"),
            (" ana.martin@EXAMPLE.org ", "ana.martin@example.org"),
            ("Ana+lot@example.org", "Ana+lot@example.org"),
            ("ana @ example.org", "ana@example.org"),
            ("ana@exemple-été.fr", "ana@exemple-été.fr"),
            ("ana\u2011roux@exemple\u2011demo.fr", "ana-roux@exemple-demo.fr"),
            ("d’angelo＠example．org", "d'angelo@example.org"),
        ],
    )
    def test_an_address_is_tidied(self, typed, address):
        assert EMAIL.parse(typed) == address
        assert EMAIL.parse(EMAIL.format(address)) == address

    @pytest.mark.parametrize("space", [*SPACES[:-2], *UNSEEN], ids=ascii)
    def test_what_no_keyboard_puts_into_one_is_dropped(self, space):
        assert EMAIL.parse(f"ana{space}.martin{space}@example{space}.org{space}") == (
            "ana.martin@example.org"
        )

    @pytest.mark.parametrize(
        "cell", ["ana", "ana@", "ana@example", "a b@example.org", "@example.org", 12.0]
    )
    def test_what_is_no_address_is_named(self, cell):
        with pytest.raises(CellError) as caught:
            EMAIL.parse(cell)

        assert str(caught.value) == (
            f"« {as_text(cell)} » n'est pas une adresse de courriel "
            "(attendu : prenom.nom@example.org)"
        )

    @pytest.mark.parametrize("typed", ["camille.bonnét@example.org", "ñandú@exemple-été.fr"])
    def test_an_accent_before_the_at_sign_is_refused_with_its_reason(self, typed):
        assert reason(parse_email, typed) == "accent"

    def test_a_cell_says_so_with_what_it_holds(self):
        with pytest.raises(CellError) as caught:
            EMAIL.parse("camille.bonnét@example.org")

        assert str(caught.value) == (
            "« camille.bonnét@example.org » a une lettre accentuée avant le @ : "
            "aucun courriel n'y arrive (attendu : prenom.nom@example.org)"
        )

    def test_a_mail_server_gets_a_domain_in_ascii(self):
        assert deliverable("ana@exemple-été.fr") == "ana@xn--exemple-t-i4ab.fr"
        assert deliverable("ana@example.org") == "ana@example.org"


@pytest.mark.parametrize(
    ("typed", "postcode"),
    [
        ("46 100", "46100"),
        ("46\u202f100", "46100"),
        ("\ufeff46100\u2009", "46100"),
        (46100.0, "46100"),
        ("46009  CEDEX 9", "46009 CEDEX 9"),
        ("46 009 CEDEX 9", "46009 CEDEX 9"),
        ("SW1A 1AA", "SW1A 1AA"),
        ("123 456", "123 456"),
        ("1200-195 Lisboa", "1200-195 Lisboa"),
    ],
)
def test_a_postcode_stands_on_one_line_as_its_country_writes_it(typed, postcode):
    assert POSTCODE.parse(typed) == postcode
