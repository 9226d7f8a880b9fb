import math
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sheets_schema.columns import PARIS, as_text, column_type, serial
from sheets_schema.errors import CellError
from sheets_schema.schema import load, vocabulary
from tests.sheets_schema.spelling import respelled

TEXT = column_type({"type": "string"})
DATE = column_type({"type": "string", "format": "date"})
INSTANT = column_type({"type": "string", "format": "date-time"})
EMAIL = column_type({"type": "string", "format": "email"})
PHONE = column_type({"type": "string", "format": "phone"})
POSTCODE = column_type({"type": "string", "format": "postcode"})
INTEGER = column_type({"type": "integer"})
YES_NO = column_type({"type": "boolean"})
NEEDS = column_type(load("requests")["properties"]["needs"])
CHOICES = {
    kind: column_type(load("vocabulary")["$defs"][kind]) for kind in load("vocabulary")["$defs"]
}

DATES = st.dates(date(2000, 1, 2))
# The hours around a change between winter and summer time are where a round trip goes wrong.
CHANGES = [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)]
INSTANTS = st.one_of(
    st.datetimes(datetime(2000, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.builds(
        lambda change, seconds: change + timedelta(seconds=seconds),
        st.sampled_from(CHANGES),
        st.integers(-7200, 7200),
    ),
).map(lambda moment: moment.replace(microsecond=0))
# What the Sheets API may say that a cell holds; a blank one is not parsed.
CELLS = st.one_of(
    st.text(min_size=1), st.floats(), st.integers(-(10**8), 10**8).map(float), st.booleans()
).filter(as_text)


def paris(moment: datetime) -> datetime:
    """What a clock on the wall shows in the Lot."""
    return moment.astimezone(PARIS).replace(tzinfo=None)


class TestAsText:
    @pytest.mark.parametrize(
        ("cell", "text"),
        [
            (None, ""),
            ("  Ana ", "Ana"),
            (46100.0, "46100"),
            (-3.0, "-3"),
            (2.5, "2,5"),
            (True, "Oui"),
            (False, "Non"),
            ("\u202f Ana\u2009\ufeff", "Ana"),
            ("\u200b \u00a0", ""),
        ],
    )
    def test_a_cell_reads_as_people_see_it(self, cell, text):
        assert as_text(cell) == text


class TestDates:
    @pytest.mark.parametrize(
        ("day", "number"),
        [  # https://developers.google.com/workspace/sheets/api/guides/formats#about_date_time_values
            (date(1899, 12, 31), 1.0),
            (date(1900, 2, 1), 33.0),
            (date(2026, 11, 23), 46349.0),
        ],
    )
    def test_a_date_is_a_number_of_days_as_google_counts_them(self, day, number):
        assert DATE.format(day) == number
        assert day.year < 2000 or DATE.parse(number) == day

    @pytest.mark.parametrize("number", [1, 2026.0, 36525.9])
    def test_a_number_that_would_be_a_day_before_2000_is_no_date(self, number):
        """Somebody typed a year: Google would show 18/07/1905."""
        for kind in (DATE, INSTANT):
            with pytest.raises(CellError, match="n'est pas une date"):
                kind.parse(number)

    @given(DATES)
    def test_a_date_comes_back(self, day):
        assert DATE.parse(DATE.format(day)) == day

    @given(DATES, st.floats(0, 0.99999))
    def test_the_time_of_day_in_a_date_cell_does_not_matter(self, day, fraction):
        assert DATE.parse(DATE.format(day) + fraction) == day

    @given(DATES)
    def test_a_date_typed_as_text_is_read(self, day):
        assert DATE.parse(f"{day:%d/%m/%Y}") == day
        assert DATE.parse(f" {day.day}/{day.month}/{day.year} ") == day
        assert DATE.parse(day.isoformat()) == day

    def test_a_year_of_two_digits_is_of_this_century(self):
        assert DATE.parse("31/12/26") == date(2026, 12, 31)

    @pytest.mark.parametrize("cell", ["demain", "30/02/2026", "12/31/2026", "31/12", True])
    def test_what_is_no_date_is_named(self, cell):
        with pytest.raises(CellError) as caught:
            DATE.parse(cell)

        assert str(caught.value) == f"« {as_text(cell)} » n'est pas une date (attendu : 31/12/2026)"


class TestMoments:
    @pytest.mark.parametrize(
        ("moment", "clock"),
        [
            ("2026-11-23T09:00:00+00:00", "23/11/2026 10:00"),
            ("2026-07-01T09:00:00+00:00", "01/07/2026 11:00"),
            ("2026-12-31T23:30:00+00:00", "01/01/2027 00:30"),
            ("2026-03-29T00:59:59+00:00", "29/03/2026 01:59:59"),
            ("2026-03-29T01:00:00+00:00", "29/03/2026 03:00"),
            ("2026-10-25T00:30:00+00:00", "25/10/2026 02:30"),
        ],
    )
    def test_a_cell_shows_the_time_in_paris(self, moment, clock):
        instant = datetime.fromisoformat(moment)

        assert INSTANT.parse(clock) == instant
        assert INSTANT.parse(INSTANT.format(instant)) == instant

    def test_noon_is_half_a_day(self):
        assert serial(datetime(2026, 11, 23, 11, tzinfo=UTC)) == 46349.5

    @given(INSTANTS)
    @example(datetime(2026, 10, 25, 1, 30, tzinfo=UTC))
    def test_the_time_on_the_wall_comes_back_to_the_second(self, moment):
        assert paris(INSTANT.parse(INSTANT.format(moment))) == paris(moment)

    @given(INSTANTS)
    def test_a_moment_comes_back_but_in_the_hour_that_happens_twice(self, moment):
        twice = timedelta(hours=moment.astimezone(PARIS).fold)

        assert INSTANT.parse(INSTANT.format(moment)) == moment - twice

    def test_a_time_that_the_clocks_skip_is_read_as_the_hour_after(self):
        assert paris(INSTANT.parse("29/03/2026 02:30")) == datetime(2026, 3, 29, 3, 30)  # noqa: DTZ001

    def test_a_day_without_a_time_begins_at_midnight(self):
        assert paris(INSTANT.parse("23/11/2026")) == datetime(2026, 11, 23)  # noqa: DTZ001

    @pytest.mark.parametrize("cell", ["hier", "23/11/2026 25:00", math.inf, math.nan, 1e9, -1e9])
    def test_what_is_no_moment_is_named(self, cell):
        with pytest.raises(CellError, match=r"attendu : 31/12/2026 14:30") as caught:
            INSTANT.parse(cell)

        assert str(caught.value).startswith(f"« {as_text(cell)} » n'est pas une date avec heure")

    def test_the_first_day_of_the_calendar_is_refused_like_any_other_mistake(self):
        with pytest.raises(CellError):
            INSTANT.parse("01/01/0001")


class TestIntegers:
    @given(st.integers(-(2**53), 2**53))
    def test_an_integer_comes_back(self, number):
        assert INTEGER.parse(INTEGER.format(number)) == number

    @given(st.integers(-(2**53), 2**53))
    def test_an_integer_typed_as_text_is_read(self, number):
        assert INTEGER.parse(f" {number} ") == number
        assert INTEGER.parse(f"{number},0") == number

    @pytest.mark.parametrize("cell", ["deux", "2,5", 2.5, math.inf, math.nan, True])
    def test_what_is_no_integer_is_named(self, cell):
        with pytest.raises(CellError) as caught:
            INTEGER.parse(cell)

        assert str(caught.value) == f"« {as_text(cell)} » n'est pas un nombre entier"


class TestYesNo:
    @pytest.mark.parametrize("value", [True, False])
    def test_a_yes_or_no_comes_back(self, value):
        assert YES_NO.parse(YES_NO.format(value)) is value

    @pytest.mark.parametrize("cell", ["Oui", "OUI", "o", " vrai ", "x", "1", 1.0, True])
    def test_yes(self, cell):
        assert YES_NO.parse(cell) is True

    @pytest.mark.parametrize("cell", ["Non", "NON", "n", "faux", "0", 0.0, False])
    def test_no(self, cell):
        assert YES_NO.parse(cell) is False

    def test_what_is_neither_is_named(self):
        with pytest.raises(CellError) as caught:
            YES_NO.parse("peut-être")

        assert str(caught.value) == "« peut-être » n'est ni Oui ni Non"


class TestChoices:
    @given(st.data(), st.sampled_from(sorted(CHOICES)))
    def test_a_choice_comes_back_however_people_spell_it(self, data, kind):
        key = data.draw(st.sampled_from(list(vocabulary(kind))))
        title = CHOICES[kind].format(key)

        assert CHOICES[kind].parse(title) == key
        assert CHOICES[kind].parse(data.draw(respelled(title))) == key

    def test_the_dropdown_offers_every_choice_in_order(self):
        assert CHOICES["horizon"].choices == (
            "J'y habite déjà",
            "Moins de 3 mois",
            "3 à 6 mois",
            "6 à 12 mois",
            "Plus d'un an",
            "Je ne sais pas",
        )

    def test_what_is_no_choice_is_named_with_those_there_are(self):
        with pytest.raises(CellError) as caught:
            CHOICES["horizon"].parse("bientôt")

        assert str(caught.value) == (
            "« bientôt » n'est pas un choix possible (J'y habite déjà ; Moins de 3 mois ; "
            "3 à 6 mois ; 6 à 12 mois ; Plus d'un an ; Je ne sais pas)"
        )

    def test_a_choice_is_read_by_the_title_that_it_had_in_an_older_workbook(self):
        assert CHOICES["horizon"].parse("déjà installé") == "already_here"

    @given(st.lists(st.sampled_from(list(vocabulary("need"))), unique=True).map(tuple))
    def test_several_choices_come_back_in_their_order(self, keys):
        assert NEEDS.parse(NEEDS.format(keys)) == keys

    def test_several_choices_stand_in_one_cell(self):
        assert NEEDS.format(("housing", "partner_job")) == "Logement, Emploi du conjoint"
        assert NEEDS.parse("emploi du conjoint ; LOGEMENT\nlogement") == ("partner_job", "housing")

    def test_labels_with_commas_are_read_in_a_list(self):
        column = column_type(load("rules")["properties"]["sector"])
        assert column.parse("restauration, hébergement, Commerce ; association, ESS") == (
            "hospitality",
            "retail",
            "nonprofit",
        )
        assert column.choices[0].startswith("Artisanat")
        with pytest.raises(CellError, match=r"« Restauration rapide » n'est pas un choix possible"):
            column.parse("Commerce, Restauration rapide")

    def test_a_label_may_go_without_its_brackets_or_be_said_in_short(self):
        columns = load("rules")["properties"]
        read = {key: column_type(columns[key]).parse for key in ("sector", "project", "profile")}
        assert read["sector"]("Artisanat et commerce / restauration") == (
            *("crafts", "retail", "hospitality"),
        )
        assert read["project"]("Reprise, création") == ("business_takeover", "business_creation")
        assert read["profile"]("cession") == ("seller",)

    def test_the_one_that_is_no_choice_is_named(self):
        with pytest.raises(CellError, match=r"« piscine » n'est pas un choix possible"):
            NEEDS.parse("Logement, piscine")


@pytest.mark.parametrize(
    "column",
    [TEXT, DATE, INSTANT, EMAIL, PHONE, POSTCODE, INTEGER, YES_NO, CHOICES["status"], NEEDS],
    ids=lambda column: column.name,
)
@given(cell=CELLS)
@example(-693593.0)
@example("https://example.org")
def test_whatever_a_cell_holds_is_refused_as_a_cell_or_keeps_its_meaning(column, cell):
    # Anything but a CellError would stop the rows that follow.
    with suppress(CellError):
        value = column.parse(cell)
        assert column.parse(column.format(value)) == value


def test_text_is_never_shown_as_anything_but_text():
    assert TEXT.number_format == {"type": "TEXT", "pattern": "@"}
    assert PHONE.number_format == {"type": "TEXT", "pattern": "@"}


def test_dates_and_numbers_have_formats_of_their_own():
    assert DATE.number_format == {"type": "DATE", "pattern": "dd/mm/yyyy"}
    assert INSTANT.number_format == {"type": "DATE_TIME", "pattern": "dd/mm/yyyy hh:mm"}
    assert INTEGER.number_format == {"type": "NUMBER", "pattern": "0"}


def test_a_schema_that_fits_no_column_is_a_mistake():
    with pytest.raises(KeyError):
        column_type({"type": "object"})


@pytest.mark.parametrize(
    "property_",
    [
        {"type": "string", "format": "email"},
        {"type": "string", "format": "phone"},
        {"type": "string", "format": "date"},
        {"type": "string", "format": "date-time"},
        {"type": "integer"},
        {"type": "boolean"},
        {"oneOf": [{"const": "x", "title": "X"}]},
    ],
    ids=str,
)
def test_a_long_cell_makes_no_long_sentence(property_):
    with pytest.raises(CellError, match=r"^« y{59}… » n'est "):
        column_type(property_).parse("y" * 50_000)
