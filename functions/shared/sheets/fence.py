"""The fence: compare-and-set on a spreadsheet. Pure.

Every batch adds a named range whose id is made of the batch's number alone. Google refuses a
second range of the same id, and applies a batch whole or not at all (discovery document,
AddNamedRangeRequest and batchUpdate), so of two batches that claim a number one at most commits.
A cell of the system tab, written in the same batch, names the last one: number, token, spreadsheet.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sheets_schema.columns import Cell, as_text

# A late commit must still find its number taken.
YOUNG = timedelta(hours=1)
_NAME = re.compile(r"accueil_(\d+)_(\d+)_([a-z0-9]+)")


@dataclass(frozen=True, order=True)
class Fence:
    """One batch's claim to a number. `token` tells two claims to the same number apart."""

    number: int
    at: datetime
    token: str

    @property
    def range_id(self) -> str:
        """The named range's id: the number alone, so that only one claim can stand."""
        return f"accueil{self.number:09d}"

    @property
    def range_name(self) -> str:
        """The named range's name, which carries the rest."""
        return f"accueil_{self.number}_{int(self.at.timestamp())}_{self.token}"

    @property
    def key(self) -> str:
        """The batch's name in the journal: sorts by number."""
        return f"{self.number:09d}-{self.token}"


@dataclass(frozen=True)
class SheetState:
    """Where the spreadsheet stands: the last committed batch, and which spreadsheet it says it is.

    `number` 0 is a spreadsheet nothing was written to yet; `token` and `spreadsheet` are empty.
    `cell` is the number that the system cell says: the same, unless a version was restored.
    """

    number: int
    token: str
    spreadsheet: str
    fences: tuple[Fence, ...]
    cell: int

    @property
    def key(self) -> str:
        """The last committed batch's name in the journal."""
        return f"{self.number:09d}-{self.token}"


def read_sheet_state(
    named_ranges: Mapping[str, str], system: Sequence[Sequence[Cell]]
) -> SheetState:
    """Read fences and system cell as one read found them."""
    fences = tuple(sorted(fence for name in named_ranges if (fence := parse_name(name))))
    row = system[1] if len(system) > 1 else []
    words = as_text(row[0]).split(" ") if row else []
    number, token, spreadsheet = (
        (int(words[0]), words[1], words[2])
        if len(words) == len(("number", "token", "spreadsheet")) and words[0].isdecimal()
        else (0, "", "")
    )
    cell = number
    if fences and fences[-1].number > number:
        number, token = fences[-1].number, fences[-1].token
    return SheetState(number, token, spreadsheet, fences, cell)


def parse_name(name: str) -> Fence | None:
    """The fence that a named range is, None for a range of somebody else's."""
    match = _NAME.fullmatch(name)
    if not match:
        return None
    return Fence(int(match[1]), datetime.fromtimestamp(int(match[2]), UTC), match[3])


def outdated(fences: Iterable[Fence], now: datetime) -> list[Fence]:
    """The fences that may be deleted: older than an hour, the last one never."""
    ordered = sorted(fences)
    return [fence for fence in ordered[:-1] if now - fence.at > YOUNG]


def system_text(fence: Fence, spreadsheet: str) -> str:
    """What the system cell says once this fence's batch is committed."""
    return f"{fence.number} {fence.token} {spreadsheet}"
