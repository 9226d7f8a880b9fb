"""Comparing what people type: accents, case, spacing and punctuation do not count."""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache


def normalise(text: str) -> str:
    """`text` as a key for comparison: lower case, no accents, words separated by one space.

    >>> normalise("  N° de  Règle ")
    'n de regle'
    """
    # The same headers, names and choices are compared over and over. Long texts are not kept.
    return _words(text) if len(text) <= _SHORT else _words.__wrapped__(text)


_SHORT = 100  # characters


@lru_cache(maxsize=10_000)
def _words(text: str) -> str:
    simple = text.casefold().replace("œ", "oe").replace("æ", "ae").replace("º", "°")
    if not simple.isascii():
        unaccented = unicodedata.normalize("NFKD", simple)
        simple = "".join(
            char for char in unaccented if not (unicodedata.combining(char) or is_invisible(char))
        )
    return " ".join(_WORD.findall(simple))


_WORD = re.compile(r"[^\W_]+")


def slug(text: str) -> str:
    """`text` as the source of a request is written.

    >>> slug("Salon TAF")
    'salon-taf'
    """
    return normalise(text).replace(" ", "-")


def is_invisible(char: str) -> bool:
    """Whether a character only formats others: a zero-width space or a byte order mark."""
    return unicodedata.category(char) == "Cf"


def bare(text: str) -> str:
    """`text` without spaces and invisible characters at its ends; inside they may join emoji."""
    if text.isascii():
        return text.strip()
    if "!" <= text[0] <= "~" and "!" <= text[-1] <= "~":
        return text
    start, end = 0, len(text)
    while start < end and _is_blank(text[start]):
        start += 1
    while start < end and _is_blank(text[end - 1]):
        end -= 1
    return text[start:end]


def _is_blank(char: str) -> bool:
    return char.isspace() or is_invisible(char) or bool(_DECEIVING.match(char))


def on_one_line(text: str) -> str:
    """`text` with plain single spaces in place of any others, and without invisible characters.

    >>> on_one_line("06\u202f12\u200934 \u200b56 78")
    '06 12 34 56 78'
    """
    if text.isascii():
        return " ".join(text.split())
    composed = unicodedata.normalize("NFKC", text)
    return " ".join("".join(char for char in composed if not is_invisible(char)).split())


# Characters that nobody sees, or that make others be seen elsewhere: controls of the direction of
# writing, tags, fillers, blanks that are no spaces. Joiners and variation selectors are not among
# them: some scripts and emoji need these.
_DECEIVING = re.compile(
    "[{}]+".format(
        "".join(
            f"{chr(first)}-{chr(last)}"
            for first, last in (
                *((0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160)),
                *((0x17B4, 0x17B5), (0x180B, 0x180E), (0x200B, 0x200B), (0x200E, 0x200F)),
                *((0x202A, 0x202E), (0x2060, 0x206F), (0x2800, 0x2800), (0x3164, 0x3164)),
                *((0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF9, 0xFFFB), (0x1D173, 0x1D17A)),
                *((0xE0000, 0xE00FF), (0xE01F0, 0xE0FFF)),  # between them: variation selectors
            )
        )
    )
)


def undisguised(text: str) -> str:
    """`text` without the characters that let it look like something else, or like nothing."""
    return text if text.isascii() else _DECEIVING.sub("", text)


def has_letter(text: str) -> bool:
    """Whether a text has a letter that people can see, of any script."""
    return any(char.isalpha() for char in undisguised(text))


def split_list(text: str) -> list[str]:
    """The items of a cell that holds a list: separated by commas, semicolons or line breaks."""
    return [item.strip() for item in re.split(r"[,;\n]", text) if item.strip()]


def split_alternatives(text: str) -> list[str]:
    """The items of a cell that lists several, whatever stands between them: « A et B / C »."""
    parts = (
        _ALSO.split(part) if len(part) <= _MOST_LETTERS else [part] for part in split_list(text)
    )
    return [item for items in parts for item in items if item.strip()]


def split_known(text: str, is_known: Callable[[str], object]) -> list[str]:
    """The items of a cell that lists things with names, which may hold such separators themselves.

    An item that is not known is divided at « et », « / » or the like if it consists of known items
    only; else it stays as it is.
    """
    parts, items = split_list(text), []
    while parts:
        lengths = range(min(_MOST_PARTS, len(parts)), 1, -1)
        length = next((n for n in lengths if is_known(", ".join(parts[:n]))), 1)
        item = ", ".join(parts[:length])
        items += divided(item, is_known) or [item]
        del parts[:length]
    return items


def divided(text: str, is_known: Callable[[str], object]) -> list[str]:
    """The known items of which a text consists; empty if it does not consist of such."""
    if len(text) > _MOST_LETTERS:
        return []
    if is_known(text):
        return [text]
    text = _FIRST.sub("", text)
    borders = [(match.start(), match.end()) for match in _BETWEEN.finditer(text)]
    if len(borders) >= _MOST_PARTS:
        return []
    for end, start in [(len(text), len(text)), *reversed(borders)]:  # « A et B » may be one name
        if is_known(text[:end]):
            others = divided(text[start:], is_known) if start < len(text) else []
            if others or start == len(text):
                return [text[:end], *others]
    return []


# What may stand between two items that are both meant; between names also a dash.
_ALSO = re.compile(r"\s+(?:et|ou|and|or)\s+|\s*[/&+|]\s*", re.IGNORECASE)
_BETWEEN = re.compile(rf"{_ALSO.pattern}|\s+[-–—]\s+", re.IGNORECASE)
_FIRST = re.compile(r"\A(?:et|ou)\s+", re.IGNORECASE)
# Whoever fills a cell with blanks or separators must not keep the system busy for minutes.
_MOST_PARTS, _MOST_LETTERS = 8, 400


def shortened(text: str, length: int = 60) -> str:
    """`text`, cut to at most `length` characters; a text that is cut ends with an ellipsis."""
    return text if len(text) <= length else text[: length - 1] + "…"


def quoted(text: str) -> str:
    """The text of a cell as a sentence quotes it, cut if it would make the sentence unreadable.

    >>> quoted("zoe")
    '« zoe »'
    """
    return f"« {shortened(text)} »"
