"""Looks once a day whether people changed the make-up of the workbook, and says so once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from functions.shared.concerns import Concern, is_noted
from functions.shared.errors import WorkbookError
from functions.shared.log import log
from sheets_schema.columns import PARIS
from sheets_schema.drift import Drift
from sheets_schema.errors import HeaderError
from sheets_schema.tab import Row

MOST = 12  # lines of a look; « accueil sheet plan » says all
_HOUR = 4  # of the night: nobody waits for a sweep then
_ACTION = (
    "Si ce n'est pas voulu, défaites-le, ou prévenez la personne qui administre le système : "
    "« accueil sheet apply » le remet. Si c'est voulu, cochez Fait."
)


@dataclass
class DriftKeeper:
    """Knows what drifted and is not in À vérifier yet; a process needs one instance.

    A look reads a few rows of each tab, in two calls. It comes with the first sweep after four in
    the morning. A process that begins later in the day leaves that day to those before it.
    """

    clock: Callable[[], datetime]
    _day: date | None = field(default=None, init=False)  # of the last look
    _unsaid: list[Concern] = field(default_factory=list, init=False)

    def look(self, find: Callable[[], Sequence[Drift]], lines: Sequence[Row]) -> list[Concern]:
        """What À vérifier does not say yet. If the look fails, the next sweep tries again.

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
                    return []
            self._day = day
        self._unsaid = [item for item in self._unsaid if not is_noted(item, lines)][:MOST]
        return self._unsaid


def _concern(drift: Drift) -> Concern:
    return Concern(drift.place, drift.sentence, _ACTION)
