"""Column types. Each has a pair of functions that parse and format a cell's value.

A cell holds what the Sheets API calls its effective value: text, a number, a boolean or nothing.
Dates are numbers, days since 1899-12-30 (Sheets API, "DateTime serial numbers").
"""

import functools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sheets_schema.contact import format_phone, parse_email, parse_phone, parse_postcode
from sheets_schema.errors import CellError
from sheets_schema.origins import parse_origins
from sheets_schema.schema import Schema, choices, spellings
from sheets_schema.text import bare, normalise, quoted, slug, split_alternatives, split_known

Cell = str | float | bool | None
Kind = Literal["TEXT", "NUMBER", "DATE", "DATE_TIME"]

PARIS = ZoneInfo("Europe/Paris")  # the time of all of metropolitan France
YES, NO = "Oui", "Non"
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  (serials are wall-clock time)
_FIRST = datetime(2000, 1, 1)  # noqa: DTZ001  (no request is older)
_DATE_FORMATS = ("%d/%m/%Y", "%d/%m/%y", "%Y-%m-%d")
_TIME_FORMATS = ("%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%Y-%m-%dT%H:%M:%S")


@dataclass(frozen=True)
class ColumnType:
    """How a column's cells are read, written and shown.

    `parse` takes a non-blank cell and raises CellError with a French sentence; `format` takes a
    value that is not None. `kind` and `pattern` are the Sheets number format.
    """

    name: str
    parse: Callable[[Cell], Any]
    format: Callable[[Any], Cell]
    kind: Kind = "TEXT"
    pattern: str = "@"
    choices: tuple[str, ...] = ()

    @property
    def number_format(self) -> dict[str, str]:
        """The column's NumberFormat, as the Sheets API takes it."""
        return {"type": self.kind, "pattern": self.pattern}


def column_type(schema: Schema) -> ColumnType:
    """The column type that a property's JSON Schema describes.

    Raises:
        KeyError: no column type fits, which is a mistake in a schema file.
    """
    if "oneOf" in schema:
        return _choice(choices(schema), spellings(schema))
    if schema["type"] == "array":
        items = schema["items"]
        listed = schema.get("format") == "dropdown"
        return _choices(choices(items), spellings(items), listed=listed)
    if schema["type"] == "string":
        return _STRINGS.get(schema.get("format", ""), _TEXT)
    return {"integer": _INTEGER, "boolean": _YES_NO}[schema["type"]]


def as_text(cell: Cell) -> str:
    """A cell as the text a person sees: 19100.0 reads « 19100 », 2.5 « 2,5 », true « Oui »."""
    if cell is None or isinstance(cell, str):
        return bare(cell) if cell else ""
    if isinstance(cell, bool):
        return YES if cell else NO
    whole = math.isfinite(cell) and cell == int(cell)
    return str(int(cell)) if whole else str(cell).replace(".", ",")


def serial(moment: datetime) -> float:
    """An aware moment as a Sheets serial of Paris wall-clock time."""
    return (moment.astimezone(PARIS).replace(tzinfo=None) - _EPOCH) / timedelta(days=1)


def _parse_date(cell: Cell) -> date:
    return _wall_clock(cell, _DATE_FORMATS, "une date (attendu : 31/12/2026)").date()


def _format_date(value: date) -> float:
    return float((datetime(value.year, value.month, value.day) - _EPOCH).days)  # noqa: DTZ001


def _parse_instant(cell: Cell) -> datetime:
    expected = "une date avec heure (attendu : 31/12/2026 14:30)"
    moment = _wall_clock(cell, _TIME_FORMATS + _DATE_FORMATS, expected)
    try:
        return moment.replace(tzinfo=PARIS).astimezone(UTC)
    except OverflowError as error:  # Paris time before the first day of Python's calendar
        raise CellError(f"{quoted(as_text(cell))} n'est pas {expected}") from error


