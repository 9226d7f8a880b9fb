"""The fence: compare-and-set on a spreadsheet. Pure.

Every batch adds a named range whose id is made of the batch's number alone. Google refuses a second
range with the same id, and applies a batch as a whole or not at all (discovery document,
AddNamedRangeRequest and batchUpdate). So if two batches claim the same number, at most one of them
is written. The batch also writes its number, its token and the id of the spreadsheet into a cell
of the system tab, which thereby names the last batch.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sheets_schema.columns import Cell, as_text

# Fences are kept for this long: a call that arrives late must still find its number taken.
YOUNG = timedelta(hours=1)
_NAME = re.compile(r"accueil_(\d+)_(\d+)_([a-z0-9]+)")


@dataclass(frozen=True, order=True)
class Fence:
    """The claim of a batch to a number. Two claims to the same number differ in their `token`."""

    number: int
    at: datetime
    token: str

    @property
    def range_id(self) -> str:
        """The id of the named range: the number alone, so that only one claim can succeed."""
        return f"accueil{self.number:09d}"

    @property
    def range_name(self) -> str:
        """The name of the named range, which holds number, time and token."""
        return f"accueil_{self.number}_{int(self.at.timestamp())}_{self.token}"

    @property
    def key(self) -> str:
        """The name of the batch in the journal; such names sort by number."""
        return f"{self.number:09d}-{self.token}"


@dataclass(frozen=True)
class SheetState:
    """The last batch that the spreadsheet says was written, and which spreadsheet it says it is.

    Before the first batch `number` is 0, and `token` and `spreadsheet` are empty. `cell` is the
    number in the system cell. It differs from `number` only if a version was restored.
    """

    number: int
    token: str
    spreadsheet: str
    fences: tuple[Fence, ...]
    cell: int

    @property
    def key(self) -> str:
        """The name of the last written batch in the journal."""
        return f"{self.number:09d}-{self.token}"


def read_sheet_state(
    named_ranges: Mapping[str, str], system: Sequence[Sequence[Cell]]
) -> SheetState:
    """Find the last batch by the fences and the system cell, as the same call read them."""
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
    """The fence that a named range stands for; None if it is not a range of ours."""
    match = _NAME.fullmatch(name)
    if not match:
        return None
    return Fence(int(match[1]), datetime.fromtimestamp(int(match[2]), UTC), match[3])


def outdated(fences: Iterable[Fence], now: datetime) -> list[Fence]:
    """The fences that may be deleted: those older than an hour, but never the last one."""
    ordered = sorted(fences)
    return [fence for fence in ordered[:-1] if now - fence.at > YOUNG]


def system_text(fence: Fence, spreadsheet: str) -> str:
    """The text of the system cell once the batch of this fence is written."""
    return f"{fence.number} {fence.token} {spreadsheet}"
