"""E-mail addresses, phone numbers, postcodes and countries as people write them. Pure.

The form, programs, rows typed by hand and the lookup tables are all read by these functions.
"""

import functools
import re
import unicodedata
from difflib import get_close_matches

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from sheets_schema.errors import ContactError, ContactFault
from sheets_schema.text import is_invisible, normalise, on_one_line, quoted

FRANCE = "FR"
# Regions that share France's numbering plan, in which the first digits say the region. The order
# decides for numbers that are the same in several of them.
_PLAN = (FRANCE, "RE", "YT", "GP", "GF", "MQ", "PM")
# First digits of overseas numbers in France's numbering plan (ARCEP, décision 2018-0881), and the
# calling code that they stand for. The library knows only the blocks that are in use already.
_OVERSEAS = {
    **dict.fromkeys(("0262", "0263", "0269", "0639", "0692", "0693"), 262),
    **dict.fromkeys(("0590", "0690", "0691"), 590),
    **dict.fromkeys(("0594", "0694"), 594),
    **dict.fromkeys(("0596", "0696", "0697"), 596),
    "0508": 508,
}
# What fixed lines overseas begin with, after the zero; the same decision reserves these areas.
_OVERSEAS_AREAS = ("26", "50", "59")
# Mobile numbers of the mainland that the same decision keeps for fiction, without the zero.
_FICTION = "63998"
_NATIONAL = re.compile(r"0?([1-9]\d{8})", re.ASCII)
_ORDINARY = (
    phonenumbers.PhoneNumberType.FIXED_LINE,
    phonenumbers.PhoneNumberType.MOBILE,
    phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
)
_MOST_DIGITS = 17  # 15 in E.164, and 00 in front
_DASHES = re.compile("[‐‑‒–—―−]")
_NUMBER = re.compile(r"(?:t[eé]l[.\s]*:?)?\s*(\(?\s*[+\d(][\d\s()./-]*)[,;\s]*", re.IGNORECASE)
_AND = re.compile(r"[;,|&\n]|\b(?:et|ou|and|or)\b", re.IGNORECASE)
_LEAST_DIGITS = 4  # of a part of a text that is a number of its own, even if cut short
_FRENCH_POSTCODE = re.compile(r"(?:f|fr|france)? ?\d{5}(?: .*)?|(?:.* )?cedex(?: .*)?")
_ARTICLE = re.compile("(?:la|le|les|l) ")
_INITIALS = re.compile(r"(?<=\b[a-z]) (?=[a-z]\b)")
# Where the languages of these locales are spoken, people write their country's name in them.
_LANGUAGES = ("en", "de", "nl", "it", "es", "pt", "fr")
_OTHER_NAMES = {
    "angleterre": "GB",
    "ecosse": "GB",
    "pays de galles": "GB",
    "irlande du nord": "GB",
    "grande bretagne": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "great britain": "GB",
    "uk": "GB",
    "hollande": "NL",
    "holland": "NL",
    "usa": "US",
    "france metropolitaine": FRANCE,
    "metropole": FRANCE,
    "ile de la reunion": "RE",
    "guyane": "GF",
    "polynesie": "PF",
    "quebec": "CA",
}


def parse_email(text: str) -> str:
    """A valid address that mail reaches, normalised. The network is not asked.

    Spaces and invisible characters that come with pasting are dropped; dashes, apostrophes and wide
    characters that a text program puts in become those of a keyboard. Letters such as é are
    possible behind the @ only, because most mail servers take no others before it.

    Raises:
        ContactError: the text is no such address.
    """
    address = _without_typography(text)
    local, _, domain = address.rpartition("@")
    if _PLAIN_LOCAL.fullmatch(local) and (known := _known_domain(domain)):
        return f"{local}@{known}"
    try:
        return validate_email(address, check_deliverability=False, allow_smtputf8=False).normalized
    except EmailNotValidError as error:
        local, at, _ = address.rpartition("@")
        accented = at and not local.isascii() and _is_valid_without_accents(address)
        raise _refusal(text, "accent" if accented else "address") from error


