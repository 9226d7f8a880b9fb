"""What is wrong with tabs as a whole is found without a sheet, and said once."""

import pytest

from functions.shared.concerns import Concern
from functions.shared.errors import MissingTabsError
from functions.shared.sheets.faults import Pause, in_words, read_pause, read_sound
from sheets_schema.tab import tab
from sheets_schema.wire import Reading, TabCells

HEADERS = {key: [column.title for column in tab(key).columns] for key in ("rules", "coordination")}


def reading(**grids):
    return Reading(
        {}, {key: TabCells(number, grid) for number, (key, grid) in enumerate(grids.items())}
    )


def test_tabs_that_are_not_there_are_left_out_and_said():
    def read(parts):
        if missing := [key for key in parts if key != "rules"]:
            raise MissingTabsError("Un onglet manque.", "Créez-le.", missing)
        return reading(rules=[HEADERS["rules"][1:]])

    parts = dict.fromkeys(("rules", "coordination"), None)
    seen, faults = read_sound(read, parts)
    assert list(seen.tabs) == ["rules"]
    assert faults["coordination"] == Concern("Coordination", "Un onglet manque.", "Créez-le.")
    assert HEADERS["rules"][0] in faults["rules"].subject
    with pytest.raises(MissingTabsError):
        read_sound(read, {"coordination": None})


def test_what_is_said_of_several_tabs_is_said_once():
    faults = [Concern("A", "A manque.", "Créez-le."), Concern("B", "B manque.", "Créez-le.")]
    assert in_words(faults) == "A manque. B manque. Créez-le."


def test_a_pause_is_asked_for_in_any_line_and_by_what_cannot_be_read():
    def asked(*cells):
        at = HEADERS["coordination"].index("Pause")
        rows = [["" if place != at else cell for place in range(at + 1)] for cell in cells]
        return read_pause(reading(coordination=[HEADERS["coordination"], *rows]))

    assert asked("", "Non") == Pause()
    assert asked("Non", "Oui") == Pause(wanted=True)
    (concern,) = asked("peut-être").unreadable
    assert concern.place.startswith("Coordination!")
    assert "compte comme une pause" in concern.action
    assert read_pause(reading(rules=[HEADERS["rules"]])) == Pause()
    assert read_pause(reading(coordination=[["Nom"]])) == Pause()
