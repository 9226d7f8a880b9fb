"""What a person has to look at, as a line of À vérifier. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from functions.shared.french import day
from sheets_schema.columns import Cell, as_text
from sheets_schema.tab import Row, format_row, tab

# How the subject begins if an applicant asks for their data to be erased. Monday's mail lists such
# lines apart.
ERASURE = "Cette personne demande l'effacement de ses données"


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


SHOWN = 5  # problems of one tab; a line counts the others


def few(concerns: Sequence[Concern], lines: Sequence[Row], today: date) -> list[Concern]:
    """The first problems of each tab, and a line that counts the others.

    Somebody who pastes ten thousand bad rows must not get ten thousand lines. When the first ones
    are put right, the next ones take their place. The line that counts is not written again, with
    another number, before somebody has ticked it off.

    Args:
        concerns: the problems, in the order of the cells.
        lines: the lines that are in À vérifier already.
        today: the day, which the line that counts names.
    """
    by_tab: dict[str, list[Concern]] = {}
    for concern in dict.fromkeys(concerns):
        by_tab.setdefault(re.split("[!,]", concern.place)[0], []).append(concern)
    counted = {
        line.values["place"]
        for line in lines
        if not line.values["done"] and _OTHERS.fullmatch(line.values["subject"] or "")
    }
    chosen = []
    for place, problems in by_tab.items():
        chosen += problems[:SHOWN]
        others = len(problems) - SHOWN
        if others > 0 and place not in counted:
            chosen.append(_count(place, others, today))
    return chosen


_OTHERS = re.compile(r"Et \d+ autres? problèmes? dans cet onglet, comptés? le .*\.")


def _count(place: str, others: int, today: date) -> Concern:
    s = "s" if others > 1 else ""
    return Concern(
        place,
        f"Et {others} autre{s} problème{s} dans cet onglet, compté{s} le {day(today)}.",
        "Corrigez d'abord les premiers : les suivants paraîtront à leur place.",
    )


def unnoted(concerns: Iterable[Concern], lines: Sequence[Row]) -> list[Concern]:
    """The concerns for which À vérifier has no line yet that nobody has ticked off."""
    shown = {
        (line.values["place"], line.values["subject"]) for line in lines if not line.values["done"]
    }
    fresh = {_as_shown(concern): concern for concern in concerns}
    return [concern for key, concern in fresh.items() if key not in shown]


def is_noted(concern: Concern, lines: Iterable[Row]) -> bool:
    """Whether À vérifier has a line for a concern, ticked off or not."""
    shown = _as_shown(concern)
    return any((line.values["place"], line.values["subject"]) == shown for line in lines)


def _as_shown(concern: Concern) -> tuple[str, str]:
    cells = concern_row(concern, datetime.min.replace(tzinfo=UTC))
    return as_text(cells["place"]), as_text(cells["subject"])
