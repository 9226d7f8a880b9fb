"""The official communes and intercommunalités, and what people write to name them."""

import functools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from sheets_schema.errors import AccueilError, CellError
from sheets_schema.place import PLACE
from sheets_schema.text import normalise, quoted, split_list

ANYWHERE = f"Partout {PLACE.in_place}"
UNKNOWN = "Je ne sais pas encore"
_ANYWHERE = {normalise(text) for text in (ANYWHERE, "partout", PLACE.whole_place)}


@dataclass(frozen=True)
class Commune:
    """A commune: INSEE code, name, postal codes, and the SIREN of its intercommunalité.

    `former_names` are the names of communes that merged into it, which people still use. A few
    islands belong to no intercommunalité, and have "" for it.
    """

    code: str
    name: str
    former_names: tuple[str, ...]
    postcodes: tuple[str, ...]
    epci: str


@dataclass(frozen=True)
class Epci:
    """An intercommunalité: SIREN, short name, and its most populous commune.

    `seated` is false if that commune lies in another département.
    """

    code: str
    name: str
    town: str
    seated: bool

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


class Territories:
    """The communes and intercommunalités of one département, by code and by name."""

    def __init__(self, communes: Iterable[Commune], epcis: Iterable[Epci]) -> None:
        self.communes: Mapping[str, Commune] = {commune.code: commune for commune in communes}
        self.epcis: Mapping[str, Epci] = {epci.code: epci for epci in epcis}
        names: dict[str, Commune | Epci] = {}
        for epci in self.epcis.values():
            names |= dict.fromkeys(map(normalise, (epci.code, epci.name, epci.label)), epci)
        for commune in self.communes.values():
            names |= dict.fromkeys(map(normalise, commune.former_names), commune)
        for commune in self.communes.values():
            names |= dict.fromkeys(map(normalise, (commune.code, commune.name)), commune)
        self._names = names
        self._postcodes: dict[str, list[Commune]] = {}
        for commune in self.communes.values():
            for postcode in commune.postcodes:
                self._postcodes.setdefault(postcode, []).append(commune)

    def find(self, text: str) -> Commune | Epci | None:
        """The commune or intercommunalité that `text` names or codes, whatever its spelling."""
        return self._names.get(normalise(text))

    def with_postcode(self, text: str) -> Sequence[Commune]:
        """The communes that have this postal code."""
        return self._postcodes.get(text.strip(), ())

    def parse(self, text: str) -> Target:
        """Read a list of territories as a person writes it in a cell; blank means unknown.

        Raises:
            CellError: an item is neither a commune nor an intercommunalité of the département, or
                it is a postal code, which may be the INSEE code of another commune.
        """
        communes: dict[str, None] = {}
        epcis: dict[str, None] = {}
        anywhere = False
        for item in split_list(text):
            if self.with_postcode(item):
                raise CellError(f"« {item} » est un code postal : écrivez le nom de la commune")
            territory = self.find(item)
            if isinstance(territory, Commune):
                communes[territory.code] = None
            elif isinstance(territory, Epci):
                epcis[territory.code] = None
            elif normalise(item) in _ANYWHERE:
                anywhere = True
            elif normalise(item) != normalise(UNKNOWN):
                raise CellError(
                    f"{quoted(item)} n'est ni une commune ni une intercommunalité "
                    f"{PLACE.of_place} (voir l'onglet Communes)"
                )
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

    def format(self, target: Target) -> str:
        """`target` as it is written into a cell; `parse` reads it back.

        A code that is no longer in the data, such as that of a merged commune, stays as it is.
        """
        codes = (*target.communes, *target.epcis)
        known = [self.communes.get(code) or self.epcis.get(code) for code in codes]
        names = [
            territory.name if territory else code
            for territory, code in zip(known, codes, strict=True)
        ]
        if target.anywhere:
            names.append(ANYWHERE)
        return ", ".join(names) or UNKNOWN

    def epcis_of(self, target: Target) -> tuple[str, ...]:
        """SIREN of every intercommunalité that `target` touches, in order, without repetition."""
        communes = [self.communes[code] for code in target.communes if code in self.communes]
        codes = [commune.epci for commune in communes if commune.epci]
        return tuple(dict.fromkeys([*codes, *target.epcis]))


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
    return from_json(json.loads(path.read_text("utf-8")))


def from_json(data: Mapping[str, Any]) -> Territories:
    """Make territories from the content of the data file, see `accueil communes`."""
    return Territories(
        (
            Commune(
                item["code"],
                item["name"],
                tuple(item["former_names"]),
                tuple(item["postcodes"]),
                item["epci"],
            )
            for item in data["communes"]
        ),
        (Epci(**item) for item in data["epcis"]),
    )


def _of(town: str) -> str:
    """French "of": de Brive, d'Ussel, du Mans, des Sables."""
    if town.startswith("Le "):
        return f"du {town[3:]}"
    if town.startswith("Les "):
        return f"des {town[4:]}"
    return f"d'{town}" if normalise(town)[0] in "aeiouy" else f"de {town}"
