"""What is owed: who was promised a row, which cells belong to people, who was told what.

Everything here is seen from outside: cells of the spreadsheet before and after people's edits,
answers to applicants, mails that left. What the functions believe is not asked.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from tests.chaos.replies import ORDER, Replies

REFERENCE = re.compile(r"LOT-[0-9A-Z]{4}-[0-9A-Z]{4}")
TOKEN = "Attribution en cours"
# Each of these stands in one row only, unless people copy it; the first kind marks a row.
MARKER = re.compile(r"[a-z]+\d+@example\.org")
UNIQUE = re.compile(r"[a-z]+\d+@example\.org|(Main|Moitié) \d+|note \d+|collé [\d.]+")
# What the system may put into a cell that is blank.
FILLABLE = {
    "Référence",
    "Statut",
    "Référent",
    "Autres référents",
    "Pourquoi ce référent",
    "Organisme",
}
Line = Mapping[str, str]  # a row's cells by title; cells without title by their column's number


class Kind(Enum):
    """How a request comes, which decides what is owed for it."""

    PLAIN = auto()  # from a site, with its API key
    TRIAL = auto()  # the same, called a test
    DOUBTFUL = auto()  # a form posted without JavaScript, hence without proof
    SUSPECT = auto()  # the same, and the field that people cannot see is filled in

    @property
    def posted(self) -> bool:
        """Whether it is a posted form."""
        return self in (Kind.DOUBTFUL, Kind.SUSPECT)


class Release(Enum):
    """How far the operator came with the release of a suspect; BEGUN was cut off, anywhere."""

    NONE = auto()
    BEGUN = auto()
    DONE = auto()


@dataclass
class Sent:
    """A request as an applicant sent it; `reference` once a 2xx promised it a row.

    A suspect is promised to be set aside, and a row once it is released. `cut_off` tells that
    intake was killed over it, or the journal silent, so that it may have left something behind.
    """

    key: str
    email: str
    fields: dict
    lead: str
    others: tuple[str, ...] = ()
    kind: Kind = Kind.PLAIN
    reference: str | None = None
    cut_off: bool = False
    release: Release = Release.NONE

    @property
    def rows(self) -> tuple[int, int]:
        """How many rows it has to be at least and at most, but for what people copy and delete."""
        released = self.release is Release.DONE
        if self.kind is Kind.SUSPECT and not released:
            return 0, int(self.release is Release.BEGUN)
        return int(released or self.reference is not None), 1

    def addressees(self, addresses: Mapping[str, str]) -> list[str]:
        """Who is told of its row, by address; `addresses` are the referents' by name."""
        if self.kind is Kind.TRIAL:
            return [self.email]
        return [addresses[name] for name in (self.lead, *self.others)]


@dataclass
class Letter:
    """A mail that left, and when, in seconds."""

    to: str
    references: set[str]
    at: float


@dataclass(frozen=True)
class Wrong:
    """What is not as it should be; `line` is the scorecard's that counts it, 0 if none does."""

    line: int
    text: str

    def __str__(self) -> str:
        return self.text


class WrongError(AssertionError):
    """Invariants do not hold."""

    def __init__(self, *wrongs: Wrong) -> None:
        super().__init__("; ".join(map(str, wrongs)))
        self.wrongs = wrongs


@dataclass
class Ledger:
    """The account of one world."""

    sent: dict[str, Sent] = field(default_factory=dict)  # by e-mail
    by_people: Counter = field(default_factory=Counter)  # copies made and deleted, by unique text
    typed: dict[str, dict[str, str]] = field(default_factory=dict)  # by marker and title
    orders: dict[str, set[str]] = field(default_factory=dict)  # by marker: who followed it then
    followers: dict[str, set[str]] = field(default_factory=dict)  # by marker: who did, ever
    returned: set[str] = field(default_factory=set)  # markers of rows given back to somebody
    copied: set[str] = field(default_factory=set)  # markers that stood in several rows
    seen: set[str] = field(default_factory=set)  # references that stood in the sheet
    letters: list[Letter] = field(default_factory=list)
    replies: Replies = field(default_factory=Replies)
    counts: Counter = field(default_factory=Counter)  # what was done, for the scorecard
    wrong: list[Wrong] = field(default_factory=list)

    def look(self, lines: Iterable[Line]) -> None:
        """Note the references that stand in the sheet now."""
        for line in lines:
            for cell in line.values():
                self.seen.update(REFERENCE.findall(cell))

    def edited(self, before: list[Line], after: list[Line]) -> None:
        """Note what people changed."""
        self.look(before)
        self.by_people.update(census(after))
        self.by_people.subtract(census(before))
        old, new = by_marker(before), by_marker(after)
        for marker, lines in new.items():
            if len(lines) > 1:
                self.copied.add(marker)
            was = old.get(marker, [{}])[0]
            mine = self.typed.setdefault(marker, {})
            for title in {*was, *lines[0]}:
                if was.get(title, "") != lines[0].get(title, ""):
                    mine[title] = lines[0].get(title, "")
                    self.counts["human cells"] += 1
            followers = self.followers.setdefault(marker, set())
            followers.add(was.get("Référent", ""))
            follower = lines[0].get("Référent", "")
            if follower != was.get("Référent", "") and follower in followers:
                self.returned.add(marker)
            if mine.get("Statut") == ORDER and was.get("Statut", "") != ORDER:
                self.orders.setdefault(marker, set()).add(was.get("Référent", ""))
                self.counts["orders"] += 1
            if mine.get("Statut") == ORDER and not follower:
                # Nobody can see who gave it, if people had picked another name before.
                self.orders.setdefault(marker, set()).update(followers - {""})

    def posted(self, to: str, text: str, at: float, lines: list[Line]) -> None:
        """Note a mail that leaves now."""
        self.look(lines)
        letter = Letter(to, set(REFERENCE.findall(text)), at)
        if unseen := letter.references - self.seen:
            self.wrong.append(Wrong(11, f"mail about {unseen}, which never stood in the sheet"))
        self.letters.append(letter)

    def was_told(self, reference: str, address: str) -> bool:
        """Whether somebody was told of a request."""
        return self.told_at(reference, address) < math.inf

    def told_at(self, reference: str, address: str) -> float:
        """When somebody was first told of a request; infinity if never."""
        times = (
            letter.at
            for letter in self.letters
            if letter.to == address and reference in letter.references
        )
        return min(times, default=math.inf)


def census(lines: Iterable[Line]) -> Counter:
    """How often each unique text stands in the sheet."""
    return Counter(cell for line in lines for cell in line.values() if UNIQUE.fullmatch(cell))


def by_marker(lines: Iterable[Line]) -> dict[str, list[Line]]:
    """The rows of each marker."""
    lines_by_marker: dict[str, list[Line]] = {}
    for line in lines:
        for cell in {cell for cell in line.values() if MARKER.fullmatch(cell)}:
            lines_by_marker.setdefault(cell, []).append(line)
    return lines_by_marker