@functools.lru_cache(maxsize=512)  # most people have their address with the same few providers
def _known_domain(domain: str) -> str:
    """A domain as addresses with plain names have it, normalised; "" if it is not simply valid."""
    try:
        address = validate_email(f"{'a' * _LONGEST_LOCAL}@{domain}", check_deliverability=False)
    except EmailNotValidError:
        return ""
    return address.domain if domain.isascii() else ""


# What stands before the @ as any mail server takes it, and the library leaves it.
_LONGEST_LOCAL = 64
_PLAIN_LOCAL = re.compile(rf"(?=.{{1,{_LONGEST_LOCAL}}}$)[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")


def _without_typography(text: str) -> str:
    """An address without what no keyboard puts into one: no-break and thin spaces, for example.

    A plain space stays between two words, since it may separate a name from an address.
    """
    plain = text
    if not (text.isascii() and text.isprintable()):  # most addresses are typed, not pasted
        typed = "".join(c for c in text if c in " \t\n" or not (c.isspace() or is_invisible(c)))
        plain = _DASHES.sub("-", unicodedata.normalize("NFKC", typed)).replace("’", "'")
    return re.sub(r"\s*([@.])\s*", r"\1", plain.strip())


def _is_valid_without_accents(address: str) -> bool:
    try:
        validate_email(address, check_deliverability=False)
    except EmailNotValidError:
        return False
    return True


def deliverable(address: str) -> str:
    """An address as mail servers take it, with a domain with accents in ASCII (IDNA).

    Another address that no server takes stays as it is.
    """
    if address.isascii():
        return address
    try:
        return validate_email(address, check_deliverability=False).ascii_email or address
    except EmailNotValidError:
        return address


