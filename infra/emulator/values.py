"""The values of cells: how a typed text is read, and how format and locale show a value.

Dates and times are numbers: days since 1899-12-30, as Google documents it for ExtendedValue.
Formulas are kept, but not computed. Typed texts are read for two locales. Currencies, dates without
a year and dates in words count as text here, though Google would recognise them.
"""

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple, TypeAlias

from infra.emulator.errors import InvalidArgumentError, UnimplementedError


class Formula(str):
    """The text of a formula, with its `=`."""

    __slots__ = ()


Value: TypeAlias = str | float | bool | None  # a Formula is a str, an int a float

NOT_COMPUTED: Final = {"type": "ERROR", "message": "The local Sheets API computes no formulas."}
ERROR_TEXT: Final = "#ERROR!"
MAXIMUM_LENGTH: Final = 50_000  # characters in a cell; known from third parties only
_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
_DATE_TYPES = frozenset({"DATE", "TIME", "DATE_TIME"})


class Locale(NamedTuple):
    """How one country writes numbers, dates and booleans."""

    decimal: str
    group: str
    day_first: bool
    booleans: Mapping[bool, str]
    patterns: Mapping[str, str]  # the default pattern of each type of number format


_FRENCH = Locale(
    decimal=",",
    group="\u202f",
    day_first=True,
    booleans={True: "VRAI", False: "FAUX"},
    patterns={"DATE": "dd/mm/yyyy", "TIME": "hh:mm:ss", "DATE_TIME": "dd/mm/yyyy hh:mm:ss"},
)
_AMERICAN = Locale(
    decimal=".",
    group=",",
    day_first=False,
    booleans={True: "TRUE", False: "FALSE"},
    patterns={"DATE": "m/d/yyyy", "TIME": "h:mm:ss", "DATE_TIME": "m/d/yyyy h:mm:ss"},
)
_LOCALES = {"fr_FR": _FRENCH, "fr": _FRENCH, "en_US": _AMERICAN, "en": _AMERICAN}


def locale_named(name: str) -> Locale:
    """Return what is known of a locale.

    Raises:
        UnimplementedError: If the local API does not know the locale.
    """
    if name not in _LOCALES:
        raise UnimplementedError(f"the locale {name}")
    return _LOCALES[name]


class Typed(NamedTuple):
    """What somebody typed: the value, and the number format that it gives to a cell without one."""

    value: Value
    format: Mapping[str, str] | None = None


def from_extended(wire: Mapping[str, Any] | None) -> Value:
    """Read an ExtendedValue that a caller writes.

    Raises:
        InvalidArgumentError: If it holds several values, an error, or too much.
    """
    if not wire:
        return None
    if len(wire) > 1:
        raise InvalidArgumentError(f"An ExtendedValue holds one value, not {', '.join(wire)}.")
    kind, value = next(iter(wire.items()))
    if kind == "errorValue":
        raise InvalidArgumentError("errorValue is read-only.")
    if kind == "formulaValue":
        return Formula(checked(value))
    return checked(value) or None if isinstance(value, str) else _plain(value)


def to_extended(value: Value, *, effective: bool = False) -> dict[str, Any]:
    """Write an ExtendedValue: what was entered, or its effect."""
    if isinstance(value, Formula):
        return {"errorValue": NOT_COMPUTED} if effective else {"formulaValue": str(value)}
    if isinstance(value, bool):
        return {"boolValue": value}
    return {"stringValue": value} if isinstance(value, str) else {"numberValue": value}


def checked(text: str) -> str:
    """Refuse a text longer than a cell holds.

    Raises:
        InvalidArgumentError: In Google's words.
    """
    if len(text) > MAXIMUM_LENGTH:
        raise InvalidArgumentError(
            f"Your input contains more than the maximum of {MAXIMUM_LENGTH} characters in a "
            "single cell."
        )
    return text


def raw(value: object) -> Typed:
    """Take a value of `values.*` as it is (valueInputOption RAW): a string is never parsed.

    Raises:
        InvalidArgumentError: If it is not a value of a cell.
    """
    if isinstance(value, str):
        return Typed(checked(value) or None)
    if isinstance(value, bool | int | float):
        return Typed(_plain(value))
    raise InvalidArgumentError(f"Invalid value of a cell: {type(value).__name__}")


