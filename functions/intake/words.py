"""The language of an answer: French, or English where it is asked for. Pure."""

from typing import Literal

from functions.shared.web import Call

Language = Literal["fr", "en"]


def language(call: Call) -> Language:
    """What the caller reads: `?lang=` says so, else, for programs, the Accept-Language header."""
    asked = call.query.get("lang", "")
    return "en" if asked == "en" else "fr"


def say(sentence: str, lang: Language) -> str:
    """A French sentence of this function in a language."""
    del lang
    return sentence
