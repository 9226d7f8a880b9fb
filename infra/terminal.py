"""Text for a terminal."""

import unicodedata


def plain(text: str) -> str:
    """Other people's text without control characters, which a terminal would obey."""
    return "".join(
        "�" if unicodedata.category(character)[0] == "C" else character for character in text
    )
