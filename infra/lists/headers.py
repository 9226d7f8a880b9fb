"""Understands the headers of a list: what a column is about, and about whom. Pure."""

import functools
import itertools
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from infra.lists.words import (
    WHERE,
    Tokens,
    abbreviated,
    header_words,
    kin_phrases,
    kindred,
    others,
    partial_phrases,
    phrases,
    self_words,
    spellings,
    tokens,
    weak_words,
    word_set,
)
from sheets_schema.text import normalise, on_one_line

ALONE = "alone"
SELF = "self"
_NAMES = ("last_name", "full_name", "organisation", None)
# What people tell in their words: of two such things in a column, the first is meant.
_TOLD = {"project", "needs", "occupation", "notes", "next_action", "horizon", "status", "follow_up"}
_OF_THE_PERSON = {"phone", "email", "first_name", "last_name", "origin_city", "origin_postcode"}
_THIRD = frozenset("3456789")  # « Adresse mail 3 »
_OF_A_PLACE = (None, "area", "target")
_SECOND = {
    "phone": "second_phone",
    "mobile": "second_phone",
    "landline": "second_phone",
    "email": "second_email",
}
_PARENTHESES = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_AFTER = re.compile(r"\n|\s[-–—:*]|[?!:]")
_OF_A_GROUP = re.compile(r"[^?!]*?(?:\s[-–—]\s|:\s)(.+)", re.DOTALL)
_CUT_SHORT = re.compile(r"([^\W\d_]{2,})\.")
_DATED = ("date", "contact_date", "received_at", "last_contact_on", "remind_on")
_EITHER = re.compile(  # « M./Mme » is whoever it is, « Mme » may be one of two
    r"\bM(?:r|onsieur)?\.?\s*(?:/|ou)\s*M(?:me|adame)\b|\bM(?:me|adame)\s*(?:/|ou)\s*M(?:r|onsieur)?\b\.?",
    re.IGNORECASE,
)
# What accents and small words say, which do not count elsewhere.
_SHAPES = (
    # « Où en est le dossier ? », « Où on en est »
    (re.compile(r"o[uù] (?:(?:on|ils|elles|ça) )?en (?:est|sont)\b.*"), "status"),
    (re.compile(r"reçue?s? par .* le"), "received_at"),  # « Reçue par mail le »
    (re.compile(r"arrivée?s? de"), "origin_city"),  # which is no date of arrival
    (re.compile(r"(?:arrivé|emménagé)e?s? le"), "settled_on"),
    (re.compile(r"re(?:lancé|contacté|vu)e?s? le"), "last_contact_on"),  # and not « Relance »
)
_LONG, _SHORT = 6, 5  # letters of a word in which a mistake of spelling is recognised
_MOST_EXPANSIONS = 1_000  # of a header whose words are cut short


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
    texts = [_EITHER.sub("personne", text) for text in path if text.strip()]
    if not texts:
        return Header(None)
    spoken = on_one_line(texts[-1]).casefold().rstrip(" :?*")
    if meaning := next((meaning for shape, meaning in _SHAPES if shape.fullmatch(spoken)), None):
        return Header(meaning, exact=False)
    whole = tokens(" ".join(texts))
    if meaning := _known(" ".join(texts), whole):
        return Header(meaning)
    leaf = texts[-1]
    group_owner = _owner(tokens(" ".join(texts[:-1])))
    if group_owner:
        return _of_another(group_owner, leaf)
    if meaning := _known(leaf, tokens(leaf)):
        return Header(meaning)
    meaning = phrases().get(frozenset(set(tokens(leaf)) - self_words()))
    if meaning and meaning != "referent":
        return Header(meaning)  # « Famille arrivante » is nobody else's
    if owner := _owner(tokens(leaf)):
        return _noted(leaf) or _of_another(owner, leaf)
    return _of_the_person(leaf)


def _of_the_person(leaf: str) -> Header:
    """What a header says that names nobody else: from what is known for certain to what is near."""
    for reading in _readings(leaf):
        words = tokens(reading)
        own = [word for word in words if word not in self_words()]
        bare = [word for word in own if word not in weak_words()]
        for said in (words, own, bare):
            if meaning := _known(reading, said):
                return Header(meaning)
    near = (_in_two_languages, _cut_short, _misspelt, _partial, _of_kindred_words, _of_a_group)
    return next((header for said in near if (header := said(leaf))), None) or _respelt(leaf)


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
    after = _AFTER.split(bare.strip(" *:-–\n"))[0]
    return [text, bare, after, WHERE.sub(" ", bare), _without_names(bare)]


def _without_names(text: str) -> str:
    """A header without unknown capitals, « Commercial CCI »: they name somebody's body."""
    if text.isupper():
        return text
    words = text.split()
    return " ".join(word for word in words if not word.isupper() or _is_known(word))


def _is_known(word: str) -> bool:
    return not header_words().isdisjoint(tokens(word)) or not tokens(word)