def typed(value: object, locale: Locale, *, as_text: bool = False) -> Typed:
    """Read a value as if typed into a cell (valueInputOption USER_ENTERED).

    Args:
        value: What was typed; a value that is no string is taken as it is.
        locale: The locale of the spreadsheet.
        as_text: Whether the cell's format is plain text, which keeps every string as text.

    Raises:
        InvalidArgumentError: If it is not a value of a cell.
    """
    if not isinstance(value, str) or as_text or not value:
        return raw(value)
    text = checked(value)
    if text.startswith("'"):
        return Typed(text[1:] or None)
    if text.startswith("=") and len(text) > 1:
        return Typed(Formula(text))
    text = text.strip()
    for words in (locale.booleans, _AMERICAN.booleans):
        for meaning, word in words.items():
            if text.upper() == word:
                return Typed(meaning)
    typed_value = _typed_number(text, locale) or _typed_date(text, locale)
    if typed_value is None and re.match(r"\+\s*\S", text):
        return Typed(Formula(f"={text}"))  # as for a phone number that starts with +33
    return typed_value or Typed(value)


def unformatted(value: Value) -> object:
    """Show a value computed and not formatted (UNFORMATTED_VALUE)."""
    return ERROR_TEXT if isinstance(value, Formula) else "" if value is None else value


def formatted(value: Value, number_format: Mapping[str, Any], locale: Locale) -> str:
    """Show a value as a person sees it (FORMATTED_VALUE)."""
    if value is None:
        return ""
    if isinstance(value, Formula):
        return ERROR_TEXT
    if isinstance(value, bool):
        return locale.booleans[value]
    if isinstance(value, str):
        return value
    kind = number_format.get("type", "")
    pattern = number_format.get("pattern") or locale.patterns.get(kind)
    if kind in _DATE_TYPES and pattern:
        return _shown_date(value, pattern)
    if pattern and kind in {"NUMBER", "PERCENT"}:
        return _shown_number(value, pattern, locale)
    return f"{value:.15g}".replace("e", "E").replace(".", locale.decimal)


def is_date(value: Value, number_format: Mapping[str, Any]) -> bool:
    """Tell whether a value is shown as a date or a time."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and number_format.get("type") in _DATE_TYPES


def check_number_format(number_format: Mapping[str, Any]) -> None:
    """Refuse a number format that could not be shown as Google would.

    Raises:
        InvalidArgumentError: If its type is missing.
        UnimplementedError: If its type or pattern is beyond the local API.
    """
    kind, pattern = number_format.get("type"), number_format.get("pattern", "")
    if kind in {None, "NUMBER_FORMAT_TYPE_UNSPECIFIED"}:
        raise InvalidArgumentError("A NumberFormat must have a type.")
    known = kind == "TEXT" or (kind in _DATE_TYPES and _known_date_pattern(pattern))
    if kind in {"NUMBER", "PERCENT"}:
        known = not pattern or _NUMBER_PATTERN.fullmatch(pattern) is not None
    if not known:
        raise UnimplementedError(f"the number format {kind} {pattern}".rstrip())


def serial(moment: datetime) -> float:
    """Return the serial number of a date and time (its time zone is not looked at)."""
    return _plain((moment.replace(tzinfo=UTC) - _EPOCH) / timedelta(days=1))


def _plain(number: float) -> float:
    """Write 3.0 as 3, as JSON from Google does."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


# --- what people type ---

_TIME = r"(\d{1,2}):(\d{2})(?::(\d{2}))?"


def _typed_number(text: str, locale: Locale) -> Typed | None:
    groups = r"[ \u00a0\u202f]" if locale.decimal == "," else ","
    decimals = re.escape(locale.decimal)
    shape = (
        rf"[+-]?(?:\d{{1,3}}(?:{groups}\d{{3}})+|\d+)(?:{decimals}(\d+))?(?:[eE][+-]?\d+)?(\s?%)?"
    )
    match = re.fullmatch(shape, text)
    if not match:
        return None
    digits = re.sub(groups, "", text.removesuffix("%").strip())
    number = float(digits.replace(locale.decimal, "."))
    if not math.isfinite(number):
        return None  # 1e999 is text: no cell holds an infinite number
    if match[2]:
        pattern = "0.00%" if match[1] else "0%"
        return Typed(_plain(number / 100), {"type": "PERCENT", "pattern": pattern})
    return Typed(_plain(number))


