"""What a person has to look at, as a line of À vérifier. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sheets_schema.columns import Cell, as_text
from sheets_schema.tab import Row, format_row, tab


@dataclass(frozen=True)
class Concern:
    """Something for a person to look at: where, what, and what to do, in French."""

    place: str
    subject: str
    action: str


def concern_row(concern: Concern, now: datetime) -> dict[str, Cell]:
    """The cells of a line of À vérifier, by column key; a text too long for its cell is cut."""
    to_check = tab("to_check")
    texts = {"subject": concern.subject, "place": concern.place, "action": concern.action}
    cut = {key: to_check[key].fitting(text) for key, text in texts.items()}
    return format_row(to_check, {"noted_at": now} | cut)


def unnoted(concerns: Iterable[Concern], lines: Sequence[Row]) -> list[Concern]:
    """The concerns for which À vérifier has no line yet that nobody has ticked off."""
    shown = {
        (line.values["place"], line.values["subject"]) for line in lines if not line.values["done"]
    }
    fresh = {_as_shown(concern): concern for concern in concerns}
    return [concern for key, concern in fresh.items() if key not in shown]


def _as_shown(concern: Concern) -> tuple[str, str]:
    cells = concern_row(concern, datetime.min.replace(tzinfo=UTC))
    return as_text(cells["place"]), as_text(cells["subject"])
