"""Comparing what people type: accents, case, spacing and punctuation do not count."""

import re
import unicodedata


def normalise(text: str) -> str:
    """`text` as a key for comparison: lower case, no accents, words separated by one space.

    >>> normalise("  N° de  Règle ")
    'n de regle'
    """
    simple = text.casefold().replace("œ", "oe").replace("æ", "ae").replace("º", "°")
    if not simple.isascii():
        unaccented = unicodedata.normalize("NFKD", simple)
        simple = "".join(
            char for char in unaccented if not (unicodedata.combining(char) or is_invisible(char))
        )
    return " ".join(re.findall(r"[^\W_]+", simple))


def is_invisible(char: str) -> bool:
    """Whether a character only formats others: a zero-width space or a byte order mark."""
    return unicodedata.category(char) == "Cf"


def bare(text: str) -> str:
    """`text` without spaces and invisible characters at its ends; inside they may join emoji."""
    if text.isascii():
        return text.strip()
    start, end = 0, len(text)
    while start < end and _is_blank(text[start]):
        start += 1
    while start < end and _is_blank(text[end - 1]):
        end -= 1
    return text[start:end]


def _is_blank(char: str) -> bool:
    return char.isspace() or is_invisible(char)


def on_one_line(text: str) -> str:
    """`text` with plain single spaces in place of any others, and without invisible characters.

    >>> on_one_line("06\u202f12\u200934 \u200b56 78")
    '06 12 34 56 78'
    """
    composed = unicodedata.normalize("NFKC", text)
    return " ".join("".join(char for char in composed if not is_invisible(char)).split())


def split_list(text: str) -> list[str]:
    """The items of a cell that holds a list: separated by commas, semicolons or line breaks."""
    return [item.strip() for item in re.split(r"[,;\n]", text) if item.strip()]


def shortened(text: str, length: int = 60) -> str:
    """`text`, cut to at most `length` characters; a text that is cut ends with an ellipsis."""
    return text if len(text) <= length else text[: length - 1] + "…"


def quoted(text: str) -> str:
    """The text of a cell as a sentence quotes it, cut if it would make the sentence unreadable.

    >>> quoted("zoe")
    '« zoe »'
    """
    return f"« {shortened(text)} »"
