"""Splits what people put into one cell: full names, phone numbers, addresses, towns. Pure.

Each function returns what can be read for certain, and what is left.
"""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Literal

from infra.lists.contents import says_nothing
from infra.lists.sheets import Cell, as_text
from infra.lists.words import others, tokens, word_set
from sheets_schema.contact import format_phone, parse_email, parse_phone, parse_postcode
from sheets_schema.errors import CellError
from sheets_schema.text import normalise, on_one_line

NameOrder = Literal["last first", "first last"]
_TITLE = re.compile(
    r"^(?:famille|foyer|mmes?|mm|me?lle|m|mr|monsieur|madame|mademoiselle|dre?|docteure?|ms|mrs|pr|prof)\b"
    r"\.?\s*",
    re.IGNORECASE,
)
_COUPLE = re.compile(
    r"^(?:m|mr|mme|monsieur|madame)\.?\s*(?:et|&|/|\+|ou)\s*(?:m|mr|mme|monsieur|madame)\b\.?\s*",
    re.IGNORECASE,
)
_BULLET = re.compile(r"^(?:[*•·–-]+|\d{1,3}[.)])\s*(?=\D)")
_ASIDE = re.compile(r"\s*\([^()]*\)?|\s*\[[^\[\]]*\]|\s*[*•?]+$|,\s[^,]*\d[^,]*$")
_PART = re.compile(r"[^\W\d_]+(?:[ .'’-]+[^\W\d_]+)*\.?")
_TWO = re.compile(r"\s*(?:/|&|\bet\b|\band\b|\+)\s*", re.IGNORECASE)
_BETWEEN_PHONES = re.compile(r"\s*(?:[/;|,&\n]|\bou\b|\bet\b)\s*", re.IGNORECASE)
_IN_TEXT = re.compile(r"(?<!\d)(?:(?:\+|00)33[ .]?(?:\(0\))?[ .]?|0)[1-9](?:[ .-]?\d{2}){4}(?!\d)")
_HOUR = re.compile(r"\b\d{1,2}\s?h(?:\s?\d{2})?\b", re.IGNORECASE)
_LABEL = re.compile(
    r"\b(?:t[eé]l(?:[eé]phone)?|port(?:able)?|mob(?:ile)?|gsm|fixe|dom(?:icile)?|perso|pro|ou|et|n°)\b",
    re.IGNORECASE,
)
_BETWEEN_EMAILS = re.compile(r"[\s;/|<>()]+|,\s+|\s*\b(?:ou|et)\b\s*")
_SCIENTIFIC = re.compile(r"(\d(?:[.,]\d+)?)e\+?(\d\d?)", re.IGNORECASE)
_TOWN_DEPARTMENT = re.compile(r"(.+?)[\s,/]*[(,]?\s*\b(\d{2,3}|2[ab])\)?", re.IGNORECASE)
_DEPARTMENT_TOWN = re.compile(r"\(?(?:\d{2,3}|2[ABab])\)?[\s:,/–-]+([A-ZÀ-Ý][^\d]*)")
_TOWN_ABROAD = re.compile(r"(?:[A-Z]{1,3}\s?-\s?)?\d{4}[\s,–-]+([A-ZÀ-Ý][^\d]*)")
_STREET = {
    *("rue", "avenue", "av", "boulevard", "bd", "bld", "chemin", "ch", "route", "rte"),
    *("impasse", "place", "pl", "allee", "quai", "cours"),
}
_CEDEX = re.compile(r"\s+cedex(?:\s+\d{1,2})?$", re.IGNORECASE)
_TOWN_ASIDE = re.compile(r"([^\W\d][^\d()]*?)\s*\([^\d()]*\)")
_POSTCODE_TOWN = re.compile(r"(?:f ?- ?)?(\d{2} ?\d{3})\b[\s,–-]*(.+)", re.IGNORECASE)
_TOWN_POSTCODE = re.compile(r"(.+?)[\s,(–-]+(\d{2} ?\d{3})\)?")
_AFTER_STREET = re.compile(r".*[\s,\n](\d{5})\s+([^\W\d][^\d]*)", re.DOTALL)
_MOST_DIGITS = 15
_PARTICLES = (
    "de",
    "du",
    "des",
    "van",
    "von",
    "da",
    "di",
    "dos",
    "el",
    "le",
    "la",
    "ten",
    "ter",
    "zu",
)


