"""The words that people use in their lists: `words.json`, compiled. Pure.

The words come from exports of ticket offices and form programs, and from what networks that welcome
people keep. Add to the file what a list says and the program does not understand.
"""

import functools
import itertools
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from sheets_schema.place import PLACE
from sheets_schema.tab import tab
from sheets_schema.text import normalise

Tokens = frozenset[str]

# Targets that no column of Demandes is for: what they hold goes into Notes.
SECOND_PHONE, SECOND_EMAIL = "second_phone", "second_email"
ORGANISATION, CONSENT = "organisation", "consent"
_WITHOUT_COLUMN = {
    SECOND_PHONE: "Téléphone (2)",
    SECOND_EMAIL: "Courriel (2)",
    # The column « Organisme » says for whom the referent works, not who sent the person.
    ORGANISATION: "Organisme",
    CONSENT: "Consentement",
}
# What proposals call a target, where the title in Demandes is another one. The program that scores
# proposals knows these names.
_NAMES = {
    "project": "Projet",
    "target": "Commune visée",
    "occupation": "Métier",
    "origin_city": "Commune actuelle",
    "origin_postcode": "Code postal",
    "newsletter": "Newsletter",
}
# What `accueil import` writes above the columns that it adds to rows that are to be corrected.
ROW_HEADER, WHY_HEADER = "Ligne d'origine", "À corriger"
OUR_HEADERS = frozenset(map(normalise, (ROW_HEADER, WHY_HEADER)))
# Words about a day of contact, of which the table must tell whether it is the first or the last.
_OF_CONTACT = {"contact_date", "received_at", "last_contact_on"}
_BOTH_GENDERS = re.compile(r"(?<=\w)[(·./-]e[)·.]?s?\)?(?![\w-])", re.IGNORECASE)
WHERE = re.compile(r"\boù\b", re.IGNORECASE)  # « ou » without its accent says nothing
_MR = re.compile(r"\bM\.(?=\s|$)|\bM(?=\s+[A-ZÉ])|(?<=\s)M$")
_SYSTEM = ("reference", "assignment_reason", "assigned_at")


@dataclass(frozen=True)
class Target:
    """What a column of a list may become.

    `name` is what proposals call it, `title` what people read: the header in Demandes. `column` is
    the key of that column; None if it goes into Notes.
    """

    key: str
    name: str
    title: str
    column: str | None


@functools.cache
def targets() -> Mapping[str, Target]:
    """All targets by key: those that have a column in Demandes, then the others."""
    ours = {
        column.key: Target(
            column.key, _NAMES.get(column.key, column.title), column.title, column.key
        )
        for column in tab("requests").columns
        if column.key not in (*_SYSTEM, ORGANISATION)
    }
    return ours | {key: Target(key, name, name, None) for key, name in _WITHOUT_COLUMN.items()}


def target_called(text: str) -> Target | None:
    """The target that a person names, by the header in Demandes or by the name in proposals."""
    wanted = normalise(text)
    by_title = {normalise(target.title): target for target in targets().values()}
    return by_title.get(wanted) or next(
        (target for target in targets().values() if normalise(target.name) == wanted), None
    )


@functools.cache
def words() -> dict[str, Any]:
    """The content of `words.json`, with the names of the place filled in."""
    text = resources.files(__package__).joinpath("words.json").read_text("utf-8")
    for name in ("the_place", "in_place", "english_place"):
        text = text.replace(f"{{{name}}}", getattr(PLACE, name))
    content: dict[str, Any] = json.loads(text)
    return content


@functools.cache
def word_set(name: str) -> Tokens:
    """One of the lists of words."""
    entry = words()[name]
    items = entry.split() if isinstance(entry, str) else entry
    return frozenset(normalise(item) for item in items)


def tokens(text: str) -> list[str]:
    """The words of a header that say something, without their plural's s."""
    spoken = _MR.sub("monsieur ", WHERE.sub(" lieu ", _BOTH_GENDERS.sub("", text)))
    written_out = (_forms().get(word, word) for word in normalise(spoken).split())
    return [
        stem(word)
        for word in written_out
        if word not in word_set("stop") and stem(word) not in _decoration()
    ]


@functools.cache
def _forms() -> Mapping[str, str]:
    """The word that is meant by each of its forms and abbreviations: « viennent » is « venir »."""
    return {form: word for word, forms in words()["forms"].items() for form in forms.split()}


