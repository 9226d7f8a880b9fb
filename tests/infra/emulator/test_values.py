from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.emulator import values
from infra.emulator.errors import InvalidArgumentError, UnimplementedError
from infra.emulator.values import Formula

FRENCH, AMERICAN = values.locale_named("fr_FR"), values.locale_named("en_US")


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("Cahors", "Cahors", None),
        ("  deux  espaces ", "  deux  espaces ", None),
        ("12", 12, None),
        ("046", 46, None),
        ("-1,5", -1.5, None),
        ("1 234,50", 1234.5, None),
        ("1\u202f234", 1234, None),
        ("1E3", 1000, None),
        ("1.5", "1.5", None),
        ("1,5,2", "1,5,2", None),
        ("12 %", 0.12, "PERCENT"),
        ("31/12/2026", 46387, "DATE"),
        ("31-12-26", 46387, "DATE"),
        ("1.1.1970", 25569, "DATE"),
        ("2020-01-01", 43831, "DATE"),  # recorded
        ("31/12/2026 14:30", 46387 + 14.5 / 24, "DATE_TIME"),
        ("2026-12-31 12:00:00", 46387.5, "DATE_TIME"),
        ("06:00", 0.25, "TIME"),
        ("31/02/2026", "31/02/2026", None),
        ("12/31/2026", "12/31/2026", None),
        ("31/12/2026 25:00", "31/12/2026 25:00", None),
        ("31/12/2026 bientôt", "31/12/2026 bientôt", None),
        ("VRAI", True, None),
        ("faux", False, None),
        ("TRUE", True, None),
        ("'12", "12", None),
        ("'=A1", "=A1", None),
        ("=A1+1", Formula("=A1+1"), None),
        ("=", "=", None),
        ("+33612345678", 33612345678, None),
        ("+33 6 12", Formula("=+33 6 12"), None),
        ("", None, None),
    ],
)
def test_what_is_typed_in_french(text, value, kind):
    typed = values.typed(text, FRENCH)
    assert (typed.value, type(typed.value)) == (value, type(value))
    assert (typed.format or {}).get("type") == kind


@pytest.mark.parametrize(
    ("text", "value"),
    [("1.5", 1.5), ("1,234.5", 1234.5), ("1,5", "1,5"), ("12/31/2026", 46387), ("VRAI", "VRAI")],
)
def test_what_is_typed_in_american_english(text, value):
    assert values.typed(text, AMERICAN).value == value


@pytest.mark.parametrize("text", ["1e999", "-1e999", "9" * 400, "1e999%", "1E400"])
def test_a_number_that_no_cell_holds_stays_text(text):
    assert values.typed(text, FRENCH) == values.Typed(text)


def test_a_cell_of_plain_text_keeps_what_is_typed():
    for text in ("046", "=A1", "31/12/2026", "VRAI"):
        assert values.typed(text, FRENCH, as_text=True).value == text


def test_raw_values_are_not_parsed():
    for text in ("046", "=A1", "2020-01-01", "'x"):
        typed = values.raw(text)
        assert (typed.value, type(typed.value)) == (text, str)
    assert values.raw("").value is None
    assert values.raw(2.0).value == 2
    for wrong in ([1], {"a": 1}):
        with pytest.raises(InvalidArgumentError):
            values.raw(wrong)


