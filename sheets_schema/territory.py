"""The official communes and intercommunalités, and what people write to name them."""

import functools
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from sheets_schema.errors import AccueilError, CellError
from sheets_schema.place import PLACE
from sheets_schema.text import divided, normalise, quoted, split_list

ANYWHERE = f"Partout {PLACE.in_place}"
UNKNOWN = "Je ne sais pas encore"
_ANYWHERE = {
    normalise(text)
    for text in (
        *(ANYWHERE, "partout", PLACE.whole_place, PLACE.the_place),
        *(PLACE.the_place.partition(" ")[2], "tout le département", "le département"),
    )
} - {""}


@dataclass(frozen=True)
class Commune:
    """A commune: INSEE code, name, postal codes, and the SIREN of its intercommunalité.

    `former_names` are its own earlier names and those of communes that merged into it, which people
    still use; `former_codes` are the INSEE codes of these communes. A few islands belong to no
    intercommunalité, and have "" for it.
    """

    code: str
    name: str
    former_names: tuple[str, ...]
    postcodes: tuple[str, ...]
    epci: str
    former_codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Epci:
    """An intercommunalité: SIREN, short name, and its most populous commune.

    `seated` is false if that commune lies in another département. `aliases` are what else people
    call it (`place.json`).
    """

    code: str
    name: str
    town: str
    seated: bool
    aliases: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The label for applicants, who know towns rather than intercommunalités."""
        return f"Autour {self.of_town} ({self.name})"

    @property
    def of_town(self) -> str:
        """« de Brive », « du Mans »."""
        return _of(self.town)


@dataclass(frozen=True)
class Target:
    """Where somebody wants to live: communes (INSEE), intercommunalités (SIREN), or anywhere.

    If all are empty, the person does not know yet.
    """

    communes: tuple[str, ...] = ()
    epcis: tuple[str, ...] = ()
    anywhere: bool = False


@dataclass(frozen=True)
class Mention:
    """What one item of a list names.

    `places` is empty if the item cannot be understood for certain. Then `meant` are the names of
    what it may mean, and `is_postcode` says that it is a postal code.
    """

    places: tuple[Commune | Epci, ...] = ()
    meant: tuple[str, ...] = ()
    is_postcode: bool = False


def place_key(text: str) -> str:
    """A place's name as a key for comparison: « St Cirq » is « Saint-Cirq », « s/ » is « sur ».

    >>> place_key("Ste-Croix s/ Seine")
    'sainte croix sur seine'
    """
    return _SAINT.sub("saint", normalise(text).replace(" s ", " sur "))


_SAINT = re.compile(r"\bst(?=e?\b)")
_ARTICLE = re.compile("(?:le|la|les|l) ")
_ARTICLE_LAST = re.compile("(.+) (le|la|les|l)")  # as in a sorted list: « Vigan (Le) »
_BEFORE_A_NAME = re.compile("(?:commune|ville|village|mairie) (?:de la |de |du |des |d )")
_EPCI_TITLE = re.compile(
    "(?:c ?c|c ?a|com ?com|(?:communaute d )?agglo(?:meration)?|communaute de communes"
    "|intercommunalite) (?:de la |de |du |des |d |la |le |les )?"
)
_FIVE_DIGITS = re.compile(r"\b(?:fr? )?(\d\d) ?(\d\d\d)\b")
_CEDEX = re.compile(r"\bcedex\b(?: \d\d?\b)?")
_LONGEST = 200  # characters of an item that is searched for names
_SUGGESTED = 5


class Territories:
    """The communes and intercommunalités of one département, by code and by name."""

    def __init__(self, communes: Iterable[Commune], epcis: Iterable[Epci]) -> None:
        self.communes: Mapping[str, Commune] = {commune.code: commune for commune in communes}
        self.epcis: Mapping[str, Epci] = {epci.code: epci for epci in epcis}
        self._names = _by_name(self.communes.values(), self.epcis.values())
        former = {old: new for new in self.communes.values() for old in new.former_codes}
        self._codes: Mapping[str, Commune | Epci] = {**former, **self.epcis, **self.communes}
        self._postcodes: dict[str, list[Commune]] = {}
        for commune in self.communes.values():
            for postcode in commune.postcodes:
                self._postcodes.setdefault(postcode, []).append(commune)

    def find(self, text: str) -> Commune | Epci | None:
        """The commune or intercommunalité that `text` names or codes, whatever its spelling.

        Programs and links use INSEE codes. What a person writes is for `read`.
        """
        return self.with_code(text) or self._names.get(place_key(text))

    def with_code(self, text: str) -> Commune | Epci | None:
        """The commune that has or had this INSEE code, or the intercommunalité with this SIREN."""
        return self._codes.get(text.strip())

    def with_postcode(self, text: str) -> Sequence[Commune]:
        """The communes that have this postal code."""
        return self._postcodes.get(text.strip(), ())

    def read(self, text: str) -> Mention:
        """Understand one item of a list of places as a person writes it.

        It may be a name of today or a former one, with or without its postal code, or a postal
        code, or several names with « et » between them. It is never an INSEE code, because these
        look like postal codes: a town's CEDEX code may be a village's INSEE code.
        """
        if len(text) > _LONGEST:
            return Mention()
        key = place_key(text)
        return self._named(key) or self._several(text) or self._within(key)

    def _named(self, key: str) -> Mention | None:
        """What an item means that is one name or one postal code; None if it is neither."""
        place = self._names.get(key)
        postcodes = ["".join(digits) for digits in _FIVE_DIGITS.findall(key)]
        if place is None and not postcodes:
            place = self._called(_CEDEX.sub("", key))
        if place or not postcodes:
            return Mention((place,)) if place else None
        rest = _CEDEX.sub("", _FIVE_DIGITS.sub("", key)).strip()
        if not rest:
            return self._coded(postcodes[0]) if len(postcodes) == 1 else None
        place = self._called(rest)
        if place is None:
            return None
        theirs = [commune for code in postcodes for commune in self.with_postcode(code)]
        if isinstance(place, Commune) and theirs and place not in theirs:
            return Mention(meant=(place.name, *self._towns_first(theirs)[:1]))
        return Mention((place,))

    def _called(self, key: str) -> Commune | Epci | None:
        """The place with a name, beside which may stand the département's number, or its title."""
        key = key.strip().removesuffix(f" {PLACE.department.lower()}")
        if title := _EPCI_TITLE.match(key):
            return self._around(key[title.end() :])
        key = _BEFORE_A_NAME.sub("", key)
        last = _ARTICLE_LAST.fullmatch(key)
        return self._names.get(f"{last[2]} {last[1]}" if last else key) or self._around(key)

    def _around(self, key: str) -> Epci | None:
        """The intercommunalité with a name, its article apart, or the one around a town."""
        place = self._names.get(key) or self._names.get(_ARTICLE.sub("", key, count=1))
        if isinstance(place, Commune):
            around = self.epcis.get(place.epci)
            return around if around and around.town == place.name else None
        return place

    def _coded(self, postcode: str) -> Mention:
        """What a postal code means. That of a CEDEX begins like the one of its town."""
        there = self.with_postcode(postcode)
        if len(there) == 1:
            return Mention(tuple(there))
        meant = self._towns_first(there or self.with_postcode(f"{postcode[:3]}00"))
        return Mention(meant=tuple(meant), is_postcode=bool(meant))

    def _towns_first(self, communes: Iterable[Commune]) -> list[str]:
        towns = {epci.town for epci in self.epcis.values()}
        names = [commune.name for commune in communes]
        return sorted(names, key=lambda name: (name not in towns, normalise(name)))

    def _several(self, text: str) -> Mention | None:
        """What an item means that is several names, each certain; None if it is not."""
        known: dict[str, tuple[Commune | Epci, ...]] = {text: ()}

        def places(part: str) -> tuple[Commune | Epci, ...]:
            if part not in known:
                mention = self._named(place_key(part))
                known[part] = mention.places if mention else ()
            return known[part]

        listed = [place for part in divided(text, places) for place in known[part]]
        return Mention(tuple(dict.fromkeys(listed))) if listed else None

    def _within(self, key: str) -> Mention:
        """The names that stand somewhere in a longer text, or else what its postal codes mean."""
        words = key.split()
        meant: dict[str, None] = {}
        start = 0
        while start < len(words):
            end = self._end_of_name(words, start) if words[start] in self._first_words else 0
            if end:
                meant[self._names[" ".join(words[start:end])].name] = None
            start = end or start + 1
        if not meant:
            for digits in _FIVE_DIGITS.findall(key):
                there = self._coded("".join(digits))
                meant |= dict.fromkeys([*there.meant, *(place.name for place in there.places)][:1])
        return Mention(meant=tuple(meant)[:_SUGGESTED])

    def _end_of_name(self, words: Sequence[str], start: int) -> int:
        """Where the longest name ends that begins at a word; 0 if none does."""
        ends = range(min(len(words), start + self._most_words), start, -1)
        return next((end for end in ends if " ".join(words[start:end]) in self._names), 0)

    @functools.cached_property
    def _first_words(self) -> frozenset[str]:
        return frozenset(name.partition(" ")[0] for name in self._names)

    @functools.cached_property
    def _most_words(self) -> int:
        return max((len(name.split()) for name in self._names), default=0)

    def parse(self, text: str) -> Target:
        """Read a list of territories as a person writes it in a cell; blank means unknown.

        Raises:
            CellError: an item is neither a commune nor an intercommunalité of the département, or
                it is not certain which it means.
        """
        communes: dict[str, None] = {}
        epcis: dict[str, None] = {}
        anywhere = False
        for item in split_list(text):
            if normalise(item) in _ANYWHERE:
                anywhere = True
                continue
            if normalise(item) == normalise(UNKNOWN):
                continue
            siren = self.epcis.get(item)
            mention = Mention((siren,)) if siren else self.read(item)
            if not mention.places:
                raise _unclear(item, mention)
            for place in mention.places:
                (communes if isinstance(place, Commune) else epcis)[place.code] = None
        return Target(tuple(communes), tuple(epcis), anywhere)

    def parse_area(self, text: str) -> Target:
        """Read where a rule or a digest applies; only a blank cell, or « Partout », is everywhere.

        Everywhere gives a target without codes.

        Raises:
            CellError: see `parse`; or the text is not blank, and names no territory; or it names
                one beside « Partout ».
        """
        target = self.parse(text)
        somewhere = target.communes or target.epcis
        if target.anywhere and somewhere:
            raise CellError(f"{quoted(text)} dit « {ANYWHERE} » et un territoire à la fois")
        if text.strip() and not target.anywhere and not somewhere:
            raise CellError(
                f"{quoted(text)} ne nomme aucun territoire (laissez vide pour « {ANYWHERE} »)"
            )
        return target

    def hint(self, text: str) -> str:
        """What to write in place of a list that `parse` refuses; "" if nothing resembles it."""
        try:
            self.parse(text)
        except UnclearError as error:
            return str(error)
        except CellError:
            pass
        return ""

    def format(self, target: Target) -> str:
        """`target` as it is written into a cell; `parse` reads it back.

        A code that is not in the data stays as it is.
        """
        codes = (*target.communes, *target.epcis)
        known = [self.with_code(code) for code in codes]
        names = [
            territory.name if territory else code
            for territory, code in zip(known, codes, strict=True)
        ]
        if target.anywhere:
            names.append(ANYWHERE)
        return ", ".join(names) or UNKNOWN

    def epcis_of(self, target: Target) -> tuple[str, ...]:
        """SIREN of every intercommunalité that `target` touches, in order, without repetition."""
        communes = [self.with_code(code) for code in target.communes]
        codes = [item.epci for item in communes if isinstance(item, Commune) and item.epci]
        return tuple(dict.fromkeys([*codes, *target.epcis]))