def _wall_clock(cell: Cell, formats: tuple[str, ...], expected: str) -> datetime:
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        try:
            # A serial holds the time of day as a binary fraction. People write whole seconds.
            moment = _EPOCH + timedelta(seconds=round(cell * 86400))
        except (OverflowError, ValueError):
            moment = _EPOCH
        # Somebody who types « 2026 » into a column of dates does not mean a day of 1905.
        if moment < _FIRST:
            raise CellError(f"{quoted(as_text(cell))} n'est pas {expected}")
        return moment
    text = as_text(cell)
    for pattern in formats:
        try:
            return datetime.strptime(text, pattern)  # noqa: DTZ007  (wall-clock time)
        except ValueError:
            continue
    raise CellError(f"{quoted(text)} n'est pas {expected}")


def _parse_integer(cell: Cell) -> int:
    try:
        number = float(as_text(cell).replace(",", "."))
        if number == int(number):
            return int(number)
    except (ValueError, OverflowError):
        pass
    raise CellError(f"{quoted(as_text(cell))} n'est pas un nombre entier")


def _parse_yes_no(cell: Cell) -> bool:
    match normalise(as_text(cell)):
        case "oui" | "o" | "vrai" | "true" | "x" | "1":
            return True
        case "non" | "n" | "faux" | "false" | "0":
            return False
    raise CellError(f"{quoted(as_text(cell))} n'est ni Oui ni Non")


def _format_yes_no(value: bool) -> str:
    return YES if value else NO


def _choice(titles: Mapping[str, str], spelled: Mapping[str, str]) -> ColumnType:
    """The type of a choice; `spelled` has the value of each text that people may write."""
    keys = {normalise(text): value for text, value in spelled.items()}

    def parse(cell: Cell) -> str:
        try:
            return keys[normalise(as_text(cell))]
        except KeyError:
            raise CellError(
                f"{quoted(as_text(cell))} n'est pas un choix possible "
                f"({' ; '.join(titles.values())})"
            ) from None

    return ColumnType("choice", parse, titles.__getitem__, choices=tuple(titles.values()))


def _choices(titles: Mapping[str, str], spelled: Mapping[str, str], *, listed: bool) -> ColumnType:
    """The type of several choices in a cell; `listed` if a dropdown is to propose them."""
    choice = _choice(titles, spelled)
    keys = set(map(normalise, spelled))

    @functools.lru_cache(maxsize=1_000)  # thousands of rules say the same in many cells
    def read(text: str) -> tuple[str, ...]:
        items = split_known(text, lambda item: normalise(item) in keys)
        return tuple(dict.fromkeys(map(choice.parse, items)))

    def format_(keys: tuple[str, ...]) -> str:
        return ", ".join(titles[key] for key in keys)

    dropdown = tuple(titles.values()) if listed else ()
    return ColumnType("choices", lambda cell: read(as_text(cell)), format_, choices=dropdown)


def _parse_sources(cell: Cell) -> tuple[str, ...]:
    """Sources as they are compared, each once: « Salon TAF » is « salon-taf »."""
    slugs = map(slug, split_alternatives(as_text(cell)))
    return tuple(dict.fromkeys(filter(None, slugs)))


def _of_text(parse: Callable[[str], str]) -> Callable[[Cell], str]:
    return lambda cell: parse(as_text(cell))


_TEXT = ColumnType("text", as_text, str)
_INTEGER = ColumnType("integer", _parse_integer, float, "NUMBER", "0")
_YES_NO = ColumnType("yes/no", _parse_yes_no, _format_yes_no, choices=(YES, NO))
_STRINGS = {
    "date": ColumnType("date", _parse_date, _format_date, "DATE", "dd/mm/yyyy"),
    "date-time": ColumnType("date-time", _parse_instant, serial, "DATE_TIME", "dd/mm/yyyy hh:mm"),
    "email": ColumnType("email", _of_text(parse_email), str),
    "phone": ColumnType("phone", _of_text(parse_phone), format_phone),
    "postcode": ColumnType("postcode", _of_text(parse_postcode), str),
    "sources": ColumnType("sources", _parse_sources, ", ".join),
    "origins": ColumnType("origins", lambda cell: parse_origins(as_text(cell)), ", ".join),
}