def _typed_date(text: str, locale: Locale) -> Typed | None:
    day, _, time = text.partition(" ")
    if iso := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", day):
        year, month, date = iso.groups()
    elif local := re.fullmatch(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})", day):
        first, _, second, year = local.groups()
        date, month = (first, second) if locale.day_first else (second, first)
        century = "" if len(year) == len("yyyy") else "20" if year < "30" else "19"
        year = century + year
    elif clock := re.fullmatch(_TIME, text):
        return _typed_moment((1899, 12, 30), clock, "TIME", locale)
    else:
        return None
    clock = re.fullmatch(_TIME, time.strip())
    if time and not clock:
        return None
    kind = "DATE_TIME" if clock else "DATE"
    return _typed_moment((int(year), int(month), int(date)), clock, kind, locale)


def _typed_moment(
    date: tuple[int, int, int], clock: re.Match[str] | None, kind: str, locale: Locale
) -> Typed | None:
    hours, minutes, seconds = (int(part or 0) for part in clock.groups()) if clock else (0, 0, 0)
    try:
        moment = datetime(*date, hours, minutes, seconds, tzinfo=UTC)
    except ValueError:
        return None  # 31/02/2026 is text
    return Typed(serial(moment), {"type": kind, "pattern": locale.patterns[kind]})


# --- patterns ---

_NUMBER_PATTERN = re.compile(r"(#,##)?(0+|#)(?:\.(0*)(#*))?(%?)")
_DATE_TOKEN = re.compile(r'yyyy|yy|d{1,2}|m{1,2}|h{1,2}|s{1,2}|"[^"]*"|[^a-zA-Z"\[\]]')
_DATE_PARTS: Mapping[str, Callable[[datetime], int]] = {
    "d": lambda moment: moment.day,
    "m": lambda moment: moment.month,
    "h": lambda moment: moment.hour,
    "s": lambda moment: moment.second,
}


def _known_date_pattern(pattern: str) -> bool:
    return _DATE_TOKEN.sub("", pattern) == "" and not re.search(r"([dmhs])\1\1", pattern)


def _shown_date(value: float, pattern: str) -> str:
    try:
        moment = _EPOCH + timedelta(seconds=round(value * 86_400))
    except OverflowError:
        return str(value)
    tokens = _DATE_TOKEN.findall(pattern)
    letters = [token[0] for token in tokens if token[0] in "ymdhs"]
    shown, seen = [], 0
    for token in tokens:
        letter = token[0]
        if letter not in "ymdhs":
            shown.append(token.strip('"'))
            continue
        seen += 1
        if letter == "y":
            shown.append(f"{moment.year:04}"[-len(token) :])
        elif letter == "m" and (
            "h" in letters[seen - 2 : seen - 1] or "s" in letters[seen : seen + 1]
        ):
            shown.append(f"{moment.minute:0{len(token)}}")  # `m` beside hours or seconds
        else:
            shown.append(f"{_DATE_PARTS[letter](moment):0{len(token)}}")
    return "".join(shown)


def _shown_number(value: float, pattern: str, locale: Locale) -> str:
    match = _NUMBER_PATTERN.fullmatch(pattern)
    if not match:
        return str(value)
    grouped, whole, fixed, optional, percent = match.groups(default="")
    scaled = value * 100 if percent else value
    text = f"{abs(scaled):,.{len(fixed) + len(optional)}f}"
    integer, _, decimals = text.partition(".")
    decimals = decimals[: len(fixed)] + decimals[len(fixed) :].rstrip("0")
    integer = integer if grouped else integer.replace(",", "")
    integer = integer.rjust(whole.count("0"), "0").replace(",", locale.group)
    sign = "-" if scaled < 0 and text.strip("0.,") else ""
    return f"{sign}{integer}{locale.decimal + decimals if decimals else ''}{percent}"
