"""Which département the system serves. Only `data/place.json` holds what is particular to it.

`docs/place.md` says what each entry is for, and how to set up another département.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from importlib import resources

from sheets_schema.errors import AccueilError

_WORDS = r'[^\\"{}<>&]+'  # these texts are put into JSON, scripts and markup
_SHAPES = {
    "department": r"[0-9][0-9AB]",  # of metropolitan France: see layout.TIME_ZONE
    "slug": r"[a-z]+(-[a-z]+)*",
    "prefixes": r"[A-Z]{3}",
    "colours": r"#[0-9a-f]{6}",
    "example_commune": r"[0-9][0-9AB][0-9]{3}",
    "aliases": rf"{_WORDS}.",
}


@dataclass(frozen=True)
class Colours:
    """The colours of pages, mails and the sheet's headers, as #rrggbb.

    Text on `brand` is white. On dark pages `brand_on_dark` takes its place. `accent_on_brand` is
    the colour of the « ! » in the programme's name.
    """

    brand: str
    brand_on_dark: str
    accent: str
    accent_on_brand: str


@dataclass(frozen=True)
class Place:
    """A département: its code, what the programme is called there, and the territory's names.

    `slug` names the form in the pages of other sites. New references begin with the first of
    `prefixes`; earlier references may begin with the others. `example_commune` is an INSEE code.
    `aliases` holds what else people call intercommunalités, by their SIREN.
    """

    department: str
    programme: str
    slug: str
    prefixes: tuple[str, ...]
    the_place: str
    in_place: str
    of_place: str
    whole_place: str
    english_place: str
    controller: str
    english_controller: str
    tourist_board: str
    example_commune: str
    colours: Colours
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def prefix(self) -> str:
        """The prefix of new references."""
        return self.prefixes[0]


def read_place(text: str) -> Place:
    """Read the content of a `place.json`.

    Raises:
        AccueilError: the text is not JSON, or an entry is missing, unknown or malformed; the
            sentence names it.
    """
    try:
        given = json.loads(text)
        aliases = {code: tuple(names) for code, names in given.get("aliases", {}).items()}
        place = Place(
            **given
            | {
                "prefixes": tuple(given["prefixes"]),
                "colours": Colours(**given["colours"]),
                "aliases": aliases,
            }
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise AccueilError(f"place.json n'est pas complet ou pas lisible : {error}.") from error
    for name, value in _texts(asdict(place)):
        if not isinstance(value, str) or not re.fullmatch(_SHAPES.get(name, _WORDS), value):
            raise AccueilError(f"place.json : « {name} » est mal formé (docs/place.md).")
    return place


def _texts(entries: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for name, value in entries.items():
        match value:
            case tuple():
                yield from ((name, item) for item in value or ("",))
            case dict():
                yield from (pair for item in value.values() for pair in _texts({name: item}))
            case _:
                yield name, value


PLACE = read_place(resources.files(__package__).joinpath("data", "place.json").read_text("utf-8"))
_NAMED: Mapping[str, str] = {
    name: value for name, value in asdict(PLACE).items() if isinstance(value, str)
} | {"prefix": PLACE.prefix}


def localise(text: str) -> str:
    """`text` with the words of the place in their places, as in « Partout {in_place} ».

    Other names in braces stay as they are.
    """
    if "{" not in text:
        return text
    return re.sub(r"\{(\w+)\}", lambda name: _NAMED.get(name[1], name[0]), text)
