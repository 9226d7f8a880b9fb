"""Looks once a day whether people changed the make-up of the workbook, and says so once.

A line about what has been mended since is ticked off.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from functions.route.commit.row_edits import read_texts
from functions.route.decide.drafts import row_edit
from functions.shared.concerns import Concern, is_noted
from functions.shared.errors import WorkbookError
from functions.shared.log import log
from functions.shared.sheets.port import Change, RowEdit
from sheets_schema.columns import PARIS, YES
from sheets_schema.drift import Drift
from sheets_schema.errors import HeaderError
from sheets_schema.tab import Row
from sheets_schema.wire import Reading

MOST = 12  # lines of a look; « accueil sheet plan » says all
_HOUR = 4  # of the night: nobody waits for a sweep then
_ACTION = (
    "Si ce n'est pas voulu, défaites-le, ou prévenez la personne qui administre le système : "
    "« accueil sheet apply » le remet. Si c'est voulu, cochez Fait."
)
_MENDED = "Remis en place depuis : il n'y a plus rien à faire."


@dataclass(frozen=True)
class Drifted:
    """What À vérifier does not say yet, and its lines about what is mended."""

    unsaid: Sequence[Concern] = ()
    mended: Sequence[Row] = ()


@dataclass
class DriftKeeper:
    """Knows what drifted and is not in À vérifier yet; a process needs one instance.

    A look reads a few rows of each tab, in two calls. It comes with the first sweep after four in
    the morning. A process that begins later in the day leaves that day to those before it.
    """

    clock: Callable[[], datetime]
    _day: date | None = field(default=None, init=False)  # of the last look
    _unsaid: list[Concern] = field(default_factory=list, init=False)
    _mended: list[Row] = field(default_factory=list, init=False)

    def look(self, find: Callable[[], Sequence[Drift]], lines: Sequence[Row]) -> Drifted:
        """What has to be said and ticked off. If the look fails, the next sweep tries again.

        A line that somebody has ticked off says it, too: a change that is wanted is named once.

        Args:
            find: looks at the workbook, see `port.Workbook.drifts`.
            lines: the lines of À vérifier.
        """
        now = self.clock().astimezone(PARIS)
        day = (now - timedelta(hours=_HOUR)).date()
        is_first = self._day is None
        if day != self._day:
            if not is_first or now.hour == _HOUR:
                try:
                    self._unsaid = [_concern(drift) for drift in find()]
                except (WorkbookError, HeaderError) as error:
                    log("WARNING", str(error), kept="make-up of the workbook")
                    return Drifted()
                self._mended = [
                    line
                    for line in lines
                    if _waits(line) and not any(is_noted(item, [line]) for item in self._unsaid)
                ]
            self._day = day
        valid = [line for line in lines if line.values["action"] != _MENDED]
        self._unsaid = [item for item in self._unsaid if not is_noted(item, valid)][:MOST]
        self._mended = [line for line in self._mended if line in lines][:MOST]
        return Drifted(self._unsaid, self._mended)


def ticks(reading: Reading, mended: Sequence[Row]) -> Iterator[RowEdit]:
    """The edits that tick off lines of À vérifier, and say that there is nothing to do."""
    grid, positions = reading.tabs["to_check"].grid, reading.positions("to_check")
    if not {"done", "action"} <= positions.keys():
        return
    for line in mended:
        before = read_texts(grid[line.number - 1], positions, ("done", "action"))
        changes = {
            "done": Change(before["done"], YES),
            "action": Change(before["action"], _MENDED),
        }
        yield row_edit("to_check", grid, positions, line.number - 1, changes)


def _waits(line: Row) -> bool:
    """Whether a line is about something that people changed, and nobody has ticked it off."""
    return line.values["action"] == _ACTION and not line.values["done"]


def _concern(drift: Drift) -> Concern:
    return Concern(drift.place, drift.sentence, _ACTION)