def _by_name(communes: Iterable[Commune], epcis: Iterable[Epci]) -> dict[str, Commune | Epci]:
    """Places by every name they have, as `place_key` spells it.

    A commune's name of today counts before an intercommunalité's, and that before a former name
    and before a name without its article. A former name of two communes names neither.
    """
    communes = list(communes)
    today: dict[str, Commune | Epci] = {}
    for epci in epcis:
        today |= dict.fromkeys(map(place_key, (epci.name, epci.label, *epci.aliases)), epci)
    today |= {place_key(commune.name): commune for commune in communes}
    former = [(place_key(name), place) for place in communes for name in place.former_names]
    names = _certain(former) | today
    bare = [(_ARTICLE.sub("", key, count=1), place) for key, place in names.items()]
    shortened = [(key, place) for key, place in bare if key not in names]
    return _certain(shortened) | names


def _certain(pairs: Iterable[tuple[str, Commune | Epci]]) -> dict[str, Commune | Epci]:
    """Places by name, without the names that several places have."""
    called: dict[str, set[Commune | Epci]] = {}
    for key, place in pairs:
        called.setdefault(key, set()).add(place)
    return {key: places.pop() for key, places in called.items() if len(places) == 1}


class UnclearError(CellError):
    """An item may mean several places, which the sentence names."""


