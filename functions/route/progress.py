"""How far one call of the drain has come: what it has done, and what it doubts. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from functions.route.arrival import Arrival
from functions.route.decide.lookup import Lookup
from functions.shared.concerns import Concern
from functions.shared.errors import WorkbookRefusedError

_TWICE = 2


class Outcome(Enum):
    """What became of one round of the drain."""

    NOTHING_TO_DO = "nothing to do"
    PAUSED = "paused"
    RECOVERED = "recovered"  # a batch that another call had left unsettled
    SET_ASIDE = "set aside"  # suspects alone, whose lines stand in À vérifier already
    OVERTAKEN = "overtaken"
    REFUSED = "refused"
    COMMITTED = "committed"

    @property
    def is_last(self) -> bool:
        """Whether another round would find nothing more to do."""
        return self in (Outcome.NOTHING_TO_DO, Outcome.PAUSED)


@dataclass
class DrainProgress:
    """Where one call stands.

    `limit` is how many requests the next batch may have, `most` how many any batch; `condemned`
    are the requests that Google refused alone, by name. `lookup` is what the sheet says about
    people, None as long as this call does not know.
    """

    until: datetime
    most: int
    limit: int = 0
    sweep: bool = False
    rows: int = 0
    concerns: list[Concern] = field(default_factory=list)
    refusals: int = 0
    condemned: dict[str, Arrival] = field(default_factory=dict)
    lookup: Lookup | None = None

    def __post_init__(self) -> None:
        self.limit = self.most

    @property
    def completes(self) -> bool:
        """Whether rows that are there already are looked at; not once a batch was refused twice."""
        return self.sweep and self.refusals < _TWICE

    def committed(self, rows: int, concerns: Sequence[Concern], *, more: bool) -> list[Arrival]:
        """Note a written batch; returns the requests that are now known to be at fault.

        Args:
            rows: how many requests it had.
            concerns: what there is to note about it, in the next batch.
            more: whether more rows wait to be completed.
        """
        guilty, self.condemned = list(self.condemned.values()), {}
        self.rows += rows
        self.concerns, self.sweep = list(concerns), more
        self.limit = min(self.most, self.limit * 2)
        return guilty

    def refused(self, arrivals: Sequence[Arrival], error: WorkbookRefusedError) -> None:
        """Make less of the next batch: a request may be what Google refuses, or the sheet.

        The tabs may have changed between read and write, so the first refusal says nothing. Then
        completions are left out, then half the requests, down to the one that is refused alone.

        Raises:
            WorkbookRefusedError: a batch without any request is refused too.
        """
        self.refusals += 1
        if self.refusals <= _TWICE:
            return
        if not arrivals:
            raise error
        if len(arrivals) > 1:
            self.limit = len(arrivals) // 2
            return
        (arrival,) = arrivals
        self.condemned[arrival.name] = arrival
        self.concerns.append(
            Concern(
                arrival.reference,
                "Google Sheets refuse la ligne de cette demande : elle est mise à part.",
                "Prévenez la personne qui administre le système : la demande est conservée "
                "(commande « accueil journal »).",
            )
        )
