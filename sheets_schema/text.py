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
        simple = "".join(char for char in unaccented if not unicodedata.combining(char))
    return " ".join(re.findall(r"[^\W_]+", simple))


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