def without_title(text: str) -> str:
    """A name without « Mme », « M. », « M. et Mme » and what marks an entry of a list."""
    line = _BULLET.sub("", on_one_line(text))
    return _TITLE.sub("", _COUPLE.sub("", line)).strip()


def is_couple(text: str) -> bool:
    """Whether a name is that of two people, « M. et Mme Dupont »."""
    return bool(_COUPLE.match(_BULLET.sub("", on_one_line(text))))


def without_aside(text: str) -> str:
    """A name without what stands beside it: « MARTY Léa (née ROUX) », « Léa MARTY, 34 ans »."""
    bare = _ASIDE.sub("", text).strip()
    return " ".join(bare.split()) or text


def name_order(cells: Iterable[Cell], header: str) -> NameOrder | None:
    """In which order a column holds names: what most cells prove, else what the header says."""
    votes = Counter(
        order for cell in cells if (order := _proof(_full_name(as_text(cell)))) is not None
    )
    if votes:
        best, count = votes.most_common(1)[0]
        if count > 0.8 * votes.total():
            return best
        return None
    said = normalise(header).split()
    first = next((at for at, word in enumerate(said) if word in ("prenom", "prenoms")), None)
    last = next((at for at, word in enumerate(said) if word in ("nom", "noms")), None)
    if first is None or last is None:
        return None
    return "last first" if last < first else "first last"


def _full_name(text: str) -> str:
    """A name without its title, and « ARNAL / Maud » without its stroke."""
    name = without_title(without_aside(on_one_line(text)))
    sides = [side.strip() for side in name.split("/")]
    if len(sides) == 2:  # noqa: PLR2004
        (loud, quiet) = sides if sides[0].isupper() else sides[::-1]
        if loud.isupper() and not quiet.isupper() and _bare(quiet) in word_set("first_names"):
            return " ".join(sides)
    return name


def _proof(name: str) -> NameOrder | None:
    parts = name.split()
    if len(parts) < 2 or _TWO.search(name):  # noqa: PLR2004
        return None
    loud = [part.isupper() and len(part) > 1 for part in parts]
    if any(loud) and not all(loud):
        return "last first" if loud[0] else "first last" if loud[-1] else None
    known = word_set("first_names")
    starts, ends = _bare(parts[0]) in known, _bare(parts[-1]) in known
    if starts == ends:
        # « Joost de Wit »: a small word begins the last name.
        return "first last" if parts[0][0].isupper() and parts[1] in _PARTICLES else None
    return "first last" if starts else "last first"


def _bare(part: str) -> str:
    """The first of the names of « Jean-Marc », as a key."""
    return (normalise(part).split() or [""])[0]


def split_name(text: str, order: NameOrder | None) -> tuple[str, str] | None:
    """Last and first name; None if it is not certain which is which, or if there are two people."""
    name = _full_name(text)
    last, comma, first = name.partition(",")
    if comma:
        return (last.strip(), first.strip()) if last.strip() and first.strip() else None
    parts = name.split()
    if len(parts) < 2:  # noqa: PLR2004
        return None
    loud = [part.isupper() and len(part) > 1 for part in parts]
    if any(loud) and not all(loud):
        own = [part for part, is_loud in zip(parts, loud, strict=True) if is_loud]
        rest = [part for part, is_loud in zip(parts, loud, strict=True) if not is_loud]
        apart = loud in (sorted(loud), sorted(loud, reverse=True))
        # « DUPONT Jean et Marie » share a name; « DUPONT et MARTIN Jean » do not.
        if apart and not _TWO.search(" ".join(own)) and not _TWO.fullmatch(f" {rest[0]} "):
            return " ".join(own), " ".join(rest)
    if _TWO.search(name):
        return None
    proven = _proof(name) or order
    if proven is None:
        return None
    if proven == "first last":
        # Particles belong to the last name, and so does what follows the first name.
        return " ".join(parts[1:]), parts[0]
    return " ".join(parts[:-1]), parts[-1]


def two_people(text: str) -> list[str]:
    """The names that stand in a cell, « Haddad / Costa » for example."""
    line = on_one_line(text)
    parts = _TWO.split(line)
    return parts if all(map(_PART.fullmatch, parts)) else [line]


