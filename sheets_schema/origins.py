"""Where people come from: départements and countries, as rules name them. Pure."""

import functools
import json
import re
from collections.abc import Mapping
from importlib import resources

from sheets_schema.contact import FRANCE, find_country, parse_postcode, phone_region
from sheets_schema.errors import CellError
from sheets_schema.text import normalise, quoted, split_known

_CORSICA = {"200": "2A", "201": "2A", "202": "2B", "206": "2B"}  # by the start of a postcode


def parse_origins(text: str) -> tuple[str, ...]:
    """The départements and countries that a rule's cell lists.

    A département is named by its number or its name, a country in French or another language.

    Returns:
        Numbers of départements (« 31 », « 2A ») and ISO codes of countries (« FR »), each once.

    Raises:
        CellError: an item is neither.
    """
    return tuple(dict.fromkeys(map(_origin, split_known(text, _is_one))))


def _is_one(text: str) -> bool:
    """Whether a text names one origin; `find_country` also finds a country beside other words."""
    return not re.search("[,/]", text) and bool(_code(text))


def _origin(text: str) -> str:
    code = _code(text)
    if not code:
        raise CellError(f"{quoted(text)} n'est ni un département ni un pays")
    return code


def _code(text: str) -> str:
    """The number or the ISO code of what a text names; "" if it is neither."""
    key = normalise(text)
    number = key.upper()
    if number.isdigit() and len(number) == 1:
        number = f"0{number}"  # a sheet makes the number 1 of « 01 »
    return number if number in departments() else _numbers().get(key) or find_country(text) or ""


def origins(country: str | None, postcode: str | None) -> tuple[str, ...]:
    """The codes of where somebody lives: the country, and the département if it is in France.

    Args:
        country: the country as they name it.
        postcode: their postcode.
    """
    if not (country or postcode):
        return ()
    code = phone_region(country or "", postcode or "")
    if code != FRANCE:
        return (code,) if code else ()
    digits = re.search(r"\b\d{5}\b", parse_postcode(postcode or ""))
    number = _department(digits[0]) if digits else ""
    return (FRANCE, number) if number in departments() else (FRANCE,)


def _department(postcode: str) -> str:
    """The number of a postcode's département; a few communes at a border have the neighbour's."""
    start = postcode[:3]
    return _CORSICA.get(start) or (start if start in departments() else start[:2])


def in_words(code: str) -> str:
    """An origin as a reason names it: « Haute-Garonne », « Belgique »."""
    if code in departments():
        return departments()[code]
    from babel import Locale  # noqa: PLC0415  (seldom needed, and takes a moment)

    return str(Locale("fr").territories[code])


@functools.cache
def departments() -> Mapping[str, str]:
    """The départements of France: names by number."""
    path = resources.files(__package__).joinpath("data", "departments.json")
    names: dict[str, str] = json.loads(path.read_text("utf-8"))["departments"]
    return names


@functools.cache
def _numbers() -> Mapping[str, str]:
    return {normalise(name): number for number, name in departments().items()}
