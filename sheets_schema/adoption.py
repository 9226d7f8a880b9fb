"""A tab of a partner's that became one of ours: its header's row, and the words in it. Pure.

Such a tab keeps its own header words, and may have title rows above its header. The cell « Classeur
adopté » of the system tab keeps the words. A named range over the header says in which row it
stands, and moves with it when people insert rows above. Every read of the spreadsheet shows named
ranges, and the name of this one changes with the words.

Whoever reads the tab sees it in our words: our titles in the first row, blank rows from there to
where the header stands, then the rows as they are. So a row keeps its number.
"""

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sheets_schema.columns import Cell, as_text
from sheets_schema.errors import HeaderError
from sheets_schema.tab import Tab, find_columns, tab
from sheets_schema.text import normalise

ADOPTED = "requests"  # the only tab that can be a partner's
SINGLE = " (Accueil)"  # follows our title where the partner has a column of that title
_NAME = re.compile(r"accueil_entetes_([0-9a-f]{8})")


@dataclass(frozen=True)
class Adoption:
    """What the system tab keeps of an adopted tab.

    Args:
        words: the header of each of our columns, by key. A header that is not here is the
            partner's own, whatever it says, unless it is the title of a column without a word.
        theirs: the columns that were there before. Their cells' formats stay as they are.
        choices: those of them with a data validation of the partner's own, which stays.
    """

    words: Mapping[str, str]
    theirs: frozenset[str] = frozenset()
    choices: frozenset[str] = frozenset()

    def to_text(self) -> str:
        """The cell of the system tab."""
        return json.dumps(
            {
                "words": dict(self.words),
                "theirs": sorted(self.theirs),
                "choices": sorted(self.choices),
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )

    @classmethod
    def from_text(cls, text: str) -> "Adoption":
        """Read the cell of the system tab.

        Raises:
            HeaderError: somebody has changed it.
        """
        try:
            data = json.loads(text)
            words = {str(key): str(word) for key, word in data["words"].items()}
            return cls(words, frozenset(data["theirs"]), frozenset(data["choices"]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise HeaderError(
                f"Onglet « {tab('system').title} » : la cellule « {_column_title()} » est "
                "illisible.",
                "Rendez-lui son texte (Fichier, Historique des versions) ; rien n'est perdu.",
            ) from error

    @property
    def range_name(self) -> str:
        """The name of the named range over the header."""
        return f"accueil_entetes_{hashlib.sha256(self.to_text().encode()).hexdigest()[:8]}"

    def title(self, key: str) -> str:
        """The header of one of our columns."""
        return self.words.get(key) or tab(ADOPTED)[key].title


@dataclass(frozen=True)
class Header:
    """Where the header of a tab stands, 0-based, and what its words mean; by default as ours.

    `width` is how many columns are taken, with a header or without: new ones come after them.
    """

    row: int = 0
    adoption: Adoption | None = None
    width: int = 0

    def in_our_words(self, header: Sequence[Cell]) -> list[Cell]:
        """A header with our titles in the place of the partner's words.

        A header of the partner's own that happens to be one of our titles is marked as theirs.
        """
        if self.adoption is None:
            return list(header)
        columns = tab(ADOPTED).columns
        ours = {normalise(word): key for key, word in self.adoption.words.items()}
        worded = {normalise(column.title) for column in columns if column.key in ours.values()}
        titles = {column.key: column.title for column in columns}

        def ours_of(cell: Cell) -> Cell:
            key = ours.get(normalise(as_text(cell)))
            if key is not None:
                return titles.get(key, cell)
            return f"{as_text(cell)} (à vous)" if normalise(as_text(cell)) in worded else cell

        return [ours_of(cell) for cell in header]

    def in_place(self, grid: Sequence[list[Cell]]) -> list[list[Cell]]:
        """A tab as whoever reads it sees it, see above; `grid` begins with row 1 of the sheet."""
        if not self.row and self.adoption is None:
            return list(grid)
        header = grid[self.row] if self.row < len(grid) else []
        blank: list[list[Cell]] = [[] for _ in range(self.row)]
        return [self.in_our_words(header), *blank, *grid[self.row + 1 :]]

    def in_their_words(self, error: HeaderError) -> HeaderError:
        """A fault of the header as people find it in their tab: its row, and its words."""
        words = self.adoption.words if self.adoption else {}
        titles = {tab(ADOPTED)[key].title: word for key, word in words.items()}
        known = re.compile("|".join(rf"« {re.escape(title)} »" for title in titles) or "$^")

        def said(text: str) -> str:
            row = text.replace("igne 1 ", f"igne {self.row + 1} ")
            return known.sub(lambda match: f"« {titles[match[0][2:-2]]} »", row)

        return HeaderError(said(error.what), said(error.remedy))


OURS = Header()  # of a tab that the system made


@dataclass(frozen=True)
class Marker:
    """The named range over the header of an adopted tab: its row, 0-based, and its name."""

    sheet_id: int
    row: int
    name: str
    id: str = field(default="", compare=False)


def find_marker(named_ranges: Iterable[Mapping[str, Any]]) -> Marker | None:
    """The named range over an adopted header; None if the workbook has none."""
    for named in named_ranges:
        if _NAME.fullmatch(named["name"]):
            cells = named.get("range", {})
            return Marker(
                cells.get("sheetId", 0),
                cells.get("startRowIndex", 0),
                named["name"],
                named.get("namedRangeId", ""),
            )
    return None


def read_adoption(system: Sequence[Sequence[Cell]]) -> Adoption | None:
    """What the system tab says; None if it says nothing.

    Raises:
        HeaderError: the cell cannot be read.
    """
    positions, _, _ = find_columns(tab("system"), system[0] if system else [])
    row = system[1] if len(system) > 1 else []
    at = positions.get("adopted", len(row))
    text = as_text(row[at]) if at < len(row) else ""
    return Adoption.from_text(text) if text else None


def free_words(ours: Tab, words: Mapping[str, str], header: Collection[str]) -> dict[str, str]:
    """The header of each of our columns, also of those that are still to be added.

    Args:
        ours: the tab.
        words: the headers of the columns that are there, by key.
        header: all headers that are there.
    """
    used = set(map(normalise, header))
    return dict(words) | {
        column.key: column.title + SINGLE * (normalise(column.title) in used)
        for column in ours.columns
        if column.key not in words
    }


def _column_title() -> str:
    return tab("system")["adopted"].title
