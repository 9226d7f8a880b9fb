"""What one read of the sheet says to a drain. Pure."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass

from functions.route.decide.completion import TELLING
from functions.route.decide.history import WATCHED
from functions.route.decide.lookup import TABLES, Lookup, read_lookup
from functions.shared.concerns import Concern
from functions.shared.sheets.fence import SheetState, read_sheet_state
from sheets_schema import schema
from sheets_schema.errors import HeaderError
from sheets_schema.tab import (
    DRAFT_KEY,
    Part,
    Row,
    find_columns,
    match_header,
    newer_columns,
    read_table,
    tab,
)
from sheets_schema.territory import Territories
from sheets_schema.wire import Reading

# What a drain reads of the spreadsheet: of the tabs that it adds rows to, the header and where the
# rows end, and the whole of the lookup tables and of À vérifier.
PARTS: dict[str, Part] = {
    "requests": "end",
    "to_check": "all",
    "rules": "all",
    "referents": "all",
    "coordination": "all",
    "tracking": "end",
    "system": "all",
}
SWEEP_PARTS: dict[str, Part] = PARTS | {"requests": tuple(dict.fromkeys((*TELLING, *WATCHED)))}
_APPLY = (
    "Prévenez la personne qui administre le système : « accueil sheet apply » ajoute ce qui "
    "manque. En attendant, tout marche sans."
)


@dataclass(frozen=True)
class Gathered:
    """What one read of the spreadsheet says.

    `concerns` name what is wrong in the lookup tables, and the columns that a workbook of an
    earlier version lacks. `noted` holds the lines of À vérifier.
    """

    reading: Reading
    state: SheetState
    lookup: Lookup
    concerns: tuple[Concern, ...]
    noted: tuple[Row, ...]


def gather(
    reading: Reading, official: Territories, faulty: Collection[str] = frozenset()
) -> Gathered:
    """Turn a reading of the spreadsheet into plain data.

    Args:
        reading: what was read.
        official: communes and intercommunalités.
        faulty: the tabs that cannot be used. Without one of the lookup tabs, the lookup tables are
            empty; without À vérifier, it has no lines.

    Raises:
        HeaderError: another lookup tab, or À vérifier, lacks a column, or has one twice.
    """
    lookup, concerns = (
        read_lookup(reading, official) if is_sound(faulty) else (Lookup(official=official), [])
    )
    system = reading.tabs["system"].grid if "system" in reading.tabs else []
    return Gathered(
        reading,
        read_sheet_state(reading.named_ranges, system),
        lookup,
        (*concerns, *_missing_columns(reading)),
        () if "to_check" in faulty else _noted(reading),
    )


def set_aside(reading: Reading, faults: dict[str, Concern]) -> tuple[Reading, list[Concern]]:
    """Leave out drafts and worked cases that cannot be used, so that they stop nothing.

    A draft may lack columns that came later than the first version: it is given them.

    Args:
        reading: what was read.
        faults: what is wrong with tabs, by key; what is about such a tab is taken out.

    Returns:
        The reading without these tabs, and what is wrong with them.
    """
    aside = {key: faults.pop(key) for key in (DRAFT_KEY, "cases") if key in faults}
    if DRAFT_KEY in aside and DRAFT_KEY in reading.tabs:
        with suppress(HeaderError):
            match_header(tab(DRAFT_KEY), reading.header(DRAFT_KEY), version=1)
            del aside[DRAFT_KEY]
    there = {key: cells for key, cells in reading.tabs.items() if key not in aside}
    return Reading(reading.named_ranges, there), list(aside.values())


def is_sound(faulty: Collection[str]) -> bool:
    """Whether all lookup tabs can be used, if these tabs cannot."""
    return not any(key in faulty for key in TABLES)


def _noted(reading: Reading) -> tuple[Row, ...]:
    return read_table(tab("to_check"), reading.tabs["to_check"].grid, reading.version).rows


def _missing_columns(reading: Reading) -> list[Concern]:
    """What a workbook of an earlier version lacks; it works without."""
    if reading.version >= schema.VERSION:
        return []
    concerns = []
    for key in reading.tabs:
        if key == DRAFT_KEY:
            continue  # a draft gets what it lacks, see `tables`
        _, missing, _ = find_columns(tab(key), reading.header(key))
        newer = [title for title in missing if title in newer_columns(tab(key), reading.version)]
        if newer and key != "system":
            titles = ", ".join(f"« {title} »" for title in newer)
            subject = f"Ce classeur n'a pas encore : {titles}."
            concerns.append(Concern(tab(key).title, subject, _APPLY))
    return concerns
