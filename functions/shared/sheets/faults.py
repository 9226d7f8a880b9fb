"""What is wrong with the workbook as a whole, so that nothing can be written into it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from functions.shared.concerns import Concern
from functions.shared.errors import HeaderError, MissingTabsError
from sheets_schema.tab import Part, read_table, tab
from sheets_schema.wire import Reading


def read_sound(
    read: Callable[[Mapping[str, Part]], Reading], parts: Mapping[str, Part]
) -> tuple[Reading, dict[str, Concern]]:
    """Read parts of tabs, without those tabs that do not exist.

    Args:
        read: reads parts of tabs, see `port.Workbook.read`.
        parts: what to read.

    Returns:
        What was read; and what is wrong with tabs and headers, by the tab's key.

    Raises:
        WorkbookError: the spreadsheet cannot be read, or has none of these tabs.
    """
    try:
        reading = read(parts)
    except MissingTabsError as error:
        there = {key: part for key, part in parts.items() if key not in error.keys}
        if not there:
            raise
        reading = read(there)
        missing = {key: Concern(tab(key).title, error.what, error.remedy) for key in error.keys}
        return reading, missing | header_faults(reading)
    return reading, header_faults(reading)


def header_faults(reading: Reading) -> dict[str, Concern]:
    """What is wrong in the headers of the tabs that were read, by the tab's key.

    The header of the system tab does not count, because it is read by position.
    """
    faults = {}
    for key in reading.tabs:
        try:
            if key != "system":
                reading.positions(key)
        except HeaderError as error:
            faults[key] = Concern(tab(key).title, error.what, error.remedy)
    return faults


def in_words(faults: Collection[Concern]) -> str:
    """Faults as one text; what is said of several tabs is said once."""
    sentences = [fault.subject for fault in faults]
    sentences += [fault.action for fault in faults]
    return " ".join(dict.fromkeys(sentences))


@dataclass(frozen=True)
class Pause:
    """What the column Pause of Coordination says.

    `wanted` says that somebody asks for a pause. `unreadable` has each cell that can be understood
    neither as Oui nor as Non. It counts as a pause as well, because it may be meant as one.
    """

    wanted: bool = False
    unreadable: tuple[Concern, ...] = ()


def read_pause(reading: Reading) -> Pause:
    """Look for a pause in all lines of Coordination, also in one that says nothing else.

    Without the tab or its column nobody can ask for a pause.
    """
    if "coordination" not in reading.tabs:
        return Pause()
    grid = reading.tabs["coordination"].grid
    try:
        table = read_table(tab("coordination"), grid, reading.version, ("pause",))
    except HeaderError:
        return Pause()
    return Pause(
        any(row.values["pause"] for row in table.rows),
        tuple(Concern(problem.place, problem.sentence, _PAUSED) for problem in table.problems),
    )


_PAUSED = (
    "Écrivez Oui ou Non, ou videz cette cellule : en attendant, elle compte comme une pause, et "
    "les demandes attendent."
)
