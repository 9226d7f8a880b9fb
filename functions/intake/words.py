"""The language of an answer: French, or English if the caller asks for it. Pure.

French is the source, as with gettext: code and templates hold French sentences. `english.json` has
the English for each of them, and `sheets_schema/english.json` has it for the schema's labels.
"""

import functools
import json
from collections.abc import Iterator, Sequence
from importlib import resources
from typing import Any, Literal, Self

from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from functions.shared.errors import AccueilError
from functions.shared.french import unbroken
from functions.shared.web import FORM_TYPE, Call
from sheets_schema.place import localise
from sheets_schema.schema import english as english_labels

Language = Literal["fr", "en"]
LANGUAGES: tuple[Language, ...] = ("fr", "en")
# Characters of Accept-Language that are parsed. Anybody may send 64 KB, which would keep the parser
# busy.
_MAX_HEADER = 200


class Phrase(str):
    """A French sentence that keeps its template and values, so that it can be said in English too.

    As a text it is its template with the values in their places. In English, values that are
    phrases are said in English as well. Other values, such as numbers, names and codes, stay as
    they are.
    """

    __slots__ = ("template", "values")
    template: str
    values: dict[str, Any]

    def __new__(cls, template: str, **values: Any) -> Self:  # noqa: ANN401  (what str() takes)
        """Make a phrase; `template` is as for str.format, and may name the place (`localise`)."""
        template = _localised(template)
        phrase = super().__new__(cls, template.format(**values))
        phrase.template, phrase.values = template, values
        return phrase


_localised = functools.lru_cache(maxsize=512)(localise)


def either(names: Sequence[str]) -> str:
    """The names as alternatives: a, b or c. There is at least one name."""
    *others, last = names
    if not others:
        return last
    listed = functools.reduce(
        lambda some, other: Phrase("{some}, {other}", some=some, other=other), others
    )
    return Phrase("{some} ou {last}", some=listed, last=last)


def names_in(sentence: str) -> list[str]:
    """The names among which a sentence proposes to choose, as `either` lists them."""
    return list(_listed(sentence.values.get("names", ""))) if isinstance(sentence, Phrase) else []


def _listed(text: str) -> Iterator[str]:
    if not isinstance(text, Phrase):
        yield from [text] if text else []
        return
    for value in text.values.values():
        yield from _listed(value)


def language(call: Call) -> Language:
    """The language of the caller: `?lang=`, or else, for programs, the Accept-Language header.

    A page without `?lang=` is French, whatever the browser prefers. A link leads to the other
    language.
    """
    for known in LANGUAGES:
        if call.query.get("lang") == known:
            return known
    page = call.content_type == FORM_TYPE or "frame" in call.query
    if page or "text/html" in call.headers.get("accept", ""):
        return "fr"
    return preferred(call)


def preferred(call: Call) -> Language:
    """The language that the caller's browser prefers, of those that we have."""
    asked = call.headers.get("accept-language", "")[:_MAX_HEADER]
    if not asked:
        return "fr"
    best = parse_accept_header(asked, LanguageAccept).best_match(LANGUAGES)
    return "en" if best == "en" else "fr"


def say(sentence: str | AccueilError, lang: Language, **values: Any) -> str:  # noqa: ANN401
    """Say a French sentence of this function in a language, with its values in their places.

    A sentence that has no English is said in French.
    """
    text: str = sentence.args[0] if isinstance(sentence, AccueilError) else sentence
    if values:
        text = Phrase(text, **values)
    elif not isinstance(text, Phrase):
        text = localise(text)
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
    """A sentence as a page shows it. In French some spaces become no-break spaces."""
    return unbroken(text) if lang == "fr" else text


@functools.cache
def english() -> dict[str, str]:
    """The English for every French sentence of this function and every label of the schema."""
    text = resources.files(__package__).joinpath("english.json").read_text("utf-8")
    labels = english_labels()
    # A label that ends with a question mark is also used without it, before a colon.
    names = {french.removesuffix(" ?"): words.removesuffix("?") for french, words in labels.items()}
    sentences: dict[str, str] = json.loads(localise(text))
    return names | labels | sentences