def _unclear(item: str, mention: Mention) -> CellError:
    """Why an item of a cell cannot be read."""
    names = ", ".join(mention.meant[:_SUGGESTED])
    if mention.is_postcode:
        return UnclearError(
            f"« {item} » est un code postal : écrivez le nom de la commune ({names})"
        )
    if len(mention.meant) == 1:
        return UnclearError(
            f"{quoted(item)} : si vous voulez dire {quoted(names)}, écrivez seulement ce nom"
        )
    if names:
        return UnclearError(
            f"{quoted(item)} : écrivez seulement le nom, ou les noms, parmi {names}"
        )
    return CellError(
        f"{quoted(item)} n'est ni une commune ni une intercommunalité {PLACE.of_place} "
        "(voir l'onglet Communes)"
    )


@functools.cache
def territories() -> Territories:
    """The committed official data of the département (`accueil communes` rebuilds it).

    Raises:
        AccueilError: there is none of the département that place.json names.
    """
    path = resources.files(__package__).joinpath("data", f"communes-{PLACE.department}.json")
    if not path.is_file():
        command = f"accueil communes {PLACE.department}"
        raise AccueilError(f"{path.name} manque : « {command} » l'écrit (docs/place.md).")
    official = from_json(json.loads(path.read_text("utf-8")), PLACE.aliases)
    if unknown := ", ".join(PLACE.aliases.keys() - official.epcis.keys()):
        raise AccueilError(f"place.json : « aliases » nomme {unknown}, absent de {path.name}.")
    return official


def from_json(
    data: Mapping[str, Any], aliases: Mapping[str, tuple[str, ...]] | None = None
) -> Territories:
    """Make territories from the content of the data file, see `accueil communes`.

    Args:
        data: the content.
        aliases: what else people call intercommunalités, by SIREN.
    """
    return Territories(
        (
            Commune(
                item["code"],
                item["name"],
                tuple(item["former_names"]),
                tuple(item["postcodes"]),
                item["epci"],
                tuple(item.get("former_codes", ())),
            )
            for item in data["communes"]
        ),
        (Epci(**item, aliases=(aliases or {}).get(item["code"], ())) for item in data["epcis"]),
    )


def _of(town: str) -> str:
    """French "of": de Brive, d'Ussel, du Mans, des Sables."""
    if town.startswith("Le "):
        return f"du {town[3:]}"
    if town.startswith("Les "):
        return f"des {town[4:]}"
    return f"d'{town}" if normalise(town)[0] in "aeiouy" else f"de {town}"
