"""Text for a terminal."""

import unicodedata

import click

from functions.shared.errors import AccueilError


def plain(text: str) -> str:
    """Other people's text without control characters, which a terminal would obey."""
    return "".join(
        "�" if unicodedata.category(character)[0] == "C" else character for character in text
    )


def agrees(question: str) -> bool:
    """Ask a question; anything but a yes is a no."""
    answer = click.prompt(f"{question} [o/N]", default="n", show_default=False)
    return answer.strip().casefold() in ("o", "oui", "y", "yes")


def confirm(question: str) -> None:
    """Ask before something is changed.

    Raises:
        AccueilError: the answer is not yes.
    """
    if not agrees(question):
        raise AccueilError("Abandonné : rien n'a été changé.")
