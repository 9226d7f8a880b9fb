"""How far one call of the drain has come: what it has written, and what it suspects. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from functions.route.arrival import Arrival
from functions.route.decide.lookup import Lookup
from functions.route.decide.views import Views
from functions.shared.concerns import Concern
from functions.shared.errors import WorkbookRefusedError
from sheets_schema.tab import tab

_TWICE = 2
# Without the completions Google took the batch, so it was one of them that it refused.
_NOT_COMPLETED = Concern(
    tab("requests").title,
    "Google Sheets refuse de compléter une des lignes tapées à la main.",
    "Cherchez une ligne sans référence qui a une cellule fusionnée ou protégée, ou prévenez la "
    "personne qui administre le système.",
)


class Outcome(Enum):
    """How one round of the drain ended."""

    NOTHING_TO_DO = "nothing to do"
    PAUSED = "paused"
    RECOVERED = "recovered"  # it settled a batch that another call had left unsettled
    SET_ASIDE = "set aside"  # it met suspects only, and À vérifier had their lines already
    OVERTAKEN = "overtaken"
    REFUSED = "refused"
    COMMITTED = "committed"

    @property
    def is_last(self) -> bool:
        """Whether another round would find nothing more to do."""
        return self in (Outcome.NOTHING_TO_DO, Outcome.PAUSED)


@dataclass
class DrainProgress:
    """How far one call has come.

    `limit` is how many requests the next batch may have, and `most` how many any batch may have.
    `completed` says that a batch that Google refused completed rows. `condemned` holds, by name,
    the requests that Google refused in a batch of their own. `lookup` is what the sheet says about
    people; it is None as long as this call does not know. `views` are the filter views that the
    sheet should have; `keeps_views` says that this call may make them. `applicants` holds the
    addresses of applicants that it knows, by reference, "" for none.
    """

    until: datetime
    most: int
    limit: int = 0
    sweep: bool = False
    rows: int = 0
    concerns: list[Concern] = field(default_factory=list)
    refusals: int = 0
    completed: bool = False
    condemned: dict[str, Arrival] = field(default_factory=dict)
    lookup: Lookup | None = None
    views: Views | None = None
    keeps_views: bool = False
    applicants: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.limit = self.most

    @property
    def completes(self) -> bool:
        """Whether the next batch completes rows. After two refusals of a batch it does not."""
        return self.sweep and self.refusals < _TWICE

    def committed(self, rows: int, concerns: Sequence[Concern], *, more: bool) -> list[Arrival]:
        """Note that a batch is written.

        Args:
            rows: how many requests it had.
            concerns: what the next batch has to note in À vérifier about this one.
            more: whether more rows wait to be completed.

        Returns:
            The requests that are now known to be what Google refused.
        """
        guilty, self.condemned = list(self.condemned.values()), {}
        self.rows += rows
        self.concerns = list(concerns)
        if self.completed and self.refusals == _TWICE:
            self.concerns.append(_NOT_COMPLETED)
        self.sweep = more
        self.limit = min(self.most, self.limit * 2)
        return guilty

    def refused(
        self, arrivals: Sequence[Arrival], error: WorkbookRefusedError, *, completed: bool = False
    ) -> None:
        """Make the next batch smaller, to find out which request Google refuses, if it is one.

        The tabs may have changed between read and write, so the first refusal changes nothing.
        After the second, completions are left out. After each further one, half of the requests
        are left out, until a single request is refused.

        Args:
            arrivals: the requests of the batch.
            error: what Google said.
            completed: whether the batch completed rows as well.

        Raises:
            WorkbookRefusedError: Google refuses a batch without any request, too.
        """
        self.refusals += 1
        self.completed |= completed
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