@pytest.mark.parametrize(
    ("value", "kind", "pattern", "shown"),
    [
        (46387, "DATE", "", "31/12/2026"),
        (46387, "DATE", "yyyy-mm-dd", "2026-12-31"),
        (46387, "DATE", 'd"e" m/yy', "31e 12/26"),
        (46387 + 14.5 / 24, "DATE_TIME", "dd/mm/yyyy hh:mm", "31/12/2026 14:30"),
        (46387 + 14.5 / 24, "DATE_TIME", "", "31/12/2026 14:30:00"),
        (46023 + 5 / 1440, "TIME", "h:mm:ss", "0:05:00"),
        (46023 + 65 / 86400, "TIME", "mm:ss", "01:05"),
        (1234.5, "NUMBER", "", "1234,5"),
        (1234.5, "NUMBER", "0", "1234"),
        (1234.567, "NUMBER", "#,##0.00", "1\u202f234,57"),
        (46090, "NUMBER", "00000", "46090"),
        (1234, "NUMBER", "00000", "01234"),
        (1.5, "NUMBER", "0.0##", "1,5"),
        (-0.001, "NUMBER", "0.0", "0,0"),
        (0.125, "PERCENT", "0.0%", "12,5%"),
        (12, "TEXT", "@", "12"),
        ("texte", "DATE", "", "texte"),
        (True, "NUMBER", "0", "VRAI"),
        (Formula("=A1"), "", "", "#ERROR!"),
        (None, "DATE", "", ""),
    ],
)
def test_values_are_shown_by_their_format(value, kind, pattern, shown):
    number_format = {"type": kind, "pattern": pattern} if kind else {}
    assert values.formatted(value, number_format, FRENCH) == shown


def test_numbers_without_format():
    assert values.formatted(0.1 + 0.2, {}, FRENCH) == "0,3"
    assert values.formatted(33612345678, {}, FRENCH) == "33612345678"
    assert values.formatted(1e20, {}, FRENCH) == "1E+20"
    assert values.formatted(46387, {"type": "DATE"}, AMERICAN) == "12/31/2026"
    assert values.formatted(1e12, {"type": "DATE"}, FRENCH) == "1000000000000.0"


@pytest.mark.parametrize(
    "number_format",
    [
        {"type": "DATE", "pattern": "dddd d mmmm"},
        {"type": "CURRENCY"},
        {"type": "NUMBER", "pattern": "0;-0"},
        {"type": "TIME", "pattern": "[h]:mm"},
    ],
)
def test_formats_that_could_not_be_shown_are_refused(number_format):
    with pytest.raises(UnimplementedError, match=number_format["type"]):
        values.check_number_format(number_format)


def test_a_number_format_needs_a_type():
    with pytest.raises(InvalidArgumentError):
        values.check_number_format({"pattern": "0"})


def test_extended_values_round_trip():
    for wire in ({"stringValue": "x"}, {"numberValue": 1.5}, {"boolValue": False}):
        assert values.to_extended(values.from_extended(wire)) == wire
    assert values.to_extended(values.from_extended({"numberValue": 2.0})) == {"numberValue": 2}
    assert values.from_extended({}) is None
    assert values.from_extended({"stringValue": ""}) is None
    formula = values.from_extended({"formulaValue": "=A1"})
    assert values.to_extended(formula) == {"formulaValue": "=A1"}
    effective = values.to_extended(formula, effective=True)["errorValue"]
    assert effective["type"] == "ERROR"
    assert "computes no formulas" in effective["message"]


@pytest.mark.parametrize(
    "wire",
    [
        {"stringValue": "a", "numberValue": 1},
        {"errorValue": {"type": "REF"}},
        {"stringValue": "x" * 50_001},
    ],
)
def test_wrong_extended_values_are_refused(wire):
    with pytest.raises(InvalidArgumentError):
        values.from_extended(wire)


def test_an_unknown_locale_is_refused_by_name():
    with pytest.raises(UnimplementedError, match="de_DE"):
        values.locale_named("de_DE")


moments = st.datetimes(datetime(1950, 1, 1), datetime(2049, 12, 31))  # noqa: DTZ001


@given(moments)
def test_a_date_and_time_that_is_shown_can_be_typed(moment):
    moment = moment.replace(microsecond=0, tzinfo=UTC)
    serial = values.serial(moment)
    assert datetime(1899, 12, 30, tzinfo=UTC) + timedelta(days=serial) - moment < timedelta(
        seconds=1
    )
    for locale in (FRENCH, AMERICAN):
        shown = values.formatted(serial, {"type": "DATE_TIME"}, locale)
        assert values.typed(shown, locale).value == serial


@given(st.integers(-(10**12), 10**12) | st.floats(-1e6, 1e6).map(lambda number: round(number, 4)))
def test_a_number_that_is_shown_can_be_typed(number):
    for locale in (FRENCH, AMERICAN):
        assert values.typed(values.formatted(number, {}, locale), locale).value == number
