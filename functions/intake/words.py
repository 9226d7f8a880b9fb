"""The language of an answer: French, or English where it is asked for. Pure.

French is the source, as with gettext: code and templates hold French sentences, `english.json` the
English of each, and `sheets_schema/english.json` that of the schema's labels.
"""

import functools
import json
import re
from collections.abc import Sequence
from importlib import resources
from typing import Any, Literal, Self

from functions.shared.errors import AccueilError
from functions.shared.french import unbroken
from functions.shared.web import Call
from sheets_schema.schema import english as english_labels

Language = Literal["fr", "en"]
LANGUAGES: tuple[Language, ...] = ("fr", "en")
_FORM_TYPE = "application/x-www-form-urlencoded"
# RFC 9110, 12.5.4, as far as two languages need it.
_RANGE = re.compile(r"(fr|en)(?:-[\w-]+)?(?:;q=([01](?:\.[0-9]{0,3})?))?")
_MAX_HEADER = 200  # characters of it that are looked at


class Phrase(str):
    """A French sentence that knows what it was made of, so that it can be said in English too.

    It reads as its template with the values in their places. Values that are phrases themselves
    are said in the same language; others, such as numbers, names and codes, stay as they are.
    """

    __slots__ = ("template", "values")
    template: str
    values: dict[str, Any]

    def __new__(cls, template: str, **values: Any) -> Self:  # noqa: ANN401  (what str() takes)
        """Make one; `template` as for str.format."""
        phrase = super().__new__(cls, template.format(**values))
        phrase.template, phrase.values = template, values
        return phrase


def either(names: Sequence[str]) -> str:
    """The names as alternatives, a, b or c; there is one at least."""
    *others, last = names
    if not others:
        return last
    listed = functools.reduce(lambda some, one: Phrase("{some}, {one}", some=some, one=one), others)
    return Phrase("{some} ou {last}", some=listed, last=last)


def language(call: Call) -> Language:
    """What the caller reads: `?lang=` says so, else, for programs, the Accept-Language header.

    A page without `?lang=` is French whatever the browser prefers: a link leads to the other one.
    """
    for known in LANGUAGES:
        if call.query.get("lang") == known:
            return known
    page = call.content_type == _FORM_TYPE or "frame" in call.query
    if page or "text/html" in call.headers.get("accept", ""):
        return "fr"
    return _preferred(call.headers.get("accept-language", "")[:_MAX_HEADER])


def say(sentence: str | AccueilError, lang: Language, **values: Any) -> str:  # noqa: ANN401
    """A French sentence of this function in a language, with the values it names in their places.

    What has no English is said in French.
    """
    text: str = sentence.args[0] if isinstance(sentence, AccueilError) else sentence
    if values:
        text = Phrase(text, **values)
    if lang == "fr":
        return str(text)
    if not isinstance(text, Phrase):
        return english().get(text, text)
    said = {
        name: say(value, lang) if isinstance(value, Phrase) else value
        for name, value in text.values.items()
    }
    return english().get(text.template, text.template).format(**said)


def typeset(text: str, lang: Language) -> str:
    """A sentence as a page shows it: French has spaces at which no line may break."""
    return unbroken(text) if lang == "fr" else text


@functools.cache
def english() -> dict[str, str]:
    """The English for every French sentence of this function and every label of the schema."""
    text = resources.files(__package__).joinpath("english.json").read_text("utf-8")
    labels = english_labels()
    # Before a colon, a question is named without its mark.
    names = {french.removesuffix(" ?"): words.removesuffix("?") for french, words in labels.items()}
    sentences: dict[str, str] = json.loads(text)
    return names | labels | sentences


def _preferred(header: str) -> Language:
    ranges = map(_RANGE.fullmatch, "".join(header.lower().split()).split(","))
    asked = [(float(one[2] or 1), one[1]) for one in ranges if one]
    best = max((quality for quality, _ in asked), default=0)
    first = next((tag for quality, tag in asked if quality == best > 0), "fr")
    return "en" if first == "en" else "fr"
