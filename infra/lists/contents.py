"""Looks at the cells of a column: of what kind they are, whatever its header says. Pure."""

import functools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from infra.lists.sheets import Cell, as_text
from infra.lists.words import synonyms, word_set
from sheets_schema.schema import vocabulary
from sheets_schema.territory import territories
from sheets_schema.text import normalise

# Days that numbers stand for, if nothing says that they are days: from 2000 to 2060.
FIRST_DAY, LAST_DAY = 36526, 58806
_EMAIL = re.compile(r"[^\s@,;/]+@[^\s@]+")
_POSTCODE = re.compile(r"(?:f ?- ?)?\d{2} ?\d{3}", re.IGNORECASE)
_POSTCODE_TOWN = re.compile(
    r"\d{2} ?\d{3}\b[\s,–-]*[^\W\d].*|[^\W\d][^\d]*[\s,(–-]+\d{2} ?\d{3}\)?"
)
_ADDRESS = re.compile(r".*[\s,\n]\d{5}\s+[^\W\d][^\d]*", re.DOTALL)
_DATE = re.compile(
    r"(?:le )?\d{1,4}\s?[/.-]\s?\d{1,2}\s?[/.-]\s?\d{2,4}(?:[T à].*)?"
    r"|(?:le )?(?:\w+\.? )?\d{1,2}(?:er)?[ /-](?:[^\W\d]{3,9}\.?[ /-]\d{4}.*"
    r"|(?:janv|f[eé]vr|mars|avril|mai|juin|juil|ao[uû]t|sept|oct|nov|d[eé]c)[^\W\d]*\.?[ /-]\d\d)",
    re.IGNORECASE,
)
_MONTH = re.compile(
    r"janv|f[eé]vr|mars\b|avril|\bmai\b|juin|juil|ao[uû]t|sept|oct|nov|d[eé]c|semaine|\d[/.-]\d",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"-?[\d\s  ]+(?:[.,]\d+)?\s?(?:€|%|ans?|km)?")
_COUNT = re.compile(r"\d{1,2}\b(?!\s*[/.:h-])")  # « 2 (5 et 8 ans) »
_NAME = re.compile(r"[^\W\d_][^\d@_:;€?!()\[\]]{0,60}")
_BESIDE_DIGITS = re.compile(r"[\W\d_]|e\+|ou|et|t[eé]l", re.IGNORECASE)
_MOST_DIGITS, _LEAST_DIGITS = 15, 8
_BESIDE_TOWN = re.compile(r"(?: cedex)?(?: \w?\d+)*$")  # of « bordeaux 33 »
_TITLED = re.compile(r"(?:mme|mlle|m\.|mr|monsieur|madame|dre?)[. ]\s*\S+ \S+", re.IGNORECASE)
_SAMPLED = 200
LONGEST_NAME = 60  # characters of what names a town or a trade
LONGEST = 1_000  # characters of a cell that is more than a remark


@dataclass(frozen=True)
class Profile:
    """What the cells of a column are, each as a share of the cells that say something.

    `count` is how many cells say something. `days` counts what may be a day in any way, `dates`
    what is a date for certain.
    """

    count: int = 0
    emails: float = 0
    phones: float = 0
    both: float = 0
    dates: float = 0
    days: float = 0
    numbers: float = 0
    counts: float = 0
    postcodes: float = 0
    towns_with_postcode: float = 0
    addresses: float = 0
    places: float = 0
    yes_no: float = 0
    names: float = 0
    full_names: float = 0
    several_names: float = 0
    first_names: float = 0
    statuses: float = 0
    other_statuses: float = 0
    sectors: float = 0
    needs: float = 0
    profiles: float = 0
    towns: float = 0
    trades: float = 0
    distinct: float = 0