def _known(text: str, words: list[str]) -> str | None:
    if words:
        return phrases().get(frozenset(words)) or _numbered(words)
    if text.strip() == "@":
        return "email"
    if any(word in self_words() for word in tokens(text)):
        return "full_name"  # « Jeune », « Usagère »: the person, by name
    if normalise(text) in ("le", "du"):
        return "date"
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
    unsaying = (others(), self_words(), weak_words())
    rest = [
        word
        for word in tokens(leaf)
        if not (word.isdecimal() or any(word in words for words in unsaying))
    ]
    meaning = phrases().get(frozenset(rest)) if rest else None
    said = tokens(leaf)
    if "referent" in said and (not rest or (said[0] == "referent" and meaning in _OF_A_PLACE)):
        return Header("referent", exact=False)  # « Référent CCI »
    names_nothing_else = (
        meaning is None and said[0] in word_set("follow") and self_words().isdisjoint(said)
    )
    if names_nothing_else or (not rest and set(said) <= word_set("follow")):
        return Header("referent")
    if owner == "organisation" and meaning in _NAMES and (meaning or not rest):
        return Header("organisation")
    kindred_meaning = meaning or kin_phrases().get(kindred(rest))
    if owner == "organisation" and kindred_meaning in _DATED:
        return Header(kindred_meaning, exact=False)  # « Date de passage en mairie »: the person's
    return Header(meaning, owner)


def _noted(leaf: str) -> Header | None:
    """Remarks are about the record, whoever made them; consent, whoever else gets what is said."""
    header = _partial(leaf)
    if header is None or header.meaning == "notes":
        return header
    shared = {word for word in tokens(leaf) if word in others()} == {"partenaire"}
    return header if shared and header.meaning in ("consent", "newsletter") else None


def _in_two_languages(leaf: str) -> Header | None:
    """What « Prénom / First name » means: each of its parts the same, or one of them unknown."""
    parts = [part for part in leaf.split("/") if tokens(part) or not normalise(part)]
    if len(parts) < 2:  # noqa: PLR2004  (« jj/mm/aa » are no words)
        return None
    meanings = [_known(part, tokens(part)) for part in parts]
    understood = set(filter(None, meanings))
    if understood == {"last_name", "full_name"}:
        return Header("last_name", exact=False)  # « Nom / Name »
    if understood and understood <= _TOLD:
        return Header(next(filter(None, meanings)), exact=len(set(meanings)) == 1)
    if len(understood) == 1:
        return Header(understood.pop(), exact=None not in meanings)
    headers = {understand((part,)).meaning for part in parts if part.strip()}
    meaning = headers.pop() if len(headers) == 1 else None
    return Header(meaning, exact=False) if meaning else None


def _cut_short(leaf: str) -> Header | None:
    """What « Prof. act. » means: the one meaning of all words that begin like these."""
    short = {normalise(word) for word in _CUT_SHORT.findall(leaf)}
    if not short:
        return None
    meanings = {
        meaning
        for words in itertools.islice(abbreviated(tokens(leaf), short), _MOST_EXPANSIONS)
        if (meaning := phrases().get(frozenset(words)))
    }
    return Header(meanings.pop(), exact=False) if len(meanings) == 1 else None


def _of_kindred_words(leaf: str) -> Header | None:
    """What « Ville de départ » means: the same as « Ville d'origine »."""
    for reading in _readings(leaf):
        words = [word for word in tokens(reading) if word != "1"]  # « 1er choix commune »
        if meaning := kin_phrases().get(kindred(words)):
            return Header(meaning, exact=False)
    return None


def _of_a_group(leaf: str) -> Header | None:
    """What « Acquéreur - Nom » means, where nothing is known of the first part: a name."""
    match = _OF_A_GROUP.fullmatch(leaf.strip())
    header = understand((match[1],)) if match and match[1].strip() else None
    return replace(header, exact=False) if header and header.meaning else None


def _partial(leaf: str) -> Header | None:
    there: Tokens = frozenset(tokens(leaf))
    another = not there.isdisjoint(word_set("elsewhere")) or bool(there & _THIRD)
    for needed, meaning, forbidden in partial_phrases():
        if needed <= there and not there & forbidden:
            return None if another and meaning in _OF_THE_PERSON else Header(meaning, exact=False)
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
            close: Collection[str] = {
                meaning
                for spelling, meaning in spellings().items()
                if abs(len(spelling) - len(written)) <= 1 and _nearly(written, spelling)
            }
            if not close and len(written) > 3:  # noqa: PLR2004
                close = _undoubled_spellings().get(_undoubled(written), frozenset())
            if len(close) == 1:
                return Header(next(iter(close)), exact=False)
    return None


def _respelt(leaf: str) -> Header:
    """What « Date d'entée » means: the same with its unknown words as the only known ones near."""
    written = tokens(leaf)
    meant = [_nearest(word) or word for word in written]
    if meant == written:
        return Header(None)
    return replace(understand((" ".join(meant),)), exact=False)


@functools.lru_cache(maxsize=1024)
def _nearest(word: str) -> str | None:
    """The known word that a misspelt one is nearly; None if it is known, or near several."""
    known = header_words()
    if word in known or len(word) < _SHORT:
        return None
    close = [other for other in known if _nearly(word, other)]
    return close[0] if len(close) == 1 else None


@functools.cache
def _undoubled_spellings() -> Mapping[str, Collection[str]]:
    """What known phrases mean, by their spelling without doubled letters."""
    meanings: dict[str, set[str]] = {}
    for spelling, meaning in spellings().items():
        meanings.setdefault(_undoubled(spelling), set()).add(meaning)
    return meanings


def _undoubled(text: str) -> str:
    """A word without its doubled letters, about which people err most."""
    return "".join(letter for letter, _ in itertools.groupby(text))


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
