"""What goes to a terminal."""

import unicodedata


def plain(text: str) -> str:
    """Other people's text as it may go to a terminal, which obeys control characters."""
    return "".join(
        "�" if unicodedata.category(character)[0] == "C" else character for character in text
    )