def profile(cells: Iterable[Cell]) -> Profile:
    """Look at cells of a column; a few hundred of them are enough."""
    said = [cell for cell in cells if not says_nothing(cell) and len(as_text(cell)) <= LONGEST]
    step = max(1, len(said) // _SAMPLED)
    sample = said[::step]
    if not sample:
        return Profile()
    kinds: Counter[str] = Counter()
    for cell in sample:
        kinds.update(_kinds(cell, as_text(cell)))
    shares = {kind: count / len(sample) for kind, count in kinds.items()}
    different = len({as_text(cell) for cell in sample}) / len(sample)
    return Profile(count=len(said), distinct=different, **shares)


def says_nothing(cell: Cell) -> bool:
    """Whether a cell is blank, or says that there is nothing: « néant », « - », « NC »."""
    if cell is None:
        return True
    if not isinstance(cell, str):
        return False
    return _says_nothing(cell)


@functools.lru_cache(maxsize=4096)
def _says_nothing(text: str) -> bool:
    key = normalise(text)
    # A cross is a yes in a column of crosses, so it says something.
    return key != "x" and (key in word_set("nothing") or (not key and "#" not in text))


@functools.lru_cache(maxsize=8192)
def _kinds(cell: Cell, text: str) -> frozenset[str]:
    if isinstance(cell, bool):
        return frozenset({"yes_no"})
    if isinstance(cell, date):
        return frozenset({"dates", "days"})
    if isinstance(cell, float | int):
        return frozenset(_kinds_of_number(cell, text))
    return frozenset(_kinds_of_text(text))


def _kinds_of_number(cell: float, text: str) -> Iterable[str]:
    yield from ("numbers", "counts")
    if FIRST_DAY <= cell <= LAST_DAY:
        yield "days"
    if cell in (0, 1):
        yield "yes_no"
    if is_phone(text):
        yield "phones"
    if len(text) == 5 and text.isdecimal():  # noqa: PLR2004  (a postal code)
        yield "postcodes"


def _kinds_of_text(text: str) -> Iterable[str]:
    key, line = normalise(text), text.strip()
    if "@" in text:  # a wrong address was meant as one, too
        yield "emails"
        if is_phone(_EMAIL.sub("", text)):
            yield "both"
    elif _DATE.fullmatch(line):
        yield from ("dates", "days")
    else:
        yield from (kind for kind, holds in _SHAPES.items() if holds(line))
        yield from (kind for kind, holds in _WORDS.items() if holds(key))
        yield from _kinds_of_name(text, key)


def _is_day(line: str) -> bool:
    """Whether a text may stand for a day in some way, « début mars » included."""
    serial = line.isdecimal() and FIRST_DAY <= int(line) <= LAST_DAY
    return serial or bool(_MONTH.search(line))


def _kinds_of_name(text: str, key: str) -> Iterable[str]:
    parts = key.split()
    if not _NAME.fullmatch(text.strip()) or not 1 <= len(parts) <= 6:  # noqa: PLR2004
        return
    if not text.strip()[0].isupper() and not set(parts) & word_set("first_names"):
        return
    yield "names"
    if " " in text.strip():
        yield "several_names"
    if parts[0] in word_set("first_names"):
        yield "first_names"
    known = set(parts) & word_set("first_names")
    titled = _TITLED.match(text.strip())
    if " " in text.strip() and (titled or _is_half_loud(text) or (known and known != set(parts))):
        yield "full_names"


def _is_half_loud(text: str) -> bool:
    """Whether a last name in capitals stands beside a first name: « ARNAUD Josette »."""
    words = [word for word in text.split() if len(word) > 2]  # noqa: PLR2004
    loud = [word.isupper() for word in words]
    titled = all(word.isupper() or word.istitle() for word in words)
    return titled and any(loud) and not all(loud) and loud in (sorted(loud), sorted(loud)[::-1])


def has_email(text: str) -> bool:
    """Whether an address of e-mail stands in a text."""
    return "@" in text and bool(_EMAIL.search(text[:LONGEST]))


def is_phone(text: str) -> bool:
    """Whether a text has the shape of one or several phone numbers; valid or not."""
    if len(text) > LONGEST or _BESIDE_DIGITS.sub("", text):
        return False
    digits = re.sub(r"\D", "", text)
    if not _LEAST_DIGITS <= len(digits) <= 2 * _MOST_DIGITS or _DATE.fullmatch(text.strip()):
        return False
    if "+" in text or text.lower().count("e+") or digits.startswith("0"):
        return True
    return len(digits) == 9 or digits.startswith(("33", "32", "41", "44", "49"))  # noqa: PLR2004


@functools.lru_cache(maxsize=8192)
def is_place(text: str) -> bool:
    """Whether a text names communes or intercommunalités of the département."""
    if len(text) > 80 or not any(char.isalpha() for char in text):  # noqa: PLR2004
        return False
    official = territories()
    return bool(official.read(text).places or official.find(text))


@functools.cache
def _status_words() -> frozenset[str]:
    return _titles("status") | set(synonyms("statuses"))


@functools.cache
def _titles(kind: str) -> frozenset[str]:
    return frozenset(map(normalise, vocabulary(kind).values()))


# What a text is by its shape, and by its words.
_SHAPES: Mapping[str, Callable[[str], bool]] = {
    "phones": is_phone,
    "days": _is_day,
    "numbers": lambda line: bool(_NUMBER.fullmatch(line)),
    "counts": lambda line: bool(_COUNT.match(line)),
    "postcodes": lambda line: bool(_POSTCODE.fullmatch(line)),
    "towns_with_postcode": lambda line: bool(_POSTCODE_TOWN.fullmatch(line)),
    "addresses": lambda line: bool(_POSTCODE_TOWN.fullmatch(line) or _ADDRESS.fullmatch(line)),
    "places": is_place,
}
_WORDS: Mapping[str, Callable[[str], bool]] = {
    "yes_no": lambda key: key in word_set("yes") or key in word_set("no"),
    "statuses": lambda key: key in _status_words(),
    "other_statuses": lambda key: (
        key not in _status_words() and bool(set(key.split()) & word_set("not_statuses"))
    ),
    "sectors": lambda key: key in _titles("sector"),
    "needs": lambda key: any(title in key for title in _titles("need")),
    "profiles": lambda key: key in _titles("profile"),
    "towns": lambda key: _BESIDE_TOWN.sub("", key) in word_set("towns"),
    "trades": lambda key: (
        len(key) < LONGEST_NAME and not word_set("trades").isdisjoint(key.split())
    ),
}
