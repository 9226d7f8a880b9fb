"""Understands the headers of a list: what a column is about, and about whom. Pure."""

import functools
import re
from dataclasses import dataclass

from infra.lists.words import (
    Tokens,
    others,
    partial_phrases,
    phrases,
    self_words,
    spellings,
    tokens,
    word_set,
)
from sheets_schema.text import normalise

ALONE = "alone"
SELF = "self"
_NAMES = ("last_name", "full_name", "organisation", None)
_SECOND = {
    "phone": "second_phone",
    "mobile": "second_phone",
    "landline": "second_phone",
    "email": "second_email",
}
_PARENTHESES = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_AFTER = re.compile(r"\n|\s[-–—:*]|[?!:]")
_COMES_FROM = re.compile(r"arrivee?s? de$")
_LONG, _SHORT = 6, 5  # letters of a word in which a mistake of spelling is recognised


@dataclass(frozen=True)
class Header:
    """What a header says.

    `meaning` is a key of `words.json`, "alone" for what is known and of no use, None for what is
    not understood. `owner` is "self" for the person of the record, or who else: "payer",
    "household", "professional", "organisation". `exact` is false if words are left over or spelt
    in another way.
    """

    meaning: str | None
    owner: str = SELF
    exact: bool = True


@functools.lru_cache(maxsize=4096)
def understand(path: tuple[str, ...]) -> Header:
    """What a column's headers say, from the widest group to the column's own."""
    texts = [text for text in path if text.strip()]
    if not texts:
        return Header(None)
    if normalise(texts[-1]).startswith("ou en "):
        return Header("status", exact=False)  # « Où en est le dossier ? »
    if _COMES_FROM.match(normalise(texts[-1])):
        return Header("origin_city", exact=False)  # « Arrivés de », which is no date of arrival
    whole = tokens(" ".join(texts))
    if meaning := _known(" ".join(texts), whole):
        return Header(meaning)
    leaf = texts[-1]
    group_owner = _owner(tokens(" ".join(texts[:-1])))
    if group_owner:
        return _of_another(group_owner, leaf)
    if meaning := _known(leaf, tokens(leaf)):
        return Header(meaning)
    if owner := _owner(tokens(leaf)):
        return _noted(leaf) or _of_another(owner, leaf)
    for reading in _readings(leaf):
        words = tokens(reading)
        own = [word for word in words if word not in self_words()]
        if meaning := _known(reading, words) or _known(reading, own):
            return Header(meaning)
    return _in_two_languages(leaf) or _misspelt(leaf) or _partial(leaf) or Header(None)


def is_header_word(text: str) -> bool:
    """Whether a text is a header that is understood, whosever column it is."""
    if not text or len(text) > 120:  # noqa: PLR2004  (no header is that long)
        return False
    header = understand((text,))
    return header.meaning is not None or (header.owner != SELF and len(tokens(text)) > 1)


def _readings(text: str) -> list[str]:
    """A header, and what remains of it without what people add to it."""
    bare = _PARENTHESES.sub(" ", text)
    if any(set(tokens(said)) & word_set("elsewhere") for said in _PARENTHESES.findall(text)):
        return [text]  # « Ville (bureau) » is not where somebody lives
    return [text, bare, _AFTER.split(bare.strip(" *:-–\n"))[0]]


def _known(text: str, words: list[str]) -> str | None:
    if words:
        return phrases().get(frozenset(words)) or _numbered(words)
    if text.strip() == "@":
        return "email"
    if any(word in self_words() for word in tokens(text)):
        return "full_name"  # « Jeune », « Usagère »: the person, by name
    return ALONE if normalise(text) or "°" in text else None


def _numbered(words: list[str]) -> str | None:
    """What « Courriel 1 » and « Portable 2 » mean: a second contact has a place of its own."""
    rest = [word for word in words if word not in ("1", "2")]
    meaning = phrases().get(frozenset(rest)) if len(rest) == len(words) - 1 else None
    if "2" not in words:
        return meaning
    return _SECOND.get(meaning or "")


def _owner(words: list[str]) -> str | None:
    """Who else the words name; a body counts only if they name no other person."""
    kinds = [others()[word] for word in words if word in others()]
    return next((kind for kind in kinds if kind != "organisation"), kinds[0] if kinds else None)


def _of_another(owner: str, leaf: str) -> Header:
    """A header about somebody else, or about an organisation."""
    rest = [word for word in tokens(leaf) if word not in others() and word not in self_words()]
    meaning = phrases().get(frozenset(rest)) if rest else None
    if tokens(leaf)[:1] == ["referent"] and meaning in (None, "area", "target"):
        return Header("referent", exact=False)  # « Référent CCI »
    if not rest and set(tokens(leaf)) <= word_set("follow"):
        return Header("referent")
    if owner == "organisation" and meaning in _NAMES and (meaning or not rest):
        return Header("organisation")
    return Header(meaning, owner)


def _noted(leaf: str) -> Header | None:
    """Remarks are about the record, whoever made them; consent, whoever else gets what is said."""
    header = _partial(leaf)
    if header is None or header.meaning == "notes":
        return header
    shared = {word for word in tokens(leaf) if word in others()} == {"partenaire"}
    return header if shared and header.meaning in ("consent", "newsletter") else None


def _in_two_languages(leaf: str) -> Header | None:
    """What « Prénom / First name » means: each of its parts the same."""
    meanings = {_known(part, tokens(part)) for part in leaf.split("/")}
    meaning = meanings.pop()
    return Header(meaning) if "/" in leaf and not meanings and meaning else None


def _partial(leaf: str) -> Header | None:
    there: Tokens = frozenset(tokens(leaf))
    for needed, meaning, forbidden in partial_phrases():
        if needed <= there and not there & forbidden:
            return Header(meaning, exact=False)
    return None


def _misspelt(leaf: str) -> Header | None:
    for reading in _readings(leaf):
        for words in (
            tokens(reading),
            [word for word in tokens(reading) if word not in self_words()],
        ):
            written = "".join(words)
            # A short word more makes another column: « Emploi M. », beside « Emploi Mme ».
            if any(len(word) < 3 and word != "e" for word in words):  # noqa: PLR2004
                continue
            if meaning := spellings().get(written):
                return Header(meaning)
            close = {
                meaning
                for spelling, meaning in spellings().items()
                if abs(len(spelling) - len(written)) <= 1 and _nearly(written, spelling)
            }
            if len(close) == 1:
                return Header(close.pop(), exact=False)
    return None


def _nearly(written: str, meant: str) -> bool:
    """Whether two words differ by one letter, or by two neighbours in the wrong order."""
    if min(len(written), len(meant)) < _SHORT or written[0] != meant[0]:
        return False
    start = 0
    while start < min(len(written), len(meant)) and written[start] == meant[start]:
        start += 1
    rest, other = written[start:], meant[start:]
    if any(char.isdigit() for char in rest[:1] + other[:1]):
        return False  # « Mail 2 » is no misspelt « Mail »
    swapped = rest[:2] == other[1::-1] and rest[2:] == other[2:] and len(rest) == len(other)
    if swapped:
        return True
    if max(len(written), len(meant)) < _LONG:
        return False
    return rest[1:] == other[1:] or rest[1:] == other or rest == other[1:]
