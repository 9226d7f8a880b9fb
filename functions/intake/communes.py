"""Reads the communes that people type, and suggests names for what is no commune. Pure."""

import functools
from collections import Counter
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from heapq import nlargest
from itertools import chain, pairwise

from functions.intake.messages import FieldError, field_error, field_name, label, too_long
from functions.intake.words import Phrase, either
from sheets_schema.territory import Commune, Mention, place_key, territories
from sheets_schema.text import split_list

_SUGGESTED = 5
_TOLD = 3  # faulty fields; more are told of once these are right
_SEARCHED = 2  # faulty fields for which names are searched that are like what was typed
_COMPARED = 12  # names: those with the greatest part of their letters in common
_LEAST = 0.2  # of their letters that names have in common which are worth comparing
_MAX_TEXT = 200  # characters in a field; to search for names like a longer text takes too long


def read_communes(texts: Sequence[str]) -> tuple[list[str], list[FieldError]]:
    """The INSEE codes of the communes typed into some fields, and an error for each faulty field.

    A field may hold several names, separated by commas. After a few faulty fields the others are
    not read.
    """
    codes: list[str] = []
    errors: list[FieldError] = []
    for index, text in enumerate(texts):
        if len(errors) == _TOLD:
            break
        path = ("target", "communes", index)
        if len(text) > _MAX_TEXT:
            errors.append(field_error(path, too_long(_MAX_TEXT, text)))
            continue
        names = split_list(text)
        for place, name in enumerate(names, start=1):
            mention = territories().read(name)
            if mention.places and all(isinstance(item, Commune) for item in mention.places):
                codes += [commune.code for commune in mention.places]
                continue
            which = label(path)
            if len(names) > 1:
                which = Phrase("{label} (nom n° {place})", label=which, place=place)
            search = len(errors) < _SEARCHED
            errors.append(FieldError(field_name(path), _advice(which, name, mention, search)))
            break
    return list(dict.fromkeys(codes)), errors


def _advice(which: Phrase, name: str, mention: Mention, search: bool) -> Phrase:
    meant = mention.meant
    if mention.is_postcode:
        sentence = "{which} : écrivez son nom plutôt que le code postal : {names}."
        return Phrase(sentence, which=which, names=either(meant))
    likely = meant or (_like(place_key(name))[:_SUGGESTED] if search else [])
    if not likely:
        return Phrase("{which} : ce n'est pas une commune {of_place}.", which=which)
    sentence = "{which} : ce n'est pas une commune {of_place} ; vouliez-vous dire {names} ?"
    quoted = [Phrase("« {name} »", name=name) for name in likely]
    return Phrase(sentence, which=which, names=either(quoted))


@functools.cache
def _names() -> Mapping[str, str]:
    """The names of communes, former ones included, by their keys."""
    return {
        place_key(name): name
        for commune in territories().communes.values()
        for name in (commune.name, *commune.former_names)
    }


def _like(key: str) -> list[str]:
    """Names that begin with a key, then names that contain its words, then names spelled alike."""
    by_key = _names()
    if not key:
        return []
    begins, has = [], []
    if f" {key}" in _together():
        begins = sorted(candidate for candidate in by_key if candidate.startswith(key))
        has = sorted(candidate for candidate in by_key if f" {key} " in f" {candidate} ")
    close = get_close_matches(key, _resembling(key), n=3, cutoff=0.7)
    likely = [by_key[candidate] for candidate in [*begins, *has, *close]]
    each = {territories().find(name): name for name in reversed(likely)}  # one name a commune
    return [name for name in dict.fromkeys(likely) if name in each.values()]


def _resembling(key: str) -> list[str]:
    """The keys that are worth comparing with another one, because pairs of letters recur."""
    by_pair = _by_pair()
    shared = Counter(chain.from_iterable(by_pair.get(pair, ()) for pair in _pairs(key)))
    parts = {
        name: part
        for name, count in shared.items()
        if count > 1 and (part := count / (len(name) + len(key))) >= _LEAST
    }
    return nlargest(_COMPARED, parts, parts.__getitem__)


@functools.cache
def _together() -> str:
    """All keys, with a blank before each: one search tells that none has a text."""
    return "".join(f" {key}\n" for key in _names())


@functools.cache
def _by_pair() -> Mapping[str, Sequence[str]]:
    by_pair: dict[str, list[str]] = {}
    for key in _names():
        for pair in _pairs(key):
            by_pair.setdefault(pair, []).append(key)
    return by_pair


def _pairs(key: str) -> set[str]:
    """The pairs of letters that follow one another; a blank stands before and after a key."""
    return set(map("".join, pairwise(f" {key} ")))
