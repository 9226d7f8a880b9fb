"""The course of one call of the drain: what it has done, and what it doubts. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from functions.route.rows import Concern, Entry
from functions.shared.errors import WorkbookRefusedError

_TWICE = 2


@dataclass
class Course:
    """Where one call stands.

    `limit` is how many entries the next batch may have, `most` how many any batch; `condemned`
    are the entries that Google refused alone, by name.
    """

    until: datetime
    most: int
    limit: int = 0
    sweep: bool = False
    rows: int = 0
    concerns: list[Concern] = field(default_factory=list)
    refusals: int = 0
    condemned: dict[str, Entry] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.limit = self.most

    @property
    def completes(self) -> bool:
        """Whether rows that are there already are looked at; not once a batch was refused twice."""
        return self.sweep and self.refusals < _TWICE

    def committed(self, rows: int, concerns: Sequence[Concern], *, more: bool) -> list[Entry]:
        """Note a written batch; returns the entries that are now known to be at fault.

        Args:
            rows: how many entries it had.
            concerns: what there is to note about it, in the next batch.
            more: whether more rows wait to be completed.
        """
        guilty, self.condemned = list(self.condemned.values()), {}
        self.rows += rows
        self.concerns, self.sweep = list(concerns), more
        self.limit = min(self.most, self.limit * 2)
        return guilty

    def refused(self, entries: Sequence[Entry], error: WorkbookRefusedError) -> None:
        """Make less of the next batch: an entry may be what Google refuses, or the sheet.

        The tabs may have changed between read and write, so the first refusal says nothing. Then
        completions are left out, then half the entries, down to the one that is refused alone.

        Raises:
            WorkbookRefusedError: a batch without any entry is refused too.
        """
        self.refusals += 1
        if self.refusals <= _TWICE:
            return
        if not entries:
            raise error
        if len(entries) > 1:
            self.limit = len(entries) // 2
            return
        (entry,) = entries
        self.condemned[entry.name] = entry
        self.concerns.append(
            Concern(
                entry.reference,
                "Google Sheets refuse la ligne de cette demande : elle est mise à part.",
                "Prévenez la personne qui administre le système : la demande est conservée "
                "(commande « accueil journal »).",
            )
        )