def stem(word: str) -> str:
    """A word without its plural's s, and « visée » as « visé »; short words stay."""
    single = word[:-1] if len(word) > 3 and word.endswith("s") else word  # noqa: PLR2004
    if single.endswith("ee"):
        return single[:-1]
    return single[:-2] if single.endswith("elle") and len(single) > 5 else single  # noqa: PLR2004


@functools.cache
def _decoration() -> Tokens:
    return _stems(word_set("decoration"))


def _stems(texts: Iterable[str]) -> Tokens:
    return frozenset(map(stem, texts))


@functools.cache
def weak_words() -> Tokens:
    """Words without which a header means the same: « principal », « actuellement »."""
    return _stems(word_set("weak"))


@functools.cache
def self_words() -> Tokens:
    """Words by which a header names the person of the record."""
    return _stems(word_set("self"))


@functools.cache
def others() -> Mapping[str, str]:
    """The kind of other person or body that a word names: payer, household, and so on."""
    return {
        stem(normalise(word)): kind
        for kind, texts in words()["others"].items()
        for word in texts.split()
    }


@functools.cache
def phrases() -> Mapping[Tokens, str]:
    """What each known set of words means."""
    known = {
        frozenset(tokens(phrase)): meaning
        for meaning, texts in words()["meanings"].items()
        for phrase in texts
    }
    known |= {
        frozenset(tokens(target.title)): key
        for key, target in targets().items()
        if frozenset(tokens(target.title)) not in known
    }
    alone = {frozenset(tokens(phrase)): "alone" for phrase in words()["alone"]}
    return {key: meaning for key, meaning in (alone | known).items() if key}


@functools.cache
def header_words() -> Tokens:
    """All words that say something in a header, of whatever meaning and whosever."""
    needed = (phrase | forbidden for phrase, _, forbidden in partial_phrases())
    return frozenset().union(*phrases(), *needed, others(), self_words(), weak_words())


def kindred(said: Iterable[str]) -> Tokens:
    """Words, each in place of all that people use for the same: « départ », « origine »."""
    return frozenset(_kin().get(word, word) for word in said)


@functools.cache
def _kin() -> Mapping[str, str]:
    groups = [group.split() for group in words()["kindred"]]
    return {stem(word): stem(group[0]) for group in groups for word in group}


@functools.cache
def kin_phrases() -> Mapping[Tokens, str]:
    """What kindred words mean, where they mean one thing only, or days of contact only."""
    meanings: dict[Tokens, set[str]] = {}
    for phrase, meaning in phrases().items():
        meanings.setdefault(kindred(phrase), set()).add(meaning)
    for several in meanings.values():
        if len(several) > 1 and several <= _OF_CONTACT:
            several.clear()
            several.add("contact_date")
    return {key: several.pop() for key, several in meanings.items() if len(several) == 1}


def abbreviated(said: Sequence[str], short: Collection[str]) -> Iterator[tuple[str, ...]]:
    """What words may stand for, those of `short` for any known word that begins like them."""
    return itertools.product(
        *(
            [w for w in _known_words() if w.startswith(word)] if word in short else [word]
            for word in said
        )
    )


@functools.cache
def _known_words() -> Sequence[str]:
    return sorted(frozenset().union(*phrases()))


@functools.cache
def spellings() -> Mapping[str, str]:
    """What each known phrase means, by its words written together in their order."""
    known = {
        "".join(tokens(phrase)): meaning
        for meaning, texts in [("alone", words()["alone"]), *words()["meanings"].items()]
        for phrase in texts
    }
    return {key: meaning for key, meaning in known.items() if key}


@functools.cache
def partial_phrases() -> list[tuple[Tokens, str, Tokens]]:
    """Words that mean something among any others, what, and the words that forbid it."""
    return [
        (frozenset(tokens(phrase)), meaning, _stems(words()["not_partial"][meaning].split()))
        for meaning, texts in words()["partial"].items()
        for phrase in texts
    ]


@functools.cache
def synonyms(kind: str) -> Mapping[str, str]:
    """Words that people use for our choices, « injoignable » for example, by normalised text."""
    return {normalise(text): value for value, texts in words()[kind].items() for text in texts}