def read_phones(cell: Cell, region: str | None) -> tuple[list[str], str]:
    """The phone numbers of a cell as partners dial them, and what cannot be read of it."""
    text = _as_digits(cell)
    if not text or says_nothing(cell):
        return [], ""
    whole = _phone(text, region)
    if whole:
        return [whole], ""
    numbers, left = [], []
    for part in _BETWEEN_PHONES.split(text):
        number = _phone(part, region)
        if number:
            numbers.append(number)
        elif part:
            left.append(part)
    if not numbers:
        return _phones_in_text(text, region)
    return list(dict.fromkeys(numbers)), text if left else ""


def _phones_in_text(text: str, region: str | None) -> tuple[list[str], str]:
    """The numbers that stand among words, « 06 12 34 56 78 (le soir) », if no digits are left.

    What names somebody else keeps its number from being the person's.
    """
    rest = _HOUR.sub(" heure ", _IN_TEXT.sub(" ", text))
    numbers = [_phone(match[0], region) for match in _IN_TEXT.finditer(text)]
    read = [number for number in numbers if number]
    doubtful = any(char.isdigit() for char in rest) or len(read) < len(numbers)
    if doubtful or not read or not others().keys().isdisjoint(tokens(rest)):
        return [], text
    said = normalise(_LABEL.sub(" ", rest))
    return list(dict.fromkeys(read)), text if said else ""


def _as_digits(cell: Cell) -> str:
    """A cell as text; a number that a spreadsheet shows as 6,4E+08 with all its digits."""
    text = as_text(cell)
    if match := _SCIENTIFIC.fullmatch(text.strip()):
        digits, power = match[1].replace(",", "."), int(match[2])
        whole = round(float(digits) * 10**power) if power <= _MOST_DIGITS else 0
        # Digits that the program has rounded away are not invented.
        return str(whole) if len(digits.replace(".", "")) >= power else text
    return text


def _phone(text: str, region: str | None) -> str | None:
    digits = re.sub(r"\D", "", text)
    tries = [text]
    if re.fullmatch(r"33[1-9]\d{8}", digits) and "+" not in text:
        tries = [f"+{digits}"]  # only France's country code begins a number like this
    for attempt in tries:
        try:
            return format_phone(parse_phone(attempt, region), region)
        except CellError:
            continue
    return None


def read_emails(cell: Cell) -> tuple[list[str], str]:
    """The addresses of a cell, and what cannot be read of it."""
    text = as_text(cell)
    if not text or says_nothing(cell):
        return [], ""
    try:
        return [parse_email(text)], ""
    except CellError:
        pass
    addresses, left = [], ""
    for part in _BETWEEN_EMAILS.split(text.removeprefix("mailto:")):
        if "@" in part:
            try:
                addresses.append(parse_email(part.strip(".,")))
            except CellError:
                left = text
        elif part.strip():
            left = text
    return list(dict.fromkeys(addresses)), left


def read_postcode(cell: Cell, country: str) -> str | None:
    """A postal code; None if it is none for certain: 1000 may have lost a zero, or be Belgian."""
    text = parse_postcode(_CEDEX.sub("", re.sub(r"(?i)^f ?- ?(?=\d{5}\b)", "", as_text(cell))))
    if re.fullmatch(r"\d{5}", text) and not text.startswith("00"):
        return text
    if re.match(r"\d{5}\W", text):
        return None  # a postcode with its town says more
    abroad = normalise(country) not in ("", "france", "fr")
    if abroad and re.search(r"\d", text):
        return text
    return text if re.search(r"[a-z]", text, re.IGNORECASE) and re.search(r"\d", text) else None


def read_town(text: str) -> tuple[str, str | None, str]:
    """A town, its postal code if one stands beside it, and the text if something is lost of it."""
    line = on_one_line(text)
    for pattern, code, town in ((_POSTCODE_TOWN, 1, 2), (_TOWN_POSTCODE, 2, 1)):
        if match := pattern.fullmatch(_CEDEX.sub("", line)):
            return match[town].strip(" ,-–("), parse_postcode(match[code]), ""
    if match := _AFTER_STREET.fullmatch(text.strip()):
        return on_one_line(match[2]).strip(" ,"), match[1], line
    for pattern in (_TOWN_ABROAD, _DEPARTMENT_TOWN, _TOWN_DEPARTMENT, _TOWN_ASIDE):
        match = pattern.fullmatch(line)
        if match and _STREET.isdisjoint(normalise(match[1]).split()):
            return match[1].strip(" ,(-–/"), None, line
    return line, None, ""
