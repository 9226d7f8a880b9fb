"""Reads the communes that people type, and suggests names for what is no commune. Pure."""

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from functions.intake.messages import FieldError, field_error, field_name, label, too_long
from functions.intake.words import Phrase, either
from sheets_schema.territory import Commune, territories
from sheets_schema.text import normalise, split_list

_SUGGESTED = 5
_MAX_TEXT = 200  # characters in a field; to search for names like a longer text takes too long
_SAINT = re.compile(r"\bst(e?)\b")


def read_communes(texts: Sequence[str]) -> tuple[list[str], list[FieldError]]:
    """The INSEE codes of the communes typed into some fields, and one error for each faulty field.

    A field may hold several names, separated by commas.
    """
    codes: list[str] = []
    errors = []
    for index, text in enumerate(texts):
        path = ("target", "communes", index)
        if len(text) > _MAX_TEXT:
            errors.append(field_error(path, too_long(_MAX_TEXT, text)))
            continue
        names = split_list(text)
        for place, name in enumerate(names, start=1):
            commune = _find(name)
            if commune:
                codes.append(commune.code)
                continue
            which = label(path)
            if len(names) > 1:
                which = Phrase("{label} (nom n° {place})", label=which, place=place)
            errors.append(FieldError(field_name(path), _advice(which, name)))
            break
    return list(dict.fromkeys(codes)), errors


def _find(name: str) -> Commune | None:
    official = territories()
    if official.with_postcode(name):
        return None  # a postal code may be the INSEE code of a commune that nobody means
    commune = official.find(name) or official.find(_key(name))
    return commune if isinstance(commune, Commune) else None


def _key(name: str) -> str:
    return _SAINT.sub(r"saint\1", normalise(name))


def _advice(which: Phrase, name: str) -> Phrase:
    official = territories()
    if there := official.with_postcode(name):
        towns = {epci.town for epci in official.epcis.values()}
        ordered = sorted(
            there, key=lambda commune: (commune.name not in towns, normalise(commune.name))
        )
        sentence = "{which} : écrivez son nom plutôt que le code postal : {names}."
        return Phrase(sentence, which=which, names=either([commune.name for commune in ordered]))
    names = [
        name
        for commune in official.communes.values()
        for name in (commune.name, *commune.former_names)
    ]
    likely = _like(_key(name), names)[:_SUGGESTED]
    if not likely:
        return Phrase("{which} : ce n'est pas une commune {of_place}.", which=which)
    sentence = "{which} : ce n'est pas une commune {of_place} ; vouliez-vous dire {names} ?"
    quoted = [Phrase("« {name} »", name=name) for name in likely]
    return Phrase(sentence, which=which, names=either(quoted))


def _like(key: str, names: Iterable[str]) -> list[str]:
    """Names that begin with a key, then names that contain its words, then names spelled alike."""
    by_key = {_key(name): name for name in names}
    if not key:
        return []
    begins = sorted(candidate for candidate in by_key if candidate.startswith(key))
    has = sorted(candidate for candidate in by_key if f" {key} " in f" {candidate} ")
    close = get_close_matches(key, by_key, n=3, cutoff=0.7)
    return [by_key[candidate] for candidate in dict.fromkeys([*begins, *has, *close])]
