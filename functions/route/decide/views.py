"""Which filter views Demandes should have, by one read of the sheet. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from sheets_schema.tab import find_columns, tab
from sheets_schema.views import (
    active_referents,
    filter_views,
    referent_title,
    view_id,
    view_link,
    wanted_views,
)
from sheets_schema.wire import Json, Reading


@dataclass(frozen=True)
class Views:
    """Our filter views of Demandes, whose sheetId is given, as the last read wants them."""

    sheet_id: int
    wanted: Sequence[Json]

    def link(self, name: str) -> str:
        """The fragment of an address that opens a referent's view; "" if the person has none."""
        title = referent_title(name)
        ids = {view["filterViewId"] for view in self.wanted}
        return view_link(self.sheet_id, title) if view_id(title) in ids else ""


def read_views(reading: Reading) -> Views | None:
    """The views that a reading of the sheet asks for; None if it lacks one of the tabs.

    A column that is missing, or stands there twice, costs only the views that need it.
    """
    if not {"requests", "to_check", "referents"} <= reading.tabs.keys():
        return None
    positions, _, _ = find_columns(tab("requests"), reading.header("requests"))
    to_check, _, _ = find_columns(tab("to_check"), reading.header("to_check"))
    people = active_referents(reading.tabs["referents"].grid)
    sheet_id, top = reading.tabs["requests"].sheet_id, reading.tabs["requests"].head.row
    wanted = wanted_views(positions, to_check, people, top + 1)
    return Views(sheet_id, filter_views(wanted, sheet_id, positions, top))