def parse_phone(text: str, region: str | None = FRANCE) -> str:
    """A valid phone number in E.164.

    If a spreadsheet took the number for a quantity and dropped its leading zero, it is read too.

    Args:
        text: one number, as people write it.
        region: the ISO code of the country whose number it is if it has no country code; None if
            the country is abroad and not known. See `phone_region`.

    Raises:
        ContactError: the text is no phone number, is more than one, or lacks its country code.
    """
    line = _DASHES.sub("-", on_one_line(text))
    match = _NUMBER.fullmatch(line)
    digits = re.sub(r"[^\d+]", "", line)
    if not match:
        parts = [part for part in _AND.split(line) if len(re.findall(r"\d", part)) >= _LEAST_DIGITS]
        several = len(parts) > 1
        raise _refusal(text, "several" if several else "number")
    if _MOST_DIGITS < len(digits) <= 2 * _MOST_DIGITS:
        raise _refusal(text, "several")
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    if french := re.fullmatch(r"\+33(0?[1-9]\d{8})", digits):
        number = _national(french[1], FRANCE)  # +33 692 90 12 34 is meant for La Réunion
    elif digits.startswith("+"):
        number = _valid(digits, None)
    elif region is None:
        raise _refusal(text, "country")
    else:
        number = _national(digits, region)
    if number is None:
        abroad = region not in _PLAN and not digits.startswith("+")
        raise _refusal(text, "country" if abroad else "number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _national(digits: str, region: str) -> phonenumbers.PhoneNumber | None:
    """The number that is dialled like this in a country."""
    if region not in _PLAN:
        return _valid(digits, region)
    if match := re.fullmatch(r"0?([2567]\d{8})", digits):
        local = match[1]
        if local.startswith(_FICTION):
            return phonenumbers.PhoneNumber(country_code=33, national_number=int(local))
        code = _OVERSEAS.get(f"0{local[:3]}")
        if local[0] in "67":  # the library knows which mobiles are not overseas
            mainland = _valid(digits, FRANCE)
            if mainland:
                return mainland
        elif local[:2] not in _OVERSEAS_AREAS:
            return _valid(digits, FRANCE)
        for overseas in _PLAN[1:]:
            number = _valid(f"0{local}", overseas)
            if number and phonenumbers.number_type(number) in _ORDINARY:
                return number
        if code:
            rest = local[3:] if code == _SAINT_PIERRE else local
            return phonenumbers.PhoneNumber(country_code=code, national_number=int(rest))
    return _valid(digits, FRANCE)


_SAINT_PIERRE = 508  # its calling code is at the same time the beginning of its numbers


def _valid(digits: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    if region == FRANCE and (match := _NATIONAL.fullmatch(digits)):
        # As `parse` reads it. Whether there is such a number, the library says all the same.
        number = phonenumbers.PhoneNumber(country_code=33, national_number=int(match[1]))
    else:
        try:
            number = phonenumbers.parse(digits, region)
        except phonenumbers.NumberParseException:
            return None
    return number if phonenumbers.is_valid_number(number) else None


def format_phone(number: str, region: str | None = FRANCE) -> str:
    """An E.164 number as people dial it in a country: 06 12 34 56 78 in France, others with a +."""
    parsed = phonenumbers.parse(number)
    style = phonenumbers.PhoneNumberFormat
    french = parsed.country_code == 33 and region in _PLAN  # noqa: PLR2004  (France's code)
    return phonenumbers.format_number(parsed, style.NATIONAL if french else style.INTERNATIONAL)


def phone_region(country: str, postcode: str) -> str | None:
    """The country whose phone numbers somebody gives without a country code, by their address.

    Args:
        country: the country as the person names it; "" if they do not.
        postcode: their postcode; "" if they give none.

    Returns:
        An ISO code. None if the address is abroad, and the country is not known.
    """
    if normalise(country):
        return find_country(country)
    code = normalise(parse_postcode(postcode))
    return FRANCE if not code or _FRENCH_POSTCODE.fullmatch(code) else None


@functools.lru_cache(maxsize=256)  # many rows name the same few
def find_country(text: str) -> str | None:
    """The ISO code of the country that a text names, in French or another language of Europe.

    A small misspelling does not matter. None if the text names no country.
    """
    name = _country_key(text)
    countries = _countries()
    parts = [name, *map(_country_key, re.split("[,;/()]", text))]  # Belgique (Liège)
    named = {countries[part] for part in parts if part in countries}
    if named:
        return named.pop() if len(named) == 1 else None
    close = get_close_matches(name, countries, n=1, cutoff=0.85)
    return countries[close[0]] if close else None


def _country_key(text: str) -> str:
    """A country's name as a key: « La Suisse » is « suisse », « U.K. » is « uk »."""
    return _ARTICLE.sub("", _INITIALS.sub("", normalise(text)), count=1)


@functools.cache
def _countries() -> dict[str, str]:
    """ISO codes by a country's name in each of _LANGUAGES, and by the code itself."""
    from babel import Locale  # noqa: PLC0415  (seldom needed, and takes a moment)

    names: dict[str, str] = {}
    for language in _LANGUAGES:  # a later language's names count before an earlier one's
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha():  # noqa: PLR2004  (others are continents)
                names[_country_key(name)] = code
                names[_country_key(code)] = code
    return names | _OTHER_NAMES


def parse_postcode(text: str) -> str:
    """A postcode of any country on one line; the digits of a French one stand together."""
    line = on_one_line(text)
    return re.sub(r"^(\d{2}) ?(\d{3})(?!\d)", r"\1\2", line)


def _refusal(text: str, reason: ContactFault) -> ContactError:
    return ContactError(f"{quoted(text)} {_REFUSALS[reason]}", reason)


_ADDRESS = "(attendu : prenom.nom@example.org)"
_REFUSALS: dict[ContactFault, str] = {
    "address": f"n'est pas une adresse de courriel {_ADDRESS}",
    "accent": f"a une lettre accentuée avant le @ : aucun courriel n'y arrive {_ADDRESS}",
    "number": "n'est pas un numéro de téléphone (attendu : 06 12 34 56 78, ou +32 470 12 34 56 "
    "depuis l'étranger)",
    "several": "est plus qu'un numéro de téléphone : un seul a sa place ici",
    "country": "n'a pas d'indicatif (attendu : +32 470 12 34 56, par exemple)",
}
