"""Reads the communes that people type, and suggests names for what is no commune. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches

from functions.intake.messages import FieldError, field_error, field_name, label, too_long
from functions.intake.words import Phrase, either
from sheets_schema.territory import Commune, Mention, place_key, territories
from sheets_schema.text import split_list

_SUGGESTED = 5
_MAX_TEXT = 200  # characters in a field; to search for names like a longer text takes too long


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
            mention = territories().read(name)
            if mention.places and all(isinstance(item, Commune) for item in mention.places):
                codes += [commune.code for commune in mention.places]
                continue
            which = label(path)
            if len(names) > 1:
                which = Phrase("{label} (nom n° {place})", label=which, place=place)
            errors.append(FieldError(field_name(path), _advice(which, name, mention)))
            break
    return list(dict.fromkeys(codes)), errors


def _advice(which: Phrase, name: str, mention: Mention) -> Phrase:
    meant = mention.meant
    if mention.is_postcode:
        sentence = "{which} : écrivez son nom plutôt que le code postal : {names}."
        return Phrase(sentence, which=which, names=either(meant))
    likely = meant or _like(place_key(name), _names())[:_SUGGESTED]
    if not likely:
        return Phrase("{which} : ce n'est pas une commune {of_place}.", which=which)
    sentence = "{which} : ce n'est pas une commune {of_place} ; vouliez-vous dire {names} ?"
    quoted = [Phrase("« {name} »", name=name) for name in likely]
    return Phrase(sentence, which=which, names=either(quoted))


def _names() -> Iterator[str]:
    for commune in territories().communes.values():
        yield commune.name
        yield from commune.former_names


def _like(key: str, names: Iterable[str]) -> list[str]:
    """Names that begin with a key, then names that contain its words, then names spelled alike."""
    by_key = {place_key(name): name for name in names}
    if not key:
        return []
    begins = sorted(candidate for candidate in by_key if candidate.startswith(key))
    has = sorted(candidate for candidate in by_key if f" {key} " in f" {candidate} ")
    close = get_close_matches(key, by_key, n=3, cutoff=0.7)
    likely = [by_key[candidate] for candidate in [*begins, *has, *close]]
    each = {territories().find(name): name for name in reversed(likely)}  # one name a commune
    return [name for name in dict.fromkeys(likely) if name in each.values()]
