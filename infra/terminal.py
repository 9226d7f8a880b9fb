"""Text for a terminal."""

import unicodedata

import click

from functions.shared.errors import AccueilError


def plain(text: str) -> str:
    """Other people's text without control characters, which a terminal would obey."""
    return "".join(
        "�" if unicodedata.category(character)[0] == "C" else character for character in text
    )


def confirm(question: str) -> None:
    """Ask before something is changed.

    Raises:
        AccueilError: the answer is not yes.
    """
    answer = click.prompt(f"{question} [o/N]", default="n", show_default=False)
    if answer.strip().casefold() not in ("o", "oui", "y", "yes"):
        raise AccueilError("Abandonné : rien n'a été changé.")
